// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
#include "control/security/json.h"

#include <string.h>

#include "control/security/hex.h"
#include "control/security/public_key.h"

static json_t *details_json(const struct ctl_credential *credential)
{
	const uint8_t *identity = ctl_credential_identity(credential);
	char text[2 * CTL_PUBLIC_KEY_MAX];

	if (credential->mode == CTL_CREDENTIAL_PSK)
		return json_pack("{s:s%, s:s}", "identity", (const char *)identity,
				 (size_t)credential->identity_len, "key", CTL_KEY_MASK);
	ctl_hex(identity, credential->identity_len, text);
	return json_pack("{s:s%}", "key", text, 2 * (size_t)credential->identity_len);
}

json_t *ctl_credential_json(const struct ctl_credential *credential)
{
	static const char *const modes[] = {
		[CTL_CREDENTIAL_PSK] = "psk",
		[CTL_CREDENTIAL_RPK] = "rpk",
		[CTL_CREDENTIAL_X509] = "x509",
	};
	json_t *tls = json_pack("{s:s}", "mode", modes[credential->mode]);

	if (credential->mode != CTL_CREDENTIAL_X509 &&
	    json_object_set_new(tls, "details", details_json(credential)) != 0) {
		json_decref(tls);
		return NULL;
	}
	return json_pack("{s:s%, s:o}", "endpoint", ctl_credential_endpoint(credential),
			 (size_t)credential->endpoint_len, "tls", tls);
}

const char *ctl_key_parse(const char *text, size_t len, uint8_t *bytes, size_t cap,
			  size_t *bytes_len)
{
	if (len / 2 > cap)
		return "key is too long";
	*bytes_len = len / 2;
	return ctl_unhex(text, len, bytes) ? NULL : "key parameter must be a valid hex string";
}

// The details of one mode into parts; key has room for either kind.
static const char *details_parse(struct ctl_credential_parts *parts, const json_t *details,
				 uint8_t key[static CTL_PUBLIC_KEY_MAX])
{
	const json_t *identity = json_object_get(details, "identity");
	const json_t *text = json_object_get(details, "key");
	const char *why;
	size_t len;

	if (!json_is_object(details))
		return "details field should be a json object";
	if (parts->mode == CTL_CREDENTIAL_PSK && !json_is_string(identity))
		return "Missing PSK identity";
	if (!json_is_string(text))
		return "Missing key";
	why = ctl_key_parse(json_string_value(text), json_string_length(text), key,
			    CTL_PUBLIC_KEY_MAX, &len);
	if (parts->mode == CTL_CREDENTIAL_PSK) {
		parts->identity = json_string_value(identity);
		parts->identity_len = json_string_length(identity);
		parts->key = key;
		parts->key_len = len;
	} else {
		parts->identity = key;
		parts->identity_len = len;
	}
	return why;
}

static const char *tls_parse(struct ctl_credential_parts *parts, const json_t *tls,
			     uint8_t key[static CTL_PUBLIC_KEY_MAX])
{
	const char *mode = json_string_value(json_object_get(tls, "mode"));

	if (!json_is_object(tls))
		return "tls field should be a json object";
	if (mode != NULL && strcmp(mode, "x509") == 0) {
		parts->mode = CTL_CREDENTIAL_X509;
		return NULL;
	}
	if (mode != NULL && strcmp(mode, "psk") == 0)
		parts->mode = CTL_CREDENTIAL_PSK;
	else if (mode != NULL && strcmp(mode, "rpk") == 0)
		parts->mode = CTL_CREDENTIAL_RPK;
	else
		return "Invalid security info content: mode is not psk, rpk or x509";
	return details_parse(parts, json_object_get(tls, "details"), key);
}

struct ctl_credential *ctl_credential_parse(const json_t *json, const char **why)
{
	const json_t *endpoint = json_object_get(json, "endpoint");
	const json_t *tls = json_object_get(json, "tls");
	struct ctl_credential_parts parts = {
		.endpoint = json_string_value(endpoint),
		.endpoint_len = json_string_length(endpoint),
	};
	uint8_t key[CTL_PUBLIC_KEY_MAX];
	struct ctl_credential *credential = NULL;

	*why = NULL;
	if (!json_is_object(json))
		*why = "Security info should be a json object";
	else if (!json_is_string(endpoint))
		*why = "Missing endpoint";
	else if (tls == NULL)
		*why = json_object_get(json, "oscore") != NULL
			       ? "OSCORE is not supported (tls with mode psk, rpk or x509 is)"
			       : "Missing tls";
	else
		*why = tls_parse(&parts, tls, key);
	if (*why == NULL)
		credential = ctl_credential_new(&parts, why);
	explicit_bzero(key, sizeof(key));
	return credential;
}
