"""Connections that rules send somewhere: names that are asked for, and destinations, before there is a server. Through both programs."""

from __future__ import annotations

import pytest
from harness.backend import named
from harness.names import NameServer
from harness.twins import HAPROXY, Side, Twins
from harness.waiting import wait_until

TEXT = """
defaults
    timeout client 20s
    timeout connect 5s
    timeout server 20s
resolvers names
    nameserver one 127.0.0.1:DNS
    resolve_retries 10
    timeout resolve 1s
    timeout retry 1s
frontend told
    mode tcp
    bind "127.0.0.1:${TOLD}"
    tcp-request inspect-delay 15s
    tcp-request content do-resolve(sess.to,names,ipv4) req.payload(0,0),field(2,/) if { req.len gt 0 }
    tcp-request content set-dst var(sess.to)
    tcp-request content set-dst-port "int(${A})"
    tcp-request content reject unless { var(sess.to) -m found }
    default_backend anywhere
frontend fixed
    mode tcp
    bind "127.0.0.1:${FIXED}"
    tcp-request inspect-delay 15s
    tcp-request content do-resolve(sess.to,names,ipv4) "str(fixed.${A}.test)"
    tcp-request content set-dst var(sess.to)
    tcp-request content set-dst-port "int(${B})"
    tcp-request content reject unless { var(sess.to) -m found }
    default_backend anywhere
frontend early
    mode tcp
    bind "127.0.0.1:${EARLY}"
    tcp-request connection set-dst ipv4(127.0.0.1)
    tcp-request session set-dst-port "int(${B})"
    default_backend anywhere
frontend late
    mode tcp
    bind "127.0.0.1:${LATE}"
    default_backend asking
frontend web
    mode http
    bind "127.0.0.1:${WEB}"
    tcp-request inspect-delay 15s
    tcp-request content do-resolve(txn.to,names,ipv4) path,field(2,/)
    http-request set-header x-found "%[var(txn.to)]"
    http-request return status 200 hdr x-told "%[var(txn.to)]" if { path_end /told }
    default_backend webs
backend anywhere
    mode tcp
    server any 0.0.0.0:0
backend asking
    mode tcp
    tcp-request inspect-delay 15s
    tcp-request content do-resolve(sess.to,names,ipv4) req.payload(0,0),field(2,/) if { req.len gt 0 }
    tcp-request content set-dst var(sess.to)
    tcp-request content set-dst-port "int(${A})"
    server any 0.0.0.0:0
backend webs
    mode http
    tcp-request inspect-delay 15s
    tcp-request content do-resolve(txn.again,names,ipv4) path,field(3,/)
    http-request set-header x-again "%[var(txn.again)]"
    server s "127.0.0.1:${A}"
"""
PORTS = ["TOLD", "FIXED", "EARLY", "LATE", "WEB"]


@pytest.fixture
def names():
    with NameServer() as server:
        yield server


@pytest.fixture
def pair(tmp_path, names):
    if not HAPROXY:
        pytest.skip("haproxy is not installed")
    servers = {"A": named("a"), "B": named("b")}
    twins = Twins(tmp_path, TEXT.replace("DNS", str(names.port)), ports=PORTS, servers=servers)
    yield twins
    twins.close()


def name(side: Side, word: str) -> str:
    return f"{word}.{side.backends['A'].port}.test"


@pytest.mark.parametrize("port", ["TOLD", "LATE"])
def test_a_connection_goes_to_the_name_it_says(pair, names, port):
    def script(side: Side) -> object:
        names.addresses(name(side, "first"), "127.0.0.1")
        with side.client(port) as client:
            # Rules wait for the bytes, and then for the name.
            first = client.request(f"/{name(side, 'first')}/").body
            return first, client.request(f"/{name(side, 'first')}/again").body

    assert pair.agree(script) == (b"a", b"a")


def test_a_name_that_nobody_knows_leads_nowhere(pair, names):
    def script(side: Side) -> object:
        with side.client("TOLD") as client:
            client.send(f"GET /{name(side, 'none')}/ HTTP/1.1\r\nHost: a\r\n\r\n".encode())
            return client.is_closed()

    assert pair.agree(script) is True


def test_a_name_is_asked_for_before_the_client_has_spoken(pair, names):
    def script(side: Side) -> object:
        names.addresses(name(side, "fixed"), "127.0.0.1")
        return side.exchange("/", port="FIXED").body, side.exchange("/", port="FIXED").body

    assert pair.agree(script) == (b"b", b"b")


def test_destinations_are_set_as_soon_as_a_connection_is_there(pair, names):
    assert pair.agree(lambda side: side.exchange("/", port="EARLY").body) == b"b"


def test_requests_wait_for_names_that_rules_about_content_ask_for(pair, names):
    def script(side: Side) -> object:
        names.addresses(name(side, "one"), "127.0.0.7")
        names.addresses(name(side, "two"), "127.0.0.8")
        path = f"/{name(side, 'one')}/{name(side, 'two')}"
        with side.client("WEB") as client:
            told = client.request(f"{path}/told").fields
            body = client.request(path, method="POST", body=b"x" * 100_000).body
            second = client.request(path).body
        fields = [dict(request.fields) for request in side.backends["A"].requests]
        found = [(entry.get("x-found"), entry.get("x-again")) for entry in fields]
        return dict((key.lower(), value) for key, value in told)["x-told"], body, second, found

    assert pair.agree(script) == ("127.0.0.7", b"a", b"a", [("127.0.0.7", "127.0.0.8")] * 2)


def test_a_client_that_leaves_while_its_name_is_asked_for_is_forgotten(pair, names):
    side = pair.sluice
    names.silent(name(side, "slow"))
    with side.client("TOLD") as client:
        client.send(f"GET /{name(side, 'slow')}/ HTTP/1.1\r\nHost: a\r\n\r\n".encode())
        wait_until(lambda: (name(side, "slow"), "A") in names.questions, "it is asked for", 10)
        client.reset()
    names.addresses(name(side, "later"), "127.0.0.1")
    with side.client("TOLD") as client:
        assert client.request(f"/{name(side, 'later')}/").body == b"a"
