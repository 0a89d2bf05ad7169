// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// The store is read through a map of its file. A page that is not there, or that the disk does not
// give, is a signal (SIGBUS) instead of an error.
#pragma once

// From now on it ends the process with status 1 and says why on standard error. Once, before the
// store is opened.
void ctl_store_guard(const char *state);
