// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "control/models/ddf.h"
#include "control/models/state.h"

struct folder {
	struct ctl_models *models;
	ctl_models_problem_t problem;
	void *arg;
	bool out_of_memory;
};

static void __attribute__((format(printf, 2, 3)))
tell(const struct folder *folder, const char *format, ...)
{
	char text[1024];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	folder->problem(text, folder->arg);
}

// The whole file and one byte more than the reader takes, malloc'ed; NULL with errno set.
static char *read_file(const char *path, size_t *len)
{
	int fd = open(path,
		      O_RDONLY | O_CLOEXEC | O_NONBLOCK); // a pipe without writer must not hang
	char *text = NULL;
	struct stat stat;
	ssize_t n;

	if (fd < 0)
		return NULL;
	*len = 0;
	if (fstat(fd, &stat) == 0 && !S_ISREG(stat.st_mode))
		errno = EINVAL;
	else
		text = malloc(CTL_DDF_MAX + 1);
	while (text != NULL && (n = read(fd, text + *len, CTL_DDF_MAX + 1 - *len)) != 0) {
		if (n < 0) {
			free(text);
			text = NULL;
		} else {
			*len += (size_t)n;
		}
	}
	close(fd);
	return text;
}

// The file's objects one by one, so that one which is there already leaves the others in.
static void add_all(struct folder *folder, struct ctl_definition *definition, const char *path)
{
	struct ctl_definition *next;

	for (; definition != NULL; definition = next) {
		const struct ctl_definition *there;

		next = definition->next;
		definition->next = NULL;
		definition->source = ctl_definition_text(definition, path, strlen(path));
		if (definition->source != NULL && models_add(folder->models, definition, &there))
			continue;
		if (definition->source == NULL || there == NULL)
			folder->out_of_memory = true;
		else
			tell(folder, "%s:1: object %u version %u.%u is already defined in %s", path,
			     definition->object, definition->version >> 8,
			     definition->version & 0xffu, there->source);
		ctl_definition_free(definition);
	}
}

static void read_one(struct folder *folder, const char *path)
{
	struct ctl_definition *definition;
	struct ctl_ddf_error err;
	size_t len;
	char *text = read_file(path, &len);

	if (text == NULL) {
		tell(folder, "%s:1: cannot be read (%s)", path,
		     errno == EINVAL ? "not a file" : strerror(errno));
		return;
	}
	definition = ctl_ddf_read(text, len, &err);
	free(text);
	if (definition == NULL)
		tell(folder, "%s:%lu: %s", path, err.line, err.what);
	add_all(folder, definition, path);
}

static int is_xml(const struct dirent *entry)
{
	size_t len = strlen(entry->d_name);

	return entry->d_name[0] != '.' && len > 4 && strcmp(entry->d_name + len - 4, ".xml") == 0;
}

bool models_read_folder(struct ctl_models *models, const char *dir, ctl_models_problem_t problem,
			void *arg)
{
	struct folder folder = {.models = models, .problem = problem, .arg = arg};
	struct dirent **entries;
	int count = scandir(dir, &entries, is_xml, alphasort);

	if (count < 0) {
		tell(&folder, "%s: cannot be read (%s)", dir, strerror(errno));
		return errno != ENOMEM;
	}
	for (int i = 0; i < count; i++) {
		char path[4096];

		if (snprintf(path, sizeof(path), "%s/%s", dir, entries[i]->d_name) <
		    (int)sizeof(path))
			read_one(&folder, path);
		else
			tell(&folder, "%s: the name of a file is too long", dir);
		free(entries[i]);
	}
	free(entries);
	return !folder.out_of_memory;
}
