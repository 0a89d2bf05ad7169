# SPDX-License-Identifier: BSD-3-Clause
# Copyright (c) 2026 the sluice authors
"""What must be equal between a recorded answer of the REST API and the gateway's."""

import json

# Differ from run to run: only their kind is compared.
VARYING = {"registrationId": str, "registrationDate": int, "lastUpdate": int, "address": str,
           "x": str, "y": str, "b64Der": str}  # the last three: of the server's certificate

# What follows in a text is in the words of whatever parsed the request.
OWN_WORDS = "Invalid request body: "


def differences(recorded, got, where="$"):
    """Texts, one for each difference of two JSON values."""
    name = where.rsplit(".", 1)[-1]
    if name in VARYING and isinstance(recorded, VARYING[name]) and isinstance(got, VARYING[name]):
        return
    if type(recorded) is not type(got):
        yield f"{where}: {json.dumps(got)}, recorded was {json.dumps(recorded)}"
    elif isinstance(recorded, dict):
        for key in recorded:
            if key not in got:
                yield f"{where}.{key}: not there, recorded was {json.dumps(recorded[key])}"
            else:
                yield from differences(recorded[key], got[key], f"{where}.{key}")
        for key in got:
            if key not in recorded:
                yield f"{where}.{key}: {json.dumps(got[key])}, not there when recorded"
    elif isinstance(recorded, list):
        if len(recorded) != len(got):
            yield f"{where}: {len(got)} elements, recorded were {len(recorded)}"
        for number, pair in enumerate(zip(recorded, got)):
            yield from differences(*pair, f"{where}[{number}]")
    elif recorded != got:
        yield f"{where}: {json.dumps(got)}, recorded was {json.dumps(recorded)}"


def call_differences(call, status, content_type, body):
    if status != call.status:
        yield f"status {status}, recorded was {call.status}"
    if same_type(call.content_type) != same_type(content_type):
        yield f"content type {content_type}, recorded was {call.content_type}"
    if call.content_type != "application/json":
        if call.answer.startswith(OWN_WORDS) and body.startswith(OWN_WORDS):
            return
        if body.strip() != call.answer.strip():
            yield f"body '{body}', recorded was '{call.answer}'"
        return
    try:
        got = json.loads(body)
    except ValueError:
        yield f"body is not JSON: '{body}'"
        return
    yield from differences(json.loads(call.answer), got)


def same_type(content_type):
    return (content_type or "None").replace(" ", "").lower()
