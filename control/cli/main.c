// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
#include <curl/curl.h>

#include "control/cli/cli.h"

int main(int argc, char **argv)
{
	int status;

	curl_global_init(CURL_GLOBAL_DEFAULT);
	status = cli_main(argc, argv, stdout, stderr);
	curl_global_cleanup();
	return status;
}
