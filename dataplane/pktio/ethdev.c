// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// Any DPDK Ethernet device, hot-plugged by its PCI address or vdev string. The packet path adds
// nothing to rte_eth_rx_burst and rte_eth_tx_burst but a comparison of the queue.
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <rte_cycles.h>
#include <rte_dev.h>
#include <rte_devargs.h>
#include <rte_errno.h>
#include <rte_ethdev.h>
#include <rte_ether.h>

#include "dataplane/pktio/ethdev_local.h"
#include "dataplane/pktio/pktio.h"

#define RING_DESCRIPTORS 1024 // where the device does not name what it likes best
#define LINK_WAIT_MS     1000 // a link that is down later on does not keep the gateway from starting
#define LINK_POLL_MS     20

#define RX_CHECKSUMS (RTE_ETH_RX_OFFLOAD_IPV4_CKSUM | RTE_ETH_RX_OFFLOAD_UDP_CKSUM)
// IPv4's header checksum costs less than asking for it.
#define TX_CHECKSUMS RTE_ETH_TX_OFFLOAD_UDP_CKSUM

struct ethdev {
	uint16_t id;
	struct rte_device *device;
};

static uint16_t ethdev_rx(struct pktio_port *port, uint16_t queue, struct rte_mbuf **pkts,
			  uint16_t n, struct dp_counters *counters)
{
	const struct ethdev *dev = port->impl;

	if (unlikely(queue >= port->queues))
		return 0;
	return rte_eth_rx_burst(dev->id, queue, pkts, n);
}

static uint16_t ethdev_tx(struct pktio_port *port, uint16_t queue, struct rte_mbuf **pkts,
			  uint16_t n, struct dp_counters *counters)
{
	const struct ethdev *dev = port->impl;

	if (unlikely(queue >= port->queues))
		return 0;
	return rte_eth_tx_burst(dev->id, queue, pkts, n);
}

// As ethdev_tx for devices that fill in checksums: some want the headers prepared for that.
static uint16_t ethdev_tx_checksums(struct pktio_port *port, uint16_t queue, struct rte_mbuf **pkts,
				    uint16_t n, struct dp_counters *counters)
{
	const struct ethdev *dev = port->impl;

	if (unlikely(queue >= port->queues))
		return 0;
	uint16_t ready = rte_eth_tx_prepare(dev->id, queue, pkts, n);
	uint16_t sent = rte_eth_tx_burst(dev->id, queue, pkts, ready);
	if (likely(ready == n) || sent < ready)
		return sent;
	// The device refuses the next one for good; those behind it are tried again by the caller.
	counters->drop_tx_full++;
	rte_pktmbuf_free(pkts[sent]);
	return sent + 1;
}

static int ethdev_wait_fd(struct pktio_port *port, uint16_t queue)
{
	return -1;
}

static void detach(struct ethdev *dev)
{
	(void)rte_eth_dev_close(dev->id);
	(void)rte_dev_remove(dev->device);
	free(dev);
}

static void ethdev_close(struct pktio_port *port)
{
	struct ethdev *dev = port->impl;

	(void)rte_eth_dev_stop(dev->id);
	detach(dev);
	port->impl = NULL;
}

static const struct pktio_ops ethdev_ops = {
	.name = "ethdev",
	.framing = PKTIO_FRAMES,
	.rx = ethdev_rx,
	.tx = ethdev_tx,
	.wait_fd = ethdev_wait_fd,
	.close = ethdev_close,
};

static const struct pktio_ops ethdev_checksum_ops = {
	.name = "ethdev",
	.framing = PKTIO_FRAMES,
	.rx = ethdev_rx,
	.tx = ethdev_tx_checksums,
	.wait_fd = ethdev_wait_fd,
	.close = ethdev_close,
};

// Plugs the device and gives the port that came with it: its name need not be the string's.
static int attach(const char *devargs, struct ethdev *dev)
{
	bool before[RTE_MAX_ETHPORTS] = {false};
	struct rte_eth_dev_info info;
	uint16_t id;

	RTE_ETH_FOREACH_DEV (id)
		before[id] = true;
	int rc = rte_dev_probe(devargs);
	if (rc < 0)
		return rc;
	RTE_ETH_FOREACH_DEV (id) {
		if (before[id])
			continue;
		rc = rte_eth_dev_info_get(id, &info);
		*dev = (struct ethdev){.id = id, .device = rc ? NULL : info.device};
		return rc;
	}
	return -ENODEV; // not an Ethernet device, or one that another port of ours has
}

static int queues_setup(const struct ethdev *dev, const struct rte_eth_dev_info *info,
			uint16_t queues, struct rte_mempool **pools, uint64_t tx_offloads)
{
	int socket = rte_eth_dev_socket_id(dev->id);
	uint16_t rx = info->default_rxportconf.ring_size ?: RING_DESCRIPTORS;
	uint16_t tx = info->default_txportconf.ring_size ?: RING_DESCRIPTORS;
	struct rte_eth_txconf txconf = info->default_txconf;
	int rc = rte_eth_dev_adjust_nb_rx_tx_desc(dev->id, &rx, &tx);

	txconf.offloads = tx_offloads;
	for (uint16_t q = 0; rc == 0 && q < queues; q++) {
		rc = rte_eth_rx_queue_setup(dev->id, q, rx, (unsigned int)socket, NULL, pools[q]);
		if (rc == 0)
			rc = rte_eth_tx_queue_setup(dev->id, q, tx, (unsigned int)socket, &txconf);
	}
	return rc;
}

static int configure(struct pktio_port *port, const struct ethdev *dev,
		     const struct rte_eth_dev_info *info, struct rte_mempool **pools)
{
	struct rte_eth_conf conf = {0};
	uint64_t rss = info->flow_type_rss_offloads & (RTE_ETH_RSS_IP | RTE_ETH_RSS_UDP);

	port->rx_checksum_ok = (info->rx_offload_capa & RX_CHECKSUMS) == RX_CHECKSUMS;
	port->tx_checksum = (info->tx_offload_capa & TX_CHECKSUMS) == TX_CHECKSUMS;
	if (port->rx_checksum_ok)
		conf.rxmode.offloads = RX_CHECKSUMS;
	if (port->tx_checksum)
		conf.txmode.offloads = TX_CHECKSUMS;
	if (port->queues > 1 && rss) {
		conf.rxmode.mq_mode = RTE_ETH_MQ_RX_RSS;
		conf.rx_adv_conf.rss_conf.rss_hf = rss;
	}
	int rc = rte_eth_dev_configure(dev->id, port->queues, port->queues, &conf);
	if (rc == 0)
		rc = queues_setup(dev, info, port->queues, pools, conf.txmode.offloads);
	return rc;
}

// Neighbour solicitations come to multicast addresses. A device that can do none of these gives us
// everything anyway (TAP, memif, AF_XDP on veth).
static void accept_multicast(const struct ethdev *dev)
{
	if (rte_eth_allmulticast_enable(dev->id))
		(void)rte_eth_promiscuous_enable(dev->id);
}

static bool link_is_up(const struct ethdev *dev)
{
	for (int waited = 0; waited <= LINK_WAIT_MS; waited += LINK_POLL_MS) {
		struct rte_eth_link link;
		if (rte_eth_link_get_nowait(dev->id, &link) == 0 && link.link_status)
			return true;
		rte_delay_us_sleep(LINK_POLL_MS * 1000);
	}
	return false;
}

static int read_identity(struct pktio_port *port, const struct ethdev *dev,
			 const struct rte_eth_dev_info *info)
{
	struct rte_ether_addr mac;
	int rc = rte_eth_macaddr_get(dev->id, &mac);

	if (rc == 0)
		rc = rte_eth_dev_get_mtu(dev->id, &port->mtu);
	if (rc)
		return rc;
	memcpy(port->mac, mac.addr_bytes, sizeof(port->mac));
	// TAP calls the kernel's end of the wire its own. With the same address at both ends the
	// kernel finds its link-local address taken, by us.
	if (strcmp(info->driver_name, "net_tap") == 0)
		port->mac[5] ^= 1;
	return 0;
}

static void note_limits(const struct pktio_port *port, const struct ethdev *dev, uint16_t workers,
			char why[static 160])
{
	if (port->queues < workers)
		snprintf(why, 160,
			 "ethdev %s: has %u queues for %u workers; the others work on what these "
			 "pass on",
			 port->name, port->queues, workers);
	else if (!link_is_up(dev))
		snprintf(why, 160, "ethdev %s: link is down", port->name);
}

// Probing answers with numbers that mean something else to everybody but DPDK.
static const char *reason(int rc)
{
	if (rc == -EFAULT)
		return "no such driver";
	if (rc == -1)
		return "refused by its driver: arguments, interface or privileges";
	return rte_strerror(-rc);
}

int pktio_ethdev_check(const struct config_port *cfg, char why[static 160])
{
	struct rte_devargs args = {0};
	int rc = rte_devargs_parse(&args, cfg->ethdev);

	free(args.data); // as rte_devargs_reset does, which is not stable yet
	if (rc)
		snprintf(why, 160, "ethdev %s: %s", cfg->ethdev, reason(rc));
	return rc;
}

// memif offers 256 queues and says nothing of how many the other side has made; a queue beyond
// those is taken for the first one, and its own transmissions are received there (DPDK 22.11).
static uint16_t queues_usable(const struct rte_eth_dev_info *info)
{
	if (strcmp(info->driver_name, "net_memif") == 0)
		return 1;
	return RTE_MIN(info->max_rx_queues, info->max_tx_queues);
}

int pktio_ethdev_open(struct pktio_port *port, const struct config_port *cfg, uint16_t queues,
		      struct rte_mempool **pools, char why[static 160])
{
	struct rte_eth_dev_info info;
	const char *what = "cannot be attached";
	struct ethdev *dev = calloc(1, sizeof(*dev));
	int rc = dev ? attach(cfg->ethdev, dev) : -ENOMEM;

	why[0] = '\0';
	if (rc)
		goto err_free;
	snprintf(port->name, sizeof(port->name), "%s", rte_dev_name(dev->device));
	what = "cannot be described";
	rc = rte_eth_dev_info_get(dev->id, &info);
	if (rc == 0)
		rc = read_identity(port, dev, &info);
	if (rc)
		goto err_detach;
	rc = ethdev_locals_init(port, cfg, why);
	if (rc)
		goto err_detach;
	port->queues = RTE_MIN(queues, queues_usable(&info));
	what = "cannot be configured";
	rc = configure(port, dev, &info, pools);
	if (rc)
		goto err_detach;
	what = "cannot be started";
	rc = rte_eth_dev_start(dev->id);
	if (rc)
		goto err_detach;
	accept_multicast(dev);
	port->ops = port->tx_checksum ? &ethdev_checksum_ops : &ethdev_ops;
	port->impl = dev;
	note_limits(port, dev, queues, why);
	return 0;
err_detach:
	detach(dev);
	dev = NULL;
err_free:
	free(dev);
	if (why[0] == '\0')
		snprintf(why, 160, "ethdev %s: %s (%s)", cfg->ethdev, what, reason(rc));
	return rc;
}
