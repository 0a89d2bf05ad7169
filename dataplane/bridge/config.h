// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// sluice.yaml, the one configuration file both processes read: a typed schema, its limits and its
// defaults. Every error names file, line and key. Read at start and on SIGHUP, never per packet.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

enum config_poll { CONFIG_POLL_ADAPTIVE, CONFIG_POLL_BUSY };
enum config_echo { CONFIG_ECHO_WHEN_NEEDED, CONFIG_ECHO_ALWAYS, CONFIG_ECHO_NEVER };
enum config_durability { CONFIG_DURABILITY_COMMIT, CONFIG_DURABILITY_MEMORY };

// When what a device said is acknowledged. deregistration goes for an expiry, too.
struct config_durabilities {
	enum config_durability registration, update, deregistration, send, notification;
};

// What a device that speaks DTLS from another address than before has to show.
enum config_routability {
	CONFIG_ROUTABILITY_NONE, // a record newer than all before (RFC 9146 section 6)
	CONFIG_ROUTABILITY_PING, // that it receives there
};

struct config_port {
	char *udp;        // "127.0.0.1:5683", "[::1]:5683", "0.0.0.0:5683"; or
	char *ethdev;     // PCI address or vdev with arguments; exactly one of the two is given
	char **addresses; // ethdev: "198.18.0.1/24", "2001:db8::1/64"
	uint32_t addresses_count;
	bool dtls; // udp: DTLS and nothing else. ethdev: DTLS on 5684 besides; default false
};

struct config_dataplane {
	uint32_t workers; // 1 to 64; default 1
	enum config_poll poll;
	uint32_t max_devices;    // 1 to 100,000,000; default 1,000,000
	uint32_t handshakes_max; // DTLS handshakes at a time, 1 to 1,000,000; default 16384
	char *keylog;            // file for TLS secrets in the NSS format; NULL: none
	enum config_routability routability; // default none
	struct config_port *ports;
	uint32_t ports_count; // 1 to 16
};

struct config_control {
	char *listen; // default 127.0.0.1:8080
};

struct config_lwm2m {
	char **observe; // paths that are observed on every device which has them
	uint32_t observe_count;
	char *models;         // directory of OMA DDF files; NULL: the built-in objects only
	uint32_t awake_s;     // queue mode: reachable that long after its last message; default 93
	uint32_t queue_ttl_s; // how long an operation waits for a sleeping device; default 86400
	uint32_t queue_max;   // operations that wait per device; default 64
	uint32_t body_max;    // bytes of a block-wise body, either way; default 32768, up to 60000
};

// One that is chosen by the name that a device asks for (SNI, RFC 6066 section 3).
struct config_certificate {
	char *name;
	char *certificate; // PEM, as below
	char *key;
};

// Credentials. Paths are relative to the working directory.
struct config_security {
	char *key_file;    // what devices' credentials are encrypted under on disk; NULL:
			   // STATE/credentials.key
	char *certificate; // PEM, the gateway's own certificate and its chain; NULL: none
	char *key;         // PEM, its private key; without a certificate it is a raw public key
	char *ca;          // PEM, who may have signed devices' certificates; NULL: nobody
	struct config_certificate *by_name;
	uint32_t by_name_count; // up to 64
	// DTLS sessions can be resumed that long after a whole handshake; 0: not. Default 86400, up
	// to 604800 (RFC 8446 section 4.6.1).
	uint32_t ticket_lifetime_s;
};

// Kinds of events, as bits: numbered as enum ctl_event_type.
enum config_event {
	CONFIG_EVENT_REGISTRATION = 1 << 0,
	CONFIG_EVENT_UPDATE = 1 << 1,
	CONFIG_EVENT_DEREGISTRATION = 1 << 2,
	CONFIG_EVENT_NOTIFICATION = 1 << 3,
	CONFIG_EVENT_SEND = 1 << 4,
	CONFIG_EVENT_RESPONSE = 1 << 7,
};

enum config_http2 {
	CONFIG_HTTP2_AUTO,  // where TLS negotiates it
	CONFIG_HTTP2_NEVER, // HTTP/1.1
	CONFIG_HTTP2_PRIOR_KNOWLEDGE,
};

struct config_batch {
	uint32_t events;    // at most; 1 to 10,000, default 256
	uint32_t bytes;     // passed by at most one event; 1 KiB to 16 MiB, default 1 MiB
	uint32_t linger_ms; // a first event waits that long for others; 0 to 60,000, default 20
};

struct config_retry {
	uint32_t min_ms;       // first pause, doubled each time; 1 to 60,000, default 200
	uint32_t max_ms;       // 1 to 3,600,000, default 10,000
	uint32_t pause_after;  // failures in a row; 1 to 1000, default 10
	uint32_t pause_s;      // 1 to 3600, default 15
	uint32_t refuse_after; // times that a batch is refused; 1 to 100, default 3
};

// Of each secret at most one of the two: the text, or a file whose first line it is.
struct config_auth {
	char *bearer, *bearer_file;
	char *basic, *basic_file; // "user:password"; excludes bearer
	char *hmac_key, *hmac_key_file;
};

struct config_tls {
	char *ca;          // PEM; NULL: those that the system trusts
	char *certificate; // PEM, with key: what we show
	char *key;
};

// Of each worker; 0: no limit.
struct config_overload {
	uint32_t peer_rate;  // a second from one address, keep-alives apart; default 10,000
	uint32_t peer_burst; // at once; default twice peer_rate
	uint32_t
		unknown_rate; // answers a second to senders that are not registered; default 20,000
	uint32_t new_rate;    // Registers of new endpoints a second; default 0
	enum config_echo echo;
};

struct config_backend {
	char *name;
	char *url;
	bool raw; // events carry what the device sent, besides what it means; default false
	bool gzip;
	int types;        // enum config_event; 0: all
	char **endpoints; // patterns of which one must match; none: all
	uint32_t endpoints_count;
	char **paths; // of which one must be told of; none: all
	uint32_t paths_count;
	uint32_t connections;       // 1 to 16, default 1
	uint32_t timeout_s;         // 1 to 300, default 10
	uint32_t dead_letter_bytes; // 4 KiB to 4 GiB, default 64 MiB
	enum config_http2 http2;
	char **headers; // "Name: value"
	uint32_t headers_count;
	struct config_batch batch;
	struct config_retry retry;
	struct config_auth auth;
	struct config_tls tls;
};

enum config_when_full { CONFIG_FULL_HOLD, CONFIG_FULL_DROP };

struct config_outbox {
	uint64_t max_bytes; // on disk; 1 MiB to 48 GiB, default 8 GiB
	uint32_t max_age_s; // 0: none, the default
	enum config_when_full when_full;
};

struct config {
	char *path;  // of the file, for messages
	char *state; // directory; default ./var. Relative to the working directory
	enum config_durability durability_all; // as it is in a file that has one word for all
	struct config_durabilities durability;
	struct config_dataplane dataplane;
	struct config_control control;
	struct config_lwm2m lwm2m;
	struct config_security security;
	struct config_outbox outbox;
	struct config_overload overload;
	struct config_backend *backends;
	uint32_t backends_count;
};

// Loads and checks. Returns NULL after writing one line per problem to err:
// "FILE:LINE: KEY: what is wrong (what would be right)". A file that cannot be read has no line, a
// problem of the whole file no key. libcyaml stops at the first wrong type or unknown key; whatever
// is wrong beyond the types is reported in full.
struct config *config_load(const char *path, FILE *err);
void config_free(struct config *cfg);

// One back end, as a JSON object with the keys of the file; a name in it must be the one given.
// NULL after writing one line per problem to err, "KEY: what is wrong".
struct config_backend *config_backend_load(const char *name, const char *json, size_t len,
					   FILE *err);
void config_backend_free(struct config_backend *backend); // one that was loaded so
// Sets what has a default other than 0 to it.
void config_backend_defaults(struct config_backend *backend);
// Nothing waits for the disk.
bool config_all_memory(const struct config *cfg);

// "host:port", "[v6]:port". Fills the 16-byte (v4-mapped) address and the port; false when
// malformed.
bool config_parse_endpoint(const char *text, uint8_t addr[16], uint16_t *port);
// "198.18.0.1/24", "2001:db8::1/64". The prefix length is as written: 24 for the first.
bool config_parse_prefix(const char *text, uint8_t addr[16], uint8_t *prefix_len);

// The line of a key in the file, for semantic errors found later ("dataplane.ports[1].ethdev"); 0
// when it cannot be found.
uint32_t config_line(const char *path, const char *key);
