"""Who may do what, and from where (reference, 2; RT-26)."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from conftest import Bench
from jobs import cancel, emit, running, sim, start, stats
from messages import warning
from watch import Watcher
from websockets.exceptions import InvalidStatus
from wire import Answer, Api

Watch = Callable[..., Watcher]

ROLES = [None, "invalid", "reader", "station", "member"]
# Role by act: what a member may, and who may not.
WATCH = {None: 401, "invalid": 401, "reader": 200, "station": 200, "member": 200}
EMIT = {None: 401, "invalid": 401, "reader": 403, "station": 202, "member": 202}
START = {None: 401, "invalid": 401, "reader": 403, "station": 403, "member": 202}


def _as(bench: Bench, role: str | None) -> Api:
    if role is None:
        return bench.api(None)
    return bench.api("invalid-key-000") if role == "invalid" else bench.as_(role)


def _ids(table: dict[str | None, int]) -> list[Any]:
    return [pytest.param(role, status, id=f"RT-26-{role or 'none'}-{status}") for role, status in table.items()]


def _assert_refusal(answer: Answer) -> None:
    if answer.status in (401, 403):
        body = answer.json
        assert body["error"]
        assert body["details"]["error_code"]
        assert "invalid-key-000" not in answer.text


@pytest.mark.parametrize(("role", "status"), _ids(WATCH))
@pytest.mark.parametrize("path", ["/v1/realtime/stats", "/v1/plugins", "/v1/plugins/sim", "/v1/jobs", "/v1/benches"])
def test_who_may_read(bench: Bench, role: str | None, status: int, path: str) -> None:
    answer = _as(bench, role).get(path)
    assert answer.status == status, answer.text
    _assert_refusal(answer)


@pytest.mark.parametrize(("role", "status"), _ids(WATCH))
def test_who_may_read_a_job(bench: Bench, role: str | None, status: int) -> None:
    job = start(bench.member, sim())
    for path in [f"/v1/jobs/{job}", f"/v1/jobs/{job}/extended"]:
        assert _as(bench, role).get(path).status == status


@pytest.mark.parametrize("role", ["reader", "station", "member"])
def test_any_key_watches(bench: Bench, watch: Watch, role: str) -> None:
    watch(bench, role).joined().number(emit(bench.station, warning("x")))


@pytest.mark.parametrize("key", [None, "invalid-key-000", ""])
def test_without_a_key_nobody_watches(bench: Bench, key: str | None) -> None:
    with pytest.raises(InvalidStatus) as refusal:
        Watcher(bench.url, key)
    assert refusal.value.response.status_code == 401
    assert json.loads(refusal.value.response.body or b"")["error"]


@pytest.mark.parametrize(("role", "status"), _ids(EMIT))
def test_who_may_emit(bench: Bench, role: str | None, status: int) -> None:
    before = stats(bench.member)["seq"]
    answer = _as(bench, role).post("/v1/realtime/emit", warning("x"))
    assert answer.status == status, answer.text
    _assert_refusal(answer)
    assert stats(bench.member)["seq"] == before + (1 if status == 202 else 0)


@pytest.mark.parametrize(("role", "status"), _ids(START))
def test_who_may_start(bench: Bench, role: str | None, status: int) -> None:
    before = len(bench.member.get("/v1/jobs", {"limit": 1000}).json["jobs"])
    answer = _as(bench, role).post("/v1/jobs", sim(frames=0))
    assert answer.status == status, answer.text
    _assert_refusal(answer)
    after = len(bench.member.get("/v1/jobs", {"limit": 1000}).json["jobs"])
    assert after == before + (1 if status == 202 else 0)


@pytest.mark.parametrize(("role", "status"), _ids(START))
def test_who_may_cancel(bench: Bench, role: str | None, status: int) -> None:
    job = start(bench.member, sim(sleep_ms=600_000))
    running(bench.member, job)
    answer = cancel(_as(bench, role), job)
    assert answer.status == status, answer.text
    _assert_refusal(answer)
    still = bench.member.get(f"/v1/jobs/{job}").json["status"] == "running"
    assert still or status == 202


@pytest.mark.parametrize(("role", "status"), _ids(START))
def test_a_refusal_does_not_depend_on_what_is_asked(bench: Bench, role: str | None, status: int) -> None:
    """Whoever may not learns nothing of what would have been wrong."""
    answer = _as(bench, role).post("/v1/jobs", {"suite": "nope"})
    assert answer.status == (422 if status == 202 else status), answer.text


def test_a_key_that_only_reads_may_do_nothing_else(bench: Bench) -> None:
    assert bench.as_("reader").post("/api/v2/procedures", {"name": "Not mine"}).status == 403


@pytest.mark.parametrize(
    "origin",
    ["http://evil.example", "https://127.0.0.1", "null", "http://127.0.0.1:1", "http://localhost.evil.example"],
    ids=lambda origin: f"RT-10-{origin}",
)
def test_a_foreign_origin_is_refused(bench: Bench, origin: str) -> None:
    with pytest.raises(InvalidStatus) as refusal:
        Watcher(bench.url, bench.keys["member"], headers={"Origin": origin})
    assert refusal.value.response.status_code == 403
    assert json.loads(refusal.value.response.body or b"")["error"]


def test_the_servers_own_origin_is_taken_RT_10(bench: Bench) -> None:
    watcher = Watcher(bench.url, bench.keys["reader"], headers={"Origin": bench.url}).joined()
    assert watcher.close()[0] == 1000


class Browser:
    """Logged in by a cookie, as the dashboard is."""

    def __init__(self, bench: Bench, role: str):
        self.bench = bench
        self.answer = bench.api(None).post("/v1/session", {"key": bench.keys[role]})
        assert self.answer.status == 204, self.answer.text
        self.set_cookie = {name.lower(): value for name, value in self.answer.headers.items()}["set-cookie"]
        self.cookie = self.set_cookie.split(";")[0]

    def call(self, method: str, path: str, value: Any = None, **headers: str) -> Answer:
        body = None if value is None else json.dumps(value).encode()
        sent = {"Cookie": self.cookie, "Content-Type": "application/json"} | headers
        return self.bench.api(None).call(method, path, body, sent)


def test_a_browser_logs_in_with_its_key(bench: Bench) -> None:
    browser = Browser(bench, "member")
    attributes = {part.strip().lower() for part in browser.set_cookie.split(";")[1:]}
    assert {"httponly", "samesite=strict", "path=/"} <= attributes
    assert "secure" not in attributes
    assert browser.cookie.startswith("hil_session=")
    assert bench.keys["member"] not in browser.set_cookie, "the key itself is no cookie"
    shown = browser.call("GET", "/v1/session")
    assert shown.status == 200, shown.text
    assert shown.json["who"]["kind"] == "user"
    assert shown.json["may"] == ["watch", "emit", "start"]
    assert browser.call("GET", "/v1/realtime/stats").status == 200


@pytest.mark.parametrize(
    ("role", "kind", "may"),
    [("reader", "user", ["watch"]), ("station", "station", ["watch", "emit"])],
)
def test_a_session_may_what_its_key_may(bench: Bench, role: str, kind: str, may: list[str]) -> None:
    browser = Browser(bench, role)
    shown = browser.call("GET", "/v1/session").json
    assert (shown["who"]["kind"], shown["may"]) == (kind, may)
    assert browser.call("POST", "/v1/jobs", sim()).status == 403


def test_a_wrong_key_does_not_log_in(bench: Bench) -> None:
    assert bench.api(None).post("/v1/session", {"key": "invalid-key-000"}).status == 401
    assert bench.api(None).get("/v1/session").status == 401
    answer = bench.api(None).call("GET", "/v1/session", None, {"Cookie": "hil_session=made-up"})
    assert answer.status == 401


def test_a_session_ends(bench: Bench) -> None:
    browser = Browser(bench, "member")
    assert browser.call("DELETE", "/v1/session").status == 204
    assert browser.call("GET", "/v1/session").status == 401
    assert browser.call("POST", "/v1/jobs", sim()).status == 401


def test_a_cookie_watches_from_the_servers_own_pages_only(bench: Bench) -> None:
    browser = Browser(bench, "reader")
    own = Watcher(bench.url, None, headers={"Cookie": browser.cookie, "Origin": bench.url}).joined()
    assert own.close()[0] == 1000
    with pytest.raises(InvalidStatus) as refusal:
        Watcher(bench.url, None, headers={"Cookie": browser.cookie, "Origin": "http://evil.example"})
    assert refusal.value.response.status_code == 403


def test_a_foreign_page_cannot_start_a_job_with_the_cookie(bench: Bench) -> None:
    browser = Browser(bench, "member")
    assert browser.call("POST", "/v1/jobs", sim(), Origin="http://evil.example").status == 403
    answer = browser.call("POST", "/v1/jobs", sim(), Origin=bench.url)
    assert answer.status == 202, answer.text


def test_a_proxy_of_a_lab_makes_the_cookie_secure(launch: Callable[..., Bench]) -> None:
    bench = launch("--public-url", "https://hil.lab")
    browser = Browser(bench, "member")
    assert "secure" in {part.strip().lower() for part in browser.set_cookie.split(";")[1:]}
    assert browser.call("POST", "/v1/jobs", sim(), Origin="https://hil.lab").status == 202


def test_loopback_needs_no_key_where_the_server_was_told_so(launch: Callable[..., Bench]) -> None:
    bench = launch("--insecure-local")
    nobody = bench.api(None)
    job = start(nobody, sim(sleep_ms=600_000))
    running(nobody, job)
    watcher = Watcher(bench.url, None)
    watcher.number(emit(nobody, warning("x")))
    assert cancel(nobody, job).status == 202
    watcher.end_of(job)
    watcher.close()
    assert nobody.get("/v1/session").json["who"]["kind"] == "local"
    assert nobody.get("/api/hil/v1/runs").status == 200
    # A page of another site in this machine's browser is still a stranger.
    with pytest.raises(InvalidStatus) as refusal:
        Watcher(bench.url, None, headers={"Origin": "http://evil.example"})
    assert refusal.value.response.status_code == 403
    answer = nobody.call(
        "POST", "/v1/jobs", json.dumps(sim()).encode(), {"Origin": "http://evil.example", "Content-Type": "text/plain"}
    )
    assert answer.status == 403
