# SPDX-License-Identifier: BSD-3-Clause
# Copyright (c) 2026 the sluice authors
"""Device management and service enablement: cases 201 to 281. The values are those that the test device has when it
starts (objects 1, 3, 3303 and the test object 3442)."""

from bed import case, equal, expect

CHANGED = "CHANGED(204)"


def single(number, kind, value):
    return {"kind": "singleResource", "id": number, "type": kind, "value": value}


def instance(number, *resources):
    return {"kind": "instance", "id": number, "resources": list(resources)}


def resources(node):
    return {one["id"]: one.get("value", one.get("values")) for one in node["resources"]}


def query_in(device, name, number):
    """Manufacturer, model, serial number and firmware version, each asked for in a format and answered in it."""
    for resource, value in enumerate(("sluice", "swarm", device.endpoint, "1.0.0")):
        mark = device.mark()
        node = device.read(f"/3/0/{resource}", f"?format={name}")
        equal((node["kind"], node["id"], node["type"], node["value"]),
              ("singleResource", resource, "STRING", value), f"/3/0/{resource}")
        _, answer = device.asked("GET", mark, Accept=number)
        equal(answer.get("Content-Format"), [str(number)], "content format of the answer")


def query_instance_in(device, name, number):
    mark = device.mark()
    node = device.read("/3/0", f"?format={name}")
    equal((node["kind"], node["id"]), ("instance", 0), "node")
    got = resources(node)
    equal([got[one] for one in (0, 1, 2, 3, 9)], ["sluice", "swarm", device.endpoint, "1.0.0", "95"], "values")
    equal(got[7], {"0": "3800", "1": "5000"}, "resource with instances")
    _, answer = device.asked("GET", mark, Accept=number)
    equal(answer.get("Content-Format"), [str(number)], "content format of the answer")


def set_in(device, name, number):
    """Lifetime, default periods, storing and the time zone, each written in a format."""
    for path, node in (("/1/0/1", single(1, "INTEGER", "900")), ("/1/0/2", single(2, "INTEGER", "101")),
                       ("/1/0/3", single(3, "INTEGER", "1101")), ("/1/0/6", single(6, "BOOLEAN", False)),
                       ("/3/0/14", single(14, "STRING", "-03:00"))):
        mark = device.mark()
        device.ask("PUT", f"{path}?format={name}", node, CHANGED)
        device.asked("PUT", mark, Content_Format=number)
        equal(device.read(path)["value"], node["value"], path)


def set_instance_in(device, name, number):
    mark = device.mark()
    device.ask("PUT", f"/1/0?replace=false&format={name}",
               instance(0, single(2, "INTEGER", "102"), single(3, "INTEGER", "1102"), single(6, "BOOLEAN", False)),
               CHANGED)
    device.asked("POST", mark, Content_Format=number)
    got = resources(device.read("/1/0"))
    equal((got[0], got[2], got[3], got[6]), ("123", "102", "1102", False), "values")


@case(201, "querying basic information in plain text")
def querying_text(device):
    query_in(device, "TEXT", 0)


@case(203, "querying basic information in TLV")
def querying_tlv(device):
    query_instance_in(device, "TLV", 11542)


@case(204, "querying basic information in JSON")
def querying_json(device):
    query_instance_in(device, "JSON", 11543)


@case(205, "setting basic information in plain text")
def setting_text(device):
    set_in(device, "TEXT", 0)


@case(211, "querying basic information in CBOR")
def querying_cbor(device):
    query_in(device, "CBOR", 60)


@case(212, "setting basic information in CBOR")
def setting_cbor(device):
    set_in(device, "CBOR", 60)


@case(215, "setting basic information in TLV")
def setting_tlv(device):
    set_instance_in(device, "TLV", 11542)


@case(220, "setting basic information in JSON")
def setting_json(device):
    set_instance_in(device, "JSON", 11543)


@case(221, "attempt to perform operations on Security")
def operations_on_security(device):
    refused = "UNAUTHORIZED(401)"
    for method, path, body in (("GET", "/0", None), ("GET", "/0/0", None), ("GET", "/0/0/0", None),
                               ("PUT", "/0/0/0", single(0, "STRING", "coap://attacker")), ("DELETE", "/0/0", None),
                               ("POST", "/0/0/1", None), ("GET", "/0/discover", None),
                               ("PUT", "/0/0/0/attributes?pmin=10", None)):
        device.ask(method, path, body, refused)


@case(222, "read on an object")
def read_object(device):
    node = device.read("/1")
    equal((node["kind"], node["id"], [one["id"] for one in node["instances"]]), ("obj", 1, [0]), "node")
    equal(resources(node["instances"][0])[0], "123", "short server id")


@case(223, "read on an object instance")
def read_instance(device):
    node = device.read("/1/0")
    equal((node["kind"], node["id"]), ("instance", 0), "node")
    got = resources(node)
    equal((got[0], got[1], got[6], got[7]), ("123", "300", True, "U"), "values")


@case(224, "read on a resource")
def read_resource(device):
    equal(device.read("/1/0/1"), single(1, "INTEGER", "300"), "lifetime")
    equal(device.read("/3442/0/130"), single(130, "FLOAT", "3.14159"), "float")
    equal(device.read("/3442/0/150"), single(150, "OPAQUE", "0123456789abcdef"), "opaque")
    equal(device.read("/3442/0/160"), single(160, "TIME", 946684800000), "time")
    equal(device.read("/3442/0/125"), single(125, "UNSIGNED_INTEGER", "18446744073709551615"), "unsigned integer")
    equal(device.read("/3442/0/170")["value"], {"objectId": 3, "objectInstanceId": 0}, "object link")


@case(225, "read on a resource instance")
def read_resource_instance(device):
    mark = device.mark()
    equal(device.read("/3/0/7/1"), {"kind": "resourceInstance", "id": 1, "type": "INTEGER", "value": "5000"}, "node")
    request, _ = device.asked("GET", mark)
    equal(request.get("Uri-Path"), ["3", "0", "7", "1"], "path")


@case(226, "write (partial update) on an object instance")
def write_partial(device):
    before = resources(device.read("/1/0"))
    mark = device.mark()
    device.ask("PUT", "/1/0?replace=false", instance(0, single(5, "INTEGER", "7200")), CHANGED)
    device.asked("POST", mark)
    before[5] = "7200"
    equal(resources(device.read("/1/0")), before, "everything but what was written is as it was")


@case(227, "write (replace) on a resource and an instance")
def write_replace(device):
    mark = device.mark()
    device.ask("PUT", "/1/0/6", single(6, "BOOLEAN", False), CHANGED)
    device.asked("PUT", mark)
    equal(device.read("/1/0/6")["value"], False, "resource")
    mark = device.mark()
    device.ask("PUT", "/3442/0?replace=true", instance(0, single(110, "STRING", "only this")), CHANGED)
    device.asked("PUT", mark)
    equal(resources(device.read("/3442/0")), {110: "only this"}, "instance")


@case(228, "write on a resource instance")
def write_resource_instance(device):
    mark = device.mark()
    device.ask("PUT", "/3442/0/1120/1",
               {"kind": "resourceInstance", "id": 1, "type": "INTEGER", "value": "99"}, CHANGED)
    request, _ = device.asked("PUT", mark)
    equal(request.get("Uri-Path"), ["3442", "0", "1120", "1"], "path")
    equal(device.read("/3442/0/1120")["values"], {"0": "1024", "1": "99"}, "values")


def read_composite(device, paths, more=""):
    return device.ask("GET", f"/composite?paths={','.join(paths)}{more}")["content"]


def three_paths(device, name, number):
    mark = device.mark()
    got = read_composite(device, ["/3/0/0", "/1/0/1", "/3442/0/1110"], f"&pathformat={name}&nodeformat={name}")
    equal(got, {"/3/0/0": single(0, "STRING", "sluice"), "/1/0/1": single(1, "INTEGER", "300"),
                "/3442/0/1110": {"kind": "multiResource", "id": 1110, "type": "STRING",
                                 "values": {"0": "initial value"}}}, "content")
    device.asked("FETCH", mark, Content_Format=number, Accept=number)


@case(229, "read-composite operation")
def read_composite_operation(device):
    three_paths(device, "SENML_JSON", 110)
    three_paths(device, "SENML_CBOR", 112)


def write_composite(device, name, number):
    nodes = {"/1/0/2": single(2, "INTEGER", "60"), "/3/0/14": single(14, "STRING", "+02:00"),
             "/3442/0/1110": {"kind": "multiResource", "id": 1110, "type": "STRING",
                              "values": {"0": "a", "1": "b"}}}
    mark = device.mark()
    device.ask("PUT", f"/composite?pathformat={name}&nodeformat={name}", nodes, CHANGED)
    device.asked("iPATCH", mark, Content_Format=number)
    for path, node in nodes.items():
        equal(device.read(path), node, path)


@case(230, "write-composite operation, a resource with instances among it")
def write_composite_operation(device):
    write_composite(device, "SENML_JSON", 110)


@case(231, "querying basic information in SenML JSON")
def querying_senml_json(device):
    query_instance_in(device, "SENML_JSON", 110)
    query_in(device, "SENML_JSON", 110)


@case(232, "querying basic information in SenML CBOR")
def querying_senml_cbor(device):
    query_instance_in(device, "SENML_CBOR", 112)
    query_in(device, "SENML_CBOR", 112)


@case(233, "setting basic information in SenML CBOR")
def setting_senml_cbor(device):
    set_in(device, "SENML_CBOR", 112)
    set_instance_in(device, "SENML_CBOR", 112)


@case(234, "setting basic information in SenML JSON")
def setting_senml_json(device):
    set_in(device, "SENML_JSON", 110)
    set_instance_in(device, "SENML_JSON", 110)


@case(235, "read-composite operation on the root")
def read_composite_root(device):
    got = read_composite(device, ["/"])
    equal(got["/"]["kind"], "root", "kind")
    objects = {one["id"]: one for one in got["/"]["objects"]}
    expect({1, 3, 3303} <= set(objects), "objects", sorted(objects))
    expect(0 not in objects, "object 0 is shown")
    equal(resources(objects[3]["instances"][0])[0], "sluice", "manufacturer")


@case(236, "read-composite operation, partial presence")
def read_composite_partial(device):
    got = read_composite(device, ["/1/0/1", "/3/0/7/0", "/3/0/7/9", "/3303/0/5605"])
    equal(got["/1/0/1"]["value"], "300", "lifetime")
    equal(got["/3/0/7/0"]["value"], "3800", "resource instance")
    expect(not got.get("/3/0/7/9"), "what does not exist has a value", got)


@case(237, "read without a content format")
def read_without_format(device):
    mark = device.mark()
    equal(device.read("/3/0/0")["value"], "sluice", "manufacturer")
    equal(resources(device.read("/3/0"))[1], "swarm", "model")
    request, _ = device.asked("GET", mark)
    equal(request.get("Accept"), [], "Accept")


@case(241, "executable resource: rebooting the device")
def reboot(device):
    mark = device.mark()
    device.ask("POST", "/3/0/4", status=CHANGED)
    request, _ = device.asked("POST", mark)
    equal((request.get("Uri-Path"), request.payload), (["3", "0", "4"], b""), "request")
    device.event("REGISTRATION")
    equal(device.read("/3/0/0")["value"], "sluice", "manufacturer, after the reboot")


@case(256, "write operation failure")
def write_failure(device):
    device.ask("PUT", "/3/0/0", single(0, "STRING", "another"), "METHOD_NOT_ALLOWED(405)")
    equal(device.read("/3/0/0")["value"], "sluice", "manufacturer")


@case(257, "write-composite operation in SenML CBOR")
def write_composite_cbor(device):
    write_composite(device, "SENML_CBOR", 112)


def links(device, path):
    return {one["url"]: one["attributes"] for one in device.ask("GET", f"{path}/discover")["objectLinks"]}


@case(260, "discover")
def discover(device):
    got = links(device, "/3")
    expect({"/3", "/3/0", "/3/0/0", "/3/0/7", "/3/0/9"} <= set(got), got)
    equal(got["/3/0/7"]["dim"], "2", "instances of /3/0/7")
    got = links(device, "/3/0")
    expect("/3/0" in got and "/3" not in got, got)
    got = links(device, "/3/0/0")
    equal(list(got), ["/3/0/0"], "of a resource")


@case(261, "write-attributes operation")
def write_attributes(device):
    mark = device.mark()
    device.ask("PUT", "/3/attributes?pmin=10&pmax=200", status=CHANGED)
    request, _ = device.asked("PUT", mark)
    equal((request.get("Uri-Query"), request.payload), (["pmin=10", "pmax=200"], b""), "request")
    device.ask("PUT", "/3303/0/5700/attributes?gt=35.5&lt=10&st=0.5", status=CHANGED)
    got = links(device, "/3")["/3"]
    equal((got.get("pmin"), got.get("pmax")), ("10", "200"), "of the object")
    got = links(device, "/3303/0/5700")["/3303/0/5700"]
    equal([float(got[one]) for one in ("gt", "lt", "st")], [35.5, 10, 0.5], "of the resource")
    equal(device.call("PUT", "/3/0/9/attributes?pmin=ten").status, 400, "status of what is no attribute")


@case(280, "successful read-composite operation")
def read_composite_successful(device):
    got = read_composite(device, ["/3", "/1/0", "/3/0/7/0"])
    equal((got["/3"]["kind"], got["/1/0"]["kind"]), ("obj", "instance"), "kinds")
    equal(got["/3/0/7/0"], {"kind": "resourceInstance", "id": 0, "type": "INTEGER", "value": "3800"},
          "a path that overlaps another")


@case(281, "partially successful read-composite operation")
def read_composite_partly(device):
    got = read_composite(device, ["/3/0/0", "/3/0/999", "/42769"])
    equal(got["/3/0/0"]["value"], "sluice", "manufacturer")
    expect(not got.get("/3/0/999") and not got.get("/42769"), "what does not exist has a value", got)
