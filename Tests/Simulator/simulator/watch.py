"""A watch: initial events, then every change at once, bookmarks, and an end after timeoutSeconds."""

from __future__ import annotations

import asyncio
import random

from .faults import GARBAGE, Fault, FaultyStream
from .selection import Selection
from .store import Entry, Event, Store, Table, encode, watch_line
from .transport import Stream

BATCH = 256 << 10  # bytes of initial events written before waiting for the reader
INITIAL_EVENTS_END = "k8s.io/initial-events-end"


class Watch:
    """One open watch. Registered with its table while it lives; `deliver` writes before it returns."""

    def __init__(self, store: Store, table: Table, selection: Selection, stream: Stream) -> None:
        self._store = store
        self._table = table
        self._selection = selection
        self.stream = stream
        self.bookmarks = False
        self._backlog: list[bytes] | None = []

    @property
    def resource(self) -> str:
        return self._table.resource.plural

    def deliver(self, event: Event) -> None:
        line = self._line(event)
        if line is None:
            return
        if self._backlog is not None:
            self._backlog.append(line)
        else:
            self.stream.write(line)

    async def run(self, initial: list[Entry], missed: list[Event], ends_initial: bool, timeout: float) -> None:
        """Sends what the client lacks, then serves until the time-out or until the client leaves."""
        deadline = asyncio.get_running_loop().time() + timeout
        version = self._store.version
        self._table.listeners.append(self.deliver)
        try:
            await self._send_initial(initial)
            for event in missed:
                if (line := self._line(event)) is not None:
                    self.stream.write(line)
            if ends_initial and self.bookmarks:
                self.stream.write(self._bookmark(version, {INITIAL_EVENTS_END: "true"}))
            self._flush_backlog()
            await self._live(deadline)
        finally:
            self._table.listeners.remove(self.deliver)
        if not self.stream.closed.done():
            self.stream.finish()

    def bookmark(self) -> None:
        """Sends a bookmark now, if the client allowed any."""
        if self.bookmarks and self._backlog is None:
            self.stream.write(self._bookmark(self._store.version, {}))

    def inject(self, fault: Fault) -> None:
        """Makes something go wrong on a stream that is already open."""
        if fault.kind == "error":
            self.stream.write(fault.error_line)
            self.stream.finish()
        elif fault.kind == "reset":
            self.stream.write(GARBAGE[: fault.after // 2])
            self.stream.reset()
        elif fault.kind == "truncate":
            self.stream.write(GARBAGE[: fault.after // 2])
            self.stream.finish()
        elif fault.kind == "garbage":
            self.stream.write(GARBAGE)
        else:
            self.stream = FaultyStream(self.stream, fault)

    def end(self) -> None:
        """Ends the watch as its time-out would."""
        self.stream.finish()

    def _flush_backlog(self) -> None:
        lines, self._backlog = self._backlog or [], None
        if lines:
            self.stream.write(b"".join(lines))

    async def _send_initial(self, entries: list[Entry]) -> None:
        batch, size = [], 0
        for entry in entries:
            batch.append(watch_line("ADDED", entry.raw))
            size += len(entry.raw)
            if size >= BATCH:
                self.stream.write(b"".join(batch))
                batch, size = [], 0
                await self.stream.drain()
        if batch:
            self.stream.write(b"".join(batch))

    async def _live(self, deadline: float) -> None:
        """Bookmarks about every minute and two seconds before the end, as the real server does."""
        loop = asyncio.get_running_loop()
        while (left := deadline - loop.time()) > 0 and not self.stream.closed.done():
            pause = left - 2 if left > 2 else left
            await asyncio.wait([self.stream.closed], timeout=max(0.01, min(pause, random.uniform(50, 70))))
            if not self.stream.closed.done():
                self.bookmark()

    def _line(self, event: Event) -> bytes | None:
        if self._selection.is_everything:
            return event.line
        now = event.type != "DELETED" and self._selection.matches(event.entry)
        before = event.previous is not None and self._selection.matches(event.previous)
        if not now and not before:
            return None
        kind = "DELETED" if not now else "MODIFIED" if before else "ADDED"
        return watch_line(kind, event.entry.raw)

    def _bookmark(self, version: int, annotations: dict) -> bytes:
        resource = self._table.resource
        meta: dict = {"resourceVersion": str(version)}
        if annotations:
            meta["annotations"] = annotations
        body = {"kind": resource.kind, "apiVersion": resource.api_version, "metadata": meta}
        return watch_line("BOOKMARK", encode({**body, **resource.skeleton}))
