"""What a message is, and what is refused at the door (RT-01 to RT-07, RT-26)."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from conftest import Bench
from jobs import emit, extended, running, sim, start, stats
from messages import FULL, REFUSED, REQUIRED, SPEC, TAKEN, TIMESTAMP, Message, envelope, faults, progress, warning
from watch import Watcher, until
from wire import Answer, Api

Watch = Callable[..., Watcher]


def _row(spec: str, *parts: Any) -> str:
    return "-".join([spec, *(json.dumps(part, ensure_ascii=True)[:24] for part in parts)]).replace('"', "")


def _full(kind: str, **changed: Any) -> Message:
    return envelope(kind, FULL[kind] | changed)


def _without(kind: str, field: str) -> Message:
    return envelope(kind, {name: value for name, value in FULL[kind].items() if name != field})


def _assert_refused(answer: Answer, status: int, code: str | set[str], field: str | None = None) -> None:
    assert answer.status == status, answer.text
    refusal = answer.json
    assert isinstance(refusal["error"], str)
    assert refusal["error"]
    details = refusal["details"]
    assert details["error_code"] in ({code} if isinstance(code, str) else code), refusal
    assert details["message"]
    if field is not None:
        assert details["field"].split(".")[-1] == field, refusal


def _number(api: Api) -> int:
    found: int = stats(api)["seq"]
    return found


@pytest.mark.parametrize("kind", [pytest.param(kind, id=_row(SPEC[kind], kind)) for kind in FULL])
def test_a_message_reaches_a_watcher_as_it_was_sent(bench: Bench, watch: Watch, kind: str) -> None:
    watcher = watch(bench).joined()
    sent = _full(kind, of_mine={"kept": [1, 2.5, None, "ü"]})
    seq = emit(bench.station, sent)
    got = watcher.number(seq)
    assert got["type"] == kind
    assert got["payload"] == sent["payload"]
    assert got["timestamp"] == TIMESTAMP
    assert got["epoch"] == watcher.sync["epoch"]


@pytest.mark.parametrize("kind", [pytest.param(kind, id=_row(SPEC[kind], kind)) for kind in REQUIRED])
def test_the_required_fields_are_enough(bench: Bench, watch: Watch, kind: str) -> None:
    watcher = watch(bench).joined()
    sent = envelope(kind, {name: FULL[kind][name] for name in REQUIRED[kind]})
    assert watcher.number(emit(bench.station, sent))["payload"] == sent["payload"]


@pytest.mark.parametrize(("kind", "field", "value"), [pytest.param(*row, id=_row(SPEC[row[0]], *row)) for row in TAKEN])
def test_a_value_within_its_range_is_taken(bench: Bench, watch: Watch, kind: str, field: str, value: Any) -> None:
    watcher = watch(bench).joined()
    assert watcher.number(emit(bench.station, _full(kind, **{field: value})))["payload"][field] == value


@pytest.mark.parametrize(
    ("kind", "field"),
    [
        pytest.param(kind, field, id=_row(SPEC[kind], kind, field))
        for kind, fields in REQUIRED.items()
        for field in fields
    ],
)
def test_a_missing_field_is_named(bench: Bench, kind: str, field: str) -> None:
    before = _number(bench.member)
    answer = bench.station.post("/v1/realtime/emit", _without(kind, field))
    _assert_refused(answer, 422, "MSG_MISSING_FIELD", field)
    assert _number(bench.member) == before, "what is refused takes no number"


@pytest.mark.parametrize(
    ("kind", "field", "value"), [pytest.param(*row, id=_row(SPEC[row[0]], *row)) for row in REFUSED]
)
def test_a_value_out_of_range_is_named(bench: Bench, kind: str, field: str, value: Any) -> None:
    before = _number(bench.member)
    answer = bench.station.post("/v1/realtime/emit", _full(kind, **{field: value}))
    codes = {"MSG_BAD_VALUE", "MSG_MISSING_FIELD"} if value is None else {"MSG_BAD_VALUE"}
    _assert_refused(answer, 422, codes, field)
    assert _number(bench.member) == before, "what is refused takes no number"


@pytest.mark.parametrize(
    ("kind", "field", "value"), [pytest.param(*row, id=_row(SPEC[row[0]], *row)) for row in REFUSED]
)
def test_the_schema_refuses_the_same(kind: str, field: str, value: Any) -> None:
    assert faults(_full(kind), "emit") == []
    assert faults(_full(kind, **{field: value}), "emit")


ENVELOPES: list[tuple[str, Any, str, str]] = [
    ("type", ..., "MSG_MISSING_FIELD", "type"),
    ("payload", ..., "MSG_MISSING_FIELD", "payload"),
    ("timestamp", ..., "MSG_MISSING_FIELD", "timestamp"),
    ("type", 5, "MSG_BAD_VALUE", "type"),
    ("payload", [], "MSG_BAD_VALUE", "payload"),
    ("payload", "x", "MSG_BAD_VALUE", "payload"),
    ("timestamp", 1_749_983_400, "MSG_BAD_VALUE", "timestamp"),
    ("timestamp", "", "MSG_BAD_VALUE", "timestamp"),
    ("timestamp", "yesterday", "MSG_BAD_VALUE", "timestamp"),
    ("timestamp", "2026-11-21T09:14:03.118", "MSG_BAD_VALUE", "timestamp"),
    ("timestamp", "2026-13-21T09:14:03.118Z", "MSG_BAD_VALUE", "timestamp"),
    ("job_id", "", "MSG_BAD_VALUE", "job_id"),
    ("job_id", 5, "MSG_BAD_VALUE", "job_id"),
    ("type", "nonsense", "MSG_UNKNOWN_TYPE", "type"),
    ("type", "Warning", "MSG_UNKNOWN_TYPE", "type"),
]


@pytest.mark.parametrize(
    ("field", "value", "code", "named"),
    [pytest.param(*row, id=_row("RT-26", row[0], "missing" if row[1] is ... else row[1])) for row in ENVELOPES],
)
def test_an_envelope_is_checked(bench: Bench, field: str, value: Any, code: str, named: str) -> None:
    message = warning("x") | {field: value}
    if value is ...:
        del message[field]
    before = _number(bench.member)
    answer = bench.station.post("/v1/realtime/emit", message)
    _assert_refused(answer, 422, code, None if code == "MSG_UNKNOWN_TYPE" else named)
    assert _number(bench.member) == before


@pytest.mark.parametrize("kind", ["pong", "sync", "gap"])
def test_what_a_server_alone_may_say_is_refused_RT_26(bench: Bench, kind: str) -> None:
    before = _number(bench.member)
    payload = {"timestamp": TIMESTAMP, "recovered": True, "seq": 1, "jobs": []}
    payload |= {"dropped": {"frame": 1}, "from_seq": 1, "to_seq": 1}
    assert bench.station.post("/v1/realtime/emit", envelope(kind, payload)).status == 422
    assert _number(bench.member) == before


@pytest.mark.parametrize(
    "body",
    [b"", b"no json", b"{", b'{"type":"warning",}', b'"x"', b"[]", b"5", b"null", b"\xff\xfe{}", b"[" * 50_000],
    ids=lambda body: f"RT-14-{body[:12]!r}",
)
def test_what_is_no_json_object_is_said_to_be_none(bench: Bench, body: bytes) -> None:
    answer = bench.station.call("POST", "/v1/realtime/emit", body, {"Content-Type": "application/json"})
    _assert_refused(answer, 400, "MSG_INVALID_JSON")


def test_a_message_over_a_mebibyte_is_too_large_RT_26(bench: Bench) -> None:
    before = _number(bench.member)
    answer = bench.station.post("/v1/realtime/emit", warning("x" * (1 << 20)))
    assert answer.status == 413, answer.text
    assert answer.json["details"]["error_code"]
    assert _number(bench.member) == before


def test_a_message_just_below_a_mebibyte_arrives_whole_RT_26(bench: Bench, watch: Watch) -> None:
    watcher = watch(bench).joined()
    text = "x" * ((1 << 20) - 1000)
    assert watcher.number(emit(bench.station, warning(text)))["payload"]["message"] == text


@pytest.mark.parametrize(
    ("sent", "shown"),
    [
        ("2026-11-21T10:14:03.118+01:00", "2026-11-21T09:14:03.118Z"),
        ("2026-11-20T23:44:03.118-09:30", "2026-11-21T09:14:03.118Z"),
        ("2026-11-21T09:14:03Z", "2026-11-21T09:14:03.000Z"),
        ("2026-11-21T09:14:03.1189Z", "2026-11-21T09:14:03.118Z"),
    ],
    ids=["RT-26-east", "RT-26-west", "RT-26-no-fraction", "RT-26-finer"],
)
def test_a_time_is_rewritten_to_utc(bench: Bench, watch: Watch, sent: str, shown: str) -> None:
    watcher = watch(bench).joined()
    message = warning("x") | {"timestamp": sent}
    assert watcher.number(emit(bench.station, message))["timestamp"] == shown


def test_numbers_rise_by_one_and_belong_to_the_epoch_RT_26(bench: Bench, watch: Watch) -> None:
    watcher = watch(bench).joined()
    join = watcher.sync["payload"]["seq"]
    numbers = [emit(bench.station, warning(str(index))) for index in range(20)]
    watcher.number(numbers[-1])
    assert numbers == list(range(join + 1, join + 21))
    assert [message["seq"] for message in watcher.published()] == numbers
    answer = bench.station.post("/v1/realtime/emit", warning("last")).json
    assert answer == {"epoch": stats(bench.member)["epoch"], "seq": numbers[-1] + 1}


def test_nobody_can_forge_what_the_server_says_of_a_message_RT_26(bench: Bench, watch: Watch) -> None:
    watcher = watch(bench).joined()
    forged = {"seq": 1, "epoch": "mine", "snapshot": True, "event": 7}
    before = _number(bench.member)
    bench.station.post("/v1/realtime/emit", warning("forged") | forged)
    last = emit(bench.station, warning("after it"))
    watcher.number(last)
    assert [message["seq"] for message in watcher.published()] == list(range(before + 1, last + 1))
    assert {message["epoch"] for message in watcher.messages} == {watcher.sync["epoch"]}
    assert not [message for message in watcher.published() if "snapshot" in message or "event" in message]


def test_what_is_refused_is_seen_by_nobody_RT_26(bench: Bench, watch: Watch) -> None:
    watcher = watch(bench).joined()
    assert bench.station.post("/v1/realtime/emit", progress(value=150)).status == 422
    marker = emit(bench.station, warning("marker"))
    watcher.number(marker)
    assert [message["seq"] for message in watcher.published()] == [marker]


def test_progress_names_its_job_in_the_envelope_too_RT_02(bench: Bench, watch: Watch) -> None:
    watcher = watch(bench).joined()
    assert watcher.number(emit(bench.station, progress("elsewhere")))["job_id"] == "elsewhere"


def test_two_jobs_in_one_message_are_refused_RT_02(bench: Bench) -> None:
    answer = bench.station.post("/v1/realtime/emit", progress("one") | {"job_id": "two"})
    _assert_refused(answer, 422, "MSG_BAD_VALUE", "job_id")


@pytest.mark.parametrize("kind", ["frame", "plugin_status", "warning", "error", "partial_result"])
def test_a_message_of_a_job_says_so(bench: Bench, watch: Watch, kind: str) -> None:
    watcher = watch(bench).joined()
    got = watcher.number(emit(bench.station, _full(kind) | {"job_id": "elsewhere"}))
    assert got["job_id"] == "elsewhere"


def test_what_a_station_says_of_a_job_is_folded_into_it_first_JOB_02(bench: Bench, watch: Watch) -> None:
    watcher = watch(bench)
    job = start(bench.member, sim(sleep_ms=600_000))
    running(bench.member, job)
    seen = emit(bench.station, warning("from outside") | {"job_id": job})
    emit(bench.station, warning("from outside") | {"job_id": job})
    last = emit(bench.station, progress(job, 77))
    shown = extended(bench.member, job)
    assert shown["warnings"] == ["from outside", "from outside"]
    assert shown["progress"] == 77
    assert watcher.number(last)["job_id"] == watcher.number(seen)["job_id"] == job


def test_a_ping_tells_the_interval_RT_07(bench: Bench, watch: Watch) -> None:
    first = watch(bench).prelude[-1]
    assert 25 <= first["payload"]["interval_seconds"] <= 35


def test_nobody_need_listen_RT_20(bench: Bench) -> None:
    until("nobody listens", lambda: stats(bench.member)["connections"] == 0)
    before = _number(bench.member)
    assert emit(bench.station, warning("to nobody")) == before + 1
