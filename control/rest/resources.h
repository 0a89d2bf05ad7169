// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// The handlers of the REST resources, one file each; routes.c says which path means which.
#pragma once

#include "control/rest/http.h"

int ctl_clients_list(struct ctl_req *req, struct ctl_resp *resp);
int ctl_clients_get(struct ctl_req *req, struct ctl_resp *resp);
int ctl_read_get(struct ctl_req *req, struct ctl_resp *resp);
int ctl_event_get(struct ctl_req *req, struct ctl_resp *resp);
int ctl_endpoints_get(struct ctl_req *req, struct ctl_resp *resp);
int ctl_dataplane_get(struct ctl_req *req, struct ctl_resp *resp);
int ctl_metrics_get(struct ctl_req *req, struct ctl_resp *resp);
int ctl_health_get(struct ctl_req *req, struct ctl_resp *resp);
int ctl_ready_get(struct ctl_req *req, struct ctl_resp *resp);
