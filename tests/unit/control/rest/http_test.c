// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// The whole HTTP side over loopback: libmicrohttpd on the loop, libcurl in a thread of libuv's
// pool, and plain sockets where a client must misbehave.
#include <arpa/inet.h>
#include <curl/curl.h>
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "control/metrics.h"
#include "control/rest/rest.h"
#include "control/rest/server.h"
#include "control/store/env.h"
#include "tests/unit/control/rest/fixture.h"

#define PUMPS_MAX 60000 // of 1 ms; a test that needs more has failed

static struct fixture f;
static uv_loop_t loop;
static struct ctl_rest *rest;
static char listen_text[64];
static uint16_t port;
static char state_dir[64];

static int setup(void **state)
{
	char why[160] = "";

	fixture_init(&f);
	uv_loop_init(&loop);
	f.ctl.loop = &loop;
	snprintf(state_dir, sizeof(state_dir), "%s/sluice-http-XXXXXX", getenv("TMPDIR") ?: "/tmp");
	assert_non_null(mkdtemp(state_dir));
	f.ctl.store = ctl_store_open(state_dir, (size_t)64 << 20, true, why);
	if (f.ctl.store == NULL || ctl_store_start(f.ctl.store, &loop, &f.ctl.holds) != 0)
		fail_msg("%s", why);
	snprintf(listen_text, sizeof(listen_text), "127.0.0.1:%u", 0u);
	f.cfg.control.listen = listen_text;
	ctl_counters = (struct ctl_counters){0};
	if (ctl_rest_start(&f.ctl, &rest, why) != 0)
		fail_msg("%s", why);
	assert_ptr_equal(f.ctl.rest, rest);
	port = ctl_rest_port(rest);
	return 0;
}

static void state_dir_remove(void)
{
	static const char *const files[] = {"store/data.mdb", "store/lock.mdb", "store",
					    "control.lock", ""};
	char path[128];

	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		snprintf(path, sizeof(path), "%s/%s", state_dir, files[i]);
		assert_int_equal(remove(path), 0);
	}
}

static int teardown(void **state)
{
	ctl_store_finish(f.ctl.store);
	ctl_rest_stop(rest);
	assert_null(f.ctl.rest);
	uv_run(&loop, UV_RUN_DEFAULT);
	assert_int_equal(uv_loop_close(&loop), 0);
	ctl_store_close(f.ctl.store);
	state_dir_remove();
	fixture_fini(&f);
	return 0;
}

static void pump(void)
{
	struct pollfd fd = {.fd = uv_backend_fd(&loop), .events = POLLIN};

	poll(&fd, 1, 1);
	uv_run(&loop, UV_RUN_NOWAIT);
}

// libcurl's side of one exchange.
struct exchange {
	uv_work_t work;
	char url[256];
	const char *method;
	size_t upload; // bytes of body
	bool chunked;
	CURLcode result;
	long status;
	char type[128];
	char allow[64];
	char body[65536];
	size_t body_len;
	bool done;
};

static size_t take_body(char *data, size_t size, size_t n, void *arg)
{
	struct exchange *x = arg;

	if (x->body_len + n >= sizeof(x->body))
		return 0;
	memcpy(x->body + x->body_len, data, n);
	x->body_len += n;
	return n;
}

static size_t take_header(char *data, size_t size, size_t n, void *arg)
{
	struct exchange *x = arg;

	if (n > 7 && strncasecmp(data, "Allow: ", 7) == 0)
		snprintf(x->allow, sizeof(x->allow), "%.*s", (int)n - 9, data + 7);
	return n;
}

static size_t give_body(char *data, size_t size, size_t n, void *arg)
{
	struct exchange *x = arg;

	if (n * size > x->upload)
		n = x->upload / size;
	memset(data, 'x', n * size);
	x->upload -= n * size;
	return n;
}

static void perform(uv_work_t *work)
{
	struct exchange *x = work->data;
	CURL *curl = curl_easy_init();
	const char *type = NULL;

	curl_easy_setopt(curl, CURLOPT_URL, x->url);
	curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, take_body);
	curl_easy_setopt(curl, CURLOPT_WRITEDATA, x);
	curl_easy_setopt(curl, CURLOPT_HEADERFUNCTION, take_header);
	curl_easy_setopt(curl, CURLOPT_HEADERDATA, x);
	curl_easy_setopt(curl, CURLOPT_PATH_AS_IS, 1L);
	curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(curl, CURLOPT_TIMEOUT, 20L);
	if (strcmp(x->method, "HEAD") == 0)
		curl_easy_setopt(curl, CURLOPT_NOBODY, 1L);
	if (x->upload > 0) {
		curl_easy_setopt(curl, CURLOPT_UPLOAD, 1L);
		curl_easy_setopt(curl, CURLOPT_READFUNCTION, give_body);
		curl_easy_setopt(curl, CURLOPT_READDATA, x);
		if (!x->chunked)
			curl_easy_setopt(curl, CURLOPT_INFILESIZE_LARGE, (curl_off_t)x->upload);
	}
	curl_easy_setopt(curl, CURLOPT_CUSTOMREQUEST, x->method);
	x->result = curl_easy_perform(curl);
	curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &x->status);
	curl_easy_getinfo(curl, CURLINFO_CONTENT_TYPE, &type);
	snprintf(x->type, sizeof(x->type), "%s", type ? type : "");
	curl_easy_cleanup(curl);
}

static void performed(uv_work_t *work, int status)
{
	((struct exchange *)work->data)->done = true;
}

static void start(struct exchange *x, const char *method, const char *path)
{
	x->method = method;
	x->work.data = x;
	snprintf(x->url, sizeof(x->url), "http://127.0.0.1:%u%s", port, path);
	assert_int_equal(uv_queue_work(&loop, &x->work, perform, performed), 0);
}

static void finish(struct exchange *x)
{
	for (int i = 0; i < PUMPS_MAX && !x->done; i++)
		pump();
	assert_true(x->done);
	assert_int_equal(x->result, CURLE_OK);
	x->body[x->body_len] = '\0';
}

static struct exchange *request(const char *method, const char *path, size_t upload, bool chunked)
{
	static struct exchange x;

	x = (struct exchange){.upload = upload, .chunked = chunked};
	start(&x, method, path);
	finish(&x);
	return &x;
}

static void clients_are_served(void **state)
{
	struct exchange *x = request("GET", "/api/clients", 0, false);

	assert_int_equal(x->status, 200);
	assert_string_equal(x->type, "application/json");
	assert_string_equal(x->body, "[]");
	fixture_register(&f, "a/b", "</3/0>");
	x = request("GET", "/api/clients/a%2Fb", 0, false);
	assert_int_equal(x->status, 200);
	assert_non_null(strstr(x->body, "\"endpoint\":\"a/b\""));
	assert_int_equal(ctl_counters.rest_requests, 2);
	assert_int_equal(ctl_counters.rest_errors, 0);
}

static void a_long_list_is_streamed_whole(void **state)
{
	struct exchange *x;
	json_t *json;

	for (int i = 0; i < 100; i++) {
		char name[16];

		snprintf(name, sizeof(name), "dev-%d", i);
		fixture_register(&f, name, "</1/0>,</3/0>");
	}
	x = request("GET", "/api/clients", 0, false);
	json = json_loadb(x->body, x->body_len, 0, NULL);
	assert_int_equal(json_array_size(json), 100);
	json_decref(json);
}

static void head_has_headers_and_no_body(void **state)
{
	struct exchange *x = request("HEAD", "/healthz", 0, false);

	assert_int_equal(x->status, 200);
	assert_int_equal(x->body_len, 0);
	assert_string_equal(x->type, "text/plain;charset=utf-8");
}

static void an_unknown_path_is_404(void **state)
{
	assert_int_equal(request("GET", "/api/nothing", 0, false)->status, 404);
	assert_int_equal(ctl_counters.rest_errors, 1);
}

static void a_wrong_method_is_405_and_says_which_are_right(void **state)
{
	struct exchange *x = request("DELETE", "/api/clients", 0, false);

	assert_int_equal(x->status, 405);
	assert_string_equal(x->allow, "GET, HEAD");
}

static void a_malformed_query_is_400(void **state)
{
	assert_int_equal(request("GET", "/api/clients?limit=%zz", 0, false)->status, 400);
}

static void a_body_over_the_limit_is_413(void **state)
{
	assert_int_equal(request("PUT", "/api/clients", (1u << 20) + 1, false)->status, 413);
	assert_int_equal(request("PUT", "/api/clients", 3u << 20, true)->status, 413);
}

static void an_import_is_taken_while_it_comes_however_much_it_is(void **state)
{
	for (int chunked = 0; chunked < 2; chunked++) {
		struct exchange *x =
			request("POST", "/api/security/clients/import", 3u << 20, chunked != 0);

		assert_int_equal(x->status, 200);
		assert_non_null(strstr(x->body, "\"failed\":1,"));
	}
	assert_int_equal(request("PUT", "/api/security/clients/import", 3u << 20, true)->status,
			 413);
}

// Until the handler has been called, and its answer is not yet given.
static void pump_until_held(void)
{
	for (int i = 0; i < PUMPS_MAX; i++) {
		if (rest->conns && rest->conns->called && !rest->conns->queued)
			return;
		pump();
	}
	fail_msg("the request did not come");
}

static void a_change_is_answered_when_it_is_on_disk(void **state)
{
	static struct exchange x;
	MDB_txn *txn;

	x = (struct exchange){0};
	memcpy(store_put(f.ctl.store, STORE_QUEUE, 1, 1), "x", 1); // what the handler would
	assert_int_equal(mdb_txn_begin(f.ctl.store->env, NULL, 0, &txn), 0);
	start(&x, "DELETE", "/api/backends/spare");
	pump_until_held();
	for (int i = 0; i < 100; i++)
		pump();
	assert_false(x.done);
	mdb_txn_abort(txn); // the store's thread may write
	finish(&x);
	assert_int_equal(x.status, 204);
	x = (struct exchange){0};
	start(&x, "GET", "/api/backends");
	finish(&x);
	assert_int_equal(x.status, 200);
}

static void a_change_that_is_not_on_disk_when_control_stops_is_not_answered_as_done(void **state)
{
	static struct exchange x;
	MDB_txn *txn;

	x = (struct exchange){0};
	memcpy(store_put(f.ctl.store, STORE_QUEUE, 1, 1), "x", 1);
	assert_int_equal(mdb_txn_begin(f.ctl.store->env, NULL, 0, &txn), 0);
	start(&x, "DELETE", "/api/backends/spare");
	pump_until_held();
	server_release_all(rest);
	finish(&x);
	assert_int_equal(x.status, 503);
	mdb_txn_abort(txn);
}

static void a_body_within_the_limit_is_taken(void **state)
{
	assert_int_equal(request("PUT", "/api/clients", 1u << 20, false)->status, 405);
	assert_int_equal(request("PUT", "/api/clients", 1u << 20, true)->status, 405);
}

static void a_read_waits_for_the_device(void **state)
{
	static struct exchange x;

	x = (struct exchange){0};
	fixture_register(&f, "dev", "</3/0>");
	start(&x, "GET", "/api/clients/dev/3/0/0?timeout=3");
	for (int i = 0; i < PUMPS_MAX && !f.cb; i++)
		pump();
	assert_non_null(f.cb);
	assert_int_equal(f.timeout_ms, 3000);
	fixture_answer(&f, "60450001ff68656c6c6f");
	finish(&x);
	assert_int_equal(x.status, 200);
	assert_non_null(strstr(x.body, "\"value\":\"hello\""));
}

// A client of our own: sends, then takes what comes.
static int client_open(const char *bytes)
{
	struct sockaddr_in addr = {.sin_family = AF_INET,
				   .sin_port = htons(port),
				   .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	assert_true(fd >= 0);
	assert_int_equal(connect(fd, (struct sockaddr *)&addr, sizeof(addr)), 0);
	assert_int_equal(send(fd, bytes, strlen(bytes), MSG_NOSIGNAL), strlen(bytes));
	return fd;
}

// Reads until the text has come; false at the end of the connection.
static bool client_expect(int fd, const char *text)
{
	static char buf[65536];
	size_t n = 0;

	for (int i = 0; i < PUMPS_MAX; i++) {
		ssize_t got = recv(fd, buf + n, sizeof(buf) - 1 - n, MSG_DONTWAIT);

		if (got == 0)
			return false;
		if (got > 0)
			n += (size_t)got;
		buf[n] = '\0';
		if (strstr(buf, text))
			return true;
		pump();
	}
	fail_msg("\"%s\" did not come, only \"%s\"", text, buf);
	return false;
}

#define GET(path) "GET " path " HTTP/1.1\r\nHost: x\r\n\r\n"

static void a_client_that_leaves_during_a_read_cancels_it(void **state)
{
	int fd;

	fixture_register(&f, "dev", "</3/0>");
	fd = client_open(GET("/api/clients/dev/3/0"));
	for (int i = 0; i < PUMPS_MAX && !f.cb; i++)
		pump();
	assert_non_null(f.cb);
	close(fd);
	for (int i = 0; i < PUMPS_MAX && (f.cancelled == 0 || rest->conns); i++)
		pump();
	assert_int_equal(f.cancelled, 1);
	assert_null(rest->conns);
}

static void requests_on_one_connection_are_answered_in_order(void **state)
{
	int fd = client_open(GET("/healthz") GET("/readyz"));

	assert_true(client_expect(fd, "dataplane detached"));
	close(fd);
}

static void publish(const struct ctl_reg *reg)
{
	ctl_hub_publish(f.ctl.hub, &(struct ctl_event){.type = CTL_REGISTERED, .reg = reg});
}

static void events_reach_their_readers(void **state)
{
	struct ctl_reg *reg = fixture_register(&f, "dev", "</3/0>");
	int all = client_open(GET("/api/event"));
	int one = client_open(GET("/api/event?ep=dev"));
	int other = client_open(GET("/api/event?ep=other"));

	assert_true(client_expect(all, "\r\n\r\n3\r\n:\n\n"));
	assert_true(client_expect(one, ":\n\n"));
	assert_true(client_expect(other, ":\n\n"));
	publish(reg);
	assert_true(client_expect(all, "event: REGISTRATION\ndata: {\"endpoint\":\"dev\""));
	assert_true(client_expect(one, "event: REGISTRATION\n"));
	publish(reg);
	assert_true(client_expect(one, "event: REGISTRATION\n"));
	assert_int_equal(ctl_counters.stream_events, 4);
	close(all);
	close(one);
	close(other);
	for (int i = 0; i < PUMPS_MAX && rest->conns; i++)
		pump();
	assert_null(rest->conns);
}

static void an_idle_stream_costs_nothing(void **state)
{
	int fd = client_open(GET("/api/event"));

	assert_true(client_expect(fd, ":\n\n"));
	for (int i = 0; i < 50; i++)
		pump();
	// The loop would sleep until a timer that is far away.
	uv_update_time(&loop);
	assert_in_range(uv_backend_timeout(&loop), 1000, 1000000);
	close(fd);
}

static void a_reader_that_does_not_read_is_cut_off(void **state)
{
	struct ctl_reg *reg = fixture_register(&f, "dev", "</3/0>");
	int fd = client_open(GET("/api/event"));

	for (int i = 0; i < PUMPS_MAX && !rest->conns; i++)
		pump();
	for (int i = 0; i < 200000 && ctl_counters.stream_cut == 0; i++) {
		publish(reg);
		if (i % 100 == 0)
			uv_run(&loop, UV_RUN_NOWAIT);
	}
	assert_int_equal(ctl_counters.stream_cut, 1);
	for (int i = 0; i < PUMPS_MAX && rest->conns; i++)
		pump();
	assert_null(rest->conns);
	close(fd);
}

static void stopping_ends_what_waits(void **state)
{
	int read, event;

	fixture_register(&f, "dev", "</3/0>");
	read = client_open(GET("/api/clients/dev/3/0"));
	event = client_open(GET("/api/event"));
	assert_true(client_expect(event, ":\n\n"));
	for (int i = 0; i < PUMPS_MAX && !f.cb; i++)
		pump();
	teardown(state);
	assert_int_equal(f.cancelled, 1);
	close(read);
	close(event);
	setup(state);
}

static void an_address_in_use_is_named(void **state)
{
	char text[64], why[160];
	struct ctl_rest *second;
	struct ctl other = f.ctl;
	struct config cfg = f.cfg;

	snprintf(text, sizeof(text), "127.0.0.1:%u", port);
	cfg.control.listen = text;
	other.cfg = &cfg;
	assert_int_equal(ctl_rest_start(&other, &second, why), -EADDRINUSE);
	assert_non_null(strstr(why, text));
	assert_non_null(strstr(why, "in use"));
}

#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(clients_are_served),
		T(a_long_list_is_streamed_whole),
		T(head_has_headers_and_no_body),
		T(an_unknown_path_is_404),
		T(a_wrong_method_is_405_and_says_which_are_right),
		T(a_malformed_query_is_400),
		T(a_body_over_the_limit_is_413),
		T(an_import_is_taken_while_it_comes_however_much_it_is),
		T(a_change_is_answered_when_it_is_on_disk),
		T(a_change_that_is_not_on_disk_when_control_stops_is_not_answered_as_done),
		T(a_body_within_the_limit_is_taken),
		T(a_read_waits_for_the_device),
		T(a_client_that_leaves_during_a_read_cancels_it),
		T(requests_on_one_connection_are_answered_in_order),
		T(events_reach_their_readers),
		T(an_idle_stream_costs_nothing),
		T(a_reader_that_does_not_read_is_cut_off),
		T(stopping_ends_what_waits),
		T(an_address_in_use_is_named),
	};

	curl_global_init(CURL_GLOBAL_DEFAULT);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
