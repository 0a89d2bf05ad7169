// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
#include "control/security/seal.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include "control/security/hex.h"

#define KEY_BYTES   32u
#define NONCE_BYTES 12u
#define TAG_BYTES   16u
static_assert(CTL_SEAL_OVERHEAD == NONCE_BYTES + TAG_BYTES, "layout on disk");

struct ctl_seal {
	EVP_CIPHER_CTX *sealing, *unsealing; // hold the key
	uint8_t root[CTL_SEAL_DERIVED];      // of what is derived
};

static int text_write(const char *path, const char *text, size_t len)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	int rc = 0;

	if (fd < 0)
		return -errno;
	if (write(fd, text, len) != (ssize_t)len || fsync(fd) != 0)
		rc = errno != 0 ? -errno : -EIO;
	close(fd);
	return rc;
}

static int directory_sync(const char *path)
{
	const char *slash = strrchr(path, '/');
	char directory[PATH_MAX] = ".";
	int fd, rc;

	if (slash != NULL)
		snprintf(directory, sizeof(directory), "%.*s",
			 slash == path ? 1 : (int)(slash - path), path);
	fd = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	rc = fsync(fd) == 0 ? 0 : -errno;
	close(fd);
	return rc;
}

// Under another name first: a key file that is there is whole, even after a power failure, and is
// never written over.
static int key_make(const char *path)
{
	char text[2 * KEY_BYTES + 1], fresh[PATH_MAX];
	uint8_t key[KEY_BYTES];
	int rc;

	if (snprintf(fresh, sizeof(fresh), "%s.new", path) >= (int)sizeof(fresh))
		return -ENAMETOOLONG;
	if (getrandom(key, sizeof(key), 0) != sizeof(key))
		return -EIO;
	ctl_hex(key, sizeof(key), text);
	text[2 * KEY_BYTES] = '\n';
	rc = text_write(fresh, text, sizeof(text));
	if (rc == 0 && link(fresh, path) != 0)
		rc = -errno;
	unlink(fresh);
	explicit_bzero(key, sizeof(key));
	explicit_bzero(text, sizeof(text));
	return rc != 0 ? rc : directory_sync(path);
}

static bool key_permitted(int fd, const char *path, char why[static 160])
{
	struct stat file;

	if (fstat(fd, &file) != 0 || !S_ISREG(file.st_mode)) {
		snprintf(why, 160, "security.key_file %.100s, not a file", path);
		return false;
	}
	if ((file.st_mode & 077) != 0) {
		snprintf(why, 160, "security.key_file %.80s, others may read it (chmod 600)", path);
		return false;
	}
	return true;
}

static bool key_read(const char *path, uint8_t key[static KEY_BYTES], char why[static 160])
{
	char text[2 * KEY_BYTES + 2];
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t len;
	bool ok;

	if (fd < 0) {
		snprintf(why, 160, "security.key_file %.80s, cannot be read (%s)", path,
			 strerror(errno));
		return false;
	}
	if (!key_permitted(fd, path, why)) {
		close(fd);
		return false;
	}
	len = read(fd, text, sizeof(text));
	close(fd);
	if (len == 2 * KEY_BYTES + 1 && text[2 * KEY_BYTES] == '\n')
		len--;
	ok = len == 2 * KEY_BYTES && ctl_unhex(text, 2 * KEY_BYTES, key);
	explicit_bzero(text, sizeof(text));
	if (!ok)
		snprintf(why, 160, "security.key_file %.80s, not a key (64 hexadecimal digits)",
			 path);
	return ok;
}

static bool hmac(const uint8_t key[static KEY_BYTES], const void *text, size_t len,
		 uint8_t out[static CTL_SEAL_DERIVED])
{
	unsigned int out_len = CTL_SEAL_DERIVED;

	return HMAC(EVP_sha256(), key, KEY_BYTES, text, len, out, &out_len) != NULL;
}

static bool contexts_make(struct ctl_seal *seal, const uint8_t key[static KEY_BYTES])
{
	seal->sealing = EVP_CIPHER_CTX_new();
	seal->unsealing = EVP_CIPHER_CTX_new();
	return seal->sealing != NULL && seal->unsealing != NULL &&
	       hmac(key, "derive", 6, seal->root) &&
	       EVP_EncryptInit_ex(seal->sealing, EVP_aes_256_gcm(), NULL, key, NULL) == 1 &&
	       EVP_DecryptInit_ex(seal->unsealing, EVP_aes_256_gcm(), NULL, key, NULL) == 1;
}

struct ctl_seal *ctl_seal_new(const char *path, bool make, char why[static 160])
{
	struct ctl_seal *seal = NULL;
	uint8_t key[KEY_BYTES];
	int rc = make && access(path, F_OK) != 0 && errno == ENOENT ? key_make(path) : 0;

	if (rc != 0 && rc != -EEXIST) {
		snprintf(why, 160, "security.key_file %.80s, cannot be made (%s)", path,
			 strerror(-rc));
		return NULL;
	}
	if (!key_read(path, key, why))
		return NULL;
	seal = calloc(1, sizeof(*seal));
	if (seal == NULL || !contexts_make(seal, key)) {
		snprintf(why, 160, "security.key_file, out of memory");
		ctl_seal_free(seal);
		seal = NULL;
	}
	explicit_bzero(key, sizeof(key));
	return seal;
}

void ctl_seal_free(struct ctl_seal *seal)
{
	if (seal == NULL)
		return;
	EVP_CIPHER_CTX_free(seal->sealing);
	EVP_CIPHER_CTX_free(seal->unsealing);
	explicit_bzero(seal->root, sizeof(seal->root));
	free(seal);
}

bool ctl_seal_derive(const struct ctl_seal *seal, const char *use, uint64_t number,
		     uint8_t out[static CTL_SEAL_DERIVED])
{
	char text[64];
	int len = snprintf(text, sizeof(text), "%s %" PRIu64, use, number);

	return len < (int)sizeof(text) && hmac(seal->root, text, (size_t)len, out);
}

bool ctl_seal(struct ctl_seal *seal, const void *data, size_t data_len, const void *plain,
	      size_t len, uint8_t *out)
{
	EVP_CIPHER_CTX *ctx = seal->sealing;
	uint8_t *text = out + NONCE_BYTES;
	int n;

	return getrandom(out, NONCE_BYTES, 0) == NONCE_BYTES &&
	       EVP_EncryptInit_ex(ctx, NULL, NULL, NULL, out) == 1 &&
	       EVP_EncryptUpdate(ctx, NULL, &n, data, (int)data_len) == 1 &&
	       EVP_EncryptUpdate(ctx, text, &n, plain, (int)len) == 1 &&
	       EVP_EncryptFinal_ex(ctx, text + len, &n) == 1 &&
	       EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_AEAD_GET_TAG, TAG_BYTES, text + len) == 1;
}

bool ctl_unseal(struct ctl_seal *seal, const void *data, size_t data_len, const void *sealed,
		size_t len, uint8_t *out)
{
	EVP_CIPHER_CTX *ctx = seal->unsealing;
	const uint8_t *text = (const uint8_t *)sealed + NONCE_BYTES;
	size_t out_len = len - CTL_SEAL_OVERHEAD;
	uint8_t tag[TAG_BYTES];
	int n;

	if (len < CTL_SEAL_OVERHEAD)
		return false;
	memcpy(tag, text + out_len, TAG_BYTES);
	return EVP_DecryptInit_ex(ctx, NULL, NULL, NULL, sealed) == 1 &&
	       EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_AEAD_SET_TAG, TAG_BYTES, tag) == 1 &&
	       EVP_DecryptUpdate(ctx, NULL, &n, data, (int)data_len) == 1 &&
	       EVP_DecryptUpdate(ctx, out, &n, text, (int)out_len) == 1 &&
	       EVP_DecryptFinal_ex(ctx, out + out_len, &n) == 1;
}
