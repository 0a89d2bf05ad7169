// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// The configuration file as text and as a tree that still knows its lines; libcyaml's typed data
// does not. Used to load, to tell "absent" from "0", and to name the line of every problem. Private
// to dataplane/bridge/config*.c.
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include <yaml.h>

struct config_doc {
	const char *path; // the caller's; NULL: of a text, and its problems name no place
	FILE *err;
	uint32_t problems;
	char *text;
	size_t text_len;
	bool loaded;
	yaml_document_t tree;
};

// Reads and parses; the file must hold exactly one document. False after reporting why not. In both
// cases config_doc_fini is due. err may be NULL: nothing is written.
bool config_doc_init(struct config_doc *doc, const char *path, FILE *err);
// The same of a text, which is copied.
bool config_doc_init_text(struct config_doc *doc, const char *text, size_t len, FILE *err);
void config_doc_fini(struct config_doc *doc);

// The line of "a.b[1].c" (the last, if a key is repeated); 0 if there is no such key.
uint32_t config_doc_line(struct config_doc *doc, const char *key);
// The same for a child of parent ("" is the root) whose name may hold any character.
uint32_t config_doc_child_line(struct config_doc *doc, const char *parent, const char *child);
// False when there is no such key.
bool config_doc_is_mapping(struct config_doc *doc, const char *key);

// Writes one line, "FILE:LINE: KEY: text", and counts it. The line is that of the key or of the
// closest thing around it; whatever is unprintable in the text becomes '?'.
__attribute__((format(printf, 3, 4))) void
config_doc_problem(struct config_doc *doc, const char *key, const char *fmt, ...);
__attribute__((format(printf, 4, 5))) void
config_doc_problem_at(struct config_doc *doc, uint32_t line, const char *key, const char *fmt, ...);
