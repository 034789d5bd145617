"""What `hil` itself speaks to a server: whole runs put under their ids, contents under their digests."""

import copy
import hashlib
import json
import uuid
from typing import Any

import pytest
from program import Key, Server
from samples import unused
from test_hostile import ODD, TEXTS, bearable, changed, places, v1_body
from wire import Answer, Api, raw, statuses

RUNS = "/api/hil/v1/runs"
CONTENTS = "/api/hil/v1/contents"


def document(api: Api, procedure: str, serial: str) -> dict[str, Any]:
    """The document of a run with every field that V1 knows, under an id that nobody has."""
    made = api.post("/api/v1/runs", v1_body(procedure, serial))
    assert made.status == 200, made.text
    whole: dict[str, Any] = api.get(f"{RUNS}/{made.json['id']}").json
    return renamed(whole)


def renamed(whole: dict[str, Any]) -> dict[str, Any]:
    text = json.dumps(whole).replace(run_of(whole), str(uuid.uuid4()))
    copied: dict[str, Any] = json.loads(text)
    return copied


def run_of(whole: Any) -> str:
    return str(whole["id"] if "id" in whole else whole["run"]["id"])


def put(api: Api, whole: Any, run: str | None = None) -> Answer:
    return api.send("PUT", f"{RUNS}/{run or run_of(whole)}", whole)


def test_a_document_comes_back_as_it_was(api: Api, procedure: str, serial: str) -> None:
    whole = document(api, procedure, serial)
    assert put(api, whole).status == 200
    assert api.get(f"{RUNS}/{run_of(whole)}").json == whole


def test_sending_a_run_twice_stores_it_once(api: Api, procedure: str, serial: str) -> None:
    whole = document(api, procedure, serial)
    first, second = put(api, whole), put(api, whole)
    assert (first.status, second.status) == (200, 200)
    assert first.json == second.json == {"id": run_of(whole)}
    listed = api.get(RUNS, {"serial_number": serial})
    assert listed.status == 200, listed.text
    assert listed.text.count(run_of(whole)) == 1


def test_another_run_under_the_same_id_is_a_conflict(api: Api, procedure: str, serial: str) -> None:
    whole = document(api, procedure, serial)
    other = copy.deepcopy(document(api, procedure, unused("SN")))
    other = json.loads(json.dumps(other).replace(run_of(other), run_of(whole)))
    assert put(api, whole).status == 200
    assert put(api, other).status == 409
    assert api.get(f"{RUNS}/{run_of(whole)}").json == whole


def test_the_id_is_that_of_the_document(api: Api, procedure: str, serial: str) -> None:
    assert put(api, document(api, procedure, serial), str(uuid.uuid4())).status == 400


def test_every_field_of_a_document_may_hold_anything(
    server: Server, user: Api, keys: dict[str, Key], procedure: str, serial: str
) -> None:
    whole = document(user, procedure, serial)
    texts = [text for name, text in TEXTS.items() if name != "long"]
    for place in list(places(whole)):
        for value in [*texts, *ODD]:
            sent = changed(renamed(whole), place, value)
            answer = user.send(
                "PUT", f"{RUNS}/{uuid.uuid4()}" if place[-1] == "id" else f"{RUNS}/{run_of(sent)}", sent
            )
            bearable(answer, keys)
            if answer.status == 200:
                read = user.get(f"{RUNS}/{answer.json['id']}")
                assert read.status == 200 and read.json, read.text
                assert user.get(f"/api/v2/runs/{answer.json['id']}").status == 200, (place, value)
    assert server.health().status == 200
    assert "panicked" not in server.log()


@pytest.mark.parametrize("content", [b"", b"x", bytes(range(256)) * 4000])
def test_a_content_is_kept_under_its_digest(api: Api, content: bytes) -> None:
    digest = hashlib.sha256(content).hexdigest()
    for _ in range(2):
        assert api.call("PUT", f"{CONTENTS}/{digest}", content).status == 200
    assert api.call("HEAD", f"{CONTENTS}/{digest}").status == 200
    assert api.get(f"{CONTENTS}/{digest}").body == content


@pytest.mark.parametrize(
    "digest", ["0" * 64, "0" * 63, "z" * 64, "..%2f..%2fetc%2fpasswd", "A" * 10_000, "%00"]
)
def test_another_content_is_refused(api: Api, digest: str) -> None:
    assert 400 <= api.call("PUT", f"{CONTENTS}/{digest}", unused("content").encode()).status < 500
    assert 400 <= api.get(f"{CONTENTS}/{digest}").status < 500


def test_half_a_content_is_none(server: Server, keys: dict[str, Key]) -> None:
    key = keys["station"].text
    content = unused("content").encode() * 1000
    digest = hashlib.sha256(content).hexdigest()
    head = f"PUT {CONTENTS}/{digest} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {key}\r\n"
    sent = (
        f"{head}Transfer-Encoding: chunked\r\n\r\n{len(content):x}\r\n".encode() + content + b"\r\nbroken\r\n"
    )
    assert all(400 <= status < 500 for status in statuses(raw(server.address, sent, 5)))
    api = server.api(key)
    assert api.call("HEAD", f"{CONTENTS}/{digest}").status == 404
    assert api.call("PUT", f"{CONTENTS}/{digest}", content).status == 200


@pytest.mark.parametrize(
    "what", ["first-pass", "capability", "trend", "unit-trend", "flaky", "slowest", "drift"]
)
def test_statistics_of_hostile_questions(api: Api, keys: dict[str, Key], what: str) -> None:
    path = f"/api/hil/v1/statistics/{what}"
    for text in [text[:2000] for name, text in TEXTS.items() if name != "surrogate"]:
        for name in [
            "procedure",
            "serial_number",
            "measurement",
            "limit",
            "cursor",
            "periods",
            "search",
            "no_such",
        ]:
            answer = api.get(path, {name: text})
            if answer.status >= 400:
                bearable(answer, keys)
