// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
#include "lwm2m/coap/msg.h"

#include "lwm2m/coap/option_header.h"

bool coap_opts_next(struct coap_opt_iter *it, struct coap_opt *opt)
{
	struct bytes in = {.p = it->p, .end = it->end};
	uint32_t delta, len;

	if (in.p == in.end)
		return false;
	if (option_header_read(&in, bytes_u8(&in), &delta, &len) != COAP_OK)
		return false;
	const uint8_t *value = bytes_take(&in, len);
	if (in.bad || it->number + delta > UINT16_MAX)
		return false;
	it->number += delta;
	it->p = in.p;
	opt->number = (uint16_t)it->number;
	opt->len = len;
	opt->value = value;
	return true;
}

bool coap_msg_find_opt(const struct coap_msg *msg, uint16_t number, struct coap_opt *opt)
{
	struct coap_opt_iter it = coap_opts_begin(msg);

	while (coap_opts_next(&it, opt)) {
		if (opt->number >= number)
			return opt->number == number;
	}
	return false;
}

bool coap_opt_uint(const struct coap_opt *opt, uint32_t *value)
{
	if (opt->len > 4)
		return false;
	struct bytes in = bytes_begin(opt->value, opt->len);
	*value = (uint32_t)bytes_uint(&in, opt->len);
	return true;
}

struct length_bounds {
	uint8_t known;
	uint8_t min;
	uint16_t max;
};

// RFC 7252 table 4 and, where named in enum coap_option, the RFC that defines the option.
static const struct length_bounds low_options[] = {
	[COAP_OPT_IF_MATCH] = {1, 0, 8},
	[COAP_OPT_URI_HOST] = {1, 1, 255},
	[COAP_OPT_ETAG] = {1, 1, 8},
	[COAP_OPT_IF_NONE_MATCH] = {1, 0, 0},
	[COAP_OPT_OBSERVE] = {1, 0, 3},
	[COAP_OPT_URI_PORT] = {1, 0, 2},
	[COAP_OPT_LOCATION_PATH] = {1, 0, 255},
	[COAP_OPT_OSCORE] = {1, 0, 255},
	[COAP_OPT_URI_PATH] = {1, 0, 255},
	[COAP_OPT_CONTENT_FORMAT] = {1, 0, 2},
	[COAP_OPT_MAX_AGE] = {1, 0, 4},
	[COAP_OPT_URI_QUERY] = {1, 0, 255},
	[COAP_OPT_HOP_LIMIT] = {1, 1, 1},
	[COAP_OPT_ACCEPT] = {1, 0, 2},
	[COAP_OPT_Q_BLOCK1] = {1, 0, 3},
	[COAP_OPT_LOCATION_QUERY] = {1, 0, 255},
	[COAP_OPT_BLOCK2] = {1, 0, 3},
	[COAP_OPT_BLOCK1] = {1, 0, 3},
	[COAP_OPT_SIZE2] = {1, 0, 4},
	[COAP_OPT_Q_BLOCK2] = {1, 0, 3},
	[COAP_OPT_PROXY_URI] = {1, 1, 1034},
	[COAP_OPT_PROXY_SCHEME] = {1, 1, 255},
	[COAP_OPT_SIZE1] = {1, 0, 4},
};

static struct length_bounds option_bounds(uint16_t number)
{
	if (number < sizeof(low_options) / sizeof(low_options[0]))
		return low_options[number];
	switch (number) {
	case COAP_OPT_ECHO:
		return (struct length_bounds){1, 1, 40};
	case COAP_OPT_NO_RESPONSE:
		return (struct length_bounds){1, 0, 1};
	case COAP_OPT_REQUEST_TAG:
		return (struct length_bounds){1, 0, 8};
	default:
		return (struct length_bounds){0};
	}
}

bool coap_opt_length_ok(const struct coap_opt *opt)
{
	struct length_bounds bounds = option_bounds(opt->number);

	return !bounds.known || (opt->len >= bounds.min && opt->len <= bounds.max);
}
