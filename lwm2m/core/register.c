// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
#include "lwm2m/core/register.h"

#include "lwm2m/core/object_list.h"
#include "lwm2m/core/utf8.h"

#include <string.h>

#define CONTENT_FORMAT_LINK 40u

// What the walk over the options leaves for the checks that need all of them.
struct request {
	struct lwm2m_query version;
	struct lwm2m_query binding;
	uint32_t format;
	bool has_format;
};

static uint8_t refuse(const char **why, uint8_t code, const char *text)
{
	*why = text;
	return code;
}

static bool equals(const char *text, size_t len, const char *wanted)
{
	return strlen(wanted) == len && memcmp(text, wanted, len) == 0;
}

void lwm2m_query_split(struct lwm2m_query *query, const struct coap_opt *opt)
{
	// A Uri-Query has at most 255 bytes (RFC 7252 table 4); anything longer is cut, not
	// wrapped.
	uint16_t len = opt->len > UINT16_MAX ? UINT16_MAX : (uint16_t)opt->len;
	const char *text = (const char *)opt->value;
	const char *equal = len ? memchr(text, '=', len) : NULL;

	*query = (struct lwm2m_query){.name = text, .name_len = len};
	if (equal) {
		query->name_len = (uint16_t)(equal - text);
		query->value = equal + 1;
		query->value_len = (uint16_t)(len - query->name_len - 1);
	}
}

static enum lwm2m_param param_of(const struct lwm2m_query *query)
{
	static const struct {
		const char *name;
		enum lwm2m_param param;
	} known[] = {
		{"ep", LWM2M_PARAM_EP},         {"lt", LWM2M_PARAM_LT},
		{"lwm2m", LWM2M_PARAM_VERSION}, {"b", LWM2M_PARAM_BINDING},
		{"Q", LWM2M_PARAM_QUEUE},       {"sms", LWM2M_PARAM_SMS},
	};

	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
		if (equals(query->name, query->name_len, known[i].name))
			return known[i].param;
	}
	return LWM2M_PARAM_OTHER;
}

bool lwm2m_query_is_known(const struct lwm2m_query *query)
{
	return param_of(query) != LWM2M_PARAM_OTHER;
}

// Seconds as decimal digits, 1 to 2^32 - 1.
static bool lifetime_parse(uint32_t *lifetime_s, const struct lwm2m_query *query)
{
	uint64_t value = 0;

	for (uint16_t i = 0; i < query->value_len; i++) {
		char c = query->value[i];
		if (c < '0' || c > '9')
			return false;
		value = value * 10 + (uint64_t)(c - '0');
		if (value > UINT32_MAX)
			return false;
	}
	*lifetime_s = (uint32_t)value;
	return value != 0;
}

// A text parameter that has to say something and fits the field's 8-bit length.
static bool has_text(const struct lwm2m_query *query)
{
	return query->value_len != 0 && query->value_len <= LWM2M_ENDPOINT_MAX;
}

static uint8_t take_param(struct lwm2m_register *reg, struct request *req,
			  const struct lwm2m_query *query, const char **why)
{
	enum lwm2m_param param = param_of(query);

	if (param != LWM2M_PARAM_OTHER && reg->params & param)
		return refuse(why, COAP_BAD_REQUEST, "a parameter is given twice");
	reg->params |= (uint16_t)param;
	switch (param) {
	case LWM2M_PARAM_EP:
		if (!has_text(query))
			return refuse(why, COAP_BAD_REQUEST, "ep must have 1 to 255 bytes");
		reg->ep = query->value;
		reg->ep_len = (uint8_t)query->value_len;
		break;
	case LWM2M_PARAM_LT:
		if (!lifetime_parse(&reg->lifetime_s, query))
			return refuse(why, COAP_BAD_REQUEST, "lt must be 1 to 4294967295");
		break;
	case LWM2M_PARAM_VERSION:
		req->version = *query;
		break;
	case LWM2M_PARAM_BINDING:
		req->binding = *query;
		break;
	case LWM2M_PARAM_QUEUE:
		if (query->value)
			return refuse(why, COAP_BAD_REQUEST, "Q takes no value");
		reg->queue_mode = true;
		break;
	case LWM2M_PARAM_SMS:
		if (!has_text(query))
			return refuse(why, COAP_BAD_REQUEST, "sms must have 1 to 255 bytes");
		reg->sms = query->value;
		reg->sms_len = (uint8_t)query->value_len;
		break;
	case LWM2M_PARAM_OTHER:
		break;
	}
	return 0;
}

static uint8_t take_options(struct lwm2m_register *reg, struct request *req,
			    const struct coap_msg *msg, const char **why)
{
	struct coap_opt_iter it = coap_opts_begin(msg);
	struct coap_opt opt;

	*reg = (struct lwm2m_register){
		.lifetime_s = LWM2M_LIFETIME_DEFAULT_S,
		.binding = LWM2M_BINDING_U,
	};
	*req = (struct request){.format = 0};
	while (coap_opts_next(&it, &opt)) {
		if (opt.number == COAP_OPT_CONTENT_FORMAT && !req->has_format) {
			// Out of its bounds it counts as unrecognised: RFC 7252 section 5.4.3.
			req->has_format =
				coap_opt_length_ok(&opt) && coap_opt_uint(&opt, &req->format);
		} else if (opt.number == COAP_OPT_URI_QUERY) {
			struct lwm2m_query query;
			if (!utf8_printable(opt.value, opt.len))
				return refuse(why, COAP_BAD_REQUEST,
					      "a parameter is not printable UTF-8");
			lwm2m_query_split(&query, &opt);
			uint8_t code = take_param(reg, req, &query, why);
			if (code)
				return code;
		}
	}
	return 0;
}

static uint8_t check_version(struct lwm2m_register *reg, const struct lwm2m_query *query,
			     const char **why)
{
	if (query->value_len == 0)
		return refuse(why, COAP_BAD_REQUEST, "lwm2m= (the enabler's version) is missing");
	if (equals(query->value, query->value_len, "1.0"))
		reg->version = 10;
	else if (equals(query->value, query->value_len, "1.1"))
		reg->version = 11;
	else
		return refuse(why, COAP_PRECONDITION_FAILED, "only LwM2M 1.0 and 1.1 are spoken");
	return 0;
}

// LwM2M core 1.0 table 6.2.1-2: six combinations, where Q stands for queue mode.
static bool binding_1_0(struct lwm2m_register *reg, const struct lwm2m_query *query)
{
	static const struct {
		const char *text;
		uint8_t binding;
		bool queue_mode;
	} combinations[] = {
		{"U", LWM2M_BINDING_U, false},
		{"UQ", LWM2M_BINDING_U, true},
		{"S", LWM2M_BINDING_S, false},
		{"SQ", LWM2M_BINDING_S, true},
		{"US", LWM2M_BINDING_U | LWM2M_BINDING_S, false},
		{"UQS", LWM2M_BINDING_U | LWM2M_BINDING_S, true},
	};

	for (size_t i = 0; i < sizeof(combinations) / sizeof(combinations[0]); i++) {
		if (!equals(query->value, query->value_len, combinations[i].text))
			continue;
		reg->binding = combinations[i].binding;
		reg->queue_mode = combinations[i].queue_mode;
		return true;
	}
	return false;
}

// LwM2M core 1.1.1 section 6.2.1.2: any of the letters, each once.
static bool binding_1_1(struct lwm2m_register *reg, const struct lwm2m_query *query)
{
	static const char letters[] = "UTSN"; // in the order of enum lwm2m_binding

	reg->binding = 0;
	for (uint16_t i = 0; i < query->value_len; i++) {
		const char *at = memchr(letters, query->value[i], sizeof(letters) - 1);
		if (!at || reg->binding & 1u << (at - letters))
			return false;
		reg->binding |= (uint8_t)(1u << (at - letters));
	}
	return reg->binding != 0;
}

static uint8_t check_binding(struct lwm2m_register *reg, const struct lwm2m_query *query,
			     uint8_t version, const char **why)
{
	if (version == 10 && reg->params & LWM2M_PARAM_QUEUE)
		return refuse(why, COAP_BAD_REQUEST, "Q is a parameter of LwM2M 1.1");
	if (!(reg->params & LWM2M_PARAM_BINDING))
		return 0;
	if (version == 10 && !binding_1_0(reg, query))
		return refuse(why, COAP_BAD_REQUEST, "b must be U, UQ, S, SQ, US or UQS");
	if (version != 10 && !binding_1_1(reg, query))
		return refuse(why, COAP_BAD_REQUEST, "b must be letters of UTSN, each once");
	return 0;
}

static uint8_t check_payload(const struct request *req, const struct coap_msg *msg,
			     const char **why)
{
	struct lwm2m_object_list list;

	// Wakaama's Update leaves the option out, and nothing else could be meant.
	if (req->has_format && req->format != CONTENT_FORMAT_LINK)
		return refuse(why, COAP_UNSUPPORTED_CONTENT_FORMAT, "Content-Format must be 40");
	if (!lwm2m_object_list_check(&list, (const char *)msg->payload, msg->payload_len))
		return refuse(why, COAP_BAD_REQUEST, list.error);
	return 0;
}

uint8_t lwm2m_register_parse(struct lwm2m_register *reg, const struct coap_msg *msg,
			     const char **why)
{
	struct request req;
	uint8_t code;

	*why = NULL;
	if ((code = take_options(reg, &req, msg, why)) != 0 ||
	    (code = check_version(reg, &req.version, why)) != 0 ||
	    (code = check_binding(reg, &req.binding, reg->version, why)) != 0)
		return code;
	return check_payload(&req, msg, why);
}

uint8_t lwm2m_update_parse(struct lwm2m_register *reg, const struct coap_msg *msg, uint8_t version,
			   const char **why)
{
	struct request req;
	uint8_t code;

	*why = NULL;
	if ((code = take_options(reg, &req, msg, why)) != 0)
		return code;
	if (reg->params & (LWM2M_PARAM_EP | LWM2M_PARAM_VERSION))
		return refuse(why, COAP_BAD_REQUEST, "ep and lwm2m cannot be updated");
	reg->version = version;
	if ((code = check_binding(reg, &req.binding, version, why)) != 0)
		return code;
	return msg->payload_len ? check_payload(&req, msg, why) : 0;
}
