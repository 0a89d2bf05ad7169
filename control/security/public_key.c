// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
#include "control/security/public_key.h"

#include <stdlib.h>
#include <string.h>

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/objects.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include "control/json/json_out.h"
#include "control/security/hex.h"

// Nearly every device's key: what stands before the point of an uncompressed key of P-256. Decoding
// it by hand is worth it, as a fleet comes by the million.
static const uint8_t p256_head[] = {0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48,
				    0xce, 0x3d, 0x02, 0x01, 0x06, 0x08, 0x2a, 0x86, 0x48,
				    0xce, 0x3d, 0x03, 0x01, 0x07, 0x03, 0x42, 0x00};
#define P256_POINT 65u

static bool p256_ok(const uint8_t *point)
{
	static EC_GROUP *group;
	EC_POINT *at;
	bool ok;

	if (group == NULL)
		group = EC_GROUP_new_by_curve_name(NID_X9_62_prime256v1);
	at = group != NULL ? EC_POINT_new(group) : NULL;
	ok = at != NULL && EC_POINT_oct2point(group, at, point, P256_POINT, NULL) == 1;
	EC_POINT_free(at);
	return ok;
}

static EVP_PKEY *key_decode(const void *der, size_t len)
{
	const unsigned char *at = der;
	EVP_PKEY *key = d2i_PUBKEY(NULL, &at, (long)len);

	if (key != NULL && at == (const unsigned char *)der + len &&
	    EVP_PKEY_get_base_id(key) == EVP_PKEY_EC)
		return key;
	EVP_PKEY_free(key);
	return NULL;
}

bool ctl_public_key_ok(const void *der, size_t len)
{
	EVP_PKEY *key;

	if (len == 0 || len > CTL_PUBLIC_KEY_MAX)
		return false;
	if (len == sizeof(p256_head) + P256_POINT && memcmp(der, p256_head, sizeof(p256_head)) == 0)
		return p256_ok((const uint8_t *)der + sizeof(p256_head));
	key = key_decode(der, len);
	EVP_PKEY_free(key);
	return key != NULL;
}

// As Java calls them.
static json_t *curve_json(const EVP_PKEY *key)
{
	static const struct {
		const char *name, *text;
	} curves[] = {
		{"prime256v1", "secp256r1 [NIST P-256,X9.62 prime256v1] (1.2.840.10045.3.1.7)"},
		{"secp384r1", "secp384r1 [NIST P-384] (1.3.132.0.34)"},
		{"secp521r1", "secp521r1 [NIST P-521] (1.3.132.0.35)"},
	};
	char name[64] = "";

	EVP_PKEY_get_group_name(key, name, sizeof(name), NULL);
	for (size_t i = 0; i < sizeof(curves) / sizeof(curves[0]); i++)
		if (strcmp(curves[i].name, name) == 0)
			return json_string(curves[i].text);
	return json_string(name);
}

// A coordinate, without leading zero bytes.
static json_t *coordinate_json(const EVP_PKEY *key, const char *which)
{
	uint8_t bytes[128];
	char text[2 * sizeof(bytes)];
	BIGNUM *number = NULL;
	int len = 0;

	if (EVP_PKEY_get_bn_param(key, which, &number) == 1 &&
	    BN_num_bytes(number) <= (int)sizeof(bytes))
		len = BN_bn2bin(number, bytes);
	BN_free(number);
	ctl_hex(bytes, (size_t)len, text);
	return json_stringn(text, 2 * (size_t)len);
}

json_t *ctl_base64_json(const void *bytes, size_t len)
{
	struct json_out out = {0};
	json_t *json = NULL;

	json_out_base64(&out, bytes, len);
	if (!out.failed && out.len >= 2) // without the quotes
		json = json_stringn(out.text + 1, out.len - 2);
	json_out_free(&out);
	return json;
}

json_t *ctl_public_key_json(const void *der, size_t len)
{
	EVP_PKEY *key = key_decode(der, len);
	json_t *json;

	if (key == NULL)
		return NULL;
	json = json_pack("{s:o, s:o, s:o, s:o}", "x",
			 coordinate_json(key, OSSL_PKEY_PARAM_EC_PUB_X), "y",
			 coordinate_json(key, OSSL_PKEY_PARAM_EC_PUB_Y), "params", curve_json(key),
			 "b64Der", ctl_base64_json(der, len));
	EVP_PKEY_free(key);
	return json;
}

static bool string_tell(const ASN1_STRING *string, ctl_name_cb_t cb, void *arg)
{
	unsigned char *text;
	int len = ASN1_STRING_to_UTF8(&text, string);
	bool done;

	if (len < 0)
		return false;
	done = len > 0 && cb((const char *)text, (size_t)len, arg);
	OPENSSL_free(text);
	return done;
}

static bool alternatives_tell(const X509 *certificate, ctl_name_cb_t cb, void *arg)
{
	GENERAL_NAMES *names = X509_get_ext_d2i(certificate, NID_subject_alt_name, NULL, NULL);
	bool done = false;

	for (int i = 0; !done && i < sk_GENERAL_NAME_num(names); i++) {
		const GENERAL_NAME *name = sk_GENERAL_NAME_value(names, i);

		if (name->type == GEN_DNS || name->type == GEN_URI)
			done = string_tell(name->d.ia5, cb, arg);
	}
	GENERAL_NAMES_free(names);
	return done;
}

static bool common_names_tell(const X509 *certificate, ctl_name_cb_t cb, void *arg)
{
	const X509_NAME *subject = X509_get_subject_name(certificate);
	bool done = false;

	for (int at = -1; !done;) {
		at = X509_NAME_get_index_by_NID(subject, NID_commonName, at);
		if (at < 0)
			break;
		done = string_tell(X509_NAME_ENTRY_get_data(X509_NAME_get_entry(subject, at)), cb,
				   arg);
	}
	return done;
}

bool ctl_certificate_names(const void *der, size_t len, ctl_name_cb_t cb, void *arg)
{
	const unsigned char *at = der;
	X509 *certificate = len <= CTL_CERTIFICATE_MAX ? d2i_X509(NULL, &at, (long)len) : NULL;
	bool done;

	if (certificate == NULL)
		return false;
	done = alternatives_tell(certificate, cb, arg) || common_names_tell(certificate, cb, arg);
	X509_free(certificate);
	return done;
}

uint32_t ctl_certificate_until(const void *der, size_t len)
{
	const unsigned char *at = der;
	X509 *certificate = len <= CTL_CERTIFICATE_MAX ? d2i_X509(NULL, &at, (long)len) : NULL;
	struct tm end;
	time_t until = 0;

	if (certificate == NULL)
		return 0;
	if (ASN1_TIME_to_tm(X509_get0_notAfter(certificate), &end) == 1)
		until = timegm(&end);
	X509_free(certificate);
	return until < 0 ? 0 : until > UINT32_MAX ? UINT32_MAX : (uint32_t)until;
}
