// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// The command line: options may stand anywhere, each command takes its own.
#include "control/cli/cli.h"

#include <errno.h>
#include <getopt.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#define URL_DEFAULT   "http://127.0.0.1:8080"
#define TIMEOUT_MAX_S 86400u

enum { OPT_URL = 1 << 16, OPT_JSON, OPT_TIMEOUT, OPT_HELP, OPT_VERSION };

static const struct option longs[] = {
	{"url", required_argument, NULL, OPT_URL},
	{"json", no_argument, NULL, OPT_JSON},
	{"timeout", required_argument, NULL, OPT_TIMEOUT},
	{"help", no_argument, NULL, OPT_HELP},
	{"version", no_argument, NULL, OPT_VERSION},
	{"prefix", required_argument, NULL, CLI_PREFIX},
	{"limit", required_argument, NULL, CLI_LIMIT},
	{"names", no_argument, NULL, CLI_NAMES},
	{"type", required_argument, NULL, CLI_TYPE},
	{"partial", no_argument, NULL, CLI_PARTIAL},
	{"format", required_argument, NULL, CLI_FORMAT},
	{"cancel", no_argument, NULL, CLI_CANCEL},
	{"active", no_argument, NULL, CLI_ACTIVE},
	{"ep", required_argument, NULL, CLI_EP},
	{"count", required_argument, NULL, CLI_COUNT},
	{"remove", required_argument, NULL, CLI_REMOVE},
	{0},
};

int cli_fail(struct cli *cli, enum cli_exit status, const char *format, ...)
{
	va_list args;

	fputs("sluicectl: ", cli->err);
	va_start(args, format);
	vfprintf(cli->err, format, args);
	va_end(args);
	fputc('\n', cli->err);
	return status;
}

static void usage(FILE *out)
{
	fputs("Usage: sluicectl COMMAND [ARGUMENTS] [OPTIONS]\n"
	      "\n"
	      "Manages the devices of a sluice gateway.\n"
	      "\n",
	      out);
	for (const struct cli_command *command = cli_commands; command->name; command++)
		fprintf(out, "  %-11s %-24s %s\n", command->name, command->args, command->summary);
	fputs("\n"
	      "  --url URL        the gateway (default: SLUICE_URL, or " URL_DEFAULT ")\n"
	      "  --json           answers as the gateway gives them, for programs\n"
	      "  --timeout S      how long the device may take (default 5)\n"
	      "  --help           this text, or that of a command\n"
	      "  --version        the version\n"
	      "\n"
	      "Exit status: 0 done, 1 the device or the gateway said no, 2 bad command line, "
	      "3 no gateway.\n",
	      out);
}

static void command_usage(FILE *out, const struct cli_command *command)
{
	fprintf(out, "Usage: sluicectl %s %s%s[OPTIONS]\n\n%c%s.\n\n%s", command->name,
		command->args, command->args[0] ? " " : "", command->summary[0] - 'a' + 'A',
		command->summary + 1, command->details);
}

static const struct cli_command *command_find(const char *name)
{
	const struct cli_command *command = cli_commands;

	while (command->name && strcmp(command->name, name) != 0)
		command++;
	return command->name ? command : NULL;
}

static bool number_parse(const char *text, uint64_t max, uint64_t *value)
{
	char *end;

	errno = 0;
	*value = strtoull(text, &end, 10);
	return text[0] >= '0' && text[0] <= '9' && *end == '\0' && errno == 0 && *value <= max;
}

static bool number_option(struct cli *cli, const char *name, uint64_t max, uint64_t *value)
{
	if (number_parse(optarg, max, value) && *value > 0)
		return true;
	cli_fail(cli, CLI_USAGE, "--%s: %s is not a number from 1 to %llu", name, optarg,
		 (unsigned long long)max);
	return false;
}

// A command's own option. False when its value is wrong.
static bool command_option(struct cli *cli, int option)
{
	uint64_t id;

	cli->given |= (unsigned int)option;
	switch (option) {
	case CLI_PREFIX:
		cli->prefix = optarg;
		break;
	case CLI_LIMIT:
		return number_option(cli, "limit", INT64_MAX, &cli->limit);
	case CLI_TYPE:
		cli->type = optarg;
		break;
	case CLI_FORMAT:
		cli->format = optarg;
		break;
	case CLI_EP:
		cli->ep = optarg;
		break;
	case CLI_COUNT:
		return number_option(cli, "count", INT64_MAX, &cli->count);
	case CLI_REMOVE:
		cli->remove = optarg;
		return number_option(cli, "remove", INT64_MAX, &id);
	}
	return true;
}

static const char *option_name(int option)
{
	const struct option *found = longs;

	while (found->name && found->val != option)
		found++;
	return found->name ? found->name : "";
}

struct parsed {
	bool help, version;
};

static bool options_parse(struct cli *cli, int argc, char **argv, struct parsed *parsed)
{
	uint64_t number;
	int option;

	optind = 0; // glibc: start anew
	opterr = 0;
	while ((option = getopt_long(argc, argv, ":h", longs, NULL)) != -1) {
		switch (option) {
		case OPT_URL:
			cli->url = optarg;
			break;
		case OPT_JSON:
			cli->json = true;
			break;
		case OPT_TIMEOUT:
			if (!number_option(cli, "timeout", TIMEOUT_MAX_S, &number))
				return false;
			cli->timeout_s = (unsigned int)number;
			break;
		case 'h':
		case OPT_HELP:
			parsed->help = true;
			break;
		case OPT_VERSION:
			parsed->version = true;
			break;
		case ':':
			cli_fail(cli, CLI_USAGE, "%s needs a value", argv[optind - 1]);
			return false;
		case '?':
			cli_fail(cli, CLI_USAGE,
				 "%s is not an option (a value that begins with '-' goes behind "
				 "'--')",
				 argv[optind - 1]);
			return false;
		default:
			if (!command_option(cli, option))
				return false;
		}
	}
	return true;
}

static int command_check(struct cli *cli)
{
	const struct cli_command *command = cli->command;
	unsigned int foreign = cli->given & ~command->options;

	if (foreign)
		return cli_fail(cli, CLI_USAGE, "%s takes no option --%s", command->name,
				option_name((int)(foreign & -foreign)));
	if (cli->args_count >= command->args_min && cli->args_count <= command->args_max)
		return CLI_OK;
	return cli_fail(cli, CLI_USAGE,
			"%s takes %s\nUsage: sluicectl %s %s\n"
			"sluicectl %s --help tells more",
			command->name, cli->args_count < command->args_min ? "more" : "less",
			command->name, command->args, command->name);
}

int cli_main(int argc, char **argv, FILE *out, FILE *err)
{
	struct cli cli = {.out = out, .err = err, .url = getenv("SLUICE_URL")};
	struct parsed parsed = {0};
	int status;

	if (!cli.url || cli.url[0] == '\0')
		cli.url = URL_DEFAULT;
	if (!options_parse(&cli, argc, argv, &parsed))
		return CLI_USAGE;
	cli.args = argv + optind;
	cli.args_count = argc - optind;
	if (cli.args_count > 0) {
		cli.command = command_find(cli.args[0]);
		if (!cli.command)
			return cli_fail(&cli, CLI_USAGE,
					"%s is not a command; sluicectl --help lists them",
					cli.args[0]);
		cli.args++;
		cli.args_count--;
	}
	if (parsed.version) {
		fputs("sluicectl " SLUICE_VERSION "\n", out);
		return CLI_OK;
	}
	if (parsed.help || !cli.command) {
		if (cli.command)
			command_usage(out, cli.command);
		else
			usage(parsed.help ? out : err);
		return parsed.help ? CLI_OK : CLI_USAGE;
	}
	status = command_check(&cli);
	return status == CLI_OK ? cli.command->run(&cli) : status;
}
