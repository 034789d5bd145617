"""Units, what they are made of, and who may change them (records reference, 9.2)."""

from typing import Any
from urllib.parse import quote

import pytest
from samples import PART, RELEASE, unused, v1_run, v2_run
from test_v2_runs import SOME_ID, refused
from tofupilot.v2 import errors
from wire import Api


@pytest.fixture
def part(user: Api) -> str:
    """A part with the revisions A and B."""
    number = unused("PN")
    assert user.post("/api/v2/parts", {"number": number, "revision_number": "A"}).status == 200
    assert user.post(f"/api/v2/parts/{number}/revisions", {"number": "B"}).status == 200
    return number


def unit_of(v2: Any, part: str, serial: str | None = None) -> str:
    serial = serial or unused("SN")
    assert v2.units.create(serial_number=serial, part_number=part, revision_number="A").id
    return serial


def test_a_unit_is_made_and_read(v2: Any, kind: str, part: str, serial: str) -> None:
    made = v2.units.create(serial_number=serial, part_number=part.lower(), revision_number="a")
    unit = v2.units.get(serial_number=serial)
    assert (unit.id, unit.serial_number) == (made.id, serial)
    assert (unit.part.number, unit.part.revision.number) == (part, "A")
    assert (unit.parent, unit.children, unit.attachments) == (None, [], [])
    assert unit.batch is None and unit.created_during is None
    assert (unit.created_by_station is None) == (kind == "user")


def test_a_unit_is_there_once(v2: Any, part: str, serial: str) -> None:
    unit_of(v2, part, serial)
    with pytest.raises(errors.ErrorCONFLICT, match="already exists"):
        v2.units.create(serial_number=serial.upper(), part_number=part, revision_number="A")


def test_a_unit_of_what_nobody_knows(v2: Any, api: Api, part: str, serial: str) -> None:
    with pytest.raises(errors.ErrorNOTFOUND):
        v2.units.create(serial_number=serial, part_number=part, revision_number="Z")
    body = {"serial_number": serial, "part_number": part, "revision_number": "Z"}
    refused(api.post("/api/v2/units", body), 404, "revision")
    refused(api.post("/api/v2/units", body | {"part_number": unused("NEVER")}), 404)
    refused(api.post("/api/v2/units", body | {"serial_number": " "}), 400)
    refused(api.post("/api/v2/units", body | {"serial_number": "x" * 61}), 400)


def test_an_unknown_unit(v2: Any) -> None:
    with pytest.raises(errors.ErrorNOTFOUND):
        v2.units.get(serial_number=unused("NEVER"))


@pytest.mark.parametrize(
    "inside", ["a b", "a/b", "a\\b", "a%2Fb", "ünï", "a?b#c", "a+b", "..", "日本語", "a;b", "a:b"]
)
def test_a_serial_number_in_a_path(v2: Any, api: Api, part: str, inside: str) -> None:
    """The client puts it there as it is, so whoever has such a number encodes it."""
    serial = unit_of(v2, part, f"{inside}{unused('')}"[:60])
    encoded = quote(serial, safe="")
    assert api.get(f"/api/v2/units/{encoded}").json["serial_number"] == serial
    if inside != "..":
        assert v2.units.get(serial_number=encoded).serial_number == serial


def test_the_run_that_made_a_unit(v2: Any, api: Api, procedure: str, serial: str) -> None:
    run = api.post("/api/v2/runs", v2_run(procedure, serial)).json["id"]
    api.post("/api/v2/runs", v2_run(procedure, serial))
    unit = v2.units.get(serial_number=serial)
    assert unit.created_during.id == run
    assert unit.created_during.outcome == "PASS"
    assert unit.created_during.procedure.id == procedure


def test_a_unit_is_changed(v2: Any, api: Api, part: str) -> None:
    serial, new = unit_of(v2, part), unused("NEW")
    batch, other = unused("B"), unused("PN")
    assert api.post("/api/v2/batches", {"number": batch}).status == 200
    assert api.post("/api/v2/parts", {"number": other, "revision_number": "C"}).status == 200
    v2.units.update(serial_number=serial, new_serial_number=new, revision_number="B", batch_number=batch)
    unit = v2.units.get(serial_number=new)
    assert (unit.part.number, unit.part.revision.number, unit.batch.number) == (part, "B", batch)
    with pytest.raises(errors.ErrorNOTFOUND):
        v2.units.get(serial_number=serial)
    v2.units.update(serial_number=new, part_number=other, revision_number="C", batch_number=None)
    unit = v2.units.get(serial_number=new)
    assert (unit.part.number, unit.part.revision.number, unit.batch) == (other, "C", None)
    taken = unit_of(v2, part)
    with pytest.raises(errors.ErrorCONFLICT):
        v2.units.update(serial_number=new, new_serial_number=taken)
    with pytest.raises(errors.ErrorNOTFOUND):
        v2.units.update(serial_number=unused("NEVER"), new_serial_number=unused("X"))


def test_files_of_a_unit(v2: Any, api: Api, part: str) -> None:
    serial = unit_of(v2, part)
    upload = api.post("/api/v2/attachments", {"name": "photo.png"}).json
    assert api.follow("PUT", upload["upload_url"], b"pixels").status == 200
    v2.units.update(serial_number=serial, attachments=[upload["id"]])
    [attachment] = v2.units.get(serial_number=serial).attachments
    assert (attachment.id, attachment.name, attachment.size) == (upload["id"], "photo.png", 6)
    assert api.follow("GET", attachment.download_url).body == b"pixels"


@pytest.mark.skipif(RELEASE < (2, 3), reason="this release has no files below units")
def test_files_below_a_unit(v2: Any, part: str, tmp_path: Any) -> None:
    """Release 2.26 uploads to the unit itself."""
    serial = unit_of(v2, part)
    (tmp_path / "notes.txt").write_bytes(b"hello")
    upload = v2.units.attachments.upload(serial, tmp_path / "notes.txt")
    [attachment] = v2.units.get(serial_number=serial).attachments
    assert (attachment.id, attachment.name) == (upload, "notes.txt")
    assert v2.units.attachments.delete(serial, [upload]).ids == [upload]
    assert v2.units.get(serial_number=serial).attachments == []


def test_children(v2: Any, part: str) -> None:
    parent, child, grandchild = (unit_of(v2, part) for _ in range(3))
    added = v2.units.add_child(serial_number=parent, child_serial_number=child)
    assert added.id == v2.units.get(serial_number=child).id
    v2.units.add_child(serial_number=child, child_serial_number=grandchild)
    assert [each.serial_number for each in v2.units.get(serial_number=parent).children] == [child]
    assert v2.units.get(serial_number=child).parent.serial_number == parent
    for own, ancestor in [(parent, parent), (child, parent), (grandchild, parent)]:
        with pytest.raises(errors.ErrorBADREQUEST):
            v2.units.add_child(serial_number=own, child_serial_number=ancestor)
    with pytest.raises(errors.ErrorBADREQUEST, match="is not a child of"):
        v2.units.remove_child(serial_number=parent, child_serial_number=grandchild)
    with pytest.raises(errors.ErrorNOTFOUND):
        v2.units.add_child(serial_number=parent, child_serial_number=unused("NEVER"))
    removed = v2.units.remove_child(serial_number=parent, child_serial_number=child)
    assert removed.id == added.id
    assert v2.units.get(serial_number=child).parent is None


def test_units_are_deleted_by_users(v2: Any, admin: Any, kind: str, part: str) -> None:
    parent, child = unit_of(admin, part), unit_of(admin, part)
    admin.units.add_child(serial_number=parent, child_serial_number=child)
    if kind == "station":
        for serial in [parent, unused("NEVER")]:
            with pytest.raises(errors.TofuPilotError, match="Stations cannot") as refusal:
                v2.units.delete(serial_numbers=[serial])
            assert refusal.value.status_code == 403
        return
    identity = v2.units.get(serial_number=parent).id
    with pytest.raises(errors.ErrorNOTFOUND):
        v2.units.delete(serial_numbers=[parent, unused("NEVER")])
    assert v2.units.delete(serial_numbers=[parent]).id == [identity]
    with pytest.raises(errors.ErrorNOTFOUND):
        v2.units.get(serial_number=parent)
    assert v2.units.get(serial_number=child).parent is None


def names(api: Api, **query: Any) -> list[str]:
    answer = api.get("/api/v2/units", {"limit": 50, "sort_by": "created_at", "sort_order": "asc"} | query)
    assert answer.status == 200, answer.text
    return [unit["serial_number"] for unit in answer.json["data"]]


def test_units_are_found(api: Api, user: Api, v2: Any, procedure: str, part: str) -> None:
    serials = [unit_of(v2, part, f"{part}-{at}") for at in range(3)]
    batch = unused("B")
    user.post("/api/v2/batches", {"number": batch})
    v2.units.update(serial_number=serials[1], revision_number="B", batch_number=batch)
    v2.units.add_child(serial_number=serials[0], child_serial_number=serials[2])
    run = v2_run(
        procedure, serials[1], part_number=part, revision_number="B", outcome="FAIL", batch_number=batch
    )
    for _ in range(2):
        assert user.post("/api/v2/runs", run).status == 200
    of = {"part_numbers": part}
    ids = [v2.units.get(serial_number=serial).id for serial in serials]
    assert names(api, **of) == serials
    assert names(api, part_numbers=part.lower()) == serials
    assert names(api, sort_order="desc", **of) == serials[::-1]
    assert names(api, sort_by="serial_number", **of) == serials
    assert names(api, search_query=f"{part}-1") == [serials[1]]
    assert names(api, ids=ids[:2]) == serials[:2]
    assert names(api, serial_numbers=[serials[0].lower(), serials[2]]) == [serials[0], serials[2]]
    assert names(api, revision_numbers="B", **of) == [serials[1]]
    assert names(api, batch_numbers=batch) == [serials[1]]
    assert names(api, procedure_ids=procedure) == [serials[1]]
    assert names(api, outcomes="FAIL", **of) == [serials[1]]
    assert names(api, outcomes="PASS", **of) == []
    assert names(api, outcomes="FAIL", latest_only="true", **of) == [serials[1]]
    assert names(api, run_count_min=1, **of) == [serials[1]]
    assert names(api, run_count_max=0, **of) == [serials[0], serials[2]]
    assert names(api, run_count_min=3, **of) == []
    assert names(api, started_after="2025-06-15T00:00:00Z", **of) == [serials[1]]
    assert names(api, started_before="2025-06-15T00:00:00Z", **of) == []
    assert names(api, created_after="2020-01-01T00:00:00Z", **of) == serials
    assert names(api, created_before="2020-01-01T00:00:00Z", **of) == []
    assert names(api, exclude_units_with_parent="true", **of) == serials[:2]
    page = v2.units.list(part_numbers=[part], limit=2)
    assert page.meta.has_more and len(page.data) == 2
    rest = v2.units.list(part_numbers=[part], limit=2, cursor=page.meta.next_cursor)
    assert not rest.meta.has_more and len(rest.data) == 1
    listed = {unit.serial_number: unit for unit in v2.units.list(part_numbers=[part]).data}
    assert listed[serials[1]].last_run.outcome == "FAIL"
    assert listed[serials[0]].last_run is None
    assert [child.serial_number for child in listed[serials[0]].children] == [serials[2]]
    assert listed[serials[2]].parent.serial_number == serials[0]


def test_only_the_latest_run_counts_if_asked(api: Api, user: Api, procedure: str, part: str) -> None:
    serial = unused("SN")
    for day, outcome in [(15, "FAIL"), (16, "PASS")]:
        times = {"started_at": f"2025-06-{day}T10:00:00Z", "ended_at": f"2025-06-{day}T10:01:00Z"}
        user.post("/api/v2/runs", v2_run(procedure, serial, part_number=part, outcome=outcome, **times))
    assert names(api, part_numbers=part, outcomes="FAIL") == [serial]
    assert names(api, part_numbers=part, outcomes="FAIL", latest_only="true") == []


def test_a_unit_of_both_apis_is_one(v2: Any, api: Api, procedure: str, serial: str) -> None:
    api.post("/api/v1/runs", v1_run(procedure, serial))
    api.post("/api/v2/runs", v2_run(procedure, serial.upper()))
    assert v2.units.get(serial_number=serial.lower()).part.number == PART
    assert len(v2.runs.list(serial_numbers=[serial]).data) == 2


def test_a_station_reads_and_changes_units(station: Api, part: str, serial: str) -> None:
    body = {"serial_number": serial, "part_number": part, "revision_number": "A"}
    assert station.post("/api/v2/units", body).status == 200
    assert station.get(f"/api/v2/units/{serial}").status == 200
    assert station.send("PATCH", f"/api/v2/units/{serial}", {"revision_number": "B"}).status == 200
    refused(station.send("PATCH", f"/api/v2/units/{SOME_ID}", {"revision_number": "B"}), 404)
