// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
#include "bench/swarm/load/request.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include <rte_byteorder.h>

#include "bench/swarm/load/sum.h"

static const uint8_t codes[] = {COAP_POST, COAP_POST, COAP_DELETE};
static const char links[] =
	"</>;rt=\"oma.lwm2m\";ct=\"0 112 11542\",</1/0>,</3/0>,</3303/0>;ver=1.1";

int request_digits(const struct scenario *sc)
{
	uint8_t digits = 1;

	for (uint32_t n = sc->devices - 1; n >= 10; n /= 10)
		digits++;
	return digits < 4 ? 4 : digits;
}

// Where the digits of the endpoint's number end up, too.
static size_t write_whole_register(const struct scenario *sc, uint32_t index, uint32_t lifetime_s,
				   uint16_t mid, uint64_t token, uint8_t *out, uint16_t *digits_at)
{
	int digits = request_digits(sc);
	uint8_t bytes[REQUEST_TOKEN_LEN];
	char ep[96], lifetime[24];
	struct coap_writer w;

	memcpy(bytes, &token, sizeof(bytes));
	int ep_len = snprintf(ep, sizeof(ep), "ep=%s-%0*u", sc->endpoint, digits, index);
	snprintf(lifetime, sizeof(lifetime), "lt=%u", lifetime_s);
	coap_write_begin(&w, out, REQUEST_MAX, COAP_CON, COAP_POST, mid, bytes, sizeof(bytes));
	coap_write_opt_str(&w, COAP_OPT_URI_PATH, "rd");
	coap_write_opt_uint(&w, COAP_OPT_CONTENT_FORMAT, 40);
	coap_write_opt(&w, COAP_OPT_URI_QUERY, ep, (size_t)ep_len);
	*digits_at = (uint16_t)(w.len - (size_t)digits);
	coap_write_opt_str(&w, COAP_OPT_URI_QUERY, lifetime);
	coap_write_opt_str(&w, COAP_OPT_URI_QUERY, "lwm2m=1.1");
	coap_write_opt_str(&w, COAP_OPT_URI_QUERY, "b=U");
	coap_write_payload(&w, links, sizeof(links) - 1);
	return coap_write_finish(&w);
}

size_t request_write_register(const struct scenario *sc, uint32_t index, uint32_t lifetime_s,
			      uint16_t mid, uint64_t token, uint8_t *out)
{
	uint16_t digits_at;

	return write_whole_register(sc, index, lifetime_s, mid, token, out, &digits_at);
}

bool request_templates_init(struct request_templates *t, const struct scenario *sc)
{
	*t = (struct request_templates){.digits = (uint8_t)request_digits(sc)};
	t->register_len = (uint16_t)write_whole_register(sc, 0, sc->lifetime_s, 0, 0, t->regist,
							 &t->digits_at);
	if (t->register_len == 0)
		return false;
	memset(t->regist + t->digits_at, 0, t->digits);
	t->register_sum = sum_bytes(t->regist, t->register_len);
	return true;
}

static void set_head(struct request_templates *t, const uint8_t *prefix, size_t len)
{
	t->head[0] = 0x40 | REQUEST_TOKEN_LEN; // RFC 7252 section 3: version 1, Confirmable
	memcpy(t->head + REQUEST_TAIL_AT, prefix, len);
	t->head_len = (uint8_t)(REQUEST_TAIL_AT + len);
	for (unsigned kind = 0; kind < 3; kind++) {
		t->head[1] = codes[kind];
		t->head_sum[kind] = sum_fold(sum_bytes(t->head, t->head_len));
	}
	t->head[1] = 0;
}

bool request_set_location(struct request_templates *t, struct device *dev,
			  const struct coap_msg *msg)
{
	struct coap_opt_iter it = coap_opts_begin(msg);
	uint8_t prefix[REQUEST_PREFIX_MAX], tail[sizeof(dev->tail)];
	struct coap_opt opt, last = {0};
	struct coap_writer w;
	size_t prefix_len = 0;

	// Options without a header: the writer starts behind an empty message's four bytes.
	uint8_t buf[4 + REQUEST_PREFIX_MAX + sizeof(tail)];
	coap_write_begin(&w, buf, sizeof(buf), COAP_CON, COAP_POST, 0, NULL, 0);
	while (coap_opts_next(&it, &opt)) {
		if (opt.number != COAP_OPT_LOCATION_PATH)
			continue;
		prefix_len = w.len - 4;
		coap_write_opt(&w, COAP_OPT_URI_PATH, opt.value, opt.len);
		last = opt;
	}
	size_t len = coap_write_finish(&w);
	if (len == 0 || last.len == 0 || last.len > DEVICE_LOCATION_MAX ||
	    prefix_len > REQUEST_PREFIX_MAX)
		return false;
	memcpy(prefix, buf + 4, prefix_len);
	if (t->head_len == 0)
		set_head(t, prefix, prefix_len);
	if (t->head_len != REQUEST_TAIL_AT + prefix_len ||
	    memcmp(t->head + REQUEST_TAIL_AT, prefix, prefix_len) != 0)
		return false;
	dev->tail_len = (uint8_t)(len - 4 - prefix_len);
	memset(dev->tail, 0, sizeof(dev->tail));
	memcpy(dev->tail, buf + 4 + prefix_len, dev->tail_len);
	uint64_t sum = sum_bytes(dev->tail, dev->tail_len);
	dev->tail_sum = sum_fold(t->head_len % 2 ? sum_swap(sum) : sum);
	return true;
}

static uint64_t patch(uint8_t *out, uint16_t mid, uint64_t token)
{
	uint16_t mid_be = rte_cpu_to_be_16(mid);

	memcpy(out + 2, &mid_be, sizeof(mid_be));
	memcpy(out + 4, &token, sizeof(token));
	return mid_be + (token & 0xffffffff) + (token >> 32);
}

static size_t write_register(const struct request_templates *t, uint32_t index, uint16_t mid,
			     uint64_t token, uint8_t *out, uint32_t *sum)
{
	memcpy(out, t->regist, t->register_len);
	for (unsigned i = t->digits; i-- > 0; index /= 10)
		out[t->digits_at + i] = (uint8_t)('0' + index % 10);
	uint64_t digits = sum_bytes(out + t->digits_at, t->digits);
	uint64_t total = t->register_sum + patch(out, mid, token);
	*sum = sum_fold(total + (t->digits_at % 2 ? sum_swap(digits) : digits));
	return t->register_len;
}

size_t request_write(const struct request_templates *t, enum request_kind kind,
		     const struct device *dev, uint32_t index, uint16_t mid, uint64_t token,
		     uint8_t *out, uint32_t *sum)
{
	if (kind == REQUEST_REGISTER)
		return write_register(t, index, mid, token, out, sum);
	memcpy(out, t->head, sizeof(t->head));
	memcpy(out + t->head_len, dev->tail, sizeof(dev->tail));
	out[1] = codes[kind];
	*sum = sum_fold(t->head_sum[kind] + dev->tail_sum + patch(out, mid, token));
	return t->head_len + dev->tail_len;
}

size_t request_write_update(const struct request_templates *t, const struct device *dev,
			    uint32_t lifetime_s, uint16_t mid, uint64_t token, uint8_t *out)
{
	uint32_t sum;
	size_t len = request_write(t, REQUEST_UPDATE, dev, 0, mid, token, out, &sum);
	int text_len = snprintf((char *)out + len + 1, 16, "lt=%u", lifetime_s);

	assert(text_len <= 12);                // no second byte for the length
	out[len] = (uint8_t)(0x40 | text_len); // Uri-Query, 4 above Uri-Path
	return len + 1 + (size_t)text_len;
}

size_t request_write_ping(uint16_t mid, uint8_t *out)
{
	out[0] = 0x40; // Confirmable, no token
	out[1] = COAP_EMPTY;
	out[2] = (uint8_t)(mid >> 8);
	out[3] = (uint8_t)mid;
	return 4;
}

size_t request_write_hello(const uint32_t random[static 8], uint8_t *out)
{
	enum { RANDOM_AT = 13 + 12 + 2 };
	static const uint8_t hello[] = {
		22,   0xfe, 0xfd, 0,    0, 0, 0, 0, 0, 0, 0, 0,  61, // record
		1,    0,    0,    49,   0, 0, 0, 0, 0, 0, 0, 49,     // message
		0xfe, 0xfd,                                          // DTLS 1.2
		0,    0,    0,    0,    0, 0, 0, 0, 0, 0, 0, 0,  0,  0, 0, 0,
		0,    0,    0,    0,    0, 0, 0, 0, 0, 0, 0, 0,  0,  0, 0, 0,
		0,                      // session id
		0,                      // cookie
		0,    2,    0xc0, 0xa8, // cipher suite
		1,    0,                // no compression
		0,    5,    0,    54,   0, 1, 0,
	};

	memcpy(out, hello, sizeof(hello));
	memcpy(out + RANDOM_AT, random, 32);
	return sizeof(hello);
}
