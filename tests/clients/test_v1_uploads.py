"""Files of a run: initialise, put, link, and read again without a key (records reference, 4.3)."""

import urllib.request
from pathlib import Path
from typing import Any

import pytest
from program import Server
from samples import RELEASE, unit, v1_run
from wire import Answer, Api, raw, statuses

NAMES = [
    "report.txt",
    "photo of unit.png",
    "no_extension",
    "Prüfprotokoll – Ω.pdf",
    "日本語.csv",
    "a.b.c.tar.gz",
    "-rf",
    "%2e%2e%2fetc",
    "<script>alert(1)</script>.html",
    "quote\"'`.txt",
    "semi;colon.txt",
    "back\\slash.txt",
    "..",
    "CON",
    "n" * 200,
]
SIZES = [0, 1, 1024, 10 * 1024 * 1024]


def initialize(api: Api, name: str, **more: Any) -> tuple[str, str]:
    answer = api.post("/api/v1/uploads/initialize", {"name": name} | more)
    assert answer.status == 200, answer.text
    return answer.json["id"], answer.json["uploadUrl"]


def attach(api: Api, run: str, name: str, content: bytes, **headers: str) -> str:
    upload, url = initialize(api, name)
    put = api.follow("PUT", url, content, **headers)
    assert put.status == 200, put.text
    assert 200 <= api.post("/api/v1/uploads/sync", {"upload_id": upload, "run_id": run}).status < 300
    return upload


def attachments(api: Api, run: str) -> Any:
    return api.get(f"/api/v2/runs/{run}").json["attachments"]


def download(api: Api, attachment: Any) -> Answer:
    return api.follow("GET", attachment["download_url"])


@pytest.fixture
def run(api: Api, procedure: str, serial: str) -> str:
    return str(api.post("/api/v1/runs", v1_run(procedure, serial)).json["id"])


def test_files_go_up_with_the_run(
    v1: Any, user: Api, procedure: str, serial: str, tmp_path: Path, records: list[Any]
) -> None:
    contents = {"notes.txt": b"hello", "data.bin": bytes(range(256)) * 40, "no_extension": b"x"}
    for name, content in contents.items():
        (tmp_path / name).write_bytes(content)
    paths = [str(tmp_path / name) for name in contents]
    created = v1.create_run(unit(serial), True, procedure_id=procedure, attachments=paths)
    assert created["success"]
    found = attachments(user, created["id"])
    assert [each["name"] for each in found] == list(contents)
    assert {each["name"]: download(user, each).body for each in found} == contents
    assert [each["size"] for each in found] == [len(content) for content in contents.values()]
    assert not any(each["is_report"] for each in found)
    assert not [record for record in records if record.levelname in ("ERROR", "WARNING")]


def test_a_listed_attachment_is_read_without_a_key(
    v1: Any, procedure: str, serial: str, tmp_path: Path
) -> None:
    """As the documentation of the client does it."""
    (tmp_path / "notes.txt").write_bytes(b"hello")
    paths = [str(tmp_path / "notes.txt")]
    v1.create_run(unit(serial), True, procedure_id=procedure, attachments=paths)
    for key in ["data", "result"]:
        [attachment] = v1.get_runs(serial_number=serial)[key][0]["attachments"]
        with urllib.request.urlopen(attachment["url"], timeout=30) as answer:
            assert (answer.status, answer.read()) == (200, b"hello")
        assert attachment["name"] == "notes.txt"


@pytest.mark.parametrize("name", NAMES)
def test_names_are_kept_and_are_no_paths(server: Server, api: Api, run: str, name: str) -> None:
    before = {path for path in server.folder.parent.rglob("*") if path.name in (name, Path(name).name)}
    attach(api, run, name, b"content")
    [found] = attachments(api, run)
    assert found["name"] == name
    answer = download(api, found)
    assert answer.body == b"content"
    disposition = answer.headers["content-disposition"]
    assert disposition.startswith("attachment") and "\n" not in disposition
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert before == {
        path for path in server.folder.parent.rglob("*") if path.name in (name, Path(name).name)
    }


@pytest.mark.parametrize(
    "name", ["../../../../tmp/h7-escape", "/tmp/h7-escape", "..\\..\\h7-escape", "a/b/h7-escape"]
)
def test_a_name_that_is_a_path_is_a_name_or_refused(server: Server, api: Api, run: str, name: str) -> None:
    answer = api.post("/api/v1/uploads/initialize", {"name": name})
    assert answer.status in (200, 400), answer.text
    if answer.status == 200:
        assert api.follow("PUT", answer.json["uploadUrl"], b"x").status == 200
        link = {"upload_id": answer.json["id"], "run_id": run}
        assert api.post("/api/v1/uploads/sync", link).status == 200
        assert download(api, attachments(api, run)[0]).body == b"x"
    assert not Path("/tmp/h7-escape").exists()
    assert not list(server.folder.rglob("*escape*"))


@pytest.mark.parametrize("size", SIZES)
def test_contents_are_kept(api: Api, run: str, size: int) -> None:
    content = (bytes(range(251)) * (size // 251 + 1))[:size]
    attach(api, run, "a.bin", content, Content_Type="application/octet-stream")
    [found] = attachments(api, run)
    assert found["size"] == size
    assert download(api, found).body == content


def test_a_type_may_be_absent(api: Api, run: str) -> None:
    attach(api, run, "typed", b"1", Content_Type="image/png")
    attach(api, run, "untyped", b"2")
    typed, untyped = attachments(api, run)
    assert typed["content_type"] == "image/png"
    assert untyped["content_type"] in (None, "application/octet-stream")
    assert [download(api, each).body for each in (typed, untyped)] == [b"1", b"2"]


@pytest.mark.parametrize("content_type", ["text/html", "image/svg+xml", "application/xhtml+xml", "text/xml"])
def test_nothing_that_a_browser_would_run_is_shown_by_it(api: Api, run: str, content_type: str) -> None:
    attach(api, run, "page.html", b"<script>alert(1)</script>", Content_Type=content_type)
    answer = download(api, attachments(api, run)[0])
    assert answer.headers["content-disposition"].startswith("attachment")
    assert answer.headers["x-content-type-options"] == "nosniff"
    harmless = answer.headers["content-type"].split(";")[0] not in (content_type, "text/html")
    assert harmless or "sandbox" in answer.headers.get("content-security-policy", "")


def test_a_streamed_empty_file(api: Api, run: str) -> None:
    """`requests` sends an open, empty file as chunks."""
    upload, url = initialize(api, "empty.txt")
    parts = url.split("/", 3)[3]
    host, port = api.address
    request = f"PUT /{parts} HTTP/1.1\r\nHost: {host}:{port}\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n0\r\n\r\n"
    assert statuses(raw(api.address, request.encode())) == [200]
    assert api.post("/api/v1/uploads/sync", {"upload_id": upload, "run_id": run}).status == 200
    assert attachments(api, run)[0]["size"] == 0


def test_linking_twice_is_linking_once(api: Api, run: str) -> None:
    upload = attach(api, run, "a", b"x")
    for _ in range(2):
        assert 200 <= api.post("/api/v1/uploads/sync", {"upload_id": upload, "run_id": run}).status < 300
    assert len(attachments(api, run)) == 1


@pytest.mark.parametrize("which", ["upload", "run", "syntax"])
def test_what_is_not_there_is_not_linked(api: Api, run: str, which: str) -> None:
    upload = attach(api, run, "a", b"x")
    nobody = "00000000-0000-4000-8000-000000000000"
    link = {
        "upload": {"upload_id": nobody, "run_id": run},
        "run": {"upload_id": upload, "run_id": nobody},
        "syntax": {"upload_id": "../x", "run_id": run},
    }[which]
    assert api.post("/api/v1/uploads/sync", link).status in (400, 404)


def test_a_hundred_attachments(api: Api, run: str) -> None:
    for number in range(100):
        attach(api, run, f"{number}.txt", str(number).encode())
    found = attachments(api, run)
    assert [each["name"] for each in found] == [f"{number}.txt" for number in range(100)]


def test_links_are_absolute_and_carry_their_permission(api: Api) -> None:
    _, url = initialize(api, "a.txt")
    assert url.startswith("http://127.0.0.1:")
    assert api.follow("PUT", url, b"x").status == 200


@pytest.mark.parametrize(
    "change",
    [
        lambda url: url.split("?")[0],
        lambda url: url[:-1] + ("0" if url[-1] != "0" else "1"),
        lambda url: url.replace("expires=", "expires=9"),
        lambda url: url + "&expires=9999999999",
        lambda url: url.replace("/files/", "/files/../files/"),
        lambda url: url.replace("token=", "token=0"),
    ],
)
def test_a_link_that_was_changed_is_none(api: Api, run: str, change: Any) -> None:
    _, url = initialize(api, "a.txt")
    answer = api.follow("PUT", change(url), b"x")
    assert 400 <= answer.status < 500, answer.text
    assert api.follow("PUT", url, b"good").status == 200


def test_a_link_is_for_one_file_and_one_purpose(api: Api, run: str) -> None:
    attach(api, run, "a", b"mine")
    [found] = attachments(api, run)
    assert 400 <= api.follow("PUT", found["download_url"], b"theirs").status < 500
    _, url = initialize(api, "b")
    assert 400 <= api.follow("GET", url).status < 500
    other, _ = initialize(api, "c")
    identity = url.split("/files/")[1].split("?")[0]
    assert 400 <= api.follow("PUT", url.replace(identity, other), b"x").status < 500
    assert download(api, found).body == b"mine"


def test_too_large_a_file_is_refused(api: Api) -> None:
    _, url = initialize(api, "huge.bin")
    answer = api.follow("PUT", url, bytes(64 * 1024 * 1024))
    assert answer.status == 413, answer.text


def test_the_client_refuses_what_is_too_much(
    v1: Any, api: Api, procedure: str, serial: str, tmp_path: Path
) -> None:
    """REC-08: a clear error before anything is sent."""
    from tofupilot.error_tracking import ApiV1Error

    refusal: Any = SystemExit if RELEASE < (2, 3) else ApiV1Error
    large, small = tmp_path / "large.bin", tmp_path / "small.bin"
    large.write_bytes(bytes(10 * 1024 * 1024 + 1))
    small.write_bytes(b"x")
    for paths in [[str(large)], [str(small)] * 101]:
        with pytest.raises(refusal):
            v1.create_run(unit(serial), True, procedure_id=procedure, attachments=paths)
    with pytest.raises(FileNotFoundError):
        v1.create_run(unit(serial), True, procedure_id=procedure, attachments=[str(tmp_path / "missing")])
    assert api.get("/api/v1/runs", {"serial_number": serial}).json["result"] == []
