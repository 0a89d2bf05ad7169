# SPDX-License-Identifier: BSD-3-Clause
# Copyright (c) 2026 the sluice authors
"""Rows about DTLS over memif: records and handshakes beside wolfSSL's, in turns; memory of a session;
devices beside a flood of forged ClientHellos."""

import json
import time
import urllib.request

from children import Failure, Family
from memif import PAUSE_SECONDS, WARM_SECONDS, max_devices, name_of
from micro import micro
from servers import Gateway, memif, wait_until
from table import Row

PSK = "5a" * 16
PADDING = 64 # bytes of content in a record of a device, as in the yardsticks
NAP_US = 50 # of a generator that waits for handshakes: control has the same processor
HANDSHAKE_WINDOW = 128
SETTLE_SECONDS = 3 # in which the gateway gives back what handshakes left
FLOOD_RATE = 200000
FLOOD_SECONDS = 5
RAW, LANES = "dtls_raw_ccm_8_wolfcrypt", "dtls_raw_ccm_8"
RECORDS, HANDSHAKES = "dtls_wolfssl_records/objects:100000", "dtls_wolfssl_handshakes"
ONE_DRBG = "dtls_wolfssl_handshakes_one_drbg"


def credentials(devices):
    digits = max(4, len(str(devices - 1)))
    return "".join(f"swarm-{n:0{digits}},psk,swarm-{n:0{digits}},{PSK}\n"
                   for n in range(devices)).encode()


class Fleet:
    """A gateway and devices that speak DTLS with it, or do not. It has its turns; else it is frozen."""

    def __init__(self, bench, family, name, devices, phases, secure=True, nap_us=0, poll="busy"):
        self.devices = devices
        self.result = family.folder / f"{name}.json"
        self.sockets = [family.folder / f"{name}-{n}.sock" for n in range(2)]
        self.bench = bench
        port = (f"    - ethdev: {memif('server', self.sockets[0])}\n"
                "      addresses: [198.18.0.1/15]\n"
                f"    - ethdev: {memif('server', self.sockets[1]).replace('memif0', 'memif1')}\n"
                "      addresses: [203.0.113.1/24]\n")
        port = port.replace("]\n", "]\n      dtls: true\n") if secure else port
        self.gateway = Gateway(bench, family, name, port, max_devices(devices), poll)
        if secure:
            self.import_credentials()
        self.resident_before = self.gateway.dataplane.resident()
        lines = [f"devices {devices}", f"register window={bench.options.storm_window}"]
        lines += [f"dtls psk={PSK} pad={PADDING}"] if secure else []
        self.swarm = family.start(f"{name}-swarm", self.command(0, self.result, lines + phases)
                                  + (["--nap", nap_us] if nap_us else []),
                                  {bench.processors.generator}, pipes=True)
        self.wait_phase("register", 60 + devices / 2000)

    def command(self, socket, result, lines):
        command = ["stdbuf", "-oL", self.bench.build / "bench/swarm/sluice-swarm", "run", "--quiet",
                   "--port", memif("client", self.sockets[socket]),
                   "--lcore", self.bench.processors.generator, "--json", result]
        return command + [word for line in lines for word in ("--line", line)]

    def import_credentials(self):
        request = urllib.request.Request(self.gateway.url + "/api/security/clients/import",
                                         credentials(self.devices), method="POST")
        with urllib.request.urlopen(request, timeout=300) as answer:
            if json.load(answer)["added"] != self.devices:
                raise Failure("credentials: not all of them were taken")

    def wait_phase(self, phase, seconds):
        line = self.swarm.wait_line(f"^{phase} +(ok|FAILED)", seconds)
        if "FAILED" in line.split():
            raise Failure(f"{self.swarm.name}: {line.strip()}")

    def everybody(self):
        return [*self.gateway.children, self.swarm]

    def freeze(self):
        for child in reversed(self.everybody()):
            child.freeze()

    def take_turn(self, phase):
        """Seconds of processor time that the dataplane took."""
        before = self.gateway.dataplane.cpu_seconds()
        for child in self.everybody():
            child.thaw()
        self.wait_phase(phase, 60)
        self.freeze()
        return self.gateway.dataplane.cpu_seconds() - before

    def finish(self, phase):
        """The rates of that phase in each turn."""
        for child in self.everybody():
            child.thaw()
        self.swarm.wait_end(60)
        try:
            phases = json.loads(self.result.read_text())["phases"]
        except (OSError, ValueError, KeyError) as error:
            raise Failure(f"{self.swarm.name}, result: {error}") from error
        return [found for found in phases if found["phase"] == phase]


def turns(bench, phase):
    return [f"pause seconds={PAUSE_SECONDS}", phase] * bench.rounds


def rates(phases):
    return [phase["exchanges_per_second"] for phase in phases]


def yardsticks(bench, into):
    found = micro(bench, f"^({LANES}|{RAW}|{RECORDS}|{HANDSHAKES}|{ONE_DRBG})$", 0.2, repetitions=1)
    for name in (LANES, RAW):
        into.setdefault(name, []).append(1e9 / found[name][0]["cpu_time"])
    for name in (RECORDS, HANDSHAKES, ONE_DRBG):
        into.setdefault(name, []).append(1e9 / found[name][0]["server_ns"])


def wolfssl_rows(bench, devices):
    bench.say(f"DTLS: {name_of(devices)} sessions, records and handshakes beside wolfSSL's")
    per_second = {}
    with Family(bench.folder("dtls")) as family:
        records = Fleet(bench, family, "records", devices,
                        [f"update seconds={WARM_SECONDS}"]
                        + turns(bench, f"update window={bench.options.window} "
                                       f"seconds={bench.run_seconds}"))
        records.take_turn("update")
        shakes = Fleet(bench, family, "handshakes", devices,
                       turns(bench, f"handshake window={HANDSHAKE_WINDOW} seconds={bench.run_seconds}"),
                       nap_us=NAP_US, poll="adaptive")
        shakes.freeze()
        taken = []
        for _ in range(bench.rounds):
            records.take_turn("update")
            taken.append(shakes.take_turn("handshake"))
            yardsticks(bench, per_second)
        exchanges, handshakes = rates(records.finish("update")[1:]), shakes.finish("handshake")
    shaken = [phase["exchanges"] / seconds for phase, seconds in zip(handshakes, taken)]
    whose = f"{name_of(devices)} sessions in random order, {PADDING} bytes"
    rows = [
        Row("dtls-records", f"Update exchanges by DTLS, {whose}, against decryption and encryption of "
            "such records alone (AES-128-CCM-8, wolfCrypt)", "memif, memory", exchanges,
            per_second[RAW], "/s", at_least=0.7),
        Row("dtls-records-lanes", "the same, against the gateway's own AES-128-CCM-8, four records "
            "at a time", "memif, memory", exchanges, per_second[LANES], "/s"),
        Row("dtls-records-objects", "the same, against wolfSSL_read and wolfSSL_write with as many "
            "objects kept, and nothing else", "memif, memory", exchanges, per_second[RECORDS], "/s",
            at_least=3),
        # By processor time: with two processors the worker waits for control and the generator.
        Row("dtls-handshakes", "handshakes with a pre-shared key, and a ping, in a second of the "
            "dataplane's processor time, against a bare wolfSSL loop", "memif, memory", shaken,
            per_second[HANDSHAKES], "/s", at_least=0.7),
        Row("dtls-handshakes-drbg", "the same, against a loop whose objects share a generator of "
            "random numbers as the gateway's do", "memif, memory", shaken, per_second[ONE_DRBG], "/s"),
    ]
    rows[-2].details = {"by_the_clock": rates(handshakes), "processor_seconds": taken,
                        "phases": handshakes}
    return rows


FEW = 1000 # devices, by which memory has grown that does not depend on how many there are


def grown_beyond_plain(bench, devices):
    """Resident bytes that as many devices cost the dataplane by DTLS, beyond as many in the clear."""
    grown = {}
    for secure in (False, True):
        bench.say(f"{name_of(devices)} devices register, {'DTLS' if secure else 'in the clear'}")
        name = f"memory-{'dtls' if secure else 'plain'}-{devices}"
        with Family(bench.folder(name)) as family:
            fleet = Fleet(bench, family, name, devices, [], secure)
            fleet.swarm.wait_end(60)
            sessions = fleet.gateway.metric("sluice_dataplane_sessions")
            if sessions != devices:
                raise Failure(f"{devices} devices registered, {sessions:.0f} sessions")
            time.sleep(SETTLE_SECONDS)
            grown[secure] = fleet.gateway.dataplane.resident() - fleet.resident_before
    return grown[True] - grown[False]


def memory_row(bench, devices):
    few, many = grown_beyond_plain(bench, FEW), grown_beyond_plain(bench, devices)
    row = Row(f"dtls-memory-{name_of(devices).replace(' ', '').lower()}",
              f"dataplane memory of a DTLS session beyond a plain one, {name_of(devices)} registered, each "
              f"beyond the first {name_of(FEW)}", "memif", [(many - few) / (devices - FEW)], [], "B",
              at_most=256)
    row.details = {"grown": many, f"grown_with_{FEW}": few}
    return row


def flood_row(bench, devices):
    bench.say(f"{name_of(devices)} devices beside {FLOOD_RATE} forged ClientHellos a second")
    with Family(bench.folder("flood")) as family:
        fleet = Fleet(bench, family, "flood", devices,
                      ["pause seconds=1", f"update rate={FLOOD_RATE // 4} seconds={FLOOD_SECONDS}"],
                      nap_us=NAP_US)
        before = fleet.gateway.dataplane.resident()
        result = family.folder / "forgers.json"
        forgers = family.start("forgers", fleet.command(1, result, [
            "addresses 64.0.0.0/2", f"hello rate={FLOOD_RATE} seconds={FLOOD_SECONDS + 1}"])
            + ["--gateway", "203.0.113.1:5684", "--nap", NAP_US], {bench.processors.generator})
        update, = fleet.finish("update")
        grown = fleet.gateway.dataplane.resident() - before
        wait_until(lambda: forgers.process.poll() is not None, 30, [], "the flood, over")
        flood, = json.loads(result.read_text())["phases"]
    row = Row("dtls-flood", f"exchanges of registered devices that succeed beside "
              f"{flood['requests'] / flood['sending_seconds'] / 1e3:.0f} k forged ClientHellos a second",
              "memif", [100 * update["exchanges"] / update["requests"]], [], "%", at_least=100)
    row.details = {"resident_growth": grown, "update": update, "flood": flood}
    return row
