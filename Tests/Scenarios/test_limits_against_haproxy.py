"""Limits, queues, retries and error pages: this machine's haproxy and ours are given the same file and the same clients, and must
do the same. Each scenario tells what clients were answered and what servers saw."""

from __future__ import annotations

import shutil
import socket
import subprocess
import threading
import time

import pytest
from harness.backend import Backend
from harness.sluice import binary, free_port
from harness.waiting import steady, wait_until

HAPROXY = shutil.which("haproxy", path="/usr/sbin:/usr/bin:/usr/local/sbin:/usr/local/bin")
pytestmark = pytest.mark.skipif(not HAPROXY, reason="haproxy is not installed")

HEAD = """
global
    nbthread 1
defaults
    mode http
    timeout client 10s
    timeout connect 500ms
    timeout server 10s
    timeout queue 10s
"""


class Proxy:
    """One of the two on a port of its own, with servers of its own."""

    def __init__(self, directory, command, text, servers):
        self.port, self.ready = free_port(), free_port()
        self.servers = servers
        places = {f"SERVER{i}": server.endpoint for i, server in enumerate(servers)}
        places |= {"DEAD": f"127.0.0.1:{free_port()}", "PORT": f"127.0.0.1:{self.port}", "FOLDER": str(directory.parent)}
        text = HEAD + text
        for name, value in places.items():
            text = text.replace(name, value)
        path = directory / "t.cfg"
        path.write_text(text)
        self.process = subprocess.Popen(
            ["setpriv", "--pdeathsig", "KILL", *(word.replace("READY", str(self.ready)) for word in command), str(path)],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        is_ready = self._serves if "READY" in command else self._listens
        wait_until(is_ready, f"{command[0]} listens", 20)

    def _listens(self):
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self.port)) == 0

    def _serves(self):
        """It listens before it knows what it serves."""
        try:
            with socket.create_connection(("127.0.0.1", self.ready), timeout=5) as probe:
                probe.sendall(b"GET /readyz HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
                return probe.recv(64).startswith(b"HTTP/1.1 200")
        except OSError:
            return False

    def close(self):
        self.process.kill()
        self.process.wait()
        for server in self.servers:
            server.close()

    def ask(self, path="/", *, cookie=None, body=None):
        """A request on a connection of its own, under way."""
        return Asked(self.port, path, cookie, body)

    def get(self, path="/", **more):
        return self.ask(path, **more).status


class Asked:
    def __init__(self, port, path, cookie, body):
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=20)
        lines = f"Cookie: {cookie}\r\n" if cookie else ""
        if body is not None:
            lines += f"Content-Length: {len(body)}\r\n"
        method = "POST" if body is not None else "GET"
        self.socket.sendall(
            f"{method} {path} HTTP/1.1\r\nHost: a.test\r\nConnection: close\r\n{lines}\r\n".encode() + (body or b""))

    @property
    def answer(self):
        """Everything that comes until the end."""
        received = b""
        with self.socket:
            while piece := self.socket.recv(65536):
                received += piece
        return received

    @property
    def status(self):
        return int(self.answer[9:12] or 0)


class Holder:
    """A server that answers `/hold…` when it is told to, and counts how many it holds."""

    def __init__(self, name=b"ok"):
        self.name, self.held, self.most = name, 0, 0
        self.lock, self.gate = threading.Lock(), threading.Event()

    def __call__(self, session, request):
        if request.target.startswith("/hold"):
            with self.lock:
                self.held += 1
                self.most = max(self.most, self.held)
            self.gate.wait(20)
            with self.lock:
                self.held -= 1
        session.answer(body=self.name)


def status(code):
    return lambda session, request: session.answer(code, b"x")


def closes(session, request):
    session.close()


def junk(session, request):
    session.send(b"SSH-2.0-OpenSSH_9.2\r\n\r\n")
    session.close()


def silent(session, request):
    session.wait_gone(20)


def both(tmp_path, text, handlers, play):
    """What `play` tells of either proxy."""
    told = {}
    for name, command in {
        "haproxy": [HAPROXY, "-db", "-f"], "sluice": [str(binary()), "proxy", "--workers", "1", "--ops-port", "READY", "-f"],
    }.items():
        directory = tmp_path / name
        directory.mkdir()
        servers = [Backend(handler() if isinstance(handler, type) else handler) for handler in handlers]
        proxy = Proxy(directory, command, text, servers)
        try:
            told[name] = play(proxy, servers)
        finally:
            proxy.close()
    return told


def listen(*lines):
    return "listen a\n    bind PORT\n" + "".join(f"    {line}\n" for line in lines)


def requests_of(servers):
    return [len(server.requests) for server in servers]


ONE = "server s0 SERVER0"
TWO = ("server s0 SERVER0", "server s1 SERVER1")

# fmt: off
RETRIES = {
    "503 elsewhere": ((*TWO, "retry-on 503", "option redispatch"), (status(503), status(200)), 4, None),
    "503 without retry-on": (TWO, (status(503), status(200)), 4, None),
    "503 everywhere": ((ONE, "retry-on 503", "retries 2"), (status(503),), 1, None),
    "503 after a POST": ((ONE, "retry-on 503", "retries 1"), (status(503),), 1, b"body"),
    "404 among others": ((ONE, "retry-on 404 500", "retries 1"), (status(404),), 1, None),
    "501 is not among all": ((ONE, "retry-on all-retryable-errors"), (status(501),), 1, None),
    "502 is among all": ((ONE, "retry-on all-retryable-errors"), (status(502),), 1, None),
    "no answer": ((ONE, "retry-on empty-response", "retries 2"), (closes,), 1, None),
    "no answer without": ((ONE, "retry-on response-timeout"), (closes,), 1, b"body"),
    "junk": ((ONE, "retry-on junk-response", "retries 2"), (junk,), 1, None),
    "503 that some may not repeat": (
        (*TWO, "retry-on 503", "option redispatch", "http-request disable-l7-retry if METH_POST"), (status(503), status(200)), 4, b"x"),
    "503 that others may not repeat": (
        (*TWO, "retry-on 503", "option redispatch", "http-request disable-l7-retry if METH_POST"), (status(503), status(200)), 4, None),
    "no answer, not repeated": ((ONE, "retry-on empty-response", "http-request disable-l7-retry"), (closes,), 1, b"x"),
    "silence, not repeated": (
        (ONE, "retry-on response-timeout", "timeout server 150ms", "http-request disable-l7-retry"), (silent,), 1, b"x"),
    "refused, not repeated after answers": (("server d DEAD", "retries 1", "http-request disable-l7-retry"), (status(200),), 1, None),
    "junk without": ((ONE,), (junk,), 1, None),
    "silence": ((ONE, "retry-on response-timeout", "retries 1", "timeout server 500ms"), (silent,), 1, None),
    "refused, then elsewhere": (("server d DEAD", "server s1 SERVER0", "option redispatch"), (status(200),), 4, None),
    "refused": (("server d DEAD", "retries 1"), (status(200),), 1, None),
    "refused with none": (("server d DEAD", "retry-on none"), (status(200),), 1, None),
    "no retries": (("server d DEAD", "retries 0"), (status(200),), 1, None),
    "nobody": ((), (status(200),), 1, None),
}
# fmt: on


@pytest.mark.parametrize("name", RETRIES)
def test_retries(tmp_path, name):
    lines, handlers, count, body = RETRIES[name]

    def play(proxy, servers):
        statuses = [proxy.get(body=body) for _ in range(count)]
        if name.startswith("silence"):
            unanswered = [2] if name == "silence" else [1]
            wait_until(lambda: requests_of(servers) == unanswered, "the server has read what it does not answer")
        return statuses, requests_of(servers)

    told = both(tmp_path, listen(*lines), handlers, play)
    assert told["sluice"] == told["haproxy"]


PAGES = {
    "errorfile": "errorfile 503 FOLDER/page",
    "string": 'http-error status 503 content-type text/plain string "not now" hdr X-Why because',
    "file": "http-error status 503 content-type text/html file FOLDER/body",
    "redirect": "errorloc302 503 https://sorry.test/x",
    "see other": "errorloc303 503 https://sorry.test/x",
    "of another status": "errorfile 502 FOLDER/page",
}


@pytest.mark.parametrize("name", PAGES)
def test_pages(tmp_path, name):
    def play(proxy, servers):
        head, _, body = proxy.ask().answer.partition(b"\r\n\r\n")
        lines = head.decode().split("\r\n")
        # haproxy ends the connection where a file says no length; we say it. Pages of its own are others than ours.
        framing = ("connection", "server", "content-length")
        fields = {line.lower() for line in lines[1:] if not line.lower().startswith(framing)}
        return (int(lines[0].split()[1]), fields, body) if name != "of another status" else int(lines[0].split()[1])

    (tmp_path / "page").write_text(
        "HTTP/1.0 503 Closed\nCache-Control: no-cache\nConnection: close\nContent-Type: text/html\n\n<h1>closed</h1>\n")
    (tmp_path / "body").write_text("<h1>file</h1>")
    told = both(tmp_path, listen(PAGES[name]), (), play)
    assert told["sluice"] == told["haproxy"]


def holding(proxy, servers, count, path="/hold", **more):
    """Requests that are asked one after another, as soon as the one before has got as far as it gets."""
    asked = []
    for _ in range(count):
        asked.append(proxy.ask(path, **more))
        time.sleep(0.05)
    return asked


# How many the server holds at most, and the words that say so.
LIMITS = {
    "maxconn": (2, "server s0 SERVER0 maxconn 2"),
    "no limit": (8, "server s0 SERVER0"),
    "minconn, large fullconn": (2, "fullconn 1000", "server s0 SERVER0 minconn 2 maxconn 50"),
    "minconn alone": (3, "fullconn 100", "server s0 SERVER0 minconn 3"),
}


def how_many_are_held(proxy, servers, count, most):
    asked, held = [], []
    for _ in range(count):
        asked += holding(proxy, servers, 1)
        wait_until(lambda: servers[0].handler.held >= min(len(asked), most), f"request {len(asked)} is at the server")
        held.append(servers[0].handler.held)
    servers[0].handler.gate.set()
    return held, [one.status for one in asked]


@pytest.mark.parametrize("name", LIMITS)
def test_limits_of_servers(tmp_path, name):
    most, *lines = LIMITS[name]
    told = both(tmp_path, listen(*lines), (Holder,), lambda *proxy: how_many_are_held(*proxy, 8, most))
    assert told["sluice"] == told["haproxy"]
    assert told["sluice"][0] == [min(number, most) for number in range(1, 9)]


@pytest.mark.parametrize(
    "text",
    [
        listen("maxconn 3", ONE), "global\n    maxconn 3\n" + listen(ONE),
        listen(ONE).replace("bind PORT", "bind PORT maxconn 3"),
    ],
)
def test_limits_of_connections(tmp_path, text):
    told = both(tmp_path, text, (Holder,), lambda *proxy: how_many_are_held(*proxy, 5, 3))
    assert told["sluice"] == told["haproxy"]
    assert told["sluice"][0] == [1, 2, 3, 3, 3]


# How many of four requests are held by both servers together, and the words of the section.
QUEUES = {
    "timeout": (1, "timeout queue 150ms", "server s0 SERVER0 maxconn 1"),
    "cookie": (1, "cookie S insert", "server s0 SERVER0 cookie a maxconn 1", "server s1 SERVER1 cookie b maxconn 1"),
    "cookie, bounded": (
        1, "cookie S insert", "server s0 SERVER0 cookie a maxconn 1 maxqueue 1", "server s1 SERVER1 cookie b maxconn 9"),
    "cookie, bounded, redispatch": (
        3, "cookie S insert", "option redispatch", "server s0 SERVER0 cookie a maxconn 1 maxqueue 1",
        "server s1 SERVER1 cookie b maxconn 9"),
    "hash": (1, "balance source", "server s0 SERVER0 maxconn 1", "server s1 SERVER1 maxconn 1"),
    "in turn": (2, "server s0 SERVER0 maxconn 1", "server s1 SERVER1 maxconn 1"),
    "first": (3, "balance first", "server s0 SERVER0 maxconn 1", "server s1 SERVER1 maxconn 2"),
    "leastconn": (3, "balance leastconn", "server s0 SERVER0 maxconn 1", "server s1 SERVER1 maxconn 2"),
}
# How many of the four wait for the gate; the others are told at once, or after a while.
TOLD = {"timeout": 1, "cookie, bounded": 2}


@pytest.mark.parametrize("name", QUEUES)
def test_queues(tmp_path, name):
    total, *lines = QUEUES[name]

    def play(proxy, servers):
        cookie = "S=a" if name.startswith("cookie") else None
        asked = holding(proxy, servers, 4, cookie=cookie)
        holds = lambda: [server.handler.held for server in servers]  # noqa: E731
        wait_until(lambda: sum(holds()) >= total, f"{total} are held")
        # No more come.
        held = steady(holds, 1)
        # Who is not served in time, or finds no room, is told before anybody leaves.
        late = [one.status for one in asked[TOLD[name] :]] if name in TOLD else []
        for server in servers:
            server.handler.gate.set()
        statuses = [one.status for one in asked[: len(asked) - len(late)]] + late
        # Who may go to any server goes to the one that is free first, which is anybody's guess here.
        seen = requests_of(servers) if name.startswith(("cookie", "hash", "timeout")) else None
        return held, statuses, [server.handler.most for server in servers], seen

    told = both(tmp_path, listen(*lines), (Holder, Holder), play)
    assert told["sluice"] == told["haproxy"]
