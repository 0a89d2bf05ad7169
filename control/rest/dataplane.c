// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
#include <errno.h>

#include "control/link/link.h"
#include "control/rest/resources.h"

// A counter that its worker may be writing.
static json_t *number(const uint64_t *value)
{
	return json_integer((json_int_t)__atomic_load_n(value, __ATOMIC_RELAXED));
}

static json_t *worker_json(uint32_t worker, const struct bridge_worker_stats *stats)
{
	json_t *gauges = json_object(), *counters = json_object(), *drops = json_object();
	int err = 0;

#define X(name, help) err |= json_object_set_new(gauges, #name, number(&stats->gauges.name));
	DP_GAUGES(X)
#undef X
#define X(name, help) err |= json_object_set_new(counters, #name, number(&stats->counters.name));
	DP_COUNTERS(X)
#undef X
#define X(name, help) \
	err |= json_object_set_new(drops, #name, number(&stats->counters.drop_##name));
	DP_DROPS(X)
#undef X
	if (err) {
		json_decref(gauges);
		json_decref(counters);
		json_decref(drops);
		return NULL;
	}
	return json_pack("{s:I, s:o, s:o, s:o}", "worker", (json_int_t)worker, "gauges", gauges,
			 "counters", counters, "drops", drops);
}

static json_t *workers_json(const struct bridge_segment *seg)
{
	json_t *list = json_array();

	for (uint32_t i = 0; seg && list && i < seg->workers; i++) {
		if (json_array_append_new(list, worker_json(i, seg->channels[i].stats)) != 0) {
			json_decref(list);
			list = NULL;
		}
	}
	return list;
}

static const char *state_text(enum ctl_link_state state)
{
	switch (state) {
	case CTL_LINK_READY:
		return "ready";
	case CTL_LINK_RESTORING:
		return "restoring";
	case CTL_LINK_DETACHED:
		break;
	}
	return "detached";
}

// What is refused or forgotten beyond these, as configured.
static json_t *limits_json(const struct config *cfg)
{
	return json_pack(
		"{s:I, s:I, s:I, s:I, s:I}", "maxDevices", (json_int_t)cfg->dataplane.max_devices,
		"bodyMax", (json_int_t)cfg->lwm2m.body_max, "queueMax",
		(json_int_t)cfg->lwm2m.queue_max, "queueTtlSeconds",
		(json_int_t)cfg->lwm2m.queue_ttl_s, "awakeSeconds", (json_int_t)cfg->lwm2m.awake_s);
}

int ctl_dataplane_get(struct ctl_req *req, struct ctl_resp *resp)
{
	const struct bridge_segment *seg = ctl_link_segment(req->ctl->link);
	json_t *json = json_pack("{s:s}", "state", state_text(ctl_link_state(req->ctl->link)));
	int err = 0;

	if (seg) {
		err |= json_object_set_new(json, "pid", json_integer(seg->header->dataplane_pid));
		err |= json_object_set_new(json, "started",
					   json_integer((json_int_t)seg->header->started_wall_ms));
	}
	err |= json_object_set_new(json, "limits", limits_json(req->ctl->cfg));
	err |= json_object_set_new(json, "workers", workers_json(seg));
	if (err) {
		json_decref(json);
		return -ENOMEM;
	}
	return ctl_resp_json(resp, 200, json);
}
