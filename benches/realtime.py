"""How fast the live stream is: deliveries a second, latency, the server's processor time for each, its memory.

The server and its clients are two processes of `crates/hil-server/examples/realtime.rs`. At 1000 messages a second, and
flat out with 64 messages on their way; for 5, 50 and 200 clients; without and with one client that never reads.

Then `hil serve` itself: how much longer a simulated job takes that 50 watch, and what 100 who came and went leave behind.
"""

import http.client
import json
import os
import socket
import statistics
import subprocess
import sys
import tempfile
import time

TARGET = os.environ.get("CARGO_TARGET_DIR", "target")
PROGRAM = os.path.join(TARGET, "release", "examples", "realtime")
HIL = os.environ.get("HIL_BINARY", os.path.join(TARGET, "release", "hil"))
SECONDS = sys.argv[1] if len(sys.argv) > 1 else "10"
P95_MS = {5: 1.0, 50: 2.0, 200: 5.0}
FLAT = {5: 0.5e6, 50: 1.5e6, 200: 1.5e6}


def measure(clients, mode, stalled):
    server = subprocess.Popen([PROGRAM, "serve"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    try:
        address, key = server.stdout.readline().split()
        load = subprocess.run(
            [PROGRAM, "load", address, key, str(server.pid), str(clients), str(stalled), mode, SECONDS],
            stdout=server.stdin, stderr=subprocess.PIPE, text=True, timeout=120,
        )
        if load.returncode != 0:
            raise SystemExit(load.stderr)
        return json.loads(load.stderr)
    finally:
        server.stdin.close()
        try:
            server.wait(timeout=10)
        except subprocess.TimeoutExpired:
            server.kill()


class Served:
    """`hil serve` on an empty store; it asks nobody on this machine for a key."""

    def __init__(self, folder):
        kept = {name: value for name, value in os.environ.items() if not name.startswith("HIL_")}
        self.process = subprocess.Popen(
            [HIL, "serve", "--insecure-local", "--listen", "127.0.0.1:0", "--store", os.path.join(folder, "runs.sqlite"),
             "--jobs", os.path.join(folder, "jobs")],
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, cwd=folder, env=kept | {"XDG_DATA_HOME": folder},
        )
        port = self.process.stdout.readline().rsplit(":", 1)[-1]
        if not port.strip().isdigit():
            raise SystemExit(f"{HIL} does not serve")
        self.address = ("127.0.0.1", int(port))

    def ask(self, method, path, body=None):
        connection = http.client.HTTPConnection(*self.address, timeout=60)
        connection.request(method, path, None if body is None else json.dumps(body))
        answer = connection.getresponse()
        told = json.loads(answer.read())
        connection.close()
        if answer.status >= 400:
            raise SystemExit(f"{method} {path}: {told}")
        return told

    def watch(self):
        """A connection whose handshake is done."""
        client = socket.create_connection(self.address)
        client.sendall(
            f"GET /v1/realtime HTTP/1.1\r\nHost: 127.0.0.1:{self.address[1]}\r\nConnection: Upgrade\r\n"
            "Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
            .encode()
        )
        assert client.recv(12) == b"HTTP/1.1 101"
        return client

    def job(self, frames, interval):
        """How many milliseconds a simulated job takes, as the server's monotonic clock tells it."""
        sim = {"frames": frames, "interval_ms": interval}
        job = self.ask("POST", "/v1/jobs", {"suite": "sim", "sim": sim})["job_id"]
        while (told := self.ask("GET", f"/v1/jobs/{job}/extended"))["status"] in ("queued", "running"):
            time.sleep(0.1)
        assert told["status"] == "completed", told
        return told["plugin_timings"]["sim"]

    def connections(self):
        return self.ask("GET", "/v1/realtime/stats")["connections"]

    def rss(self):
        with open(f"/proc/{self.process.pid}/status", encoding="ascii") as status:
            return int(status.read().split("VmRSS:")[1].split()[0])


# Watchers in a process of their own, as they are anywhere else: it reads whatever comes.
READER = """
import select, socket, sys
sockets = {fd: socket.socket(fileno=fd) for fd in map(int, sys.argv[1:])}
poll = select.poll()
for fd in sockets:
    poll.register(fd, select.POLLIN)
while True:
    for fd, _ in poll.poll():
        if not sockets[fd].recv(1 << 18):
            sys.exit()
"""


def watched(served, count, work):
    """What `work` answers while so many watch."""
    clients = [served.watch() for _ in range(count)]
    numbers = [client.fileno() for client in clients]
    reader = subprocess.Popen([sys.executable, "-c", READER, *map(str, numbers)], pass_fds=numbers)
    try:
        return work()
    finally:
        reader.kill()
        reader.wait()
        for client in clients:
            client.close()


def through_the_server():
    """Watchers of a job: does it take longer for them? Visitors: do they leave memory behind? Whether both are well."""
    with tempfile.TemporaryDirectory() as folder:
        served = Served(folder)
        try:
            took = {0: [], 50: []}
            for _ in range(5):
                for count, times in took.items():
                    times.append(watched(served, count, lambda: served.job(2000, 1)))
            alone, together = (statistics.median(took[count]) for count in (0, 50))
            more = (together / alone - 1) * 100
            print(f"a job of 2000 frames at 1 ms, median of 5: {alone:.0f} ms alone, {together:.0f} ms with 50 watchers: "
                  f"{more:+.2f} %  aim: at most 2 %: {'met' if more <= 2 else 'MISSED'}", flush=True)

            def visits(count):
                for _ in range(count):
                    served.watch().close()
                end = time.monotonic() + 30
                while served.connections() and time.monotonic() < end:
                    time.sleep(0.05)

            visits(50)
            before = served.rss()
            visits(100)
            grown, left = served.rss() - before, served.connections()
            is_well = grown < 4096 and left == 0
            print(f"100 who came and went: {grown:+} KiB of {before} KiB, {left} still known  "
                  f"aim: less than 4 MiB, none: {'met' if is_well else 'MISSED'}", flush=True)
            return is_well
        finally:
            served.process.terminate()
            try:
                served.process.wait(timeout=30)
            except subprocess.TimeoutExpired:
                served.process.kill()


def main():
    print(f"{'mode':6} {'clients':>7} {'stalled':>7} {'deliveries/s':>12} {'p50 ms':>8} {'p95 ms':>8} {'p99 ms':>8} "
          f"{'µs CPU each':>11} {'RSS MiB':>8} {'missing':>8}  aim")
    lost = 0
    for mode in ("paced", "flat"):
        for stalled in (0, 1):
            for clients in (5, 50, 200):
                told = measure(clients, mode, stalled)
                if mode == "paced":
                    aim, met = f"p95 < {P95_MS[clients]:g} ms", told["p95_ms"] < P95_MS[clients]
                    lost += told["missing"]
                else:
                    aim = f"> {FLAT[clients] / 1e6:g} M/s"
                    met = told["deliveries_per_s"] > FLAT[clients]
                print(f"{mode:6} {clients:7} {stalled:7} {told['deliveries_per_s']:12.0f} {told['p50_ms']:8.3f} "
                      f"{told['p95_ms']:8.3f} {told['p99_ms']:8.3f} {told['cpu_us_per_delivery']:11.2f} "
                      f"{told['rss_kb'] / 1024:8.1f} {told['missing']:8}  {aim}: {'met' if met else 'MISSED'}", flush=True)
    is_well = through_the_server()
    # Figures depend on the machine; that nothing is lost at 1000 messages a second, and nothing is left, does not.
    sys.exit(0 if is_well and not lost else 1)


main()
