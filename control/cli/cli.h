// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// sluicectl, the command line of the gateway: a client of its REST API for a person. A file per
// group of commands; each command gets what was parsed, asks the gateway, and prints. Exit status:
// enum cli_exit.
#pragma once

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

enum cli_exit {
	CLI_OK = 0,
	CLI_REFUSED = 1, // the device or the gateway said no
	CLI_USAGE = 2,
	CLI_UNREACHABLE = 3, // the gateway did not answer
};

// Which options a command takes, besides --url, --json, --timeout and --help.
enum cli_option {
	CLI_PREFIX = 1 << 0,
	CLI_LIMIT = 1 << 1,
	CLI_NAMES = 1 << 2,
	CLI_TYPE = 1 << 3,
	CLI_PARTIAL = 1 << 4,
	CLI_FORMAT = 1 << 5,
	CLI_CANCEL = 1 << 6,
	CLI_ACTIVE = 1 << 7,
	CLI_EP = 1 << 8,
	CLI_COUNT = 1 << 9,
	CLI_REMOVE = 1 << 10,
};

#define CLI_TIMEOUT_S 5u // what the gateway takes without one, too

struct cli {
	FILE *out, *err;
	const char *url;
	bool json;
	unsigned int timeout_s; // 0: not given
	unsigned int given;     // enum cli_option
	const char *prefix, *type, *format, *ep, *remove;
	uint64_t limit, count;
	const struct cli_command *command;
	char **args;
	int args_count;
};

struct cli_command {
	const char *name;
	const char *args; // as the usage line shows them
	int args_min, args_max;
	unsigned int options;
	const char *summary; // one line
	const char *details; // of --help: options and an example
	int (*run)(struct cli *cli);
};

extern const struct cli_command cli_commands[]; // ends with a NULL name

// The whole program: parses, runs, returns the exit status.
int cli_main(int argc, char **argv, FILE *out, FILE *err);
// "sluicectl: text" to cli->err; returns status.
int cli_fail(struct cli *cli, enum cli_exit status, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

// What an argument says: itself, or with "@FILE" what is in the file, "@-" standard input; with a
// zero byte behind it, to be freed. NULL, explained.
char *cli_argument_read(struct cli *cli, const char *text, size_t *len, bool *from_file);
// Lower case, malloc'ed.
char *cli_hex(const char *bytes, size_t len);

int cli_backends(struct cli *cli);
int cli_devices(struct cli *cli);
int cli_device(struct cli *cli);
int cli_read(struct cli *cli);
int cli_write(struct cli *cli);
int cli_create(struct cli *cli);
int cli_delete(struct cli *cli);
int cli_exec(struct cli *cli);
int cli_discover(struct cli *cli);
int cli_attributes(struct cli *cli);
int cli_observe(struct cli *cli);
int cli_events(struct cli *cli);
int cli_queue(struct cli *cli);
int cli_security(struct cli *cli);
