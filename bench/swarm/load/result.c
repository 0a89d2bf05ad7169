// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
#include "bench/swarm/load/result.h"

#include <inttypes.h>

bool result_phase_ok(const struct result_phase *phase)
{
	return phase->counters.wrong == 0 && phase->counters.missing == 0 &&
	       phase->shared_locations <= 0;
}

bool result_ok(const struct result *result)
{
	bool ok = result->port->bad_checksums == 0 && result->count > 0;

	for (uint32_t i = 0; i < result->count; i++)
		ok = ok && result_phase_ok(&result->phases[i]);
	return ok;
}

static bool timed(const struct result_phase *phase)
{
	return phase->phase->duration_ms != 0 && phase->phase->kind != PHASE_OBSERVE;
}

double result_rate(const struct result_phase *phase)
{
	double seconds = timed(phase) ? phase->sending_seconds : phase->seconds;
	uint64_t n = timed(phase) ? phase->sent_exchanges : phase->counters.exchanges;

	return seconds > 0 ? (double)n / seconds : 0;
}

static double cycles(const struct result_phase *phase)
{
	return phase->counters.exchanges
		       ? (double)phase->busy_tsc / (double)phase->counters.exchanges
		       : 0;
}

static double burst(const struct result_phase *phase)
{
	return phase->busy_polls ? (double)phase->counters.exchanges / (double)phase->busy_polls
				 : 0;
}

static double busy_percent(const struct result *result, const struct result_phase *phase)
{
	return phase->seconds > 0
		       ? 100 * (double)phase->busy_tsc / (phase->seconds * result->tsc_hz)
		       : 0;
}

static double micros(const struct histogram *h, double share)
{
	return (double)histogram_at(h, share) / 1e3;
}

// The mids of a device came round within EXCHANGE_LIFETIME: some requests look like repetitions.
static bool mids_reused(const struct result *result)
{
	uint64_t requests = 0;

	for (uint32_t i = 0; i < result->count; i++)
		requests += result->phases[i].counters.requests;
	return requests / result->opt->scenario.devices >= 65536;
}

void result_progress(const struct swarm *swarm, const struct swarm_counters *last, double span,
		     double since, FILE *out)
{
	const struct swarm_counters *now = &swarm->counters;

	fprintf(out,
		"%6.0f s  %-10s %12" PRIu64 " done  %11.0f/s  under way %u  repeated %" PRIu64
		"  5.03 %" PRIu64 "  wrong %" PRIu64 "  missing %" PRIu64 "  p99 %.1f us\n",
		since, scenario_phase_name(swarm->phase->kind), now->exchanges,
		(double)(now->exchanges - last->exchanges) / span, swarm->window.used,
		now->retransmissions, now->unavailable, now->wrong, now->missing,
		micros(&swarm->latency, 0.99));
}

void result_phase_text(const struct result *result, const struct result_phase *phase, FILE *out)
{
	const struct histogram *h = &phase->latency;
	const char *name = scenario_phase_name(phase->phase->kind);

	if (phase->phase->kind == PHASE_PAUSE)
		return;
	fprintf(out,
		"%-10s %s  %.0f exchanges/s  %" PRIu64
		" in %.3f s  %.0f cycles each, busy %.0f%% in bursts of %.1f\n",
		name, result_phase_ok(phase) ? "ok" : "FAILED", result_rate(phase),
		phase->counters.exchanges, phase->seconds, cycles(phase),
		busy_percent(result, phase), burst(phase));
	fprintf(out, "%-10s p50 %.1f  p90 %.1f  p99 %.1f  p99.9 %.1f  max %.1f us\n", "",
		micros(h, 0.5), micros(h, 0.9), micros(h, 0.99), micros(h, 0.999),
		(double)h->max / 1e3);
#define X(field, help)                  \
	if (phase->counters.field != 0) \
		fprintf(out, "%-10s %s %" PRIu64 ": %s\n", "", #field, phase->counters.field, help);
	SWARM_COUNTERS(X)
#undef X
#define X(field, help)              \
	if (phase->dtls.field != 0) \
		fprintf(out, "%-10s %s %" PRIu64 ": %s\n", "", #field, phase->dtls.field, help);
	PORT_DTLS_COUNTERS(X)
#undef X
	if (phase->first_wrong)
		fprintf(out, "%-10s first wrong answer: device %u, %s\n", "",
			phase->first_wrong_device, phase->first_wrong);
	if (phase->shared_locations > 0)
		fprintf(out, "%-10s devices whose location another one has too: %" PRId64 "\n", "",
			phase->shared_locations);
}

static void phase_json(const struct result *result, const struct result_phase *phase, FILE *out)
{
	const struct histogram *h = &phase->latency;

	fprintf(out, "{\"phase\":\"%s\",\"ok\":%s,\"loop\":\"%s\",\"window\":%u,\"rate\":%u,",
		scenario_phase_name(phase->phase->kind), result_phase_ok(phase) ? "true" : "false",
		phase->phase->rate ? "open" : "closed", phase->phase->window, phase->phase->rate);
#define X(field, help) fprintf(out, "\"%s\":%" PRIu64 ",", #field, phase->counters.field);
	SWARM_COUNTERS(X)
#undef X
#define X(field, help) fprintf(out, "\"%s\":%" PRIu64 ",", #field, phase->dtls.field);
	if (result->opt->scenario.dtls.psk_len > 0) {
		PORT_DTLS_COUNTERS(X)
	}
#undef X
	fprintf(out,
		"\"seconds\":%.6f,\"sending_seconds\":%.6f,\"exchanges_per_second\":%.1f,"
		"\"generator_cycles_per_exchange\":%.1f,\"generator_busy_percent\":%.1f,"
		"\"generator_burst\":%.1f,",
		phase->seconds, phase->sending_seconds, result_rate(phase), cycles(phase),
		busy_percent(result, phase), burst(phase));
	if (phase->first_wrong)
		fprintf(out, "\"first_wrong\":{\"device\":%u,\"why\":\"%s\"},",
			phase->first_wrong_device, phase->first_wrong);
	fprintf(out,
		"\"shared_locations\":%" PRId64 ",\"latency_ns\":{\"count\":%" PRIu64
		",\"p50\":%" PRIu64 ",\"p90\":%" PRIu64 ",\"p99\":%" PRIu64 ",\"p999\":%" PRIu64
		",\"max\":%" PRIu64 "}}",
		phase->shared_locations, h->count, histogram_at(h, 0.5), histogram_at(h, 0.9),
		histogram_at(h, 0.99), histogram_at(h, 0.999), h->max);
}

void result_json(const struct result *result, FILE *out)
{
	const struct load_options *opt = result->opt;

	fprintf(out,
		"{\"ok\":%s,\"version\":\"%s\",\"transport\":\"%s\",\"bounce\":%s,\"devices\":%u,"
		"\"interrupted\":%s,\"tsc_hz\":%.0f,\"mids_reused\":%s,\"foreign_frames\":%" PRIu64
		",\"bad_checksums\":%" PRIu64 ",\"tx_refused\":%" PRIu64 ",\"phases\":[",
		result_ok(result) ? "true" : "false", SLUICE_VERSION,
		opt->port.device ? opt->port.device : "kernel sockets",
		opt->bounce ? "true" : "false", opt->scenario.devices,
		result->interrupted ? "true" : "false", result->tsc_hz,
		mids_reused(result) ? "true" : "false", result->port->foreign,
		result->port->bad_checksums, result->port->tx_refused);
	for (uint32_t i = 0; i < result->count; i++) {
		if (i > 0)
			fputc(',', out);
		phase_json(result, &result->phases[i], out);
	}
	fputs("]}\n", out);
}
