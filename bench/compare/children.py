# SPDX-License-Identifier: BSD-3-Clause
# Copyright (c) 2026 the sluice authors
"""Processes that a measurement starts. Each belongs to a Family, which ends all that are left; every
wait is bounded. A frozen child (SIGSTOP) keeps its memory and takes no processor: so that several
servers stay ready while one is measured."""

import os
import re
import select
import signal
import subprocess
import time


class Failure(Exception):
    """A measurement that did not come about; the text says why."""


class Child:
    def __init__(self, name, command, log, cpus, pipes=False):
        self.name = name
        self.log = log
        self.buffer = b""
        with open(log, "ab") as err:
            self.process = subprocess.Popen(
                [str(word) for word in command],
                stdin=subprocess.PIPE if pipes else subprocess.DEVNULL,
                stdout=subprocess.PIPE if pipes else err, stderr=err,
                preexec_fn=lambda: os.sched_setaffinity(0, cpus))

    def fail(self, what):
        tail = self.log.read_text(errors="replace").strip().splitlines()[-3:]
        raise Failure(f"{self.name} {what}" + (": " + " | ".join(tail) if tail else ""))

    def check(self):
        if self.process.poll() is not None:
            self.fail(f"ended with status {self.process.returncode}")

    def say(self, line):
        try:
            self.process.stdin.write(line.encode() + b"\n")
            self.process.stdin.flush()
        except OSError:
            self.check()

    def wait_line(self, pattern, seconds):
        """The next line of its output that matches."""
        end = time.monotonic() + seconds
        while True:
            while b"\n" in self.buffer:
                line, self.buffer = self.buffer.split(b"\n", 1)
                if re.search(pattern, line.decode(errors="replace")):
                    return line.decode(errors="replace")
            left = end - time.monotonic()
            if left <= 0 or not select.select([self.process.stdout], [], [], left)[0]:
                self.fail(f"did not come to \"{pattern}\" within {seconds:.0f} s")
            data = os.read(self.process.stdout.fileno(), 65536)
            if not data:
                self.process.wait()
                self.check()
            self.buffer += data

    def wait_end(self, seconds):
        """Its exit status."""
        try:
            self.process.communicate(timeout=seconds)
        except subprocess.TimeoutExpired:
            self.fail(f"did not end within {seconds:.0f} s")
        return self.process.returncode

    def freeze(self):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGSTOP)

    def thaw(self):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGCONT)

    def resident(self):
        """Bytes of memory that it occupies, hugepages included."""
        self.check()
        with open(f"/proc/{self.process.pid}/status", encoding="ascii") as file:
            kib = re.findall(r"^(?:VmRSS|HugetlbPages):\s+(\d+) kB", file.read(), re.M)
        return 1024 * sum(map(int, kib))

    def cpu_seconds(self):
        self.check()
        with open(f"/proc/{self.process.pid}/stat", encoding="ascii") as file:
            fields = file.read().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def end(self):
        if self.process.poll() is None:
            self.process.terminate()
            self.thaw()
            try:
                self.process.wait(5)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        for pipe in (self.process.stdin, self.process.stdout):
            if pipe:
                try:
                    pipe.close()
                except OSError:
                    pass


class Family:
    """All children of one measurement, ended when it is over. Use as a context."""

    def __init__(self, folder):
        self.folder = folder
        self.children = []

    def start(self, name, command, cpus, pipes=False):
        child = Child(name, command, self.folder / f"{name}.log", cpus, pipes)
        self.children.append(child)
        return child

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for child in reversed(self.children):
            child.end()
