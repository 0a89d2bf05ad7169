// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
#include "dataplane/pkt.h"
#include "dataplane/stages/stages.h"

void stage_owner(struct dp_worker *w, struct rte_mbuf **pkts, uint16_t n)
{
	for (uint16_t i = 0; i < n; i++) {
		switch ((enum dp_pkt_route)dp_pkt(pkts[i])->route) {
		case DP_ROUTE_UPDATE:
			stage_update(w, pkts[i]);
			break;
		case DP_ROUTE_REGISTER:
			stage_register(w, pkts[i]);
			break;
		case DP_ROUTE_DEREGISTER:
			stage_deregister(w, pkts[i]);
			break;
		case DP_ROUTE_SEND:
			stage_send(w, pkts[i]);
			break;
		case DP_ROUTE_BLOCK:
			stage_block(w, pkts[i]);
			break;
		case DP_ROUTE_RESPONSE:
			stage_response(w, pkts[i]);
			break;
		default:
			stage_ack(w, pkts[i]);
			break;
		}
	}
}
