"""Jobs of the simulated kind, from request to record (JOB-01 to JOB-04, JOB-06, JOB-07)."""

import itertools
import json
import threading
from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
from conftest import Bench
from jobs import BASE, EXTENDED, base, emit, extended, finished, running, sim, start, submit
from messages import Message, warning
from watch import Watcher

Watch = Callable[..., Watcher]

FORMS: dict[str, dict[str, Any]] = {
    "suite": {"suite": "sim", "sim": {"frames": 2, "interval_ms": 5, "warnings": ["rail sagged"]}},
    "source": {
        "source": "sim://demo",
        "device_requested": "sim",
        "plugins": ["sim"],
        "options": {"sim": {"frames": 2, "interval_ms": 5, "warnings": ["rail sagged"]}},
    },
    "plugins": {"plugins": ["sim"], "sim": {"frames": 2, "interval_ms": 5, "warnings": ["rail sagged"]}},
    "source-alone": {"source": "sim://", "sim": {"frames": 2, "interval_ms": 5, "warnings": ["rail sagged"]}},
}


def _seconds(job: dict[str, Any]) -> float:
    begun, ended = (datetime.fromisoformat(job[name]) for name in ("started_at", "finished_at"))
    return (ended - begun).total_seconds()


@pytest.mark.parametrize("form", [pytest.param(form, id=f"JOB-01-{form}") for form in FORMS])
def test_both_forms_of_a_request_are_the_same_job(bench: Bench, form: str) -> None:
    answer = submit(bench.member, FORMS[form])
    assert answer.status == 202, answer.text
    job = answer.json
    assert set(job) == BASE
    headers = {name.lower(): value for name, value in answer.headers.items()}
    assert headers["location"].endswith(f"/v1/jobs/{job['job_id']}")
    assert (job["status"], job["frames"], job["result"]) == ("queued", [], None)
    assert (job["started_at"], job["finished_at"]) == (None, None)
    assert job["device_requested"] == FORMS[form].get("device_requested")
    assert (job["device_used"], job["fallback"]) in (("sim", False), (None, False))
    done = finished(bench.member, job["job_id"])
    assert set(done) == EXTENDED
    assert done["job_id"] == job["job_id"]
    assert (done["device_used"], done["fallback"], done["status"]) == ("sim", False, "completed")
    assert [frame["frame_id"] for frame in done["frames"]] == ["sim-0", "sim-1"]
    assert [set(frame) for frame in done["frames"]] == [{"frame_id", "plugin", "timing_ms"}] * 2
    assert {frame["plugin"] for frame in done["frames"]} == {"sim"}
    assert (done["progress"], done["warnings"]) == (100, ["rail sagged"])
    assert set(done["plugin_timings"]) == {"sim"}
    assert done["plugin_timings"]["sim"] >= 5
    assert done["result"]["outcome"] == "PASS"
    assert done["created_at"] <= done["started_at"] <= done["finished_at"]
    assert all(done[name].endswith("Z") for name in ("created_at", "started_at", "finished_at"))


def test_the_base_answer_has_exactly_its_fields_JOB_02(bench: Bench) -> None:
    job = start(bench.member, sim(sleep_ms=600_000, frames=0))
    assert set(base(bench.member, job)) == BASE
    running(bench.member, job)
    assert set(base(bench.member, job)) == BASE
    assert bench.member.call("DELETE", f"/v1/jobs/{job}").status == 202
    whole = finished(bench.member, job)
    ended = base(bench.member, job)
    assert set(ended) == BASE
    assert ended == {name: whole[name] for name in BASE}
    listed = bench.member.get("/v1/jobs", {"limit": 1}).json["jobs"]
    assert [entry["job_id"] for entry in listed] == [job]


def test_extended_fields_are_null_while_queued_JOB_02(bench: Bench) -> None:
    first = start(bench.member, sim(sleep_ms=600_000))
    running(bench.member, first)
    second = start(bench.member, sim(frames=1))
    waiting = extended(bench.member, second)
    assert set(waiting) == EXTENDED
    assert waiting["status"] == "queued"
    assert (waiting["progress"], waiting["plugin_timings"], waiting["warnings"]) == (None, None, None)
    begun = extended(bench.member, first)
    assert (begun["status"], begun["progress"], begun["warnings"]) == ("running", 0, [])
    assert isinstance(begun["plugin_timings"], dict)
    assert begun["finished_at"] is None
    assert begun["started_at"]
    assert bench.member.call("DELETE", f"/v1/jobs/{first}").status == 202
    assert finished(bench.member, second)["status"] == "completed"


UNKNOWN = [
    "nope",
    "0199c0de-77aa-7000-8000-000000000000",
    "5",
    "%00",
    "..",
    "x" * 300,
    "%C3%BC",
    "0199C0DE",
    "a%20b",
    "a%2Fb",
]


@pytest.mark.parametrize("job", [pytest.param(job, id=f"JOB-02-{job[:20]}") for job in UNKNOWN])
@pytest.mark.parametrize(("method", "rest"), [("GET", ""), ("GET", "/extended"), ("DELETE", "")])
def test_an_unknown_job_is_not_found(bench: Bench, job: str, method: str, rest: str) -> None:
    answer = bench.member.call(method, f"/v1/jobs/{job}{rest}")
    assert answer.status == 404, answer.text
    if job != "..":
        assert answer.json["error"]
        assert answer.json["details"]["error_code"]


def _types(messages: list[Message]) -> list[str]:
    names = []
    for message in messages:
        payload = message["payload"]
        match message["type"]:
            case "plugin_status":
                names.append(f"{payload['plugin']} {payload['status']}")
            case "progress" if payload["progress"] in (0, 100):
                names.append(f"progress {payload['progress']}")
            case "metadata" | "warning" as kind:
                names.append(f"{kind} {payload['plugin']}")
            case kind:
                names.append(kind)
    return names


def _job(bench: Bench, watch: Watch, body: Any) -> tuple[dict[str, Any], list[Message]]:
    """A job that somebody watched from its beginning, and its messages."""
    watcher = watch(bench).joined()
    job = start(bench.member, body)
    watcher.end_of(job)
    done = finished(bench.member, job)
    # A marker: nothing of the job comes behind its end.
    watcher.number(emit(bench.station, warning("marker")))
    return done, watcher.published(job)


def test_the_messages_of_a_job_have_their_order_JOB_03(bench: Bench, watch: Watch) -> None:
    body = {
        "suite": "sim",
        "plugins": ["sim2", "sim"],
        "options": {
            "sim": {"frames": 3, "warnings": ["a", "b"], "interval_ms": 2},
            "sim2": {"frames": 2, "warnings": ["c"], "interval_ms": 1, "pad": 10},
        },
    }
    done, messages = _job(bench, watch, body)
    types = _types(messages)
    assert sorted(types[:2]) == ["metadata sim", "metadata sim2"]
    rest = [name for name in types[2:] if name != "progress"]
    assert rest == [
        "progress 0",
        "sim2 started",
        *["frame"] * 2,
        "warning sim2",
        "sim2 completed",
        "sim started",
        *["frame"] * 3,
        "warning sim",
        "warning sim",
        "sim completed",
        "progress 100",
    ]
    for before, message in itertools.pairwise(messages):
        if message["type"] == "progress" and message["payload"]["progress"] not in (0, 100):
            assert before["type"] == "frame", "progress follows a frame"
    values = [message["payload"]["progress"] for message in messages if message["type"] == "progress"]
    assert values == sorted(set(values)), "each is new"
    assert len(values) == 7, values
    assert all(1 <= value <= 99 for value in values[1:-1])
    assert messages[-1]["payload"]["stage"] == "completed"
    assert {message["job_id"] for message in messages} == {done["job_id"]}
    assert all(message["payload"]["job_id"] == done["job_id"] for message in messages if message["type"] == "progress")


def test_a_frame_says_what_it_is_JOB_03(bench: Bench, watch: Watch) -> None:
    done, messages = _job(bench, watch, sim(frames=5, interval_ms=10, pad=30))
    frames = [message["payload"] for message in messages if message["type"] == "frame"]
    assert [frame["frame_id"] for frame in frames] == [f"sim-{index}" for index in range(5)]
    assert {frame["device_used"] for frame in frames} == {"sim"}
    assert [frame["data"]["n"] for frame in frames] == list(range(5))
    assert [len(frame["data"]["pad"]) for frame in frames] == [30] * 5
    times = [frame["data"]["t_ns"] for frame in frames]
    assert all(isinstance(time, int) for time in times)
    assert all(later - sooner >= 9_000_000 for sooner, later in itertools.pairwise(times)), times
    timings = [frame["timing_ms"] for frame in frames]
    assert timings == sorted(timings)
    assert done["frames"] == [{name: frame[name] for name in ("frame_id", "plugin", "timing_ms")} for frame in frames]


def test_the_statuses_of_a_plugin_carry_its_timing_JOB_06(bench: Bench, watch: Watch) -> None:
    done, messages = _job(bench, watch, sim(frames=4, interval_ms=20, sleep_ms=50, warnings=["a", "a", "b"]))
    started, completed = (message["payload"] for message in messages if message["type"] == "plugin_status")
    assert (started["status"], started["timing_ms"]) == ("started", 0)
    assert completed["status"] == "completed"
    assert completed["timing_ms"] >= 110, "50 of sleep, and three pauses of 20"
    assert completed["timing_ms"] < 20_000
    assert (completed["frames_processed"], completed["warnings_count"]) == (4, 3)
    assert done["plugin_timings"] == {"sim": completed["timing_ms"]}
    assert done["warnings"] == ["a", "a", "b"], "in order, with repetition"
    warnings = [message["payload"] for message in messages if message["type"] == "warning"]
    assert [(payload["message"], payload["severity"]) for payload in warnings] == [
        ("a", "low"),
        ("a", "low"),
        ("b", "low"),
    ]


def test_the_metadata_of_a_job_are_those_of_its_plugins_JOB_06(bench: Bench, watch: Watch) -> None:
    _, messages = _job(bench, watch, sim(frames=0))
    metadata = [message["payload"] for message in messages if message["type"] == "metadata"]
    assert metadata == [bench.member.get("/v1/plugins/sim").json]


@pytest.mark.parametrize("value", [None, {}, {"frames": None, "interval_ms": None, "warnings": None, "pad": None}])
def test_null_is_the_default_JOB_01(bench: Bench, value: Any) -> None:
    body = {"suite": "sim", "plugins": ["sim"]} | ({} if value is None else {"sim": value})
    done = finished(bench.member, start(bench.member, body))
    assert [frame["frame_id"] for frame in done["frames"]] == ["sim-0", "sim-1", "sim-2"]
    assert done["warnings"] == []


def test_no_frames_are_a_job_too_JOB_03(bench: Bench, watch: Watch) -> None:
    done, messages = _job(bench, watch, sim(frames=0))
    assert done["frames"] == []
    assert _types(messages) == ["metadata sim", "progress 0", "sim started", "sim completed", "progress 100"]


def test_the_newest_thousand_frames_are_kept_JOB_02(bench: Bench) -> None:
    done = finished(bench.member, start(bench.member, sim(frames=1500, interval_ms=0)))
    assert [frame["frame_id"] for frame in done["frames"]] == [f"sim-{index}" for index in range(500, 1500)]


def test_a_job_runs_the_same_with_nobody_watching_JOB_04(bench: Bench, watch: Watch) -> None:
    body = {
        "plugins": ["sim", "sim2"],
        "options": {"sim": {"frames": 20, "fail_at": 7, "warnings": ["w"]}, "sim2": {"frames": 4, "warnings": ["x"]}},
    }
    body["suite"] = "sim"
    alone = finished(bench.member, start(bench.member, body))
    watched, _ = _job(bench, watch, body)
    for job in (alone, watched):
        assert set(job["plugin_timings"]) == {"sim", "sim2"}
        assert job["result"].pop("run_id")
        for frame in job["frames"]:
            del frame["timing_ms"]
        for name in ("job_id", "created_at", "started_at", "finished_at", "plugin_timings"):
            del job[name]
    assert alone == watched


def test_a_plugin_that_fails_does_not_end_the_job_JOB_07(bench: Bench, watch: Watch) -> None:
    body = {
        "suite": "sim",
        "plugins": ["sim", "sim2"],
        "options": {"sim": {"frames": 10, "fail_at": 4}, "sim2": {"frames": 2}},
    }
    done, messages = _job(bench, watch, body)
    types = [name for name in _types(messages) if not name.startswith(("progress", "metadata"))]
    assert types == [
        "sim started",
        *["frame"] * 4,
        "error",
        "sim failed",
        "sim2 started",
        *["frame"] * 2,
        "sim2 completed",
    ]
    assert (done["status"], done["progress"]) == ("completed", 100)
    assert done["result"]["outcome"] in ("FAIL", "ERROR")
    error = next(message["payload"] for message in messages if message["type"] == "error")
    assert error["error"]
    assert error["plugin"] == "sim"
    assert error["details"]["error_code"]
    failed = next(m["payload"] for m in messages if m["payload"].get("status") == "failed")
    assert failed["frames_processed"] == 4
    assert failed["timing_ms"] == done["plugin_timings"]["sim"]
    assert messages[-1]["payload"]["stage"] == "completed"


@pytest.mark.parametrize("fail_at", [-1, 3, 1000], ids=lambda value: f"JOB-07-{value}")
def test_a_failure_past_the_end_never_comes(bench: Bench, fail_at: int) -> None:
    done = finished(bench.member, start(bench.member, sim(frames=3, fail_at=fail_at)))
    assert (done["result"]["outcome"], len(done["frames"])) == ("PASS", 3)


@pytest.mark.parametrize("fail_at", [0, 2], ids=lambda value: f"JOB-03-{value}")
def test_a_fatal_failure_ends_the_job(bench: Bench, watch: Watch, fail_at: int) -> None:
    body = {
        "suite": "sim",
        "plugins": ["sim", "sim2"],
        "options": {"sim": {"frames": 5, "fail_at": fail_at, "fatal": True}, "sim2": {"frames": 2}},
    }
    done, messages = _job(bench, watch, body)
    types = _types(messages)
    assert types.count("frame") == fail_at
    assert "sim2 started" not in types
    assert types.index("error") > types.index("sim started")
    assert types[-1] == "progress 100"
    assert set(types[types.index("error") + 1 : -1]) <= {"sim failed"}
    assert done["status"] == "failed"
    assert done["result"]["outcome"] in ("ERROR", "FAIL")
    assert messages[-1]["payload"]["stage"] == "failed"
    assert done["progress"] == 100


def test_fatal_without_a_failure_is_nothing_JOB_03(bench: Bench) -> None:
    done = finished(bench.member, start(bench.member, sim(fatal=True)))
    assert (done["status"], done["result"]["outcome"]) == ("completed", "PASS")


def test_who_saw_it_reads_at_least_that_JOB_02(bench: Bench) -> None:
    """Each message is held against the extended view before the next one is looked at."""
    checked: dict[str, int] = {}

    def compare(message: Message) -> None:
        kind, payload, job = message["type"], message["payload"], message.get("job_id")
        if job is None or kind not in ("progress", "warning", "plugin_status", "frame"):
            return
        shown = extended(bench.member, job)
        checked[kind] = checked.get(kind, 0) + 1
        match kind:
            case "progress":
                assert shown["progress"] >= payload["progress"], (shown["progress"], payload)
                if payload["progress"] == 100:
                    assert shown["status"] == payload["stage"] == "completed"
                    assert shown["result"]["outcome"] == "PASS"
            case "warning":
                assert payload["message"] in shown["warnings"]
            case "plugin_status":
                assert payload["status"] != "completed" or shown["plugin_timings"]["sim"] == payload["timing_ms"]
            case "frame":
                assert payload["frame_id"] in [frame["frame_id"] for frame in shown["frames"]]

    watchers = [Watcher(bench.url, bench.keys["reader"], seen=compare).joined() for _ in range(3)]
    job = start(bench.member, sim(frames=120, interval_ms=3, warnings=[f"w{index}" for index in range(30)]))
    for watcher in watchers:
        watcher.end_of(job, 90)
        watcher.close()
    assert checked["warning"] == 90
    assert checked["progress"] >= 60
    assert checked["frame"] == 360


def test_many_readers_see_progress_rise_only_JOB_02(bench: Bench) -> None:
    job = start(bench.member, sim(frames=200, interval_ms=5))
    running(bench.member, job)
    faults: list[BaseException] = []
    reads: list[int] = []

    def read() -> None:
        try:
            before = 0
            while (shown := extended(bench.member, job))["status"] == "running":
                assert type(shown["progress"]) is int
                assert shown["progress"] >= before
                before = shown["progress"]
                reads.append(before)
        except BaseException as fault:
            faults.append(fault)

    readers = [threading.Thread(target=read) for _ in range(4)]
    for reader in readers:
        reader.start()
    for reader in readers:
        reader.join(60)
    assert not faults
    assert len(reads) > 10


@pytest.mark.parametrize("asked", ["bench-9", "sim2", "x" * 50], ids=lambda name: f"JOB-01-{name[:10]}")
def test_the_simulated_kind_takes_any_bench_and_says_so(bench: Bench, asked: str) -> None:
    answer = submit(bench.member, sim(frames=1) | {"device_requested": asked})
    assert answer.status == 202, answer.text
    assert answer.json["device_requested"] == asked
    done = finished(bench.member, answer.json["job_id"])
    assert (done["device_used"], done["fallback"], done["device_requested"]) == ("sim", True, asked)


BAD: list[tuple[str, Any, str | None]] = [
    ("nothing", {}, None),
    ("suite", {"suite": "nope"}, "suite"),
    ("suite-number", {"suite": 5}, "suite"),
    ("plugin", {"plugins": ["nope"]}, "plugins"),
    ("plugin-text", {"plugins": "sim"}, "plugins"),
    ("plugin-number", {"plugins": [5]}, "plugins"),
    ("plugin-of-sim", {"suite": "sim", "plugins": ["sim", "nope"]}, "plugins"),
    ("source", {"source": "nope://x"}, "source"),
    ("source-number", {"source": 5}, "source"),
    ("source-suite", {"source": "sim://x", "suite": "unit"}, None),
    ("source-plugins", {"source": "sim://x", "plugins": ["unit::x"]}, None),
    ("field", {"suite": "sim", "speed": 5}, "speed"),
    ("device-number", {"suite": "sim", "device_requested": 5}, "device_requested"),
    ("filters-text", {"suite": "unit", "filters": "x"}, "filters"),
    ("config-text", {"suite": "unit", "config": "x"}, "config"),
    ("unit-text", {"suite": "unit", "unit": "x"}, "unit"),
    ("options-text", {"suite": "sim", "options": "x"}, "options"),
    ("options-plugin", {"suite": "sim", "options": {"nope": {}}}, "nope"),
    ("options-twice", {"suite": "sim", "sim": {}, "options": {"sim": {}}}, None),
    ("sim-text", {"suite": "sim", "sim": "x"}, "sim"),
    ("sim-field", sim(speed=5), "speed"),
    *[(f"frames-{value}", sim(frames=value), "frames") for value in [-1, 1_000_001, "3", 1.5, True, [], 3.0]],
    *[(f"interval-{value}", sim(interval_ms=value), "interval_ms") for value in [-1, 60_001, "5", True]],
    *[(f"sleep-{value}", sim(sleep_ms=value), "sleep_ms") for value in [-0.1, 600_001, "5", False]],
    *[(f"fail_at-{value}", sim(fail_at=value), "fail_at") for value in [-2, "1", 0.5, True]],
    *[(f"pad-{value}", sim(pad=value), "pad") for value in [-1, 1_000_001, "1", 0.5]],
    *[(f"fatal-{value}", sim(fatal=value), "fatal") for value in ["true", 1, "yes"]],
    ("warnings-text", sim(warnings="w"), "warnings"),
    ("warnings-number", sim(warnings=[5]), "warnings"),
    ("warnings-many", sim(warnings=["w"] * 1001), "warnings"),
]


@pytest.mark.parametrize(("body", "field"), [pytest.param(row[1], row[2], id=f"JOB-01-{row[0]}") for row in BAD])
def test_what_cannot_be_run_is_refused(bench: Bench, body: Any, field: str | None) -> None:
    before = bench.member.get("/v1/jobs", {"limit": 1}).json
    answer = submit(bench.member, body)
    assert answer.status == 422, answer.text
    refusal = answer.json
    assert refusal["error"]
    assert refusal["details"]["error_code"]
    assert refusal["details"]["field"], "the field is named"
    if field is not None:
        assert field in refusal["details"]["field"].replace("[", ".").split("."), refusal
    assert bench.member.get("/v1/jobs", {"limit": 1}).json == before, "no job was made"


GOOD: list[tuple[str, Any]] = [
    ("most-pad", sim(frames=1, pad=1_000_000)),
    ("most-warnings", sim(frames=0, warnings=["w"] * 1000)),
    ("fractions", sim(frames=2, interval_ms=0.5, sleep_ms=0.25)),
    ("no-interval", sim(frames=100, interval_ms=0)),
    ("unit", sim(frames=1) | {"unit": {"serial_number": "SN-1", "part_number": "PCB-17"}}),
    ("filters", sim(frames=1) | {"filters": []}),
    ("config", sim(frames=1) | {"config": {}}),
    ("options", {"suite": "sim", "plugins": ["sim"], "options": {"sim": {"frames": 1}}}),
    ("both-plugins", {"suite": "sim", "plugins": ["sim", "sim2"], "sim": {"frames": 1}, "options": {"sim2": {}}}),
]


@pytest.mark.parametrize("body", [pytest.param(row[1], id=f"JOB-01-{row[0]}") for row in GOOD])
def test_what_can_be_run_is_taken(bench: Bench, body: Any) -> None:
    done = finished(bench.member, start(bench.member, body))
    assert (done["status"], done["result"]["outcome"]) == ("completed", "PASS")


@pytest.mark.parametrize("body", [b"", b"no json", b"{", b"\xff", b"[" * 50_000], ids=lambda body: repr(body[:8]))
def test_what_is_no_json_is_refused_JOB_01(bench: Bench, body: bytes) -> None:
    answer = bench.member.call("POST", "/v1/jobs", body, {"Content-Type": "application/json"})
    assert answer.status == 400, answer.text
    assert answer.json["details"]["error_code"]


@pytest.mark.parametrize("body", ["[]", '"sim"', "5", "null"])
def test_what_is_no_object_is_refused_JOB_01(bench: Bench, body: str) -> None:
    answer = bench.member.call("POST", "/v1/jobs", body.encode(), {"Content-Type": "application/json"})
    assert answer.status in (400, 422), answer.text
    assert answer.json["error"]


def test_jobs_are_listed_newest_first_JOB_02(bench: Bench) -> None:
    made = [start(bench.member, sim(frames=0)) for _ in range(4)]
    for job in made:
        finished(bench.member, job)
    listed = bench.member.get("/v1/jobs", {"limit": 4}).json["jobs"]
    assert [job["job_id"] for job in listed] == made[::-1]
    assert all(set(job) == BASE for job in listed)
    completed = bench.member.get("/v1/jobs", {"status": "completed", "limit": 1000}).json["jobs"]
    assert {job["status"] for job in completed} == {"completed"}
    assert set(made) <= {job["job_id"] for job in completed}


@pytest.mark.parametrize("query", [{"status": "nope"}, {"limit": "x"}, {"limit": "-1"}])
def test_a_wrong_query_is_refused_JOB_02(bench: Bench, query: dict[str, str]) -> None:
    assert bench.member.get("/v1/jobs", query).status in (400, 422)


def test_its_record_says_that_it_was_simulated_JOB_01(bench: Bench) -> None:
    body = sim(frames=2, fail_at=1) | {"unit": {"serial_number": "SN-sim-7", "part_number": "PCB-17"}}
    done = finished(bench.member, start(bench.member, body))
    answer = bench.member.get(f"/api/hil/v1/runs/{done['result']['run_id']}")
    assert answer.status == 200, answer.text
    run = answer.json
    assert run["outcome"] == done["result"]["outcome"]
    assert run["unit"]["serial_number"] == "SN-sim-7"
    assert [phase["name"] for phase in run["phases"]] == ["sim"]
    assert "simulated" in {entry["key"] for entry in run["properties"]}, json.dumps(run)[:500]
