// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// Clients, metrics, health, dataplane, models: the resources that answer at once.
#include "control/rest/resources.h"

#include <ctype.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "control/json/registration_json.h"
#include "control/metrics.h"
#include "control/models/models.h"
#include "tests/unit/control/rest/fixture.h"

static struct fixture f;
static struct ctl_req req;
static struct ctl_resp resp;

static int setup(void **state)
{
	fixture_init(&f);
	req = (struct ctl_req){.ctl = &f.ctl, .method = CTL_GET};
	resp = (struct ctl_resp){0};
	ctl_counters = (struct ctl_counters){0};
	return 0;
}

static int teardown(void **state)
{
	ctl_resp_clear(&resp);
	fixture_fini(&f);
	ctl_models_free(f.ctl.models);
	return 0;
}

static void query(const char *name, const char *value)
{
	req.query[0] = (struct ctl_query){{name, strlen(name)}, {value, strlen(value)}};
	req.query_count = 1;
}

// The whole of a streamed body, read in pieces.
static json_t *streamed(size_t piece)
{
	static char text[65536];
	size_t n = 0;
	ssize_t got;
	json_t *json;

	while ((got = resp.stream->read(resp.stream, text + n, piece)) > 0)
		n += (size_t)got;
	assert_int_equal(got, -1);
	json = json_loadb(text, n, 0, NULL);
	assert_non_null(json);
	ctl_resp_clear(&resp);
	return json;
}

static void no_clients_are_an_empty_array(void **state)
{
	json_t *json;

	assert_int_equal(ctl_clients_list(&req, &resp), 0);
	assert_string_equal(resp.content_type, "application/json");
	json = streamed(1);
	assert_int_equal(json_array_size(json), 0);
	assert_true(json_is_array(json));
	json_decref(json);
}

static void clients_are_listed_in_order_whatever_the_block_size(void **state)
{
	for (size_t piece = 1; piece < 5000; piece *= 7) {
		json_t *json;

		fixture_register(&f, piece == 1 ? "a" : "x", "</3/0>");
		assert_int_equal(ctl_clients_list(&req, &resp), 0);
		json = streamed(piece);
		assert_int_equal(json_array_size(json), ctl_registry_count(f.ctl.registry));
		assert_string_equal(
			json_string_value(json_object_get(json_array_get(json, 0), "endpoint")),
			"a");
		json_decref(json);
		if (piece > 1)
			ctl_registry_remove(f.ctl.registry,
					    ctl_registry_by_endpoint(f.ctl.registry, "x", 1));
	}
}

static void clients_may_go_while_they_are_listed(void **state)
{
	char byte;
	json_t *json;

	fixture_register(&f, "a", "</3/0>");
	fixture_register(&f, "b", "</3/0>");
	fixture_register(&f, "c", "</3/0>");
	assert_int_equal(ctl_clients_list(&req, &resp), 0);
	assert_int_equal(resp.stream->read(resp.stream, &byte, 1), 1);
	assert_int_equal(byte, '[');
	ctl_registry_remove(f.ctl.registry, ctl_registry_by_endpoint(f.ctl.registry, "a", 1));
	ctl_registry_remove(f.ctl.registry, ctl_registry_by_endpoint(f.ctl.registry, "b", 1));
	ctl_resp_clear(&resp);
	assert_int_equal(ctl_clients_list(&req, &resp), 0);
	json = streamed(100);
	assert_int_equal(json_array_size(json), 1);
	json_decref(json);
}

static void a_limit_ends_the_list(void **state)
{
	json_t *json;

	fixture_register(&f, "a", "</3/0>");
	fixture_register(&f, "b", "</3/0>");
	query("limit", "1");
	assert_int_equal(ctl_clients_list(&req, &resp), 0);
	json = streamed(100);
	assert_int_equal(json_array_size(json), 1);
	json_decref(json);
	query("limit", "0");
	assert_int_equal(ctl_clients_list(&req, &resp), 0);
	json = streamed(100);
	assert_int_equal(json_array_size(json), 0);
	json_decref(json);
}

static void a_bad_limit_is_refused(void **state)
{
	query("limit", "many");
	assert_int_equal(ctl_clients_list(&req, &resp), 0);
	assert_int_equal(resp.status, 400);
	assert_null(resp.stream);
}

// What the list says, as "a b c".
static const char *listed(void)
{
	static char names[256];
	json_t *json, *client;
	size_t i;

	names[0] = '\0';
	assert_int_equal(ctl_clients_list(&req, &resp), 0);
	assert_int_equal(resp.status, 200);
	json = streamed(100);
	json_array_foreach(json, i, client)
		sprintf(names + strlen(names), "%s%s", i > 0 ? " " : "",
			json_string_value(json_object_get(client, "endpoint")));
	json_decref(json);
	return names;
}

static void a_prefix_picks_endpoints(void **state)
{
	fixture_register(&f, "dev-1", "</3/0>");
	fixture_register(&f, "de", "</3/0>");
	fixture_register(&f, "dev-2", "</3/0>");
	fixture_register(&f, "meter", "</3/0>");
	query("prefix", "dev-");
	assert_string_equal(listed(), "dev-1 dev-2");
	query("prefix", "");
	assert_string_equal(listed(), "dev-1 de dev-2 meter");
	query("prefix", "x");
	assert_string_equal(listed(), "");
	query("prefix", "d");
	req.query[req.query_count++] = (struct ctl_query){{"limit", 5}, {"2", 1}};
	assert_string_equal(listed(), "dev-1 de"); // the limit counts what is shown
}

static void a_list_goes_on_after_a_registration(void **state)
{
	char id[10];

	fixture_register(&f, "a", "</3/0>");
	ctl_location_text(fixture_register(&f, "b", "</3/0>")->record->location, id);
	fixture_register(&f, "c", "</3/0>");
	query("after", id);
	assert_string_equal(listed(), "c");
	ctl_registry_remove(f.ctl.registry, ctl_registry_by_endpoint(f.ctl.registry, "b", 1));
	assert_int_equal(ctl_clients_list(&req, &resp), 0);
	assert_int_equal(resp.status, 400);
}

static void a_long_search_lets_others_have_their_turn(void **state)
{
	char name[16], text[64];
	unsigned reads = 0;
	ssize_t got;
	size_t n = 0;

	for (unsigned i = 0; i < 10000; i++) {
		snprintf(name, sizeof(name), "dev-%u", i);
		fixture_register(&f, name, "</3/0>");
	}
	query("prefix", "x");
	assert_int_equal(ctl_clients_list(&req, &resp), 0);
	for (; (got = resp.stream->read(resp.stream, text + n, 1)) > 0; n += (size_t)got)
		reads++;
	assert_int_equal(got, -1);
	assert_memory_equal(text, "\n\n[]", 4);
	assert_int_equal(reads, 4);
}

static void bad_places_and_prefixes_are_refused(void **state)
{
	static const char *const after[] = {"", "AAAAAAAAA", "short", "not a location"};
	char name[LWM2M_ENDPOINT_MAX + 2];

	for (size_t i = 0; i < sizeof(after) / sizeof(after[0]); i++) {
		query("after", after[i]);
		assert_int_equal(ctl_clients_list(&req, &resp), 0);
		assert_int_equal(resp.status, 400);
		ctl_resp_clear(&resp);
	}
	memset(name, 'x', sizeof(name) - 1);
	name[sizeof(name) - 1] = '\0';
	query("prefix", name);
	assert_int_equal(ctl_clients_list(&req, &resp), 0);
	assert_int_equal(resp.status, 400);
	ctl_resp_clear(&resp);
	req.query[0] = (struct ctl_query){{"prefix", 6}, {NULL, 0}};
	assert_int_equal(ctl_clients_list(&req, &resp), 0);
	assert_int_equal(resp.status, 400);
	assert_string_equal(resp.body, "Invalid prefix ''");
}

static void a_sleeping_client_is_shown_as_such(void **state)
{
	struct ctl_reg *reg = fixture_register(&f, "a", "</3/0>");

	reg->record->queue_mode = 1;
	req.args[0] = (struct ctl_text){"a", 1};
	req.args_count = 1;
	assert_int_equal(ctl_clients_get(&req, &resp), 0);
	assert_non_null(strstr(resp.body, "\"sleeping\":false"));
	ctl_resp_clear(&resp);
	f.asleep = true;
	assert_int_equal(ctl_clients_get(&req, &resp), 0);
	assert_non_null(strstr(resp.body, "\"sleeping\":true"));
}

static void one_client_is_shown(void **state)
{
	struct ctl_reg *reg = fixture_register(&f, "a", "</3/0>");
	json_t *json = ctl_registration_json(reg->record, reg->seen_ms, false);
	char *expected = json_dumps(json, JSON_COMPACT);

	req.args[0] = (struct ctl_text){"a", 1};
	req.args_count = 1;
	assert_int_equal(ctl_clients_get(&req, &resp), 0);
	assert_int_equal(resp.status, 200);
	assert_string_equal(resp.body, expected);
	free(expected);
	json_decref(json);
}

static void an_unknown_client_is_told_in_leshans_words(void **state)
{
	req.args[0] = (struct ctl_text){"nobody", 6};
	assert_int_equal(ctl_clients_get(&req, &resp), 0);
	assert_int_equal(resp.status, 400);
	assert_string_equal(resp.content_type, "text/plain;charset=utf-8");
	assert_string_equal(resp.body, "No registered client with id 'nobody'");
}

static bool is_name(const char *p, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (!isalnum((unsigned char)p[i]) && p[i] != '_')
			return false;
	return len > 0;
}

// Every line is HELP, TYPE or a sample of the metric that the last TYPE named.
// Of a histogram the lines' names have one more word.
static size_t suffix_len(const char *rest)
{
	static const char *const suffixes[] = {"_bucket{", "_sum ", "_count "};

	for (size_t i = 0; i < 3; i++)
		if (strncmp(rest, suffixes[i], strlen(suffixes[i])) == 0)
			return strlen(suffixes[i]) - 1;
	return 0;
}

static void assert_parses(char *text)
{
	char metric[128] = "";
	bool is_histogram = false;

	assert_int_equal(text[strlen(text) - 1], '\n');
	for (char *line = strtok(text, "\n"); line; line = strtok(NULL, "\n")) {
		size_t len;
		char *end;

		if (strncmp(line, "# HELP ", 7) == 0) {
			assert_true(is_name(line + 7, strcspn(line + 7, " ")));
			continue;
		}
		if (strncmp(line, "# TYPE ", 7) == 0) {
			len = strcspn(line + 7, " ");
			assert_true(is_name(line + 7, len));
			snprintf(metric, sizeof(metric), "%.*s", (int)len, line + 7);
			is_histogram = strcmp(line + 8 + len, "histogram") == 0;
			assert_true(is_histogram || strcmp(line + 8 + len, "counter") == 0 ||
				    strcmp(line + 8 + len, "gauge") == 0);
			continue;
		}
		len = strcspn(line, "{ ");
		assert_int_equal(len,
				 strlen(metric) +
					 (is_histogram ? suffix_len(line + strlen(metric)) : 0));
		assert_memory_equal(line, metric, strlen(metric));
		if (line[len] == '{')
			len = (size_t)(strchr(line, '}') + 1 - line);
		assert_int_equal(line[len], ' ');
		strtod(line + len + 1, &end);
		assert_int_equal(*end, '\0');
	}
}

static void every_counter_is_among_the_metrics(void **state)
{
	f.attached = true;
	f.state = CTL_LINK_READY;
	f.stats[1].counters.rx_datagrams = 7;
	f.stats[0].counters.drop_vlan = 3;
	ctl_counters.commits = 5;
	assert_int_equal(ctl_metrics_get(&req, &resp), 0);
	assert_string_equal(resp.content_type, "text/plain; version=0.0.4; charset=utf-8");
#define X(name, help) assert_non_null(strstr(resp.body, "\nsluice_control_" #name "_total "));
	CTL_COUNTERS(X)
#undef X
#define X(name, help) \
	assert_non_null(strstr(resp.body, "\nsluice_dataplane_" #name "_total{worker=\"1\"} "));
	DP_COUNTERS(X)
#undef X
#define X(name, help)           \
	assert_non_null(strstr( \
		resp.body, "\nsluice_dataplane_drops_total{worker=\"0\",reason=\"" #name "\"} "));
	DP_DROPS(X)
#undef X
#define X(name, help) \
	assert_non_null(strstr(resp.body, "\nsluice_dataplane_" #name "{worker=\"0\"} "));
	DP_GAUGES(X)
#undef X
	assert_non_null(strstr(resp.body, "rx_datagrams_total{worker=\"1\"} 7\n"));
	assert_non_null(strstr(resp.body, "{worker=\"0\",reason=\"vlan\"} 3\n"));
	assert_non_null(strstr(resp.body, "sluice_control_commits_total 5\n"));
	assert_non_null(strstr(resp.body, "\nsluice_dataplane_ready 1\n"));
	assert_non_null(strstr(resp.body, "\nsluice_build_info{version=\""));
	assert_parses(resp.body);
}

static void histograms_count_up_from_bound_to_bound(void **state)
{
	ctl_histograms = (struct ctl_histograms){.commit_events.bounds = {1, 4}};
	ctl_histogram_add(&ctl_histograms.commit_events, 1, 2);
	ctl_histogram_add(&ctl_histograms.commit_events, 3, 1);
	ctl_histogram_add(&ctl_histograms.commit_events, 9, 1);
	assert_int_equal(ctl_metrics_get(&req, &resp), 0);
	assert_non_null(strstr(resp.body, "\nsluice_control_commit_events_bucket{le=\"1\"} 2\n"
					  "sluice_control_commit_events_bucket{le=\"4\"} 3\n"
					  "sluice_control_commit_events_bucket{le=\"+Inf\"} 4\n"
					  "sluice_control_commit_events_sum 14\n"
					  "sluice_control_commit_events_count 4\n"));
	assert_parses(resp.body);
}

static void metrics_need_no_dataplane(void **state)
{
	assert_int_equal(ctl_metrics_get(&req, &resp), 0);
	assert_null(strstr(resp.body, "rx_datagrams"));
	assert_non_null(strstr(resp.body, "\nsluice_dataplane_attached 0\n"));
	assert_non_null(strstr(resp.body, "\nsluice_registrations 0\n"));
	assert_non_null(strstr(resp.body, "\nsluice_queued_operations 17\n"));
	assert_parses(resp.body);
}

static void the_lag_of_every_back_end_is_among_the_metrics(void **state)
{
	char plain[] = "events", odd[] = "a\"b";
	struct config_backend backends[] = {{.name = plain}, {.name = odd}};

	for (unsigned i = 0; i < 2; i++)
		f.backends[i] = (struct ctl_backend_status){.cfg = &backends[i],
							    .state = i == 0 ? "ok" : "paused",
							    .lag_events = 10 + 10 * i,
							    .lag_ms = 1500,
							    .dropped = 3};
	f.backends_count = 2;
	f.outbox.warning = "soon";
	assert_int_equal(ctl_metrics_get(&req, &resp), 0);
	assert_non_null(strstr(resp.body, "\nsluice_backend_lag{backend=\"events\"} 10\n"));
	assert_non_null(strstr(resp.body, "\nsluice_backend_lag{backend=\"a\\\"b\"} 20\n"));
	assert_non_null(
		strstr(resp.body, "\nsluice_backend_lag_seconds{backend=\"events\"} 1.500\n"));
	assert_non_null(strstr(resp.body, "\nsluice_backend_up{backend=\"events\"} 1\n"));
	assert_non_null(strstr(resp.body, "\nsluice_backend_paused{backend=\"a\\\"b\"} 1\n"));
	assert_non_null(
		strstr(resp.body, "\nsluice_backend_dropped_total{backend=\"events\"} 3\n"));
	assert_non_null(strstr(resp.body, "\nsluice_outbox_warning 1\n"));
	assert_parses(resp.body);
}

static void healthy_is_ok(void **state)
{
	assert_int_equal(ctl_health_get(&req, &resp), 0);
	assert_int_equal(resp.status, 200);
	assert_string_equal(resp.body, "ok");
}

static void readiness_names_what_is_missing(void **state)
{
	assert_int_equal(ctl_ready_get(&req, &resp), 0);
	assert_int_equal(resp.status, 503);
	assert_string_equal(resp.body, "dataplane detached\n");
	ctl_resp_clear(&resp);
	f.state = CTL_LINK_RESTORING;
	assert_int_equal(ctl_ready_get(&req, &resp), 0);
	assert_int_equal(resp.status, 503);
	assert_non_null(strstr(resp.body, "restoring"));
	ctl_resp_clear(&resp);
	f.state = CTL_LINK_READY;
	assert_int_equal(ctl_ready_get(&req, &resp), 0);
	assert_int_equal(resp.status, 200);
}

static void readiness_and_metrics_tell_what_holds_promises_back(void **state)
{
	f.state = CTL_LINK_READY;
	ctl_hold_set(&f.ctl.holds, CTL_HOLD_STORE, "No space left on device");
	ctl_hold_set(&f.ctl.holds, CTL_HOLD_STOPPING, "in a minute");
	assert_int_equal(ctl_ready_get(&req, &resp), 0);
	assert_int_equal(resp.status, 503);
	assert_string_equal(resp.body, "store: No space left on device\nstopping: in a minute\n");
	ctl_resp_clear(&resp);
	ctl_hold_clear(&f.ctl.holds, CTL_HOLD_STOPPING);
	assert_int_equal(ctl_metrics_get(&req, &resp), 0);
	assert_non_null(strstr(resp.body, "\nsluice_held{reason=\"store\"} 1\n"));
	assert_non_null(strstr(resp.body, "\nsluice_held{reason=\"stopping\"} 0\n"));
	assert_parses(resp.body);
}

static void the_dataplane_is_shown_worker_by_worker(void **state)
{
	json_t *json, *worker;

	f.attached = true;
	f.state = CTL_LINK_READY;
	f.stats[1].gauges.sessions = 12;
	f.stats[1].counters.drop_tx_full = 2;
	assert_int_equal(ctl_dataplane_get(&req, &resp), 0);
	json = json_loads(resp.body, 0, NULL);
	assert_string_equal(json_string_value(json_object_get(json, "state")), "ready");
	worker = json_array_get(json_object_get(json, "workers"), 1);
	assert_int_equal(
		json_integer_value(json_object_get(json_object_get(worker, "gauges"), "sessions")),
		12);
	assert_int_equal(
		json_integer_value(json_object_get(json_object_get(worker, "drops"), "tx_full")),
		2);
	json_decref(json);
}

static void a_detached_dataplane_has_limits_but_no_workers(void **state)
{
	struct config cfg = {
		.dataplane.max_devices = 1000,
		.lwm2m = {.awake_s = 93, .queue_ttl_s = 60, .queue_max = 3, .body_max = 4096},
	};
	const struct config *before = f.ctl.cfg;

	f.ctl.cfg = &cfg;
	assert_int_equal(ctl_dataplane_get(&req, &resp), 0);
	f.ctl.cfg = before;
	assert_string_equal(resp.body, "{\"state\":\"detached\",\"limits\":{\"maxDevices\":1000,"
				       "\"bodyMax\":4096,\"queueMax\":3,\"queueTtlSeconds\":60,"
				       "\"awakeSeconds\":93},\"workers\":[]}");
}

static void models_of_a_device_look_as_leshan_shows_them(void **state)
{
	json_t *json, *device, *battery;
	char *text;

	f.ctl.models = ctl_models_new(NULL, NULL, NULL);
	fixture_register(&f, "a", "</3303/0>,</3303>;ver=1.1,</77/0>,</3/0>");
	req.args[0] = (struct ctl_text){"a", 1};
	assert_int_equal(ctl_objectspecs_get(&req, &resp), 0);
	assert_int_equal(resp.status, 200);
	json = json_loads(resp.body, 0, NULL);
	assert_int_equal(json_array_size(json), 2);
	device = json_array_get(json, 0);
	battery = json_array_get(json_object_get(device, "resourcedefs"), 9);
	text = json_dumps(battery, JSON_COMPACT);
	assert_string_equal(text, "{\"id\":9,\"name\":\"Battery Level\",\"operations\":\"R\","
				  "\"instancetype\":\"single\",\"mandatory\":false,"
				  "\"type\":\"integer\",\"range\":\"0..100\","
				  "\"units\":\"/100\",\"description\":\"\"}");
	free(text);
	json_object_del(device, "resourcedefs");
	text = json_dumps(device, JSON_COMPACT);
	assert_string_equal(text, "{\"id\":3,\"name\":\"Device\",\"instancetype\":\"single\","
				  "\"mandatory\":true,\"urn\":\"urn:oma:lwm2m:oma:3:1.1\","
				  "\"version\":\"1.1\",\"lwm2mversion\":\"1.1\","
				  "\"description\":\"\",\"description2\":\"\"}");
	free(text);
	json_decref(json);
}

static void an_unknown_client_has_no_models(void **state)
{
	req.args[0] = (struct ctl_text){"nobody", 6};
	assert_int_equal(ctl_objectspecs_get(&req, &resp), 0);
	assert_int_equal(resp.status, 400);
	assert_string_equal(resp.body, "no registered client with id 'nobody'");
}

#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(no_clients_are_an_empty_array),
		T(clients_are_listed_in_order_whatever_the_block_size),
		T(clients_may_go_while_they_are_listed),
		T(a_limit_ends_the_list),
		T(a_bad_limit_is_refused),
		T(a_prefix_picks_endpoints),
		T(a_list_goes_on_after_a_registration),
		T(a_long_search_lets_others_have_their_turn),
		T(bad_places_and_prefixes_are_refused),
		T(a_sleeping_client_is_shown_as_such),
		T(one_client_is_shown),
		T(an_unknown_client_is_told_in_leshans_words),
		T(every_counter_is_among_the_metrics),
		T(histograms_count_up_from_bound_to_bound),
		T(metrics_need_no_dataplane),
		T(the_lag_of_every_back_end_is_among_the_metrics),
		T(healthy_is_ok),
		T(readiness_names_what_is_missing),
		T(readiness_and_metrics_tell_what_holds_promises_back),
		T(the_dataplane_is_shown_worker_by_worker),
		T(a_detached_dataplane_has_limits_but_no_workers),
		T(models_of_a_device_look_as_leshan_shows_them),
		T(an_unknown_client_has_no_models),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
