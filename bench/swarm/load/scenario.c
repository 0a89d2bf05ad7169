// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
#include "bench/swarm/load/scenario.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define WORDS_MAX     8
#define LINE_MAX_     256
#define WINDOW_CLOSED 512
#define OBSERVE_MS    60000 // by then the gateway observes every device
#define WINDOW_OPEN   65536 // open loop: what a gateway that answers late may hold back

static const char *const phase_words[] = {
#define X(kind, word, help) word,
	SCENARIO_PHASES(X)
#undef X
};

const char *scenario_phase_name(enum phase_kind kind)
{
	return phase_words[kind];
}

void scenario_init(struct scenario *sc)
{
	*sc = (struct scenario){
		.devices = 1000,
		.lifetime_s = 86400,
		.seed = 1,
		.timeout_ms = 2000,
		.retransmit = 4,
		.address = 0xc6130000, // 198.19.0.0, RFC 2544
		.address_bits = 15,
		.first_port = 20000,
		.endpoint = "swarm",
	};
}

static int fail(char why[static 128], const char *format, const char *word)
{
	snprintf(why, 128, "%s %.60s", format, word);
	return -EINVAL;
}

static int read_number(const char *text, uint32_t min, uint32_t max, uint32_t *value,
		       char why[static 128])
{
	char *end;

	errno = 0;
	unsigned long long n = strtoull(text, &end, 10);
	if (text[0] < '0' || text[0] > '9' || *end != 0 || errno != 0 || n < min || n > max) {
		snprintf(why, 128, "%.40s is not a number from %u to %u", text, min, max);
		return -EINVAL;
	}
	*value = (uint32_t)n;
	return 0;
}

// A decimal number, in units of 1/scale.
static int read_decimal(const char *text, double max, double scale, uint32_t *value,
			char why[static 128])
{
	char *end;
	double n = strtod(text, &end);

	if (text[0] < '0' || text[0] > '9' || *end != 0 || !(n <= max) || n * scale < 1) {
		snprintf(why, 128, "%.40s is not a number above 0, up to %g", text, max);
		return -EINVAL;
	}
	*value = (uint32_t)(n * scale + 0.5);
	return 0;
}

// "198.19.0.0/17"
static int read_prefix(struct scenario *sc, char *text, char why[static 128])
{
	char *slash = strchr(text, '/');
	struct in_addr addr;
	uint32_t bits;

	if (!slash)
		return fail(why, "not ADDRESS/LENGTH:", text);
	*slash = 0;
	if (inet_pton(AF_INET, text, &addr) != 1)
		return fail(why, "not an IPv4 address:", text);
	if (read_number(slash + 1, 1, 32, &bits, why) < 0)
		return -EINVAL;
	sc->address_bits = (uint8_t)(32 - bits);
	sc->address = ntohl(addr.s_addr);
	if (sc->address & ((1ull << sc->address_bits) - 1))
		return fail(why, "has bits behind its prefix:", text);
	return 0;
}

static int read_endpoint(struct scenario *sc, const char *text, char why[static 128])
{
	if (strlen(text) >= sizeof(sc->endpoint))
		return fail(why, "longer than 47 bytes:", text);
	snprintf(sc->endpoint, sizeof(sc->endpoint), "%s", text);
	return 0;
}

// "word value": about the fleet. 1 when the word is none of these.
static int read_setting(struct scenario *sc, const char *word, char *value, char why[static 128])
{
	uint32_t n;
	int rc;

	if (strcmp(word, "devices") == 0)
		return read_number(value, 1, SCENARIO_DEVICES_MAX, &sc->devices, why);
	if (strcmp(word, "lifetime") == 0)
		return read_number(value, 1, UINT32_MAX, &sc->lifetime_s, why);
	if (strcmp(word, "seed") == 0)
		return read_number(value, 0, UINT32_MAX, &sc->seed, why);
	if (strcmp(word, "retransmit") == 0)
		return read_number(value, 0, 10, &sc->retransmit, why);
	if (strcmp(word, "timeout") == 0)
		return read_decimal(value, 60, 1000, &sc->timeout_ms, why);
	if (strcmp(word, "endpoint") == 0)
		return read_endpoint(sc, value, why);
	if (strcmp(word, "addresses") == 0)
		return read_prefix(sc, value, why);
	if (strcmp(word, "port") == 0) {
		rc = read_number(value, 1, 65535, &n, why);
		sc->first_port = rc < 0 ? sc->first_port : (uint16_t)n;
		return rc;
	}
	if (strcmp(word, "order") == 0) {
		sc->sequential = strcmp(value, "sequential") == 0;
		if (!sc->sequential && strcmp(value, "random") != 0)
			return fail(why, "neither random nor sequential:", value);
		return 0;
	}
	return 1;
}

static int hex_digit(char c)
{
	const char digits[] = "0123456789abcdef";
	const char *at = c ? strchr(digits, c | 0x20) : NULL;

	return at ? (int)(at - digits) : -1;
}

static int read_psk(struct scenario_dtls *dtls, const char *text, char why[static 128])
{
	size_t len = strlen(text);

	if (len == 0 || len % 2 != 0 || len > 2 * SCENARIO_PSK_MAX)
		return fail(why, "not a key of 1 to 30 bytes in hexadecimal digits:", text);
	for (size_t i = 0; i < len; i += 2) {
		int high = hex_digit(text[i]), low = hex_digit(text[i + 1]);

		if (high < 0 || low < 0)
			return fail(why, "not hexadecimal digits:", text);
		dtls->psk[i / 2] = (uint8_t)(high << 4 | low);
	}
	dtls->psk_len = (uint8_t)(len / 2);
	return 0;
}

static int read_dtls_word(struct scenario_dtls *dtls, char *word, char why[static 128])
{
	char *value = strchr(word, '=');
	uint32_t padding;

	if (!value)
		return fail(why, "not NAME=VALUE:", word);
	*value++ = 0;
	if (strcmp(word, "psk") == 0)
		return read_psk(dtls, value, why);
	if (strcmp(word, "cid") == 0) {
		dtls->without_cid = strcmp(value, "no") == 0;
		return dtls->without_cid || strcmp(value, "yes") == 0
			       ? 0
			       : fail(why, "neither yes nor no:", value);
	}
	if (strcmp(word, "identity") == 0) {
		if (strlen(value) >= sizeof(dtls->identity))
			return fail(why, "longer than 47 bytes:", value);
		snprintf(dtls->identity, sizeof(dtls->identity), "%s", value);
		return 0;
	}
	if (strcmp(word, "pad") != 0)
		return fail(why, "dtls has no such parameter:", word);
	if (read_number(value, 1, 512, &padding, why) < 0)
		return -EINVAL;
	dtls->padding = (uint16_t)padding;
	return 0;
}

// "dtls psk=KEY [identity=NAME] [cid=yes|no] [pad=BYTES]"
static int read_dtls(struct scenario_dtls *dtls, char **words, uint32_t count, char why[static 128])
{
	*dtls = (struct scenario_dtls){0};
	for (uint32_t i = 1; i < count; i++)
		if (read_dtls_word(dtls, words[i], why) < 0)
			return -EINVAL;
	if (dtls->psk_len == 0)
		return fail(why, "needs psk=KEY:", words[0]);
	if (dtls->padding > 0 && dtls->without_cid) // RFC 9146 section 4 has it, RFC 6347 has not
		return fail(why, "has pad= for records without a Connection ID:", words[0]);
	return 0;
}

static int read_percent(char *text, uint32_t *value, char why[static 128])
{
	size_t len = strlen(text);

	if (len < 2 || text[len - 1] != '%')
		return fail(why, "not a percentage:", text);
	text[len - 1] = 0;
	return read_decimal(text, 100, 10000, value, why);
}

static bool goes_on(enum phase_kind kind)
{
	return kind == PHASE_UPDATE || kind == PHASE_NOTIFY || kind == PHASE_SEND ||
	       kind == PHASE_LIVE || kind == PHASE_HANDSHAKE || kind == PHASE_HELLO;
}

static bool asks_nothing(enum phase_kind kind)
{
	return kind == PHASE_PAUSE || kind == PHASE_OBSERVE;
}

static int read_parameter(struct phase *phase, char *word, char why[static 128])
{
	char *value = strchr(word, '=');

	if (phase->kind == PHASE_NOTIFY && (strcmp(word, "con") == 0 || strcmp(word, "non") == 0)) {
		phase->non = word[0] == 'n';
		return 0;
	}
	if (goes_on(phase->kind) && strcmp(word, "moved") == 0) {
		phase->moved = true;
		return 0;
	}
	if (!value)
		return fail(why, "not NAME=VALUE:", word);
	*value++ = 0;
	if (strcmp(word, "seconds") == 0)
		return read_decimal(value, 86400, 1000, &phase->duration_ms, why);
	if (asks_nothing(phase->kind))
		return fail(why,
			    phase->kind == PHASE_PAUSE ? "pause has no such parameter:"
						       : "observe has no such parameter:",
			    word);
	if (strcmp(word, "window") == 0)
		return read_number(value, 1, SCENARIO_WINDOW_MAX, &phase->window, why);
	if (strcmp(word, "rate") == 0)
		return read_number(value, 1, 100000000, &phase->rate, why);
	if (strcmp(word, "per-device") == 0 && goes_on(phase->kind))
		return read_decimal(value, 86400, 1000, &phase->period_ms, why);
	if (strcmp(word, "duplicates") == 0)
		return read_percent(value, &phase->duplicates, why);
	if (strcmp(word, "leave") == 0 && phase->kind == PHASE_LIVE)
		return read_percent(value, &phase->leave, why);
	if (strcmp(word, "rest") == 0 && phase->kind == PHASE_LIVE)
		return read_decimal(value, 60, 1000, &phase->rest_ms, why);
	if (strcmp(word, "rounds") == 0 && goes_on(phase->kind))
		return read_number(value, 1, UINT32_MAX, &phase->rounds, why);
	return fail(why, "not a parameter of this phase:", word);
}

static int read_phase(struct scenario *sc, uint32_t kind, char **words, uint32_t count,
		      uint32_t line, char why[static 128])
{
	struct phase phase = {
		.kind = (enum phase_kind)kind, .moved = kind == PHASE_MOVE, .line = line};

	if (sc->phases_count == SCENARIO_PHASES_MAX)
		return fail(why, "one phase too many:", words[0]);
	for (uint32_t i = 1; i < count; i++)
		if (read_parameter(&phase, words[i], why) < 0)
			return -EINVAL;
	if (phase.kind == PHASE_PAUSE && phase.duration_ms == 0)
		return fail(why, "needs seconds=N:", words[0]);
	if (!asks_nothing(phase.kind) && !goes_on(phase.kind) && phase.duration_ms != 0)
		return fail(why, "goes once over the fleet, not for seconds:", words[0]);
	if (phase.rounds != 0 && phase.duration_ms != 0)
		return fail(why, "has both rounds and seconds:", words[0]);
	if (phase.rate != 0 && phase.period_ms != 0)
		return fail(why, "has both rate and per-device:", words[0]);
	if (phase.non && phase.duplicates != 0)
		return fail(why, "has duplicates that nobody would answer:", words[0]);
	if (phase.kind == PHASE_OBSERVE && phase.duration_ms == 0)
		phase.duration_ms = OBSERVE_MS;
	if (phase.rounds == 0 && phase.duration_ms == 0)
		phase.rounds = 1;
	if (phase.window == 0)
		phase.window = phase.rate || phase.period_ms ? WINDOW_OPEN : WINDOW_CLOSED;
	sc->phases[sc->phases_count++] = phase;
	return 0;
}

int scenario_line(struct scenario *sc, const char *line, uint32_t number, char why[static 128])
{
	char text[LINE_MAX_], *words[WORDS_MAX], *rest = text;
	uint32_t count = 0;

	if (strlen(line) >= sizeof(text))
		return fail(why, "line is too long:", line);
	snprintf(text, sizeof(text), "%s", line);
	text[strcspn(text, "#\r\n")] = 0;
	for (char *word; (word = strtok_r(rest, " \t", &rest));) {
		if (count == WORDS_MAX)
			return fail(why, "one word too many:", word);
		words[count++] = word;
	}
	if (count == 0)
		return 0;
	for (uint32_t i = 0; i < sizeof(phase_words) / sizeof(phase_words[0]); i++)
		if (strcmp(words[0], phase_words[i]) == 0)
			return read_phase(sc, i, words, count, number, why);
	if (strcmp(words[0], "dtls") == 0)
		return read_dtls(&sc->dtls, words, count, why);
	if (count != 2)
		return fail(why, "neither a phase nor a setting with one value:", words[0]);
	int rc = read_setting(sc, words[0], words[1], why);
	return rc <= 0 ? rc : fail(why, "neither a phase nor a setting:", words[0]);
}

int scenario_read(struct scenario *sc, FILE *in, const char *name, char why[static 256])
{
	char line[LINE_MAX_ + 2], reason[128];

	for (uint32_t number = 1; fgets(line, sizeof(line), in); number++) {
		if (scenario_line(sc, line, number, reason) < 0) {
			snprintf(why, 256, "%.80s:%u: %s", name, number, reason);
			return -EINVAL;
		}
	}
	if (ferror(in)) {
		snprintf(why, 256, "%.80s: cannot be read", name);
		return -EIO;
	}
	return 0;
}

uint32_t scenario_ports(const struct scenario *sc)
{
	return (uint32_t)(((uint64_t)sc->devices - 1) >> sc->address_bits) + 1;
}

bool scenario_watches(const struct scenario *sc)
{
	for (uint32_t i = 0; i < sc->phases_count; i++) {
		if (sc->phases[i].kind == PHASE_OBSERVE || sc->phases[i].kind == PHASE_NOTIFY)
			return true;
	}
	return scenario_lives(sc);
}

bool scenario_lives(const struct scenario *sc)
{
	for (uint32_t i = 0; i < sc->phases_count; i++) {
		if (sc->phases[i].kind == PHASE_LIVE)
			return true;
	}
	return false;
}

uint32_t scenario_window(const struct scenario *sc)
{
	uint32_t largest = 0;

	for (uint32_t i = 0; i < sc->phases_count; i++)
		if (sc->phases[i].window > largest)
			largest = sc->phases[i].window;
	return largest;
}

// What a phase asks of the devices that the phases before it have not brought about; NULL: nothing.
static const char *lacks(const struct scenario *sc, const struct phase *phase, bool registered)
{
	switch (phase->kind) {
	case PHASE_REGISTER:
	case PHASE_REBOOT:
	case PHASE_LIVE:
	case PHASE_PAUSE:
		return NULL;
	case PHASE_HANDSHAKE:
		return sc->dtls.psk_len > 0 ? NULL : "there is no line dtls";
	case PHASE_HELLO:
		return sc->dtls.psk_len == 0 ? NULL : "they come without a line dtls";
	default:
		return registered ? NULL : "no device is registered by then";
	}
}

int scenario_check(const struct scenario *sc, bool registered, char why[static 256])
{
	uint64_t ports = scenario_ports(sc), blocks = 1;

	if (sc->phases_count == 0) {
		snprintf(why, 256, "no phase, nothing to do");
		return -EINVAL;
	}
	for (uint32_t i = 0; i < sc->phases_count; i++) {
		const struct phase *phase = &sc->phases[i];
		bool registers = phase->kind == PHASE_REGISTER || phase->kind == PHASE_REBOOT ||
				 phase->kind == PHASE_LIVE;
		const char *lack = lacks(sc, phase, registered);

		if (lack) {
			snprintf(why, 256, "line %u: %s, but %s", phase->line,
				 scenario_phase_name(phase->kind), lack);
			return -EINVAL;
		}
		registered = registers || (registered && phase->kind != PHASE_DEREGISTER);
		blocks += phase->moved;
	}
	if (sc->first_port + ports * blocks > 65536) {
		snprintf(why, 256,
			 "%u devices on %llu addresses need %llu ports from %u: more addresses",
			 sc->devices, 1ull << sc->address_bits,
			 (unsigned long long)(ports * blocks), sc->first_port);
		return -EINVAL;
	}
	return 0;
}
