"""Streams of one connection side by side, and how they end: resets, cuts, floods, drains and rollouts."""

from __future__ import annotations

import shutil
import socket
import subprocess
import threading

import pytest

from harness.cluster import serves
from harness.http2 import FLOW, Http2
from harness.messages import read_request_head
from harness.pods import Pods
from harness.site import dev_service
from harness.sluice import binary
from harness.waiting import holds_for, steady, wait_until
from simulator import objects

pytestmark = pytest.mark.sanitizer

MEGABYTES = bytes(range(256)) * 4096 * 10
CANCEL, NO_ERROR, INTERNAL_ERROR, ENHANCE_YOUR_CALM = 8, 0, 2, 11


def raw(then):
    """A backend that reads a head and leaves the rest of the connection to `then`."""

    def connected(session):
        head = read_request_head(session.wire)
        then(session, head)

    return connected


# Many at once


def test_a_hundred_streams_are_served_side_by_side(site):
    gate = threading.Event()

    def waiting(session, request):
        gate.wait(30)
        session.answer(body=request.target.encode())

    site.backend.handler = waiting
    with Http2(site.port) as client:
        streams = [client.begin(f"/{i}") for i in range(100)]
        wait_until(lambda: len(site.backend.requests) == 100, "all of them wait at the server")
        assert site.sluice.metric("sluice_http2_streams") == 100
        wait_until(lambda: site.sluice.metric("sluice_http2_connections") == 1, "those of others are gone")
        gate.set()
        for i, stream in enumerate(streams):
            assert client.answer(stream).body == f"/{i}".encode()
    wait_until(lambda: site.sluice.metric("sluice_http2_streams") == 0, "the streams are gone")


def test_a_stream_that_is_not_read_stops_nobody_and_holds_little(site):
    def handler(session, request):
        session.answer(body=MEGABYTES if request.target == "/large" else b"ok")

    site.backend.handler = handler
    with Http2(site.port, window=1000) as client:
        client.request("/warm")
        before = site.sluice.memory()
        client.acknowledges = False
        stalled = [client.begin("/large") for _ in range(20)]
        client.until(lambda: all(len(client.answers[stream].body) == 1000 for stream in stalled))
        assert client.request("/small").body == b"ok"
        assert site.sluice.memory() - before < 20 * (1 << 20), "a read and a window for each"


def test_connections_that_are_not_read_hold_little_for_each_stream(site):
    body, sent, widest = memoryview(MEGABYTES)[: 200 * 1024], [], 2**31 - 1
    all_have_asked = threading.Event()

    def handler(session, request):
        # Who does not read what came before is not read from either.
        all_have_asked.wait(40)
        # What the kernel holds of all these answers is not counted, and need not be much.
        session.socket.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 32 * 1024)
        session.send(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(body))
        for i in range(0, len(body), 8192):
            session.send(body[i : i + 8192])
            sent.append(i)

    assert site.get().status == 200
    site.backend.handler = handler
    before = site.sluice.memory()
    clients = [Http2(site.port, window=widest, receive_buffer=65536) for _ in range(3)]
    try:
        for client in clients:
            client.h2.increment_flow_control_window(widest - FLOW)
            for _ in range(80):
                client.begin("/large")
        wait_until(lambda: len(site.backend.requests) == 241, "the server has all of them")
        all_have_asked.set()
        wait_until(lambda: sent, "answers have begun")
        steady(lambda: len(sent))
        grown = site.sluice.memory() - before
        instrumented = {"address", "thread"} & set(binary().parts)
        # A read for each, and what one needs in any case: twice as much where processors are busy as where they are not.
        assert grown < (64 << 20 if instrumented else 240 * 64 * 1024), f"{grown // 240} bytes for each stream"
        first = clients[0]
        first.until(lambda: all(answer.is_over for answer in first.answers.values()))
        assert all(answer.ended and answer.body == body for answer in first.answers.values())
    finally:
        all_have_asked.set()
        for client in clients:
            client.client.close()
    # A request whose server goes before it has answered is repeated, to whom nobody expects there.
    wait_until(lambda: site.sluice.metric("sluice_requests_in_flight") == 0, "nothing is left of them")


# Ends


def test_a_reset_frees_the_server(site):
    heads, gone = [], []

    def held(session, head):
        heads.append(head)
        gone.append(session.wait_gone())

    site.backend.on_connect = raw(held)
    with Http2(site.port) as client:
        upload = client.begin(method="POST", ends=False)
        client.send(upload, b"begun")
        wait_until(lambda: len(heads) == 1, "the server has it")
        client.reset(upload)
        wait_until(lambda: gone == [True], "the server is free")
        site.sluice.wait_access(r' CD-- .*"POST / HTTP/2.0"')
        ask = client.begin("/asked")
        wait_until(lambda: len(heads) == 2, "the server has it")
        client.reset(ask)
        wait_until(lambda: gone == [True] * 2, "the server is free")
        site.sluice.wait_access(r' CH-- .*"GET /asked HTTP/2.0"')
        site.backend.on_connect = None
        assert client.request().status == 200
    wait_until(lambda: site.sluice.metric("sluice_requests_in_flight") == 0, "all of them have ended")


def test_a_client_that_vanishes_frees_all_its_servers(site):
    site.backend.on_connect = raw(lambda session, head: session.wait_gone())
    with Http2(site.port) as client:
        for i in range(10):
            client.begin(f"/{i}")
        wait_until(lambda: len(site.backend.sessions) == 10, "the servers have them")
        client.client.reset()
    wait_until(lambda: not site.backend.open_sessions, "the servers are free")
    wait_until(lambda: site.sluice.metric("sluice_http2_streams") == 0, "the streams are gone")


def test_a_cut_answer_is_a_reset_and_not_an_end(site):
    def cut(session, request):
        session.send(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf")
        session.close()

    site.backend.handler = cut
    with Http2(site.port) as client:
        answer = client.request()
        assert (answer.ended, answer.reset) == (False, INTERNAL_ERROR)
        site.backend.handler = lambda session, request: session.answer()
        assert client.request().status == 200
    site.sluice.wait_access(r" SD-- ")


def test_a_body_that_is_shorter_than_announced_reaches_nobody_as_whole(site):
    arrived, ends = [], []

    def receive(session, head):
        arrived.append(session.wire.take(5))
        ends.append(session.wire.rest())

    site.backend.on_connect = raw(receive)
    with Http2(site.port, validates=False) as client:
        stream = client.begin(method="POST", headers=[("content-length", "10")], ends=False)
        client.send(stream, b"short")
        wait_until(lambda: arrived == [b"short"], "the server has it")
        client.send(stream, b"", ends=True)
        assert client.answer(stream).reset == 1
    wait_until(lambda: ends == [b""], "the server sees it cut")


def test_a_rapid_reset_is_cut(site):
    with Http2(site.port) as client:
        try:
            for _ in range(2000):
                client.h2.reset_stream(client.begin(), CANCEL)
        except OSError:
            pass
        with pytest.raises((OSError, ConnectionError)):
            client.until(lambda: client.goaway is not None)
            assert client.goaway == ENHANCE_YOUR_CALM
            client.wait_closed()
            raise ConnectionError
    wait_until(lambda: 'cause="resetFlood"' in site.sluice.ops_get("/metrics")[1], "it is counted")
    wait_until(lambda: site.sluice.metric("sluice_requests_in_flight") == 0, "nothing is left of it")
    assert site.get().status == 200


def test_a_drain_answers_what_was_asked(sluice_dev, backend):
    gate = threading.Event()

    def waiting(session, request):
        gate.wait(30)
        session.answer(body=b"late")

    servers = backend(waiting)
    site = sluice_dev(objects.ingress("web", "a.test", "web"), dev_service("web", servers))
    idle = Http2(site.port)
    assert idle.request(host="nobody.test").status == 404
    with Http2(site.port) as client:
        streams = [client.begin(f"/{i}") for i in range(5)]
        wait_until(lambda: len(servers.requests) == 5, "the server has them")
        site.sluice.terminate()
        client.until(lambda: client.goaway is not None)
        assert client.goaway == NO_ERROR
        gate.set()
        assert [client.answer(stream).body for stream in streams] == [b"late"] * 5
        client.wait_closed()
    idle.wait_closed()
    assert idle.goaway == NO_ERROR
    assert site.sluice.process.wait(10) == 0


def test_what_a_flood_sends_behind_its_end_is_not_read_for_long(site):
    ping = b"\0\0\x08\x06\0\0\0\0\0" + bytes(8)
    taken = 0
    with Http2(site.sluice.http) as connection:
        with pytest.raises(ConnectionError):
            while taken < 256 << 20:
                taken += connection.client.socket.send(ping * 4000)
    # The kernel's buffers hold some megabytes.
    assert taken < 32 << 20


# Under load


@pytest.mark.skipif(shutil.which("h2load") is None, reason="h2load is not installed")
def test_pods_roll_under_load_without_a_failure(simulator, sluice_controller):
    api = simulator()
    pods = Pods(api, "web", 4)
    api.apply(objects.ingress_class(), objects.service("web"), objects.ingress("web", "a.test", "web"))
    sluice = sluice_controller(api)
    wait_until(lambda: serves(sluice), "the site is served")
    load = subprocess.Popen(
        ["h2load", "-D", "4", "-c", "4", "-m", "8", "--header", ":authority: a.test", f"http://127.0.0.1:{sluice.http}/"],
        stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    try:
        while load.poll() is None:
            left = pods.roll()
            holds_for(lambda: True, 0.2)
            wait_until(lambda: not left.connections or load.poll() is not None, "nobody asks it any more")
            pods.finish(left)
        output = load.communicate()[0]
    finally:
        load.kill()
        pods.close()
    print(output)
    assert " 0 failed, 0 errored, 0 timeout" in output
    assert " 0 3xx, 0 4xx, 0 5xx" in output
