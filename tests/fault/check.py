# SPDX-License-Identifier: BSD-3-Clause
# Copyright (c) 2026 the sluice authors
"""What the fault test holds against the gateway: the fleet's journal of what became of every message, and the
receiver's record of every event. Both are fed line by line, as they grow; nothing here knows files or processes.

An offence is a tuple (time, rule, device, what). RULES names them all; tests/fault/selftest breaks each."""

import collections

RULES = {
    "lost": "every acknowledged event arrives at least once",
    "twice": "no message exists as two events",
    "order": "events arrive in order per device, by first arrival",
    "keys": "ids grow with the order of the events of a device",
    "bytes": "an event that is repeated is the same to the byte",
    "wrong": "no device is told that it is not registered, not observed, or otherwise wrong",
    "invented": "nothing arrives that no device said",
    "replaced": "no registration ends but by its device",
    "registered": "what is registered at the end is what devices were told",
}

KINDS = {
    "sluice.registration": "register",
    "sluice.update": "update",
    "sluice.notification": "notify",
    "sluice.send": "send",
    "sluice.deregistration": "leave",
}

Message = collections.namedtuple("Message", "time outcome kind location why")
Event = collections.namedtuple("Event", "time kind number location reason digest")


class Journal:
    """Lines of sluice-swarm run --journal: TIME TOOK_MS OUTCOME KIND ENDPOINT NUMBER LOCATION [WHY]"""

    def __init__(self):
        self.messages = {}  # (device, number): Message
        self.leaves = {}  # (device, location): number, of every attempt to leave; the last counts
        self.outcomes = collections.Counter()
        self.unsure = set()  # devices that registered without knowing whether they were

    def feed(self, line):
        word = line.split(maxsplit=7)
        time, outcome, kind, device, number, location = float(word[0]), *word[2:5], int(word[5]), word[6]
        self.messages[device, number] = Message(time, outcome, kind, location, " ".join(word[7:]).strip())
        self.outcomes[outcome] += 1
        if kind == "leave":
            self.leaves.setdefault((device, location), []).append(number)
        if kind in ("register", "leave") and outcome in ("lost", "refused"):
            self.unsure.add(device)

    def acknowledged(self):
        return self.outcomes["ack"]


class Arrivals:
    """Lines of tests/fault/receiver: TIME accepted|seen UUID KEY TYPE DEVICE NUMBER LOCATION REASON DIGEST"""

    def __init__(self):
        self.events = {}  # id: Event, as it came first
        self.accepted = set()  # ids
        self.order = collections.defaultdict(list)  # device: ids by first arrival
        self.offences = []
        self.lines = 0

    def feed(self, line):
        time, how, uuid, key, kind, device, number, location, reason, digest = line.split()
        event_id = (uuid, int(key))
        event = Event(float(time), kind, int(number), location, reason, digest)
        self.lines += 1
        if how == "accepted":
            self.accepted.add(event_id)
        first = self.events.get(event_id)
        if first is None:
            self.events[event_id] = event
            self.order[device].append(event_id)
        elif first.digest != digest:
            self.offences.append((event.time, "bytes", device, f"{uuid}-{key} came as {first} and as {event}"))


class Match:
    """Journal and record beside each other."""

    def __init__(self, journal, arrivals):
        self.journal = journal
        self.arrivals = arrivals
        self.found = collections.defaultdict(list)  # (device, number): ids
        self.offences = list(arrivals.offences)
        for device, ids in arrivals.order.items():
            self.sort(device, ids)

    def say(self, time, rule, device, what):
        self.offences.append((time, rule, device, what))

    def number_of(self, device, event):
        """The message that an event is of; None when it is of none that is numbered."""
        if event.kind != "sluice.deregistration":
            return event.number if event.number != 0 else None  # 0: what is said when Observe is answered
        if event.reason == "deregistered":
            numbers = self.journal.leaves.get((device, event.location), [])
            # Several attempts to leave: the one that was acknowledged, if any was, did it.
            for number in numbers:
                if self.journal.messages[device, number].outcome == "ack":
                    return number
            return numbers[0] if numbers else -1
        if event.reason != "replaced" or device not in self.journal.unsure:
            self.say(event.time, "replaced", device, f"registration {event.location} ended: {event.reason}")
        return None

    def sort(self, device, ids):
        last, last_key, keys = 0, -1, {}
        for event_id in ids:
            event = self.arrivals.events[event_id]
            number = self.number_of(device, event)
            uuid, key = event_id
            if key < keys.get(uuid, -1):
                self.say(event.time, "keys", device, f"{uuid}-{key} came after {uuid}-{keys[uuid]}")
            keys[uuid] = max(key, keys.get(uuid, -1))
            if number is None:
                continue
            message = self.journal.messages.get((device, number))
            if message is None or message.kind != KINDS.get(event.kind):
                self.say(event.time, "invented", device, f"{uuid}-{key}: {event}; sent was {message}")
                continue
            self.found[device, number].append(event_id)
            if len(self.found[device, number]) > 1:
                self.say(event.time, "twice", device,
                         f"number {number} ({message.kind}, {message.outcome} at {message.time:.3f}) is "
                         + " and ".join(f"{u}-{k} (came {self.arrivals.events[u, k].time:.3f})"
                                        for u, k in self.found[device, number]))
            elif number < last:
                self.say(event.time, "order", device,
                         f"number {number} ({message.kind}, {message.outcome} at {message.time:.3f}) came after {last}")
            last = max(last, number)

    def missing(self):
        """Messages that were acknowledged and have not arrived, [(device, number)]."""
        return [key for key, message in self.journal.messages.items()
                if message.outcome == "ack" and not any(i in self.arrivals.accepted for i in self.found.get(key, ()))]

    def refused_but_taken(self):
        return sum(1 for key in self.found if self.journal.messages[key].outcome == "refused")

    def finish(self, clients=None, lifetime=0):
        """All offences, oldest first. clients: what GET /api/clients says, when it is known."""
        for device, number in self.missing():
            message = self.journal.messages[device, number]
            self.say(message.time, "lost", device, f"number {number} ({message.kind}, location {message.location})")
        for (device, number), message in self.journal.messages.items():
            if message.outcome == "wrong":
                self.say(message.time, "wrong", device, f"number {number} ({message.kind}): {message.why}")
        if clients is not None:
            self.check_clients(clients, lifetime)
        return sorted(self.offences)

    def check_clients(self, clients, lifetime):
        listed = {client["endpoint"]: client for client in clients}
        last, lifetimes = {}, {}
        for (device, number), message in sorted(self.journal.messages.items()):
            if message.kind in ("register", "leave"):
                last[device] = message
            if message.kind in ("register", "update"):
                # What was not acknowledged may hold or not.
                known = lifetimes.get(device, set()) if message.outcome != "ack" else set()
                lifetimes[device] = known | {lifetime + number}
        for device, message in last.items():
            client = listed.get(device)
            if message.outcome != "ack":
                continue
            if message.kind == "leave":
                if client is not None:
                    self.say(message.time, "registered", device, "has left and is listed")
            elif client is None:
                self.say(message.time, "registered", device, "is registered and not listed")
            elif client["registrationId"] != message.location:
                self.say(message.time, "registered", device,
                         f"is {message.location} and listed as {client['registrationId']}")
            elif client["lifetime"] not in lifetimes[device]:
                self.say(message.time, "registered", device,
                         f"lifetime is {client['lifetime']}, not {sorted(lifetimes[device])}")
