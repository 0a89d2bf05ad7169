// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
#include "lwm2m/core/objects.h"

#include <stddef.h>

#define NO       0
#define R        LWM2M_OP_READ
#define W        LWM2M_OP_WRITE
#define RW       (LWM2M_OP_READ | LWM2M_OP_WRITE)
#define E        LWM2M_OP_EXECUTE
#define SINGLE   false
#define MULTIPLE true
#define MAY      false
#define MUST     true

// The last column: the enabler that versions 1.0, 1.1, .. of the object came with.
static const struct lwm2m_object_info objects[] = {
	{0, MULTIPLE, MUST, 1, "LWM2M Security", {10, 11, 11}},
	{1, MULTIPLE, MUST, 1, "LwM2M Server", {10, 11, 12}},
	{2, MULTIPLE, MAY, 0, "LwM2M Access Control", {10, 10}},
	{3, SINGLE, MUST, 1, "Device", {10, 11, 11}},
	{4, SINGLE, MAY, 2, "Connectivity Monitoring", {10, 11, 11, 11}},
	{5, SINGLE, MAY, 0, "Firmware Update", {10, 11, 11}},
	{6, SINGLE, MAY, 0, "Location", {10}},
	{7, SINGLE, MAY, 0, "Connectivity Statistics", {10}},
	{3303, MULTIPLE, MAY, 0, "Temperature", {10, 10}},
	{3442, MULTIPLE, MAY, 0, "LwM2M v1.1 Test Object", {11}},
	{31024, MULTIPLE, MAY, 0, "Test", {10}}, // what Wakaama's example client has
};

// Sorted by object and resource: the lookup bisects it.
// clang-format off
static const struct lwm2m_resource_info resources[] = {
	{0, 0, LWM2M_STRING, NO, SINGLE, MUST, 0, "LWM2M Server URI", "0..255", ""},
	{0, 1, LWM2M_BOOLEAN, NO, SINGLE, MUST, 0, "Bootstrap-Server", "", ""},
	{0, 2, LWM2M_INTEGER, NO, SINGLE, MUST, 0, "Security Mode", "0..4", ""},
	{0, 3, LWM2M_OPAQUE, NO, SINGLE, MUST, 0, "Public Key or Identity", "", ""},
	{0, 4, LWM2M_OPAQUE, NO, SINGLE, MUST, 0, "Server Public Key", "", ""},
	{0, 5, LWM2M_OPAQUE, NO, SINGLE, MUST, 0, "Secret Key", "", ""},
	{0, 6, LWM2M_INTEGER, NO, SINGLE, MAY, 0, "SMS Security Mode", "0..255", ""},
	{0, 7, LWM2M_OPAQUE, NO, SINGLE, MAY, 0, "SMS Binding Key Parameters", "6", ""},
	{0, 8, LWM2M_OPAQUE, NO, SINGLE, MAY, 0, "SMS Binding Secret Key(s)", "16,32,48", ""},
	{0, 9, LWM2M_STRING, NO, SINGLE, MAY, 0, "LwM2M Server SMS Number", "", ""},
	{0, 10, LWM2M_INTEGER, NO, SINGLE, MAY, 0, "Short Server ID", "1..65534", ""},
	{0, 11, LWM2M_INTEGER, NO, SINGLE, MAY, 0, "Client Hold Off Time", "", "s"},
	{0, 12, LWM2M_INTEGER, NO, SINGLE, MAY, 0, "Bootstrap-Server Account Timeout", "", "s"},
	{0, 13, LWM2M_UNSIGNED_INTEGER, NO, SINGLE, MAY, 1, "Matching Type", "0..3", ""},
	{0, 14, LWM2M_STRING, NO, SINGLE, MAY, 1, "SNI", "", ""},
	{0, 15, LWM2M_UNSIGNED_INTEGER, NO, SINGLE, MAY, 1, "Certificate Usage", "0..3", ""},
	{0, 16, LWM2M_UNSIGNED_INTEGER, NO, MULTIPLE, MAY, 1, "DTLS/TLS Ciphersuite", "", ""},
	{0, 17, LWM2M_OBJLNK, NO, SINGLE, MAY, 1, "OSCORE Security Mode", "", ""},
	{0, 18, LWM2M_UNSIGNED_INTEGER, NO, MULTIPLE, MAY, 2, "Groups To Use by Client", "0..65535", ""},
	{0, 19, LWM2M_UNSIGNED_INTEGER, NO, MULTIPLE, MAY, 2, "Signature Algorithms Supported by Server", "0..65535", ""},
	{0, 20, LWM2M_UNSIGNED_INTEGER, NO, MULTIPLE, MAY, 2, "Signature Algorithms To Use by Client", "0..65535", ""},
	{0, 21, LWM2M_UNSIGNED_INTEGER, NO, MULTIPLE, MAY, 2, "Signature Algorithm Certs Supported by Server", "0..65535", ""},
	{0, 22, LWM2M_UNSIGNED_INTEGER, NO, SINGLE, MAY, 2, "TLS 1.3 Features To Use by Client", "0..65535", ""},
	{0, 23, LWM2M_UNSIGNED_INTEGER, NO, SINGLE, MAY, 2, "TLS Extensions Supported by Server", "0..65535", ""},
	{0, 24, LWM2M_UNSIGNED_INTEGER, NO, SINGLE, MAY, 2, "TLS Extensions To Use by Client", "0..65535", ""},
	{0, 25, LWM2M_STRING, NO, MULTIPLE, MAY, 2, "Secondary LwM2M Server URI", "0..255", ""},
	{0, 26, LWM2M_OBJLNK, NO, SINGLE, MAY, 2, "MQTT Server", "", ""},
	{0, 27, LWM2M_OBJLNK, NO, MULTIPLE, MAY, 2, "LwM2M COSE Security", "", ""},
	{0, 28, LWM2M_INTEGER, NO, SINGLE, MAY, 2, "RDS Destination Port", "0..15", ""},
	{0, 29, LWM2M_INTEGER, NO, SINGLE, MAY, 2, "RDS Source Port", "0..15", ""},
	{0, 30, LWM2M_STRING, NO, SINGLE, MAY, 2, "RDS Application ID", "", ""},
	{1, 0, LWM2M_INTEGER, R, SINGLE, MUST, 0, "Short Server ID", "1..65534", ""},
	{1, 1, LWM2M_INTEGER, RW, SINGLE, MUST, 0, "Lifetime", "", "s"},
	{1, 2, LWM2M_INTEGER, RW, SINGLE, MAY, 0, "Default Minimum Period", "", "s"},
	{1, 3, LWM2M_INTEGER, RW, SINGLE, MAY, 0, "Default Maximum Period", "", "s"},
	{1, 4, LWM2M_NONE, E, SINGLE, MAY, 0, "Disable", "", ""},
	{1, 5, LWM2M_INTEGER, RW, SINGLE, MAY, 0, "Disable Timeout", "", "s"},
	{1, 6, LWM2M_BOOLEAN, RW, SINGLE, MUST, 0, "Notification Storing When Disabled or Offline", "", ""},
	{1, 7, LWM2M_STRING, RW, SINGLE, MUST, 0, "Binding", "", ""},
	{1, 8, LWM2M_NONE, E, SINGLE, MUST, 0, "Registration Update Trigger", "", ""},
	{1, 9, LWM2M_NONE, E, SINGLE, MAY, 1, "Bootstrap-Request Trigger", "", ""},
	{1, 10, LWM2M_OBJLNK, RW, SINGLE, MAY, 1, "APN Link", "", ""},
	{1, 11, LWM2M_UNSIGNED_INTEGER, R, SINGLE, MAY, 1, "TLS-DTLS Alert Code", "0..255", ""},
	{1, 12, LWM2M_TIME, R, SINGLE, MAY, 1, "Last Bootstrapped", "", ""},
	{1, 13, LWM2M_UNSIGNED_INTEGER, R, SINGLE, MAY, 1, "Registration Priority Order", "", ""},
	{1, 14, LWM2M_UNSIGNED_INTEGER, RW, SINGLE, MAY, 1, "Initial Registration Delay Timer", "", "s"},
	{1, 15, LWM2M_BOOLEAN, R, SINGLE, MAY, 1, "Registration Failure Block", "", ""},
	{1, 16, LWM2M_BOOLEAN, R, SINGLE, MAY, 1, "Bootstrap on Registration Failure", "", ""},
	{1, 17, LWM2M_UNSIGNED_INTEGER, RW, SINGLE, MAY, 1, "Communication Retry Count", "", ""},
	{1, 18, LWM2M_UNSIGNED_INTEGER, RW, SINGLE, MAY, 1, "Communication Retry Timer", "", "s"},
	{1, 19, LWM2M_UNSIGNED_INTEGER, RW, SINGLE, MAY, 1, "Communication Sequence Delay Timer", "", "s"},
	{1, 20, LWM2M_UNSIGNED_INTEGER, RW, SINGLE, MAY, 1, "Communication Sequence Retry Count", "", ""},
	{1, 21, LWM2M_BOOLEAN, RW, SINGLE, MAY, 1, "Trigger", "", ""},
	{1, 22, LWM2M_STRING, RW, SINGLE, MAY, 1, "Preferred Transport", "", ""},
	{1, 23, LWM2M_BOOLEAN, RW, SINGLE, MAY, 1, "Mute Send", "", ""},
	{1, 24, LWM2M_OBJLNK, RW, MULTIPLE, MAY, 2, "Alternate APN Links", "", ""},
	{1, 25, LWM2M_STRING, RW, MULTIPLE, MAY, 2, "Supported Server Versions", "", ""},
	{1, 26, LWM2M_INTEGER, RW, SINGLE, MAY, 2, "Default Notification Mode", "0..1", ""},
	{1, 27, LWM2M_UNSIGNED_INTEGER, RW, SINGLE, MAY, 2, "Profile ID Hash Algorithm", "0..255", ""},
	{2, 0, LWM2M_INTEGER, R, SINGLE, MUST, 0, "Object ID", "1..65534", ""},
	{2, 1, LWM2M_INTEGER, R, SINGLE, MUST, 0, "Object Instance ID", "0..65535", ""},
	{2, 2, LWM2M_INTEGER, RW, MULTIPLE, MAY, 0, "ACL", "0..31", ""},
	{2, 3, LWM2M_INTEGER, RW, SINGLE, MUST, 0, "Access Control Owner", "0..65535", ""},
	{3, 0, LWM2M_STRING, R, SINGLE, MAY, 0, "Manufacturer", "", ""},
	{3, 1, LWM2M_STRING, R, SINGLE, MAY, 0, "Model Number", "", ""},
	{3, 2, LWM2M_STRING, R, SINGLE, MAY, 0, "Serial Number", "", ""},
	{3, 3, LWM2M_STRING, R, SINGLE, MAY, 0, "Firmware Version", "", ""},
	{3, 4, LWM2M_NONE, E, SINGLE, MUST, 0, "Reboot", "", ""},
	{3, 5, LWM2M_NONE, E, SINGLE, MAY, 0, "Factory Reset", "", ""},
	{3, 6, LWM2M_INTEGER, R, MULTIPLE, MAY, 0, "Available Power Sources", "0..7", ""},
	{3, 7, LWM2M_INTEGER, R, MULTIPLE, MAY, 0, "Power Source Voltage", "", ""},
	{3, 8, LWM2M_INTEGER, R, MULTIPLE, MAY, 0, "Power Source Current", "", ""},
	{3, 9, LWM2M_INTEGER, R, SINGLE, MAY, 0, "Battery Level", "0..100", "/100"},
	{3, 10, LWM2M_INTEGER, R, SINGLE, MAY, 0, "Memory Free", "", ""},
	{3, 11, LWM2M_INTEGER, R, MULTIPLE, MUST, 0, "Error Code", "0..32", ""},
	{3, 12, LWM2M_NONE, E, SINGLE, MAY, 0, "Reset Error Code", "", ""},
	{3, 13, LWM2M_TIME, RW, SINGLE, MAY, 0, "Current Time", "", ""},
	{3, 14, LWM2M_STRING, RW, SINGLE, MAY, 0, "UTC Offset", "", ""},
	{3, 15, LWM2M_STRING, RW, SINGLE, MAY, 0, "Timezone", "", ""},
	{3, 16, LWM2M_STRING, R, SINGLE, MUST, 0, "Supported Binding and Modes", "", ""},
	{3, 17, LWM2M_STRING, R, SINGLE, MAY, 0, "Device Type", "", ""},
	{3, 18, LWM2M_STRING, R, SINGLE, MAY, 0, "Hardware Version", "", ""},
	{3, 19, LWM2M_STRING, R, SINGLE, MAY, 0, "Software Version", "", ""},
	{3, 20, LWM2M_INTEGER, R, SINGLE, MAY, 0, "Battery Status", "0..6", ""},
	{3, 21, LWM2M_INTEGER, R, SINGLE, MAY, 0, "Memory Total", "", ""},
	{3, 22, LWM2M_OBJLNK, R, MULTIPLE, MAY, 0, "ExtDevInfo", "", ""},
	{4, 0, LWM2M_INTEGER, R, SINGLE, MUST, 0, "Network Bearer", "0..50", ""},
	{4, 1, LWM2M_INTEGER, R, MULTIPLE, MUST, 0, "Available Network Bearer", "0..50", ""},
	{4, 2, LWM2M_INTEGER, R, SINGLE, MUST, 0, "Radio Signal Strength", "", "dBm"},
	{4, 3, LWM2M_INTEGER, R, SINGLE, MAY, 0, "Link Quality", "", ""},
	{4, 4, LWM2M_STRING, R, MULTIPLE, MUST, 0, "IP Addresses", "", ""},
	{4, 5, LWM2M_STRING, R, MULTIPLE, MAY, 0, "Router IP Addresses", "", ""},
	{4, 6, LWM2M_INTEGER, R, SINGLE, MAY, 0, "Link Utilization", "0..100", "/100"},
	{4, 7, LWM2M_STRING, R, MULTIPLE, MAY, 0, "APN", "", ""},
	{4, 8, LWM2M_INTEGER, R, SINGLE, MAY, 0, "Cell ID", "", ""},
	{4, 9, LWM2M_INTEGER, R, SINGLE, MAY, 0, "SMNC", "0..999", ""},
	{4, 10, LWM2M_INTEGER, R, SINGLE, MAY, 0, "SMCC", "0..999", ""},
	{4, 11, LWM2M_INTEGER, R, SINGLE, MAY, 1, "SignalSNR", "", "dB"},
	{4, 12, LWM2M_INTEGER, R, SINGLE, MAY, 2, "LAC", "", ""},
	{4, 13, LWM2M_INTEGER, R, SINGLE, MAY, 3, "Coverage Enhancement Level", "0..4", ""},
	{5, 0, LWM2M_OPAQUE, W, SINGLE, MUST, 0, "Package", "", ""},
	{5, 1, LWM2M_STRING, RW, SINGLE, MUST, 0, "Package URI", "0..255", ""},
	{5, 2, LWM2M_NONE, E, SINGLE, MUST, 0, "Update", "", ""},
	{5, 3, LWM2M_INTEGER, R, SINGLE, MUST, 0, "State", "0..3", ""},
	{5, 5, LWM2M_INTEGER, R, SINGLE, MUST, 0, "Update Result", "0..11", ""},
	{5, 6, LWM2M_STRING, R, SINGLE, MAY, 0, "PkgName", "0..255", ""},
	{5, 7, LWM2M_STRING, R, SINGLE, MAY, 0, "PkgVersion", "0..255", ""},
	{5, 8, LWM2M_INTEGER, R, MULTIPLE, MAY, 0, "Firmware Update Protocol Support", "0..5", ""},
	{5, 9, LWM2M_INTEGER, R, SINGLE, MUST, 0, "Firmware Update Delivery Method", "0..2", ""},
	{5, 10, LWM2M_NONE, E, SINGLE, MAY, 1, "Cancel", "", ""},
	{5, 11, LWM2M_INTEGER, RW, SINGLE, MAY, 1, "Severity", "0..2", ""},
	{5, 12, LWM2M_TIME, R, SINGLE, MAY, 1, "Last State Change Time", "", ""},
	{5, 13, LWM2M_UNSIGNED_INTEGER, RW, SINGLE, MAY, 1, "Maximum Defer Period", "", "s"},
	{5, 14, LWM2M_BOOLEAN, RW, SINGLE, MAY, 2, "Automatic Upgrade at Download", "", ""},
	{6, 0, LWM2M_FLOAT, R, SINGLE, MUST, 0, "Latitude", "", "lat"},
	{6, 1, LWM2M_FLOAT, R, SINGLE, MUST, 0, "Longitude", "", "lon"},
	{6, 2, LWM2M_FLOAT, R, SINGLE, MAY, 0, "Altitude", "", "m"},
	{6, 3, LWM2M_FLOAT, R, SINGLE, MAY, 0, "Radius", "", "m"},
	{6, 4, LWM2M_OPAQUE, R, SINGLE, MAY, 0, "Velocity", "", ""},
	{6, 5, LWM2M_TIME, R, SINGLE, MUST, 0, "Timestamp", "", ""},
	{6, 6, LWM2M_FLOAT, R, SINGLE, MAY, 0, "Speed", "", "m/s"},
	{7, 0, LWM2M_INTEGER, R, SINGLE, MAY, 0, "SMS Tx Counter", "", ""},
	{7, 1, LWM2M_INTEGER, R, SINGLE, MAY, 0, "SMS Rx Counter", "", ""},
	{7, 2, LWM2M_INTEGER, R, SINGLE, MAY, 0, "Tx Data", "", ""},
	{7, 3, LWM2M_INTEGER, R, SINGLE, MAY, 0, "Rx Data", "", ""},
	{7, 4, LWM2M_INTEGER, R, SINGLE, MAY, 0, "Max Message Size", "", "B"},
	{7, 5, LWM2M_INTEGER, R, SINGLE, MAY, 0, "Average Message Size", "", "B"},
	{7, 6, LWM2M_NONE, E, SINGLE, MUST, 0, "Start", "", ""},
	{7, 7, LWM2M_NONE, E, SINGLE, MUST, 0, "Stop", "", ""},
	{7, 8, LWM2M_INTEGER, RW, SINGLE, MAY, 0, "Collection Period", "", "s"},
	{3303, 5518, LWM2M_TIME, R, SINGLE, MAY, 1, "Timestamp", "", ""},
	{3303, 5601, LWM2M_FLOAT, R, SINGLE, MAY, 0, "Min Measured Value", "", ""},
	{3303, 5602, LWM2M_FLOAT, R, SINGLE, MAY, 0, "Max Measured Value", "", ""},
	{3303, 5603, LWM2M_FLOAT, R, SINGLE, MAY, 0, "Min Range Value", "", ""},
	{3303, 5604, LWM2M_FLOAT, R, SINGLE, MAY, 0, "Max Range Value", "", ""},
	{3303, 5605, LWM2M_NONE, E, SINGLE, MAY, 0, "Reset Min and Max Measured Values", "", ""},
	{3303, 5700, LWM2M_FLOAT, R, SINGLE, MUST, 0, "Sensor Value", "", ""},
	{3303, 5701, LWM2M_STRING, R, SINGLE, MAY, 0, "Sensor Units", "", ""},
	{3303, 5750, LWM2M_STRING, RW, SINGLE, MAY, 1, "Application Type", "", ""},
	{3303, 6042, LWM2M_INTEGER, R, SINGLE, MAY, 1, "Measurement Quality Indicator", "0..23", ""},
	{3303, 6049, LWM2M_INTEGER, R, SINGLE, MAY, 1, "Measurement Quality Level", "0..100", ""},
	{3303, 6050, LWM2M_FLOAT, R, SINGLE, MAY, 1, "Fractional Timestamp", "0..1", "s"},
	{3442, 0, LWM2M_NONE, E, SINGLE, MAY, 0, "Reset values", "", ""},
	{3442, 1, LWM2M_NONE, E, SINGLE, MAY, 0, "Randomize values", "", ""},
	{3442, 2, LWM2M_NONE, E, SINGLE, MAY, 0, "Clear values", "", ""},
	{3442, 3, LWM2M_NONE, E, SINGLE, MAY, 0, "Exec With Arguments", "", ""},
	{3442, 4, LWM2M_STRING, R, MULTIPLE, MAY, 0, "Arguments List", "", ""},
	{3442, 5, LWM2M_NONE, E, SINGLE, MAY, 0, "Send Data", "", ""},
	{3442, 6, LWM2M_STRING, RW, MULTIPLE, MAY, 0, "Resources to Send", "", ""},
	{3442, 110, LWM2M_STRING, RW, SINGLE, MAY, 0, "String Value", "", ""},
	{3442, 120, LWM2M_INTEGER, RW, SINGLE, MAY, 0, "Integer Value", "", ""},
	{3442, 125, LWM2M_UNSIGNED_INTEGER, RW, SINGLE, MAY, 0, "Unsigned Integer Value", "", ""},
	{3442, 130, LWM2M_FLOAT, RW, SINGLE, MAY, 0, "Float Value", "", ""},
	{3442, 140, LWM2M_BOOLEAN, RW, SINGLE, MAY, 0, "Boolean Value", "", ""},
	{3442, 150, LWM2M_OPAQUE, RW, SINGLE, MAY, 0, "Opaque Value", "", ""},
	{3442, 160, LWM2M_TIME, RW, SINGLE, MAY, 0, "Time Value", "", ""},
	{3442, 170, LWM2M_OBJLNK, RW, SINGLE, MAY, 0, "ObjLink Value", "", ""},
	{3442, 180, LWM2M_CORELINK, RW, SINGLE, MAY, 0, "CoreLnk Value", "", ""},
	{3442, 1110, LWM2M_STRING, RW, MULTIPLE, MAY, 0, "Multiple String Value", "", ""},
	{3442, 1120, LWM2M_INTEGER, RW, MULTIPLE, MAY, 0, "Multiple Integer Value", "", ""},
	{3442, 1125, LWM2M_UNSIGNED_INTEGER, RW, MULTIPLE, MAY, 0, "Multiple Unsigned Integer Value", "", ""},
	{3442, 1130, LWM2M_FLOAT, RW, MULTIPLE, MAY, 0, "Multiple Float Value", "", ""},
	{3442, 1140, LWM2M_BOOLEAN, RW, MULTIPLE, MAY, 0, "Multiple Boolean Value", "", ""},
	{3442, 1150, LWM2M_OPAQUE, RW, MULTIPLE, MAY, 0, "Multiple Opaque Value", "", ""},
	{3442, 1160, LWM2M_TIME, RW, MULTIPLE, MAY, 0, "Multiple Time Value", "", ""},
	{3442, 1170, LWM2M_OBJLNK, RW, MULTIPLE, MAY, 0, "Multiple ObjLink Value", "", ""},
	{3442, 1180, LWM2M_CORELINK, RW, MULTIPLE, MAY, 0, "Multiple CoreLnk Value", "", ""},
	{31024, 1, LWM2M_INTEGER, RW, SINGLE, MUST, 0, "test", "0..255", ""},
	{31024, 2, LWM2M_NONE, E, SINGLE, MUST, 0, "exec", "", ""},
	{31024, 3, LWM2M_FLOAT, RW, SINGLE, MUST, 0, "dec", "", ""},
	{31024, 5, LWM2M_STRING, RW, SINGLE, MAY, 0, "str", "", ""},
};
// clang-format on

const char *lwm2m_type_name(enum lwm2m_type type)
{
	static const char *const names[] = {
#define X(name) #name,
		LWM2M_TYPES(X)
#undef X
	};
	return (unsigned)type < LWM2M_TYPE_COUNT ? names[type] : "NONE";
}

#define OBJECTS   (sizeof(objects) / sizeof(objects[0]))
#define RESOURCES (sizeof(resources) / sizeof(resources[0]))

// The first row that is not below the key.
static size_t resources_search(uint32_t key)
{
	size_t low = 0, high = RESOURCES;

	while (low < high) {
		size_t mid = (low + high) / 2;
		uint32_t at = (uint32_t)resources[mid].object << 16 | resources[mid].resource;
		if (at < key)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

const struct lwm2m_resource_info *lwm2m_resource_info(uint16_t object, uint16_t resource)
{
	size_t at = resources_search((uint32_t)object << 16 | resource);

	return at < RESOURCES && resources[at].object == object &&
			       resources[at].resource == resource
		       ? &resources[at]
		       : NULL;
}

const struct lwm2m_resource_info *lwm2m_object_resources(uint16_t object, size_t *count)
{
	size_t first = resources_search((uint32_t)object << 16), end = first;

	while (end < RESOURCES && resources[end].object == object)
		end++;
	*count = end - first;
	return *count ? &resources[first] : NULL;
}

const struct lwm2m_object_info *lwm2m_object_info(uint16_t object)
{
	for (size_t i = 0; i < OBJECTS; i++) {
		if (objects[i].object == object)
			return &objects[i];
	}
	return NULL;
}

const struct lwm2m_object_info *lwm2m_object_infos(size_t *count)
{
	*count = OBJECTS;
	return objects;
}

uint16_t lwm2m_object_default_version(uint16_t object, uint8_t enabler)
{
	const struct lwm2m_object_info *info = lwm2m_object_info(object);

	return LWM2M_OBJECT_VERSION(1, info && enabler >= 11 ? info->minor_1_1 : 0);
}

bool lwm2m_object_version_parse(uint16_t *version, const char *text, size_t len)
{
	unsigned parts[2] = {0}, digits[2] = {0}, part = 0;

	for (size_t i = 0; i < len; i++) {
		if (text[i] == '.' && part == 0) {
			part = 1;
		} else if (text[i] >= '0' && text[i] <= '9' && digits[part] < 3) {
			parts[part] = parts[part] * 10 + (unsigned)(text[i] - '0');
			digits[part]++;
		} else {
			return false;
		}
	}
	if (!digits[0] || !digits[1] || parts[0] > UINT8_MAX || parts[1] > UINT8_MAX)
		return false;
	*version = (uint16_t)LWM2M_OBJECT_VERSION(parts[0], parts[1]);
	return true;
}
