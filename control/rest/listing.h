// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// A JSON array as the body of an answer, made one entry at a time, so that a million cost the
// memory of one. Entries may come and go meanwhile: whoever lists goes on by a key, not by a
// pointer. Loop thread only.
#pragma once

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "control/rest/http.h"

enum ctl_listing_next {
	CTL_LISTING_ENTRY, // *entry is the next one, a reference that is given away; NULL: memory
			   // is out
	CTL_LISTING_LATER, // none found so far: others get their turn before the search goes on
	CTL_LISTING_END,
};

// The first member of what is listed, which is malloc'ed as a whole.
struct ctl_listing {
	struct ctl_stream stream;
	enum ctl_listing_next (*next)(struct ctl_listing *listing, json_t **entry);
	uint64_t left; // entries that may still be listed; next is not called at 0
	// listing.c's.
	char *text; // the current piece
	size_t len, pos;
	bool started, finished;
};

// Fills the response, with status 200, and hands the listing over to it. next and left are set.
void ctl_listing_begin(struct ctl_listing *listing, struct ctl_resp *resp);
