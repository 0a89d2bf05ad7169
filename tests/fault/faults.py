# SPDX-License-Identifier: BSD-3-Clause
# Copyright (c) 2026 the sluice authors
"""What each kind of fault does to the world, for as long as it lasts. Each is a function of the world, the fault
and a sleep; when it returns, all it did is undone."""

import signal

from world import PAUSE


def kill(*names):
    def strike(world, fault, sleep):
        for name in names:
            world.processes[name].kill()
        sleep(fault.seconds)
        for name in names:
            world.processes[name].start()
    return strike


def end(*names):
    def strike(world, fault, sleep):
        for name in names:
            world.processes[name].end()
        sleep(fault.seconds)
        for name in names:
            world.processes[name].start()
    return strike


def stop(name):
    def strike(world, fault, sleep):
        world.processes[name].signal(signal.SIGSTOP)
        sleep(fault.seconds)
        world.processes[name].signal(signal.SIGCONT)
    return strike


def misbehave(world, fault, sleep):
    world.receiver_mode(fault.detail)
    sleep(fault.seconds)
    world.receiver_mode({})


def disk(begin, finish):
    def strike(world, fault, sleep):
        world.disk_begin()
        try:
            begin(world, fault)
            sleep(fault.seconds)
            finish(world)
        finally:
            world.disk_end()
    return strike


def readonly(world, fault, sleep):
    """A disk goes read-only under an open file only when it fails; what an operator sees is the start after that."""
    control = world.processes["control"]
    world.disk_begin()
    control.kill()
    try:
        world.remount("ro")
        control.start()
        sleep(fault.seconds)
        world.remount("rw")
        sleep(2 * PAUSE)  # it may have given up, and is started again
    finally:
        world.disk_end()


STRIKES = {
    "kill-control": kill("control"),
    "kill-dataplane": kill("dataplane"),
    "kill-both": kill("control", "dataplane"),
    "stop-control": stop("control"),
    "stop-dataplane": stop("dataplane"),
    "end-control": end("control"),
    "end-dataplane": end("dataplane"),
    "end-both": end("control", "dataplane"),
    "receiver-away": kill("receiver"),
    "receiver-slow": misbehave,
    "receiver-error": misbehave,
    "receiver-break": misbehave,
    "disk-full": disk(lambda world, fault: world.fill_disk(), lambda world: world.free_disk()),
    "disk-sync": disk(lambda world, fault: world.disk_switch(fault.detail), lambda world: world.disk_switch({})),
    "disk-write": disk(lambda world, fault: world.disk_switch(fault.detail), lambda world: world.disk_switch({})),
    "disk-slow": disk(lambda world, fault: world.disk_switch(fault.detail), lambda world: world.disk_switch({})),
    "disk-readonly": readonly,
}
