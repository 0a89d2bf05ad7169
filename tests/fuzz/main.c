// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// Runs a fuzz target over every file of the corpus directories given, and over every beginning of
// each file, so that what a fuzzer once found stays tested in builds without one.
#include "tests/fuzz/fuzz.h"

#include <dirent.h>
#include <string.h>

#define INPUT_MAX 4096u // corpus files are small; the quadratic walk over beginnings relies on it

static bool run_file(const char *path)
{
	static uint8_t input[INPUT_MAX];
	FILE *file = fopen(path, "rb");

	if (!file) {
		perror(path);
		return false;
	}
	size_t len = fread(input, 1, sizeof(input), file);
	fclose(file);
	for (size_t cut = 0; cut <= len; cut++) {
		// A block of the exact size lets a sanitizer see any overread.
		uint8_t *copy = malloc(cut ? cut : 1);
		if (!copy)
			abort();
		memcpy(copy, input, cut);
		LLVMFuzzerTestOneInput(copy, cut);
		free(copy);
	}
	return true;
}

static size_t run_directory(const char *name)
{
	DIR *dir = opendir(name);
	struct dirent *entry;
	size_t files = 0;

	if (!dir) {
		perror(name);
		return 0;
	}
	while ((entry = readdir(dir))) {
		char path[4096];
		if (entry->d_name[0] == '.')
			continue;
		snprintf(path, sizeof(path), "%s/%s", name, entry->d_name);
		if (!run_file(path))
			break;
		files++;
	}
	closedir(dir);
	return files;
}

int main(int argc, char **argv)
{
	size_t files = 0;

	for (int i = 1; i < argc; i++) {
		size_t n = run_directory(argv[i]);
		if (n == 0) {
			fprintf(stderr, "%s: no corpus\n", argv[i]);
			return 1;
		}
		files += n;
	}
	printf("%zu files\n", files);
	return files ? 0 : 1;
}
