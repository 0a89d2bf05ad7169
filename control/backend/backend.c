// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
#include "control/backend/backend.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "control/backend/batch.h"
#include "control/backend/cloudevents.h"
#include "control/backend/multi.h"
#include "control/log.h"
#include "control/metrics.h"
#include "control/store/outbox.h"

LOG_TYPE("backend");

#define LINGER_MS          20u // a first event waits this long for others
#define REQUEST_TIMEOUT_MS 10000L
#define RETRY_MIN_MS       200u
#define RETRY_MAX_MS       10000u

enum backend_state {
	IDLE,      // everything was accepted
	LINGERING, // timer: then post
	POSTING,
	WAITING, // timer: then post the same again
};

struct backend {
	struct ctl_backends *all;
	const struct config_backend *cfg;
	unsigned index; // in the outbox
	enum backend_state state;
	struct batch batch;
	CURL *easy;
	uv_timer_t timer;
	uint32_t retry_ms;
	bool down; // logged as such
};

struct ctl_backends {
	struct ctl *ctl;
	struct multi *multi;
	struct curl_slist *headers;
	unsigned open; // timers
	unsigned count;
	struct backend backends[];
};

static void on_timer(uv_timer_t *timer);

static void wait_for(struct backend *backend, enum backend_state state, uint32_t ms)
{
	backend->state = state;
	uv_timer_start(&backend->timer, on_timer, ms, 0);
}

static void retry(struct backend *backend, const char *why)
{
	uint32_t random = 0;

	if (!backend->down)
		LOG(warning, "%s, does not accept events (%s); trying until it does",
		    backend->cfg->name, why);
	backend->down = true;
	// Half of the time is random, so that gateways that lost a back end together do not come
	// back together.
	if (getrandom(&random, sizeof(random), GRND_NONBLOCK) < 0)
		random = 0;
	wait_for(backend, WAITING, backend->retry_ms / 2 + random % (backend->retry_ms / 2 + 1));
	backend->retry_ms =
		backend->retry_ms > RETRY_MAX_MS / 2 ? RETRY_MAX_MS : backend->retry_ms * 2;
}

static uint64_t behind(const struct backend *backend)
{
	const struct ctl_store *store = backend->all->ctl->store;

	return ctl_outbox_last(store) - ctl_outbox_cursor(store, backend->index);
}

static void post(struct backend *backend)
{
	curl_easy_setopt(backend->easy, CURLOPT_POSTFIELDS, backend->batch.out.text);
	curl_easy_setopt(backend->easy, CURLOPT_POSTFIELDSIZE_LARGE,
			 (curl_off_t)backend->batch.out.len);
	backend->state = POSTING;
	if (multi_add(backend->all->multi, backend->easy) != 0)
		retry(backend, "no memory for the request");
}

// The next batch, or the end for now.
static void next(struct backend *backend)
{
	struct ctl_store *store = backend->all->ctl->store;
	uint64_t after = ctl_outbox_cursor(store, backend->index);
	uint64_t last = ctl_outbox_last(store);
	int rc;

	backend->state = IDLE;
	if (last <= after)
		return;
	rc = batch_fill(&backend->batch, store, after, backend->cfg->raw);
	if (rc != 0)
		retry(backend, strerror(-rc));
	else if (backend->batch.events > 0)
		post(backend);
	else
		ctl_outbox_advance(store, backend->index, last); // all were left out as damaged
}

static void on_timer(uv_timer_t *timer)
{
	struct backend *backend = timer->data;

	if (backend->state == WAITING && backend->batch.events > 0)
		post(backend);
	else
		next(backend);
}

static void accepted(struct backend *backend)
{
	if (backend->down)
		LOG(info, "%s, accepts events again (%" PRIu64 " behind)", backend->cfg->name,
		    behind(backend));
	backend->down = false;
	backend->retry_ms = RETRY_MIN_MS;
	ctl_counters.backend_batches++;
	ctl_counters.backend_events += backend->batch.events;
	ctl_outbox_advance(backend->all->ctl->store, backend->index, backend->batch.last_key);
	backend->batch.events = 0;
	// A full batch is not kept waiting; few events are, for company.
	if (behind(backend) >= BATCH_EVENTS_MAX)
		next(backend);
	else if (behind(backend) > 0)
		wait_for(backend, LINGERING, LINGER_MS);
	else
		backend->state = IDLE;
}

static void on_done(CURL *easy, CURLcode code, long response, void *arg)
{
	struct backend *backend = arg;
	char why[64];

	if (code == CURLE_OK && response >= 200 && response < 300) {
		accepted(backend);
		return;
	}
	ctl_counters.backend_failures++;
	snprintf(why, sizeof(why), "HTTP status %ld", response);
	retry(backend, code == CURLE_OK ? why : curl_easy_strerror(code));
}

void ctl_backends_wake(struct ctl_backends *backends)
{
	for (unsigned i = 0; i < backends->count; i++) {
		struct backend *backend = &backends->backends[i];
		uint64_t events = behind(backend);

		if (events >= BATCH_EVENTS_MAX &&
		    (backend->state == IDLE || backend->state == LINGERING)) {
			uv_timer_stop(&backend->timer);
			next(backend);
		} else if (events > 0 && backend->state == IDLE) {
			wait_for(backend, LINGERING, LINGER_MS);
		}
	}
}

static size_t on_body(char *data, size_t size, size_t count, void *arg)
{
	return size * count; // what a back end says beyond the status means nothing here
}

static int easy_make(struct backend *backend)
{
	CURL *easy = curl_easy_init();

	if (easy == NULL)
		return -ENOMEM;
	backend->easy = easy;
	curl_easy_setopt(easy, CURLOPT_PRIVATE, backend);
	curl_easy_setopt(easy, CURLOPT_URL, backend->cfg->url);
	curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
	curl_easy_setopt(easy, CURLOPT_PROXY, ""); // never from the environment
	curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(easy, CURLOPT_POST, 1L);
	curl_easy_setopt(easy, CURLOPT_HTTPHEADER, backend->all->headers);
	curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, REQUEST_TIMEOUT_MS);
	curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, on_body);
	curl_easy_setopt(easy, CURLOPT_USERAGENT, "sluice/" SLUICE_VERSION);
	return 0;
}

static int headers_make(struct ctl_backends *all)
{
	// An empty Expect: no round trip to ask whether a large body is welcome.
	static const char *const lines[] = {"Content-Type: " CLOUDEVENTS_CONTENT_TYPE, "Expect:"};

	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		struct curl_slist *headers = curl_slist_append(all->headers, lines[i]);

		if (headers == NULL)
			return -ENOMEM;
		all->headers = headers;
	}
	return 0;
}

int ctl_backends_start(struct ctl *ctl, struct ctl_backends **out)
{
	unsigned count = ctl->cfg->backends_count;
	struct ctl_backends *all = calloc(1, sizeof(*all) + count * sizeof(all->backends[0]));
	int rc;

	if (all == NULL)
		return -ENOMEM;
	all->ctl = ctl;
	all->multi = multi_new(ctl->loop, on_done);
	if (all->multi == NULL) {
		free(all);
		return -ENOMEM;
	}
	all->open = 1; // held by this function
	rc = headers_make(all);
	for (; rc == 0 && all->count < count; all->count++) {
		struct backend *backend = &all->backends[all->count];

		backend->all = all;
		backend->cfg = &ctl->cfg->backends[all->count];
		backend->index = all->count;
		backend->retry_ms = RETRY_MIN_MS;
		rc = easy_make(backend);
		if (rc != 0)
			break;
		uv_timer_init(ctl->loop, &backend->timer);
		backend->timer.data = backend;
	}
	if (rc != 0) {
		ctl_backends_stop(all);
		return rc;
	}
	ctl_backends_wake(all);
	*out = all;
	return 0;
}

static void release(struct ctl_backends *all)
{
	if (--all->open == 0)
		free(all);
}

static void on_closed(uv_handle_t *handle)
{
	struct backend *backend = handle->data;

	release(backend->all);
}

void ctl_backends_stop(struct ctl_backends *all)
{
	for (unsigned i = 0; i < all->count; i++) {
		struct backend *backend = &all->backends[i];

		if (backend->state == POSTING)
			multi_remove(all->multi, backend->easy);
		curl_easy_cleanup(backend->easy);
		batch_clear(&backend->batch);
		all->open++;
		uv_close((uv_handle_t *)&backend->timer, on_closed);
	}
	multi_free(all->multi);
	curl_slist_free_all(all->headers);
	release(all);
}
