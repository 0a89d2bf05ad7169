// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// The handlers of the REST resources, one file each; routes.c says which path means which.
#pragma once

#include "control/rest/http.h"

int ctl_clients_list(struct ctl_req *req, struct ctl_resp *resp);
int ctl_clients_get(struct ctl_req *req, struct ctl_resp *resp);
int ctl_read_get(struct ctl_req *req, struct ctl_resp *resp);
int ctl_discover_get(struct ctl_req *req, struct ctl_resp *resp);
int ctl_write_put(struct ctl_req *req, struct ctl_resp *resp);
int ctl_attributes_put(struct ctl_req *req, struct ctl_resp *resp);
int ctl_execute_post(struct ctl_req *req, struct ctl_resp *resp);
int ctl_create_post(struct ctl_req *req, struct ctl_resp *resp);
int ctl_instance_delete(struct ctl_req *req, struct ctl_resp *resp);
int ctl_composite_get(struct ctl_req *req, struct ctl_resp *resp);
int ctl_composite_put(struct ctl_req *req, struct ctl_resp *resp);
int ctl_observe_post(struct ctl_req *req, struct ctl_resp *resp);
int ctl_observe_delete(struct ctl_req *req, struct ctl_resp *resp);
int ctl_observe_composite_post(struct ctl_req *req, struct ctl_resp *resp);
int ctl_observe_composite_delete(struct ctl_req *req, struct ctl_resp *resp);
int ctl_observations_get(struct ctl_req *req, struct ctl_resp *resp);
int ctl_queue_get(struct ctl_req *req, struct ctl_resp *resp);
int ctl_queue_delete(struct ctl_req *req, struct ctl_resp *resp);
int ctl_event_get(struct ctl_req *req, struct ctl_resp *resp);
int ctl_objectspecs_get(struct ctl_req *req, struct ctl_resp *resp);
int ctl_security_clients_list(struct ctl_req *req, struct ctl_resp *resp);
int ctl_security_clients_put(struct ctl_req *req, struct ctl_resp *resp);
int ctl_security_client_get(struct ctl_req *req, struct ctl_resp *resp);
int ctl_security_client_delete(struct ctl_req *req, struct ctl_resp *resp);
struct ctl_upload *ctl_security_import_open(struct ctl *ctl);
int ctl_security_import_post(struct ctl_req *req, struct ctl_resp *resp);
int ctl_security_server_get(struct ctl_req *req, struct ctl_resp *resp);
int ctl_endpoints_get(struct ctl_req *req, struct ctl_resp *resp);
int ctl_dataplane_get(struct ctl_req *req, struct ctl_resp *resp);
int ctl_backends_list(struct ctl_req *req, struct ctl_resp *resp);
int ctl_backend_get(struct ctl_req *req, struct ctl_resp *resp);
int ctl_backend_put(struct ctl_req *req, struct ctl_resp *resp);
int ctl_backend_delete(struct ctl_req *req, struct ctl_resp *resp);
int ctl_backend_test_post(struct ctl_req *req, struct ctl_resp *resp);
int ctl_metrics_get(struct ctl_req *req, struct ctl_resp *resp);
int ctl_health_get(struct ctl_req *req, struct ctl_resp *resp);
int ctl_ready_get(struct ctl_req *req, struct ctl_resp *resp);
