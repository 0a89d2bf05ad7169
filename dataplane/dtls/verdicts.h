// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// What may come of a record. One line here yields the enum, the name and the sentence an operator
// reads. TAKEN are authentic records (but for the one that says otherwise); DROPPED leave the
// session as it was, but for the count of forgeries.
#pragma once

#define DTLS_TAKEN(X)                                                                              \
	X(DATA, data, "application data")                                                          \
	X(FINISHED_AGAIN, finished_again,                                                          \
	  "the client's last flight once more: ours was lost and is repeated (in DTLS 1.3 the "    \
	  "record "                                                                                \
	  "is only recognised, its keys are gone)")                                                \
	X(KEY_UPDATE, key_update, "key updates of the peer (DTLS 1.3)")                            \
	X(ACKED, acked, "acknowledgements (DTLS 1.3)")                                             \
	X(HANDSHAKE, handshake, "other handshake messages, renegotiation among them, all refused") \
	X(CLOSE_NOTIFY, close_notify, "sessions closed by the peer")                               \
	X(FATAL_ALERT, fatal_alert, "sessions that the peer ended with a fatal alert")             \
	X(WARNING, warning, "warning alerts, which change nothing")

#define DTLS_DROPPED(X)                                                                         \
	X(TRUNCATED, truncated, "records cut short, in the header or after it")                 \
	X(BAD_VERSION, bad_version, "records of another protocol version than their session's") \
	X(BAD_TYPE, bad_type, "records of a content type that has no business where it stands") \
	X(BAD_LENGTH, bad_length,                                                               \
	  "records too short for their tag or longer than the protocol allows")                 \
	X(UNKNOWN_CID, unknown_cid, "records whose Connection ID or address names no session")  \
	X(BAD_CID, bad_cid,                                                                     \
	  "records without the Connection ID that was agreed, or with one that was not")        \
	X(BAD_EPOCH, bad_epoch, "records of an earlier or later epoch")                         \
	X(REPLAY, replay, "records received before, or too old to tell")                        \
	X(BAD_MAC, bad_mac, "records that do not authenticate")                                 \
	X(BAD_INNER, bad_inner, "authentic records whose content makes no sense")               \
	X(CLOSED, closed, "records for a session that is closed")                               \
	X(EXHAUSTED, exhausted, "records refused because their keys have been used up")         \
	X(RESUMED, resumed, "records of a session that goes on after a restart, unproven yet")  \
	X(UNSAVED, unsaved, "records not sent because no more numbers are reserved on disk")
