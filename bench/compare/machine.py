# SPDX-License-Identifier: BSD-3-Clause
# Copyright (c) 2026 the sluice authors
"""The machine that figures are measured on: what it is, which processors do what, its hugepages."""

import os
import platform
import re
import subprocess
import time

HUGEPAGES = "/proc/sys/vm/nr_hugepages"


def read(path):
    with open(path, encoding="ascii", errors="replace") as file:
        return file.read()


def meminfo(name):
    found = re.search(rf"^{name}: +(\d+)", read("/proc/meminfo"), re.M)
    return int(found.group(1)) if found else 0


def free_hugepages():
    """Free pages of 2 MiB: DPDK's programs of this project look for no other size."""
    return meminfo("HugePages_Free") if meminfo("Hugepagesize") == 2048 else 0


def first_line(*command):
    try:
        out = subprocess.run(command, capture_output=True, text=True, timeout=10, check=True).stdout
        return out.strip().splitlines()[0]
    except (OSError, subprocess.SubprocessError, IndexError):
        return "unknown"


def describe(root, state_dir):
    cpuinfo = read("/proc/cpuinfo")
    model = re.search(r"^model name\s*: (.*)$", cpuinfo, re.M)
    return {
        "date": time.strftime("%Y-%m-%dT%H:%M:%S%z"),
        "commit": first_line("git", "-C", str(root), "describe", "--always", "--dirty"),
        "cpu": model.group(1) if model else platform.machine(),
        "cores": os.cpu_count(),
        "virtual": bool(re.search(r"^flags\s*:.*\bhypervisor\b", cpuinfo, re.M)),
        "memory_gib": round(meminfo("MemTotal") / 1048576, 1),
        "kernel": platform.release(),
        "dpdk": first_line("pkg-config", "--modversion", "libdpdk"),
        "file_system": first_line("stat", "-f", "-c", "%T", str(state_dir)),
        "load_average": os.getloadavg()[0],
    }


class Processors:
    """The worker gets a processor to itself; so does the generator where there are three."""

    def __init__(self):
        cpus = sorted(os.sched_getaffinity(0))
        self.enough = len(cpus) >= 2
        self.all = set(cpus)
        self.house = cpus[0]
        self.worker = cpus[1 % len(cpus)]
        self.generator = cpus[2] if len(cpus) > 2 else cpus[0]


class Hugepages:
    """Sees to it that so many are free, as far as root may and the machine has them; gives back what
    it took. Use as a context."""

    def __init__(self, pages):
        self.wanted = pages
        self.before = None
        self.enough = False

    def __enter__(self):
        missing = self.wanted - free_hugepages()
        if missing > 0 and os.geteuid() == 0 and meminfo("Hugepagesize") == 2048:
            self.before = int(read(HUGEPAGES))
            self.write(self.before + missing)
        self.enough = free_hugepages() >= self.wanted
        return self

    def __exit__(self, *_):
        if self.before is not None:
            self.write(self.before)

    @staticmethod
    def write(pages):
        try:
            with open(HUGEPAGES, "w", encoding="ascii") as file:
                file.write(f"{pages}\n")
        except OSError:
            pass  # a container: what there is has to do
