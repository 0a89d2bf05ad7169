// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
#include "control/rest/listing.h"

#include <stdlib.h>
#include <string.h>

static void set_text(struct ctl_listing *listing, const char *text)
{
	listing->text = strdup(text);
	listing->len = listing->text != NULL ? strlen(text) : 0;
}

// Behind one character of punctuation.
static void set_entry(struct ctl_listing *listing, const json_t *entry)
{
	size_t size = entry != NULL ? json_dumpb(entry, NULL, 0, JSON_COMPACT) : 0;

	listing->text = size > 0 ? malloc(size + 1) : NULL;
	if (listing->text == NULL)
		return;
	listing->text[0] = listing->started ? ',' : '[';
	json_dumpb(entry, listing->text + 1, size, JSON_COMPACT);
	listing->len = size + 1;
}

// Replaces the current piece by the next one. False when memory is out.
static bool next_piece(struct ctl_listing *listing)
{
	json_t *entry = NULL;
	enum ctl_listing_next what =
		listing->left > 0 ? listing->next(listing, &entry) : CTL_LISTING_END;

	free(listing->text);
	listing->text = NULL;
	listing->pos = listing->len = 0;
	switch (what) {
	case CTL_LISTING_LATER:
		set_text(listing, "\n"); // white space does not harm
		break;
	case CTL_LISTING_END:
		set_text(listing, listing->started ? "]" : "[]");
		listing->finished = true;
		break;
	case CTL_LISTING_ENTRY:
		set_entry(listing, entry);
		json_decref(entry);
		listing->started = true;
		listing->left--;
		break;
	}
	return listing->text != NULL;
}

static ssize_t listing_read(struct ctl_stream *stream, char *buf, size_t max)
{
	struct ctl_listing *listing = (struct ctl_listing *)stream;
	size_t n = 0;

	while (n < max) {
		size_t part = listing->len - listing->pos;

		if (part == 0 && listing->finished)
			return n > 0 ? (ssize_t)n : -1;
		if (part == 0) {
			if (!next_piece(listing))
				return -2;
			continue;
		}
		if (part > max - n)
			part = max - n;
		memcpy(buf + n, listing->text + listing->pos, part);
		listing->pos += part;
		n += part;
	}
	return (ssize_t)n;
}

static void listing_free(struct ctl_stream *stream)
{
	struct ctl_listing *listing = (struct ctl_listing *)stream;

	free(listing->text);
	free(listing);
}

void ctl_listing_begin(struct ctl_listing *listing, struct ctl_resp *resp)
{
	listing->stream.read = listing_read;
	listing->stream.free = listing_free;
	resp->status = 200;
	resp->content_type = CTL_TYPE_JSON;
	resp->stream = &listing->stream;
}
