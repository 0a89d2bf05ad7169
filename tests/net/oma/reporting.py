# SPDX-License-Identifier: BSD-3-Clause
# Copyright (c) 2026 the sluice authors
"""Information reporting: cases 301 to 311."""

from bed import EVENT_S, case, equal, expect

TEMPERATURE = "/3442/0/130"  # a number that the test sets


def observe(device, path, method="POST", query=""):
    return device.ask(method, f"{path}/observe{query}")


def notified(device, value):
    """The device's value changes, and the change is told."""
    device.set(TEMPERATURE, value)
    told = device.event("NOTIFICATION", lambda data: value_of(data) == value)
    equal((told["ep"], told["kind"], told["res"]), (device.endpoint, "single", TEMPERATURE), "event")


def value_of(data):
    return float(data["val"].get("value", "nan"))


def notifications(device, start):
    return [one.message for one in device.wire.passed[start:]
            if one.up and one.message.code == 0x45 and one.message.get("Observe")]


@case(301, "observation and notification of parameter values")
def observation(device):
    device.ask("PUT", f"{TEMPERATURE}/attributes?pmin=0&pmax=60", status="CHANGED(204)")
    mark = device.mark()
    equal(observe(device, TEMPERATURE)["content"]["value"], "3.14159", "value at first")
    device.asked("GET", mark, Observe=0)
    notified(device, 20.5)
    notified(device, 21.25)


@case(302, "cancel observations using Reset")
def cancel_with_reset(device):
    observe(device, TEMPERATURE)
    notified(device, 1.5)
    equal(device.call("DELETE", f"{TEMPERATURE}/observe").status, 200, "status")
    mark = device.mark()
    device.set(TEMPERATURE, 2.5)
    expect(device.wire.wait(False, lambda one: one.type == 3, EVENT_S, mark), "no RST to the next notification")
    mark = device.mark()
    device.set(TEMPERATURE, 3.5)
    equal(device.read(TEMPERATURE)["value"], "3.5", "value")
    equal(notifications(device, mark), [], "notifications after the RST")


@case(303, "cancel observations using the Observe parameter")
def cancel_with_observe(device):
    observe(device, TEMPERATURE)
    notified(device, 1.5)
    mark = device.mark()
    equal(observe(device, TEMPERATURE, "DELETE", "?active")["content"]["value"], "1.5", "value")
    device.asked("GET", mark, Observe=1)
    mark = device.mark()
    device.set(TEMPERATURE, 2.5)
    equal(device.read(TEMPERATURE)["value"], "2.5", "value")
    equal(notifications(device, mark), [], "notifications after the end")


def observe_composite(device, paths, method="POST", query=""):
    return device.ask(method, f"/composite/observe?paths={','.join(paths)}{query}")["content"]


@case(304, "observe-composite operation")
def observe_composite_operation(device):
    paths = [TEMPERATURE, "/3442/0/110", "/1/0/1"]
    mark = device.mark()
    got = observe_composite(device, paths)
    equal(sorted(got), sorted(paths), "paths")
    device.asked("FETCH", mark, Observe=0)
    device.set(TEMPERATURE, 8.5)
    told = device.event("NOTIFICATION")
    equal((told["ep"], told["kind"], sorted(told["paths"])), (device.endpoint, "composite", sorted(paths)), "event")
    equal(told["val"][TEMPERATURE]["value"], "8.5", "value")


@case(305, "cancel observe-composite operation")
def cancel_observe_composite(device):
    paths = [TEMPERATURE, "/3442/0/110"]
    observe_composite(device, paths)
    mark = device.mark()
    equal(sorted(observe_composite(device, paths, "DELETE", "&active")), sorted(paths), "paths")
    device.asked("FETCH", mark, Observe=1)
    mark = device.mark()
    device.set(TEMPERATURE, 9.5)
    equal(device.read(TEMPERATURE)["value"], "9.5", "value")
    equal(notifications(device, mark), [], "notifications after the end")


@case(306, "send operation")
def send_operation(device):
    mark = device.mark()
    device.command(f"send {TEMPERATURE}")
    request, answer = device.said("POST", "dp", mark)
    expect(request.get("Content-Format")[0] in ("110", "112"), request)
    equal(answer.code, 0x44, "code")
    told = device.event("SEND")
    equal(told["val"][TEMPERATURE], {"kind": "singleResource", "id": 130, "type": "FLOAT", "value": "3.14159"},
          "value")


@case(307, "muting send")
def muting_send(device):
    def mute(value):
        device.ask("PUT", "/1/0/23", {"kind": "singleResource", "id": 23, "type": "BOOLEAN", "value": value},
                   "CHANGED(204)")
    mute(True)
    mark = device.mark()
    device.command(f"send {TEMPERATURE}")
    equal(device.read("/1/0/23")["value"], True, "mute send")
    expect(not any("dp" in one.message.get("Uri-Path") for one in device.wire.passed[mark:]), "it sends all the same")
    mute(False)
    device.command(f"send {TEMPERATURE}")
    device.said("POST", "dp", mark)
    device.event("SEND")


def instances(told, path):
    return [one["id"] for one in told["val"][path]["instances"]]


@case(308, "observe-composite and creating an object instance")
def observe_composite_create(device):
    paths = ["/3303", "/3442/0/110"]
    observe_composite(device, paths)
    device.ask("POST", "/3303", {"kind": "instance", "id": 5, "resources": []}, "CREATED(201)")
    device.event("NOTIFICATION", lambda data: instances(data, "/3303") == [0, 5])


@case(309, "observe-composite and deleting an object instance")
def observe_composite_delete(device):
    device.ask("POST", "/3303", {"kind": "instance", "id": 5, "resources": []}, "CREATED(201)")
    paths = ["/3303", "/3442/0/110"]
    equal(instances({"val": observe_composite(device, paths)}, "/3303"), [0, 5], "instances at first")
    device.ask("DELETE", "/3303/5", status="DELETED(202)")
    device.event("NOTIFICATION", lambda data: instances(data, "/3303") == [0])


@case(310, "observe-composite and modification of parameter values")
def observe_composite_modify(device):
    paths = ["/1/0/1", "/3/0/14", TEMPERATURE]
    observe_composite(device, paths)
    nodes = {"/3/0/14": {"kind": "singleResource", "id": 14, "type": "STRING", "value": "+05:00"},
             TEMPERATURE: {"kind": "singleResource", "id": 130, "type": "FLOAT", "value": "-4.5"}}
    device.ask("PUT", "/composite", nodes, "CHANGED(204)")
    told = device.event("NOTIFICATION", lambda data: data["val"]["/3/0/14"]["value"] == "+05:00" and
                        data["val"][TEMPERATURE]["value"] == "-4.5")
    equal(told["val"]["/1/0/1"]["value"], "300", "what did not change is told, too")


@case(311, "send command")
def send_command(device):
    """Several values in one Send: of a whole instance, and of a resource with instances."""
    device.command("send /3303/0 /3/0/7")
    told = device.event("SEND")
    equal(told["val"]["/3303/0/5701"]["value"] if "/3303/0/5701" in told["val"] else
          {one["id"]: one for one in told["val"]["/3303/0"]["resources"]}[5701]["value"], "Cel", "units")
