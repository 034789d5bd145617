"""A WebSocket without a library: it stalls, sends what no client may send, and breaks off.

What it reads is parsed here, so that a peer that reads slowly has no buffer of its own but the kernel's.
"""

import base64
import json
import os
import socket
import struct
import time
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from messages import Message, parse
from watch import PATIENCE, address

TEXT, BINARY, CLOSE, PING, PONG = 1, 2, 8, 9, 10


def frame(opcode: int, payload: bytes, *, final: bool = True, masked: bool = True, reserved: int = 0) -> bytes:
    head = bytes([(0x80 if final else 0) | reserved | opcode])
    size, mark = len(payload), 0x80 if masked else 0
    if size < 126:
        head += bytes([mark | size])
    elif size < 65536:
        head += struct.pack("!BH", mark | 126, size)
    else:
        head += struct.pack("!BQ", mark | 127, size)
    # A mask of zeros leaves the payload as it is.
    return head + (bytes(4) if masked else b"") + payload


@dataclass(frozen=True)
class Closed:
    """How a connection ended: with a code, or without a word."""

    code: int
    reset: bool = False


class RawSocket:
    def __init__(self, url: str, key: str | None, receive_buffer: int | None = None, **query: Any):
        parts = urlsplit(address(url, **query))
        self.socket = socket.socket()
        if receive_buffer is not None:
            # Before connecting: the window is agreed on there.
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        self.socket.settimeout(PATIENCE)
        self.socket.connect((parts.hostname, parts.port))
        self._buffer = b""
        nonce = base64.b64encode(os.urandom(16)).decode()
        lines = [
            f"GET {parts.path}?{parts.query} HTTP/1.1",
            f"Host: {parts.netloc}",
            "Upgrade: websocket",
            "Connection: Upgrade",
            f"Sec-WebSocket-Key: {nonce}",
            "Sec-WebSocket-Version: 13",
            *([f"Authorization: Bearer {key}"] if key else []),
        ]
        self.socket.sendall("\r\n".join([*lines, "", ""]).encode())
        while b"\r\n\r\n" not in self._buffer:
            chunk = self.socket.recv(1)
            assert chunk, f"no answer to the upgrade but {self._buffer!r}"
            self._buffer += chunk
        head, _, self._buffer = self._buffer.partition(b"\r\n\r\n")
        assert head.startswith(b"HTTP/1.1 101 "), head

    def send(self, data: bytes) -> None:
        self.socket.sendall(data)

    def say(self, text: str) -> None:
        self.send(frame(TEXT, text.encode()))

    def _exactly(self, size: int) -> bytes:
        while len(self._buffer) < size:
            chunk = self.socket.recv(65536)
            if not chunk:
                raise EOFError
            self._buffer += chunk
        taken, self._buffer = self._buffer[:size], self._buffer[size:]
        return taken

    def read(self) -> tuple[int, bytes]:
        """One frame. The server's are neither masked nor fragmented."""
        first, second = self._exactly(2)
        assert first & 0x70 == 0, "a reserved bit without an extension"
        assert second & 0x80 == 0, "a masked frame from the server"
        assert first & 0x80, "a fragment from the server"
        size = second & 0x7F
        if size == 126:
            (size,) = struct.unpack("!H", self._exactly(2))
        elif size == 127:
            (size,) = struct.unpack("!Q", self._exactly(8))
        return first & 0x0F, self._exactly(size)

    def next(self) -> Message | Closed:
        """The next message, or the end."""
        while True:
            try:
                opcode, payload = self.read()
            except EOFError:
                return Closed(1006)
            except ConnectionError:
                return Closed(1006, reset=True)
            if opcode == TEXT:
                return parse(payload.decode())
            if opcode == CLOSE:
                return Closed(struct.unpack("!H", payload[:2])[0] if payload else 1005)
            assert opcode in (PING, PONG), f"opcode {opcode} from the server"

    def until_number(self, seq: int, limit: float = PATIENCE) -> list[Message]:
        """All messages up to this number."""
        found: list[Message] = []
        end = time.monotonic() + limit
        while True:
            message = self.next()
            assert isinstance(message, dict), f"the connection ended with {message} before message {seq}"
            assert time.monotonic() < end, f"no message {seq} within {limit} s"
            if message["type"] == "ping":
                self.say(json.dumps({"type": "pong", "timestamp": message["timestamp"]}))
            found.append(message)
            if message.get("seq") == seq:
                return found

    def until_closed(self, limit: float = PATIENCE) -> tuple[list[Message], Closed]:
        """All messages up to the end, and the end."""
        found: list[Message] = []
        end = time.monotonic() + limit
        while isinstance(message := self.next(), dict):
            assert time.monotonic() < end, f"not closed within {limit} s"
            found.append(message)
        return found, message

    def joined(self) -> list[Message]:
        """The prelude."""
        found: list[Message] = []
        while not found or found[-1]["type"] != "ping":
            message = self.next()
            assert isinstance(message, dict), f"the connection ended with {message}"
            found.append(message)
        return found

    def reset(self) -> None:
        """Breaks off at once, without a farewell of any kind."""
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.socket.close()

    def close(self) -> None:
        self.socket.close()
