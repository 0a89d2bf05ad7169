# SPDX-License-Identifier: BSD-3-Clause
# Copyright (c) 2026 the sluice authors
"""What is measured, ready to be loaded: the gateway, and testpmd that sends every packet back."""

import re
import time
import urllib.error
import urllib.request

from children import Failure

MEMIF_RING = 10 # log2 of the slots, the same for every program
START_SECONDS = 30


def memif(role, socket, *more):
    return ",".join(["net_memif0", f"role={role}", f"socket={socket}", "socket-abstract=no",
                     f"rsize={MEMIF_RING}", *more])


def wait_until(condition, seconds, children, what):
    """What condition gives as soon as that is something."""
    end = time.monotonic() + seconds
    while not (found := condition()):
        for child in children:
            child.check()
        if time.monotonic() > end:
            raise Failure(f"{what}: not within {seconds:.0f} s")
        time.sleep(0.05)
    return found


class Gateway:
    """Both processes with one worker. port: a line of configuration below "ports:"; more: what
    else there is in it."""

    next_rest = 18080

    def __init__(self, bench, family, name, port, devices, poll="busy", durability="memory",
                 cpus=None, more="", supervise=False, house=None):
        rest = Gateway.next_rest
        Gateway.next_rest += 1
        folder = family.folder / name
        (folder / "state").mkdir(parents=True)
        self.url = f"http://127.0.0.1:{rest}"
        config = folder / "sluice.yaml"
        config.write_text(f"state: {folder}/state\ndurability: {durability}\ndataplane:\n"
                          f"  workers: 1\n  poll: {poll}\n  max_devices: {devices}\n"
                          f"  ports:\n{port}control:\n  listen: 127.0.0.1:{rest}\n{more}")
        processors = bench.processors
        self.dataplane = family.start(
            f"{name}-dataplane", [bench.build / "dataplane/sluice-dataplane", "--config", config]
            + (["--supervise"] if supervise else []), cpus or {processors.house, processors.worker})
        self.start_control = lambda: self.start_control_of(
            family, name, [bench.build / "control/sluice-control", "--config", config],
            house or {processors.house})
        self.start_control()
        wait_until(lambda: self.get("/readyz") is not None, START_SECONDS, self.children,
                   f"{name}, ready")

    def start_control_of(self, family, name, command, cpus):
        self.control = family.start(f"{name}-control", command, cpus)
        self.children = [self.dataplane, self.control]

    def get(self, path):
        try:
            with urllib.request.urlopen(self.url + path, timeout=5) as answer:
                return answer.read().decode()
        except (urllib.error.URLError, OSError):
            return None

    def metric(self, name):
        """Its sum over all labels."""
        # Control may have millions of registrations to look after when it has just been thawed.
        text = wait_until(lambda: self.get("/metrics"), START_SECONDS, self.children, "metrics")
        found = re.findall(rf"^{name}(?:{{[^}}]*}})? (\S+)$", text, re.M)
        if not found:
            raise Failure(f"metric {name}: not there")
        return sum(float(value) for value in found)

    def labelled(self, name, label):
        """What is not 0, by the value of a label."""
        text = self.get("/metrics") or ""
        found = re.findall(rf"^{name}{{[^}}]*{label}=\"([^\"]*)\"[^}}]*}} (\S+)$", text, re.M)
        return {value: float(count) for value, count in found if float(count) > 0}

    def started(self):
        """Nothing left to do: memif needs no word to begin."""


class Bounce:
    """testpmd's 5tswap on a memif: Ethernet, IP and UDP source and destination change places."""

    def __init__(self, bench, family, name, socket):
        processors = bench.processors
        memory = (["--in-memory"] if bench.hugepages else ["--no-huge", "--no-shconf", "-m", "128"])
        command = [bench.testpmd, "--lcores", f"0@{processors.house},1@{processors.worker}",
                   "--no-pci", "--no-telemetry", f"--file-prefix=compare-{name}", *memory,
                   f"--vdev={memif('server', socket)}", "--", "-i", "--forward-mode=5tswap",
                   "--nb-cores=1", "--burst=64", "--total-num-mbufs=16384"]
        self.testpmd = family.start(f"{name}-testpmd", command,
                                    {processors.house, processors.worker}, pipes=True)
        self.children = [self.testpmd]
        wait_until(socket.exists, START_SECONDS, self.children, f"{name}, memif")
        self.testpmd.wait_line("testpmd> |Checking link statuses", START_SECONDS)

    def started(self):
        self.testpmd.say("start")
