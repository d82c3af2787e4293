"""Upgrade: WebSocket and other protocols become tunnels; what is not upgraded stays HTTP."""

from __future__ import annotations

import threading

import pytest

from harness.messages import Closed, read_request_head
from harness.waiting import wait_until

pytestmark = pytest.mark.sanitizer

ASK = (
    b"GET /chat HTTP/1.1\r\nHost: a.test\r\nConnection: keep-alive, Upgrade\r\nUpgrade: websocket\r\n"
    b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
)
YES = (
    b"HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
    b"Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n"
)


def accepting(then):
    """A backend that switches protocols and hands the raw connection to `then`."""

    def handler(session, request):
        session.send(YES)
        then(session)
        session.close()

    return handler


def echo(session) -> None:
    while session.wire.fill():
        session.send(session.wire.take(len(session.wire.unread)))


def switched(client):
    client.send(ASK)
    response = client.response()
    assert response.status == 101
    return response


def test_bytes_flow_both_ways(site):
    site.backend.handler = accepting(echo)
    with site.client() as client:
        response = switched(client)
        assert response.get("upgrade") == "websocket"
        assert response.get("sec-websocket-accept") == "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="
        assert "upgrade" in response.get("connection").lower()
        for message in (b"hello", b"\x00\xff\r\n\r\n", b"GET / HTTP/1.1\r\n\r\n"):
            client.send(message)
            assert client.wire.take(len(message)) == message
    (seen,) = site.backend.requests
    assert seen.get("upgrade") == "websocket"
    assert seen.get("sec-websocket-key") == "dGhlIHNhbXBsZSBub25jZQ=="
    assert seen.get("connection").lower() == "upgrade"


def test_bytes_right_behind_the_switch_are_not_lost(site):
    def greet(session, request):
        session.send(YES + b"welcome")
        session.wait_gone()

    site.backend.handler = greet
    with site.client() as client:
        switched(client)
        assert client.wire.take(7) == b"welcome"


def test_much_flows_both_ways_at_once(site):
    data = bytes(range(256)) * 16384
    site.backend.handler = accepting(echo)
    with site.client() as client:
        switched(client)
        sender = threading.Thread(target=client.send, args=(data,))
        sender.start()
        assert client.wire.take(len(data)) == data
        sender.join()


def test_other_protocols_are_tunnelled_too(site):
    def handler(session, request):
        session.send(YES.replace(b"websocket", b"foo/2"))
        echo(session)

    site.backend.handler = handler
    with site.client() as client:
        client.send(ASK.replace(b"websocket", b"foo/2"))
        assert client.response().get("upgrade") == "foo/2"
        client.send(b"ping")
        assert client.wire.take(4) == b"ping"
    assert site.backend.requests[0].get("upgrade") == "foo/2"


def test_the_client_may_finish_first(site):
    def last_word(session):
        while session.wire.fill():
            pass
        session.send(b"bye " + bytes(session.wire.unread))

    site.backend.handler = accepting(last_word)
    with site.client() as client:
        switched(client)
        client.send(b"hello")
        client.finish_sending()
        assert client.wire.rest() == b"bye hello"


def test_the_server_may_finish_first(site):
    got = []

    def finish(session):
        session.send(b"bye")
        session.shutdown()
        got.append(session.wire.rest())

    site.backend.handler = accepting(finish)
    with site.client() as client:
        switched(client)
        assert client.wire.rest() == b"bye"
        client.send(b"thanks")
        client.finish_sending()
        wait_until(lambda: got, "the server sees the client's end")
    assert got == [b"thanks"]


@pytest.mark.parametrize("way", ["close", "reset"])
def test_a_client_that_leaves_takes_the_tunnel_down(site, way):
    ended = threading.Event()
    site.backend.handler = accepting(lambda session: ended.set() if session.wait_gone() else None)
    client = site.client()
    switched(client)
    getattr(client, way)()
    assert ended.wait(15)


def test_a_server_that_resets_takes_the_tunnel_down(site):
    has_switched = threading.Event()
    # A reset can overtake bytes.
    site.backend.handler = accepting(lambda session: (has_switched.wait(15), session.reset()))
    with site.client() as client:
        switched(client)
        has_switched.set()
        assert client.is_closed()


def test_a_refused_upgrade_is_an_ordinary_answer(site):
    site.backend.handler = lambda session, request: session.answer(426, b"no", headers="Upgrade: foo\r\n")
    with site.client() as client:
        client.send(ASK)
        assert (client.response().status, client.request().status) == (426, 426)


def test_an_ignored_upgrade_is_an_ordinary_answer(site):
    with site.client() as client:
        client.send(ASK)
        assert (client.response().body, client.request().body) == (b"ok", b"ok")


def test_a_switch_nobody_asked_for_is_502(site):
    site.backend.handler = lambda session, request: session.send(YES)
    with site.client() as client:
        try:
            assert client.request().status == 502
        except Closed:
            pytest.fail("closed without an answer")


def test_upgrade_without_connection_is_not_passed_on(site):
    """RFC 9110 7.8: Upgrade counts only if Connection names it."""
    with site.client() as client:
        client.send(ASK.replace(b"Connection: keep-alive, Upgrade\r\n", b""))
        assert client.response().status == 200
    assert site.backend.requests[0].all("upgrade") == []


def test_settings_of_an_h2c_upgrade_are_not_passed_on(site):
    """They are named by Connection, so they are for us; without them no server behind us starts HTTP/2."""
    with site.client() as client:
        client.send(
            b"GET / HTTP/1.1\r\nHost: a.test\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\n"
            b"HTTP2-Settings: AAMAAABkAARAAAAAAAIAAAAA\r\n\r\n"
        )
        assert client.response().status == 200
    assert site.backend.requests[0].all("http2-settings") == []


def test_an_upgrade_with_a_body_sends_the_body_first(site):
    def handler(session):
        request = read_request_head(session.wire)
        assert session.wire.take(5) == b"hello"
        site.backend.requests.append(request)
        session.send(YES)
        echo(session)

    site.backend.on_connect = handler
    with site.client() as client:
        client.send(ASK[:-2] + b"Content-Length: 5\r\n\r\nhello")
        status = client.response().status
        assert status in (101, 400)
        if status == 101:
            client.send(b"ping")
            assert client.wire.take(4) == b"ping"
