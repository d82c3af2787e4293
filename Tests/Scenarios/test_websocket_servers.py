"""WebSockets to servers of HTTP/2 that take them (RFC 8441), from clients of both versions: bytes arrive untouched."""

from __future__ import annotations

import asyncio
import os
import ssl
import threading

import pytest
import websockets

from harness.client import Client
from harness.http2 import Http2
from harness.http2_server import Http2Server, echo
from harness.twins import HAPROXY
from harness.waiting import wait_until
from harness.websocket import BINARY, CONTINUATION, PING, TEXT, close_frame, frame
from test_server_tls_cfg import POD, Proxy, files  # noqa: F401
from test_upgrade import ASK

pytestmark = pytest.mark.sanitizer

MASK = b"\x9a\x00\xff\x5e"
FRAMES = [
    *(frame(BINARY, os.urandom(size), mask=MASK) for size in [0, 1, 125, 126, 4096, 16_384, 65_535, 65_536, 300_000]),
    frame(TEXT, b"one", final=False, mask=MASK), frame(PING, b"?", mask=MASK), frame(CONTINUATION, b"two", mask=MASK),
    frame(BINARY, b"reserved", reserved=7, mask=MASK), close_frame(4999, "because", mask=MASK),
]  # fmt: skip


def proxy_words(secure: bool) -> str:
    return "ssl verify none alpn h2,http/1.1" if secure else "proto h2"


@pytest.fixture(params=[False, True], ids=["h2c", "TLS"])
def tunnelled(request, files):  # noqa: F811
    """A proxy in front of a server of HTTP/2 that is known to take tunnels."""
    pem = POD.certificate + POD.key if request.param else None
    server = Http2Server(echo, pem=pem, folder=files, answer=[("sec-websocket-protocol", "chat")])
    with Proxy(files, f"{server.port} {proxy_words(request.param)}", "--workers", "1") as proxy:
        assert proxy.ask().status == 200
        yield proxy, server
    server.close()


def opened(proxy: Proxy) -> Client:
    client = Client(proxy.port)
    client.send(ASK)
    response = client.response()
    assert response.status == 101
    assert response.get("upgrade") == "websocket" and response.get("connection").lower() == "upgrade"
    assert response.get("sec-websocket-accept") == "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="
    return client


def asked(server: Http2Server) -> dict[str, str]:
    return next(request for request in server.requests if request[":method"] == "CONNECT")


def test_frames_of_a_client_of_http_1_come_back_as_they_were(tunnelled):
    proxy, server = tunnelled
    with opened(proxy) as client:
        for data in FRAMES:
            client.send(data)
            assert client.wire.take(len(data)) == data
    request = asked(server)
    assert (request[":protocol"], request[":path"], request[":authority"]) == ("websocket", "/chat", "a.test")
    assert request["sec-websocket-version"] == "13"
    assert not {"sec-websocket-key", "upgrade", "connection", "host"} & set(request)
    assert server.connections == 1, "the stream travels beside others"


def test_frames_of_a_stream_come_back_as_they_were(tunnelled):
    proxy, server = tunnelled
    with Http2(proxy.port) as client:
        streams = [
            client.begin("/chat", method="CONNECT", extra=[(":protocol", "websocket")], ends=False) for _ in range(3)
        ]
        for stream in streams:
            client.until(lambda: client.answers[stream].status == 200)
            assert client.answers[stream].get("sec-websocket-protocol") == "chat"
            assert client.answers[stream].get("sec-websocket-accept") is None
        for data in FRAMES:
            for stream in streams:
                client.answers[stream].body.clear()
                client.send(stream, data)
                client.until(lambda: len(client.answers[stream].body) >= len(data))
                assert bytes(client.answers[stream].body) == data
        for stream in streams:
            client.h2.end_stream(stream)
        client.flush()
        assert all(client.answer(stream).ended for stream in streams)
    assert "sec-websocket-key" not in asked(server)
    assert server.connections == 1


def test_much_flows_both_ways_at_once(tunnelled):
    data = bytes(range(256)) * 16384
    with opened(tunnelled[0]) as client:
        sender = threading.Thread(target=client.send, args=(data,))
        sender.start()
        assert client.wire.take(len(data)) == data
        sender.join()


def test_ends_are_passed_on(tunnelled):
    proxy, server = tunnelled
    with opened(proxy) as client:
        client.send(b"last")
        client.finish_sending()
        assert client.wire.rest() == b"last"
    assert server.tunnels[-1].ended and not server.tunnels[-1].was_reset


def test_a_client_that_leaves_resets_the_stream(tunnelled):
    proxy, server = tunnelled
    client = opened(proxy)
    client.send(b"x")
    assert client.wire.take(1) == b"x"
    client.reset()
    wait_until(lambda: server.tunnels[-1].was_reset, "the server hears of it")
    assert proxy.ask().status == 200


def test_a_server_that_resets_takes_the_client_down(tunnelled):
    proxy, server = tunnelled
    server.handler = lambda tunnel, data: tunnel.reset()
    with opened(proxy) as client:
        client.send(b"x")
        assert client.is_closed()
    assert proxy.ask().status == 200


@pytest.mark.parametrize("secure", [False, True], ids=["h2c", "TLS"])
def test_a_server_that_announces_nothing_is_asked_without_an_upgrade(files, secure):  # noqa: F811
    pem = POD.certificate + POD.key if secure else None
    server = Http2Server(echo, pem=pem, folder=files, takes_tunnels=False)
    words = "ssl verify none proto h2" if secure else "proto h2"
    with Proxy(files, f"{server.port} {words}") as proxy:
        with Client(proxy.port) as client:
            client.send(ASK)
            assert client.response().status == 200
        with Http2(proxy.port) as client:
            stream = client.begin("/chat", method="CONNECT", extra=[(":protocol", "websocket")], ends=False)
            client.until(lambda: client.answers[stream].status == 501)
    assert {request[":method"] for request in server.requests} == {"GET"}
    server.close()


def test_a_server_of_both_versions_that_announces_nothing_has_a_connection_of_http_1(files):  # noqa: F811
    """A known library's server behind a TLS that offers both; HTTP/2 is there for other requests."""
    (files / "both.pem").write_bytes(POD.certificate + POD.key)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(files / "both.pem")
    context.set_alpn_protocols(["http/1.1"])

    async def talk(connection, path: str = "") -> None:
        async for message in connection:
            await connection.send(message)

    async def scenario() -> None:
        async with websockets.serve(talk, "127.0.0.1", 0, ssl=context) as server:
            port = server.sockets[0].getsockname()[1]
            loop = asyncio.get_running_loop()
            proxy = await loop.run_in_executor(None, Proxy, files, f"{port} ssl verify none alpn h2,http/1.1")
            try:
                async with websockets.connect(f"ws://127.0.0.1:{proxy.port}/") as client:
                    for size in [0, 1, 70_000]:
                        message = os.urandom(size)
                        await client.send(message)
                        assert await client.recv() == message
            finally:
                await loop.run_in_executor(None, proxy.__exit__)

    asyncio.run(scenario())


# Beside haproxy


@pytest.mark.skipif(not HAPROXY, reason="haproxy is not installed")
def test_servers_see_what_haproxy_shows_them(twins):
    server = Http2Server(echo)
    text = f"""
defaults
    mode http
    timeout client 5s
    timeout connect 5s
    timeout server 5s
    timeout tunnel 5s
listen f
    bind "127.0.0.1:${{HTTP}}"
    server s 127.0.0.1:{server.port} proto h2
"""
    pair = twins(text)

    def script(side):
        server.requests.clear()
        side.get(host="a.test")
        with side.client() as client:
            client.send(ASK)
            response = client.response()
            client.send(b"\x81\x02hi")
            seen = client.wire.take(4)
        request = asked(server)
        return response.status, response.get("sec-websocket-accept"), seen, {
            name: value for name, value in request.items() if name not in (":scheme", "sec-websocket-key")
        }  # fmt: skip

    pair.agree(script)
    server.close()


ONE_VERSION = """
defaults
    mode http
    timeout client 5s
    timeout connect 5s
    timeout server 5s
    timeout tunnel 5s
listen f
    bind "127.0.0.1:${HTTP}"
    server s "127.0.0.1:${A}" proto h2 ws h1
"""


@pytest.mark.skipif(not HAPROXY, reason="haproxy is not installed")
def test_websockets_of_a_server_of_http_2_go_by_http_1_where_that_is_said(twins):
    def accept(session, request):
        session.send(
            b"HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
            b"Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n"
        )
        session.send(session.wire.take(4))

    pair = twins(ONE_VERSION, servers={"A": accept})

    def script(side):
        with side.client() as client:
            client.send(ASK)
            response = client.response()
            client.send(b"\x81\x02hi")
            assert client.wire.take(4) == b"\x81\x02hi"
        request = side.backends["A"].requests[0]
        return response.status, request.method, request.get("upgrade")

    assert pair.agree(script) == (101, "GET", "websocket")


def test_websockets_keep_to_http_2_where_that_is_said(files):  # noqa: F811
    """The server would choose HTTP/1.1 too, and has not announced that it takes tunnels."""
    server = Http2Server(echo, pem=POD.certificate + POD.key, folder=files, takes_tunnels=False)
    with Proxy(files, f"{server.port} ssl verify none alpn h2,http/1.1 ws h2") as proxy:
        with Client(proxy.port) as client:
            client.send(ASK)
            assert client.response().status == 200
    assert {request[":method"] for request in server.requests} == {"GET"}
    server.close()
