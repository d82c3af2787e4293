"""More clients than a frontend takes, and more requests than a server does: each gets a clear answer, the counts agree, and who
has nothing to do with it is served as ever."""

from __future__ import annotations

import re
import threading

import pytest
from harness.backend import Backend
from harness.client import Client
from harness.sluice import Sluice, free_port
from harness.waiting import wait_until

pytestmark = pytest.mark.sanitizer

PLACES, SERVED, CROWD = 30, 4, 50

CONFIGURATION = """
defaults
    mode http
    timeout client 20s
    timeout server 20s
    timeout connect 2s
    timeout queue {queue}
frontend web
    bind 127.0.0.1:{port}
    maxconn {places}
    acl is_slow path_beg /slow
    use_backend slow if is_slow
    default_backend quick
backend slow
    server s 127.0.0.1:{slow} maxconn {served}
backend quick
    server s 127.0.0.1:{quick}
"""


class Gate:
    """A handler that answers when it is told to, and knows how many wait."""

    def __init__(self) -> None:
        self.open = threading.Event()
        self.lock, self.now, self.most = threading.Lock(), 0, 0

    def __call__(self, session, request) -> None:
        with self.lock:
            self.now += 1
            self.most = max(self.most, self.now)
        self.open.wait(30)
        with self.lock:
            self.now -= 1
        session.answer(body=b"at last")


class Site:
    def __init__(self, folder, queue: str) -> None:
        self.gate, self.port = Gate(), free_port()
        self.slow, self.quick = Backend(self.gate), Backend()
        text = CONFIGURATION.format(
            port=self.port, places=PLACES, served=SERVED, slow=self.slow.port, quick=self.quick.port, queue=queue
        )
        (folder / "proxy.cfg").write_text(text)
        self.sluice = Sluice(
            folder / "sluice", "proxy", "-f", str(folder / "proxy.cfg"), "--access-log", "stdout"
        ).wait_ready()

    def queued(self) -> float:
        return self.sluice.metric("sluice_upstream_queue")

    def finished(self, code: str) -> int:
        """Requests of the slow backend that ended with a class of status."""
        lines = self.sluice.ops_get("/metrics")[1].splitlines()
        found = [line for line in lines if re.match(rf'sluice_requests_total{{.*"slow".*"{code}".*}}', line)]
        return sum(int(float(line.split()[-1])) for line in found)

    def stop(self) -> None:
        self.gate.open.set()
        assert self.sluice.stop() == 0
        self.slow.close()
        self.quick.close()


@pytest.fixture
def site(tmp_path, request):
    # Long enough for all of them to come, where that is what is looked at.
    here = Site(tmp_path, getattr(request, "param", "5s"))
    yield here
    here.stop()


def crowd(site, answers: list) -> list[threading.Thread]:
    def ask() -> None:
        with Client(site.port) as client:
            response = client.request("/slow", headers=[("Connection", "close")])
            answers.append((response.status, response.body))

    threads = [threading.Thread(target=ask) for _ in range(CROWD)]
    for thread in threads:
        thread.start()
    return threads


def test_an_overload_is_answered_and_counted_and_harms_nobody_else(site):
    answers: list[tuple[int, bytes]] = []
    with Client(site.port) as good:
        assert good.request("/").status == 200
        threads = crowd(site, answers)
        wait_until(lambda: site.gate.now == SERVED, "the server is full")
        # One place of the frontend is the good client's, so many of the others wait for the server, the rest in the kernel.
        wait_until(lambda: site.queued() == PLACES - 1 - SERVED, "the others wait")
        wait_until(lambda: site.sluice.metric("sluice_connections") == PLACES, "every place is taken")
        while len(answers) < CROWD - SERVED:
            assert good.request("/").status == 200
        assert {status for status, _ in answers} == {503}
        assert all(b"503" in body for _, body in answers)
        wait_until(lambda: site.queued() == 0, "nobody waits any more")
        site.gate.open.set()
        for thread in threads:
            thread.join(20)
        assert len(answers) == CROWD
        assert answers[-SERVED:] == [(200, b"at last")] * SERVED
        # It may come in where the others were refused.
        assert good.request("/slow").body == b"at last"
    assert (site.gate.most, len(site.slow.requests)) == (SERVED, SERVED + 1)
    counts = lambda: (site.finished("5xx"), site.finished("2xx"))  # noqa: E731
    wait_until(lambda: counts() == (CROWD - SERVED, SERVED + 1), "all are counted")
    wait_until(lambda: site.sluice.metric("sluice_connections") == 0, "nobody is left")
    wait_until(lambda: len([line for line in site.sluice.access_log if " web slow/" in line]) == CROWD + 1, "all is logged")
    refused = [line for line in site.sluice.access_log if " web slow/<NOSRV> " in line]
    assert len(refused) == CROWD - SERVED
    assert all(" 503 " in line and " sQ-- " in line for line in refused)
    # Nobody waited for much less than 'timeout queue', and nobody stood behind more than there was room for.
    fields = [line.split() for line in refused]
    assert min(int(field[4].split("/")[1]) for field in fields) >= 4990
    assert max(int(field[-4].split("/")[1]) for field in fields) < PLACES


@pytest.mark.parametrize("site", ["20s"], indirect=True)
def test_who_waits_is_served_in_turn_when_places_come_free(site):
    """Below the limits of time nobody is refused: the server is never given more than it takes."""
    site.gate.open.set()
    for _ in range(3):
        answers: list[tuple[int, bytes]] = []
        for thread in crowd(site, answers):
            thread.join(20)
        assert answers == [(200, b"at last")] * CROWD
    assert site.gate.most <= SERVED
    wait_until(lambda: site.finished("2xx") == 3 * CROWD, "all are counted")
    wait_until(lambda: site.queued() == 0, "nobody waits any more")
