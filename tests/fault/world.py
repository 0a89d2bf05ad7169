# SPDX-License-Identifier: BSD-3-Clause
# Copyright (c) 2026 the sluice authors
"""The processes of a fault test and the things that can be done to them: the gateway's two, a receiver that
suffers, one that nobody touches, a fleet, and the disk that the gateway's state is on. All in namespaces that tests/fault/run has made."""

import errno
import json
import os
import re
import shutil
import signal
import socket
import struct
import subprocess
import threading
import time
import urllib.error
import urllib.request

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
API = "127.0.0.1:8080"
LIFETIME = 100000000  # of a registration; a message's number is added
DISK_LIBRARY = "/tests/fault/libfault-disk.so"
DISK_BYTES = 160 << 20
SYNC_MS = 4  # what making a commit durable takes when nothing is wrong: a disk, not memory
PAUSE = 0.5  # between a death that nobody ordered and the next start, as systemd would

WORKERS = 2
COAP = ("127.0.0.1", 5683)
FIRST_SOCKET = 20

# As systemd does: the sockets are 3 and 4, and outlive the dataplane.
ADOPT = f"""exec {' '.join(f'{3 + n}<&{FIRST_SOCKET + n} {FIRST_SOCKET + n}<&-' for n in range(WORKERS))}
LISTEN_PID=$$ LISTEN_FDS={WORKERS} exec "$0" "$@\""""

CONFIG = """state: {state}
dataplane:
  workers: {workers}
  max_devices: 65536
  ports:
    - udp: {coap}
control:
  listen: {api}
lwm2m:
  observe: [/3303]
backends:
  - name: events
    url: http://127.0.0.1:9000/events
  - name: steady
    url: http://127.0.0.1:9001/events
"""


def get(path, timeout=2):
    """(status, body) of the REST API; status 0 when nobody answers."""
    try:
        with urllib.request.urlopen(f"http://{API}{path}", timeout=timeout) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()
    except (OSError, ValueError):
        return 0, ""


class Process:
    """One that is started again when it dies of itself, which is an offence unless the disk was broken."""

    def __init__(self, world, name, command, env=None, fds=()):
        self.world, self.name, self.command, self.env, self.fds = world, name, command, env, fds
        self.lock = threading.RLock()
        self.popen = None
        self.wanted = False
        self.started = self.ended = 0

    def start(self):
        with self.lock:
            if self.wanted:
                return
            with open(f"{self.world.folder}/{self.name}.log", "ab") as log:
                self.popen = subprocess.Popen(self.command, stdout=log, stderr=log, stdin=subprocess.DEVNULL, env=self.env,
                                              pass_fds=self.fds)
            self.started, self.wanted = time.time(), True

    def signal(self, number):
        with self.lock:
            if self.popen is not None and self.popen.poll() is None:
                os.kill(self.popen.pid, number)

    def kill(self):
        with self.lock:
            self.wanted = False
            self.signal(signal.SIGKILL)
            self.popen.wait()

    def end(self, seconds=15):
        """As an operator does. Offence: not in time, or not with status 0."""
        with self.lock:
            self.wanted = False
            if self.popen.poll() is None:
                self.popen.terminate()
            try:
                status = self.popen.wait(seconds)
            except subprocess.TimeoutExpired:
                self.world.offend("stop", f"{self.name} does not stop within {seconds} s")
                self.kill()
                return
            if status != 0 and not self.world.disk_was_broken(self.started):
                self.world.offend("stop", f"{self.name} stops with status {status}")

    def look_after(self):
        with self.lock:
            if not self.wanted or self.popen.poll() is None:
                return
            if self.ended < self.started:
                self.ended = time.time()
                if self.name != "control" or not self.world.disk_was_broken(self.started):
                    self.world.offend("died", f"{self.name} has died with status {self.popen.returncode}")
            elif time.time() - self.ended > PAUSE:
                self.wanted = False
                self.start()


class World:
    def __init__(self, folder, options):
        self.folder, self.options = folder, options
        self.timeline, self.offences = [], []
        self.lock = threading.Lock()
        self.disk_broken_until = 0
        self.disk_faults = 0
        self.quitting = threading.Event()
        self.receiver_mode({})
        shutil.copy(f"{folder}/mode", f"{folder}/mode-steady")
        with open(f"{folder}/disk", "wb") as file:
            file.write(bytes(4096))
        self.disk_switch({})
        os.makedirs(f"{folder}/state")
        subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={DISK_BYTES},mode=700", "none", f"{folder}/state"], check=True)
        with open(f"{folder}/sluice.yaml", "w") as file:
            file.write(CONFIG.format(state=f"{folder}/state", api=API, workers=WORKERS, coap="%s:%d" % COAP))
        if not os.path.exists(options.build + DISK_LIBRARY):
            raise FileNotFoundError(f"{options.build}{DISK_LIBRARY}: build it first")
        self.sockets = [self.gateway_socket(FIRST_SOCKET + n) for n in range(WORKERS)]
        self.processes = self.make_processes()
        self.fleet = None
        self.icmp_at_start = self.icmp_unreachables()

    @staticmethod
    def gateway_socket(fd):
        sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        sock.bind(COAP)
        os.dup2(sock.fileno(), fd)
        sock.close()
        return socket.socket(fileno=fd)

    def make_processes(self):
        build, folder = self.options.build, self.folder
        preload = {**os.environ, "LD_PRELOAD": build + DISK_LIBRARY,
                   "FAULT_DISK": f"{folder}/disk", "FAULT_DISK_BELOW": f"{folder}/state"}
        daemon = ["--config", f"{folder}/sluice.yaml", "--state", f"{folder}/state"]
        return {
            "control": Process(self, "control", [f"{build}/control/sluice-control", *daemon], preload),
            "dataplane": Process(self, "dataplane", ["bash", "-c", ADOPT, f"{build}/dataplane/sluice-dataplane", *daemon],
                                 fds=tuple(sock.fileno() for sock in self.sockets)),
            "receiver": self.receiver("receiver", 9000, f"{folder}/record", f"{folder}/mode"),
            "steady": self.receiver("steady", 9001, f"{folder}/record-steady", f"{folder}/mode-steady"),
        }

    def receiver(self, name, port, record, mode):
        return Process(self, name, [
            f"{ROOT}/tests/fault/receiver", "--port", str(port), "--record", record, "--mode", mode,
            "--lifetime", str(LIFETIME), "--seed", str(self.options.seed)])

    def note(self, text):
        with self.lock:
            self.timeline.append((time.time(), text))
            with open(f"{self.folder}/timeline", "a") as file:
                file.write(f"{time.strftime('%H:%M:%S')}.{int(time.time() * 1000) % 1000:03} {text}\n")

    def offend(self, rule, what):
        self.note(f"OFFENCE {what}")
        self.offences.append((time.time(), rule, "-", what))

    def start(self):
        for process in self.processes.values():
            process.start()
        threading.Thread(target=self.look_after, daemon=True).start()

    def look_after(self):
        while not self.quitting.wait(0.1):
            for process in self.processes.values():
                process.look_after()

    def start_fleet(self):
        lines = [f"devices {self.options.devices}", "endpoint fleet", f"lifetime {LIFETIME}", f"seed {self.options.seed}",
                 f"timeout {self.options.ack_timeout}", "retransmit 6",
                 f"live rate={self.options.rate} seconds=7200 leave=2% rest=2 duplicates=3%"]
        command = [f"{self.options.build}/bench/swarm/sluice-swarm", "run", "--json", f"{self.folder}/fleet.json",
                   "--journal", f"{self.folder}/journal"]
        for line in lines:
            command += ["-e", line]
        with open(f"{self.folder}/fleet.log", "ab") as log:
            self.fleet = subprocess.Popen(command, stdout=log, stderr=log, stdin=subprocess.DEVNULL)

    def end_fleet(self, seconds):
        """No new messages; those under way come to their end."""
        self.fleet.send_signal(signal.SIGINT)
        try:
            return self.fleet.wait(seconds)
        except subprocess.TimeoutExpired:
            self.fleet.kill()
            self.fleet.wait()
            return -1

    def stop(self):
        """Cleanly, the gateway first."""
        for name in ("control", "dataplane"):
            self.processes[name].end()
        self.quit()

    def quit(self):
        self.quitting.set()
        for process in self.processes.values():
            if process.popen is not None:
                process.kill()
        if self.fleet is not None and self.fleet.poll() is None:
            self.fleet.kill()
            self.fleet.wait()

    # --- the disk

    def disk_switch(self, detail):
        error = getattr(errno, detail["error"]) if "error" in detail else 0
        sync, write = (0, error) if "torn" in detail else (error, 0)
        with open(f"{self.folder}/disk", "r+b") as file:
            file.write(struct.pack("IIIII", sync, write, detail.get("torn", False), detail.get("permille", 0),
                                   round(1000 * detail.get("delay_ms", SYNC_MS))))

    def disk_begin(self):
        with self.lock:
            self.disk_faults += 1

    def disk_end(self):
        with self.lock:
            self.disk_faults -= 1
            self.disk_broken_until = time.time()

    def disk_was_broken(self, since):
        with self.lock:
            return self.disk_faults > 0 or self.disk_broken_until > since

    def fill_disk(self):
        with open(f"{self.folder}/state/fill", "wb") as file:
            free = os.statvfs(self.folder + "/state")
            try:
                os.posix_fallocate(file.fileno(), 0, free.f_bavail * free.f_bsize)
            except OSError:
                pass
            try:
                file.seek(0, os.SEEK_END)
                while True:
                    os.write(file.fileno(), bytes(4096))
            except OSError:
                pass

    def free_disk(self):
        os.unlink(f"{self.folder}/state/fill")

    def remount(self, how):
        subprocess.run(["mount", "-o", f"remount,{how}", f"{self.folder}/state"], check=True)

    # --- the back end

    def receiver_mode(self, mode):
        with open(f"{self.folder}/mode.new", "w") as file:
            json.dump(mode, file)
        os.rename(f"{self.folder}/mode.new", f"{self.folder}/mode")

    # --- what is seen from outside

    def ready(self):
        status, body = get("/readyz")
        return (status == 200 and body.strip() == "ready"), f"{status} {body.strip()}"

    def wait_ready(self, seconds):
        """The last thing that /readyz said, when it was not well in time; "" otherwise."""
        end = time.time() + seconds
        while True:
            well, said = self.ready()
            if well:
                return ""
            if time.time() > end:
                return said
            time.sleep(0.1)

    def metrics(self):
        _, body = get("/metrics", 10)
        sums = {}
        for line in body.splitlines():
            match = re.match(r"([a-z0-9_]+)(\{.*\})? ([0-9.e+-]+)$", line)
            if match:
                sums[match[1]] = sums.get(match[1], 0) + float(match[3])
        return sums

    @staticmethod
    def icmp_unreachables():
        """Port unreachable: said to devices when no socket holds the gateway's port."""
        with open("/proc/net/snmp") as file:
            names, values = (line.split() for line in file if line.startswith("Icmp:"))
        return int(values[names.index("OutDestUnreachs")])
