// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
#include "dataplane/dtls/server.h"

#include <wolfssl/wolfcrypt/asn_public.h>
#include <wolfssl/wolfcrypt/ecc.h>
#include <wolfssl/wolfcrypt/sha256.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "dataplane/dtls/handshake.h"
#include "dataplane/dtls/resumption.h"

// What records can be protected with afterwards (dtls_suite_from_iana), in our order.
#define SUITES_13 "TLS13-AES128-CCM-8-SHA256:TLS13-AES128-CCM-SHA256:TLS13-AES128-GCM-SHA256"
#define SUITES_PSK                                                                    \
	"PSK-AES128-CCM-8:PSK-AES128-CCM:PSK-AES128-GCM-SHA256:ECDHE-PSK-AES128-GCM-" \
	"SHA256"
#define SUITES_PSK_12 "PSK-AES128-CCM-8:PSK-AES128-CCM:PSK-AES128-GCM-SHA256" // dtls_hello_psk_12
#define SUITES_ECDSA  "ECDHE-ECDSA-AES128-CCM-8:ECDHE-ECDSA-AES128-CCM:ECDHE-ECDSA-AES128-GCM-SHA256"

// wolfSSL's own bound; what counts is resumption.c's.
#define TICKET_AGE_MAX_S 604800

#define RPK_MAX 512 // a SubjectPublicKeyInfo of the curves that there are
#define PEM_MAX (64u << 10)

static WOLFSSL_CTX *context_new(const char *suites, bool with_13)
{
	WOLFSSL_CTX *ctx =
		wolfSSL_CTX_new(with_13 ? wolfDTLS_server_method() : wolfDTLSv1_2_server_method());

	if (!ctx)
		return NULL;
	wolfSSL_CTX_SetIORecv(ctx, dtls_handshake_recv);
	wolfSSL_CTX_SetIOSend(ctx, dtls_handshake_send);
	wolfSSL_CTX_set_psk_server_callback(ctx, dtls_handshake_psk);
	wolfSSL_CTX_set_psk_server_tls13_callback(ctx, dtls_handshake_psk_13);
	// In DTLS 1.3 that lets a client without a certificate through: see proved() in
	// handshake.c.
	wolfSSL_CTX_set_verify(ctx, WOLFSSL_VERIFY_PEER | WOLFSSL_VERIFY_FAIL_EXCEPT_PSK,
			       dtls_handshake_verify);
	wolfSSL_CTX_set_session_cache_mode(ctx, WOLFSSL_SESS_CACHE_OFF);
	if (wolfSSL_CTX_set_cipher_list(ctx, suites) == WOLFSSL_SUCCESS &&
	    wolfSSL_CTX_SetMinVersion(ctx, WOLFSSL_DTLSV1_2) == WOLFSSL_SUCCESS &&
	    wolfSSL_CTX_set_TicketEncCb(ctx, dtls_resumption_ticket) == WOLFSSL_SUCCESS &&
	    wolfSSL_CTX_UseSessionTicket(ctx) == WOLFSSL_SUCCESS && // a new one for a bad one, too
	    wolfSSL_CTX_set_timeout(ctx, TICKET_AGE_MAX_S) == WOLFSSL_SUCCESS)
		return ctx;
	wolfSSL_CTX_free(ctx);
	return NULL;
}

// RFC 7250: what we are known by and what we take from devices.
static bool set_types(WOLFSSL_CTX *ctx, char ours)
{
	const char server[] = {ours}, client[] = {WOLFSSL_CERT_TYPE_RPK, WOLFSSL_CERT_TYPE_X509};

	return wolfSSL_CTX_set_server_cert_type(ctx, server, sizeof(server)) == WOLFSSL_SUCCESS &&
	       wolfSSL_CTX_set_client_cert_type(ctx, client, sizeof(client)) == WOLFSSL_SUCCESS;
}

static int problem(char why[static 160], const char *file, const char *what)
{
	snprintf(why, 160, "%.100s, %s", file, what);
	return -EINVAL;
}

static int load_key(WOLFSSL_CTX *ctx, const char *key, const char *ca, char why[static 160])
{
	if (wolfSSL_CTX_use_PrivateKey_file(ctx, key, WOLFSSL_FILETYPE_PEM) != WOLFSSL_SUCCESS)
		return problem(why, key, "not a private key (PEM)");
	if (ca && wolfSSL_CTX_load_verify_locations(ctx, ca, NULL) != WOLFSSL_SUCCESS)
		return problem(why, ca, "not certificates of authorities (PEM)");
	return 0;
}

static int read_pem(const char *file, uint8_t pem[static PEM_MAX])
{
	FILE *f = fopen(file, "re");
	int len = f ? (int)fread(pem, 1, PEM_MAX, f) : 0;

	if (f)
		fclose(f);
	return len;
}

// The public half of the key, as it stands in a Certificate message; its length, 0: not a key of an
// elliptic curve.
static int public_half(const char *file, uint8_t rpk[static RPK_MAX])
{
	static uint8_t pem[PEM_MAX], der[PEM_MAX];
	word32 at = 0;
	int len = wc_KeyPemToDer(pem, read_pem(file, pem), der, sizeof(der), NULL);
	ecc_key key;
	int ret = 0;

	if (len > 0 && wc_ecc_init(&key) == 0) {
		if (wc_EccPrivateKeyDecode(der, &at, &key, (word32)len) == 0 &&
		    (key.type == ECC_PRIVATEKEY || wc_ecc_make_pub(&key, NULL) == 0))
			ret = wc_EccPublicKeyToDer(&key, rpk, RPK_MAX, 1);
		wc_ecc_free(&key);
	}
	explicit_bzero(pem, sizeof(pem));
	explicit_bzero(der, sizeof(der));
	return ret > 0 ? ret : 0;
}

// False: the key is known to be another's. (wolfSSL's own check takes any key of the curve.)
static bool belongs(const char *certificate, const char *key)
{
	static uint8_t pem[PEM_MAX], der[PEM_MAX];
	uint8_t of_key[RPK_MAX], of_certificate[RPK_MAX];
	word32 certificate_len = sizeof(of_certificate);
	int len = wc_CertPemToDer(pem, read_pem(certificate, pem), der, sizeof(der), CERT_TYPE);
	int key_len = public_half(key, of_key);

	if (len <= 0 || key_len == 0 ||
	    wc_GetSubjectPubKeyInfoDerFromCert(der, (word32)len, of_certificate,
					       &certificate_len) != 0)
		return true;
	// A point that is written in another way has another length.
	return (word32)key_len != certificate_len ||
	       memcmp(of_key, of_certificate, certificate_len) == 0;
}

static int new_with_certificate(WOLFSSL_CTX **ctx, const char *certificate, const char *key,
				const char *ca, char why[static 160])
{
	*ctx = context_new(SUITES_13 ":" SUITES_PSK ":" SUITES_ECDSA, true);
	if (!*ctx)
		return -ENOMEM;
	if (wolfSSL_CTX_use_certificate_chain_file(*ctx, certificate) != WOLFSSL_SUCCESS)
		return problem(why, certificate, "not a certificate (PEM)");
	if (load_key(*ctx, key, ca, why) < 0)
		return -EINVAL;
	if (!belongs(certificate, key)) {
		snprintf(why, 160, "%.60s, not of the private key in %.60s", certificate, key);
		return -EINVAL;
	}
	if (!set_types(*ctx, WOLFSSL_CERT_TYPE_X509))
		return problem(why, certificate, "cannot be used");
	return 0;
}

static int add_raw_key(struct dtls_server *server, const struct dtls_files *files,
		       char why[static 160])
{
	uint8_t rpk[RPK_MAX];
	int len = public_half(files->key, rpk);

	if (len == 0) // RSA, say: good for a certificate only
		return files->certificate ? 0
					  : problem(why, files->key,
						    "not a private key of an elliptic curve (PEM)");
	server->rpk = context_new(SUITES_13 ":" SUITES_PSK ":" SUITES_ECDSA, true);
	if (!server->rpk)
		return -ENOMEM;
	if (!set_types(server->rpk, WOLFSSL_CERT_TYPE_RPK) ||
	    wolfSSL_CTX_use_certificate_buffer(server->rpk, rpk, len, WOLFSSL_FILETYPE_ASN1) !=
		    WOLFSSL_SUCCESS)
		return problem(why, files->key, "cannot be used as a raw public key");
	return load_key(server->rpk, files->key, files->ca, why);
}

// Of all that is in the file: a ticket counts no longer once others are trusted.
static int digest_trust(struct dtls_server *server, const char *ca)
{
	uint8_t block[4096];
	wc_Sha256 hash;
	FILE *f = ca ? fopen(ca, "re") : NULL;
	size_t len;

	if (!f)
		return ca ? -errno : 0;
	wc_InitSha256(&hash);
	while ((len = fread(block, 1, sizeof(block), f)) > 0)
		wc_Sha256Update(&hash, block, (word32)len);
	wc_Sha256Final(&hash, server->trust);
	fclose(f);
	return 0;
}

static int set_lifetime(WOLFSSL_CTX *ctx, uint32_t lifetime_s)
{
	return !ctx || wolfSSL_CTX_set_TicketHint(ctx, (int)lifetime_s) == WOLFSSL_SUCCESS
		       ? 0
		       : -EINVAL;
}

static int set_tickets(struct dtls_server *server, const struct dtls_files *files)
{
	int ret = digest_trust(server, files->ca);

	ret |= set_lifetime(server->psk, files->ticket_lifetime_s);
	ret |= set_lifetime(server->psk_12, files->ticket_lifetime_s);
	ret |= set_lifetime(server->x509, files->ticket_lifetime_s);
	ret |= set_lifetime(server->rpk, files->ticket_lifetime_s);
	for (uint32_t i = 0; i < server->named_count; i++)
		ret |= set_lifetime(server->named[i].ctx, files->ticket_lifetime_s);
	return ret == 0 ? 0 : -EINVAL;
}

static int add_named(struct dtls_server *server, const struct dtls_files *files,
		     char why[static 160])
{
	server->named = calloc(files->named_count, sizeof(*server->named));
	if (!server->named)
		return -ENOMEM;
	for (uint32_t i = 0; i < files->named_count; i++) {
		const struct config_certificate *from = &files->named[i];
		struct dtls_named *named = &server->named[i];
		int ret;

		server->named_count++;
		named->name = strdup(from->name);
		if (!named->name)
			return -ENOMEM;
		ret = new_with_certificate(&named->ctx, from->certificate, from->key, files->ca,
					   why);
		if (ret < 0)
			return ret;
	}
	return 0;
}

// RFC 6066 section 3: names are compared without regard to case.
WOLFSSL_CTX *dtls_server_named(const struct dtls_server *server, const uint8_t *name, size_t len)
{
	for (uint32_t i = 0; i < server->named_count; i++)
		if (strlen(server->named[i].name) == len &&
		    strncasecmp(server->named[i].name, (const char *)name, len) == 0)
			return server->named[i].ctx;
	return server->x509;
}

int dtls_server_init(struct dtls_server *server, const struct dtls_files *files,
		     char why[static 160])
{
	int ret = 0;

	memset(server, 0, sizeof(*server));
	snprintf(why, 160, "DTLS, not enough memory");
	server->psk = context_new(SUITES_13 ":" SUITES_PSK, true);
	server->psk_12 = context_new(SUITES_PSK_12, false);
	if (!server->psk || !server->psk_12) {
		dtls_server_fini(server);
		return -ENOMEM;
	}
	if (files->certificate)
		ret = new_with_certificate(&server->x509, files->certificate, files->key, files->ca,
					   why);
	else
		server->x509 = server->psk;
	if (ret == 0 && files->key)
		ret = add_raw_key(server, files, why);
	if (ret == 0 && files->named_count > 0)
		ret = add_named(server, files, why);
	if (ret == 0 && set_tickets(server, files) < 0)
		ret = problem(why, files->ca ? files->ca : "DTLS", "cannot be read again");
	if (ret < 0)
		dtls_server_fini(server);
	return ret;
}

void dtls_server_fini(struct dtls_server *server)
{
	if (server->x509 && server->x509 != server->psk)
		wolfSSL_CTX_free(server->x509);
	if (server->psk)
		wolfSSL_CTX_free(server->psk);
	if (server->psk_12)
		wolfSSL_CTX_free(server->psk_12);
	if (server->rpk)
		wolfSSL_CTX_free(server->rpk);
	for (uint32_t i = 0; i < server->named_count; i++) {
		if (server->named[i].ctx)
			wolfSSL_CTX_free(server->named[i].ctx);
		free(server->named[i].name);
	}
	free(server->named);
	memset(server, 0, sizeof(*server));
}
