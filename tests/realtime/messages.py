"""Messages that are right, and what the schema of the protocol says of any."""

import json
from functools import lru_cache
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator
from jsonschema.validators import extend

Message = dict[str, Any]

SCHEMA_FILE = Path(__file__).parents[2] / "docs" / "realtime.schema.json"
SCHEMA: dict[str, Any] = json.loads(SCHEMA_FILE.read_text(encoding="utf-8"))
TIMESTAMP = "2026-11-21T09:14:03.118Z"
MUST_STATUS = {"started", "completed", "failed"}
FINAL = {"completed", "failed", "aborted", "interrupted"}

# JSON Schema takes 50.0 for an integer; the protocol does not.
_strict = extend(
    Draft202012Validator,
    type_checker=Draft202012Validator.TYPE_CHECKER.redefine(
        "integer", lambda _, value: isinstance(value, int) and not isinstance(value, bool)
    ),
)


@lru_cache
def _validator(definition: str) -> Any:
    return _strict({"$ref": f"#/$defs/{definition}", "$defs": SCHEMA["$defs"]})


def faults(message: Any, definition: str | None = None) -> list[str]:
    """What is wrong with a message to a client, or with another thing that the schema defines."""
    name = definition or (message.get("type") if isinstance(message, dict) else None)
    if name not in SCHEMA["$defs"]:
        return [f"{name!r} is no type of the protocol"]
    return [f"{error.json_path}: {error.message[:200]}" for error in _validator(name).iter_errors(message)]


@lru_cache(maxsize=8192)
def parse(text: str) -> Message:
    """A message as it came. Equal texts are one object, which nobody changes."""
    message: Message = json.loads(text)
    found = faults(message)
    assert not found, f"the schema refuses {text[:500]}: {found}"
    return message


def is_must(message: Message) -> bool:
    """Whether the message may never be dropped."""
    kind, payload = message["type"], message["payload"]
    if kind == "progress":
        return payload["progress"] in (0, 100)
    if kind == "plugin_status":
        return payload["status"] in MUST_STATUS
    return kind not in ("frame", "partial_result")


def envelope(kind: str, payload: dict[str, Any], **more: Any) -> Message:
    """The body of an emit."""
    return {"type": kind, "payload": payload, "timestamp": TIMESTAMP} | more


def progress(job: str = "job-1", value: Any = 50, **more: Any) -> Message:
    return envelope("progress", {"job_id": job, "progress": value} | more)


def warning(text: str, plugin: str = "psu", **more: Any) -> Message:
    return envelope("warning", {"plugin": plugin, "message": text} | more)


def error(title: str, **more: Any) -> Message:
    return envelope("error", {"error": title} | more)


# Each type with every field that it has.
FULL: dict[str, dict[str, Any]] = {
    "frame": {"frame_id": "f-1", "plugin": "lin", "data": {"id": 16}, "device_used": "bench-1", "timing_ms": 1.5},
    "partial_result": {"result": {"volts": 12.01}, "plugin": "psu", "partial": True},
    "progress": {"job_id": "job-1", "progress": 42, "stage": "ramp", "plugin": "psu"},
    "plugin_status": {
        "plugin": "psu",
        "status": "completed",
        "timing_ms": 12.5,
        "frames_processed": 3,
        "warnings_count": 1,
    },
    "warning": {"plugin": "psu", "message": "rail sagged", "severity": "low", "frame_id": "f-1"},
    "error": {
        "error": "Flashing failed",
        "plugin": "flasher",
        "details": {"error_code": "PLUGIN_TIMEOUT", "message": "no answer to block 12"},
        "frame_id": "f-1",
    },
    "metadata": {"plugin": "psu", "metadata": {"version": "1.0", "model": "P4", "capabilities": ["ramp"]}},
}

REQUIRED: dict[str, list[str]] = {
    "frame": ["frame_id", "plugin", "data", "device_used", "timing_ms"],
    "partial_result": ["result", "plugin", "partial"],
    "progress": ["job_id", "progress"],
    "plugin_status": ["plugin", "status", "timing_ms"],
    "warning": ["plugin", "message"],
    "error": ["error"],
    "metadata": ["plugin", "metadata"],
}

# The id of the spec that each type has.
SPEC = {
    "frame": "RT-01",
    "progress": "RT-02",
    "plugin_status": "RT-03",
    "warning": "RT-04",
    "error": "RT-05",
    "partial_result": "RT-06",
    "metadata": "RT-06",
}

# Values that a field takes beside the one above.
TAKEN: list[tuple[str, str, Any]] = [
    ("frame", "timing_ms", 0),
    ("frame", "timing_ms", 7),
    ("frame", "data", {}),
    ("frame", "device_used", ""),
    ("progress", "progress", 0),
    ("progress", "progress", 50),
    ("progress", "progress", 100),
    ("progress", "stage", ""),
    ("plugin_status", "status", "started"),
    ("plugin_status", "status", "running"),
    ("plugin_status", "status", "failed"),
    ("plugin_status", "timing_ms", 0),
    ("plugin_status", "frames_processed", 0),
    ("plugin_status", "warnings_count", 0),
    ("warning", "message", ""),
    ("warning", "message", "Spannung zu niedrig: 11,2 V – Prüfling ⚡ \U0001f50c \x00"),
    ("warning", "severity", "medium"),
    ("warning", "severity", "high"),
    ("error", "error", ""),
    ("error", "details", {}),
    ("partial_result", "result", {}),
    ("metadata", "metadata", {}),
]

_NO_IDENTIFIER: list[Any] = ["", 5, True, None, ["x"], {}]
_NO_TEXT: list[Any] = [5, True, ["x"], {}]
_NO_OBJECT: list[Any] = ["x", 5, True, None, []]
_NO_TIMING: list[Any] = ["5", True, -1, -0.001, None, [], {}]
_NO_COUNT: list[Any] = ["5", True, -1, 1.5, 2.0, [], {}]

# Values that a field does not take.
REFUSED: list[tuple[str, str, Any]] = [
    *[("frame", "frame_id", value) for value in _NO_IDENTIFIER],
    *[("frame", "plugin", value) for value in _NO_IDENTIFIER],
    *[("frame", "data", value) for value in _NO_OBJECT],
    *[("frame", "device_used", value) for value in [*_NO_TEXT, None]],
    *[("frame", "timing_ms", value) for value in _NO_TIMING],
    *[("progress", "job_id", value) for value in _NO_IDENTIFIER],
    *[("progress", "progress", value) for value in [150, 101, -1, "50", 50.5, 50.0, True, None, [], {}, 10**30]],
    *[("progress", "stage", value) for value in _NO_TEXT],
    *[("progress", "plugin", value) for value in ["", 5, {}]],
    *[("plugin_status", "plugin", value) for value in _NO_IDENTIFIER],
    *[("plugin_status", "status", value) for value in ["ok", "degraded", "Started", "", 5, True, None]],
    *[("plugin_status", "timing_ms", value) for value in _NO_TIMING],
    *[("plugin_status", "frames_processed", value) for value in _NO_COUNT],
    *[("plugin_status", "warnings_count", value) for value in _NO_COUNT],
    *[("warning", "plugin", value) for value in _NO_IDENTIFIER],
    *[("warning", "message", value) for value in [*_NO_TEXT, None]],
    *[("warning", "severity", value) for value in ["critical", "LOW", "", 1, True]],
    *[("warning", "frame_id", value) for value in ["", 5, {}]],
    *[("error", "error", value) for value in [*_NO_TEXT, None]],
    *[("error", "plugin", value) for value in ["", 5, {}]],
    *[("error", "details", value) for value in ["x", 5, True, []]],
    *[("error", "frame_id", value) for value in ["", 5, {}]],
    *[("partial_result", "result", value) for value in _NO_OBJECT],
    *[("partial_result", "plugin", value) for value in _NO_IDENTIFIER],
    *[("partial_result", "partial", value) for value in [False, 1, "true", None]],
    *[("metadata", "plugin", value) for value in _NO_IDENTIFIER],
    *[("metadata", "metadata", value) for value in _NO_OBJECT],
]
