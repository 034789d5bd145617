"""Connecting, filtering, leaving (RT-10, RT-11, RT-13)."""

import json
import socket
import time
from collections.abc import Callable
from urllib.parse import quote

import pytest
from conftest import Bench
from jobs import emit, finished, running, sim, start, stats
from messages import FULL, envelope, progress, warning
from rawsocket import CLOSE, Closed, RawSocket, frame
from watch import Watcher, until
from websockets.exceptions import InvalidStatus

Watch = Callable[..., Watcher]
Raw = Callable[..., RawSocket]

UPGRADE = {
    "Upgrade": "websocket",
    "Connection": "Upgrade",
    "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
    "Sec-WebSocket-Version": "13",
}


def _connections(bench: Bench) -> int:
    found: int = stats(bench.member)["connections"]
    return found


@pytest.mark.parametrize(
    "path", ["/v1/realtimes", "/v1/realtime/", "/v1/realtime/x", "/realtime", "/v1/v1/realtime", "/v1/jobs/x/y"]
)
@pytest.mark.parametrize("role", ["reader", None], ids=["RT-10-key", "RT-10-no-key"])
@pytest.mark.parametrize("headers", [{}, UPGRADE], ids=["plain", "upgrade"])
def test_a_wrong_path_is_not_found(bench: Bench, path: str, role: str | None, headers: dict[str, str]) -> None:
    answer = (bench.as_(role) if role else bench.api(None)).call("GET", path, None, headers)
    assert answer.status == 404, answer.text


def test_without_an_upgrade_there_is_nothing_to_get_RT_10(bench: Bench) -> None:
    assert bench.member.get("/v1/realtime").status in (400, 426)


def test_a_connection_begins_with_metadata_sync_and_ping_RT_11(bench: Bench, watch: Watch) -> None:
    watcher = watch(bench)
    types = [message["type"] for message in watcher.prelude]
    plugins = bench.member.get("/v1/plugins").json["plugins"]
    assert types == ["metadata"] * len(plugins) + ["sync", "ping"]
    assert all("seq" not in message for message in watcher.prelude)
    sync = watcher.sync["payload"]
    shown = stats(bench.member)
    assert sync == {"recovered": False, "seq": shown["seq"], "jobs": [], "reason": "fresh"}
    assert watcher.sync["epoch"] == shown["epoch"]


def test_the_metadata_are_those_of_the_plugins_JOB_06(bench: Bench, watch: Watch) -> None:
    metadata = [message["payload"] for message in watch(bench).prelude if message["type"] == "metadata"]
    names = [payload["plugin"] for payload in metadata]
    assert {"sim", "sim2"} <= set(names)
    assert len(set(names)) == len(names)
    listed = bench.member.get("/v1/plugins").json["plugins"]
    assert {each["plugin"]: each for each in listed} == {each["plugin"]: each for each in metadata}
    assert len(listed) == len(metadata)
    for payload in metadata:
        answer = bench.member.get(f"/v1/plugins/{quote(payload['plugin'], safe='')}")
        assert answer.status == 200, answer.text
        assert answer.json == payload
        assert payload["metadata"]["version"]
        assert "capabilities" in payload["metadata"]


def test_an_unknown_plugin_is_not_found_JOB_06(bench: Bench) -> None:
    for name in ["nobody", "sim3", "%20", "sim%2F.."]:
        assert bench.member.get(f"/v1/plugins/{name}").status == 404


def test_many_may_share_a_label_RT_10(bench: Bench, watch: Watch) -> None:
    watchers = [watch(bench, session_id="wall").joined() for _ in range(8)]
    shown = stats(bench.member)
    assert shown["sessions"].count("wall") == 1
    assert [client["session"] for client in shown["clients"]].count("wall") == 8
    assert len({client["id"] for client in shown["clients"]}) == len(shown["clients"])
    watchers[0].close()
    watchers[3].cut()
    until("two are forgotten", lambda: _connections(bench) == 6)
    seq = emit(bench.station, warning("to the others"))
    for index in (1, 2, 4, 5, 6, 7):
        watchers[index].number(seq)


def test_without_a_label_a_connection_has_its_id_RT_10(bench: Bench, watch: Watch) -> None:
    until("nobody listens", lambda: _connections(bench) == 0)
    watch(bench).joined()
    shown = stats(bench.member)
    assert [client["session"] for client in shown["clients"]] == [client["id"] for client in shown["clients"]]


@pytest.mark.parametrize("label", ["x" * 128, "Wand ü 3", "a:b/c?d"], ids=["RT-10-128", "RT-10-text", "RT-10-signs"])
def test_a_label_is_shown_as_given(bench: Bench, watch: Watch, label: str) -> None:
    watch(bench, session_id=label).joined()
    assert label in stats(bench.member)["sessions"]


@pytest.mark.parametrize(
    "label", ["x" * 129, "a\nb", "a\x00b", "a\x1b[31m"], ids=["RT-10-129", "RT-10-line", "RT-10-nul", "RT-10-escape"]
)
def test_a_label_that_cannot_be_shown_closes(bench: Bench, watch: Watch, label: str) -> None:
    code, reason = watch(bench, session_id=label).wait_closed()
    assert code == 4000
    assert reason


def test_only_the_types_asked_for_come_RT_10(bench: Bench, watch: Watch) -> None:
    all_of_it, some = watch(bench).joined(), watch(bench, types="warning,error").joined()
    for kind, payload in FULL.items():
        emit(bench.station, envelope(kind, payload))
    last = emit(bench.station, warning("marker"))
    all_of_it.number(last)
    some.number(last)
    assert [message["type"] for message in some.published()] == ["warning", "error", "warning"]
    assert [message["type"] for message in all_of_it.published()] == [*FULL, "warning"]
    assert [message["type"] for message in some.prelude] == [message["type"] for message in all_of_it.prelude]


@pytest.mark.parametrize("types", ["nonsense", "frame,nonsense", "Frame"])
def test_an_unknown_type_is_refused_before_the_upgrade_RT_10(bench: Bench, watch: Watch, types: str) -> None:
    with pytest.raises(InvalidStatus) as refusal:
        watch(bench, types=types)
    assert refusal.value.response.status_code == 400
    body = json.loads(refusal.value.response.body or b"")
    assert body["error"]
    assert body["details"]["field"] == "types"


def test_only_the_jobs_asked_for_come_RT_10(bench: Bench, watch: Watch) -> None:
    two = watch(bench, job_id=["one", "two"]).joined()
    unknown = watch(bench, job_id="not yet").joined()
    for job in ["one", "three", "two", "not yet"]:
        emit(bench.station, warning(job) | {"job_id": job})
        emit(bench.station, progress(job))
    emit(bench.station, warning("of no job"))
    last = emit(bench.station, warning("last") | {"job_id": "two"})
    two.number(last)
    end = emit(bench.station, warning("end") | {"job_id": "not yet"})
    unknown.number(end)
    assert [message["job_id"] for message in two.published()] == ["one", "one", "two", "two", "two"]
    assert {message["job_id"] for message in unknown.published()} == {"not yet"}
    assert len(unknown.published()) == 3


def test_filters_of_jobs_and_types_hold_together_RT_10(bench: Bench, watch: Watch) -> None:
    job = start(bench.member, sim(frames=5, warnings=["one", "two"], sleep_ms=1500))
    watcher = watch(bench, job_id=job, types="warning,frame")
    finished(bench.member, job)
    watcher.wait("the last warning", lambda message: message["payload"].get("message") == "two")
    assert [message["type"] for message in watcher.published()] == ["frame"] * 5 + ["warning"] * 2


def test_filters_hold_for_the_snapshot_too_RT_10(bench: Bench, watch: Watch) -> None:
    job = start(
        bench.member,
        {
            "suite": "sim",
            "plugins": ["sim", "sim2"],
            "options": {"sim": {"frames": 2, "warnings": ["sagged"]}, "sim2": {"sleep_ms": 600_000}},
        },
    )
    early = watch(bench)
    early.wait(
        "sim2", lambda message: message["payload"].get("plugin") == "sim2" and message["type"] == "plugin_status"
    )
    types = [message["type"] for message in watch(bench, types="warning,frame").prelude]
    assert types[types.index("sync") :] == ["sync", "warning", "ping"]
    types = [message["type"] for message in watch(bench, job_id="another").prelude]
    assert types[types.index("sync") :] == ["sync", "ping"]
    types = [message["type"] for message in watch(bench, job_id=job).prelude]
    expected = ["metadata", "metadata", "progress", "plugin_status", "plugin_status", "warning"]
    assert types[types.index("sync") :] == ["sync", *expected, "ping"]


def test_a_close_is_acknowledged_RT_13(bench: Bench, watch: Watch) -> None:
    watcher = watch(bench).joined()
    before = _connections(bench)
    assert watcher.close()[0] == 1000
    until("it is forgotten", lambda: _connections(bench) == before - 1)


def test_the_clients_close_code_comes_back_RT_13(bench: Bench, raw: Raw) -> None:
    client = raw(bench)
    client.joined()
    client.send(frame(CLOSE, (3000).to_bytes(2, "big") + b"bye"))
    _, end = client.until_closed()
    assert end in (Closed(3000), Closed(1000))


@pytest.mark.parametrize("how", ["reset", "close"], ids=["RT-13-reset", "RT-13-end"])
def test_a_client_that_breaks_off_is_forgotten(bench: Bench, raw: Raw, how: str) -> None:
    until("nobody listens", lambda: _connections(bench) == 0)
    clients = [raw(bench, session_id=f"gone-{index}") for index in range(5)]
    for client in clients:
        client.joined()
    assert _connections(bench) == 5
    for client in clients:
        getattr(client, how)()
    until("all are forgotten", lambda: _connections(bench) == 0)
    assert stats(bench.member)["sessions"] == []


def test_one_that_comes_back_is_a_new_connection_RT_13(bench: Bench, watch: Watch) -> None:
    until("nobody listens", lambda: _connections(bench) == 0)
    first = watch(bench, session_id="wall").joined()
    known = stats(bench.member)["clients"][0]["id"]
    second = watch(bench, session_id="wall").joined()
    first.cut()
    until("the first is forgotten", lambda: _connections(bench) == 1)
    assert stats(bench.member)["clients"][0]["id"] != known
    second.number(emit(bench.station, warning("still there")))


def test_too_many_are_told_so_after_the_upgrade_RT_10(launch: Callable[..., Bench], watch: Watch) -> None:
    bench = launch("--max-connections", "3")
    inside = [watch(bench).joined() for _ in range(3)]
    code, reason = watch(bench).wait_closed()
    assert code == 4001
    assert reason
    inside[0].close()
    until("one is forgotten", lambda: _connections(bench) == 2)
    watch(bench).joined()


@pytest.mark.parametrize("version", ["12", "x"])
def test_a_wrong_version_of_websocket_is_refused_RT_10(bench: Bench, version: str) -> None:
    answer = bench.member.call("GET", "/v1/realtime", None, UPGRADE | {"Sec-WebSocket-Version": version})
    assert 400 <= answer.status < 500, answer.text


@pytest.mark.parametrize("stalled", [False, True], ids=["RT-13-all-read", "RT-13-one-stalls"])
def test_on_shutdown_all_are_told(launch: Callable[..., Bench], watch: Watch, raw: Raw, stalled: bool) -> None:
    bench = launch("--shutdown-wait", "2")
    watchers = [watch(bench).joined() for _ in range(10)]
    if stalled:
        raw(bench, receive_buffer=4096).joined()
        job = start(bench.member, sim(frames=900, interval_ms=0, pad=10_000))
        finished(bench.member, job)
        watchers[0].end_of(job)
    running(bench.member, start(bench.member, sim(sleep_ms=600_000)))
    address = bench.address
    assert bench.stop() == 0, bench.log()[-3000:]
    for watcher in watchers:
        code, reason = watcher.wait_closed()
        assert code == 1001
        assert reason
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(address, timeout=5)


def test_shutdown_takes_a_bounded_time_RT_13(launch: Callable[..., Bench], raw: Raw) -> None:
    bench = launch("--shutdown-wait", "1")
    silent = [raw(bench, receive_buffer=4096) for _ in range(5)]
    for client in silent:
        client.joined()
    finished(bench.member, start(bench.member, sim(frames=900, interval_ms=0, pad=10_000)))
    begun = time.monotonic()
    assert bench.stop() == 0
    assert time.monotonic() - begun < 15
