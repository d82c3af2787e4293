"""A library's WebSocket over a stream of HTTP/2 (RFC 8441), to a library's server of HTTP/1: what both ends say arrives."""

from __future__ import annotations

import os

import pytest
from websockets.connection import Connection, Side
from websockets.frames import Frame, Opcode

from harness.client import careless
from harness.http2 import Http2
from test_websocket import SIZES, chat  # noqa: F401

pytestmark = pytest.mark.sanitizer


class Stream:
    """The client's end: the library makes and reads frames, the stream carries them."""

    def __init__(self, connection: Http2, path: str, *fields: tuple[str, str]) -> None:
        self.connection = connection
        self.number = connection.begin(
            path, method="CONNECT", extra=[(":protocol", "websocket")], ends=False,
            headers=[("sec-websocket-version", "13"), *fields],
        )  # fmt: skip
        self.answer = connection.answers[self.number]
        connection.until(lambda: self.answer.headers)
        self.end = Connection(Side.CLIENT, max_size=None)
        self._frames: list[Frame] = []

    def flush(self) -> None:
        for data in self.end.data_to_send():
            # No bytes are the end of what this side says.
            self.connection.send(self.number, data, ends=not data)

    def frame(self) -> Frame:
        """The next frame the server sent."""
        while not self._frames:
            self.connection.until(lambda: self.answer.body or self.answer.is_over)
            data = bytes(self.answer.body)
            self.answer.body.clear()
            self.end.receive_data(data) if data else self.end.receive_eof()
            self.flush()
            self._frames += self.end.events_received()
            assert self._frames or data, "the stream has ended"
        return self._frames.pop(0)

    def message(self) -> tuple[Opcode, bytes]:
        """The next message, put together; pings and pongs between its parts are left out."""
        parts: list[Frame] = []
        while not parts or not parts[-1].fin:
            frame = self.frame()
            if frame.opcode not in (Opcode.PING, Opcode.PONG):
                parts.append(frame)
        return parts[0].opcode, b"".join(part.data for part in parts)

    def wait_closed(self) -> tuple[int, str]:
        """The code and the reason of the server's end, answered; then the stream ends."""
        assert self.frame().opcode is Opcode.CLOSE
        self.connection.until(lambda: self.answer.is_over)
        self.end.receive_eof()
        self.flush()
        return self.end.close_code, self.end.close_reason


@pytest.fixture(params=[False, True], ids=["h2c", "TLS"])
def connection(request, chat):  # noqa: F811
    secure = {"tls": careless(), "server_name": "a.test"} if request.param else {}
    with Http2(chat.sluice.https if request.param else chat.port, **secure) as connection:
        yield connection


def test_text_and_binary_of_every_size_come_back(connection):
    stream = Stream(connection, "/")
    assert stream.answer.status == 200
    for size in SIZES:
        binary, text = os.urandom(size), ("ü" * size).encode()
        stream.end.send_binary(binary)
        stream.flush()
        assert stream.message() == (Opcode.BINARY, binary)
        stream.end.send_text(text)
        stream.flush()
        assert stream.message() == (Opcode.TEXT, text)


def test_fragments_make_one_message_in_both_directions(connection):
    stream = Stream(connection, "/")
    pieces = [os.urandom(size) for size in SIZES]
    stream.end.send_binary(pieces[0], fin=False)
    for piece in pieces[1:]:
        stream.end.send_continuation(piece, fin=False)
    stream.end.send_ping(b"between")
    stream.end.send_continuation(b"last", fin=True)
    stream.flush()
    assert stream.message() == (Opcode.BINARY, b"".join(pieces) + b"last")
    fragments = Stream(connection, "/fragments")
    frames = [fragments.frame()]
    while not frames[-1].fin:
        frames.append(fragments.frame())
    assert [len(frame.data) for frame in frames if frame.data] == [size for size in SIZES if size]
    assert len(frames) > len(SIZES) - 1, "nobody has put the fragments together"


def test_pings_are_answered_from_end_to_end(connection):
    stream = Stream(connection, "/")
    stream.end.send_ping(b"are you there")
    stream.flush()
    pong = stream.frame()
    assert (pong.opcode, pong.data) == (Opcode.PONG, b"are you there")
    asked = Stream(connection, "/ping")
    ping = asked.frame()
    assert (ping.opcode, ping.data) == (Opcode.PING, b"are you there"), "answered by the library"
    assert asked.message() == (Opcode.TEXT, b"you are")


@pytest.mark.parametrize("code", [1000, 1001, 1008, 1011, 3000, 4999])
def test_a_servers_close_code_and_reason_arrive(connection, code):
    stream = Stream(connection, f"/close/{code}")
    assert stream.wait_closed() == (code, f"because {code}")
    assert stream.answer.ended and stream.answer.reset is None


@pytest.mark.parametrize("code", [1000, 4000])
def test_a_clients_close_code_is_given_back(connection, code):
    stream = Stream(connection, "/")
    stream.end.send_close(code, "enough")
    stream.flush()
    assert stream.wait_closed()[0] == code
    assert stream.answer.ended and stream.answer.reset is None


def test_streams_of_one_connection_are_sockets_of_their_own(connection):
    streams = [Stream(connection, "/", ("sec-websocket-protocol", "chat.v1, chat.v2")) for _ in range(8)]
    assert {stream.answer.get("sec-websocket-protocol") for stream in streams} == {"chat.v2"}
    for number, stream in enumerate(streams):
        stream.end.send_text(b"I am %d" % number)
        stream.flush()
    for number, stream in reversed(list(enumerate(streams))):
        assert stream.message() == (Opcode.TEXT, b"I am %d" % number)
    streams[3].end.send_close(1000)
    streams[3].flush()
    assert streams[3].wait_closed()[0] == 1000
    streams[4].end.send_text(b"still here")
    streams[4].flush()
    assert streams[4].message() == (Opcode.TEXT, b"still here")
