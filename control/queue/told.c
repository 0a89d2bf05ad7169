// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
#include "control/queue/state.h"

json_t *queue_paths_json(const struct ctl_operation *op)
{
	char text[CTL_PATHS_MAX * LWM2M_PATH_TEXT_MAX + 1] = "";
	size_t len = 0;

	for (uint8_t i = 0; i < op->paths_count && i < CTL_PATHS_MAX; i++) {
		if (i > 0)
			text[len++] = ',';
		len += lwm2m_path_format(&op->paths[i], text + len);
	}
	return json_stringn_nocheck(text, len);
}

json_t *ctl_queue_told_json(const char *endpoint, size_t len, const struct ctl_operation *op,
			    uint64_t id)
{
	return json_pack("{s:s%, s:o, s:I, s:b}", "ep", endpoint, len, "path", queue_paths_json(op),
			 "requestId", (json_int_t)id, "delayed", 1);
}
