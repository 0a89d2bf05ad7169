# SPDX-License-Identifier: BSD-3-Clause
# Copyright (c) 2026 the sluice authors
"""Rows over the loopback: GET /.well-known/core from kernel sockets, the same load for every server."""

import json
import shutil
import socket
import subprocess

from children import Failure, Family
from servers import START_SECONDS, Gateway, wait_until
from table import Row

REQUEST = bytes.fromhex("4201 0001 0001 bb") + b".well-known" + b"\x04core"
CONTENT = 0x45 # 2.05


class Server:
    """A server on its port, and the processes to freeze while others are measured."""

    def __init__(self, name, port, children):
        self.name = name
        self.port = port
        self.children = children
        self.rates = []
        self.busy = []

    def ask(self):
        """One answer, or nothing when it takes long."""
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
            sock.settimeout(0.2)
            sock.connect(("127.0.0.1", self.port))
            try:
                sock.send(REQUEST)
                return sock.recv(2048)
            except OSError:
                return b""

    def learn_answer(self, coap=True):
        answer = wait_until(self.ask, START_SECONDS, self.children, f"{self.name}, answer")
        if coap and (len(answer) < 4 or answer[1] != CONTENT):
            raise Failure(f"{self.name} answers {answer[:4].hex()}, not 2.05")
        self.answer_bytes = len(answer)
        for child in self.children:
            child.freeze()

    def measure(self, bench):
        for child in self.children:
            child.thaw()
        before = self.children[0].cpu_seconds()
        command = [bench.build / "bench/compare/sluice-bench-load",
                   "--seconds", bench.socket_seconds, "127.0.0.1", self.port]
        command = ["taskset", "-c", bench.processors.generator, *command]
        run = subprocess.run([str(word) for word in command], capture_output=True, text=True,
                             timeout=bench.socket_seconds + 30, check=False)
        if run.returncode != 0:
            raise Failure(f"load on {self.name}: nothing was answered {run.stderr.strip()}")
        result = json.loads(run.stdout)
        self.rates.append(result["answers_per_second"])
        spent = self.children[0].cpu_seconds() - before
        self.busy.append(round(spent / result["seconds"], 2))
        for child in self.children:
            child.freeze()


def start_gateway(bench, family, poll, port):
    worker = bench.processors.worker
    # Adaptive workers go where the kernel puts them; here they have to stay on one processor too.
    gateway = Gateway(bench, family, f"core-{poll}", f"    - udp: 127.0.0.1:{port}\n", 100000, poll,
                      cpus={worker} if poll == "adaptive" else None,
                      # One client here asks for what many may, and nobody knows it.
                      more="overload: {peer_rate: 10000000, unknown_rate: 10000000}\n")
    server = Server(f"gateway, poll: {poll}", port, gateway.children)
    server.learn_answer()
    return server


def start_echo(bench, family, mode, port, answer_bytes):
    command = [bench.build / "bench/compare/sluice-bench-echo", port, answer_bytes]
    child = family.start(f"echo-{mode}", command + (["busy"] if mode == "busy" else []),
                         {bench.processors.worker})
    server = Server(f"echo, {mode}", port, [child])
    server.learn_answer(coap=False)
    return server


def start_libcoap(bench, family, port):
    program = shutil.which("coap-server-notls")
    child = family.start("libcoap", [program, "-A", "127.0.0.1", "-p", port],
                         {bench.processors.worker})
    server = Server("coap-server-notls", port, [child])
    server.learn_answer()
    return server


def core_rows(bench):
    with Family(bench.folder("core")) as family:
        gateways = {poll: start_gateway(bench, family, poll, 15683 + i)
                    for i, poll in enumerate(("busy", "adaptive"))}
        size = gateways["busy"].answer_bytes
        echoes = {mode: start_echo(bench, family, mode, 15693 + i, size)
                  for i, mode in enumerate(("busy", "blocking"))}
        libcoap = start_libcoap(bench, family, 15703)
        servers = [*gateways.values(), *echoes.values(), libcoap]
        bench.say(f"kernel sockets: {bench.rounds} alternating runs of {bench.socket_seconds:g} s of "
                  f"{len(servers)} servers")
        for _ in range(bench.rounds):
            for server in servers:
                server.measure(bench)
    rows = []
    for poll, mode in (("busy", "busy"), ("adaptive", "blocking")):
        rows.append(core_row(f"core-{poll}-echo", gateways[poll], echoes[mode], 0.8,
                             f"a bare echo that is {mode}"))
        rows.append(core_row(f"core-{poll}-libcoap", gateways[poll], libcoap, 2, "libcoap's server"))
    return rows


def core_row(key, gateway, peer, target, peer_name):
    row = Row(key, f"GET /.well-known/core, {gateway.name.split(', ')[1]}, against {peer_name}",
              "loopback", gateway.rates, peer.rates, "/s", at_least=target)
    row.details = {"sluice_answer_bytes": gateway.answer_bytes,
                   "peer_answer_bytes": peer.answer_bytes,
                   "sluice_processors": gateway.busy, "peer_processors": peer.busy}
    return row
