"""What speaks HTTP/2 and means something else: gRPC, and WebSockets by extended CONNECT (RFC 8441)."""

from __future__ import annotations

import pytest

from harness.http2 import Answer, Http2
from harness.site import dev_service
from simulator import objects

pytestmark = pytest.mark.sanitizer



def grpc(client: Http2, **settings):
    head = [("content-type", "application/grpc+proto"), ("te", "trailers"), ("grpc-timeout", "1S")]
    stream = client.begin("/pkg.Service/Call", method="POST", headers=head, ends=False, **settings)
    client.send(stream, b"\x00\x00\x00\x00\x02hi", ends=True)
    return client.answer(stream)


def test_grpc_passes_with_its_trailers(site):
    def handler(session, request):
        session.send(
            b"HTTP/1.1 200 OK\r\nContent-Type: application/grpc\r\nTransfer-Encoding: chunked\r\n\r\n"
            b"7\r\n\x00\x00\x00\x00\x02yo\r\n0\r\ngrpc-status: 5\r\ngrpc-message: none\r\n\r\n"
        )

    site.backend.handler = handler
    with Http2(site.port) as client:
        answer = grpc(client)
        assert bytes(answer.body) == b"\x00\x00\x00\x00\x02yo"
        assert dict(answer.trailers) == {"grpc-status": "5", "grpc-message": "none"}
    assert site.backend.requests[0].get("grpc-timeout") == "1S"


def test_a_grpc_client_reads_our_answers_in_its_own_terms(sluice_dev):
    site = sluice_dev(objects.ingress("web", "a.test", "web"), dev_service("web", "127.0.0.1:1"))
    with Http2(site.port) as client:
        answer = grpc(client)
        assert (answer.status, answer.get("grpc-status"), answer.body) == (200, "14", b"")
        assert answer.get("content-type") == "application/grpc"
        assert grpc(client, host="nobody.test").get("grpc-status") == "12"


# Tunnels

SOCKET = [
    (":method", "CONNECT"), (":protocol", "websocket"), (":scheme", "http"), (":path", "/chat"),
    (":authority", "a.test"), ("sec-websocket-version", "13"), ("sec-websocket-protocol", "chat"),
]  # fmt: skip
YES = (
    b"HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
    b"Sec-WebSocket-Accept: x\r\nSec-WebSocket-Protocol: chat\r\n\r\n"
)


def open_tunnel(client: Http2) -> int:
    stream = client.h2.get_next_available_stream_id()
    client.answers[stream] = Answer()
    client.h2.send_headers(stream, SOCKET)
    client.flush()
    return stream


def test_a_websocket_over_http_2_is_an_upgrade_to_the_server(site):
    def echoing(session, request):
        session.send(YES)
        while session.wire.fill():
            session.send(session.wire.take(len(session.wire.unread)))
        session.close()

    site.backend.handler = echoing
    with Http2(site.port, validates=False) as client:
        stream = open_tunnel(client)
        answer = client.answers[stream]
        client.until(lambda: answer.headers)
        assert (answer.status, answer.get("sec-websocket-protocol")) == (200, "chat")
        assert answer.get("sec-websocket-accept") is None
        data = bytes(range(256)) * 2000
        client.send(stream, b"hello")
        client.until(lambda: answer.body == b"hello")
        client.send(stream, data)
        client.until(lambda: len(answer.body) == 5 + len(data))
        client.h2.end_stream(stream)
        client.flush()
        assert client.answer(stream).body == b"hello" + data
        assert answer.ended
    (seen,) = site.backend.requests
    assert (seen.method, seen.target, seen.get("upgrade")) == ("GET", "/chat", "websocket")
    assert seen.get("connection").lower() == "upgrade" and seen.get("sec-websocket-key")
    site.sluice.wait_access(r' 101 .* ---- .*"GET /chat HTTP/2.0"')


def test_a_refused_websocket_is_an_ordinary_answer(site):
    site.backend.handler = lambda session, request: session.answer(403, b"no")
    with Http2(site.port, validates=False) as client:
        answer = client.answer(open_tunnel(client))
        assert (answer.status, answer.body) == (403, b"no")
