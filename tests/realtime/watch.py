"""A client as anybody would write it: reads all, answers pings, keeps what it got."""

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any
from urllib.parse import urlencode

from messages import TIMESTAMP, Message, parse
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect

# How long a condition that must come may take on a machine that is busy with something else.
PATIENCE = 40.0


def until(what: str, condition: Callable[[], Any], limit: float = PATIENCE) -> Any:
    """The first true value of a condition. Fails by its name if none comes."""
    end = time.monotonic() + limit
    while not (value := condition()):
        assert time.monotonic() < end, f"not within {limit} s: {what}"
        time.sleep(0.02)
    return value


def beyond(seq: int) -> Callable[[Message], bool]:
    """Whether a message has a higher number."""
    return lambda message: message.get("seq", 0) > seq


def address(url: str, **query: Any) -> str:
    text = urlencode({name: value for name, value in query.items() if value is not None}, doseq=True)
    return f"{url.replace('http', 'ws', 1)}/v1/realtime" + (f"?{text}" if text else "")


class Watcher:
    """A connection whose messages are read by a thread of its own and checked against the schema as they come.

    It takes what comes at once, however far its checks are behind; with a `backlog` of so many messages it is a client
    that reads no faster than it can work.
    """

    def __init__(
        self,
        url: str,
        key: str | None,
        *,
        pongs: bool = True,
        headers: dict[str, str] | None = None,
        seen: Callable[[Message], None] | None = None,
        backlog: int | None = None,
        **query: Any,
    ):
        sent = {"Authorization": f"Bearer {key}"} if key else {}
        connection = connect(
            address(url, **query),
            additional_headers=sent | (headers or {}),
            compression=None,
            open_timeout=PATIENCE,
            close_timeout=PATIENCE,
            ping_interval=None,
            max_size=None,
            max_queue=backlog,
            proxy=None,
        )
        self._connected = ExitStack()
        self.socket: ClientConnection = self._connected.enter_context(connection)
        self.pongs, self._seen = pongs, seen
        self.messages: list[Message] = []
        self.at: list[float] = []
        self.closed: tuple[int, str] | None = None
        self.fault: BaseException | None = None
        self._changed = threading.Condition()
        self._thread = threading.Thread(target=self._read, daemon=True)
        self._thread.start()

    def _read(self) -> None:
        try:
            while True:
                text = self.socket.recv()
                assert isinstance(text, str), "a binary frame from the server"
                message = parse(text)
                if message["type"] == "ping" and self.pongs:
                    self.pong()
                if self._seen is not None:
                    self._seen(message)
                with self._changed:
                    self.messages.append(message)
                    self.at.append(time.monotonic())
                    self._changed.notify_all()
        except ConnectionClosed as end:
            code, reason = (end.rcvd.code, end.rcvd.reason) if end.rcvd else (1006, "")
            assert len(reason.encode()) < 123
            self._over(code, reason, None)
        except BaseException as fault:
            # Raised again where the test asks: a thread's own exception would be lost.
            self._over(1006, "", fault)

    def _over(self, code: int, reason: str, fault: BaseException | None) -> None:
        with self._changed:
            self.closed, self.fault = (code, reason), fault
            self._changed.notify_all()

    def pong(self) -> None:
        self.socket.send(f'{{"type":"pong","payload":{{"timestamp":"{TIMESTAMP}"}},"timestamp":"{TIMESTAMP}"}}')

    def send(self, text: str | bytes) -> None:
        self.socket.send(text)

    def _last(self) -> list[str]:
        return [str(message)[:400] for message in self.messages[-3:]]

    def _wait(self, what: str, condition: Callable[[], Any], limit: float) -> Any:
        end = time.monotonic() + limit
        with self._changed:
            while not (value := condition()):
                if self.fault is not None:
                    raise self.fault
                assert self.closed is None, f"closed with {self.closed} while waiting for {what}"
                left = end - time.monotonic()
                assert left > 0, f"not within {limit} s: {what}; last: {self._last()}"
                self._changed.wait(left)
            return value

    def wait(self, what: str, condition: Callable[[Message], Any], limit: float = PATIENCE, start: int = 0) -> Message:
        """The first message that meets a condition, from this index on."""
        place = start

        def found() -> Message | None:
            nonlocal place
            while place < len(self.messages):
                place += 1
                if condition(self.messages[place - 1]):
                    return self.messages[place - 1]
            return None

        message: Message = self._wait(what, found, limit)
        return message

    def number(self, seq: int, limit: float = PATIENCE) -> Message:
        """The message of this number."""
        return self.wait(f"message {seq}", lambda message: message.get("seq") == seq, limit)

    def joined(self) -> "Watcher":
        """Waits for the end of the prelude, which is the first ping."""
        self.wait("the first ping", lambda message: message["type"] == "ping")
        return self

    def end_of(self, job: str, limit: float = PATIENCE) -> Message:
        """The progress 100 of a job."""
        return self.wait(
            f"the end of job {job}",
            lambda message: (
                message["type"] == "progress"
                and message["payload"]["progress"] == 100
                and message["payload"]["job_id"] == job
            ),
            limit,
        )

    def wait_closed(self, limit: float = PATIENCE) -> tuple[int, str]:
        """The code and the reason that the server closed with."""
        end = time.monotonic() + limit
        with self._changed:
            while self.closed is None:
                left = end - time.monotonic()
                assert left > 0, f"not closed within {limit} s; last: {self._last()}"
                self._changed.wait(left)
        if self.fault is not None:
            raise self.fault
        return self.closed

    @property
    def prelude(self) -> list[Message]:
        """What came before the first ping, and the ping. A message of the stream has no place in it."""
        self.joined()
        end = next(index for index, message in enumerate(self.messages) if message["type"] == "ping")
        return self.messages[: end + 1]

    @property
    def sync(self) -> Message:
        return self.wait("sync", lambda message: message["type"] == "sync")

    def published(self, job: str | None = None) -> list[Message]:
        """The numbered messages so far, or those of one job."""
        return [message for message in list(self.messages) if "seq" in message and job in (None, message.get("job_id"))]

    def of(self, *types: str) -> Iterator[Message]:
        return (message for message in list(self.messages) if message["type"] in types)

    def close(self) -> tuple[int, str]:
        """Closes as a client should, and says how the server acknowledged. What went wrong meanwhile is raised."""
        self._connected.close()
        self._thread.join(PATIENCE)
        assert not self._thread.is_alive(), "the reader did not end"
        if self.fault is not None:
            raise self.fault
        assert self.closed is not None
        return self.closed

    def cut(self) -> None:
        """The network breaks: no close frame."""
        self.socket.socket.shutdown(socket.SHUT_RDWR)
