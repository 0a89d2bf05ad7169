// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
#include "control/security/own.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include "control/link/link.h"
#include "control/log.h"
#include "control/security/public_key.h"

LOG_TYPE("security");

struct ctl_own {
	EVP_PKEY *key;          // NULL: none
	STACK_OF(X509) * chain; // the gateway's own first; NULL: none
	bool told;              // the dataplane was, or has no use for them
};

static int problem(char why[static 160], const char *key, const char *path, const char *what)
{
	snprintf(why, 160, "security.%s %.80s, %s", key, path, what);
	return -EINVAL;
}

static BIO *file_open(const char *key, const char *path, char why[static 160])
{
	BIO *file;

	errno = 0;
	file = BIO_new_file(path, "r");
	if (file == NULL)
		snprintf(why, 160, "security.%s %.80s, cannot be read (%s)", key, path,
			 strerror(errno != 0 ? errno : ENOMEM));
	return file;
}

// Nobody is there to type it.
static int no_password(char *buf, int size, int writing, void *arg)
{
	return 0;
}

static int key_load(struct ctl_own *own, const char *path, char why[static 160])
{
	BIO *file = file_open("key", path, why);

	if (file == NULL)
		return -EINVAL;
	own->key = PEM_read_bio_PrivateKey(file, NULL, no_password, NULL);
	BIO_free(file);
	if (own->key == NULL)
		return problem(why, "key", path, "no private key in PEM without a password");
	if (EVP_PKEY_get_base_id(own->key) != EVP_PKEY_EC)
		return problem(why, "key", path, "not a key of an elliptic curve");
	return 0;
}

static void chain_free(STACK_OF(X509) * chain)
{
	sk_X509_pop_free(chain, X509_free);
}

// Every certificate of a file, at least one.
static int certificates_load(const char *key, const char *path, STACK_OF(X509) * *chain,
			     char why[static 160])
{
	BIO *file = file_open(key, path, why);
	X509 *certificate;

	if (file == NULL)
		return -EINVAL;
	*chain = sk_X509_new_null();
	while (*chain != NULL && (certificate = PEM_read_bio_X509(file, NULL, no_password, NULL)))
		if (sk_X509_push(*chain, certificate) == 0)
			X509_free(certificate);
	BIO_free(file);
	return *chain != NULL && sk_X509_num(*chain) > 0
		       ? 0
		       : problem(why, key, path, "no certificate in PEM");
}

static int certificate_load(struct ctl_own *own, const char *path, char why[static 160])
{
	int rc = certificates_load("certificate", path, &own->chain, why);

	if (rc == 0 && X509_check_private_key(sk_X509_value(own->chain, 0), own->key) != 1)
		return problem(why, "certificate", path,
			       "not of the private key that goes with it");
	return rc;
}

static int ca_check(const char *path, char why[static 160])
{
	STACK_OF(X509) *chain = NULL;
	int rc = certificates_load("ca", path, &chain, why);

	chain_free(chain);
	return rc;
}

// Only to see that they are good.
static int named_check(const struct config_certificate *named, char why[static 160])
{
	struct ctl_own one = {0};
	int rc = key_load(&one, named->key, why);

	if (rc == 0)
		rc = certificate_load(&one, named->certificate, why);
	EVP_PKEY_free(one.key);
	chain_free(one.chain);
	return rc;
}

int ctl_own_load(const struct config_security *cfg, struct ctl_own **out, char why[static 160])
{
	struct ctl_own *own = calloc(1, sizeof(*own));
	int rc = own != NULL ? 0 : -ENOMEM;

	if (rc != 0)
		snprintf(why, 160, "security, out of memory");
	if (rc == 0 && cfg->key != NULL)
		rc = key_load(own, cfg->key, why);
	if (rc == 0 && cfg->certificate != NULL)
		rc = certificate_load(own, cfg->certificate, why);
	if (rc == 0 && cfg->ca != NULL)
		rc = ca_check(cfg->ca, why);
	for (uint32_t i = 0; rc == 0 && i < cfg->by_name_count; i++)
		rc = named_check(&cfg->by_name[i], why);
	if (rc == 0)
		own->told = cfg->key == NULL && cfg->ca == NULL && cfg->by_name_count == 0;
	if (rc == 0)
		*out = own;
	else
		ctl_own_free(own);
	return rc;
}

void ctl_own_free(struct ctl_own *own)
{
	if (own == NULL)
		return;
	EVP_PKEY_free(own->key);
	chain_free(own->chain);
	free(own);
}

static json_t *public_json(const EVP_PKEY *key)
{
	unsigned char *der = NULL;
	int len = i2d_PUBKEY(key, &der);
	json_t *json = len > 0 ? ctl_public_key_json(der, (size_t)len) : NULL;

	OPENSSL_free(der);
	return json;
}

static json_t *der_json(const X509 *certificate)
{
	unsigned char *der = NULL;
	int len = i2d_X509(certificate, &der);
	json_t *json = len > 0 ? ctl_base64_json(der, (size_t)len) : NULL;

	OPENSSL_free(der);
	return json;
}

json_t *ctl_own_json(const struct ctl_own *own)
{
	if (own == NULL || own->key == NULL)
		return json_object();
	if (own->chain == NULL)
		return json_pack("{s:o}", "pubkey", public_json(own->key));
	return json_pack("{s:{s:o, s:o}}", "certificate", "pubkey", public_json(own->key), "b64Der",
			 der_json(sk_X509_value(own->chain, 0)));
}

bool ctl_own_expired(const struct ctl_own *own, int64_t wall_s)
{
	time_t now = (time_t)wall_s;

	for (int i = 0; i < sk_X509_num(own->chain); i++) {
		const X509 *certificate = sk_X509_value(own->chain, i);

		if (X509_cmp_time(X509_get0_notBefore(certificate), &now) > 0 ||
		    X509_cmp_time(X509_get0_notAfter(certificate), &now) < 0)
			return true;
	}
	return false;
}

// A dataplane that comes later reads them by itself, but one that is there already may have read
// them before they changed.
void ctl_own_on_ready(struct ctl *ctl)
{
	if (ctl->own == NULL || ctl->own->told || ctl->link == NULL)
		return;
	ctl->own->told = ctl_link_credentials_reload(ctl->link) == 0;
	if (!ctl->own->told && ctl_link_state(ctl->link) == CTL_LINK_READY)
		LOG(warning, "the dataplane is too busy to be told of the certificate and key");
}

int ctl_own_reload(struct ctl *ctl)
{
	struct ctl_own *own;
	char why[160];
	int rc = ctl_own_load(&ctl->cfg->security, &own, why);

	if (rc != 0) {
		LOG(error, "%s", why);
		return rc;
	}
	if (ctl_own_expired(own, (int64_t)time(NULL)))
		LOG(warning, "security.certificate %s, not valid now",
		    ctl->cfg->security.certificate);
	ctl_own_free(ctl->own);
	ctl->own = own;
	ctl_own_on_ready(ctl);
	return 0;
}
