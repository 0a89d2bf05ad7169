// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
#include "control/backend/request.h"

#include <curl/curl.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "control/backend/multi.h"
#include "control/backend/pack.h"
#include "control/backend/secret.h"
#include "control/backend/signature.h"

#define CONNECT_TIMEOUT_MS 5000L

struct requests {
	struct multi *multi;
};

struct request {
	struct requests *requests;
	const struct config_backend *cfg;
	request_cb_t cb;
	void *arg;
	CURL *easy;
	struct curl_slist *headers;
	struct secrets secrets;
	struct pack pack;
	uv_timer_t soon; // tells of a POST that could not begin
	char error[CURL_ERROR_SIZE];
	char why[160];
	bool posting, stale; // stale: what the secrets are read from may have changed
};

static void tell(struct request *request, const struct request_result *result)
{
	request->posting = false;
	request->cb(result, request->arg);
}

static const char *http_version(CURL *easy)
{
	long version = 0;

	curl_easy_getinfo(easy, CURLINFO_HTTP_VERSION, &version);
	return version == CURL_HTTP_VERSION_2_0   ? "2"
	       : version == CURL_HTTP_VERSION_1_0 ? "1.0"
						  : "1.1";
}

static void on_done(CURL *easy, CURLcode code, long response, void *arg)
{
	struct request *request = arg;
	struct request_result result = {.http = ""};
	curl_off_t retry_after = 0, took_us = 0;

	curl_easy_getinfo(easy, CURLINFO_TOTAL_TIME_T, &took_us);
	result.took_ms = (uint32_t)(took_us / 1000);
	result.answer.why = request->why;
	if (code != CURLE_OK) {
		snprintf(request->why, sizeof(request->why), "%.150s",
			 request->error[0] != '\0' ? request->error : curl_easy_strerror(code));
	} else {
		curl_easy_getinfo(easy, CURLINFO_RETRY_AFTER, &retry_after);
		snprintf(request->why, sizeof(request->why), "HTTP status %ld", response);
		result.answer.status = response;
		result.answer.retry_after_s =
			retry_after > UINT32_MAX ? UINT32_MAX : (uint32_t)retry_after;
		result.http = http_version(easy);
	}
	request->stale = response == 401 || response == 403;
	tell(request, &result);
}

struct requests *requests_new(uv_loop_t *loop)
{
	struct requests *requests = calloc(1, sizeof(*requests));

	if (requests == NULL)
		return NULL;
	requests->multi = multi_new(loop, on_done);
	if (requests->multi == NULL) {
		free(requests);
		return NULL;
	}
	return requests;
}

void requests_free(struct requests *requests)
{
	multi_free(requests->multi);
	free(requests);
}

static size_t on_body(char *data, size_t size, size_t count, void *arg)
{
	return size * count; // what a back end says beyond the status means nothing here
}

static bool header_add(struct curl_slist **headers, const char *line)
{
	struct curl_slist *longer = curl_slist_append(*headers, line);

	if (longer != NULL)
		*headers = longer;
	return longer != NULL;
}

static bool headers_make(struct request *request, const char *content_type,
			 const struct batch_text *body)
{
	const struct config_backend *cfg = request->cfg;
	char line[SIGNATURE_HEADER_MAX];
	struct curl_slist *headers = NULL;
	bool ok;

	snprintf(line, sizeof(line), "Content-Type: %.100s", content_type);
	// An empty Expect: no round trip to ask whether a large body is welcome.
	ok = header_add(&headers, line) && header_add(&headers, "Expect:");
	if (cfg->gzip)
		ok = ok && header_add(&headers, "Content-Encoding: gzip");
	for (uint32_t i = 0; i < cfg->headers_count; i++)
		ok = ok && header_add(&headers, cfg->headers[i]);
	if (request->secrets.hmac_key != NULL)
		ok = ok &&
		     signature_header(line, request->secrets.hmac_key, (uint64_t)time(NULL),
				      body->text, body->len) == 0 &&
		     header_add(&headers, line);
	curl_easy_setopt(request->easy, CURLOPT_HTTPHEADER, headers);
	curl_slist_free_all(request->headers);
	request->headers = headers;
	return ok;
}

static void auth_set(struct request *request)
{
	CURL *easy = request->easy;
	const struct secrets *secrets = &request->secrets;

	if (secrets->bearer != NULL) {
		curl_easy_setopt(easy, CURLOPT_HTTPAUTH, CURLAUTH_BEARER);
		curl_easy_setopt(easy, CURLOPT_XOAUTH2_BEARER, secrets->bearer);
	} else if (secrets->basic != NULL) {
		curl_easy_setopt(easy, CURLOPT_HTTPAUTH, CURLAUTH_BASIC);
		curl_easy_setopt(easy, CURLOPT_USERPWD, secrets->basic);
	}
}

static void tls_set(CURL *easy, const struct config_tls *tls)
{
	curl_easy_setopt(easy, CURLOPT_SSLVERSION, CURL_SSLVERSION_TLSv1_2);
	if (tls->ca != NULL)
		curl_easy_setopt(easy, CURLOPT_CAINFO, tls->ca);
	if (tls->certificate != NULL) {
		curl_easy_setopt(easy, CURLOPT_SSLCERT, tls->certificate);
		curl_easy_setopt(easy, CURLOPT_SSLKEY, tls->key);
	}
}

static void http_set(CURL *easy, enum config_http2 http2)
{
	static const long versions[] = {
		[CONFIG_HTTP2_AUTO] = CURL_HTTP_VERSION_2TLS,
		[CONFIG_HTTP2_NEVER] = CURL_HTTP_VERSION_1_1,
		[CONFIG_HTTP2_PRIOR_KNOWLEDGE] = CURL_HTTP_VERSION_2_PRIOR_KNOWLEDGE,
	};

	curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, versions[http2]);
	// Rather one connection that carries several requests than several that carry one each.
	if (http2 != CONFIG_HTTP2_NEVER)
		curl_easy_setopt(easy, CURLOPT_PIPEWAIT, 1L);
}

static int easy_make(struct request *request)
{
	const struct config_backend *cfg = request->cfg;
	CURL *easy = curl_easy_init();

	if (easy == NULL)
		return -ENOMEM;
	request->easy = easy;
	curl_easy_setopt(easy, CURLOPT_PRIVATE, request);
	curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, request->error);
	curl_easy_setopt(easy, CURLOPT_URL, cfg->url);
	curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
	curl_easy_setopt(easy, CURLOPT_PROXY, ""); // never from the environment
	curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(easy, CURLOPT_POST, 1L);
	curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, (long)cfg->timeout_s * 1000);
	curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, CONNECT_TIMEOUT_MS);
	curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, on_body);
	curl_easy_setopt(easy, CURLOPT_USERAGENT, "sluice/" SLUICE_VERSION);
	http_set(easy, cfg->http2);
	tls_set(easy, &cfg->tls);
	return 0;
}

struct request *request_new(struct requests *requests, const struct config_backend *cfg,
			    request_cb_t cb, void *arg, char why[static 160])
{
	struct request *request = calloc(1, sizeof(*request));

	snprintf(why, 160, "%s", strerror(ENOMEM));
	if (request == NULL)
		return NULL;
	request->requests = requests;
	request->cfg = cfg;
	request->cb = cb;
	request->arg = arg;
	request->stale = true;
	if (easy_make(request) != 0) {
		free(request);
		return NULL;
	}
	uv_timer_init(multi_loop(requests->multi), &request->soon);
	request->soon.data = request;
	return request;
}

static void on_closed(uv_handle_t *handle)
{
	free(handle->data);
}

void request_free(struct request *request)
{
	if (request->posting && !uv_is_active((uv_handle_t *)&request->soon))
		multi_remove(request->requests->multi, request->easy);
	curl_easy_cleanup(request->easy);
	curl_slist_free_all(request->headers);
	secrets_free(&request->secrets);
	pack_free(&request->pack);
	uv_close((uv_handle_t *)&request->soon, on_closed);
}

static void on_soon(uv_timer_t *timer)
{
	struct request *request = timer->data;
	struct request_result result = {.answer = {.why = request->why}, .http = ""};

	tell(request, &result);
}

static bool begin(struct request *request, const char *content_type, struct batch_text body)
{
	if (request->stale &&
	    secrets_load(&request->secrets, &request->cfg->auth, request->why) != 0)
		return false;
	request->stale = false;
	snprintf(request->why, sizeof(request->why), "no memory for the request");
	if (request->cfg->gzip) {
		if (pack_gzip(&request->pack, body.text, body.len) != 0)
			return false;
		body = (struct batch_text){request->pack.bytes, request->pack.len};
	}
	if (!headers_make(request, content_type, &body))
		return false;
	auth_set(request);
	request->error[0] = '\0';
	curl_easy_setopt(request->easy, CURLOPT_POSTFIELDS, body.text);
	curl_easy_setopt(request->easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)body.len);
	return multi_add(request->requests->multi, request->easy) == 0;
}

void request_post(struct request *request, const char *content_type, struct batch_text body)
{
	request->posting = true;
	if (!begin(request, content_type, body))
		uv_timer_start(&request->soon, on_soon, 0, 0);
}
