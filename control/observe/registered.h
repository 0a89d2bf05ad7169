// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// What a device said it has, in the object list of its registration. A list may be as long as a
// body in blocks: whoever asks for many paths reads it once, and looks each of them up.
#pragma once

#include "control/store/record.h"
#include "lwm2m/core/path.h"

struct ctl_registered {
	uint32_t *ids; // object << 16 | instance, ascending; of an object alone the reserved id
	uint32_t count;
};

// 0 or -ENOMEM. A list that makes no sense has nothing.
int ctl_registered_init(struct ctl_registered *registered, const struct ctl_record *record)
	__attribute__((warn_unused_result));
void ctl_registered_fini(struct ctl_registered *registered);
// True when the device registered the path's object and, where the path has one, the instance. An
// object that was listed without any instance stands for whichever it has. What lies below an
// instance is not listed, and not looked at; the root is always there.
bool ctl_registered_has(const struct ctl_registered *registered, const struct lwm2m_path *path);
// The first instance of the object that is not listed.
uint16_t ctl_registered_free_id(const struct ctl_registered *registered, uint16_t object);

// One path. False also when memory is out.
bool ctl_record_has(const struct ctl_record *record, const struct lwm2m_path *path);
