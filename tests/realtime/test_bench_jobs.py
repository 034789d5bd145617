"""Jobs of the configured bench: real suites in a process of their own (JOB-01 to JOB-05, RT-01, RT-24)."""

import itertools
import json
import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from conftest import Bench
from jobs import BASE, EXTENDED, base, cancel, extended, finished, running, sim, start, submit
from messages import Message
from watch import Watcher, until

Watch = Callable[..., Watcher]

NAME = "simulated"


@pytest.fixture(scope="module")
def slow(launch_once: Callable[..., Bench]) -> Bench:
    """A server whose simulated bench takes real time, so that there is a middle of a job."""
    return launch_once("--set", "simulation.realtime=true")


def _record(bench: Bench, run: str) -> dict[str, Any]:
    answer = bench.member.get(f"/api/hil/v1/runs/{run}")
    assert answer.status == 200, answer.text
    found: dict[str, Any] = answer.json
    return found


def _tests(statuses: list[Message]) -> list[str]:
    """The tests among the plugins, in the order in which they were started."""
    return [
        message["payload"]["plugin"]
        for message in statuses
        if message["payload"]["status"] == "started" and "::" in message["payload"]["plugin"]
    ]


@pytest.mark.parametrize(
    "suite", [pytest.param(suite, id=f"JOB-01-{suite}") for suite in ("unit", "smoke", "hardware")]
)
def test_a_suite_runs_to_its_end(bench: Bench, watch: Watch, suite: str) -> None:
    watcher = watch(bench).joined()
    body = {"suite": suite, "device_requested": NAME, "unit": {"serial_number": f"SN-{suite}", "part_number": "P-1"}}
    answer = submit(bench.member, body)
    assert answer.status == 202, answer.text
    assert set(answer.json) == BASE
    job = answer.json["job_id"]
    watcher.end_of(job, 240)
    done = finished(bench.member, job)
    assert set(done) == EXTENDED
    assert (done["status"], done["result"]["outcome"]) == ("completed", "PASS")
    assert (done["device_used"], done["device_requested"], done["fallback"]) == (NAME, NAME, False)
    run = _record(bench, done["result"]["run_id"])
    assert (run["outcome"], run["unit"]["serial_number"], run["unit"]["part_number"]) == ("PASS", f"SN-{suite}", "P-1")

    messages = watcher.published(job)
    statuses = [message for message in messages if message["type"] == "plugin_status"]
    phases = [phase["name"] for phase in run["phases"]]
    assert _tests(statuses) == phases, "the phases of the record are the plugins of the job"
    assert phases
    assert all(phase.startswith(suite) for phase in phases)
    for plugin in {message["payload"]["plugin"] for message in statuses}:
        mine = [m["payload"]["status"] for m in statuses if m["payload"]["plugin"] == plugin]
        assert mine[0] == "started"
        assert mine[-1] == "completed", plugin
    timings = {
        m["payload"]["plugin"]: m["payload"]["timing_ms"] for m in statuses if m["payload"]["status"] == "completed"
    }
    assert done["plugin_timings"] == timings
    values = [message["payload"]["progress"] for message in messages if message["type"] == "progress"]
    assert (values[0], values[-1]) == (0, 100)
    assert values == sorted(values)
    assert messages[-1]["payload"] == {"job_id": job, "progress": 100, "stage": "completed"}
    assert done["warnings"] == [m["payload"]["message"] for m in messages if m["type"] == "warning"]
    events = [message["event"] for message in messages if "event" in message]
    assert events == sorted(events)
    assert len(events) > len(phases)
    names = [message["payload"]["frame_id"] for message in messages if message["type"] == "frame"]
    assert [frame["frame_id"] for frame in done["frames"]] == names[-1000:]


def test_frames_of_the_bench_are_decoded_RT_01(bench: Bench, watch: Watch) -> None:
    watcher = watch(bench).joined()
    job = start(bench.member, {"suite": "smoke"})
    watcher.end_of(job, 120)
    frames = [message["payload"] for message in watcher.published(job) if message["type"] == "frame"]
    assert {frame["device_used"] for frame in frames} == {NAME}
    assert all(isinstance(frame["data"]["t_bench_us"], int) for frame in frames)
    lin = [frame for frame in frames if frame["data"]["kind"] == "lin"]
    supply = [frame for frame in frames if frame["data"]["kind"] == "supply"]
    assert lin
    assert supply
    assert {frame["frame_id"] for frame in supply} == {"psu"}
    assert all(set(frame["data"]) >= {"volts", "amps"} for frame in supply)
    assert max(frame["data"]["volts"] for frame in supply) == pytest.approx(12.0, abs=0.2)
    status = [frame for frame in lin if frame["frame_id"] == "ALM_Status"]
    assert status
    for frame in status:
        assert frame["data"]["direction"] in ("rx", "tx")
        assert frame["data"]["check"] == "good"
        assert bytes.fromhex(frame["data"]["bytes"])
        for signal in frame["data"]["signals"].values():
            assert set(signal) >= {"value", "physical", "unit", "text"}
    for sooner, later in itertools.pairwise(frame["data"]["t_bench_us"] for frame in lin):
        assert sooner <= later


def _lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def test_what_was_streamed_stands_beside_the_journal_RT_24(bench: Bench, watch: Watch) -> None:
    watcher = watch(bench).joined()
    job = start(bench.member, {"suite": "smoke"})
    watcher.end_of(job, 120)
    finished(bench.member, job)
    (folder,) = bench.folder.glob(f"**/jobs/*/{job}")
    streamed = [(it["epoch"], it["seq"], it.get("event"), it["type"]) for it in watcher.published(job)]
    kept = _lines(folder / "published.jsonl")
    assert [(it["epoch"], it["seq"], it["event"], it["type"]) for it in kept] == streamed
    journal = {entry["seq"]: entry["event"] for entry in _lines(folder / "reports" / "events.jsonl")}
    begun = [
        (message["payload"]["plugin"], journal[message["event"]])
        for message in watcher.published(job)
        if message["type"] == "plugin_status"
        and message["payload"]["status"] == "started"
        and "::" in message["payload"]["plugin"]
    ]
    assert len(begun) == 3
    for plugin, entry in begun:
        assert set(entry) == {"test_started"}
        assert plugin in json.dumps(entry)


def test_only_the_plugins_asked_for_run_JOB_01(bench: Bench, watch: Watch) -> None:
    watcher = watch(bench, types="plugin_status,progress").joined()
    everything = _names(bench, "unit")
    chosen = [everything[3], everything[1]]
    for body in [{"suite": "unit", "plugins": chosen}, {"plugins": chosen}]:
        done = finished(bench.member, start(bench.member, body), 120)
        assert (done["status"], done["result"]["outcome"]) == ("completed", "PASS")
        phases = [phase["name"] for phase in _record(bench, done["result"]["run_id"])["phases"]]
        assert sorted(phases) == sorted(chosen)
        watcher.end_of(done["job_id"])
        statuses = [m for m in watcher.published(done["job_id"]) if m["type"] == "plugin_status"]
        assert sorted(_tests(statuses)) == sorted(chosen)


def _names(bench: Bench, suite: str) -> list[str]:
    """The names of a suite's tests, as a run of it has recorded them."""
    done = finished(bench.member, start(bench.member, {"suite": suite}), 120)
    return [phase["name"] for phase in _record(bench, done["result"]["run_id"])["phases"]]


def test_filters_choose_as_on_the_command_line_JOB_01(bench: Bench) -> None:
    everything = _names(bench, "unit")
    word = everything[0].split("::")[1]
    expected = [name for name in everything if word in name]
    assert len(expected) < len(everything)
    done = finished(bench.member, start(bench.member, {"suite": "unit", "filters": [word]}), 120)
    phases = [phase["name"] for phase in _record(bench, done["result"]["run_id"])["phases"]]
    assert phases == expected


def test_the_configuration_can_be_overridden_JOB_01(bench: Bench, watch: Watch) -> None:
    watcher = watch(bench, types="frame").joined()
    body = {"suite": "smoke", "config": {"power_supply.set_voltage": 12.5}}
    done = finished(bench.member, start(bench.member, body), 120)
    assert done["result"]["outcome"] == "PASS"
    watcher.wait(
        "the rail at 12.5 V",
        lambda message: (
            message["type"] == "frame"
            and message["payload"]["data"].get("kind") == "supply"
            and abs(message["payload"]["data"]["volts"] - 12.5) < 0.1
        ),
    )


REFUSED: list[tuple[str, dict[str, Any], str]] = [
    ("bench", {"suite": "unit", "device_requested": "bench-9"}, "device_requested"),
    ("bench-sim", {"suite": "unit", "device_requested": "sim"}, "device_requested"),
    ("plugin-of-another-suite", {"suite": "unit", "plugins": ["hardware::led_state::off_stays_off"]}, "plugins"),
    ("options-of-sim", {"suite": "unit", "sim": {}}, "sim"),
    ("config-key", {"suite": "unit", "config": {"power_supply.nope": 1}}, "config"),
    ("config-value", {"suite": "unit", "config": {"power_supply.set_voltage": "much"}}, "config"),
    ("unit-field", {"suite": "unit", "unit": {"nope": "x"}}, "unit"),
]


@pytest.mark.parametrize(("body", "field"), [pytest.param(row[1], row[2], id=f"JOB-01-{row[0]}") for row in REFUSED])
def test_what_the_bench_cannot_run_is_refused(bench: Bench, body: dict[str, Any], field: str) -> None:
    answer = submit(bench.member, body)
    assert answer.status == 422, answer.text
    assert field in answer.json["details"]["field"], answer.text


def test_an_unknown_bench_is_unavailable_JOB_01(bench: Bench) -> None:
    answer = submit(bench.member, {"suite": "hardware", "device_requested": "bench-9"})
    assert answer.status == 422
    assert answer.json["details"]["error_code"] == "DEVICE_UNAVAILABLE"


def test_a_record_can_be_read_when_the_end_is_seen_JOB_01(bench: Bench) -> None:
    def read(message: Message) -> None:
        if message["type"] == "progress" and message["payload"]["progress"] == 100:
            done = extended(bench.member, message["job_id"])
            assert done["status"] == "completed"
            assert _record(bench, done["result"]["run_id"])["outcome"] == "PASS"

    watcher = Watcher(bench.url, bench.keys["reader"], seen=read).joined()
    job = start(bench.member, {"suite": "unit"})
    watcher.end_of(job, 120)
    watcher.close()


def test_the_bench_and_the_simulated_kind_run_at_once_JOB_01(slow: Bench) -> None:
    first = start(slow.member, {"suite": "hardware"})
    second = start(slow.member, sim(sleep_ms=600_000))
    running(slow.member, first)
    running(slow.member, second)
    assert extended(slow.member, first)["status"] == "running"
    third = start(slow.member, {"suite": "unit"})
    assert base(slow.member, third)["status"] == "queued"
    for job in (third, second, first):
        assert cancel(slow.member, job).status == 202
    for job in (third, second, first):
        assert finished(slow.member, job, 90)["status"] == "aborted"


def test_a_cancelled_run_leaves_the_bench_safe_JOB_05(slow: Bench, watch: Watch) -> None:
    watcher = watch(slow).joined()
    job = start(slow.member, {"suite": "hardware"})
    watcher.wait(
        "a test is under way",
        lambda m: m["type"] == "plugin_status" and m["payload"]["plugin"].startswith("hardware::"),
        90,
    )
    assert cancel(slow.member, job).status == 202
    end = watcher.end_of(job, 90)
    assert end["payload"]["stage"] == "aborted"
    done = finished(slow.member, job)
    assert (done["status"], done["result"]["outcome"]) == ("aborted", "ABORTED")
    messages = watcher.published(job)
    verified = [
        m["payload"]["result"]["output_verified"]
        for m in messages
        if m["type"] == "partial_result" and "output_verified" in m["payload"]["result"]
    ]
    assert verified, "the output was shown to be off"
    torn_down = [m["payload"]["plugin"] for m in messages if m["type"] == "plugin_status"]
    assert any(plugin.startswith("teardown:psu") for plugin in torn_down), torn_down
    assert _record(slow, done["result"]["run_id"])["outcome"] == "ABORTED"
    # And the bench is free for the next one.
    assert finished(slow.member, start(slow.member, {"suite": "unit"}), 90)["status"] == "completed"


def _children(folder: Path) -> list[int]:
    """The processes that still work in a server's folder."""
    found = []
    for process in Path("/proc").iterdir():
        if process.name.isdigit():
            try:
                if os.readlink(process / "cwd") == str(folder):
                    found.append(int(process.name))
            except OSError:
                # It has ended meanwhile, or is another user's.
                continue
    return found


def test_a_killed_server_takes_its_run_along_and_keeps_its_record_JOB_01(
    launch: Callable[..., Bench], watch: Watch
) -> None:
    bench = launch("--set", "simulation.realtime=true")
    watcher = watch(bench).joined()
    job = start(bench.member, {"suite": "hardware"})
    watcher.wait(
        "the third test",
        lambda _: len(_tests([it for it in watcher.published(job) if it["type"] == "plugin_status"])) >= 3,
        120,
    )
    bench.kill()
    watcher.wait_closed()
    ended = [
        m["payload"]["plugin"]
        for m in watcher.published(job)
        if m["type"] == "plugin_status" and m["payload"]["status"] == "completed" and "::" in m["payload"]["plugin"]
    ]
    until("nothing is left behind", lambda: not _children(bench.folder), 60)
    bench.again()
    done = finished(bench.member, job)
    assert done["status"] == "interrupted"
    assert done["progress"] >= 1
    run = until("the record of the run", lambda: _if_kept(bench, job), 60)
    assert run["outcome"] == "ABORTED"
    assert ended
    assert set(ended) <= {phase["name"] for phase in run["phases"]}, "everything up to the kill is in the record"
    assert finished(bench.member, start(bench.member, {"suite": "unit"}), 90)["status"] == "completed"


def _if_kept(bench: Bench, job: str) -> dict[str, Any] | None:
    result = extended(bench.member, job)["result"]
    if not result or not result.get("run_id"):
        return None
    answer = bench.member.get(f"/api/hil/v1/runs/{result['run_id']}")
    found: dict[str, Any] | None = answer.json if answer.status == 200 else None
    return found


def test_a_crash_of_a_test_does_not_take_the_server_along_JOB_07(slow: Bench, watch: Watch) -> None:
    watcher = watch(slow).joined()
    job = start(slow.member, {"suite": "hardware"})
    watcher.wait("a test is under way", lambda m: m["type"] == "frame", 90)
    begun = time.monotonic()
    assert slow.process is not None
    children = [pid for pid in _children(slow.folder) if pid != slow.process.pid]
    assert children, "the run is a process of its own"
    for pid in children:
        if "run" in Path(f"/proc/{pid}/cmdline").read_bytes().decode().split("\0"):
            os.kill(pid, 9)
    end = watcher.end_of(job, 60)
    assert time.monotonic() - begun < 60
    done = finished(slow.member, job)
    assert end["payload"]["stage"] == done["status"] == "failed"
    assert [m for m in watcher.published(job) if m["type"] == "error"], "somebody says what happened"
    assert finished(slow.member, start(slow.member, {"suite": "unit"}), 90)["status"] == "completed"
