// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// One credential: put, shown without its secret, taken away. Statuses and texts are Leshan's.
#include <string.h>

#include "control/rest/resources.h"
#include "control/security/credentials.h"
#include "control/security/json.h"

static int done(struct ctl_resp *resp)
{
	resp->status = 200; // without a body, as Leshan answers
	return 0;
}

static int not_found(struct ctl_resp *resp, unsigned int status)
{
	return ctl_resp_text(resp, status, CTL_TYPE_JSON, "{\"message\":\"not_found\"}");
}

int ctl_security_client_get(struct ctl_req *req, struct ctl_resp *resp)
{
	const struct ctl_text *name = &req->args[0];
	const struct ctl_credential *credential =
		ctl_credentials_of(req->ctl->credentials, name->text, name->len);

	if (credential == NULL)
		return not_found(resp, 404);
	return ctl_resp_json(resp, 200, ctl_credential_json(credential));
}

static int taken(struct ctl_resp *resp, const json_t *json)
{
	const json_t *tls = json_object_get(json, "tls");
	const char *identity =
		json_string_value(json_object_get(json_object_get(tls, "details"), "identity"));

	if (identity == NULL)
		return ctl_resp_text(resp, 400, CTL_TYPE_PLAIN, "Public key is already used");
	return ctl_resp_text(resp, 400, CTL_TYPE_PLAIN, "PSK Identity %s is already used",
			     identity);
}

static int put(struct ctl_credentials *credentials, struct ctl_credential *credential,
	       enum ctl_credential_change *change)
{
	int rc = ctl_credentials_begin(credentials);

	if (rc != 0) {
		ctl_credential_free(credential);
		return rc;
	}
	rc = ctl_credentials_put(credentials, credential, change);
	if (rc == 0)
		ctl_credentials_commit(credentials);
	else
		ctl_credentials_abort(credentials);
	return rc;
}

int ctl_security_clients_put(struct ctl_req *req, struct ctl_resp *resp)
{
	enum ctl_credential_change change;
	struct ctl_credential *credential;
	json_error_t error;
	json_t *json = json_loadb(req->body, req->body_len, JSON_REJECT_DUPLICATES, &error);
	const char *why = error.text;
	int rc;

	credential = json != NULL ? ctl_credential_parse(json, &why) : NULL;
	if (credential == NULL) {
		rc = ctl_resp_text(resp, 400, CTL_TYPE_PLAIN, "Invalid request body: %s", why);
		json_decref(json);
		return rc;
	}
	rc = put(req->ctl->credentials, credential, &change);
	if (rc == 0)
		rc = change == CTL_CREDENTIAL_TAKEN ? taken(resp, json) : done(resp);
	json_decref(json);
	return rc;
}

int ctl_security_client_delete(struct ctl_req *req, struct ctl_resp *resp)
{
	struct ctl_credentials *credentials = req->ctl->credentials;
	const struct ctl_text *name = &req->args[0];
	bool removed;
	int rc = ctl_credentials_begin(credentials);

	if (rc != 0)
		return rc;
	rc = ctl_credentials_remove(credentials, name->text, name->len, &removed);
	if (rc != 0) {
		ctl_credentials_abort(credentials);
		return rc;
	}
	ctl_credentials_commit(credentials);
	return removed ? done(resp) : not_found(resp, 200);
}
