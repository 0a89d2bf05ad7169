// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// What is observed of a device: [{"paths":["/3/0/9"],"composite":false,"state":"active",
// "automatic":false,"since":ms}]. since is there once the device has agreed.
#include "control/observe/observations.h"

#include <errno.h>

#include "control/rest/resources.h"

static json_t *paths_json(const struct ctl_observation *observation)
{
	json_t *paths = json_array();

	for (uint8_t i = 0; paths && i < observation->paths_count; i++) {
		char text[LWM2M_PATH_TEXT_MAX];

		lwm2m_path_format(&observation->paths[i], text);
		if (json_array_append_new(paths, json_string(text)) != 0) {
			json_decref(paths);
			return NULL;
		}
	}
	return paths;
}

static const char *state_text(const struct ctl_observation *observation)
{
	switch ((enum ctl_observation_state)observation->state) {
	case CTL_OBSERVATION_PENDING:
		return "pending";
	case CTL_OBSERVATION_ACTIVE:
		return "active";
	case CTL_OBSERVATION_WANTED:
		break;
	}
	return observation->refused ? "refused" : "wanted";
}

static json_t *observation_json(const struct ctl_observation *observation)
{
	json_t *json = json_pack("{s:o, s:b, s:s, s:b}", "paths", paths_json(observation),
				 "composite", observation->composite, "state",
				 state_text(observation), "automatic", observation->automatic);

	if (json && observation->since_ms > 0 &&
	    json_object_set_new(json, "since", json_integer((json_int_t)observation->since_ms))) {
		json_decref(json);
		return NULL;
	}
	return json;
}

int ctl_observations_get(struct ctl_req *req, struct ctl_resp *resp)
{
	const struct ctl_text *name = &req->args[0];
	const struct ctl_reg *reg =
		ctl_registry_by_endpoint(req->ctl->registry, name->text, name->len);
	const struct ctl_observation *observation;
	json_t *list;

	if (!reg)
		return ctl_resp_text(resp, 400, CTL_TYPE_TEXT, "No registered client with id '%s'",
				     name->text);
	list = json_array();
	observation = ctl_observations_of(req->ctl->observations, reg);
	for (; list && observation; observation = observation->next) {
		if (ctl_observation_is_over(req->ctl->observations, observation))
			continue;
		if (json_array_append_new(list, observation_json(observation)) != 0) {
			json_decref(list);
			list = NULL;
		}
	}
	return ctl_resp_json(resp, 200, list);
}
