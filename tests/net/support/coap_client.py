# SPDX-License-Identifier: BSD-3-Clause
# Copyright (c) 2026 the sluice authors
"""A CoAP endpoint that the test holds in its hands: it sends what it is told to, from the address it is told to,
and answers nothing of its own accord."""

import random
import select
import socket
import time

from coap_message import ACK, CON, NON, RST, Message, unpack

REPEAT_S = (2, 4, 8)
LINKS = b'</>;rt="oma.lwm2m";ct="110 112",</1/0>,</3/0>'


class CoapClient:
    def __init__(self, server, source="127.0.0.1"):
        self.server = server
        self.mid = random.randrange(65536)
        self.others = []  # came while something else was waited for
        self.move(source)

    def move(self, source):
        """From now on everything comes from this address, and a port that was not used before."""
        self.sock = socket.socket(socket.AF_INET6 if ":" in source else socket.AF_INET, socket.SOCK_DGRAM)
        self.sock.bind((source, 0))
        self.sock.connect(self.server)

    def send(self, message):
        self.sock.send(message.pack())

    def receive(self, seconds, wanted=lambda message: True):
        """The next message that is wanted, None when time is up."""
        for message in [one for one in self.others if wanted(one)]:
            self.others.remove(message)
            return message
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0 and select.select([self.sock], [], [], left)[0]:
            message = unpack(self.sock.recv(65536))
            if wanted(message):
                return message
            self.others.append(message)
        return None

    def request(self, code, options=(), payload=b"", token=None):
        """Sends a Confirmable request, repeats it as RFC 7252 section 4.2 says, returns the answer."""
        return self.exchange(CON, code, options, payload, random.randbytes(4) if token is None else token)

    def notify(self, token, observe, options, payload, kind=CON):
        """A notification; what it is answered with, None for a Non-confirmable one."""
        return self.exchange(kind, 0x45, [("Observe", str(observe))] + list(options), payload, token)

    def exchange(self, kind, code, options, payload, token):
        self.mid = (self.mid + 1) % 65536
        message = Message(kind, code, self.mid, token, list(options), payload)
        if kind == NON:
            self.send(message)
            return None
        for seconds in REPEAT_S:
            self.send(message)
            answer = self.receive(seconds, lambda one: one.mid == message.mid and one.type in (ACK, RST))
            if answer:
                return answer
        return None

    def next_request(self, seconds=60):
        return self.receive(seconds, lambda message: message.is_request())

    def answer(self, request, code, options=(), payload=b""):
        self.send(Message(ACK if request.type == CON else NON, code, request.mid, request.token, list(options),
                          payload))

    def register(self, endpoint, query=("lt=300", "lwm2m=1.1", "b=U"), links=LINKS):
        options = [("Uri-Path", "rd"), ("Content-Format", "40"), ("Uri-Query", f"ep={endpoint}")]
        answer = self.request(2, options + [("Uri-Query", one) for one in query], links)
        return [("Uri-Path", segment) for segment in answer.get("Location-Path")] if answer else None
