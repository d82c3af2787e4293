"""Bodies in both directions: framing, interim answers, early answers, back-pressure, half-close and aborts."""

from __future__ import annotations

import hashlib
import socket
import threading
import time
from pathlib import Path

import pytest

from harness.messages import Closed, read_body, read_request_head
from harness.sluice import binary
from harness.waiting import wait_until

pytestmark = pytest.mark.sanitizer

MEGABYTE = 1 << 20
CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"


def kernel_may_hold() -> int:
    """Bytes that one sender can get rid of while nobody reads: the kernel lets the sockets on the way grow that far."""
    grown = [int(Path(f"/proc/sys/net/ipv4/tcp_{which}mem").read_text().split()[2]) for which in "rw"]
    return sum(grown) + 8 * MEGABYTE


def memory_allowed() -> int:
    """What one exchange may add; sanitizers keep freed memory back for a while."""
    instrumented = {"address", "thread"} & set(binary().parts)
    return (24 if instrumented else 3) * MEGABYTE


def digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def pattern(size: int) -> bytes:
    """Bytes in which every mistake shows: no two 8-byte blocks are equal."""
    return b"".join(i.to_bytes(8, "big") for i in range(size // 8))


def answering(*parts: bytes, close: bool = False):
    def handler(session, request):
        for part in parts:
            session.send(part)
        if close:
            session.close()

    return handler


# MARK: framing


def test_a_chunked_request_arrives_whole(site):
    with site.client() as client:
        client.send(b"POST / HTTP/1.1\r\nHost: a.test\r\nTransfer-Encoding: chunked\r\nTrailer: T\r\n\r\n")
        client.send(b"5;name=value\r\nhello\r\n")
        client.send(b'A ; q="x;\\"y"\r\n0123456789\r\n000\r\nT: end\r\n\r\n')
        assert client.response().status == 200
        assert client.request().status == 200
    assert site.backend.requests[0].body == b"hello0123456789"
    assert site.backend.requests[0].trailers == [("t", "end")]


def test_a_chunked_response_arrives_whole_with_its_trailers(site):
    site.backend.handler = answering(CHUNKED, b"5;x=y\r\nhello\r\n", b"1\r\n!\r\n0\r\nT: end\r\n\r\n")
    with site.client() as client:
        for _ in range(2):
            response = client.request()
            assert (response.body, response.framing) == (b"hello!", "chunked")
            assert response.trailers == [("t", "end")]


CUT = b"5;x=1\r\nhello\r\n1\r\n!\r\n0\r\nT: x\r\n\r\n"
CUTS = [(i, j) for i in range(0, len(CUT), 2) for j in (i + 1, i + 2) if j < len(CUT)]


def in_pieces(send, data: bytes, at: tuple[int, int]) -> None:
    """Three segments, far enough apart to be read one by one."""
    for piece in filter(None, (data[: at[0]], data[at[0] : at[1]], data[at[1] :])):
        send(piece)
        time.sleep(0.003)


@pytest.mark.parametrize("at", CUTS)
def test_a_chunked_request_may_be_cut_anywhere(site, at):
    with site.client() as client:
        client.send(b"POST / HTTP/1.1\r\nHost: a.test\r\nTransfer-Encoding: chunked\r\n\r\n")
        in_pieces(client.send, CUT, at)
        assert client.response().status == 200
    assert site.backend.requests[0].body == b"hello!"


@pytest.mark.parametrize("at", CUTS)
def test_a_chunked_response_may_be_cut_anywhere(site, at):
    site.backend.handler = lambda session, request: (session.send(CHUNKED), in_pieces(session.send, CUT, at))
    with site.client() as client:
        assert client.request().body == b"hello!"
        assert client.request().body == b"hello!"


def test_a_body_that_ends_with_the_connection_arrives_whole(site):
    site.backend.handler = answering(b"HTTP/1.1 200 OK\r\n\r\nhello", b" world", close=True)
    response = site.get()
    assert response.body == b"hello world"


def test_a_body_that_ends_with_the_connection_keeps_the_client_if_it_can_be_chunked(site):
    site.backend.handler = answering(b"HTTP/1.0 200 OK\r\n\r\nhello", close=True)
    with site.client() as client:
        first = client.request()
        assert first.body == b"hello"
        if first.framing == "chunked":
            assert client.request().body == b"hello"


def test_head_has_the_length_and_no_body(site):
    site.backend.handler = answering(b"HTTP/1.1 200 OK\r\nContent-Length: 1234\r\n\r\n")
    with site.client() as client:
        for _ in range(2):
            response = client.request(method="HEAD")
            assert (response.status, response.get("content-length")) == (200, "1234")


def test_head_of_a_chunked_resource_has_no_body(site):
    site.backend.handler = answering(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
    with site.client() as client:
        for _ in range(2):
            assert client.request(method="HEAD").status == 200


@pytest.mark.parametrize(
    "head", [b"204 No Content\r\n", b"304 Not Modified\r\nContent-Length: 99\r\n", b"304 Not Modified\r\n"]
)
def test_statuses_without_a_body_leave_the_connection_in_step(site, head):
    site.backend.handler = answering(b"HTTP/1.1 " + head + b"\r\n")
    with site.client() as client:
        for _ in range(3):
            assert client.request().status == int(head[:3])


def test_an_empty_body_is_not_a_missing_one(site):
    with site.client() as client:
        assert client.request(method="POST", body=b"").status == 200
    assert site.backend.requests[0].get("content-length") == "0"


def test_no_body_invents_no_framing(site):
    site.get()
    (seen,) = site.backend.requests
    assert (seen.all("content-length"), seen.all("transfer-encoding")) == ([], [])


# MARK: interim and early answers


def test_early_hints_come_before_the_answer(site):
    hints = b"HTTP/1.1 103 Early Hints\r\nLink: </a.css>\r\n\r\n"
    site.backend.handler = answering(hints, b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
    with site.client() as client:
        for _ in range(2):
            response = client.request()
            assert (response.status, response.body) == (200, b"ok")
            assert response.interim in ([], [103])


def expecting(client, size: int) -> None:
    client.send(b"POST / HTTP/1.1\r\nHost: a.test\r\nContent-Length: %d\r\nExpect: 100-continue\r\n\r\n" % size)


def test_continue_is_waited_for_and_given(site):
    def converse(session):
        request = read_request_head(session.wire)
        if request.get("expect"):
            session.send(b"HTTP/1.1 100 Continue\r\n\r\n")
        read_body(session.wire, request)
        site.backend.requests.append(request)
        session.answer(body=request.body)

    site.backend.on_connect = converse
    with site.client() as client:
        expecting(client, 5)
        assert client.wire.until(b"\r\n\r\n").startswith(b"HTTP/1.1 100")
        client.send(b"hello")
        assert client.response().body == b"hello"


def test_a_refused_expectation_reaches_the_client_before_its_body(site):
    def refuse(session):
        read_request_head(session.wire)
        session.answer(417, b"no", headers="Connection: close\r\n")
        session.close()

    site.backend.on_connect = refuse
    with site.client() as client:
        expecting(client, 5)
        assert client.response().status == 417


def test_a_body_sent_without_waiting_for_continue_is_fine(site):
    with site.client() as client:
        expecting(client, 5)
        client.send(b"hello")
        assert client.response().status == 200
    assert site.backend.requests[0].body == b"hello"


def test_an_early_answer_is_delivered_while_the_body_is_still_coming(site):
    """RFC 9112 9.5: the server answers 413 and closes; the client must be able to read that."""

    def refuse(session):
        read_request_head(session.wire)
        session.answer(413, b"too much", headers="Connection: close\r\n")
        session.shutdown()
        session.wait_gone()

    site.backend.on_connect = refuse
    with site.client() as client:
        client.send(b"POST / HTTP/1.1\r\nHost: a.test\r\nContent-Length: %d\r\n\r\n" % (50 * MEGABYTE))
        client.send(b"x" * 10_000)
        response = client.response()
        assert (response.status, response.body) == (413, b"too much")


def test_an_answer_before_the_body_ends_does_not_end_the_body(site):
    """A bidirectional exchange: the answer begins first, then the rest of the request is still passed on."""
    seen = []

    def talk(session):
        read_request_head(session.wire)
        session.send(CHUNKED + b"5\r\nfirst\r\n")
        seen.append(session.wire.take(10))
        session.send(b"4\r\nlast\r\n0\r\n\r\n")

    site.backend.on_connect = talk
    with site.client() as client:
        client.send(b"POST / HTTP/1.1\r\nHost: a.test\r\nContent-Length: 10\r\n\r\n12345")
        client.wire.until(b"first")
        client.send(b"67890")
        client.wire.until(b"last")
    assert seen == [b"1234567890"]


# MARK: size and back-pressure


@pytest.mark.parametrize("size", [1, 4096, 16384, 65536, 100_000, 3 * MEGABYTE])
@pytest.mark.parametrize("framing", ["length", "chunked"])
def test_bodies_of_many_sizes_pass_unchanged_both_ways(site, size, framing):
    data = pattern(size + 8)[:size]

    def echo(session, request):
        if framing == "length":
            session.answer(body=request.body)
        else:
            session.send(CHUNKED + b"".join(chunks(request.body)))

    site.backend.handler = echo
    with site.client() as client:
        if framing == "length":
            send = b"Content-Length: %d\r\n\r\n" % size + data
        else:
            send = b"Transfer-Encoding: chunked\r\n\r\n" + b"".join(chunks(data))
        sender = threading.Thread(target=client.send, args=(b"POST / HTTP/1.1\r\nHost: a.test\r\n" + send,))
        sender.start()
        response = client.response()
        sender.join()
    assert digest(response.body) == digest(data)


def chunks(data: bytes, size: int = 7001):
    for i in range(0, len(data), size):
        part = data[i : i + size]
        yield b"%x\r\n%b\r\n" % (len(part), part)
    yield b"0\r\n\r\n"


def test_a_slow_reader_holds_the_backend_back_and_not_our_memory(site):
    data = pattern(kernel_may_hold() + 8 * MEGABYTE)
    sent = [0]

    def stream(session, request):
        session.send(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(data))
        for i in range(0, len(data), 65536):
            session.send(data[i : i + 65536])
            sent[0] = i

    assert site.get().status == 200
    site.backend.handler = stream
    before = site.sluice.memory()
    with site.client(receive_buffer=65536) as client:
        client.send(b"GET / HTTP/1.1\r\nHost: a.test\r\n\r\n")
        client.wire.until(b"\r\n\r\n")
        settled(sent)
        assert sent[0] < kernel_may_hold(), "the backend was not held back"
        assert site.sluice.memory() - before < memory_allowed()
        assert digest(client.wire.take(len(data))) == digest(data)
    assert site.sluice.memory() - before < memory_allowed()


def test_a_slow_backend_holds_the_client_back_and_not_our_memory(site):
    data = pattern(kernel_may_hold() + 8 * MEGABYTE)
    go, got = threading.Event(), []

    def slow(session):
        request = read_request_head(session.wire)
        go.wait(20)
        read_body(session.wire, request)
        got.append(digest(request.body))
        session.answer()

    assert site.get().status == 200
    for session in site.backend.open_sessions:
        session.close()
    site.backend.on_connect = slow
    before = site.sluice.memory()
    sent = [0]
    with site.client() as client:
        client.send(b"POST / HTTP/1.1\r\nHost: a.test\r\nContent-Length: %d\r\n\r\n" % len(data))

        def send() -> None:
            for i in range(0, len(data), 65536):
                client.send(data[i : i + 65536])
                sent[0] = i

        sender = threading.Thread(target=send)
        sender.start()
        settled(sent)
        assert sent[0] < kernel_may_hold(), "the client was not held back"
        assert site.sluice.memory() - before < memory_allowed()
        go.set()
        assert client.response().status == 200
        sender.join()
    assert got == [digest(data)]


def test_a_client_that_asks_without_reading_is_held_back_and_not_our_memory(site):
    site.backend.handler = lambda session, request: session.answer(body=b"x" * 20_000)
    assert site.get().status == 200
    before = site.sluice.memory()
    sent = [0]
    with site.client(receive_buffer=65536) as client:

        def send() -> None:
            try:
                while True:
                    client.send(b"GET / HTTP/1.1\r\nHost: a.test\r\n\r\n" * 100)
                    sent[0] += 100
            except OSError:
                pass

        sender = threading.Thread(target=send)
        sender.start()
        settled(sent)
        assert site.sluice.memory() - before < memory_allowed()
        assert site.get().status == 200, "nobody else is held back"
        client.socket.shutdown(socket.SHUT_RDWR)
        sender.join()


def test_silent_clients_do_not_stand_in_the_way(site):
    clients = [site.client() for _ in range(300)]
    for client in clients[::2]:
        client.send(b"GET / HTTP/1.1\r\nHost: a.")
    assert site.get().status == 200
    for client in clients:
        client.close()


def settled(counter: list[int]) -> None:
    """Waits until a sender is blocked: its count stands still for 300 ms."""
    last, since = counter[0], time.monotonic()
    while time.monotonic() - since < 0.3:
        time.sleep(0.02)
        if counter[0] != last:
            last, since = counter[0], time.monotonic()


# MARK: half-close and aborts


def test_a_client_that_has_shut_its_sending_side_still_gets_a_quick_answer(site):
    site.backend.handler = lambda session, request: (time.sleep(0.2), session.answer())
    with site.client() as client:
        client.send(b"GET / HTTP/1.1\r\nHost: a.test\r\n\r\n")
        client.finish_sending()
        assert client.response().body == b"ok"


def test_a_client_that_has_shut_its_sending_side_gets_all_of_a_long_answer(site):
    data = pattern(8 * MEGABYTE)
    site.backend.handler = lambda session, request: session.answer(body=data)
    with site.client() as client:
        client.send(b"GET / HTTP/1.1\r\nHost: a.test\r\n\r\n")
        client.finish_sending()
        assert digest(client.response().body) == digest(data)


@pytest.mark.parametrize("way", ["close", "reset"])
def test_a_client_that_leaves_while_waiting_releases_the_backend(site, way):
    gone = threading.Event()
    site.backend.handler = lambda session, request: gone.set() if session.wait_gone(20) else None
    client = site.client()
    client.send(b"GET / HTTP/1.1\r\nHost: a.test\r\n\r\n")
    wait_until(lambda: site.backend.requests, "the backend has the request")
    getattr(client, way)()
    assert gone.wait(15), "the backend connection is still held"


def test_a_client_that_leaves_in_the_middle_of_the_answer_releases_the_backend(site):
    ended = threading.Event()

    def endless(session, request):
        session.send(CHUNKED)
        try:
            while True:
                session.send(b"400\r\n" + b"x" * 1024 + b"\r\n")
        except OSError:
            ended.set()

    site.backend.handler = endless
    client = site.client()
    client.send(b"GET / HTTP/1.1\r\nHost: a.test\r\n\r\n")
    client.wire.until(b"x" * 1024)
    client.close()
    assert ended.wait(15)


@pytest.mark.parametrize(
    "framing", [b"Content-Length: 100\r\n\r\nhello", b"Transfer-Encoding: chunked\r\n\r\n64\r\nhello"]
)
def test_a_request_cut_in_its_body_never_looks_complete(site, framing):
    client = site.client()
    client.send(b"POST / HTTP/1.1\r\nHost: a.test\r\n" + framing)
    wait_until(lambda: site.backend.open_sessions, "the backend is connected")
    session = site.backend.sessions[-1]
    wait_until(lambda: b"hello" in session.wire.received or not session.is_open, "the body is passed on")
    client.close()
    wait_until(lambda: not session.is_open, "the backend connection ends")
    assert site.backend.requests == []


@pytest.mark.parametrize(
    "head",
    [b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhello", CHUNKED + b"64\r\nhello", CHUNKED + b"5\r\nhello\r\n"],
)
@pytest.mark.parametrize("end", ["close", "reset"])
def test_an_answer_cut_in_its_body_never_looks_complete(site, head, end):
    begun = threading.Event()

    def cut(session, request):
        session.send(head)
        begun.wait(15)  # so that the reset does not overtake the bytes
        getattr(session, end)()

    site.backend.handler = cut
    with site.client() as client:
        client.send(b"GET / HTTP/1.1\r\nHost: a.test\r\n\r\n")
        while b"hello" not in client.wire.received:
            assert client.wire.fill(), "closed before the answer"
        begun.set()
        with pytest.raises((Closed, ConnectionError)):
            client.response()


def test_an_answer_with_a_broken_chunk_is_cut_and_not_completed(site):
    site.backend.handler = answering(CHUNKED + b"5\r\nhello\r\n", b"nonsense\r\n")
    with site.client() as client:
        client.send(b"GET / HTTP/1.1\r\nHost: a.test\r\nConnection: close\r\n\r\n")
        rest = client.wire.rest()
    # Read with the head, it is a 502 instead.
    assert not rest.endswith(b"0\r\n\r\n")


def test_bytes_behind_an_answer_are_not_taken_for_the_next_one(site):
    head = b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\n"
    site.backend.handler = answering(head + b"okay" + head + b"evil")
    with site.client() as client:
        assert client.request().body == b"okay"
        site.backend.handler = answering(head + b"good")
        assert client.request().body == b"good"
