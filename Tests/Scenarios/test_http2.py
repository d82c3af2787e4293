"""HTTP/2 from clients: every request arrives at an HTTP/1 server as if it had been one, and its answer comes back."""

from __future__ import annotations

import socket
import subprocess

import pytest

from harness.client import careless
from harness.http2 import Http2
from harness.messages import read_request_head
from harness.site import Site, dev_service
from harness.waiting import wait_until
from simulator import objects
from simulator.pki import Authority

pytestmark = pytest.mark.sanitizer

MEGABYTES = bytes(range(256)) * 4096 * 10
NO_ERROR = 0


@pytest.fixture(scope="module")
def secured(tmp_path_factory):
    """`a.test` with a certificate; its backend answers `ok`."""
    site = Site(
        tmp_path_factory.mktemp("h2"), objects.ingress("web", "a.test", "web", tls_secret="cert", annotations=objects.PLAIN_TOO),
        objects.tls_secret("cert", Authority().issue("cert", ["a.test"])),
    )  # fmt: skip
    site.folder.put(dev_service("web", site.backend))
    site.sluice.wait_ready()
    wait_until(lambda: site.get().status == 200, "the backend is found")
    yield site
    site.close()


def curl(*arguments: str) -> str:
    """What curl prints: the body, the version and the status."""
    command = ["curl", "-sS", "-k", "-m", "10", "-w", " %{http_version} %{http_code}", *arguments]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def raw(then):
    """A backend that reads a head and leaves the rest of the connection to `then`."""

    def connected(session):
        head = read_request_head(session.wire)
        then(session, head)

    return connected


# Which protocol


@pytest.mark.parametrize(("flag", "version"), [("--http2", "2"), ("--http1.1", "1.1")])
def test_tls_clients_choose_by_alpn(secured, flag, version):
    at = f"a.test:{secured.sluice.https}"
    assert curl(flag, "--resolve", f"{at}:127.0.0.1", f"https://{at}/") == f"ok {version} 200"


@pytest.mark.parametrize(("flag", "version"), [("--http2-prior-knowledge", "2"), ("--http1.1", "1.1")])
def test_cleartext_clients_choose_by_their_first_bytes(site, flag, version):
    assert curl(flag, "-H", "Host: a.test", f"http://127.0.0.1:{site.port}/") == f"ok {version} 200"


def test_a_preface_may_come_bytewise(site):
    with site.client() as client:
        client.send_bytewise(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + bytes(3) + b"\x04" + bytes(5))
        assert client.wire.take(9)[3] == 4, "settings come first"


def test_a_request_that_begins_like_the_preface_is_one(site):
    with site.client() as client:
        client.send(b"P")
        client.send(b"RINT / HTTP/1.1\r\nHost: a.test\r\n\r\n")
        assert client.response().status == 200


# Heads


def test_a_request_arrives_as_one_of_http_1(site):
    with Http2(site.port) as client:
        crumbs = [("cookie", "a=1"), ("x-one", "1"), ("cookie", "b=2")]
        answer = client.request("/path?q=1", headers=crumbs)
        assert (answer.status, bytes(answer.body)) == (200, b"ok")
    (seen,) = site.backend.requests
    assert (seen.method, seen.target, seen.version) == ("GET", "/path?q=1", "HTTP/1.1")
    assert (seen.get("host"), seen.get("cookie"), seen.get("x-one")) == ("a.test", "a=1; b=2", "1")
    assert (seen.get("x-forwarded-for"), seen.get("x-forwarded-proto")) == ("127.0.0.1", "http")
    line = site.sluice.wait_access(r'"GET /path\?q=1 HTTP/2\.0"$')
    assert " 200 " in line and " ---- " in line


def test_tls_is_told_to_the_server(secured):
    secured.backend.forget()
    with Http2(secured.sluice.https, tls=careless(), server_name="a.test") as client:
        assert client.request().status == 200
    assert secured.backend.requests[-1].get("x-forwarded-proto") == "https"


def test_fields_of_one_connection_stay_behind(site):
    headers = "Connection: x-hop\r\nX-Hop: 1\r\nKeep-Alive: timeout=5\r\nX-End: 2\r\nServer: mine\r\n"
    site.backend.handler = lambda session, request: session.answer(headers=headers)
    with Http2(site.port) as client:
        answer = client.request()
    names = [name for name, _ in answer.headers]
    assert names == [":status", "content-length", "x-end", "server"]


@pytest.mark.parametrize("status", [204, 304])
def test_answers_without_a_body_end_with_their_head(site, status):
    site.backend.handler = lambda session, request: session.send(b"HTTP/1.1 %d S\r\nX-A: 1\r\n\r\n" % status)
    with Http2(site.port) as client:
        for _ in range(2):
            answer = client.request()
            assert (answer.status, answer.body, answer.get("x-a")) == (status, b"", "1")


def test_head_has_the_length_and_no_body(site):
    site.backend.handler = lambda session, request: session.send(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n")
    with Http2(site.port) as client:
        answer = client.request(method="HEAD")
        assert (answer.status, answer.get("content-length"), answer.body) == (200, "5", b"")
        answer = client.request(method="HEAD", host="nobody.test")
        assert (answer.status, answer.body) == (404, b"")


def test_interim_answers_come_before_the_final_one(site):
    def hinting(session, request):
        session.send(b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n")
        session.answer()

    site.backend.handler = hinting
    with Http2(site.port) as client:
        answer = client.request()
        assert [dict(head)[":status"] for head in answer.interim] == ["103"]
        assert dict(answer.interim[0])["link"] == "</a>"
        assert answer.status == 200


def test_a_client_that_expects_100_waits_for_the_server(site):
    def continuing(session, head):
        session.send(b"HTTP/1.1 100 Continue\r\n\r\n")
        assert session.wire.take(5) == b"hello"
        session.answer()

    site.backend.on_connect = raw(continuing)
    with Http2(site.port) as client:
        stream = client.begin(method="POST", headers=[("expect", "100-continue"), ("content-length", "5")], ends=False)
        client.until(lambda: client.answers[stream].interim)
        client.send(stream, b"hello", ends=True)
        assert client.answer(stream).status == 200


def test_what_must_not_be_forwarded_is_refused_and_the_connection_goes_on(site):
    with Http2(site.port, validates=False) as client:
        assert client.request(headers=[("host", "b.test")]).status == 400
        assert client.request(headers=[("x-large", "a" * 30_000), ("x-more", "a" * 30_000)]).status == 431
        assert client.request(method="CONNECT", host="a.test:80").is_over
        assert client.request(headers=[("Upper", "1")]).reset == 1
        assert client.request().status == 200
    assert len(site.backend.requests) == 1
    assert site.sluice.metric("sluice_http2_faults_total") >= 1


def test_own_answers_have_the_usual_form(site):
    with Http2(site.port) as client:
        answer = client.request(host="nobody.test")
        assert (answer.status, answer.get("content-type")) == (404, "text/html")
        assert len(answer.body) == int(answer.get("content-length")) and b"404 Not Found" in answer.body
        answer = client.request(host="nobody.test", method="POST", body=b"a" * 100_000)
        assert answer.status == 404
        assert client.request().status == 200


# Bodies


def echo(session, request):
    session.answer(body=request.body)


@pytest.mark.parametrize("size", [1, 16_384, 65_536, 1_000_000])
@pytest.mark.parametrize("announces", [True, False])
def test_bodies_pass_both_ways(site, size, announces):
    site.backend.handler = echo
    data = MEGABYTES[:size]
    with Http2(site.port) as client:
        for _ in range(2):
            headers = [("content-length", str(size))] if announces else []
            answer = client.request(method="POST", body=data, headers=headers)
            assert (answer.status, bytes(answer.body)) == (200, data)
    assert site.backend.requests[0].body == data


def test_an_empty_body_of_unknown_length_is_one(site):
    with Http2(site.port) as client:
        stream = client.begin(method="POST", ends=False)
        client.send(stream, b"", ends=True)
        assert client.answer(stream).status == 200
    assert site.backend.requests[0].body == b""


def test_ten_megabytes_up_and_down_through_small_windows_and_slow_readers(site):
    def slow(session, head):
        session.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 18)
        data = session.wire.take(len(MEGABYTES))
        session.answer(body=data)

    site.backend.on_connect = raw(slow)
    before = site.sluice.memory()
    with Http2(site.port, window=10_000, receive_buffer=1 << 18) as client:
        stream = client.begin(method="POST", headers=[("content-length", str(len(MEGABYTES)))], ends=False)
        client.send(stream, MEGABYTES, ends=True)
        assert client.answer(stream).body == MEGABYTES
    assert site.sluice.memory() - before < 8 << 20


@pytest.mark.parametrize("framing", ["Transfer-Encoding: chunked", "Connection: close"])
def test_bodies_of_unknown_length_end_with_the_stream(site, framing):
    def handler(session, request):
        session.send(f"HTTP/1.1 200 OK\r\n{framing}\r\n\r\n".encode())
        if "chunked" in framing:
            session.send(b"3\r\nabc\r\n0\r\n\r\n")
        else:
            session.send(b"abc")
            session.close()

    site.backend.handler = handler
    with Http2(site.port) as client:
        for _ in range(2):
            answer = client.request()
            assert (answer.body, answer.ended, answer.get("transfer-encoding")) == (b"abc", True, None)


def test_trailers_pass_both_ways(site):
    def handler(session, request):
        session.send(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\nX-Sum: 7\r\n\r\n")

    site.backend.handler = handler
    with Http2(site.port) as client:
        stream = client.begin(method="POST", ends=False)
        client.send(stream, b"hello")
        client.trailers(stream, [("x-check", "1")])
        answer = client.answer(stream)
        assert (answer.body, answer.trailers) == (b"hi", [("x-sum", "7")])
    (seen,) = site.backend.requests
    assert (seen.body, seen.trailers) == (b"hello", [("x-check", "1")])


def test_an_answer_before_the_whole_request_ends_it(site):
    def early(session, head):
        session.answer(413, b"no")
        session.wait_gone()

    site.backend.on_connect = raw(early)
    with Http2(site.port) as client:
        stream = client.begin(method="POST", ends=False)
        client.send(stream, b"a" * 20_000)
        answer = client.answer(stream)
        assert (answer.status, answer.body) == (413, b"no")
        client.until(lambda: answer.reset is not None)
        assert answer.reset == NO_ERROR
        site.backend.on_connect = None
        assert client.request().status == 200
