"""HTTP/2 to servers over TLS: nginx and grpcio as servers, and Debian's haproxy beside us; which versions are spoken where."""

from __future__ import annotations

import ssl
from concurrent import futures

import grpc
import pytest

from harness.client import Client
from harness.http2 import Http2
from harness.http2_server import Http2Server
from harness.nginx import NGINX, Nginx
from harness.twins import HAPROXY, echo, verdicts
from harness.waiting import wait_until
from test_grpc_servers import Echo
from test_server_tls_cfg import AUTHORITY, POD, Proxy, files  # noqa: F401

pytestmark = [
    pytest.mark.sanitizer,
    pytest.mark.skipif(NGINX is None, reason="nginx is not installed"),
]

PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\x00\x00\x00\x04\x00\x00\x00\x00\x00"
LARGE = bytes(range(256)) * 8192


def ignore(tunnel, data: bytes) -> None:
    """No tunnels."""


@pytest.fixture
def nginx(tmp_path):
    """Starts nginx with the options of its `listen`."""
    started: list[Nginx] = []

    def start(options: str = "ssl http2") -> Nginx:
        started.append(Nginx(tmp_path / f"nginx{len(started)}", POD.certificate + POD.key, options, {"large": LARGE}))
        return started[-1]

    yield start
    for server in started:
        server.close()


# nginx


@pytest.mark.parametrize(
    ("options", "words", "version"),
    [
        ("ssl http2", "alpn h2,http/1.1", "HTTP/2.0"),
        ("ssl http2", "alpn h2", "HTTP/2.0"),
        ("ssl http2", "alpn http/1.1", "HTTP/1.1"),
        ("ssl http2", "", "HTTP/1.1"),
        ("ssl", "alpn h2,http/1.1", "HTTP/1.1"),
        ("ssl http2", "alpn http/1.1,h2", "HTTP/2.0"),
        ("http2", None, "HTTP/2.0"),
    ],
)
def test_a_server_is_spoken_to_as_it_chooses(nginx, files, options, words, version):  # noqa: F811
    server = nginx(options)
    line = f"{server.port} proto h2" if words is None else f"{server.port} ssl verify none {words}"
    with Proxy(files, line, "--workers", "2") as proxy:
        bodies = [proxy.ask().body.decode().split() for _ in range(5)]
        assert {body[0] for body in bodies} == {version}
        assert {body[1] for body in bodies} == {"http" if words is None else "https"}
        assert len({body[-1] for body in bodies}) <= 2, "one connection of each worker carries all of them"


def test_bodies_come_whole_over_one_connection(nginx, files):  # noqa: F811
    with Proxy(files, f"{nginx().port} ssl verify required ca-file ca.pem sni str(pod.test) alpn h2,http/1.1") as proxy:
        with Http2(proxy.port) as client:
            streams = [client.begin("/files/large", host="pod.test") for _ in range(5)]
            answers = [client.answer(stream) for stream in streams]
        assert [answer.status for answer in answers] == [200] * 5
        assert all(bytes(answer.body) == LARGE for answer in answers)
        assert " 1" in proxy.metric("sluice_upstream_tls_handshakes_total")


def test_a_reload_of_the_server_loses_no_request(nginx, files):  # noqa: F811
    server = nginx()
    # What is on its way to a worker that ends is lost, if nothing may be said again.
    repeating = "\n    retries 3\n    retry-on conn-failure empty-response"
    with Proxy(files, f"{server.port} ssl verify none alpn h2,http/1.1{repeating}") as proxy:
        assert proxy.ask().status == 200
        server.process.send_signal(1)
        assert [proxy.ask().status for _ in range(30)] == [200] * 30


# gRPC


@pytest.fixture(scope="module")
def grpc_server():
    server = grpc.server(futures.ThreadPoolExecutor(8))
    server.add_generic_rpc_handlers((Echo(),))
    credentials = grpc.ssl_server_credentials([(POD.key, POD.certificate)])
    port = server.add_secure_port("127.0.0.1:0", credentials)
    server.start()
    yield port
    server.stop(None).wait()


@pytest.fixture(params=["alpn h2", "proto h2", "alpn h2,http/1.1"])
def channel(request, files, grpc_server):  # noqa: F811
    server = f"{grpc_server} ssl verify required ca-file ca.pem sni str(pod.test) {request.param}"
    with Proxy(files, server) as proxy:
        with grpc.insecure_channel(f"127.0.0.1:{proxy.port}", [("grpc.default_authority", "pod.test")]) as channel:
            yield channel


def test_unary_calls_reach_a_server_with_credentials(channel):
    call = channel.unary_unary("/echo.Echo/Unary")
    for message in [b"", b"hello", b"x" * 1_000_000]:
        assert call(message, timeout=30) == message
    calls = [call.future(b"%d" % i, timeout=30) for i in range(200)]
    assert [future.result() for future in calls] == [b"%d" % i for i in range(200)]
    with pytest.raises(grpc.RpcError) as caught:
        channel.unary_unary("/echo.Echo/Fail")(b"", timeout=30)
    assert (caught.value.code(), caught.value.details()) == (grpc.StatusCode.NOT_FOUND, "none of that")


def test_both_sides_stream(channel):
    asked = []

    def requests():
        for i in range(50):
            asked.append(b"%d" % i * 1000)
            yield asked[-1]

    answers = channel.stream_stream("/echo.Echo/Both")(requests(), timeout=30)
    assert list(answers) == asked and len(asked) == 50
    assert list(channel.unary_stream("/echo.Echo/Down")(b"500", timeout=30)) == [b"%d" % i for i in range(500)]


# What fails


def wait_logged(proxy: Proxy, *words: str) -> None:
    wait_until(lambda: all(word in proxy.log.read_text() for word in words), f"the log says {words}")


def test_a_server_that_must_speak_http_2_and_does_not_is_refused_with_the_cause(nginx, files):  # noqa: F811
    with Proxy(files, f"{nginx('ssl').port} ssl verify none proto h2") as proxy:
        assert proxy.ask().status == 503
        wait_logged(proxy, "TLS handshake with the server failed (no application protocol)", " 503 ", " SC-- ")
        wait_until(lambda: 'cause="no application protocol"' in proxy.metric("sluice_upstream_tls_failures_total"), "it is counted")


@pytest.mark.parametrize("words", ["", "alpn h2,http/1.1", "proto h2"])
def test_a_server_that_can_not_be_verified_ends_alike_over_both_versions(nginx, files, words):  # noqa: F811
    with Proxy(files, f"{nginx().port} ssl verify required ca-file stranger.pem {words}") as proxy:
        assert proxy.ask().status == 503
        wait_logged(proxy, "TLS handshake with the server failed (peer certificate untrusted)", " 503 ", " SC-- ")


# Beside haproxy

TWINS = """
defaults
    mode http
    timeout client 5s
    timeout connect 5s
    timeout server 5s
    retries 0
listen f
    bind "127.0.0.1:${{HTTP}}"
    server s 127.0.0.1:{server}
"""


@pytest.mark.parametrize("options", ["ssl http2", "ssl"])
@pytest.mark.parametrize("words", ["", "alpn h2", "alpn h2,http/1.1", "alpn http/1.1", "alpn h2 proto h2"])
def test_versions_are_chosen_as_haproxy_chooses_them(twins, nginx, options, words):
    server = nginx(options)
    pair = twins(TWINS.format(server=f"{server.port} ssl verify none {words}"))

    def script(side):
        seen = side.get(host="a.test", without=["content-length"])
        return seen.status, seen.body.split()[:3]

    pair.agree(script)


BIND = """
defaults
    mode http
    timeout client 5s
    timeout connect 5s
    timeout server 5s
listen f
    bind "127.0.0.1:${{HTTP}}" {words}
    server s "127.0.0.1:${{A}}"
"""


def spoken(side, secure: bool, offered: list[str] | None) -> list[bool | None]:
    """Whether ALPN chose HTTP/2, and whether who then speaks HTTP/1.1, or HTTP/2, is answered."""

    def context() -> ssl.SSLContext | None:
        if not secure:
            return None
        made = ssl.create_default_context()
        made.check_hostname, made.verify_mode = False, ssl.CERT_NONE
        if offered:
            made.set_alpn_protocols(offered)
        return made

    with side.client(tls=context()) as client:
        is_chosen = secure and client.socket.selected_alpn_protocol() == "h2"
        client.send(b"GET / HTTP/1.1\r\nHost: a.test\r\nConnection: close\r\n\r\n")
        try:
            is_old = client.socket.recv(64).startswith(b"HTTP/1.1 200")
        except OSError:
            is_old = False
    try:
        with side.client(tls=context()) as client:
            client.send(PREFACE)
            # Its SETTINGS, or an answer of HTTP/1, or nothing.
            is_new = client.socket.recv(64)[3:4] == b"\x04"
    except OSError:
        is_new = False
    return [is_chosen, is_new] if is_chosen else [is_chosen, is_old, None if secure else is_new]


@pytest.mark.parametrize("words", ["", "proto h1", "proto h2", "alpn http/1.1"])
def test_clients_without_tls_speak_what_the_bind_says(twins, words):
    pair = twins(BIND.format(words=words), servers={"A": echo})
    assert pair.agree(lambda side: spoken(side, False, None))


@pytest.mark.parametrize("offered", [["h2", "http/1.1"], ["http/1.1"], None], ids=str)
@pytest.mark.parametrize("words", ["alpn h2,http/1.1", "alpn h2", "alpn http/1.1", "alpn h2 proto h2", "proto h1"])
def test_clients_with_tls_agree_on_what_the_bind_says(twins, words, offered):
    text = BIND.format(words=f'ssl crt "${{DIR}}/site.pem" {words}')
    pair = twins(text, servers={"A": echo}, files={"site.pem": POD.certificate + POD.key})
    assert pair.agree(lambda side: spoken(side, True, offered))


@pytest.mark.parametrize(
    ("mode", "bind", "server"),
    [
        ("http", "proto h1", ""), ("http", "proto h2", "proto h2"), ("http", "proto h3", ""), ("http", "", "proto x"),
        ("http", "proto none", ""), ("http", "", "proto none"), ("http", "proto fcgi", ""), ("tcp", "proto h2", ""),
        ("tcp", "", "proto h1"), ("tcp", "proto none", "proto none"), ("http", "", 'alpn ""'), ("http", "", "alpn"),
    ],
)  # fmt: skip
@pytest.mark.skipif(not HAPROXY, reason="haproxy is not installed")
def test_words_are_taken_or_refused_alike(tmp_path, mode, bind, server):
    text = BIND.replace('"127.0.0.1:${{HTTP}}"', "127.0.0.1:1").replace('"127.0.0.1:${{A}}"', "127.0.0.1:1 " + server)
    found = verdicts(tmp_path, text.replace("mode http", f"mode {mode}").format(words=bind))
    assert found["haproxy"] == found["sluice"]


# The PROXY protocol


def told(header: bytes) -> object:
    """A header without the client's port, which nobody chooses."""
    if header.startswith(b"PROXY"):
        return header.split()[:4]
    return header[:24], len(header)


@pytest.mark.skipif(not HAPROXY, reason="haproxy is not installed")
@pytest.mark.parametrize("secure", [False, True], ids=["h2c", "TLS"])
@pytest.mark.parametrize(("words", "version"), [("send-proxy", 1), ("send-proxy-v2", 2)])
def test_a_proxy_header_goes_ahead_of_everything(twins, tmp_path, words, version, secure):
    server = Http2Server(ignore, pem=POD.certificate + POD.key if secure else None, folder=tmp_path, proxy_version=version)
    line = f"{server.port} {words} " + ("ssl verify none alpn h2" if secure else "proto h2")
    # With one thread haproxy opens a third one; each of two has a client.
    pair = twins("global\n    nbthread 2\n" + TWINS.format(server=line))

    def script(side):
        server.announced.clear()
        with side.client() as first, side.client() as second:
            statuses = [client.request(host="a.test").status for client in [first, second, first, first, second]]
        return statuses, [told(header) for header in server.announced]

    statuses, headers = pair.agree(script)
    assert statuses == [200] * 5 and len(headers) == 2, "a connection for each client"
    server.close()


# Faults


@pytest.mark.parametrize(
    ("fields", "cause"),
    [([("X-Upper", "1")], "fieldName"), ([("connection", "close")], "connectionField"), ([("content-length", "5")], "bodyLength")],
)  # fmt: skip
def test_a_server_that_breaks_a_rule_is_counted_by_cause(files, fields, cause):  # noqa: F811
    server = Http2Server(ignore, pem=POD.certificate + POD.key, folder=files, answer=fields)
    with Proxy(files, f"{server.port} ssl verify none alpn h2") as proxy:
        with Client(proxy.port) as client:
            assert client.request("/answer").status == 502
            assert client.request("/").status == 200, "the connection lives on"
        assert proxy.metric("sluice_upstream_http2_faults_total").endswith(f'cause="{cause}"}} 1')
    server.close()
