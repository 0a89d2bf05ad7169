# SPDX-License-Identifier: BSD-3-Clause
# Copyright (c) 2026 the sluice authors
"""A relay of datagrams between devices and the gateway, which remembers what it passed on and may lose, double and
delay some of it. Each address of a device has an address of its own towards the gateway, so that a device that moves
is seen to move; that side may lie in another network namespace."""

import ctypes
import heapq
import itertools
import os
import random
import select
import socket
import threading
import time
from dataclasses import dataclass

from coap_message import Message, unpack

CLONE_NEWNET = 0x40000000
BUFFER = 4 << 20  # a burst of many devices must not be lost where nobody meant to lose it


@dataclass
class Loss:
    """Shares of the datagrams, the same in both directions."""
    lost: float = 0
    doubled: float = 0
    delayed: float = 0  # by up to delay_s, so that later ones overtake
    delay_s: float = 0.2


@dataclass
class Passed:
    up: bool  # towards the gateway
    message: Message


def socket_in(netns, family):
    """A UDP socket of a named network namespace. Namespaces are a thread's own: this one comes back."""
    if netns is None:
        return socket.socket(family, socket.SOCK_DGRAM)
    libc = ctypes.CDLL(None, use_errno=True)
    here = os.open("/proc/thread-self/ns/net", os.O_RDONLY)
    there = os.open(f"/run/netns/{netns}", os.O_RDONLY)
    try:
        if libc.setns(there, CLONE_NEWNET) != 0:
            raise OSError(ctypes.get_errno(), "setns")
        return socket.socket(family, socket.SOCK_DGRAM)
    finally:
        libc.setns(here, CLONE_NEWNET)
        os.close(here)
        os.close(there)


class Wire:
    def __init__(self, server, netns=None, loss=None, seed=1):
        self.server = server
        self.netns = netns
        self.loss = loss or Loss()
        self.random = random.Random(seed)
        self.passed = []
        self.changed = threading.Condition()
        self.cut = False  # nothing passes
        self.front = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.front.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, BUFFER)
        self.front.bind(("127.0.0.1", 0))
        self.address = "127.0.0.1:%d" % self.front.getsockname()[1]
        self.upstream = {}  # address of a device -> socket
        self.devices = {}  # the other way
        self.late = []  # heap of (when, number, send, datagram)
        self.numbers = itertools.count()
        threading.Thread(target=self.run, daemon=True).start()

    def run(self):
        while True:
            now = time.monotonic()
            while self.late and self.late[0][0] <= now:
                _, _, send, datagram = heapq.heappop(self.late)
                self.deliver(send, datagram)
            wait = self.late[0][0] - now if self.late else None
            for ready in select.select([self.front, *self.devices], [], [], wait)[0]:
                try:
                    datagram, source = ready.recvfrom(65536)
                except OSError:  # nobody listens there: the device learns it from silence
                    continue
                self.pass_on(ready, source, datagram)

    def pass_on(self, ready, source, datagram):
        if ready is self.front:
            send = self.gateway_of(source).send
        else:
            device = self.devices[ready]

            def send(data):
                self.front.sendto(data, device)
        # Who waits for a message may act on it: not before it has been delivered.
        with self.changed:
            self.passed.append(Passed(ready is self.front, unpack(datagram)))
            if not self.cut:
                self.deliver_some(send, datagram)
            self.changed.notify_all()

    def deliver_some(self, send, datagram):
        for _ in range(1 + (self.random.random() < self.loss.doubled)):
            if self.random.random() < self.loss.lost:
                continue
            if self.random.random() < self.loss.delayed:
                when = time.monotonic() + self.random.random() * self.loss.delay_s
                heapq.heappush(self.late, (when, next(self.numbers), send, datagram))
            else:
                self.deliver(send, datagram)

    @staticmethod
    def deliver(send, datagram):
        try:
            send(datagram)
        except OSError:
            pass

    def gateway_of(self, device):
        if device not in self.upstream:
            sock = socket_in(self.netns, socket.AF_INET6 if ":" in self.server[0] else socket.AF_INET)
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, BUFFER)
            sock.connect(self.server)
            self.upstream[device] = sock
            self.devices[sock] = device
        return self.upstream[device]

    def wait(self, up, wanted, seconds=10, start=0):
        """The first message in that direction, since the start-th of all, that is wanted; None when it does not come."""
        def found():
            return next((one.message for one in self.passed[start:] if one.up == up and wanted(one.message)), None)
        with self.changed:
            self.changed.wait_for(found, seconds)
            return found()
