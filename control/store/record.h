// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// A registration as control keeps it: one flat, versioned block, the same in memory, in LMDB and in
// the outbox. Built from what the device said (bridge events carry its CoAP request whole). An
// Update that changes something makes a new one; one that does not refreshes updated_ms and peer in
// place.
//
// All text in it is UTF-8 (lwm2m/core/register.h refuses anything else), so that JSON can carry it.
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "dataplane/bridge/proto.h"
#include "lwm2m/core/register.h"

#define CTL_RECORD_VERSION 1u

struct ctl_record {
	uint32_t version; // CTL_RECORD_VERSION
	uint32_t bytes;   // of the whole block
	uint64_t location;
	uint64_t registered_ms; // since 1970
	uint64_t updated_ms;
	struct dp_peer peer;
	uint32_t lifetime_s;
	uint8_t lwm2m_version; // 10 or 11
	uint8_t binding;       // enum lwm2m_binding
	uint8_t queue_mode;
	uint8_t secure; // registered over DTLS, with the endpoint's credential
	uint16_t endpoint_len;
	uint16_t sms_len;
	uint32_t params_len; // unknown parameters, each "name=value" or "name" and a zero byte
	uint32_t links_len;  // the object list, as sent
	char text[];         // endpoint, sms, params, links
};

static inline const char *ctl_record_endpoint(const struct ctl_record *rec)
{
	return rec->text;
}
static inline const char *ctl_record_sms(const struct ctl_record *rec)
{
	return rec->text + rec->endpoint_len;
}
static inline const char *ctl_record_params(const struct ctl_record *rec)
{
	return rec->text + rec->endpoint_len + rec->sms_len;
}
static inline const char *ctl_record_links(const struct ctl_record *rec)
{
	return rec->text + rec->endpoint_len + rec->sms_len + rec->params_len;
}

// A new record, malloc'ed, from a Register or (given the old one) an Update. NULL with *why set
// when the request is not acceptable after all, or when memory is out.
struct ctl_record *ctl_record_from_register(const struct bridge_uplink *ev, uint8_t *code,
					    const char **why);
// The same of a device that may leave its name out, as its credential tells it (core 1.1.1 section
// 6.2.1).
struct ctl_record *ctl_record_from_named(const struct bridge_uplink *ev, const char *endpoint,
					 size_t endpoint_len, uint8_t *code, const char **why);
struct ctl_record *ctl_record_from_update(const struct ctl_record *old,
					  const struct bridge_uplink *ev, uint8_t *code,
					  const char **why);
// Checks a block read from disk: version, lengths that add up. 0 or -EBADMSG.
int ctl_record_check(const void *block, size_t bytes);

// The location as it stands in /rd/{id}: 9 characters of base64url, zero-terminated.
void ctl_location_text(uint64_t location, char text[static 10]);
