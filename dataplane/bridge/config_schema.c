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

static const cyaml_strval_t routabilities[] = {
	{"none", CONFIG_ROUTABILITY_NONE},
	{"ping", CONFIG_ROUTABILITY_PING},
};

static const cyaml_strval_t echoes[] = {
	{"when_needed", CONFIG_ECHO_WHEN_NEEDED},
	{"always", CONFIG_ECHO_ALWAYS},
	{"never", CONFIG_ECHO_NEVER},
};

// libcyaml's own boolean takes any word it does not know for true.
static const cyaml_strval_t booleans[] = {
	{"false", false},
	{"true", true},
};

static const cyaml_strval_t events[] = {
	{"registration", CONFIG_EVENT_REGISTRATION},
	{"update", CONFIG_EVENT_UPDATE},
	{"deregistration", CONFIG_EVENT_DEREGISTRATION},
	{"notification", CONFIG_EVENT_NOTIFICATION},
	{"send", CONFIG_EVENT_SEND},
	{"response", CONFIG_EVENT_RESPONSE},
};

static const cyaml_strval_t http2s[] = {
	{"auto", CONFIG_HTTP2_AUTO},
	{"never", CONFIG_HTTP2_NEVER},
	{"prior-knowledge", CONFIG_HTTP2_PRIOR_KNOWLEDGE},
};

static const cyaml_strval_t when_fulls[] = {
	{"hold", CONFIG_FULL_HOLD},
	{"drop", CONFIG_FULL_DROP},
};

static const cyaml_schema_value_t text_value = {
	CYAML_VALUE_STRING(CYAML_FLAG_POINTER, char, 0, TEXT_MAX),
};

static const cyaml_schema_field_t port_fields[] = {
	CYAML_FIELD_STRING_PTR("udp", OPTIONAL_PTR, struct config_port, udp, 0, TEXT_MAX),
	CYAML_FIELD_STRING_PTR("ethdev", OPTIONAL_PTR, struct config_port, ethdev, 0, TEXT_MAX),
	CYAML_FIELD_SEQUENCE("addresses", OPTIONAL_PTR, struct config_port, addresses, &text_value,
			     0, CYAML_UNLIMITED),
	CYAML_FIELD_ENUM("dtls", OPTIONAL | CYAML_FLAG_STRICT, struct config_port, dtls, booleans,
			 CYAML_ARRAY_LEN(booleans)),
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
	CYAML_FIELD_UINT("handshakes_max", OPTIONAL, struct config_dataplane, handshakes_max),
	CYAML_FIELD_STRING_PTR("keylog", OPTIONAL_PTR, struct config_dataplane, keylog, 0,
			       TEXT_MAX),
	CYAML_FIELD_ENUM("routability", OPTIONAL | CYAML_FLAG_STRICT, struct config_dataplane,
			 routability, routabilities, CYAML_ARRAY_LEN(routabilities)),
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

static const cyaml_schema_field_t certificate_fields[] = {
	CYAML_FIELD_STRING_PTR("name", OPTIONAL_PTR, struct config_certificate, name, 0, TEXT_MAX),
	CYAML_FIELD_STRING_PTR("certificate", OPTIONAL_PTR, struct config_certificate, certificate,
			       0, TEXT_MAX),
	CYAML_FIELD_STRING_PTR("key", OPTIONAL_PTR, struct config_certificate, key, 0, TEXT_MAX),
	CYAML_FIELD_END,
};

static const cyaml_schema_value_t certificate_value = {
	CYAML_VALUE_MAPPING(CYAML_FLAG_DEFAULT, struct config_certificate, certificate_fields),
};

static const cyaml_schema_field_t security_fields[] = {
	CYAML_FIELD_STRING_PTR("key_file", OPTIONAL_PTR, struct config_security, key_file, 0,
			       TEXT_MAX),
	CYAML_FIELD_STRING_PTR("certificate", OPTIONAL_PTR, struct config_security, certificate, 0,
			       TEXT_MAX),
	CYAML_FIELD_STRING_PTR("key", OPTIONAL_PTR, struct config_security, key, 0, TEXT_MAX),
	CYAML_FIELD_STRING_PTR("ca", OPTIONAL_PTR, struct config_security, ca, 0, TEXT_MAX),
	CYAML_FIELD_SEQUENCE("by_name", OPTIONAL_PTR, struct config_security, by_name,
			     &certificate_value, 0, CYAML_UNLIMITED),
	CYAML_FIELD_UINT("ticket_lifetime_s", OPTIONAL, struct config_security, ticket_lifetime_s),
	CYAML_FIELD_END,
};

static const cyaml_schema_field_t batch_fields[] = {
	CYAML_FIELD_UINT("events", OPTIONAL, struct config_batch, events),
	CYAML_FIELD_UINT("bytes", OPTIONAL, struct config_batch, bytes),
	CYAML_FIELD_UINT("linger_ms", OPTIONAL, struct config_batch, linger_ms),
	CYAML_FIELD_END,
};

static const cyaml_schema_field_t retry_fields[] = {
	CYAML_FIELD_UINT("min_ms", OPTIONAL, struct config_retry, min_ms),
	CYAML_FIELD_UINT("max_ms", OPTIONAL, struct config_retry, max_ms),
	CYAML_FIELD_UINT("pause_after", OPTIONAL, struct config_retry, pause_after),
	CYAML_FIELD_UINT("pause_s", OPTIONAL, struct config_retry, pause_s),
	CYAML_FIELD_UINT("refuse_after", OPTIONAL, struct config_retry, refuse_after),
	CYAML_FIELD_END,
};

#define TEXT(key, type, field) \
	CYAML_FIELD_STRING_PTR(key, OPTIONAL_PTR, struct type, field, 0, TEXT_MAX)
#define TEXTS(key, type, field) \
	CYAML_FIELD_SEQUENCE(key, OPTIONAL_PTR, struct type, field, &text_value, 0, CYAML_UNLIMITED)

static const cyaml_schema_field_t auth_fields[] = {
	TEXT("bearer", config_auth, bearer),
	TEXT("bearer_file", config_auth, bearer_file),
	TEXT("basic", config_auth, basic),
	TEXT("basic_file", config_auth, basic_file),
	TEXT("hmac_key", config_auth, hmac_key),
	TEXT("hmac_key_file", config_auth, hmac_key_file),
	CYAML_FIELD_END,
};

static const cyaml_schema_field_t tls_fields[] = {
	TEXT("ca", config_tls, ca),
	TEXT("certificate", config_tls, certificate),
	TEXT("key", config_tls, key),
	CYAML_FIELD_END,
};

static const cyaml_schema_field_t overload_fields[] = {
	CYAML_FIELD_UINT("peer_rate", OPTIONAL, struct config_overload, peer_rate),
	CYAML_FIELD_UINT("peer_burst", OPTIONAL, struct config_overload, peer_burst),
	CYAML_FIELD_UINT("unknown_rate", OPTIONAL, struct config_overload, unknown_rate),
	CYAML_FIELD_UINT("new_rate", OPTIONAL, struct config_overload, new_rate),
	CYAML_FIELD_ENUM("echo", OPTIONAL | CYAML_FLAG_STRICT, struct config_overload, echo, echoes,
			 CYAML_ARRAY_LEN(echoes)),
	CYAML_FIELD_END,
};

static const cyaml_schema_field_t backend_fields[] = {
	TEXT("name", config_backend, name),
	TEXT("url", config_backend, url),
	CYAML_FIELD_ENUM("raw", OPTIONAL | CYAML_FLAG_STRICT, struct config_backend, raw, booleans,
			 CYAML_ARRAY_LEN(booleans)),
	CYAML_FIELD_FLAGS("types", OPTIONAL | CYAML_FLAG_STRICT, struct config_backend, types,
			  events, CYAML_ARRAY_LEN(events)),
	TEXTS("endpoints", config_backend, endpoints),
	TEXTS("paths", config_backend, paths),
	CYAML_FIELD_MAPPING("batch", OPTIONAL, struct config_backend, batch, batch_fields),
	CYAML_FIELD_UINT("connections", OPTIONAL, struct config_backend, connections),
	CYAML_FIELD_UINT("timeout_s", OPTIONAL, struct config_backend, timeout_s),
	CYAML_FIELD_ENUM("gzip", OPTIONAL | CYAML_FLAG_STRICT, struct config_backend, gzip,
			 booleans, CYAML_ARRAY_LEN(booleans)),
	CYAML_FIELD_ENUM("http2", OPTIONAL | CYAML_FLAG_STRICT, struct config_backend, http2,
			 http2s, CYAML_ARRAY_LEN(http2s)),
	CYAML_FIELD_MAPPING("retry", OPTIONAL, struct config_backend, retry, retry_fields),
	CYAML_FIELD_UINT("dead_letter_bytes", OPTIONAL, struct config_backend, dead_letter_bytes),
	CYAML_FIELD_MAPPING("auth", OPTIONAL, struct config_backend, auth, auth_fields),
	TEXTS("headers", config_backend, headers),
	CYAML_FIELD_MAPPING("tls", OPTIONAL, struct config_backend, tls, tls_fields),
	CYAML_FIELD_END,
};

static const cyaml_schema_field_t outbox_fields[] = {
	CYAML_FIELD_UINT("max_bytes", OPTIONAL, struct config_outbox, max_bytes),
	CYAML_FIELD_UINT("max_age_s", OPTIONAL, struct config_outbox, max_age_s),
	CYAML_FIELD_ENUM("when_full", OPTIONAL | CYAML_FLAG_STRICT, struct config_outbox, when_full,
			 when_fulls, CYAML_ARRAY_LEN(when_fulls)),
	CYAML_FIELD_END,
};

static const cyaml_schema_value_t backend_value = {
	CYAML_VALUE_MAPPING(CYAML_FLAG_DEFAULT, struct config_backend, backend_fields),
};

#define DURABILITY(key, member)                                                                 \
	CYAML_FIELD_ENUM(key, OPTIONAL | CYAML_FLAG_STRICT, struct config_durabilities, member, \
			 durabilities, CYAML_ARRAY_LEN(durabilities))

static const cyaml_schema_field_t durability_fields[] = {
	DURABILITY("register", registration),     DURABILITY("update", update),
	DURABILITY("deregister", deregistration), DURABILITY("send", send),
	DURABILITY("notification", notification), CYAML_FIELD_END,
};

#define TOP_FIELDS(durability_field)                                                              \
	{                                                                                         \
		CYAML_FIELD_STRING_PTR("state", OPTIONAL_PTR, struct config, state, 0, TEXT_MAX), \
			durability_field,                                                         \
			CYAML_FIELD_MAPPING("dataplane", OPTIONAL, struct config, dataplane,      \
					    dataplane_fields),                                    \
			CYAML_FIELD_MAPPING("control", OPTIONAL, struct config, control,          \
					    control_fields),                                      \
			CYAML_FIELD_MAPPING("lwm2m", OPTIONAL, struct config, lwm2m,              \
					    lwm2m_fields),                                        \
			CYAML_FIELD_MAPPING("security", OPTIONAL, struct config, security,        \
					    security_fields),                                     \
			CYAML_FIELD_MAPPING("outbox", OPTIONAL, struct config, outbox,            \
					    outbox_fields),                                       \
			CYAML_FIELD_MAPPING("overload", OPTIONAL, struct config, overload,        \
					    overload_fields),                                     \
			CYAML_FIELD_SEQUENCE("backends", OPTIONAL_PTR, struct config, backends,   \
					     &backend_value, 0, CYAML_UNLIMITED),                 \
			CYAML_FIELD_END,                                                          \
	}

// One word for all events, or a mapping with one for each: libcyaml takes one of the two.
static const cyaml_schema_field_t top_fields[] =
	TOP_FIELDS(CYAML_FIELD_ENUM("durability", OPTIONAL | CYAML_FLAG_STRICT, struct config,
				    durability_all, durabilities, CYAML_ARRAY_LEN(durabilities)));
static const cyaml_schema_field_t top_fields_each[] = TOP_FIELDS(
	CYAML_FIELD_MAPPING("durability", OPTIONAL, struct config, durability, durability_fields));

static const cyaml_schema_value_t top_values[] = {
	{CYAML_VALUE_MAPPING(CYAML_FLAG_POINTER, struct config, top_fields)},
	{CYAML_VALUE_MAPPING(CYAML_FLAG_POINTER, struct config, top_fields_each)},
};

static const cyaml_schema_value_t backend_alone = {
	CYAML_VALUE_MAPPING(CYAML_FLAG_POINTER, struct config_backend, backend_fields),
};

static const cyaml_schema_value_t *top_value(struct config_doc *doc)
{
	return &top_values[config_doc_is_mapping(doc, "durability")];
}

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
static const cyaml_schema_value_t *schema_find(const cyaml_schema_value_t *value, const char *key)
{

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
	case CYAML_FLAGS:
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

static void problem_report(struct config_doc *doc, const cyaml_schema_value_t *top,
			   const struct trace *trace, cyaml_err_t err)
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
		{"Load: Unknown flag:", "unknown value:", true},
		{"Load: STRING length", "too long", false},
	};
	const cyaml_schema_value_t *value = schema_find(top, trace->key);
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

static void *load(struct config_doc *doc, const cyaml_schema_value_t *top)
{
	struct trace trace = {0};
	cyaml_config_t config;
	cyaml_data_t *data = NULL;
	cyaml_err_t err;

	err = cyaml_load_data((const uint8_t *)doc->text, doc->text_len,
			      cyaml_setup(&config, &trace), top, &data, NULL);
	if (err == CYAML_OK && data != NULL)
		return data;
	problem_report(doc, top, &trace, err);
	return NULL;
}

static void unload(void *data, const cyaml_schema_value_t *top)
{
	struct trace trace = {0};
	cyaml_config_t config;

	cyaml_free(cyaml_setup(&config, &trace), top, data, 0);
}

struct config *config_schema_load(struct config_doc *doc)
{
	return load(doc, top_value(doc));
}

void config_schema_free(struct config *cfg)
{
	unload(cfg, &top_values[0]); // either frees the same
}

struct config_backend *config_schema_load_backend(struct config_doc *doc)
{
	return load(doc, &backend_alone);
}

void config_schema_free_backend(struct config_backend *backend)
{
	unload(backend, &backend_alone);
}
