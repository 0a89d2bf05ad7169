// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// Every command, and what --help says of it.
#include "control/cli/cli.h"

#define MANY 64 // arguments

#define FORMAT_HELP                                                                      \
	"  --format FORMAT  content format on the way to the device: TLV, JSON, TEXT,\n" \
	"                   OPAQUE, CBOR, SENML_JSON or SENML_CBOR (default: the one\n"  \
	"                   the device prefers)\n"

const struct cli_command cli_commands[] = {
	{"devices", "", 0, 0, CLI_PREFIX | CLI_LIMIT | CLI_NAMES, "list registered devices",
	 "  --prefix TEXT    only endpoints whose name begins with it\n"
	 "  --limit N        at most N of them\n"
	 "  --names          only their names\n"
	 "\nExample: sluicectl devices --prefix meter- --limit 20\n",
	 cli_devices},
	{"device", "EP", 1, 1, 0, "show one device and its objects",
	 "\nExample: sluicectl device meter-17\n", cli_device},
	{"read", "EP PATH", 2, 2, CLI_FORMAT, "read a resource, an instance or an object",
	 FORMAT_HELP "\nExample: sluicectl read meter-17 /3/0/9\n", cli_read},
	{"write", "EP PATH VALUE|@FILE", 3, 3, CLI_TYPE | CLI_PARTIAL | CLI_FORMAT,
	 "write a resource or an instance",
	 "  VALUE            of a resource: its value; otherwise JSON as read --json shows it;\n"
	 "                   @FILE takes it from a file, @- from standard input\n"
	 "  --type TYPE      STRING, INTEGER, UNSIGNED_INTEGER, FLOAT, BOOLEAN, OPAQUE (a file's\n"
	 "                   bytes, or hex), TIME (ms since 1970) or OBJLNK (default: what the\n"
	 "                   gateway knows of the object)\n"
	 "  --partial        keep the resources that are not written\n" FORMAT_HELP
	 "\nA value that begins with '-' goes behind '--'.\n"
	 "Example: sluicectl write meter-17 /1/0/1 300\n"
	 "         sluicectl write meter-17 /5/0/0 @firmware.bin --type OPAQUE --timeout 600\n",
	 cli_write},
	{"exec", "EP PATH [ARGS]", 2, 3, 0, "execute a resource",
	 "\nExample: sluicectl exec meter-17 /3/0/4\n"
	 "         sluicectl exec meter-17 /5/0/2 \"0='now'\"\n",
	 cli_exec},
	{"create", "EP PATH JSON|@FILE", 3, 3, CLI_FORMAT, "create an instance of an object",
	 FORMAT_HELP
	 "\nExample: sluicectl create meter-17 /3303 '{\"id\":1,\"resources\":"
	 "[{\"id\":5700,\"kind\":\"singleResource\",\"type\":\"FLOAT\",\"value\":\"21.5\"}]}'\n",
	 cli_create},
	{"delete", "EP PATH", 2, 2, 0, "delete an instance of an object",
	 "\nExample: sluicectl delete meter-17 /3303/1\n", cli_delete},
	{"discover", "EP [PATH]", 1, 2, 0, "list what a device has, with attributes",
	 "  PATH             without it: the objects it registered with\n"
	 "\nExample: sluicectl discover meter-17 /3/0\n",
	 cli_discover},
	{"attributes", "EP PATH NAME[=VALUE]...", 3, MANY, 0, "set notification attributes",
	 "  NAME             pmin, pmax, epmin, epmax (seconds), gt, lt, st (of numbers);\n"
	 "                   without a value the attribute is taken away\n"
	 "\nExample: sluicectl attributes meter-17 /3303/0/5700 pmin=10 pmax=60\n",
	 cli_attributes},
	{"observe", "EP PATH", 2, 2, CLI_CANCEL | CLI_ACTIVE | CLI_FORMAT,
	 "observe a resource, or cancel it",
	 "  --cancel         end the observation, at the next notification\n"
	 "  --active         with --cancel: by a request to the device, now\n" FORMAT_HELP
	 "\nExample: sluicectl observe meter-17 /3303/0/5700 && sluicectl events --ep meter-17\n",
	 cli_observe},
	{"events", "", 0, 0, CLI_EP | CLI_COUNT, "show what happens, until interrupted",
	 "  --ep EP          only events of this device, its messages included\n"
	 "  --count N        end after N events\n"
	 "\nExample: sluicectl events --ep meter-17\n",
	 cli_events},
	{"queue", "EP", 1, 1, CLI_REMOVE, "list what waits for a sleeping device",
	 "  --remove ID      take this request back\n"
	 "\nExample: sluicectl queue meter-17 --remove 42\n",
	 cli_queue},
	{"backends", "[list | show NAME | test NAME | add NAME URL|JSON|@FILE | remove NAME]", 0, 3,
	 0, "list, try, add or remove who hears of events",
	 "  list             the default: state, how far behind, last error\n"
	 "  show NAME        all there is to say of one\n"
	 "  test NAME        send one event of the type sluice.test now\n"
	 "  add NAME ...     make one, or change one that was made so: of a URL, or of JSON with\n"
	 "                   the keys of the configuration file; @FILE takes it from a file\n"
	 "  remove NAME      remove one, and forget how far it was\n"
	 "\nExample: sluicectl backends add alarms '{\"url\":\"https://host/alarms\",\n"
	 "           \"types\":[\"notification\"],\"paths\":[\"/3303\"]}'\n",
	 cli_backends},
	{"security", "ACTION [ARGS]", 1, 4, CLI_LIMIT | CLI_NAMES, "manage devices' credentials",
	 "  list [--limit N] [--names]          all of them, without their secrets\n"
	 "  show EP                             one of them\n"
	 "  set-psk EP IDENTITY KEY|@FILE       a pre-shared key, hexadecimal\n"
	 "  set-rpk EP KEY|@FILE                a raw public key: SubjectPublicKeyInfo,\n"
	 "                                      hexadecimal, or DER in a file\n"
	 "  set-x509 EP                         a certificate that names the endpoint\n"
	 "  remove EP                           takes it away and cuts the device's sessions\n"
	 "  import FILE                         lines of endpoint,mode,identity,key or of JSON\n"
	 "                                      as PUT takes it; - is standard input\n"
	 "\n@FILE takes the key from a file, @- from standard input: what stands on the command\n"
	 "line, others can see. With lines that are wrong, import ends with status 1.\n"
	 "\nExample: sluicectl security set-psk meter-17 id-17 @meter-17.key\n"
	 "         sluicectl security import fleet.csv\n",
	 cli_security},
	{0},
};
