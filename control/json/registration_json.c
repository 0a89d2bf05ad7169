// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
#include "control/json/registration_json.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

#include "control/json/json_text.h"
#include "control/json/links_json.h"

void ctl_peer_text(const struct dp_peer *peer, char text[static CTL_ADDRESS_MAX])
{
	static const uint8_t v4_mapped[12] = {[10] = 0xff, [11] = 0xff};
	char addr[INET6_ADDRSTRLEN];
	unsigned int port = ntohs(peer->udp_port_be16);

	if (memcmp(peer->addr, v4_mapped, sizeof(v4_mapped)) == 0) {
		inet_ntop(AF_INET, peer->addr + 12, addr, sizeof(addr));
		snprintf(text, CTL_ADDRESS_MAX, "%s:%u", addr, port);
	} else {
		inet_ntop(AF_INET6, peer->addr, addr, sizeof(addr));
		snprintf(text, CTL_ADDRESS_MAX, "[%s]:%u", addr, port);
	}
}

static json_t *address_json(const struct ctl_record *record)
{
	char text[CTL_ADDRESS_MAX];

	ctl_peer_text(&record->peer, text);
	return json_string(text);
}

static json_t *location_json(const struct ctl_record *record)
{
	char text[10];

	ctl_location_text(record->location, text);
	return json_string(text);
}

// Letters in the order of the enabler's list. Only 1.0 has Q among them; 1.1 made it a parameter of
// its own (LwM2M core 1.1.1 section 6.2.1.2).
static json_t *binding_json(const struct ctl_record *record)
{
	static const struct {
		uint8_t bit;
		char letter;
	} modes[] = {
		{LWM2M_BINDING_U, 'U'}, {LWM2M_BINDING_M, 'M'}, {LWM2M_BINDING_H, 'H'},
		{LWM2M_BINDING_T, 'T'}, {LWM2M_BINDING_S, 'S'}, {LWM2M_BINDING_N, 'N'},
	};
	char text[sizeof(modes) / sizeof(modes[0]) + 1];
	size_t n = 0;

	for (size_t i = 0; i < sizeof(modes) / sizeof(modes[0]); i++)
		if (record->binding & modes[i].bit)
			text[n++] = modes[i].letter;
	if (record->lwm2m_version == 10 && record->queue_mode)
		text[n++] = 'Q';
	return json_stringn(text, n);
}

static json_t *version_json(const struct ctl_record *record)
{
	return json_sprintf("%u.%u", record->lwm2m_version / 10u, record->lwm2m_version % 10u);
}

static json_t *root_json(const struct ctl_record *record)
{
	size_t len;
	const char *root = ctl_links_root(ctl_record_links(record), record->links_len, &len);

	return json_sprintf("%.*s/", (int)len, root);
}

static json_t *links_json(const struct ctl_record *record)
{
	return ctl_links_json(ctl_record_links(record), record->links_len);
}

// Unknown parameters of the Register, each "name=value" or "name" and a zero byte.
static json_t *params_json(const struct ctl_record *record)
{
	const char *p = ctl_record_params(record), *end = p + record->params_len;
	json_t *object = json_object();

	while (object && p < end) {
		size_t len = strnlen(p, (size_t)(end - p));
		const char *equals = memchr(p, '=', len);
		size_t name_len = equals ? (size_t)(equals - p) : len;
		json_t *value = equals ? json_text(equals + 1, len - name_len - 1) : json_null();

		if (json_text_set(object, p, name_len, value) != 0) {
			json_decref(object);
			return NULL;
		}
		p += len + 1;
	}
	return object;
}

// Adds a member unless an earlier one failed; takes the value.
static void add(json_t **object, const char *key, json_t *value)
{
	if (!*object) {
		json_decref(value);
	} else if (json_object_set_new_nocheck(*object, key, value) != 0) {
		json_decref(*object);
		*object = NULL;
	}
}

static json_t *sms_json(const struct ctl_record *record)
{
	return json_text(ctl_record_sms(record), record->sms_len);
}

json_t *ctl_registration_json(const struct ctl_record *record, uint64_t last_update_ms,
			      bool sleeping)
{
	json_t *reg = json_object();

	add(&reg, "endpoint", json_text(ctl_record_endpoint(record), record->endpoint_len));
	add(&reg, "registrationId", location_json(record));
	add(&reg, "registrationDate", json_integer((json_int_t)record->registered_ms));
	add(&reg, "lastUpdate", json_integer((json_int_t)last_update_ms));
	add(&reg, "address", address_json(record));
	if (record->sms_len > 0)
		add(&reg, "smsNumber", sms_json(record));
	add(&reg, "lwM2mVersion", version_json(record));
	add(&reg, "lifetime", json_integer(record->lifetime_s));
	add(&reg, "bindingMode", binding_json(record));
	add(&reg, "rootPath", root_json(record));
	add(&reg, "objectLinks", links_json(record));
	add(&reg, "secure", json_boolean(record->secure));
	add(&reg, "additionalRegistrationAttributes", params_json(record));
	add(&reg, "queuemode", json_boolean(record->queue_mode));
	add(&reg, "availableInstances",
	    ctl_links_instances_json(ctl_record_links(record), record->links_len));
	if (record->queue_mode) // of others there is nothing to say
		add(&reg, "sleeping", json_boolean(sleeping));
	return reg;
}

json_t *ctl_update_json(const struct ctl_record *record, uint16_t params, bool links)
{
	json_t *update = json_object();

	add(&update, "registrationId", location_json(record));
	add(&update, "address", address_json(record));
	if (params & LWM2M_PARAM_LT)
		add(&update, "lifetime", json_integer(record->lifetime_s));
	if (params & LWM2M_PARAM_SMS)
		add(&update, "smsNumber", sms_json(record));
	if (params & LWM2M_PARAM_BINDING)
		add(&update, "bindingMode", binding_json(record));
	if (links) {
		add(&update, "alternatePath", root_json(record));
		add(&update, "objectLinks", links_json(record));
	}
	add(&update, "secure", json_boolean(record->secure));
	add(&update, "additionalAttributes",
	    params & LWM2M_PARAM_OTHER ? params_json(record) : json_object());
	return update;
}
