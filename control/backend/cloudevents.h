// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// Events as back ends get them: CloudEvents 1.0 in the JSON format, in batches
// (application/cloudevents-batch+json), one object per event:
//
//   specversion      "1.0"
//   id               store uuid, "-", outbox key: unique, and the same when a batch is repeated
//   source           "/sluice"
//   type             "sluice.registration", "sluice.update", "sluice.deregistration",
//                    "sluice.notification" or "sluice.send"
//   subject          the endpoint name
//   time             RFC 3339, UTC, milliseconds: when the device's message was received
//   datacontenttype  "application/json"
//   data             {"registration": R}                  of a registration
//                    {"registration": R, "update": U}     of an update
//                    {"registration": R, "reason": text}  of a deregistration
//                    of a notification or a Send the members of the event stream's event, and
//                      "registrationId"
//                      "values": [{"path", "time": RFC 3339, "node"}], when the device gave times
//                      "raw": {"contentFormat", "payload": base64}, for a back end with raw: true
//
// R is a registration as in the REST API, after the change (deregistration: as it was); U is what
// the Update changed of it; reason is "deregistered", "expired" or "replaced" (the device
// registered anew: its sluice.registration follows).
#pragma once

#include "control/json/json_out.h"
#include "control/store/outbox.h"

#define CLOUDEVENTS_CONTENT_TYPE "application/cloudevents-batch+json; charset=utf-8"

// Appends one event. out->failed when memory is out.
void cloudevent_out(struct json_out *out, const char *uuid, uint64_t key,
		    const struct ctl_outbox_view *view, bool raw);
