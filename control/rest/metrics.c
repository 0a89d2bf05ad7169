// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
#include "control/metrics.h"

#include <errno.h>
#include <inttypes.h>
#include <jemalloc/jemalloc.h>
#include <stdio.h>
#include <string.h>

#include "control/backend/backend.h"
#include "control/link/link.h"
#include "control/queue/queue.h"
#include "control/registry.h"
#include "control/rest/resources.h"
#include "control/security/credentials.h"

// Prometheus text format 0.0.4.
static void head(FILE *out, const char *name, const char *type, const char *help)
{
	fprintf(out, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, type);
}

static void single(FILE *out, const char *name, const char *type, const char *help, uint64_t value)
{
	head(out, name, type, help);
	fprintf(out, "%s %" PRIu64 "\n", name, value);
}

static void control_counters(FILE *out)
{
#define X(name, help) \
	single(out, "sluice_control_" #name "_total", "counter", help, ctl_counters.name);
	CTL_COUNTERS(X)
#undef X
}

static void histogram(FILE *out, const char *name, const char *help,
		      const struct ctl_histogram *histogram)
{
	uint64_t count = 0;

	head(out, name, "histogram", help);
	for (unsigned i = 0; i < CTL_HISTOGRAM_BOUNDS_MAX && histogram->bounds[i] != 0; i++) {
		count += histogram->counts[i];
		fprintf(out, "%s_bucket{le=\"%" PRIu64 "\"} %" PRIu64 "\n", name,
			histogram->bounds[i], count);
	}
	fprintf(out, "%s_bucket{le=\"+Inf\"} %" PRIu64 "\n", name, histogram->count);
	fprintf(out, "%s_sum %" PRIu64 "\n%s_count %" PRIu64 "\n", name, histogram->sum, name,
		histogram->count);
}

static void control_histograms(FILE *out)
{
#define X(name, help) histogram(out, "sluice_control_" #name, help, &ctl_histograms.name);
	CTL_HISTOGRAMS(X)
#undef X
}

// One value of every worker; offset says where it lies in its statistics.
static void per_worker(FILE *out, const struct bridge_segment *seg, const char *name,
		       const char *label, size_t offset)
{
	for (uint32_t i = 0; i < seg->workers; i++) {
		const char *stats = (const char *)seg->channels[i].stats;
		uint64_t value = __atomic_load_n((const uint64_t *)(const void *)(stats + offset),
						 __ATOMIC_RELAXED);

		fprintf(out, "%s{worker=\"%" PRIu32 "\"%s} %" PRIu64 "\n", name, i, label, value);
	}
}

#define OFFSET(block, name) offsetof(struct bridge_worker_stats, block.name)

static void dataplane_metrics(FILE *out, const struct bridge_segment *seg)
{
#define X(name, help)                                                   \
	head(out, "sluice_dataplane_" #name "_total", "counter", help); \
	per_worker(out, seg, "sluice_dataplane_" #name "_total", "", OFFSET(counters, name));
	DP_COUNTERS(X)
#undef X
	head(out, "sluice_dataplane_drops_total", "counter",
	     "datagrams that got no answer, by reason");
#define X(name, help)                                                                 \
	per_worker(out, seg, "sluice_dataplane_drops_total", ",reason=\"" #name "\"", \
		   OFFSET(counters, drop_##name));
	DP_DROPS(X)
#undef X
#define X(name, help)                                        \
	head(out, "sluice_dataplane_" #name, "gauge", help); \
	per_worker(out, seg, "sluice_dataplane_" #name, "", OFFSET(gauges, name));
	DP_GAUGES(X)
#undef X
	single(out, "sluice_dataplane_start_time_seconds", "gauge",
	       "when the dataplane started, since 1970", seg->header->started_wall_ms / 1000);
}

static void memory_metrics(FILE *out)
{
	static const struct {
		const char *key, *name, *help;
	} figures[] = {
		{"stats.allocated", "sluice_control_memory_allocated_bytes",
		 "memory control has allocated"},
		{"stats.active", "sluice_control_memory_active_bytes",
		 "memory in pages that hold allocations"},
		{"stats.resident", "sluice_control_memory_resident_bytes",
		 "memory the allocator holds in RAM"},
		{"stats.mapped", "sluice_control_memory_mapped_bytes",
		 "address space the allocator has mapped"},
	};
	uint64_t epoch = 1; // makes jemalloc bring its figures up to date

	mallctl("epoch", NULL, NULL, &epoch, sizeof(epoch));
	for (size_t i = 0; i < sizeof(figures) / sizeof(figures[0]); i++) {
		size_t value, size = sizeof(value);

		if (mallctl(figures[i].key, &value, &size, NULL, 0) == 0)
			single(out, figures[i].name, "gauge", figures[i].help, value);
	}
}

static void hold_metrics(FILE *out, const struct ctl *ctl)
{
	head(out, "sluice_held", "gauge",
	     "1 while new promises to devices are answered 5.03 for that reason");
	for (enum ctl_hold i = 0; i < CTL_HOLD_COUNT; i++)
		fprintf(out, "sluice_held{reason=\"%s\"} %d\n", ctl_hold_name(i),
			ctl_hold_why(&ctl->holds, i) != NULL);
}

static void state_metrics(FILE *out, const struct ctl *ctl)
{
	enum ctl_link_state state = ctl_link_state(ctl->link);

	head(out, "sluice_build_info", "gauge", "always 1; the version is in the label");
	fprintf(out, "sluice_build_info{version=\"%s\"} 1\n", SLUICE_VERSION);
	single(out, "sluice_registrations", "gauge", "devices registered",
	       ctl_registry_count(ctl->registry));
	single(out, "sluice_queued_operations", "gauge", "operations that wait for their devices",
	       ctl_queue_count(ctl->queue));
	if (ctl->credentials != NULL)
		single(out, "sluice_credentials", "gauge", "devices that have a credential",
		       ctl_credentials_count(ctl->credentials));
	single(out, "sluice_dataplane_attached", "gauge", "1 while a dataplane is attached",
	       state != CTL_LINK_DETACHED);
	single(out, "sluice_dataplane_ready", "gauge",
	       "1 once the dataplane knows every registration", state == CTL_LINK_READY);
}

// Backslash and quote must be escaped in a label.
static void label_text(FILE *out, const char *text)
{
	for (; *text; text++) {
		if (*text == '\\' || *text == '"')
			fputc('\\', out);
		fputc(*text == '\n' ? ' ' : *text, out);
	}
}

// One figure of every back end.
#define BACKEND(metric, kind, text, format, value)                            \
	do {                                                                  \
		head(out, "sluice_backend_" metric, kind, text);              \
		for (unsigned i = 0; i < ctl_backends_count(backends); i++) { \
			struct ctl_backend_status status;                     \
                                                                              \
			ctl_backends_status(backends, i, &status);            \
			fputs("sluice_backend_" metric "{backend=\"", out);   \
			label_text(out, status.cfg->name);                    \
			fprintf(out, "\"} " format "\n", value);              \
		}                                                             \
	} while (0)

static void backend_counters(FILE *out, const struct ctl_backends *backends)
{
	BACKEND("batches_total", "counter", "batches accepted", "%" PRIu64, status.batches);
	BACKEND("events_total", "counter", "events accepted", "%" PRIu64, status.events);
	BACKEND("bytes_total", "counter", "bytes of accepted batches, unpacked", "%" PRIu64,
		status.bytes);
	BACKEND("filtered_total", "counter", "events that its filter left out", "%" PRIu64,
		status.filtered);
	BACKEND("failures_total", "counter", "batches not accepted, each time", "%" PRIu64,
		status.failures);
	BACKEND("refused_total", "counter", "events refused for good, in its dead-letter file",
		"%" PRIu64, status.refused);
	BACKEND("dropped_total", "counter",
		"events given up because the outbox was full or they "
		"were too old",
		"%" PRIu64, status.dropped);
	BACKEND("pauses_total", "counter", "times that repeated failure made it pause", "%" PRIu64,
		status.pauses);
	BACKEND("dead_letter_files_lost_total", "counter",
		"dead-letter files given up for newer ones", "%" PRIu64,
		status.dead_letter_files_lost);
}

static void outbox_metrics(FILE *out, const struct ctl *ctl)
{
	struct ctl_outbox_status outbox;

	ctl_backends_outbox(ctl->backends, &outbox);
	single(out, "sluice_outbox_bytes", "gauge",
	       "disk that events take which some back end has not accepted yet", outbox.bytes);
	single(out, "sluice_outbox_max_bytes", "gauge", "its configured bound",
	       ctl->cfg->outbox.max_bytes);
	single(out, "sluice_outbox_events", "gauge",
	       "events that some back end has not accepted yet", outbox.entries);
	head(out, "sluice_outbox_oldest_seconds", "gauge", "age of the first of them");
	fprintf(out, "sluice_outbox_oldest_seconds %.3f\n", (double)outbox.oldest_ms / 1000);
	single(out, "sluice_outbox_warning", "gauge",
	       "1 from four fifths of a bound on: devices will wait, or events be dropped",
	       outbox.warning != NULL);
}

static void backend_metrics(FILE *out, const struct ctl *ctl)
{
	const struct ctl_backends *backends = ctl->backends;

	if (backends == NULL)
		return;
	outbox_metrics(out, ctl);
	if (ctl_backends_count(backends) == 0)
		return;
	BACKEND("lag", "gauge", "events committed that the back end has not accepted yet",
		"%" PRIu64, status.lag_events);
	BACKEND("lag_seconds", "gauge", "age of the first of them", "%.3f",
		(double)status.lag_ms / 1000);
	BACKEND("up", "gauge", "1 while it accepts events", "%d", strcmp(status.state, "ok") == 0);
	BACKEND("paused", "gauge", "1 while it is left alone after repeated failure", "%d",
		strcmp(status.state, "paused") == 0);
	backend_counters(out, backends);
}

int ctl_metrics_get(struct ctl_req *req, struct ctl_resp *resp)
{
	const struct bridge_segment *seg = ctl_link_segment(req->ctl->link);
	FILE *out = open_memstream(&resp->body, &resp->body_len);

	if (!out)
		return -ENOMEM;
	state_metrics(out, req->ctl);
	hold_metrics(out, req->ctl);
	control_counters(out);
	control_histograms(out);
	if (seg)
		dataplane_metrics(out, seg);
	backend_metrics(out, req->ctl);
	memory_metrics(out);
	if (fclose(out) != 0)
		return -ENOMEM;
	resp->status = 200;
	resp->content_type = "text/plain; version=0.0.4; charset=utf-8";
	return 0;
}
