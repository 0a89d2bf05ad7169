# SPDX-License-Identifier: BSD-3-Clause
# Copyright (c) 2026 the sluice authors
"""Rows and how they are shown: as text, as Markdown, as JSON."""

import statistics

COLUMNS = ("what", "over", "sluice", "peer", "ratio", "target", "met")
LOAD_QUIET = 0.5


def median(values):
    return statistics.median(values)


def quantity(value, unit):
    if unit == "/s":
        return f"{value / 1e6:.2f} M/s" if value >= 1e6 else f"{value / 1e3:.0f} k/s"
    if unit == "s":
        return f"{value:.2f} s"
    return f"{value:.0f} {unit}" if value >= 100 else f"{value:.1f} {unit}"


class Row:
    """sluice and peer are the figures of each run; a row without a peer is held to its target by
    itself. Ratios are of medians, and always sluice / peer."""

    def __init__(self, key, what, over, sluice, peer, unit, at_least=None, at_most=None):
        self.key = key
        self.what = what
        self.over = over
        self.sluice = sluice
        self.peer = peer
        self.unit = unit
        self.at_least = at_least
        self.at_most = at_most
        self.details = {}
        self.ratio = median(sluice) / median(peer) if peer and median(peer) > 0 else None
        held = self.ratio if peer else median(sluice)
        self.met = None
        if at_least is not None:
            self.met = held is not None and held >= at_least
        elif at_most is not None:
            self.met = held is not None and held <= at_most

    def target(self):
        unit = "" if self.peer else f" {self.unit}"
        if self.at_least is not None:
            return f">= {self.at_least:g}{unit}"
        return f"<= {self.at_most:g}{unit}" if self.at_most is not None else ""

    def cells(self):
        return (self.what, self.over, quantity(median(self.sluice), self.unit),
                quantity(median(self.peer), self.unit) if self.peer else "",
                f"{self.ratio:.2f}" if self.ratio is not None else "", self.target(),
                {True: "yes", False: "NO", None: ""}[self.met])

    def json(self):
        row = {"row": self.key, "what": self.what, "over": self.over, "unit": self.unit,
               "sluice": {"median": median(self.sluice), "runs": self.sluice}}
        if self.peer:
            row["peer"] = {"median": median(self.peer), "runs": self.peer}
        row.update(ratio=self.ratio, target=self.target() or None, met=self.met,
                   details=self.details)
        return row


class Missed:
    """A row, or several, whose measurement failed."""

    def __init__(self, key, why):
        self.key = key
        self.why = why

    def cells(self):
        return (f"{self.key}: {self.why}", "", "", "", "", "", "NOT MEASURED")

    def json(self):
        return {"row": self.key, "met": None, "error": self.why}


def context(machine, options):
    virtual = " (virtual machine)" if machine["virtual"] else ""
    quick = "; --quick: not for quoting" if options["quick"] else ""
    loud = " TOO HIGH, THE FIGURES ARE NOISE" if machine["load_average"] > LOAD_QUIET else ""
    return [
        f"{machine['date']}, commit {machine['commit']}",
        f"{machine['cpu']}, {machine['cores']} cores, {machine['memory_gib']} GiB{virtual}, "
        f"Linux {machine['kernel']}, DPDK {machine['dpdk']}",
        f"hugepages: {'yes' if machine['hugepages'] else 'no'}; state on "
        f"{machine['file_system']}; load average at the start {machine['load_average']:.2f}{loud}",
        f"medians of {options['rounds']} alternating runs of {options['run_seconds']:g} s, one worker "
        f"on one core{quick}",
        "memif is shared memory between two processes, loopback is the kernel's: neither is a network "
        "card",
    ]


def text(machine, options, rows):
    lines = [COLUMNS, *(row.cells() for row in rows)]
    widths = [max(len(line[i]) for line in lines) for i in range(len(COLUMNS))]
    shown = ["  ".join(cell.rjust(width) if 2 <= i <= 4 else cell.ljust(width)
                       for i, (cell, width) in enumerate(zip(line, widths))).rstrip()
             for line in lines]
    return "\n".join([*context(machine, options), "", *shown])


def markdown(machine, options, rows):
    head = ["| " + " | ".join(COLUMNS) + " |", "| --- | --- | ---: | ---: | ---: | --- | --- |"]
    body = ["| " + " | ".join(row.cells()) + " |" for row in rows]
    return "\n".join([*(f"- {line}" for line in context(machine, options)), "", *head, *body])
