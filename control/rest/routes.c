// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
#include "control/rest/resources.h"
#include "control/rest/router.h"

const struct ctl_route ctl_routes[] = {
	{"/api/clients", CTL_GET, ctl_clients_list},
	{"/api/clients/{}", CTL_GET, ctl_clients_get},
	{"/api/clients/{}/queue", CTL_GET, ctl_queue_get},
	{"/api/clients/{}/queue/{}", CTL_DELETE, ctl_queue_delete},
	{"/api/clients/{}/composite", CTL_GET, ctl_composite_get},
	{"/api/clients/{}/composite", CTL_PUT, ctl_composite_put},
	{"/api/clients/{}/observations", CTL_GET, ctl_observations_get},
	{"/api/clients/{}/composite/observe", CTL_POST, ctl_observe_composite_post},
	{"/api/clients/{}/composite/observe", CTL_DELETE, ctl_observe_composite_delete},
	{"/api/clients/{}/**/observe", CTL_POST, ctl_observe_post},
	{"/api/clients/{}/**/observe", CTL_DELETE, ctl_observe_delete},
	{"/api/clients/{}/**/discover", CTL_GET, ctl_discover_get},
	{"/api/clients/{}/**/attributes", CTL_PUT, ctl_attributes_put},
	{"/api/clients/{}/{}/{}/{}", CTL_POST, ctl_execute_post},
	{"/api/clients/{}/**", CTL_GET, ctl_read_get},
	{"/api/clients/{}/**", CTL_PUT, ctl_write_put},
	{"/api/clients/{}/**", CTL_POST, ctl_create_post},
	{"/api/clients/{}/**", CTL_DELETE, ctl_instance_delete},
	{"/api/event", CTL_GET, ctl_event_get},
	{"/api/objectspecs/{}", CTL_GET, ctl_objectspecs_get},
	{"/api/security/clients", CTL_GET, ctl_security_clients_list},
	{"/api/security/clients", CTL_PUT, ctl_security_clients_put},
	{"/api/security/clients/{}", CTL_GET, ctl_security_client_get},
	{"/api/security/clients/{}", CTL_DELETE, ctl_security_client_delete},
	{"/api/server/endpoint", CTL_GET, ctl_endpoints_get},
	{"/api/dataplane", CTL_GET, ctl_dataplane_get},
	{"/metrics", CTL_GET, ctl_metrics_get},
	{"/healthz", CTL_GET, ctl_health_get},
	{"/readyz", CTL_GET, ctl_ready_get},
	{0},
};
