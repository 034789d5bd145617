"""How many runs a second `hil serve` takes, and how fast it answers about ten thousand of them, on both stores.

Runs of 50 measurements in 5 phases go in over HTTP on loopback, each acknowledged when it is on the disk, as V1 clients
post them and as `hil` itself puts them, from 1 client and from 8. What sends them is one Python process with bodies that
were made before; it shares the machine with the server. Then come 10 000 runs of 1000 units, and the median of what a
person waits for: the runs of a serial number, and statistics over all.

Run through `just bench-ingest`; `ingest.py RUNS` takes fewer. PostgreSQL is where `HIL_TEST_POSTGRES` says, and left out
where there is none. Ends with 1 if the median of a question is not below 50 ms.
"""

import http.client
import json
import os
import statistics
import sys
import tempfile
import threading
import time
import uuid
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

TARGET = os.environ.get("CARGO_TARGET_DIR", "target")
os.environ.setdefault("HIL_BINARY", os.path.join(TARGET, "release", "hil"))
sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "clients"))

import stores  # noqa: E402
from program import Server  # noqa: E402
from samples import NOON, v1_phase, v1_run  # noqa: E402

SECONDS = 5
CLIENTS = [1, 8]
RUNS = int(sys.argv[1]) if len(sys.argv) > 1 else 10_000
UNITS = 1000
PHASES, MEASUREMENTS = 5, 10
ASKED = 21
LIMIT_MS = 50.0

Request = tuple[str, str, bytes]


def whole_run(procedure: str, serial: str, number: int) -> dict[str, Any]:
    """A run of 50 measurements, a fifth of the runs failed."""
    passed = number % 5 != 0

    def measurement(phase: int, at: int) -> dict[str, Any]:
        value = 5 + (number * 7 + phase * 3 + at) % 100 / 200
        limits = {"lower_limit": 4.5, "upper_limit": 5.5}
        return {"name": f"m{at}", "outcome": "PASS", "measured_value": value, "units": "V"} | limits

    outcome = "PASS" if passed else "FAIL"
    phases = [
        v1_phase(f"p{phase}", *(measurement(phase, at) for at in range(MEASUREMENTS)), outcome=outcome)
        for phase in range(PHASES)
    ]
    started = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(NOON / 1000 + number * 60))
    return v1_run(procedure, serial, run_passed=passed, started_at=started, duration="PT30S", phases=phases)


def posted(procedure: str) -> Iterator[Request]:
    """Runs as V1 clients post them."""
    number = 0
    while True:
        number += 1
        body = json.dumps(whole_run(procedure, f"SN-{number % UNITS}", number)).encode()
        yield "POST", "/api/v1/runs", body


def documents(server: Server, key: str, procedure: str) -> Iterator[Request]:
    """Runs as `hil` puts them: documents of runs that the server has, under ids of their own."""
    api = server.api(key)
    serial = "SERIAL-OF-THE-TEMPLATE"
    patterns: list[tuple[str, str]] = []
    for number in range(20):
        made = api.post("/api/v1/runs", whole_run(procedure, serial, number)).json["id"]
        answer = api.get(f"/api/hil/v1/runs/{made}")
        assert answer.status == 200, answer.text
        patterns.append((made, answer.text))
    number = 0
    while True:
        number += 1
        old, text = patterns[number % len(patterns)]
        new = str(uuid.uuid4())
        yield "PUT", f"/api/hil/v1/runs/{new}", text.replace(old, new).replace(
            serial, f"SN-{number % UNITS}"
        ).encode()


def send(server: Server, key: str, requests: Iterable[Request], clients: int, seconds: float) -> float:
    """Sends requests until they or the seconds are over; how many were acknowledged in a second."""
    waiting = iter(requests)
    lock = threading.Lock()
    acknowledged: list[int] = []
    end = time.monotonic() + seconds

    def client() -> None:
        connection = http.client.HTTPConnection(*server.address, timeout=60)
        headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}
        count = 0
        while time.monotonic() < end:
            with lock:
                request = next(waiting, None)
            if request is None:
                break
            connection.request(*request, headers)
            answer = connection.getresponse()
            body = answer.read()
            assert answer.status == 200, body
            count += 1
        connection.close()
        acknowledged.append(count)

    threads = [threading.Thread(target=client) for _ in range(clients)]
    began = time.monotonic()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(acknowledged) == clients, "a client failed"
    return sum(acknowledged) / (time.monotonic() - began)


def taken(requests: Iterator[Request], count: int) -> list[Request]:
    return [next(requests) for _ in range(count)]


def median_ms(ask: Callable[[], Any]) -> float:
    times = []
    for _ in range(ASKED):
        began = time.perf_counter()
        ask()
        times.append((time.perf_counter() - began) * 1000)
    return statistics.median(times)


def questions(procedure: str) -> dict[str, tuple[str, dict[str, Any]]]:
    """What is asked, and where."""
    hil, mine = "/api/hil/v1", {"procedure_id": procedure}
    one = mine | {"measurement": "m0"}
    return {
        "runs of a serial number, hil": (f"{hil}/runs", {"serial_number": "SN-7"}),
        "runs of a serial number, V2": ("/api/v2/runs", {"serial_numbers": "SN-7"}),
        "runs of a serial number, V1": ("/api/v1/runs", {"serial_number": "SN-7"}),
        "latest 50 runs, hil": (f"{hil}/runs", {}),
        "latest 50 runs, V2": ("/api/v2/runs", {}),
        "first-pass yield": (f"{hil}/statistics/first-pass", mine),
        "capability of a measurement": (f"{hil}/statistics/capability", one),
        "trend of a measurement": (f"{hil}/statistics/trend", one),
        "flaky phases": (f"{hil}/statistics/flaky", mine),
        "slowest phases": (f"{hil}/statistics/slowest", mine),
    }


def bench(kind: str) -> bool:
    """Prints the figures of one kind of store; whether every question was answered in time."""
    with tempfile.TemporaryDirectory() as folder, stores.empty(kind, Path(folder)) as store:
        server = Server(store, Path(folder))
        key = server.key("--user", "bench@example.com").text
        server.start()
        try:
            api = server.api(key)
            procedure = api.post("/api/v2/procedures", {"name": "Bench"}).json["id"]
            for name, source in [
                ("V1 POST", posted(procedure)),
                ("hil PUT", documents(server, key, procedure)),
            ]:
                send(server, key, taken(source, 50), 1, SECONDS)
                for clients in CLIENTS:
                    requests = taken(source, 1500 * clients)
                    rate = send(server, key, requests, clients, SECONDS)
                    print(f"{kind:<9} {name}, {clients} at once {rate:>14.0f} runs/s", flush=True)

            there = api.post("/api/v2/procedures", {"name": "Full"}).json["id"]
            left = RUNS
            source = documents(server, key, there)
            while left > 0:
                batch = taken(source, min(left, 1000))
                send(server, key, batch, 8, 3600)
                left -= len(batch)
            in_time = True
            for what, (path, query) in questions(there).items():

                def ask(path: str = path, query: dict[str, Any] = query) -> None:
                    answer = api.get(path, query)
                    assert answer.status == 200, (path, urlencode(query), answer.text)

                took = median_ms(ask)
                in_time &= took < LIMIT_MS
                print(f"{kind:<9} {what:<30} {took:>9.1f} ms", flush=True)
            print(f"{kind:<9} memory at its peak {server.memory('VmHWM') / 2**20:>19.0f} MiB")
            return in_time
        finally:
            server.kill()


def main() -> int:
    in_time = True
    for kind in stores.KINDS:
        if reason := stores.unavailable(kind):
            print(f"{kind} is left out: {reason}")
            continue
        in_time &= bench(kind)
    print(f"aim: every question below {LIMIT_MS:.0f} ms, of {RUNS} runs")
    return 0 if in_time else 1


if __name__ == "__main__":
    sys.exit(main())
