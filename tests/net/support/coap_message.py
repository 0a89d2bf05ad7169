# SPDX-License-Identifier: BSD-3-Clause
# Copyright (c) 2026 the sluice authors
"""CoAP messages (RFC 7252 section 3) as test programs need them, written without the project's own code."""

from dataclasses import dataclass, field

CON, NON, ACK, RST = range(4)
TYPES = ["CON", "NON", "ACK", "RST"]
METHODS = ["empty", "GET", "POST", "PUT", "DELETE", "FETCH", "PATCH", "iPATCH"]
NAMES = {1: "If-Match", 3: "Uri-Host", 4: "ETag", 6: "Observe", 7: "Uri-Port", 8: "Location-Path",
         11: "Uri-Path", 12: "Content-Format", 14: "Max-Age", 15: "Uri-Query", 17: "Accept",
         23: "Block2", 27: "Block1", 28: "Size2", 60: "Size1", 252: "Echo", 292: "Request-Tag"}
NUMBERS = {name: number for number, name in NAMES.items()}
TEXTS = {"Uri-Host", "Location-Path", "Uri-Path", "Uri-Query"}
OPAQUE = {"If-Match", "ETag", "Echo", "Request-Tag"}


def code_text(code):
    return METHODS[code] if code < len(METHODS) else f"{code >> 5}.{code & 31:02d}"


def code_number(text):
    if text in METHODS:
        return METHODS.index(text)
    high, low = text.split(".")
    return int(high) << 5 | int(low)


def pack_option(name, value):
    if name in TEXTS:
        return value.encode()
    if name in OPAQUE:
        return bytes.fromhex(value)
    return int(value).to_bytes((int(value).bit_length() + 7) // 8, "big")


def unpack_option(number, value):
    name = NAMES.get(number, str(number))
    if name in TEXTS:
        return name, value.decode(errors="replace")
    if name in OPAQUE or name not in NUMBERS:
        return name, value.hex()
    return name, str(int.from_bytes(value, "big"))


def nibble(amount):
    if amount < 13:
        return amount, b""
    if amount < 269:
        return 13, bytes([amount - 13])
    return 14, (amount - 269).to_bytes(2, "big")


@dataclass
class Message:
    type: int = CON
    code: int = 0
    mid: int = 0
    token: bytes = b""
    options: list = field(default_factory=list)  # of (name, text)
    payload: bytes = b""

    def __str__(self):
        words = [TYPES[self.type], code_text(self.code)]
        words += [f"{name}={value}" for name, value in self.options]
        if self.payload:
            printable = all(32 <= byte < 127 for byte in self.payload)
            words.append(self.payload.decode() if printable else "hex " + self.payload.hex())
        return " ".join(words)

    def get(self, name):
        return [value for option, value in self.options if option == name]

    def is_request(self):
        return 0 < self.code < 32

    def pack(self):
        out = bytes([0x40 | self.type << 4 | len(self.token), self.code]) + self.mid.to_bytes(2, "big") + self.token
        last = 0
        for name, text in sorted(self.options, key=lambda option: NUMBERS[option[0]]):
            value = pack_option(name, text)
            (delta, more), (size, more_size) = nibble(NUMBERS[name] - last), nibble(len(value))
            out += bytes([delta << 4 | size]) + more + more_size + value
            last = NUMBERS[name]
        return out + (b"\xff" + self.payload if self.payload else b"")


def unpack(data):
    token_end = 4 + (data[0] & 15)
    message = Message(data[0] >> 4 & 3, data[1], int.from_bytes(data[2:4], "big"), data[4:token_end])
    at, number = token_end, 0

    def extended(amount):
        nonlocal at
        size = {13: 1, 14: 2}.get(amount, 0)
        base = {13: 13, 14: 269}.get(amount, amount)
        at += size
        return base + int.from_bytes(data[at - size:at], "big")

    while at < len(data) and data[at] != 0xFF:
        head, at = data[at], at + 1
        number += extended(head >> 4)
        size = extended(head & 15)
        message.options.append(unpack_option(number, data[at:at + size]))
        at += size
    message.payload = data[at + 1:]
    return message
