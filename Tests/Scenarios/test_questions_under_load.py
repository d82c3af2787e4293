"""Who is asked about requests, who writes pages for errors and who gets copies, are slow, dead or lying, while 64 clients keep their connections.

Nobody comes in without a yes; hosts beside are served as ever; what the proxy holds is bounded; and all is well again afterwards.
"""

from __future__ import annotations

import re
import threading
from contextlib import ExitStack

import pytest

from harness.backend import Backend, Session
from harness.client import Client
from harness.load import LoadProcess
from harness.messages import Ambiguous, Closed, Request
from harness.site import Site, dev_service
from harness.waiting import wait_everywhere, wait_until
from simulator import objects

NGINX = "nginx.ingress.kubernetes.io/"
GUARDED, BESIDE = 24, 20
MEGABYTE = 1 << 20
# So much may a process grow, and so many descriptors may it have besides, while it is told lies.
GROWTH, DESCRIPTORS = 96 * MEGABYTE, 400
PAGES = {NGINX + "custom-http-errors": "404,503", NGINX + "default-backend": "pages"}


def verdict(request: Request) -> int:
    return 200 if request.get("x-pass") == "yes" else 403


class Somebody:
    """A server that is asked, and answers in one of these ways. It knows how often it has said yes."""

    def __init__(self) -> None:
        self.way, self.yes, self.asked = "well", 0, 0
        self.release = threading.Event()
        self.lock = threading.Lock()
        self.server = Backend(self.answer)

    def answer(self, session: Session, request: Request) -> None:
        with self.lock:
            self.asked += 1
            way = self.way
            # Counted before it is said: nobody comes in by a yes that comes later.
            self.yes += way in ("well", "slow", "endless body", "short") and verdict(request) == 200
        getattr(self, "_" + way.replace(" ", "_"))(session, request)

    def become(self, way: str) -> None:
        self.way = way
        self.release.clear()
        if way == "dead":
            self.server.refuse()
            for session in self.server.open_sessions:
                session.reset()

    def recover(self) -> None:
        if self.way == "dead":
            self.server.listen()
        self.way = "well"
        self.release.set()

    def _well(self, session: Session, request: Request) -> None:
        session.answer(verdict(request))

    _dead = _well

    def _slow(self, session: Session, request: Request) -> None:
        self.release.wait(0.3)
        session.answer(verdict(request))

    def _silent(self, session: Session, request: Request) -> None:
        session.wait_gone(20)

    def _closing(self, session: Session, request: Request) -> None:
        session.close()

    def _resetting(self, session: Session, request: Request) -> None:
        session.reset()

    def _half(self, session: Session, request: Request) -> None:
        session.send(b"HTTP/1.1 200 OK\r\nContent-Le")
        session.close()

    def _short(self, session: Session, request: Request) -> None:
        session.send(f"HTTP/1.1 {verdict(request)} X\r\nContent-Length: 10\r\n\r\nab".encode())
        session.close()

    def _junk(self, session: Session, request: Request) -> None:
        session.send(b"SSH-2.0-x\r\n\r\n")

    def _switching(self, session: Session, request: Request) -> None:
        session.send(b"HTTP/1.1 101 Switching\r\nUpgrade: websocket\r\nConnection: upgrade\r\n\r\n")

    def _sending_away(self, session: Session, request: Request) -> None:
        session.answer(302, headers="Location: http://elsewhere.test/\r\n")

    def _endless_head(self, session: Session, request: Request) -> None:
        self._endlessly(session, b"HTTP/1.1 200 OK\r\n", b"A: " + b"b" * 1_000 + b"\r\n")

    def _endless_hints(self, session: Session, request: Request) -> None:
        while not self.release.wait(0.01):
            session.send(b"HTTP/1.1 103 Hints\r\nLink: x\r\n\r\n")

    def _endless_body(self, session: Session, request: Request) -> None:
        head = f"HTTP/1.1 {verdict(request)} X\r\nTransfer-Encoding: chunked\r\n\r\n"
        self._endlessly(session, head.encode(), b"1000\r\n" + b"x" * 0x1000 + b"\r\n")

    def _endlessly(self, session: Session, head: bytes, piece: bytes) -> None:
        session.send(head)
        while not self.release.is_set():
            session.send(piece)


# The way it goes wrong -> how many requests each client sends.
WAYS = {
    "well": 10, "slow": 5, "dead": 2, "silent": 1, "closing": 5, "resetting": 5, "half": 5, "short": 5, "junk": 5, "switching": 5,
    "sending away": 5, "endless head": 3, "endless body": 3,
}  # fmt: skip


class Asking(Site):
    """Hosts that somebody is asked about, one that has pages for its errors, and others."""

    def __init__(self, directory) -> None:
        self.asked, self.pages, self.good, self.copies = Somebody(), Somebody(), Somebody(), Somebody()
        self.secret, self.mirrored = Backend(), Backend()

        def ingress(name: str, service: str, **says: str) -> dict:
            return objects.ingress(name, f"{name}.test", service, annotations=says)

        url = NGINX + "auth-url"
        super().__init__(
            directory, objects.config_map("settings", {"proxy-read-timeout": "5", "proxy-connect-timeout": "2"}),
            ingress("guarded", "secret", **{url: "http://asked.default.svc/ask"}), ingress("plain", "web"),
            ingress("mirrored", "mirrored", **{NGINX + "mirror-target": "http://copies.default.svc"}),
            ingress("other", "web", **{url: "http://good.default.svc/ask"}), ingress("erring", "errors", **PAGES),
            arguments=("--configmap", "default/settings"),
        )  # fmt: skip
        self.errors = Backend(lambda session, request: session.answer(404, b"of the server"))
        self.folder.put(
            dev_service("web", self.backend), dev_service("secret", self.secret), dev_service("errors", self.errors),
            dev_service("asked", self.asked.server), dev_service("good", self.good.server),
            dev_service("pages", self.pages.server), dev_service("mirrored", self.mirrored),
            dev_service("copies", self.copies.server),
        )  # fmt: skip
        # Everybody passes here.
        self.good.answer = lambda session, request: session.answer()
        self.good.server.handler = self.good.answer
        self.sluice.wait_ready()

    def ask(self, host: str, passes: bool) -> int:
        return self.get(host=host, headers=[("X-Pass", "yes" if passes else "no")]).status

    def copied(self) -> float:
        """Requests that were copied, or were not because that would have been too many. Those that failed are among them."""
        text = self.sluice.ops_get("/metrics")[1]
        counts = dict(re.findall(r'sluice_mirrored_requests_total\{outcome="(\w+)"\} (\d+)', text))
        return float(counts["sent"]) + float(counts["skipped"])

    def close(self) -> None:
        super().close()
        for one in (self.asked, self.pages, self.good, self.copies):
            one.server.close()
        for server in (self.secret, self.errors, self.mirrored):
            server.close()


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    site = Asking(tmp_path_factory.mktemp("asking"))
    wait_until(lambda: site.ask("plain.test", True) == 200, "the servers")
    yield site
    assert site.sluice.is_running
    site.close()


class Crowd:
    """Clients of a host that keep their connections; half of them have what lets them in."""

    def __init__(self, site: Asking, host: str, requests: int) -> None:
        self.site, self.host, self.requests = site, host, requests
        self.got: list[tuple[bool, int]] = []
        self.problems: list[str] = []
        self.threads = [threading.Thread(target=self.run, args=(bool(i % 2),), daemon=True) for i in range(GUARDED)]

    def run(self, passes: bool) -> None:
        client = self.site.client()
        try:
            for _ in range(self.requests):
                answer = client.request(host=self.host, headers=[("X-Pass", "yes" if passes else "no")])
                self.got.append((passes, answer.status))
                if answer.closes:
                    client.close()
                    client = self.site.client()
        except (Ambiguous, Closed, OSError) as problem:
            self.problems.append(repr(problem))
        finally:
            client.close()

    def statuses(self, passes: bool) -> set[int]:
        return {status for had, status in self.got if had is passes}


def crowded(site: Asking, host: str, requests: int) -> Crowd:
    """Sends the crowd to one host while others have their own load; these must not notice."""
    crowd = Crowd(site, host, requests)
    with ExitStack() as stack:
        loads = [
            stack.enter_context(LoadProcess(port=site.port, host=other, clients=BESIDE, rate=200))
            for other in ("plain.test", "other.test")
        ]
        for thread in crowd.threads:
            thread.start()
        for thread in crowd.threads:
            thread.join(50)
        assert not any(thread.is_alive() for thread in crowd.threads), "somebody waits still"
    for load in loads:
        assert (load.result["failed"], load.result["closed"], load.result["problems"]) == (0, 0, [])
        assert load.result["requests"] >= BESIDE
    assert crowd.problems == []
    assert len(crowd.got) == GUARDED * requests
    return crowd


def bounded(site: Asking, before: int) -> None:
    assert site.sluice.metric("sluice_process_open_fds") < DESCRIPTORS
    assert site.sluice.memory() < before + GROWTH


def calm(site: Asking) -> None:
    """Nothing is under way any more but the question for metrics itself."""
    wait_until(lambda: site.sluice.metric("sluice_requests_in_flight") == 0, "no request is under way")


@pytest.mark.parametrize("way", WAYS)
def test_auth_url_under_load(site, way):
    before = site.sluice.memory()
    yes = site.asked.yes
    for server in (site.secret, site.backend, site.asked.server):
        server.forget()
    site.asked.server.handler = site.asked.answer
    site.asked.become(way)
    try:
        crowd = crowded(site, "guarded.test", WAYS[way])
        bounded(site, before)
    finally:
        site.asked.recover()
    assert crowd.statuses(False) <= {403, 500}
    if way in ("well", "endless body"):
        assert (crowd.statuses(True), crowd.statuses(False)) == ({200}, {403})
    if way not in ("well", "slow", "endless body", "short"):
        assert crowd.statuses(True) | crowd.statuses(False) == {500}
    # Whoever came in had a yes.
    assert {request.get("x-pass") for request in site.secret.requests} <= {"yes"}
    assert len(site.secret.requests) <= site.asked.yes - yes
    assert [problem for server in (site.secret, site.asked.server, site.backend) for problem in server.problems] == []
    calm(site)
    wait_everywhere(lambda: site.ask("guarded.test", True) == 200, "who may come in does again")
    assert [site.ask("guarded.test", False) for _ in range(4)] == [403] * 4


@pytest.mark.parametrize("way", [way for way in WAYS if way not in ("slow", "short", "sending away")])
def test_custom_http_errors_under_load(site, way):
    """What a server said is an error stays one, whatever comes of the page."""
    before = site.sluice.memory()
    site.pages.server.forget()
    site.pages.server.handler = site.pages.answer
    site.pages.become(way)
    try:
        if way == "endless body":
            # It is passed on as it comes, and ends with who writes it.
            with Client(site.port) as client:
                client.send(b"GET / HTTP/1.1\r\nHost: erring.test\r\nX-Pass: no\r\n\r\n")
                assert client.wire.until(b"\r\n\r\n").startswith(b"HTTP/1.1 403 ")
        else:
            statuses = crowded(site, "erring.test", WAYS[way])
            expected = {200, 403} if way == "well" else {404}
            assert statuses.statuses(True) | statuses.statuses(False) <= expected
            assert 200 not in statuses.statuses(False)
        bounded(site, before)
    finally:
        site.pages.recover()
    calm(site)
    wait_until(lambda: site.ask("erring.test", False) == 403, "pages are written again")


@pytest.mark.parametrize("way", WAYS)
def test_mirror_target_under_load(site, way):
    """Clients never notice who gets copies, and every request is served once."""
    before, copied = site.sluice.memory(), site.copied()
    for server in (site.mirrored, site.copies.server):
        server.forget()
    site.copies.server.handler = site.copies.answer
    site.copies.become(way)
    try:
        crowd = crowded(site, "mirrored.test", WAYS[way])
        bounded(site, before)
    finally:
        site.copies.recover()
    assert crowd.statuses(True) | crowd.statuses(False) == {200}
    assert len(site.mirrored.requests) == GUARDED * WAYS[way]
    assert site.mirrored.problems == []
    calm(site)
    told = copied + GUARDED * WAYS[way]
    wait_until(lambda: site.copied() == told, "what became of each copy is counted", 30)
    site.copies.server.forget()
    assert site.ask("mirrored.test", True) == 200
    wait_until(lambda: site.copies.server.requests, "there are copies again")


@pytest.mark.parametrize("host", ["guarded.test", "erring.test"])
def test_hints_without_end(site, host):
    """They are no answer: nobody comes in by them, and the question ends when the client leaves."""
    somebody = site.asked if host == "guarded.test" else site.pages
    for server in (site.secret, somebody.server):
        server.forget()
    somebody.server.handler = somebody.answer
    somebody.become("endless hints")
    try:
        with site.client() as client:
            client.send(f"GET / HTTP/1.1\r\nHost: {host}\r\nX-Pass: yes\r\nX-Mark: me\r\n\r\n".encode())
            wait_until(lambda: somebody.server.requests, "the question")
            (asking,) = [s for s in somebody.server.sessions if any(r.get("x-mark") for r in s.requests)]
            assert site.ask("plain.test", True) == 200
            client.reset()
        wait_until(lambda: not asking.is_open, "the end of the question")
        assert site.secret.requests == []
    finally:
        somebody.recover()
    calm(site)
    wait_until(lambda: site.ask(host, False) == 403, "all is well again")
