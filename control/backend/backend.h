// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// Back ends: HTTP services that hear of events, each at its own pace, from the configuration file
// or made by REST. Events are posted in batches, those of one device in the order of their commit;
// a batch that is not accepted (2xx) is posted again, the same bytes. How far a back end is
// survives control. Loop thread only.
#pragma once

#include "control/ctl.h"

// Also configures the outbox. 0 or -errno.
int ctl_backends_start(struct ctl *ctl, struct ctl_backends **backends);
// What is under way is broken off; it is posted again after the next start.
void ctl_backends_stop(struct ctl_backends *backends);

// Something was committed.
void ctl_backends_wake(struct ctl_backends *backends);
// Does one want what devices sent, byte for byte?
bool ctl_backends_want_raw(const struct ctl_backends *backends);

struct ctl_backend_status {
	const struct config_backend *cfg;
	bool read_only;              // from the configuration file
	const char *state;           // "ok", "retrying", "paused"
	uint64_t cursor;             // everything up to here is done with
	uint64_t lag_events, lag_ms; // not done with yet; how old the first of it is
	double rate;                 // events accepted a second, lately
	uint64_t batches, events, bytes, filtered, failures, refused, dropped, pauses;
	uint64_t dead_letter_files_lost;
	const char *error;              // the last one; NULL: none since the start
	uint64_t error_ms, accepted_ms; // since 1970; 0: never
};

unsigned ctl_backends_count(const struct ctl_backends *backends);
// In the order of their making. i < count.
void ctl_backends_status(const struct ctl_backends *backends, unsigned i,
			 struct ctl_backend_status *status);
// False: there is none of that name.
bool ctl_backends_find(const struct ctl_backends *backends, const char *name, unsigned *i);

// The outbox and its bounds.
struct ctl_outbox_status {
	uint64_t bytes,
		entries;     // what some back end has not accepted yet; bytes on disk, estimated
	uint64_t oldest_ms;  // age of the first of it
	const char *warning; // what is about to happen, or does; NULL: nothing
};
void ctl_backends_outbox(const struct ctl_backends *backends, struct ctl_outbox_status *status);

// Makes one or changes it, from a JSON object with the keys of the configuration file; one that is
// changed goes on where it was. 0; -EINVAL and text of what is wrong in *why (to be freed), -EPERM:
// it is the configuration file's; or another -errno.
int ctl_backends_put(struct ctl_backends *backends, const char *name, const char *json, size_t len,
		     char **why, bool *created);
// 0, -ENOENT, -EPERM, or another -errno.
int ctl_backends_delete(struct ctl_backends *backends, const char *name);

// Posts one event of the type sluice.test, apart from the others, once.
struct ctl_backend_test;
struct ctl_backend_tested {
	long status; // of HTTP; 0: no answer
	uint32_t took_ms;
	const char *http; // "1.1", "2"; "" without an answer
	const char *why;  // it was not accepted; NULL: it was
};
typedef void (*ctl_backend_tested_cb_t)(const struct ctl_backend_tested *tested, void *arg);
// NULL when memory is out. The callback ends the test; cancelling does so without one.
struct ctl_backend_test *ctl_backends_test(struct ctl_backends *backends, unsigned i,
					   ctl_backend_tested_cb_t cb, void *arg);
void ctl_backend_test_cancel(struct ctl_backend_test *test);
