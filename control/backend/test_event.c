// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// A back end is tried: one event of a type of its own, by a request of its own.
#include <stdlib.h>
#include <string.h>

#include "control/backend/cloudevents.h"
#include "control/backend/delivery.h"
#include "control/store/store.h"

struct ctl_backend_test {
	struct request *request;
	struct json_out body;
	ctl_backend_tested_cb_t cb;
	void *arg;
};

void ctl_backend_test_cancel(struct ctl_backend_test *test)
{
	request_free(test->request);
	json_out_free(&test->body);
	free(test);
}

static void on_result(const struct request_result *result, void *arg)
{
	struct ctl_backend_test *test = arg;
	long status = result->answer.status;
	struct ctl_backend_tested tested = {
		.status = status,
		.took_ms = result->took_ms,
		.http = result->http,
		.why = status >= 200 && status < 300 ? NULL : result->answer.why,
	};

	test->cb(&tested, test->arg);
	ctl_backend_test_cancel(test);
}

static void body_make(struct json_out *out, const struct delivery *delivery)
{
	const char *uuid = ctl_store_uuid(delivery->ctl->store);
	uv_timeval64_t now;

	uv_gettimeofday(&now);
	json_out_literal(out, "[{\"specversion\":\"1.0\",\"id\":\"");
	json_out_bytes(out, uuid, strlen(uuid));
	json_out_literal(out, "-test-");
	json_out_unsigned(out, uv_hrtime());
	json_out_literal(out, "\",\"source\":\"/sluice\",\"type\":\"sluice.test\",\"time\":");
	json_out_time(out, (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_usec / 1000);
	json_out_literal(out, ",\"datacontenttype\":\"application/json\",\"data\":{\"backend\":");
	json_out_text(out, delivery->cfg->name, strlen(delivery->cfg->name));
	json_out_literal(out, "}}]");
}

struct ctl_backend_test *delivery_test(const struct delivery *delivery, struct requests *requests,
				       ctl_backend_tested_cb_t cb, void *arg)
{
	struct ctl_backend_test *test = calloc(1, sizeof(*test));
	char why[160];

	if (test == NULL)
		return NULL;
	test->cb = cb;
	test->arg = arg;
	body_make(&test->body, delivery);
	test->request = test->body.failed
				? NULL
				: request_new(requests, delivery->cfg, on_result, test, why);
	if (test->request == NULL) {
		json_out_free(&test->body);
		free(test);
		return NULL;
	}
	request_post(test->request, CLOUDEVENTS_CONTENT_TYPE,
		     (struct batch_text){test->body.text, test->body.len});
	return test;
}
