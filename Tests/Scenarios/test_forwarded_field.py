"""The field Forwarded (RFC 7239) as servers get it by `option forwarded` (HAProxy 2.8; Debian's is older)."""

from __future__ import annotations

import pytest
from harness.backend import Backend
from harness.client import Client
from harness.http2 import Http2
from harness.serving import serving
from harness.twins import echo

FILE = """
global
    nbthread 1
defaults
    mode http
    timeout client 20s
    timeout connect 5s
    timeout server 20s
    OPTION
frontend web
    bind "127.0.0.1:${HTTP}"
    http-request set-dst str(192.0.2.7)
    http-request set-dst-port int(4443)
    default_backend app
backend app
    server one "127.0.0.1:${A}"
"""


@pytest.fixture
def forwarded(tmp_path):
    backend = Backend(echo)
    running = []

    def start(words: str):
        """Gives what asks: the values of the field, and the port it was asked from."""
        site = serving(tmp_path, FILE.replace("OPTION", f"option forwarded {words}"), backend)
        running.append(site)
        port = next(site)[0]

        def ask(*headers: tuple[str, str], host: str = "a.test") -> tuple[list[str], int]:
            with Client(port) as client:
                own = client.socket.getsockname()[1]
                lines = client.request("/", host=host, headers=headers).body.decode().splitlines()
            return [line.removeprefix("forwarded: ") for line in lines if line.startswith("forwarded: ")], own

        ask.port = port
        return ask

    yield start
    for site in running:
        next(site, None)


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("", "proto=http;for=127.0.0.1"),
        ("proto", "proto=http"),
        ("host for-expr src,xxh32,hex for_port", 'host="a.test";for="_XXH:PORT"'),
        ("host-expr str(host.com) by-expr str(_haproxy) for for_port-expr int(10)", 'host="host.com";by=_haproxy;for="127.0.0.1:10"'),
        ("for-expr req.hdr(x-who)", "for=unknown"),
        ("by by_port for", 'by="192.0.2.7:4443";for=127.0.0.1'),
        ("for-expr str(::1),ipmask(32,128) by-expr str([::2])", 'by="[::2]";for="[::1]"'),
        ("host-expr str(not-a-host) proto", 'proto=http;host=""'),
    ],
)  # fmt: skip
def test_what_is_said(forwarded, words, expected):
    values, port = forwarded(words)()
    assert len(values) == 1
    if "XXH" in expected:
        start, end = expected.replace("PORT", str(port)).split("XXH")
        assert values[0].startswith(start) and values[0].endswith(end)
        number = values[0][len(start) : len(values[0]) - len(end)]
        assert len(number) == 16 and int(number, 16) > 0
    else:
        assert values == [expected]


def test_what_a_client_sent_is_kept_and_goes_on_only_if_it_can_be_trusted(forwarded):
    ask = forwarded("for")
    own = "for=127.0.0.1"
    assert ask(("Forwarded", "for=192.0.2.1"))[0] == [f"for=192.0.2.1,{own}"]
    assert ask(("Forwarded", "for=192.0.2.1;proto=https, for=_x"))[0] == [f"for=192.0.2.1;proto=https, for=_x,{own}"]
    assert ask(("Forwarded", "for=192.0.2.1"), ("Forwarded", "for=192.0.2.2"))[0] == ["for=192.0.2.1", f"for=192.0.2.2,{own}"]
    assert ask(("Forwarded", "for=192.0.2.1;secret=x"))[0] == ["for=192.0.2.1;secret=x", own]
    assert ask(("Forwarded", "for=192.0.2.1"), ("Forwarded", 'for="open'))[0] == ["for=192.0.2.1", 'for="open', own]
    assert ask(("Forwarded", ""))[0][-1] == own


def test_nobody_can_say_more_than_one_part(forwarded):
    ask = forwarded("host for-expr req.hdr(x-who) for_port-expr req.hdr(x-port)")
    assert ask(("X-Who", "_ok"), ("X-Port", "_p"))[0] == ['host="a.test";for="_ok:_p"']
    bad = '1";proto=https;for="2'
    assert ask(("X-Who", bad), ("X-Port", bad), host="a_b.test")[0] == ['host="";for="unknown"']


def test_requests_of_http2_say_their_host(forwarded):
    ask = forwarded("host proto")
    with Http2(ask.port) as client:
        answer = client.request(host="two.test")
    assert b'forwarded: proto=http;host="two.test"' in answer.body
