"""Jobs that wait, are cancelled, and outlive their server (JOB-01, JOB-05)."""

import itertools
import time
from collections.abc import Callable
from typing import Any

import pytest
from conftest import Bench
from jobs import EXTENDED, cancel, extended, finished, running, sim, start, submit
from watch import Watcher, until

Watch = Callable[..., Watcher]

LONG = sim(sleep_ms=600_000)


def test_jobs_of_one_bench_run_one_after_the_other_JOB_01(bench: Bench) -> None:
    made = [start(bench.member, sim(frames=5, interval_ms=20)) for _ in range(5)]
    done = [finished(bench.member, job) for job in made]
    assert {job["status"] for job in done} == {"completed"}
    for sooner, later in itertools.pairwise(done):
        assert sooner["finished_at"] <= later["started_at"], "first come, first served, one at a time"


def test_a_running_job_is_cancelled_JOB_05(bench: Bench, watch: Watch) -> None:
    watcher = watch(bench).joined()
    body = {"suite": "sim", "plugins": ["sim", "sim2"], "options": {"sim": {"frames": 100_000}, "sim2": {}}}
    job = start(bench.member, body)
    watcher.wait("some frames", lambda message: message["payload"].get("frame_id") == "sim-10")
    assert cancel(bench.member, job).status == 202
    end = watcher.end_of(job)
    assert end["payload"]["stage"] == "aborted"
    done = extended(bench.member, job)
    assert (done["status"], done["result"]["outcome"], done["progress"]) == ("aborted", "ABORTED", 100)
    assert done["finished_at"]
    statuses = [
        (message["payload"]["plugin"], message["payload"]["status"])
        for message in watcher.published(job)
        if message["type"] == "plugin_status"
    ]
    assert statuses[0] == ("sim", "started")
    assert ("sim2", "started") not in statuses
    assert watcher.published(job)[-1] == end
    assert cancel(bench.member, job).status == 200, "it had ended before"
    assert extended(bench.member, job) == done


def test_a_sleeping_job_is_cancelled_at_once_JOB_05(bench: Bench) -> None:
    job = start(bench.member, LONG)
    running(bench.member, job)
    assert cancel(bench.member, job).status == 202
    assert finished(bench.member, job, 10)["status"] == "aborted"


def test_a_waiting_job_is_cancelled_JOB_05(bench: Bench, watch: Watch) -> None:
    watcher = watch(bench).joined()
    first = start(bench.member, LONG)
    running(bench.member, first)
    second, third = start(bench.member, LONG), start(bench.member, sim(frames=1))
    assert cancel(bench.member, second).status == 202
    done = finished(bench.member, second)
    assert (done["status"], done["started_at"]) == ("aborted", None)
    assert watcher.end_of(second)["payload"]["stage"] == "aborted"
    assert extended(bench.member, first)["status"] == "running"
    assert cancel(bench.member, first).status == 202
    assert finished(bench.member, third)["status"] == "completed"


def test_a_job_that_has_ended_stays_as_it_was_JOB_05(bench: Bench) -> None:
    done = finished(bench.member, start(bench.member, sim(frames=1)))
    answer = cancel(bench.member, done["job_id"])
    assert answer.status == 200, answer.text
    assert extended(bench.member, done["job_id"]) == done


def test_a_full_queue_is_told_JOB_01(launch: Callable[..., Bench]) -> None:
    bench = launch()
    first = start(bench.member, LONG)
    running(bench.member, first)
    waiting = [start(bench.member, sim(frames=0)) for _ in range(256)]
    answer = submit(bench.member, sim(frames=0))
    assert answer.status == 429, answer.text
    assert answer.json["details"]["error_code"]
    assert cancel(bench.member, waiting[100]).status == 202
    finished(bench.member, waiting[100])
    last = start(bench.member, sim(frames=0))
    assert cancel(bench.member, first).status == 202
    assert finished(bench.member, last, 120)["status"] == "completed"
    states = {extended(bench.member, job)["status"] for job in waiting}
    assert states == {"completed", "aborted"}


def test_the_benches_say_what_they_do_JOB_01(bench: Bench) -> None:
    def sim_bench() -> dict[str, Any]:
        benches = {entry["name"]: entry for entry in bench.member.get("/v1/benches").json["benches"]}
        assert set(benches) == {"simulated", "sim"}
        assert {"unit", "smoke", "hardware"} <= set(benches["simulated"]["suites"])
        assert all(
            {"name", "simulated", "state", "owner", "job_id", "queued", "suites"} <= set(entry)
            for entry in benches.values()
        )
        found: dict[str, Any] = benches["sim"]
        return found

    assert (sim_bench()["state"], sim_bench()["job_id"], sim_bench()["queued"]) == ("idle", None, 0)
    first = start(bench.member, LONG)
    running(bench.member, first)
    second = start(bench.member, LONG)
    shown = sim_bench()
    assert (shown["state"], shown["job_id"], shown["queued"], shown["suites"]) == ("busy", first, 1, ["sim"])
    for job in (second, first):
        cancel(bench.member, job)
    until("the bench is idle again", lambda: sim_bench()["state"] == "idle")


@pytest.mark.parametrize("how", ["kill", "stop"], ids=["JOB-01-kill", "JOB-01-stop"])
def test_jobs_outlive_the_server(launch: Callable[..., Bench], watch: Watch, how: str) -> None:
    bench = launch("--shutdown-wait", "1")
    early = finished(bench.member, start(bench.member, sim(frames=2, warnings=["kept"])))
    watcher = watch(bench).joined()
    flying = start(bench.member, sim(frames=2000, interval_ms=20, warnings=["never"]))
    waiting = [start(bench.member, sim(frames=2)) for _ in range(3)]
    watcher.wait(
        "some progress",
        lambda message: (
            message["type"] == "progress" and message["job_id"] == flying and message["payload"]["progress"] >= 3
        ),
    )
    getattr(bench, how)()
    watcher.wait_closed()
    seen = max(m["payload"]["progress"] for m in watcher.published(flying) if m["type"] == "progress")
    bench.again()
    assert extended(bench.member, early["job_id"]) == early
    done = finished(bench.member, flying)
    assert set(done) == EXTENDED
    assert done["status"] in (("interrupted",) if how == "kill" else ("interrupted", "aborted"))
    # What the server could not keep before it was killed may be lacking, never invented.
    assert 0 < done["progress"] <= 100
    assert how == "stop" or done["progress"] <= seen + 2
    assert done["finished_at"]
    for job in waiting:
        after = finished(bench.member, job)
        assert (after["status"], len(after["frames"])) == ("completed", 2)
    assert finished(bench.member, start(bench.member, sim()))["status"] == "completed"


def test_the_last_progress_stays_JOB_01(launch: Callable[..., Bench], watch: Watch) -> None:
    """Killed while it sleeps, long after its last progress: nothing that was seen is lost."""
    bench = launch()
    watcher = watch(bench).joined()
    body = {
        "suite": "sim",
        "plugins": ["sim", "sim2"],
        "options": {
            "sim": {"frames": 10, "interval_ms": 1, "warnings": ["one", "two"]},
            "sim2": {"sleep_ms": 600_000, "frames": 10},
        },
    }
    job = start(bench.member, body)
    watcher.wait(
        "sim2 begins",
        lambda message: message["type"] == "plugin_status" and message["payload"]["plugin"] == "sim2",
    )
    before = extended(bench.member, job)
    assert 1 <= before["progress"] <= 99
    # Nothing happens meanwhile; what has happened finds its way into the store.
    time.sleep(2)
    bench.kill()
    done = finished(bench.again().member, job)
    assert done["status"] == "interrupted"
    kept = ("progress", "warnings", "frames", "started_at", "created_at", "device_used")
    assert {name: done[name] for name in kept} == {name: before[name] for name in kept}
    assert done["plugin_timings"]["sim"] == before["plugin_timings"]["sim"]


def test_a_job_says_nothing_before_its_turn_JOB_03(bench: Bench, watch: Watch) -> None:
    watcher = watch(bench).joined()
    first = start(bench.member, sim(frames=10, interval_ms=30))
    second = start(bench.member, sim(frames=1))
    watcher.end_of(second)
    order = [message["job_id"] for message in watcher.published()]
    assert order == [first] * order.count(first) + [second] * order.count(second)
