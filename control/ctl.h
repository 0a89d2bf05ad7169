// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// The control process: its parts, each made from those before it. Everything runs on one libuv
// loop.
#pragma once

#include <uv.h>

#include "control/hold.h"
#include "dataplane/bridge/config.h"

struct ctl_backends;
struct ctl_credentials;
struct ctl_downlink;
struct ctl_hub;
struct ctl_link;
struct ctl_models;
struct ctl_observations;
struct ctl_own;
struct ctl_queue;
struct ctl_registry;
struct ctl_rest;
struct ctl_store;
struct ctl_upkeep;

struct ctl {
	uv_loop_t *loop;
	const struct config *cfg;
	struct ctl_holds holds;
	struct ctl_store *store;
	struct ctl_upkeep *upkeep;
	struct ctl_registry *registry;
	struct ctl_hub *hub;
	struct ctl_downlink *downlink;
	struct ctl_models *models;
	struct ctl_credentials *credentials;
	struct ctl_own *own;
	struct ctl_observations *observations;
	struct ctl_queue *queue;
	struct ctl_backends *backends;
	struct ctl_link *link;
	struct ctl_rest *rest;
};
