"""Who may do what, and how a request without permission is refused (records reference, 2)."""

import re
import time
from typing import Any

import pytest
from program import Server
from samples import EMAIL, INVALID_KEY, STATION, unit, unused, v1_run, v2_run
from tofupilot import TofuPilotClient
from tofupilot.v2 import TofuPilot, errors
from wire import Api

SOME_ID = "00000000-0000-4000-8000-000000000000"

ROUTES = [
    ("POST", "/api/v1/runs"),
    ("GET", "/api/v1/runs?serial_number=SN"),
    ("POST", "/api/v1/uploads/initialize"),
    ("POST", "/api/v1/uploads/sync"),
    ("POST", "/api/v1/import"),
    ("GET", "/api/v1/streaming"),
    ("POST", "/api/trpc/station.linkProcedure"),
    ("POST", "/api/v2/runs"),
    ("GET", "/api/v2/runs"),
    ("DELETE", f"/api/v2/runs?ids={SOME_ID}"),
    ("GET", f"/api/v2/runs/{SOME_ID}"),
    ("PATCH", f"/api/v2/runs/{SOME_ID}"),
    ("POST", "/api/v2/units"),
    ("GET", "/api/v2/units"),
    ("DELETE", "/api/v2/units?serial_numbers=SN"),
    ("GET", "/api/v2/units/SN"),
    ("PATCH", "/api/v2/units/SN"),
    ("PUT", "/api/v2/units/SN/children"),
    ("DELETE", "/api/v2/units/SN/children?child_serial_number=SN"),
    ("POST", "/api/v2/parts"),
    ("GET", "/api/v2/parts"),
    ("GET", "/api/v2/parts/PN"),
    ("PATCH", "/api/v2/parts/PN"),
    ("DELETE", "/api/v2/parts/PN"),
    ("POST", "/api/v2/parts/PN/revisions"),
    ("GET", "/api/v2/parts/PN/revisions/A"),
    ("PATCH", "/api/v2/parts/PN/revisions/A"),
    ("DELETE", "/api/v2/parts/PN/revisions/A"),
    ("POST", "/api/v2/batches"),
    ("GET", "/api/v2/batches"),
    ("GET", "/api/v2/batches/B"),
    ("PATCH", "/api/v2/batches/B"),
    ("DELETE", "/api/v2/batches/B"),
    ("POST", "/api/v2/procedures"),
    ("GET", "/api/v2/procedures"),
    ("GET", f"/api/v2/procedures/{SOME_ID}"),
    ("PATCH", f"/api/v2/procedures/{SOME_ID}"),
    ("DELETE", f"/api/v2/procedures/{SOME_ID}"),
    ("POST", f"/api/v2/procedures/{SOME_ID}/versions"),
    ("GET", f"/api/v2/procedures/{SOME_ID}/versions/1"),
    ("DELETE", f"/api/v2/procedures/{SOME_ID}/versions/1"),
    ("POST", "/api/v2/stations"),
    ("GET", "/api/v2/stations"),
    ("GET", "/api/v2/stations/current"),
    ("GET", f"/api/v2/stations/{SOME_ID}"),
    ("PATCH", f"/api/v2/stations/{SOME_ID}"),
    ("DELETE", f"/api/v2/stations/{SOME_ID}"),
    ("POST", "/api/v2/attachments"),
    ("POST", f"/api/v2/attachments/{SOME_ID}/finalize"),
    ("DELETE", f"/api/v2/attachments?ids={SOME_ID}"),
    ("GET", "/api/v2/users?current=true"),
]


@pytest.mark.parametrize(("method", "path"), ROUTES)
@pytest.mark.parametrize("key", [None, INVALID_KEY])
def test_every_route_wants_a_key(server: Server, method: str, path: str, key: str | None) -> None:
    body = None if method == "GET" else b"{}"
    answer = server.api(key).call(method, path, body, {"Content-Type": "application/json"})
    assert answer.status == 401, answer.text
    assert answer.headers["content-type"] == "application/json"
    assert answer.json["error"]["message"]
    assert answer.json["message"]
    assert answer.json["code"] == "UNAUTHORIZED"
    assert INVALID_KEY not in answer.text


@pytest.mark.parametrize(
    "header", ["", "Bearer", "Bearer ", "Basic {key}", "{key}", "Bearer {key} x", "Bearer {key}é"]
)
def test_a_key_stands_behind_bearer(server: Server, keys: dict[str, Any], header: str) -> None:
    sent = {"Authorization": header.format(key=keys["user"].text)}
    answer = server.api(None).call("GET", "/api/v1/runs?serial_number=SN", None, sent)
    assert answer.status == 401, answer.text


def test_a_key_in_the_query_is_none(server: Server, keys: dict[str, Any]) -> None:
    query = {"serial_number": "SN", "api_key": keys["user"].text}
    assert server.api(None).get("/api/v1/runs", query).status == 401


def test_the_v1_client_is_told_that_its_key_is_unknown(
    server: Server, procedure: str, serial: str, tmp_path: Any
) -> None:
    client = TofuPilotClient(api_key=INVALID_KEY, url=server.url)
    created = client.create_run(unit(serial), run_passed=True, procedure_id=procedure)
    assert (created["success"], created["status_code"]) == (False, 401)
    assert created["error"]["message"]
    assert "HTTP error" not in created["error"]["message"]
    listed = client.get_runs(serial_number=serial)
    assert (listed["success"], listed["status_code"]) == (False, 401)
    report = tmp_path / "report.json"
    report.write_text("{}")
    assert client.create_run_from_openhtf_report(str(report)) == ""


def test_the_v2_client_is_told_that_its_key_is_unknown(server: Server) -> None:
    with TofuPilot(api_key=INVALID_KEY, server_url=f"{server.url}/api") as client:
        with pytest.raises(errors.ErrorUNAUTHORIZED):
            client.runs.get(id=SOME_ID)


def test_keys_are_as_long_as_the_client_wants(keys: dict[str, Any]) -> None:
    assert all(len(key.text) >= 10 for key in keys.values())
    assert len({key.text for key in keys.values()}) == 2


def test_a_station_is_told_its_id_with_its_key(keys: dict[str, Any], station: Api) -> None:
    current = station.get("/api/v2/stations/current").json
    assert current["name"] == STATION
    assert current["id"] in keys["station"].ids


def test_a_station_may_not_create_procedures(server: Server, keys: dict[str, Any]) -> None:
    with TofuPilot(api_key=keys["station"].text, server_url=f"{server.url}/api") as client:
        with pytest.raises(errors.TofuPilotError, match="Stations cannot") as refusal:
            client.procedures.create(name="Not mine")
    assert refusal.value.status_code == 403


def test_what_a_key_makes_is_its_own(api: Api, kind: str, procedure: str, serial: str) -> None:
    run = api.post("/api/v1/runs", v1_run(procedure, serial)).json["id"]
    part, revision, batch = unused("PN"), "R1", unused("B")
    assert api.post("/api/v2/parts", {"number": part, "revision_number": revision}).status == 200
    assert api.post("/api/v2/batches", {"number": batch}).status == 200
    made = [
        f"runs/{run}",
        f"units/{serial}",
        f"parts/{part}",
        f"parts/{part}/revisions/{revision}",
        f"batches/{batch}",
    ]
    for path in made:
        answer = api.get(f"/api/v2/{path}").json
        mine, other = answer[f"created_by_{kind}"], {"user": "station", "station": "user"}[kind]
        assert mine["id"]
        assert mine.get("name") == (STATION if kind == "station" else mine.get("name"))
        assert answer.get(f"created_by_{other}") is None, path


def test_a_run_says_who_made_it(api: Api, kind: str, procedure: str, serial: str) -> None:
    run = api.post("/api/v2/runs", v2_run(procedure, serial)).json["id"]
    answer = api.get(f"/api/v2/runs/{run}").json
    if kind == "user":
        assert answer["created_by_user"]["email"] == EMAIL
    else:
        assert answer["created_by_station"]["name"] == STATION


def test_any_key_may_read_any_run(user: Api, station: Api, procedure: str) -> None:
    for maker, reader in [(user, station), (station, user)]:
        serial = unused("SN")
        run = maker.post("/api/v1/runs", v1_run(procedure, serial)).json["id"]
        assert reader.get(f"/api/v2/runs/{run}").status == 200
        assert [
            found["id"] for found in reader.get("/api/v1/runs", {"serial_number": serial}).json["result"]
        ] == [run]


def test_a_station_may_be_linked_to_a_procedure(
    user: Api, station: Api, station_id: str, procedure: str, serial: str
) -> None:
    link = {"json": {"id": station_id, "procedure_id": procedure}}
    assert user.post("/api/trpc/station.linkProcedure", link).status == 200
    assert station.post("/api/v1/runs", v1_run(procedure, serial)).status == 200
    linked = station.get("/api/v2/stations/current").json["procedures"]
    assert procedure in [each["id"] for each in linked]


def test_a_revoked_key_is_over(server: Server) -> None:
    station = unused("Bench")
    key = server.key("--station", station)
    assert server.api(key.text).get("/api/v2/stations/current").status == 200
    listed = server.command("key", "list")
    assert listed.returncode == 0, listed.stderr
    assert key.text not in listed.stdout + listed.stderr
    [line] = [line for line in listed.stdout.splitlines() if station in line]
    found = re.search(r"[0-9a-f]{8}-[0-9a-f-]{27}", line)
    assert found, f"no id of the key in {line!r}"
    revoked = server.command("key", "revoke", found[0])
    assert revoked.returncode == 0, revoked.stderr
    assert server.api(key.text).get("/api/v2/stations/current").status == 401


def test_a_key_ends_when_it_was_said_to(server: Server) -> None:
    key = server.key("--station", unused("Bench"), "--expires", "1s")
    time.sleep(1.2)
    assert server.api(key.text).get("/api/v2/stations/current").status == 401


def test_no_key_is_in_the_log(server: Server, keys: dict[str, Any]) -> None:
    assert not [key for key in keys.values() if key.text in server.log()]
    assert INVALID_KEY not in server.log()
