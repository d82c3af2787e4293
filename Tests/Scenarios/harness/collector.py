"""A collector of traces: OTLP over HTTP with JSON, which keeps the spans it takes and answers as the scenario says."""

from __future__ import annotations

import json
import threading
from collections import deque
from dataclasses import dataclass

from .backend import Backend, Session
from .messages import Request
from .waiting import wait_until


@dataclass
class Span:
    """One span as it came, and the service that it is from."""

    raw: dict
    service: str

    @property
    def trace(self) -> str:
        return self.raw["traceId"]

    @property
    def id(self) -> str:
        return self.raw["spanId"]

    @property
    def parent(self) -> str | None:
        return self.raw.get("parentSpanId")

    @property
    def name(self) -> str:
        return self.raw["name"]

    @property
    def attributes(self) -> dict[str, str | int]:
        return values(self.raw["attributes"])


def values(attributes: list[dict]) -> dict[str, str | int]:
    """opentelemetry.proto.common.v1.KeyValue by key; a 64-bit number is a text in JSON."""
    found: dict[str, str | int] = {}
    for entry in attributes:
        assert set(entry) == {"key", "value"} and entry["key"] not in found
        ((kind, value),) = entry["value"].items()
        found[entry["key"]] = int(value) if kind == "intValue" else value
        assert kind in ("stringValue", "intValue") and isinstance(value, str)
    return found


class Collector:
    """Listens on 127.0.0.1. `answers` are the next ones, each a status, lines of its head and a body; then it takes all there is."""

    def __init__(self) -> None:
        self.server = Backend(self._take, name="collector")
        self.answers: deque[tuple[int, str, bytes]] = deque()
        self.spans: list[Span] = []
        self.posts: list[Request] = []
        # Answers wait while this is not set.
        self.may_answer = threading.Event()
        self.may_answer.set()

    @property
    def url(self) -> str:
        return f"http://{self.server.endpoint}"

    def _take(self, session: Session, request: Request) -> None:
        body = json.loads(request.body)
        self.posts.append(request)
        self.may_answer.wait(30)
        status, lines, text = self.answers.popleft() if self.answers else (200, "", b"{}")
        if status == 200:
            for resource in body["resourceSpans"]:
                service = values(resource["resource"]["attributes"])["service.name"]
                for scope in resource["scopeSpans"]:
                    self.spans += [Span(raw, str(service)) for raw in scope["spans"]]
        session.answer(status, text, headers=f"Content-Type: application/json\r\n{lines}")

    def wait_span(self, trace: str, timeout: float = 10.0) -> Span:
        """The one span of a trace."""
        return wait_until(
            lambda: next((span for span in self.spans if span.trace == trace), None), f"a span of {trace}", timeout
        )

    def has(self, trace: str) -> bool:
        return any(span.trace == trace for span in self.spans)

    def forget(self) -> None:
        self.may_answer.set()
        self.answers.clear()
        self.posts.clear()

    def close(self) -> None:
        self.may_answer.set()
        self.server.close()
