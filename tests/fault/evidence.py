# SPDX-License-Identifier: BSD-3-Clause
# Copyright (c) 2026 the sluice authors
"""What a run that failed shows: the first offences of each rule, and around the first of them what was done to
the gateway and what its processes said."""

import datetime
import shutil
import subprocess

FIRST = 5  # offences of a rule
AROUND = 2.5  # seconds
LINES = 25  # of each log


def stamp(line):
    """The time of a line of a log, as both processes write it; None of any other line."""
    try:
        return datetime.datetime.strptime(line[:23], "%Y-%m-%d %H:%M:%S.%f").timestamp()
    except ValueError:
        return None


def clock(time):
    return datetime.datetime.fromtimestamp(time).strftime("%H:%M:%S.%f")[:-3]


def surroundings(path, time):
    with open(path, errors="replace") as file:
        lines = [line for line in file if (at := stamp(line)) is not None and abs(at - time) <= AROUND]
    return lines[:LINES]


def show(world, offences):
    print(f"--- seed {world.options.seed}, {world.folder}; faults:")
    for time, text in world.timeline:
        print(clock(time), text)
    for rule in dict.fromkeys(offence[1] for offence in offences):
        of_rule = [offence for offence in offences if offence[1] == rule]
        print(f"--- {rule}: {len(of_rule)}")
        for time, _, device, what in of_rule[:FIRST]:
            print(clock(time), device, what)
    time = offences[0][0]
    print(f"--- around {clock(time)}")
    for at, text in world.timeline:
        if abs(at - time) <= AROUND:
            print(clock(at), text)
    for name in ("control", "dataplane"):
        print(f"--- {name}")
        print("".join(surroundings(f"{world.folder}/{name}.log", time)), end="")


def keep(folder):
    """The state is on a disk that ends with the test."""
    shutil.copytree(f"{folder}/state", f"{folder}/state-kept", ignore=shutil.ignore_patterns("fill"), dirs_exist_ok=True,
                    copy_function=lambda source, target: shutil.copyfile(source, target))
    subprocess.run(["umount", "-l", f"{folder}/state"], check=False)
