// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// A disk that fails when it is told to: preloaded into the process under test, in front of the C
// library's calls that write to files and make them durable. FAULT_DISK names a file of struct
// fault_disk, which the test writes; FAULT_DISK_BELOW the directory whose files are concerned.
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

struct fault_disk {
	uint32_t sync_errno;  // of fsync, fdatasync and msync; 0: they work
	uint32_t write_errno; // of everything that writes, truncates or allocates
	uint32_t torn;        // a write that fails has written its first half
	uint32_t permille;    // of the calls fail
	uint32_t delay_us;    // of every sync, so that a memory file system takes as long as a disk
};

static volatile const struct fault_disk *fault;
static char below[512];
static uint32_t draws;

__attribute__((constructor)) static void fault_disk_start(void)
{
	const char *path = getenv("FAULT_DISK"), *directory = getenv("FAULT_DISK_BELOW");
	int fd = path ? open(path, O_RDONLY | O_CLOEXEC) : -1;

	if (fd < 0 || !directory || !realpath(directory, below)) {
		fprintf(stderr, "fault-disk: FAULT_DISK or FAULT_DISK_BELOW names nothing\n");
		abort();
	}
	fault = mmap(NULL, sizeof(*fault), PROT_READ, MAP_SHARED, fd, 0);
	close(fd);
	if (fault == MAP_FAILED)
		abort();
}

static bool concerns(int fd)
{
	char link[64], path[512];

	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	ssize_t len = readlink(link, path, sizeof(path) - 1);
	if (len <= 0)
		return false;
	path[len] = 0;
	return strncmp(path, below, strlen(below)) == 0;
}

static bool drawn(void)
{
	uint32_t n = __atomic_add_fetch(&draws, 1, __ATOMIC_RELAXED) * 2654435761u;

	return (n >> 16) % 1000 < fault->permille;
}

static bool fails(int fd, uint32_t error)
{
	if (error == 0 || !drawn() || !concerns(fd))
		return false;
	errno = (int)error;
	return true;
}

// What the name would mean without this file.
#define REAL(name)                     \
	static __typeof__(&name) real; \
	if (!real)                     \
	real = (__typeof__(&name))dlsym(RTLD_NEXT, #name)

static void take_time(int fd)
{
	struct timespec delay = {.tv_sec = fault->delay_us / 1000000,
				 .tv_nsec = (long)(fault->delay_us % 1000000) * 1000};

	if (fault->delay_us > 0 && concerns(fd))
		nanosleep(&delay, NULL);
}

#define SYNC(name)                                                   \
	int name(int fd)                                             \
	{                                                            \
		REAL(name);                                          \
		take_time(fd);                                       \
		return fails(fd, fault->sync_errno) ? -1 : real(fd); \
	}
SYNC(fsync)
SYNC(fdatasync)

#define WRITE(name, offset_t)                                                \
	ssize_t name(int fd, const void *bytes, size_t len, offset_t offset) \
	{                                                                    \
		REAL(name);                                                  \
		if (!fails(fd, fault->write_errno))                          \
			return real(fd, bytes, len, offset);                 \
		int error = errno;                                           \
		if (fault->torn)                                             \
			(void)!real(fd, bytes, len / 2, offset);             \
		errno = error;                                               \
		return -1;                                                   \
	}
WRITE(pwrite, off_t)
WRITE(pwrite64, off64_t)

#define WRITEV(name, offset_t)                                              \
	ssize_t name(int fd, const struct iovec *v, int n, offset_t offset) \
	{                                                                   \
		REAL(name);                                                 \
		if (!fails(fd, fault->write_errno))                         \
			return real(fd, v, n, offset);                      \
		int error = errno;                                          \
		if (fault->torn && n > 1)                                   \
			(void)!real(fd, v, n / 2, offset);                  \
		errno = error;                                              \
		return -1;                                                  \
	}
WRITEV(pwritev, off_t)
WRITEV(pwritev64, off64_t)

ssize_t write(int fd, const void *bytes, size_t len)
{
	REAL(write);
	return fails(fd, fault->write_errno) ? -1 : real(fd, bytes, len);
}

ssize_t writev(int fd, const struct iovec *v, int n)
{
	REAL(writev);
	return fails(fd, fault->write_errno) ? -1 : real(fd, v, n);
}

int ftruncate(int fd, off_t len)
{
	REAL(ftruncate);
	return fails(fd, fault->write_errno) ? -1 : real(fd, len);
}

int ftruncate64(int fd, off64_t len)
{
	REAL(ftruncate64);
	return fails(fd, fault->write_errno) ? -1 : real(fd, len);
}
