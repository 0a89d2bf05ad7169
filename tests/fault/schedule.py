# SPDX-License-Identifier: BSD-3-Clause
# Copyright (c) 2026 the sluice authors
"""Which fault strikes when: a list that follows from a seed. Faults of different things overlap; those of one
thing (a track) follow each other. They come in rounds; between two of them all must be well again."""

import collections
import random

ROUND = 20

# seconds: from, to. weight: how often in every shuffle of the kinds.
Kind = collections.namedtuple("Kind", "tracks seconds weight")
# flowing: strikes only once messages are being acknowledged again.
Fault = collections.namedtuple("Fault", "at kind seconds detail flowing")

KINDS = {
    "kill-control": Kind(("control",), (0, 2), 3),
    "kill-dataplane": Kind(("dataplane",), (0, 1.5), 3),
    "kill-both": Kind(("control", "dataplane"), (0, 1.5), 2),
    "stop-control": Kind(("control",), (0.3, 6), 2),
    "stop-dataplane": Kind(("dataplane",), (0.3, 5), 2),
    "end-control": Kind(("control",), (0, 1.5), 1),
    "end-dataplane": Kind(("dataplane",), (0, 1.5), 1),
    "end-both": Kind(("control", "dataplane"), (0, 1.5), 1),
    "receiver-away": Kind(("receiver",), (0.5, 8), 2),
    "receiver-slow": Kind(("receiver",), (2, 6), 1),
    "receiver-error": Kind(("receiver",), (2, 6), 2),
    "receiver-break": Kind(("receiver",), (2, 6), 2),
    "disk-full": Kind(("disk",), (1, 6), 2),
    "disk-sync": Kind(("disk",), (1, 6), 2),
    "disk-write": Kind(("disk",), (1, 6), 2),
    "disk-slow": Kind(("disk",), (1, 6), 2),
    "disk-readonly": Kind(("disk", "control"), (1, 4), 1),
}


def detail_of(kind, rng):
    if kind == "receiver-slow":
        return {"delay": round(rng.uniform(0.1, 1.5), 2)}
    if kind == "receiver-error":
        return {"status": rng.choice((500, 502, 503)), "keep": rng.random() < 0.5, "share": rng.choice((0.3, 1))}
    if kind == "receiver-break":
        return {"break": rng.choice(("request", "answer", "silence")), "share": rng.choice((0.3, 1))}
    if kind == "disk-slow":
        return {"delay_ms": rng.choice((30, 100, 300, 1500))}
    if kind == "disk-sync":
        return {"error": "EIO", "permille": rng.choice((200, 1000))}
    if kind == "disk-write":
        return {"error": rng.choice(("ENOSPC", "EIO", "EROFS")), "torn": rng.random() < 0.5,
                "permille": rng.choice((200, 1000))}
    return {}


def kinds_forever(rng):
    """Every kind in turn, in an order that is drawn: the first ones are all different."""
    while True:
        once = list(KINDS)
        again = [kind for kind, what in KINDS.items() for _ in range(what.weight - 1)]
        rng.shuffle(once)
        rng.shuffle(again)
        yield from once
        yield from again


def make(seed, count, pace=1):
    """Rounds of faults, with times in seconds since the begin of the round. pace: of what is usual."""
    rng = random.Random(seed)
    kinds = kinds_forever(rng)
    rounds = []
    while count > 0:
        round_, now, busy = [], 0.5, collections.Counter()
        for _ in range(min(count, ROUND)):
            kind = next(kinds)
            tracks = KINDS[kind].tracks
            seconds = round(pace * rng.uniform(*KINDS[kind].seconds), 2)
            now = max(now, *(busy[track] for track in tracks)) if len(tracks) > 1 else max(now, busy[tracks[0]])
            round_.append(Fault(round(now, 2), kind, seconds, detail_of(kind, rng), rng.random() < 0.6))
            for track in tracks:
                busy[track] = now + seconds + pace * rng.uniform(0.2, 3)
            now += pace * rng.uniform(0.2, 2.5)
        rounds.append(round_)
        count -= len(round_)
    return rounds
