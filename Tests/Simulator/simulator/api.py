"""From a request to an answer: authentication, faults, discovery, and the verbs."""

from __future__ import annotations

import asyncio
import random
import re
import time
import uuid
import zlib
from dataclasses import dataclass

from . import discovery, writing
from .faults import Fault, Faults, FaultyStream
from .listing import list_body, list_page, read_version
from .podproxy import Destination, PodProxy
from .resources import Catalogue, Resource
from .selection import BadSelector, parse
from .status import Failure, not_found
from .store import Store, encode
from .transport import Request, Stream
from .watch import Watch

GZIP_FROM = 128 << 10  # the real server compresses larger answers only
BATCH = 256 << 10
_PATH = re.compile(
    r"^/(?:api|apis/(?P<group>[^/]+))/(?P<version>v[^/]+)"
    r"(?:/namespaces/(?P<namespace>[^/]+))?/(?P<plural>[^/]+)(?:/(?P<name>[^/]+))?(?:/(?P<sub>[^/]+))?$"
)


@dataclass
class Target:
    """What a URL names."""

    resource: Resource
    namespace: str | None
    name: str | None
    subresource: str

    @property
    def key(self) -> str:
        return f"{(self.namespace or '') if self.resource.namespaced else ''}/{self.name}"


class Api:
    """The API server proper. Every request it saw is kept in `requests` for tests to judge."""

    def __init__(self) -> None:
        self.store = Store()
        self.catalogue = Catalogue()
        self.faults = Faults()
        self.watches: set[Watch] = set()
        self.tokens: set[str] = set()
        self.expiring: dict[str, float] = {}  # tokens of a plugin, until when (seconds since 1970)
        self.pod_proxy = PodProxy()
        self.requests: list[dict] = []

    async def handle(self, request: Request, stream: Stream) -> None:
        if destination := self.pod_proxy.destination(request.target):
            await self._pass_on(request, destination, stream)
            return
        target = self._target(request.path)
        verb = _verb(request, target)
        record = self._record(request, target, verb)
        fault = self.faults.take(target.resource.plural if target else request.path, verb)
        try:
            if fault and fault.kind in ("status", "hang", "goaway"):
                await self._refuse(fault, stream)
            self._authenticate(request)
            if fault and fault.kind == "late":
                await asyncio.sleep(fault.delay)
            elif fault:
                stream = self._spoil(fault, stream)
            if stream.closed.done():
                return
            record["status"] = 200
            await self._answer(request, target, verb, stream)
            record["answeredAt"] = time.monotonic_ns()
        except Failure as failure:
            record["status"] = failure.code
            self._fail(failure, stream, fault)
        except BadSelector as error:
            self._fail(Failure(400, str(error)), stream, None)

    async def _pass_on(self, request: Request, destination: Destination, stream: Stream) -> None:
        """A request for a pod; a fault of status for `pods/proxy` is RBAC's."""
        fault = self.faults.take("pods/proxy", self.pod_proxy.verb(request))
        try:
            self._authenticate(request)
            if fault:
                raise fault.failure
            await self.pod_proxy.pass_on(request, destination, stream)
        except Failure as failure:
            stream.answer(failure.code, _headers(), encode(failure.body) + b"\n")

    def _record(self, request: Request, target: Target | None, verb: str) -> dict:
        record = {
            "at": time.monotonic_ns(), "method": request.method, "target": request.target, "verb": verb,
            "resource": target.resource.plural if target else "", "query": request.query,
            "protocol": request.protocol, "status": 0, "client": request.client,
        }  # fmt: skip
        if request.body:
            record |= {"key": target.key if target else "", "body": request.body.decode(errors="replace")}
        self.requests.append(record)
        return record

    def _authenticate(self, request: Request) -> None:
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        if scheme.lower() == "bearer":
            if token not in self.tokens and time.time() >= self.expiring.get(token, 0):
                raise Failure(401)
        elif not request.has_client_certificate:
            raise Failure(401)

    async def _refuse(self, fault: Fault, stream: Stream) -> None:
        if fault.kind == "status":
            raise fault.failure
        if fault.kind == "goaway":
            stream.go_away()
        else:
            await stream.closed

    def _spoil(self, fault: Fault, stream: Stream) -> Stream:
        if fault.kind == "error":
            stream.start(200, _headers())
            stream.write(fault.error_line)
            stream.finish()
            return stream
        return stream if fault.kind == "goaway" else FaultyStream(stream, fault)

    def _fail(self, failure: Failure, stream: Stream, fault: Fault | None) -> None:
        extra = {}
        if fault and fault.retry_after is not None:
            extra["Retry-After"] = str(fault.retry_after)
        body = encode(failure.body) + b"\n"
        stream.start(failure.code, {**_headers(), **extra}, len(body))
        stream.write(body)
        stream.finish()

    def _target(self, path: str) -> Target | None:
        match = _PATH.match(path)
        if not match:
            return None
        namespace, plural, name, sub = (match[k] for k in ("namespace", "plural", "name", "sub"))
        if plural in ("status", "finalize") and namespace:
            namespace, plural, name, sub = None, "namespaces", namespace, plural
        resource = self.catalogue.by_path(match["group"] or "", match["version"], plural)
        return Target(resource, namespace, name, sub or "") if resource else None

    async def _answer(self, request: Request, target: Target | None, verb: str, stream: Stream) -> None:
        if target is None:
            answer = discovery.answer(self.catalogue, request.path)
            if answer is None:
                raise Failure(404)
            body = answer if isinstance(answer, bytes) else encode(answer) + b"\n"
            await self._send(request, stream, 200, body, "text/plain" if isinstance(answer, bytes) else None)
        elif verb in ("watch", "watchlist"):
            await self._watch(request, target, stream)
        elif verb == "list":
            await self._list(request, target, stream)
        elif verb == "get":
            entry = self.store.table(target.resource).entries.get(target.key)
            if entry is None:
                raise not_found(target.resource, target.name)
            await self._send(request, stream, 200, entry.raw + b"\n")
        else:
            await self._write(request, target, verb, stream)

    async def _list(self, request: Request, target: Target, stream: Stream) -> None:
        table = self.store.table(target.resource)
        selection = parse(target.namespace, request.query)
        page = list_page(self.store, table, selection, request.query)
        await self._send(request, stream, 200, list_body(table, page, selection))

    async def _write(self, request: Request, target: Target, verb: str, stream: Stream) -> None:
        status, store, resource = 200, self.store, target.resource
        if verb == "delete":
            await self._send(request, stream, 200, encode(writing.delete(store, resource, target.key)) + b"\n")
            return
        body = writing.decode(request.body)
        if verb == "create":
            status, entry = 201, writing.create(store, resource, target.namespace, body)
        elif verb == "update":
            entry = writing.replace(store, resource, target.key, target.subresource, body)
        else:
            kind = request.headers.get("content-type", "").partition(";")[0]
            entry = writing.patch(store, resource, target.key, target.subresource, body, kind)
        await self._send(request, stream, status, entry.raw + b"\n")

    async def _watch(self, request: Request, target: Target, stream: Stream) -> None:
        query, store = request.query, self.store
        table = store.table(target.resource)
        name = {"fieldSelector": f"metadata.name={target.name}"} if target.name else {}
        selection = parse(target.namespace, {**query, **name})
        asked = read_version(query.get("resourceVersion", ""))
        wants_initial = _wants_initial(query)
        timeout = float(query.get("timeoutSeconds") or random.uniform(1800, 3600))
        if wants_initial and asked > store.version:
            raise Failure(504, f"Too large resource version: {asked}, current: {store.version}")
        watch = Watch(store, table, selection, stream)
        watch.bookmarks = query.get("allowWatchBookmarks") in ("true", "1")
        stream.start(200, _headers())
        if 0 < asked < store.compacted and not wants_initial:
            message = f"too old resource version: {asked} ({store.compacted})"
            stream.write(Fault("error", code=410, reason="Expired", message=message).error_line)
            stream.finish()
            return
        initial, missed = [], table.since(asked)
        if wants_initial or asked == 0:
            initial, missed = [entry for entry in table.ordered() if selection.matches(entry)], []
        self.watches.add(watch)
        try:
            await watch.run(initial, missed, wants_initial, timeout)
        finally:
            self.watches.discard(watch)

    async def _send(
        self, request: Request, stream: Stream, status: int, body: bytes, content_type: str | None = None
    ) -> None:
        headers = _headers()
        if content_type:
            headers["Content-Type"] = content_type
        if len(body) > GZIP_FROM and "gzip" in request.headers.get("accept-encoding", ""):
            body = await asyncio.get_running_loop().run_in_executor(None, _gzip, body)
            headers |= {"Content-Encoding": "gzip", "Vary": "Accept-Encoding"}
        stream.start(status, headers, len(body) if len(body) < BATCH else None)
        for i in range(0, len(body), BATCH):
            stream.write(body[i : i + BATCH])
            await stream.drain()
        stream.finish()


def _verb(request: Request, target: Target | None) -> str:
    if request.method != "GET":
        return {"POST": "create", "PUT": "update", "PATCH": "patch", "DELETE": "delete"}.get(request.method, "other")
    if target is None:
        return "get"
    if request.query.get("watch") in ("true", "1"):
        return "watchlist" if request.query.get("sendInitialEvents") == "true" else "watch"
    return "get" if target.name else "list"


def _wants_initial(query: dict[str, str]) -> bool:
    given = query.get("sendInitialEvents")
    if given is not None and query.get("resourceVersionMatch") != "NotOlderThan":
        raise Failure(
            422,
            "ListOptions.meta.k8s.io \"\" is invalid: resourceVersionMatch: Forbidden: sendInitialEvents requires "
            "setting resourceVersionMatch to NotOlderThan",
        )
    return given == "true"


def _headers() -> dict[str, str]:
    return {
        "Audit-Id": str(uuid.uuid4()),
        "Cache-Control": "no-cache, private",
        "Content-Type": "application/json",
        "X-Kubernetes-Pf-Flowschema-Uid": "4c3a30d9-91ef-4558-956a-82ccca12102a",
        "X-Kubernetes-Pf-Prioritylevel-Uid": "f6fa7dce-b625-4cd1-afa9-5981f917879c",
    }


def _gzip(body: bytes) -> bytes:
    compressor = zlib.compressobj(1, wbits=31)
    return compressor.compress(body) + compressor.flush()
