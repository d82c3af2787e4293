"""HTTP/1.1 messages read strictly: anything two readers could understand differently raises `Ambiguous`."""

from __future__ import annotations

import re
import socket
from dataclasses import dataclass, field

_TOKEN = re.compile(rb"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_VALUE = re.compile(rb"[\t\x20-\x7e\x80-\xff]*")


class Ambiguous(Exception):
    """A message that is malformed or could be read in two ways."""


class Closed(Exception):
    """The peer closed where a message (or more of it) was expected."""


class Wire:
    """A socket with a buffer in front; remembers every byte it received."""

    def __init__(self, sock: socket.socket) -> None:
        self.socket = sock
        self.received = bytearray()
        self._start = 0  # of the unread part of `received`

    @property
    def unread(self) -> bytes:
        return bytes(self.received[self._start :])

    def fill(self, size: int = 65536) -> bool:
        """Receives once; false at the end of the stream."""
        data = self.socket.recv(size)
        self.received += data
        return bool(data)

    def take(self, count: int) -> bytes:
        while len(self.received) - self._start < count:
            if not self.fill():
                raise Closed(f"{count} bytes expected, then closed after {self.unread[:200]!r}")
        self._start += count
        return bytes(self.received[self._start - count : self._start])

    def until(self, mark: bytes) -> bytes:
        """Everything up to and including the mark."""
        searched = self._start
        while (at := self.received.find(mark, searched)) < 0:
            searched = max(self._start, len(self.received) - len(mark) + 1)
            if not self.fill():
                raise Closed(f"{mark!r} expected, then closed after {self.unread[:200]!r}")
        return self.take(at + len(mark) - self._start)

    def rest(self) -> bytes:
        """Everything until the peer closes."""
        while self.fill():
            pass
        return self.take(len(self.received) - self._start)


@dataclass
class Message:
    """A head with its fields in order (names lower-cased) and whatever body came."""

    start: bytes
    fields: list[tuple[str, str]]
    body: bytes = b""
    trailers: list[tuple[str, str]] = field(default_factory=list)
    framing: str = "none"

    def all(self, name: str) -> list[str]:
        return [value for key, value in self.fields if key == name.lower()]

    def get(self, name: str) -> str | None:
        values = self.all(name)
        if len(values) > 1:
            raise Ambiguous(f"{name} appears {len(values)} times: {values}")
        return values[0] if values else None


@dataclass
class Request(Message):
    @property
    def method(self) -> str:
        return self.start.split(b" ")[0].decode()

    @property
    def target(self) -> str:
        return self.start.split(b" ")[1].decode("latin-1")

    @property
    def version(self) -> str:
        return self.start.split(b" ")[2].decode()


@dataclass
class Response(Message):
    interim: list[int] = field(default_factory=list)

    @property
    def status(self) -> int:
        return int(self.start.split(b" ")[1])

    @property
    def closes(self) -> bool:
        return "close" in (self.get("connection") or "").lower() or self.framing == "close"


def read_head(wire: Wire, kind: type[Message]) -> Message:
    raw = wire.until(b"\r\n\r\n")[:-4]
    if re.search(rb"(?<!\r)\n|\r(?!\n)", raw):
        raise Ambiguous(f"bare CR or LF in {raw!r}")
    start, *lines = raw.split(b"\r\n")
    return kind(start, [_field(line) for line in lines])


def _field(line: bytes) -> tuple[str, str]:
    name, colon, value = line.partition(b":")
    if not colon or not _TOKEN.fullmatch(name) or not _VALUE.fullmatch(value):
        raise Ambiguous(f"not a header field: {line!r}")
    return name.decode().lower(), value.strip(b" \t").decode("latin-1")


def read_request_head(wire: Wire) -> Request:
    request = read_head(wire, Request)
    if not re.fullmatch(rb"[A-Z!#$%&'*+.^_`|~0-9a-z-]+ [\x21-\x7e]+ HTTP/1\.1", request.start):
        raise Ambiguous(f"not a request line: {request.start!r}")
    if len(request.all("host")) != 1:
        raise Ambiguous(f"Host appears {len(request.all('host'))} times")
    request.framing = _framing(request, default="none")
    return request


def read_request(wire: Wire) -> Request:
    request = read_request_head(wire)
    read_body(wire, request)
    return request


def read_response(wire: Wire, method: str = "GET") -> Response:
    """The next final response; interim ones before it are noted by their status."""
    interim = []
    while True:
        response = read_head(wire, Response)
        if not re.fullmatch(rb"HTTP/1\.1 [1-5]\d\d .*", response.start):
            raise Ambiguous(f"not a status line: {response.start!r}")
        if response.status >= 200 or response.status == 101:
            break
        interim.append(response.status)
    response.interim = interim
    if method == "HEAD" or response.status in (101, 204, 304):
        return response
    response.framing = _framing(response, default="close")
    read_body(wire, response)
    return response


def read_body(wire: Wire, message: Message) -> None:
    if message.framing == "length":
        message.body = wire.take(int(message.get("content-length")))
    elif message.framing == "close":
        message.body = wire.rest()
    elif message.framing == "chunked":
        message.body = b"".join(_chunks(wire))
        while (line := wire.until(b"\r\n")) != b"\r\n":
            message.trailers.append(_field(line[:-2]))


def _chunks(wire: Wire):
    while True:
        line = wire.until(b"\r\n")[:-2]
        size, _, _ = line.partition(b";")
        if not re.fullmatch(rb"[0-9a-fA-F]{1,16}", size):
            raise Ambiguous(f"not a chunk size: {line!r}")
        if int(size, 16) == 0:
            return
        yield wire.take(int(size, 16))
        if wire.take(2) != b"\r\n":
            raise Ambiguous("chunk without CRLF")


def _framing(message: Message, default: str) -> str:
    lengths, codings = message.all("content-length"), message.all("transfer-encoding")
    if lengths and codings:
        raise Ambiguous(f"Content-Length and Transfer-Encoding together: {message.fields}")
    if len(lengths) > 1 or (lengths and not re.fullmatch(r"\d{1,18}", lengths[0])):
        raise Ambiguous(f"Content-Length {lengths}")
    if codings and [coding.lower() for coding in codings] != ["chunked"]:
        raise Ambiguous(f"Transfer-Encoding {codings}")
    return "chunked" if codings else "length" if lengths else default
