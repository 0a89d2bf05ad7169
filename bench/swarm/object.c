// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
#include "bench/swarm/object.h"

#include <stdio.h>
#include <string.h>

#include "lwm2m/coap/msg.h"

const char object_links[] =
	"</>;rt=\"oma.lwm2m\";ct=\"0 112 11542\",</1/0>,</3/0>,</3303/0>;ver=1.1";

enum kind { STRING, INTEGER, FLOAT };

struct resource {
	uint16_t object;
	uint16_t id;
	enum kind kind;
};

// In ascending order of object and id; every object has the one instance 0.
static const struct resource resources[] = {
	{1, 0, INTEGER},     {1, 1, INTEGER},      {1, 7, STRING},  {3, 0, STRING},
	{3, 1, STRING},      {3, 2, STRING},       {3, 9, INTEGER}, {3, 16, STRING},
	{3303, 5700, FLOAT}, {3303, 5701, STRING},
};

struct value {
	const char *text; // STRING
	int64_t integer;
	double number;
};

static struct value value_of(const struct resource *res, const struct object_values *values)
{
	switch (res->object << 16 | res->id) {
	case 1 << 16 | 0: // Short Server ID
		return (struct value){.integer = 123};
	case 1 << 16 | 1: // Lifetime
		return (struct value){.integer = values->lifetime_s};
	case 1 << 16 | 7:  // Binding
	case 3 << 16 | 16: // Supported Binding
		return (struct value){.text = "U"};
	case 3 << 16 | 0: // Manufacturer
		return (struct value){.text = "sluice"};
	case 3 << 16 | 1: // Model Number
		return (struct value){.text = "swarm"};
	case 3 << 16 | 2: // Serial Number
		return (struct value){.text = values->endpoint};
	case 3 << 16 | 9: // Battery Level
		return (struct value){.integer = 95};
	case 3303 << 16 | 5700: // Sensor Value
		return (struct value){.number = values->temperature};
	default: // 3303/0/5701, Sensor Units
		return (struct value){.text = "Cel"};
	}
}

struct out {
	uint8_t *buf;
	size_t cap;
	size_t len;
	bool failed;
};

static void put(struct out *out, const void *bytes, size_t n)
{
	if (n > out->cap - out->len) {
		out->failed = true;
		return;
	}
	memcpy(out->buf + out->len, bytes, n);
	out->len += n;
}

static void put_be(struct out *out, uint64_t value, unsigned bytes)
{
	for (unsigned i = bytes; i-- > 0;)
		put(out, &(uint8_t){(uint8_t)(value >> (8 * i))}, 1);
}

static uint64_t float_bits(double number)
{
	uint64_t bits;
	memcpy(&bits, &number, sizeof(bits));
	return bits;
}

static void text_value(struct out *out, const struct resource *res, const struct value *v)
{
	char buf[32];
	const char *text = v->text;
	if (res->kind == INTEGER)
		snprintf(buf, sizeof(buf), "%lld", (long long)v->integer);
	else if (res->kind == FLOAT)
		snprintf(buf, sizeof(buf), "%.2f", v->number);
	put(out, text != NULL ? text : buf, strlen(text != NULL ? text : buf));
}

// LwM2M core 7.4.3: type byte, identifier, length.
static void tlv_head(struct out *out, uint8_t type, uint16_t id, size_t len)
{
	uint8_t head = (uint8_t)(type << 6 | (id > 0xff ? 0x20 : 0));
	unsigned len_bytes = len < 8 ? 0 : len < 0x100 ? 1 : 2;
	head |= len_bytes == 0 ? (uint8_t)len : (uint8_t)(len_bytes << 3);
	put(out, &head, 1);
	put_be(out, id, id > 0xff ? 2 : 1);
	put_be(out, len, len_bytes);
}

static void tlv_resource(struct out *out, const struct resource *res, const struct value *v)
{
	enum { RESOURCE = 3 };
	if (res->kind == STRING) {
		tlv_head(out, RESOURCE, res->id, strlen(v->text));
		put(out, v->text, strlen(v->text));
	} else if (res->kind == FLOAT) {
		tlv_head(out, RESOURCE, res->id, 8);
		put_be(out, float_bits(v->number), 8);
	} else {
		unsigned bytes = v->integer == (int8_t)v->integer    ? 1
				 : v->integer == (int16_t)v->integer ? 2
				 : v->integer == (int32_t)v->integer ? 4
								     : 8;
		tlv_head(out, RESOURCE, res->id, bytes);
		put_be(out, (uint64_t)v->integer, bytes);
	}
}

// RFC 8949 section 3: major type and argument.
static void cbor_head(struct out *out, uint8_t major, uint64_t value)
{
	if (value < 24) {
		put_be(out, (uint64_t)major << 5 | value, 1);
		return;
	}
	unsigned power = value <= 0xff ? 0 : value <= 0xffff ? 1 : value <= 0xffffffff ? 2 : 3;
	put_be(out, (uint64_t)major << 5 | (24 + power), 1);
	put_be(out, value, 1u << power);
}

static void cbor_text(struct out *out, const char *text)
{
	cbor_head(out, 3, strlen(text));
	put(out, text, strlen(text));
}

// One record of RFC 8428 section 6; the first carries the base name.
static void senml_record(struct out *out, const struct resource *res, const struct value *v,
			 bool first)
{
	enum { UNSIGNED = 0, NEGATIVE = 1, MAP = 5 };
	char name[16];
	cbor_head(out, MAP, first ? 3 : 2);
	if (first) {
		cbor_head(out, NEGATIVE, 1); // bn is label -2
		snprintf(name, sizeof(name), "/%u/0/", res->object);
		cbor_text(out, name);
	}
	cbor_head(out, UNSIGNED, 0); // n
	snprintf(name, sizeof(name), "%u", res->id);
	cbor_text(out, name);
	cbor_head(out, UNSIGNED, res->kind == STRING ? 3 : 2); // vs or v
	if (res->kind == STRING) {
		cbor_text(out, v->text);
	} else if (res->kind == FLOAT) {
		put_be(out, 0xfb, 1);
		put_be(out, float_bits(v->number), 8);
	} else {
		cbor_head(out, v->integer < 0 ? NEGATIVE : UNSIGNED,
			  (uint64_t)(v->integer < 0 ? -1 - v->integer : v->integer));
	}
}

static unsigned find(const uint16_t *path, unsigned depth, const struct resource **found)
{
	unsigned n = 0;
	if (depth == 0 || depth > 3 || (depth > 1 && path[1] != 0))
		return 0;
	for (size_t i = 0; i < sizeof(resources) / sizeof(resources[0]); i++) {
		const struct resource *res = &resources[i];
		if (res->object == path[0] && (depth < 3 || res->id == path[2]) && n++ == 0)
			*found = res;
	}
	return n;
}

uint8_t object_read(const struct object_values *values, const uint16_t *path, unsigned depth,
		    int *format, uint8_t *buf, size_t cap, size_t *len)
{
	const struct resource *res = NULL;
	unsigned n = find(path, depth, &res);
	if (n == 0)
		return COAP_NOT_FOUND;
	if (*format < 0)
		*format = depth == 3 ? OBJECT_TEXT : OBJECT_TLV;
	if (*format != OBJECT_TLV && *format != OBJECT_SENML_CBOR &&
	    (*format != OBJECT_TEXT || depth < 3))
		return COAP_NOT_ACCEPTABLE;

	struct out out = {.buf = buf, .cap = cap};
	if (*format == OBJECT_SENML_CBOR)
		cbor_head(&out, 4, n);
	for (unsigned i = 0; i < n; i++) {
		struct value v = value_of(&res[i], values);
		if (*format == OBJECT_TEXT)
			text_value(&out, &res[i], &v);
		else if (*format == OBJECT_TLV)
			tlv_resource(&out, &res[i], &v);
		else
			senml_record(&out, &res[i], &v, i == 0);
	}
	if (*format == OBJECT_TLV && depth == 1) { // an object is its instances: wrap what is there
		uint8_t inner[512];
		size_t inner_len = out.len;
		if (out.failed || inner_len > sizeof(inner))
			return COAP_INTERNAL_SERVER_ERROR;
		memcpy(inner, buf, inner_len);
		out.len = 0;
		tlv_head(&out, 0, 0, inner_len);
		put(&out, inner, inner_len);
	}
	*len = out.len;
	return out.failed ? COAP_INTERNAL_SERVER_ERROR : COAP_CONTENT;
}
