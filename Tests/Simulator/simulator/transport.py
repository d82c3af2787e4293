"""What a request and the stream its answer goes to look like, whatever the HTTP version."""

from __future__ import annotations

import asyncio
import socket
import struct
from dataclasses import dataclass, field
from urllib.parse import parse_qsl, urlsplit


@dataclass
class Request:
    method: str
    target: str
    headers: dict[str, str]
    body: bytes
    protocol: str
    has_client_certificate: bool
    client: int = 0  # the client's port: requests of one connection have it in common
    fields: list[tuple[str, str]] = field(default_factory=list)  # as they were sent; HTTP/1.1 only
    path: str = field(init=False)
    query: dict[str, str] = field(init=False)

    def __post_init__(self) -> None:
        parts = urlsplit(self.target)
        self.path = parts.path
        self.query = dict(parse_qsl(parts.query, keep_blank_values=True))


class Stream:
    """One answer. `write` puts bytes on the wire at once; `drain` waits for a slow reader."""

    def __init__(self) -> None:
        self.closed = asyncio.get_running_loop().create_future()

    def start(self, status: int, headers: dict[str, str], length: int | None = None) -> None:
        raise NotImplementedError

    def write(self, data: bytes) -> None:
        raise NotImplementedError

    def finish(self) -> None:
        raise NotImplementedError

    def reset(self) -> None:
        """Breaks this answer off: RST_STREAM, or a TCP reset where HTTP/1.1 has nothing finer."""
        raise NotImplementedError

    def go_away(self) -> None:
        """Announces that the connection takes no further request."""
        raise NotImplementedError

    async def drain(self) -> None:
        raise NotImplementedError

    def mark_closed(self) -> None:
        if not self.closed.done():
            self.closed.set_result(None)


def client_port(transport: asyncio.Transport) -> int:
    """What tells one client's connection from another's."""
    peer = transport.get_extra_info("peername")
    return peer[1] if peer else 0


def reset_connection(transport: asyncio.Transport) -> None:
    """Ends a TCP connection with RST instead of FIN."""
    plain = transport.get_extra_info("socket")
    if plain is not None:
        plain.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    transport.abort()
