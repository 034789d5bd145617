"""Runs through the second API (records reference, 6, 8 and 9.2)."""

from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
from program import Server
from samples import EMAIL, PART, RELEASE, unused, v2_run
from test_answers import moment
from tofupilot.v2 import errors
from wire import Answer, Api

SOME_ID = "00000000-0000-4000-8000-000000000000"
START = datetime(2025, 6, 15, 10, 30, 0, 176431, tzinfo=timezone.utc)
END = START + timedelta(minutes=2, seconds=30.5)


def create(api: Api, procedure: str, serial: str, **more: Any) -> str:
    answer = api.post("/api/v2/runs", v2_run(procedure, serial, **more))
    assert answer.status == 200, answer.text
    return str(answer.json["id"])


def read(api: Api, run: str) -> Any:
    answer = api.get(f"/api/v2/runs/{run}")
    assert answer.status == 200, answer.text
    return answer.json


def phase(*measurements: Any, **more: Any) -> dict[str, Any]:
    whole = {
        "name": "phase",
        "outcome": "PASS",
        "started_at": "2025-06-15T10:30:00Z",
        "ended_at": "2025-06-15T10:30:01Z",
    }
    return whole | ({"measurements": list(measurements)} if measurements else {}) | more


def refused(answer: Answer, status: int, *words: str) -> None:
    assert answer.status == status, answer.text
    said = " ".join([answer.json["message"], *(issue["message"] for issue in answer.json.get("issues", []))])
    for word in words:
        assert word in said.lower(), said


def make(v2: Any, procedure: str, serial: str, **more: Any) -> Any:
    """Creates a run through the client and reads it."""
    wanted = {"outcome": "PASS", "started_at": START, "ended_at": END, "part_number": PART} | more
    return v2.runs.get(id=v2.runs.create(procedure_id=procedure, serial_number=serial, **wanted).id)


@pytest.mark.parametrize("outcome", ["PASS", "FAIL", "ERROR", "TIMEOUT", "ABORTED"])
def test_a_run_through_the_client(v2: Any, procedure: str, serial: str, outcome: str) -> None:
    run = make(v2, procedure, serial, outcome=outcome)
    assert len(run.id) == 36
    assert run.outcome == outcome
    assert abs(run.started_at - START) <= timedelta(milliseconds=1)
    assert abs(run.ended_at - END) <= timedelta(milliseconds=1)
    assert run.duration.startswith("PT")
    assert run.procedure.id == procedure and run.procedure.version is None
    assert run.unit.serial_number == serial
    assert run.unit.part.number == run.unit.part.name == PART
    assert run.unit.part.revision.number
    assert (run.phases, run.attachments, run.logs, run.sub_units) == ([], [], [], [])


def test_everything_a_run_may_say(v2: Any, user: Api, procedure: str, serial: str) -> None:
    child, part, batch = unused("SUB"), unused("PN"), unused("B")
    create(user, procedure, child)
    run = make(
        v2,
        procedure,
        serial,
        procedure_version="1.2",
        operated_by=EMAIL.upper(),
        part_number=part,
        revision_number="R7",
        batch_number=batch,
        sub_units=[child.lower()],
        docstring="as it was",
        phases=[phase(docstring="of the phase")],
        logs=[
            {
                "level": "WARNING",
                "timestamp": START,
                "message": "hm",
                "source_file": "a.py",
                "line_number": 12,
            }
        ],
    )
    assert run.procedure.version.tag == "1.2"
    assert run.operated_by.email.lower() == EMAIL
    assert (run.unit.part.number, run.unit.part.revision.number, run.unit.batch.number) == (part, "R7", batch)
    assert [(each.serial_number, each.part_number) for each in run.sub_units] == [(child, PART)]
    assert run.docstring == "as it was"
    assert run.phases[0].docstring == "of the phase"
    assert run.phases[0].retry_count == 0
    [log] = run.logs
    assert (log.level, log.message, log.source_file, log.line_number) == ("WARNING", "hm", "a.py", 12)


def test_keys_of_newer_clients(api: Api, procedure: str, serial: str) -> None:
    run = read(api, create(api, procedure, serial, phases=[phase()]))
    assert [run[key] for key in ("execution_id", "slot_key", "slot_name")] == [None] * 3
    assert (run["config"], run["secrets"]) == ([], [])
    assert run["unit"]["sample"] is None
    assert run["phases"][0]["sequence_path"] is None
    [listed] = api.get("/api/v2/runs", {"ids": run["id"]}).json["data"]
    assert [listed[key] for key in ("execution_id", "slot_key", "slot_name")] == [None] * 3
    assert listed["unit"]["sample"] is None


def validator(operator: Any, expected: Any, **more: Any) -> dict[str, Any]:
    return {
        "operator": operator,
        "expected_value": expected,
        "outcome": "PASS",
        "expression": f"x {operator} {expected}",
        "is_decisive": True,
    } | more


@pytest.mark.parametrize("outcome", ["PASS", "FAIL", "UNSET"])
@pytest.mark.parametrize("value", [5, 5.25, True, False, "text", {"a": [1]}, [1, "x"], None])
def test_outcomes_are_stored_as_given(
    api: Api, v2: Any, procedure: str, serial: str, outcome: str, value: Any
) -> None:
    measurement = {
        "name": "m",
        "outcome": outcome,
        "measured_value": value,
        "lower_limit": 9,
        "upper_limit": 10,
    }
    run = create(api, procedure, serial, phases=[phase(measurement)])
    found = read(api, run)["phases"][0]["measurements"][0]
    assert found["outcome"] == outcome, "never computed again"
    assert found.get("measured_value") == value
    limits = {(each["operator"], each["expected_value"]) for each in found["validators"]}
    assert limits == {(">=", 9), ("<=", 10)}
    assert v2.runs.get(id=run).phases[0].measurements[0].outcome == outcome


@pytest.mark.parametrize(
    ("operator", "expected"),
    [
        (">=", 3),
        ("<=", 3.5),
        (">", -1),
        ("<", 0),
        ("==", "text"),
        ("!=", True),
        ("in", [1, 2, 3]),
        ("in", ["a", "b"]),
        ("range", [1.5, 2.5]),
        ("matches", "^v[0-9]+$"),
        ("my own operator", "x"),
        (None, None),
    ],
)
def test_validators_are_kept_as_given(
    api: Api, v2: Any, procedure: str, serial: str, operator: Any, expected: Any
) -> None:
    sent = [validator(operator, expected, outcome="FAIL"), validator(operator, expected, is_decisive=False)]
    measurement = {"name": "m", "outcome": "PASS", "measured_value": 1, "validators": sent}
    run = create(api, procedure, serial, phases=[phase(measurement)])
    found = read(api, run)["phases"][0]["measurements"][0]["validators"]
    for got, gave in zip(found, sent, strict=True):
        assert {name: got[name] for name in gave} == gave
        assert isinstance(got["is_expression_only"], bool)
        assert isinstance(got["has_custom_expression"], bool)
        assert "analytics_expression" in got
    assert len(v2.runs.get(id=run).phases[0].measurements[0].validators) == 2


def test_axes_become_series(api: Api, v2: Any, procedure: str, serial: str) -> None:
    aggregation = {
        "type": "avg",
        "outcome": "FAIL",
        "value": 2.0,
        "unit": "V",
        "validators": [validator("<=", 1)],
    }
    y_axis = [
        {
            "data": [1.0, 2.0, 3.0],
            "units": "V",
            "description": "rail",
            "validators": [validator("<=", 3.5)],
            "aggregations": [aggregation],
        },
        {"data": [0.1, 0.2, 0.3], "units": "A"},
    ]
    measurement = {
        "name": "m",
        "outcome": "PASS",
        "x_axis": {"data": [0, 1, 2], "units": "s", "description": "time"},
        "y_axis": y_axis,
    }
    run = create(api, procedure, serial, phases=[phase(measurement)])
    series = read(api, run)["phases"][0]["measurements"][0]["data_series"]
    assert [(each["units"], each["data"]) for each in series] == [
        ("s", [0, 1, 2]),
        ("V", [1, 2, 3]),
        ("A", [0.1, 0.2, 0.3]),
    ]
    assert series[1]["validators"][0]["expected_value"] == 3.5
    [found] = series[1]["aggregations"]
    assert {name: found[name] for name in ("type", "outcome", "value", "unit")} == {
        name: aggregation[name] for name in ("type", "outcome", "value", "unit")
    }
    assert found["validators"][0]["expected_value"] == 1
    assert len(v2.runs.get(id=run).phases[0].measurements[0].data_series) == 3


@pytest.mark.parametrize("value", [2.5, "text", True, None])
def test_aggregations(api: Api, v2: Any, procedure: str, serial: str, value: Any) -> None:
    aggregation = {"type": "custom", "outcome": "UNSET", "value": value, "unit": None}
    measurement = {"name": "m", "outcome": "PASS", "measured_value": 1, "aggregations": [aggregation]}
    run = create(api, procedure, serial, phases=[phase(measurement)])
    [found] = read(api, run)["phases"][0]["measurements"][0]["aggregations"]
    assert {name: found.get(name) for name in aggregation} == aggregation
    assert found["id"]
    assert v2.runs.get(id=run).phases


@pytest.mark.parametrize("units", ["V", "°C", None])
def test_units_and_docstring_of_a_measurement(
    api: Api, procedure: str, serial: str, units: str | None
) -> None:
    measurement = {"name": "m", "outcome": "PASS", "measured_value": 1, "units": units, "docstring": "why"}
    run = read(api, create(api, procedure, serial, phases=[phase(measurement)]))
    assert run["phases"][0]["measurements"][0]["units"] == units


def test_phases_are_kept(api: Api, procedure: str, serial: str) -> None:
    outcomes = ["PASS", "FAIL", "SKIP", "ERROR"]
    sent = [phase(name=f"p{at}", outcome=outcome, retry_count=at) for at, outcome in enumerate(outcomes)]
    found = read(api, create(api, procedure, serial, phases=sent))["phases"]
    assert [(each["name"], each["outcome"], each["retry_count"]) for each in found] == [
        (f"p{at}", outcome, at) for at, outcome in enumerate(outcomes)
    ]
    assert all(each["measurements"] == [] for each in found)
    assert all(each["duration"].startswith("P") for each in found)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"serial_number": ""}, ["serial number"]),
        ({"serial_number": "   "}, ["serial number"]),
        ({"serial_number": "x" * 61}, []),
        ({"batch_number": ""}, ["batch"]),
        ({"batch_number": "x" * 101}, ["batch"]),
        ({"batch_number": "with space"}, ["batch"]),
        ({"part_number": ""}, ["part"]),
        ({"part_number": "\t"}, ["part"]),
        ({"part_number": "x" * 61}, ["part"]),
        ({"revision_number": "x" * 61}, ["revision"]),
        ({"procedure_version": "x" * 61}, []),
        ({"procedure_id": "FVT1"}, ["uuid"]),
        ({"procedure_id": ""}, ["uuid"]),
        ({"operated_by": "nobody"}, ["email"]),
        ({"outcome": "PASSED"}, ["outcome"]),
        ({"started_at": "yesterday"}, ["started_at"]),
        ({"phases": [{}]}, ["phases"]),
        ({"phases": [phase({"name": "m"})]}, ["outcome"]),
        ({"logs": [{"level": "LOUD"}]}, ["logs"]),
        ({"sub_units": "SN"}, ["sub_units"]),
    ],
)
def test_what_is_wrong_is_said(user: Api, procedure: str, serial: str, change: Any, words: list[str]) -> None:
    answer = user.post("/api/v2/runs", v2_run(procedure, serial) | change)
    refused(answer, 400, *words)
    assert answer.json["issues"][0]["message"]
    assert user.get("/api/v2/runs", {"serial_numbers": serial}).json["data"] == []


@pytest.mark.parametrize("length", [1, 60])
def test_how_long_numbers_may_be(api: Api, procedure: str, length: int) -> None:
    serial = unused("S")[-length:].rjust(length, "s")
    run = create(
        api, procedure, serial, part_number="p" * length, revision_number="r" * length, batch_number="b" * 100
    )
    assert read(api, run)["unit"]["serial_number"].lower() == serial.lower()


def test_an_unknown_procedure(user: Api, station: Api, serial: str) -> None:
    refused(user.post("/api/v2/runs", v2_run(SOME_ID, serial)), 404, "procedure")
    refused(station.post("/api/v2/runs", v2_run(SOME_ID, serial)), 403, "not authorized")


def test_no_part_number(user: Api, procedure: str, serial: str) -> None:
    body = v2_run(procedure, serial)
    del body["part_number"]
    answer = user.post("/api/v2/runs", body)
    assert 400 <= answer.status < 500
    assert "part number" in answer.text.lower()


def test_a_run_that_ended_before_it_began(v2: Any, procedure: str, serial: str) -> None:
    with pytest.raises(errors.TofuPilotError) as refusal:
        make(v2, procedure, serial, started_at=END, ended_at=START)
    assert refusal.value.status_code in (409, 500)
    if RELEASE < (2, 3):
        assert isinstance(refusal.value, (errors.APIError, errors.ErrorINTERNALSERVERERROR))


def test_a_sub_unit_that_nobody_knows(user: Api, procedure: str, serial: str) -> None:
    answer = user.post("/api/v2/runs", v2_run(procedure, serial, sub_units=[unused("NEVER")]))
    assert 400 <= answer.status < 500
    assert user.get("/api/v2/runs", {"serial_numbers": serial}).json["data"] == []


@pytest.mark.parametrize("run", [SOME_ID, "not-an-id", "../runs", "%00", "x" * 5000])
def test_an_unknown_run(user: Api, run: str) -> None:
    assert user.get(f"/api/v2/runs/{run}").status in (400, 404)


def test_the_client_is_told_that_a_run_is_unknown(v2: Any) -> None:
    with pytest.raises(errors.ErrorNOTFOUND):
        v2.runs.get(id=SOME_ID)


def test_files_are_linked_to_a_run(api: Api, user: Api, procedure: str, serial: str) -> None:
    run = create(api, procedure, serial)
    uploads = [api.post("/api/v2/attachments", {"name": f"{at}.txt"}).json for at in range(2)]
    put = api.follow("PUT", uploads[0]["upload_url"], b"content", Content_Type="text/plain")
    assert put.status == 200
    assert api.call("POST", f"/api/v2/attachments/{uploads[0]['id']}/finalize").status == 200
    linked = api.send("PATCH", f"/api/v2/runs/{run}", {"attachments": [each["id"] for each in uploads]})
    assert (linked.status, linked.json["id"]) == (200, run)
    found = read(api, run)["attachments"]
    assert [each["name"] for each in found] == ["0.txt", "1.txt"], "one was never finalized"
    assert api.follow("GET", found[0]["download_url"]).body == b"content"
    refused(api.send("PATCH", f"/api/v2/runs/{SOME_ID}", {"attachments": []}), 404)
    assert api.send("PATCH", f"/api/v2/runs/{run}", {"attachments": [SOME_ID]}).status in (400, 404)


def test_runs_are_deleted_by_users(v2: Any, admin: Any, kind: str, procedure: str) -> None:
    runs = [make(admin, procedure, unused("SN")).id for _ in range(3)]
    if kind == "station":
        for ids in [[SOME_ID], runs[:1]]:
            with pytest.raises(errors.TofuPilotError, match="Stations cannot") as refusal:
                v2.runs.delete(ids=ids)
            assert refusal.value.status_code == 403
        assert admin.runs.get(id=runs[0])
        return
    assert v2.runs.delete(ids=runs[:2]).id == runs[:2]
    for run in runs[:2]:
        with pytest.raises(errors.ErrorNOTFOUND):
            v2.runs.get(id=run)
    with pytest.raises(errors.ErrorNOTFOUND):
        v2.runs.delete(ids=[runs[2], SOME_ID])
    assert v2.runs.get(id=runs[2]), "none is deleted if one is unknown"


class Shelf:
    """Five runs of one procedure that differ in everything that they are found by."""

    def __init__(self, user: Api, station: Api) -> None:
        self.mark = unused("SHELF")
        names = [{"name": f"{self.mark} procedure {at}"} for at in range(2)]
        self.procedures = [user.post("/api/v2/procedures", name).json["id"] for name in names]
        self.runs: list[Any] = []
        for at, outcome in enumerate(["PASS", "FAIL", "ERROR", "TIMEOUT", "ABORTED"]):
            began = START + timedelta(days=at)
            body = v2_run(
                self.procedures[0 if at else 1],
                f"{self.mark}-{at}",
                outcome=outcome,
                started_at=began.isoformat(),
                ended_at=(began + timedelta(seconds=10 * (5 - at))).isoformat(),
                part_number=f"{self.mark}-P{at}",
                revision_number=f"R{at}",
                batch_number=f"{self.mark}-B{at}",
                procedure_version=f"{self.mark}-V{at}",
                operated_by=EMAIL,
            )
            if at == 4:
                del body["operated_by"]
            made = (station if at == 3 else user).post("/api/v2/runs", body)
            assert made.status == 200, made.text
            self.runs.append(read(user, made.json["id"]))

    def id(self, at: int) -> str:
        return str(self.runs[at]["id"])


@pytest.fixture(scope="module")
def shelf(server: Server, keys: dict[str, Any]) -> Shelf:
    return Shelf(server.api(keys["user"].text), server.api(keys["station"].text))


def found(api: Api, shelf: Shelf, **query: Any) -> list[int]:
    """Which of the shelf's runs a query finds, in its order."""
    mine = [run["id"] for run in shelf.runs]
    answer = api.get("/api/v2/runs", {"limit": 50, "sort_by": "started_at", "sort_order": "asc"} | query)
    assert answer.status == 200, answer.text
    return [mine.index(run["id"]) for run in answer.json["data"] if run["id"] in mine]


def day(at: float) -> str:
    return (START + timedelta(days=at)).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        (lambda s: {"search_query": f"{s.mark}-2"}, [2]),
        (lambda s: {"search_query": f"{s.mark.lower()}-p3"}, [3]),
        (lambda s: {"search_query": f"{s.mark} procedure 1"}, [0]),
        (lambda s: {"search_query": s.id(1)}, [1]),
        (lambda s: {"search_query": s.id(1)[:30]}, [1]),
        (lambda s: {"search_query": s.mark + "%"}, []),
        (lambda s: {"search_query": s.mark.replace("-", "_")}, []),
        (lambda s: {"ids": [s.id(0), s.id(4)]}, [0, 4]),
        (lambda s: {"outcomes": ["FAIL", "TIMEOUT"]}, [1, 3]),
        (lambda s: {"procedure_ids": [s.procedures[0]]}, [1, 2, 3, 4]),
        (lambda s: {"procedure_versions": [f"{s.mark}-v1", f"{s.mark}-V2"]}, [1, 2]),
        (lambda s: {"serial_numbers": [f"{s.mark}-1", f"{s.mark.lower()}-2"]}, [1, 2]),
        (lambda s: {"part_numbers": [f"{s.mark}-P1", f"{s.mark}-p2".lower()]}, [1, 2]),
        (lambda s: {"revision_numbers": ["R1", "r3"]}, [1, 3]),
        (lambda s: {"batch_numbers": [f"{s.mark}-B4"]}, [4]),
        (lambda s: {"duration_min": "PT30S"}, [0, 1, 2]),
        (lambda s: {"duration_max": "PT20S"}, [3, 4]),
        (lambda s: {"duration_min": "PT20S", "duration_max": "PT40S"}, [1, 2, 3]),
        (lambda s: {"started_after": day(1.5)}, [2, 3, 4]),
        (lambda s: {"started_before": day(1.5)}, [0, 1]),
        (lambda s: {"ended_after": day(1.5), "ended_before": day(3.5)}, [2, 3]),
        (lambda s: {"created_after": "2020-01-01T00:00:00Z"}, [0, 1, 2, 3, 4]),
        (lambda s: {"created_before": "2020-01-01T00:00:00Z"}, []),
        (lambda s: {"created_by_user_ids": [s.runs[0]["created_by_user"]["id"]]}, [0, 1, 2, 4]),
        (lambda s: {"created_by_station_ids": [s.runs[3]["created_by_station"]["id"]]}, [3]),
        (lambda s: {"operated_by_ids": [s.runs[0]["operated_by"]["id"]]}, [0, 1, 2, 3]),
        (lambda s: {"outcomes": ["PASS"], "serial_numbers": [f"{s.mark}-1"]}, []),
        (lambda s: {"sort_order": "desc"}, [4, 3, 2, 1, 0]),
        (lambda s: {"sort_by": "duration"}, [4, 3, 2, 1, 0]),
        (lambda s: {"sort_by": "outcome"}, None),
        (lambda s: {"sort_by": "created_at", "sort_order": "desc"}, [4, 3, 2, 1, 0]),
        (lambda s: {"sort_by": "serial_number"}, [0, 1, 2, 3, 4]),
        (lambda s: {"sort_by": "part_number", "sort_order": "desc"}, [4, 3, 2, 1, 0]),
        (lambda s: {"sort_by": "revision_number"}, [0, 1, 2, 3, 4]),
    ],
)
def test_runs_are_found(api: Api, shelf: Shelf, query: Any, expected: list[int] | None) -> None:
    asked = query(shelf)
    if not {"search_query", "part_numbers"} & set(asked):
        asked["part_numbers"] = [f"{shelf.mark}-P{at}" for at in range(5)]
    got = found(api, shelf, **asked)
    if expected is None:
        outcomes = [shelf.runs[at]["outcome"] for at in got]
        assert len(got) == 5 and outcomes in (
            sorted(outcomes),
            ["PASS", "FAIL", "ERROR", "TIMEOUT", "ABORTED"],
        )
    else:
        assert got == expected


def test_a_listed_run(v2: Any, shelf: Shelf, api: Api) -> None:
    [run] = v2.runs.list(ids=[shelf.id(0)]).data
    whole = shelf.runs[0]
    assert (run.id, run.outcome, run.duration) == (whole["id"], "PASS", whole["duration"])
    assert run.unit.part.revision.number == "R0" and run.unit.batch.number == f"{shelf.mark}-B0"
    assert run.procedure.version.tag == f"{shelf.mark}-V0"
    [listed] = api.get("/api/v2/runs", {"ids": shelf.id(0)}).json["data"]
    assert not {"phases", "attachments", "logs", "sub_units"} & set(listed)
    assert moment(listed["started_at"]) == moment(whole["started_at"])


@pytest.mark.parametrize("limit", [1, 2, 5])
def test_lists_come_in_pages(v2: Any, shelf: Shelf, limit: int) -> None:
    serials = [f"{shelf.mark}-{at}" for at in range(5)]
    seen: list[str] = []
    cursor = None
    for _ in range(6):
        page = v2.runs.list(serial_numbers=serials, limit=limit, cursor=cursor)
        seen += [run.id for run in page.data]
        cursor = page.meta.next_cursor
        assert (cursor is not None) == page.meta.has_more
        if not page.meta.has_more:
            break
    assert seen == [shelf.id(at) for at in (4, 3, 2, 1, 0)]


@pytest.mark.parametrize(
    "query",
    [
        {"limit": "many"},
        {"limit": -1},
        {"cursor": "x"},
        {"sort_by": "color"},
        {"sort_order": "up"},
        {"outcomes": "GOOD"},
        {"started_after": "yesterday"},
        {"duration_min": "long"},
    ],
)
def test_a_question_that_is_none(api: Api, query: Any) -> None:
    refused(api.get("/api/v2/runs", query), 400)


@pytest.mark.skipif(RELEASE < (2, 3), reason="this release has no files below runs")
def test_files_below_a_run(v2: Any, procedure: str, serial: str, tmp_path: Any) -> None:
    """Release 2.26 uploads to the run itself."""
    run = make(v2, procedure, serial)
    file = tmp_path / "notes.txt"
    file.write_bytes(b"hello")
    upload = v2.runs.attachments.upload(run.id, file)
    [attachment] = v2.runs.get(id=run.id).attachments
    assert (attachment.id, attachment.name) == (upload, "notes.txt")
    assert v2.runs.attachments.download(attachment, tmp_path / "copy").read_bytes() == b"hello"
