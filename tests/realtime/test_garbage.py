"""What a client sends that it should not (RT-14)."""

import json
import time
from collections.abc import Callable
from typing import Any

import pytest
from conftest import Bench
from jobs import emit, stats
from messages import FULL, TIMESTAMP, envelope, warning
from rawsocket import BINARY, CLOSE, PING, TEXT, Closed, RawSocket, frame
from watch import Watcher, until

Watch = Callable[..., Watcher]
Raw = Callable[..., RawSocket]

MEBIBYTE = 1 << 20

GARBAGE: list[tuple[str, Any, str, str | None]] = [
    ("words", "hello", "MSG_INVALID_JSON", None),
    ("empty", "", "MSG_INVALID_JSON", None),
    ("half", '{"type":"pong"', "MSG_INVALID_JSON", None),
    ("trailing", '{"type":"ping"} x', "MSG_INVALID_JSON", None),
    ("array", "[]", "MSG_INVALID_JSON", None),
    ("text", '"pong"', "MSG_INVALID_JSON", None),
    ("number", "5", "MSG_INVALID_JSON", None),
    ("null", "null", "MSG_INVALID_JSON", None),
    ("nan", '{"type":NaN}', "MSG_INVALID_JSON", None),
    ("deep", "[" * 100_000, "MSG_INVALID_JSON", None),
    ("binary", b'{"type":"pong","timestamp":"x"}', "MSG_INVALID_JSON", None),
    ("binary-bytes", b"\xff\xfe\x00", "MSG_INVALID_JSON", None),
    ("no-type", "{}", "MSG_MISSING_FIELD", "type"),
    ("type-number", '{"type":5}', "MSG_BAD_VALUE", "type"),
    ("type-null", '{"type":null}', "", "type"),
    ("unknown", envelope("nonsense", {}), "MSG_UNKNOWN_TYPE", None),
    ("unknown-bare", '{"type":"subscribe"}', "MSG_UNKNOWN_TYPE", None),
    ("pong-empty", '{"type":"pong"}', "MSG_MISSING_FIELD", "timestamp"),
    ("pong-payload", '{"type":"pong","payload":{}}', "MSG_MISSING_FIELD", "timestamp"),
    ("pong-number", '{"type":"pong","payload":{"timestamp":5}}', "MSG_BAD_VALUE", "timestamp"),
    ("pong-text", '{"type":"pong","payload":"x"}', "MSG_BAD_VALUE", "payload"),
    *[(f"to-client-{kind}", envelope(kind, payload), "MSG_UNKNOWN_TYPE", None) for kind, payload in FULL.items()],
]


def _text(sent: Any) -> str | bytes:
    return sent if isinstance(sent, str | bytes) else json.dumps(sent)


@pytest.mark.parametrize(
    ("sent", "code", "field"), [pytest.param(_text(row[1]), row[2], row[3], id=f"RT-14-{row[0]}") for row in GARBAGE]
)
def test_garbage_is_answered(bench: Bench, watch: Watch, sent: str | bytes, code: str, field: str | None) -> None:
    watcher, other = watch(bench).joined(), watch(bench).joined()
    before = stats(bench.member)["garbage"]
    watcher.send(sent)
    answer = watcher.wait("an error", lambda message: message["type"] == "error")
    assert "seq" not in answer
    assert answer["payload"]["error"]
    details = answer["payload"]["details"]
    assert details["error_code"] in ({code} if code else {"MSG_BAD_VALUE", "MSG_MISSING_FIELD"})
    assert details["message"]
    if field is not None:
        assert details["field"].split(".")[-1] == field
    seq = emit(bench.station, warning("still open"))
    watcher.number(seq)
    other.number(seq)
    assert not list(other.of("error")), "the answer is for the sender alone"
    assert [message["seq"] for message in other.published()] == [seq], "what a client sends is published to nobody"
    assert stats(bench.member)["garbage"] == before + 1


def test_answers_to_garbage_are_limited_RT_14(bench: Bench, watch: Watch) -> None:
    watcher = watch(bench).joined()
    before = stats(bench.member)["garbage"]
    begun = time.monotonic()
    for index in range(500):
        watcher.send(f"garbage {index}")
    until("all is counted", lambda: stats(bench.member)["garbage"] == before + 500)
    seconds = time.monotonic() - begun
    start = len(watcher.messages)
    watcher.send('{"type":"ping"}')
    watcher.wait("the pong", lambda message: message["type"] == "pong", start=start)
    answers = sum(1 for _ in watcher.of("error"))
    assert 20 <= answers <= 20 * (int(seconds) + 2), (answers, seconds)


def test_the_limit_of_answers_is_lifted_with_time_RT_14(bench: Bench, watch: Watch) -> None:
    watcher = watch(bench).joined()
    for index in range(100):
        watcher.send(f"garbage {index}")
    known = until("the first answers", lambda: sum(1 for _ in watcher.of("error")))
    time.sleep(1.5)
    known = sum(1 for _ in watcher.of("error"))
    watcher.send("once more")
    until("another answer", lambda: sum(1 for _ in watcher.of("error")) > known)


HOSTILE: list[tuple[str, list[bytes], int]] = [
    ("oversize", [frame(TEXT, b'"' + b"x" * MEBIBYTE + b'"')], 1009),
    ("oversize-binary", [frame(BINARY, bytes(MEBIBYTE + 1))], 1009),
    (
        "oversize-in-parts",
        [
            frame(TEXT, b"x" * (MEBIBYTE // 2), final=False),
            frame(0, b"x" * (MEBIBYTE // 2), final=False),
            frame(0, b"x" * 10),
        ],
        1009,
    ),
    ("oversize-promised", [b"\x81\xff" + (1 << 40).to_bytes(8, "big") + bytes(4) + b"x" * 100], 1009),
    ("bad-utf-8", [frame(TEXT, b'{"type":"\xc3\x28"}')], 1007),
    ("bad-utf-8-surrogate", [frame(TEXT, b'"\xed\xa0\x80"')], 1007),
    ("bad-utf-8-cut", [frame(TEXT, b'"\xe2\x82')], 1007),
    ("bad-utf-8-in-parts", [frame(TEXT, b'"\xe2\x82', final=False), frame(0, b'\x28"')], 1007),
    ("unmasked", [frame(TEXT, b"{}", masked=False)], 1002),
    ("reserved-bit", [frame(TEXT, b"{}", reserved=0x40)], 1002),
    ("unknown-opcode", [frame(3, b"x")], 1002),
    ("part-of-nothing", [frame(0, b"x")], 1002),
    ("two-begun", [frame(TEXT, b"{", final=False), frame(TEXT, b"}")], 1002),
    ("long-ping", [frame(PING, bytes(126))], 1002),
    ("ping-in-parts", [frame(PING, b"x", final=False)], 1002),
    ("close-of-one-byte", [frame(CLOSE, b"\x03")], 1002),
]


@pytest.mark.parametrize(("sent", "code"), [pytest.param(row[1], row[2], id=f"RT-14-{row[0]}") for row in HOSTILE])
def test_what_breaks_the_protocol_closes(bench: Bench, watch: Watch, raw: Raw, sent: list[bytes], code: int) -> None:
    other = watch(bench).joined()
    client = raw(bench)
    client.joined()
    for part in sent:
        # The server may hang up before it has read all of an oversize message.
        try:
            client.send(part)
        except ConnectionError:
            break
    _, end = client.until_closed()
    assert end == Closed(code)
    other.number(emit(bench.station, warning("unharmed")))


def test_a_character_may_be_cut_in_two_RT_14(bench: Bench, raw: Raw) -> None:
    client = raw(bench)
    client.joined()
    body = f'{{"type":"ping","payload":{{"note":"€"}},"timestamp":"{TIMESTAMP}"}}'.encode()
    cut = body.index(b"\xe2") + 1
    client.send(frame(TEXT, body[:cut], final=False))
    client.send(frame(PING, b"between"))
    client.send(frame(0, body[cut:]))
    answer = client.next()
    assert isinstance(answer, dict)
    assert answer["type"] == "pong"


def test_a_large_message_within_the_limit_is_answered_RT_14(bench: Bench, watch: Watch) -> None:
    watcher = watch(bench).joined()
    watcher.send('"' + "x" * (MEBIBYTE - 100) + '"')
    watcher.wait("an error", lambda message: message["type"] == "error")
    assert watcher.closed is None
