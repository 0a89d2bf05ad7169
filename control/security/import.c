// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
#include "control/security/import.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "control/security/import_line.h"

#define BATCH 4096u // lines per commit

struct import_entry {
	uint64_t line;
	struct ctl_credential *credential; // NULL: wrong
	const char *why;
};

struct ctl_import {
	struct ctl_credentials *credentials;
	char line[CTL_IMPORT_LINE_MAX + 1]; // the beginning of one that is not whole yet
	size_t line_len;                    // more than fits: too long
	uint64_t lines;
	uint64_t changes[CTL_CREDENTIAL_TAKEN + 1];
	uint64_t failed;
	struct import_entry errors[CTL_IMPORT_ERRORS_MAX]; // without credentials
	int rc;                                            // of the store; nothing is taken then
	uint64_t rc_line;
	size_t count;
	struct import_entry batch[BATCH];
};

struct ctl_import *ctl_import_new(struct ctl_credentials *credentials)
{
	struct ctl_import *import = calloc(1, sizeof(*import));

	if (import != NULL)
		import->credentials = credentials;
	return import;
}

static void batch_drop(struct ctl_import *import)
{
	for (size_t i = 0; i < import->count; i++)
		ctl_credential_free(import->batch[i].credential);
	import->count = 0;
}

void ctl_import_free(struct ctl_import *import)
{
	if (import == NULL)
		return;
	batch_drop(import);
	explicit_bzero(import->line, sizeof(import->line));
	free(import);
}

static void wrong(struct ctl_import *import, uint64_t line, const char *why)
{
	if (import->failed < CTL_IMPORT_ERRORS_MAX)
		import->errors[import->failed] = (struct import_entry){.line = line, .why = why};
	import->failed++;
}

// Takes the entry's credential.
static int entry_put(struct ctl_import *import, struct import_entry *entry,
		     enum ctl_credential_change *change)
{
	struct ctl_credential *credential = entry->credential;

	entry->credential = NULL;
	return ctl_credentials_put(import->credentials, credential, change);
}

static bool batch_is_wrong(const struct ctl_import *import)
{
	for (size_t i = 0; i < import->count; i++)
		if (import->batch[i].credential != NULL)
			return false;
	return true;
}

static int batch_put(struct ctl_import *import)
{
	enum ctl_credential_change change;
	int rc = ctl_credentials_begin(import->credentials);

	for (size_t i = 0; rc == 0 && i < import->count; i++) {
		struct import_entry *entry = &import->batch[i];

		if (entry->credential == NULL)
			continue;
		rc = entry_put(import, entry, &change);
		if (rc == 0 && change == CTL_CREDENTIAL_TAKEN)
			entry->why = "the identity is already used by another endpoint";
		else if (rc == 0)
			import->changes[change]++;
	}
	if (rc == 0)
		ctl_credentials_commit(import->credentials);
	return rc;
}

static void batch_flush(struct ctl_import *import)
{
	uint64_t before[CTL_CREDENTIAL_TAKEN + 1];

	if (import->count == 0)
		return;
	memcpy(before, import->changes, sizeof(before));
	import->rc = batch_is_wrong(import) ? 0 : batch_put(import);
	if (import->rc != 0) {
		ctl_credentials_abort(import->credentials);
		memcpy(import->changes, before, sizeof(before));
		import->rc_line = import->batch[0].line;
	} else {
		for (size_t i = 0; i < import->count; i++)
			if (import->batch[i].why != NULL)
				wrong(import, import->batch[i].line, import->batch[i].why);
	}
	batch_drop(import);
}

static void line_take(struct ctl_import *import, const char *line, size_t len)
{
	struct import_entry entry = {.line = ++import->lines};

	entry.credential = ctl_import_line(line, len, &entry.why);
	if (entry.credential == NULL && entry.why == NULL)
		return;
	import->batch[import->count++] = entry;
	if (import->count == BATCH)
		batch_flush(import);
}

// Of a line that is too long only the length is kept.
static void line_keep(struct ctl_import *import, const char *bytes, size_t len)
{
	size_t room = import->line_len < sizeof(import->line)
			      ? sizeof(import->line) - import->line_len
			      : 0;

	memcpy(import->line + import->line_len, bytes, len < room ? len : room);
	import->line_len = len < room ? import->line_len + len : sizeof(import->line);
}

void ctl_import_take(struct ctl_import *import, const char *bytes, size_t len)
{
	const char *end;

	while (import->rc == 0 && (end = memchr(bytes, '\n', len)) != NULL) {
		size_t part = (size_t)(end - bytes);

		if (import->line_len == 0) {
			line_take(import, bytes, part);
		} else {
			line_keep(import, bytes, part);
			line_take(import, import->line, import->line_len);
			import->line_len = 0;
		}
		bytes += part + 1;
		len -= part + 1;
	}
	if (import->rc == 0)
		line_keep(import, bytes, len);
}

int ctl_import_end(struct ctl_import *import, uint64_t *line)
{
	if (import->rc == 0 && import->line_len > 0)
		line_take(import, import->line, import->line_len);
	import->line_len = 0;
	if (import->rc == 0)
		batch_flush(import);
	*line = import->rc_line;
	return import->rc;
}

json_t *ctl_import_json(const struct ctl_import *import)
{
	json_t *errors = json_array();

	for (uint64_t i = 0; i < import->failed && i < CTL_IMPORT_ERRORS_MAX; i++) {
		const struct import_entry *error = &import->errors[i];

		if (json_array_append_new(errors,
					  json_pack("{s:I, s:s}", "line", (json_int_t)error->line,
						    "error", error->why)) != 0) {
			json_decref(errors);
			return NULL;
		}
	}
	return json_pack("{s:I, s:I, s:I, s:I, s:I, s:o}", "lines", (json_int_t)import->lines,
			 "added", (json_int_t)import->changes[CTL_CREDENTIAL_ADDED], "replaced",
			 (json_int_t)import->changes[CTL_CREDENTIAL_REPLACED], "unchanged",
			 (json_int_t)import->changes[CTL_CREDENTIAL_UNCHANGED], "failed",
			 (json_int_t)import->failed, "errors", errors);
}
