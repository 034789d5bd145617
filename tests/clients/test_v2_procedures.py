"""Procedures and their versions, stations, files and users (records reference, 6, 9.1 and 9.2)."""

from pathlib import Path
from typing import Any

import pytest
from samples import EMAIL, RELEASE, STATION, unused, v2_run
from test_v2_parts import forbidden
from test_v2_runs import SOME_ID, refused
from tofupilot.v2 import errors
from wire import Api


def test_a_procedure_is_made_and_read(v2: Any, user: Api, procedure: str, serial: str) -> None:
    name = unused("Procedure")
    ids = [user.post("/api/v2/procedures", {"name": name}).json["id"] for _ in range(2)]
    assert len(set(ids)) == 2 and {len(each) for each in ids} == {36}, "names are not unique"
    run = user.post("/api/v2/runs", v2_run(ids[0], serial)).json["id"]
    found = v2.procedures.get(id=ids[0])
    assert (found.id, found.name, found.runs_count) == (ids[0], name, 1)
    assert [(each.id, each.unit.serial_number) for each in found.recent_runs] == [(run, serial)]
    answer = user.get(f"/api/v2/procedures/{ids[1]}").json
    assert answer["created_by_user"]["email"] == EMAIL
    assert answer["recent_runs"] == []
    assert set(answer) >= {"identifier", "created_at", "stations", "runs_count"}


@pytest.mark.parametrize("name", ["", " ", "n" * 256, None, 5])
def test_what_is_no_procedure(user: Api, name: Any) -> None:
    refused(user.post("/api/v2/procedures", {"name": name}), 400)


def test_procedures_are_changed_and_deleted_by_users(v2: Any, api: Api, kind: str, procedure: str) -> None:
    if kind == "station":
        for each in [procedure, SOME_ID]:
            forbidden(api, "PATCH", f"/api/v2/procedures/{each}", {"name": "Other"})
            forbidden(api, "DELETE", f"/api/v2/procedures/{each}")
        return
    name = "n" * 255
    assert v2.procedures.update(id=procedure, name=name).id == procedure
    assert v2.procedures.get(id=procedure).name == name
    assert v2.procedures.delete(id=procedure).id == procedure
    for answer in [
        api.get(f"/api/v2/procedures/{procedure}"),
        api.call("DELETE", f"/api/v2/procedures/{procedure}"),
        api.send("PATCH", f"/api/v2/procedures/{procedure}", {"name": "x"}),
    ]:
        refused(answer, 404)


def test_procedures_are_found(v2: Any, user: Api) -> None:
    mark = unused("FIND")
    ids = [user.post("/api/v2/procedures", {"name": f"{mark} {at}"}).json["id"] for at in range(3)]
    run = user.post("/api/v2/runs", v2_run(ids[1], unused("SN"))).json["id"]
    found = v2.procedures.list(search_query=mark.lower()).data
    assert {each.id for each in found} == set(ids)
    by_id = {each["id"]: each for each in user.get("/api/v2/procedures", {"search_query": mark}).json["data"]}
    assert [each["id"] for each in by_id[ids[1]]["runs"]] == [run]
    assert by_id[ids[0]]["runs"] == [] and by_id[ids[0]]["created_by_user"]["email"] == EMAIL
    assert v2.procedures.list(search_query=unused("NEVER")).data == []
    page = v2.procedures.list(search_query=mark, limit=2)
    assert page.meta.has_more and len(page.data) == 2
    rest = v2.procedures.list(search_query=mark, limit=2, cursor=page.meta.next_cursor)
    assert not rest.meta.has_more and len(rest.data) == 1
    listed = user.get("/api/v2/procedures", {"search_query": mark, "created_before": "2020-01-01T00:00:00Z"})
    assert listed.json["data"] == []
    [first] = user.get("/api/v2/procedures", {"search_query": f"{mark} 0"}).json["data"]
    assert first["linkedRepository"] is None


def test_versions(v2: Any, api: Api, user: Api, kind: str, procedure: str) -> None:
    path = f"/api/v2/procedures/{procedure}/versions"
    if kind == "station":
        forbidden(api, "POST", path, {"tag": "1.0"})
        forbidden(api, "DELETE", f"{path}/1.0")
        forbidden(api, "POST", f"/api/v2/procedures/{SOME_ID}/versions", {"tag": "1.0"})
        assert user.post(path, {"tag": "1.0"}).status == 200
        assert v2.procedures.versions.get(procedure_id=procedure, tag="1.0").tag == "1.0"
        return
    tag = "Release 1.0 ü"
    made = v2.procedures.versions.create(procedure_id=procedure, tag=tag)
    with pytest.raises(errors.ErrorCONFLICT):
        v2.procedures.versions.create(procedure_id=procedure, tag=tag.upper())
    run = v2_run(procedure, unused("SN"), procedure_version=tag.lower())
    assert user.post("/api/v2/runs", run).status == 200
    found = v2.procedures.versions.get(procedure_id=procedure, tag=tag.lower())
    assert (found.id, found.tag, found.procedure.id, found.run_count) == (made.id, tag, procedure, 1)
    with pytest.raises(errors.ErrorNOTFOUND):
        v2.procedures.versions.create(procedure_id=SOME_ID, tag="1")
    with pytest.raises(errors.ErrorNOTFOUND):
        v2.procedures.versions.get(procedure_id=procedure, tag="never")
    refused(api.post(path, {"tag": "x" * 61}), 400, "60 character")
    refused(api.post(path, {"tag": " "}), 400)
    unused_tag = v2.procedures.versions.create(procedure_id=procedure, tag="2.0")
    assert v2.procedures.versions.delete(procedure_id=procedure, tag="2.0").id == unused_tag.id
    with pytest.raises(errors.ErrorNOTFOUND):
        v2.procedures.versions.delete(procedure_id=procedure, tag="2.0")


def test_the_syntax_of_an_id_is_looked_at_first(api: Api) -> None:
    refused(api.post("/api/v2/procedures/not-an-id/versions", {"tag": "1"}), 400)


def test_stations(v2: Any, api: Api, kind: str, procedure: str, station_id: str) -> None:
    if kind == "station":
        for method, path, body in [
            ("POST", "/api/v2/stations", {"name": unused("Bench")}),
            ("GET", "/api/v2/stations", None),
            ("PATCH", f"/api/v2/stations/{station_id}", {"name": "x"}),
            ("PATCH", f"/api/v2/stations/{SOME_ID}", {"name": "x"}),
            ("DELETE", f"/api/v2/stations/{station_id}", None),
        ]:
            forbidden(api, method, path, body)
        current = v2.stations.get_current()
        assert (current.name, current.api_key) == (STATION, None)
        assert v2.stations.get(id=current.id).name == STATION
        return
    refused(api.get("/api/v2/stations/current"), 403)
    name = unused("Bench")
    made = v2.stations.create(name=name, procedure_id=procedure)
    refused(api.post("/api/v2/stations", {"name": name.upper()}), 409)
    found = v2.stations.get(id=made.id)
    assert (found.name, found.api_key, found.team) == (name, None, None)
    assert isinstance(found.organization_slug, str)
    assert api.get(f"/api/v2/stations/{made.id}").json["connection_status"] in (
        "connected",
        "disconnected",
        None,
    )
    assert [each.id for each in found.procedures] == [procedure]
    [listed] = v2.stations.list(search_query=name.lower()).data
    assert (listed.id, listed.procedures_count, listed.team) == (made.id, 1, None)
    assert [each.id for each in v2.stations.list(procedure_ids=[procedure]).data] == [made.id]
    new = unused("Bench")
    changed = v2.stations.update(id=made.id, name=new)
    assert (changed.id, changed.name) == (made.id, new)
    refused(api.send("PATCH", f"/api/v2/stations/{made.id}", {"name": STATION}), 409)
    assert v2.stations.remove(id=made.id).id == made.id
    for call in [v2.stations.get, v2.stations.remove]:
        with pytest.raises(errors.ErrorNOTFOUND):
            call(id=made.id)


def test_a_station_is_connected_while_it_asks(user: Api, station_id: str) -> None:
    found = user.get(f"/api/v2/stations/{station_id}").json
    assert found["connection_status"] == "connected"


def test_files(v2: Any, api: Api, user: Api) -> None:
    made = v2.attachments.initialize(name="notes ü.txt")
    put = api.follow("PUT", made.upload_url, b"hello", Content_Type="text/plain")
    assert put.status == 200
    url = v2.attachments.finalize(id=made.id).url
    assert api.follow("GET", url).body == b"hello"
    with pytest.raises(errors.ErrorNOTFOUND):
        v2.attachments.finalize(id=SOME_ID)
    refused(api.post("/api/v2/attachments", {"name": ""}), 400)
    deleted = user.call("DELETE", f"/api/v2/attachments?ids={made.id}")
    assert (deleted.status, deleted.json["id"]) == (200, [made.id])
    refused(user.call("DELETE", f"/api/v2/attachments?ids={made.id}"), 404)
    assert api.follow("GET", url).status in (403, 404)


@pytest.mark.skipif(RELEASE >= (2, 3), reason="this release uploads to a run or a unit")
def test_the_clients_own_upload_and_download(v2: Any, procedure: str, serial: str, tmp_path: Path) -> None:
    file = tmp_path / "data.bin"
    file.write_bytes(bytes(range(256)))
    upload = v2.attachments.upload(file)
    run = v2.runs.create(**v2_run(procedure, serial))
    v2.runs.update(id=run.id, attachments=[upload])
    [attachment] = v2.runs.get(id=run.id).attachments
    assert v2.attachments.download(attachment, tmp_path / "copy").read_bytes() == bytes(range(256))
    assert v2.attachments.delete(ids=[upload]).id == [upload]


def test_users(api: Api, kind: str) -> None:
    everyone = api.get("/api/v2/users").json
    assert EMAIL in [each["email"] for each in everyone]
    assert set(everyone[0]) >= {"id", "email", "name", "image", "banned"}
    current = api.get("/api/v2/users", {"current": "true"}).json
    assert [each["email"] for each in current] == ([EMAIL] if kind == "user" else [])


def test_users_through_the_client(v2: Any) -> None:
    users = v2.user.list() if RELEASE < (2, 3) else v2.users.list()
    assert EMAIL in [each.email for each in users]
