// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
#include "bench/swarm/load/options.h"

#include <arpa/inet.h>
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char usage[] =
	"usage: sluice-swarm run [OPTION]... [SCENARIO]\n"
	"\n"
	"Plays a scenario against a gateway, from one processor core, and checks every answer.\n"
	"\n"
	"  --gateway ADDRESS[:PORT]  the gateway (127.0.0.1:5683; with --port 198.18.0.1:5683; "
	"with\n"
	"                            DTLS port 5684)\n"
	"  --port DEVICE             a DPDK device: net_memif0,role=client,socket=PATH or a PCI\n"
	"                            address; without it, kernel sockets\n"
	"  --gateway-mac MAC         do not ask for it (ARP)\n"
	"  --lcore N                 the processor to run on\n"
	"  --nap MICROSECONDS        sleep that long when there is nothing to do: for a processor\n"
	"                            that others need, too\n"
	"  --bounce                  the other side sends every packet back, as testpmd's 5tswap\n"
	"                            does: count, do not check; devices need no registration\n"
	"  -e, --line LINE           a line of scenario, after those of the file\n"
	"  --json FILE               write the result there (-: standard output)\n"
	"  --journal FILE            what became of every message of live phases, a line each\n"
	"  --write-pcap FILE         write the scenario's packets there and send none; of timed\n"
	"                            phases one round, with locations that no gateway gave\n"
	"  --live                    with --write-pcap: register with the gateway, write what "
	"comes\n"
	"                            after that, with the locations it gave\n"
	"  --quiet                   no progress line\n"
	"\n"
	"A scenario describes the fleet, then its phases, one a line:\n"
	"\n"
	"  devices N                 (1000)\n"
	"  endpoint NAME             device n is NAME-n (swarm)\n"
	"  addresses ADDRESS/LENGTH  (198.19.0.0/17; over the loopback 127.16.0.0/16)\n"
	"  port N                    first source port of every address (20000)\n"
	"  lifetime SECONDS          (86400)\n"
	"  timeout SECONDS           ACK_TIMEOUT (2); retransmit N: how often (4)\n"
	"  order random|sequential   (random); seed N (1): the order, and the message ids\n"
	"  dtls psk=HEX [identity=NAME] [cid=no] [pad=N]\n"
	"                            DTLS 1.2 with TLS_PSK_WITH_AES_128_CCM_8 and, but for "
	"cid=no,\n"
	"                            Connection IDs; the identity of device n is NAME-n (as the\n"
	"                            endpoint); content of records is filled up to N bytes\n"
	"\n"
	"  register | reboot | move | deregister [window=N | rate=N] [duplicates=P%]\n"
	"  update [window=N | rate=N | per-device=SECONDS] [seconds=N | rounds=N] "
	"[duplicates=P%]\n"
	"  handshake ...             as update, but sessions are forgotten first, and pings sent\n"
	"  hello ...                 as update: ClientHellos, whose cookies are not returned\n"
	"  observe [seconds=N]       until the gateway observes /3303 of every device (60)\n"
	"  notify ... [con | non]    as update: notifications of /3303/0/5700, each acknowledged\n"
	"  send ...                  as update: the same value, to /dp\n"
	"  live ... [leave=P%] [rest=SECONDS]\n"
	"                            as update, but devices register by themselves and do all of\n"
	"                            this, every message numbered; in so many turns one leaves, "
	"and\n"
	"                            comes back in its next; what is not answered is no error\n"
	"  pause seconds=N\n"
	"  Any but pause and observe that is not once over the fleet may be \"moved\": devices "
	"have\n"
	"  other addresses from then on, as after move.\n"
	"\n"
	"window=N: closed loop, N requests under way (512). rate=N: open loop, N requests per\n"
	"second; latency then counts from when a request should have been sent. per-device=S: the\n"
	"rate at which every device has its turn each S seconds.\n"
	"duplicates=P%: so many are sent again after their answer; both answers must be the same.\n"
	"\n"
	"Exit status: 0, or 1 when an answer was wrong or missing, or 2 when the command line or\n"
	"the scenario is wrong.\n";

enum {
	OPT_GATEWAY = 256,
	OPT_PORT,
	OPT_MAC,
	OPT_LCORE,
	OPT_NAP,
	OPT_BOUNCE,
	OPT_JSON,
	OPT_JOURNAL,
	OPT_PCAP,
	OPT_LIVE,
	OPT_QUIET,
	OPT_HELP,
};

static const struct option long_options[] = {
	{"gateway", required_argument, NULL, OPT_GATEWAY},
	{"port", required_argument, NULL, OPT_PORT},
	{"gateway-mac", required_argument, NULL, OPT_MAC},
	{"lcore", required_argument, NULL, OPT_LCORE},
	{"nap", required_argument, NULL, OPT_NAP},
	{"bounce", no_argument, NULL, OPT_BOUNCE},
	{"line", required_argument, NULL, 'e'},
	{"json", required_argument, NULL, OPT_JSON},
	{"journal", required_argument, NULL, OPT_JOURNAL},
	{"write-pcap", required_argument, NULL, OPT_PCAP},
	{"live", no_argument, NULL, OPT_LIVE},
	{"quiet", no_argument, NULL, OPT_QUIET},
	{"help", no_argument, NULL, OPT_HELP},
	{NULL, 0, NULL, 0},
};

#define LINES_MAX 64

struct lines {
	const char *text[LINES_MAX];
	uint32_t count;
};

static bool complain(const char *format, const char *arg)
{
	fprintf(stderr, "sluice-swarm: %s %s\n", arg, format);
	return false;
}

static bool number(const char *text, unsigned long max, unsigned long *value)
{
	char *end;

	errno = 0;
	*value = strtoul(text, &end, 10);
	return errno == 0 && *end == 0 && text[0] >= '0' && text[0] <= '9' && *value <= max;
}

static bool set_gateway(struct load_options *opt, char *arg)
{
	char *colon = strchr(arg, ':');
	unsigned long port = 0;
	struct in_addr addr;

	if (colon)
		*colon = 0;
	if ((colon && (!number(colon + 1, 65535, &port) || port == 0)) ||
	    inet_pton(AF_INET, arg, &addr) != 1)
		return complain("is not an IPv4 address and port", arg);
	opt->port.gateway = ntohl(addr.s_addr);
	opt->port.gateway_port = (uint16_t)port;
	return true;
}

static bool set_option(struct load_options *opt, struct lines *lines, int which, char *arg)
{
	unsigned long n;

	switch (which) {
	case OPT_GATEWAY:
		return set_gateway(opt, arg);
	case OPT_PORT:
		opt->port.device = arg;
		return true;
	case OPT_MAC:
		opt->port.gateway_mac = arg;
		return true;
	case OPT_LCORE:
		if (!number(arg, 1023, &n))
			return complain("is not a processor's number", arg);
		opt->lcore = (int)n;
		return true;
	case OPT_NAP:
		if (!number(arg, 100000, &n) || n == 0)
			return complain("is not a number of microseconds up to 100000", arg);
		opt->nap_us = (unsigned)n;
		return true;
	case OPT_BOUNCE:
		opt->bounce = opt->port.bounce = true;
		return true;
	case 'e':
		if (lines->count == LINES_MAX)
			return complain("is one --line too many", arg);
		lines->text[lines->count++] = arg;
		return true;
	case OPT_JSON:
		opt->json_path = arg;
		return true;
	case OPT_JOURNAL:
		opt->journal_path = arg;
		return true;
	case OPT_PCAP:
		opt->pcap_path = arg;
		return true;
	case OPT_LIVE:
		opt->live = true;
		return true;
	case OPT_QUIET:
		opt->quiet = true;
		return true;
	default:
		return false; // getopt has said what is wrong
	}
}

static bool read_file(struct scenario *sc, const char *path)
{
	char why[256];
	FILE *in = strcmp(path, "-") == 0 ? stdin : fopen(path, "re");

	if (!in)
		return complain(strerror(errno), path);
	int rc = scenario_read(sc, in, path, why);
	if (in != stdin)
		fclose(in);
	if (rc < 0)
		fprintf(stderr, "sluice-swarm: %s\n", why);
	return rc == 0;
}

static bool read_scenario(struct load_options *opt, const char *path, const struct lines *lines)
{
	struct scenario *sc = &opt->scenario;
	char why[256], reason[128];

	if (path && !read_file(sc, path))
		return false;
	for (uint32_t i = 0; i < lines->count; i++) {
		if (scenario_line(sc, lines->text[i], i + 1, reason) < 0) {
			fprintf(stderr, "sluice-swarm: --line \"%s\": %s\n", lines->text[i],
				reason);
			return false;
		}
	}
	if (scenario_watches(sc) && (opt->bounce || opt->pcap_path))
		return complain("need a gateway that observes", "observe, notify and live");
	if (opt->journal_path && !scenario_lives(sc))
		return complain("needs a live phase", "--journal");
	if (sc->dtls.psk_len > 0 && (opt->bounce || opt->pcap_path))
		return complain("cannot be bounced or written to a file", "dtls");
	if (scenario_check(sc, opt->bounce || (opt->pcap_path && !opt->live), why) < 0) {
		fprintf(stderr, "sluice-swarm: %s\n", why);
		return false;
	}
	return true;
}

int load_options_parse(struct load_options *opt, int argc, char **argv)
{
	struct lines lines = {.count = 0};
	int which;

	*opt = (struct load_options){.lcore = -1};
	scenario_init(&opt->scenario);
	while ((which = getopt_long(argc, argv, "e:", long_options, NULL)) != -1) {
		if (which == OPT_HELP) {
			fputs(usage, stdout);
			return 1;
		}
		if (!set_option(opt, &lines, which, optarg))
			return 2;
	}
	if (opt->live && !opt->pcap_path) {
		complain("needs --write-pcap", "--live");
		return 2;
	}
	if (opt->port.gateway == 0)
		opt->port.gateway = opt->port.device || (opt->pcap_path && !opt->live) ? 0xc6120001
										       : 0x7f000001;
	if (opt->port.gateway >> 24 == 127) { // the loopback's own addresses
		opt->scenario.address = 0x7f100000;
		opt->scenario.address_bits = 16;
	}
	if (argc - optind > 1) {
		complain("is one argument too many (--help)", argv[optind + 1]);
		return 2;
	}
	if (!read_scenario(opt, optind < argc ? argv[optind] : NULL, &lines))
		return 2;
	if (opt->port.gateway_port == 0)
		opt->port.gateway_port = opt->scenario.dtls.psk_len > 0 ? 5684 : 5683;
	return 0;
}
