// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "control/rest/resources.h"

// "127.0.0.1:5683" or "[::1]:5683" as Leshan shows an endpoint; host without the brackets.
static json_t *endpoint_json(const char *udp)
{
	const char *colon = strrchr(udp, ':');
	const char *host = udp;
	size_t host_len;

	if (!colon)
		return NULL;
	host_len = (size_t)(colon - udp);
	if (host_len >= 2 && host[0] == '[') {
		host++;
		host_len -= 2;
	}
	return json_pack("{s:{s:o, s:s, s:o, s:i}, s:s}", "uri", "full",
			 json_sprintf("coap://%s", udp), "scheme", "coap", "host",
			 json_stringn(host, host_len), "port", atoi(colon + 1), "description",
			 "CoAP over UDP");
}

int ctl_endpoints_get(struct ctl_req *req, struct ctl_resp *resp)
{
	const struct config *cfg = req->ctl->cfg;
	json_t *list = json_array();

	for (uint32_t i = 0; i < cfg->dataplane.ports_count; i++) {
		const char *udp = cfg->dataplane.ports[i].udp;

		if (udp && json_array_append_new(list, endpoint_json(udp)) != 0) {
			json_decref(list);
			return -ENOMEM;
		}
	}
	return ctl_resp_json(resp, 200, list);
}
