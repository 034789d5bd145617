"""The server is killed under load, and its disk fills up: nothing that was acknowledged is lost (STO-05).

`HIL_CRASH_ROUNDS` says how often it is killed, three times unless told.
"""

import hashlib
import http.client
import json
import os
import random
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import stores
from program import Server
from samples import NOON, unused, v1_phase, v1_run
from wire import Answer, Api

ROUNDS = int(os.environ.get("HIL_CRASH_ROUNDS", "3"))
UPLOADERS = 8
PHASES, MEASUREMENTS = 3, 10


@dataclass
class Acknowledged:
    """What the server said it has: runs by serial number, and the contents that it linked to them."""

    runs: dict[str, str] = field(default_factory=dict)
    files: dict[str, bytes] = field(default_factory=dict)
    tried: set[str] = field(default_factory=set)


def measurements() -> list[dict[str, Any]]:
    return [{"name": f"m{at}", "outcome": "PASS", "measured_value": at / 7} for at in range(MEASUREMENTS)]


def v1_whole(procedure: str, serial: str, part: str) -> dict[str, Any]:
    phases = [v1_phase(f"p{at}", *measurements()) for at in range(PHASES)]
    unit = {"serial_number": serial, "part_number": part}
    return v1_run(procedure, serial, unit_under_test=unit, phases=phases)


def openhtf_whole(procedure: str, serial: str, part: str) -> bytes:
    """A report of OpenHTF with the same phases."""
    phase = {
        "start_time_millis": NOON,
        "end_time_millis": NOON + 1000,
        "outcome": "PASS",
        "measurements": {each["name"]: each for each in measurements()},
        "attachments": {},
        "codeinfo": {"docstring": None},
        "result": {"phase_result": "CONTINUE"},
    }
    report = {
        "dut_id": serial,
        "start_time_millis": NOON,
        "end_time_millis": NOON + 3000,
        "outcome": "PASS",
        "outcome_details": [],
        "metadata": {"procedure_id": procedure, "part_number": part},
        "phases": [phase | {"name": f"p{at}"} for at in range(PHASES)],
        "log_records": [],
        "station_id": "bench",
    }
    return json.dumps(report).encode()


def uploaded(api: Api, content: bytes) -> str | None:
    answer = api.post("/api/v1/uploads/initialize", {"name": "a.bin"})
    if answer.status != 200 or api.follow("PUT", answer.json["uploadUrl"], content).status != 200:
        return None
    return str(answer.json["id"])


def upload_for_ever(api: Api, procedure: str, part: str, said: Acknowledged) -> None:
    """Sends runs with files until the server is gone, one in four as an OpenHTF report."""
    for number in range(1_000_000):
        serial = unused("SN")
        said.tried.add(serial)
        content = random.randbytes(random.choice([0, 10, 10_000, 200_000]))
        try:
            if number % 4 == 3:
                content = openhtf_whole(procedure, serial, part)
                upload = uploaded(api, content)
                answer = api.post("/api/v1/import", {"upload_id": upload, "importer": "OPENHTF"})
                if answer.status == 200:
                    said.runs[serial] = answer.json["id"]
                    said.files[serial] = content
                continue
            answer = api.post("/api/v1/runs", v1_whole(procedure, serial, part))
            if answer.status != 200:
                continue
            said.runs[serial] = answer.json["id"]
            upload = uploaded(api, content)
            link = {"upload_id": upload, "run_id": answer.json["id"]}
            if upload and api.post("/api/v1/uploads/sync", link).status == 200:
                said.files[serial] = content
        except (OSError, http.client.HTTPException):
            return


def pages(api: Api, query: dict[str, Any]) -> Iterator[Any]:
    cursor = None
    while True:
        answer = api.get("/api/v2/runs", query | {"limit": 50} | ({"cursor": cursor} if cursor else {}))
        assert answer.status == 200, answer.text
        yield from answer.json["data"]
        cursor = answer.json["meta"]["next_cursor"]
        if cursor is None:
            return


def check(api: Api, part: str, said: Acknowledged) -> None:
    """Every acknowledged run is there once and whole; whatever else is there is whole as well."""
    found = list(pages(api, {"part_numbers": part, "sort_by": "created_at", "sort_order": "asc"}))
    serials = [run["unit"]["serial_number"] for run in found]
    assert len(serials) == len(set(serials)), "a run is there twice"
    assert set(said.runs) <= set(serials) <= said.tried, "an acknowledged run is lost"
    for run in found:
        serial = run["unit"]["serial_number"]
        assert said.runs.get(serial, run["id"]) == run["id"]
        whole = api.get(f"/api/v2/runs/{run['id']}").json
        shape = [[each["measured_value"] for each in phase["measurements"]] for phase in whole["phases"]]
        assert shape == [[at / 7 for at in range(MEASUREMENTS)]] * PHASES, serial
        contents = [
            api.follow("GET", each["download_url"]) for each in whole["attachments"] if each["download_url"]
        ]
        assert {answer.status for answer in contents} <= {200}
        if serial in said.files:
            digests = [hashlib.sha256(answer.body).digest() for answer in contents]
            assert hashlib.sha256(said.files[serial]).digest() in digests, f"the file of {serial} is lost"


def test_a_server_that_is_killed_loses_nothing(start: Callable[..., Server]) -> None:
    server = start()
    keys = [server.key("--user", "crash@example.com").text, server.key("--station", "Crash bench").text]
    procedure = server.api(keys[0]).post("/api/v2/procedures", {"name": "Crash"}).json["id"]
    for _ in range(ROUNDS):
        part, said = unused("PN"), Acknowledged()
        threads = [
            threading.Thread(target=upload_for_ever, args=(server.api(keys[at % 2]), procedure, part, said))
            for at in range(UPLOADERS)
        ]
        for thread in threads:
            thread.start()
        while not said.runs and any(thread.is_alive() for thread in threads):
            time.sleep(0.01)
        time.sleep(random.uniform(0.2, 1.5))
        server.kill()
        for thread in threads:
            thread.join()
        server.start()
        assert said.runs, "the load never began"
        check(server.api(keys[0]), part, said)


def test_a_server_that_is_asked_to_end_finishes_what_it_does(start: Callable[..., Server]) -> None:
    server = start()
    key = server.key("--user", "end@example.com").text
    api = server.api(key)
    procedure = api.post("/api/v2/procedures", {"name": "End"}).json["id"]
    part, said = unused("PN"), Acknowledged()
    arguments = (api, procedure, part, said)
    threads = [threading.Thread(target=upload_for_ever, args=arguments) for _ in range(UPLOADERS)]
    for thread in threads:
        thread.start()
    time.sleep(1)
    assert server.stop() == 0
    for thread in threads:
        thread.join()
    check(server.start().api(key), part, said)


SMALL = """
mount -t tmpfs -o size=8m none "$1" && cp -r "$2/." "$1/" && head -c 2097152 /dev/zero > "$1/ballast" || exit 1
shift 2
exec "$@"
"""


def small_disk(folder: Path, seed: Path) -> list[str]:
    """A command that runs another where `folder` is a disk of a few megabytes that holds what is in `seed`."""
    return ["unshare", "--mount", "--map-root-user", "sh", "-c", SMALL, "sh", str(folder), str(seed)]


def full(answer: Answer) -> None:
    assert answer.status in (503, 507), answer.text
    assert answer.json["error"]["message"]


def test_a_full_disk_is_said_and_reading_goes_on(store_kind: str, tmp_path: Path) -> None:
    disk, seed = tmp_path / "disk", tmp_path / "seed"
    disk.mkdir()
    seed.mkdir()
    tried = subprocess.run([*small_disk(disk, seed), "true"], capture_output=True, text=True, check=False)
    if tried.returncode != 0:
        reason = f"no small disk can be mounted here: {tried.stderr.strip()}"
        assert "CI" not in os.environ, f"CI is set, and {reason}"
        pytest.skip(reason)
    with ExitStack() as stack:
        store = stack.enter_context(stores.empty(store_kind, seed))
        first = Server(store, seed)
        key = first.key("--user", "full@example.com").text
        first.folder = disk
        first.store = store.replace(str(seed), str(disk))
        first.files, first.wrapper = disk / "files", small_disk(disk, seed)
        server = first.start()
        stack.callback(server.kill)
        api = server.api(key)
        procedure = api.post("/api/v2/procedures", {"name": "Full"}).json["id"]

        kept: dict[str, bytes] = {}
        refused: Answer | None = None
        for _ in range(200):
            content = random.randbytes(150_000)
            run = api.post("/api/v1/runs", v1_whole(procedure, unused("SN"), "PN"))
            if run.status != 200:
                refused = run
                break
            start = api.post("/api/v1/uploads/initialize", {"name": "a"})
            put = api.follow("PUT", start.json["uploadUrl"], content) if start.status == 200 else start
            link = {"upload_id": start.json.get("id"), "run_id": run.json["id"]}
            done = api.post("/api/v1/uploads/sync", link) if put.status == 200 else put
            if done.status != 200:
                refused = done
                break
            kept[run.json["id"]] = content
        assert refused is not None, "the disk never filled up"
        full(refused)
        assert kept

        for run_id, content in kept.items():
            whole = api.get(f"/api/v2/runs/{run_id}")
            assert whole.status == 200, "reading goes on"
            assert len(whole.json["phases"]) == PHASES
            [attachment] = whole.json["attachments"]
            assert api.follow("GET", attachment["download_url"]).body == content

        assert server.process is not None
        Path(f"/proc/{server.process.pid}/root{disk}/ballast").unlink()
        time.sleep(1)
        after = api.post("/api/v1/runs", v1_whole(procedure, unused("SN"), "PN"))
        assert after.status == 200, f"with room again it goes on: {after.text}"
        upload = uploaded(api, b"x" * 1000)
        assert upload is not None
        assert (
            api.post("/api/v1/uploads/sync", {"upload_id": upload, "run_id": after.json["id"]}).status == 200
        )
