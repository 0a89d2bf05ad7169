// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
#include "tests/unit/control/rest/fixture.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "control/queue/queue.h"
#include "tests/unit/control/rest/captures.h"

static struct fixture *fixture;

void fixture_init(struct fixture *f)
{
	*f = (struct fixture){0};
	f->ctl.cfg = &f->cfg;
	f->ctl.backends = (struct ctl_backends *)f;
	f->ctl.registry = ctl_registry_new();
	f->ctl.hub = ctl_hub_new();
	f->cfg.lwm2m.body_max = 32768;
	f->cfg.dataplane.ports = f->ports;
	f->segment.header = &f->header;
	f->segment.workers = 2;
	f->segment.channels[0].stats = &f->stats[0];
	f->segment.channels[1].stats = &f->stats[1];
	assert_non_null(f->ctl.registry);
	assert_non_null(f->ctl.hub);
	fixture = f;
}

void fixture_fini(struct fixture *f)
{
	struct ctl_reg *reg;

	while ((reg = ctl_registry_next(f->ctl.registry, NULL)) != NULL)
		ctl_registry_remove(f->ctl.registry, reg);
	ctl_registry_free(f->ctl.registry);
	ctl_hub_free(f->ctl.hub);
	fixture = NULL;
}

size_t fixture_hex(const char *hex, uint8_t *bytes, size_t cap)
{
	size_t n = strlen(hex) / 2;

	assert_true(n <= cap);
	for (size_t i = 0; i < n; i++) {
		const char pair[3] = {hex[2 * i], hex[2 * i + 1], '\0'};

		bytes[i] = (uint8_t)strtoul(pair, NULL, 16);
	}
	return n;
}

static struct bridge_uplink *registration(const void *coap, size_t len, uint64_t location,
					  uint64_t wall_ms, const uint8_t v4[4], uint16_t udp_port)
{
	struct bridge_uplink *ev = calloc(1, sizeof(*ev) + len);

	assert_non_null(ev);
	ev->record.len = (uint32_t)(sizeof(*ev) + len);
	ev->record.type = BRIDGE_EV_REGISTER;
	ev->record.seq = 1;
	ev->location = location;
	ev->wall_ms = wall_ms;
	ev->peer.addr[10] = ev->peer.addr[11] = 0xff;
	memcpy(ev->peer.addr + 12, v4, 4);
	ev->peer.udp_port_be16 = htons(udp_port);
	ev->coap_len = (uint32_t)len;
	memcpy(ev->coap, coap, len);
	return ev;
}

static struct ctl_record *record_of(struct bridge_uplink *ev)
{
	const char *why = NULL;
	uint8_t code = 0;
	struct ctl_record *record = ctl_record_from_register(ev, &code, &why);

	free(ev);
	assert_non_null(record);
	return record;
}

struct ctl_record *fixture_capture(const struct capture *capture)
{
	static const uint8_t loopback[4] = {127, 0, 0, 1};
	uint8_t coap[512];
	size_t len = fixture_hex(capture->register_hex, coap, sizeof(coap));

	return record_of(
		registration(coap, len, 1, capture->registered_ms, loopback, capture->udp_port));
}

struct ctl_record *fixture_record(const char *endpoint, const char *query, const char *links,
				  uint64_t location)
{
	static const uint8_t address[4] = {10, 0, 0, 1};
	uint8_t coap[4096];
	struct coap_writer w;
	char text[300];

	coap_write_begin(&w, coap, sizeof(coap), COAP_CON, COAP_POST, 1, NULL, 0);
	coap_write_opt_str(&w, COAP_OPT_URI_PATH, "rd");
	coap_write_opt_uint(&w, COAP_OPT_CONTENT_FORMAT, 40);
	snprintf(text, sizeof(text), "ep=%s", endpoint);
	coap_write_opt_str(&w, COAP_OPT_URI_QUERY, text);
	coap_write_opt_str(&w, COAP_OPT_URI_QUERY, "lt=60");
	if (!strstr(query, "lwm2m="))
		coap_write_opt_str(&w, COAP_OPT_URI_QUERY, "lwm2m=1.1");
	while (*query) {
		size_t len = strcspn(query, "&");

		coap_write_opt(&w, COAP_OPT_URI_QUERY, query, len);
		query += len + (query[len] == '&');
	}
	coap_write_payload(&w, links, strlen(links));
	assert_true(coap_write_finish(&w) > 0);
	return record_of(registration(coap, coap_write_finish(&w), location, 1000, address, 5683));
}

struct ctl_reg *fixture_register(struct fixture *f, const char *endpoint, const char *links)
{
	uint64_t key = ++f->last_key;
	struct ctl_reg *reg =
		ctl_registry_add(f->ctl.registry, key, fixture_record(endpoint, "", links, key));

	assert_non_null(reg);
	reg->seen_ms = 2000;
	return reg;
}

int ctl_link_watch(struct ctl_link *link, const char *endpoint, size_t len)
{
	fixture->watched++;
	return 0;
}

void ctl_link_unwatch(struct ctl_link *link, const char *endpoint, size_t len)
{
	fixture->watched--;
}

int ctl_link_credential_gone(struct ctl_link *link, uint64_t credential)
{
	return -ENOTCONN;
}

int ctl_link_credentials_reload(struct ctl_link *link)
{
	return -ENOTCONN;
}

enum ctl_link_state ctl_link_state(const struct ctl_link *link)
{
	return fixture->state;
}

const struct bridge_segment *ctl_link_segment(const struct ctl_link *link)
{
	return fixture->attached ? &fixture->segment : NULL;
}

bool ctl_queue_asleep(const struct ctl_queue *queue, const struct ctl_reg *reg)
{
	return fixture->asleep;
}

size_t ctl_queue_count(const struct ctl_queue *queue)
{
	return 17;
}

unsigned ctl_backends_count(const struct ctl_backends *backends)
{
	return fixture->backends_count;
}

void ctl_backends_status(const struct ctl_backends *backends, unsigned i,
			 struct ctl_backend_status *status)
{
	*status = fixture->backends[i];
}

bool ctl_backends_find(const struct ctl_backends *backends, const char *name, unsigned *i)
{
	for (*i = 0; *i < fixture->backends_count; (*i)++)
		if (strcmp(fixture->backends[*i].cfg->name, name) == 0)
			return true;
	return false;
}

void ctl_backends_outbox(const struct ctl_backends *backends, struct ctl_outbox_status *status)
{
	*status = fixture->outbox;
}

int ctl_backends_put(struct ctl_backends *backends, const char *name, const char *json, size_t len,
		     char **why, bool *created)
{
	unsigned i;

	snprintf(fixture->backend_json, sizeof(fixture->backend_json), "%.*s", (int)len, json);
	*why = fixture->backends_why != NULL ? strdup(fixture->backends_why) : NULL;
	*created = !ctl_backends_find(backends, name, &i);
	if (fixture->backends_rc == 0 && *created)
		fixture->backends_count++;
	return fixture->backends_rc;
}

int ctl_backends_delete(struct ctl_backends *backends, const char *name)
{
	return fixture->backends_rc;
}

struct ctl_backend_test *ctl_backends_test(struct ctl_backends *backends, unsigned i,
					   ctl_backend_tested_cb_t cb, void *arg)
{
	if (fixture->out_of_memory)
		return NULL;
	fixture->tested_cb = cb;
	fixture->tested_arg = arg;
	return (struct ctl_backend_test *)fixture;
}

void ctl_backend_test_cancel(struct ctl_backend_test *test)
{
	fixture->tested_cb = NULL;
	fixture->cancelled++;
}

static void take(uint64_t token, const void *coap, size_t coap_len, uint32_t timeout_ms)
{
	assert_null(fixture->cb);
	assert_true(coap_len <= sizeof(fixture->sent));
	memcpy(fixture->sent, coap, coap_len);
	fixture->sent_len = coap_len;
	fixture->token = token;
	fixture->timeout_ms = timeout_ms;
	fixture->requests++;
}

struct ctl_op *ctl_downlink_send(struct ctl_downlink *dl, struct ctl_reg *reg, uint64_t token,
				 const void *coap, size_t coap_len, uint32_t timeout_ms,
				 ctl_op_cb_t cb, void *arg)
{
	if (fixture->out_of_memory)
		return NULL;
	take(token, coap, coap_len, timeout_ms);
	fixture->cb = cb;
	fixture->arg = arg;
	return (struct ctl_op *)fixture;
}

int ctl_op_again(struct ctl_op *op, uint64_t token, const void *coap, size_t coap_len,
		 uint32_t timeout_ms)
{
	assert_non_null(fixture->ending);
	if (fixture->out_of_memory)
		return -ENOMEM;
	take(token, coap, coap_len, timeout_ms);
	fixture->cb = fixture->ending;
	return 0;
}

void ctl_op_cancel(struct ctl_op *op)
{
	assert_non_null(fixture->cb);
	fixture->cb = NULL;
	fixture->cancelled++;
}

static void end(struct fixture *f, const struct ctl_op_outcome *outcome)
{
	f->ending = f->cb;
	assert_non_null(f->ending);
	f->cb = NULL;
	f->ending((struct ctl_op *)f, outcome, f->arg);
	f->ending = NULL;
}

void fixture_end(struct fixture *f, enum ctl_op_result result)
{
	end(f, &(struct ctl_op_outcome){.result = result});
}

void fixture_answer_bytes(struct fixture *f, const void *response, size_t len)
{
	struct ctl_op_outcome outcome = {.result = CTL_OP_ANSWERED};
	uint8_t *coap = malloc(len); // from the heap, so that a late reader is caught

	assert_non_null(coap);
	memcpy(coap, response, len);
	assert_int_equal(coap_msg_parse(&outcome.response, coap, len), COAP_OK);
	end(f, &outcome);
	free(coap);
}

void fixture_answer(struct fixture *f, const char *response_hex)
{
	uint8_t coap[2048];

	fixture_answer_bytes(f, coap, fixture_hex(response_hex, coap, sizeof(coap)));
}

bool ctl_queue_must_wait(const struct ctl_queue *queue, const struct ctl_reg *reg)
{
	return fixture->asleep;
}

int ctl_queue_add(struct ctl_queue *queue, struct ctl_reg *reg, const struct ctl_operation *op,
		  uint64_t ttl_ms, ctl_queue_cb_t cb, void *arg)
{
	if (fixture->queue_full != 0)
		return fixture->queue_full;
	assert_null(fixture->queued_cb);
	assert_true(op->payload_len <= sizeof(fixture->queued_payload));
	fixture->queued = *op;
	if (op->payload_len > 0)
		memcpy(fixture->queued_payload, op->payload, op->payload_len);
	fixture->queued_ttl_ms = ttl_ms;
	fixture->queued_cb = cb;
	fixture->queued_arg = arg;
	return 0;
}

void fixture_queued(struct fixture *f, uint64_t id, int err)
{
	ctl_queue_cb_t cb = f->queued_cb;

	assert_non_null(cb);
	f->queued_cb = NULL;
	cb(id, err, f->queued_arg);
}

json_t *ctl_queue_json(const struct ctl_queue *queue, const char *endpoint, size_t len)
{
	return json_pack("[{s:i}]", "requestId", 7);
}

bool ctl_queue_remove(struct ctl_queue *queue, const char *endpoint, size_t len, uint64_t id)
{
	return id == 7;
}

json_t *ctl_queue_told_json(const char *endpoint, size_t len, const struct ctl_operation *op,
			    uint64_t id)
{
	char path[LWM2M_PATH_TEXT_MAX];

	lwm2m_path_format(&op->paths[0], path);
	return json_pack("{s:s%, s:s, s:I, s:b}", "ep", endpoint, len, "path", path, "requestId",
			 (json_int_t)id, "delayed", 1);
}
