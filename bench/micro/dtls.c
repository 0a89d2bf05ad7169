// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// DTLS records of 64 bytes of payload, one sealed and one opened each time, for sessions in random
// order and bursts of 64; and what the AEAD alone takes for the same bytes. of_raw is the rate of
// the records over that of the AEAD they use, measured in the same run; session_bytes what a
// session takes in memory.
//
// A session here is its own peer: it writes and reads with the same key, so that what it seals it
// can open.
#include <string.h>
#include <time.h>

#include <rte_common.h>

#include "bench/libbench/bench.h"
#include "bench/micro/machine.h"
#include "bench/micro/random.h"
#include "dataplane/dtls/aead.h"
#include "dataplane/dtls/record.h"
#include "dataplane/dtls/table.h"

#define BURST    64u
#define PAYLOAD  64u
#define SESSIONS 100000
#define ROOM     192u // of one record, whole cache lines

struct buffers {
	alignas(64) uint8_t bytes[BURST][ROOM];
};

static struct dtls_aead *aead_of(const struct dtls_aead_ops *ops)
{
	static struct dtls_aead *aeads[2];
	struct dtls_aead **aead = &aeads[ops == &dtls_aead_wolfcrypt];

	if (!*aead)
		*aead = dtls_aead_new(ops);
	return *aead;
}

// A burst as the records make them: a Connection ID in the additional data, a content type behind
// the payload, keys that differ; but always the same ones, which stay in the cache.
static void raw_jobs(struct dtls_aead_job jobs[static BURST], uint8_t cipher)
{
	static struct buffers buffers;
	static uint8_t keys[BURST][DTLS_KEY_MAX];

	for (unsigned i = 0; i < BURST; i++) {
		keys[i][0] = (uint8_t)i;
		jobs[i] = (struct dtls_aead_job){.key = keys[i],
						 .cipher = cipher,
						 .aad_len = 31,
						 .data = buffers.bytes[i],
						 .len = PAYLOAD + 1};
		jobs[i].tag = jobs[i].data + jobs[i].len;
	}
}

static void raw_burst(struct dtls_aead *aead, struct dtls_aead_job jobs[static BURST])
{
	aead->ops->seal(aead, jobs, BURST);
	aead->ops->open(aead, jobs, BURST);
}

static void raw(struct bench_state *state, const struct dtls_aead_ops *ops, uint8_t cipher)
{
	struct dtls_aead_job jobs[BURST];
	struct dtls_aead *aead = aead_of(ops);

	if (!aead) {
		bench_skip(state, "no memory");
		return;
	}
	raw_jobs(jobs, cipher);
	while (bench_next_batch(state, BURST)) {
		raw_burst(aead, jobs);
		if (!jobs[0].ok || !jobs[BURST - 1].ok)
			bench_skip(state, "a record did not authenticate");
	}
	bench_items(state, bench_iterations(state));
}

BENCH(dtls_raw_ccm_8)
{
	raw(state, NULL, DTLS_AES128_CCM_8);
}

BENCH(dtls_raw_ccm_8_wolfcrypt)
{
	raw(state, &dtls_aead_wolfcrypt, DTLS_AES128_CCM_8);
}

BENCH(dtls_raw_gcm)
{
	raw(state, NULL, DTLS_AES128_GCM);
}

static bool fill(struct dtls_table *table, enum dtls_suite suite)
{
	struct random random = {7};

	for (uint32_t i = 0; i < SESSIONS; i++) {
		struct dtls_session *session =
			dtls_table_new(table, (uint32_t)random_next(&random));
		struct dtls_keys keys = {
			.suite = suite, .own_cid = true, .peer_cid_len = DTLS_OWN_CID_LEN};
		struct dp_peer peer = {.udp_port_be16 = (uint16_t)i};
		uint64_t word = random_next(&random);

		if (!session)
			return false;
		dtls_cid_write(dtls_table_cid(table, session), keys.peer_cid);
		memcpy(keys.read_key, &word, sizeof(word));
		memcpy(keys.read_secret, &word, sizeof(word));
		memcpy(keys.write_key, keys.read_key, sizeof(keys.write_key));
		memcpy(keys.write_secret, keys.read_secret, sizeof(keys.write_secret));
		if (dtls_suite_is_13(suite) && dtls_keys_13(&keys) != 0)
			return false;
		if (dtls_session_init(session, dtls_table_secrets(table, session), &keys) != 0)
			return false;
		dtls_table_bind(table, session, &peer);
	}
	return true;
}

// Tables of another suite than before are filled anew. NULL after bench_skip.
static struct dtls_table *table_of(struct bench_state *state, enum dtls_suite suite)
{
	static const uint64_t seed[4] = {1, 2, 3, 4};
	static struct dtls_table table;
	static enum dtls_suite filled;

	if (filled == suite)
		return &table;
	dtls_table_fini(&table);
	filled = DTLS_SUITE_NONE;
	if (dtls_table_init(&table, SESSIONS, 0, seed, 0, 1, 1) != 0 || !fill(&table, suite)) {
		bench_skip(state, "no memory");
		return NULL;
	}
	filled = suite;
	return &table;
}

static void seal_burst(struct dtls_aead *aead, const struct dtls_table *table,
		       struct random *random, struct dtls_record *records, struct buffers *buffers)
{
	for (unsigned i = 0; i < BURST; i++)
		records[i] = (struct dtls_record){
			.session = &table->slots[random_below(random, SESSIONS)],
			.data = buffers->bytes[i] + DTLS_SEAL_HEAD,
			.len = PAYLOAD,
			.type = DTLS_CONTENT_DATA};
	dtls_seal(aead, records, BURST);
}

// As the pipeline does it: headers first, then the sessions that they name. How many failed.
static unsigned open_burst(struct dtls_aead *aead, const struct dtls_table *table,
			   struct dtls_record *records)
{
	unsigned failed = 0;

	for (unsigned i = 0; i < BURST; i++) {
		dtls_head_parse(&records[i].head, records[i].data, records[i].len);
		__builtin_prefetch(dtls_table_slot(table, records[i].head.cid));
	}
	for (unsigned i = 0; i < BURST; i++) {
		records[i].session = dtls_table_find(table, records[i].head.cid);
		records[i].secrets = dtls_table_secrets(table, records[i].session);
	}
	dtls_open(aead, records, BURST, 1);
	for (unsigned i = 0; i < BURST; i++)
		failed += records[i].verdict != DTLS_DATA;
	return failed;
}

static double cpu_seconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
	return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

// The AEAD alone does as many right afterwards, so that a machine that is slow for a while is slow
// for both.
static void records(struct bench_state *state, enum dtls_suite suite, uint8_t cipher)
{
	static struct buffers buffers;
	struct dtls_record recs[BURST];
	struct dtls_aead_job jobs[BURST];
	struct dtls_aead *aead = aead_of(NULL);
	struct dtls_table *table = table_of(state, suite);
	struct random random = {1};
	double begin, whole, alone;
	unsigned failed = 0;

	if (!table || !aead)
		return;
	raw_jobs(jobs, cipher);
	begin = cpu_seconds();
	while (bench_next_batch(state, BURST)) {
		seal_burst(aead, table, &random, recs, &buffers);
		failed += open_burst(aead, table, recs);
	}
	whole = cpu_seconds() - begin;
	begin = cpu_seconds();
	for (uint64_t i = 0; i < bench_iterations(state); i += BURST)
		raw_burst(aead, jobs);
	alone = cpu_seconds() - begin;
	if (failed > 0)
		bench_skip(state, "a record was not taken");
	bench_items(state, bench_iterations(state));
	bench_counter(state, "of_raw", alone / whole, 0);
	bench_counter(state, "session_bytes",
		      sizeof(struct dtls_session) +
			      (dtls_suite_is_13(suite) ? sizeof(struct dtls_traffic_secrets) : 0),
		      0);
}

BENCH(dtls_records_12_ccm_8)
{
	records(state, DTLS_12_AES128_CCM_8, DTLS_AES128_CCM_8);
}

BENCH(dtls_records_12_gcm)
{
	records(state, DTLS_12_AES128_GCM, DTLS_AES128_GCM);
}

BENCH(dtls_records_13_ccm_8)
{
	records(state, DTLS_13_AES128_CCM_8, DTLS_AES128_CCM_8);
}

BENCH(dtls_records_13_gcm)
{
	records(state, DTLS_13_AES128_GCM, DTLS_AES128_GCM);
}
