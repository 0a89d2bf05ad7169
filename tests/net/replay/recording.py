# SPDX-License-Identifier: BSD-3-Clause
# Copyright (c) 2026 the sluice authors
"""Reads a recorded client, tests/vectors/captures/NAME: what it and the server said (coap.txt), every REST call
made meanwhile with its answer (rest.txt), and the event stream (events.txt)."""

import json
from dataclasses import dataclass, field

from coap_message import TYPES, Message, code_number


@dataclass
class Call:
    method: str
    path: str
    body: str = ""
    status: int = 0
    content_type: str = ""
    answer: str = ""

    def __str__(self):
        return f"{self.method} {self.path}"


@dataclass
class Said:
    by_device: bool
    message: Message


def read_calls(path):
    calls = []
    with open(path, encoding="utf-8") as lines:
        for line in lines:
            line = line.rstrip("\n")
            if line.startswith("### "):
                calls.append(Call(*line.split(" ")[1:]))
            elif line.startswith("> ") and not calls[-1].status:
                calls[-1].body = line[2:]
            elif line.startswith("< ") and not calls[-1].status:
                status, calls[-1].content_type = line[2:].split(" ", 1)
                calls[-1].status = int(status)
            elif line:
                calls[-1].answer += ("\n" if calls[-1].answer else "") + line
    return calls


def read_message(line):
    kind, code, mid, token, *options = line.split(" ")
    return Message(TYPES.index(kind), code_number(code), int(mid), bytes.fromhex(token.strip("-")),
                   [tuple(option.split("=", 1)) for option in options])


def read_said(path):
    """What was said, by the number of the call that caused it."""
    said = {}
    current = None
    with open(path, encoding="utf-8") as lines:
        for line in lines:
            line = line.rstrip("\n")
            if line.startswith("### "):
                current = said.setdefault(int(line.split(" ")[1]), [])
            elif line[:2] in ("< ", "> "):
                current.append(Said(line[0] == "<", read_message(line[2:])))
            elif line.startswith("  text "):
                current[-1].message.payload = line[7:].encode()
            elif line.startswith("  hex "):
                current[-1].message.payload = bytes.fromhex(line[6:])
    return said


def read_events(path):
    events = []
    with open(path, encoding="utf-8") as lines:
        for line in lines:
            if line.startswith("event: "):
                name = line[7:].strip()
            elif line.startswith("data: "):
                events.append((name, json.loads(line[6:])))
    return events


@dataclass
class Recording:
    name: str
    calls: list
    said: dict
    events: list
    endpoint: str = field(init=False)

    def __post_init__(self):
        self.endpoint = self.events[0][1].get("endpoint") or self.events[0][1]["ep"]


def read(folder, name):
    base = f"{folder}/{name}"
    return Recording(name, read_calls(f"{base}/rest.txt"), read_said(f"{base}/coap.txt"),
                     read_events(f"{base}/events.txt"))
