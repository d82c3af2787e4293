"""Connections to servers: reuse, retries, redispatch, failures, balance, and endpoints that come and go."""

from __future__ import annotations

import socket
import threading
import time
from collections import Counter

import pytest

from harness.client import Client
from harness.folder import Folder
from harness.messages import Closed
from harness.site import dev_service
from harness.sluice import Sluice
from harness.stalled import stalled_listener
from harness.waiting import wait_everywhere, wait_until
from simulator import objects

pytestmark = pytest.mark.sanitizer

ONE_WORKER = ("--workers", "1")


def web(*backends) -> tuple[dict, ...]:
    return objects.ingress("web", "a.test", "web"), dev_service("web", *backends)


def naming(name: str):
    return lambda session, request: session.answer(body=name.encode())


# MARK: reuse


def test_one_client_connection_uses_one_server_connection(sluice_dev, backend):
    server = backend()
    site = sluice_dev(*web(server), arguments=ONE_WORKER)
    with site.client() as client:
        for _ in range(20):
            assert client.request().status == 200
    assert len(server.sessions) == 1


def test_idle_server_connections_are_shared_between_clients(sluice_dev, backend):
    server = backend()
    site = sluice_dev(*web(server), arguments=ONE_WORKER)
    for _ in range(10):
        assert site.get().status == 200
    assert len(server.sessions) <= 2


def test_a_server_that_says_close_is_not_used_again(sluice_dev, backend):
    server = backend(lambda session, request: session.answer(headers="Connection: close\r\n"))
    site = sluice_dev(*web(server), arguments=ONE_WORKER)
    with site.client() as client:
        for _ in range(3):
            response = client.request()
            assert (response.status, response.closes) == (200, False)
    assert len(server.sessions) == 3


def test_a_server_of_http_10_is_not_used_again(sluice_dev, backend):
    server = backend(lambda session, request: session.send(b"HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nok"))
    site = sluice_dev(*web(server), arguments=ONE_WORKER)
    with site.client() as client:
        for _ in range(3):
            assert client.request().body == b"ok"
    assert len(server.sessions) == 3


def test_an_answer_before_the_request_ends_the_idle_connection(sluice_dev, backend):
    """Bytes on an idle connection answer nothing; serving them to the next request would be a leak."""
    server = backend()
    site = sluice_dev(*web(server), arguments=ONE_WORKER)
    with site.client() as client:
        client.request()
        server.sessions[0].send(b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil")
        wait_until(lambda: not server.sessions[0].is_open, "the poisoned connection is closed")
        assert client.request().body == b"ok"


# MARK: retries


def dying_on_reuse(session, request):
    """Answers the first request of a connection and dies on the second."""
    if len(session.requests) > 1:
        session.close()
    else:
        session.answer()


def test_a_reused_connection_that_dies_is_retried_without_the_client_noticing(sluice_dev, backend):
    server = backend(dying_on_reuse)
    site = sluice_dev(*web(server), arguments=ONE_WORKER)
    with site.client() as client:
        for _ in range(5):
            assert client.request().status == 200
    assert len(server.requests) > 5


def test_a_connection_closed_while_idle_is_not_used(sluice_dev, backend):
    server = backend()
    site = sluice_dev(*web(server), arguments=ONE_WORKER)
    with site.client() as client:
        for _ in range(5):
            assert client.request(method="POST", body=b"hello").status == 200
            server.sessions[-1].close()
            # A POST could not be retried.
            wait_until(lambda: site.sluice.metric("sluice_upstream_connections") == 0, "its end has come")
    assert len(server.requests) == 5


def test_a_post_whose_body_has_been_sent_is_not_sent_twice(sluice_dev, backend):
    server = backend(dying_on_reuse)
    site = sluice_dev(*web(server), arguments=ONE_WORKER)
    with site.client() as client:
        assert client.request().status == 200
        assert client.request(method="POST", body=b"charge me").status == 502
    assert [request.method for request in server.requests].count("POST") == 1


def test_a_fresh_connection_that_dies_is_not_retried(sluice_dev, backend):
    """retry-on is conn-failure by default (haproxy.md 3.4): the request may have been processed."""
    server = backend(lambda session, request: session.close())
    site = sluice_dev(*web(server))
    assert site.get().status == 502
    assert len(server.requests) == 1


def test_refusing_servers_cost_the_client_nothing(sluice_dev, backend):
    dead, alive = backend(), backend()
    dead.refuse()
    site = sluice_dev(*web(dead, alive))
    started = time.monotonic()
    with site.client() as client:
        for i in range(20):
            assert client.request(method="POST", body=b"x" * i).status == 200
    assert time.monotonic() - started < 15, "redispatch to another server does not wait"
    assert len(alive.requests) == 20


def test_a_server_that_does_not_answer_the_connect_is_left_for_another(sluice_dev, backend):
    alive = backend()
    with stalled_listener() as (stalled, _):
        site = sluice_dev(*web(stalled, alive), arguments=ONE_WORKER)
        started = time.monotonic()
        statuses = [site.get().status for _ in range(2)]
    assert statuses == [200, 200]
    assert 4 < time.monotonic() - started < 25, "one connect timed out after 5 s"


def test_servers_that_do_not_answer_the_connect_are_504(sluice_dev, backend):
    """As nginx says it of time that ran out; 502 is of those who refuse."""
    with stalled_listener() as (stalled, _):
        keys = {"nginx.ingress.kubernetes.io/proxy-connect-timeout": "1", "nginx.ingress.kubernetes.io/proxy-next-upstream-tries": "1"}
        site = sluice_dev(
            objects.ingress("web", "a.test", "web", annotations=keys),
            dev_service("web", stalled),
        )
        status = site.get().status
    assert status == 504


def test_a_server_that_comes_back_is_used_again(sluice_dev, backend):
    server = backend()
    site = sluice_dev(*web(server))
    assert site.get().status == 200
    for session in server.open_sessions:
        session.close()
    server.refuse()
    assert site.get().status == 502
    server.listen()
    wait_until(lambda: site.get().status == 200, "the server is used again")


# MARK: failures


def test_all_servers_refusing_is_502(sluice_dev, backend):
    servers = backend(), backend()
    for server in servers:
        server.refuse()
    site = sluice_dev(*web(*servers))
    with site.client() as client:
        assert client.request().status == 502
        assert client.request(host="unknown.test").status == 404, "the client connection survives"


def test_a_reset_instead_of_an_answer_is_502(sluice_dev, backend):
    server = backend(lambda session, request: session.reset())
    site = sluice_dev(*web(server))
    assert site.get().status == 502


GARBAGE = {
    "noise": b"nonsense\r\n\r\n",
    "no status": b"HTTP/1.1 OK\r\n\r\n",
    "short status": b"HTTP/1.1 20 OK\r\n\r\n",
    "status 000": b"HTTP/1.1 000 OK\r\nContent-Length: 0\r\n\r\n",
    "status with letters": b"HTTP/1.1 2x0 OK\r\nContent-Length: 0\r\n\r\n",
    "other protocol": b"SSH-2.0-OpenSSH_9.2\r\n\r\n",
    "version 2.0": b"HTTP/2.0 200 OK\r\nContent-Length: 0\r\n\r\n",
    "bad name": b"HTTP/1.1 200 OK\r\nX Y: z\r\nContent-Length: 0\r\n\r\n",
    "space before colon": b"HTTP/1.1 200 OK\r\nContent-Length : 2\r\n\r\nok",
    "no colon": b"HTTP/1.1 200 OK\r\nnonsense\r\nContent-Length: 0\r\n\r\n",
    "NUL in a value": b"HTTP/1.1 200 OK\r\nX: a\x00b\r\nContent-Length: 0\r\n\r\n",
    "bare CR in a value": b"HTTP/1.1 200 OK\r\nX: a\rb\r\nContent-Length: 0\r\n\r\n",
    "two lengths": b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\nok!",
    "negative length": b"HTTP/1.1 200 OK\r\nContent-Length: -2\r\n\r\nok",
    "length with letters": b"HTTP/1.1 200 OK\r\nContent-Length: 2x\r\n\r\nok",
    "huge length": b"HTTP/1.1 200 OK\r\nContent-Length: 99999999999999999999999\r\n\r\nok",
    "unknown coding": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
    "chunk without a size": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n0\r\n\r\n",
    "second chunk without a size": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\nxyz\r\n0\r\n\r\n",
    "endless head": b"HTTP/1.1 200 OK\r\nX: " + b"a" * 200_000,
    "TLS alert": b"\x15\x03\x01\x00\x02\x02\x0a",
}


@pytest.mark.parametrize("name", GARBAGE)
def test_garbage_from_a_server_is_502(site, name):
    def send(session, request):
        session.send(GARBAGE[name])
        session.close()

    site.backend.handler = send
    with site.client() as client:
        assert client.request().status == 502
        site.backend.handler = naming("fine")
        assert client.request().body == b"fine"


def test_length_and_chunks_from_a_server_have_one_reading(site):
    """RFC 9112 6.3: Transfer-Encoding overrides; refusing is as good. The client never sees both."""
    both = b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n"
    site.backend.handler = lambda session, request: session.send(both)
    with site.client() as client:
        response = client.request()
    assert (response.status, response.body) == (200, b"ok") or response.status == 502


def test_a_folded_line_from_a_server_is_refused_or_unfolded(site):
    folded = b"HTTP/1.1 200 OK\r\nX: a\r\n b\r\nContent-Length: 2\r\n\r\nok"
    site.backend.handler = lambda session, request: session.send(folded)
    response = site.get()
    assert response.status == 502 or response.get("x").split() == ["a", "b"]


# MARK: balance


def test_equal_servers_share_equally(sluice_dev, backend):
    servers = [backend(naming(str(i))) for i in range(3)]
    site = sluice_dev(*web(*servers), arguments=ONE_WORKER)
    with site.client() as client:
        seen = Counter(client.request().body for _ in range(30))
    assert sorted(seen.values()) == [10, 10, 10]


def test_all_servers_are_used_by_all_workers(sluice_dev, backend):
    servers = [backend(naming(str(i))) for i in range(10)]
    site = sluice_dev(*web(*servers))
    seen = Counter(site.get().body for _ in range(100))
    assert len(seen) == 10


def test_slices_with_their_own_ports_form_one_pool(sluice_dev, backend):
    servers = [backend(naming(str(i))) for i in range(3)]
    slices = [objects.slice_of("web", [objects.endpoint("127.0.0.1")], server.port) for server in servers]
    site = sluice_dev(objects.ingress("web", "a.test", "web"), objects.service("web"), *slices)
    assert {site.get().body for _ in range(12)} == {b"0", b"1", b"2"}


def test_an_endpoint_listed_twice_is_one_server(sluice_dev, backend):
    one, two = backend(naming("one")), backend(naming("two"))
    slices = [
        objects.slice_of("web", [objects.endpoint("127.0.0.1")], server.port, name=name)
        for name, server in [("a", one), ("b", one), ("c", two)]
    ]
    site = sluice_dev(objects.ingress("web", "a.test", "web"), objects.service("web"), *slices, arguments=ONE_WORKER)
    with site.client() as client:
        assert Counter(client.request().body for _ in range(20)) == {b"one": 10, b"two": 10}


def test_unready_endpoints_take_nothing_and_terminating_ones_only_the_rest(sluice_dev, backend):
    ready, ending, failing = (backend(naming(name)) for name in ("ready", "ending", "failing"))
    slices = {
        "ready": objects.slice_of("web", [objects.endpoint("127.0.0.1")], ready.port),
        "ending": objects.slice_of("web", [objects.endpoint("127.0.0.1", ready=False, ending=True)], ending.port),
        "failing": objects.slice_of("web", [objects.endpoint("127.0.0.1", ready=False, serving=False)], failing.port),
    }
    site = sluice_dev(objects.ingress("web", "a.test", "web"), objects.service("web"), *slices.values())
    assert {site.get().body for _ in range(8)} == {b"ready"}
    site.folder.remove(slices["ready"])
    wait_until(lambda: site.get().body == b"ending", "the terminating server is used when nothing else is left")
    site.folder.remove(slices["ending"])
    wait_until(lambda: site.get().status == 503, "a server that is not serving is never used")


def test_readiness_that_is_not_said_is_yes(sluice_dev, backend):
    body = objects.slice_of("web", [{"addresses": ["127.0.0.1"]}], backend().port)
    site = sluice_dev(objects.ingress("web", "a.test", "web"), objects.service("web"), body)
    assert site.get().status == 200


# MARK: endpoints that go


def test_a_removed_server_gets_nothing_new_and_its_idle_connections_are_closed(sluice_dev, backend):
    leaving, staying = backend(naming("leaving")), backend(naming("staying"))
    site = sluice_dev(*web(leaving, staying), arguments=ONE_WORKER)
    with site.client() as client:
        wait_until(lambda: client.request().body == b"leaving", "the server is in use")
        site.folder.put(dev_service("web", staying))
        wait_until(lambda: not leaving.open_sessions, "its idle connections are closed")
        assert {client.request().body for _ in range(10)} == {b"staying"}


def test_a_removed_server_finishes_what_it_is_doing(sluice_dev, backend):
    go = threading.Event()

    def slow(session, request):
        if request.target != "/slow":
            session.answer()
            return
        session.send(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf")
        go.wait(40)
        session.send(b" done")

    leaving, staying = backend(slow), backend(naming("staying"))
    site = sluice_dev(*web(leaving))
    with site.client() as client:
        client.send(b"GET /slow HTTP/1.1\r\nHost: a.test\r\n\r\n")
        client.wire.until(b"half")
        site.folder.put(dev_service("web", staying))
        wait_everywhere(lambda: site.get().body == b"staying", "new requests go elsewhere")
        assert not go.is_set()
        go.set()
        assert client.wire.take(5) == b" done"
        assert client.request().body == b"staying"


def test_changing_routes_never_closes_a_client(sluice_dev, backend):
    server = backend()
    site = sluice_dev(*web(server))
    with site.client() as client:
        for i in range(20):
            site.folder.put(objects.ingress("other", f"h{i}.test", "web"))
            wait_until(lambda: site.get(host=f"h{i}.test").status == 200, "the new host is served")
            assert client.request().status == 200


def test_a_request_in_flight_survives_the_removal_of_its_route(sluice_dev, backend):
    go = threading.Event()
    server = backend(lambda session, request: (request.target == "/slow" and go.wait(40), session.answer()))
    ingress, service = web(server)
    site = sluice_dev(ingress, service)
    with site.client() as client:
        client.send(b"GET /slow HTTP/1.1\r\nHost: a.test\r\n\r\n")
        wait_until(lambda: server.requests, "the request is in flight")
        site.folder.remove(ingress)
        wait_until(lambda: site.get().status == 404, "the route is gone")
        go.set()
        assert client.response().body == b"ok"


def test_many_clients_at_once_get_their_own_answers(site):
    """Answers are never mixed up between connections."""
    site.backend.handler = lambda session, request: session.answer(body=request.target.encode())
    wrong: list[object] = []

    def ask(number: int) -> None:
        try:
            with site.client() as client:
                for i in range(30):
                    path = f"/{number}-{i}"
                    if client.request(path).body != path.encode():
                        wrong.append(path)
        except (OSError, Closed) as error:
            wrong.append(error)

    threads = [threading.Thread(target=ask, args=(number,)) for number in range(24)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []


# MARK: short of descriptors


def test_what_was_accepted_finds_a_descriptor_for_its_server(tmp_path, backend):
    """Clients beyond the limit wait in the kernel; none of those inside is answered 503 for want of a descriptor."""
    servers = [backend(lambda session, request: (time.sleep(0.05), session.answer())) for _ in range(2)]
    folder = Folder(tmp_path / "manifests")
    folder.put(objects.ingress_class(), *web(*servers))
    sluice = Sluice(tmp_path, "dev", str(folder.path), *ONE_WORKER, descriptors=160)
    try:
        sluice.wait_ready()
        clients = [Client(sluice.http) for _ in range(300)]
        for client in clients:
            client.send(b"GET / HTTP/1.1\r\nHost: a.test\r\nConnection: close\r\n\r\n")
        assert Counter(client.response().status for client in clients) == {200: 300}
        for client in clients:
            client.close()
    finally:
        assert sluice.stop() == 0
