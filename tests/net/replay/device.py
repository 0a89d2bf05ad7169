# SPDX-License-Identifier: BSD-3-Clause
# Copyright (c) 2026 the sluice authors
"""A device that answers as a recorded one did. A request of the server is looked up among those that were recorded
for the REST call under way, whole: method, path, options and payload; token and message id are the gateway's own.
What was not recorded so is noted, and answered as the nearest recorded request was."""

import socket
import threading

import senml
from coap_message import ACK, CON, NON, RST, Message, code_text, unpack

REPEAT_S = (2, 4, 8)


class Device:
    def __init__(self, recording, server):
        self.recording = recording
        self.location = None
        self.tokens = {}  # recorded -> the gateway's
        self.call = 0  # the REST call under way
        self.unexpected = []  # what the gateway asked that was not recorded so
        self.requests = 0  # of the call under way
        self.played = {}  # call -> requests of it that were answered
        self.answers = {}  # message id and token -> answer sent
        self.replies = {}  # message id -> what the gateway answered
        self.replied = threading.Condition()
        self.sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.sock.connect(server)
        threading.Thread(target=self.receive, daemon=True).start()

    def receive(self):
        while True:
            message = unpack(self.sock.recv(65536))
            if message.is_request():
                self.answer(message)
            else:
                with self.replied:
                    self.replies[message.mid] = message
                    self.replied.notify_all()

    # -- what the gateway asks ------------------------------------------------------------------------------

    def answer(self, request):
        key = (request.mid, request.token)
        if key not in self.answers:
            self.requests += 1
            self.answers[key] = self.recorded_answer(request)
        for message in self.answers[key]:
            self.sock.send(message.pack())

    def recorded_answer(self, request):
        said = self.recording.said.get(self.call, [])
        recorded = [entry.message for entry in said if not entry.by_device and entry.message.is_request()]
        # One that had several answers is answered in their order.
        at = self.played.get(self.call, 0)
        found = next((message for message in recorded[at:] if same_request(message, request)), None)
        self.played[self.call] = at + 1
        if found is None:
            wanted = " or ".join(f"'{message}'" for message in recorded[at:]) or "nothing"
            self.unexpected.append(f"asked '{request}', recorded was {wanted}")
            found, said = self.nearest(request)
        if found is None:
            return [Message(ACK, 0x84, request.mid, request.token)]
        if found.get("Observe") == ["0"]:
            self.tokens[found.token] = request.token
        answers = [entry.message for entry in said
                   if entry.by_device and entry.message.type in (ACK, RST) and entry.message.mid == found.mid]
        return [Message(one.type, one.code, request.mid, request.token if one.code else b"", one.options,
                        one.payload) for one in answers]

    def nearest(self, request):
        for said in self.recording.said.values():
            for entry in said:
                message = entry.message
                if not entry.by_device and message.code == request.code and \
                        message.get("Uri-Path") == request.get("Uri-Path"):
                    return message, said
        return None, []

    # -- what the device says of its own accord --------------------------------------------------------------

    def own(self, call):
        """Each message that the device sent of its own accord, with what the server answered."""
        said = self.recording.said.get(call, [])
        for entry in said:
            if entry.by_device and entry.message.type in (CON, NON):
                yield entry.message, next((other.message for other in said if not other.by_device and
                                           other.message.mid == entry.message.mid), None)

    def say(self, message, recorded_reply):
        """Sends it. What differs from the recorded reply comes back as text, None when nothing does."""
        token, options = message.token, list(message.options)
        if not message.is_request():
            if token not in self.tokens:
                return "no observation was set up for this notification"
            token = self.tokens[token]
        elif len(message.get("Uri-Path")) == 2:
            options = [option for option in options if option[0] != "Uri-Path"]
            options += [("Uri-Path", segment) for segment in self.location]
        sent = Message(message.type, message.code, message.mid, token, options, message.payload)
        reply = self.exchange(sent)
        if recorded_reply is None:
            return None
        if reply is None:
            return "no answer"
        if (reply.type, reply.code) != (recorded_reply.type, recorded_reply.code):
            return f"answered '{reply}', recorded was '{recorded_reply}'"
        if reply.get("Location-Path"):
            self.location = reply.get("Location-Path")
        return None

    def exchange(self, message):
        if message.type == NON:
            self.sock.send(message.pack())
            return None
        for seconds in REPEAT_S:
            self.sock.send(message.pack())
            with self.replied:
                if self.replied.wait_for(lambda: message.mid in self.replies, seconds):
                    return self.replies[message.mid]
        return None


def same_request(recorded, request):
    if recorded.code != request.code or sorted(recorded.options) != sorted(request.options):
        return False
    if recorded.payload == request.payload:
        return True
    kind = request.get("Content-Format")
    return senml.same(kind[0] if kind else None, recorded.payload, request.payload)


def describe(message):
    return f"{code_text(message.code)} {'/'.join(message.get('Uri-Path'))}".strip()
