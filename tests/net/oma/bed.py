# SPDX-License-Identifier: BSD-3-Clause
# Copyright (c) 2026 the sluice authors
"""What a conformance case needs: the gateway's REST API and its events, a test device, and what passes between
the device and the gateway."""

import subprocess
import threading
import time

import rest
from coap_message import code_text
from event_stream import EventStream
from wire import Wire

EVENT_S = 60  # what is waited for comes within, or not at all
CASES = []


class Failure(Exception):
    pass


def case(number, name, **device_options):
    """Marks a function as a conformance case. It is called with a test device that has registered."""
    def mark(function):
        CASES.append((number, name, device_options, function))
        return function
    return mark


def expect(good, *shown):
    if not good:
        raise Failure(" ".join(str(one) for one in shown))


def equal(got, wanted, what=""):
    expect(got == wanted, f"{what}: {got!r}, should be {wanted!r}")


class Bed:
    def __init__(self, program, server, api, netns):
        self.program = program
        self.server = server
        self.api = api
        self.netns = netns
        self.stream = EventStream(api)

    def device(self, endpoint, options):
        return TestDevice(self, endpoint, options)


class TestDevice:
    """The program sluice-test-device, commanded by lines."""

    def __init__(self, bed, endpoint, options):
        self.bed = bed
        self.endpoint = endpoint
        self.seen = len(bed.stream.events)
        self.wire = Wire(bed.server, bed.netns)
        self.lines = []
        words = []
        for name, value in {"lifetime": 300, **options}.items():
            words += ["--" + name.replace("_", "-")] + ([] if value is True else [str(value)])
        self.process = subprocess.Popen(
            [bed.program, "--endpoint", endpoint, "--server", self.wire.address, *words],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1, errors="replace")
        threading.Thread(target=self.follow, daemon=True).start()

    def follow(self):
        for line in self.process.stdout:
            self.lines.append(line.rstrip("\n"))

    def stop(self):
        self.process.kill()
        self.process.wait()

    def command(self, text):
        self.process.stdin.write(text + "\n")

    def set(self, path, value):
        """Returns once the device has it: it may hear of a request before it hears of a line."""
        start = len(self.lines)
        self.command(f"set {path} {value}")
        self.command("counters")
        self.prints("counter ", start)

    def prints(self, beginning, start=0):
        """Returns once the device has printed such a line."""
        end = time.monotonic() + EVENT_S
        while not any(line.startswith(beginning) for line in self.lines[start:]):
            expect(time.monotonic() < end, f"the device did not print '{beginning}...', but", self.lines[start:])
            time.sleep(0.005)

    # -- events of the gateway -------------------------------------------------------------------------------

    def mine(self, start):
        for name, data in self.bed.stream.events[start:]:
            registration = data.get("registration", data)
            if self.endpoint in (registration.get("ep"), registration.get("endpoint")):
                yield name, data

    def comes(self, wanted, seconds, matches=lambda data: True):
        """The data of the first such event that was not taken yet, None when it does not come; it is not taken."""
        def found(_):
            return next((data for name, data in self.mine(self.seen) if name == wanted and matches(data)), None)
        self.bed.stream.wait(lambda events: found(events) is not None, seconds)
        return found(None)

    def event(self, wanted, matches=lambda data: True):
        """The data of the first such event that was not taken yet; those before it are skipped."""
        data = self.comes(wanted, EVENT_S, matches)
        expect(data is not None, f"no event {wanted}, but", [name for name, _ in self.mine(self.seen)])
        self.seen = next(at for at, (_, one) in enumerate(self.bed.stream.events) if one is data) + 1
        return data

    # -- calls of the REST API ---------------------------------------------------------------------------------

    def call(self, method, path="", body=None):
        return rest.call(self.bed.api, method, f"/api/clients/{self.endpoint}{path}", body)

    def ask(self, method, path, body=None, status="CONTENT(205)"):
        """A call that the device answers; its answer is of that status. Returns the JSON."""
        answer = self.call(method, path, body)
        equal(answer.status, 200, f"{method} {path}: {answer}")
        equal(answer.json["status"], status, f"{method} {path}")
        equal(answer.json["success"], status[-4] == "2", f"{method} {path}")
        return answer.json

    def read(self, path, query=""):
        return self.ask("GET", path + query)["content"]

    # -- what passed ------------------------------------------------------------------------------------------

    def mark(self):
        return len(self.wire.passed)

    def asked(self, method, start=0, **options):
        """The gateway's request that passed since, and the device's answer to it."""
        wanted = {name.replace("_", "-"): str(value) for name, value in options.items()}
        request = self.wire.wait(False, lambda one: code_text(one.code) == method and
                                 all(one.get(name) == [value] for name, value in wanted.items()), EVENT_S, start)
        expect(request, f"no {method} with {wanted} passed, but",
               [str(one.message) for one in self.wire.passed[start:] if not one.up])
        answer = self.wire.wait(True, lambda one: one.token == request.token and one.code >= 64, EVENT_S, start)
        return request, answer

    def said(self, method, path, start=0):
        """The device's own request that passed since, and the gateway's answer to it."""
        request = self.wire.wait(True, lambda one: code_text(one.code) == method and
                                 "/".join(one.get("Uri-Path")).startswith(path), EVENT_S, start)
        expect(request, f"the device sent no {method} {path}")
        answer = self.wire.wait(False, lambda one: one.mid == request.mid and one.code >= 64, EVENT_S, start)
        expect(answer, f"{method} {path} was not answered")
        return request, answer
