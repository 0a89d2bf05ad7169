// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// Encodes what is written to a device, in the content format it takes: the other direction of
// decode.h, and for a device's own answers the same. Pure; writes into the caller's buffer.
#pragma once

#include "lwm2m/codec/decode.h"
#include "lwm2m/codec/pack.h"

struct lwm2m_encode_error {
	const char *what;       // static text
	struct lwm2m_path path; // of the value concerned; depth 0: all of it
};

// node is what path names (an instance for /3/0 and so on; for a Create, path is the object and
// node the instance or the object with instances). Values are converted to the type the model gives
// where that loses nothing (an INTEGER 1 to FLOAT, but not 1.5 to INTEGER), otherwise it is an
// error. An instance with the id 65535 leaves the choice of one to the device (Create in TLV only).
// Formats: text, opaque, CBOR (single values), TLV, LwM2M JSON, SenML JSON, SenML CBOR. *len is set
// to the bytes written. Linear in the tree and the bytes.
bool lwm2m_encode(const struct lwm2m_model *model, uint16_t format, const struct lwm2m_path *path,
		  const struct lwm2m_node *node, void *buf, size_t cap, size_t *len,
		  struct lwm2m_encode_error *err) __attribute__((warn_unused_result));

// Formats 110 and 112. Entries may be of any depth here: a path and the node it names.
bool lwm2m_encode_pack(const struct lwm2m_model *model, uint16_t format,
		       const struct lwm2m_pack *pack, void *buf, size_t cap, size_t *len,
		       struct lwm2m_encode_error *err) __attribute__((warn_unused_result));

// The path list of a composite request: [{"n":"/3/0/0"},..]. Formats 110 and 112. False for others,
// and when it does not fit.
bool lwm2m_encode_paths(uint16_t format, const struct lwm2m_path *paths, uint32_t count, void *buf,
			size_t cap, size_t *len) __attribute__((warn_unused_result));
// And back, for whoever answers one. Base names are understood; one that ends in a slash is no path
// of its own.
bool lwm2m_decode_paths(uint16_t format, const void *payload, size_t len, struct lwm2m_path *paths,
			uint32_t max, uint32_t *count, struct lwm2m_decode_error *err)
	__attribute__((warn_unused_result));
