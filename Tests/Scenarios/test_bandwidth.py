"""Limits of bandwidth over real sockets. HAProxy 2.6 has none: what is asserted is its manual's words. Only lower bounds of time are
asserted; the limits are so low that the time-outs, which are shorter than a single wait, would end what is held back."""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from harness.backend import Backend
from harness.client import Client
from harness.http2 import Http2
from harness.sluice import Sluice, free_port
from harness.tcp import TCPServer, connect, read
from harness.waiting import holds_for, wait_until

pytestmark = pytest.mark.sanitizer

BODY = bytes(range(256)) * 60  # 15 KiB: two pieces of the limit, and a wait of four seconds between them
WAITS = 3  # of the one, less what comes with a head
LARGE = b"x" * (32 << 20)

FILE = """
cache kept
    total-max-size 4
    max-object-size 100000
defaults
    mode http
    timeout client 3s
    timeout connect 5s
    timeout server 3s
frontend web
    bind 127.0.0.1:{http}
    filter bwlim-out down default-limit 8k default-period 4s
    filter bwlim-out fast default-limit 1g default-period 4s
    filter bwlim-in up default-limit 8k default-period 4s
    http-request set-bandwidth-limit down if {{ path_beg /down }}
    http-request set-bandwidth-limit fast if {{ path_beg /fast }}
    http-request set-bandwidth-limit down limit req.hdr(x-limit) if {{ path_beg /chosen }}
    http-request set-bandwidth-limit up if {{ path_beg /up }}
    filter bwlim-out shared limit 8k key req.hdr(x-key) table counted
    http-request set-bandwidth-limit shared if {{ path_beg /shared }}
    use_backend kept if {{ path_beg /kept }}
    default_backend b
backend counted
    stick-table type string size 100 expire 1m store bytes_out_rate(4s)
backend b
    filter bwlim-out late default-limit 8k default-period 4s
    http-response set-bandwidth-limit late if {{ res.hdr(x-slow) -m found }}
    server s 127.0.0.1:{server}
backend kept
    filter bwlim-out again default-limit 8k default-period 4s
    http-request set-bandwidth-limit again if {{ path_end /slow }}
    http-request set-path /kept
    http-request cache-use kept
    http-response cache-store kept
    server s 127.0.0.1:{server}
frontend sessions
    mode tcp
    bind 127.0.0.1:{tcp}
    filter bwlim-out down default-limit 8k default-period 4s
    filter bwlim-in up default-limit 8k default-period 4s
    tcp-request content set-bandwidth-limit down
    tcp-request content set-bandwidth-limit up
    default_backend echo
backend echo
    mode tcp
    server s {echo}
"""


class Proxy:
    def __init__(self, folder) -> None:
        self.http, self.tcp = free_port(), free_port()
        self.backend, self.echo = Backend(), TCPServer()
        file = folder / "proxy.cfg"
        file.write_text(
            FILE.format(http=self.http, tcp=self.tcp, server=self.backend.port, echo=self.echo.endpoint)
        )
        self.sluice = Sluice(folder / "run", "proxy", "-f", str(file))
        self.sluice.wait_ready()

    def close(self) -> None:
        self.sluice.stop()
        self.backend.close()
        self.echo.close()


@pytest.fixture(scope="module")
def running(tmp_path_factory):
    proxy = Proxy(tmp_path_factory.mktemp("bandwidth"))
    yield proxy
    proxy.close()


@pytest.fixture
def proxy(running):
    running.backend.forget()
    running.backend.handler = lambda session, request: session.answer(body=BODY)
    yield running
    assert running.backend.problems == []
    assert running.sluice.is_running


def elapsed(action):
    """What it returns, and how long it took."""
    start = time.monotonic()
    result = action()
    return result, time.monotonic() - start


def test_an_answer_takes_the_time_of_its_limit_and_no_timeout_ends_it(proxy):
    with Client(proxy.http) as client:
        answer, took = elapsed(lambda: client.request("/down"))
        assert answer.body == BODY and took >= WAITS
        # The connection is good for more.
        assert client.request("/").body == BODY


def test_an_answer_in_chunks_is_held_back_too(proxy):
    def chunks(session, request):
        session.send(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
        for start in range(0, len(BODY), 1000):
            piece = BODY[start : start + 1000]
            session.send(b"%x\r\n%b\r\n" % (len(piece), piece))
        session.send(b"0\r\n\r\n")

    proxy.backend.handler = chunks
    with Client(proxy.http) as client:
        answer, took = elapsed(lambda: client.request("/down"))
    assert answer.body == BODY and took >= WAITS


def test_an_answer_that_ends_with_its_connection_is_whole(proxy):
    def until_close(session, request):
        session.send(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n" + BODY)
        session.close()

    proxy.backend.handler = until_close
    with Client(proxy.http) as client:
        answer, took = elapsed(lambda: client.request("/down"))
    assert answer.body == BODY and took >= WAITS


def test_a_rule_about_the_answer_limits_it_from_its_first_bytes(proxy):
    proxy.backend.handler = lambda session, request: session.answer(body=BODY, headers="X-Slow: 1\r\n")
    with Client(proxy.http) as client:
        answer, took = elapsed(lambda: client.request("/"))
    assert answer.body == BODY and took >= WAITS


def test_streams_with_one_key_share_a_limit(proxy):
    def get(_) -> bytes:
        with Client(proxy.http) as client:
            return client.request("/shared", headers=[("X-Key", "one")]).body

    # Of 45 KiB a period's 8 pass at once, and what comes with heads; the others at 2 KiB a second.
    with ThreadPoolExecutor(3) as threads:
        bodies, took = elapsed(lambda: list(threads.map(get, range(3))))
    assert bodies == [BODY] * 3 and took >= 4 * WAITS


def test_who_has_no_key_is_not_held_back(proxy):
    proxy.backend.handler = lambda session, request: session.answer(body=LARGE)
    with Client(proxy.http) as client:
        assert client.request("/shared").body == LARGE


def test_a_high_limit_lets_much_pass(proxy):
    proxy.backend.handler = lambda session, request: session.answer(body=LARGE)
    with Client(proxy.http) as client:
        assert client.request("/fast").body == LARGE


def test_the_limit_of_a_request_can_be_chosen_and_falls_back(proxy):
    with Client(proxy.http) as client:
        _, took = elapsed(lambda: client.request("/chosen", headers=[("X-Limit", "12000")]))
        assert took >= WAITS  # two pieces of 12,000 bytes, and one wait
        _, took = elapsed(lambda: client.request("/chosen", headers=[("X-Limit", "nonsense")]))
        assert took >= WAITS


def test_what_is_held_back_stays_at_the_server(proxy):
    sent, ended = threading.Event(), threading.Event()

    def large(session, request):
        try:
            # More than the kernel takes for a connection that has carried much before.
            session.send(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % (16 * len(LARGE)))
            for _ in range(16):
                session.send(LARGE)
            sent.set()
        except OSError:
            ended.set()

    proxy.backend.handler = large
    client = Client(proxy.http)
    client.send(b"GET /down HTTP/1.1\r\nHost: a.test\r\n\r\n")
    wait_until(lambda: proxy.backend.requests, "the server has the request")
    assert holds_for(lambda: not sent.is_set(), 4.4)
    client.reset()
    # Whoever leaves meanwhile takes the server's connection along.
    wait_until(ended.is_set, "the server's connection is closed")
    assert not sent.is_set()


@pytest.mark.parametrize("isChunked", [False, True])
def test_an_upload_is_held_back_from_its_first_bytes(proxy, isChunked):
    proxy.backend.handler = lambda session, request: session.answer(body=request.body)
    with Client(proxy.http) as client:
        if isChunked:
            chunk = b"%x\r\n%b\r\n" % (len(BODY) // 2, BODY[: len(BODY) // 2])
            data = b"POST /up HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n" + chunk
            data += b"%x\r\n%b\r\n0\r\n\r\n" % (len(BODY) // 2, BODY[len(BODY) // 2 :])
        else:
            data = b"POST /up HTTP/1.1\r\nHost: a\r\nContent-Length: %d\r\n\r\n%b" % (len(BODY), BODY)
        # All at once: most of it comes with the head.
        start = time.monotonic()
        client.send(data + b"GET /next HTTP/1.1\r\nHost: a\r\n\r\n")
        assert client.response().body == BODY
        assert time.monotonic() - start >= WAITS
        assert client.response().status == 200
    assert [request.target for request in proxy.backend.requests] == ["/up", "/next"]


def test_an_upload_in_pieces_is_held_back(proxy):
    proxy.backend.handler = lambda session, request: session.answer(body=str(len(request.body)).encode())
    body = BODY * 2  # more than comes with a head
    with Client(proxy.http) as client:
        answer, took = elapsed(lambda: client.request("/up", method="POST", body=body))
    assert answer.body == b"%d" % len(body) and took >= 2 * WAITS


def test_streams_beside_a_limited_one_do_not_wait(proxy):
    with Http2(proxy.http) as client:
        start = time.monotonic()
        slow = client.begin("/down")
        for number in range(20):
            assert client.request(f"/{number}").body == BODY
        limited = client.answer(slow)
        assert limited.body == BODY and time.monotonic() - start >= WAITS


def test_an_upload_on_a_stream_is_held_back(proxy):
    proxy.backend.handler = lambda session, request: session.answer(body=request.body)
    with Http2(proxy.http) as client:
        answer, took = elapsed(lambda: client.request("/up", method="POST", body=BODY))
        assert answer.body == BODY and took >= WAITS


def test_an_answer_of_the_cache_is_held_back(proxy):
    proxy.backend.handler = lambda session, request: session.answer(body=BODY, headers="Cache-Control: max-age=60\r\n")
    with Client(proxy.http) as client:
        assert client.request("/kept").body == BODY
        before = len(proxy.backend.requests)
        answer, took = elapsed(lambda: client.request("/kept/slow"))
    assert answer.body == BODY and took >= WAITS
    assert len(proxy.backend.requests) == before


def test_a_session_is_held_back_both_ways(proxy):
    with connect(proxy.tcp, 20) as connection:
        start = time.monotonic()
        connection.sendall(BODY)
        assert read(connection, len(BODY)) == BODY
        assert time.monotonic() - start >= WAITS
