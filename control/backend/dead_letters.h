// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// What a back end refused for good: STATE/dead-letter/NAME.jsonl, one event a line. When it has
// half of the bytes it may have, it becomes NAME.jsonl.1, in place of the one before. Written on
// libuv's threads, synced before the callback; the rest is for the loop thread.
#pragma once

#include <stddef.h>
#include <stdint.h>
#include <uv.h>

struct dead_letters;

// 0, or -errno: nothing was written then.
typedef void (*dead_letters_cb_t)(int rc, unsigned lane, void *arg);

// The directory is made when it is needed. NULL when memory is out.
struct dead_letters *dead_letters_new(uv_loop_t *loop, const char *state, const char *name,
				      uint32_t max_bytes, dead_letters_cb_t cb, void *arg);
void dead_letters_free(struct dead_letters *letters); // nobody is called back any more

// Copies the text. 0 or -errno: the callback is not called then.
int dead_letters_write(struct dead_letters *letters, unsigned lane, const char *text, size_t len);
// How often an older file was given up for a newer one.
uint64_t dead_letters_lost_files(const struct dead_letters *letters);
