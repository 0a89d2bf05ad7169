// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// In place of secure.c when the build has no wolfSSL.
#include "tests/device/secure.h"

#include <stdio.h>

struct secure *secure_new(const struct secure_params *params, const int *fd)
{
	fprintf(stderr, "sluice-test-device: built without DTLS\n");
	return NULL;
}

void secure_free(struct secure *s)
{
}

// The rest is never called.
int secure_connect(struct secure *s, unsigned timeout_ms)
{
	return -1;
}

bool secure_resumed(const struct secure *s)
{
	return false;
}

ssize_t secure_read(struct secure *s, void *buf, size_t room)
{
	return -1;
}

int secure_write(struct secure *s, const void *data, size_t len)
{
	return -1;
}

void secure_close(struct secure *s)
{
}

int secure_rekey(struct secure *s)
{
	return -1;
}

int secure_alert(const struct secure *s)
{
	return -1;
}
