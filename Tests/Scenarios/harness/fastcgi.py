"""Servers that speak FastCGI: one that does exactly what a scenario asks, and PHP."""

from __future__ import annotations

import glob
import struct
from collections.abc import Callable
from dataclasses import dataclass, field

from .backend import Backend, Session
from .databases import Database
from .messages import Ambiguous

BEGIN, ABORT, END, PARAMS, STDIN, STDOUT, STDERR = range(1, 8)


def record(kind: int, content: bytes = b"", *, padding: int = 0, request: int = 1, version: int = 1) -> bytes:
    return struct.pack(">BBHHBB", version, kind, request, len(content), padding, 0) + content + bytes(padding)


def end(protocol: int = 0) -> bytes:
    return record(END, struct.pack(">IB3x", 0, protocol))


@dataclass
class CGIRequest:
    """What a server was told; `pairs` in their order."""

    pairs: list[tuple[str, str]] = field(default_factory=list)
    body: bytes = b""
    keeps: bool = False  # the connection

    def __getitem__(self, name: str) -> str:
        return dict(self.pairs)[name]

    def get(self, name: str) -> str | None:
        return dict(self.pairs).get(name)


class CGISession(Session):
    """One connection a proxy opened to a server of FastCGI."""

    def record(self, kind: int, content: bytes = b"", **settings: int) -> None:
        self.send(record(kind, content, **settings))

    def answer(self, status: int = 0, body: bytes = b"ok", *, headers: str = "", **_: object) -> None:
        """A whole answer, in one record; without a status there is no field for it."""
        line = f"Status: {status} Status\r\n" if status else ""
        self.send(record(STDOUT, f"{line}{headers}\r\n".encode() + body, padding=3) + record(STDOUT) + end())


class FastCGIServer(Backend):
    """As `Backend`; requests are `CGIRequest`s. What is no proper request is kept in `problems`."""

    session_kind = CGISession
    # Called before the body is read.
    on_parameters: Callable[[CGISession, CGIRequest], None] | None = None

    def read(self, session: Session) -> CGIRequest:
        kind, content = self._record(session)
        if kind != BEGIN or content[:2] + content[3:] != struct.pack(">H5x", 1) or content[2] > 1:
            raise Ambiguous(f"no beginning of a request of a responder: {kind} {content!r}")
        request = CGIRequest(_pairs(self._stream(session, PARAMS)))
        request.keeps = content[2] == 1
        if self.on_parameters:
            self.on_parameters(session, request)
        request.body = self._stream(session, STDIN)
        length = request.get("CONTENT_LENGTH") or "0"
        if int(length) != len(request.body):
            raise Ambiguous(f"CONTENT_LENGTH {length} with {len(request.body)} bytes")
        return request

    def _stream(self, session: Session, expected: int) -> bytes:
        parts = []
        while True:
            kind, content = self._record(session)
            if kind != expected:
                raise Ambiguous(f"record {kind} in the middle of stream {expected}")
            if not content:
                return b"".join(parts)
            parts.append(content)

    def _record(self, session: Session) -> tuple[int, bytes]:
        version, kind, request, count, padding, _ = struct.unpack(">BBHHBB", session.wire.take(8))
        if version != 1 or request != 1:
            raise Ambiguous(f"version {version}, request {request}")
        return kind, session.wire.take(count + padding)[:count]


def _pairs(data: bytes) -> list[tuple[str, str]]:
    pairs, at = [], 0

    def length() -> int:
        nonlocal at
        wide = data[at] > 127
        at += 4 if wide else 1
        return struct.unpack(">I", data[at - 4 : at])[0] & 0x7FFFFFFF if wide else data[at - 1]

    while at < len(data):
        name, value = length(), length()
        text = data[at : at + name + value].decode("latin-1")
        pairs.append((text[:name], text[name:]))
        at += name + value
    if at != len(data):
        raise Ambiguous("pairs that are longer than their stream")
    return pairs


class PHP(Database):
    """php-fpm on the scripts of its folder `www`."""

    user = "www-data"

    def __init__(self, scripts: dict[str, str]) -> None:
        self.scripts = scripts
        super().__init__()

    def prepare(self) -> None:
        for name, text in self.scripts.items():
            path = self.folder / "www" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        (self.folder / "fpm.conf").write_text(
            f"[global]\ndaemonize = no\nerror_log = {self.folder}/fpm.log\n"
            f"[www]\nlisten = {self.endpoint}\npm = static\npm.max_children = 2\n"
            "php_admin_value[log_errors] = on\nphp_admin_value[display_errors] = off\n"
        )

    def command(self) -> list[str]:
        programs = sorted(glob.glob("/usr/sbin/php-fpm*"))
        assert programs, "php-fpm is not installed: scripts/packages.sh test"
        return [programs[-1], "-F", "-n", "-y", str(self.folder / "fpm.conf")]

    @property
    def root(self) -> str:
        return str(self.folder / "www")
