// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// /api/backends, over back ends that are fakes.
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "control/rest/resources.h"
#include "tests/unit/control/rest/fixture.h"

static struct fixture f;
static struct ctl_req req;
static struct ctl_resp resp;
static struct config_backend cfg[2];
static unsigned done;

static void on_done(struct ctl_resp *answered)
{
	done++;
}

static int setup(void **state)
{
	static char header[] = "X-Key: s3cret", secret[] = "s3cret", filed[] = "filed",
		    made[] = "made", filed_url[] = "http://user:s3cret@host/x@y",
		    made_url[] = "https://host";
	static char *headers[] = {header};

	fixture_init(&f);
	memset(&req, 0, sizeof(req));
	memset(&resp, 0, sizeof(resp));
	memset(cfg, 0, sizeof(cfg));
	req.ctl = &f.ctl;
	resp.done = on_done;
	done = 0;
	for (unsigned i = 0; i < 2; i++) {
		config_backend_defaults(&cfg[i]);
		f.backends[i] = (struct ctl_backend_status){
			.cfg = &cfg[i], .state = "ok", .read_only = i == 0};
	}
	cfg[0].name = filed;
	cfg[0].url = filed_url;
	cfg[0].auth.bearer = secret;
	cfg[0].auth.hmac_key = secret;
	cfg[0].headers = headers;
	cfg[0].headers_count = 1;
	cfg[1].name = made;
	cfg[1].url = made_url;
	f.backends_count = 1;
	return 0;
}

static int teardown(void **state)
{
	ctl_resp_clear(&resp);
	fixture_fini(&f);
	return 0;
}

static json_t *body(void)
{
	json_t *json = json_loadb(resp.body, resp.body_len, 0, NULL);

	assert_non_null(json);
	return json;
}

static void ask_for(const char *name)
{
	req.args[0] = (struct ctl_text){name, strlen(name)};
	req.args_count = 1;
}

static void put(const char *name, const char *json)
{
	ask_for(name);
	req.body = json;
	req.body_len = strlen(json);
	assert_int_equal(ctl_backend_put(&req, &resp), 0);
}

static void all_are_listed_beside_the_outbox_and_no_secret_is(void **state)
{
	json_t *json, *one;

	f.outbox = (struct ctl_outbox_status){.bytes = 7, .warning = "nearly full"};
	f.backends[0].lag_events = 3;
	f.backends[0].lag_ms = 2500;
	f.backends[0].error = "HTTP status 500";
	f.backends[0].error_ms = 5;
	f.backends[0].state = "retrying";
	assert_int_equal(ctl_backends_list(&req, &resp), 0);
	assert_null(strstr(resp.body, "s3cret"));
	json = body();
	assert_string_equal(
		json_string_value(json_object_get(json_object_get(json, "outbox"), "warning")),
		"nearly full");
	one = json_array_get(json_object_get(json, "backends"), 0);
	assert_string_equal(json_string_value(json_object_get(one, "url")), "http://host/x@y");
	assert_string_equal(json_string_value(json_object_get(one, "state")), "retrying");
	assert_int_equal(json_integer_value(json_object_get(one, "lagEvents")), 3);
	assert_true(json_real_value(json_object_get(one, "lagSeconds")) == 2.5);
	assert_string_equal(
		json_string_value(json_object_get(json_object_get(one, "lastError"), "text")),
		"HTTP status 500");
	one = json_object_get(one, "definition");
	assert_int_equal(json_array_size(json_object_get(one, "auth")), 2);
	assert_int_equal(json_array_size(json_object_get(one, "types")), 6);
	assert_string_equal(json_string_value(json_array_get(json_object_get(one, "headers"), 0)),
			    "X-Key");
	json_decref(json);
}

static void one_that_is_not_there_is_404(void **state)
{
	ask_for("lost");
	assert_int_equal(ctl_backend_get(&req, &resp), 0);
	assert_int_equal(resp.status, 404);
	ctl_resp_clear(&resp);
	assert_int_equal(ctl_backend_test_post(&req, &resp), 0);
	assert_int_equal(resp.status, 404);
	ctl_resp_clear(&resp);
	f.backends_rc = -ENOENT;
	assert_int_equal(ctl_backend_delete(&req, &resp), 0);
	assert_int_equal(resp.status, 404);
}

static void a_new_one_is_201_and_a_changed_one_200(void **state)
{
	put("made", "{\"url\":\"https://host\"}");
	assert_int_equal(resp.status, 201);
	assert_string_equal(f.backend_json, "{\"url\":\"https://host\"}");
	ctl_resp_clear(&resp);
	put("made", "{\"url\":\"https://other\"}");
	assert_int_equal(resp.status, 200);
}

static void what_is_not_a_definition_is_400_with_what_is_wrong(void **state)
{
	put("made", "url: http://host");
	assert_int_equal(resp.status, 400);
	ctl_resp_clear(&resp);
	put("made", "[]");
	assert_int_equal(resp.status, 400);
	assert_string_equal(resp.body, "not a JSON object");
	ctl_resp_clear(&resp);
	f.backends_rc = -EINVAL;
	f.backends_why = "url: missing\n";
	put("made", "{}");
	assert_int_equal(resp.status, 400);
	assert_string_equal(resp.body, "url: missing");
}

static void one_of_the_configuration_file_is_403(void **state)
{
	f.backends_rc = -EPERM;
	put("filed", "{}");
	assert_int_equal(resp.status, 403);
	assert_non_null(strstr(resp.body, "configuration file"));
	ctl_resp_clear(&resp);
	assert_int_equal(ctl_backend_delete(&req, &resp), 0);
	assert_int_equal(resp.status, 403);
}

static void one_that_is_removed_is_204(void **state)
{
	ask_for("made");
	assert_int_equal(ctl_backend_delete(&req, &resp), 0);
	assert_int_equal(resp.status, 204);
}

static void a_disk_that_fails_is_the_handlers_failure(void **state)
{
	f.backends_rc = -ENOSPC;
	ask_for("made");
	assert_int_equal(ctl_backend_delete(&req, &resp), -ENOSPC);
	req.body = "{}";
	req.body_len = 2;
	assert_int_equal(ctl_backend_put(&req, &resp), -ENOSPC);
}

static void a_test_tells_what_came_of_it(void **state)
{
	struct ctl_backend_tested tested = {.status = 204, .took_ms = 3, .http = "2"};
	json_t *json;

	ask_for("filed");
	assert_int_equal(ctl_backend_test_post(&req, &resp), CTL_RESP_LATER);
	f.tested_cb(&tested, f.tested_arg);
	assert_int_equal(done, 1);
	json = body();
	assert_true(json_is_true(json_object_get(json, "accepted")));
	assert_int_equal(json_integer_value(json_object_get(json, "status")), 204);
	assert_int_equal(json_integer_value(json_object_get(json, "milliseconds")), 3);
	assert_true(json_is_null(json_object_get(json, "error")));
	json_decref(json);
	ctl_resp_clear(&resp);
	assert_int_equal(ctl_backend_test_post(&req, &resp), CTL_RESP_LATER);
	tested = (struct ctl_backend_tested){.http = "", .why = "Connection refused"};
	f.tested_cb(&tested, f.tested_arg);
	json = body();
	assert_true(json_is_false(json_object_get(json, "accepted")));
	assert_true(json_is_null(json_object_get(json, "status")));
	assert_string_equal(json_string_value(json_object_get(json, "error")),
			    "Connection refused");
	json_decref(json);
}

static void who_goes_away_ends_the_test(void **state)
{
	ask_for("filed");
	assert_int_equal(ctl_backend_test_post(&req, &resp), CTL_RESP_LATER);
	resp.cancel(resp.cancel_arg);
	assert_int_equal(f.cancelled, 1);
	f.out_of_memory = true;
	assert_int_equal(ctl_backend_test_post(&req, &resp), -ENOMEM);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(all_are_listed_beside_the_outbox_and_no_secret_is),
		TEST(one_that_is_not_there_is_404),
		TEST(a_new_one_is_201_and_a_changed_one_200),
		TEST(what_is_not_a_definition_is_400_with_what_is_wrong),
		TEST(one_of_the_configuration_file_is_403),
		TEST(one_that_is_removed_is_204),
		TEST(a_disk_that_fails_is_the_handlers_failure),
		TEST(a_test_tells_what_came_of_it),
		TEST(who_goes_away_ends_the_test),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
