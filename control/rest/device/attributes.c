// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// Write-Attributes: the notification attributes of LwM2M core 1.1.1 table 5.1.2-1, given as query
// parameters. One without a value is taken back.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "control/rest/device/device_request.h"
#include "control/rest/resources.h"

#define QUERY_MAX 512u

enum kind { SECONDS, NUMBER };

static const struct {
	const char *name;
	enum kind kind;
} attributes[] = {
	{"pmin", SECONDS}, {"pmax", SECONDS}, {"epmin", SECONDS}, {"epmax", SECONDS},
	{"gt", NUMBER},    {"lt", NUMBER},    {"st", NUMBER},
};

// What the API knows by these names itself.
static bool is_parameter(const char *name)
{
	static const char *const names[] = {"timeout", "ttl", "format"};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (strcmp(name, names[i]) == 0)
			return true;
	return false;
}

// Digits, with one point and a sign where the kind has them (LwM2M core 1.1.1 appendix C: the text
// format of the type).
static bool is_value(enum kind kind, const struct ctl_text *value)
{
	const char *p = value->text;
	size_t digits = 0, points = 0;

	if (strlen(p) != value->len || value->len > (kind == SECONDS ? 9 : 40))
		return false;
	if (kind == NUMBER && *p == '-')
		p++;
	for (; *p; p++) {
		if (*p >= '0' && *p <= '9')
			digits++;
		else if (kind == NUMBER && *p == '.' && points == 0)
			points++;
		else
			return false;
	}
	return digits > 0;
}

// What is wrong with one parameter, NULL when nothing is.
static const char *check(const struct ctl_query *query)
{
	for (size_t i = 0; i < sizeof(attributes) / sizeof(attributes[0]); i++) {
		if (strcmp(query->name.text, attributes[i].name) != 0)
			continue;
		if (!query->value.text || is_value(attributes[i].kind, &query->value))
			return NULL;
		return attributes[i].kind == SECONDS ? "must be a whole number of seconds"
						     : "must be a number";
	}
	return "is unknown or not a LWM2M attribute";
}

static int refuse(struct ctl_resp *resp, const char *name, const char *why)
{
	return ctl_resp_text(resp, 400, CTL_TYPE_PLAIN, "Invalid attributes: %s attribute %s", name,
			     why);
}

// Collects them as "pmin=1&pmax=3". False when the answer says what is wrong.
static bool collect(struct ctl_req *req, struct ctl_resp *resp, char text[static QUERY_MAX],
		    size_t *len, int *err)
{
	*len = 0;
	for (uint32_t i = 0; i < req->query_count; i++) {
		const struct ctl_query *query = &req->query[i];
		const char *name = query->name.text, *value = query->value.text, *why;

		if (is_parameter(name))
			continue;
		why = check(query);
		if (why) {
			*err = refuse(resp, name, why);
			return false;
		}
		if (*len + strlen(name) + query->value.len + 3 > QUERY_MAX) {
			*err = refuse(resp, name, "is one too many");
			return false;
		}
		*len += (size_t)sprintf(text + *len, "%s%s%s%s", *len > 0 ? "&" : "", name,
					value ? "=" : "", value ? value : "");
	}
	if (*len == 0)
		*err = ctl_resp_text(resp, 400, CTL_TYPE_PLAIN,
				     "Invalid attributes: none are given");
	return *len > 0;
}

int ctl_attributes_put(struct ctl_req *req, struct ctl_resp *resp)
{
	struct ctl_operation op = {.kind = CTL_WRITE_ATTRIBUTES,
				   .paths_count = 1,
				   .accept = CTL_FORMAT_ANY,
				   .format = CTL_FORMAT_ANY};
	struct ctl_device_request device;
	char text[QUERY_MAX];
	size_t len;
	int err;

	if (!ctl_device_request_begin(&device, req, resp, &err) ||
	    !ctl_device_request_path(&device, &op.paths[0], 1, 4, "given attributes", &err) ||
	    !collect(req, resp, text, &len, &err))
		return err;
	op.query = text;
	op.query_len = (uint32_t)len;
	return ctl_device_request_run(&device, &op, ctl_operation_run);
}
