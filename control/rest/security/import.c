// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// Credentials by the million, imported while they come.
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "control/rest/resources.h"
#include "control/security/import.h"

struct import_upload {
	struct ctl_upload upload;
	struct ctl_import *import;
};

static void upload_take(struct ctl_upload *upload, const char *bytes, size_t len)
{
	ctl_import_take(((struct import_upload *)upload)->import, bytes, len);
}

static void upload_free(struct ctl_upload *upload)
{
	ctl_import_free(((struct import_upload *)upload)->import);
	free(upload);
}

struct ctl_upload *ctl_security_import_open(struct ctl *ctl)
{
	struct import_upload *upload = calloc(1, sizeof(*upload));

	if (upload == NULL)
		return NULL;
	upload->upload = (struct ctl_upload){.take = upload_take, .free = upload_free};
	upload->import = ctl_import_new(ctl->credentials);
	if (upload->import != NULL)
		return &upload->upload;
	free(upload);
	return NULL;
}

int ctl_security_import_post(struct ctl_req *req, struct ctl_resp *resp)
{
	struct ctl_import *import = ((struct import_upload *)req->upload)->import;
	uint64_t line;
	int rc = ctl_import_end(import, &line);

	if (rc != 0)
		return ctl_resp_text(resp, 500, CTL_TYPE_TEXT,
				     "Line %" PRIu64 " and what follows are not imported (%s)",
				     line, strerror(-rc));
	return ctl_resp_json(resp, 200, ctl_import_json(import));
}
