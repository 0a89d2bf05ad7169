// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
#include "tests/device/options.h"

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench/swarm/device/device.h"

static const char usage[] =
	"usage: sluice-test-device [OPTION]...\n"
	"\n"
	"One LwM2M device for tests: objects 1, 3, 4, 5, 6, 3303 and 3442 (the LwM2M test "
	"object).\n"
	"It reads commands from standard input and writes a line for each thing that happens.\n"
	"\n"
	"  --server HOST:PORT     the gateway, numeric (127.0.0.1:5683)\n"
	"  --bind ADDRESS         source address\n"
	"  --endpoint NAME        endpoint name (device)\n"
	"  --lifetime SECONDS     registration lifetime (300)\n"
	"  --version 1.0|1.1      of LwM2M (1.1)\n"
	"  --queue                queue mode\n"
	"  --awake-s SECONDS      how long it listens after its last message in queue mode (93)\n"
	"  --block BYTES          16 to 1024; larger bodies go and come in blocks (1024)\n"
	"  --refuse-large         answer 4.13 to what does not come in such blocks\n"
	"  --body-max BYTES       of a body in blocks (1048576)\n"
	"  --con, --non           notifications (--con)\n"
	"  --separate-ms N        answer with an empty ACK first and N ms later\n"
	"  --formats \"N N..\"      content formats it has besides 0 and 42\n"
	"                         (\"60 110 112 11542 11543\"; 1.0: \"11542 11543\")\n"
	"  --default-format N     of answers when the request has no Accept (11542 if it has it)\n"
	"  --root PATH            alternate root, such as /alt\n"
	"  --stop-updates         send no Updates by itself\n"
	"  --idle                 do not register before the command\n"
	"  --dtls 1.2|1.3         speak DTLS\n"
	"  --identity ID, --key TEXT\n"
	"                         with a pre-shared key\n"
	"  --certificate FILE, --private-key FILE\n"
	"                         with a certificate, or with --rpk a public key (DER)\n"
	"  --ca FILE              take only a gateway that has a certificate of this authority\n"
	"  --name NAME            ask for the gateway of that name (SNI)\n"
	"  --suites LIST          of cipher suites, as wolfSSL calls them\n"
	"  --rpk, --cid           raw public keys, Connection IDs\n"
	"  --tickets              a handshake after the first resumes by a session ticket\n"
	"\n"
	"Commands: set PATH VALUE, send PATH.., create /O/I, delete /O/I, get /PATH, move, "
	"update,\n"
	"deregister, register, stop-updates, counters, handshake, rekey, close, quit\n"
	"\n"
	"Events: registered LOCATION, updated, deregistered, refused CODE, unknown, unavailable,\n"
	"timeout, reset, restarted, asleep, awake, dropped, write PATH VALUE, executed PATH "
	"[ARGS],\n"
	"created PATH, deleted PATH, attributes PATH, firmware STATE RESULT, malformed WHY,\n"
	"observe PATH token HEX, cancelled PATH token HEX, notified PATH token HEX, acked, sent "
	"CODE,\n"
	"muted, got CODE BYTES, moved PORT, connected [resumed], not-connected ALERT, over ALERT, "
	"error "
	"WHY\n";

enum {
	OPT_SERVER = 256,
	OPT_BIND,
	OPT_ENDPOINT,
	OPT_LIFETIME,
	OPT_VERSION,
	OPT_QUEUE,
	OPT_AWAKE,
	OPT_BLOCK,
	OPT_REFUSE_LARGE,
	OPT_BODY_MAX,
	OPT_CON,
	OPT_NON,
	OPT_SEPARATE,
	OPT_FORMATS,
	OPT_DEFAULT_FORMAT,
	OPT_ROOT,
	OPT_STOP_UPDATES,
	OPT_IDLE,
	OPT_DTLS,
	OPT_IDENTITY,
	OPT_KEY,
	OPT_CERTIFICATE,
	OPT_PRIVATE_KEY,
	OPT_CA,
	OPT_NAME,
	OPT_SUITES,
	OPT_RPK,
	OPT_CID,
	OPT_TICKETS,
	OPT_HELP,
};

static const struct option long_options[] = {
	{"server", required_argument, NULL, OPT_SERVER},
	{"bind", required_argument, NULL, OPT_BIND},
	{"endpoint", required_argument, NULL, OPT_ENDPOINT},
	{"lifetime", required_argument, NULL, OPT_LIFETIME},
	{"version", required_argument, NULL, OPT_VERSION},
	{"queue", no_argument, NULL, OPT_QUEUE},
	{"awake-s", required_argument, NULL, OPT_AWAKE},
	{"block", required_argument, NULL, OPT_BLOCK},
	{"refuse-large", no_argument, NULL, OPT_REFUSE_LARGE},
	{"body-max", required_argument, NULL, OPT_BODY_MAX},
	{"con", no_argument, NULL, OPT_CON},
	{"non", no_argument, NULL, OPT_NON},
	{"separate-ms", required_argument, NULL, OPT_SEPARATE},
	{"formats", required_argument, NULL, OPT_FORMATS},
	{"default-format", required_argument, NULL, OPT_DEFAULT_FORMAT},
	{"root", required_argument, NULL, OPT_ROOT},
	{"stop-updates", no_argument, NULL, OPT_STOP_UPDATES},
	{"idle", no_argument, NULL, OPT_IDLE},
	{"dtls", required_argument, NULL, OPT_DTLS},
	{"identity", required_argument, NULL, OPT_IDENTITY},
	{"key", required_argument, NULL, OPT_KEY},
	{"certificate", required_argument, NULL, OPT_CERTIFICATE},
	{"private-key", required_argument, NULL, OPT_PRIVATE_KEY},
	{"ca", required_argument, NULL, OPT_CA},
	{"name", required_argument, NULL, OPT_NAME},
	{"suites", required_argument, NULL, OPT_SUITES},
	{"rpk", no_argument, NULL, OPT_RPK},
	{"cid", no_argument, NULL, OPT_CID},
	{"tickets", no_argument, NULL, OPT_TICKETS},
	{"help", no_argument, NULL, OPT_HELP},
	{NULL, 0, NULL, 0},
};

static bool number(const char *text, uint32_t min, uint32_t max, uint32_t *value)
{
	char *end;
	errno = 0;
	unsigned long n = strtoul(text, &end, 10);
	if (errno != 0 || end == text || *end != 0 || text[0] == '-' || n < min || n > max) {
		fprintf(stderr, "sluice-test-device: %s is not a number from %u to %u\n", text, min,
			max);
		return false;
	}
	*value = (uint32_t)n;
	return true;
}

static bool take_formats(struct device_config *config, const char *text)
{
	config->formats_count = 0;
	while (*text != 0) {
		char *end;
		unsigned long format = strtoul(text, &end, 10);
		if (end == text || format > UINT16_MAX ||
		    config->formats_count == DEVICE_FORMATS_MAX) {
			fprintf(stderr, "sluice-test-device: --formats: %s\n", text);
			return false;
		}
		config->formats[config->formats_count++] = (uint16_t)format;
		text = end + strspn(end, " ");
	}
	return true;
}

static bool set_number(struct device_config *config, int which, const char *arg)
{
	uint32_t n = 0;
	switch (which) {
	case OPT_LIFETIME:
		return number(arg, 2, UINT32_MAX, &config->lifetime_s);
	case OPT_AWAKE:
		return number(arg, 1, 86400, &config->awake_s);
	case OPT_BODY_MAX:
		return number(arg, 0, UINT32_MAX, &config->body_max);
	case OPT_SEPARATE:
		return number(arg, 1, 60000, &config->separate_ms);
	case OPT_BLOCK:
		if (!number(arg, 16, 1024, &n))
			return false;
		config->block_size = (uint16_t)n;
		return true;
	case OPT_DEFAULT_FORMAT:
		if (!number(arg, 0, UINT16_MAX, &n))
			return false;
		config->default_format = (uint16_t)n;
		return true;
	default:
		return false; // getopt has said what is wrong
	}
}

static bool set_version(struct device_config *config, const char *arg)
{
	if (strcmp(arg, "1.0") != 0 && strcmp(arg, "1.1") != 0) {
		fprintf(stderr, "sluice-test-device: --version is 1.0 or 1.1\n");
		return false;
	}
	config->version = arg[2] == '0' ? 10 : 11;
	return config->version == 11 || take_formats(config, "11542 11543");
}

static bool set_secure(struct secure_params *secure, int which, const char *arg)
{
	switch (which) {
	case OPT_IDENTITY:
		secure->identity = arg;
		return true;
	case OPT_KEY:
		secure->key = arg;
		return true;
	case OPT_CERTIFICATE:
		secure->certificate = arg;
		return true;
	case OPT_PRIVATE_KEY:
		secure->private_key = arg;
		return true;
	case OPT_CA:
		secure->ca = arg;
		return true;
	case OPT_NAME:
		secure->name = arg;
		return true;
	case OPT_SUITES:
		secure->suites = arg;
		return true;
	case OPT_RPK:
		return secure->rpk = true;
	case OPT_CID:
		return secure->cid = true;
	case OPT_TICKETS:
		return secure->tickets = true;
	default:
		secure->version = arg;
		if (strcmp(arg, "1.2") == 0 || strcmp(arg, "1.3") == 0)
			return true;
		fprintf(stderr, "sluice-test-device: --dtls is 1.2 or 1.3\n");
		return false;
	}
}

static bool option_set(struct device_options *opt, int which, const char *arg)
{
	if (which >= OPT_DTLS && which <= OPT_TICKETS)
		return set_secure(&opt->secure, which, arg);

	struct device_config *config = &opt->config;
	switch (which) {
	case OPT_SERVER:
		opt->server = arg;
		return true;
	case OPT_BIND:
		opt->bind = arg;
		return true;
	case OPT_ENDPOINT:
		config->endpoint = arg;
		return true;
	case OPT_VERSION:
		return set_version(config, arg);
	case OPT_QUEUE:
		return config->queue_mode = true;
	case OPT_REFUSE_LARGE:
		return config->refuse_large = true;
	case OPT_CON:
		return config->confirmable = true;
	case OPT_NON:
		config->confirmable = false;
		return true;
	case OPT_FORMATS:
		return take_formats(config, arg);
	case OPT_ROOT:
		config->root = arg;
		return true;
	case OPT_STOP_UPDATES:
		return opt->stop_updates = true;
	case OPT_IDLE:
		return opt->idle = true;
	default:
		return set_number(config, which, arg);
	}
}

// TLV where the device has it, else the first it has.
static uint16_t default_format(const struct device_config *config)
{
	for (uint8_t i = 0; i < config->formats_count; i++) {
		if (config->formats[i] == 11542)
			return 11542;
	}
	return config->formats_count > 0 ? config->formats[0] : 0;
}

int device_options_parse(struct device_options *opt, int argc, char **argv)
{
	int which;
	*opt = (struct device_options){
		.server = "127.0.0.1:5683",
		.config = device_config_default,
	};
	opt->config.test_object = true;
	opt->config.confirmable = true;
	take_formats(&opt->config, "60 110 112 11542 11543");
	opt->config.default_format = UINT16_MAX;
	while ((which = getopt_long(argc, argv, "", long_options, NULL)) != -1) {
		if (which == OPT_HELP) {
			fputs(usage, stdout);
			return 1;
		}
		if (!option_set(opt, which, optarg))
			return 2;
	}
	if (optind != argc) {
		fprintf(stderr, "sluice-test-device: %s is not an option (--help)\n", argv[optind]);
		return 2;
	}
	if ((opt->secure.identity == NULL) != (opt->secure.key == NULL) ||
	    (opt->secure.certificate == NULL) != (opt->secure.private_key == NULL)) {
		fprintf(stderr, "sluice-test-device: half of a credential (--help)\n");
		return 2;
	}
	if (opt->config.default_format == UINT16_MAX)
		opt->config.default_format = default_format(&opt->config);
	return 0;
}
