# SPDX-License-Identifier: BSD-3-Clause
# Copyright (c) 2026 the sluice authors
"""A device that does as it is told and counts how often it did it. Repeated messages are answered with the same
bytes and not done again (RFC 7252 section 4.5). Every third answer is a separate one (section 5.2.2)."""

import heapq
import itertools
import select
import socket
import threading
import time

from coap_message import ACK, CON, RST, Message, code_text, unpack

REPEATS_S = (1, 2, 3, 4)  # RFC 7252 section 4.8 lets a device choose its ACK_TIMEOUT
DONE = {"GET": 0x45, "POST": 0x44, "PUT": 0x44, "DELETE": 0x42}


class SmallDevice:
    def __init__(self, fleet, number, server):
        self.fleet = fleet
        self.endpoint = f"small-{number}"
        self.done = {}  # what was asked -> how often it was done
        self.answers = {}  # message id of a request -> what it was answered
        self.waiting = {}  # message id of our own -> still to be acknowledged
        self.mids = itertools.count(number * 997)
        self.sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.sock.connect(server)
        self.registered = threading.Event()

    def register(self):
        query = [f"ep={self.endpoint}", "lt=600", "lwm2m=1.1", "b=U"]
        options = [("Uri-Path", "rd"), ("Content-Format", "40")] + [("Uri-Query", one) for one in query]
        self.confirm(2, b"register", options, b'</>;rt="oma.lwm2m";ct="110 112",</1/0>,</3/0>,</3303/0>')

    def confirm(self, code, token, options, payload):
        mid = next(self.mids) % 65536
        data = Message(CON, code, mid, token, options, payload).pack()
        self.waiting[mid] = True
        self.repeat(mid, data, 0)

    def repeat(self, mid, data, times):
        if not self.waiting.get(mid):
            return
        self.sock.send(data)
        if times < len(REPEATS_S):
            self.fleet.later(REPEATS_S[times], lambda: self.repeat(mid, data, times + 1))
        else:
            self.fleet.later(REPEATS_S[-1], self.give_up)

    def give_up(self):
        # Not before the last copy can have been answered: a second Register would end what the first began.
        if not self.registered.is_set():
            self.register()

    def take(self, message):
        if message.is_request():
            self.asked(message)
        elif message.type in (ACK, RST):
            self.waiting.pop(message.mid, None)
        if message.code == 0x41 or (message.code == 0x44 and message.token == b"register"):
            self.registered.set()

    def asked(self, request):
        if request.mid not in self.answers:
            self.answers[request.mid] = self.first_answer(request)
        self.sock.send(self.answers[request.mid])

    def first_answer(self, request):
        path = "/".join(request.get("Uri-Path"))
        what = (code_text(request.code), path, request.payload)
        self.done[what] = self.done.get(what, 0) + 1
        code, options, payload = DONE[what[0]], [], b""
        if what[0] == "GET":
            options, payload = [("Content-Format", "0")], self.endpoint.encode()
        elif path == "3303":
            code = 0x41
        if len(self.answers) % 3 != 2:
            return Message(ACK, code, request.mid, request.token, options, payload).pack()
        self.fleet.later(0.1, lambda: self.confirm(code, request.token, options, payload))
        return Message(ACK, 0, request.mid).pack()


class Fleet:
    """All devices in one thread."""

    def __init__(self, count, server):
        self.timers = []
        self.numbers = itertools.count()
        self.devices = [SmallDevice(self, number, server) for number in range(count)]
        for number, device in enumerate(self.devices):
            self.later(number * 0.005, device.register)
        threading.Thread(target=self.run, daemon=True).start()

    def later(self, seconds, action):
        heapq.heappush(self.timers, (time.monotonic() + seconds, next(self.numbers), action))

    def run(self):
        by_socket = {device.sock: device for device in self.devices}
        while True:
            now = time.monotonic()
            while self.timers and self.timers[0][0] <= now:
                heapq.heappop(self.timers)[2]()
            wait = max(0, self.timers[0][0] - time.monotonic()) if self.timers else None
            for ready in select.select(by_socket, [], [], wait)[0]:
                by_socket[ready].take(unpack(ready.recv(65536)))
