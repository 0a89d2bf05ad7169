// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
#include "control/backend/filter.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

static_assert(CONFIG_EVENT_REGISTRATION == 1 << CTL_REGISTERED, "numbered alike");
static_assert(CONFIG_EVENT_UPDATE == 1 << CTL_UPDATED, "numbered alike");
static_assert(CONFIG_EVENT_DEREGISTRATION == 1 << CTL_DEREGISTERED, "numbered alike");
static_assert(CONFIG_EVENT_NOTIFICATION == 1 << CTL_NOTIFICATION, "numbered alike");
static_assert(CONFIG_EVENT_SEND == 1 << CTL_SEND, "numbered alike");
static_assert(CONFIG_EVENT_RESPONSE == 1 << CTL_RESPONSE, "numbered alike");

int filter_init(struct filter *filter, const struct config_backend *cfg)
{
	*filter = (struct filter){.cfg = cfg};
	if (cfg->paths_count == 0)
		return 0;
	filter->paths = calloc(cfg->paths_count, sizeof(*filter->paths));
	if (filter->paths == NULL)
		return -ENOMEM;
	for (uint32_t i = 0; i < cfg->paths_count; i++)
		lwm2m_path_parse(&filter->paths[i], cfg->paths[i], strlen(cfg->paths[i]));
	return 0;
}

void filter_fini(struct filter *filter)
{
	free(filter->paths);
	filter->paths = NULL;
}

// A mismatch goes back to the last '*' only, so that no pattern takes more than len times its
// length.
bool filter_glob(const char *pattern, const char *text, size_t len)
{
	const char *star = NULL;
	size_t i = 0, star_i = 0;

	while (i < len) {
		if (*pattern == '*') {
			star = pattern++;
			star_i = i;
		} else if (*pattern != '\0' && (*pattern == '?' || *pattern == text[i])) {
			pattern++;
			i++;
		} else if (star != NULL) {
			pattern = star + 1;
			i = ++star_i;
		} else {
			return false;
		}
	}
	while (*pattern == '*')
		pattern++;
	return *pattern == '\0';
}

static bool endpoint_passes(const struct config_backend *cfg, const struct ctl_outbox_view *view)
{
	for (uint32_t i = 0; i < cfg->endpoints_count; i++)
		if (filter_glob(cfg->endpoints[i], view->endpoint, view->endpoint_len))
			return true;
	return cfg->endpoints_count == 0;
}

static bool path_passes(const struct filter *filter, const struct lwm2m_path *path)
{
	for (uint32_t i = 0; i < filter->cfg->paths_count; i++)
		if (lwm2m_path_within(path, &filter->paths[i]) ||
		    lwm2m_path_within(&filter->paths[i], path))
			return true;
	return false;
}

// An event that does not say which paths it tells of may tell of any.
static bool paths_pass(const struct filter *filter, const struct ctl_outbox_view *view)
{
	if (filter->cfg->paths_count == 0 || view->paths_count == 0)
		return true;
	for (uint32_t i = 0; i < view->paths_count; i++) {
		struct lwm2m_path path;

		ctl_outbox_path(view, i, &path);
		if (path_passes(filter, &path))
			return true;
	}
	return false;
}

bool filter_passes(const struct filter *filter, const struct ctl_outbox_view *view)
{
	const struct config_backend *cfg = filter->cfg;

	if (cfg->types != 0 && (cfg->types & (1 << view->entry.type)) == 0)
		return false;
	return endpoint_passes(cfg, view) && paths_pass(filter, view);
}
