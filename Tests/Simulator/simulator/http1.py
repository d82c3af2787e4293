"""HTTP/1.1 for the simulator: enough of it for API clients and for the control port."""

from __future__ import annotations

import asyncio
import http
from email.utils import formatdate
from typing import Awaitable, Callable

from .transport import Request, Stream, client_port, reset_connection

Handler = Callable[[Request, Stream], Awaitable[None]]


class Http1Stream(Stream):
    """An answer in Content-Length or chunked framing."""

    def __init__(self, connection: "Http1Connection") -> None:
        super().__init__()
        self._connection = connection
        self._chunked = False

    def start(self, status: int, headers: dict[str, str], length: int | None = None) -> None:
        self._connection.send(self._head(status, headers, length))

    def answer(self, status: int, headers: dict[str, str], body: bytes) -> None:
        """All of it in one write, as a server has it that buffers small answers."""
        self._connection.send(self._head(status, headers, len(body)) + body)
        self.mark_closed()

    def _head(self, status: int, headers: dict[str, str], length: int | None) -> bytes:
        self._chunked = length is None
        framing = "Transfer-Encoding: chunked" if self._chunked else f"Content-Length: {length}"
        lines = [f"HTTP/1.1 {status} {http.HTTPStatus(status).phrase}"]
        lines += [f"{name}: {value}" for name, value in headers.items()]
        lines += [f"Date: {formatdate(usegmt=True)}", framing]
        if self._connection.closing:
            lines.append("Connection: close")
        return "\r\n".join(lines).encode() + b"\r\n\r\n"

    def start_fields(self, line: str, fields: list[tuple[str, str]], length: int | None, bodiless: bool) -> None:
        """As `start`, for fields that may stand there several times; `line` is the status and its phrase."""
        self._chunked = length is None and not bodiless
        lines = [f"HTTP/1.1 {line}", *(f"{name}: {value}" for name, value in fields)]
        if not bodiless or length is not None:
            lines.append("Transfer-Encoding: chunked" if self._chunked else f"Content-Length: {length}")
        self._connection.send("\r\n".join(lines).encode("latin-1") + b"\r\n\r\n")

    def send_raw(self, data: bytes) -> None:
        self._connection.send(data)

    async def splice(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Bytes both ways until either side ends; nothing else comes on this connection."""
        await self._connection.splice(reader, writer)
        self.mark_closed()

    def write(self, data: bytes) -> None:
        if data and not self.closed.done():
            self._connection.send(b"%x\r\n%b\r\n" % (len(data), data) if self._chunked else data)

    def finish(self) -> None:
        if self._chunked and not self.closed.done():
            self._connection.send(b"0\r\n\r\n")
        self.mark_closed()

    def reset(self) -> None:
        reset_connection(self._connection.transport)
        self.mark_closed()

    def go_away(self) -> None:
        self._connection.go_away()

    async def drain(self) -> None:
        await self._connection.writable.wait()


class Http1Connection:
    """One connection: requests are read and answered in turn."""

    def __init__(self, transport: asyncio.Transport, handler: Handler, has_certificate: bool) -> None:
        self.transport = transport
        self.writable = asyncio.Event()
        self.writable.set()
        self.closing = False
        self._handler = handler
        self._has_certificate = has_certificate
        self._client = client_port(transport)
        self._reader = asyncio.StreamReader(limit=1 << 20)
        self._current: Stream | None = None
        self._task = asyncio.create_task(self._serve())

    def send(self, data: bytes) -> None:
        if not self.transport.is_closing():
            self.transport.write(data)

    def receive(self, data: bytes) -> None:
        self._reader.feed_data(data)

    def pause(self) -> None:
        self.writable.clear()

    def resume(self) -> None:
        self.writable.set()

    def go_away(self) -> None:
        """The nearest thing to GOAWAY: no further request on this connection."""
        self.closing = True
        if self._current is None:
            self.transport.close()

    def lost(self) -> None:
        self.writable.set()
        self._reader.feed_eof()
        if self._current:
            self._current.mark_closed()

    async def splice(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.closing = True

        async def up() -> None:
            while piece := await self._reader.read(1 << 16):
                writer.write(piece)
                await writer.drain()

        async def down() -> None:
            while piece := await reader.read(1 << 16):
                self.send(piece)
                await self.writable.wait()

        ways = [asyncio.create_task(way()) for way in (up, down)]
        await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
        for way in ways:
            way.cancel()

    async def _serve(self) -> None:
        try:
            while request := await self._request():
                self.closing = self.closing or request.headers.get("connection", "").lower() == "close"
                self._current = Http1Stream(self)
                await self._handler(request, self._current)
                self._current = None
                if self.closing:
                    break
        except (asyncio.IncompleteReadError, ValueError, ConnectionError):
            pass
        self.transport.close()

    async def _request(self) -> Request | None:
        line = await self._reader.readline()
        if not line.strip():
            return None
        method, target, _ = line.decode("latin-1").split()
        headers, fields = {}, []
        while (line := await self._reader.readline()).strip():
            name, _, value = line.decode("latin-1").partition(":")
            headers[name.strip().lower()] = value.strip()
            fields.append((name.strip(), value.strip()))
        if headers.get("expect") == "100-continue":
            self.send(b"HTTP/1.1 100 Continue\r\n\r\n")
        body = await self._body(headers)
        return Request(method, target, headers, body, "HTTP/1.1", self._has_certificate, self._client, fields)

    async def _body(self, headers: dict[str, str]) -> bytes:
        if headers.get("transfer-encoding", "").lower() != "chunked":
            return await self._reader.readexactly(int(headers.get("content-length", "0")))
        body = b""
        while size := int((await self._reader.readline()).split(b";")[0], 16):
            body += await self._reader.readexactly(size)
            await self._reader.readline()
        while (await self._reader.readline()).strip():
            pass
        return body
