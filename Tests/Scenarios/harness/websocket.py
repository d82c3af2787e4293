"""RFC 6455 frames as bytes, and a server of a known library on a thread of its own."""

from __future__ import annotations

import asyncio
import struct
import threading
from typing import Awaitable, Callable

import websockets

CONTINUATION, TEXT, BINARY, CLOSE, PING, PONG = 0, 1, 2, 8, 9, 10


def frame(opcode: int, payload: bytes = b"", *, final: bool = True, mask: bytes = b"", reserved: int = 0) -> bytes:
    """One frame; `mask` (4 bytes) as clients send them, `reserved` the three bits of extensions."""
    head = bytes([final << 7 | reserved << 4 | opcode])
    marked = 0x80 if mask else 0
    if len(payload) < 126:
        head += bytes([marked | len(payload)])
    elif len(payload) < 65_536:
        head += bytes([marked | 126]) + struct.pack("!H", len(payload))
    else:
        head += bytes([marked | 127]) + struct.pack("!Q", len(payload))
    if mask:
        payload = bytes(byte ^ mask[i & 3] for i, byte in enumerate(payload))
    return head + mask + payload


def close_frame(code: int | None, reason: str = "", mask: bytes = b"") -> bytes:
    body = b"" if code is None else struct.pack("!H", code) + reason.encode()
    return frame(CLOSE, body, mask=mask)


class LibraryServer:
    """The `websockets` package's server on 127.0.0.1; each connection is given to `talk`."""

    def __init__(self, talk: Callable[..., Awaitable[None]], **settings: object) -> None:
        self.port = 0
        self._settings = {"max_size": None, "ping_interval": None, **settings}
        self._loop = asyncio.new_event_loop()
        self._talk = talk
        self._stop: asyncio.Event | None = None
        started = threading.Event()
        self._thread = threading.Thread(target=self._run, args=(started,), daemon=True)
        self._thread.start()
        if not started.wait(10):
            raise TimeoutError("the WebSocket server did not start")

    @property
    def endpoint(self) -> str:
        return f"127.0.0.1:{self.port}"

    def close(self) -> None:
        if self._stop is not None:
            self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join(10)

    def _run(self, started: threading.Event) -> None:
        asyncio.set_event_loop(self._loop)
        self._loop.run_until_complete(self._serve(started))
        self._loop.close()

    async def _serve(self, started: threading.Event) -> None:
        self._stop = asyncio.Event()
        async with websockets.serve(self._talk, "127.0.0.1", 0, **self._settings) as server:
            self.port = server.sockets[0].getsockname()[1]
            started.set()
            await self._stop.wait()
