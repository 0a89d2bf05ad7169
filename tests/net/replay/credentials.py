# SPDX-License-Identifier: BSD-3-Clause
# Copyright (c) 2026 the sluice authors
"""Calls of /api/security/ as they are made here: every recording has the same names in it, so they get that of the
recording; the reference shows keys, the gateway a mask."""

import dataclasses
import json
import re

MASK = "******"


def of_recording(call, name):
    """The call with names of its own, and what the gateway must answer."""
    def renamed(text):
        return re.sub(r"\b(sec\d|id\d)\b", rf"\1-{name}", text)

    answer = renamed(call.answer)
    if call.method == "GET" and call.path == "/api/security/clients":
        answer = mine(answer, name)
    return dataclasses.replace(call, path=renamed(call.path), body=renamed(call.body), answer=answer)


def mine(text, name):
    """Those of a list that the recording put, in order, without their keys."""
    found = [one for one in json.loads(text) if one["endpoint"].endswith(f"-{name}")]
    for one in found:
        if one["tls"]["mode"] == "psk":
            one["tls"]["details"]["key"] = MASK
    return json.dumps(sorted(found, key=lambda one: one["endpoint"]))
