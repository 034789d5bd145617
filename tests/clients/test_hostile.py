"""Input of somebody who means harm, or whose station is broken.

Whatever arrives, the answer is below 500, what was stored can be read again, the server's memory stays bounded, it goes
on answering, and no key appears in its log or its answers.
"""

import copy
import gzip
import json
import socket
import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest
from program import Key, Server
from samples import NOON, unused, v1_phase, v1_run, v2_run
from wire import Api, Answer, raw, statuses

MEMORY = 768 * 1024 * 1024

TEXTS = {
    "nul": "a\0b",
    "up": "../../../../etc/passwd",
    "html": "<script>alert(1)</script>",
    "sql": "'; DROP TABLE runs; --",
    "template": "{{7*7}}${7*7}%s%n",
    "surrogate": "\ud800",
    "right to left": "\u202etxt.exe\u200b",
    "crlf": "a\r\nSet-Cookie: x=1",
    "zalgo": "e" + "\u0301" * 2000,
    "long": "x" * 100_000,
}
ODD: list[Any] = [
    None,
    True,
    0,
    -1,
    1.5,
    "",
    [],
    {},
    [None],
    {"a": None},
    "NaN",
    2**63,
    -(2**63),
    2**64,
    1e308,
    10**30,
]


def v1_body(procedure: str, serial: str) -> dict[str, Any]:
    """A run with every field that V1 knows."""
    measurement = {
        "name": "m",
        "outcome": "PASS",
        "measured_value": 1.5,
        "units": "V",
        "lower_limit": 1,
        "upper_limit": 2,
        "validators": ["x > 1"],
        "docstring": "d",
    }
    log = {
        "level": "INFO",
        "timestamp": "2025-06-15T10:30:00Z",
        "message": "m",
        "source_file": "a.py",
        "line_number": 1,
    }
    step = {
        "name": "s",
        "started_at": "2025-06-15T10:30:00Z",
        "duration": "PT1S",
        "step_passed": True,
        "measurement_unit": "V",
        "measurement_value": 1,
        "limit_low": 0,
        "limit_high": 2,
    }
    whole = v1_run(
        procedure,
        serial,
        procedure_version="1",
        started_at="2025-06-15T10:30:00Z",
        duration="PT1S",
        phases=[v1_phase("p", measurement, docstring="d")],
        logs=[log],
        sub_units=[],
        steps=[step],
    )
    whole["unit_under_test"] |= {"part_name": "n", "revision": "A", "batch_number": "B"}
    return whole


def v2_body(procedure: str, serial: str) -> dict[str, Any]:
    """A run with every field that V2 knows."""
    check = {
        "outcome": "PASS",
        "operator": "<=",
        "expected_value": 1,
        "expression": "x <= 1",
        "is_decisive": True,
    }
    total = {"type": "avg", "outcome": "PASS", "value": 1, "unit": "V", "validators": [check]}
    axis = {"data": [1, 2], "units": "s", "description": "t", "validators": [check], "aggregations": [total]}
    times = {"started_at": "2025-06-15T10:30:00Z", "ended_at": "2025-06-15T10:30:01Z"}
    series = {"name": "series", "outcome": "PASS", "x_axis": axis, "y_axis": [copy.deepcopy(axis)]}
    scalar = {
        "name": "m",
        "outcome": "PASS",
        "measured_value": 1,
        "units": "V",
        "lower_limit": 0,
        "upper_limit": 2,
        "docstring": "d",
        "validators": [check],
        "aggregations": [total],
    }
    log = {
        "level": "INFO",
        "timestamp": "2025-06-15T10:30:00Z",
        "message": "m",
        "source_file": "a",
        "line_number": 1,
    }
    phase = {
        "name": "p",
        "outcome": "PASS",
        "retry_count": 0,
        "docstring": "d",
        "measurements": [series, scalar],
    }
    return v2_run(
        procedure,
        serial,
        procedure_version="1",
        operated_by=None,
        revision_number="A",
        batch_number="B",
        sub_units=[],
        docstring="d",
        phases=[phase | times],
        logs=[log],
    )


BODIES = {"/api/v1/runs": v1_body, "/api/v2/runs": v2_body}


def places(value: Any, above: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The path of every field of a body."""
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in items:
        yield (*above, key)
        yield from places(inner, (*above, key))


def changed(body: Any, place: tuple[Any, ...], value: Any) -> Any:
    body = copy.deepcopy(body)
    inner = body
    for key in place[:-1]:
        inner = inner[key]
    inner[place[-1]] = value
    return body


PLACES = [(path, place) for path, body in BODIES.items() for place in places(body("", ""))]


@pytest.fixture(autouse=True)
def unharmed(server: Server, keys: dict[str, Key]) -> Iterator[None]:
    """After each test the server is there, small, and has told nobody's key."""
    yield
    assert server.health().status == 200
    assert server.memory("VmHWM") < MEMORY, f"{server.memory('VmHWM') >> 20} MiB at its peak"
    log = server.log()
    assert not [key for key in keys.values() if key.text in log]
    assert "panicked" not in log


def bearable(answer: Answer, keys: dict[str, Key]) -> None:
    assert answer.status < 500, answer.text[:2000]
    assert not [key for key in keys.values() if key.text in answer.text]
    # What is too long for a request line or a head is refused before anybody could write a body.
    if answer.status >= 400 and answer.status not in (414, 431):
        assert answer.headers["content-type"] == "application/json", answer.text[:200]
        assert len(answer.body) < 10_000, "an error does not give back what was sent"


def readable(user: Api, run: str) -> None:
    """What was taken can be read again, by either API, as JSON that has no `NaN` in it."""
    answer = user.get(f"/api/v2/runs/{run}")
    assert answer.status == 200, answer.text[:2000]
    serial = answer.json["unit"]["serial_number"]
    listed = user.get("/api/v1/runs", {"serial_number": serial})
    assert listed.status == 200, listed.text[:2000]
    assert run in [each["id"] for each in listed.json["result"]]


@pytest.mark.parametrize(("path", "place"), PLACES, ids=lambda each: str(each).replace("/", "_"))
def test_every_field_may_hold_anything(
    user: Api, keys: dict[str, Key], procedure: str, path: str, place: tuple[Any, ...]
) -> None:
    body = BODIES[path](procedure, unused("SN"))
    for value in [*TEXTS.values(), *ODD]:
        answer = user.post(path, changed(body, place, value))
        bearable(answer, keys)
        if answer.status == 200:
            readable(user, answer.json["id"])


WRONG: dict[str, list[tuple[tuple[Any, ...], Any]]] = {
    "/api/v1/runs": [
        (("unit_under_test",), []),
        (("unit_under_test", "serial_number"), 5),
        (("unit_under_test", "part_number"), {}),
        (("run_passed",), "yes"),
        (("started_at",), 12),
        (("duration",), "an hour"),
        (("phases",), {}),
        (("phases", 0), 1),
        (("phases", 0, "name"), None),
        (("phases", 0, "outcome"), "GOOD"),
        (("phases", 0, "start_time_millis"), "now"),
        (("phases", 0, "end_time_millis"), "then"),
        (("phases", 0, "measurements"), "x"),
        (("phases", 0, "measurements", 0, "name"), 1),
        (("phases", 0, "measurements", 0, "outcome"), 1),
        (("phases", 0, "measurements", 0, "lower_limit"), "low"),
        (("logs",), "x"),
        (("logs", 0, "level"), "LOUD"),
        (("logs", 0, "timestamp"), "then"),
        (("sub_units",), [{"serial_number": 1}]),
    ],
    "/api/v2/runs": [
        (("outcome",), 1),
        (("procedure_id",), 1),
        (("started_at",), None),
        (("serial_number",), ["x"]),
        (("phases", 0, "started_at"), 5),
        (("phases", 0, "measurements", 0, "x_axis", "data"), ["x"]),
        (("phases", 0, "measurements", 1, "lower_limit"), "x"),
        (("logs", 0, "line_number"), "x"),
    ],
}


@pytest.mark.parametrize(
    ("path", "place", "value"), [(path, *each) for path, wrong in WRONG.items() for each in wrong]
)
def test_a_wrong_type_is_a_bad_request_that_names_the_field(
    user: Api, procedure: str, serial: str, path: str, place: tuple[Any, ...], value: Any
) -> None:
    answer = user.post(path, changed(BODIES[path](procedure, serial), place, value))
    assert answer.status == 400, answer.text
    field = [key for key in place if isinstance(key, str)][-1]
    assert field in answer.json["error"]["message"]
    assert user.get("/api/v1/runs", {"serial_number": serial}).json["result"] == []


@pytest.mark.parametrize(
    "number", ["1e999", "-1e999", "1" + "0" * 400, "1e-999", "0." + "1" * 5000, "-0", "1E400"]
)
@pytest.mark.parametrize("field", ["measured_value", "lower_limit", "start_time_millis", "duration"])
def test_huge_numbers(
    user: Api, keys: dict[str, Key], procedure: str, serial: str, number: str, field: str
) -> None:
    text = json.dumps(v1_body(procedure, serial))
    for old in [
        '"measured_value": 1.5',
        '"lower_limit": 1',
        f'"start_time_millis": {NOON}',
        '"duration": "PT1S"',
    ]:
        if old.startswith(f'"{field}"'):
            text = text.replace(old, f'"{field}": {number}', 1)
    assert number in text
    answer = user.post("/api/v1/runs", text.encode())
    bearable(answer, keys)
    if answer.status == 200:
        readable(user, answer.json["id"])


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b" ",
        b"{",
        b"\xff\xfe{}",
        b"\xef\xbb\xbf{}",
        b'{"a": 1}garbage',
        b"NaN",
        b'"text"',
        b"5",
        b'{"run_passed": true, "run_passed": false}',
        b"[" * 1_000_000,
        b'{"a":' * 1_000_000,
        b'{"unit_under_test": ' + b"[" * 10_000 + b"]" * 10_000 + b"}",
        b'{"a": "\\ud800"}',
        b"\0" * 1000,
    ],
    ids=range(15),
)
def test_what_is_no_run(user: Api, keys: dict[str, Key], body: bytes) -> None:
    for path in [*BODIES, "/api/v1/import", "/api/v1/uploads/initialize", "/api/v2/parts"]:
        answer = user.post(path, body)
        assert answer.status in (400, 413, 422), answer.text
        bearable(answer, keys)


@pytest.mark.parametrize("depth", [50, 120, 1000, 100_000])
def test_a_deep_value(user: Api, keys: dict[str, Key], procedure: str, serial: str, depth: int) -> None:
    text = json.dumps(v1_body(procedure, serial)).replace(
        '"measured_value": 1.5', '"measured_value": ' + '{"a":' * depth + "1" + "}" * depth
    )
    answer = user.post("/api/v1/runs", text.encode())
    bearable(answer, keys)
    assert answer.status == 200 or depth > 100, answer.text
    if answer.status == 200:
        readable(user, answer.json["id"])


@pytest.mark.parametrize(
    "place", [("unit_under_test", "serial_number"), ("phases", 0, "name"), ("logs", 0, "message")]
)
def test_ten_megabytes_of_text(
    user: Api, keys: dict[str, Key], procedure: str, serial: str, place: tuple[Any, ...]
) -> None:
    answer = user.post("/api/v1/runs", changed(v1_body(procedure, serial), place, "x" * 10_000_000))
    bearable(answer, keys)
    assert answer.status == 400 or place[0] == "logs", "a serial number has at most 60 characters"


@pytest.mark.parametrize("count", [100_000, 1_000_000])
def test_a_million_phases(user: Api, keys: dict[str, Key], procedure: str, serial: str, count: int) -> None:
    phase = json.dumps(v1_phase("p"))
    body = json.dumps(v1_run(procedure, serial, phases=["@"])).replace('"@"', ",".join([phase] * count))
    try:
        answer = user.post("/api/v1/runs", body.encode())
    except (BrokenPipeError, ConnectionResetError):
        assert count == 1_000_000, "the server stopped reading what it takes"
        return
    bearable(answer, keys)
    assert answer.status in ((200, 413) if count == 100_000 else (413,))


def test_a_large_body_is_not_read_for_nobody(server: Server) -> None:
    head = b"POST /api/v1/runs HTTP/1.1\r\nHost: x\r\nContent-Length: 10000000000\r\n\r\n"
    began = time.monotonic()
    assert statuses(raw(server.address, head, 5))[:1] == [401]
    assert time.monotonic() - began < 6


def test_a_body_that_says_it_is_larger_than_allowed(server: Server, keys: dict[str, Key]) -> None:
    key = keys["user"].text
    for length in ["10000000000", "99999999999999999999999", "-1", "0x10", "1,1", "+5", ""]:
        head = f"POST /api/v1/runs HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {key}\r\nContent-Length: {length}\r\n\r\n"
        found = statuses(raw(server.address, head.encode(), 5))
        assert found and found[0] in (400, 413), (length, found)


def test_many_large_bodies_at_once(server: Server, keys: dict[str, Key], procedure: str) -> None:
    log = {
        "level": "INFO",
        "timestamp": "2025-06-15T10:30:00Z",
        "message": "x" * 1000,
        "source_file": "",
        "line_number": 1,
    }
    body = json.dumps(v1_run(procedure, unused("SN"), logs=[log] * 20_000)).encode()
    seen: list[int] = []

    def post() -> None:
        seen.append(server.api(keys["user"].text).post("/api/v1/runs", body).status)

    threads = [threading.Thread(target=post) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert set(seen) <= {200, 429, 503} and 200 in seen


def put(url: str, headers: str, body: bytes) -> bytes:
    host, path = url.split("/", 3)[2], url.split("/", 3)[3]
    return f"PUT /{path} HTTP/1.1\r\nHost: {host}\r\n{headers}\r\n".encode() + body


@pytest.mark.parametrize(
    ("headers", "body"),
    [
        ("Content-Length: 100\r\n", b"short"),
        ("Transfer-Encoding: chunked\r\n", b"5\r\nhello\r\n"),
        ("Transfer-Encoding: chunked\r\n", b"zz\r\nhello\r\n0\r\n\r\n"),
        ("Transfer-Encoding: chunked\r\n", b"ffffffffffffffffff\r\nhello"),
        ("Transfer-Encoding: chunked\r\n", b"5\r\nhelloXX0\r\n\r\n"),
        ("Transfer-Encoding: chunked\r\n", b"-5\r\nhello\r\n0\r\n\r\n"),
        ("Transfer-Encoding: gzip\r\n", b"hello"),
    ],
)
def test_half_a_file_is_none(
    server: Server, user: Api, procedure: str, serial: str, headers: str, body: bytes
) -> None:
    answer = user.post("/api/v1/uploads/initialize", {"name": "a"}).json
    with socket.create_connection(server.address, timeout=10) as connection:
        connection.sendall(put(answer["uploadUrl"], headers, body))
        connection.shutdown(socket.SHUT_WR)
        received = b""
        try:
            while chunk := connection.recv(65536):
                received += chunk
        except ConnectionResetError:
            pass
    assert all(400 <= status < 500 for status in statuses(received)), received
    run = user.post("/api/v1/runs", v1_run(procedure, serial)).json["id"]
    link = user.post("/api/v1/uploads/sync", {"upload_id": answer["id"], "run_id": run})
    assert link.status < 500
    for attachment in user.get(f"/api/v2/runs/{run}").json["attachments"]:
        assert attachment["size"] in (None, 0)
        assert (
            attachment["download_url"] is None or user.follow("GET", attachment["download_url"]).status == 404
        )
    assert user.follow("PUT", answer["uploadUrl"], b"whole").status == 200, "and may be sent again"


def test_bytes_beyond_the_content_length_are_no_part_of_it(server: Server, user: Api) -> None:
    answer = user.post("/api/v1/uploads/initialize", {"name": "a"}).json
    received = raw(
        server.address, put(answer["uploadUrl"], "Content-Length: 5\r\n", b"helloGARBAGE\r\n\r\n"), 5
    )
    assert statuses(received) in ([200, 400], [200]), received


def test_slow_clients_do_not_keep_others_waiting(server: Server, user: Api, keys: dict[str, Key]) -> None:
    key = keys["user"].text
    answer = user.post("/api/v1/uploads/initialize", {"name": "a"}).json
    starts = [
        b"GET /api",
        f"POST /api/v1/runs HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {key}\r\nContent-Length: 1000\r\n\r\n".encode(),
        put(answer["uploadUrl"], "Content-Length: 1000\r\n", b""),
    ]
    connections = [socket.create_connection(server.address) for _ in range(100)]
    for at, connection in enumerate(connections):
        connection.sendall(starts[at % len(starts)])
    for _ in range(3):
        for connection in connections:
            try:
                connection.send(b" ")
            except OSError:
                pass
        began = time.monotonic()
        assert user.get("/api/v1/runs", {"serial_number": "SN"}).status == 200
        assert time.monotonic() - began < 1
        time.sleep(1)
    for connection in connections:
        connection.close()


def test_a_request_that_never_ends_is_ended(server: Server) -> None:
    began = time.monotonic()
    received = raw(server.address, b"GET /api/v1/runs HTTP/1.1\r\nHost: x\r\nX-Slow: ", 90)
    assert time.monotonic() - began < 85, "the server waits for ever"
    assert all(400 <= status < 500 for status in statuses(received))


def flood(count: int, size: int) -> bytes:
    lines = b"".join(b"X-%d: %s\r\n" % (at, b"y" * size) for at in range(count))
    return b"GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n" + lines + b"\r\n"


@pytest.mark.parametrize(("count", "size"), [(10_000, 10), (1, 1_000_000), (500, 10_000)])
def test_a_flood_of_headers(server: Server, count: int, size: int) -> None:
    found = statuses(raw(server.address, flood(count, size), 10))
    assert all(status in (400, 414, 431) for status in found), found


PREFIX = "Host: x\r\nConnection: keep-alive\r\n"
SMUGGLED = b"GET /healthz?smuggled HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"


@pytest.mark.parametrize(
    "headers",
    [
        "Content-Length: 0\r\nContent-Length: 70\r\n",
        "Content-Length: 70\r\nContent-Length: 0\r\n",
        "Content-Length: 0, 70\r\n",
        "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\nContent-Length: 5\r\n",
        "Transfer-Encoding: xchunked\r\nContent-Length: 5\r\n",
        "Transfer-Encoding: chunked, identity\r\n",
        "Transfer-Encoding : chunked\r\nContent-Length: 5\r\n",
        "Transfer-Encoding:\x0bchunked\r\nContent-Length: 5\r\n",
        "X: y\r\n Transfer-Encoding: chunked\r\nContent-Length: 5\r\n",
        "Content-Length: 5\r\nX\0: y\r\n",
    ],
)
def test_a_request_whose_length_is_unclear_is_refused(server: Server, headers: str) -> None:
    sent = f"POST /api/v1/runs HTTP/1.1\r\n{PREFIX}{headers}\r\n".encode() + b"0\r\n\r\n" + SMUGGLED
    found = statuses(raw(server.address, sent, 5))
    assert found and 400 <= found[0] < 500 and 200 not in found, found


def test_a_length_beside_chunks_ends_the_connection(server: Server) -> None:
    """RFC 9112, 6.3: chunks win, and nothing that follows is a request."""
    headers = f"{PREFIX}Content-Length: 5\r\nTransfer-Encoding: chunked\r\n"
    sent = f"POST /api/v1/runs HTTP/1.1\r\n{headers}\r\n".encode() + b"0\r\n\r\n" + SMUGGLED
    found = statuses(raw(server.address, sent, 5))
    assert len(found) == 1 and 400 <= found[0] < 500, found


@pytest.mark.parametrize(
    "line",
    [
        "GET /",
        "GET / HTTP/9.9",
        "GET  / HTTP/1.1",
        "\0\0\0",
        "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
        "PRI * HTTP/2.0",
        "CONNECT example.com:80 HTTP/1.1",
        "TRACE / HTTP/1.1",
        "GET http://example.com/api/v1/runs HTTP/1.1",
        "GET * HTTP/1.1",
        "GET /" + "a" * 100_000 + " HTTP/1.1",
        "A" * 10_000 + " / HTTP/1.1",
    ],
    ids=range(12),
)
def test_what_is_no_request(server: Server, line: str) -> None:
    sent = line.encode("latin-1") + b"\r\nHost: x\r\nConnection: close\r\n\r\n"
    found = statuses(raw(server.address, sent, 5))
    assert all(400 <= status < 500 for status in found), found


UPWARDS = [
    "../",
    "..%2f",
    "%2e%2e/",
    "%2e%2e%2f",
    "..\\",
    "..%5c",
    "%252e%252e%252f",
    "..%c0%af",
    "..;/",
    "./../",
    "//",
]
BELOW = [
    "/{up}etc/passwd",
    "/files/{up}etc/passwd",
    "/api/v1/{up}etc/passwd",
    "/api/v1/runs/{up}etc/passwd",
    "/api/v2/runs/{up}etc/passwd",
    "/api/v2/units/{up}etc/passwd",
    "/api/v2/units/{up}etc/passwd/children",
    "/api/v2/parts/{up}etc/passwd",
    "/api/v2/parts/x/revisions/{up}etc/passwd",
    "/api/v2/batches/{up}etc/passwd",
    "/api/v2/procedures/{up}etc/passwd",
    "/api/v2/procedures/x/versions/{up}etc/passwd",
    "/api/v2/stations/{up}etc/passwd",
    "/api/v2/attachments/{up}etc/passwd/finalize",
    "/api/hil/v1/runs/{up}etc/passwd",
    "/api/hil/v1/contents/{up}etc/passwd",
]


@pytest.mark.parametrize("route", BELOW)
@pytest.mark.parametrize("up", UPWARDS)
def test_no_path_leads_out(server: Server, keys: dict[str, Key], route: str, up: str) -> None:
    for method in ["GET", "PUT", "DELETE", "POST", "PATCH"]:
        for key in [keys["user"].text, None]:
            body = None if method in ("GET", "DELETE") else b"{}"
            answer = server.api(key).call(method, route.format(up=up * 8), body)
            assert 400 <= answer.status < 500, (method, answer.status, answer.text)
            assert "root:" not in answer.text


@pytest.mark.parametrize("host", ["", "a b", "x/../y", '"><script>', "x\tx", "a@b", "[::1", "é"])
def test_a_host_that_is_none_is_in_no_link(server: Server, keys: dict[str, Key], host: str) -> None:
    key = keys["user"].text
    head = f"POST /api/v1/uploads/initialize HTTP/1.1\r\nHost: {host}\r\nAuthorization: Bearer {key}\r\n"
    sent = f"{head}Content-Length: 13\r\nConnection: close\r\n\r\n".encode() + b'{"name": "a"}'
    received = raw(server.address, sent, 5)
    assert all(status == 200 or 400 <= status < 500 for status in statuses(received)), received
    if host:
        assert host.encode() not in received.split(b"\r\n\r\n", 1)[-1]


@pytest.mark.parametrize(
    "name", ["X-Forwarded-Host", "X-Forwarded-Proto", "Forwarded", "X-Original-URL", "X-Host"]
)
def test_a_header_of_a_proxy_that_is_not_there_means_nothing(
    server: Server, keys: dict[str, Key], name: str
) -> None:
    value = {"X-Forwarded-Proto": "https", "Forwarded": "host=evil.example"}.get(name, "evil.example")
    api = server.api(keys["user"].text)
    answer = api.call("POST", "/api/v1/uploads/initialize", b'{"name": "a"}', {name: value})
    assert answer.status == 200, answer.text
    assert answer.json["uploadUrl"].startswith(f"{server.url}/"), answer.text


def test_a_compressed_body_is_not_unpacked(server: Server, keys: dict[str, Key]) -> None:
    bomb = gzip.compress(b'{"name": "' + b"a" * 50_000_000 + b'"}')
    api = server.api(keys["user"].text)
    answer = api.call("POST", "/api/v1/uploads/initialize", bomb, {"Content-Encoding": "gzip"})
    assert answer.status in (400, 415), answer.text


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS.keys())
def test_questions_may_hold_anything(user: Api, keys: dict[str, Key], text: str) -> None:
    whole = text.encode("utf-8", "surrogatepass").decode("latin-1")[:5000]
    queries: list[tuple[str, dict[str, Any]]] = [
        ("/api/v1/runs", {"serial_number": whole}),
        ("/api/v2/runs", {"search_query": whole}),
        ("/api/v2/runs", {"serial_numbers": [whole] * 50}),
        ("/api/v2/runs", {"cursor": whole}),
        ("/api/v2/runs", {"limit": "99999999999999999999"}),
        ("/api/v2/units", {"part_numbers": whole}),
        ("/api/v2/parts", {"search_query": whole}),
        ("/api/v2/batches", {"numbers": whole}),
        ("/api/v2/procedures", {"search_query": whole}),
        ("/files/00000000-0000-4000-8000-000000000000", {"expires": whole, "token": whole}),
    ]
    for path, query in queries:
        bearable(user.get(path, query), keys)


def test_a_thousand_requests_at_once_on_one_connection(server: Server, keys: dict[str, Key]) -> None:
    one = f"GET /api/v1/runs?serial_number=SN HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {keys['user'].text}\r\n"
    with socket.create_connection(server.address, timeout=30) as connection:
        sender = threading.Thread(target=connection.sendall, args=((one + "\r\n").encode() * 1000,))
        sender.start()
        received = b""
        while received.count(b"HTTP/1.1 200") < 1000:
            chunk = connection.recv(1 << 20)
            assert chunk, f"{len(statuses(received))} answers"
            received += chunk
        sender.join()


def test_idle_connections_do_not_shut_others_out(server: Server) -> None:
    idle = [socket.create_connection(server.address) for _ in range(400)]
    began = time.monotonic()
    assert server.health().status == 200
    assert time.monotonic() - began < 2
    for connection in idle:
        connection.close()


def test_what_a_browser_is_told(server: Server, user: Api) -> None:
    answer = user.get("/api/v1/runs", {"serial_number": "SN"})
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["cache-control"] == "no-store"
    assert "access-control-allow-origin" not in answer.headers
    assert "server" not in answer.headers


def test_a_station_cannot_take_what_is_another_ones_to_give(
    server: Server, user: Api, procedure: str
) -> None:
    stations = [server.api(server.key("--station", unused("Bench")).text) for _ in range(2)]
    run = stations[0].post("/api/v1/runs", v1_run(procedure, unused("SN"))).json["id"]
    for method, path in [("DELETE", f"/api/v1/runs/{run}"), ("DELETE", f"/api/v2/runs?ids={run}")]:
        assert stations[1].call(method, path).status == 403
    assert user.get(f"/api/v2/runs/{run}").status == 200


def test_a_station_cannot_change_what_another_one_made(server: Server, user: Api, procedure: str) -> None:
    first, second = (server.api(server.key("--station", unused("Bench")).text) for _ in range(2))
    serial = unused("SN")
    run = first.post("/api/v1/runs", v1_run(procedure, serial)).json["id"]
    file = first.post(f"/api/v2/runs/{run}/attachments", {"name": "a"}).json["id"]
    photo = first.post(f"/api/v2/units/{serial}/attachments", {"name": "b"}).json["id"]
    mine = second.post("/api/v2/attachments", {"name": "c"}).json["id"]
    for answer in [
        second.call("DELETE", f"/api/v2/attachments?ids={file}"),
        second.call("DELETE", f"/api/v2/units/{serial}/attachments?ids={photo}"),
        second.send("PATCH", f"/api/v2/runs/{run}", {"attachments": [mine]}),
        second.post("/api/v1/uploads/sync", {"upload_id": mine, "run_id": run}),
        second.send("PATCH", f"/api/v2/units/{serial}", {"new_serial_number": unused("SN")}),
    ]:
        assert answer.status == 403 and "Stations cannot" in answer.text, answer.text
    assert [each["id"] for each in user.get(f"/api/v2/runs/{run}").json["attachments"]] == [file]
    assert [each["id"] for each in user.get(f"/api/v2/units/{serial}").json["attachments"]] == [photo]
