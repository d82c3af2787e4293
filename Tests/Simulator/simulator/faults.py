"""Faults on demand: what goes wrong, for which requests, how often.

| kind        | effect                                                                            |
| ----------- | --------------------------------------------------------------------------------- |
| status      | answers `code` with a Status; `retry_after` adds the header                         |
| error       | HTTP 200, then one in-stream ERROR event with `code`, `reason`, `message`; ends      |
| reset       | breaks the answer off after `after` bytes of body (mid-line unless you count right)  |
| truncate    | ends the answer cleanly after `after` bytes: framing fine, JSON cut                  |
| garbage     | sends a line that is not JSON; lists end there, watches go on                        |
| slow        | sends the body byte by byte, `delay` seconds apart                                  |
| duplicate   | sends every event twice                                                            |
| late        | does what it is asked, and answers, only after `delay` seconds                          |
| silence     | sends the head and then nothing                                                    |
| hang        | sends nothing at all                                                               |
| goaway      | announces the end of the connection, then answers                                  |
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, fields

from .store import encode
from .status import Failure
from .transport import Stream

GARBAGE = b'{"type":"MODIFIED","object":{"kind":]]}\n'
WATCHLIST_UNSUPPORTED = (
    "a watch stream was requested by the client but the required storage feature "
    "RequestWatchProgress is disabled"
)
KINDS = (
    "status", "error", "reset", "truncate", "garbage", "slow", "duplicate", "late", "silence", "hang", "goaway",
)  # fmt: skip


@dataclass
class Fault:
    """One fault. `resource` is a plural or `*`; `verb` is list, watch, watchlist, get, create, … or `*`."""

    kind: str
    resource: str = "*"
    verb: str = "*"
    times: int | None = None  # None: until cleared
    code: int = 500
    reason: str = ""
    message: str = ""
    retry_after: int | None = None
    after: int = 40
    delay: float = 0.001

    @staticmethod
    def parse(given: dict) -> "Fault":
        known = {f.name for f in fields(Fault)}
        if unknown := set(given) - known:
            raise ValueError(f"unknown fault settings {sorted(unknown)}; known are {sorted(known)}")
        fault = Fault(**given)
        if fault.kind not in KINDS:
            raise ValueError(f"unknown fault kind {fault.kind}; known are {KINDS}")
        return fault

    def applies(self, resource: str, verb: str) -> bool:
        return self.times != 0 and self.resource in ("*", resource) and self.verb in ("*", verb)

    @property
    def failure(self) -> Failure:
        return Failure(self.code, self.message, self.reason)

    @property
    def error_line(self) -> bytes:
        return encode({"type": "ERROR", "object": self.failure.body}) + b"\n"


class Faults:
    """The faults in force, in the order they were asked for."""

    def __init__(self) -> None:
        self._active: list[Fault] = []

    def add(self, fault: Fault) -> None:
        self._active.append(fault)

    def clear(self) -> None:
        self._active.clear()

    def take(self, resource: str, verb: str) -> Fault | None:
        """The first fault for this request; counts it down."""
        for fault in self._active:
            if fault.applies(resource, verb):
                if fault.times is not None:
                    fault.times -= 1
                return fault
        return None


class FaultyStream(Stream):
    """An answer whose body is spoilt on its way out by one fault."""

    def __init__(self, inner: Stream, fault: Fault) -> None:
        self._inner = inner
        self._fault = fault
        self._sent = 0
        self._over = False
        self._queue: asyncio.Queue[bytes | None] = asyncio.Queue()
        self._task = asyncio.create_task(self._dribble()) if fault.kind == "slow" else None
        self.closed = inner.closed

    def start(self, status: int, headers: dict[str, str], length: int | None = None) -> None:
        self._inner.start(status, headers, None)

    def write(self, data: bytes) -> None:
        kind = self._fault.kind
        if kind == "slow":
            self._queue.put_nowait(data)
        elif kind == "duplicate":
            self._inner.write(data + data)
        elif kind in ("reset", "truncate"):
            self._cut(data)
        elif kind == "garbage":
            self._inner.write(b"" if self._over else GARBAGE)
            self._inner.write(data if self._over else b"")
            self._over = True

    def finish(self) -> None:
        if self._fault.kind == "slow":
            self._queue.put_nowait(None)
        elif self._fault.kind == "silence":
            return
        elif not self._inner.closed.done():
            self._inner.finish()

    def reset(self) -> None:
        self._inner.reset()

    def mark_closed(self) -> None:
        self._inner.mark_closed()

    async def drain(self) -> None:
        await self._inner.drain()

    def _cut(self, data: bytes) -> None:
        room = self._fault.after - self._sent
        self._sent += len(data)
        if self._over:
            return
        self._inner.write(data[:room])
        if len(data) > room:
            self._over = True
            (self._inner.reset if self._fault.kind == "reset" else self._inner.finish)()

    async def _dribble(self) -> None:
        while (data := await self._queue.get()) is not None:
            for i in range(len(data)):
                self._inner.write(data[i : i + 1])
                await asyncio.sleep(self._fault.delay)
        self._inner.finish()
