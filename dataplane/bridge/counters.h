// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// Every counter of a worker, each with its metric name and the sentence an operator reads. One line
// here yields the enum, the field, the line in /metrics and its help text. Monotonic; each worker
// writes its own block in the bridge segment (worker: wo, control: ro), nothing is ever reset while
// it runs.
//
// DROPS are datagrams that got no answer, each under exactly one reason.
#pragma once

#include <stdint.h>

#define DP_COUNTERS(X)                                                                             \
	X(rx_datagrams, "datagrams received that carry UDP to one of our ports")                   \
	X(tx_datagrams, "datagrams handed to a port for sending")                                  \
	X(rx_bytes, "bytes of UDP payload received")                                               \
	X(tx_bytes, "bytes of UDP payload sent")                                                   \
	X(handoffs, "datagrams passed to another worker because it owns the session")              \
	X(duplicates_answered,                                                                     \
	  "repeated Confirmable messages answered from the deduplication table")                   \
	X(dedup_evictions, "deduplication entries displaced before their lifetime ended")          \
	X(registers, "Register requests answered 2.01")                                            \
	X(updates, "Update requests answered 2.04")                                                \
	X(deregisters, "De-register requests answered 2.02")                                       \
	X(expirations, "registrations removed because their lifetime ended")                       \
	X(replaced, "registrations replaced by a new one of the same endpoint")                    \
	X(restored, "sessions taken over from control after a start or an attach")                 \
	X(restore_failures, "sessions control asked to restore that did not fit or were invalid")  \
	X(repeated,                                                                                \
	  "messages that control had committed before a restart; answered, no new event")          \
	X(forgotten, "sessions let go because control has no such registration")                   \
	X(client_errors, "requests answered 4.xx")                                                 \
	X(unavailable, "requests answered 5.03 because control was away or behind")                \
	X(too_many, "requests answered 4.29 because of a limit of the overload section")           \
	X(challenges, "requests answered 4.01 with an Echo option, to learn who is at an address") \
	X(echoes, "requests that returned a fresh Echo option")                                    \
	X(senders_displaced,                                                                       \
	  "addresses forgotten, though limited or of a registered device, for want of room")       \
	X(pings, "CoAP pings answered with RST")                                                   \
	X(format_resets, "malformed Confirmable messages answered with RST")                       \
	X(unknown_resets, "responses or notifications with an unknown token answered with RST")    \
	X(requests_sent, "requests sent to devices, first transmissions")                          \
	X(requests_retransmitted, "retransmissions of requests to devices")                        \
	X(requests_answered, "requests to devices that were answered")                             \
	X(requests_timeout, "requests to devices that were given up")                              \
	X(requests_reset, "requests to devices answered with RST")                                 \
	X(requests_withheld,                                                                       \
	  "transmissions withheld, or replaced by a ping, because nothing has shown yet that the " \
	  "device is where its Register came from")                                                \
	X(requests_refused,                                                                        \
	  "commands from control that could not be carried out (gone, busy, invalid)")             \
	X(notifications, "notifications of observed resources that control committed")             \
	X(notifications_non, "Non-confirmable ones among them, which get no answer")               \
	X(notifications_rejected, "notifications answered with RST because nobody observes")       \
	X(sends, "Send requests answered 2.04")                                                    \
	X(moves, "sessions whose device was heard from another address than before")               \
	X(transfers, "requests put together from blocks")                                          \
	X(transfers_expired, "requests whose last blocks never came")                              \
	X(transfers_refused, "first blocks answered 5.03 because too many transfers are under "    \
			     "way, of the sender or at all")                                       \
	X(traces, "messages of traced sessions told to control")                                   \
	X(traces_lost, "messages of traced sessions for which the event ring had no room")         \
	X(traces_refused, "sessions not traced because too many are")                              \
	X(promises, "events sent to control that wait for its commit")                             \
	X(touches, "refreshed registrations reported to control")                                  \
	X(arp_answers, "ARP requests and IPv6 neighbour solicitations answered")                   \
	X(icmp_echoes, "ICMP and ICMPv6 echo requests answered")                                   \
	X(forbidden, "requests answered 4.03 because the registration is another credential's")    \
	X(dtls_handshakes_psk, "DTLS handshakes done with a pre-shared key")                       \
	X(dtls_handshakes_rpk, "DTLS handshakes done with a raw public key")                       \
	X(dtls_handshakes_x509, "DTLS handshakes done with a certificate")                         \
	X(dtls_handshakes_ticket, "DTLS handshakes that resumed a session by its ticket")          \
	X(dtls_tickets, "session tickets given to devices")                                        \
	X(dtls_tickets_unknown,                                                                    \
	  "session tickets that did not count: not ours, changed, from long ago, or for another "  \
	  "name or cipher suite; a handshake in full followed")                                    \
	X(dtls_tickets_expired,                                                                    \
	  "session tickets that did not count: too old, or the certificate has expired")           \
	X(dtls_tickets_revoked,                                                                    \
	  "session tickets that did not count: the credential was removed or changed since")       \
	X(dtls_tickets_lost,                                                                       \
	  "last flights that could not be repeated because their ticket is not kept any more")     \
	X(dtls_cookies, "ClientHellos answered with a demand for a cookie, nothing kept")          \
	X(dtls_hello_again, "repeated ClientHellos with a cookie, answered at once")               \
	X(dtls_flights_again, "flights of ours sent again because no answer came")                 \
	X(dtls_queries, "questions to control whose identity, key or certificate it is")           \
	X(dtls_unanswered, "such questions that control did not answer in time")                   \
	X(dtls_unknown_identity, "DTLS handshakes refused: identity, key or certificate unknown")  \
	X(dtls_wrong_key, "DTLS handshakes refused: the pre-shared key is not the identity's")     \
	X(dtls_bad_certificate, "DTLS handshakes refused: certificate expired or not trusted")     \
	X(dtls_nothing_in_common,                                                                  \
	  "DTLS handshakes refused: no version, cipher suite or name in common")                   \
	X(dtls_failed_peer, "DTLS handshakes that the device broke off with an alert")             \
	X(dtls_failed_memory, "DTLS handshakes ended because their memory was used up")            \
	X(dtls_failed_other, "DTLS handshakes that failed for another reason")                     \
	X(dtls_expired, "DTLS handshakes given up because they took too long")                     \
	X(dtls_alerts, "fatal alerts sent in the clear")                                           \
	X(dtls_idle, "DTLS sessions forgotten because nothing came by them for long")              \
	X(dtls_displaced, "DTLS sessions that were silent for long, given up for new ones")        \
	X(dtls_revoked, "DTLS sessions ended because their credential was removed")                \
	X(dtls_saved, "snapshots of DTLS sessions that control has put on disk")                   \
	X(dtls_restored, "DTLS sessions taken over from control after a start")                    \
	X(dtls_restore_failures, "DTLS sessions of control's that are of no use any more")         \
	X(dtls_proofs_wanted, "pings sent by DTLS so that a device shows that it is there")        \
	X(dtls_proofs, "devices that have shown it")                                               \
	X(dtls_moves, "DTLS sessions whose device was heard from another address than before")     \
	X(dtls_data, "DTLS records of application data")                                           \
	X(dtls_finished_again, "last flights of a handshake that came once more")                  \
	X(dtls_key_update, "DTLS 1.3 key updates of the device")                                   \
	X(dtls_acked, "DTLS 1.3 acknowledgements")                                                 \
	X(dtls_handshake, "handshake messages in a session, all refused (no renegotiation)")       \
	X(dtls_close_notify, "DTLS sessions closed by the device")                                 \
	X(dtls_fatal_alert, "DTLS sessions that the device ended with a fatal alert")              \
	X(dtls_warning, "warning alerts, which change nothing")                                    \
	X(busy_cycles, "TSC cycles spent on bursts that carried at least one datagram")            \
	X(sleeps, "times the worker slept because there was nothing to do")

#define DP_DROPS(X)                                                                                \
	X(frame_short, "frame or datagram shorter than its headers say")                           \
	X(ethertype, "frame that is neither IPv4, IPv6 nor ARP")                                   \
	X(vlan, "frame with a VLAN tag (not supported)")                                           \
	X(ip_header, "IPv4 or IPv6 header with a wrong version, length or checksum")               \
	X(ip_fragment, "IP fragment (not reassembled)")                                            \
	X(ip_options, "IPv6 extension header that is not supported")                               \
	X(not_ours, "packet for an address or port that is not ours")                              \
	X(not_udp, "IP packet that is neither UDP nor a control message we answer")                \
	X(udp_checksum, "UDP checksum that is wrong, or missing in IPv6")                          \
	X(bad_source, "source address that cannot be answered (multicast, broadcast, zero)")       \
	X(too_large, "datagram larger than a packet buffer, or than the port can send")            \
	X(socket_full, "datagram the kernel dropped because our socket's receive buffer was full") \
	X(coap_version, "CoAP version that is not 1 (RFC 7252 section 3)")                         \
	X(coap_malformed,                                                                          \
	  "malformed CoAP message that may not be answered (RFC 7252 section 4.3)")                \
	X(coap_unexpected, "ACK or RST that matches nothing we sent, or a request in an ACK")      \
	X(duplicate_non, "repeated Non-confirmable message within NON_LIFETIME")                   \
	X(duplicate_pending,                                                                       \
	  "repeated Confirmable message whose answer still waits for its commit")                  \
	X(non_critical_option,                                                                     \
	  "Non-confirmable message with an unknown critical option (RFC 7252 section 5.4.1)")      \
	X(control_away, "request held back while control restarts; the device repeats it")         \
	X(restoring, "request for a session that may not be restored yet; the device repeats it")  \
	X(notification, "notification that control could not take now; a device repeats a "        \
			"Confirmable one")                                                         \
	X(peer_rate, "datagram of an address that sends more than overload.peer_rate")             \
	X(unknown_rate,                                                                            \
	  "datagram of a sender that is not registered, beyond overload.unknown_rate")             \
	X(new_rate, "Register of a new endpoint beyond overload.new_rate")                         \
	X(amplification,                                                                           \
	  "message whose answer would be more than three times its size, to an unproven address")  \
	X(buffers_kept,                                                                            \
	  "datagram of a sender that is not registered while few packet buffers are left")         \
	X(dtls_truncated, "DTLS record cut short")                                                 \
	X(dtls_bad_version, "DTLS record of another protocol version")                             \
	X(dtls_bad_type, "DTLS record of a content type that has no business there")               \
	X(dtls_bad_length,                                                                         \
	  "DTLS record too short for its tag, or longer than the protocol allows")                 \
	X(dtls_unknown_cid, "DTLS record whose Connection ID or address names no session")         \
	X(dtls_bad_cid, "DTLS record without the Connection ID that was agreed, or with another")  \
	X(dtls_bad_epoch, "DTLS record of an earlier or later epoch")                              \
	X(dtls_replay, "DTLS record received before, or too old to tell")                          \
	X(dtls_bad_mac, "DTLS record that does not authenticate")                                  \
	X(dtls_bad_inner, "authentic DTLS record whose content makes no sense")                    \
	X(dtls_closed, "DTLS record for a session that is closed")                                 \
	X(dtls_exhausted, "DTLS record whose keys have been used up")                              \
	X(dtls_resumed,                                                                            \
	  "DTLS record after a restart, before the device has shown that it is no replay")         \
	X(dtls_unsaved, "message not sent because no more DTLS numbers are reserved on disk")      \
	X(dtls_no_session, "answer or request for a DTLS session that is over")                    \
	X(dtls_no_handshake, "DTLS handshake message of a handshake that is not under way")        \
	X(dtls_malformed, "DTLS handshake message that cannot be read")                            \
	X(dtls_hello_rate, "DTLS ClientHello above the rate at which cookies are demanded")        \
	X(dtls_hello_bad, "DTLS 1.3 ClientHello that has nothing in common with us")               \
	X(dtls_waiting, "DTLS datagram that came while control was asked, and was one too many")   \
	X(dtls_handshakes_full, "DTLS ClientHello while as many handshakes as allowed go on")      \
	X(dtls_sessions_full, "DTLS ClientHello while there is no room for another session")       \
	X(dtls_memory, "DTLS ClientHello while the memory of handshakes is used up")               \
	X(ring_full, "hand-off ring to another worker was full")                                   \
	X(parked_lost, "answer given up because control went away before its commit")              \
	X(no_mbuf, "no packet buffer left")                                                        \
	X(no_neighbour, "next hop's Ethernet address not known yet; a request for it was sent")    \
	X(tx_full, "port did not take the datagram")

struct dp_counters {
#define X(name, help) uint64_t name;
	DP_COUNTERS(X)
#undef X
#define X(name, help) uint64_t drop_##name;
	DP_DROPS(X)
#undef X
};

// Gauges of a worker, as they are now.
#define DP_GAUGES(X)                                                \
	X(sessions, "sessions held")                                \
	X(sessions_max, "sessions there is room for")               \
	X(parked, "answers waiting for control's commit")           \
	X(outstanding, "requests to devices waiting for an answer") \
	X(transfers, "requests of which blocks are still to come")  \
	X(dtls_sessions, "DTLS sessions held")                      \
	X(dtls_handshakes, "DTLS handshakes under way")             \
	X(dtls_memory, "bytes that handshakes have of wolfSSL")     \
	X(dedup_slots, "deduplication entries there is room for")

struct dp_gauges {
#define X(name, help) uint64_t name;
	DP_GAUGES(X)
#undef X
};
