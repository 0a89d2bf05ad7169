// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// The handshake may block for two seconds, so it runs on libuv's pool; only its result comes back
// to the loop. An attempt outlives the link that gave it up.
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "control/link/state.h"

struct link_attempt {
	uv_work_t work;
	struct ctl_link *link; // loop: rw, pool: none. NULL: abandoned
	struct bridge_segment seg;
	int conn_fd;
	char why[160];
	char path[];
};

static void on_pool(uv_work_t *work)
{
	struct link_attempt *attempt = work->data;

	attempt->conn_fd = bridge_attach(attempt->path, &attempt->seg, attempt->why);
}

static void on_done(uv_work_t *work, int status)
{
	struct link_attempt *attempt = work->data;
	struct ctl_link *link = attempt->link;

	if (status != 0)
		attempt->conn_fd = status;
	if (link != NULL)
		link->attempt = NULL;
	if (link != NULL && attempt->conn_fd >= 0) {
		link_attached(link, attempt->conn_fd, &attempt->seg);
	} else if (attempt->conn_fd >= 0) {
		bridge_segment_close(&attempt->seg);
		close(attempt->conn_fd);
	} else if (link != NULL) {
		link_attach_failed(link, attempt->why);
	}
	free(attempt);
}

int link_attach_begin(struct ctl_link *link)
{
	struct link_attempt *attempt = calloc(1, sizeof(*attempt) + strlen(link->path) + 1);
	int rc;

	if (attempt == NULL)
		return -ENOMEM;
	strcpy(attempt->path, link->path);
	attempt->link = link;
	attempt->work.data = attempt;
	rc = uv_queue_work(link->ctl->loop, &attempt->work, on_pool, on_done);
	if (rc != 0) {
		free(attempt);
		return rc;
	}
	link->attempt = attempt;
	return 0;
}

void link_attach_abandon(struct ctl_link *link)
{
	if (link->attempt == NULL)
		return;
	link->attempt->link = NULL;
	uv_cancel((uv_req_t *)&link->attempt->work);
	link->attempt = NULL;
}
