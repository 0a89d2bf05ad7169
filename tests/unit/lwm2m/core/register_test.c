// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
#include "lwm2m/core/register.h"

#include "tests/vectors/coap_messages.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static uint8_t datagram[2048];
static struct lwm2m_register reg;
static const char *why;

// Builds POST /rd with the &-separated query; format < 0 leaves Content-Format out.
static void build(struct coap_msg *msg, const char *query, int format, const char *payload)
{
	struct coap_writer w;

	coap_write_begin(&w, datagram, sizeof(datagram), COAP_CON, COAP_POST, 1, "t", 1);
	coap_write_opt_str(&w, COAP_OPT_URI_PATH, "rd");
	if (format >= 0)
		coap_write_opt_uint(&w, COAP_OPT_CONTENT_FORMAT, (uint32_t)format);
	while (*query) {
		size_t len = strcspn(query, "&");
		coap_write_opt(&w, COAP_OPT_URI_QUERY, query, len);
		query += len + (query[len] == '&');
	}
	coap_write_payload(&w, payload, strlen(payload));
	assert_int_equal(coap_msg_parse(msg, datagram, coap_write_finish(&w)), COAP_OK);
}

static uint8_t register_with(const char *query)
{
	struct coap_msg msg;

	build(&msg, query, 40, "</3/0>");
	return lwm2m_register_parse(&reg, &msg, &why);
}

static uint8_t update_with(const char *query, uint8_t version)
{
	struct coap_msg msg;

	build(&msg, query, -1, "");
	return lwm2m_update_parse(&reg, &msg, version, &why);
}

static void a_full_register_is_read(void **state)
{
	assert_int_equal(register_with("ep=dev&lt=300&lwm2m=1.1&b=UT&Q&sms=123&x=y"), 0);
	assert_null(why);
	assert_int_equal(reg.ep_len, 3);
	assert_memory_equal(reg.ep, "dev", 3);
	assert_int_equal(reg.sms_len, 3);
	assert_int_equal(reg.lifetime_s, 300);
	assert_int_equal(reg.version, 11);
	assert_int_equal(reg.binding, LWM2M_BINDING_U | LWM2M_BINDING_T);
	assert_true(reg.queue_mode);
	assert_int_equal(reg.params, 0x7f);
}

static void a_captured_register_is_read(void **state)
{
	struct coap_msg msg;

	for (size_t i = 0; i < sizeof(coap_vectors) / sizeof(coap_vectors[0]); i++) {
		const struct coap_vector *v = &coap_vectors[i];
		if (strcmp(v->name, "wakaama register") != 0)
			continue;
		assert_int_equal(coap_msg_parse(&msg, (const uint8_t *)v->bytes, v->len), COAP_OK);
		assert_int_equal(lwm2m_register_parse(&reg, &msg, &why), 0);
		assert_memory_equal(reg.ep, "wk1", reg.ep_len);
		assert_int_equal(reg.lifetime_s, 30);
		return;
	}
	fail();
}

static void defaults_apply_to_what_is_missing(void **state)
{
	assert_int_equal(register_with("lwm2m=1.1"), 0);
	assert_null(reg.ep);
	assert_int_equal(reg.lifetime_s, LWM2M_LIFETIME_DEFAULT_S);
	assert_int_equal(reg.binding, LWM2M_BINDING_U);
	assert_false(reg.queue_mode);
	assert_int_equal(reg.params, LWM2M_PARAM_VERSION);
}

static void the_version_decides(void **state)
{
	assert_int_equal(register_with("ep=a"), COAP_BAD_REQUEST);
	assert_int_equal(register_with("ep=a&lwm2m"), COAP_BAD_REQUEST);
	assert_int_equal(register_with("ep=a&lwm2m="), COAP_BAD_REQUEST);
	assert_int_equal(register_with("ep=a&lwm2m=1.2"), COAP_PRECONDITION_FAILED);
	assert_int_equal(register_with("ep=a&lwm2m=1.10"), COAP_PRECONDITION_FAILED);
	assert_int_equal(register_with("ep=a&lwm2m=2.0"), COAP_PRECONDITION_FAILED);
	assert_non_null(why);
	assert_int_equal(register_with("ep=a&lwm2m=1.0"), 0);
	assert_int_equal(reg.version, 10);
}

static void a_lifetime_is_decimal_and_positive(void **state)
{
	assert_int_equal(register_with("lwm2m=1.1&lt=1"), 0);
	assert_int_equal(register_with("lwm2m=1.1&lt=4294967295"), 0);
	assert_int_equal(reg.lifetime_s, UINT32_MAX);
	assert_int_equal(register_with("lwm2m=1.1&lt=4294967296"), COAP_BAD_REQUEST);
	assert_int_equal(register_with("lwm2m=1.1&lt=99999999999999999999999"), COAP_BAD_REQUEST);
	assert_int_equal(register_with("lwm2m=1.1&lt=0"), COAP_BAD_REQUEST);
	assert_int_equal(register_with("lwm2m=1.1&lt="), COAP_BAD_REQUEST);
	assert_int_equal(register_with("lwm2m=1.1&lt"), COAP_BAD_REQUEST);
	assert_int_equal(register_with("lwm2m=1.1&lt=-1"), COAP_BAD_REQUEST);
	assert_int_equal(register_with("lwm2m=1.1&lt=30s"), COAP_BAD_REQUEST);
}

static void bindings_of_1_0_are_six(void **state)
{
	static const struct {
		const char *query;
		uint8_t binding;
		bool queue;
	} good[] = {
		{"lwm2m=1.0&b=U", LWM2M_BINDING_U, false},
		{"lwm2m=1.0&b=UQ", LWM2M_BINDING_U, true},
		{"lwm2m=1.0&b=S", LWM2M_BINDING_S, false},
		{"lwm2m=1.0&b=SQ", LWM2M_BINDING_S, true},
		{"lwm2m=1.0&b=US", LWM2M_BINDING_U | LWM2M_BINDING_S, false},
		{"b=UQS&lwm2m=1.0", LWM2M_BINDING_U | LWM2M_BINDING_S, true},
	};

	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		assert_int_equal(register_with(good[i].query), 0);
		assert_int_equal(reg.binding, good[i].binding);
		assert_int_equal(reg.queue_mode, good[i].queue);
	}
	assert_int_equal(register_with("lwm2m=1.0&b=T"), COAP_BAD_REQUEST);
	assert_int_equal(register_with("lwm2m=1.0&b=SU"), COAP_BAD_REQUEST);
	assert_int_equal(register_with("lwm2m=1.0&b="), COAP_BAD_REQUEST);
	assert_int_equal(register_with("lwm2m=1.0&b"), COAP_BAD_REQUEST);
	assert_int_equal(register_with("lwm2m=1.0&b=U&Q"), COAP_BAD_REQUEST);
}

static void bindings_of_1_1_are_letters_each_once(void **state)
{
	assert_int_equal(register_with("lwm2m=1.1&b=NSTU"), 0);
	assert_int_equal(reg.binding, 0x0f);
	assert_int_equal(register_with("lwm2m=1.1&b=UU"), COAP_BAD_REQUEST);
	assert_int_equal(register_with("lwm2m=1.1&b=UQ"), COAP_BAD_REQUEST);
	assert_int_equal(register_with("lwm2m=1.1&b=H"), COAP_BAD_REQUEST);
	assert_int_equal(register_with("lwm2m=1.1&b=u"), COAP_BAD_REQUEST);
	assert_int_equal(register_with("lwm2m=1.1&b="), COAP_BAD_REQUEST);
	assert_int_equal(register_with("lwm2m=1.1&Q=1"), COAP_BAD_REQUEST);
	assert_int_equal(register_with("lwm2m=1.1&Q="), COAP_BAD_REQUEST);
}

static void an_endpoint_name_is_printable_and_bounded(void **state)
{
	static uint8_t name[LWM2M_ENDPOINT_MAX + 4] = "ep=";
	struct coap_writer w;
	struct coap_msg msg;

	memset(name + 3, 'x', sizeof(name) - 3);
	for (size_t len = LWM2M_ENDPOINT_MAX; len <= LWM2M_ENDPOINT_MAX + 1; len++) {
		coap_write_begin(&w, datagram, sizeof(datagram), COAP_CON, COAP_POST, 1, NULL, 0);
		coap_write_opt_uint(&w, COAP_OPT_CONTENT_FORMAT, 40);
		coap_write_opt(&w, COAP_OPT_URI_QUERY, name, 3 + len);
		coap_write_opt_str(&w, COAP_OPT_URI_QUERY, "lwm2m=1.1");
		coap_write_payload(&w, "</3>", 4);
		assert_int_equal(coap_msg_parse(&msg, datagram, coap_write_finish(&w)), COAP_OK);
		uint8_t code = lwm2m_register_parse(&reg, &msg, &why);
		assert_int_equal(code, len == LWM2M_ENDPOINT_MAX ? 0 : COAP_BAD_REQUEST);
	}
	assert_int_equal(register_with("lwm2m=1.1&ep=caf\xc3\xa9"), 0);
	assert_int_equal(register_with("lwm2m=1.1&ep="), COAP_BAD_REQUEST);
	assert_int_equal(register_with("lwm2m=1.1&ep"), COAP_BAD_REQUEST);
	assert_int_equal(register_with("lwm2m=1.1&ep=a\nb"), COAP_BAD_REQUEST);
	assert_int_equal(register_with("lwm2m=1.1&ep=\xff"), COAP_BAD_REQUEST);
	assert_int_equal(register_with("lwm2m=1.1&other=\xff"), COAP_BAD_REQUEST);
	assert_int_equal(register_with("lwm2m=1.1&sms="), COAP_BAD_REQUEST);
}

static void a_known_parameter_may_come_only_once(void **state)
{
	assert_int_equal(register_with("lwm2m=1.1&ep=a&ep=a"), COAP_BAD_REQUEST);
	assert_int_equal(register_with("lwm2m=1.1&lwm2m=1.1"), COAP_BAD_REQUEST);
	assert_int_equal(register_with("lwm2m=1.1&Q&Q"), COAP_BAD_REQUEST);
	assert_int_equal(register_with("lwm2m=1.1&x=1&x=2"), 0);
	assert_int_equal(reg.params, LWM2M_PARAM_VERSION | LWM2M_PARAM_OTHER);
}

static void the_payload_must_be_an_object_list(void **state)
{
	struct coap_msg msg;

	build(&msg, "lwm2m=1.1", 0, "</3/0>");
	assert_int_equal(lwm2m_register_parse(&reg, &msg, &why), COAP_UNSUPPORTED_CONTENT_FORMAT);
	build(&msg, "lwm2m=1.1", -1, "</3/0>"); // nothing else could be meant
	assert_int_equal(lwm2m_register_parse(&reg, &msg, &why), 0);
	build(&msg, "lwm2m=1.1", 70000, "</3/0>"); // too long to be one, so ignored
	assert_int_equal(lwm2m_register_parse(&reg, &msg, &why), 0);
	build(&msg, "lwm2m=1.1", 40, "");
	assert_int_equal(lwm2m_register_parse(&reg, &msg, &why), COAP_BAD_REQUEST);
	build(&msg, "lwm2m=1.1", 40, "</>;rt=\"oma.lwm2m\"");
	assert_int_equal(lwm2m_register_parse(&reg, &msg, &why), COAP_BAD_REQUEST);
	build(&msg, "lwm2m=1.1", 40, "</3/0");
	assert_int_equal(lwm2m_register_parse(&reg, &msg, &why), COAP_BAD_REQUEST);
}

static void an_update_changes_only_what_may_change(void **state)
{
	assert_int_equal(update_with("", 11), 0);
	assert_int_equal(reg.params, 0);
	assert_int_equal(update_with("lt=60&b=UQ&sms=1", 10), 0);
	assert_true(reg.queue_mode);
	assert_int_equal(reg.lifetime_s, 60);
	assert_int_equal(update_with("b=UQ", 11), COAP_BAD_REQUEST);
	assert_int_equal(update_with("Q", 11), 0);
	assert_int_equal(update_with("Q", 10), COAP_BAD_REQUEST);
	assert_int_equal(update_with("ep=a", 11), COAP_BAD_REQUEST);
	assert_int_equal(update_with("lwm2m=1.1", 11), COAP_BAD_REQUEST);
	assert_int_equal(update_with("lt=0", 11), COAP_BAD_REQUEST);
}

static void an_update_with_objects_is_checked_like_a_register(void **state)
{
	struct coap_msg msg;

	build(&msg, "", 40, "</3/0>,</4/0>");
	assert_int_equal(lwm2m_update_parse(&reg, &msg, 11, &why), 0);
	build(&msg, "", 50, "</3/0>");
	assert_int_equal(lwm2m_update_parse(&reg, &msg, 11, &why), COAP_UNSUPPORTED_CONTENT_FORMAT);
	build(&msg, "", -1, "</3/0>"); // as Wakaama's
	assert_int_equal(lwm2m_update_parse(&reg, &msg, 11, &why), 0);
	build(&msg, "", -1, "nonsense");
	assert_int_equal(lwm2m_update_parse(&reg, &msg, 11, &why), COAP_BAD_REQUEST);
	build(&msg, "", 40, "nonsense");
	assert_int_equal(lwm2m_update_parse(&reg, &msg, 11, &why), COAP_BAD_REQUEST);
}

static void a_query_splits_at_its_first_equals_sign(void **state)
{
	static const uint8_t text[] = "ep=a=b";
	struct coap_opt opt = {.value = text, .len = 6};
	struct lwm2m_query query;

	lwm2m_query_split(&query, &opt);
	assert_int_equal(query.name_len, 2);
	assert_int_equal(query.value_len, 3);
	assert_memory_equal(query.value, "a=b", 3);
	assert_true(lwm2m_query_is_known(&query));
	opt.len = 1;
	lwm2m_query_split(&query, &opt);
	assert_null(query.value);
	assert_int_equal(query.name_len, 1);
	assert_false(lwm2m_query_is_known(&query));
	opt.len = 0;
	lwm2m_query_split(&query, &opt);
	assert_int_equal(query.name_len, 0);
	assert_false(lwm2m_query_is_known(&query));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_full_register_is_read),
		cmocka_unit_test(a_captured_register_is_read),
		cmocka_unit_test(defaults_apply_to_what_is_missing),
		cmocka_unit_test(the_version_decides),
		cmocka_unit_test(a_lifetime_is_decimal_and_positive),
		cmocka_unit_test(bindings_of_1_0_are_six),
		cmocka_unit_test(bindings_of_1_1_are_letters_each_once),
		cmocka_unit_test(an_endpoint_name_is_printable_and_bounded),
		cmocka_unit_test(a_known_parameter_may_come_only_once),
		cmocka_unit_test(the_payload_must_be_an_object_list),
		cmocka_unit_test(an_update_changes_only_what_may_change),
		cmocka_unit_test(an_update_with_objects_is_checked_like_a_register),
		cmocka_unit_test(a_query_splits_at_its_first_equals_sign),
	};
	return cmocka_run_group_tests_name("lwm2m/core/register", tests, NULL, NULL);
}
