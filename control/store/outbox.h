// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// What back ends must still hear: events in the order of their commit, and how far each back end
// is. Entries are in the change set of the change they tell of, and deleted once every
// back end has accepted them. Loop thread only.
#pragma once

#include <assert.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "control/hub.h"
#include "control/store/store.h"
#include "lwm2m/core/path.h"

struct ctl_outbox_entry {
	uint8_t type;   // enum ctl_event_type
	uint8_t reason; // enum ctl_dereg_reason
	uint8_t update_links;
	uint8_t reserved;
	uint16_t update_params;
	uint16_t version; // what follows: CTL_OUTBOX_RECORD, CTL_OUTBOX_DATA, CTL_OUTBOX_PATHS
	uint64_t wall_ms;
};
static_assert(sizeof(struct ctl_outbox_entry) == 16, "layout on disk");

#define CTL_OUTBOX_RECORD 1u // a struct ctl_record
#define CTL_OUTBOX_DATA   2u // a struct ctl_outbox_data, the endpoint, the JSON, the payload
// The same and behind it struct ctl_outbox_path to the end: what the event tells of. Format 2 of
// the store had CTL_OUTBOX_DATA only.
#define CTL_OUTBOX_PATHS 3u

// Not an entry, but a struct ctl_outbox_block of several, which have the numbers from the key on.
// Up to format 5 of the store every entry was a value of its own.
#define CTL_OUTBOX_BLOCK 4u

#define CTL_OUTBOX_PATHS_MAX 64u

#define CTL_OUTBOX_NO_FORMAT UINT32_MAX

struct ctl_outbox_block {
	uint16_t zeros[3]; // where an entry has its type
	uint16_t version;
	uint32_t count;
	uint32_t reserved;
};
static_assert(sizeof(struct ctl_outbox_block) == 16 &&
		      offsetof(struct ctl_outbox_block, version) ==
			      offsetof(struct ctl_outbox_entry, version),
	      "layout on disk");

// Before each entry of a block; what follows is padded to a multiple of 8 bytes.
struct ctl_outbox_item {
	uint32_t len;
	uint32_t reserved;
};
static_assert(sizeof(struct ctl_outbox_item) == 8, "layout on disk");

struct ctl_outbox_data {
	uint32_t endpoint_len;
	uint32_t json_len; // the event's data, a JSON object
	uint32_t raw_len;  // what the device sent; 0 unless a back end wants it
	uint32_t format;   // of that, or CTL_OUTBOX_NO_FORMAT
};
static_assert(sizeof(struct ctl_outbox_data) == 16, "layout on disk");

struct ctl_outbox_path {
	uint16_t ids[4];
	uint16_t depth;
};
static_assert(sizeof(struct ctl_outbox_path) == 10, "layout on disk");

// An entry with what it points to; the rest is NULL and 0.
struct ctl_outbox_view {
	struct ctl_outbox_entry entry;
	const char *endpoint;
	size_t endpoint_len;
	const struct ctl_record *record; // CTL_OUTBOX_RECORD
	struct ctl_outbox_data data;     // CTL_OUTBOX_DATA and _PATHS, and the following
	const char *json;
	const uint8_t *raw;
	const char *paths;    // packed, not aligned
	uint32_t paths_count; // 0: it does not say
};

// One of the view's paths, i < paths_count.
void ctl_outbox_path(const struct ctl_outbox_view *view, uint32_t i, struct lwm2m_path *path);

// The back ends that there are at the start: those that the store knows go on where they were, a
// new one starts with what comes next, others are forgotten. Commits by itself. 0 or -errno.
int ctl_outbox_configure(struct ctl_store *store, const char *const *names, unsigned count);
// One more, which starts with what comes next; *index is how it is called from here on. Reaches
// the disk soon. 0 or -ENOMEM.
int ctl_outbox_add(struct ctl_store *store, const char *name, unsigned *index);
// Its place is forgotten, its index may be another's soon. Reaches the disk soon. 0.
int ctl_outbox_remove(struct ctl_store *store, unsigned index);

// Into the open change set. Nothing when no back end is configured.
void ctl_outbox_append(struct ctl_store *store, const struct ctl_outbox_entry *entry,
		       const struct ctl_record *record);
// Likewise, of an event whose data is made already: so that delivering it takes no decoding, and
// tells what was true when it happened. The JSON may come in two pieces.
struct ctl_outbox_text {
	const char *text;
	size_t len;
};
struct ctl_outbox_parts {
	const char *endpoint;
	struct ctl_outbox_text json[2];
	const uint8_t *raw;
	const struct lwm2m_path *paths; // what the event tells of
	uint32_t paths_count;           // 0: unknown; at most CTL_OUTBOX_PATHS_MAX
};
// entry->version is set here.
void ctl_outbox_append_data(struct ctl_store *store, const struct ctl_outbox_entry *entry,
			    const struct ctl_outbox_data *data,
			    const struct ctl_outbox_parts *parts);
// Likewise: stores how far the back ends are and deletes what all have passed, at most that many
// entries.
void ctl_outbox_stage(struct ctl_store *store, unsigned entries_max);
// True when ctl_outbox_stage has something to do.
bool ctl_outbox_dirty(const struct ctl_store *store);

// Last key that was committed; 0: none ever.
uint64_t ctl_outbox_last(const struct ctl_store *store);

// What the outbox takes on disk, whole pages, and how many entries it has: those included that
// every back end has passed and that share a value with later ones or are about to be deleted.
// 0 or -errno.
struct ctl_outbox_usage {
	uint64_t bytes, entries;
};
int ctl_outbox_usage(struct ctl_store *store, struct ctl_outbox_usage *usage);

// Calls with every committed entry above the key, in order, until there are no more or the callback
// returns false. The view lives for the call; what is damaged is logged and left out. 0 or -errno.
typedef bool (*ctl_outbox_cb_t)(uint64_t key, const struct ctl_outbox_view *view, void *arg);
int ctl_outbox_read(struct ctl_store *store, uint64_t after, ctl_outbox_cb_t cb, void *arg);

// How far a back end is; the index is that of ctl_outbox_configure. Reaches the disk with a later
// commit.
uint64_t ctl_outbox_cursor(const struct ctl_store *store, unsigned backend);
void ctl_outbox_advance(struct ctl_store *store, unsigned backend, uint64_t key);
