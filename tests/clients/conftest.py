"""One server for each kind of store, two keys for it, and the real clients with one or the other.

Run through `python3 tests/clients/run.py`, which makes an environment for each release of the client; or, in such an
environment, `HIL_BINARY=target/debug/hil pytest tests/clients`.
"""

import logging
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

os.environ |= {"DISABLE_TELEMETRY": "true", "NO_PROXY": "*", "no_proxy": "*"}
sys.path.insert(0, str(Path(__file__).parent))

import stores  # noqa: E402
from program import Key, Server  # noqa: E402
from samples import EMAIL, RELEASE, STATION, unused  # noqa: E402
from wire import Api  # noqa: E402

if not RELEASE:
    # What needs no client, hostile input and crashes, runs without one.
    collect_ignore_glob = ["test_v1_*", "test_v2_*", "test_openhtf*", "test_auth*", "test_answers*"]


@pytest.fixture(scope="session", params=stores.KINDS)
def store_kind(request: pytest.FixtureRequest) -> str:
    kind = str(request.param)
    if reason := stores.unavailable(kind):
        assert "CI" not in os.environ, f"CI is set, and {reason}"
        pytest.skip(reason)
    return kind


@pytest.fixture(scope="session")
def start(store_kind: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[..., Server]]:
    """Starts servers on empty stores, which go with the session."""
    servers: list[Server] = []
    with ExitStack() as stack:

        def started(*options: str) -> Server:
            folder = tmp_path_factory.mktemp("server")
            server = Server(stack.enter_context(stores.empty(store_kind, folder)), folder, *options)
            servers.append(server)
            return server.start()

        yield started
        ends = [server.stop() for server in servers if server.alive()]
        assert set(ends) <= {0}, "a server did not end well"


@pytest.fixture(scope="session")
def server(start: Callable[..., Server]) -> Server:
    return start()


@pytest.fixture(scope="session")
def keys(server: Server) -> dict[str, Key]:
    """A key of each kind."""
    return {"user": server.key("--user", EMAIL), "station": server.key("--station", STATION)}


@pytest.fixture(params=["user", "station"])
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def key(kind: str, keys: dict[str, Key]) -> str:
    return keys[kind].text


@pytest.fixture
def api(server: Server, key: str) -> Api:
    return server.api(key)


@pytest.fixture
def user(server: Server, keys: dict[str, Key]) -> Api:
    """The server, asked with the user's key."""
    return server.api(keys["user"].text)


@pytest.fixture
def station(server: Server, keys: dict[str, Key]) -> Api:
    """The server, asked with the station's key."""
    return server.api(keys["station"].text)


@pytest.fixture
def station_id(station: Api) -> str:
    return str(station.get("/api/v2/stations/current").json["id"])


@pytest.fixture
def v1(server: Server, key: str) -> Any:
    from tofupilot import TofuPilotClient

    return TofuPilotClient(api_key=key, url=server.url)


@pytest.fixture
def v2(server: Server, key: str) -> Iterator[Any]:
    from tofupilot.v2 import TofuPilot

    with TofuPilot(api_key=key, server_url=f"{server.url}/api") as client:
        yield client


@pytest.fixture
def admin(server: Server, keys: dict[str, Key]) -> Iterator[Any]:
    """The V2 client with the user's key."""
    from tofupilot.v2 import TofuPilot

    with TofuPilot(api_key=keys["user"].text, server_url=f"{server.url}/api") as client:
        yield client


@pytest.fixture
def procedure(user: Api) -> str:
    """The id of a procedure of the test's own."""
    answer = user.post("/api/v2/procedures", {"name": unused("Procedure")})
    assert answer.status == 200, answer.text
    return str(answer.json["id"])


@pytest.fixture
def serial() -> str:
    """A serial number that nobody has used."""
    return unused("SN")


@pytest.fixture
def records() -> Iterator[list[logging.LogRecord]]:
    """What the client logs, also while it keeps its handlers from seeing it."""
    seen: list[logging.LogRecord] = []

    def collect(record: logging.LogRecord) -> bool:
        seen.append(record)
        return True

    logger = logging.getLogger("tofupilot")
    logger.addFilter(collect)
    yield seen
    logger.removeFilter(collect)
