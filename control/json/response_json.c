// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
#include "control/json/response_json.h"

#include <stdio.h>

#include "control/json/json_text.h"

#define STATUS(X)                     \
	X(CREATED)                    \
	X(DELETED)                    \
	X(VALID)                      \
	X(CHANGED)                    \
	X(CONTENT)                    \
	X(CONTINUE)                   \
	X(BAD_REQUEST)                \
	X(UNAUTHORIZED)               \
	X(BAD_OPTION)                 \
	X(FORBIDDEN)                  \
	X(NOT_FOUND)                  \
	X(METHOD_NOT_ALLOWED)         \
	X(NOT_ACCEPTABLE)             \
	X(REQUEST_ENTITY_INCOMPLETE)  \
	X(CONFLICT)                   \
	X(PRECONDITION_FAILED)        \
	X(REQUEST_ENTITY_TOO_LARGE)   \
	X(UNSUPPORTED_CONTENT_FORMAT) \
	X(TOO_MANY_REQUESTS)          \
	X(INTERNAL_SERVER_ERROR)      \
	X(NOT_IMPLEMENTED)            \
	X(BAD_GATEWAY)                \
	X(SERVICE_UNAVAILABLE)        \
	X(GATEWAY_TIMEOUT)            \
	X(PROXYING_NOT_SUPPORTED)

static const char *code_name(uint8_t code)
{
	switch (code) {
#define X(name)           \
	case COAP_##name: \
		return #name;
		STATUS(X)
#undef X
	}
	return "UNKNOWN";
}

void ctl_status_text(uint8_t code, char text[static CTL_STATUS_MAX])
{
	snprintf(text, CTL_STATUS_MAX, "%s(%u%02u)", code_name(code), COAP_CODE_CLASS(code),
		 COAP_CODE_DETAIL(code));
}

// The diagnostic payload of an error, RFC 7252 section 5.5.2: text, unless a format says otherwise.
static bool has_diagnostic(const struct coap_msg *response)
{
	struct coap_opt opt;
	uint32_t format = 0;

	if (COAP_CODE_CLASS(response->code) < 4 || response->payload_len == 0)
		return false;
	return !coap_msg_find_opt(response, COAP_OPT_CONTENT_FORMAT, &opt) ||
	       (coap_opt_uint(&opt, &format) && format == 0);
}

json_t *ctl_response_json(const struct coap_msg *response, const uint8_t *codes, size_t count)
{
	bool success = response->code == codes[0], valid = false;
	char status[CTL_STATUS_MAX];
	json_t *json;

	for (size_t i = 0; i < count; i++)
		valid = valid || response->code == codes[i];
	ctl_status_text(response->code, status);
	json = json_pack("{s:s, s:b, s:b, s:b}", "status", status, "valid", valid, "success",
			 success, "failure", !success);
	if (json && has_diagnostic(response) &&
	    json_object_set_new(
		    json, "errormessage",
		    json_text((const char *)response->payload, response->payload_len))) {
		json_decref(json);
		return NULL;
	}
	return json;
}
