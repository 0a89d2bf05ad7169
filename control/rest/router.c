// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
#include "control/rest/router.h"

#include <string.h>

#define SEGMENTS_MAX 16u // of a path; the longest route has 7

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

ssize_t ctl_percent_decode(char *text)
{
	char *out = text;

	for (const char *p = text; *p; p++) {
		int high, low;

		if (*p != '%') {
			*out++ = *p;
			continue;
		}
		high = hex_digit(p[1]);
		low = high < 0 ? -1 : hex_digit(p[2]);
		if (low < 0)
			return -1;
		*out++ = (char)(high << 4 | low);
		p += 2;
	}
	*out = '\0';
	return out - text;
}

// Splits before decoding, so that an endpoint name may contain %2F.
static int split(char *path, struct ctl_text segs[static SEGMENTS_MAX])
{
	uint32_t n = 0;

	if (*path == '/')
		path++;
	while (*path) {
		char *slash = strchr(path, '/');
		ssize_t len;

		if (slash)
			*slash = '\0';
		len = ctl_percent_decode(path);
		if (len < 0 || n == SEGMENTS_MAX)
			return -1;
		segs[n++] = (struct ctl_text){path, (size_t)len};
		if (!slash)
			break;
		path = slash + 1; // a slash at the very end adds no segment
	}
	return (int)n;
}

// How many segments a pattern has.
static uint32_t segments_of(const char *pattern)
{
	uint32_t n = 0;

	for (const char *p = pattern; *p; p++)
		n += *p == '/';
	return n;
}

static bool take_args(struct ctl_req *req, const struct ctl_text *segs, uint32_t count)
{
	if (count > CTL_REQ_ARGS_MAX - req->args_count)
		return false;
	for (uint32_t i = 0; i < count; i++)
		req->args[req->args_count++] = segs[i];
	return true;
}

static bool match(const char *pattern, const struct ctl_text *segs, uint32_t n, struct ctl_req *req)
{
	uint32_t i = 0;

	req->args_count = 0;
	for (const char *p = pattern; *p;) {
		size_t len = strcspn(++p, "/");
		bool rest = len == 2 && memcmp(p, "**", 2) == 0;
		bool one = len == 2 && memcmp(p, "{}", 2) == 0;
		uint32_t behind = segments_of(p + len), count = 1;

		if (i + behind >= n)
			return false;
		if (rest)
			count = n - behind - i;
		if (rest || one ? !take_args(req, segs + i, count)
				: segs[i].len != len || memcmp(segs[i].text, p, len) != 0)
			return false;
		i += count;
		p += len;
	}
	return i == n;
}

enum ctl_route_verdict ctl_route_find(const struct ctl_route *routes, char *path,
				      struct ctl_req *req, const struct ctl_route **found,
				      unsigned int *allowed)
{
	struct ctl_text segs[SEGMENTS_MAX];
	int n = split(path, segs);

	*allowed = 0;
	if (n < 0)
		return CTL_ROUTE_BAD;
	for (const struct ctl_route *route = routes; route->pattern; route++) {
		if (!match(route->pattern, segs, (uint32_t)n, req))
			continue;
		if (route->method == req->method) {
			*found = route;
			return CTL_ROUTE_OK;
		}
		*allowed |= route->method;
	}
	return *allowed ? CTL_ROUTE_METHOD : CTL_ROUTE_NOT_FOUND;
}

const char *ctl_methods_text(unsigned int methods)
{
	static const char *const text[16] = {
		"",
		"GET, HEAD",
		"PUT",
		"GET, HEAD, PUT",
		"POST",
		"GET, HEAD, POST",
		"PUT, POST",
		"GET, HEAD, PUT, POST",
		"DELETE",
		"GET, HEAD, DELETE",
		"PUT, DELETE",
		"GET, HEAD, PUT, DELETE",
		"POST, DELETE",
		"GET, HEAD, POST, DELETE",
		"PUT, POST, DELETE",
		"GET, HEAD, PUT, POST, DELETE",
	};

	return text[methods & 15];
}
