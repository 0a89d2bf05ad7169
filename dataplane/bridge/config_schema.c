// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
#include "dataplane/bridge/config_schema.h"

#include <stdarg.h>
#include <string.h>

#include <cyaml/cyaml.h>

#define OPTIONAL     (CYAML_FLAG_OPTIONAL)
#define OPTIONAL_PTR (CYAML_FLAG_OPTIONAL | CYAML_FLAG_POINTER)
#define TEXT_MAX     4096 // longer than any path, URL or device string

static const cyaml_strval_t polls[] = {
	{"adaptive", CONFIG_POLL_ADAPTIVE},
	{"busy", CONFIG_POLL_BUSY},
};

static const cyaml_strval_t durabilities[] = {
	{"commit", CONFIG_DURABILITY_COMMIT},
	{"memory", CONFIG_DURABILITY_MEMORY},
};

// libcyaml's own boolean takes any word it does not know for true.
static const cyaml_strval_t booleans[] = {
	{"false", false},
	{"true", true},
};

static const cyaml_schema_value_t text_value = {
	CYAML_VALUE_STRING(CYAML_FLAG_POINTER, char, 0, TEXT_MAX),
};

static const cyaml_schema_field_t port_fields[] = {
	CYAML_FIELD_STRING_PTR("udp", OPTIONAL_PTR, struct config_port, udp, 0, TEXT_MAX),
	CYAML_FIELD_STRING_PTR("ethdev", OPTIONAL_PTR, struct config_port, ethdev, 0, TEXT_MAX),
	CYAML_FIELD_SEQUENCE("addresses", OPTIONAL_PTR, struct config_port, addresses, &text_value,
			     0, CYAML_UNLIMITED),
	CYAML_FIELD_END,
};

static const cyaml_schema_value_t port_value = {
	CYAML_VALUE_MAPPING(CYAML_FLAG_DEFAULT, struct config_port, port_fields),
};

static const cyaml_schema_field_t dataplane_fields[] = {
	CYAML_FIELD_UINT("workers", OPTIONAL, struct config_dataplane, workers),
	CYAML_FIELD_ENUM("poll", OPTIONAL | CYAML_FLAG_STRICT, struct config_dataplane, poll, polls,
			 CYAML_ARRAY_LEN(polls)),
	CYAML_FIELD_UINT("max_devices", OPTIONAL, struct config_dataplane, max_devices),
	CYAML_FIELD_SEQUENCE("ports", OPTIONAL_PTR, struct config_dataplane, ports, &port_value, 0,
			     CYAML_UNLIMITED),
	CYAML_FIELD_END,
};

static const cyaml_schema_field_t control_fields[] = {
	CYAML_FIELD_STRING_PTR("listen", OPTIONAL_PTR, struct config_control, listen, 0, TEXT_MAX),
	CYAML_FIELD_END,
};

static const cyaml_schema_field_t lwm2m_fields[] = {
	CYAML_FIELD_SEQUENCE("observe", OPTIONAL_PTR, struct config_lwm2m, observe, &text_value, 0,
			     CYAML_UNLIMITED),
	CYAML_FIELD_STRING_PTR("models", OPTIONAL_PTR, struct config_lwm2m, models, 0, TEXT_MAX),
	CYAML_FIELD_UINT("awake_s", OPTIONAL, struct config_lwm2m, awake_s),
	CYAML_FIELD_UINT("queue_ttl_s", OPTIONAL, struct config_lwm2m, queue_ttl_s),
	CYAML_FIELD_UINT("queue_max", OPTIONAL, struct config_lwm2m, queue_max),
	CYAML_FIELD_UINT("body_max", OPTIONAL, struct config_lwm2m, body_max),
	CYAML_FIELD_END,
};

static const cyaml_schema_field_t security_fields[] = {
	CYAML_FIELD_STRING_PTR("key_file", OPTIONAL_PTR, struct config_security, key_file, 0,
			       TEXT_MAX),
	CYAML_FIELD_STRING_PTR("certificate", OPTIONAL_PTR, struct config_security, certificate, 0,
			       TEXT_MAX),
	CYAML_FIELD_STRING_PTR("key", OPTIONAL_PTR, struct config_security, key, 0, TEXT_MAX),
	CYAML_FIELD_STRING_PTR("ca", OPTIONAL_PTR, struct config_security, ca, 0, TEXT_MAX),
	CYAML_FIELD_END,
};

static const cyaml_schema_field_t backend_fields[] = {
	CYAML_FIELD_STRING_PTR("name", OPTIONAL_PTR, struct config_backend, name, 0, TEXT_MAX),
	CYAML_FIELD_STRING_PTR("url", OPTIONAL_PTR, struct config_backend, url, 0, TEXT_MAX),
	CYAML_FIELD_ENUM("raw", OPTIONAL | CYAML_FLAG_STRICT, struct config_backend, raw, booleans,
			 CYAML_ARRAY_LEN(booleans)),
	CYAML_FIELD_END,
};

static const cyaml_schema_value_t backend_value = {
	CYAML_VALUE_MAPPING(CYAML_FLAG_DEFAULT, struct config_backend, backend_fields),
};

static const cyaml_schema_field_t top_fields[] = {
	CYAML_FIELD_STRING_PTR("state", OPTIONAL_PTR, struct config, state, 0, TEXT_MAX),
	CYAML_FIELD_ENUM("durability", OPTIONAL | CYAML_FLAG_STRICT, struct config, durability,
			 durabilities, CYAML_ARRAY_LEN(durabilities)),
	CYAML_FIELD_MAPPING("dataplane", OPTIONAL, struct config, dataplane, dataplane_fields),
	CYAML_FIELD_MAPPING("control", OPTIONAL, struct config, control, control_fields),
	CYAML_FIELD_MAPPING("lwm2m", OPTIONAL, struct config, lwm2m, lwm2m_fields),
	CYAML_FIELD_MAPPING("security", OPTIONAL, struct config, security, security_fields),
	CYAML_FIELD_SEQUENCE("backends", OPTIONAL_PTR, struct config, backends, &backend_value, 0,
			     CYAML_UNLIMITED),
	CYAML_FIELD_END,
};

static const cyaml_schema_value_t top_value = {
	CYAML_VALUE_MAPPING(CYAML_FLAG_POINTER, struct config, top_fields),
};

// libcyaml logs one message, then a backtrace from the innermost key outwards.
struct trace {
	char message[512];
	char key[256]; // "dataplane.ports[1].udp"; grows to the left
};

static const char unknown_prefix[] = "Load: Unexpected key: ";

static void key_prepend(struct trace *trace, const char *step)
{
	char rest[sizeof(trace->key)];
	const char *dot = trace->key[0] == '\0' || trace->key[0] == '[' ? "" : ".";

	memcpy(rest, trace->key, sizeof(rest));
	snprintf(trace->key, sizeof(trace->key), "%.100s%s%.150s", step, dot, rest);
}

__attribute__((format(printf, 3, 0))) static void on_log(cyaml_log_t level, void *ctx,
							 const char *fmt, va_list args)
{
	struct trace *trace = ctx;
	char line[sizeof(trace->message)], step[101];
	unsigned int index;
	size_t len;

	vsnprintf(line, sizeof(line), fmt, args);
	len = strlen(line);
	if (len > 0 && line[len - 1] == '\n')
		line[len - 1] = '\0';
	if (sscanf(line, "  in mapping field '%100[^']'", step) == 1) {
		key_prepend(trace, step);
	} else if (sscanf(line, "  in sequence entry '%u'", &index) == 1 && index > 0) {
		snprintf(step, sizeof(step), "[%u]", index - 1);
		key_prepend(trace, step);
	} else if (trace->message[0] == '\0') {
		memcpy(trace->message, line, sizeof(line));
	}
}

static const cyaml_config_t *cyaml_setup(cyaml_config_t *config, struct trace *trace)
{
	*config = (cyaml_config_t){
		.log_fn = on_log,
		.log_ctx = trace,
		.mem_fn = cyaml_mem,
		.log_level = CYAML_LOG_ERROR,
		.flags = CYAML_CFG_NO_ALIAS,
	};
	return config;
}

static const cyaml_schema_field_t *field_find(const cyaml_schema_field_t *fields, const char *name,
					      size_t len)
{
	for (; fields->key != NULL; fields++) {
		if (strlen(fields->key) == len && memcmp(fields->key, name, len) == 0)
			return fields;
	}
	return NULL;
}

// The schema of what stands at a key.
static const cyaml_schema_value_t *schema_find(const char *key)
{
	const cyaml_schema_value_t *value = &top_value;

	while (*key != '\0') {
		if (*key == '[') {
			if (value->type != CYAML_SEQUENCE)
				return NULL;
			value = value->sequence.entry;
			key += strcspn(key, "]");
			key += *key == ']';
		} else {
			const cyaml_schema_field_t *field;
			size_t len;

			key += *key == '.';
			len = strcspn(key, ".[");
			field = value->type == CYAML_MAPPING
					? field_find(value->mapping.fields, key, len)
					: NULL;
			if (field == NULL)
				return NULL;
			value = &field->value;
			key += len;
		}
	}
	return value;
}

static void names_add(char *buf, size_t size, const char *name)
{
	size_t len = strlen(buf);

	snprintf(buf + len, size - len, "%s%s", len > 0 ? ", " : "", name);
}

// What would be right at a key, from the schema.
static const char *expected(const cyaml_schema_value_t *value, char *buf, size_t size)
{
	buf[0] = '\0';
	if (value == NULL)
		return "see deploy/sluice.yaml";
	switch (value->type) {
	case CYAML_UINT:
		return "a whole number";
	case CYAML_STRING:
		return "text of at most 4096 bytes";
	case CYAML_SEQUENCE:
		return "a list, each entry after a dash";
	case CYAML_ENUM:
		for (uint32_t i = 0; i < value->enumeration.count; i++)
			names_add(buf, size, value->enumeration.strings[i].str);
		return buf;
	case CYAML_MAPPING:
		for (const cyaml_schema_field_t *f = value->mapping.fields; f->key != NULL; f++)
			names_add(buf, size, f->key);
		return buf;
	default:
		return "see deploy/sluice.yaml";
	}
}

static void unknown_key_report(struct config_doc *doc, const struct trace *trace, const char *names)
{
	const char *child = trace->message + strlen(unknown_prefix);
	char key[sizeof(trace->key) + sizeof(trace->message)];

	snprintf(key, sizeof(key), "%s%s%s", trace->key, trace->key[0] == '\0' ? "" : ".", child);
	for (char *c = key; *c != '\0'; c++) {
		if ((unsigned char)*c < 0x20 || *c == 0x7f)
			*c = '?';
	}
	config_doc_problem_at(doc, config_doc_child_line(doc, trace->key, child), key,
			      "unknown key (%s)", names);
}

static void problem_report(struct config_doc *doc, const struct trace *trace, cyaml_err_t err)
{
	static const struct {
		const char *prefix, *text;
		bool keep_rest; // the rest is the value in question
	} texts[] = {
		{"Load: Mapping field already seen:", "given twice", false},
		{"Load: Expecting ", "wrong type", false},
		{"Load: Invalid uint64_t value:", "not a number:", true},
		{"Load: Invalid UINT value:", "out of range:", true},
		{"Load: Invalid ENUM value:", "unknown value:", true},
		{"Load: STRING length", "too long", false},
	};
	const cyaml_schema_value_t *value = schema_find(trace->key);
	char names[256];
	const char *right = expected(value, names, sizeof(names));

	if (strncmp(trace->message, unknown_prefix, strlen(unknown_prefix)) == 0) {
		unknown_key_report(doc, trace, right);
		return;
	}
	if (err == CYAML_ERR_ALIAS) {
		config_doc_problem(doc, trace->key,
				   "alias (anchors and aliases are not supported)");
		return;
	}
	for (size_t i = 0; i < CYAML_ARRAY_LEN(texts); i++) {
		size_t len = strlen(texts[i].prefix);

		if (strncmp(trace->message, texts[i].prefix, len) != 0)
			continue;
		config_doc_problem(doc, trace->key, "%s%s (%s)", texts[i].text,
				   texts[i].keep_rest ? trace->message + len : "", right);
		return;
	}
	config_doc_problem(doc, trace->key, "%s (%s)",
			   trace->message[0] != '\0' ? trace->message : cyaml_strerror(err), right);
}

struct config *config_schema_load(struct config_doc *doc)
{
	struct trace trace = {0};
	cyaml_config_t config;
	cyaml_data_t *data = NULL;
	cyaml_err_t err;

	err = cyaml_load_data((const uint8_t *)doc->text, doc->text_len,
			      cyaml_setup(&config, &trace), &top_value, &data, NULL);
	if (err == CYAML_OK && data != NULL)
		return data;
	problem_report(doc, &trace, err);
	return NULL;
}

void config_schema_free(struct config *cfg)
{
	struct trace trace = {0};
	cyaml_config_t config;

	cyaml_free(cyaml_setup(&config, &trace), &top_value, cfg, 0);
}
