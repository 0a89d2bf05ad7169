// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
#include "dataplane/bridge/config_doc.h"

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "dataplane/bridge/config.h"

// Far above any real configuration; keeps /dev/zero and the like from filling the memory.
#define FILE_MAX (1u << 20)
#define KEY_MAX  256

__attribute__((format(printf, 4, 0))) static void
problem_print(struct config_doc *doc, uint32_t line, const char *key, const char *fmt, va_list args)
{
	char where[32] = "", text[1024];

	doc->problems++;
	if (doc->err == NULL)
		return;
	if (line != 0)
		snprintf(where, sizeof(where), ":%" PRIu32, line);
	vsnprintf(text, sizeof(text), fmt, args);
	for (char *c = text; *c != '\0'; c++) {
		if ((unsigned char)*c < 0x20 || *c == 0x7f)
			*c = '?';
	}
	if (doc->path != NULL)
		fprintf(doc->err, "%s%s: ", doc->path, where);
	fprintf(doc->err, "%s%s%s\n", key, key[0] == '\0' ? "" : ": ", text);
}

void config_doc_problem_at(struct config_doc *doc, uint32_t line, const char *key, const char *fmt,
			   ...)
{
	va_list args;

	va_start(args, fmt);
	problem_print(doc, line, key, fmt, args);
	va_end(args);
}

// Cuts the last step off a key: "a.b[1]" -> "a.b" -> "a" -> "".
static void key_shorten(char *key)
{
	size_t len = strlen(key);

	while (len > 0 && key[len - 1] != '.' && key[len - 1] != '[')
		len--;
	key[len > 0 ? len - 1 : 0] = '\0';
}

void config_doc_problem(struct config_doc *doc, const char *key, const char *fmt, ...)
{
	char around[KEY_MAX];
	uint32_t line;
	va_list args;

	snprintf(around, sizeof(around), "%s", key);
	line = config_doc_line(doc, around);
	while (line == 0 && around[0] != '\0') {
		key_shorten(around);
		line = config_doc_line(doc, around);
	}
	va_start(args, fmt);
	problem_print(doc, line, key, fmt, args);
	va_end(args);
}

static bool file_read(struct config_doc *doc)
{
	FILE *file = fopen(doc->path, "re");

	if (file == NULL) {
		config_doc_problem_at(doc, 0, "", "cannot open (%s)", strerror(errno));
		return false;
	}
	doc->text = malloc(FILE_MAX + 1);
	if (doc->text != NULL)
		doc->text_len = fread(doc->text, 1, FILE_MAX + 1, file);
	if (doc->text == NULL || ferror(file)) {
		config_doc_problem_at(doc, 0, "", "cannot read (%s)", strerror(errno));
	} else if (doc->text_len > FILE_MAX) {
		config_doc_problem_at(doc, 0, "", "too large (at most %u bytes)", FILE_MAX);
	} else {
		fclose(file);
		return true;
	}
	fclose(file);
	return false;
}

static uint32_t line_of_offset(const struct config_doc *doc, size_t offset)
{
	uint32_t line = 1;

	for (size_t i = 0; i < offset && i < doc->text_len; i++)
		line += doc->text[i] == '\n';
	return line;
}

static void syntax_problem(struct config_doc *doc, const yaml_parser_t *parser)
{
	const char *what = parser->problem != NULL ? parser->problem : "out of memory";
	uint32_t line = (uint32_t)parser->problem_mark.line + 1;

	// The reader, which checks the encoding, knows bytes, not lines.
	if (parser->error == YAML_READER_ERROR)
		line = line_of_offset(doc, parser->problem_offset);
	// A syntax error often shows only at the first line that does not fit any more.
	if (parser->context != NULL && parser->context_mark.line != parser->problem_mark.line)
		config_doc_problem_at(doc, line, "syntax", "%s (%s that began in line %zu)", what,
				      parser->context, parser->context_mark.line + 1);
	else
		config_doc_problem_at(doc, line, "syntax", "%s (YAML in UTF-8)", what);
}

static bool second_document_refused(struct config_doc *doc, yaml_parser_t *parser)
{
	yaml_document_t second;
	bool ok = false;

	if (yaml_parser_load(parser, &second) == 0) {
		syntax_problem(doc, parser);
		return false;
	}
	if (yaml_document_get_root_node(&second) == NULL)
		ok = true;
	else
		config_doc_problem_at(doc, (uint32_t)second.start_mark.line + 1, "syntax",
				      "a second document (one is read)");
	yaml_document_delete(&second);
	return ok;
}

static bool tree_load(struct config_doc *doc)
{
	yaml_parser_t parser;
	yaml_node_t *root;
	bool ok = false;

	if (yaml_parser_initialize(&parser) == 0) {
		config_doc_problem_at(doc, 0, "", "out of memory");
		return false;
	}
	yaml_parser_set_input_string(&parser, (const unsigned char *)doc->text, doc->text_len);
	doc->loaded = yaml_parser_load(&parser, &doc->tree) != 0;
	root = doc->loaded ? yaml_document_get_root_node(&doc->tree) : NULL;
	if (!doc->loaded)
		syntax_problem(doc, &parser);
	else if (root == NULL)
		config_doc_problem_at(doc, 1, "", "empty (dataplane.ports is needed at least)");
	else if (root->type != YAML_MAPPING_NODE)
		config_doc_problem_at(doc, (uint32_t)root->start_mark.line + 1, "",
				      "not a mapping (key: value)");
	else
		ok = second_document_refused(doc, &parser);
	yaml_parser_delete(&parser);
	return ok;
}

bool config_doc_init(struct config_doc *doc, const char *path, FILE *err)
{
	*doc = (struct config_doc){.path = path, .err = err};
	return file_read(doc) && tree_load(doc);
}

bool config_doc_init_text(struct config_doc *doc, const char *text, size_t len, FILE *err)
{
	*doc = (struct config_doc){.err = err, .text = malloc(len + 1), .text_len = len};
	if (doc->text == NULL) {
		config_doc_problem_at(doc, 0, "", "out of memory");
		return false;
	}
	memcpy(doc->text, text, len);
	return tree_load(doc);
}

void config_doc_fini(struct config_doc *doc)
{
	if (doc->loaded)
		yaml_document_delete(&doc->tree);
	free(doc->text);
}

// The value under a key, and the line the key stands in. The last of several: libcyaml complains
// about the second, so that is the line to name.
static yaml_node_t *mapping_find(struct config_doc *doc, const yaml_node_t *map, const char *key,
				 size_t key_len, uint32_t *line)
{
	yaml_node_t *found = NULL;

	if (map->type != YAML_MAPPING_NODE)
		return NULL;
	for (yaml_node_pair_t *p = map->data.mapping.pairs.start; p < map->data.mapping.pairs.top;
	     p++) {
		yaml_node_t *name = yaml_document_get_node(&doc->tree, p->key);

		if (name == NULL || name->type != YAML_SCALAR_NODE ||
		    name->data.scalar.length != key_len ||
		    memcmp(name->data.scalar.value, key, key_len) != 0)
			continue;
		found = yaml_document_get_node(&doc->tree, p->value);
		*line = (uint32_t)name->start_mark.line + 1;
	}
	return found;
}

static yaml_node_t *sequence_find(struct config_doc *doc, const yaml_node_t *seq, size_t index,
				  uint32_t *line)
{
	yaml_node_t *node;

	if (seq->type != YAML_SEQUENCE_NODE ||
	    index >= (size_t)(seq->data.sequence.items.top - seq->data.sequence.items.start))
		return NULL;
	node = yaml_document_get_node(&doc->tree, seq->data.sequence.items.start[index]);
	if (node != NULL)
		*line = (uint32_t)node->start_mark.line + 1;
	return node;
}

static yaml_node_t *key_find(struct config_doc *doc, const char *key, uint32_t *line)
{
	yaml_node_t *node = doc->loaded ? yaml_document_get_root_node(&doc->tree) : NULL;

	*line = node != NULL ? (uint32_t)node->start_mark.line + 1 : 0;
	while (node != NULL && *key != '\0') {
		if (*key == '[') {
			char *end;
			size_t index = strtoul(key + 1, &end, 10);

			if (end == key + 1 || *end != ']')
				return NULL;
			node = sequence_find(doc, node, index, line);
			key = end + 1;
		} else {
			size_t len;

			key += *key == '.';
			len = strcspn(key, ".[");
			node = mapping_find(doc, node, key, len, line);
			key += len;
		}
	}
	return node;
}

uint32_t config_doc_line(struct config_doc *doc, const char *key)
{
	uint32_t line;

	return key_find(doc, key, &line) != NULL ? line : 0;
}

bool config_doc_is_mapping(struct config_doc *doc, const char *key)
{
	uint32_t line;
	const yaml_node_t *node = key_find(doc, key, &line);

	return node != NULL && node->type == YAML_MAPPING_NODE;
}

uint32_t config_doc_child_line(struct config_doc *doc, const char *parent, const char *child)
{
	uint32_t line;
	yaml_node_t *node = key_find(doc, parent, &line);

	if (node == NULL)
		return 0;
	mapping_find(doc, node, child, strlen(child), &line);
	return line;
}

uint32_t config_line(const char *path, const char *key)
{
	struct config_doc doc;
	uint32_t line = 0;

	if (config_doc_init(&doc, path, NULL))
		line = config_doc_line(&doc, key);
	config_doc_fini(&doc);
	return line;
}
