// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
#include "bench/swarm/device/request.h"

#include <string.h>

// The segments of the alternate root come first. NULL when the path is not below it.
static const char *skip_root(const char *root, const struct coap_opt *opt)
{
	if (*root == 0 || root[0] != '/' || strlen(root + 1) < opt->len ||
	    memcmp(root + 1, opt->value, opt->len) != 0)
		return NULL;
	root += 1 + opt->len;
	return *root == 0 || *root == '/' ? root : NULL;
}

static bool parse_id(const struct coap_opt *opt, uint16_t *id)
{
	uint32_t number = 0;
	if (opt->len == 0 || opt->len > 5)
		return false;
	for (uint32_t i = 0; i < opt->len; i++) {
		if (opt->value[i] < '0' || opt->value[i] > '9')
			return false;
		number = number * 10 + (uint32_t)(opt->value[i] - '0');
	}
	*id = (uint16_t)number;
	return number < LWM2M_ID_RESERVED;
}

static bool parse_path(struct request *req, const char *root)
{
	struct coap_opt_iter it = coap_opts_begin(req->msg);
	struct coap_opt opt;
	while (coap_opts_next(&it, &opt)) {
		if (opt.number != COAP_OPT_URI_PATH)
			continue;
		if (*root != 0) {
			root = skip_root(root, &opt);
			if (root == NULL)
				return false;
		} else if (opt.len == 0 && req->path.depth == 0) {
			continue; // "/" as one empty segment
		} else if (req->path.depth == 4 ||
			   !parse_id(&opt, &req->path.ids[req->path.depth++])) {
			return false;
		}
	}
	// A composite operation goes to "/" itself whatever the root is.
	return *root == 0 || req->path.depth == 0;
}

static bool known_option(uint16_t number)
{
	switch (number) {
	case COAP_OPT_URI_HOST:
	case COAP_OPT_URI_PORT:
	case COAP_OPT_URI_PATH:
	case COAP_OPT_URI_QUERY:
	case COAP_OPT_ACCEPT:
	case COAP_OPT_BLOCK1:
	case COAP_OPT_BLOCK2:
		return true;
	default:
		return !COAP_OPT_IS_CRITICAL(number);
	}
}

static bool take_option(struct request *req, const struct coap_opt *opt)
{
	uint32_t value = 0;
	if (!known_option(opt->number))
		return false;
	if (opt->number == COAP_OPT_URI_QUERY)
		req->has_query = true;
	if (opt->number != COAP_OPT_CONTENT_FORMAT && opt->number != COAP_OPT_ACCEPT &&
	    opt->number != COAP_OPT_OBSERVE)
		return true;
	if (!coap_opt_uint(opt, &value))
		return false;
	if (opt->number == COAP_OPT_OBSERVE) {
		req->has_observe = true;
		req->observe = value;
	} else if (opt->number == COAP_OPT_ACCEPT) {
		req->has_accept = true;
		req->accept = (uint16_t)value;
	} else {
		req->has_format = true;
		req->format = (uint16_t)value;
	}
	return true;
}

bool request_parse(struct request *req, const struct device_config *config)
{
	struct coap_opt_iter it = coap_opts_begin(req->msg);
	struct coap_opt opt;
	while (coap_opts_next(&it, &opt)) {
		if (!take_option(req, &opt)) {
			req->code = COAP_BAD_OPTION;
			return false;
		}
	}
	if (!parse_path(req, config->root)) {
		req->code = COAP_NOT_FOUND;
		return false;
	}
	return true;
}

static uint64_t mix(uint64_t hash, const void *bytes, size_t len)
{
	const uint8_t *p = bytes;
	for (size_t i = 0; i < len; i++)
		hash = (hash ^ p[i]) * 0x100000001b3u; // FNV-1a
	return hash;
}

uint64_t request_key(const struct coap_msg *msg)
{
	struct coap_opt_iter it = coap_opts_begin(msg);
	struct coap_opt opt;
	uint64_t hash = mix(0xcbf29ce484222325u, &msg->code, 1);
	while (coap_opts_next(&it, &opt)) {
		if (opt.number != COAP_OPT_URI_PATH && opt.number != COAP_OPT_URI_QUERY &&
		    opt.number != COAP_OPT_REQUEST_TAG)
			continue;
		hash = mix(hash, &opt.number, sizeof(opt.number));
		hash = mix(hash, opt.value, opt.len);
	}
	return hash;
}
