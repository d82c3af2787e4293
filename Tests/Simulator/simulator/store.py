"""Objects as pre-serialised bytes, one global resourceVersion, and the history that watches replay.

An object is serialised once, when it is written. A LIST or a watch of 10,000 objects then only joins bytes.
"""

from __future__ import annotations

import bisect
import json
import time
import uuid
from datetime import datetime, timezone
from typing import Callable

from .resources import Resource

FIRST_VERSION = 1000  # anything below is "too old" from the start, as on a server that has lived a while


def encode(body: object) -> bytes:
    return json.dumps(body, separators=(",", ":"), ensure_ascii=False).encode()


class Entry:
    """One stored object. `raw` begins with `{"kind":…,"apiVersion":…,`, which list items leave out."""

    __slots__ = ("namespace", "name", "version", "raw", "type", "_prefix")

    def __init__(self, resource: Resource, body: dict, version: int) -> None:
        meta = body["metadata"]
        self.namespace = meta.get("namespace", "")
        self.name = meta["name"]
        self.version = version
        self.type = body.get("type", "")
        rest = {k: v for k, v in body.items() if k not in ("kind", "apiVersion")}
        head = encode({"kind": resource.kind, "apiVersion": resource.api_version})
        self.raw = head[:-1] + b"," + encode(rest)[1:]
        self._prefix = len(head)

    @property
    def key(self) -> str:
        return f"{self.namespace}/{self.name}"

    @property
    def item(self) -> bytes:
        """The object as a list item: without kind and apiVersion."""
        return b"{" + self.raw[self._prefix :]

    @property
    def body(self) -> dict:
        return json.loads(self.raw)

    @property
    def labels(self) -> dict:
        return self.body["metadata"].get("labels", {})


class Event:
    """A change. `previous` lets a selective watch see an object leave its selection."""

    __slots__ = ("type", "entry", "previous", "line")

    def __init__(self, kind: str, entry: Entry, previous: Entry | None) -> None:
        self.type = kind
        self.entry = entry
        self.previous = previous
        self.line = watch_line(kind, entry.raw)

    @property
    def version(self) -> int:
        return self.entry.version


def watch_line(kind: str, raw: bytes) -> bytes:
    return b'{"type":"' + kind.encode() + b'","object":' + raw + b"}\n"


class Table:
    """All objects of one resource, in key order, and what happened to them."""

    def __init__(self, resource: Resource) -> None:
        self.resource = resource
        self.entries: dict[str, Entry] = {}
        self.events: list[Event] = []
        self.listeners: list[Callable[[Event], None]] = []
        self.snapshots: dict[int, list[Entry]] = {}
        self._keys: list[str] = []

    def ordered(self) -> list[Entry]:
        return [self.entries[key] for key in self._keys]

    def since(self, version: int) -> list[Event]:
        start = bisect.bisect_right(self.events, version, key=lambda event: event.version)
        return self.events[start:]

    def record(self, event: Event) -> None:
        """Applies the event and hands it to every live watch before returning."""
        key = event.entry.key
        if event.type == "DELETED":
            del self.entries[key]
            del self._keys[bisect.bisect_left(self._keys, key)]
        else:
            if key not in self.entries:
                bisect.insort(self._keys, key)
            self.entries[key] = event.entry
        self.events.append(event)
        for listener in list(self.listeners):
            listener(event)


class Store:
    """Every table, and the one counter they share."""

    def __init__(self) -> None:
        self.version = FIRST_VERSION
        self.compacted = FIRST_VERSION
        self._tables: dict[Resource, Table] = {}

    def table(self, resource: Resource) -> Table:
        if resource not in self._tables:
            self._tables[resource] = Table(resource)
        return self._tables[resource]

    def tables(self) -> list[Table]:
        return list(self._tables.values())

    def put(self, resource: Resource, body: dict) -> tuple[Entry, int]:
        """Creates or replaces; answers the entry and the CLOCK_MONOTONIC time its event was written."""
        table = self.table(resource)
        meta = body["metadata"]
        if resource.namespaced:
            meta.setdefault("namespace", "default")
        else:
            meta.pop("namespace", None)
        previous = table.entries.get(f"{meta.get('namespace', '')}/{meta['name']}")
        self.version += 1
        entry = Entry(resource, self._stamped(body, previous), self.version)
        event = Event("MODIFIED" if previous else "ADDED", entry, previous)
        written = time.monotonic_ns()
        table.record(event)
        return entry, written

    def delete(self, resource: Resource, key: str) -> tuple[Entry, int] | None:
        """Removes an object; its last event carries the deletion's resourceVersion."""
        table = self.table(resource)
        previous = table.entries.get(key)
        if previous is None:
            return None
        self.version += 1
        body = previous.body
        body["metadata"]["resourceVersion"] = str(self.version)
        entry = Entry(resource, body, self.version)
        event = Event("DELETED", entry, previous)
        written = time.monotonic_ns()
        table.record(event)
        return entry, written

    def compact(self) -> int:
        """Forgets all history: older watches get 410, older pages get 410."""
        self.compacted = self.version
        for table in self._tables.values():
            table.events.clear()
            table.snapshots.clear()
        return self.compacted

    def _stamped(self, body: dict, previous: Entry | None) -> dict:
        old = previous.body if previous else {}
        old_meta = old.get("metadata", {})
        given = body["metadata"]
        meta = {"name": given["name"]}
        if "namespace" in given:
            meta["namespace"] = given["namespace"]
        meta["uid"] = given.get("uid") or old_meta.get("uid") or str(uuid.uuid4())
        meta["resourceVersion"] = str(self.version)
        changed = bool(previous) and old.get("spec") != body.get("spec")
        meta["generation"] = old_meta.get("generation", 0 if changed else 1) + int(changed)
        meta["creationTimestamp"] = given.get("creationTimestamp") or old_meta.get("creationTimestamp") or timestamp()
        return {**body, "metadata": {**given, **meta}}


def timestamp() -> str:
    return datetime.now(timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
