// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
#include "control/backend/secret.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LINE_MAX 16384 // longer than any token

static void forget(char *text)
{
	if (text != NULL)
		explicit_bzero(text, strlen(text));
	free(text);
}

// The first line of a file.
static int line_read(char **line, const char *path, char why[static 160])
{
	FILE *file = fopen(path, "re");
	char buf[LINE_MAX];
	bool ok;

	if (file == NULL) {
		snprintf(why, 160, "%.100s, cannot be opened (%s)", path, strerror(errno));
		return -errno;
	}
	ok = fgets(buf, sizeof(buf), file) != NULL;
	fclose(file);
	if (ok)
		buf[strcspn(buf, "\r\n")] = '\0';
	if (!ok || buf[0] == '\0') {
		snprintf(why, 160, "%.100s, has no first line", path);
		return -EINVAL;
	}
	*line = strdup(buf);
	explicit_bzero(buf, sizeof(buf));
	return *line != NULL ? 0 : -ENOMEM;
}

static int one_load(char **secret, const char *text, const char *file, char why[static 160])
{
	if (file != NULL)
		return line_read(secret, file, why);
	*secret = text != NULL ? strdup(text) : NULL;
	return text == NULL || *secret != NULL ? 0 : -ENOMEM;
}

int secrets_load(struct secrets *secrets, const struct config_auth *auth, char why[static 160])
{
	struct secrets fresh = {0};
	int rc;

	snprintf(why, 160, "%s", strerror(ENOMEM));
	rc = one_load(&fresh.bearer, auth->bearer, auth->bearer_file, why);
	if (rc == 0)
		rc = one_load(&fresh.basic, auth->basic, auth->basic_file, why);
	if (rc == 0)
		rc = one_load(&fresh.hmac_key, auth->hmac_key, auth->hmac_key_file, why);
	if (rc != 0) {
		secrets_free(&fresh);
		return rc;
	}
	secrets_free(secrets);
	*secrets = fresh;
	return 0;
}

void secrets_free(struct secrets *secrets)
{
	forget(secrets->bearer);
	forget(secrets->basic);
	forget(secrets->hmac_key);
	*secrets = (struct secrets){0};
}
