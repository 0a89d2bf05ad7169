// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// Answers to Reads as three client builds gave them, and what Leshan's REST API made of each.
#pragma once

// clang-format off
struct content {
	const char *path;     // behind /api/clients/{ep}/
	const char *response; // the CoAP message, hex
	const char *json;     // the body
};

static const struct content contents[] = {
	{"3/0/0",
		"6845f413f8b5cd51668f2883c22d16ffc800124c657368616e2044656d6f20446576696365",
		"{\"status\":\"CONTENT(205)\",\"valid\":true,\"success\":true,\"failure\":false,\"con"
		"tent\":{\"kind\":\"singleResource\",\"id\":0,\"type\":\"STRING\",\"value\":\"Leshan "
		"Demo Device\"}}"},
	{"3/0/0",
		"6845f4156c17be0f34e34053c0ff4c657368616e2044656d6f20446576696365",
		"{\"status\":\"CONTENT(205)\",\"valid\":true,\"success\":true,\"failure\":false,\"con"
		"tent\":{\"kind\":\"singleResource\",\"id\":0,\"type\":\"STRING\",\"value\":\"Leshan "
		"Demo Device\"}}"},
	{"3/0/0",
		"6845f418bca2ba10fd73402cc13cff724c657368616e2044656d6f20446576696365",
		"{\"status\":\"CONTENT(205)\",\"valid\":true,\"success\":true,\"failure\":false,\"con"
		"tent\":{\"kind\":\"singleResource\",\"id\":0,\"type\":\"STRING\",\"value\":\"Leshan "
		"Demo Device\"}}"},
	{"3/0",
		"6845f419bc411d37d3b6aa33c22d16ffc800124c657368616e2044656d6f20446576696365c801094d6f"
		"64656c20353030c8020f4c542d3530302d3030302d30303031c503312e302e30c10916c40a0005441983"
		"0b410000c40d6b02c8b5c10e5ac70f4574632f555443c2105554c41144656d6fc512312e302e31c51331"
		"2e302e32c11402c4150005f000",
		"{\"status\":\"CONTENT(205)\",\"valid\":true,\"success\":true,\"failure\":false,\"con"
		"tent\":{\"kind\":\"instance\",\"resources\":[{\"kind\":\"singleResource\",\"id\":0,\""
		"type\":\"STRING\",\"value\":\"Leshan Demo Device\"},{\"kind\":\"singleResource\",\"i"
		"d\":1,\"type\":\"STRING\",\"value\":\"Model 500\"},{\"kind\":\"singleResource\",\"id"
		"\":2,\"type\":\"STRING\",\"value\":\"LT-500-000-0001\"},{\"kind\":\"singleResource\""
		",\"id\":3,\"type\":\"STRING\",\"value\":\"1.0.0\"},{\"kind\":\"singleResource\",\"id"
		"\":9,\"type\":\"INTEGER\",\"value\":\"22\"},{\"kind\":\"singleResource\",\"id\":10,\""
		"type\":\"INTEGER\",\"value\":\"345113\"},{\"kind\":\"multiResource\",\"values\":{\"0"
		"\":\"0\"},\"id\":11,\"type\":\"INTEGER\"},{\"kind\":\"singleResource\",\"id\":13,\"t"
		"ype\":\"TIME\",\"value\":1795344565000},{\"kind\":\"singleResource\",\"id\":14,\"typ"
		"e\":\"STRING\",\"value\":\"Z\"},{\"kind\":\"singleResource\",\"id\":15,\"type\":\"ST"
		"RING\",\"value\":\"Etc/UTC\"},{\"kind\":\"singleResource\",\"id\":16,\"type\":\"STRI"
		"NG\",\"value\":\"UT\"},{\"kind\":\"singleResource\",\"id\":17,\"type\":\"STRING\",\""
		"value\":\"Demo\"},{\"kind\":\"singleResource\",\"id\":18,\"type\":\"STRING\",\"value"
		"\":\"1.0.1\"},{\"kind\":\"singleResource\",\"id\":19,\"type\":\"STRING\",\"value\":\""
		"1.0.2\"},{\"kind\":\"singleResource\",\"id\":20,\"type\":\"INTEGER\",\"value\":\"2\""
		"},{\"kind\":\"singleResource\",\"id\":21,\"type\":\"INTEGER\",\"value\":\"389120\"}]"
		",\"id\":0}}"},
	{"3/0",
		"6845f41bc0badcf535a8eb2cc170ff90a300613003724c657368616e2044656d6f204465766963652165"
		"2f332f302fa200613103694d6f64656c20353030a2006132036f4c542d3530302d3030302d30303031a2"
		"0061330365312e302e30a2006139021850a200623130021a00054419a2006431312f300200a200623133"
		"021a6b02c8b5a20062313403615aa20062313503674574632f555443a20062313603625554a200623137"
		"036444656d6fa2006231380365312e302e31a2006231390365312e302e32a2006232300205a200623231"
		"021a0005f000",
		"{\"status\":\"CONTENT(205)\",\"valid\":true,\"success\":true,\"failure\":false,\"con"
		"tent\":{\"kind\":\"instance\",\"resources\":[{\"kind\":\"singleResource\",\"id\":0,\""
		"type\":\"STRING\",\"value\":\"Leshan Demo Device\"},{\"kind\":\"singleResource\",\"i"
		"d\":1,\"type\":\"STRING\",\"value\":\"Model 500\"},{\"kind\":\"singleResource\",\"id"
		"\":2,\"type\":\"STRING\",\"value\":\"LT-500-000-0001\"},{\"kind\":\"singleResource\""
		",\"id\":3,\"type\":\"STRING\",\"value\":\"1.0.0\"},{\"kind\":\"singleResource\",\"id"
		"\":9,\"type\":\"INTEGER\",\"value\":\"80\"},{\"kind\":\"singleResource\",\"id\":10,\""
		"type\":\"INTEGER\",\"value\":\"345113\"},{\"kind\":\"multiResource\",\"values\":{\"0"
		"\":\"0\"},\"id\":11,\"type\":\"INTEGER\"},{\"kind\":\"singleResource\",\"id\":13,\"t"
		"ype\":\"TIME\",\"value\":1795344565000},{\"kind\":\"singleResource\",\"id\":14,\"typ"
		"e\":\"STRING\",\"value\":\"Z\"},{\"kind\":\"singleResource\",\"id\":15,\"type\":\"ST"
		"RING\",\"value\":\"Etc/UTC\"},{\"kind\":\"singleResource\",\"id\":16,\"type\":\"STRI"
		"NG\",\"value\":\"UT\"},{\"kind\":\"singleResource\",\"id\":17,\"type\":\"STRING\",\""
		"value\":\"Demo\"},{\"kind\":\"singleResource\",\"id\":18,\"type\":\"STRING\",\"value"
		"\":\"1.0.1\"},{\"kind\":\"singleResource\",\"id\":19,\"type\":\"STRING\",\"value\":\""
		"1.0.2\"},{\"kind\":\"singleResource\",\"id\":20,\"type\":\"INTEGER\",\"value\":\"5\""
		"},{\"kind\":\"singleResource\",\"id\":21,\"type\":\"INTEGER\",\"value\":\"389120\"}]"
		",\"id\":0}}"},
	{"3",
		"6845f41c684c83287bef7c7fc22d16ff08007bc800124c657368616e2044656d6f20446576696365c801"
		"094d6f64656c20353030c8020f4c542d3530302d3030302d30303031c503312e302e30c10926c40a0005"
		"4419830b410000c40d6b02c8b5c10e5ac70f4574632f555443c2105554c41144656d6fc512312e302e31"
		"c513312e302e32c11405c4150005f000",
		"{\"status\":\"CONTENT(205)\",\"valid\":true,\"success\":true,\"failure\":false,\"con"
		"tent\":{\"instances\":[{\"kind\":\"instance\",\"resources\":[{\"kind\":\"singleResou"
		"rce\",\"id\":0,\"type\":\"STRING\",\"value\":\"Leshan Demo Device\"},{\"kind\":\"sin"
		"gleResource\",\"id\":1,\"type\":\"STRING\",\"value\":\"Model 500\"},{\"kind\":\"sing"
		"leResource\",\"id\":2,\"type\":\"STRING\",\"value\":\"LT-500-000-0001\"},{\"kind\":\""
		"singleResource\",\"id\":3,\"type\":\"STRING\",\"value\":\"1.0.0\"},{\"kind\":\"singl"
		"eResource\",\"id\":9,\"type\":\"INTEGER\",\"value\":\"38\"},{\"kind\":\"singleResour"
		"ce\",\"id\":10,\"type\":\"INTEGER\",\"value\":\"345113\"},{\"kind\":\"multiResource\""
		",\"values\":{\"0\":\"0\"},\"id\":11,\"type\":\"INTEGER\"},{\"kind\":\"singleResource"
		"\",\"id\":13,\"type\":\"TIME\",\"value\":1795344565000},{\"kind\":\"singleResource\""
		",\"id\":14,\"type\":\"STRING\",\"value\":\"Z\"},{\"kind\":\"singleResource\",\"id\":"
		"15,\"type\":\"STRING\",\"value\":\"Etc/UTC\"},{\"kind\":\"singleResource\",\"id\":16"
		",\"type\":\"STRING\",\"value\":\"UT\"},{\"kind\":\"singleResource\",\"id\":17,\"type"
		"\":\"STRING\",\"value\":\"Demo\"},{\"kind\":\"singleResource\",\"id\":18,\"type\":\""
		"STRING\",\"value\":\"1.0.1\"},{\"kind\":\"singleResource\",\"id\":19,\"type\":\"STRI"
		"NG\",\"value\":\"1.0.2\"},{\"kind\":\"singleResource\",\"id\":20,\"type\":\"INTEGER\""
		",\"value\":\"5\"},{\"kind\":\"singleResource\",\"id\":21,\"type\":\"INTEGER\",\"valu"
		"e\":\"389120\"}],\"id\":0}],\"kind\":\"obj\",\"id\":3}}"},
	{"3/0/7",
		"6884f41d38500e3c009f2370c0",
		"{\"status\":\"NOT_FOUND(404)\",\"valid\":true,\"success\":false,\"failure\":true}"},
	{"3/0/13",
		"6845f41efc8c3f79fea6ab36c22d16ffc40d6b02c8b5",
		"{\"status\":\"CONTENT(205)\",\"valid\":true,\"success\":true,\"failure\":false,\"con"
		"tent\":{\"kind\":\"singleResource\",\"id\":13,\"type\":\"TIME\",\"value\":1795344565"
		"000}}"},
	{"1/0",
		"6845f423683700f5809be764c22d16ffc1007bc1011ec10600c11655c10755",
		"{\"status\":\"CONTENT(205)\",\"valid\":true,\"success\":true,\"failure\":false,\"con"
		"tent\":{\"kind\":\"instance\",\"resources\":[{\"kind\":\"singleResource\",\"id\":0,\""
		"type\":\"INTEGER\",\"value\":\"123\"},{\"kind\":\"singleResource\",\"id\":1,\"type\""
		":\"INTEGER\",\"value\":\"30\"},{\"kind\":\"singleResource\",\"id\":6,\"type\":\"BOOL"
		"EAN\",\"value\":false},{\"kind\":\"singleResource\",\"id\":22,\"type\":\"STRING\",\""
		"value\":\"U\"},{\"kind\":\"singleResource\",\"id\":7,\"type\":\"STRING\",\"value\":\""
		"U\"}],\"id\":0}}"},
	{"6/0",
		"6845f4249055280f72b6e279c22d16ffc800084032000000000000c80108c064c00000000000c4056b02"
		"c8af",
		"{\"status\":\"CONTENT(205)\",\"valid\":true,\"success\":true,\"failure\":false,\"con"
		"tent\":{\"kind\":\"instance\",\"resources\":[{\"kind\":\"singleResource\",\"id\":0,\""
		"type\":\"FLOAT\",\"value\":\"18.0\"},{\"kind\":\"singleResource\",\"id\":1,\"type\":"
		"\"FLOAT\",\"value\":\"-166.0\"},{\"kind\":\"singleResource\",\"id\":5,\"type\":\"TIM"
		"E\",\"value\":1795344559000}],\"id\":0}}"},
	{"3/0",
		"6845850bc40c40027bd572aec22d16ffc800144f70656e204d6f62696c6520416c6c69616e6365c80116"
		"4c69676874776569676874204d324d20436c69656e74c80209333435303030313233c303312e30860641"
		"000141010588070842000ed842011388870841007d42010384c10964c10a0f830b410000c80d08000000"
		"00bc850acfc60e2b30313a3030c80f0d4575726f70652f4265726c696ec11055",
		"{\"status\":\"CONTENT(205)\",\"valid\":true,\"success\":true,\"failure\":false,\"con"
		"tent\":{\"kind\":\"instance\",\"resources\":[{\"kind\":\"singleResource\",\"id\":0,\""
		"type\":\"STRING\",\"value\":\"Open Mobile Alliance\"},{\"kind\":\"singleResource\",\""
		"id\":1,\"type\":\"STRING\",\"value\":\"Lightweight M2M Client\"},{\"kind\":\"singleR"
		"esource\",\"id\":2,\"type\":\"STRING\",\"value\":\"345000123\"},{\"kind\":\"singleRe"
		"source\",\"id\":3,\"type\":\"STRING\",\"value\":\"1.0\"},{\"kind\":\"multiResource\""
		",\"values\":{\"0\":\"1\",\"1\":\"5\"},\"id\":6,\"type\":\"INTEGER\"},{\"kind\":\"mul"
		"tiResource\",\"values\":{\"0\":\"3800\",\"1\":\"5000\"},\"id\":7,\"type\":\"INTEGER\""
		"},{\"kind\":\"multiResource\",\"values\":{\"0\":\"125\",\"1\":\"900\"},\"id\":8,\"ty"
		"pe\":\"INTEGER\"},{\"kind\":\"singleResource\",\"id\":9,\"type\":\"INTEGER\",\"value"
		"\":\"100\"},{\"kind\":\"singleResource\",\"id\":10,\"type\":\"INTEGER\",\"value\":\""
		"15\"},{\"kind\":\"multiResource\",\"values\":{\"0\":\"0\"},\"id\":11,\"type\":\"INTE"
		"GER\"},{\"kind\":\"singleResource\",\"id\":13,\"type\":\"TIME\",\"value\":3162835663"
		"000},{\"kind\":\"singleResource\",\"id\":14,\"type\":\"STRING\",\"value\":\"+01:00\""
		"},{\"kind\":\"singleResource\",\"id\":15,\"type\":\"STRING\",\"value\":\"Europe/Berl"
		"in\"},{\"kind\":\"singleResource\",\"id\":16,\"type\":\"STRING\",\"value\":\"U\"}],\""
		"id\":0}}"},
	{"3",
		"6845850ed0d1da17a2ce262ac22d16ff08008ec800144f70656e204d6f62696c6520416c6c69616e6365"
		"c801164c69676874776569676874204d324d20436c69656e74c80209333435303030313233c303312e30"
		"860641000141010588070842000ed842011388870841007d42010384c10964c10a0f830b410000c80d08"
		"00000000bc850acfc60e2b30313a3030c80f0d4575726f70652f4265726c696ec11055",
		"{\"status\":\"CONTENT(205)\",\"valid\":true,\"success\":true,\"failure\":false,\"con"
		"tent\":{\"instances\":[{\"kind\":\"instance\",\"resources\":[{\"kind\":\"singleResou"
		"rce\",\"id\":0,\"type\":\"STRING\",\"value\":\"Open Mobile Alliance\"},{\"kind\":\"s"
		"ingleResource\",\"id\":1,\"type\":\"STRING\",\"value\":\"Lightweight M2M Client\"},{"
		"\"kind\":\"singleResource\",\"id\":2,\"type\":\"STRING\",\"value\":\"345000123\"},{\""
		"kind\":\"singleResource\",\"id\":3,\"type\":\"STRING\",\"value\":\"1.0\"},{\"kind\":"
		"\"multiResource\",\"values\":{\"0\":\"1\",\"1\":\"5\"},\"id\":6,\"type\":\"INTEGER\""
		"},{\"kind\":\"multiResource\",\"values\":{\"0\":\"3800\",\"1\":\"5000\"},\"id\":7,\""
		"type\":\"INTEGER\"},{\"kind\":\"multiResource\",\"values\":{\"0\":\"125\",\"1\":\"90"
		"0\"},\"id\":8,\"type\":\"INTEGER\"},{\"kind\":\"singleResource\",\"id\":9,\"type\":\""
		"INTEGER\",\"value\":\"100\"},{\"kind\":\"singleResource\",\"id\":10,\"type\":\"INTEG"
		"ER\",\"value\":\"15\"},{\"kind\":\"multiResource\",\"values\":{\"0\":\"0\"},\"id\":1"
		"1,\"type\":\"INTEGER\"},{\"kind\":\"singleResource\",\"id\":13,\"type\":\"TIME\",\"v"
		"alue\":3162835663000},{\"kind\":\"singleResource\",\"id\":14,\"type\":\"STRING\",\"v"
		"alue\":\"+01:00\"},{\"kind\":\"singleResource\",\"id\":15,\"type\":\"STRING\",\"valu"
		"e\":\"Europe/Berlin\"},{\"kind\":\"singleResource\",\"id\":16,\"type\":\"STRING\",\""
		"value\":\"U\"}],\"id\":0}],\"kind\":\"obj\",\"id\":3}}"},
	{"3/0/7",
		"6845850f4cdc3ab6b5df61c5c22d16ff88070842000ed842011388",
		"{\"status\":\"CONTENT(205)\",\"valid\":true,\"success\":true,\"failure\":false,\"con"
		"tent\":{\"kind\":\"multiResource\",\"values\":{\"0\":\"3800\",\"1\":\"5000\"},\"id\""
		":7,\"type\":\"INTEGER\"}}"},
	{"3/0/7/0",
		"68a0851128e0fe95f066689a",
		"{\"status\":\"INTERNAL_SERVER_ERROR(500)\",\"valid\":true,\"success\":false,\"failur"
		"e\":true}"},
	{"6/0",
		"68458516c4d3d4d1adfc0a8bc22d16ffc40041dfe376c40142add862c4024604bc00c40300000000c504"
		"20000000ffc4056b02c83ac40600000000",
		"{\"status\":\"CONTENT(205)\",\"valid\":true,\"success\":true,\"failure\":false,\"con"
		"tent\":{\"kind\":\"instance\",\"resources\":[{\"kind\":\"singleResource\",\"id\":0,\""
		"type\":\"FLOAT\",\"value\":\"27.986064910888672\"},{\"kind\":\"singleResource\",\"id"
		"\":1,\"type\":\"FLOAT\",\"value\":\"86.92262268066406\"},{\"kind\":\"singleResource\""
		",\"id\":2,\"type\":\"FLOAT\",\"value\":\"8495.0\"},{\"kind\":\"singleResource\",\"id"
		"\":3,\"type\":\"FLOAT\",\"value\":\"0.0\"},{\"kind\":\"singleResource\",\"id\":4,\"t"
		"ype\":\"OPAQUE\",\"value\":\"20000000ff\"},{\"kind\":\"singleResource\",\"id\":5,\"t"
		"ype\":\"TIME\",\"value\":1795344442000},{\"kind\":\"singleResource\",\"id\":6,\"type"
		"\":\"FLOAT\",\"value\":\"0.0\"}],\"id\":0}}"},
	{"0/0",
		"6881852518c54e1437b51ca9",
		"{\"status\":\"UNAUTHORIZED(401)\",\"valid\":true,\"success\":false,\"failure\":true}"},
	{"3/0/0",
		"6845c920744b83d4440542ecc170ff81a221662f332f302f3003744f70656e204d6f62696c6520416c6c"
		"69616e6365",
		"{\"status\":\"CONTENT(205)\",\"valid\":true,\"success\":true,\"failure\":false,\"con"
		"tent\":{\"kind\":\"singleResource\",\"id\":0,\"type\":\"STRING\",\"value\":\"Open Mo"
		"bile Alliance\"}}"},
	{"3/0/0",
		"6886c9213046ae18f05bfa84",
		"{\"status\":\"NOT_ACCEPTABLE(406)\",\"valid\":true,\"success\":false,\"failure\":tru"
		"e}"},
	{"3/0",
		"6845c924c4dbabf1fb27cdd8c170ff91a321652f332f302f00613003744f70656e204d6f62696c652041"
		"6c6c69616e6365a200613103764c69676874776569676874204d324d20436c69656e74a2006132036933"
		"3435303030313233a20061330363312e30a20063362f300201a20063362f310205a20063372f3002190e"
		"d8a20063372f3102191388a20063382f3002187da20063382f3102190384a2006139021864a200623130"
		"020fa2006431312f300200a200623133021abc850b09a20062313403662b30313a3030a200623135036d"
		"4575726f70652f4265726c696ea200623136036155",
		"{\"status\":\"CONTENT(205)\",\"valid\":true,\"success\":true,\"failure\":false,\"con"
		"tent\":{\"kind\":\"instance\",\"resources\":[{\"kind\":\"singleResource\",\"id\":0,\""
		"type\":\"STRING\",\"value\":\"Open Mobile Alliance\"},{\"kind\":\"singleResource\",\""
		"id\":1,\"type\":\"STRING\",\"value\":\"Lightweight M2M Client\"},{\"kind\":\"singleR"
		"esource\",\"id\":2,\"type\":\"STRING\",\"value\":\"345000123\"},{\"kind\":\"singleRe"
		"source\",\"id\":3,\"type\":\"STRING\",\"value\":\"1.0\"},{\"kind\":\"multiResource\""
		",\"values\":{\"0\":\"1\",\"1\":\"5\"},\"id\":6,\"type\":\"INTEGER\"},{\"kind\":\"mul"
		"tiResource\",\"values\":{\"0\":\"3800\",\"1\":\"5000\"},\"id\":7,\"type\":\"INTEGER\""
		"},{\"kind\":\"multiResource\",\"values\":{\"0\":\"125\",\"1\":\"900\"},\"id\":8,\"ty"
		"pe\":\"INTEGER\"},{\"kind\":\"singleResource\",\"id\":9,\"type\":\"INTEGER\",\"value"
		"\":\"100\"},{\"kind\":\"singleResource\",\"id\":10,\"type\":\"INTEGER\",\"value\":\""
		"15\"},{\"kind\":\"multiResource\",\"values\":{\"0\":\"0\"},\"id\":11,\"type\":\"INTE"
		"GER\"},{\"kind\":\"singleResource\",\"id\":13,\"type\":\"TIME\",\"value\":3162835721"
		"000},{\"kind\":\"singleResource\",\"id\":14,\"type\":\"STRING\",\"value\":\"+01:00\""
		"},{\"kind\":\"singleResource\",\"id\":15,\"type\":\"STRING\",\"value\":\"Europe/Berl"
		"in\"},{\"kind\":\"singleResource\",\"id\":16,\"type\":\"STRING\",\"value\":\"U\"}],\""
		"id\":0}}"},
};
// clang-format on
