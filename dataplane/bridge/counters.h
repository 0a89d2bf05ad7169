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
	X(dedup_slots, "deduplication entries there is room for")

struct dp_gauges {
#define X(name, help) uint64_t name;
	DP_GAUGES(X)
#undef X
};
