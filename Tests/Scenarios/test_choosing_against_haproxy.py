"""`mode tcp`: what a ClientHello says chooses the backend, here and in Debian's haproxy."""

from __future__ import annotations

import ssl

import pytest
from harness.tcp import TCPServer, connect, read_all
from harness.twins import LOGGED

TEXT = LOGGED + """
frontend f
    mode tcp
    bind "127.0.0.1:${HTTP}"
    tcp-request inspect-delay 5s
    tcp-request content accept if { req.ssl_hello_type 1 }
    tcp-request content reject
    use_backend h2 if { req.ssl_alpn h2 }
    use_backend acme if { req.ssl_alpn acme-tls/1 } { req.ssl_sni -m end .test }
    use_backend one if { req.ssl_alpn -m beg http/1 }
    default_backend other
"""
NAMES = ["h2", "acme", "one", "other"]


def says(name: str):
    def serve(connection) -> None:
        connection.recv(65536)
        connection.sendall(name.encode())

    return serve


@pytest.fixture
def servers():
    started = {name: TCPServer(says(name)) for name in NAMES}
    yield started
    for server in started.values():
        server.close()


def hello(name: str | None, protocols: list[str]) -> bytes:
    """What a client says first."""
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    if protocols:
        context.set_alpn_protocols(protocols)
    came, goes = ssl.MemoryBIO(), ssl.MemoryBIO()
    with pytest.raises(ssl.SSLWantReadError):
        context.wrap_bio(came, goes, server_hostname=name).do_handshake()
    return goes.read()


HELLOS = {
    "h2": ("a.test", ["h2"]), "h2 without a name": (None, ["h2"]),
    "http/1.1": ("a.test", ["http/1.1"]), "http/1.0": (None, ["http/1.0"]), "acme": ("a.test", ["acme-tls/1"]),
    "acme elsewhere": ("a.other", ["acme-tls/1"]), "nothing": ("a.test", []), "neither": (None, []),
    "browser": ("a.test", ["h2", "http/1.1"]), "the other way round": ("a.test", ["http/1.1", "h2"]),
    "acme last": ("a.test", ["spdy/3", "acme-tls/1"]), "unknown": ("a.test", ["spdy/3", "h3"]), "nearly": ("a.test", ["h2c", "H2"]),
}  # fmt: skip


@pytest.mark.parametrize("pieces", [1, 3])
def test_a_backend_is_chosen_by_protocols_and_names(twins, servers, pieces):
    text = TEXT + "".join(f"backend {name}\n    mode tcp\n    server s {servers[name].endpoint}\n" for name in NAMES)
    pair = twins(text)
    hellos = {name: hello(*words) for name, words in HELLOS.items()} | {"no TLS": b"GET / HTTP/1.1\r\n\r\n"}

    def script(side):
        chosen = {}
        for name, data in hellos.items():
            with connect(side.ports["HTTP"]) as client:
                size = -(-len(data) // pieces)
                try:
                    for at in range(0, len(data), size):
                        client.sendall(data[at : at + size])
                    chosen[name] = read_all(client).decode()
                except ConnectionError:
                    chosen[name] = ""
        return chosen

    chosen = pair.agree(script)
    if pieces == 1:
        assert (chosen["h2"], chosen["http/1.1"], chosen["acme"], chosen["no TLS"]) == ("h2", "one", "acme", "")
        assert chosen["acme elsewhere"] == chosen["nothing"] == "other"
