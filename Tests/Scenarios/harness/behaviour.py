"""Tables of behaviour: what an Ingress says, one request, and what must come of it. One process serves all rows of a table."""

from __future__ import annotations

import base64
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from simulator import objects
from simulator.pki import Authority

from .backend import Backend, Session
from .client import Client, careless
from .http2 import Http2
from .messages import Request, Response
from .site import Site, dev_service

NGINX = "nginx.ingress.kubernetes.io/"
SITES = Authority("behaviour")
# A password "secret" for everybody.
PEOPLE = {"ann": "{SHA}5en6G6MezRroT3XKqkdPOmY/BfQ=", "des": "abNANd1rDfiNc"}
ANN = ("Authorization", "Basic " + base64.b64encode(b"ann:secret").decode())
BASIC = {"auth-type": "basic", "auth-secret": "people"}
AUTH = "http://auth.default.svc.cluster.local"
ABSENT = None


@dataclass(frozen=True)
class Beside:
    """A path of the same host, or of another one, in an Ingress of its own. The older, the earlier it stands."""

    path: str
    says: dict[str, str] = field(default_factory=dict)
    service: str = "other"
    kind: str = "Prefix"
    host: str = "HOST"
    tls: str | None = None
    # Whether it is younger than the row's own Ingress.
    is_younger: bool = True


@dataclass(frozen=True)
class Place:
    """Where the row's Ingress stands."""

    paths: tuple[str, ...] = ("/",)
    kind: str = "Prefix"
    service: str = "web"
    host: str = "HOST"
    tls: str | None = None
    beside: tuple[Beside, ...] = ()


@dataclass(frozen=True)
class Ask:
    """One request."""

    target: str = "/"
    method: str = "GET"
    fields: tuple[tuple[str, str], ...] = ()
    body: bytes | None = None
    host: str = "HOST"
    over: str = "http"  # or tls, h2
    # What the server answers it with.
    answered: tuple[int, str] = (200, "")


@dataclass(frozen=True)
class Row:
    """`annotation` and `corner` are its name; the rest is what must come."""

    annotation: str
    corner: str
    says: dict[str, str]
    ask: Ask
    place: Place
    # Of the answer; one of several where the reference leaves it open.
    status: int | tuple[int, ...]
    gets: dict[str, str | None]
    body: bytes | None
    # What the server is asked; False is that it must not be, None that it does not matter.
    asked: str | bool | None
    told: dict[str, str | None]
    # The same of who is asked about requests, and of who writes pages.
    question: dict[str, str | None] | bool | None
    page: dict[str, str | None] | bool | None

    @property
    def name(self) -> str:
        return f"{self.annotation}: {self.corner}"


def row(
    annotation: str, corner: str, says: dict[str, str], ask: str | Ask = "/", place: Place | str = Place(), *,
    status: int | tuple[int, ...] = 200, gets: dict[str, str | None] | None = None, body: bytes | None = None,
    asked: str | bool | None = None, told: dict[str, str | None] | None = None,
    question: dict | bool | None = None, page: dict | bool | None = None, fails: str | None = None,
):  # fmt: skip
    """A row. A text in place of `ask` is its target, in place of `place` its path; `fails` is why it is known to."""
    ask = Ask(ask) if isinstance(ask, str) else ask
    place = Place((place,), "ImplementationSpecific") if isinstance(place, str) else place
    found = Row(annotation, corner, says, ask, place, status, gets or {}, body, asked, told or {}, question, page)
    marks = [pytest.mark.xfail(strict=True, reason=fails)] if fails else []
    return pytest.param(found, id=found.name, marks=marks)


def echo(session: Session, request: Request, name: str) -> None:
    session.answer(body=name.encode())


class Behaviour(Site):
    """One process for all rows of a table. Service `web` answers as the row says, the others with their names."""

    SERVERS = ("web", "other", "pages", "auth", "a", "b", "c")

    def __init__(self, directory: Path, rows: list, *more: dict, arguments: tuple[str, ...] = ()) -> None:
        self.rows: list[Row] = [param.values[0] for param in rows]
        self.servers = {name: Backend(name=name) for name in self.SERVERS}
        self.silent = Backend(name="dead")
        self.silent.refuse()
        hosts = sorted({host for number, each in enumerate(self.rows) for host in self.hosts_of(number, each)})
        super().__init__(directory, *self._objects(hosts), *more, arguments=arguments)
        self.sluice.wait_ready(30)

    def _objects(self, hosts: list[str]) -> list[dict]:
        found = [objects.tls_secret("cert", SITES.issue("behaviour", hosts)) if hosts else objects.ingress_class()]
        for number, each in enumerate(self.rows):
            found += self.ingresses(number, each)
        secret = {"apiVersion": "v1", "kind": "Secret", "type": "Opaque"}
        text = "".join(f"{name}:{value}\n" for name, value in PEOPLE.items())
        for namespace in ("default", "elsewhere"):
            found.append({**secret, "metadata": {"name": "people", "namespace": namespace}, "stringData": {"auth": text}})
        found.append({**secret, "metadata": {"name": "users", "namespace": "default"}, "stringData": dict(PEOPLE)})
        found += [dev_service(name, self.servers[name]) for name in ("web", "other", "pages", "auth")]
        found += [dev_service("none"), dev_service("dead", self.silent)]
        found.append(dev_service("three", *(self.servers[name] for name in "abc")))
        return found

    @staticmethod
    def host(number: int) -> str:
        return f"row-{number}.test"

    def hosts_of(self, number: int, each: Row) -> list[str]:
        """Those that have the certificate."""
        places = (each.place, *each.place.beside)
        named = [place.host.replace("HOST", self.host(number)) for place in places if place.tls == "cert"]
        return named + [each.ask.host.replace("HOST", self.host(number)).split(":")[0]] if named else []

    def ingresses(self, number: int, each: Row) -> list[dict]:
        own = self.ingress(number, "m", each.says, each.place)
        others = [
            self.ingress(number, f"{'n' if one.is_younger else 'a'}{place}", one.says, one)
            for place, one in enumerate(each.place.beside)
        ]
        return [own, *others]

    def ingress(self, number: int, name: str, says: dict[str, str], place: Place | Beside) -> dict:
        """Its name says its age: who has no date is served in the order of names."""
        host = place.host.replace("HOST", self.host(number))
        paths = place.paths if isinstance(place, Place) else (place.path,)
        body = objects.ingress(
            f"row-{number}-{name}", host, place.service, path=paths[0], path_type=place.kind, tls_secret=place.tls
        )
        age = {"a": 1, "m": 2, "n": 3}[name[0]]
        body["metadata"]["creationTimestamp"] = f"2026-01-0{age}T00:00:00Z"
        rules = body["spec"]["rules"][0]["http"]["paths"]
        rules += [{**rules[0], "path": path} for path in paths[1:]]
        keys = {key if "/" in key else NGINX + key: self.said(number, value) for key, value in says.items()}
        body["metadata"]["annotations"] = keys
        return body

    def said(self, number: int, text: str) -> str:
        return text.replace("HOST", self.host(number)).replace("NUMBER", str(number))

    def forget(self) -> None:
        for name, server in self.servers.items():
            server.forget()
            server.handler = lambda session, request, name=name: echo(session, request, name)

    def close(self) -> None:
        super().close()
        for server in self.servers.values():
            server.close()

    # MARK: - A row

    def send(self, number: int, ask: Ask) -> Response:
        status, lines = ask.answered
        self.servers["web"].handler = lambda session, request: session.answer(status, b"web", headers=lines)
        host = self.said(number, ask.host)
        said = dict(method=ask.method, host=host, headers=ask.fields, body=ask.body)
        if ask.over == "h2":
            with Http2(self.port) as client:
                return client.request(ask.target, **said)
        name = host.split(":")[0]
        secure = dict(tls=careless(), server_name=name) if ask.over == "tls" else {}
        with Client(self.sluice.https if secure else self.port, **secure) as client:
            return client.request(ask.target, **said)

    def check(self, each: Row) -> None:
        """Asks once, and compares."""
        number = self.rows.index(each)
        self.forget()
        answer = self.send(number, each.ask)
        wanted = each.status if isinstance(each.status, tuple) else (each.status,)
        assert answer.status in wanted, f"status: {answer.status} and not {each.status}"
        for name, value in each.gets.items():
            equal(name, answer.get(name), self._with_port(number, value))
        if each.body is not None:
            equal("body", bytes(answer.body), each.body)
        self._check_asked(number, each)
        self._check_side("auth", number, each.question)
        self._check_side("pages", number, each.page)
        equal("problems", [problem for server in self.servers.values() for problem in server.problems], [])

    def _with_port(self, number: int, value: str | None) -> str | None:
        return value and self.said(number, value).replace("PORT", str(self.sluice.https))

    def _check_asked(self, number: int, each: Row) -> None:
        seen = [request for name in ("web", "other", "a", "b", "c") for request in self.servers[name].requests]
        if each.asked is False:
            equal("requests", [request.target for request in seen], [])
        if isinstance(each.asked, str):
            equal("requests", [request.target for request in seen], [each.asked])
        if each.told:
            equal("told", {name: self._of(seen[-1], name) for name in each.told}, self._all(number, each.told))

    def _check_side(self, name: str, number: int, expected: dict | bool | None) -> None:
        if expected is None:
            return
        seen = self.servers[name].requests
        equal(f"requests of {name}", len(seen), 0 if expected is False else 1)
        if isinstance(expected, dict):
            equal(name, {key: self._of(seen[0], key) for key in expected}, self._all(number, expected))

    def _all(self, number: int, expected: dict) -> dict:
        return {key: self._with_port(number, value) for key, value in expected.items()}

    @staticmethod
    def _of(request: Request, name: str) -> str | None:
        own = {":target": request.target, ":method": request.method, ":body": request.body.decode("latin-1")}
        return own[name] if name in own else request.get(name)


def equal(what: str, found: object, expected: object) -> None:
    assert found == expected, f"{what}: {found!r} and not {expected!r}"


def table(rows: list, *more: dict, arguments: tuple[str, ...] = ()):
    """A fixture: the site of a table."""

    @pytest.fixture(scope="module")
    def behaviour(tmp_path_factory):
        site = Behaviour(tmp_path_factory.mktemp("behaviour"), rows, *more, arguments=arguments)
        yield site
        assert site.sluice.is_running
        site.close()

    return behaviour

