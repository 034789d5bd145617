"""Requests as they go over the wire, for what no client would send and for answers that a client hides."""

import http.client
import json
import socket
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode, urlsplit

TIMEOUT = 60


def _refuse(token: str) -> None:
    raise ValueError(f"{token} is no JSON")


@dataclass(frozen=True)
class Answer:
    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        """The body. `NaN` and `Infinity`, which Python would take, are no JSON."""
        return json.loads(self.body, parse_constant=_refuse)

    @property
    def text(self) -> str:
        return self.body.decode("utf-8", "replace")


class Api:
    """The server, asked with one key or without."""

    def __init__(self, address: tuple[str, int], key: str | None):
        self.address, self.key = address, key

    def call(
        self, method: str, path: str, body: bytes | None = None, headers: Mapping[str, str] | None = None
    ) -> Answer:
        connection = http.client.HTTPConnection(*self.address, timeout=TIMEOUT)
        try:
            sent = {"Authorization": f"Bearer {self.key}"} if self.key else {}
            connection.request(method, path, body, sent | dict(headers or {}))
            answer = connection.getresponse()
            return Answer(answer.status, dict(answer.getheaders()), answer.read())
        finally:
            connection.close()

    def send(self, method: str, path: str, value: Any) -> Answer:
        body = value if isinstance(value, bytes) else json.dumps(value).encode()
        return self.call(method, path, body, {"Content-Type": "application/json"})

    def post(self, path: str, value: Any) -> Answer:
        return self.send("POST", path, value)

    def get(self, path: str, query: Mapping[str, Any] | None = None) -> Answer:
        return self.call("GET", f"{path}?{urlencode(query, doseq=True)}" if query else path)

    def follow(self, method: str, url: str, body: bytes | None = None, **headers: str) -> Answer:
        """Uses a link, without a key."""
        parts = urlsplit(url)
        assert (parts.hostname, parts.port) == self.address, f"{url} leads elsewhere"
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return Api(self.address, None).call(method, f"{parts.path}?{parts.query}", body, named)


def raw(address: tuple[str, int], sent: bytes, wait: float = 10) -> bytes:
    """What comes back for these bytes until the server ends the connection or `wait` seconds are over."""
    with socket.create_connection(address, timeout=wait) as connection:
        received = b""
        try:
            connection.sendall(sent)
            while chunk := connection.recv(65536):
                received += chunk
        except (TimeoutError, ConnectionError):
            pass
        return received


def statuses(received: bytes) -> list[int]:
    """The status of every answer in the bytes of a connection."""
    lines = [part.split(b"\r\n", 1)[0] for part in received.split(b"HTTP/1.1 ")[1:]]
    return [int(line[:3]) for line in lines]
