// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// Kernel sockets: one for every source port of the fleet, whatever the number of addresses, since
// IP_PKTINFO names a datagram's own address in both directions. Addresses that are not the
// machine's must be made so ("ip route add local 198.19.0.0/17 dev lo"); 127.0.0.0/8 is.
#include <arpa/inet.h>
#include <errno.h>
#include <stdalign.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "bench/swarm/load/port.h"

#define SOCKET_BUFFER (4 << 20) // a burst of answers while the fleet is busy sending
#define EVENTS_MAX    64
#define CONTROL_ROOM  CMSG_SPACE(sizeof(struct in_pktinfo))

struct udp {
	struct port port;
	struct sockaddr_in gateway;
	uint32_t address; // of device 0
	uint8_t address_bits;
	uint16_t first_port;
	uint32_t sockets;
	uint32_t moves;
	int epoll_fd;
	int *fds;
	uint16_t backlog_n;
	bool refused_once;
	struct rte_mbuf *backlog[PORT_BACKLOG];
	struct rte_mbuf *spare[PORT_BURST]; // to receive into
	uint16_t spare_n;
	struct mmsghdr heads[PORT_BURST];
	struct iovec vectors[PORT_BURST];
	struct sockaddr_in from[PORT_BURST];
	alignas(8) uint8_t control[PORT_BURST][CONTROL_ROOM];
};

static void prepare(struct udp *u, unsigned i, struct rte_mbuf *m, size_t len,
		    struct sockaddr_in *peer)
{
	u->vectors[i] = (struct iovec){rte_pktmbuf_mtod(m, void *), len};
	u->heads[i].msg_hdr = (struct msghdr){
		.msg_name = peer,
		.msg_namelen = sizeof(*peer),
		.msg_iov = &u->vectors[i],
		.msg_iovlen = 1,
		.msg_control = u->control[i],
		.msg_controllen = CONTROL_ROOM,
	};
}

static void set_source(struct udp *u, unsigned i, uint32_t device)
{
	uint32_t mask = (uint32_t)((1ull << u->address_bits) - 1);
	struct cmsghdr *cmsg = (struct cmsghdr *)u->control[i];
	struct in_pktinfo info = {
		.ipi_spec_dst.s_addr = htonl(u->address + (device & mask)),
	};

	cmsg->cmsg_level = IPPROTO_IP;
	cmsg->cmsg_type = IP_PKTINFO;
	cmsg->cmsg_len = CMSG_LEN(sizeof(info));
	memcpy(CMSG_DATA(cmsg), &info, sizeof(info));
}

static uint32_t socket_of(const struct udp *u, const struct rte_mbuf *m)
{
	return (uint32_t)((uint64_t)m->hash.fdir.lo >> u->address_bits);
}

static void note_refusal(struct udp *u)
{
	u->port.tx_refused++;
	if (!u->refused_once)
		fprintf(stderr, "sluice-swarm: a datagram cannot be sent: %s\n", strerror(errno));
	u->refused_once = true;
}

// Sends up to n messages of one socket. Returns how many are dealt with; less than n when the
// socket's buffer is full.
static uint16_t send_some(struct udp *u, uint32_t socket, struct rte_mbuf **pkts, uint16_t n)
{
	uint16_t done = 0;

	for (uint16_t i = 0; i < n; i++) {
		prepare(u, i, pkts[i], pkts[i]->data_len, &u->gateway);
		set_source(u, i, *port_device(pkts[i]));
	}
	while (done < n) {
		int sent = sendmmsg(u->fds[socket], u->heads + done, n - done, MSG_DONTWAIT);
		if (sent < 0 && (errno == EAGAIN || errno == EWOULDBLOCK || errno == ENOBUFS))
			break;
		if (sent < 0) {
			note_refusal(u); // it is lost; the fleet will miss the answer
			sent = 1;
		}
		done = (uint16_t)(done + sent);
	}
	rte_pktmbuf_free_bulk(pkts, done);
	return done;
}

// Sends what the sockets take, one call for all neighbours of the same socket.
static void flush(struct udp *u)
{
	uint16_t at = 0;

	while (at < u->backlog_n) {
		uint32_t socket = socket_of(u, u->backlog[at]);
		uint16_t n = 1;
		while (at + n < u->backlog_n && n < PORT_BURST &&
		       socket_of(u, u->backlog[at + n]) == socket)
			n++;
		uint16_t done = send_some(u, socket, u->backlog + at, n);
		at = (uint16_t)(at + done);
		if (done < n)
			break;
	}
	u->backlog_n = (uint16_t)(u->backlog_n - at);
	memmove(u->backlog, u->backlog + at, u->backlog_n * sizeof(u->backlog[0]));
}

static uint16_t udp_room(struct port *port)
{
	struct udp *u = (struct udp *)port;

	if (u->backlog_n > 0)
		flush(u);
	return (uint16_t)(PORT_BACKLOG - u->backlog_n);
}

// Brings the messages of a socket together (there are few sockets as long as there are many
// addresses), keeping the order of a device's messages.
static void sort_by_socket(const struct udp *u, struct rte_mbuf **pkts, uint16_t n)
{
	for (uint16_t i = 1; i < n && u->sockets > 1; i++) {
		struct rte_mbuf *m = pkts[i];
		uint16_t at = i;
		for (; at > 0 && socket_of(u, pkts[at - 1]) > socket_of(u, m); at--)
			pkts[at] = pkts[at - 1];
		pkts[at] = m;
	}
}

static void udp_tx(struct port *port, struct rte_mbuf **pkts, uint16_t n)
{
	struct udp *u = (struct udp *)port;

	sort_by_socket(u, pkts, n);
	memcpy(u->backlog + u->backlog_n, pkts, n * sizeof(pkts[0]));
	u->backlog_n = (uint16_t)(u->backlog_n + n);
	flush(u);
}

// The device a datagram came to, false when it is none or the sender is not the gateway.
static bool addressee(const struct udp *u, unsigned i, uint32_t socket, uint32_t *device)
{
	const struct cmsghdr *cmsg = CMSG_FIRSTHDR(&u->heads[i].msg_hdr);
	struct in_pktinfo info;

	if (!cmsg || cmsg->cmsg_type != IP_PKTINFO ||
	    u->from[i].sin_addr.s_addr != u->gateway.sin_addr.s_addr ||
	    u->from[i].sin_port != u->gateway.sin_port)
		return false;
	memcpy(&info, CMSG_DATA(cmsg), sizeof(info));
	uint32_t host = ntohl(info.ipi_addr.s_addr) - u->address;
	*device = (uint32_t)((uint64_t)socket << u->address_bits) + host;
	return (uint64_t)host >> u->address_bits == 0;
}

static uint16_t receive(struct udp *u, uint32_t socket, struct rte_mbuf **pkts, uint16_t room)
{
	uint16_t kept = 0;

	for (uint16_t i = 0; i < room; i++)
		prepare(u, i, u->spare[i], rte_pktmbuf_tailroom(u->spare[i]), &u->from[i]);
	int n = recvmmsg(u->fds[socket], u->heads, room, MSG_DONTWAIT, NULL);
	for (int i = 0; i < n; i++) {
		struct rte_mbuf *m = u->spare[i];
		if (!addressee(u, (unsigned)i, socket, port_device(m))) {
			u->port.foreign++;
			rte_pktmbuf_free(m);
			continue;
		}
		m->data_len = (uint16_t)u->heads[i].msg_len;
		m->pkt_len = m->data_len;
		pkts[kept++] = m;
	}
	if (n > 0) {
		u->spare_n = (uint16_t)(u->spare_n - n);
		memmove(u->spare, u->spare + n, u->spare_n * sizeof(u->spare[0]));
	}
	return kept;
}

static bool refill(struct udp *u)
{
	if (u->spare_n == PORT_BURST)
		return true;
	if (rte_pktmbuf_alloc_bulk(u->port.pool, u->spare + u->spare_n, PORT_BURST - u->spare_n))
		return false;
	u->spare_n = PORT_BURST;
	return true;
}

static uint16_t udp_rx(struct port *port, struct rte_mbuf **pkts)
{
	struct udp *u = (struct udp *)port;
	struct epoll_event events[EVENTS_MAX];
	uint16_t kept = 0;

	if (!refill(u))
		return 0;
	if (u->sockets == 1 && u->moves == 0)
		return receive(u, 0, pkts, PORT_BURST);
	int n = epoll_wait(u->epoll_fd, events, EVENTS_MAX, 0);
	for (int i = 0; i < n && u->spare_n > 0; i++)
		kept = (uint16_t)(kept + receive(u, events[i].data.u32, pkts + kept, u->spare_n));
	return kept;
}

static int open_socket(const struct udp *u, uint32_t n)
{
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	int on = 1, buffer = SOCKET_BUFFER;
	struct epoll_event event = {.events = EPOLLIN, .data.u32 = n};
	struct sockaddr_in own = {
		.sin_family = AF_INET,
		.sin_port = htons((uint16_t)(u->first_port + u->moves * u->sockets + n)),
	};

	if (fd < 0)
		return -errno;
	// Larger than the system allows if we may, as large as it allows otherwise.
	if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &buffer, sizeof(buffer)) < 0)
		(void)setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &buffer, sizeof(buffer));
	(void)setsockopt(fd, IPPROTO_IP, IP_FREEBIND, &on, sizeof(on));
	if (setsockopt(fd, IPPROTO_IP, IP_PKTINFO, &on, sizeof(on)) < 0 ||
	    bind(fd, (struct sockaddr *)&own, sizeof(own)) < 0 ||
	    epoll_ctl(u->epoll_fd, EPOLL_CTL_ADD, fd, &event) < 0) {
		int err = errno;
		close(fd);
		return -err;
	}
	return fd;
}

static void close_sockets(struct udp *u)
{
	for (uint32_t i = 0; i < u->sockets; i++)
		if (u->fds[i] >= 0)
			close(u->fds[i]);
}

static bool open_sockets(struct udp *u)
{
	memset(u->fds, 0xff, u->sockets * sizeof(u->fds[0]));
	for (uint32_t i = 0; i < u->sockets; i++) {
		u->fds[i] = open_socket(u, i);
		if (u->fds[i] < 0) {
			fprintf(stderr, "sluice-swarm: socket %u of %u, port %u: %s\n", i + 1,
				u->sockets, u->first_port + u->moves * u->sockets + i,
				strerror(-u->fds[i]));
			return false;
		}
	}
	return true;
}

static void udp_move(struct port *port)
{
	struct udp *u = (struct udp *)port;

	close_sockets(u);
	u->moves++;
	(void)open_sockets(u); // what cannot be sent from a closed one will be missed
}

static void udp_close(struct port *port)
{
	struct udp *u = (struct udp *)port;

	rte_pktmbuf_free_bulk(u->backlog, u->backlog_n);
	rte_pktmbuf_free_bulk(u->spare, u->spare_n);
	if (u->fds)
		close_sockets(u);
	if (u->epoll_fd >= 0)
		close(u->epoll_fd);
	free(u->fds);
	free(u);
}

static const struct port_ops udp_ops = {
	.name = "udp",
	.rx = udp_rx,
	.tx = udp_tx,
	.room = udp_room,
	.move = udp_move,
	.close = udp_close,
};

static void allow_descriptors(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
		limit.rlim_cur = limit.rlim_max;
		(void)setrlimit(RLIMIT_NOFILE, &limit);
	}
}

struct port *port_udp_open(const struct port_options *opt, const struct scenario *sc,
			   struct rte_mempool *pool)
{
	struct udp *u = calloc(1, sizeof(*u));

	if (!u)
		return NULL;
	u->port = (struct port){.ops = &udp_ops, .pool = pool};
	u->gateway = (struct sockaddr_in){
		.sin_family = AF_INET,
		.sin_port = htons(opt->gateway_port),
		.sin_addr.s_addr = htonl(opt->gateway),
	};
	u->address = sc->address;
	u->address_bits = sc->address_bits;
	u->first_port = sc->first_port;
	u->sockets = scenario_ports(sc);
	u->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	u->fds = malloc(u->sockets * sizeof(u->fds[0]));
	allow_descriptors();
	if (u->epoll_fd < 0 || !u->fds || !open_sockets(u)) {
		udp_close(&u->port);
		return NULL;
	}
	return &u->port;
}
