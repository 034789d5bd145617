"""Names and bodies that the tests share."""

import itertools
import secrets
from importlib.metadata import PackageNotFoundError, version
from typing import Any

EMAIL = "ada@example.com"
STATION = "Bench 1"
PART = "PCB-01"
INVALID_KEY = "invalid-key-000"
# 2025-06-15T10:30:00Z
NOON = 1_749_983_400_000

try:
    RELEASE = tuple(int(part) for part in version("tofupilot").split("."))
except PackageNotFoundError:
    RELEASE = ()

_numbers = itertools.count(1)


def unused(prefix: str) -> str:
    """A name that nobody has used on any server."""
    return f"{prefix}-{secrets.token_hex(4)}-{next(_numbers)}"


def unit(serial: str, **more: Any) -> dict[str, Any]:
    return {"serial_number": serial, "part_number": PART} | more


def v1_run(procedure: str, serial: str, **more: Any) -> dict[str, Any]:
    """What the client posts to `/api/v1/runs`."""
    run = {
        "unit_under_test": unit(serial),
        "run_passed": True,
        "procedure_id": procedure,
        "procedure_name": None,
        "procedure_version": None,
        "client": "Python",
        "client_version": "2.2.4",
    }
    return run | more


def v1_phase(name: str = "phase", *measurements: dict[str, Any], **more: Any) -> dict[str, Any]:
    phase = {"name": name, "outcome": "PASS", "start_time_millis": NOON, "end_time_millis": NOON + 1000}
    return phase | ({"measurements": list(measurements)} if measurements else {}) | more


def v2_run(procedure: str, serial: str, **more: Any) -> dict[str, Any]:
    """The required fields of what the client posts to `/api/v2/runs`, and a part number."""
    run = {
        "outcome": "PASS",
        "procedure_id": procedure,
        "started_at": "2025-06-15T10:30:00Z",
        "ended_at": "2025-06-15T10:30:05Z",
        "serial_number": serial,
        "part_number": PART,
    }
    return run | more
