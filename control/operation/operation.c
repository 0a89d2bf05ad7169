// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
#include "control/operation.h"

#include <stdlib.h>
#include <string.h>

#include "control/ctl.h"
#include "control/models/models.h"
#include "control/operation/answer.h"
#include "control/operation/request.h"

struct ctl_running {
	struct ctl *ctl;
	struct ctl_operation op; // without payload and query
	struct ctl_transfer *transfer;
	ctl_operation_cb_t cb;
	void *arg;
	char endpoint[LWM2M_ENDPOINT_MAX + 1];
};

const struct lwm2m_model *ctl_operation_model(const struct ctl *ctl, struct ctl_reg *reg)
{
	return ctl_model_of(ctl->models, reg);
}

static void on_outcome(const struct ctl_transfer_outcome *from, void *arg)
{
	struct ctl_running *running = arg;
	char text[OPERATION_TEXT_MAX];
	struct ctl_outcome outcome;
	struct ctl_reg *reg = ctl_registry_by_endpoint(running->ctl->registry, running->endpoint,
						       strlen(running->endpoint));

	operation_answer(&outcome, &running->op, ctl_operation_model(running->ctl, reg),
			 running->endpoint, from, text);
	running->cb(&outcome, running->arg);
	json_decref(outcome.json);
	free(running);
}

static struct ctl_running *running_new(struct ctl *ctl, const struct ctl_reg *reg,
				       const struct ctl_operation *op, ctl_operation_cb_t cb,
				       void *arg)
{
	struct ctl_running *running = calloc(1, sizeof(*running));

	if (!running)
		return NULL;
	running->ctl = ctl;
	running->op = *op;
	running->op.payload = NULL;
	running->op.query = NULL;
	running->cb = cb;
	running->arg = arg;
	memcpy(running->endpoint, ctl_record_endpoint(reg->record), reg->record->endpoint_len);
	return running;
}

struct ctl_running *ctl_operation_run(struct ctl *ctl, struct ctl_reg *reg,
				      const struct ctl_operation *op, uint32_t timeout_ms,
				      ctl_operation_cb_t cb, void *arg)
{
	struct ctl_running *running = running_new(ctl, reg, op, cb, arg);
	struct operation_request request;

	if (!running)
		return NULL;
	operation_request(&request, op, reg);
	running->transfer =
		ctl_transfer_start(ctl, reg, &request.transfer, timeout_ms, on_outcome, running);
	if (running->transfer)
		return running;
	free(running);
	return NULL;
}

void ctl_operation_cancel(struct ctl_running *running)
{
	ctl_transfer_cancel(running->transfer);
	free(running);
}

struct ctl_transfer *ctl_operation_rest(struct ctl *ctl, struct ctl_reg *reg,
					const struct ctl_operation *op,
					const struct coap_msg *first, uint32_t timeout_ms,
					ctl_transfer_cb_t cb, void *arg)
{
	struct operation_request request;

	operation_request(&request, op, reg);
	return ctl_transfer_rest(ctl, reg, &request.transfer, first, timeout_ms, cb, arg);
}
