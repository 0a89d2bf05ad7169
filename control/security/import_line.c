// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
#include "control/security/import_line.h"

#include <jansson.h>
#include <string.h>
#include <strings.h>

#include "control/security/json.h"
#include "control/security/public_key.h"

enum column { ENDPOINT, MODE, IDENTITY, KEY, COLUMNS };

struct row {
	struct {
		const char *text;
		size_t len;
	} columns[COLUMNS];
	char buf[CTL_IMPORT_LINE_MAX]; // the fields, out of their quotes
	size_t used;
};

// One field, up to its comma or the end. NULL, or what is wrong with it.
static const char *field_take(struct row *row, enum column column, const char **at, const char *end)
{
	const char *p = *at;
	char *to = row->buf + row->used;
	bool quoted = p < end && *p == '"';

	row->columns[column].text = to;
	p += quoted;
	while (p < end && (quoted || *p != ',')) {
		if (*p == '"' && (!quoted || p + 1 == end || p[1] != '"'))
			break;
		p += *p == '"'; // a quote in a quoted field is written twice
		*to++ = *p++;
	}
	if (quoted && p < end)
		p++;
	else if (quoted)
		return "a quote is not closed";
	if (p < end && *p != ',')
		return "a quote in the middle of a field";
	row->columns[column].len = (size_t)(to - row->columns[column].text);
	row->used = (size_t)(to - row->buf);
	*at = p;
	return NULL;
}

static const char *row_split(struct row *row, const char *line, size_t len)
{
	const char *at = line, *end = line + len, *why = NULL;

	memset(row->columns, 0, sizeof(row->columns));
	row->used = 0;
	for (enum column column = ENDPOINT; why == NULL; column++) {
		if (column == COLUMNS)
			return "more than four fields (endpoint,mode,identity,key)";
		why = field_take(row, column, &at, end);
		if (at == end)
			break;
		at++; // the comma
	}
	return why;
}

static bool is(const struct row *row, enum column column, const char *text)
{
	return row->columns[column].len == strlen(text) &&
	       strncasecmp(row->columns[column].text, text, strlen(text)) == 0;
}

static bool is_heading(const struct row *row)
{
	return is(row, ENDPOINT, "endpoint") && is(row, MODE, "mode") &&
	       is(row, IDENTITY, "identity") && is(row, KEY, "key");
}

// key has room for either kind.
static const char *row_parse(const struct row *row, struct ctl_credential_parts *parts,
			     uint8_t key[static CTL_PUBLIC_KEY_MAX])
{
	const char *why = NULL;
	size_t len = 0;

	parts->endpoint = row->columns[ENDPOINT].text;
	parts->endpoint_len = row->columns[ENDPOINT].len;
	if (row->columns[KEY].len > 0)
		why = ctl_key_parse(row->columns[KEY].text, row->columns[KEY].len, key,
				    CTL_PUBLIC_KEY_MAX, &len);
	if (is(row, MODE, "psk")) {
		parts->mode = CTL_CREDENTIAL_PSK;
		parts->identity = row->columns[IDENTITY].text;
		parts->identity_len = row->columns[IDENTITY].len;
		parts->key = key;
		parts->key_len = len;
		return why;
	}
	if (row->columns[IDENTITY].len > 0)
		return "an identity is for mode psk only";
	parts->identity = key;
	parts->identity_len = len;
	if (is(row, MODE, "rpk")) {
		parts->mode = CTL_CREDENTIAL_RPK;
		return why;
	}
	if (!is(row, MODE, "x509"))
		return "mode is not psk, rpk or x509";
	parts->mode = CTL_CREDENTIAL_X509;
	return row->columns[KEY].len > 0 ? "a key is for modes psk and rpk only" : NULL;
}

static struct ctl_credential *csv_line(const char *line, size_t len, const char **why)
{
	struct ctl_credential_parts parts = {0};
	struct ctl_credential *credential = NULL;
	uint8_t key[CTL_PUBLIC_KEY_MAX];
	struct row row;

	*why = row_split(&row, line, len);
	if (*why == NULL && !is_heading(&row)) {
		*why = row_parse(&row, &parts, key);
		if (*why == NULL)
			credential = ctl_credential_new(&parts, why);
	}
	explicit_bzero(key, sizeof(key));
	explicit_bzero(row.buf, row.used);
	return credential;
}

static struct ctl_credential *json_line(const char *line, size_t len, const char **why)
{
	struct ctl_credential *credential = NULL;
	json_t *json = json_loadb(line, len, JSON_REJECT_DUPLICATES, NULL);

	*why = "not JSON";
	if (json != NULL)
		credential = ctl_credential_parse(json, why);
	json_decref(json);
	return credential;
}

struct ctl_credential *ctl_import_line(const char *line, size_t len, const char **why)
{
	*why = NULL;
	while (len > 0 && (line[len - 1] == '\r' || line[len - 1] == ' ' || line[len - 1] == '\t'))
		len--;
	if (len == 0)
		return NULL;
	if (len > CTL_IMPORT_LINE_MAX) {
		*why = "the line is longer than 4096 bytes";
		return NULL;
	}
	return line[0] == '{' ? json_line(line, len, why) : csv_line(line, len, why);
}
