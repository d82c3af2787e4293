"""Sluice itself is rolled out: replicas come and go behind a balancer of connections, and no client notices."""

from __future__ import annotations

import threading
import time

import pytest
from harness.backend import Backend
from harness.balancer import Balancer
from harness.client import Client
from harness.folder import Folder
from harness.http2 import Http2
from harness.messages import Closed
from harness.site import dev_service
from harness.sluice import Sluice
from harness.waiting import wait_until
from simulator import objects
from test_upgrade import accepting, echo, switched

RESTARTS = 20
# Half of what a connection that is idle at the end is given.
PATIENCE = 0.5
FLAGS = ("--drain-delay", "2s", "--workers", "1")


@pytest.fixture
def start(tmp_path):
    """Starts replicas of one site."""
    backend, folder, started = Backend(), Folder(tmp_path / "manifests"), []
    folder.put(objects.ingress_class(), objects.ingress("web", "a.test", "web"), dev_service("web", backend))

    def replica(*flags: str) -> Sluice:
        directory = tmp_path / f"replica{len(started)}"
        started.append(Sluice(directory, "dev", str(folder.path), *(flags or FLAGS)))
        return started[-1].wait_ready()

    yield replica, backend
    for sluice in started:
        sluice.stop()
    backend.close()


class Visitor(threading.Thread):
    """A client as they should be: it keeps its connection until it is told not to, and repeats nothing."""

    def __init__(self, port: int, done: threading.Event) -> None:
        super().__init__()
        self._port, self._done = port, done
        self.answered, self.connections, self.failures = 0, 0, []
        self._active = time.monotonic()
        self.start()

    def run(self) -> None:
        while not self._done.is_set():
            self._active = time.monotonic()
            try:
                self._visit()
            except Exception as error:  # whatever it is, a request has failed
                self.failures.append(repr(error))

    def _visit(self) -> None:
        with Client(self._port) as client:
            self.connections += 1
            while not self._done.wait(0.01) and not self._was_held_up:
                response = client.request()
                assert response.status == 200, response.status
                self._note()
                if response.closes:
                    return

    @property
    def _was_held_up(self) -> bool:
        """Who is idle as a replica goes has a second: who stood still for long can not know of it, and connects anew."""
        return time.monotonic() - self._active > PATIENCE

    def _note(self) -> None:
        self.answered += 1
        self._active = time.monotonic()


class StreamVisitor(Visitor):
    """The same over HTTP/2, where it is told to go by GOAWAY."""

    def _visit(self) -> None:
        with Http2(self._port) as client:
            self.connections += 1
            while not self._done.wait(0.01) and client.goaway is None and not self._was_held_up:
                answer = client.request()
                assert (answer.status, answer.reset) == (200, None), (answer.status, answer.reset)
                self._note()


def test_no_request_fails_over_20_restarts(start):
    replica, _ = start
    running, gone = [replica(), replica()], []
    balancer, done = Balancer(*running), threading.Event()
    visitors = [kind(balancer.port, done) for kind in [Visitor] * 8 + [StreamVisitor] * 2]
    try:
        for _ in range(RESTARTS):
            fresh = replica()
            balancer.add(fresh)
            wait_until(lambda fresh=fresh: balancer.knows(fresh), "the balancer knows the new one")
            running.append(fresh)
            gone.append(running.pop(0))
            gone[-1].terminate()
        for sluice in gone:
            assert sluice.process.wait(20) == 0
    finally:
        done.set()
        for visitor in visitors:
            visitor.join(20)
        balancer.close()
    assert [failure for visitor in visitors for failure in visitor.failures] == []
    assert balancer.refused == 0
    assert sum(visitor.answered for visitor in visitors) > 200
    assert all(visitor.connections > 1 for visitor in visitors), "everybody has been moved at least once"
    assert all("stopped with" not in sluice.log for sluice in gone), "nothing was cut"


@pytest.mark.sanitizer
def test_a_client_that_sends_as_the_end_comes_is_answered(start):
    replica, _ = start
    for _ in range(5):
        sluice = replica("--drain-delay", "0s")
        with Client(sluice.http) as used, Client(sluice.http) as fresh:
            assert used.request().status == 200
            wait_until(lambda: sluice.metric("sluice_connections") == 2, "both have been let in")
            begun = time.monotonic()
            sluice.terminate()
            sluice.wait_log("draining: ")
            answers = [farewell(client) for client in (used, fresh)]
        took = time.monotonic() - begun
        assert sluice.process.wait(20) == 0
        # Who was held up for as long as clients are given sends after the end, and has to come again.
        if None not in answers or took < PATIENCE:
            break
    assert answers == [200, 200]


def farewell(client: Client) -> int | None:
    """The status of the answer that says it is the last, which comes as soon as the worker has heard of the end; None without one."""
    try:
        while True:
            response = client.request()
            if response.closes or response.status != 200:
                return response.status if response.closes else None
    except (Closed, OSError):
        return None


def test_a_long_websocket_is_kept_until_the_deadline(start):
    replica, backend = start
    backend.handler = accepting(echo)
    sluice = replica("--drain-delay", "0s", "--drain-timeout", "6s")
    with Client(sluice.http) as client:
        switched(client)
        sluice.terminate()
        sluice.wait_log("draining: ")
        for _ in range(8):
            client.send(b"still there?")
            assert client.wire.take(12) == b"still there?"
            time.sleep(0.2)  # so that it outlives what idle connections are given
        assert sluice.is_running
        assert client.is_closed()
    assert sluice.process.wait(20) == 0
    assert "stopped with 1 connections cut" in sluice.log
