# SPDX-License-Identifier: BSD-3-Clause
# Copyright (c) 2026 the sluice authors
"""Rows of restarts: either process is killed outright under as many devices as there are, over kernel sockets that
outlive it; how long until everything is as before, and was every device answered?"""

import json
import os
import pathlib
import signal
import time

from children import Failure, Family
from memif import max_devices, name_of
from servers import Gateway, wait_until
from table import Row

PORT = 15683
WINDOW = 1024
PAUSE_SECONDS = 0.3 # the kill falls into it: the fleet goes on while the process is away
START_SECONDS = 120


class Fleet:
    """Devices that register, then each of them speaks once after every kill."""

    def __init__(self, bench, family, devices):
        self.result = family.folder / "restart.json"
        lines = [f"devices {devices}", f"register window={WINDOW}"]
        for _ in range(2):
            lines += [f"pause seconds={PAUSE_SECONDS}", f"update window={WINDOW}"]
        command = ["stdbuf", "-oL", bench.build / "bench/swarm/sluice-swarm", "run", "--quiet",
                   "--gateway", f"127.0.0.1:{PORT}", "--json", self.result]
        for line in lines:
            command += ["--line", line]
        self.swarm = family.start("restart-swarm", command, {bench.processors.generator}, pipes=True)
        self.seconds = 120 + devices / 10000

    def wait_phase(self, phase):
        line = self.swarm.wait_line(f"^{phase} +(ok|FAILED)", self.seconds)
        if "FAILED" in line.split():
            raise Failure(f"{self.swarm.name}: {line.strip()}")
        return time.monotonic()

    def passes(self):
        self.swarm.wait_end(30)
        return [phase for phase in json.loads(self.result.read_text())["phases"]
                if phase["phase"] == "update"]


def worker_of(supervisor):
    tasks = pathlib.Path(f"/proc/{supervisor.process.pid}/task")
    found = [pid for task in tasks.iterdir() for pid in (task / "children").read_text().split()]
    return int(found[0]) if found else None


def ready(gateway, devices):
    """Control is attached to a dataplane that has been given every session."""
    if gateway.get("/readyz") is None:
        return False
    return gateway.metric("sluice_dataplane_sessions") == devices


def kill_dataplane(gateway, fleet, devices):
    """Seconds from the kill until all sessions are back, and until every device was answered."""
    old = worker_of(gateway.dataplane)
    killed = time.monotonic()
    os.kill(old, signal.SIGKILL)
    wait_until(lambda: worker_of(gateway.dataplane) not in (None, old), START_SECONDS,
               gateway.children, "the dataplane, started again")
    started = time.monotonic()
    wait_until(lambda: ready(gateway, devices), START_SECONDS, gateway.children, "sessions restored")
    restored = time.monotonic()
    answered = fleet.wait_phase("update")
    return {"started": started - killed, "restored": restored - killed, "answered": answered - killed}


def kill_control(gateway, fleet):
    killed = time.monotonic()
    gateway.control.process.kill()
    gateway.control.process.wait()
    gateway.start_control()
    wait_until(lambda: gateway.get("/readyz") is not None, START_SECONDS, gateway.children,
               "control, ready")
    restored = time.monotonic()
    answered = fleet.wait_phase("update")
    return {"ready": restored - killed, "answered": answered - killed}


def row_of(key, what, seconds, passed, devices, details):
    row = Row(key, f"{name_of(devices)} sessions, {what}", "loopback", [seconds], [], "s")
    row.details = {**details, **{key: passed[key] for key in (
        "exchanges", "retransmissions", "unavailable", "wrong", "missing")}}
    row.met = passed["ok"] and passed["exchanges"] == devices and passed["unavailable"] == 0
    return row


def restart_rows(bench, devices):
    bench.say(f"{name_of(devices)} devices register, then either process is killed")
    port = f"    - udp: 127.0.0.1:{PORT}\n"
    with Family(bench.folder("restart")) as family:
        gateway = Gateway(bench, family, "restart", port, max_devices(devices), poll="adaptive",
                          supervise=True)
        fleet = Fleet(bench, family, devices)
        fleet.wait_phase("register")
        dataplane = kill_dataplane(gateway, fleet, devices)
        control = kill_control(gateway, fleet)
        passes = fleet.passes()
    return [row_of("restart-dataplane", "dataplane killed: until the last of all devices has its 2.04",
                   dataplane["answered"], passes[0], devices, dataplane),
            row_of("restart-control", "control killed: until it is ready again; each device has its 2.04",
                   control["ready"], passes[1], devices, control)]
