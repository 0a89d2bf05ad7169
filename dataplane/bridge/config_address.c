// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// Addresses as they are written in the configuration.
#include <arpa/inet.h>
#include <string.h>

#include "dataplane/bridge/config.h"

// Digits only, no sign, no blanks: what strtoul would let through besides.
static bool number_parse(const char *text, uint32_t max, uint32_t *value)
{
	uint32_t v = 0;

	if (*text == '\0' || strlen(text) > 5)
		return false;
	for (; *text != '\0'; text++) {
		if (*text < '0' || *text > '9')
			return false;
		v = v * 10 + (uint32_t)(*text - '0');
	}
	*value = v;
	return v <= max;
}

static bool address_parse(int family, const char *text, size_t len, uint8_t addr[16])
{
	char buf[INET6_ADDRSTRLEN];

	if (len >= sizeof(buf))
		return false;
	memcpy(buf, text, len);
	buf[len] = '\0';
	if (family == AF_INET6)
		return inet_pton(AF_INET6, buf, addr) == 1;
	memset(addr, 0, 10);
	memset(addr + 10, 0xff, 2);
	return inet_pton(AF_INET, buf, addr + 12) == 1;
}

bool config_parse_endpoint(const char *text, uint8_t addr[16], uint16_t *port)
{
	const char *colon = strrchr(text, ':');
	size_t len;
	uint32_t number;

	if (colon == NULL || !number_parse(colon + 1, 65535, &number))
		return false;
	*port = (uint16_t)number;
	len = (size_t)(colon - text);
	if (text[0] != '[')
		return address_parse(AF_INET, text, len, addr);
	return len >= 2 && text[len - 1] == ']' && address_parse(AF_INET6, text + 1, len - 2, addr);
}

bool config_parse_prefix(const char *text, uint8_t addr[16], uint8_t *prefix_len)
{
	const char *slash = strchr(text, '/');
	int family = strchr(text, ':') != NULL ? AF_INET6 : AF_INET;
	uint32_t number;

	if (slash == NULL || !number_parse(slash + 1, family == AF_INET6 ? 128 : 32, &number))
		return false;
	*prefix_len = (uint8_t)number;
	return address_parse(family, text, (size_t)(slash - text), addr);
}
