// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// A line of an import. What is accepted, shown as JSON with its key put back and read once more, is
// the same; what is not has a reason, but for blank lines and headings.
#include <jansson.h>
#include <string.h>

#include "control/security/hex.h"
#include "control/security/import_line.h"
#include "control/security/json.h"

#include "tests/fuzz/fuzz.h"

static char *reshow(const struct ctl_credential *credential)
{
	char key[2 * CTL_PSK_KEY_MAX + 1] = "";
	json_t *json = ctl_credential_json(credential);
	json_t *tls = json_object_get(json, "tls");
	char *text;

	fuzz_check(json != NULL, "what is accepted can be shown");
	if (credential->mode == CTL_CREDENTIAL_PSK) {
		ctl_hex(ctl_credential_key(credential), credential->key_len, key);
		json_object_set_new(json_object_get(tls, "details"), "key", json_string(key));
	}
	text = json_dumps(json, JSON_COMPACT);
	json_decref(json);
	return text;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *why = "";
	struct ctl_credential *credential = ctl_import_line((const char *)data, size, &why), *again;
	char *text;

	if (credential == NULL) {
		fuzz_check(why == NULL || why[0] != '\0', "a refusal has its reason");
		return 0;
	}
	fuzz_check(why == NULL, "what is accepted has no reason not to be");
	text = reshow(credential);
	again = ctl_import_line(text, strlen(text), &why);
	fuzz_check(strlen(text) > CTL_IMPORT_LINE_MAX ||
			   (again != NULL && ctl_credential_equal(credential, again)),
		   "what is shown is read as it was");
	ctl_credential_free(again);
	ctl_credential_free(credential);
	free(text);
	return 0;
}
