"""Clients that come and go while something is published (RT-20, RT-25)."""

import asyncio
import random
import threading
import time
from collections.abc import Callable
from typing import Any

import pytest
from conftest import Bench
from jobs import emit, finished, sim, start, stats
from messages import warning
from watch import Watcher, address, beyond, until
from websockets.asyncio.client import connect as connect_async

Watch = Callable[..., Watcher]


@pytest.fixture
def alone(bench: Bench) -> Bench:
    until("nobody listens", lambda: stats(bench.member)["connections"] == 0)
    return bench


async def _visitor(url: str, key: str, seed: int) -> int:
    """Comes, stays a while, and goes in one of three ways. Says how much it read."""
    chance = random.Random(seed)
    await asyncio.sleep(chance.uniform(0, 3))
    read = 0
    client = await connect_async(
        address(url, session_id=f"visitor-{seed % 7}"),
        additional_headers={"Authorization": f"Bearer {key}"},
        compression=None,
        ping_interval=None,
        open_timeout=60,
        proxy=None,
    )
    end = time.monotonic() + chance.uniform(0, 1.5)
    while time.monotonic() < end:
        await client.recv()
        read += 1
    match seed % 3:
        case 0:
            await client.close()
        case 1:
            client.transport.abort()
        case _:
            client.transport.close()
    return read


def _crowd(bench: Bench, count: int) -> list[int]:
    async def all_of_them() -> list[int]:
        return await asyncio.gather(*(_visitor(bench.url, bench.keys["reader"], seed) for seed in range(count)))

    return asyncio.run(all_of_them())


def test_two_hundred_come_and_go_during_a_broadcast_RT_20(alone: Bench, watch: Watch) -> None:
    steady = [watch(alone).joined() for _ in range(5)]
    begin = steady[0].sync["payload"]["seq"]
    job = start(alone.member, sim(frames=1500, interval_ms=3, pad=200, warnings=["end"]))
    read = _crowd(alone, 200)
    assert len(read) == 200
    assert sum(read) > 200
    assert finished(alone.member, job, 90)["status"] == "completed"
    end = steady[0].end_of(job)["seq"]
    for watcher in steady:
        watcher.end_of(job)
        assert [message["seq"] for message in watcher.published()] == list(range(begin + 1, end + 1))
        assert watcher.published() == steady[0].published()
    until("only the steady ones are left", lambda: stats(alone.member)["connections"] == 5)
    assert len(stats(alone.member)["clients"]) == 5


def test_messages_from_many_sides_have_one_order_RT_20(alone: Bench, watch: Watch) -> None:
    watchers = [watch(alone).joined() for _ in range(4)]
    begin = watchers[0].sync["payload"]["seq"]
    said: dict[str, list[int]] = {}
    faults: list[BaseException] = []

    def speak(name: str) -> None:
        try:
            said[name] = [emit(alone.station, warning(f"{name} {index}", plugin=name)) for index in range(60)]
        except BaseException as fault:
            faults.append(fault)

    speakers = [threading.Thread(target=speak, args=(f"speaker-{index}",)) for index in range(6)]
    for speaker in speakers:
        speaker.start()
    for speaker in speakers:
        speaker.join(90)
    assert not faults
    end = begin + 360
    for watcher in watchers:
        watcher.number(end)
        assert [message["seq"] for message in watcher.published()] == list(range(begin + 1, end + 1))
        assert watcher.published() == watchers[0].published()
    for name, numbers in said.items():
        assert numbers == sorted(numbers)
        mine = [m["seq"] for m in watchers[0].published() if m["payload"]["plugin"] == name]
        assert mine == numbers, "the number that the answer gave is the message's"


def test_a_hundred_cycles_leave_memory_where_it_was_RT_25(alone: Bench) -> None:
    def cycles(count: int) -> None:
        for _ in range(count):
            Watcher(alone.url, alone.keys["reader"]).joined().close()

    cycles(30)
    until("all are forgotten", lambda: stats(alone.member)["connections"] == 0)
    before = alone.memory()
    cycles(100)
    until("all are forgotten", lambda: stats(alone.member)["connections"] == 0)
    assert alone.memory() - before < 8 << 20


def test_one_that_drops_in_mid_send_harms_no_other_RT_20(alone: Bench, watch: Watch) -> None:
    steady = watch(alone).joined()
    begin = steady.sync["payload"]["seq"]
    dropping = [watch(alone).joined() for _ in range(10)]
    job = start(alone.member, sim(frames=400, interval_ms=2, pad=2000))
    for number, watcher in enumerate(dropping):
        watcher.wait("some frames", beyond(begin + 20 * number))
        watcher.cut()
    end = steady.end_of(job)["seq"]
    assert [message["seq"] for message in steady.published()] == list(range(begin + 1, end + 1))
    until("they are forgotten", lambda: stats(alone.member)["connections"] == 1)


def test_a_thousand_messages_a_second_reach_five_RT_25(alone: Bench, watch: Watch) -> None:
    watchers: list[Watcher] = [watch(alone).joined() for _ in range(5)]
    begin = watchers[0].sync["payload"]["seq"]
    job: Any = start(alone.member, sim(frames=5000, interval_ms=1, pad=100))
    for watcher in watchers:
        watcher.end_of(job, 90)
    end = watchers[0].end_of(job)["seq"]
    for watcher in watchers:
        assert [message["seq"] for message in watcher.published()] == list(range(begin + 1, end + 1))
    assert stats(alone.member)["queue"]["max"] <= 1000
