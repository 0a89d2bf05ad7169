// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
#include "lwm2m/core/link.h"

#include <string.h>

// Characters of RFC 6690 section 2: URI (RFC 3986, ASCII without < > " and space), attribute names
// (RFC 5987 parmname, with the closing star) and values outside quotes (ptoken).
enum {
	URI = 1 << 0,
	NAME = 1 << 1,
	TOKEN = 1 << 2,
};

static bool is(char c, int class)
{
	static const char name_marks[] = "!#$&+-.^_`|~*";
	static const char token_marks[] = "!#$%&'()*+-./:<=>?@[]^_`{|}~";
	bool alnum = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');

	if (alnum)
		return true;
	if (c <= ' ' || c == 0x7f || (unsigned char)c > 0x7f)
		return false;
	if (class == URI)
		return c != '<' && c != '>' && c != '"';
	return strchr(class == NAME ? name_marks : token_marks, c) != NULL;
}

static const char *skip(const char *p, const char *end, int class)
{
	while (p < end && is(*p, class))
		p++;
	return p;
}

// p is at the opening quote. NULL when there is no closing one. RFC 2616 quoted-string: octets
// except control characters, with a backslash in front of any that is meant literally.
static const char *skip_quoted(const char *p, const char *end)
{
	for (p++; p < end && *p != '"'; p++) {
		if (*p == '\\' && ++p == end)
			return NULL;
		if ((unsigned char)*p < ' ' || *p == 0x7f)
			return NULL;
	}
	return p < end ? p + 1 : NULL;
}

// One attribute; *p is at its semicolon and moves past its value. The error, or NULL.
static const char *attr_parse(const char **p, const char *end, struct link_attr *attr)
{
	const char *name = *p + 1;
	const char *at = skip(name, end, NAME);

	*p = at;
	if (at == name)
		return "attribute name expected";
	*attr = (struct link_attr){.name = name, .name_len = (uint16_t)(at - name)};
	if (at == end || *at != '=')
		return NULL;

	const char *value = ++at;
	bool quoted = at < end && *at == '"';
	at = quoted ? skip_quoted(at, end) : skip(at, end, TOKEN);
	*p = value;
	if (!at)
		return "quoted value without its end";
	if (at == value)
		return "attribute value expected";
	attr->value = value;
	attr->value_len = (uint16_t)(at - value);
	*p = at;
	return NULL;
}

struct link_iter link_iter_begin(const char *text, size_t len)
{
	const char *p = text ? text : "";
	struct link_iter it = {.p = p, .end = p + len};

	// The lengths in struct link are 16 bits wide.
	if (len > UINT16_MAX)
		it.error = "longer than 65535 bytes";
	return it;
}

static bool fail(struct link_iter *it, const char *at, const char *error)
{
	it->p = at;
	it->error = error;
	return false;
}

bool link_iter_next(struct link_iter *it, struct link *link)
{
	const char *p = it->p;
	const char *end = it->end;
	struct link_attr attr;

	if (it->error || p == end)
		return false;
	if (*p != '<')
		return fail(it, p, "link must start with <");
	link->uri = ++p;
	p = skip(p, end, URI);
	if (p == end || *p != '>')
		return fail(it, p, "link target without its >");
	link->uri_len = (uint16_t)(p - link->uri);
	link->attrs = ++p;
	while (p < end && *p == ';') {
		const char *error = attr_parse(&p, end, &attr);
		if (error)
			return fail(it, p, error);
	}
	link->attrs_len = (uint16_t)(p - link->attrs);
	if (p < end) {
		if (*p++ != ',')
			return fail(it, p - 1, "comma or semicolon expected");
		if (p == end)
			return fail(it, p, "link expected after the comma");
	}
	it->p = p;
	return true;
}

bool link_attr_next(const struct link *link, size_t *pos, struct link_attr *attr)
{
	const char *end = link->attrs + link->attrs_len;
	const char *p = link->attrs + *pos;

	if (*pos >= link->attrs_len || *p != ';' || attr_parse(&p, end, attr))
		return false;
	*pos = (size_t)(p - link->attrs);
	return true;
}

bool link_attr_find(const struct link *link, const char *name, struct link_attr *attr)
{
	size_t name_len = strlen(name);
	size_t pos = 0;

	while (link_attr_next(link, &pos, attr)) {
		if (attr->name_len == name_len && memcmp(attr->name, name, name_len) == 0)
			return true;
	}
	return false;
}
