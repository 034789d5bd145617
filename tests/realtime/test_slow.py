"""Readers that stall: what they lose, what they are told, and that nobody else notices (RT-21 to RT-23, RT-25)."""

import time
from collections import Counter
from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
from conftest import Bench
from jobs import emit, finished, sim, start, stats
from messages import Message, error, is_must, progress, warning
from rawsocket import Closed, RawSocket
from watch import Watcher, until

Watch = Callable[..., Watcher]
Raw = Callable[..., RawSocket]

# What the kernel takes before the server's queue sees anything is some megabytes: the backlog must be larger.
SMALL = 4096
MEBIBYTE = 1 << 20


@pytest.fixture
def alone(bench: Bench) -> Bench:
    """The shared server, without connections of earlier tests."""
    until("nobody listens", lambda: stats(bench.member)["connections"] == 0)
    return bench


def _client(bench: Bench, label: str) -> dict[str, Any]:
    found = [client for client in stats(bench.member)["clients"] if client["session"] == label]
    assert len(found) == 1, found
    client: dict[str, Any] = found[0]
    return client


def _in_order(messages: list[Message]) -> bool:
    numbers = [message["seq"] for message in messages if "seq" in message]
    return numbers == sorted(set(numbers))


def _assert_loss_is_told(received: list[Message], published: list[Message]) -> int:
    """Checks that what came and what the gaps name is exactly what was published. Says how much was lost."""
    sent = {message["seq"]: message for message in published}
    place = min(sent) - 1
    lost = 0
    for message in received:
        if message["type"] == "gap":
            gap = message["payload"]
            assert gap["from_seq"] == place + 1, f"{gap} stands behind message {place}"
            missing = [sent[seq] for seq in range(gap["from_seq"], gap["to_seq"] + 1)]
            assert Counter(it["type"] for it in missing) == Counter(gap["dropped"]), gap
            assert not [it for it in missing if is_must(it)], "what may never be dropped was"
            place = gap["to_seq"]
            lost += len(missing)
        elif "seq" in message:
            assert message["seq"] == place + 1, f"{message['seq']} stands behind message {place}"
            assert message == sent[message["seq"]]
            place = message["seq"]
    assert place == max(sent)
    return lost


def _stream(messages: list[Message]) -> list[Message]:
    """What follows the prelude."""
    return messages[[message["type"] for message in messages].index("ping") + 1 :]


def test_a_stalled_reader_harms_nobody_RT_21(alone: Bench, watch: Watch, raw: Raw) -> None:
    """A megabyte a second flows for fourteen seconds; one does not read it."""
    stalled = raw(alone, receive_buffer=SMALL, session_id="stalled")
    others = [watch(alone).joined() for _ in range(3)]
    begin = others[0].sync["payload"]["seq"]
    job = start(alone.member, sim(frames=2800, interval_ms=5, pad=5000, warnings=["at the end"]))
    for watcher in others:
        watcher.end_of(job, 120)
    end = others[0].end_of(job)["seq"]
    for watcher in others:
        assert [message["seq"] for message in watcher.published()] == list(range(begin + 1, end + 1))
        assert watcher.published() == others[0].published()
        frames = [message["payload"]["frame_id"] for message in watcher.published() if message["type"] == "frame"]
        assert frames == [f"sim-{index}" for index in range(2800)]
        assert not list(watcher.of("gap"))
    slow = _client(alone, "stalled")
    assert slow["dropped"] > 0, "the backlog was not real"
    assert 0 < slow["queue_messages"] <= 1000
    assert slow["queue_bytes"] <= 4 * MEBIBYTE
    # Now it reads: all that may not be dropped, and what was dropped in between.
    received = stalled.until_number(end, 120)
    lost = _assert_loss_is_told(_stream(received), others[0].published())
    assert lost == slow["dropped"]


def test_errors_arrive_behind_a_full_queue_RT_22(alone: Bench, watch: Watch, raw: Raw) -> None:
    other = watch(alone).joined()
    stalled = raw(alone, receive_buffer=SMALL, session_id="stalled")
    job = start(alone.member, sim(frames=40_000, interval_ms=1, pad=12_000))
    until("frames are dropped", lambda: _client(alone, "stalled")["dropped"] > 0)
    said = []
    for index in range(50):
        said.append(emit(alone.station, error(f"error {index}", plugin="psu")))
        said.append(emit(alone.station, warning(f"warning {index}")))
    known = _client(alone, "stalled")["dropped"]
    until("the queue is full of newer frames", lambda: _client(alone, "stalled")["dropped"] > known + 1000)
    assert alone.member.call("DELETE", f"/v1/jobs/{job}").status == 202
    end = other.end_of(job, 120)["seq"]
    received = stalled.until_number(end, 120)
    got = [message["seq"] for message in received if message["type"] in ("error", "warning")]
    assert got == said, "each once, in order"
    assert _in_order(received)
    assert _assert_loss_is_told(_stream(received), other.published()) > 1000


def test_the_newest_progress_replaces_older_RT_22(alone: Bench, watch: Watch, raw: Raw) -> None:
    other = watch(alone).joined()
    stalled = raw(alone, receive_buffer=SMALL, session_id="stalled")
    filler = start(alone.member, sim(frames=1500, interval_ms=1, pad=10_000))
    finished(alone.member, filler, 90)
    before = _client(alone, "stalled")["dropped"]
    assert before > 0
    for value in range(1, 100):
        for job in ("one", "two"):
            emit(alone.station, progress(job, value))
    # The first of these pushes out what is superseded, the others frames.
    for index in range(70):
        emit(alone.station, warning(f"{index} " + "x" * 50_000))
    last = emit(alone.station, error("the end"))
    other.number(last)
    received = _stream(stalled.until_number(last, 120))
    _assert_loss_is_told(received, other.published())
    for job in ("one", "two"):
        values = [m["payload"]["progress"] for m in received if m["type"] == "progress" and m["job_id"] == job]
        assert values == [99], "what is superseded goes before any frame, the newest stays"


def test_order_is_that_of_publication_across_types_RT_22(alone: Bench, watch: Watch, raw: Raw) -> None:
    other = watch(alone).joined()
    stalled = raw(alone, receive_buffer=SMALL, session_id="stalled")
    jobs = {
        "suite": "sim",
        "plugins": ["sim", "sim2"],
        "options": {
            "sim": {"frames": 1200, "interval_ms": 0, "pad": 12_000, "warnings": [f"w{index}" for index in range(300)]},
            "sim2": {"frames": 1200, "interval_ms": 0, "pad": 12_000, "fail_at": 1100},
        },
    }
    job = start(alone.member, jobs)
    end = other.end_of(job, 120)["seq"]
    received = _stream(stalled.until_number(end, 120))
    assert _in_order(received)
    # The other may have been too slow for this flood itself: what both got is the same.
    seen = {message["seq"]: message for message in other.published()}
    assert all(seen.get(message["seq"], message) == message for message in received if "seq" in message)
    must = [message["seq"] for message in other.published() if is_must(message)]
    assert [message["seq"] for message in received if "seq" in message and is_must(message)] == must
    assert len([seq for seq in must if seen[seq]["type"] == "warning"]) == 300
    gaps = [message["payload"] for message in received if message["type"] == "gap"]
    assert gaps
    covered = sum(sum(gap["dropped"].values()) for gap in gaps)
    begin = other.sync["payload"]["seq"]
    assert covered + sum(1 for message in received if "seq" in message) == end - begin


def test_who_has_only_musts_left_is_closed_RT_22(alone: Bench, watch: Watch, raw: Raw) -> None:
    """More bytes than a queue may hold, none of which may be dropped."""
    other = watch(alone).joined()
    before = stats(alone.member)["slow_closes"]
    stalled = raw(alone, receive_buffer=SMALL, session_id="stalled")
    stalled.joined()
    for index in range(400):
        emit(alone.station, warning(f"{index} " + "x" * 60_000))
        if stats(alone.member)["slow_closes"] > before:
            break
    until("it is closed as too slow", lambda: stats(alone.member)["slow_closes"] == before + 1)
    until("it is forgotten", lambda: stats(alone.member)["connections"] == 1)
    received, end = stalled.until_closed()
    assert _in_order(received)
    assert end.code in (4009, 1006), end
    last = emit(alone.station, warning("the last"))
    other.number(last)
    begin = other.sync["payload"]["seq"]
    assert [message["seq"] for message in other.published()] == list(range(begin + 1, last + 1))
    assert other.closed is None


def test_a_thousand_musts_are_held_and_no_more_RT_22(alone: Bench, raw: Raw) -> None:
    before = stats(alone.member)["slow_closes"]
    stalled = raw(alone, receive_buffer=SMALL, session_id="stalled")
    finished(alone.member, start(alone.member, sim(frames=1000, interval_ms=0, pad=12_000)), 90)
    held = _client(alone, "stalled")
    assert held["dropped"] > 0
    # The queue has room for a thousand less its own musts, of which the job left fewer than ten.
    finished(alone.member, start(alone.member, sim(frames=0, warnings=["w"] * 900)))
    assert _client(alone, "stalled")["queue_messages"] <= 1000
    assert stats(alone.member)["slow_closes"] == before
    finished(alone.member, start(alone.member, sim(frames=0, warnings=["w"] * 200)))
    until("it is closed as too slow", lambda: stats(alone.member)["slow_closes"] == before + 1)
    _, end = stalled.until_closed()
    assert end.code in (4009, 1006), end


def test_a_small_bound_of_bytes_holds_RT_22(launch: Callable[..., Bench], watch: Watch, raw: Raw) -> None:
    # Twenty frames: too few for any client on a busy machine. What was published is asked of the history.
    bench = launch("--queue-bytes", "200000", "--history-bytes", "33554432")
    begin = watch(bench).sync
    stalled = raw(bench, receive_buffer=SMALL, session_id="stalled")
    job = start(bench.member, sim(frames=1500, interval_ms=1, pad=9000))
    most = 0
    while finished_or_none(bench, job) is None:
        most = max(most, _client(bench, "stalled")["queue_bytes"])
    assert 0 < most <= 200_000
    whole = watch(bench, since=f"{begin['epoch']}:{begin['payload']['seq']}")
    assert whole.sync["payload"]["recovered"]
    end = whole.end_of(job, 120)["seq"]
    received = _stream(stalled.until_number(end, 120))
    assert _assert_loss_is_told(received, whole.published()) > 100


def finished_or_none(bench: Bench, job: str) -> dict[str, Any] | None:
    shown: dict[str, Any] = bench.member.get(f"/v1/jobs/{job}").json
    return shown if shown["finished_at"] else None


def test_a_client_that_does_not_read_meets_the_write_deadline_RT_22(launch: Callable[..., Bench], raw: Raw) -> None:
    bench = launch("--write-deadline", "2")
    stalled = raw(bench, receive_buffer=SMALL, session_id="stalled")
    begun = time.monotonic()
    start(bench.member, sim(frames=100_000, interval_ms=1, pad=12_000))
    until("its deadline has passed", lambda: stats(bench.member)["write_timeouts"] == 1)
    assert time.monotonic() - begun >= 1.9
    until("it is forgotten", lambda: stats(bench.member)["connections"] == 0)
    _, end = stalled.until_closed()
    assert isinstance(end, Closed)


def _seconds(job: dict[str, Any]) -> float:
    begun, ended = (datetime.fromisoformat(job[name]) for name in ("started_at", "finished_at"))
    return (ended - begun).total_seconds()


def test_publishing_never_waits_RT_21(alone: Bench, raw: Raw) -> None:
    """The same job, watched by nobody and by three that do not read."""
    body = sim(frames=1500, interval_ms=2, pad=12_000)
    unwatched = _seconds(finished(alone.member, start(alone.member, body), 120))
    stalled = [raw(alone, receive_buffer=SMALL) for _ in range(3)]
    watched = _seconds(finished(alone.member, start(alone.member, body), 120))
    shown = stats(alone.member)
    assert [client["dropped"] > 0 for client in shown["clients"]] == [True] * len(stalled), "the backlog was not real"
    # A publisher that waits for one of them would not end at all.
    assert watched < 1.5 * unwatched + 1, (watched, unwatched)


def test_a_stalled_reader_leaves_memory_where_it_was_RT_25(alone: Bench, raw: Raw) -> None:
    """Sixty megabytes due to each of five, of which the server keeps a bounded part."""
    body = sim(frames=3000, interval_ms=0, pad=20_000)
    finished(alone.member, start(alone.member, body), 120)
    before = alone.memory()
    stalled = [raw(alone, receive_buffer=SMALL) for _ in range(5)]
    for client in stalled:
        client.joined()
    finished(alone.member, start(alone.member, body), 120)
    during = alone.memory()
    # What is queued is shared by all five, and with the history.
    assert during - before < 40 * MEBIBYTE, (before, during)
    assert all(client["queue_bytes"] <= 4 * MEBIBYTE for client in stats(alone.member)["clients"])


def test_a_gap_is_told_to_whom_it_concerns_RT_23(alone: Bench, watch: Watch, raw: Raw) -> None:
    filtered = watch(alone, types="warning").joined()
    stalled = raw(alone, receive_buffer=SMALL)
    job = start(alone.member, sim(frames=1200, interval_ms=0, pad=12_000, warnings=["end"]))
    warned = filtered.wait("the warning", lambda message: message["type"] == "warning", 90)
    assert not list(filtered.of("gap")), "a filter is no loss"
    received = stalled.until_number(warned["seq"], 90)
    assert [message for message in received if message["type"] == "gap"]
    finished(alone.member, job)
