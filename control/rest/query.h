// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// Values of query parameters. Pure.
#pragma once

#include "control/rest/http.h"

// A decimal number without sign. False for anything else, a missing value included.
bool ctl_query_number(const struct ctl_query *query, uint64_t *value);

// A content format by the name Leshan gives it ("TLV", "SENML_CBOR", any case). False when unknown.
bool ctl_query_format(const struct ctl_query *query, uint16_t *format);
