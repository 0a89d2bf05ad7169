// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// Credentials that were removed or replaced: the dataplane is told, so that it cuts their sessions,
// now or when it comes back; until then a mark on disk remembers it.
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "control/link/link.h"
#include "control/security/state.h"

#define TELL_MAX 4096u // at a time
#define RETRY_MS 20u

int credential_gone_add(struct ctl_credentials *credentials, uint64_t id)
{
	if (credentials->gone_count == credentials->gone_cap) {
		size_t cap = credentials->gone_cap == 0 ? 64 : credentials->gone_cap * 2;
		uint64_t *gone = realloc(credentials->gone, cap * sizeof(*gone));

		if (gone == NULL)
			return -ENOMEM;
		credentials->gone = gone;
		credentials->gone_cap = cap;
	}
	credentials->gone[credentials->gone_count++] = id;
	return 0;
}

// Telling it twice does no harm: a mark that stays is told again at the next attach.
static void marks_delete(struct ctl_credentials *credentials, size_t count)
{
	struct ctl_store *store = credentials->ctl->store;

	for (size_t i = 0; i < count; i++)
		ctl_store_credential_delete(store, credentials->gone[i]);
	ctl_store_submit(store, NULL, NULL);
}

static void on_retry(uv_timer_t *timer)
{
	credentials_gone_tell(timer->data);
}

void credentials_gone_tell(struct ctl_credentials *credentials)
{
	size_t told = 0;
	int rc = 0;

	if (credentials->ctl->link == NULL)
		return;
	while (rc == 0 && told < credentials->gone_stored && told < TELL_MAX) {
		rc = ctl_link_credential_gone(credentials->ctl->link, credentials->gone[told]);
		told += rc == 0;
	}
	if (told > 0) {
		marks_delete(credentials, told);
		credentials->gone_count -= told;
		credentials->gone_stored -= told;
		memmove(credentials->gone, credentials->gone + told,
			credentials->gone_count * sizeof(*credentials->gone));
	}
	if (credentials->gone_stored > 0 && rc != -ENOTCONN)
		uv_timer_start(&credentials->retry, on_retry, RETRY_MS, 0);
}

void ctl_credentials_on_ready(struct ctl_credentials *credentials)
{
	if (credentials != NULL)
		credentials_gone_tell(credentials);
}
