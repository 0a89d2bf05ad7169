// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// An operation as it lies on disk: a head, the paths, the payload, the query. Nothing in it is
// aligned, and nothing is trusted: a damaged file must not become a request.
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "control/operation.h"

#define PACK_VERSION 1u

struct packed {
	uint8_t version; // PACK_VERSION
	uint8_t kind;
	uint8_t paths_count;
	uint8_t reserved;
	uint16_t accept;
	uint16_t format;
	uint64_t token;
	uint32_t payload_len;
	uint32_t query_len;
};
static_assert(sizeof(struct packed) == 24, "on disk");

struct packed_path {
	uint16_t ids[4];
	uint16_t depth;
};
static_assert(sizeof(struct packed_path) == 10, "on disk");

void *ctl_operation_pack(const struct ctl_operation *op, size_t *bytes)
{
	struct packed head = {
		.version = PACK_VERSION,
		.kind = op->kind,
		.paths_count = op->paths_count,
		.accept = op->accept,
		.format = op->format,
		.token = op->token,
		.payload_len = op->payload_len,
		.query_len = op->query_len,
	};
	uint8_t *block, *at;

	*bytes = sizeof(head) + op->paths_count * sizeof(struct packed_path) + op->payload_len +
		 op->query_len;
	block = malloc(*bytes);
	if (!block)
		return NULL;
	memcpy(block, &head, sizeof(head));
	at = block + sizeof(head);
	for (uint8_t i = 0; i < op->paths_count; i++) {
		struct packed_path path = {.depth = op->paths[i].depth};

		memcpy(path.ids, op->paths[i].ids, op->paths[i].depth * sizeof(path.ids[0]));
		memcpy(at, &path, sizeof(path));
		at += sizeof(path);
	}
	if (op->payload_len > 0)
		memcpy(at, op->payload, op->payload_len);
	if (op->query_len > 0)
		memcpy(at + op->payload_len, op->query, op->query_len);
	return block;
}

static bool path_unpack(struct lwm2m_path *path, const uint8_t *at)
{
	struct packed_path packed;

	memcpy(&packed, at, sizeof(packed));
	if (packed.depth > 4)
		return false;
	*path = (struct lwm2m_path){.depth = (uint8_t)packed.depth};
	for (uint16_t i = 0; i < packed.depth; i++) {
		if (packed.ids[i] == LWM2M_ID_RESERVED)
			return false;
		path->ids[i] = packed.ids[i];
	}
	return true;
}

static bool head_check(const struct packed *head, size_t bytes)
{
	bool composite = head->kind >= CTL_READ_COMPOSITE;

	return head->version == PACK_VERSION && head->kind < CTL_OPERATION_KINDS &&
	       head->paths_count <= CTL_PATHS_MAX && (composite || head->paths_count == 1) &&
	       bytes == sizeof(*head) + head->paths_count * sizeof(struct packed_path) +
				(uint64_t)head->payload_len + head->query_len;
}

int ctl_operation_unpack(struct ctl_operation *op, const void *block, size_t bytes)
{
	const uint8_t *at = block;
	struct packed head;

	if (bytes < sizeof(head))
		return -EBADMSG;
	memcpy(&head, at, sizeof(head));
	at += sizeof(head);
	if (!head_check(&head, bytes))
		return -EBADMSG;
	*op = (struct ctl_operation){
		.kind = head.kind,
		.paths_count = head.paths_count,
		.accept = head.accept,
		.format = head.format,
		.token = head.token,
		.payload_len = head.payload_len,
		.query_len = head.query_len,
	};
	for (uint8_t i = 0; i < head.paths_count; i++, at += sizeof(struct packed_path))
		if (!path_unpack(&op->paths[i], at))
			return -EBADMSG;
	op->payload = at;
	op->query = (const char *)at + head.payload_len;
	return 0;
}
