"""OpenHTF stations: the context manager, the callback, and reports that were written before (records reference, 4.4, 5).

Every run goes through OpenHTF itself, and comes back through `GET /api/v2/runs/{id}`.
"""

import hashlib
import json
import logging
import re
import warnings
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import openhtf as htf
import pytest
from openhtf.output.callbacks import json_factory
from openhtf.util import units
from openhtf.util.configuration import CONF
from program import Server
from samples import PART, RELEASE, unused, v2_run
from test_answers import moment
from test_v1_uploads import download
from tofupilot.openhtf import TofuPilot, upload
from wire import Api

Phases = list[Any]


class Station:
    """A station that sends its runs, and what the server made of the last one."""

    def __init__(self, server: Server, key: str, user: Api, procedure: str, records: list[logging.LogRecord]):
        self.server, self.key, self.user, self.procedure, self.records = server, key, user, procedure, records

    def execute(self, phases: Phases, serial: str, how: str = "context", **metadata: Any) -> htf.Test:
        options = {"procedure_id": self.procedure, "part_number": PART} | metadata
        test = htf.Test(*phases, **{name: value for name, value in options.items() if value is not None})
        if how == "context":
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", FutureWarning)
                with TofuPilot(test, api_key=self.key, url=self.server.url, stream=False):
                    test.execute(test_start=lambda: serial)
        else:
            test.add_output_callbacks(upload(api_key=self.key, url=self.server.url, allow_nan=how == "nan"))
            test.execute(test_start=lambda: serial)
        return test

    def ids(self) -> list[str]:
        """The runs that the client says it imported, which is where callers find their ids."""
        texts = (record.getMessage() for record in self.records)
        found = (re.search(r"Run imported successfully with ID: (\S+)", text) for text in texts)
        return [match[1] for match in found if match]

    def run(self, phases: Phases, serial: str | None = None, how: str = "context", **metadata: Any) -> Any:
        self.records.clear()
        self.execute(phases, serial or unused("SN"), how, **metadata)
        [run] = self.ids()
        return self.read(run)

    def read(self, run: str) -> Any:
        answer = self.user.get(f"/api/v2/runs/{run}")
        assert answer.status == 200, answer.text
        return answer.json


@pytest.fixture
def bench(server: Server, key: str, user: Api, procedure: str, records: list[logging.LogRecord]) -> Station:
    return Station(server, key, user, procedure, records)


def phase_of(run: Any, name: str) -> Any:
    [phase] = [phase for phase in run["phases"] if phase["name"] == name]
    return phase


def measurement_of(run: Any, name: str) -> Any:
    [found] = [each for phase in run["phases"] for each in phase["measurements"] if each["name"] == name]
    return found


def setting(measurement: Any, value: Any) -> Any:
    """A phase that sets one measurement."""

    @htf.measures(measurement)
    def measure(test: htf.TestApi) -> None:
        test.measurements[measurement.name] = value

    return measure


def passes(test: htf.TestApi) -> None:
    """Does nothing."""


@pytest.mark.parametrize("how", ["context", "callback"])
def test_a_run_is_what_the_station_did(bench: Station, kind: str, how: str) -> None:
    @htf.measures(htf.Measurement("voltage").in_range(4.5, 5.5).with_units(units.VOLT).doc("the rail"))
    def measure(test: htf.TestApi) -> None:
        test.measurements.voltage = 5.0

    serial = unused("SN")
    before = datetime.now(timezone.utc)
    run = bench.run([passes, measure], serial, how)
    assert (run["outcome"], run["unit"]["serial_number"]) == ("PASS", serial)
    assert run["procedure"]["id"] == bench.procedure
    assert run["unit"]["part"]["number"] == PART
    assert run[f"created_by_{kind}"]["id"]
    assert {"passes", "measure"} <= {phase["name"] for phase in run["phases"]}
    assert {phase["outcome"] for phase in run["phases"]} == {"PASS"}
    assert abs((moment(run["started_at"]) - before).total_seconds()) < 30
    assert moment(run["ended_at"]) >= moment(run["started_at"])
    found = measurement_of(run, "voltage")
    assert (found["outcome"], found["measured_value"], found["units"]) == ("PASS", 5.0, "V")
    assert found["validators"]


def test_the_docstring_of_a_phase(bench: Station) -> None:
    """OpenHTF reports it where it is told to keep the sources."""

    @CONF.save_and_restore(capture_source=True)
    def documented() -> Any:
        def measure(test: htf.TestApi) -> None:
            """Measures the rail."""

        return bench.run([measure])

    assert phase_of(documented(), "measure")["docstring"] == "Measures the rail."


def test_the_serial_number_is_that_of_the_unit_under_test(bench: Station) -> None:
    serial = unused("SN")
    assert bench.run([passes], serial, serial_number="another")["unit"]["serial_number"] == serial


def test_what_metadata_say(bench: Station) -> None:
    part, batch = unused("PN"), unused("B")
    run = bench.run(
        [passes],
        part_number=part,
        revision="C",
        batch_number=batch,
        procedure_version="1.2.3",
        test_name="A name",
        test_description="not ours",
        test_version="9",
        something_else={"deep": [1]},
    )
    assert run["unit"]["part"]["number"] == part
    assert run["unit"]["part"]["revision"]["number"] == "C"
    assert run["unit"]["batch"]["number"] == batch
    assert run["procedure"]["version"]["tag"] == "1.2.3"


def test_a_procedure_by_its_short_name(bench: Station, user: Api) -> None:
    short = user.get(f"/api/v2/procedures/{bench.procedure}").json["identifier"]
    assert bench.run([passes], procedure_id=short)["procedure"]["id"] == bench.procedure


def test_sub_units(bench: Station, user: Api) -> None:
    child = unused("SUB")
    assert user.post("/api/v2/runs", v2_run(bench.procedure, child)).status == 200
    run = bench.run([passes], sub_units=[{"serial_number": child}])
    assert [each["serial_number"] for each in run["sub_units"]] == [child]


def test_a_serial_number_that_comes_back_with_another_part(bench: Station) -> None:
    serial, parts = unused("SN"), [unused("PN"), unused("PN")]
    runs = [bench.run([passes], serial, part_number=part) for part in parts]
    assert [bench.read(run["id"])["unit"]["part"]["number"] for run in runs] == parts


def fails(test: htf.TestApi) -> htf.PhaseResult:
    return htf.PhaseResult.FAIL_AND_CONTINUE


def stops(test: htf.TestApi) -> htf.PhaseResult:
    return htf.PhaseResult.STOP


def skips(test: htf.TestApi) -> htf.PhaseResult:
    return htf.PhaseResult.SKIP


def raises(test: htf.TestApi) -> None:
    raise ValueError("broken <b>&</b>")


@htf.PhaseOptions(timeout_s=0.3)
def hangs(test: htf.TestApi) -> None:
    import time

    time.sleep(5)


@htf.PhaseOptions(run_if=lambda: False)
def never(test: htf.TestApi) -> None:
    """Its condition does not hold."""


@pytest.mark.parametrize(
    ("phases", "outcome", "expected"),
    [
        ([passes, fails, passes], "FAIL", {"fails": ["FAIL"], "passes": ["PASS", "PASS"]}),
        ([raises, passes], "ERROR", {"raises": ["ERROR"], "passes": []}),
        ([hangs, passes], "TIMEOUT", {"hangs": ["ERROR"], "passes": []}),
        ([passes, stops, fails], "FAIL", {"passes": ["PASS"], "fails": []}),
        ([passes, skips], "PASS", {"skips": ["SKIP"], "passes": ["PASS"]}),
        ([passes, never], "PASS", {"never": [], "passes": ["PASS"]}),
        (
            [htf.PhaseGroup(main=[raises], teardown=[passes])],
            "ERROR",
            {"raises": ["ERROR"], "passes": ["PASS"]},
        ),
    ],
    ids=["fail", "error", "timeout", "stop", "skip", "condition", "teardown"],
)
def test_how_phases_end(bench: Station, phases: Phases, outcome: str, expected: dict[str, list[str]]) -> None:
    run = bench.run(phases)
    assert run["outcome"] == outcome
    for name, outcomes in expected.items():
        assert [phase["outcome"] for phase in run["phases"] if phase["name"] == name] == outcomes, name


def test_a_phase_that_is_repeated(bench: Station) -> None:
    tries: list[int] = []

    @htf.PhaseOptions(repeat_limit=5)
    def flaky(test: htf.TestApi) -> htf.PhaseResult:
        tries.append(1)
        return htf.PhaseResult.REPEAT if len(tries) < 3 else htf.PhaseResult.CONTINUE

    run = bench.run([flaky])
    found = [phase for phase in run["phases"] if phase["name"] == "flaky"]
    assert [phase["outcome"] for phase in found] == ["SKIP", "SKIP", "PASS"]
    assert [phase["retry_count"] for phase in found] == [0, 1, 2]


def test_a_phase_takes_its_time(bench: Station) -> None:
    import time

    def waits(test: htf.TestApi) -> None:
        time.sleep(0.25)

    phase = phase_of(bench.run([waits]), "waits")
    taken = (moment(phase["ended_at"]) - moment(phase["started_at"])).total_seconds()
    assert 0.2 <= taken <= 2


@pytest.mark.parametrize(
    ("measurement", "value", "outcome", "units_text"),
    [
        (htf.Measurement("m").with_units(units.HERTZ), 1000, "PASS", "Hz"),
        (htf.Measurement("m").with_units(units.VOLT), 3.3, "PASS", "V"),
        (htf.Measurement("m").with_units(units.AMPERE), 0.25, "PASS", "A"),
        (htf.Measurement("m").with_units("%"), 50, "PASS", "%"),
        (htf.Measurement("m").with_units(units.PERCENT), 50, "PASS", "pct"),
        (htf.Measurement("m").with_units(units.DEGREE_CELSIUS), -40.5, "PASS", "°C"),
        (htf.Measurement("m").with_units(units.OHM), 10, "PASS", "\u2126"),
        (htf.Measurement("m"), 3, "PASS", None),
        (htf.Measurement("m").equals(True), True, "PASS", None),
        (htf.Measurement("m").equals(True), False, "FAIL", None),
        (htf.Measurement("m").equals("text"), "text", "PASS", None),
        (htf.Measurement("m").matches_regex(r"^v\d+"), "v12", "PASS", None),
        (htf.Measurement("m").in_range(1, 4), 5, "FAIL", None),
        (htf.Measurement("m").in_range(maximum=1.5), 1.0, "PASS", None),
        (htf.Measurement("m").in_range(minimum=3), 2, "FAIL", None),
        (htf.Measurement("m").within_percent(10, 5), 10.2, "PASS", None),
        (htf.Measurement("m").in_range(0, 10, 4, 8), 9, "PASS", None),
        (htf.Measurement("m").with_validator(lambda value: value > 1), 2, "PASS", None),
        (htf.Measurement("m"), {"a": {"b": [1, 2]}}, "PASS", None),
    ],
)
def test_measurements(
    bench: Station, measurement: Any, value: Any, outcome: str, units_text: str | None
) -> None:
    found = measurement_of(bench.run([setting(measurement, value)]), "m")
    assert found["outcome"] == outcome
    assert found["measured_value"] == value and isinstance(found["measured_value"], bool) == isinstance(
        value, bool
    )
    assert found["units"] == units_text
    if measurement.validators:
        assert found["validators"], "what is checked is said"


@pytest.mark.parametrize(
    ("measurement", "value", "expected"),
    [
        (htf.Measurement("m").in_range(1, 4), 2, [1, 4]),
        (htf.Measurement("m").in_range(maximum=1.5), 1, [1.5]),
        (htf.Measurement("m").in_range(minimum=3), 5, [3]),
        (htf.Measurement("m").equals(5), 5, [5]),
        (htf.Measurement("m").equals(True), True, [True]),
        (htf.Measurement("m").matches_regex(r"^v\d+$"), "v1", [r"^v\d+$"]),
    ],
)
def test_validators_are_read(bench: Station, measurement: Any, value: Any, expected: Any) -> None:
    found = measurement_of(bench.run([setting(measurement, value)]), "m")
    assert limits(found["validators"]) == expected
    for validator in found["validators"]:
        assert validator["operator"] and validator["is_expression_only"] is False


def limits(validators: Any) -> list[Any]:
    """What validators expect, whether a range is one of them or two."""
    expected = (each["expected_value"] for each in validators)
    return [value for each in expected for value in (each if isinstance(each, list) else [each])]


def test_marginal_limits_do_not_decide(bench: Station) -> None:
    measurement = htf.Measurement("m").in_range(0, 10, 4, 8)
    found = measurement_of(bench.run([setting(measurement, 9)]), "m")["validators"]
    assert limits(each for each in found if each["is_decisive"] is not False) == [0, 10]
    assert limits(each for each in found if each["is_decisive"] is False) == [4, 8]


def test_validators_that_cannot_be_read_are_kept_as_text(bench: Station) -> None:
    measurement = htf.Measurement("m").with_validator(lambda value: value > 1)
    [found] = measurement_of(bench.run([setting(measurement, 10)]), "m")["validators"]
    assert found["is_expression_only"] is True
    assert "<lambda>" in found["expression"]


def test_a_tolerance_in_percent(bench: Station) -> None:
    measurement = htf.Measurement("m").within_percent(10, 5)
    found = measurement_of(bench.run([setting(measurement, 10)]), "m")["validators"]
    assert "within 5% of 10" in str(found) or limits(found) == [9.5, 10.5]


def test_a_measurement_that_was_never_set(bench: Station) -> None:
    @htf.measures("set", "unset")
    def measure(test: htf.TestApi) -> None:
        test.measurements.set = 1

    run = bench.run([measure])
    assert measurement_of(run, "unset")["outcome"] == "UNSET"
    assert measurement_of(run, "unset").get("measured_value") is None
    assert run["outcome"] == "FAIL"


def test_several_measurements_of_which_one_fails_in_their_order(bench: Station) -> None:
    names = ["zeta", "alpha", "mid", "beta"]

    @htf.measures(*(htf.Measurement(name).in_range(maximum=2) for name in names))
    def measure(test: htf.TestApi) -> None:
        for at, name in enumerate(names):
            test.measurements[name] = at

    phase = phase_of(bench.run([measure]), "measure")
    assert phase["outcome"] == "FAIL"
    found = [(each["name"], each["outcome"]) for each in phase["measurements"]]
    assert found == [("zeta", "PASS"), ("alpha", "PASS"), ("mid", "PASS"), ("beta", "FAIL")]


@pytest.mark.parametrize(
    ("dimensions", "rows", "of", "expected"),
    [
        (
            (units.SECOND,),
            {0: 1.5, 1: 2.5, 2: 3.5},
            units.VOLT,
            [("s", [0, 1, 2]), ("V", [1.5, 2.5, 3.5])],
        ),
        (
            (units.SECOND, units.HERTZ),
            {(0, 10): 1, (1, 20): 2},
            units.DECIBEL,
            [("s", [0, 1]), ("Hz", [10, 20]), ("dB", [1, 2])],
        ),
        (("my axis",), {0.5: 1, 1.5: 2}, units.AMPERE, [("my axis", [0.5, 1.5]), ("A", [1, 2])]),
    ],
)
def test_dimensions_become_series(bench: Station, dimensions: Any, rows: Any, of: Any, expected: Any) -> None:
    measurement = htf.Measurement("m").with_dimensions(*dimensions).with_units(of)

    @htf.measures(measurement)
    def sweep(test: htf.TestApi) -> None:
        for at, value in rows.items():
            test.measurements.m[at] = value

    found = measurement_of(bench.run([sweep]), "m")
    assert [(series["units"], series["data"]) for series in found["data_series"]] == expected


def test_a_dimension_of_texts_is_kept(bench: Station) -> None:
    @htf.measures(
        htf.Measurement("m").with_dimensions("sensor", units.SECOND).with_units(units.DEGREE_CELSIUS)
    )
    def sweep(test: htf.TestApi) -> None:
        test.measurements.m["CPU_TEMP", 0] = 41.5
        test.measurements.m["GPU_TEMP", 1] = 43

    found = measurement_of(bench.run([sweep]), "m")
    assert found["measured_value"] == [["CPU_TEMP", 0, 41.5], ["GPU_TEMP", 1, 43]]
    for series in found.get("data_series") or []:
        assert all(isinstance(value, (int, float)) for value in series["data"])


@pytest.mark.parametrize("value", ["nan", "inf", "-inf"])
def test_numbers_that_json_does_not_know(bench: Station, v2: Any, value: str) -> None:
    run = bench.run([setting(htf.Measurement("m"), float(value))], how="nan")
    found = measurement_of(run, "m")
    assert str(found["measured_value"]).lower() == value
    assert v2.runs.get(id=run["id"]).outcome == "PASS", "the client can read it"


def test_not_a_number_in_a_series(bench: Station, v2: Any) -> None:
    @htf.measures(htf.Measurement("m").with_dimensions(units.SECOND).with_units(units.VOLT))
    def sweep(test: htf.TestApi) -> None:
        test.measurements.m[0] = 1.0
        test.measurements.m[1] = float("nan")

    run = bench.run([sweep], how="nan")
    assert measurement_of(run, "m")
    assert v2.runs.get(id=run["id"]).phases


def test_bare_nan_in_a_report(bench: Station, server: Server, key: str, tmp_path: Path) -> None:
    """Python's `json` writes `NaN`, which is no JSON."""
    report = written(bench, [setting(htf.Measurement("m"), 12345.5)], tmp_path)
    for token in ["NaN", "Infinity", "-Infinity"]:
        path = tmp_path / f"{token}.json"
        path.write_text(report.read_text().replace("12345.5", token))
        run = bench.read(imported(bench, path))
        value = str(measurement_of(run, "m")["measured_value"]).lower()
        assert value == {"NaN": "nan", "Infinity": "inf", "-Infinity": "-inf"}[token]


def test_logs_at_every_level(bench: Station) -> None:
    def talks(test: htf.TestApi) -> None:
        for level in ["debug", "info", "warning", "error", "critical"]:
            getattr(test.logger, level)("said at %s\nüñ", level)

    logs = bench.run([talks])["logs"]
    for level in ["debug", "info", "warning", "error", "critical"]:
        [log] = [log for log in logs if log["message"] == f"said at {level}\nüñ"]
        assert log["level"] == level.upper()
        assert log["source_file"].endswith("test_openhtf.py")
        assert log["line_number"] > 0
        assert abs((moment(log["timestamp"]) - datetime.now(timezone.utc)).total_seconds()) < 60
    assert len(logs) >= 10, "OpenHTF's own lines as well"


@pytest.mark.parametrize("how", ["context", "callback"])
def test_attachments(bench: Station, tmp_path: Path, how: str) -> None:
    file = tmp_path / "photo of unit.png"
    file.write_bytes(bytes(range(256)))

    def attaches(test: htf.TestApi) -> None:
        test.attach("untyped", b"\x00\xff")
        test.attach("notes.txt", "text ü".encode(), "text/plain")
        test.attach_from_file(str(file))
        test.attach_from_file(str(file), name="named", mimetype="image/x-own")

    run = bench.run([attaches], how=how)
    reports = [each for each in run["attachments"] if each["is_report"]]
    files = {each["name"]: each for each in run["attachments"] if not each["is_report"]}
    assert set(files) == {"untyped", "notes.txt", "photo of unit.png", "named"}
    contents = {name: download(bench.user, each).body for name, each in files.items()}
    assert contents["untyped"] == b"\x00\xff"
    assert contents["notes.txt"] == "text ü".encode()
    assert contents["photo of unit.png"] == contents["named"] == bytes(range(256))
    assert files["named"]["content_type"] == "image/x-own"
    [report] = reports
    record = json.loads(download(bench.user, report).body)
    assert record["dut_id"] == run["unit"]["serial_number"]
    assert record["outcome"] == "PASS"
    assert report["name"].endswith(".json")


def test_the_imported_run_says_where_it_came_from(bench: Station) -> None:
    serial = unused("SN")
    bench.run([passes], serial)
    [run] = bench.user.get("/api/v1/runs", {"serial_number": serial}).json["result"]
    assert run["file_import"]["upload"]["name"].endswith(".json")


def written(bench: Station, phases: Phases, folder: Path, serial: str | None = None, **metadata: Any) -> Path:
    """A report of OpenHTF's own, with its attachments inside."""
    path = folder / "report.json"
    options = {"procedure_id": bench.procedure, "part_number": PART} | metadata
    test = htf.Test(*phases, **{name: value for name, value in options.items() if value is not None})
    test.add_output_callbacks(json_factory.OutputToJSON(str(path), inline_attachments=True))
    dut = serial or unused("SN")
    test.execute(test_start=lambda: dut)
    return path


def imported(bench: Station, path: Path) -> str:
    from tofupilot import TofuPilotClient

    return TofuPilotClient(api_key=bench.key, url=bench.server.url).create_run_from_openhtf_report(str(path))


def test_a_report_from_a_file_with_attachments_inside(bench: Station, tmp_path: Path) -> None:
    def attaches(test: htf.TestApi) -> None:
        test.attach("data.bin", bytes(range(256)), "application/octet-stream")

    serial = unused("SN")
    path = written(bench, [passes, attaches], tmp_path, serial)
    run = bench.read(imported(bench, path))
    assert run["unit"]["serial_number"] == serial
    files = {
        each["name"]: download(bench.user, each).body for each in run["attachments"] if not each["is_report"]
    }
    assert set(files) == {"data.bin"}
    assert hashlib.sha256(files["data.bin"]).digest() == hashlib.sha256(bytes(range(256))).digest()
    [report] = [each for each in run["attachments"] if each["is_report"]]
    assert download(bench.user, report).body == path.read_bytes()


def test_a_report_of_last_week_keeps_its_time(bench: Station, tmp_path: Path) -> None:
    path = written(bench, [passes], tmp_path)
    record = json.loads(path.read_text())
    shift = 7 * 86_400_000
    for place in [record, *record["phases"]]:
        for name in ["start_time_millis", "end_time_millis"]:
            place[name] -= shift
    path.write_text(json.dumps(record))
    run = bench.read(imported(bench, path))
    assert abs(moment(run["started_at"]).timestamp() * 1000 - record["start_time_millis"]) <= 1
    assert abs(moment(run["ended_at"]).timestamp() * 1000 - record["end_time_millis"]) <= 1


@pytest.mark.parametrize("outcome", ["PASS", "FAIL", "ERROR", "TIMEOUT", "ABORTED"])
def test_the_outcome_is_that_of_the_report(bench: Station, tmp_path: Path, outcome: str) -> None:
    path = written(bench, [passes], tmp_path)
    record = json.loads(path.read_text())
    record["outcome"] = outcome
    record["phases"][-1]["end_time_millis"] = None
    path.write_text(json.dumps(record))
    assert bench.read(imported(bench, path))["outcome"] == outcome


@pytest.mark.parametrize("how", ["context", "callback"])
def test_no_part_number_is_said_and_nothing_is_attached(bench: Station, how: str) -> None:
    serial = unused("SN")
    bench.records.clear()

    def attaches(test: htf.TestApi) -> None:
        test.attach("a", b"x")

    bench.execute([attaches], serial, how, part_number=None)
    assert bench.ids() == []
    errors = [record.getMessage().lower() for record in bench.records if record.levelno >= logging.ERROR]
    assert any("part number" in text for text in errors), errors
    assert bench.user.get("/api/v1/runs", {"serial_number": serial}).json["result"] == []


@pytest.mark.parametrize("change", [{"procedure_id": "FVT99999"}, {"procedure_id": None}])
def test_no_such_procedure(bench: Station, tmp_path: Path, change: Any) -> None:
    path = written(bench, [passes], tmp_path, **change)
    assert imported(bench, path) == ""


@pytest.mark.parametrize(
    "content", [b"", b"{", b"[]", b"null", b"{}", b'{"dut_id": "x"}', b"\xff\xfe\x00", b"[" * 100_000]
)
def test_what_is_no_report_is_refused(api: Api, content: bytes) -> None:
    answer = api.post("/api/v1/uploads/initialize", {"name": "report.json"}).json
    assert api.follow("PUT", answer["uploadUrl"], content).status == 200
    refused = api.post("/api/v1/import", {"upload_id": answer["id"], "importer": "OPENHTF"})
    assert 400 <= refused.status < 500, refused.text
    assert refused.json["error"]["message"]


def test_another_importer_is_refused(api: Api) -> None:
    answer = api.post("/api/v1/uploads/initialize", {"name": "report.json"}).json
    api.follow("PUT", answer["uploadUrl"], b"{}")
    assert api.post("/api/v1/import", {"upload_id": answer["id"], "importer": "WATS"}).status == 400


def test_the_answer_to_an_import_is_the_id_alone_and_twice_is_once(
    bench: Station, api: Api, tmp_path: Path
) -> None:
    serial = unused("SN")
    path = written(bench, [passes], tmp_path, serial)
    answer = api.post("/api/v1/uploads/initialize", {"name": path.name}).json
    assert api.follow("PUT", answer["uploadUrl"], path.read_bytes()).status == 200
    body = {"upload_id": answer["id"], "importer": "OPENHTF", "client": "Python", "client_version": "2.2.4"}
    first, second = (api.post("/api/v1/import", body) for _ in range(2))
    assert (first.status, set(first.json)) == (200, {"id"})
    assert second.status == 200 and second.json == first.json
    assert len(bench.user.get("/api/v1/runs", {"serial_number": serial}).json["result"]) == 1


def test_a_short_key_is_refused_by_the_client(server: Server, tmp_path: Path) -> None:
    from tofupilot import TofuPilotClient

    (tmp_path / "report.json").write_text("{}")
    client = TofuPilotClient(api_key="short", url=server.url)
    assert client.create_run_from_openhtf_report(str(tmp_path / "report.json")) == ""


@pytest.mark.skipif(RELEASE >= (2, 3), reason="this release does not ask for streaming")
def test_streaming_is_declined_once(bench: Station) -> None:
    """4.5: a warning, no error, no thread that tries again for ever."""
    import threading

    bench.records.clear()
    serial = unused("SN")
    test = htf.Test(passes, procedure_id=bench.procedure, part_number=PART)
    with TofuPilot(test, api_key=bench.key, url=bench.server.url) as pilot:
        test.execute(test_start=lambda: serial)
    assert pilot._streaming_setup_thread is not None
    pilot._streaming_setup_thread.join(5)
    assert not pilot._streaming_setup_thread.is_alive()
    assert not [thread for thread in threading.enumerate() if "mqtt" in thread.name.lower()]
    assert not [record for record in bench.records if record.levelno >= logging.ERROR]
    asked = [record for record in bench.records if "Auth server connection failed" in record.getMessage()]
    assert len(asked) == 1
    assert len(bench.ids()) == 1


def test_the_answer_to_streaming(api: Api) -> None:
    answer = api.get("/api/v1/streaming")
    assert (answer.status, answer.json) == (200, {"success": False, "status_code": 404})


def test_a_station_that_tests_a_queue_of_units(bench: Station) -> None:
    serials = [unused("SN") for _ in range(3)]
    runs = [bench.run([passes], serial) for serial in serials]
    assert [run["unit"]["serial_number"] for run in runs] == serials
    assert len({run["id"] for run in runs}) == 3
