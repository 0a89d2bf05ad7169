# SPDX-License-Identifier: BSD-3-Clause
# Copyright (c) 2026 the sluice authors
"""Registration: cases 101 to 109."""

from bed import EVENT_S, case, equal, expect


AWAKE_S = 2  # as the gateway is configured
AWAKE_TRIES = 10


@case(101, "initial registration")
def initial_registration(device):
    request, answer = device.said("POST", "rd")
    equal(answer.code, 0x41, "code")
    equal(answer.get("Location-Path")[0], "rd", "location")
    for wanted in (f"ep={device.endpoint}", "lt=300", "lwm2m=1.1", "b=U"):
        expect(wanted in request.get("Uri-Query"), wanted, "not in", request)
    shown = device.call("GET").json
    equal(shown["registrationId"], answer.get("Location-Path")[1], "registrationId")
    equal((shown["lifetime"], shown["lwM2mVersion"], shown["bindingMode"]), (300, "1.1", "U"), "registration")
    expect({"url": "/3/0", "attributes": {}} in shown["objectLinks"], shown["objectLinks"])
    expect("0" not in shown["availableInstances"], shown["availableInstances"])
    equal(shown["availableInstances"]["3"], [0], "instances of object 3")


@case(102, "registration update")
def registration_update(device):
    before = device.call("GET").json
    mark = device.mark()
    device.command("update")
    _, answer = device.said("POST", "rd/", mark)
    equal(answer.code, 0x44, "code")
    updated = device.event("UPDATED")
    equal(updated["registration"]["registrationId"], before["registrationId"], "registrationId")
    after = device.call("GET").json
    expect(after["lastUpdate"] >= before["lastUpdate"], after)
    equal(after["registrationDate"], before["registrationDate"], "registrationDate")
    equal(after["lifetime"], before["lifetime"], "lifetime")


@case(103, "deregistration")
def deregistration(device):
    mark = device.mark()
    device.command("deregister")
    _, answer = device.said("DELETE", "rd/", mark)
    equal(answer.code, 0x42, "code")
    device.event("DEREGISTRATION")
    equal(device.call("GET").status, 400, "status of a device that is gone")


@case(104, "registration update trigger")
def registration_update_trigger(device):
    mark = device.mark()
    device.ask("POST", "/1/0/8", status="CHANGED(204)")
    device.said("POST", "rd/", mark)
    device.event("UPDATED")


@case(105, "discarded register update", lifetime=5)
def discarded_register_update(device):
    """The server forgets the device, which hears of it when it sends the next Update."""
    before = device.call("GET").json["registrationId"]
    device.wire.cut = True
    device.event("DEREGISTRATION")
    mark = device.mark()
    device.wire.cut = False
    device.command("update")
    refused = device.wire.wait(False, lambda one: one.code == 0x84, EVENT_S, mark)
    expect(refused, "an Update of a registration that is gone is not answered 4.04")
    again = device.event("REGISTRATION")
    expect(again["registrationId"] != before, "the former registration id again")


@case(107, "extending the lifetime of a registration")
def extending_the_lifetime(device):
    mark = device.mark()
    device.ask("PUT", "/1/0/1", {"kind": "singleResource", "id": 1, "type": "INTEGER", "value": "3600"},
               "CHANGED(204)")
    request, answer = device.said("POST", "rd/", mark)
    expect("lt=3600" in request.get("Uri-Query"), request)
    equal(answer.code, 0x44, "code")
    updated = device.event("UPDATED", lambda data: "lifetime" in data["update"])
    equal(updated["registration"]["lifetime"], 3600, "lifetime told")
    equal(device.call("GET").json["lifetime"], 3600, "lifetime")


@case(108, "turn on queue mode", queue=True)
def turn_on_queue_mode(device):
    request, _ = device.said("POST", "rd")
    expect("Q" in request.get("Uri-Query"), request)
    equal(device.call("GET").json["queuemode"], True, "queuemode")
    # On a busy machine it may sleep before it is looked at.
    for _ in range(AWAKE_TRIES):
        device.command("update")
        device.event("UPDATED")
        shown, read = device.call("GET").json, device.call("GET", "/3/0/0").json
        if not shown["sleeping"] and not read.get("delayed"):
            break
    equal(shown["sleeping"], False, "sleeping")
    equal(read["content"]["value"], "sluice", "manufacturer, read while awake")


def carried_out(device):
    """What was carried out next. On a busy machine the device may be asleep again before all is."""
    for _ in range(AWAKE_TRIES):
        if device.comes("REQUEST_RESPONSE", AWAKE_S):
            break
        device.command("update")
    return device.event("REQUEST_RESPONSE")


@case(109, "behaviour in queue mode", queue=True, awake_s=AWAKE_S)
def behaviour_in_queue_mode(device):
    device.event("SLEEPING")
    equal(device.call("GET").json["sleeping"], True, "sleeping")
    mark = device.mark()
    ids = []
    for path in ("/3/0/0", "/3/0/1"):
        answer = device.call("GET", path)
        equal((answer.status, answer.json["delayed"], answer.json["path"]), (200, True, path), "a delayed request")
        ids.append(answer.json["requestId"])
    expect(all(one.up for one in device.wire.passed[mark:]), "the gateway asked a device that sleeps")
    device.command("update")
    device.event("AWAKE")
    for wanted, value in zip(ids, ("sluice", "swarm")):
        told = carried_out(device)
        equal(told["requestId"], wanted, "operations are carried out in order")
        equal(told["response"]["content"]["value"], value, "its result")
