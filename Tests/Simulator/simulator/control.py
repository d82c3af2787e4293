"""The control port: `POST /_sim/<command>` with a JSON object of arguments, on plain loopback HTTP.

Commands are the public methods of server.Simulator, plus `help`.
"""

from __future__ import annotations

import asyncio
import inspect
import json

import yaml

from .http1 import Http1Connection
from .server import Simulator
from .store import encode
from .transport import Request, Stream


class ControlProtocol(asyncio.Protocol):
    """One connection of a test or of a hand with curl."""

    def __init__(self, simulator: Simulator) -> None:
        self._simulator = simulator
        self._connection: Http1Connection | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._connection = Http1Connection(transport, self._handle, False)

    def data_received(self, data: bytes) -> None:
        self._connection.receive(data)

    def pause_writing(self) -> None:
        self._connection.pause()

    def resume_writing(self) -> None:
        self._connection.resume()

    def connection_lost(self, error: Exception | None) -> None:
        self._connection.lost()

    async def _handle(self, request: Request, stream: Stream) -> None:
        status, answer = 200, None
        try:
            answer = await self._run(request.path.removeprefix("/_sim/"), request.body)
        except (TypeError, ValueError, KeyError, yaml.YAMLError) as error:
            status, answer = 400, {"error": f"{type(error).__name__}: {error}"}
        body = encode(answer) + b"\n"
        stream.start(status, {"Content-Type": "application/json"}, len(body))
        stream.write(body)
        stream.finish()

    async def _run(self, name: str, body: bytes) -> object:
        command = getattr(self._simulator, name, None)
        if name.startswith("_") or not inspect.iscoroutinefunction(command):
            return self._commands()
        if name in ("apply", "delete"):
            return await command(_documents(body))
        return await command(**(json.loads(body) if body else {}))

    def _commands(self) -> dict:
        found = inspect.getmembers(self._simulator, inspect.iscoroutinefunction)
        return {name: inspect.getdoc(method) or "" for name, method in found if not name.startswith("_")}


def _documents(body: bytes) -> list[dict]:
    """A JSON array, or YAML documents so that `curl --data-binary @manifest.yaml` works."""
    if body[:1] == b"[":
        return json.loads(body)
    return [document for document in yaml.safe_load_all(body) if document]
