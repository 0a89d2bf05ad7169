# SPDX-License-Identifier: BSD-3-Clause
# Copyright (c) 2026 the sluice authors
"""Do two SenML packs (RFC 8428) say the same? The order of the records, and what is in a base name and what in a
name, is the writer's choice."""

import json
import struct

BASE_NAME, NAME = "bn", "n"
CBOR_LABELS = {-2: "bn", -3: "bt", 0: "n", 2: "v", 3: "vs", 4: "vb", 6: "t", 8: "vd"}


def cbor(data, at=0):
    """One item and where the next begins. Definite lengths, as both sides write."""
    major, low = data[at] >> 5, data[at] & 31
    at += 1
    size = {24: 1, 25: 2, 26: 4, 27: 8}.get(low, 0)
    raw = data[at:at + size]
    amount = int.from_bytes(raw, "big") if size else low
    at += size
    if major == 0:
        return amount, at
    if major == 1:
        return -1 - amount, at
    if major in (2, 3):
        value = data[at:at + amount]
        return (value.decode() if major == 3 else value), at + amount
    if major in (4, 5):
        items = []
        for _ in range(amount * (major - 3)):
            item, at = cbor(data, at)
            items.append(item)
        return (items if major == 4 else dict(zip(items[::2], items[1::2]))), at
    if major == 7:
        if size > 1:
            return struct.unpack({2: ">e", 4: ">f", 8: ">d"}[size], raw)[0], at
        return {20: False, 21: True, 22: None}[low], at
    raise ValueError(f"CBOR major type {major}")


def records(kind, payload):
    if kind == "110":
        pack = json.loads(payload)
    else:
        pack = [{CBOR_LABELS[label]: value for label, value in record.items()} for record in cbor(payload)[0]]
    base, resolved = "", []
    for record in pack:
        base = record.pop(BASE_NAME, base)
        resolved.append((base + record.pop(NAME, ""), sorted(record.items())))
    return sorted(resolved, key=repr)


def same(kind, one, other):
    if kind not in ("110", "112"):
        return False
    try:
        return records(kind, one) == records(kind, other)
    except (ValueError, KeyError, IndexError, AttributeError):
        return False
