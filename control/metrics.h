// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// Control's own counters, each with its help text. One line yields the field, the metric's name and
// its help. Loop thread only.
#pragma once

#include <stdint.h>

#include "control/histogram.h"

// clang-format off
#define CTL_COUNTERS(X)                                                                            \
	X(events_received, "events taken from the dataplane")                                      \
	X(events_rejected, "events refused (malformed, or not acceptable after all)")              \
	X(commits, "group commits to disk")                                                        \
	X(commit_failures, "group commits that failed (they are tried again)")                     \
	X(commit_microseconds, "time the store's thread spent in group commits")                   \
	X(notifications, "notifications of observed values")                                       \
	X(notifications_stale, "notifications that a newer one had overtaken")                     \
	X(notifications_unknown, "notifications that nobody observes, refused with RST")           \
	X(notifications_partial, "notifications of which the rest had to be fetched")              \
	X(notifications_superseded, "of those, ones that a newer one came before")                 \
	X(notifications_undecodable, "notifications whose payload could not be decoded")           \
	X(observations_ended, "observations that the device ended")                                \
	X(sends, "Send requests taken")                                                            \
	X(sends_refused, "Send requests refused (unknown device, payload, format or object)")      \
	X(exchanges_repeated, "messages that devices repeated across a restart: no second event")  \
	X(exchanges_forgotten, "exchanges forgotten early because there were too many")            \
	X(sessions_unknown, "sessions the dataplane was told to let go, of no registration here")  \
	X(attaches, "times control attached to a dataplane")                                       \
	X(restored, "registrations handed to a dataplane")                                         \
	X(bridge_errors, "malformed records found in the bridge")                                  \
	X(requests, "requests sent to devices")                                                    \
	X(requests_answered, "requests answered by devices")                                       \
	X(requests_failed, "requests that ended without an answer")                                \
	X(registrations_forbidden, "registrations by another identity than the endpoint's")        \
	X(identities_known, "identities of DTLS handshakes that belong to a device")               \
	X(identities_unknown, "identities of DTLS handshakes that nobody has")                     \
	X(identities_unanswered, "identities of DTLS handshakes not looked up (too many)")         \
	X(dtls_saved, "snapshots of DTLS sessions taken to be put on disk")                        \
	X(dtls_restored, "DTLS sessions handed to a dataplane, or asked for")                      \
	X(queue_added, "operations queued for sleeping devices")                                   \
	X(queue_refused, "operations not queued because too many wait for the device")             \
	X(queue_carried_out, "queued operations that devices answered")                            \
	X(queue_expired, "queued operations that expired")                                         \
	X(rest_requests, "HTTP requests served")                                                   \
	X(rest_errors, "HTTP requests answered 4xx or 5xx")                                        \
	X(stream_events, "server-sent events written")                                             \
	X(stream_cut, "event streams cut off because their reader was too slow")                   \
	X(backend_batches, "batches accepted by back ends")                                        \
	X(backend_events, "events accepted by back ends")                                          \
	X(backend_failures, "batches a back end did not accept (they are repeated)")
// clang-format on

struct ctl_counters {
#define X(name, help) uint64_t name;
	CTL_COUNTERS(X)
#undef X
};

extern struct ctl_counters ctl_counters;

// Histograms, likewise.
#define CTL_HISTOGRAMS(X)                                                            \
	X(commit_latency_microseconds,                                               \
	  "from taking an event of the dataplane to having it on disk and answered") \
	X(commit_events, "events that one round of the loop took and answered together")

struct ctl_histograms {
#define X(name, help) struct ctl_histogram name;
	CTL_HISTOGRAMS(X)
#undef X
};

extern struct ctl_histograms ctl_histograms;
