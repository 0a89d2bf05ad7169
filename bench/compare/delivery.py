# SPDX-License-Identifier: BSD-3-Clause
# Copyright (c) 2026 the sluice authors
"""Rows of notifications on their way to a back end: from devices over memif, through decoding and
the commit, to an HTTP receiver; beside the same events, ready made, from LMDB and from memory."""

import json
import time
import urllib.request

from children import Failure, Family
from memif import max_devices, name_of
from servers import Gateway, memif, wait_until
from table import Row

RECEIVER_PORT = 19000
DRAIN_SECONDS = 60 # for what is still on its way when the last was acknowledged
NAP_US = 50 # of the generator, when it has nothing to do: others need its processor
WINDOW = 8000 # notifications under way: each waits for a commit
PAUSE_SECONDS = 0.7 # the swarm is frozen in its pause, long before this is over


class Receiver:
    """parses: it reads what it is sent, as a back end does; else it looks for a text only."""

    def __init__(self, bench, family, parses):
        self.sample = family.folder / "sample.json"
        self.url = f"http://127.0.0.1:{RECEIVER_PORT}/"
        words = ["--parse", RECEIVER_PORT, "sluice.notification"] if parses else [
            RECEIVER_PORT, '"type":"sluice.notification"']
        self.child = family.start(
            "receiver", [bench.build / "bench/compare/sluice-bench-receiver", *words, self.sample],
            bench.processors.all)
        wait_until(self.found, 10, [self.child], "receiver, ready")

    def found(self):
        """How many have arrived, as a text: so that none yet is not taken for no answer."""
        try:
            with urllib.request.urlopen(self.url, timeout=10) as answer:
                return str(json.load(answer)["found"])
        except OSError:
            return None


class Delivery:
    """A gateway whose devices are all observed, the fleet, and the receiver."""

    def __init__(self, bench, family, devices, phases, parses):
        self.bench = bench
        self.family = family
        self.receiver = Receiver(bench, family, parses)
        socket = family.folder / "notify.sock"
        port = (f"    - ethdev: {memif('server', socket)}\n"
                "      addresses: [198.18.0.1/15]\n")
        more = ("lwm2m:\n  observe: [/3303]\n"
                f"backends:\n  - name: bench\n    url: {self.receiver.url}\n")
        self.gateway = Gateway(bench, family, "notify", port, max_devices(devices), poll="adaptive",
                               durability="commit", more=more, house=bench.processors.all)
        command = ["stdbuf", "-oL", bench.build / "bench/swarm/sluice-swarm", "run", "--quiet",
                   "--port", memif("client", socket, "zero-copy=no"), "--nap", NAP_US,
                   "--lcore", bench.processors.generator, "--json", family.folder / "notify.json"]
        for line in [f"devices {devices}", "register window=512", "observe seconds=60", *phases]:
            command += ["--line", line]
        self.swarm = family.start("notify-swarm", command, {bench.processors.generator}, pipes=True)
        self.wait("register")
        self.wait("observe")
        self.begin()

    def wait(self, phase):
        line = self.swarm.wait_line(f"^{phase} +(ok|FAILED)", 120)
        if "FAILED" in line.split():
            raise Failure(f"{self.swarm.name}: {line.strip()}")

    def everybody(self):
        return [*self.gateway.children, self.swarm]

    def taken(self):
        return self.gateway.metric("sluice_control_notifications_total")

    def begin(self):
        self.taken_before, self.found_before = self.taken(), int(self.receiver.found())
        self.began = time.monotonic()

    def rate(self):
        """How many, and how many a second from the first that was sent to the arrival of the last.
        Leaves the swarm frozen in the pause that follows."""
        self.wait("notify")
        self.swarm.freeze()
        count = self.taken() - self.taken_before
        wait_until(lambda: int(self.receiver.found()) - self.found_before >= count, DRAIN_SECONDS,
                   self.everybody(), "notifications, arrived")
        return count, count / (time.monotonic() - self.began)

    def feed(self, events, folder=None):
        words = [self.bench.build / "bench/compare/sluice-bench-feed", self.receiver.url, events,
                 self.receiver.sample]
        if folder:
            folder.mkdir()
            words.append(folder)
        # The whole machine, as the gateway and its generator have it.
        child = self.family.start("feed", words, self.bench.processors.all, pipes=True)
        line = child.wait_line("events_per_second", 60)
        child.wait_end(10)
        return json.loads(line)["events_per_second"]

    def turn(self, number):
        """Rates of one run of each: the gateway, from LMDB, from memory."""
        self.begin()
        self.swarm.thaw()
        count, rate = self.rate()
        for child in self.gateway.children:
            child.freeze()
        events = int(count)
        stored = self.feed(events, self.family.folder / f"feed-{number}")
        memory = self.feed(events)
        for child in self.gateway.children:
            child.thaw()
        time.sleep(PAUSE_SECONDS) # so that thawed it begins at once
        return rate, stored, memory


def steady_row(bench, devices):
    seconds = 2 if bench.options.quick else 10
    phases = [f"pause seconds={PAUSE_SECONDS}",
              f"notify per-device=1 seconds={seconds} con", f"pause seconds={PAUSE_SECONDS}"]
    with Family(bench.folder("notify")) as family:
        count, steady = Delivery(bench, family, devices, phases, parses=False).rate()
    row = Row("notify", f"{name_of(devices)} devices notify once a second for {seconds} s, "
              "durability: commit; all acknowledged, decoded and at the receiver", "memif, loopback",
              [steady], [], "/s")
    # A device whose last notification is not acknowledged yet passes its turn (NSTART is 1).
    row.met = count >= 0.99 * devices * seconds
    row.details = {"notifications": count, "offered": devices * seconds}
    return row


def delivery_turns(bench, devices, parses):
    """Rates of the gateway, from LMDB, from memory: a list each."""
    phases = [f"pause seconds={PAUSE_SECONDS}"]
    phases += [f"notify window={WINDOW} seconds={bench.run_seconds} con",
               f"pause seconds={PAUSE_SECONDS}"] * bench.rounds
    turns = []
    with Family(bench.folder("delivery-parsed" if parses else "delivery")) as family:
        side = Delivery(bench, family, devices, phases, parses)
        side.swarm.freeze()
        time.sleep(PAUSE_SECONDS) # so that thawed it begins at once
        for number in range(bench.rounds):
            turns.append(side.turn(number))
    return map(list, zip(*turns))


def notify_rows(bench, devices):
    bench.say(f"{name_of(devices)} devices are observed and notify")
    rows = [steady_row(bench, devices)]
    what = "notifications at the receiver, as many as go, durability: commit"
    rates, stored, memory = delivery_turns(bench, devices, parses=False)
    rows.append(Row("delivery-lmdb", f"{what}; against a bare libcurl loop posting the same events, "
                    "ready made, from LMDB", "memif, loopback", rates, stored, "/s"))
    rows.append(Row("delivery-memory", "the same; against the bare loop from memory",
                    "memif, loopback", rates, memory, "/s", at_least=0.5))
    rates, stored, memory = delivery_turns(bench, devices, parses=True)
    rows.append(Row("delivery-lmdb-parsed", "the same, to a receiver that reads them as JSON; "
                    "against the bare loop from LMDB", "memif, loopback", rates, stored, "/s"))
    rows.append(Row("delivery-memory-parsed", "the same; against the bare loop from memory",
                    "memif, loopback", rates, memory, "/s", at_least=0.5))
    return rows
