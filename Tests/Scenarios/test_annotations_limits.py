"""Limits of requests at a time, and questions about all requests, over real sockets: tests are named after them."""

from __future__ import annotations

import threading

import pytest

from harness.backend import Backend, Session
from harness.http2 import Http2
from harness.messages import Request
from harness.site import Site, dev_service
from harness.waiting import wait_everywhere, wait_until
from simulator import objects

pytestmark = pytest.mark.sanitizer

NGINX = "nginx.ingress.kubernetes.io/"
AUTH = "http://auth.default.svc.cluster.local"


def settings(**data: str) -> dict:
    named = {key.replace("_", "-"): value for key, value in data.items()}
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "settings", "namespace": "default"}, "data": named}


def verdict(session: Session, request: Request) -> None:
    session.answer(int(request.get("x-want") or 200), headers="X-User: ann\r\n")


GLOBAL = dict(global_auth_url=f"{AUTH}/all", global_auth_response_headers="X-User", global_auth_signin="https://login.test/")


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    def ingress(name: str, path: str = "/", host: str = "", **annotations: str) -> dict:
        keys = {NGINX + key.replace("_", "-"): value for key, value in annotations.items()}
        return objects.ingress(name, f"{host or name}.test", "web", path=path, annotations=keys)

    site = Site(
        tmp_path_factory.mktemp("limits"), ingress("plain"), ingress("two", limit_connections="2"),
        ingress("exempt", limit_connections="1", limit_allowlist="127.0.0.0/8"), ingress("zero", limit_connections="0"),
        ingress("bad", limit_connections="few"), ingress("two-more", "/more", host="two"), settings(**GLOBAL),
        ingress("off", enable_global_auth="false"), ingress("own", auth_url=f"{AUTH}/own"),
        ingress("challenge", "/.well-known/acme-challenge/x", host="plain"),
        arguments=("--configmap", "default/settings"),
    )  # fmt: skip
    site.asked = Backend(verdict)
    site.folder.put(dev_service("web", site.backend), dev_service("auth", site.asked))
    site.sluice.wait_ready()
    wait_until(lambda: site.get(host="plain.test").status == 200, "the servers")
    yield site
    site.close()
    site.asked.close()


@pytest.fixture(autouse=True)
def fresh(site):
    for backend in (site.backend, site.asked):
        backend.forget()
    site.asked.handler = verdict
    # Places are free again a little after the answers of those who had them.
    wait_until(lambda: site.sluice.metric("sluice_requests_in_flight") == 0, "nothing is under way")
    yield
    assert site.backend.problems + site.asked.problems == []


def ask(site, host: str, want: int = 200, path: str = "/"):
    return site.get(path, host=f"{host}.test", headers=[("X-Want", str(want))])


def hold(site) -> threading.Event:
    gate = threading.Event()

    def wait(session: Session, request: Request) -> None:
        if request.target.startswith("/hold"):
            gate.wait(30)
        session.answer()

    site.backend.handler = wait
    return gate


def holding(site) -> int:
    return sum(request.target.startswith("/hold") for request in site.backend.requests)


def test_limit_connections(site):
    gate = hold(site)
    with site.client() as one, site.client() as two:
        for client in (one, two):
            client.send(b"GET /hold HTTP/1.1\r\nHost: two.test\r\n\r\n")
        wait_until(lambda: holding(site) == 2, "both requests")
        assert ask(site, "two").status == 503
        # Another Ingress of the same host has no limit, nor has another host.
        assert ask(site, "two", path="/more").status == 200
        assert ask(site, "plain").status == 200
        gate.set()
        assert [client.response().status for client in (one, two)] == [200, 200]
    wait_until(lambda: ask(site, "two").status == 200, "room")


def test_limit_connections_streams(site):
    gate = hold(site)
    with Http2(site.port) as client:
        streams = [client.begin("/hold", host="two.test") for _ in range(2)]
        client.flush()
        wait_until(lambda: holding(site) == 2, "both requests")
        assert client.request("/", host="two.test").status == 503
        gate.set()
        assert [client.answer(stream).status for stream in streams] == [200, 200]


def test_limit_connections_of_clients_that_leave(site):
    gate = hold(site)
    clients = [site.client() for _ in range(2)]
    for client in clients:
        client.send(b"GET /hold HTTP/1.1\r\nHost: two.test\r\n\r\n")
    wait_until(lambda: holding(site) == 2, "both requests")
    for client in clients:
        client.reset()
    wait_until(lambda: ask(site, "two").status == 200, "room")
    gate.set()


def test_limit_connections_and_who_is_asked(site):
    """Who is being asked about is under way, too."""
    gate = threading.Event()

    def wait(session: Session, request: Request) -> None:
        if (request.get("x-original-url") or "").endswith("/hold"):
            gate.wait(30)
        session.answer(200)

    site.asked.handler = wait
    with site.client() as one, site.client() as two:
        for client in (one, two):
            client.send(b"GET /hold HTTP/1.1\r\nHost: two.test\r\n\r\n")
        wait_until(lambda: len(site.asked.requests) == 2, "both questions")
        assert ask(site, "two").status == 503
        gate.set()
        assert [client.response().status for client in (one, two)] == [200, 200]


@pytest.mark.parametrize("host", ["exempt", "zero"])
def test_limit_connections_without(site, host):
    gate = hold(site)
    with site.client() as client:
        client.send(f"GET /hold HTTP/1.1\r\nHost: {host}.test\r\n\r\n".encode())
        wait_until(lambda: holding(site) == 1, "the request")
        assert ask(site, host).status == 200
        gate.set()
        assert client.response().status == 200


def test_limit_connections_invalid(site):
    assert ask(site, "bad").status == 404


def test_global_auth_url(site):
    assert ask(site, "plain").status == 200
    assert site.asked.requests[0].target == "/all"
    assert site.backend.requests[0].get("x-user") == "ann"
    refused = ask(site, "plain", 401, path="/a")
    assert (refused.status, refused.get("location")) == (302, "https://login.test/?rd=http://plain.test%2Fa")
    assert ask(site, "plain", 403).status == 403
    assert ask(site, "plain", 404).status == 500


def test_enable_global_auth(site):
    assert ask(site, "off", 403).status == 200
    assert not site.asked.requests


def test_auth_url_before_global_auth_url(site):
    answer = ask(site, "own", 401)
    assert (answer.status, site.asked.requests[0].target) == (401, "/own")


def test_no_auth_locations(site):
    assert ask(site, "plain", 403, path="/.well-known/acme-challenge/x").status == 200
    site.folder.put(settings(**GLOBAL, no_auth_locations="/more"))
    wait_everywhere(lambda: ask(site, "two", 403, path="/more").status == 200, "the setting")
    assert ask(site, "plain", 403, path="/.well-known/acme-challenge/x").status == 403
    site.folder.put(settings(**GLOBAL))
    wait_everywhere(lambda: ask(site, "two", 403, path="/more").status == 403, "the setting")


def test_global_auth_url_changes(site):
    site.folder.put(settings())
    wait_everywhere(lambda: ask(site, "plain", 403).status == 200, "the setting")
    # One that can not be used lets nobody in.
    site.folder.put(settings(global_auth_url="http://../"))
    wait_everywhere(lambda: ask(site, "plain").status == 403, "the setting")
    site.folder.put(settings(global_auth_url="http://nobody.default.svc/"))
    wait_everywhere(lambda: ask(site, "plain").status == 500, "the setting")
    site.folder.put(settings(**GLOBAL))
    wait_everywhere(lambda: ask(site, "plain").status == 200 and ask(site, "plain", 403).status == 403, "the setting")
