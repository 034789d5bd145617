"""Creating runs and finding them again, as V1 stations do (records reference, 4.1 and 4.2)."""

import logging
from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
from samples import EMAIL, NOON, PART, STATION, unit, unused, v1_phase, v1_run, v2_run
from test_answers import moment
from tofupilot import MeasurementOutcome, PhaseOutcome
from wire import Api

SOME_ID = "00000000-0000-4000-8000-000000000000"


def stored(api: Api, run: dict[str, Any]) -> Any:
    """Posts a run as V1 and reads it as V2."""
    answer = api.post("/api/v1/runs", run)
    assert answer.status == 200, answer.text
    return api.get(f"/api/v2/runs/{answer.json['id']}").json


def measured(api: Api, procedure: str, serial: str, **measurement: Any) -> Any:
    """Posts a run with one measurement, and answers how it is read."""
    one = {"name": "m", "outcome": "PASS"} | measurement
    return stored(api, v1_run(procedure, serial, phases=[v1_phase("p", one)]))["phases"][0]["measurements"][0]


@pytest.mark.parametrize("passed", [True, False])
def test_a_run_needs_no_more_than_a_unit_and_a_verdict(
    v1: Any, user: Api, procedure: str, serial: str, passed: bool
) -> None:
    created = v1.create_run(unit(serial), run_passed=passed, procedure_id=procedure)
    assert created["success"] is True
    assert "message" not in created or created["message"] is None
    assert len(created["id"]) == 36
    run = user.get(f"/api/v2/runs/{created['id']}").json
    assert run["outcome"] == ("PASS" if passed else "FAIL")
    assert run["unit"]["serial_number"] == serial
    assert run["unit"]["part"]["number"] == PART
    assert run["unit"]["part"]["name"], "the name is required text"
    assert run["unit"]["part"]["revision"]["number"], "without a revision the part's default one"
    assert run["unit"].get("batch") is None
    assert run["procedure"]["id"] == procedure
    assert run["procedure"]["version"] is None
    assert (run["phases"], run["attachments"], run["logs"], run["sub_units"]) == ([], [], [], [])


def test_a_procedure_has_a_short_name_as_well(start: Any) -> None:
    server = start()
    api = server.api(server.key("--user", "first@example.com").text)
    ids = [api.post("/api/v2/procedures", {"name": "Same name"}).json["id"] for _ in range(2)]
    for number, procedure in enumerate(ids, 1):
        found = api.get(f"/api/v2/procedures/{procedure}").json
        assert found["identifier"] == f"FVT{number}"
        for name in [procedure, f"FVT{number}"]:
            run = stored(api, v1_run(name, unused("SN")))
            assert run["procedure"]["id"] == procedure


def test_an_unknown_procedure_is_not_found(v1: Any, api: Api, serial: str) -> None:
    for procedure in [SOME_ID, "FVT99999"]:
        created = v1.create_run(unit(serial), run_passed=True, procedure_id=procedure)
        assert (created["success"], created["status_code"]) == (False, 404)
    assert api.get("/api/v1/runs", {"serial_number": serial}).json["result"] == []


def test_the_id_of_a_procedure_wins_over_its_name(api: Api, user: Api, procedure: str, serial: str) -> None:
    before = user.get(f"/api/v2/procedures/{procedure}").json
    other = unused("Never made")
    run = stored(api, v1_run(procedure, serial, procedure_name=other))
    assert run["procedure"]["id"] == procedure
    assert user.get(f"/api/v2/procedures/{procedure}").json["name"] == before["name"]
    assert user.get("/api/v2/procedures", {"search_query": other}).json["data"] == []


def test_versions_of_a_procedure_are_found_or_made(api: Api, user: Api, procedure: str) -> None:
    tags = ["1.2.0", "1.2.0", "v2-Beta", "V2-BETA"]
    runs = [stored(api, v1_run(procedure, unused("SN"), procedure_version=tag)) for tag in tags]
    versions = [run["procedure"]["version"] for run in runs]
    assert versions[0] == versions[1] and versions[0]["tag"] == "1.2.0"
    assert versions[2] == versions[3] and versions[2]["tag"] == "v2-Beta"
    assert user.get(f"/api/v2/procedures/{procedure}/versions/1.2.0").json["run_count"] == 2


def test_part_revision_and_batch_are_found_in_any_case(api: Api, procedure: str) -> None:
    part, revision, batch = unused("Pn"), "Rev-a", unused("Lot")
    changes: list[Callable[[str], str]] = [str, str.upper, str.lower]
    runs = [
        stored(
            api,
            v1_run(
                procedure,
                "",
                unit_under_test={
                    "serial_number": unused("SN"),
                    "part_number": change(part),
                    "revision": change(revision),
                    "batch_number": change(batch),
                },
            ),
        )["unit"]
        for change in changes
    ]
    assert {run["part"]["number"] for run in runs} == {part}
    assert {run["part"]["revision"]["number"] for run in runs} == {revision}
    assert {run["batch"]["number"] for run in runs} == {batch}
    for key in ["part", "batch"]:
        assert len({run[key]["id"] for run in runs}) == 1


def test_serial_numbers_are_found_in_any_case(api: Api, procedure: str) -> None:
    serial = unused("Sn")
    stored(api, v1_run(procedure, serial))
    stored(api, v1_run(procedure, serial.upper()))
    found = api.get("/api/v1/runs", {"serial_number": serial.lower()}).json["result"]
    assert {run["unit"]["serial_number"] for run in found} == {serial}
    assert len(found) == 2


@pytest.mark.parametrize(
    "unit_under_test", [{"part_number": PART}, {"serial_number": "", "part_number": PART}]
)
def test_a_unit_without_serial_number_is_a_bad_request(v1: Any, procedure: str, unit_under_test: Any) -> None:
    created = v1.create_run(unit_under_test, run_passed=True, procedure_id=procedure)
    assert (created["success"], created["status_code"]) == (False, 400)
    assert "serial" in created["error"]["message"].lower()


def test_a_unit_without_part_number_is_refused(v1: Any, api: Api, procedure: str, serial: str) -> None:
    created = v1.create_run({"serial_number": serial}, run_passed=True, procedure_id=procedure)
    assert created["success"] is False
    assert 400 <= created["status_code"] < 500
    assert "part number" in created["error"]["message"].lower()
    assert api.get("/api/v1/runs", {"serial_number": serial}).json["result"] == []


def test_a_known_unit_needs_no_part_number(api: Api, procedure: str, serial: str) -> None:
    stored(api, v1_run(procedure, serial))
    again = stored(api, v1_run(procedure, "", unit_under_test={"serial_number": serial}))
    assert again["unit"]["part"]["number"] == PART


def test_a_serial_number_may_come_back_with_another_part(api: Api, procedure: str, serial: str) -> None:
    parts = [unused("PN") for _ in range(3)]
    runs = []
    for part in parts:
        of = unit(serial, part_number=part, revision=f"R-{part}"[:20], batch_number=f"B-{part}")
        runs.append(stored(api, v1_run(procedure, "", unit_under_test=of)))
    for part, run in zip(parts, runs, strict=True):
        now = api.get(f"/api/v2/runs/{run['id']}").json
        assert now["unit"]["part"]["number"] == part, "an old run keeps its part"
        assert now["unit"]["batch"]["number"] == f"B-{part}"
    assert api.get(f"/api/v2/units/{serial}").json["part"]["number"] == parts[-1]


def test_serial_numbers_say_part_revision_and_batch(start: Any) -> None:
    pattern = r"^(?P<part>PN\d{3})(?P<revision>[A-Z])-(?P<batch>B\d{2})-\d+$"
    server = start("--serial-pattern", pattern)
    api = server.api(server.key("--station", "Pattern bench").text)
    user = server.api(server.key("--user", "pattern@example.com").text)
    procedure = user.post("/api/v2/procedures", {"name": "P"}).json["id"]
    of = stored(api, v1_run(procedure, "", unit_under_test={"serial_number": "PN123C-B07-0042"}))["unit"]
    found = of["part"]["number"], of["part"]["revision"]["number"], of["batch"]["number"]
    assert found == ("PN123", "C", "B07")
    said = unit("PN123C-B07-0043", part_number="OTHER", revision="Z", batch_number="LOT")
    of = stored(api, v1_run(procedure, "", unit_under_test=said))["unit"]
    found = of["part"]["number"], of["part"]["revision"]["number"], of["batch"]["number"]
    assert found == ("OTHER", "Z", "LOT"), "what the station says takes precedence"
    refused = api.post("/api/v1/runs", v1_run(procedure, "", unit_under_test={"serial_number": "X-1"}))
    assert 400 <= refused.status < 500
    assert "part number" in refused.json["error"]["message"].lower()


def test_started_at_and_duration_are_kept(v1: Any, user: Api, procedure: str, serial: str) -> None:
    began = datetime(2024, 2, 29, 23, 59, 58, 123456, tzinfo=timezone(timedelta(hours=2)))
    taken = timedelta(days=1, seconds=61, microseconds=500_000)
    created = v1.create_run(unit(serial), True, procedure_id=procedure, started_at=began, duration=taken)
    run = user.get(f"/api/v2/runs/{created['id']}").json
    assert abs(moment(run["started_at"]) - began) <= timedelta(milliseconds=1)
    assert abs(moment(run["ended_at"]) - began - taken) <= timedelta(milliseconds=1)
    assert abs(moment(run["created_at"]) - datetime.now(timezone.utc)) < timedelta(
        minutes=1
    ), "the time of upload"


def test_without_started_at_a_run_began_with_its_first_phase(api: Api, procedure: str, serial: str) -> None:
    phases = [
        v1_phase("second", start_time_millis=NOON + 5000, end_time_millis=NOON + 9000),
        v1_phase("first", start_time_millis=NOON, end_time_millis=NOON + 1000),
    ]
    run = stored(api, v1_run(procedure, serial, phases=phases))
    assert moment(run["started_at"]).timestamp() * 1000 == NOON
    assert moment(run["ended_at"]).timestamp() * 1000 == NOON + 9000


def test_without_phases_a_run_began_when_it_arrived(api: Api, procedure: str, serial: str) -> None:
    before = datetime.now(timezone.utc) - timedelta(seconds=1)
    run = stored(api, v1_run(procedure, serial))
    assert before <= moment(run["started_at"]) <= datetime.now(timezone.utc) + timedelta(seconds=1)
    assert run["ended_at"] == run["started_at"]


def test_phases_keep_order_outcome_times_and_docstring(
    v1: Any, user: Api, procedure: str, serial: str
) -> None:
    outcomes = [
        PhaseOutcome.PASS,
        PhaseOutcome.FAIL,
        PhaseOutcome.SKIP,
        PhaseOutcome.ERROR,
        PhaseOutcome.PASS,
    ]
    phases: Any = [
        v1_phase(f"phase {at}", outcome=outcome, docstring=f"says {at}", start_time_millis=NOON + at * 10)
        for at, outcome in enumerate(outcomes)
    ]
    created = v1.create_run(unit(serial), False, procedure_id=procedure, phases=phases)
    read = user.get(f"/api/v2/runs/{created['id']}").json["phases"]
    assert [phase["name"] for phase in read] == [phase["name"] for phase in phases]
    assert [phase["outcome"] for phase in read] == [outcome.value for outcome in outcomes]
    assert [phase["docstring"] for phase in read] == [phase["docstring"] for phase in phases]
    for phase, sent in zip(read, phases, strict=True):
        assert moment(phase["started_at"]).timestamp() * 1000 == pytest.approx(
            sent["start_time_millis"], abs=1
        )
        assert moment(phase["ended_at"]).timestamp() * 1000 == pytest.approx(sent["end_time_millis"], abs=1)
        assert phase["measurements"] == []
        assert isinstance(phase["retry_count"], int)


def test_millis_may_be_fractions(api: Api, procedure: str, serial: str) -> None:
    phase = v1_phase("p", start_time_millis=NOON + 0.25, end_time_millis=NOON + 1500.75)
    read = stored(api, v1_run(procedure, serial, phases=[phase]))["phases"][0]
    taken = moment(read["ended_at"]) - moment(read["started_at"])
    assert abs(taken - timedelta(milliseconds=1500.5)) <= timedelta(milliseconds=1)


@pytest.mark.parametrize("value", [5, 5.5, -0.0, 1e300, 2**53, "text", "", "ünïcödé \U0001f600", True, False])
def test_values_keep_their_type(api: Api, procedure: str, serial: str, value: Any) -> None:
    read = measured(api, procedure, serial, measured_value=value)["measured_value"]
    assert read == value
    assert type(read) is type(value) or not isinstance(value, (bool, str))


@pytest.mark.parametrize("value", [{"a": {"b": [1, None, "x"]}}, {}, {"nan": None}])
def test_objects_are_values(api: Api, procedure: str, serial: str, value: Any) -> None:
    assert measured(api, procedure, serial, measured_value=value)["measured_value"] == value


def test_a_measurement_without_value_has_none(api: Api, procedure: str, serial: str) -> None:
    read = measured(api, procedure, serial, outcome="UNSET")
    assert read["outcome"] == "UNSET"
    assert read.get("measured_value") is None


@pytest.mark.parametrize("outcome", [*MeasurementOutcome, "SKIP", "ERROR"])
def test_outcomes_of_measurements(api: Api, procedure: str, serial: str, outcome: str) -> None:
    read = measured(api, procedure, serial, outcome=outcome, measured_value=1.0)["outcome"]
    assert read == (outcome if outcome in ("PASS", "FAIL") else "UNSET")


@pytest.mark.parametrize("units", ["V", "°C", "Ω", "%", "m/s²", "my own", None])
def test_units_are_kept_as_given(api: Api, procedure: str, serial: str, units: str | None) -> None:
    assert measured(api, procedure, serial, measured_value=1.5, units=units)["units"] == units


@pytest.mark.parametrize(
    ("limits", "expected"),
    [
        ({"lower_limit": 1.0}, [(">=", 1.0)]),
        ({"upper_limit": 2.5}, [("<=", 2.5)]),
        ({"lower_limit": 1, "upper_limit": 2.5}, [(">=", 1), ("<=", 2.5)]),
        ({"lower_limit": 0, "upper_limit": 0}, [(">=", 0), ("<=", 0)]),
        ({"lower_limit": None, "upper_limit": 3}, [("<=", 3)]),
    ],
)
def test_limits_become_validators(api: Api, procedure: str, serial: str, limits: Any, expected: Any) -> None:
    read = measured(api, procedure, serial, measured_value=1.5, **limits)["validators"]
    assert sorted((each["operator"], each["expected_value"]) for each in read) == sorted(expected)
    for validator in read:
        assert validator["outcome"] in ("PASS", "FAIL", "UNSET")
        assert validator["expression"]
        assert set(validator) >= {
            "is_decisive",
            "is_expression_only",
            "analytics_expression",
            "has_custom_expression",
        }


def test_validators_as_text_are_kept(api: Api, procedure: str, serial: str) -> None:
    texts = ["1 <= x <= 4", "x == 3", "something else entirely"]
    read = measured(api, procedure, serial, measured_value=3, validators=texts, docstring="why")
    for text in texts:
        assert any(text in validator["expression"] for validator in read["validators"]), text


def test_several_measurements_of_which_one_fails(v1: Any, user: Api, procedure: str, serial: str) -> None:
    sent: Any = [
        {"name": "input", "outcome": MeasurementOutcome.PASS, "measured_value": 4.9, "units": "V"},
        {"name": "output", "outcome": MeasurementOutcome.FAIL, "measured_value": 2.9, "lower_limit": 3.0},
        {"name": "unset", "outcome": MeasurementOutcome.UNSET},
    ]
    phases: Any = [v1_phase("p", *sent, outcome="FAIL")]
    created = v1.create_run(unit(serial), False, procedure_id=procedure, phases=phases)
    read = user.get(f"/api/v2/runs/{created['id']}").json["phases"][0]["measurements"]
    assert [(each["name"], each["outcome"]) for each in read] == [
        ("input", "PASS"),
        ("output", "FAIL"),
        ("unset", "UNSET"),
    ]


def columns(measurement: Any) -> list[tuple[str | None, list[float]]]:
    return [(series["units"], series["data"]) for series in measurement["data_series"]]


def test_rows_with_a_list_of_units_are_a_table(api: Api, procedure: str, serial: str) -> None:
    numpy = pytest.importorskip("numpy")
    time = numpy.linspace(0, 1, 5)
    rows = numpy.column_stack([time, numpy.sin(time), numpy.cos(time)]).tolist()
    read = measured(api, procedure, serial, measured_value=rows, units=["s", "V", "A"])
    assert columns(read) == [
        (unit, pytest.approx(list(column))) for unit, column in zip(["s", "V", "A"], zip(*rows), strict=True)
    ]


def test_numpy_rows_through_the_client(v1: Any, user: Api, procedure: str, serial: str) -> None:
    numpy = pytest.importorskip("numpy")
    rows = numpy.arange(12.0).reshape(6, 2).tolist()
    measurement = {"name": "sweep", "outcome": "PASS", "measured_value": rows, "units": ["Hz", "dB"]}
    phases: Any = [v1_phase("p", measurement)]
    created = v1.create_run(unit(serial), True, procedure_id=procedure, phases=phases)
    read = user.get(f"/api/v2/runs/{created['id']}").json["phases"][0]["measurements"][0]
    assert columns(read) == [("Hz", [0, 2, 4, 6, 8, 10]), ("dB", [1, 3, 5, 7, 9, 11])]


def test_logs_are_kept(v1: Any, user: Api, procedure: str, serial: str) -> None:
    levels = ["DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"]
    logs: Any = [
        {
            "level": level,
            "timestamp": f"2025-06-15T10:30:0{at}.123Z",
            "message": f"message {at}\n<b>two lines</b>",
            "source_file": "station.py",
            "line_number": at + 1,
        }
        for at, level in enumerate(levels)
    ]
    created = v1.create_run(unit(serial), True, procedure_id=procedure, logs=logs)
    read = user.get(f"/api/v2/runs/{created['id']}").json["logs"]
    kept = ["level", "message", "source_file", "line_number"]
    assert [[each[name] for name in kept] for each in read] == [
        [each[name] for name in kept] for each in logs
    ]
    assert [moment(each["timestamp"]) for each in read] == [moment(each["timestamp"]) for each in logs]


def test_logs_of_a_handler_of_the_stations_own(v1: Any, user: Api, procedure: str, serial: str) -> None:
    """As the documentation of the client collects them."""

    class Collector(logging.Handler):
        logs: Any = []

        def emit(self, record: logging.LogRecord) -> None:
            at = datetime.fromtimestamp(record.created, timezone.utc).isoformat(timespec="milliseconds")
            self.logs.append(
                {
                    "level": record.levelname,
                    "timestamp": at.replace("+00:00", "Z"),
                    "message": record.getMessage(),
                    "source_file": record.filename,
                    "line_number": record.lineno,
                }
            )

    logger, handler = logging.getLogger("station"), Collector()
    logger.setLevel(logging.DEBUG)
    logger.addHandler(handler)
    logger.debug("voltage %.1f", 3.3)
    logger.critical("smoke")
    logger.removeHandler(handler)
    created = v1.create_run(unit(serial), True, procedure_id=procedure, logs=handler.logs)
    read = user.get(f"/api/v2/runs/{created['id']}").json["logs"]
    assert [(each["level"], each["message"]) for each in read] == [
        ("DEBUG", "voltage 3.3"),
        ("CRITICAL", "smoke"),
    ]
    assert {each["source_file"] for each in read} == {"test_v1_runs.py"}


def test_sub_units_become_children(v1: Any, api: Api, user: Api, procedure: str, serial: str) -> None:
    children = [unused("SUB") for _ in range(2)]
    for child in children:
        made = user.post("/api/v2/runs", v2_run(procedure, child))
        assert made.status == 200, made.text
    sub_units: Any = [{"serial_number": child} for child in children]
    created = v1.create_run(unit(serial), True, procedure_id=procedure, sub_units=sub_units)
    assert created["success"], created
    run = user.get(f"/api/v2/runs/{created['id']}").json
    assert [each["serial_number"] for each in run["sub_units"]] == children
    assert {each["part_number"] for each in run["sub_units"]} == {PART}
    found = api.get(f"/api/v2/units/{serial}").json["children"]
    assert sorted(each["serial_number"] for each in found) == sorted(children)

    other = unused("SN")
    again = v1.create_run(
        unit(other), True, procedure_id=procedure, sub_units=[{"serial_number": children[0]}]
    )
    assert again["success"], again
    assert api.get(f"/api/v2/units/{children[0]}").json["parent"]["serial_number"] == other
    left = api.get(f"/api/v2/units/{serial}").json["children"]
    assert [each["serial_number"] for each in left] == [children[1]], "it moved"


def test_a_sub_unit_that_nobody_tested_is_refused(v1: Any, api: Api, procedure: str, serial: str) -> None:
    sub_units: Any = [{"serial_number": unused("NEVER")}]
    created = v1.create_run(unit(serial), True, procedure_id=procedure, sub_units=sub_units)
    assert created["success"] is False
    assert 400 <= created["status_code"] < 500
    assert (
        api.get("/api/v1/runs", {"serial_number": serial}).json["result"] == []
    ), "a run is stored whole or not at all"


def test_steps_of_old_stations_are_kept(v1: Any, user: Api, procedure: str, serial: str) -> None:
    began = datetime(2025, 6, 15, 10, 30, tzinfo=timezone.utc)
    step: Any = {
        "name": "voltage",
        "started_at": began,
        "duration": timedelta(seconds=2.5),
        "step_passed": False,
        "measurement_unit": "V",
        "measurement_value": 3.4,
        "limit_low": 3.0,
        "limit_high": 3.2,
    }
    text: Any = {"name": "text", "started_at": began, "duration": timedelta(0), "step_passed": True}
    created = v1.create_run(unit(serial), False, procedure_id=procedure, steps=[step, text])
    assert created["success"], created
    read = user.get(f"/api/v2/runs/{created['id']}").json["phases"]
    assert [(phase["name"], phase["outcome"]) for phase in read] == [("voltage", "FAIL"), ("text", "PASS")]
    assert moment(read[0]["started_at"]) == began
    assert moment(read[0]["ended_at"]) == began + timedelta(seconds=2.5)
    [measurement] = read[0]["measurements"]
    assert (measurement["measured_value"], measurement["units"]) == (3.4, "V")
    assert len(measurement["validators"]) == 2


def test_a_run_posted_twice_is_two_runs(api: Api, procedure: str, serial: str) -> None:
    ids = {api.post("/api/v1/runs", v1_run(procedure, serial)).json["id"] for _ in range(2)}
    assert len(ids) == 2


def test_runs_of_a_unit_are_listed_newest_first(v1: Any, procedure: str, serial: str) -> None:
    ids = [
        v1.create_run(
            unit(serial), True, procedure_id=procedure, started_at=datetime(2025, 6, day, tzinfo=timezone.utc)
        )["id"]
        for day in (14, 16, 15)
    ]
    found = v1.get_runs(serial_number=serial)
    assert found["success"] is True
    assert found["data"] == found["result"]
    assert [run["id"] for run in found["result"]] == [ids[1], ids[2], ids[0]]


def test_an_unknown_unit_has_no_runs(v1: Any, records: list[logging.LogRecord]) -> None:
    found = v1.get_runs(serial_number=unused("NEVER"))
    assert (found["success"], found["result"], found["data"]) == (True, [], [])
    assert not [record for record in records if record.levelno >= logging.WARNING]


def test_no_serial_number_is_an_error(v1: Any, api: Api) -> None:
    assert v1.get_runs(serial_number="")["success"] is False
    assert api.get("/api/v1/runs", {"serial_number": ""}).status == 400
    assert api.get("/api/v1/runs").status == 400


def test_what_a_listed_run_says(v1: Any, kind: str, procedure: str, serial: str, tmp_path: Any) -> None:
    file = tmp_path / "photo of unit.txt"
    file.write_bytes(b"content")
    of = unit(serial, revision="B", batch_number="LOT-1")
    phases: Any = [v1_phase("p", {"name": "m", "outcome": "PASS", "measured_value": 1.5}, docstring="d")]
    logs: Any = [
        {
            "level": "INFO",
            "timestamp": "2025-06-15T10:30:00Z",
            "message": "hello",
            "source_file": "a.py",
            "line_number": 7,
        }
    ]
    v1.create_run(
        of,
        True,
        procedure_id=procedure,
        procedure_version="1.0",
        phases=phases,
        logs=logs,
        attachments=[str(file)],
    )
    [run] = v1.get_runs(serial_number=serial)["result"]
    for name in ["id", "created_at", "started_at", "ended_at", "duration"]:
        assert run[name]
    assert run["outcome"] == "PASS"
    assert run["unit"]["serial_number"] == serial
    assert run["unit"]["batch"]["number"] == "LOT-1"
    assert run["unit"]["revision"]["identifier"] == "B"
    assert run["unit"]["revision"]["component"]["part_number"] == PART
    assert run["unit"]["revision"]["component"]["name"]
    assert run["procedure"]["id"] == procedure and run["procedure"]["name"]
    assert run["procedure_version"]["value"] == "1.0"
    assert (run["created_by_user"] is None, run["created_by_station"] is None) == (
        kind != "user",
        kind == "user",
    )
    assert kind == "user" or run["created_by_station"]["name"] == STATION
    assert EMAIL not in str(run["created_by_station"])
    [phase] = run["phases"]
    for name in ["id", "name", "started_at", "ended_at", "duration", "outcome", "docstring", "measurements"]:
        assert phase[name], name
    [log] = run["logs"]
    assert (log["level"], log["message"], log["source_file"], log["line_number"]) == (
        "INFO",
        "hello",
        "a.py",
        7,
    )
    assert log["id"] and log["timestamp"]
    assert run["file_import"] is None
    [attachment] = run["attachments"]
    assert attachment["name"] == attachment["filename"] == "photo of unit.txt"
    assert attachment["size"] == 7
    assert attachment["id"] and attachment["content_type"] == "text/plain"


def test_serial_numbers_are_any_text(v1: Any, api: Api, procedure: str) -> None:
    for serial in ["a b", "a/b", "a\\b", "a%2Fb", "a&b=c", "ünï", "<b>", "';--", "日本語", "a+b", "a?b#c"]:
        whole = f"{serial}{unused('')}"
        created = v1.create_run(unit(whole), True, procedure_id=procedure)
        assert created["success"], created
        assert [run["id"] for run in v1.get_runs(serial_number=whole)["result"]] == [created["id"]]
        assert (
            api.get("/api/v1/runs", {"serial_number": whole}).json["result"][0]["unit"]["serial_number"]
            == whole
        )


def test_a_run_of_many_measurements(api: Api, procedure: str, serial: str) -> None:
    phases = [
        v1_phase(
            f"p{at}", *({"name": f"m{n}", "outcome": "PASS", "measured_value": n / 7} for n in range(100))
        )
        for at in range(200)
    ]
    read = stored(api, v1_run(procedure, serial, phases=phases))["phases"]
    assert [len(phase["measurements"]) for phase in read] == [100] * 200
    assert read[199]["measurements"][99]["measured_value"] == 99 / 7


def test_a_body_beyond_two_megabytes(api: Api, procedure: str, serial: str) -> None:
    log = {
        "level": "INFO",
        "timestamp": "2025-06-15T10:30:00Z",
        "message": "x" * 1000,
        "source_file": "a.py",
        "line_number": 1,
    }
    assert len(stored(api, v1_run(procedure, serial, logs=[log] * 5000))["logs"]) == 5000


def test_old_stations_delete_and_patch(api: Api, user: Api, kind: str, procedure: str, serial: str) -> None:
    """What the releases before ask for (8)."""
    run = stored(api, v1_run(procedure, serial))["id"]
    deleted = api.call("DELETE", f"/api/v1/runs/{run}")
    assert (deleted.status == 200) == (kind == "user"), deleted.text
    assert user.get(f"/api/v2/runs/{run}").status == (404 if kind == "user" else 200)
