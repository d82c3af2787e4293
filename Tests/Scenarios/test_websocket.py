"""WebSocket frames (RFC 6455) arrive as they were sent, between ends of a known library and byte for byte."""

from __future__ import annotations

import asyncio
import os
import ssl
import threading

import pytest
import websockets

from harness.site import Site, dev_service
from harness.waiting import wait_until
from harness.websocket import (
    BINARY, CONTINUATION, PING, PONG, TEXT, LibraryServer, close_frame, frame,
)  # fmt: skip
from simulator import objects
from simulator.pki import Authority
from test_upgrade import YES, switched

pytestmark = pytest.mark.sanitizer

SIZES = [0, 1, 125, 126, 127, 4095, 4096, 16_384, 65_535, 65_536, 1 << 20]
MASK = b"\x9a\x00\xff\x5e"


@pytest.fixture(scope="module")
def chat(tmp_path_factory):
    """`a.test`, plain and over TLS, in front of a library's server that does what a path asks for."""
    server = LibraryServer(talk, subprotocols=["chat.v2"], compression="deflate")
    site = Site(
        tmp_path_factory.mktemp("chat"), objects.ingress("web", "a.test", "web", tls_secret="cert", annotations=objects.PLAIN_TOO),
        objects.tls_secret("cert", Authority().issue("cert", ["a.test"])), dev_service("web", server.endpoint),
    )  # fmt: skip
    site.sluice.wait_ready()
    wait_until(lambda: site.get().status == 426, "the server asks for an upgrade")
    yield site
    site.close()
    server.close()


async def talk(connection, path: str) -> None:
    if path.startswith("/close/"):
        code = int(path.removeprefix("/close/"))
        return await connection.close(code, f"because {code}")
    if path == "/fragments":
        return await connection.send([b"a" * size for size in SIZES])
    if path == "/ping":
        answered = await connection.ping(b"are you there")
        await asyncio.wait_for(answered, 10)
        return await connection.send("you are")
    async for message in connection:
        await connection.send(message)


def connect(site: Site, path: str, *, secure: bool = False, **settings: object):
    options: dict[str, object] = {"max_size": None, "ping_interval": None, "open_timeout": 10, **settings}
    if secure:
        context = ssl.create_default_context()
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        options |= {"ssl": context, "server_hostname": "a.test"}
    port = site.sluice.https if secure else site.port
    scheme = "wss" if secure else "ws"
    return websockets.connect(f"{scheme}://a.test:{port}{path}", host="127.0.0.1", port=port, **options)


# Between two ends of a library


@pytest.mark.parametrize("secure", [False, True], ids=["plain", "TLS"])
@pytest.mark.parametrize("compression", [None, "deflate"])
def test_messages_of_every_size_come_back(chat, secure, compression):
    async def scenario():
        async with connect(chat, "/", secure=secure, compression=compression) as connection:
            for size in SIZES:
                binary, text = os.urandom(size), "ü" * size
                await connection.send(binary)
                assert await connection.recv() == binary
                await connection.send(text)
                assert await connection.recv() == text

    asyncio.run(scenario())


def test_fragments_make_one_message(chat):
    async def scenario():
        async with connect(chat, "/") as connection:
            pieces = [os.urandom(size) for size in SIZES]
            await connection.send(pieces)
            assert await connection.recv() == b"".join(pieces)
        async with connect(chat, "/fragments") as connection:
            assert await connection.recv() == b"a" * sum(SIZES)

    asyncio.run(scenario())


@pytest.mark.parametrize("code", [1000, 1001, 1008, 1011, 1013, 3000, 4999])
def test_a_servers_close_code_and_reason_arrive(chat, code):
    async def scenario():
        async with connect(chat, f"/close/{code}") as connection:
            await connection.wait_closed()
            return connection.close_code, connection.close_reason

    assert asyncio.run(scenario()) == (code, f"because {code}")


def test_pings_are_answered_from_end_to_end(chat):
    async def scenario():
        async with connect(chat, "/ping") as connection:
            assert await connection.recv() == "you are"
        async with connect(chat, "/") as connection:
            await asyncio.wait_for(await connection.ping(), 10)

    asyncio.run(scenario())


def test_the_subprotocol_is_chosen_by_the_server(chat):
    async def scenario():
        async with connect(chat, "/", subprotocols=["chat.v1", "chat.v2"]) as connection:
            return connection.subprotocol

    assert asyncio.run(scenario()) == "chat.v2"


def test_many_connections_talk_at_once(chat):
    async def one(number: int) -> None:
        async with connect(chat, "/") as connection:
            for turn in range(20):
                await connection.send(f"{number}.{turn}")
                assert await connection.recv() == f"{number}.{turn}"

    async def scenario():
        await asyncio.gather(*(one(number) for number in range(50)))

    asyncio.run(scenario())


# Byte for byte

FRAMES = {
    **{f"binary of {size}": frame(BINARY, os.urandom(size), mask=MASK) for size in SIZES},
    "text in three fragments": frame(TEXT, "grü".encode(), final=False, mask=MASK)
    + frame(CONTINUATION, b"", final=False, mask=MASK) + frame(CONTINUATION, b"n", mask=MASK),
    "a ping between fragments": frame(BINARY, b"a", final=False, mask=MASK) + frame(PING, b"?", mask=MASK)
    + frame(CONTINUATION, b"b", mask=MASK),
    "a pong nobody asked for": frame(PONG, b"x" * 125, mask=MASK),
    "a mask of zeros": frame(BINARY, b"GET / HTTP/1.1\r\nHost: b.test\r\n\r\n", mask=bytes(4)),
    "reserved bits": frame(BINARY, b"compressed", mask=MASK, reserved=0b100),
    "close without a code": close_frame(None, mask=MASK),
    **{f"close with {code}": close_frame(code, "bye", MASK) for code in (1000, 1002, 1007, 1009, 1015, 3999, 4000)},
    "an opcode that does not exist": frame(11, b"?", mask=MASK),
    "a frame that is not masked": frame(TEXT, b"from a client"),
}  # fmt: skip


@pytest.mark.parametrize("name", FRAMES)
def test_a_frame_arrives_untouched_and_so_does_its_answer(site, name):
    """What a client's frame means is between the ends: even one that breaks the rules."""
    data = FRAMES[name]
    got = []

    def handler(session, request):
        session.send(YES)
        got.append(session.wire.take(len(data)))
        session.send(data)
        session.wait_gone()

    site.backend.handler = handler
    with site.client() as client:
        switched(client)
        # The head of the frame byte by byte, the rest at once, while the other end already answers.
        sender = threading.Thread(target=lambda: (client.send_bytewise(data[:14]), client.send(data[14:])))
        sender.start()
        assert client.wire.take(len(data)) == data
        sender.join()
    assert got == [data]
