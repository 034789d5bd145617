"""Servers to watch, keys for them, and clients that are checked again when a test ends.

Run through `python3 tests/realtime/run.py`.
"""

import os
import shutil
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pytest

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
PROGRAM = os.environ.get("HIL_BIN") or os.environ.get("HIL_BINARY") or str(ROOT / "target" / "debug" / "hil")
os.environ["HIL_BINARY"] = str(Path(PROGRAM).absolute())
# `hil serve` as a process, and requests over the wire, are those of the clients' tests.
sys.path[:0] = [str(HERE), str(ROOT / "tests" / "clients")]

import jobs  # noqa: E402
from program import Server  # noqa: E402
from rawsocket import RawSocket  # noqa: E402
from watch import Watcher, until  # noqa: E402
from wire import Api  # noqa: E402

ROLES = {
    "member": ["--user", "ada@example.com"],
    "reader": ["--user", "eve@example.com", "--read-only"],
    "station": ["--station", "Bench 1"],
}


class Bench(Server):
    """A server with a key of each kind, and the simulated bench's configuration in its folder."""

    keys: dict[str, str]
    environment: Mapping[str, str] = MappingProxyType({})

    def _environment(self) -> dict[str, str]:
        return super()._environment() | dict(self.environment)

    def prepare(self) -> "Bench":
        shutil.copytree(ROOT / "config", self.folder / "config")
        (self.folder / "vendor").mkdir()
        shutil.copy(ROOT / "vendor" / "alm.ldf", self.folder / "vendor")
        self.keys = {role: self.key(*options).text for role, options in ROLES.items()}
        return self

    def as_(self, role: str) -> Api:
        return self.api(self.keys[role])

    @property
    def member(self) -> Api:
        return self.as_("member")

    @property
    def station(self) -> Api:
        return self.as_("station")

    def again(self, *options: str) -> "Bench":
        """Starts it again on its store, on another port."""
        self.options = options or self.options
        self.start()
        return self


@contextmanager
def _servers(folders: pytest.TempPathFactory) -> Iterator[Callable[..., Bench]]:
    """Starts servers on empty stores, each in a folder of its own. They must end well."""
    servers: list[Bench] = []

    def launched(*options: str, environment: Mapping[str, str] | None = None) -> Bench:
        folder = folders.mktemp("bench")
        server = Bench(str(folder / "runs.sqlite"), folder, *options)
        server.environment = environment or {}
        server.prepare()
        servers.append(server)
        server.start()
        return server

    yield launched
    try:
        ends = {server.log_path: server.stop() for server in servers if server.alive()}
    finally:
        for server in servers:
            if server.alive():
                server.kill()
    assert set(ends.values()) <= {0}, f"a server did not end well: {ends}"


@pytest.fixture
def launch(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[..., Bench]]:
    """Servers of the test's own."""
    with _servers(tmp_path_factory) as launched:
        yield launched


@pytest.fixture(scope="module")
def launch_once(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[..., Bench]]:
    """Servers that the tests of a module share."""
    with _servers(tmp_path_factory) as launched:
        yield launched


@pytest.fixture(scope="session")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    """The server that all tests share which need no other."""
    with _servers(tmp_path_factory) as launched:
        yield launched()


@pytest.fixture
def bench(shared: Bench) -> Iterator[Bench]:
    """The server that most tests share, idle when a test has it and when it gives it back."""
    assert shared.alive(), f"the server is gone; its log:\n{shared.log()[-5000:]}"
    yield shared
    assert shared.alive(), f"the server died; its log:\n{shared.log()[-5000:]}"
    for status in ("running", "queued"):
        for job in shared.member.get("/v1/jobs", {"status": status}).json["jobs"]:
            jobs.cancel(shared.member, job["job_id"])
    until(
        "no job is left",
        lambda: (
            not any(shared.member.get("/v1/jobs", {"status": status}).json["jobs"] for status in ("running", "queued"))
        ),
    )


@pytest.fixture
def api(bench: Bench) -> Api:
    """The server, asked with a member's key."""
    return bench.member


@pytest.fixture
def watch() -> Iterator[Callable[..., Watcher]]:
    """Connects watchers. What one of them found wrong fails the test even if the test did not look."""
    watchers: list[Watcher] = []

    def watched(server: Server, role: str | None = "reader", **query: Any) -> Watcher:
        assert isinstance(server, Bench)
        watcher = Watcher(server.url, server.keys[role] if role else None, **query)
        watchers.append(watcher)
        return watcher

    yield watched
    for watcher in watchers:
        watcher.close()


@pytest.fixture
def raw() -> Iterator[Callable[..., RawSocket]]:
    """Connects sockets that do as they like."""
    sockets: list[RawSocket] = []

    def connected(server: Server, role: str | None = "reader", **query: Any) -> RawSocket:
        assert isinstance(server, Bench)
        opened = RawSocket(server.url, server.keys[role] if role else None, **query)
        sockets.append(opened)
        return opened

    yield connected
    for opened in sockets:
        opened.close()
