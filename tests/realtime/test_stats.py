"""What the server says of its connections (RT-26)."""

from collections.abc import Callable
from typing import Any

from conftest import Bench
from jobs import emit, finished, sim, start, stats
from messages import warning
from rawsocket import RawSocket
from watch import Watcher, until

Watch = Callable[..., Watcher]
Raw = Callable[..., RawSocket]

FIELDS: dict[str, type | tuple[type, ...]] = {
    "epoch": str,
    "seq": int,
    "connections": int,
    "sessions": list,
    "dropped": int,
    "dropped_by_class": dict,
    "dropped_by_type": dict,
    "slow_closes": int,
    "pong_timeouts": int,
    "write_timeouts": int,
    "garbage": int,
    "queue": dict,
    "clients": list,
}
CLIENT: dict[str, type | tuple[type, ...]] = {
    "id": str,
    "session": str,
    "connected_at": str,
    "queue_messages": int,
    "queue_bytes": int,
    "delivered": int,
    "dropped": int,
    "last_pong": (str, type(None)),
    "rtt_ms": (int, float, type(None)),
}


def _assert_fields(shown: dict[str, Any], fields: dict[str, type | tuple[type, ...]]) -> None:
    assert set(fields) <= set(shown), f"missing: {set(fields) - set(shown)}"
    wrong = {name: shown[name] for name, kind in fields.items() if not isinstance(shown[name], kind)}
    assert not wrong


def test_the_statistics_have_every_field_RT_26(launch: Callable[..., Bench], watch: Watch) -> None:
    bench = launch()
    shown = stats(bench.member)
    _assert_fields(shown, FIELDS)
    assert (shown["seq"], shown["connections"], shown["sessions"], shown["clients"]) == (0, 0, [], [])
    assert (shown["dropped"], shown["slow_closes"], shown["garbage"]) == (0, 0, 0)
    watcher = watch(bench, session_id="wall")
    other = watch(bench)
    seq = emit(bench.station, warning("x"))
    watcher.number(seq)
    other.number(seq)
    until("pongs are counted", lambda: all(client["last_pong"] for client in stats(bench.member)["clients"]))
    shown = stats(bench.member)
    _assert_fields(shown, FIELDS)
    assert shown["seq"] == seq
    assert shown["connections"] == 2
    assert set(shown["queue"]) >= {"p50", "p99", "max", "max_bytes"}
    assert shown["epoch"] == watcher.sync["epoch"]
    for client in shown["clients"]:
        _assert_fields(client, CLIENT)
        assert client["connected_at"].endswith("Z")
        assert (client["queue_messages"], client["queue_bytes"], client["dropped"]) == (0, 0, 0)
        assert client["delivered"] >= 1
        assert client["rtt_ms"] >= 0
    assert set(shown["sessions"]) == {client["session"] for client in shown["clients"]}
    assert "wall" in shown["sessions"]


def test_what_is_delivered_is_counted_RT_26(bench: Bench, watch: Watch) -> None:
    until("nobody listens", lambda: stats(bench.member)["connections"] == 0)
    watcher = watch(bench).joined()
    before = stats(bench.member)["clients"][0]["delivered"]
    for index in range(25):
        last = emit(bench.station, warning(str(index)))
    watcher.number(last)
    until("all are counted", lambda: stats(bench.member)["clients"][0]["delivered"] == before + 25)


def test_drops_are_counted_by_class_and_type_RT_26(launch: Callable[..., Bench], raw: Raw) -> None:
    bench = launch("--queue-bytes", "300000")
    stalled = raw(bench, receive_buffer=4096)
    stalled.joined()
    job = start(bench.member, sim(frames=1500, interval_ms=0, pad=12_000))
    finished(bench.member, job, 90)
    shown = stats(bench.member)
    assert shown["dropped"] > 0
    assert set(shown["dropped_by_type"]) <= {"frame", "progress"}
    assert set(shown["dropped_by_class"]) <= {"droppable", "latest"}
    assert sum(shown["dropped_by_type"].values()) == shown["dropped"]
    assert sum(shown["dropped_by_class"].values()) == shown["dropped"]
    assert shown["dropped_by_class"]["droppable"] == shown["dropped_by_type"]["frame"]
    assert [client["dropped"] for client in shown["clients"]] == [shown["dropped"]]
    assert shown["queue"]["max_bytes"] <= 300_000
    told = [
        message["payload"]["dropped"] for message in stalled.until_number(shown["seq"], 90) if message["type"] == "gap"
    ]
    by_type = {kind: sum(gap.get(kind, 0) for gap in told) for kind in shown["dropped_by_type"]}
    assert by_type == shown["dropped_by_type"]


def test_the_statistics_outlive_a_client_RT_26(bench: Bench, watch: Watch) -> None:
    watcher = watch(bench).joined()
    watcher.send("garbage")
    watcher.wait("an error", lambda message: message["type"] == "error")
    counted = stats(bench.member)["garbage"]
    watcher.close()
    until("it is forgotten", lambda: stats(bench.member)["connections"] == 0)
    assert stats(bench.member)["garbage"] == counted
