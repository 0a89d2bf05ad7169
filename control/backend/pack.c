// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
#include "control/backend/pack.h"

#include <errno.h>
#include <stdlib.h>

#define ZLIB_CONST
#include <zlib.h>

#define LEVEL       1         // JSON of one kind shrinks well at any level; this one is quick
#define WINDOW_GZIP (15 + 16) // zlib: the largest window, with gzip's head and tail
#define MEMORY      8

static int run(z_stream *z, struct pack *pack, const void *body, size_t len)
{
	size_t bound = deflateBound(z, len);

	if (bound > pack->cap) {
		free(pack->bytes);
		pack->bytes = malloc(bound);
		pack->cap = pack->bytes != NULL ? bound : 0;
	}
	if (pack->bytes == NULL)
		return -ENOMEM;
	z->next_in = body;
	z->avail_in = (uInt)len;
	z->next_out = pack->bytes;
	z->avail_out = (uInt)pack->cap;
	// With as much room as deflateBound said one call is enough.
	if (deflate(z, Z_FINISH) != Z_STREAM_END)
		return -ENOMEM;
	pack->len = z->total_out;
	return 0;
}

int pack_gzip(struct pack *pack, const void *body, size_t len)
{
	z_stream z = {0};
	int rc;

	if (deflateInit2(&z, LEVEL, Z_DEFLATED, WINDOW_GZIP, MEMORY, Z_DEFAULT_STRATEGY) != Z_OK)
		return -ENOMEM;
	rc = run(&z, pack, body, len);
	deflateEnd(&z);
	return rc;
}

void pack_free(struct pack *pack)
{
	free(pack->bytes);
	*pack = (struct pack){0};
}
