// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// Kernel UDP sockets, one per queue. Message headers are set up once and buffers wait in them, so
// that an idle poll is one system call and a burst is two.
#include <errno.h>
#include <stdalign.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include <rte_spinlock.h>

#include "dataplane/bridge/segment.h"
#include "dataplane/pkt.h"
#include "dataplane/pktio/addr.h"
#include "dataplane/pktio/pktio.h"
#include "dataplane/pktio/udp_local.h"
#include "dataplane/pktio/udp_socket.h"

// One packet info (IPv6: 40 bytes) and one overflow count (24 bytes).
#define UDP_CONTROL_BYTES 64

struct udp_burst {
	struct mmsghdr msgs[PKTIO_BURST];
	struct iovec iov[PKTIO_BURST];
	union udp_sockaddr names[PKTIO_BURST];
	alignas(8) uint8_t control[PKTIO_BURST][UDP_CONTROL_BYTES];
};

struct udp_queue {
	alignas(64) int fd;
	uint16_t armed;     // buffers waiting in rx
	uint32_t overflows; // as the kernel last reported them
	struct rte_mempool *pool;
	struct rte_mbuf *buffers[PKTIO_BURST];
	struct udp_burst rx;
	struct udp_burst tx;
};

struct udp_port {
	bool any; // bound to the wildcard address: each datagram says which address was asked
	struct udp_locals_lock lock;
	struct udp_queue queues[];
};

static void arm(struct udp_queue *q, uint16_t from, uint16_t to)
{
	for (uint16_t i = from; i < to; i++) {
		q->rx.iov[i] = (struct iovec){rte_pktmbuf_mtod(q->buffers[i], void *),
					      rte_pktmbuf_tailroom(q->buffers[i])};
	}
}

static void reset_headers(struct udp_burst *b, uint16_t n)
{
	for (uint16_t i = 0; i < n; i++) {
		b->msgs[i].msg_hdr.msg_namelen = sizeof(b->names[i]);
		b->msgs[i].msg_hdr.msg_controllen = UDP_CONTROL_BYTES;
	}
}

// The first taken buffers have been given away.
static void replace(struct udp_queue *q, uint16_t taken)
{
	if (rte_pktmbuf_alloc_bulk(q->pool, q->buffers, taken) == 0) {
		arm(q, 0, taken);
		return;
	}
	q->armed -= taken;
	memmove(q->buffers, q->buffers + taken, q->armed * sizeof(q->buffers[0]));
	arm(q, 0, q->armed);
}

// After the pool ran dry. What we have no buffer for waits in the socket; the kernel counts what it
// drops.
static void replenish(struct udp_queue *q)
{
	uint16_t armed = q->armed;

	while (q->armed < PKTIO_BURST) {
		q->buffers[q->armed] = rte_pktmbuf_alloc(q->pool);
		if (!q->buffers[q->armed])
			break;
		q->armed++;
	}
	arm(q, armed, q->armed);
}

static void peer_set(struct dp_peer *peer, const union udp_sockaddr *from)
{
	memset(peer, 0, sizeof(*peer));
	if (from->sa.sa_family == AF_INET6) {
		memcpy(peer->addr, &from->v6.sin6_addr, 16);
		peer->udp_port_be16 = from->v6.sin6_port;
		peer->scope_id = from->v6.sin6_scope_id;
	} else {
		pktio_addr_from_v4(peer->addr, &from->v4.sin_addr);
		peer->udp_port_be16 = from->v4.sin_port;
	}
}

static void count_overflows(struct udp_queue *q, const struct cmsghdr *c,
			    struct dp_counters *counters)
{
	uint32_t total;

	memcpy(&total, CMSG_DATA(c), sizeof(total));
	counters->drop_socket_full += total - q->overflows;
	q->overflows = total;
}

// Which of our addresses was asked; false when none that we could answer from (multicast,
// broadcast).
static bool read_control(struct pktio_port *port, struct udp_queue *q, struct msghdr *hdr,
			 struct dp_peer *peer, struct dp_counters *counters)
{
	struct udp_port *up = port->impl;
	bool ok = true;

	for (struct cmsghdr *c = CMSG_FIRSTHDR(hdr); c; c = CMSG_NXTHDR(hdr, c)) {
		if (c->cmsg_level == SOL_SOCKET && c->cmsg_type == SO_RXQ_OVFL)
			count_overflows(q, c, counters);
		else if (up->any)
			ok = udp_local_from_control(port, &up->lock, c, &peer->local);
	}
	return ok;
}

// Fills in the mbuf; false when it was dropped.
static bool receive(struct pktio_port *port, uint16_t queue, uint16_t i,
		    struct dp_counters *counters)
{
	struct udp_port *up = port->impl;
	struct udp_queue *q = &up->queues[queue];
	struct msghdr *hdr = &q->rx.msgs[i].msg_hdr;
	struct rte_mbuf *m = q->buffers[i];
	struct dp_peer *peer = &dp_pkt(m)->peer;
	uint64_t *drop = NULL;

	peer_set(peer, &q->rx.names[i]);
	peer->port = port->index;
	peer->worker = (uint8_t)queue;
	if (!read_control(port, q, hdr, peer, counters))
		drop = &counters->drop_not_ours;
	else if (hdr->msg_flags & MSG_TRUNC)
		drop = &counters->drop_too_large;
	else if (peer->udp_port_be16 == 0)
		drop = &counters->drop_bad_source;
	if (drop) {
		(*drop)++;
		rte_pktmbuf_free(m);
		return false;
	}
	m->data_len = (uint16_t)q->rx.msgs[i].msg_len;
	m->pkt_len = m->data_len;
	return true;
}

static uint16_t udp_rx(struct pktio_port *port, uint16_t queue, struct rte_mbuf **pkts, uint16_t n,
		       struct dp_counters *counters)
{
	struct udp_port *up = port->impl;
	struct udp_queue *q = &up->queues[queue];
	uint16_t given = 0;

	if (q->armed < PKTIO_BURST)
		replenish(q);
	if (n > q->armed)
		n = q->armed;
	if (n == 0)
		return 0;
	// An error is an old ICMP message or a moment's lack of memory: the next poll is as good.
	int got = recvmmsg(q->fd, q->rx.msgs, n, MSG_DONTWAIT, NULL);
	if (got <= 0)
		return 0;
	for (uint16_t i = 0; i < got; i++) {
		if (receive(port, queue, i, counters))
			pkts[given++] = q->buffers[i];
	}
	reset_headers(&q->rx, (uint16_t)got);
	replace(q, (uint16_t)got);
	return given;
}

static void prepare(struct pktio_port *port, struct udp_burst *b, uint16_t i, struct rte_mbuf *m)
{
	struct udp_port *up = port->impl;
	const struct dp_peer *peer = &dp_pkt(m)->peer;
	struct msghdr *hdr = &b->msgs[i].msg_hdr;

	hdr->msg_namelen =
		udp_sockaddr_set(&b->names[i], peer->addr, peer->udp_port_be16, peer->scope_id);
	b->iov[i] = (struct iovec){rte_pktmbuf_mtod(m, void *), m->data_len};
	hdr->msg_control = b->control[i];
	hdr->msg_controllen = up->any ? udp_local_to_control(port, peer, b->control[i]) : 0;
}

static uint16_t udp_tx(struct pktio_port *port, uint16_t queue, struct rte_mbuf **pkts, uint16_t n,
		       struct dp_counters *counters)
{
	struct udp_port *up = port->impl;
	struct udp_queue *q = &up->queues[queue];
	uint16_t done = 0;

	if (n > PKTIO_BURST)
		n = PKTIO_BURST;
	for (uint16_t i = 0; i < n; i++)
		prepare(port, &q->tx, i, pkts[i]);
	while (done < n) {
		int sent = sendmmsg(q->fd, q->tx.msgs + done, n - done, MSG_DONTWAIT);
		if (sent > 0) {
			rte_pktmbuf_free_bulk(pkts + done, (unsigned int)sent);
			done += (uint16_t)sent;
			continue;
		}
		if (errno == EINTR)
			continue;
		if (errno == EAGAIN || errno == ENOBUFS || errno == ENOMEM)
			break;
		// This one cannot be sent (no route, refused by a filter); those behind it can.
		counters->drop_tx_full++;
		rte_pktmbuf_free(pkts[done++]);
	}
	return done;
}

static int udp_wait_fd(struct pktio_port *port, uint16_t queue)
{
	struct udp_port *up = port->impl;

	return up->queues[queue].fd;
}

static void udp_close(struct pktio_port *port)
{
	struct udp_port *up = port->impl;

	for (uint16_t i = 0; i < port->queues; i++) {
		struct udp_queue *q = &up->queues[i];
		if (q->fd >= 0)
			close(q->fd);
		rte_pktmbuf_free_bulk(q->buffers, q->armed);
	}
	free(up);
	port->impl = NULL;
}

static const struct pktio_ops udp_ops = {
	.name = "udp",
	.framing = PKTIO_DATAGRAMS,
	.rx = udp_rx,
	.tx = udp_tx,
	.wait_fd = udp_wait_fd,
	.close = udp_close,
};

static void queue_init(struct udp_queue *q, int fd, struct rte_mempool *pool)
{
	q->fd = fd;
	q->pool = pool;
	for (uint16_t i = 0; i < PKTIO_BURST; i++) {
		struct udp_burst *both[] = {&q->rx, &q->tx};
		for (size_t k = 0; k < 2; k++)
			both[k]->msgs[i].msg_hdr =
				(struct msghdr){.msg_name = &both[k]->names[i],
						.msg_iov = &both[k]->iov[i],
						.msg_iovlen = 1,
						.msg_control = both[k]->control[i]};
	}
	reset_headers(&q->rx, PKTIO_BURST);
	replenish(q);
}

// Those that were handed to us, or new ones. May fill in why either way.
static int sockets_get(struct pktio_inherited *inherited, const uint8_t addr[static 16],
		       uint16_t *port_be16, int *fds, uint16_t count, char why[static 160])
{
	int rc = pktio_inherited_take(inherited, addr, *port_be16, fds, count, why);

	if (rc < 0)
		return rc;
	if (rc > 0) {
		rc = udp_sockets_adopt(addr, port_be16, fds, count);
		for (uint16_t i = 0; rc != 0 && i < count; i++)
			close(fds[i]);
		return rc;
	}
	rc = udp_sockets_open(addr, port_be16, fds, count);
	if (rc == 0 && inherited->count > 0)
		snprintf(why, 160,
			 "no socket was passed for it (LISTEN_FDS): while the dataplane "
			 "is started again, its devices get ICMP errors");
	return rc;
}

int pktio_udp_open(struct pktio_port *port, const struct config_port *cfg, uint16_t queues,
		   struct rte_mempool **pools, struct pktio_inherited *inherited,
		   char why[static 160])
{
	uint8_t addr[16];
	uint16_t udp_port;
	int fds[BRIDGE_WORKERS_MAX];
	struct udp_port *up = NULL;
	int rc = -EINVAL;

	why[0] = '\0';
	if (queues == 0 || queues > RTE_DIM(fds) ||
	    !config_parse_endpoint(cfg->udp, addr, &udp_port))
		goto err;
	uint16_t port_be16 = htons(udp_port);
	rc = sockets_get(inherited, addr, &port_be16, fds, queues, why);
	if (rc)
		goto err;
	size_t bytes = sizeof(*up) + queues * sizeof(up->queues[0]);
	up = aligned_alloc(64, RTE_ALIGN_CEIL(bytes, 64));
	if (!up) {
		for (uint16_t i = 0; i < queues; i++)
			close(fds[i]);
		rc = -ENOMEM;
		goto err;
	}
	memset(up, 0, bytes);
	for (uint16_t i = 0; i < queues; i++)
		queue_init(&up->queues[i], fds[i], pools[i]);
	port->ops = &udp_ops;
	port->impl = up;
	port->queues = queues;
	port->mtu = DP_PKT_DATA_ROOM;
	snprintf(port->name, sizeof(port->name), "%s", cfg->udp);
	up->any = pktio_addr_is_any(addr);
	udp_locals_init(port, addr, port_be16);
	return 0;
err:
	if (why[0] == '\0')
		snprintf(why, 160, "udp %s: %s", cfg->udp, strerror(-rc));
	return rc;
}
