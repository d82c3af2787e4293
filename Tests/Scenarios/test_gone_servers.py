"""Requests whose servers go while they are on their way: what the others of a rolled Deployment answer, they answer too."""

from __future__ import annotations

import signal
import socket

import pytest

from harness.client import Client
from harness.site import dev_service
from harness.sluice import Sluice, free_port
from harness.stalled import stalled_listener
from harness.waiting import wait_until
from simulator import objects
from test_upstream import ONE_WORKER, naming, web

pytestmark = pytest.mark.sanitizer


@pytest.mark.parametrize("successors", [1, 2])
def test_an_attempt_that_outlives_the_other_servers_goes_to_those_of_now(sluice_dev, backend, successors):
    """A connection hangs at a busy pod, and by the time the kernel tries it again all others have been rolled."""
    dead, new = backend(), [backend(naming("new")) for _ in range(successors)]
    dead.refuse()
    with stalled_listener() as (stalled, end):
        site = sluice_dev(*web(stalled, dead), arguments=ONE_WORKER)
        with site.client() as client:
            client.send(b"GET / HTTP/1.1\r\nHost: a.test\r\n\r\n")
            wait_until(lambda: site.sluice.metric("sluice_upstream_connections") == 1, "it is on its way")
            site.folder.put(dev_service("web", stalled, *new))
            wait_until(lambda: is_answered(site, b"new"), "the new servers are asked")
            end()
            answer = client.response()
    assert (answer.status, answer.body) == (200, b"new")


def test_a_connection_to_a_server_that_is_gone_is_not_waited_for(sluice_dev, backend):
    """A node dies: connections to its pods hang, and go elsewhere when the slice says that they are gone."""
    patient = {"nginx.ingress.kubernetes.io/proxy-connect-timeout": "75"}
    with stalled_listener() as (stalled, _):
        site = sluice_dev(objects.ingress("web", "a.test", "web", annotations=patient), dev_service("web", stalled), arguments=ONE_WORKER)
        with site.client() as client, site.client() as other:
            for each in client, other:
                each.send(b"POST / HTTP/1.1\r\nHost: a.test\r\nContent-Length: 2\r\n\r\nhi")
            wait_until(lambda: site.sluice.metric("sluice_upstream_connections") == 2, "they are on their way")
            site.folder.put(dev_service("web", backend(naming("new"))))
            assert [each.response().body for each in (client, other)] == [b"new"] * 2


def test_a_request_that_may_not_go_elsewhere_waits_for_its_connection(sluice_dev, backend):
    once = {"nginx.ingress.kubernetes.io/proxy-connect-timeout": "5", "nginx.ingress.kubernetes.io/proxy-next-upstream-tries": "1"}
    with stalled_listener() as (stalled, _):
        site = sluice_dev(objects.ingress("web", "a.test", "web", annotations=once), dev_service("web", stalled), arguments=ONE_WORKER)
        with site.client() as client:
            client.send(b"GET / HTTP/1.1\r\nHost: a.test\r\n\r\n")
            wait_until(lambda: site.sluice.metric("sluice_upstream_connections") == 1, "it is on its way")
            site.folder.put(dev_service("web", backend(naming("new"))))
            assert client.response().status == 504


def is_answered(site, body: bytes) -> bool:
    """Whether a request of its own is, and soon."""
    with site.client() as client:
        client.socket.settimeout(0.5)
        try:
            return client.request().body == body
        except TimeoutError:
            return False


def test_a_pod_that_resets_connections_costs_harmless_requests_nothing(sluice_dev, backend):
    """As one does that has not read what came before its listener was closed."""
    leaving = backend(lambda session, request: session.reset())
    site = sluice_dev(*web(leaving, backend(naming("other"))), arguments=ONE_WORKER)
    with site.client() as client:
        assert [client.request().body for _ in range(4)] == [b"other"] * 4
    assert len(leaving.requests) > 0


@pytest.mark.parametrize("way", ["close", "reset"])
def test_a_post_that_may_have_been_read_is_not_sent_twice(sluice_dev, backend, way):
    leaving = backend(lambda session, request: getattr(session, way)())
    site = sluice_dev(*web(leaving))
    with site.client() as client:
        assert client.request(method="POST", body=b"charge me").status == 502
    assert len(leaving.requests) == 1


def test_a_request_that_was_gathered_goes_to_the_servers_of_now(sluice_dev, backend):
    old, new = backend(naming("old")), backend(naming("new"))
    keys = {"nginx.ingress.kubernetes.io/proxy-request-buffering": "on"}
    site = sluice_dev(objects.ingress("web", "a.test", "web", annotations=keys), dev_service("web", old), arguments=ONE_WORKER)
    with site.client() as client:
        client.send(b"POST / HTTP/1.1\r\nHost: a.test\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n")
        asked = b"HTTP/1.1 100 Continue\r\n\r\n"
        assert client.socket.recv(len(asked), socket.MSG_WAITALL) == asked
        site.folder.put(dev_service("web", new))
        wait_until(lambda: site.get().body == b"new", "the new server is asked")
        client.send(b"hi")
        assert client.response().body == b"new"
    assert old.requests == [request for request in old.requests if request.method == "GET"]


STICKING = """
global
    nbthread 1
defaults
    mode http
    timeout client 30s
    timeout connect 75s
    timeout server 30s
    option redispatch
frontend f
    bind 127.0.0.1:{port}
    default_backend b
backend b
    stick-table type {type} size 100
    stick on hdr(x-key)
    server s {server}
"""


def test_what_is_to_be_remembered_of_a_request_outlives_its_table(tmp_path, backend):
    """The server goes while it is being connected, and the table with it; the body comes when both are long forgotten."""
    new, port, path = backend(naming("new")), free_port(), tmp_path / "proxy.cfg"
    with stalled_listener() as (stalled, _):
        path.write_text(STICKING.format(port=port, type="string len 32", server=stalled))
        sluice = Sluice(tmp_path, "proxy", "-f", str(path))
        try:
            sluice.wait_ready()
            with Client(port) as client:
                client.send(b"POST / HTTP/1.1\r\nHost: a.test\r\nX-Key: 7\r\nContent-Length: 2\r\n\r\n")
                wait_until(lambda: sluice.metric("sluice_upstream_connections") == 1, "it is on its way")
                path.write_text(STICKING.format(port=port, type="integer", server=new.endpoint))
                sluice.process.send_signal(signal.SIGHUP)
                wait_until(lambda: new.open_sessions, "it goes to the new server")
                for _ in range(3):
                    with Client(port) as other:
                        assert other.request().body == b"new"
                client.send(b"hi")
                assert client.response().body == b"new"
                assert client.request().body == b"new"
        finally:
            sluice.stop()
