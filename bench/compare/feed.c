// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// The least that delivering events can cost: the same events, ready made, posted in batches by a
// bare libcurl loop, from memory or from LMDB. What it reaches is what the receiver and HTTP leave
// to anybody.
#include <curl/curl.h>
#include <errno.h>
#include <lmdb.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define BATCH 256u // events, as the gateway's

struct feed {
	const char *url;
	const char *store; // folder of the LMDB; NULL: from memory
	uint64_t events;
	char *sample; // a JSON array of events
	char *event;  // the last one in it
	size_t event_len;
	MDB_env *env;
	MDB_dbi dbi;
	CURL *curl;
	char *batch;
	size_t batch_len;
};

static void fail(const char *what, const char *why)
{
	fprintf(stderr, "sluice-bench-feed: %s: %s\n", what, why);
	exit(1);
}

static void check(const char *what, int rc)
{
	if (rc != 0)
		fail(what, mdb_strerror(rc));
}

static char *read_file(const char *path)
{
	FILE *file = fopen(path, "r");
	char *text = NULL;
	size_t len = 0, n;

	if (!file)
		fail(path, strerror(errno));
	do {
		text = realloc(text, len + 65537);
		if (!text)
			fail(path, "out of memory");
		n = fread(text + len, 1, 65536, file);
		len += n;
	} while (n > 0);
	text[len] = '\0';
	fclose(file);
	return text;
}

// The last object of an array: each goes to the brace that closes it, outside of strings.
static void find_last(struct feed *feed)
{
	bool in_string = false;
	unsigned depth = 0;

	for (char *p = feed->sample, *begin = p; *p != '\0'; p++) {
		if (in_string && *p == '\\' && p[1] != '\0') {
			p++;
		} else if (*p == '"') {
			in_string = !in_string;
		} else if (!in_string && *p == '{') {
			begin = depth++ == 0 ? p : begin;
		} else if (!in_string && *p == '}' && depth > 0 && --depth == 0) {
			feed->event = begin;
			feed->event_len = (size_t)(p + 1 - begin);
		}
	}
	if (!feed->event)
		fail("sample", "no JSON object in it");
}

static MDB_val key_of(uint64_t number, uint64_t *bytes)
{
	*bytes = __builtin_bswap64(number);
	return (MDB_val){sizeof(*bytes), bytes};
}

static void fill_store(struct feed *feed)
{
	MDB_txn *txn;

	check("env", mdb_env_create(&feed->env));
	check("env", mdb_env_set_mapsize(feed->env, (size_t)16 << 30));
	check(feed->store, mdb_env_open(feed->env, feed->store, 0, 0600));
	check("begin", mdb_txn_begin(feed->env, NULL, 0, &txn));
	check("open", mdb_dbi_open(txn, NULL, 0, &feed->dbi));
	for (uint64_t i = 1; i <= feed->events; i++) {
		uint64_t bytes;
		MDB_val k = key_of(i, &bytes), v = {feed->event_len, feed->event};

		check("put", mdb_put(txn, feed->dbi, &k, &v, MDB_APPEND));
	}
	check("commit", mdb_txn_commit(txn));
}

static void batch_add(struct feed *feed, const void *event, size_t len)
{
	feed->batch[feed->batch_len] = feed->batch_len == 0 ? '[' : ',';
	feed->batch_len++;
	memcpy(feed->batch + feed->batch_len, event, len);
	feed->batch_len += len;
}

static void batch_post(struct feed *feed)
{
	CURLcode rc;
	long status = 0;

	feed->batch[feed->batch_len++] = ']';
	curl_easy_setopt(feed->curl, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)feed->batch_len);
	curl_easy_setopt(feed->curl, CURLOPT_POSTFIELDS, feed->batch);
	rc = curl_easy_perform(feed->curl);
	curl_easy_getinfo(feed->curl, CURLINFO_RESPONSE_CODE, &status);
	if (rc != CURLE_OK || status / 100 != 2)
		fail(feed->url, rc != CURLE_OK ? curl_easy_strerror(rc) : "not accepted");
	feed->batch_len = 0;
}

// One transaction for each batch, as a sender does whose store is written meanwhile.
static void post_stored(struct feed *feed, uint64_t from, uint64_t count)
{
	uint64_t bytes;
	MDB_val k = key_of(from, &bytes), v;
	MDB_cursor *cursor;
	MDB_txn *txn;

	check("begin", mdb_txn_begin(feed->env, NULL, MDB_RDONLY, &txn));
	check("cursor", mdb_cursor_open(txn, feed->dbi, &cursor));
	check("get", mdb_cursor_get(cursor, &k, &v, MDB_SET_RANGE));
	for (uint64_t i = 0; i < count; i++) {
		batch_add(feed, v.mv_data, v.mv_size);
		if (i + 1 < count)
			check("next", mdb_cursor_get(cursor, &k, &v, MDB_NEXT));
	}
	mdb_cursor_close(cursor);
	mdb_txn_abort(txn);
	batch_post(feed);
}

static void post_all(struct feed *feed)
{
	for (uint64_t done = 0; done < feed->events; done += BATCH) {
		uint64_t count = feed->events - done < BATCH ? feed->events - done : BATCH;

		if (feed->store) {
			post_stored(feed, done + 1, count);
			continue;
		}
		for (uint64_t i = 0; i < count; i++)
			batch_add(feed, feed->event, feed->event_len);
		batch_post(feed);
	}
}

static double seconds(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

static void usage(FILE *to)
{
	fputs("usage: sluice-bench-feed URL EVENTS SAMPLE [FOLDER]\n\n"
	      "Posts EVENTS copies of the last event in the JSON array in file SAMPLE to URL, 256 "
	      "a\n"
	      "request, and prints how long that took, as JSON. With FOLDER (empty, existing) they "
	      "are\n"
	      "read from an LMDB made there first; without, they come from memory.\n",
	      to);
}

int main(int argc, char **argv)
{
	struct feed feed = {0};
	double started, took;

	if (argc == 2 && strcmp(argv[1], "--help") == 0) {
		usage(stdout);
		return 0;
	}
	if (argc < 4 || argc > 5 || strtoull(argv[2], NULL, 10) == 0) {
		usage(stderr);
		return 2;
	}
	feed.url = argv[1];
	feed.events = strtoull(argv[2], NULL, 10);
	feed.sample = read_file(argv[3]);
	feed.store = argc == 5 ? argv[4] : NULL;
	find_last(&feed);
	if (feed.store)
		fill_store(&feed);
	feed.batch = malloc(BATCH * (feed.event_len + 1) + 1);
	feed.curl = curl_easy_init();
	if (!feed.batch || !feed.curl)
		fail("start", "out of memory");
	curl_easy_setopt(feed.curl, CURLOPT_URL, feed.url);
	curl_easy_setopt(feed.curl, CURLOPT_POST, 1L);
	started = seconds();
	post_all(&feed);
	took = seconds() - started;
	printf("{\"events\":%llu,\"seconds\":%.6f,\"events_per_second\":%.0f}\n",
	       (unsigned long long)feed.events, took, (double)feed.events / took);
	curl_easy_cleanup(feed.curl);
	if (feed.env)
		mdb_env_close(feed.env);
	free(feed.batch);
	free(feed.sample);
	return 0;
}
