# SPDX-License-Identifier: BSD-3-Clause
# Copyright (c) 2026 the sluice authors
"""Rows over memif: the gateway against testpmd's 5tswap with the same generator and the same packets."""

import json

import machine
from children import Failure, Family
from servers import Bounce, Gateway, memif, wait_until
from table import Row, median

WARM_SECONDS = 0.2
PAUSE_SECONDS = 0.7 # a side is frozen in its pause, long before this is over
SPARE_DEVICES = 1.02 # max_devices: registrations must not fill the last bucket
TEN_MILLION = 10000000 # the size that two targets are about
BYTES_OF_DEVICE = 1400 # both processes, the store's pages and two generators, for whether it fits


def room_for(devices):
    available = 1024 * machine.meminfo("MemAvailable") + (machine.free_hugepages() << 21)
    return available > devices * BYTES_OF_DEVICE


def max_devices(devices):
    return max(1000, int(devices * SPARE_DEVICES))


def name_of(devices):
    return f"{devices // 1000000} M" if devices >= 1000000 else f"{devices // 1000} k"


class Side:
    """A server and the generator that loads it: frozen, but for its turns."""

    def __init__(self, bench, family, name, devices, phase, rounds, durability="memory",
                 bounce=False, storm=False):
        self.bench = bench
        self.devices = devices
        self.result = family.folder / f"{name}.json"
        socket = family.folder / f"{name}.sock"
        if bounce:
            self.server = Bounce(bench, family, name, socket)
        else:
            port = (f"    - ethdev: {memif('server', socket)}\n"
                    "      addresses: [198.18.0.1/15]\n")
            self.server = Gateway(bench, family, name, port, max_devices(devices),
                                  durability=durability)
        self.resident_before = 0 if bounce else self.server.dataplane.resident()
        self.swarm = family.start(f"{name}-swarm", self.command(socket, bounce, phase, rounds, storm),
                                  {bench.processors.generator}, pipes=True)
        self.server.started()
        if not storm:
            self.prepare(bounce)

    def command(self, socket, bounce, phase, rounds, storm):
        lines = [f"devices {self.devices}"]
        lines += [f"register window={self.bench.options.storm_window}"] if not bounce else []
        if not storm:
            lines += [f"update seconds={WARM_SECONDS}"]
            lines += [f"pause seconds={PAUSE_SECONDS}", phase] * rounds
        zero_copy = "zero-copy=yes" if self.bench.hugepages else "zero-copy=no"
        # stdbuf: the end of a phase must be heard when it comes.
        command = ["stdbuf", "-oL", self.bench.build / "bench/swarm/sluice-swarm", "run", "--quiet",
                   "--port", memif("client", socket, zero_copy),
                   "--lcore", self.bench.processors.generator, "--json", self.result]
        for line in lines:
            command += ["--line", line]
        return command + (["--bounce"] if bounce else [])

    def register_seconds(self):
        return 60 + self.devices / 20000

    def wait_phase(self, phase, seconds):
        line = self.swarm.wait_line(f"^{phase} +(ok|FAILED)", seconds)
        if "FAILED" in line.split():
            raise Failure(f"{self.swarm.name}: {line.strip()}")

    def prepare(self, bounce):
        if not bounce:
            self.wait_phase("register", self.register_seconds())
            self.wait_phase("update", 60)
            self.check_sessions()
        else:
            self.wait_phase("update", 60 + self.devices / 100000)
        self.freeze()

    def check_sessions(self):
        """Every device has a session, none has two; control has stored them all."""
        gateway = self.server
        self.swarm.freeze()
        self.resident_registered = gateway.dataplane.resident()
        sessions = gateway.metric("sluice_dataplane_sessions")
        if sessions != self.devices:
            raise Failure(f"{self.devices} devices registered, {sessions:.0f} sessions")
        wait_until(lambda: gateway.metric("sluice_registrations") == self.devices,
                   self.register_seconds(), gateway.children, "registrations stored")

    def everybody(self):
        return [*self.server.children, self.swarm]

    def freeze(self):
        for child in reversed(self.everybody()):
            child.freeze()

    def take_turn(self):
        for child in self.everybody():
            child.thaw()
        self.wait_phase("update", 60)
        self.freeze()

    def finish(self):
        for child in self.everybody():
            child.thaw()
        self.swarm.wait_end(30)
        runs = self.phases("update")[1:] # the first one was to warm up
        if any(run["sending_seconds"] > 1.2 * self.bench.run_seconds for run in runs):
            raise Failure(f"{self.swarm.name}: frozen in a run instead of after it; is the machine busy?")
        return runs

    def phases(self, name):
        try:
            phases = json.loads(self.result.read_text())["phases"]
        except (OSError, ValueError, KeyError) as error:
            raise Failure(f"{self.swarm.name}, result: {error}") from error
        return [phase for phase in phases if phase["phase"] == name]


def alternate(sides, rounds):
    for _ in range(rounds):
        for side in sides:
            side.take_turn()
    return [side.finish() for side in sides]


def rates(phases):
    return [phase["exchanges_per_second"] for phase in phases]


def generator(phases):
    """What it cost the other side of the memif: near 100 % busy it, not the server, is the limit."""
    return {key: median([phase[key] for phase in phases])
            for key in ("generator_cycles_per_exchange", "generator_busy_percent", "generator_burst")}


def update_rows(bench, sizes):
    """One cycle goes over all sizes and both sides, so that every ratio is of runs side by side."""
    phase = f"update window={bench.options.window} seconds={bench.run_seconds}"
    rows = []
    with Family(bench.folder("update")) as family:
        sides = []
        for devices in sizes:
            for bounce in (False, True):
                name = f"{'bounce' if bounce else 'gateway'}-{devices}"
                bench.say(f"{name_of(devices)} devices, {'testpmd' if bounce else 'gateway'}: start")
                sides.append(Side(bench, family, name, devices, phase, bench.rounds, bounce=bounce))
        bench.say(f"Updates: {bench.rounds} alternating runs of {bench.run_seconds:g} s")
        results = alternate(sides, bench.rounds)
        for i, devices in enumerate(sizes):
            gateway, bounce = rates(results[2 * i]), rates(results[2 * i + 1])
            bench.update_rates[devices] = gateway
            row = Row(f"update-{name_of(devices).replace(' ', '').lower()}",
                      f"Update exchanges, {name_of(devices)} devices, against testpmd 5tswap",
                      "memif", gateway, bounce, "/s", at_least=0.7)
            row.details = {**details(sides[2 * i].server), "sluice": generator(results[2 * i]),
                           "peer": generator(results[2 * i + 1])}
            rows.append(row)
        rows += [memory_row(side) for side in sides[-2::2] if side.devices >= 1000000]
    small, large = sizes[0], sizes[-1]
    if small != large:
        rows.append(Row(f"update-{name_of(large)}-{name_of(small)}".replace(" ", "").lower(),
                        f"Update exchanges, {name_of(large)} devices, against {name_of(small)}",
                        "memif", bench.update_rates[large], bench.update_rates[small], "/s",
                        at_least=0.7 if large >= TEN_MILLION else None))
    return rows


def details(gateway):
    metrics = ("dedup_slots", "dedup_evictions_total", "duplicates_answered_total")
    found = {name: gateway.metric(f"sluice_dataplane_{name}") for name in metrics}
    return {**found, "drops": gateway.labelled("sluice_dataplane_drops_total", "reason")}


def memory_row(side):
    """Resident growth since the start, when all are registered or after the Updates, if that is more."""
    name = name_of(side.devices)
    now = side.server.dataplane.resident()
    grown = max(side.resident_registered, now) - side.resident_before
    row = Row(f"memory-{name.replace(' ', '').lower()}",
              f"dataplane memory per device, {name} registered", "memif",
              [grown / side.devices], [], "B",
              at_most=512 if side.devices >= TEN_MILLION else None)
    row.details = {"resident_at_start": side.resident_before, "resident_in_the_end": now,
                   "resident_when_registered": side.resident_registered,
                   "control_resident": side.server.control.resident()}
    return row


def storm_row(bench, devices, durability):
    bench.say(f"{name_of(devices)} devices register at once, durability: {durability}")
    with Family(bench.folder(f"storm-{durability}")) as family:
        side = Side(bench, family, f"storm-{durability}", devices, None, 0, durability, storm=True)
        side.wait_phase("register", side.register_seconds())
        side.swarm.wait_end(30)
        side.check_sessions()
        phase = side.phases("register")[0]
        drops = details(side.server)
    row = Row(f"register-{durability}", f"{name_of(devices)} devices register at once, "
              f"durability: {durability}; all answered, as many sessions", "memif",
              [phase["seconds"]], [], "s")
    row.details = {key: phase[key] for key in ("exchanges", "requests", "retransmissions",
                                               "unavailable", "wrong", "missing",
                                               "shared_locations", "latency_ns")}
    row.details.update(drops)
    row.met = phase["ok"] and phase["exchanges"] >= devices
    return row


def latency_row(bench, devices):
    rate = half_rate(bench, devices)
    bench.say(f"latency at {rate} Updates a second")
    phase = f"update rate={rate} seconds={bench.run_seconds}"
    with Family(bench.folder("latency")) as family:
        sides = [Side(bench, family, name, devices, phase, bench.rounds, bounce=name == "half-bounce")
                 for name in ("half-gateway", "half-bounce")]
        results = alternate(sides, bench.rounds)
    gateway, bounce = [[phase["latency_ns"]["p99"] / 1000 for phase in phases] for phases in results]
    row = Row("latency", f"99th percentile at half load ({rate / 1e6:.2f} M/s), {name_of(devices)} "
              "devices, against testpmd 5tswap", "memif", gateway, bounce, "us", at_most=3)
    row.details = {"rate": rate, "sluice_rates": rates(results[0]), "peer_rates": rates(results[1]),
                   "sluice_latency_ns": [phase["latency_ns"] for phase in results[0]],
                   "peer_latency_ns": [phase["latency_ns"] for phase in results[1]]}
    return row


def half_rate(bench, devices):
    if devices not in bench.update_rates:
        bench.say("the gateway's closed-loop rate, to halve it")
        phase = f"update window={bench.options.window} seconds={bench.run_seconds}"
        with Family(bench.folder("half")) as family:
            side = Side(bench, family, "closed", devices, phase, bench.rounds)
            bench.update_rates[devices] = rates(alternate([side], bench.rounds)[0])
    return max(1, int(median(bench.update_rates[devices]) / 2))
