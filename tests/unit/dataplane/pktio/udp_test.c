// SPDX-License-Identifier: BSD-3-Clause
// Copyright (c) 2026 the sluice authors
//
// Over real loopback sockets; what is waited for is bounded by poll, nothing sleeps.
#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "dataplane/pkt.h"
#include "dataplane/pktio/addr.h"
#include "dataplane/pktio/pktio.h"
#include "dataplane/pktio/udp_socket.h"
#include "tests/unit/support/eal.h"

#define WAIT_MS 20000

static struct rte_mempool *pool;
static struct dp_counters counters;
static struct pktio_inherited none;

static int set_up(void **state)
{
	support_eal_init();
	pool = support_mbuf_pool("udp_test", 1023);
	return 0;
}

static int tear_down(void **state)
{
	// Every test gives all its buffers back.
	int leaked = (int)rte_mempool_in_use_count(pool);

	rte_mempool_free(pool);
	return leaked;
}

static void open_port(struct pktio_port *port, char *where, uint16_t queues)
{
	struct rte_mempool *pools[] = {pool, pool, pool, pool};
	struct config_port cfg = {.udp = where};
	char why[160];

	memset(port, 0, sizeof(*port));
	memset(&counters, 0, sizeof(counters));
	port->index = 3;
	assert_int_equal(pktio_udp_open(port, &cfg, queues, pools, &none, why), 0);
}

static int client_open(const char *host, uint16_t port_be16)
{
	union udp_sockaddr to = {0};
	uint8_t addr[16];
	struct in_addr v4;

	if (inet_pton(AF_INET, host, &v4) == 1)
		pktio_addr_from_v4(addr, &v4);
	else
		assert_int_equal(inet_pton(AF_INET6, host, addr), 1);
	socklen_t len = udp_sockaddr_set(&to, addr, port_be16, 0);
	int fd = socket(to.sa.sa_family, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	assert_true(fd >= 0);
	// Connected: only what comes from the very address that was asked is received.
	assert_int_equal(connect(fd, &to.sa, len), 0);
	return fd;
}

static bool readable(int fd)
{
	struct pollfd p = {.fd = fd, .events = POLLIN};

	return poll(&p, 1, WAIT_MS) == 1;
}

static struct rte_mbuf *receive_one(struct pktio_port *port, uint16_t queue)
{
	struct rte_mbuf *m = NULL;

	assert_true(readable(port->ops->wait_fd(port, queue)));
	assert_int_equal(port->ops->rx(port, queue, &m, 1, &counters), 1);
	return m;
}

static void echo_through(char *where, const char *host)
{
	struct pktio_port port;
	char got[16];

	open_port(&port, where, 1);
	int fd = client_open(host, port.locals[0].udp_port_be16);
	assert_int_equal(send(fd, "hello", 5, 0), 5);
	struct rte_mbuf *m = receive_one(&port, 0);
	assert_int_equal(m->pkt_len, 5);
	assert_memory_equal(rte_pktmbuf_mtod(m, char *), "hello", 5);
	assert_int_equal(dp_pkt(m)->peer.port, 3);
	assert_int_equal(dp_pkt(m)->peer.worker, 0);
	assert_int_equal(port.ops->tx(&port, 0, &m, 1, &counters), 1);
	assert_true(readable(fd));
	assert_int_equal(recv(fd, got, sizeof(got), 0), 5);
	assert_memory_equal(got, "hello", 5);
	close(fd);
	port.ops->close(&port);
}

static void a_datagram_comes_and_goes_over_ipv4(void **state)
{
	echo_through((char[]){"127.0.0.1:0"}, "127.0.0.1");
}

static void a_datagram_comes_and_goes_over_ipv6(void **state)
{
	echo_through((char[]){"[::1]:0"}, "::1");
}

static void on_the_wildcard_a_reply_leaves_from_the_address_that_was_asked(void **state)
{
	echo_through((char[]){"0.0.0.0:0"}, "127.0.0.1");
	echo_through((char[]){"0.0.0.0:0"}, "127.0.0.77");
	echo_through((char[]){"[::]:0"}, "::1");
}

static void an_unknown_local_index_leaves_the_choice_to_the_kernel(void **state)
{
	struct pktio_port port;
	char got[4];

	open_port(&port, (char[]){"0.0.0.0:0"}, 1);
	int fd = client_open("127.0.0.1", port.locals[0].udp_port_be16);
	assert_int_equal(send(fd, "x", 1, 0), 1);
	struct rte_mbuf *m = receive_one(&port, 0);
	dp_pkt(m)->peer.local = 63;
	assert_int_equal(port.ops->tx(&port, 0, &m, 1, &counters), 1);
	assert_true(readable(fd));
	assert_int_equal(recv(fd, got, sizeof(got), 0), 1);
	close(fd);
	port.ops->close(&port);
}

static void addresses_beyond_the_table_fall_back_to_the_first(void **state)
{
	struct pktio_port port;

	open_port(&port, (char[]){"0.0.0.0:0"}, 1);
	for (int i = 1; i <= PKTIO_LOCALS_MAX + 2; i++) {
		char host[16];
		snprintf(host, sizeof(host), "127.0.1.%d", i);
		int fd = client_open(host, port.locals[0].udp_port_be16);
		assert_int_equal(send(fd, "x", 1, 0), 1);
		struct rte_mbuf *m = receive_one(&port, 0);
		assert_true(dp_pkt(m)->peer.local < PKTIO_LOCALS_MAX);
		if (i > PKTIO_LOCALS_MAX)
			assert_int_equal(dp_pkt(m)->peer.local, 0);
		rte_pktmbuf_free(m);
		close(fd);
	}
	assert_int_equal(port.locals_count, PKTIO_LOCALS_MAX);
	port.ops->close(&port);
}

static void a_full_burst_is_received_and_sent_in_order(void **state)
{
	struct pktio_port port;
	struct rte_mbuf *pkts[PKTIO_BURST];

	open_port(&port, (char[]){"127.0.0.1:0"}, 1);
	int fd = client_open("127.0.0.1", port.locals[0].udp_port_be16);
	for (uint8_t round = 0; round < 3; round++) {
		for (uint8_t i = 0; i < PKTIO_BURST; i++)
			assert_int_equal(send(fd, &i, 1, 0), 1);
		uint16_t n = port.ops->rx(&port, 0, pkts, PKTIO_BURST, &counters);
		assert_int_equal(n, PKTIO_BURST);
		assert_int_equal(port.ops->tx(&port, 0, pkts, n, &counters), n);
		for (uint8_t i = 0; i < PKTIO_BURST; i++) {
			uint8_t got = 0xff;
			assert_true(readable(fd));
			assert_int_equal(recv(fd, &got, 1, 0), 1);
			assert_int_equal(got, i);
		}
	}
	close(fd);
	port.ops->close(&port);
}

static void a_datagram_larger_than_a_buffer_is_dropped_and_counted(void **state)
{
	static char big[4096];
	struct pktio_port port;

	open_port(&port, (char[]){"127.0.0.1:0"}, 1);
	int fd = client_open("127.0.0.1", port.locals[0].udp_port_be16);
	assert_int_equal(send(fd, big, sizeof(big), 0), sizeof(big));
	assert_int_equal(send(fd, big, DP_PKT_DATA_ROOM, 0), DP_PKT_DATA_ROOM);
	struct rte_mbuf *pkts[2];
	assert_int_equal(port.ops->rx(&port, 0, pkts, 2, &counters), 1);
	assert_int_equal(pkts[0]->pkt_len, DP_PKT_DATA_ROOM);
	assert_int_equal(counters.drop_too_large, 1);
	rte_pktmbuf_free(pkts[0]);
	close(fd);
	port.ops->close(&port);
}

static void one_unreachable_destination_does_not_stop_the_rest(void **state)
{
	struct pktio_port port;
	struct rte_mbuf *pkts[3];
	char got[4];

	open_port(&port, (char[]){"127.0.0.1:0"}, 1);
	int fd = client_open("127.0.0.1", port.locals[0].udp_port_be16);
	for (int i = 0; i < 3; i++)
		assert_int_equal(send(fd, "x", 1, 0), 1);
	assert_int_equal(port.ops->rx(&port, 0, pkts, 3, &counters), 3);
	// An IPv6 peer on an IPv4 socket, as after a change of configuration.
	memset(dp_pkt(pkts[1])->peer.addr, 0x20, 16);
	assert_int_equal(port.ops->tx(&port, 0, pkts, 3, &counters), 3);
	assert_int_equal(counters.drop_tx_full, 1);
	for (int i = 0; i < 2; i++) {
		assert_true(readable(fd));
		assert_int_equal(recv(fd, got, sizeof(got), 0), 1);
	}
	close(fd);
	port.ops->close(&port);
}

static void an_icmp_error_about_an_earlier_reply_is_passed_over(void **state)
{
	struct pktio_port port;

	open_port(&port, (char[]){"127.0.0.1:0"}, 1);
	int fd = client_open("127.0.0.1", port.locals[0].udp_port_be16);
	assert_int_equal(send(fd, "x", 1, 0), 1);
	struct rte_mbuf *m = receive_one(&port, 0);
	close(fd); // the reply meets a closed port
	assert_int_equal(port.ops->tx(&port, 0, &m, 1, &counters), 1);
	fd = client_open("127.0.0.1", port.locals[0].udp_port_be16);
	assert_int_equal(send(fd, "y", 1, 0), 1);
	rte_pktmbuf_free(receive_one(&port, 0));
	close(fd);
	port.ops->close(&port);
}

static void an_empty_pool_leaves_datagrams_in_the_socket(void **state)
{
	struct pktio_port port;
	struct rte_mbuf *m, *all[1023];
	unsigned int held = 0;

	open_port(&port, (char[]){"127.0.0.1:0"}, 1);
	while ((m = rte_pktmbuf_alloc(pool)))
		all[held++] = m;
	int fd = client_open("127.0.0.1", port.locals[0].udp_port_be16);
	struct rte_mbuf *taken[PKTIO_BURST];
	for (uint16_t i = 0; i < PKTIO_BURST; i++) {
		assert_int_equal(send(fd, "x", 1, 0), 1);
		taken[i] = receive_one(&port, 0);
	}
	assert_int_equal(send(fd, "z", 1, 0), 1);
	assert_int_equal(port.ops->rx(&port, 0, &m, 1, &counters), 0);
	rte_pktmbuf_free(taken[0]);
	m = receive_one(&port, 0);
	assert_int_equal(*rte_pktmbuf_mtod(m, char *), 'z');
	rte_pktmbuf_free(m);
	rte_pktmbuf_free_bulk(taken + 1, PKTIO_BURST - 1);
	rte_pktmbuf_free_bulk(all, held);
	close(fd);
	port.ops->close(&port);
}

static void datagrams_the_kernel_dropped_are_counted(void **state)
{
	struct pktio_port port;
	struct rte_mbuf *pkts[PKTIO_BURST];
	int small = 1; // the kernel's minimum: a handful of datagrams
	uint64_t got = 0;
	uint16_t n;

	open_port(&port, (char[]){"127.0.0.1:0"}, 1);
	assert_int_equal(setsockopt(port.ops->wait_fd(&port, 0), SOL_SOCKET, SO_RCVBUF, &small,
				    sizeof(small)),
			 0);
	int fd = client_open("127.0.0.1", port.locals[0].udp_port_be16);
	for (int i = 0; i < 100; i++)
		assert_int_equal(send(fd, "x", 1, 0), 1);
	do {
		n = port.ops->rx(&port, 0, pkts, PKTIO_BURST, &counters);
		rte_pktmbuf_free_bulk(pkts, n);
		got += n;
	} while (n > 0);
	// The count travels with the next datagram that gets in.
	assert_int_equal(send(fd, "x", 1, 0), 1);
	rte_pktmbuf_free(receive_one(&port, 0));
	assert_true(got < 100);
	assert_int_equal(counters.drop_socket_full, 100 - got);
	close(fd);
	port.ops->close(&port);
}

static void queues_share_one_port_and_each_peer_stays_on_its_queue(void **state)
{
	struct pktio_port port;
	struct rte_mbuf *m;
	int fds[32];
	int queue_of[32];

	open_port(&port, (char[]){"127.0.0.1:0"}, 4);
	for (int i = 0; i < 32; i++) {
		fds[i] = client_open("127.0.0.1", port.locals[0].udp_port_be16);
		queue_of[i] = -1;
	}
	for (int round = 0; round < 2; round++) {
		for (int i = 0; i < 32; i++) {
			assert_int_equal(send(fds[i], "x", 1, 0), 1);
			int queue = -1;
			for (uint16_t q = 0; q < 4; q++) {
				if (port.ops->rx(&port, q, &m, 1, &counters) == 1) {
					assert_int_equal(dp_pkt(m)->peer.worker, q);
					rte_pktmbuf_free(m);
					queue = q;
				}
			}
			assert_true(queue >= 0);
			if (round == 1)
				assert_int_equal(queue, queue_of[i]);
			queue_of[i] = queue;
		}
	}
	for (int i = 0; i < 32; i++)
		close(fds[i]);
	port.ops->close(&port);
}

static void a_port_somebody_has_is_refused_by_name(void **state)
{
	struct rte_mempool *pools[] = {pool, pool};
	struct pktio_port port, second = {0};
	char where[32], why[160];

	open_port(&port, (char[]){"127.0.0.1:0"}, 2);
	snprintf(where, sizeof(where), "127.0.0.1:%u", ntohs(port.locals[0].udp_port_be16));
	struct config_port cfg = {.udp = where};
	for (uint16_t queues = 1; queues <= 2; queues++) {
		assert_int_equal(pktio_udp_open(&second, &cfg, queues, pools, &none, why),
				 -EADDRINUSE);
		assert_non_null(strstr(why, where));
	}
	port.ops->close(&port);
}

static void a_malformed_or_foreign_address_is_refused_by_name(void **state)
{
	char *bad[] = {(char[]){"127.0.0.1"}, (char[]){"192.0.2.1:5683"},
		       (char[]){"[2001:db8::1]:5683"}};
	struct rte_mempool *pools[] = {pool};
	struct pktio_port port = {0};
	char why[160];

	for (size_t i = 0; i < 3; i++) {
		struct config_port cfg = {.udp = bad[i]};
		assert_true(pktio_udp_open(&port, &cfg, 1, pools, &none, why) < 0);
		assert_non_null(strstr(why, bad[i]));
	}
}

// As systemd would pass them on: bound, blocking, the kernel's buffers. Returns their port.
static uint16_t pass_on(struct pktio_inherited *inherited, uint32_t count)
{
	union udp_sockaddr at = {
		.v4 = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)}};
	socklen_t len = sizeof(at.v4);
	int on = 1;

	memset(inherited, 0, sizeof(*inherited));
	for (uint32_t i = 0; i < count; i++) {
		int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

		assert_true(fd >= 0);
		assert_int_equal(setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &on, sizeof(on)), 0);
		assert_int_equal(bind(fd, &at.sa, sizeof(at.v4)), 0);
		assert_int_equal(getsockname(fd, &at.sa, &len), 0); // the others join the first
		inherited->sockets[inherited->count++].fd = fd;
	}
	return at.v4.sin_port;
}

static void what_came_before_the_port_was_opened_is_read_from_an_inherited_socket(void **state)
{
	struct rte_mempool *pools[] = {pool, pool};
	struct pktio_inherited inherited;
	struct pktio_port port = {0};
	struct rte_mbuf *m = NULL;
	char where[32], why[160];

	uint16_t port_be16 = pass_on(&inherited, 2);
	int fd = client_open("127.0.0.1", port_be16);
	assert_int_equal(send(fd, "early", 5, 0), 5);
	snprintf(where, sizeof(where), "127.0.0.1:%u", ntohs(port_be16));
	struct config_port cfg = {.udp = where};
	assert_int_equal(pktio_udp_open(&port, &cfg, 2, pools, &inherited, why), 0);
	assert_string_equal(why, "");
	assert_true(pktio_inherited_all_taken(&inherited, why));
	uint16_t n = port.ops->rx(&port, 0, &m, 1, &counters);
	n = (uint16_t)(n + port.ops->rx(&port, 1, &m, 1, &counters));
	assert_int_equal(n, 1);
	assert_int_equal(m->pkt_len, 5);
	rte_pktmbuf_free(m);
	close(fd);
	port.ops->close(&port);
}

static void a_port_without_an_inherited_socket_is_opened_and_told_of(void **state)
{
	struct rte_mempool *pools[] = {pool};
	struct pktio_inherited inherited;
	struct pktio_port port = {0};
	char why[160];
	struct config_port cfg = {.udp = (char[]){"127.0.0.2:0"}};

	pass_on(&inherited, 1);
	assert_int_equal(pktio_udp_open(&port, &cfg, 1, pools, &inherited, why), 0);
	assert_non_null(strstr(why, "no socket was passed for it"));
	port.ops->close(&port);
	close(inherited.sockets[0].fd);
}

static void inherited_sockets_that_do_not_fit_are_refused(void **state)
{
	struct rte_mempool *pools[] = {pool, pool, pool};
	struct pktio_inherited inherited;
	struct pktio_port port = {0};
	char why[160];
	struct config_port cfg = {.udp = (char[]){"127.0.0.1:0"}};

	pass_on(&inherited, 1);
	assert_int_equal(pktio_udp_open(&port, &cfg, 3, pools, &inherited, why), -EINVAL);
	assert_non_null(strstr(why, "1 socket was passed for it, but 3 workers need one each"));
	close(inherited.sockets[0].fd);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_datagram_comes_and_goes_over_ipv4),
		cmocka_unit_test(a_datagram_comes_and_goes_over_ipv6),
		cmocka_unit_test(on_the_wildcard_a_reply_leaves_from_the_address_that_was_asked),
		cmocka_unit_test(an_unknown_local_index_leaves_the_choice_to_the_kernel),
		cmocka_unit_test(addresses_beyond_the_table_fall_back_to_the_first),
		cmocka_unit_test(a_full_burst_is_received_and_sent_in_order),
		cmocka_unit_test(a_datagram_larger_than_a_buffer_is_dropped_and_counted),
		cmocka_unit_test(one_unreachable_destination_does_not_stop_the_rest),
		cmocka_unit_test(an_icmp_error_about_an_earlier_reply_is_passed_over),
		cmocka_unit_test(an_empty_pool_leaves_datagrams_in_the_socket),
		cmocka_unit_test(datagrams_the_kernel_dropped_are_counted),
		cmocka_unit_test(queues_share_one_port_and_each_peer_stays_on_its_queue),
		cmocka_unit_test(a_port_somebody_has_is_refused_by_name),
		cmocka_unit_test(a_malformed_or_foreign_address_is_refused_by_name),
		cmocka_unit_test(
			what_came_before_the_port_was_opened_is_read_from_an_inherited_socket),
		cmocka_unit_test(a_port_without_an_inherited_socket_is_opened_and_told_of),
		cmocka_unit_test(inherited_sockets_that_do_not_fit_are_refused),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
