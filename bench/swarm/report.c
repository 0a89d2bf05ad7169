// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
#include "bench/swarm/report.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

static double seconds(uint64_t us)
{
	return (double)us / 1e6;
}

void report_progress(struct report *report, const struct fleet *fleet, FILE *out)
{
	const struct swarm_counters *now = &fleet->counters;
	const struct swarm_counters *last = &report->last;
	double span = seconds(fleet->now_us - report->last_us);
	fprintf(out,
		"%5.0f s  registered %u/%u  register %.0f/s  update %.0f/s  read %.0f/s"
		"  repeated %" PRIu64 "  wrong %" PRIu64 "  missing %" PRIu64 "  p99 %.2f ms\n",
		seconds(fleet->now_us - fleet->started_us), fleet->registered, fleet->opt->count,
		(double)(now->registers - last->registers) / span,
		(double)(now->updates - last->updates) / span,
		(double)(now->reads - last->reads) / span, now->retransmissions, now->wrong,
		now->missing, (double)histogram_at(&fleet->latency, 0.99) / 1e3);
	report->last = *now;
	report->last_us = fleet->now_us;
}

void report_text(const struct fleet *fleet, FILE *out)
{
	const struct histogram *h = &fleet->latency;
	fprintf(out, "%-16s %u of %u\n", "registered", fleet->registered, fleet->opt->count);
#define X(name, help)                  \
	if (fleet->counters.name != 0) \
		fprintf(out, "%-16s %" PRIu64 "  (%s)\n", #name, fleet->counters.name, help);
	SWARM_COUNTERS(X)
#undef X
	fprintf(out, "%-16s p50 %.2f  p90 %.2f  p99 %.2f  p99.9 %.2f  max %.2f ms\n", "latency",
		(double)histogram_at(h, 0.5) / 1e3, (double)histogram_at(h, 0.9) / 1e3,
		(double)histogram_at(h, 0.99) / 1e3, (double)histogram_at(h, 0.999) / 1e3,
		(double)h->max / 1e3);
	fprintf(out, "%-16s %s\n", "result", fleet_succeeded(fleet) ? "ok" : "FAILED");
}

void report_json(const struct fleet *fleet, FILE *out)
{
	const struct histogram *h = &fleet->latency;
	fprintf(out, "{\"ok\":%s,\"devices\":%u,\"registered\":%u,",
		fleet_succeeded(fleet) ? "true" : "false", fleet->opt->count, fleet->registered);
#define X(name, help) fprintf(out, "\"%s\":%" PRIu64 ",", #name, fleet->counters.name);
	SWARM_COUNTERS(X)
#undef X
	fprintf(out, "\"seconds\":%.3f,\"seconds_to_register_all\":%.3f,",
		seconds(fleet->now_us - fleet->started_us),
		fleet->complete_us != 0 ? seconds(fleet->complete_us - fleet->started_us) : -1.0);
	fprintf(out,
		"\"latency_us\":{\"count\":%" PRIu64 ",\"p50\":%" PRIu64 ",\"p90\":%" PRIu64
		",\"p99\":%" PRIu64 ",\"p999\":%" PRIu64 ",\"max\":%" PRIu64 "}}\n",
		h->count, histogram_at(h, 0.5), histogram_at(h, 0.9), histogram_at(h, 0.99),
		histogram_at(h, 0.999), h->max);
}

int report_list(const struct fleet *fleet, const char *path)
{
	FILE *out = fopen(path, "w");
	if (out == NULL)
		return -errno;
	for (uint32_t n = 0; n < fleet->opt->count; n++) {
		const struct device *dev = &fleet->devices[n];
		char endpoint[DEVICE_ENDPOINT_MAX];
		if (!device_has_registration(dev))
			continue;
		device_endpoint(dev, &fleet->config, endpoint);
		fprintf(out, "%s ", endpoint);
		for (const char *p = dev->location; p < dev->location + dev->location_len;
		     p += strlen(p) + 1)
			fprintf(out, "/%s", p);
		fputc('\n', out);
	}
	return fclose(out) == 0 ? 0 : -errno;
}
