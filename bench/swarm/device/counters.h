// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// What simulated devices count. One line yields the field and its name in the JSON result.
#pragma once

#include <stdint.h>

#define SWARM_COUNTERS(X)                                                            \
	X(registers, "Registers answered 2.01")                                      \
	X(updates, "Updates answered 2.04")                                          \
	X(deregisters, "De-registers answered 2.02")                                 \
	X(reads, "requests of the gateway that were answered, whatever the code")    \
	X(writes, "values written, those of composite writes included")              \
	X(executes, "resources executed")                                            \
	X(creates, "object instances created by the gateway")                        \
	X(deletes, "object instances deleted by the gateway")                        \
	X(duplicates, "requests that came again and were not done again")            \
	X(notifications, "notifications sent, repetitions not counted")              \
	X(sends, "Sends answered 2.04")                                              \
	X(retransmissions, "repeated requests")                                      \
	X(unavailable, "5.03 or 4.29 received; tried again after Max-Age")           \
	X(reregistrations, "Updates answered 4.04; registered again")                \
	X(strays, "messages that match nothing, such as a second copy of an answer") \
	X(wrong, "answers that are not what the request deserves")                   \
	X(missing, "requests without an answer after all retransmissions")           \
	X(send_errors, "datagrams the kernel did not take, or nobody listens")

struct swarm_counters {
#define X(name, help) uint64_t name;
	SWARM_COUNTERS(X)
#undef X
};
