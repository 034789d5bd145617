"""Coming back, and coming late (RT-11)."""

from collections.abc import Callable
from typing import Any

import pytest
from conftest import Bench
from jobs import cancel, emit, finished, sim, start
from messages import Message, progress, warning
from watch import Watcher, beyond

Watch = Callable[..., Watcher]

TWO = {
    "suite": "sim",
    "plugins": ["sim", "sim2"],
    "options": {
        "sim": {"frames": 40, "interval_ms": 1, "warnings": ["first", "again", "again"]},
        "sim2": {"frames": 500, "interval_ms": 10},
    },
}


def _since(message: Message) -> str:
    return f"{message['epoch']}:{message['seq']}"


def _reason(watcher: Watcher) -> tuple[bool, str | None]:
    payload = watcher.sync["payload"]
    return payload["recovered"], payload.get("reason")


def _fold(messages: list[Message]) -> dict[str, Any]:
    """What somebody who saw these messages of one job knows of it."""
    state: dict[str, Any] = {"plugins": {}, "progress": None, "statuses": {}, "warnings": []}
    for message in messages:
        kind, payload = message["type"], message["payload"]
        if kind == "metadata":
            state["plugins"][payload["plugin"]] = payload["metadata"]
        elif kind == "progress":
            state["progress"] = payload["progress"]
        elif kind == "plugin_status":
            state["statuses"][payload["plugin"]] = payload["status"]
        elif kind == "warning":
            state["warnings"].append((payload["plugin"], payload["message"]))
    return state


def test_what_was_missed_is_replayed_RT_11(bench: Bench, watch: Watch) -> None:
    steady, first = watch(bench).joined(), watch(bench).joined()
    seen = first.number(emit(bench.station, warning("seen")))
    first.cut()
    job = start(bench.member, sim(frames=50, interval_ms=1, warnings=["missed"]))
    finished(bench.member, job)
    second = watch(bench, since=_since(seen)).joined()
    assert _reason(second) == (True, None)
    last = emit(bench.station, warning("live again"))
    second.number(last)
    steady.number(last)
    assert second.published() == [message for message in steady.published() if message["seq"] > seen["seq"]]
    numbers = [message["seq"] for message in second.published()]
    assert numbers == list(range(seen["seq"] + 1, last + 1))
    assert not [message for message in second.messages if "snapshot" in message]
    join = second.sync["payload"]["seq"]
    assert join == last - 1
    replayed = [message["seq"] for message in second.prelude if "seq" in message]
    assert replayed == list(range(seen["seq"] + 1, join + 1)), "the replay lies before the first ping"


def test_whoever_missed_nothing_gets_nothing_RT_11(bench: Bench, watch: Watch) -> None:
    first = watch(bench).joined()
    seen = first.number(emit(bench.station, warning("the last")))
    second = watch(bench, since=_since(seen)).joined()
    assert _reason(second) == (True, None)
    assert second.sync["payload"]["seq"] == seen["seq"]
    assert second.published() == []


def test_a_cut_in_mid_job_leaves_no_gap_and_no_duplicate_RT_11(bench: Bench, watch: Watch) -> None:
    steady = watch(bench).joined()
    first = watch(bench).joined()
    begin = first.sync["payload"]["seq"]
    job = start(bench.member, TWO)
    parts: list[list[Message]] = []
    current = first
    for _ in range(12):
        floor = parts[-1][-1]["seq"] if parts else begin
        current.wait("some more", beyond(floor + 30))
        current.cut()
        current.wait_closed()
        parts.append(current.published())
        current = watch(bench, since=_since(parts[-1][-1]))
    current.end_of(job)
    parts.append(current.published())
    steady.end_of(job)
    together = [message for part in parts for message in part]
    end = together[-1]["seq"]
    assert [message["seq"] for message in together] == list(range(begin + 1, end + 1))
    assert together == [message for message in steady.published() if message["seq"] <= end]
    assert not list(current.of("gap"))


def test_a_replay_is_filtered_too_RT_11(bench: Bench, watch: Watch) -> None:
    first = watch(bench).joined()
    seen = first.number(emit(bench.station, warning("seen")))
    for job in ["one", "two", "one"]:
        emit(bench.station, warning(job) | {"job_id": job})
        emit(bench.station, progress(job))
    second = watch(bench, since=_since(seen), job_id="one", types="warning").joined()
    assert _reason(second) == (True, None)
    assert [(message["type"], message["job_id"]) for message in second.published()] == [("warning", "one")] * 2


MALFORMED = ["", "x", ":", "epoch:", ":5", "{epoch}:x", "{epoch}:-1", "{epoch}:1.5", "{epoch}"]


@pytest.mark.parametrize("since", [pytest.param(since, id=f"RT-11-{since!r}") for since in MALFORMED])
def test_a_malformed_place_is_told(bench: Bench, watch: Watch, since: str) -> None:
    epoch = watch(bench).sync["epoch"]
    watcher = watch(bench, since=since.format(epoch=epoch)).joined()
    assert _reason(watcher) == (False, "malformed")
    watcher.number(emit(bench.station, warning("still served")))


def test_another_epoch_is_told_RT_11(bench: Bench, watch: Watch) -> None:
    assert _reason(watch(bench, since="another:1").joined()) == (False, "epoch")


def test_a_place_that_is_not_yet_is_no_recovery_RT_11(bench: Bench, watch: Watch) -> None:
    first = watch(bench)
    seq, epoch = first.sync["payload"]["seq"], first.sync["epoch"]
    watcher = watch(bench, since=f"{epoch}:{seq + 1000}").joined()
    assert watcher.sync["payload"]["recovered"] is False
    assert watcher.sync["payload"]["seq"] == seq


def test_a_restart_is_another_epoch_RT_11(launch: Callable[..., Bench], watch: Watch) -> None:
    bench = launch()
    first = watch(bench).joined()
    seen = first.number(emit(bench.station, warning("before")))
    assert bench.stop() == 0
    assert first.wait_closed()[0] == 1001
    second = watch(bench.again(), since=_since(seen)).joined()
    assert _reason(second) == (False, "epoch")
    assert second.sync["epoch"] != seen["epoch"]
    assert second.sync["payload"]["seq"] == 0
    assert emit(bench.station, warning("after")) == 1


@pytest.mark.parametrize(
    ("option", "kept"), [("--history-messages", "100"), ("--history-bytes", "50000")], ids=["RT-11-100", "RT-11-50kB"]
)
def test_what_is_too_old_is_told(launch: Callable[..., Bench], watch: Watch, option: str, kept: str) -> None:
    bench = launch(option, kept)
    job = start(bench.member, TWO)
    steady = watch(bench).joined()
    old = steady.number(emit(bench.station, warning("old")))
    for index in range(120):
        emit(bench.station, warning("x" * 500 + str(index)))
    late = watch(bench, since=_since(old)).joined()
    assert _reason(late) == (False, "expired")
    assert late.sync["payload"]["jobs"] == [job]
    assert next(message["type"] for message in late.prelude if "snapshot" in message) == "metadata"
    cancel(bench.member, job)
    steady.end_of(job)
    recent = steady.published()[-20]
    again = watch(bench, since=_since(recent)).joined()
    assert _reason(again) == (True, None)
    assert again.published() == steady.published()[-19:]


def test_no_message_is_too_many_by_one_for_the_history_RT_11(launch: Callable[..., Bench], watch: Watch) -> None:
    bench = launch("--history-messages", "10")
    epoch = watch(bench).sync["epoch"]
    for index in range(30):
        emit(bench.station, warning(str(index)))
    # Numbers 21 to 30 are kept: whoever saw 20 has missed nothing that is gone.
    whole = watch(bench, since=f"{epoch}:20").joined()
    assert _reason(whole) == (True, None)
    assert [message["seq"] for message in whole.published()] == list(range(21, 31))
    assert _reason(watch(bench, since=f"{epoch}:19").joined()) == (False, "expired")


def test_a_late_joiner_knows_what_an_early_one_does_RT_11(bench: Bench, watch: Watch) -> None:
    early = watch(bench).joined()
    job = start(bench.member, TWO)
    early.wait(
        "sim2 begins",
        lambda message: (
            message["type"] == "frame"
            and message["payload"]["frame_id"] == "sim2-20"
            and message["payload"]["plugin"] == "sim2"
        ),
    )
    late = [watch(bench).joined() for _ in range(5)]
    early.end_of(job)
    for watcher in late:
        watcher.end_of(job)
        join = watcher.sync["payload"]["seq"]
        snapshot = [message for message in watcher.messages if message.get("snapshot")]
        assert {message["job_id"] for message in snapshot} == {job}
        assert watcher.sync["payload"]["jobs"] == [job]
        known = [message for message in early.published(job) if message["seq"] <= join]
        assert _fold(snapshot) == _fold(known)
        assert list(_fold(known)["plugins"]) == ["sim", "sim2"]
        assert _fold(known)["warnings"] == [("sim", "first"), ("sim", "again"), ("sim", "again")]
        kinds = [message["type"] for message in snapshot]
        assert kinds == ["metadata"] * 2 + ["progress"] + ["plugin_status"] * 2 + ["warning"] * 3
        # From there on the stream, without gap or duplicate.
        end = watcher.published()[-1]["seq"]
        assert [message["seq"] for message in watcher.published()] == list(range(join + 1, end + 1))
        assert _fold([*snapshot, *watcher.published(job)]) == _fold(early.published(job))


def test_a_job_that_has_ended_is_no_news_RT_11(bench: Bench, watch: Watch) -> None:
    finished(bench.member, start(bench.member, sim(warnings=["old"])))
    late = watch(bench).joined()
    assert late.sync["payload"]["jobs"] == []
    assert not [message for message in late.prelude if "snapshot" in message]


def test_two_jobs_at_once_are_told_apart_RT_11(bench: Bench, watch: Watch) -> None:
    early = watch(bench).joined()
    jobs = [start(bench.member, sim(frames=30, interval_ms=2, warnings=[f"of {name}"])) for name in "ab"]
    for job in jobs:
        early.end_of(job)
    for name, job in zip("ab", jobs, strict=True):
        state = _fold(early.published(job))
        assert list(state.pop("plugins")) == ["sim"]
        assert state == {"progress": 100, "statuses": {"sim": "completed"}, "warnings": [("sim", f"of {name}")]}
    assert all("job_id" in message for message in early.published())
