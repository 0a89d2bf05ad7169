// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
#include "dataplane/bridge/config_backend.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "dataplane/bridge/config_schema.h"
#include "lwm2m/core/path.h"

#define PATTERNS_MAX 64
#define HEADERS_MAX  32
#define NAME_MAX     64 // it names a file, too
#define NAME_CHARS   "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-"
// RFC 9110 section 5.6.2.
#define TOKEN_CHARS "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789!#$%&'*+-.^_`|~"

struct number {
	const char *key;
	size_t offset; // in struct config_backend
	uint32_t min, max, otherwise;
};

#define NUMBER(field, min, max, otherwise)                                          \
	{                                                                           \
#field, offsetof(struct config_backend, field), min, max, otherwise \
	}

static const struct number numbers[] = {
	NUMBER(batch.events, 1, 10000, 256),
	NUMBER(batch.bytes, 1024, 16 << 20, 1 << 20),
	NUMBER(batch.linger_ms, 0, 60000, 20),
	NUMBER(connections, 1, 16, 1),
	NUMBER(timeout_s, 1, 300, 10),
	NUMBER(retry.min_ms, 1, 60000, 200),
	NUMBER(retry.max_ms, 1, 3600000, 10000),
	NUMBER(retry.pause_after, 1, 1000, 10),
	NUMBER(retry.pause_s, 1, 3600, 15),
	NUMBER(retry.refuse_after, 1, 100, 3),
	NUMBER(dead_letter_bytes, 4096, UINT32_MAX, 64 << 20),
};
#define NUMBERS (sizeof(numbers) / sizeof(numbers[0]))

struct key {
	char text[96];
};

static struct key key_of(const char *prefix, const char *field)
{
	struct key key;

	snprintf(key.text, sizeof(key.text), "%.48s%.40s", prefix, field);
	return key;
}

static struct key entry_of(const char *prefix, const char *list, uint32_t index)
{
	struct key key;

	snprintf(key.text, sizeof(key.text), "%.48s%.20s[%" PRIu32 "]", prefix, list, index);
	return key;
}

void config_backend_fill(struct config_doc *doc, const char *prefix, struct config_backend *backend)
{
	for (size_t i = 0; i < NUMBERS; i++) {
		const struct number *n = &numbers[i];

		if (doc == NULL || config_doc_line(doc, key_of(prefix, n->key).text) == 0)
			memcpy((char *)backend + n->offset, &n->otherwise, sizeof(n->otherwise));
	}
}

void config_backend_defaults(struct config_backend *backend)
{
	config_backend_fill(NULL, "", backend);
}

static void numbers_check(struct config_doc *doc, const char *prefix,
			  const struct config_backend *backend)
{
	for (size_t i = 0; i < NUMBERS; i++) {
		const struct number *n = &numbers[i];
		uint32_t value;

		memcpy(&value, (const char *)backend + n->offset, sizeof(value));
		if (value < n->min || value > n->max)
			config_doc_problem(doc, key_of(prefix, n->key).text,
					   "out of range: %" PRIu32 " (%" PRIu32 " to %" PRIu32 ")",
					   value, n->min, n->max);
	}
}

static void name_check(struct config_doc *doc, const char *prefix, const char *name)
{
	struct key key = key_of(prefix, "name");

	if (name == NULL || name[0] == '\0')
		config_doc_problem(doc, key.text, "missing (letters, digits, '.', '_', '-')");
	else if (name[strspn(name, NAME_CHARS)] != '\0' || name[0] == '.')
		config_doc_problem(doc, key.text, "not a name: %s (letters, digits, '.', '_', '-')",
				   name);
	else if (strlen(name) > NAME_MAX)
		config_doc_problem(doc, key.text, "too long (at most %d characters)", NAME_MAX);
}

// scheme://host..., without blanks; the rest is judged by who connects.
static bool url_plausible(const char *url)
{
	size_t scheme = strncasecmp(url, "http://", 7) == 0    ? 7
			: strncasecmp(url, "https://", 8) == 0 ? 8
							       : 0;

	if (scheme == 0 || strcspn(url + scheme, "/?#") == 0)
		return false;
	for (; *url != '\0'; url++) {
		if ((unsigned char)*url <= 0x20 || *url == 0x7f)
			return false;
	}
	return true;
}

static void url_check(struct config_doc *doc, const char *prefix, const char *url)
{
	struct key key = key_of(prefix, "url");

	if (url == NULL)
		config_doc_problem(doc, key.text, "missing (http://... or https://...)");
	else if (!url_plausible(url))
		config_doc_problem(doc, key.text, "not a URL: %s (http://... or https://...)", url);
}

static void count_check(struct config_doc *doc, const char *prefix, const char *list,
			uint32_t count, uint32_t max)
{
	if (count > max)
		config_doc_problem(doc, key_of(prefix, list).text,
				   "too many: %" PRIu32 " (up to %" PRIu32 ")", count, max);
}

static void filter_check(struct config_doc *doc, const char *prefix,
			 const struct config_backend *backend)
{
	count_check(doc, prefix, "endpoints", backend->endpoints_count, PATTERNS_MAX);
	for (uint32_t i = 0; i < backend->endpoints_count; i++)
		if (backend->endpoints[i][0] == '\0')
			config_doc_problem(doc, entry_of(prefix, "endpoints", i).text,
					   "empty (a pattern, e.g. meter-*)");
	count_check(doc, prefix, "paths", backend->paths_count, PATTERNS_MAX);
	for (uint32_t i = 0; i < backend->paths_count; i++) {
		const char *text = backend->paths[i];
		struct lwm2m_path path;

		if (!lwm2m_path_parse(&path, text, strlen(text)) || path.depth == 0)
			config_doc_problem(doc, entry_of(prefix, "paths", i).text,
					   "not a path: %s (e.g. /3303 or /3/0/9)", text);
	}
}

// A value goes into a header line as it is.
static bool line_safe(const char *text)
{
	for (; *text != '\0'; text++)
		if ((unsigned char)*text < 0x20 || *text == 0x7f)
			return false;
	return true;
}

static void secret_check(struct config_doc *doc, const char *prefix, const char *name,
			 const char *text, const char *file)
{
	struct key key = key_of(prefix, name);

	if (text != NULL && file != NULL)
		config_doc_problem(doc, key.text, "given here and as a file (one of the two)");
	if (text != NULL && (text[0] == '\0' || !line_safe(text)))
		config_doc_problem(doc, key.text, "empty, or has control characters (one line)");
	if (file != NULL && file[0] == '\0')
		config_doc_problem(doc, key.text, "empty (a file)");
}

static void auth_check(struct config_doc *doc, const char *prefix, const struct config_auth *auth)
{
	secret_check(doc, prefix, "auth.bearer", auth->bearer, auth->bearer_file);
	secret_check(doc, prefix, "auth.basic", auth->basic, auth->basic_file);
	secret_check(doc, prefix, "auth.hmac_key", auth->hmac_key, auth->hmac_key_file);
	if ((auth->bearer != NULL || auth->bearer_file != NULL) &&
	    (auth->basic != NULL || auth->basic_file != NULL))
		config_doc_problem(doc, key_of(prefix, "auth").text,
				   "both bearer and basic (one of the two)");
	if (auth->basic != NULL && strchr(auth->basic, ':') == NULL)
		config_doc_problem(doc, key_of(prefix, "auth.basic").text,
				   "no colon (user:password)");
}

// Of "Name: value"; what the body is like is ours to say.
static bool header_allowed(const char *header)
{
	size_t len = strspn(header, TOKEN_CHARS);

	if (len == 0 || header[len] != ':' || !line_safe(header))
		return false;
	return strncasecmp(header, "Content-", 8) != 0 &&
	       strncasecmp(header, "Transfer-Encoding:", 18) != 0 &&
	       strncasecmp(header, "X-Sluice-", 9) != 0;
}

static void headers_check(struct config_doc *doc, const char *prefix,
			  const struct config_backend *backend)
{
	count_check(doc, prefix, "headers", backend->headers_count, HEADERS_MAX);
	for (uint32_t i = 0; i < backend->headers_count; i++)
		if (!header_allowed(backend->headers[i])) // it may be a secret: not repeated here
			config_doc_problem(doc, entry_of(prefix, "headers", i).text,
					   "not a header that can be set (Name: value)");
}

void config_backend_check(struct config_doc *doc, const char *prefix,
			  const struct config_backend *backend)
{
	const struct config_tls *tls = &backend->tls;

	name_check(doc, prefix, backend->name);
	url_check(doc, prefix, backend->url);
	numbers_check(doc, prefix, backend);
	if (backend->retry.max_ms < backend->retry.min_ms)
		config_doc_problem(doc, key_of(prefix, "retry.max_ms").text,
				   "less than min_ms (%" PRIu32 " or more)", backend->retry.min_ms);
	filter_check(doc, prefix, backend);
	auth_check(doc, prefix, &backend->auth);
	headers_check(doc, prefix, backend);
	if ((tls->certificate != NULL) != (tls->key != NULL))
		config_doc_problem(doc, key_of(prefix, "tls").text,
				   "certificate without key or key without certificate (both)");
}

static bool name_take(struct config_doc *doc, struct config_backend *backend, const char *name)
{
	if (backend->name == NULL)
		backend->name = strdup(name);
	if (backend->name == NULL)
		return false;
	if (strcmp(backend->name, name) != 0)
		config_doc_problem(doc, "name", "not that of the request (%s)", name);
	return true;
}

// Whoever may use REST must not have files of ours sent to wherever they like.
static void files_refuse(struct config_doc *doc, const struct config_auth *auth)
{
	if (auth->bearer_file != NULL || auth->basic_file != NULL || auth->hmac_key_file != NULL)
		config_doc_problem(doc, "auth", "a file (only in the configuration file)");
}

struct config_backend *config_backend_load(const char *name, const char *json, size_t len,
					   FILE *err)
{
	struct config_backend *backend = NULL;
	struct config_doc doc;

	if (config_doc_init_text(&doc, json, len, err))
		backend = config_schema_load_backend(&doc);
	if (backend != NULL && !name_take(&doc, backend, name))
		config_doc_problem(&doc, "", "out of memory");
	else if (backend != NULL) {
		config_backend_fill(&doc, "", backend);
		config_backend_check(&doc, "", backend);
		files_refuse(&doc, &backend->auth);
	}
	if (doc.problems != 0 && backend != NULL) {
		config_backend_free(backend);
		backend = NULL;
	}
	config_doc_fini(&doc);
	return backend;
}

void config_backend_free(struct config_backend *backend)
{
	if (backend != NULL)
		config_schema_free_backend(backend);
}
