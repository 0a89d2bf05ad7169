// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
#include "dataplane/bridge/config.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "dataplane/bridge/config_backend.h"
#include "dataplane/bridge/config_check.h"
#include "dataplane/bridge/config_doc.h"
#include "dataplane/bridge/config_schema.h"

static bool text_default(char **text, const char *value)
{
	if (*text == NULL)
		*text = strdup(value);
	return *text != NULL;
}

// Absent is not 0: only the document can tell.
static void number_default(struct config_doc *doc, const char *key, uint32_t *number,
			   uint32_t value)
{
	if (config_doc_line(doc, key) == 0)
		*number = value;
}

// One word stands for each.
static void durability_fill(struct config_doc *doc, struct config *cfg)
{
	if (!config_doc_is_mapping(doc, "durability"))
		cfg->durability = (struct config_durabilities){
			.registration = cfg->durability_all,
			.update = cfg->durability_all,
			.deregistration = cfg->durability_all,
			.send = cfg->durability_all,
			.notification = cfg->durability_all,
		};
}

bool config_all_memory(const struct config *cfg)
{
	const struct config_durabilities *each = &cfg->durability;

	return each->registration == CONFIG_DURABILITY_MEMORY &&
	       each->update == CONFIG_DURABILITY_MEMORY &&
	       each->deregistration == CONFIG_DURABILITY_MEMORY &&
	       each->send == CONFIG_DURABILITY_MEMORY &&
	       each->notification == CONFIG_DURABILITY_MEMORY;
}

static bool defaults_fill(struct config_doc *doc, struct config *cfg)
{
	durability_fill(doc, cfg);
	number_default(doc, "dataplane.workers", &cfg->dataplane.workers, 1);
	number_default(doc, "dataplane.max_devices", &cfg->dataplane.max_devices, 1000000);
	number_default(doc, "dataplane.handshakes_max", &cfg->dataplane.handshakes_max, 16384);
	number_default(doc, "lwm2m.awake_s", &cfg->lwm2m.awake_s, 93);
	number_default(doc, "lwm2m.queue_ttl_s", &cfg->lwm2m.queue_ttl_s, 86400);
	number_default(doc, "lwm2m.queue_max", &cfg->lwm2m.queue_max, 64);
	number_default(doc, "lwm2m.body_max", &cfg->lwm2m.body_max, 32768);
	number_default(doc, "security.ticket_lifetime_s", &cfg->security.ticket_lifetime_s, 86400);
	if (config_doc_line(doc, "outbox.max_bytes") == 0)
		cfg->outbox.max_bytes = UINT64_C(8) << 30;
	for (uint32_t i = 0; i < cfg->backends_count; i++) {
		char prefix[32];

		snprintf(prefix, sizeof(prefix), "backends[%" PRIu32 "].", i);
		config_backend_fill(doc, prefix, &cfg->backends[i]);
	}
	number_default(doc, "overload.peer_rate", &cfg->overload.peer_rate, 10000);
	number_default(doc, "overload.peer_burst", &cfg->overload.peer_burst,
		       2 * cfg->overload.peer_rate);
	number_default(doc, "overload.unknown_rate", &cfg->overload.unknown_rate, 20000);
	return text_default(&cfg->path, doc->path) && text_default(&cfg->state, "./var") &&
	       text_default(&cfg->control.listen, "127.0.0.1:8080");
}

struct config *config_load(const char *path, FILE *err)
{
	struct config_doc doc;
	struct config *cfg = NULL;

	if (config_doc_init(&doc, path, err))
		cfg = config_schema_load(&doc);
	if (cfg != NULL) {
		if (defaults_fill(&doc, cfg))
			config_check(&doc, cfg);
		else
			config_doc_problem_at(&doc, 0, "", "out of memory");
	}
	if (doc.problems != 0) {
		config_free(cfg);
		cfg = NULL;
	}
	config_doc_fini(&doc);
	return cfg;
}

void config_free(struct config *cfg)
{
	if (cfg == NULL)
		return;
	free(cfg->path); // not part of the schema
	config_schema_free(cfg);
}
