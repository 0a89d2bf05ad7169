// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// Writes a node tree as TLV or SenML CBOR, in one plain form, so that the fuzzers can decode what
// they decoded again. Not an encoder for devices: it spends bytes freely.
#pragma once

#include "lwm2m/codec/node.h"

// path is what the tree's top is at. The number of bytes, 0 when they do not fit.
size_t reencode_tlv(const struct lwm2m_node *top, uint8_t *buf, size_t cap);
size_t reencode_senml_cbor(const struct lwm2m_node *top, const struct lwm2m_path *path,
			   uint8_t *buf, size_t cap);

// Decodes data in that format at a path that its first byte picks. If that works, the tree written
// again must decode to the same tree.
void reencode_check(uint16_t format, const uint8_t *data, size_t size);
