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

static const struct lwm2m_object_info objects[] = {
	{0, MULTIPLE, "LWM2M Security"},
	{1, MULTIPLE, "LwM2M Server"},
	{2, MULTIPLE, "LwM2M Access Control"},
	{3, SINGLE, "Device"},
	{4, SINGLE, "Connectivity Monitoring"},
	{5, SINGLE, "Firmware Update"},
	{6, SINGLE, "Location"},
	{7, SINGLE, "Connectivity Statistics"},
	{3303, MULTIPLE, "Temperature"},
	{3442, MULTIPLE, "LwM2M v1.1 Test Object"},
};

// Sorted by object and resource: the lookup bisects it.
// clang-format off
static const struct lwm2m_resource_info resources[] = {
	{0, 0, LWM2M_STRING, NO, SINGLE, "LWM2M Server URI"},
	{0, 1, LWM2M_BOOLEAN, NO, SINGLE, "Bootstrap-Server"},
	{0, 2, LWM2M_INTEGER, NO, SINGLE, "Security Mode"},
	{0, 3, LWM2M_OPAQUE, NO, SINGLE, "Public Key or Identity"},
	{0, 4, LWM2M_OPAQUE, NO, SINGLE, "Server Public Key"},
	{0, 5, LWM2M_OPAQUE, NO, SINGLE, "Secret Key"},
	{0, 6, LWM2M_INTEGER, NO, SINGLE, "SMS Security Mode"},
	{0, 7, LWM2M_OPAQUE, NO, SINGLE, "SMS Binding Key Parameters"},
	{0, 8, LWM2M_OPAQUE, NO, SINGLE, "SMS Binding Secret Key(s)"},
	{0, 9, LWM2M_STRING, NO, SINGLE, "LwM2M Server SMS Number"},
	{0, 10, LWM2M_INTEGER, NO, SINGLE, "Short Server ID"},
	{0, 11, LWM2M_INTEGER, NO, SINGLE, "Client Hold Off Time"},
	{0, 12, LWM2M_INTEGER, NO, SINGLE, "Bootstrap-Server Account Timeout"},
	{0, 13, LWM2M_UNSIGNED_INTEGER, NO, SINGLE, "Matching Type"},
	{0, 14, LWM2M_STRING, NO, SINGLE, "SNI"},
	{0, 15, LWM2M_UNSIGNED_INTEGER, NO, SINGLE, "Certificate Usage"},
	{0, 16, LWM2M_UNSIGNED_INTEGER, NO, MULTIPLE, "DTLS/TLS Ciphersuite"},
	{0, 17, LWM2M_OBJLNK, NO, SINGLE, "OSCORE Security Mode"},
	{0, 18, LWM2M_UNSIGNED_INTEGER, NO, MULTIPLE, "Groups To Use by Client"},
	{0, 19, LWM2M_UNSIGNED_INTEGER, NO, MULTIPLE, "Signature Algorithms Supported by Server"},
	{0, 20, LWM2M_UNSIGNED_INTEGER, NO, MULTIPLE, "Signature Algorithms To Use by Client"},
	{0, 21, LWM2M_UNSIGNED_INTEGER, NO, MULTIPLE, "Signature Algorithm Certs Supported by Server"},
	{0, 22, LWM2M_UNSIGNED_INTEGER, NO, SINGLE, "TLS 1.3 Features To Use by Client"},
	{0, 23, LWM2M_UNSIGNED_INTEGER, NO, SINGLE, "TLS Extensions Supported by Server"},
	{0, 24, LWM2M_UNSIGNED_INTEGER, NO, SINGLE, "TLS Extensions To Use by Client"},
	{0, 25, LWM2M_STRING, NO, MULTIPLE, "Secondary LwM2M Server URI"},
	{0, 26, LWM2M_OBJLNK, NO, SINGLE, "MQTT Server"},
	{0, 27, LWM2M_OBJLNK, NO, MULTIPLE, "LwM2M COSE Security"},
	{0, 28, LWM2M_INTEGER, NO, SINGLE, "RDS Destination Port"},
	{0, 29, LWM2M_INTEGER, NO, SINGLE, "RDS Source Port"},
	{0, 30, LWM2M_STRING, NO, SINGLE, "RDS Application ID"},
	{1, 0, LWM2M_INTEGER, R, SINGLE, "Short Server ID"},
	{1, 1, LWM2M_INTEGER, RW, SINGLE, "Lifetime"},
	{1, 2, LWM2M_INTEGER, RW, SINGLE, "Default Minimum Period"},
	{1, 3, LWM2M_INTEGER, RW, SINGLE, "Default Maximum Period"},
	{1, 4, LWM2M_NONE, E, SINGLE, "Disable"},
	{1, 5, LWM2M_INTEGER, RW, SINGLE, "Disable Timeout"},
	{1, 6, LWM2M_BOOLEAN, RW, SINGLE, "Notification Storing When Disabled or Offline"},
	{1, 7, LWM2M_STRING, RW, SINGLE, "Binding"},
	{1, 8, LWM2M_NONE, E, SINGLE, "Registration Update Trigger"},
	{1, 9, LWM2M_NONE, E, SINGLE, "Bootstrap-Request Trigger"},
	{1, 10, LWM2M_OBJLNK, RW, SINGLE, "APN Link"},
	{1, 11, LWM2M_UNSIGNED_INTEGER, R, SINGLE, "TLS-DTLS Alert Code"},
	{1, 12, LWM2M_TIME, R, SINGLE, "Last Bootstrapped"},
	{1, 13, LWM2M_UNSIGNED_INTEGER, R, SINGLE, "Registration Priority Order"},
	{1, 14, LWM2M_UNSIGNED_INTEGER, RW, SINGLE, "Initial Registration Delay Timer"},
	{1, 15, LWM2M_BOOLEAN, R, SINGLE, "Registration Failure Block"},
	{1, 16, LWM2M_BOOLEAN, R, SINGLE, "Bootstrap on Registration Failure"},
	{1, 17, LWM2M_UNSIGNED_INTEGER, RW, SINGLE, "Communication Retry Count"},
	{1, 18, LWM2M_UNSIGNED_INTEGER, RW, SINGLE, "Communication Retry Timer"},
	{1, 19, LWM2M_UNSIGNED_INTEGER, RW, SINGLE, "Communication Sequence Delay Timer"},
	{1, 20, LWM2M_UNSIGNED_INTEGER, RW, SINGLE, "Communication Sequence Retry Count"},
	{1, 21, LWM2M_BOOLEAN, RW, SINGLE, "Trigger"},
	{1, 22, LWM2M_STRING, RW, SINGLE, "Preferred Transport"},
	{1, 23, LWM2M_BOOLEAN, RW, SINGLE, "Mute Send"},
	{1, 24, LWM2M_OBJLNK, RW, MULTIPLE, "Alternate APN Links"},
	{1, 25, LWM2M_STRING, RW, MULTIPLE, "Supported Server Versions"},
	{1, 26, LWM2M_INTEGER, RW, SINGLE, "Default Notification Mode"},
	{1, 27, LWM2M_UNSIGNED_INTEGER, RW, SINGLE, "Profile ID Hash Algorithm"},
	{2, 0, LWM2M_INTEGER, R, SINGLE, "Object ID"},
	{2, 1, LWM2M_INTEGER, R, SINGLE, "Object Instance ID"},
	{2, 2, LWM2M_INTEGER, RW, MULTIPLE, "ACL"},
	{2, 3, LWM2M_INTEGER, RW, SINGLE, "Access Control Owner"},
	{3, 0, LWM2M_STRING, R, SINGLE, "Manufacturer"},
	{3, 1, LWM2M_STRING, R, SINGLE, "Model Number"},
	{3, 2, LWM2M_STRING, R, SINGLE, "Serial Number"},
	{3, 3, LWM2M_STRING, R, SINGLE, "Firmware Version"},
	{3, 4, LWM2M_NONE, E, SINGLE, "Reboot"},
	{3, 5, LWM2M_NONE, E, SINGLE, "Factory Reset"},
	{3, 6, LWM2M_INTEGER, R, MULTIPLE, "Available Power Sources"},
	{3, 7, LWM2M_INTEGER, R, MULTIPLE, "Power Source Voltage"},
	{3, 8, LWM2M_INTEGER, R, MULTIPLE, "Power Source Current"},
	{3, 9, LWM2M_INTEGER, R, SINGLE, "Battery Level"},
	{3, 10, LWM2M_INTEGER, R, SINGLE, "Memory Free"},
	{3, 11, LWM2M_INTEGER, R, MULTIPLE, "Error Code"},
	{3, 12, LWM2M_NONE, E, SINGLE, "Reset Error Code"},
	{3, 13, LWM2M_TIME, RW, SINGLE, "Current Time"},
	{3, 14, LWM2M_STRING, RW, SINGLE, "UTC Offset"},
	{3, 15, LWM2M_STRING, RW, SINGLE, "Timezone"},
	{3, 16, LWM2M_STRING, R, SINGLE, "Supported Binding and Modes"},
	{3, 17, LWM2M_STRING, R, SINGLE, "Device Type"},
	{3, 18, LWM2M_STRING, R, SINGLE, "Hardware Version"},
	{3, 19, LWM2M_STRING, R, SINGLE, "Software Version"},
	{3, 20, LWM2M_INTEGER, R, SINGLE, "Battery Status"},
	{3, 21, LWM2M_INTEGER, R, SINGLE, "Memory Total"},
	{3, 22, LWM2M_OBJLNK, R, MULTIPLE, "ExtDevInfo"},
	{4, 0, LWM2M_INTEGER, R, SINGLE, "Network Bearer"},
	{4, 1, LWM2M_INTEGER, R, MULTIPLE, "Available Network Bearer"},
	{4, 2, LWM2M_INTEGER, R, SINGLE, "Radio Signal Strength"},
	{4, 3, LWM2M_INTEGER, R, SINGLE, "Link Quality"},
	{4, 4, LWM2M_STRING, R, MULTIPLE, "IP Addresses"},
	{4, 5, LWM2M_STRING, R, MULTIPLE, "Router IP Addresses"},
	{4, 6, LWM2M_INTEGER, R, SINGLE, "Link Utilization"},
	{4, 7, LWM2M_STRING, R, MULTIPLE, "APN"},
	{4, 8, LWM2M_INTEGER, R, SINGLE, "Cell ID"},
	{4, 9, LWM2M_INTEGER, R, SINGLE, "SMNC"},
	{4, 10, LWM2M_INTEGER, R, SINGLE, "SMCC"},
	{4, 11, LWM2M_INTEGER, R, SINGLE, "SignalSNR"},
	{4, 12, LWM2M_INTEGER, R, SINGLE, "LAC"},
	{4, 13, LWM2M_INTEGER, R, SINGLE, "Coverage Enhancement Level"},
	{5, 0, LWM2M_OPAQUE, W, SINGLE, "Package"},
	{5, 1, LWM2M_STRING, RW, SINGLE, "Package URI"},
	{5, 2, LWM2M_NONE, E, SINGLE, "Update"},
	{5, 3, LWM2M_INTEGER, R, SINGLE, "State"},
	{5, 5, LWM2M_INTEGER, R, SINGLE, "Update Result"},
	{5, 6, LWM2M_STRING, R, SINGLE, "PkgName"},
	{5, 7, LWM2M_STRING, R, SINGLE, "PkgVersion"},
	{5, 8, LWM2M_INTEGER, R, MULTIPLE, "Firmware Update Protocol Support"},
	{5, 9, LWM2M_INTEGER, R, SINGLE, "Firmware Update Delivery Method"},
	{5, 10, LWM2M_NONE, E, SINGLE, "Cancel"},
	{5, 11, LWM2M_INTEGER, RW, SINGLE, "Severity"},
	{5, 12, LWM2M_TIME, R, SINGLE, "Last State Change Time"},
	{5, 13, LWM2M_UNSIGNED_INTEGER, RW, SINGLE, "Maximum Defer Period"},
	{5, 14, LWM2M_BOOLEAN, RW, SINGLE, "Automatic Upgrade at Download"},
	{6, 0, LWM2M_FLOAT, R, SINGLE, "Latitude"},
	{6, 1, LWM2M_FLOAT, R, SINGLE, "Longitude"},
	{6, 2, LWM2M_FLOAT, R, SINGLE, "Altitude"},
	{6, 3, LWM2M_FLOAT, R, SINGLE, "Radius"},
	{6, 4, LWM2M_OPAQUE, R, SINGLE, "Velocity"},
	{6, 5, LWM2M_TIME, R, SINGLE, "Timestamp"},
	{6, 6, LWM2M_FLOAT, R, SINGLE, "Speed"},
	{7, 0, LWM2M_INTEGER, R, SINGLE, "SMS Tx Counter"},
	{7, 1, LWM2M_INTEGER, R, SINGLE, "SMS Rx Counter"},
	{7, 2, LWM2M_INTEGER, R, SINGLE, "Tx Data"},
	{7, 3, LWM2M_INTEGER, R, SINGLE, "Rx Data"},
	{7, 4, LWM2M_INTEGER, R, SINGLE, "Max Message Size"},
	{7, 5, LWM2M_INTEGER, R, SINGLE, "Average Message Size"},
	{7, 6, LWM2M_NONE, E, SINGLE, "Start"},
	{7, 7, LWM2M_NONE, E, SINGLE, "Stop"},
	{7, 8, LWM2M_INTEGER, RW, SINGLE, "Collection Period"},
	{3303, 5518, LWM2M_TIME, R, SINGLE, "Timestamp"},
	{3303, 5601, LWM2M_FLOAT, R, SINGLE, "Min Measured Value"},
	{3303, 5602, LWM2M_FLOAT, R, SINGLE, "Max Measured Value"},
	{3303, 5603, LWM2M_FLOAT, R, SINGLE, "Min Range Value"},
	{3303, 5604, LWM2M_FLOAT, R, SINGLE, "Max Range Value"},
	{3303, 5605, LWM2M_NONE, E, SINGLE, "Reset Min and Max Measured Values"},
	{3303, 5700, LWM2M_FLOAT, R, SINGLE, "Sensor Value"},
	{3303, 5701, LWM2M_STRING, R, SINGLE, "Sensor Units"},
	{3303, 5750, LWM2M_STRING, RW, SINGLE, "Application Type"},
	{3303, 6042, LWM2M_INTEGER, R, SINGLE, "Measurement Quality Indicator"},
	{3303, 6049, LWM2M_INTEGER, R, SINGLE, "Measurement Quality Level"},
	{3303, 6050, LWM2M_FLOAT, R, SINGLE, "Fractional Timestamp"},
	{3442, 0, LWM2M_NONE, E, SINGLE, "Reset values"},
	{3442, 1, LWM2M_NONE, E, SINGLE, "Randomize values"},
	{3442, 2, LWM2M_NONE, E, SINGLE, "Clear values"},
	{3442, 3, LWM2M_NONE, E, SINGLE, "Exec With Arguments"},
	{3442, 4, LWM2M_STRING, R, MULTIPLE, "Arguments List"},
	{3442, 5, LWM2M_NONE, E, SINGLE, "Send Data"},
	{3442, 6, LWM2M_STRING, RW, MULTIPLE, "Resources to Send"},
	{3442, 110, LWM2M_STRING, RW, SINGLE, "String Value"},
	{3442, 120, LWM2M_INTEGER, RW, SINGLE, "Integer Value"},
	{3442, 125, LWM2M_UNSIGNED_INTEGER, RW, SINGLE, "Unsigned Integer Value"},
	{3442, 130, LWM2M_FLOAT, RW, SINGLE, "Float Value"},
	{3442, 140, LWM2M_BOOLEAN, RW, SINGLE, "Boolean Value"},
	{3442, 150, LWM2M_OPAQUE, RW, SINGLE, "Opaque Value"},
	{3442, 160, LWM2M_TIME, RW, SINGLE, "Time Value"},
	{3442, 170, LWM2M_OBJLNK, RW, SINGLE, "ObjLink Value"},
	{3442, 180, LWM2M_CORELINK, RW, SINGLE, "CoreLnk Value"},
	{3442, 1110, LWM2M_STRING, RW, MULTIPLE, "Multiple String Value"},
	{3442, 1120, LWM2M_INTEGER, RW, MULTIPLE, "Multiple Integer Value"},
	{3442, 1125, LWM2M_UNSIGNED_INTEGER, RW, MULTIPLE, "Multiple Unsigned Integer Value"},
	{3442, 1130, LWM2M_FLOAT, RW, MULTIPLE, "Multiple Float Value"},
	{3442, 1140, LWM2M_BOOLEAN, RW, MULTIPLE, "Multiple Boolean Value"},
	{3442, 1150, LWM2M_OPAQUE, RW, MULTIPLE, "Multiple Opaque Value"},
	{3442, 1160, LWM2M_TIME, RW, MULTIPLE, "Multiple Time Value"},
	{3442, 1170, LWM2M_OBJLNK, RW, MULTIPLE, "Multiple ObjLink Value"},
	{3442, 1180, LWM2M_CORELINK, RW, MULTIPLE, "Multiple CoreLnk Value"},
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

const struct lwm2m_resource_info *lwm2m_resource_info(uint16_t object, uint16_t resource)
{
	uint32_t key = (uint32_t)object << 16 | resource;
	size_t low = 0, high = sizeof(resources) / sizeof(resources[0]);

	while (low < high) {
		size_t mid = (low + high) / 2;
		uint32_t at = (uint32_t)resources[mid].object << 16 | resources[mid].resource;
		if (at == key)
			return &resources[mid];
		if (at < key)
			low = mid + 1;
		else
			high = mid;
	}
	return NULL;
}

const struct lwm2m_object_info *lwm2m_object_info(uint16_t object)
{
	for (size_t i = 0; i < sizeof(objects) / sizeof(objects[0]); i++) {
		if (objects[i].object == object)
			return &objects[i];
	}
	return NULL;
}
