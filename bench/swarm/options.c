// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
#include "bench/swarm/options.h"

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char usage[] =
	"usage: sluice-swarm [OPTION]...\n"
	"       sluice-swarm run [OPTION]... [SCENARIO]   load and storms (run --help)\n"
	"\n"
	"Simulates LwM2M 1.1 devices with the objects 1, 3, 4, 5, 6 and 3303: they register, keep\n"
	"themselves alive, answer whatever the gateway asks, and check every answer they get.\n"
	"\n"
	"  --server HOST:PORT      the gateway, numeric (127.0.0.1:5683)\n"
	"  --bind ADDRESS          source address\n"
	"  --count N               devices (1)\n"
	"  --endpoint-prefix NAME  device n is NAME-n (swarm)\n"
	"  --lifetime SECONDS      registration lifetime (300)\n"
	"  --interval SECONDS      between Updates (half the lifetime, or 93 s before its end)\n"
	"  --rate N                Registers per second (1000)\n"
	"  --duration SECONDS      how long to go on once all are registered (until a signal)\n"
	"  --timeout SECONDS       fail when not done by then (never)\n"
	"  --deregister            De-register at the end\n"
	"  --strict                4.04 to an Update is an error; otherwise the device registers "
	"again\n"
	"  --list FILE             write endpoint and location of every registered device\n"
	"  --seed N                of everything random (1)\n"
	"  --json                  print the result as JSON\n"
	"  --quiet                 no progress line\n"
	"\n"
	"Exit status: 0, or 1 when an answer was wrong or missing or a device is not registered, "
	"or 2\n"
	"when the command line is wrong.\n";

enum {
	OPT_SERVER = 256,
	OPT_BIND,
	OPT_COUNT,
	OPT_PREFIX,
	OPT_LIFETIME,
	OPT_INTERVAL,
	OPT_RATE,
	OPT_DURATION,
	OPT_TIMEOUT,
	OPT_DEREGISTER,
	OPT_STRICT,
	OPT_LIST,
	OPT_SEED,
	OPT_JSON,
	OPT_QUIET,
	OPT_HELP,
};

static const struct option long_options[] = {
	{"server", required_argument, NULL, OPT_SERVER},
	{"bind", required_argument, NULL, OPT_BIND},
	{"count", required_argument, NULL, OPT_COUNT},
	{"endpoint-prefix", required_argument, NULL, OPT_PREFIX},
	{"lifetime", required_argument, NULL, OPT_LIFETIME},
	{"interval", required_argument, NULL, OPT_INTERVAL},
	{"rate", required_argument, NULL, OPT_RATE},
	{"duration", required_argument, NULL, OPT_DURATION},
	{"timeout", required_argument, NULL, OPT_TIMEOUT},
	{"deregister", no_argument, NULL, OPT_DEREGISTER},
	{"strict", no_argument, NULL, OPT_STRICT},
	{"list", required_argument, NULL, OPT_LIST},
	{"seed", required_argument, NULL, OPT_SEED},
	{"json", no_argument, NULL, OPT_JSON},
	{"quiet", no_argument, NULL, OPT_QUIET},
	{"help", no_argument, NULL, OPT_HELP},
	{NULL, 0, NULL, 0},
};

static bool number(const char *text, uint32_t min, uint32_t max, uint32_t *value)
{
	char *end;
	errno = 0;
	unsigned long long n = strtoull(text, &end, 10);
	if (errno != 0 || end == text || *end != 0 || text[0] == '-' || n < min || n > max) {
		fprintf(stderr, "sluice-swarm: %s is not a number from %u to %u\n", text, min, max);
		return false;
	}
	*value = (uint32_t)n;
	return true;
}

static bool option_set(struct options *opt, int which, const char *arg)
{
	switch (which) {
	case OPT_SERVER:
		opt->server = arg;
		return true;
	case OPT_BIND:
		opt->bind = arg;
		return true;
	case OPT_COUNT:
		return number(arg, 1, 10000000, &opt->count);
	case OPT_PREFIX:
		opt->endpoint_prefix = arg;
		if (strlen(arg) <= 100)
			return true;
		fprintf(stderr, "sluice-swarm: --endpoint-prefix is longer than 100 bytes\n");
		return false;
	case OPT_LIFETIME:
		return number(arg, 2, UINT32_MAX, &opt->lifetime_s);
	case OPT_INTERVAL:
		return number(arg, 1, UINT32_MAX, &opt->interval_s);
	case OPT_RATE:
		return number(arg, 1, 10000000, &opt->rate);
	case OPT_DURATION:
		return number(arg, 0, UINT32_MAX - 1, &opt->duration_s);
	case OPT_TIMEOUT:
		return number(arg, 1, UINT32_MAX - 1, &opt->timeout_s);
	case OPT_DEREGISTER:
		opt->deregister = true;
		return true;
	case OPT_STRICT:
		opt->strict = true;
		return true;
	case OPT_LIST:
		opt->list_path = arg;
		return true;
	case OPT_SEED:
		return number(arg, 0, UINT32_MAX, &opt->seed);
	case OPT_JSON:
		opt->json = true;
		return true;
	case OPT_QUIET:
		opt->quiet = true;
		return true;
	default:
		return false; // getopt has said what is wrong
	}
}

int options_parse(struct options *opt, int argc, char **argv)
{
	*opt = (struct options){
		.server = "127.0.0.1:5683",
		.endpoint_prefix = "swarm",
		.count = 1,
		.lifetime_s = 300,
		.rate = 1000,
		.duration_s = UINT32_MAX,
		.timeout_s = UINT32_MAX,
		.seed = 1,
	};
	int which;
	while ((which = getopt_long(argc, argv, "", long_options, NULL)) != -1) {
		if (which == OPT_HELP) {
			fputs(usage, stdout);
			return 1;
		}
		if (!option_set(opt, which, optarg))
			return 2;
	}
	if (optind != argc) {
		fprintf(stderr, "sluice-swarm: %s is not an option (--help)\n", argv[optind]);
		return 2;
	}
	// When devices in the field send Updates: half way, or MAX_TRANSMIT_WAIT before the end.
	if (opt->interval_s == 0)
		opt->interval_s =
			opt->lifetime_s < 186 ? opt->lifetime_s / 2 : opt->lifetime_s - 93;
	return 0;
}
