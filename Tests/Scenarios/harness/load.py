"""Keep-alive load from a process of its own: counts every answer that is not the expected one and every close.

Run as a script with a JSON object of settings; it loads until its stdin ends, then prints what happened as JSON.
"""

from __future__ import annotations

import asyncio
import json
import ssl
import subprocess
import sys
import time
from pathlib import Path


class LoadConnection(asyncio.Protocol):
    """One client connection with one request in flight at a time."""

    def __init__(self, load: "Load") -> None:
        self._load = load
        self._buffer = b""
        self._sent_at = 0.0
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport
        self.send()

    def send(self) -> None:
        self._sent_at = time.monotonic()
        self._transport.write(self._load.request)

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        head, mark, rest = self._buffer.partition(b"\r\n\r\n")
        if not mark:
            return
        length = int(head.lower().partition(b"content-length:")[2].split(b"\r\n")[0] or b"0")
        if len(rest) < length:
            return
        self._buffer = rest[length:]
        self._load.answered(head, time.monotonic() - self._sent_at)
        self._load.next(self)

    def connection_lost(self, error: Exception | None) -> None:
        self._load.lost(error)


class Load:
    """All connections of one run. `rate` is requests per second over all of them; 0 is as fast as they go."""

    def __init__(self, settings: dict) -> None:
        self.request = f"GET / HTTP/1.1\r\nHost: {settings['host']}\r\n\r\n".encode()
        self._settings = settings
        self._pause = settings["clients"] / settings["rate"] if settings.get("rate") else 0.0
        self._stopping = False
        self.result = {"requests": 0, "failed": 0, "closed": 0, "slowest": 0.0, "problems": []}

    def next(self, connection: LoadConnection) -> None:
        if self._pause and not self._stopping:
            asyncio.get_running_loop().call_later(self._pause, connection.send)
        elif not self._stopping:
            connection.send()

    def answered(self, head: bytes, took: float) -> None:
        self.result["requests"] += 1
        self.result["slowest"] = max(self.result["slowest"], took)
        if not head.startswith(b"HTTP/1.1 200 "):
            self.result["failed"] += 1
            self._note(head.decode("latin-1").splitlines()[0])

    def lost(self, error: Exception | None) -> None:
        if not self._stopping:
            self.result["closed"] += 1
            self._note(f"closed: {error!r}")

    async def run(self) -> None:
        loop, tls = asyncio.get_running_loop(), _careless()
        for i in range(self._settings["clients"]):
            is_tls = self._settings.get("tls_port") and i % 2
            port = self._settings["tls_port"] if is_tls else self._settings["port"]
            await loop.create_connection(
                lambda: LoadConnection(self), "127.0.0.1", port, ssl=tls if is_tls else None,
                server_hostname=self._settings["host"] if is_tls else None,
            )  # fmt: skip
        print("loading", flush=True)
        await loop.run_in_executor(None, sys.stdin.read)
        self._stopping = True
        print(json.dumps(self.result), flush=True)

    def _note(self, problem: str) -> None:
        if len(self.result["problems"]) < 20:
            self.result["problems"].append(f"{time.monotonic():.3f} {problem}")


class LoadProcess:
    """Load in the background: `with LoadProcess(...) as load: …`, then read `load.result`."""

    def __init__(self, **settings: object) -> None:
        self._settings = settings
        self.result: dict = {}

    def __enter__(self) -> "LoadProcess":
        command = [sys.executable, str(Path(__file__).resolve()), json.dumps(self._settings)]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        assert self._process.stdout.readline() == b"loading\n"
        return self

    def __exit__(self, *_: object) -> None:
        try:
            output, _ = self._process.communicate(timeout=10)
            self.result = json.loads(output)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.communicate()


def _careless() -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


if __name__ == "__main__":
    asyncio.run(Load(json.loads(sys.argv[1])).run())
