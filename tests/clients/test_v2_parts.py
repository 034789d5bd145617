"""Parts, revisions and batches (records reference, 9.1 and 9.2)."""

from typing import Any
from urllib.parse import quote

import pytest
from samples import unused, v2_run
from test_v2_runs import refused
from tofupilot.v2 import errors
from wire import Api

UNKNOWN = "never-made"


def forbidden(api: Api, method: str, path: str, body: Any = None) -> None:
    """Stations may not, whether or not the object is there."""
    answer = api.call(method, path) if body is None else api.send(method, path, body)
    refused(answer, 403)
    assert "Stations cannot" in answer.text


@pytest.fixture
def part(api: Api) -> str:
    number = unused("Pn")
    assert api.post("/api/v2/parts", {"number": number, "name": "A part"}).status == 200
    return number


def test_a_part_is_made_and_read(v2: Any) -> None:
    plain, named = unused("PN"), unused("PN")
    v2.parts.create(number=plain)
    v2.parts.create(number=named, name="Controller", revision_number="R1")
    found = v2.parts.get(number=plain)
    assert (found.number, found.name) == (plain, plain)
    assert len(found.revisions) == 1, "the default one"
    found = v2.parts.get(number=named.lower())
    assert (found.number, found.name) == (named, "Controller")
    assert [revision.number for revision in found.revisions] == ["R1"]


def test_a_part_is_there_once(v2: Any, part: str) -> None:
    with pytest.raises(errors.ErrorCONFLICT):
        v2.parts.create(number=part.upper())


@pytest.mark.parametrize(
    "body",
    [
        {"number": ""},
        {"number": " \t"},
        {"number": "x" * 61},
        {"number": 5},
        {"number": "x", "name": "n" * 256},
        {"number": "x", "revision_number": ""},
        {"number": "x", "revision_number": "r" * 61},
    ],
)
def test_what_is_no_part(api: Api, body: Any) -> None:
    refused(api.post("/api/v2/parts", body), 400)


@pytest.mark.parametrize("inside", ["a b", "a/b", "a\\b", "ünï", "a?b#c", "a%b", "a+b"])
def test_numbers_in_paths(v2: Any, api: Api, inside: str) -> None:
    number, revision = f"{inside}{unused('')}", f"{inside}1"
    v2.parts.create(number=number, revision_number=revision)
    path = f"/api/v2/parts/{quote(number, safe='')}"
    assert api.get(path).json["number"] == number
    assert api.get(f"{path}/revisions/{quote(revision, safe='')}").json["number"] == revision


def test_an_unknown_part(v2: Any) -> None:
    with pytest.raises(errors.ErrorNOTFOUND):
        v2.parts.get(number=UNKNOWN)


def test_parts_are_changed_and_deleted_by_users(v2: Any, api: Api, kind: str, part: str) -> None:
    if kind == "station":
        for number in [part, UNKNOWN]:
            forbidden(api, "PATCH", f"/api/v2/parts/{number}", {"name": "Other"})
            forbidden(api, "DELETE", f"/api/v2/parts/{number}")
        return
    new = unused("PN")
    changed = v2.parts.update(number=part, new_number=new, name="Other")
    assert (changed.number, changed.name) == (new, "Other")
    assert changed.updated_at
    refused(api.send("PATCH", f"/api/v2/parts/{new}", {}), 400)
    other = unused("PN")
    v2.parts.create(number=other)
    with pytest.raises(errors.ErrorCONFLICT):
        v2.parts.update(number=new, new_number=other)
    with pytest.raises(errors.ErrorNOTFOUND):
        v2.parts.update(number=part, name="x")
    revisions = [revision.id for revision in v2.parts.get(number=new).revisions]
    deleted = v2.parts.delete(number=new)
    assert deleted.id == changed.id
    assert deleted.deleted_revision_ids == revisions
    for call in [v2.parts.get, v2.parts.delete]:
        with pytest.raises(errors.ErrorNOTFOUND):
            call(number=new)


def test_parts_are_found(v2: Any, user: Api, procedure: str) -> None:
    mark = unused("LIST")
    numbers = [f"{mark}-{letter}" for letter in "bca"]
    for at, number in enumerate(numbers):
        v2.parts.create(number=number, name=f"{mark} name {2 - at}")
    user.post("/api/v2/runs", v2_run(procedure, unused("SN"), part_number=numbers[2]))

    def listed(**query: Any) -> list[str]:
        return [part.number for part in v2.parts.list(search_query=mark.lower(), **query).data]

    assert listed(sort_by="created_at", sort_order="asc") == numbers
    assert listed(sort_by="created_at", sort_order="desc") == numbers[::-1]
    assert listed(sort_by="number", sort_order="asc") == sorted(numbers)
    assert listed(sort_by="name", sort_order="asc") == numbers[::-1]
    assert listed(procedure_ids=[procedure]) == [numbers[2]]
    page = v2.parts.list(search_query=mark, limit=2)
    assert page.meta.has_more
    assert len(v2.parts.list(search_query=mark, limit=2, cursor=page.meta.next_cursor).data) == 1


def test_revisions(v2: Any, api: Api, kind: str, part: str) -> None:
    made = v2.parts.revisions.create(part_number=part.upper(), number="Rev-A")
    with pytest.raises(errors.ErrorCONFLICT):
        v2.parts.revisions.create(part_number=part, number="rev-a")
    with pytest.raises(errors.ErrorNOTFOUND):
        v2.parts.revisions.create(part_number=UNKNOWN, number="A")
    found = v2.parts.revisions.get(part_number=part, revision_number="REV-A")
    assert (found.id, found.number, found.part.number) == (made.id, "Rev-A", part)
    assert found.units == []
    with pytest.raises(errors.ErrorNOTFOUND):
        v2.parts.revisions.get(part_number=part, revision_number=UNKNOWN)
    path = f"/api/v2/parts/{part}/revisions/Rev-A"
    refused(api.post(f"/api/v2/parts/{part}/revisions", {"number": "r" * 61}), 400)
    if kind == "station":
        forbidden(api, "PATCH", path, {"number": "B"})
        forbidden(api, "DELETE", path)
        forbidden(api, "DELETE", f"/api/v2/parts/{UNKNOWN}/revisions/A")
        return
    serial = unused("SN")
    v2.units.create(serial_number=serial, part_number=part, revision_number="Rev-A")
    assert v2.parts.revisions.update(part_number=part, revision_number="Rev-A", number="B").id == made.id
    found = v2.parts.revisions.get(part_number=part, revision_number="B")
    assert [unit.serial_number for unit in found.units] == [serial]
    v2.parts.revisions.create(part_number=part, number="C")
    with pytest.raises(errors.ErrorCONFLICT):
        v2.parts.revisions.update(part_number=part, revision_number="B", number="c")
    unused_revision = v2.parts.revisions.get(part_number=part, revision_number="C").id
    assert v2.parts.revisions.delete(part_number=part, revision_number="C").id == unused_revision
    with pytest.raises(errors.ErrorNOTFOUND):
        v2.parts.revisions.delete(part_number=part, revision_number="C")


def test_an_image_of_a_revision(user: Api) -> None:
    number = unused("PN")
    user.post("/api/v2/parts", {"number": number, "revision_number": "A"})
    upload = user.post("/api/v2/attachments", {"name": "board.png"}).json
    assert user.follow("PUT", upload["upload_url"], b"pixels").status == 200
    for image in [upload["id"], ""]:
        answer = user.send("PATCH", f"/api/v2/parts/{number}/revisions/A", {"image_id": image})
        assert answer.status == 200, answer.text


def test_batches(v2: Any, api: Api, user: Api, kind: str, procedure: str) -> None:
    number = unused("Lot")
    made = v2.batches.create(number=number)
    with pytest.raises(errors.ErrorCONFLICT):
        v2.batches.create(number=number.upper())
    assert v2.batches.get(number=number.lower()).id == made.id
    assert v2.batches.get(number=number).units == []
    with pytest.raises(errors.ErrorNOTFOUND):
        v2.batches.get(number=UNKNOWN)
    serial = unused("SN")
    user.post("/api/v2/runs", v2_run(procedure, serial, batch_number=number))
    assert [unit.serial_number for unit in v2.batches.get(number=number).units] == [serial]
    if kind == "station":
        for each in [number, UNKNOWN]:
            forbidden(api, "PATCH", f"/api/v2/batches/{each}", {"new_number": "x"})
            forbidden(api, "DELETE", f"/api/v2/batches/{each}")
        return
    new, taken = unused("Lot"), unused("Lot")
    assert v2.batches.update(number=number, new_number=new).id == made.id
    other = v2.batches.create(number=taken)
    with pytest.raises(errors.ErrorCONFLICT):
        v2.batches.update(number=new, new_number=taken.lower())
    with pytest.raises(errors.ErrorNOTFOUND):
        v2.batches.update(number=number, new_number=unused("Lot"))
    assert v2.batches.delete(number=taken).id == [other.id]
    for call in [v2.batches.get, v2.batches.delete]:
        with pytest.raises(errors.ErrorNOTFOUND):
            call(number=taken)


@pytest.mark.parametrize("number", ["", " ", "x" * 101, "a b", "a/b", "ü", "a.b"])
def test_what_is_no_batch(api: Api, number: str) -> None:
    refused(api.post("/api/v2/batches", {"number": number}), 400)


def test_batches_are_found(v2: Any, user: Api, procedure: str) -> None:
    mark = unused("LOT")
    numbers = [f"{mark}-{letter}" for letter in "bca"]
    ids = [v2.batches.create(number=number).id for number in numbers]
    part = unused("PN")
    run = v2_run(procedure, unused("SN"), part_number=part, revision_number="R9", batch_number=numbers[1])
    assert user.post("/api/v2/runs", run).status == 200

    def listed(**query: Any) -> list[str]:
        return [batch.number for batch in v2.batches.list(**query).data]

    assert listed(search_query=mark, sort_by="number", sort_order="asc") == sorted(numbers)
    assert listed(search_query=mark, sort_by="created_at", sort_order="desc") == numbers[::-1]
    assert listed(ids=[ids[0]]) == [numbers[0]]
    assert set(listed(numbers=[numbers[0].lower(), numbers[2]])) == {numbers[0], numbers[2]}
    assert listed(part_numbers=[part]) == [numbers[1]]
    assert listed(part_numbers=[part], revision_numbers=["r9"]) == [numbers[1]]
    counts = {batch.number: batch.unit_count for batch in v2.batches.list(search_query=mark).data}
    assert counts == {numbers[0]: 0, numbers[1]: 1, numbers[2]: 0}
