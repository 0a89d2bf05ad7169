// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// Registers of four client builds as they were recorded, and what Leshan's REST API said of each.
// Only the registration id is ours: that of location 1.
#pragma once

#include <stdint.h>

// clang-format off
struct capture {
	const char *name;
	const char *register_hex; // the CoAP message
	uint16_t udp_port;
	uint64_t registered_ms, updated_ms;
	const char *json;
};

static const struct capture captures[] = {
	{"leshan",
		"480228d798d1637fc9304aedb27264112834623d5554096c776d326d3d312e31056c743d33300665703d"
		"6c6531ff3c2f3e3b72743d226f6d612e6c776d326d223b63743d22363020313130203131322031313534"
		"32203131353433222c3c2f312f303e2c3c2f333e3b7665723d312e322c3c2f332f303e2c3c2f362f303e"
		"2c3c2f333330333e3b7665723d312e312c3c2f333330332f303e2c3c2f333434322f303e",
		37298, 1795344560422, 1795344564584,
		"{\"endpoint\":\"le1\",\"registrationId\":\"AAAAAAAAB\",\"registrationDate\":17953445"
		"60422,\"lastUpdate\":1795344564584,\"address\":\"127.0.0.1:37298\",\"lwM2mVersion\":"
		"\"1.1\",\"lifetime\":30,\"bindingMode\":\"UT\",\"rootPath\":\"/\",\"objectLinks\":[{"
		"\"url\":\"/\",\"attributes\":{\"rt\":\"\\\"oma.lwm2m\\\"\",\"ct\":\"\\\"60 110 112 1"
		"1542 11543\\\"\"}},{\"url\":\"/1/0\",\"attributes\":{}},{\"url\":\"/3\",\"attributes"
		"\":{\"ver\":\"1.2\"}},{\"url\":\"/3/0\",\"attributes\":{}},{\"url\":\"/6/0\",\"attri"
		"butes\":{}},{\"url\":\"/3303\",\"attributes\":{\"ver\":\"1.1\"}},{\"url\":\"/3303/0\""
		",\"attributes\":{}},{\"url\":\"/3442/0\",\"attributes\":{}}],\"secure\":false,\"addi"
		"tionalRegistrationAttributes\":{},\"queuemode\":false,\"availableInstances\":{\"1\":"
		"[0],\"3\":[0],\"6\":[0],\"3303\":[0],\"3442\":[0]}}"},
	{"leshan-queue",
		"4802fd41ccdff54d6d1d6d58b272641128315104623d5554096c776d326d3d312e31056c743d33300665"
		"703d6c6532ff3c2f3e3b72743d226f6d612e6c776d326d223b63743d2236302031313020313132203131"
		"353432203131353433222c3c2f312f303e2c3c2f333e3b7665723d312e322c3c2f332f303e2c3c2f362f"
		"303e2c3c2f333330333e3b7665723d312e312c3c2f333330332f303e2c3c2f333434322f303e",
		38848, 1795344607044, 1795344611219,
		"{\"endpoint\":\"le2\",\"registrationId\":\"AAAAAAAAB\",\"registrationDate\":17953446"
		"07044,\"lastUpdate\":1795344611219,\"address\":\"127.0.0.1:38848\",\"lwM2mVersion\":"
		"\"1.1\",\"lifetime\":30,\"bindingMode\":\"UT\",\"rootPath\":\"/\",\"objectLinks\":[{"
		"\"url\":\"/\",\"attributes\":{\"rt\":\"\\\"oma.lwm2m\\\"\",\"ct\":\"\\\"60 110 112 1"
		"1542 11543\\\"\"}},{\"url\":\"/1/0\",\"attributes\":{}},{\"url\":\"/3\",\"attributes"
		"\":{\"ver\":\"1.2\"}},{\"url\":\"/3/0\",\"attributes\":{}},{\"url\":\"/6/0\",\"attri"
		"butes\":{}},{\"url\":\"/3303\",\"attributes\":{\"ver\":\"1.1\"}},{\"url\":\"/3303/0\""
		",\"attributes\":{}},{\"url\":\"/3442/0\",\"attributes\":{}}],\"secure\":false,\"addi"
		"tionalRegistrationAttributes\":{},\"queuemode\":true,\"availableInstances\":{\"1\":["
		"0],\"3\":[0],\"6\":[0],\"3303\":[0],\"3442\":[0]},\"sleeping\":false}"},
	{"wakaama",
		"4402992f2f993ac8b272641128396c776d326d3d312e310665703d776b3103623d55056c743d3330ff3c"
		"2f3e3b72743d226f6d612e6c776d326d223b63743d3131302c3c2f313e3b7665723d312e312c3c2f312f"
		"303e2c3c2f322f303e2c3c2f332f303e2c3c2f342f303e2c3c2f352f303e2c3c2f362f303e2c3c2f372f"
		"303e2c3c2f33313032343e3b7665723d312e302c3c2f33313032342f31303e2c3c2f33313032342f3131"
		"3e2c3c2f33313032342f31323e",
		56830, 1795344442352, 1795344442352,
		"{\"endpoint\":\"wk1\",\"registrationId\":\"AAAAAAAAB\",\"registrationDate\":17953444"
		"42352,\"lastUpdate\":1795344442352,\"address\":\"127.0.0.1:56830\",\"lwM2mVersion\":"
		"\"1.1\",\"lifetime\":30,\"bindingMode\":\"U\",\"rootPath\":\"/\",\"objectLinks\":[{\""
		"url\":\"/\",\"attributes\":{\"rt\":\"\\\"oma.lwm2m\\\"\",\"ct\":\"110\"}},{\"url\":\""
		"/1\",\"attributes\":{\"ver\":\"1.1\"}},{\"url\":\"/1/0\",\"attributes\":{}},{\"url\""
		":\"/2/0\",\"attributes\":{}},{\"url\":\"/3/0\",\"attributes\":{}},{\"url\":\"/4/0\","
		"\"attributes\":{}},{\"url\":\"/5/0\",\"attributes\":{}},{\"url\":\"/6/0\",\"attribut"
		"es\":{}},{\"url\":\"/7/0\",\"attributes\":{}},{\"url\":\"/31024\",\"attributes\":{\""
		"ver\":\"1.0\"}},{\"url\":\"/31024/10\",\"attributes\":{}},{\"url\":\"/31024/11\",\"a"
		"ttributes\":{}},{\"url\":\"/31024/12\",\"attributes\":{}}],\"secure\":false,\"additi"
		"onalRegistrationAttributes\":{},\"queuemode\":false,\"availableInstances\":{\"1\":[0"
		"],\"2\":[0],\"3\":[0],\"4\":[0],\"5\":[0],\"6\":[0],\"7\":[0],\"31024\":[10,11,12]}}"},
	{"wakaama-cbor",
		"4402abb7b7ab74c8b272641128396c776d326d3d312e310665703d776b3203623d55056c743d3330ff3c"
		"2f3e3b72743d226f6d612e6c776d326d223b63743d3131322c3c2f313e3b7665723d312e312c3c2f312f"
		"303e2c3c2f322f303e2c3c2f332f303e2c3c2f342f303e2c3c2f352f303e2c3c2f362f303e2c3c2f372f"
		"303e2c3c2f33313032343e3b7665723d312e302c3c2f33313032342f31303e2c3c2f33313032342f3131"
		"3e2c3c2f33313032342f31323e",
		56831, 1795344500630, 1795344500630,
		"{\"endpoint\":\"wk2\",\"registrationId\":\"AAAAAAAAB\",\"registrationDate\":17953445"
		"00630,\"lastUpdate\":1795344500630,\"address\":\"127.0.0.1:56831\",\"lwM2mVersion\":"
		"\"1.1\",\"lifetime\":30,\"bindingMode\":\"U\",\"rootPath\":\"/\",\"objectLinks\":[{\""
		"url\":\"/\",\"attributes\":{\"rt\":\"\\\"oma.lwm2m\\\"\",\"ct\":\"112\"}},{\"url\":\""
		"/1\",\"attributes\":{\"ver\":\"1.1\"}},{\"url\":\"/1/0\",\"attributes\":{}},{\"url\""
		":\"/2/0\",\"attributes\":{}},{\"url\":\"/3/0\",\"attributes\":{}},{\"url\":\"/4/0\","
		"\"attributes\":{}},{\"url\":\"/5/0\",\"attributes\":{}},{\"url\":\"/6/0\",\"attribut"
		"es\":{}},{\"url\":\"/7/0\",\"attributes\":{}},{\"url\":\"/31024\",\"attributes\":{\""
		"ver\":\"1.0\"}},{\"url\":\"/31024/10\",\"attributes\":{}},{\"url\":\"/31024/11\",\"a"
		"ttributes\":{}},{\"url\":\"/31024/12\",\"attributes\":{}}],\"secure\":false,\"additi"
		"onalRegistrationAttributes\":{},\"queuemode\":false,\"availableInstances\":{\"1\":[0"
		"],\"2\":[0],\"3\":[0],\"4\":[0],\"5\":[0],\"6\":[0],\"7\":[0],\"31024\":[10,11,12]}}"},
};
// clang-format on
