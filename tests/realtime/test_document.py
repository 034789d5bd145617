"""docs/realtime.md and its schema, held against the server (RT-26 and the rest of the protocol)."""

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from conftest import ROOT, Bench
from jobs import BASE, EXTENDED, finished, sim, start
from jsonschema import Draft202012Validator
from messages import FULL, SCHEMA, TIMESTAMP, envelope, faults

DOCUMENT = (ROOT / "docs" / "realtime.md").read_text(encoding="utf-8")


def _program() -> str:
    found = re.search(r"```python\n(.*?)```", DOCUMENT, re.DOTALL)
    assert found
    return found[1]


def test_the_client_of_the_document_works(bench: Bench, tmp_path: Path) -> None:
    client = tmp_path / "client.py"
    client.write_text(_program(), encoding="utf-8")
    done = subprocess.run(
        [sys.executable, str(client)],
        env=os.environ | {"HIL_URL": bench.url, "HIL_API_KEY": bench.keys["member"], "NO_PROXY": "*"},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    assert sum(" frame " in line for line in lines) == 20
    assert sum("rail sagged" in line for line in lines) == 1
    assert "'progress': 100" in lines[-1]


def test_the_client_of_the_document_is_short() -> None:
    assert len([line for line in _program().splitlines() if line.strip()]) <= 20


def test_the_schema_is_one() -> None:
    Draft202012Validator.check_schema(SCHEMA)
    assert SCHEMA["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    whole = Draft202012Validator(SCHEMA)
    for kind, payload in FULL.items():
        job = {"job_id": "job-1"} if kind == "progress" else {}
        message = envelope(kind, payload) | {"epoch": "k3v9", "seq": 1} | job
        assert whole.is_valid(message), list(whole.iter_errors(message))


# What a client must never be sent, and why.
WRONG: list[tuple[str, dict[str, Any]]] = [
    ("no-epoch", envelope("warning", FULL["warning"], seq=1)),
    ("no-number", envelope("frame", FULL["frame"], epoch="e")),
    ("number-0", envelope("warning", FULL["warning"], epoch="e", seq=0)),
    ("number-1.0", envelope("warning", FULL["warning"], epoch="e", seq=1.0)),
    (
        "local-time",
        envelope("warning", FULL["warning"], epoch="e", seq=1) | {"timestamp": "2026-11-21T09:14:03.118+01:00"},
    ),
    ("no-milliseconds", envelope("warning", FULL["warning"], epoch="e", seq=1) | {"timestamp": "2026-11-21T09:14:03Z"}),
    ("progress-of-no-job", envelope("progress", FULL["progress"], epoch="e", seq=1)),
    ("event-of-no-job", envelope("warning", FULL["warning"], epoch="e", seq=1, event=1)),
    ("numbered-snapshot", envelope("warning", FULL["warning"], epoch="e", seq=1, snapshot=True, job_id="j")),
    ("numbered-ping", envelope("ping", {"interval_seconds": 30}, epoch="e", seq=1)),
    ("ping-without-interval", envelope("ping", {}, epoch="e")),
    ("sync-without-reason", envelope("sync", {"recovered": False, "seq": 0, "jobs": []}, epoch="e")),
    ("gap-of-nothing", envelope("gap", {"dropped": {}, "from_seq": 1, "to_seq": 1}, epoch="e")),
    ("gap-of-an-error", envelope("gap", {"dropped": {"error": 1}, "from_seq": 1, "to_seq": 1}, epoch="e")),
    ("unknown", envelope("nonsense", {}, epoch="e")),
]


@pytest.mark.parametrize("message", [pytest.param(message, id=name) for name, message in WRONG])
def test_the_schema_refuses_what_must_not_be(message: dict[str, Any]) -> None:
    assert faults(message)


@pytest.mark.parametrize(
    ("message", "right"),
    [
        ({"type": "pong", "timestamp": TIMESTAMP}, True),
        ({"type": "pong", "payload": {"timestamp": TIMESTAMP}}, True),
        ({"type": "pong", "payload": {}, "timestamp": TIMESTAMP}, True),
        ({"type": "ping"}, True),
        ({"type": "pong"}, False),
        ({"type": "pong", "payload": {}}, False),
        ({"type": "pong", "timestamp": 5}, False),
        ({"type": "frame", "payload": FULL["frame"], "timestamp": TIMESTAMP}, False),
    ],
)
def test_the_schema_knows_what_a_client_may_send(message: dict[str, Any], right: bool) -> None:
    assert (faults(message, "from_client") == []) == right


def test_the_document_names_every_type_and_field() -> None:
    types = {reference["$ref"].rsplit("/", 1)[1] for reference in SCHEMA["oneOf"]}
    fields = {name for kind in FULL for name in SCHEMA["$defs"][f"{kind}_payload"]["properties"]}
    codes = {"1000", "1001", "1002", "1007", "1009", "1011", "4000", "4001", "4008", "4009"}
    words = set(re.findall(r"[\w.]+", DOCUMENT))
    assert not (types | fields | codes | BASE | EXTENDED) - words


def test_the_options_of_the_document_are_those_of_the_server(bench: Bench) -> None:
    table = DOCUMENT.split("### The simulated kind")[1].split("##")[0]
    options = re.findall(r"^\| `(\w+)` \|", table, re.MULTILINE)
    assert options == ["frames", "interval_ms", "sleep_ms", "warnings", "fail_at", "pad", "fatal"]
    defaults = dict.fromkeys(options)
    assert finished(bench.member, start(bench.member, sim(**defaults)))["status"] == "completed"


def test_the_settings_of_the_document_are_those_of_the_server(bench: Bench) -> None:
    settings = set(re.findall(r"`(--[a-z-]+)`", DOCUMENT.split("| `hil serve` |")[1].split("## Jobs")[0]))
    assert len(settings) == 8
    help_text = bench.command("serve", "--help").stdout
    assert not {setting for setting in settings if setting not in help_text}
