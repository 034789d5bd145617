"""Pings, pongs, and who is taken for dead (RT-07, RT-12)."""

import itertools
import json
import time
from collections.abc import Callable

import pytest
from conftest import Bench
from jobs import finished, sim, start, stats
from messages import TIMESTAMP
from rawsocket import RawSocket
from watch import Watcher, until
from websockets.exceptions import ConnectionClosed

Watch = Callable[..., Watcher]
Raw = Callable[..., RawSocket]

PONGS = {
    "payload": {"type": "pong", "payload": {"timestamp": TIMESTAMP}},
    "both": {"type": "pong", "payload": {"timestamp": TIMESTAMP}, "timestamp": TIMESTAMP},
    "top": {"type": "pong", "timestamp": TIMESTAMP},
    "top-beside-a-payload": {"type": "pong", "payload": {}, "timestamp": TIMESTAMP},
}


@pytest.fixture(scope="module")
def quick(launch_once: Callable[..., Bench]) -> Bench:
    """A server that pings twice a second and waits one second for the answer."""
    return launch_once("--ping-interval", "0.5", "--pong-timeout", "1")


@pytest.fixture(scope="module")
def patient(launch_once: Callable[..., Bench]) -> Bench:
    """A server that pings as often, and forgives a busy machine."""
    return launch_once("--ping-interval", "0.5", "--pong-timeout", "4")


def _pings(watcher: Watcher) -> int:
    return sum(1 for _ in watcher.of("ping"))


def test_pings_come_at_their_interval_RT_12(patient: Bench, watch: Watch) -> None:
    watcher = watch(patient).joined()
    watcher.wait("twelve pings", lambda _: _pings(watcher) >= 12)
    times = [at for at, message in zip(watcher.at, watcher.messages, strict=False) if message["type"] == "ping"][:12]
    spaces = [later - sooner for sooner, later in itertools.pairwise(times[1:])]
    # Within ten percent of half a second; a busy machine may deliver late, never all of them.
    assert min(spaces) > 0.2, spaces
    assert 0.44 < sorted(spaces)[len(spaces) // 2] < 0.7, spaces
    assert all(0.4 <= message["payload"]["interval_seconds"] <= 0.6 for message in watcher.of("ping"))


def test_silence_is_death_RT_12(quick: Bench, watch: Watch) -> None:
    before = stats(quick.member)["pong_timeouts"]
    begun = time.monotonic()
    silent = watch(quick, pongs=False)
    code, reason = silent.wait_closed()
    lasted = time.monotonic() - begun
    assert code == 4008
    assert reason
    assert 0.9 < lasted < 6, lasted
    assert stats(quick.member)["pong_timeouts"] == before + 1
    until("it is forgotten", lambda: stats(quick.member)["connections"] == 0)


def test_each_form_of_a_pong_is_a_sign_of_life_RT_07(patient: Bench, watch: Watch) -> None:
    watchers = {form: watch(patient, pongs=False, session_id=form) for form in PONGS}
    answered = dict.fromkeys(PONGS, 0)
    end = time.monotonic() + 7
    while time.monotonic() < end:
        for form, watcher in watchers.items():
            if answered[form] < _pings(watcher):
                answered[form] += 1
                watcher.send(json.dumps(PONGS[form]))
        time.sleep(0.02)
    assert {form: watcher.closed for form, watcher in watchers.items()} == dict.fromkeys(PONGS)
    assert not [message for watcher in watchers.values() for message in watcher.of("error")]
    assert all(count >= 5 for count in answered.values()), answered


@pytest.mark.parametrize(
    "pong",
    [{"type": "pong"}, {"type": "pong", "payload": {}}, {"type": "pong", "payload": {"timestamp": 5}}],
    ids=["RT-07-nothing", "RT-07-empty", "RT-07-number"],
)
def test_a_pong_without_a_time_is_no_sign_of_life(quick: Bench, watch: Watch, pong: dict[str, object]) -> None:
    watcher = watch(quick, pongs=False).joined()
    answered = 0
    while watcher.closed is None:
        if answered < _pings(watcher):
            answered += 1
            _send_if_open(watcher, lambda: watcher.send(json.dumps(pong)))
        assert answered < 20, "still alive"
        time.sleep(0.02)
    assert watcher.wait_closed()[0] == 4008
    refusals = [message["payload"]["details"] for message in watcher.of("error")]
    assert refusals
    assert {refusal["field"].split(".")[-1] for refusal in refusals} == {"timestamp"}


def test_frames_of_the_transport_are_no_sign_of_life_RT_12(quick: Bench, watch: Watch) -> None:
    watcher = watch(quick, pongs=False).joined()
    end = time.monotonic() + 10
    while watcher.closed is None:
        _send_if_open(watcher, lambda: watcher.socket.pong(b"alive"))
        assert time.monotonic() < end, "still alive"
        time.sleep(0.1)
    assert watcher.wait_closed()[0] == 4008


def test_a_clients_pings_are_no_sign_of_life_RT_12(quick: Bench, watch: Watch) -> None:
    watcher = watch(quick, pongs=False).joined()
    end = time.monotonic() + 10
    while watcher.closed is None:
        _send_if_open(watcher, lambda: watcher.send('{"type":"ping"}'))
        assert time.monotonic() < end, "still alive"
        time.sleep(0.1)
    assert watcher.wait_closed()[0] == 4008
    assert list(watcher.of("pong"))


def _send_if_open(watcher: Watcher, send: Callable[[], None]) -> None:
    """Sends, unless the server closes in this very moment, which the tests wait for."""
    try:
        send()
    except ConnectionClosed:
        watcher.wait_closed()


def test_a_clients_ping_is_answered_RT_07(bench: Bench, watch: Watch) -> None:
    watcher = watch(bench).joined()
    for body in [{"type": "ping"}, {"type": "ping", "payload": {}, "timestamp": TIMESTAMP}]:
        start = len(watcher.messages)
        watcher.send(json.dumps(body))
        watcher.wait("the pong", lambda message: message["type"] == "pong", start=start)
    assert not list(watcher.of("error"))


def test_each_of_a_clients_pings_is_answered_RT_07(bench: Bench, watch: Watch) -> None:
    watcher = watch(bench).joined()
    for _ in range(10):
        watcher.send(json.dumps({"type": "ping"}))
    until("ten pongs", lambda: len(list(watcher.of("pong"))) >= 10)


def test_heartbeats_do_not_wait_behind_data_RT_12(patient: Bench, watch: Watch) -> None:
    quiet, flooded = watch(patient, types="warning"), watch(patient, backlog=16)
    job = start(patient.member, sim(frames=30_000, interval_ms=0, pad=2000))
    assert finished(patient.member, job, 90)["status"] == "completed"
    flooded.end_of(job)
    flooded.wait("a ping", lambda message: message["type"] == "ping", start=len(flooded.messages))
    # Whoever reads is pinged all the way through: nobody was taken for dead.
    assert (quiet.closed, flooded.closed) == (None, None)
    assert stats(patient.member)["write_timeouts"] == 0


def test_the_round_trip_is_measured_RT_26(patient: Bench, watch: Watch) -> None:
    until("nobody listens", lambda: stats(patient.member)["connections"] == 0)
    watcher = watch(patient)
    watcher.wait("three pings", lambda _: _pings(watcher) >= 3)
    client = until(
        "a round trip", lambda: next((it for it in stats(patient.member)["clients"] if it["rtt_ms"] is not None), None)
    )
    assert 0 <= client["rtt_ms"] < 5000
    assert client["last_pong"].endswith("Z")


def test_a_clients_clock_is_not_believed_RT_26(patient: Bench, watch: Watch) -> None:
    until("nobody listens", lambda: stats(patient.member)["connections"] == 0)
    watcher = watch(patient, pongs=False)
    watcher.wait("a ping", lambda _: _pings(watcher) >= 1)
    watcher.send('{"type":"pong","timestamp":"1970-01-01T00:00:00.000Z"}')
    client = until(
        "a round trip", lambda: next((it for it in stats(patient.member)["clients"] if it["rtt_ms"] is not None), None)
    )
    assert 0 <= client["rtt_ms"] < 5000


@pytest.mark.parametrize(
    ("interval", "timeout"),
    [("1", "1"), ("2", "1"), ("0", "1"), ("-1", "1"), ("x", "5")],
    ids=["RT-12-equal", "RT-12-shorter", "RT-12-zero", "RT-12-negative", "RT-12-no-number"],
)
def test_settings_that_cannot_be_are_refused(
    tmp_path_factory: pytest.TempPathFactory, interval: str, timeout: str
) -> None:
    folder = tmp_path_factory.mktemp("refused")
    server = Bench(str(folder / "runs.sqlite"), folder)
    done = server.command(
        "serve", "--listen", "127.0.0.1:0", f"--ping-interval={interval}", f"--pong-timeout={timeout}"
    )
    assert done.returncode in (2, 4), (done.returncode, done.stderr)
    assert "listening" not in done.stdout
    assert "interval" in done.stderr or "timeout" in done.stderr


def test_settings_come_from_the_environment_too_RT_12(launch: Callable[..., Bench], watch: Watch) -> None:
    bench = launch(environment={"HIL_PING_INTERVAL": "0.4", "HIL_PONG_TIMEOUT": "0.9"})
    begun = time.monotonic()
    assert watch(bench, pongs=False).wait_closed()[0] == 4008
    assert time.monotonic() - begun < 6
