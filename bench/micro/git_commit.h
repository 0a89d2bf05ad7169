// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// Which sources a result was measured with: filled in by the build.
#pragma once

extern const char git_commit[];
