// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// In which content format a device is written to when nobody says: what it says it has, by ct= of
// its root link (LwM2M transport 1.1.1 section 6.4.1). Pure.
#pragma once

#include "control/store/record.h"
#include "lwm2m/codec/node.h"

uint16_t ctl_write_format(const struct ctl_record *record, const struct lwm2m_node *node);

// Of composite requests: SenML CBOR or SenML JSON.
uint16_t ctl_composite_format(const struct ctl_record *record);
