"""The proxy of pods: `/api/v1/namespaces/NS/pods/[https:]NAME:PORT/proxy/…`, as apimachinery has it.

What it does to messages: `Authorization` and `Impersonate-…` stay here; the path of the pod stands in front of
`Location` and of links in HTML; `Access-Control-…` of pods is dropped; `Audit-Id` and `Cache-Control` are added.
Where pods are is told by `place`.
"""

from __future__ import annotations

import asyncio
import re
import uuid
from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

from .status import Failure
from .transport import Request, Stream

_PATH = re.compile(r"^(/api/v1/namespaces/([^/]+)/pods/(?:(https?):)?([^/:]+)(?::(\d+))?/proxy)(/.*)?$")
_LINK = re.compile(rb'(\s(?:href|src|action)=")(/[^/"][^"]*|/)(")')
_HOP = {"connection", "keep-alive", "te", "transfer-encoding", "upgrade", "proxy-connection"}
_VERBS = {"GET": "get", "HEAD": "get", "POST": "create", "PUT": "update", "PATCH": "patch", "DELETE": "delete"}
_CORS = "access-control-allow-"


@dataclass
class Destination:
    """What a path names."""

    prefix: str
    pod: str
    scheme: str
    port: int
    rest: str


class PodProxy:
    """Passes requests on to pods. `pods` says where they are: `namespace/name` to host and port."""

    def __init__(self) -> None:
        self.pods: dict[str, tuple[str, int]] = {}
        self.seen: list[dict] = []

    @staticmethod
    def destination(target: str) -> Destination | None:
        path, _, query = target.partition("?")
        match = _PATH.match(path)
        if not match:
            return None
        prefix, namespace, scheme, name, port, rest = match.groups()
        return Destination(
            prefix, f"{unquote(namespace)}/{unquote(name)}", scheme or "http", int(port or 80),
            (rest or "/") + ("?" + query if query else ""),
        )  # fmt: skip

    @staticmethod
    def verb(request: Request) -> str:
        return _VERBS.get(request.method, "")

    async def pass_on(self, request: Request, to: Destination, stream: Stream) -> int:
        """Answers with the status."""
        self.seen.append({
            "pod": to.pod, "port": to.port, "scheme": to.scheme, "method": request.method, "target": to.rest,
            "fields": [list(field) for field in request.fields], "client": request.client,
        })  # fmt: skip
        if to.pod not in self.pods:
            name = to.pod.partition("/")[2]
            raise Failure(404, f'pods "{name}" not found', details={"name": name, "kind": "pods"})
        try:
            reader, writer = await asyncio.open_connection(*self.pods[to.pod])
        except OSError as error:
            raise Failure(503, f"error trying to reach service: {error}") from error
        try:
            return await self._exchange(request, to, stream, reader, writer)
        except (asyncio.IncompleteReadError, OSError) as error:
            raise Failure(503, f"error trying to reach service: {error or 'EOF'}") from error
        finally:
            writer.close()

    async def _exchange(self, request: Request, to: Destination, stream, reader, writer) -> int:
        is_upgrade = "upgrade" in request.headers.get("connection", "").lower()
        writer.write(self._request(request, to, is_upgrade))
        head = await reader.readuntil(b"\r\n\r\n")
        while head.split(b" ")[1].startswith(b"1") and not head.split(b" ")[1] == b"101":
            head = await reader.readuntil(b"\r\n\r\n")
        start, *lines = head.decode("latin-1").split("\r\n")[:-2]
        status = int(start.split(" ")[1])
        fields = [(name, value.strip()) for name, _, value in (line.partition(":") for line in lines)]
        if status == 101:
            stream.send_raw(head)
            await stream.splice(reader, writer)
            return status
        framing = {name.lower(): value for name, value in fields}
        kept = [
            (name, self._location(value, to, request) if name.lower() == "location" else value)
            for name, value in fields
            if name.lower() not in _HOP | {"content-length", "date"} and not name.lower().startswith(_CORS)
        ]
        added = [("Audit-Id", str(uuid.uuid4())), ("Cache-Control", "no-cache, private")]
        is_html = framing.get("content-type", "").partition(";")[0].strip() == "text/html"
        bodiless = request.method == "HEAD" or status in (204, 304)
        length = None if is_html or "content-length" not in framing else int(framing["content-length"])
        stream.start_fields(start.partition(" ")[2], added + kept, length, bodiless)
        if bodiless:
            stream.mark_closed()
        elif is_html:
            stream.write(_LINK.sub(rb"\1" + to.prefix.encode() + rb"\2\3", await _whole(reader, framing)))
            stream.finish()
        else:
            async for piece in _pieces(reader, framing):
                stream.write(piece)
                await stream.drain()
            stream.finish()
        return status

    @staticmethod
    def _request(request: Request, to: Destination, is_upgrade: bool) -> bytes:
        dropped = _HOP | {"authorization", "content-length"}
        lines = [f"{request.method} {to.rest} HTTP/1.1"]
        lines += [
            f"{name}: {value}"
            for name, value in request.fields
            if name.lower() not in dropped and not name.lower().startswith("impersonate-")
        ]
        lines.append(f"X-Forwarded-Uri: {to.prefix}{to.rest}")
        if request.body or request.method in ("POST", "PUT", "PATCH"):
            lines.append(f"Content-Length: {len(request.body)}")
        upgrade = ["Connection: Upgrade", f"Upgrade: {request.headers.get('upgrade', '')}"]
        lines += upgrade if is_upgrade else ["Connection: close"]
        return "\r\n".join(lines).encode("latin-1") + b"\r\n\r\n" + request.body

    @staticmethod
    def _location(value: str, to: Destination, request: Request) -> str:
        parts = urlsplit(value)
        if (parts.netloc and parts.netloc != request.headers.get("host")) or not parts.path.startswith("/"):
            return value
        return parts._replace(path=to.prefix + parts.path).geturl()


async def _whole(reader: asyncio.StreamReader, framing: dict[str, str]) -> bytes:
    return b"".join([piece async for piece in _pieces(reader, framing)])


async def _pieces(reader: asyncio.StreamReader, framing: dict[str, str]):
    """The body as it comes, without its framing."""
    if framing.get("transfer-encoding", "").lower() == "chunked":
        while size := int((await reader.readline()).split(b";")[0], 16):
            yield await reader.readexactly(size)
            await reader.readline()
        return
    left = int(framing.get("content-length", 1 << 62))
    while left and (piece := await reader.read(min(left, 1 << 16))):
        left -= len(piece)
        yield piece
