// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// The gateway's own certificate and key, from files made by the test.
#include "control/security/own.h"

#include <ftw.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#define NOW_S 1800000000

static char directory[64], why[160];
static struct config_security cfg;

static char *path_of(const char *name)
{
	char *path;

	assert_true(asprintf(&path, "%s/%s", directory, name) > 0);
	return path;
}

static FILE *file_new(const char *name, char **path)
{
	FILE *file;

	*path = path_of(name);
	file = fopen(*path, "w");
	assert_non_null(file);
	return file;
}

static EVP_PKEY *key_new(const char *name, char **path)
{
	EVP_PKEY *key = EVP_EC_gen("P-256");
	FILE *file = file_new(name, path);

	assert_int_equal(PEM_write_PrivateKey(file, key, NULL, NULL, 0, NULL, NULL), 1);
	fclose(file);
	return key;
}

static X509 *certificate_new(EVP_PKEY *key, int64_t from_s, int64_t until_s)
{
	X509 *certificate = X509_new();

	ASN1_TIME_set(X509_getm_notBefore(certificate), (time_t)from_s);
	ASN1_TIME_set(X509_getm_notAfter(certificate), (time_t)until_s);
	X509_set_pubkey(certificate, key);
	assert_true(X509_sign(certificate, key, EVP_sha256()) > 0);
	return certificate;
}

static void certificate_write(const char *name, char **path, EVP_PKEY *key, int64_t until_s)
{
	X509 *certificate = certificate_new(key, NOW_S - 100, until_s);
	FILE *file = file_new(name, path);

	assert_int_equal(PEM_write_X509(file, certificate), 1);
	fclose(file);
	X509_free(certificate);
}

static int setup(void **state)
{
	cfg = (struct config_security){0};
	strcpy(directory, "/tmp/sluice-own-XXXXXX");
	assert_non_null(mkdtemp(directory));
	return 0;
}

static int on_file(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	return remove(path);
}

static int teardown(void **state)
{
	free(cfg.key);
	free(cfg.certificate);
	free(cfg.ca);
	return nftw(directory, on_file, 4, FTW_DEPTH | FTW_PHYS);
}

static struct ctl_own *load(void)
{
	struct ctl_own *own;

	if (ctl_own_load(&cfg, &own, why) != 0)
		fail_msg("%s", why);
	return own;
}

static void assert_refused(const char *text)
{
	struct ctl_own *own;

	assert_true(ctl_own_load(&cfg, &own, why) < 0);
	if (strstr(why, text) == NULL)
		fail_msg("%s", why);
}

static size_t members(json_t *json)
{
	size_t count = json_object_size(json);

	json_decref(json);
	return count;
}

static void without_files_there_is_nothing_to_show(void **state)
{
	struct ctl_own *own = load();

	assert_int_equal(members(ctl_own_json(own)), 0);
	assert_int_equal(members(ctl_own_json(NULL)), 0);
	assert_false(ctl_own_expired(own, NOW_S));
	ctl_own_free(own);
}

static void a_key_alone_is_shown_as_a_raw_public_key(void **state)
{
	EVP_PKEY *key = key_new("key", &cfg.key);
	struct ctl_own *own = load();
	json_t *json = ctl_own_json(own), *pubkey = json_object_get(json, "pubkey");

	assert_int_equal(json_object_size(json), 1);
	assert_int_equal(json_object_size(pubkey), 4);
	assert_int_equal(json_string_length(json_object_get(pubkey, "b64Der")), 124);
	json_decref(json);
	ctl_own_free(own);
	EVP_PKEY_free(key);
}

static void a_certificate_is_shown_with_its_key(void **state)
{
	EVP_PKEY *key = key_new("key", &cfg.key);
	struct ctl_own *own;
	json_t *json, *certificate;

	certificate_write("certificate", &cfg.certificate, key, NOW_S + 100);
	certificate_write("ca", &cfg.ca, key, NOW_S + 100);
	own = load();
	json = ctl_own_json(own);
	certificate = json_object_get(json, "certificate");
	assert_int_equal(json_object_size(json), 1);
	assert_int_equal(json_object_size(certificate), 2);
	assert_int_equal(json_object_size(json_object_get(certificate, "pubkey")), 4);
	assert_true(json_is_string(json_object_get(certificate, "b64Der")));
	assert_false(ctl_own_expired(own, NOW_S));
	assert_true(ctl_own_expired(own, NOW_S + 200));
	assert_true(ctl_own_expired(own, NOW_S - 200));
	json_decref(json);
	ctl_own_free(own);
	EVP_PKEY_free(key);
}

static void a_file_that_is_not_what_it_should_be_is_named(void **state)
{
	char *other_path, *text_path;
	EVP_PKEY *key = key_new("key", &cfg.key), *other = key_new("other", &other_path);
	FILE *file = file_new("text", &text_path);
	EVP_PKEY *rsa = EVP_RSA_gen(2048);
	struct config_certificate named;
	char *right = cfg.key;

	fputs("nothing of that kind\n", file);
	fclose(file);
	cfg.key = text_path;
	assert_refused("no private key in PEM");
	cfg.key = right;
	cfg.ca = text_path;
	assert_refused("security.ca");
	cfg.ca = NULL;
	cfg.certificate = text_path;
	assert_refused("no certificate in PEM");
	certificate_write("certificate", &cfg.certificate, other, NOW_S + 100);
	assert_refused("not of the private key that goes with it");
	named = (struct config_certificate){.certificate = cfg.certificate, .key = other_path};
	cfg.certificate = NULL;
	cfg.by_name = &named;
	cfg.by_name_count = 1;
	ctl_own_free(load());
	named.key = right;
	assert_refused("not of the private key that goes with it");
	named.key = text_path;
	assert_refused("no private key in PEM");
	cfg.by_name_count = 0;
	cfg.certificate = named.certificate;
	free(cfg.certificate);
	cfg.certificate = path_of("nowhere");
	assert_refused("No such file");
	file = fopen(text_path, "w");
	PEM_write_PrivateKey(file, rsa, NULL, NULL, 0, NULL, NULL);
	fclose(file);
	cfg.key = text_path;
	assert_refused("not a key of an elliptic curve");
	file = fopen(text_path, "w");
	PEM_write_PrivateKey(file, key, EVP_aes_128_cbc(), (const unsigned char *)"pw", 2, NULL,
			     NULL);
	fclose(file);
	assert_refused("without a password");
	cfg.key = right;
	free(text_path);
	free(other_path);
	EVP_PKEY_free(rsa);
	EVP_PKEY_free(other);
	EVP_PKEY_free(key);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
		T(without_files_there_is_nothing_to_show),
		T(a_key_alone_is_shown_as_a_raw_public_key),
		T(a_certificate_is_shown_with_its_key),
		T(a_file_that_is_not_what_it_should_be_is_named),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
