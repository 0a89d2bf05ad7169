// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
#include "control/backend/dead_letters.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define PATH_MAX_BYTES 4096

struct dead_letters {
	uv_loop_t *loop;
	dead_letters_cb_t cb; // NULL: freed, but for what is under way
	void *arg;
	unsigned under_way;
	uint64_t lost_files; // written by the thread that holds the lock
	uv_mutex_t lock;     // one writes at a time
	uint32_t max_bytes;
	char directory[PATH_MAX_BYTES];
	char path[PATH_MAX_BYTES];
	char older[PATH_MAX_BYTES];
};

struct letter {
	uv_work_t work;
	struct dead_letters *letters;
	unsigned lane;
	int rc;
	size_t len;
	char text[];
};

struct dead_letters *dead_letters_new(uv_loop_t *loop, const char *state, const char *name,
				      uint32_t max_bytes, dead_letters_cb_t cb, void *arg)
{
	struct dead_letters *letters = calloc(1, sizeof(*letters));

	if (letters == NULL)
		return NULL;
	letters->loop = loop;
	letters->cb = cb;
	letters->arg = arg;
	letters->max_bytes = max_bytes;
	snprintf(letters->directory, sizeof(letters->directory), "%.3900s/dead-letter", state);
	snprintf(letters->path, sizeof(letters->path), "%.3920s/%.100s.jsonl", letters->directory,
		 name);
	snprintf(letters->older, sizeof(letters->older), "%.4090s.1", letters->path);
	uv_mutex_init(&letters->lock);
	return letters;
}

static void release(struct dead_letters *letters)
{
	if (letters->cb != NULL || letters->under_way > 0)
		return;
	uv_mutex_destroy(&letters->lock);
	free(letters);
}

void dead_letters_free(struct dead_letters *letters)
{
	if (letters == NULL)
		return;
	letters->cb = NULL;
	release(letters);
}

uint64_t dead_letters_lost_files(const struct dead_letters *letters)
{
	return __atomic_load_n(&letters->lost_files, __ATOMIC_RELAXED);
}

// A name that is new on disk is there only once its directory is.
static int directory_sync(const char *path)
{
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int rc = fd >= 0 && fsync(fd) == 0 ? 0 : -errno;

	if (fd >= 0)
		close(fd);
	return rc;
}

static int rotate(struct dead_letters *letters)
{
	bool lost = access(letters->older, F_OK) == 0;

	if (rename(letters->path, letters->older) != 0)
		return -errno;
	if (lost)
		__atomic_add_fetch(&letters->lost_files, 1, __ATOMIC_RELAXED);
	return 0;
}

// All or nothing: half a line would spoil the next one.
static int append(int fd, off_t size, const char *text, size_t len)
{
	for (size_t done = 0; done < len;) {
		ssize_t n = write(fd, text + done, len - done);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0) {
			int rc = -errno;

			if (done > 0 && ftruncate(fd, size) != 0)
				return -EIO;
			return rc;
		}
		done += (size_t)n;
	}
	return fsync(fd) == 0 ? 0 : -errno;
}

static int file_open(struct dead_letters *letters, struct stat *st)
{
	int fd = open(letters->path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);

	if (fd < 0)
		return -errno;
	if (fstat(fd, st) != 0) {
		close(fd);
		return -EIO;
	}
	return fd;
}

static int letter_write(struct dead_letters *letters, const char *text, size_t len)
{
	struct stat st;
	int rc, fd;

	if (mkdir(letters->directory, 0700) != 0 && errno != EEXIST)
		return -errno;
	fd = file_open(letters, &st);
	if (fd >= 0 && st.st_size > 0 && (uint64_t)st.st_size + len > letters->max_bytes / 2) {
		close(fd);
		rc = rotate(letters);
		fd = rc == 0 ? file_open(letters, &st) : rc;
	}
	if (fd < 0)
		return fd;
	rc = append(fd, st.st_size, text, len);
	close(fd);
	if (rc == 0 && st.st_size == 0)
		rc = directory_sync(letters->directory);
	return rc;
}

static void on_work(uv_work_t *work)
{
	struct letter *letter = work->data;

	uv_mutex_lock(&letter->letters->lock);
	letter->rc = letter_write(letter->letters, letter->text, letter->len);
	uv_mutex_unlock(&letter->letters->lock);
}

static void on_written(uv_work_t *work, int status)
{
	struct letter *letter = work->data;
	struct dead_letters *letters = letter->letters;

	if (letters->cb != NULL)
		letters->cb(status != 0 ? status : letter->rc, letter->lane, letters->arg);
	letters->under_way--;
	release(letters);
	free(letter);
}

int dead_letters_write(struct dead_letters *letters, unsigned lane, const char *text, size_t len)
{
	struct letter *letter = malloc(sizeof(*letter) + len + 1);
	int rc;

	if (letter == NULL)
		return -ENOMEM;
	letter->work.data = letter;
	letter->letters = letters;
	letter->lane = lane;
	letter->len = len + 1;
	memcpy(letter->text, text, len);
	letter->text[len] = '\n';
	rc = uv_queue_work(letters->loop, &letter->work, on_work, on_written);
	if (rc != 0) {
		free(letter);
		return rc;
	}
	letters->under_way++;
	return 0;
}
