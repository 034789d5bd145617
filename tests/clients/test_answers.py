"""How every answer looks, and how times and durations are written (records reference, 1 and 3)."""

from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
from program import Server
from samples import RELEASE, unit, unused, v1_phase, v1_run, v2_run
from tofupilot import TofuPilotClient
from tofupilot.v2 import TofuPilot
from wire import Api

SOME_ID = "00000000-0000-4000-8000-000000000000"


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text.replace("Z", "+00:00"))


V1_FAILURES = [
    ("POST", "/api/v1/runs", {}, 400),
    ("POST", "/api/v1/runs", b"{", 400),
    ("POST", "/api/v1/runs", [], 400),
    ("POST", "/api/v1/uploads/initialize", {}, 400),
    ("POST", "/api/v1/uploads/sync", {"upload_id": SOME_ID, "run_id": SOME_ID}, 404),
    ("POST", "/api/v1/import", {"upload_id": SOME_ID, "importer": "OPENHTF"}, 404),
    ("GET", "/api/v1/nothing", None, 404),
    ("PUT", "/api/v1/runs", {}, 405),
]


@pytest.mark.parametrize(("method", "path", "body", "status"), V1_FAILURES)
def test_v1_errors_are_an_object_in_plain_json(
    user: Api, method: str, path: str, body: Any, status: int
) -> None:
    answer = user.get(path) if body is None else user.send(method, path, body)
    assert answer.status == status, answer.text
    assert answer.headers["content-type"] == "application/json", "with a charset the client drops the body"
    assert isinstance(answer.json["error"]["message"], str) and answer.json["error"]["message"]


V2_FAILURES = [
    ("POST", "/api/v2/runs", {}, 400, "BAD_REQUEST"),
    ("POST", "/api/v2/procedures", {}, 400, "BAD_REQUEST"),
    ("POST", "/api/v2/parts", {"number": ""}, 400, "BAD_REQUEST"),
    ("GET", f"/api/v2/runs/{SOME_ID}", None, 404, "NOT_FOUND"),
    ("GET", "/api/v2/units/nobody", None, 404, "NOT_FOUND"),
    ("GET", "/api/v2/nothing", None, 404, "NOT_FOUND"),
]


@pytest.mark.parametrize(("method", "path", "body", "status", "code"), V2_FAILURES)
def test_v2_errors_have_a_message_and_a_code(
    user: Api, method: str, path: str, body: Any, status: int, code: str
) -> None:
    answer = user.get(path) if body is None else user.send(method, path, body)
    assert answer.status == status, answer.text
    assert answer.headers["content-type"].startswith("application/json")
    assert (answer.json["code"], type(answer.json["message"])) == (code, str)
    for issue in answer.json.get("issues", []):
        assert issue["message"]


@pytest.mark.parametrize(
    ("path", "body", "missing"),
    [
        ("/api/v1/runs", {"unit_under_test": {"part_number": "PN"}, "run_passed": True}, "serial_number"),
        ("/api/v1/runs", {"unit_under_test": unit("SN"), "procedure_id": SOME_ID}, "run_passed"),
        ("/api/v1/runs", {"run_passed": True, "procedure_id": SOME_ID}, "unit_under_test"),
        ("/api/v1/uploads/initialize", {}, "name"),
        ("/api/v1/uploads/sync", {"upload_id": SOME_ID}, "run_id"),
        ("/api/v1/import", {"importer": "OPENHTF"}, "upload_id"),
        ("/api/v2/procedures", {}, "name"),
        ("/api/v2/runs", {}, "outcome"),
        (
            "/api/v2/runs",
            {"outcome": "PASS", "procedure_id": SOME_ID, "started_at": "2025-06-15T10:30:00Z"},
            "ended_at",
        ),
        ("/api/v2/units", {"serial_number": "SN", "part_number": "PN"}, "revision_number"),
        ("/api/v2/parts", {}, "number"),
        ("/api/v2/batches", {}, "number"),
        ("/api/v2/attachments", {}, "name"),
        ("/api/v2/stations", {}, "name"),
    ],
)
def test_a_missing_field_is_named(user: Api, path: str, body: Any, missing: str) -> None:
    answer = user.post(path, body)
    assert answer.status == 400, answer.text
    assert missing in answer.json["error"]["message"]
    assert missing in answer.json["issues"][0]["message"]


def test_unknown_fields_are_passed_over(api: Api, user: Api, procedure: str, serial: str) -> None:
    new = {"of_a_newer_client": {"deep": [1, 2]}}
    measurement = {"name": "m", "outcome": "PASS", "measured_value": 1} | new
    run = v1_run(procedure, serial, phases=[v1_phase("p", measurement, **new)], **new)
    assert api.post("/api/v1/runs", run).status == 200
    assert api.post("/api/v2/runs", v2_run(procedure, serial, **new)).status == 200
    assert user.post("/api/v2/procedures", {"name": "P"} | new).status == 200
    assert (
        api.post(
            "/api/v1/uploads/initialize", {"name": "a.txt", "mimeType": "text/plain", "sizeBytes": 5} | new
        ).status
        == 200
    )
    assert api.get("/api/v2/runs", {"limit": 1, "of_a_newer_client": "x"}).status == 200


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("2025-06-15T10:30:00Z", "2025-06-15T10:30:00+00:00"),
        ("2025-06-15T10:30:00.123456Z", "2025-06-15T10:30:00.123456+00:00"),
        ("2025-06-15T10:30:00.5Z", "2025-06-15T10:30:00.500+00:00"),
        ("2025-06-15T12:30:00+02:00", "2025-06-15T10:30:00+00:00"),
    ],
)
@pytest.mark.parametrize("version", ["v1", "v2"])
def test_times_keep_their_milliseconds(
    api: Api, procedure: str, serial: str, text: str, meant: str, version: str
) -> None:
    if version == "v1":
        answer = api.post("/api/v1/runs", v1_run(procedure, serial, started_at=text))
    else:
        answer = api.post("/api/v2/runs", v2_run(procedure, serial, started_at=text))
    assert answer.status == 200, answer.text
    run = api.get(f"/api/v2/runs/{answer.json['id']}").json
    assert abs(moment(run["started_at"]) - moment(meant)) <= timedelta(milliseconds=1)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("PT0S", 0),
        ("PT2M30S", 150),
        ("PT1H", 3600),
        ("P1DT2H", 26 * 3600),
        ("P2D", 2 * 86400),
        ("PT0.500000S", 0.5),
        ("PT1.000005S", 1.000005),
        ("P1DT2H3M4.5S", 86400 + 7384.5),
    ],
)
def test_durations_are_read_and_written(
    api: Api, procedure: str, serial: str, text: str, seconds: float
) -> None:
    body = v1_run(procedure, serial, started_at="2025-06-15T10:30:00Z", duration=text)
    run = api.get(f"/api/v2/runs/{api.post('/api/v1/runs', body).json['id']}").json
    taken = (moment(run["ended_at"]) - moment(run["started_at"])).total_seconds()
    assert taken == pytest.approx(seconds, abs=0.001)
    assert run["duration"].startswith("P")
    again = v1_run(procedure, unused("SN"), started_at="2025-06-15T10:30:00Z", duration=run["duration"])
    copy = api.get(f"/api/v2/runs/{api.post('/api/v1/runs', again).json['id']}").json
    assert (copy["duration"], copy["ended_at"]) == (run["duration"], run["ended_at"])


@pytest.mark.parametrize("text", ["yesterday", "2025-13-01T00:00:00Z", 5, {}])
def test_a_time_that_is_none_is_refused(api: Api, procedure: str, serial: str, text: Any) -> None:
    answer = api.post("/api/v1/runs", v1_run(procedure, serial, started_at=text))
    assert answer.status == 400
    assert "started_at" in answer.json["error"]["message"]


def test_naive_times_are_utc(v1: Any, user: Api, procedure: str, serial: str) -> None:
    at = datetime(2025, 6, 15, 10, 30)
    created = v1.create_run(unit(serial), True, procedure_id=procedure, started_at=at)
    run = user.get(f"/api/v2/runs/{created['id']}").json
    assert moment(run["started_at"]) == at.replace(tzinfo=timezone.utc)


def test_v2_successes_are_200(user: Api, serial: str) -> None:
    procedure = user.post("/api/v2/procedures", {"name": "P"})
    tag, part, batch = unused("v"), unused("PN"), unused("B")
    upload = user.post("/api/v2/attachments", {"name": "a"})
    assert user.follow("PUT", upload.json["upload_url"], b"x").status == 200
    station = user.post("/api/v2/stations", {"name": unused("Bench")})
    answers = [
        procedure,
        upload,
        station,
        user.post(f"/api/v2/procedures/{procedure.json['id']}/versions", {"tag": tag}),
        user.post("/api/v2/runs", v2_run(procedure.json["id"], serial)),
        user.post("/api/v2/parts", {"number": part, "revision_number": "A"}),
        user.post(f"/api/v2/parts/{part}/revisions", {"number": "B"}),
        user.post("/api/v2/batches", {"number": batch}),
        user.post(
            "/api/v2/units", {"serial_number": unused("SN"), "part_number": part, "revision_number": "A"}
        ),
        user.call("POST", f"/api/v2/attachments/{upload.json['id']}/finalize"),
        user.call("DELETE", f"/api/v2/stations/{station.json['id']}"),
        user.call("DELETE", f"/api/v2/batches/{batch}"),
    ]
    assert {answer.status for answer in answers} == {200}
    for answer in answers:
        assert answer.headers["content-type"].startswith("application/json")


def test_a_slash_at_the_end_of_the_url_does_no_harm(
    server: Server, keys: dict[str, Any], procedure: str, serial: str
) -> None:
    client = TofuPilotClient(api_key=keys["user"].text, url=f"{server.url}/")
    assert client.create_run(unit(serial), True, procedure_id=procedure)["success"]
    assert len(client.get_runs(serial_number=serial)["result"]) == 1
    completed = [server.url, f"{server.url}/"] if RELEASE < (2, 3) else []
    for url in [*completed, f"{server.url}/api", f"{server.url}/api/"]:
        with TofuPilot(api_key=keys["user"].text, server_url=url) as v2:
            assert v2.runs.list(serial_numbers=[serial]).data


def test_url_and_key_may_come_from_the_environment(
    server: Server, keys: dict[str, Any], procedure: str, serial: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TOFUPILOT_URL", server.url)
    monkeypatch.setenv("TOFUPILOT_API_KEY", keys["station"].text)
    assert TofuPilotClient().create_run(unit(serial), True, procedure_id=procedure)["success"]


def test_links_lead_where_the_client_asked(server: Server, keys: dict[str, Any]) -> None:
    host, port = server.address
    named = {"Host": f"localhost:{port}", "Content-Type": "application/json"}
    answer = server.api(keys["user"].text).call("POST", "/api/v1/uploads/initialize", b'{"name": "a"}', named)
    assert answer.json["uploadUrl"].startswith(f"http://localhost:{port}/")


def test_links_lead_to_the_public_url(start: Any) -> None:
    server = start("--public-url", "https://hil.example.com")
    api = server.api(server.key("--user", "public@example.com").text)
    assert (
        api.post("/api/v1/uploads/initialize", {"name": "a"})
        .json["uploadUrl"]
        .startswith("https://hil.example.com/")
    )


def test_the_api_describes_itself(server: Server) -> None:
    document = server.api(None).get("/api/openapi.json")
    assert document.status == 200
    paths = {path: set(operations) for path, operations in document.json["paths"].items()}
    assert {"get", "post"} <= paths["/api/v1/runs"]
    assert {"get", "post", "delete"} <= paths["/api/v2/runs"]
    assert "post" in paths["/api/v1/import"]


def test_the_server_says_that_it_is_well(server: Server) -> None:
    assert server.health().status == 200
