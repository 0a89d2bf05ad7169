// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// Values that devices tell of their own accord, from payload to the JSON of their event. Written
// straight into the group's text; decoded in memory that the link keeps.
#pragma once

#include "control/json/json_out.h"
#include "control/link/state.h"
#include "control/observe/observations.h"
#include "lwm2m/codec/pack.h"

struct link_values {
	struct lwm2m_node *node; // what the path names, or the root of a pack's newest values
	struct lwm2m_pack pack;  // of a pack, or of a payload that has times
	bool timed;
	const char *why; // it could not be decoded
};

// -1 when the message has no content format, -2 when it is none.
int64_t link_values_format(const struct coap_msg *msg);

// Each decodes into *values, which live until the next one. False with why otherwise; -ENOMEM in
// *rc when memory is out.
bool link_values_single(struct ctl_link *link, struct ctl_reg *reg, int64_t format,
			const struct lwm2m_path *path, const struct coap_msg *msg,
			struct link_values *values, int *rc);
bool link_values_pack(struct ctl_link *link, struct ctl_reg *reg, int64_t format,
		      const struct coap_msg *msg, struct link_values *values, int *rc);

// {"path":node,..} of every resource below the root.
void link_values_tree_out(struct json_out *out, const struct lwm2m_node *root);
// What back ends get besides: ,"registrationId":"..","values":[..]} with the values of a payload
// that has times.
void link_values_more_out(struct json_out *out, const struct ctl_record *record,
			  const struct link_values *values, uint64_t wall_ms);
