// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// The set of back ends: which there are, and the outbox they share.
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "control/backend/bounds.h"
#include "control/backend/delivery.h"
#include "control/hold.h"
#include "control/log.h"
#include "control/store/definitions.h"
#include "control/store/outbox.h"

LOG_TYPE("backend");

#define BOUNDS_MS 250u

struct entry {
	struct config_backend *cfg; // owned unless read_only
	bool read_only;
	struct delivery *delivery;
};

struct ctl_backends {
	struct ctl *ctl;
	struct requests *requests;
	struct entry *entries;
	unsigned count;
	uv_timer_t timer;
	struct bounds bounds;
};

static struct entry *entry_add(struct ctl_backends *all)
{
	struct entry *entries = realloc(all->entries, (all->count + 1) * sizeof(*entries));

	if (entries == NULL)
		return NULL;
	all->entries = entries;
	entries[all->count] = (struct entry){0};
	return &entries[all->count++];
}

static void entry_clear(struct entry *entry)
{
	if (entry->delivery != NULL)
		delivery_stop(entry->delivery);
	if (!entry->read_only)
		config_backend_free(entry->cfg);
}

bool ctl_backends_find(const struct ctl_backends *all, const char *name, unsigned *i)
{
	for (*i = 0; *i < all->count; (*i)++)
		if (strcmp(all->entries[*i].cfg->name, name) == 0)
			return true;
	return false;
}

// What was made by REST was checked then; a newer sluice may be stricter.
static int on_definition(const char *name, size_t name_len, const char *json, size_t len, void *arg)
{
	struct ctl_backends *all = arg;
	char text[80];
	struct config_backend *cfg;
	struct entry *entry;
	unsigned i;

	snprintf(text, sizeof(text), "%.*s", (int)name_len, name);
	if (ctl_backends_find(all, text, &i)) {
		LOG(warning, "%s, the one made by REST gives way to that of the configuration file",
		    text);
		return 0;
	}
	cfg = config_backend_load(text, json, len, stderr);
	if (cfg == NULL) {
		LOG(error, "%s, made by REST, is not taken over (see above)", text);
		return 0;
	}
	entry = entry_add(all);
	if (entry == NULL) {
		config_backend_free(cfg);
		return -ENOMEM;
	}
	entry->cfg = cfg;
	return 0;
}

static int entries_make(struct ctl_backends *all)
{
	const struct config *cfg = all->ctl->cfg;

	for (uint32_t i = 0; i < cfg->backends_count; i++) {
		struct entry *entry = entry_add(all);

		if (entry == NULL)
			return -ENOMEM;
		entry->cfg = &cfg->backends[i];
		entry->read_only = true;
	}
	return ctl_definitions_read(all->ctl->store, on_definition, all);
}

static int outbox_configure(struct ctl_backends *all)
{
	const char **names = calloc(all->count + 1, sizeof(*names));
	int rc;

	if (names == NULL)
		return -ENOMEM;
	for (unsigned i = 0; i < all->count; i++)
		names[i] = all->entries[i].cfg->name;
	rc = ctl_outbox_configure(all->ctl->store, names, all->count);
	free(names);
	return rc;
}

static void on_bounds(uv_timer_t *timer);

int ctl_backends_start(struct ctl *ctl, struct ctl_backends **out)
{
	struct ctl_backends *all = calloc(1, sizeof(*all));
	int rc;

	if (all == NULL)
		return -ENOMEM;
	all->ctl = ctl;
	all->requests = requests_new(ctl->loop);
	if (all->requests == NULL) {
		free(all);
		return -ENOMEM;
	}
	uv_timer_init(ctl->loop, &all->timer);
	all->timer.data = all;
	rc = entries_make(all);
	if (rc == 0)
		rc = outbox_configure(all);
	for (unsigned i = 0; rc == 0 && i < all->count; i++)
		rc = delivery_start(ctl, all->requests, all->entries[i].cfg, i,
				    &all->entries[i].delivery);
	if (rc != 0) {
		ctl_backends_stop(all);
		return rc;
	}
	uv_timer_start(&all->timer, on_bounds, BOUNDS_MS, BOUNDS_MS);
	*out = all;
	return 0;
}

static void on_closed(uv_handle_t *handle)
{
	free(handle->data);
}

void ctl_backends_stop(struct ctl_backends *all)
{
	for (unsigned i = 0; i < all->count; i++)
		entry_clear(&all->entries[i]);
	requests_free(all->requests);
	free(all->entries);
	uv_close((uv_handle_t *)&all->timer, on_closed);
}

void ctl_backends_wake(struct ctl_backends *all)
{
	for (unsigned i = 0; i < all->count; i++)
		delivery_wake(all->entries[i].delivery);
}

bool ctl_backends_want_raw(const struct ctl_backends *all)
{
	for (unsigned i = 0; i < all->count; i++)
		if (all->entries[i].cfg->raw)
			return true;
	return false;
}

unsigned ctl_backends_count(const struct ctl_backends *all)
{
	return all->count;
}

void ctl_backends_status(const struct ctl_backends *all, unsigned i,
			 struct ctl_backend_status *status)
{
	delivery_status(all->entries[i].delivery, status);
	status->read_only = all->entries[i].read_only;
}

// The one that is the furthest behind.
static const struct delivery *slowest(const struct ctl_backends *all)
{
	const struct delivery *found = NULL;

	for (unsigned i = 0; i < all->count; i++)
		if (found == NULL || all->entries[i].delivery->engine.cursor < found->engine.cursor)
			found = all->entries[i].delivery;
	return found;
}

// What is deleted already, or will be without further ado, does not count.
static void usage_get(const struct ctl_backends *all, struct bounds_usage *usage)
{
	const struct delivery *delivery = slowest(all);
	struct ctl_outbox_usage on_disk;
	struct ctl_backend_status status;

	*usage = (struct bounds_usage){0};
	if (delivery == NULL || ctl_outbox_usage(all->ctl->store, &on_disk) != 0)
		return;
	delivery_status(delivery, &status);
	usage->entries = status.lag_events < on_disk.entries ? status.lag_events : on_disk.entries;
	usage->oldest_ms = status.lag_ms;
	if (on_disk.entries > 0)
		usage->bytes = (uint64_t)((double)on_disk.bytes * (double)usage->entries /
					  (double)on_disk.entries);
}

void ctl_backends_outbox(const struct ctl_backends *all, struct ctl_outbox_status *status)
{
	struct bounds_usage usage;

	usage_get(all, &usage);
	*status = (struct ctl_outbox_status){
		.bytes = usage.bytes,
		.entries = usage.entries,
		.oldest_ms = usage.oldest_ms,
		.warning = all->bounds.warned ? all->bounds.why : NULL,
	};
}

static void drop_up_to(struct ctl_backends *all, uint64_t key)
{
	for (unsigned i = 0; i < all->count; i++)
		delivery_drop(all->entries[i].delivery, key);
}

struct aging {
	uint64_t before_ms;
	uint64_t key; // the last of those that are too old
};

static bool on_aging(uint64_t key, const struct ctl_outbox_view *view, void *arg)
{
	struct aging *aging = arg;

	if (view->entry.wall_ms >= aging->before_ms)
		return false;
	aging->key = key;
	return true;
}

static void drop_old(struct ctl_backends *all, uint64_t age_ms)
{
	struct aging aging = {0};
	uv_timeval64_t now;

	uv_gettimeofday(&now);
	aging.before_ms = (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_usec / 1000 - age_ms;
	ctl_outbox_read(all->ctl->store, slowest(all)->engine.cursor, on_aging, &aging);
	if (aging.key != 0)
		drop_up_to(all, aging.key);
}

// Back pressure comes first: nothing is given up that devices could have kept a little longer.
static void hold(const struct ctl_backends *all, const struct bounds *before)
{
	struct ctl_holds *holds = &all->ctl->holds;

	if (all->bounds.held && !before->held)
		ctl_hold_set(holds, CTL_HOLD_OUTBOX, all->bounds.why);
	if (!all->bounds.held && before->held)
		ctl_hold_clear(holds, CTL_HOLD_OUTBOX);
}

static void warning_tell(const struct ctl_backends *all, const struct bounds *before)
{
	if (all->bounds.warned && !before->warned)
		LOG(warning, "%s", all->bounds.why);
	if (!all->bounds.warned && before->warned)
		LOG(info, "outbox has room again");
}

static void on_bounds(uv_timer_t *timer)
{
	struct ctl_backends *all = timer->data;
	struct bounds before = all->bounds;
	struct bounds_usage usage;

	usage_get(all, &usage);
	bounds_judge(&all->bounds, &all->ctl->cfg->outbox, &usage);
	warning_tell(all, &before);
	hold(all, &before);
	if (all->bounds.drop_entries > 0)
		drop_up_to(all, slowest(all)->engine.cursor + all->bounds.drop_entries);
	if (all->bounds.drop_age_ms != UINT64_MAX)
		drop_old(all, all->bounds.drop_age_ms);
}

static struct config_backend *parse(const char *name, const char *json, size_t len, char **why)
{
	struct config_backend *cfg;
	size_t why_len;
	FILE *err = open_memstream(why, &why_len);

	if (err == NULL)
		return NULL;
	cfg = config_backend_load(name, json, len, err);
	if (fclose(err) != 0 && cfg != NULL) {
		config_backend_free(cfg);
		return NULL;
	}
	return cfg;
}

// Same place in the outbox, another definition.
static int change(struct ctl_backends *all, struct entry *entry, struct config_backend *cfg)
{
	unsigned index = entry->delivery->index;
	struct delivery *delivery;
	int rc = delivery_start(all->ctl, all->requests, cfg, index, &delivery);

	if (rc != 0)
		return rc;
	entry_clear(entry);
	*entry = (struct entry){.cfg = cfg, .delivery = delivery};
	return 0;
}

static int add(struct ctl_backends *all, struct config_backend *cfg)
{
	struct entry *entry = entry_add(all);
	unsigned index;
	int rc;

	if (entry == NULL)
		return -ENOMEM;
	rc = ctl_outbox_add(all->ctl->store, cfg->name, &index);
	if (rc == 0) {
		rc = delivery_start(all->ctl, all->requests, cfg, index, &entry->delivery);
		if (rc != 0)
			ctl_outbox_remove(all->ctl->store, index);
	}
	entry->cfg = cfg;
	if (rc != 0)
		all->count--;
	return rc;
}

int ctl_backends_put(struct ctl_backends *all, const char *name, const char *json, size_t len,
		     char **why, bool *created)
{
	struct config_backend *cfg;
	unsigned i;
	int rc;

	*why = NULL;
	*created = !ctl_backends_find(all, name, &i);
	if (!*created && all->entries[i].read_only)
		return -EPERM;
	cfg = parse(name, json, len, why);
	if (cfg == NULL)
		return *why != NULL && **why != '\0' ? -EINVAL : -ENOMEM;
	rc = ctl_definition_put(all->ctl->store, name, json, len);
	if (rc == 0)
		rc = *created ? add(all, cfg) : change(all, &all->entries[i], cfg);
	if (rc != 0)
		config_backend_free(cfg);
	else
		LOG(info, "%s, %s by REST", name, *created ? "made" : "changed");
	return rc;
}

int ctl_backends_delete(struct ctl_backends *all, const char *name)
{
	struct entry *entry;
	unsigned i;
	int rc;

	if (!ctl_backends_find(all, name, &i))
		return -ENOENT;
	entry = &all->entries[i];
	if (entry->read_only)
		return -EPERM;
	rc = ctl_definition_delete(all->ctl->store, name);
	if (rc == 0)
		rc = ctl_outbox_remove(all->ctl->store, entry->delivery->index);
	if (rc != 0)
		return rc;
	LOG(info, "%s, removed by REST", name);
	entry_clear(entry);
	memmove(entry, entry + 1, (--all->count - i) * sizeof(*entry));
	return 0;
}

struct ctl_backend_test *ctl_backends_test(struct ctl_backends *all, unsigned i,
					   ctl_backend_tested_cb_t cb, void *arg)
{
	return delivery_test(all->entries[i].delivery, all->requests, cb, arg);
}
