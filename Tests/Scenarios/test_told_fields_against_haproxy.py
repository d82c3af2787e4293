"""What servers are told of a request's addresses by options of frontends and backends, as by Debian's haproxy."""

from __future__ import annotations

import pytest
from harness.http2_server import Http2Server
from harness.twins import echo

FILE = """
defaults
    mode http
    timeout client 5s
    timeout connect 5s
    timeout server 5s
frontend f
    bind "127.0.0.1:${HTTP}"
    %s
    default_backend b
frontend g
    bind "127.0.0.1:${OTHER}"
    default_backend b
backend b
    %s
    server s "127.0.0.1:${A}"
"""
PORTS = ["HTTP", "OTHER"]
SENT = [("X-Forwarded-For", "192.0.2.9"), ("X-Original-To", "192.0.2.8"), ("X-Client", "c"), ("X-Dst", "d")]


@pytest.mark.parametrize(
    "front",
    [
        "", "option originalto", "option originalto header X-Dst", "option originalto except 127.0.0.0/8",
        "option forwardfor\n    option originalto", "option forwardfor if-none", "option forwardfor except 127.0.0.1",
        "http-request set-dst str(192.0.2.77)\n    option originalto",
        "http-request set-src str(192.0.2.78)\n    option forwardfor",
    ],
    ids=str,
)  # fmt: skip
@pytest.mark.parametrize(
    "back",
    [
        "", "option originalto", "option originalto header X-Dst\n    option forwardfor header X-Client",
        "option forwardfor if-none\n    option originalto except 127.0.0.1", "option forwardfor header X-Client if-none",
    ],
    ids=str,
)  # fmt: skip
def test_addresses_are_told_as_the_frontend_and_the_backend_say(twins, front, back):
    pair = twins(FILE % (front, back), ports=PORTS, servers={"A": echo})
    for port in PORTS:
        for headers in ([], SENT):
            pair.agree(lambda side: side.get("/x", port=port, headers=headers))


def test_what_defaults_say_counts_once(twins):
    text = FILE.replace("mode http", "mode http\n    option forwardfor\n    option originalto header x-to")
    pair = twins(text % ("", "option forwardfor header x-own"), ports=PORTS, servers={"A": echo})
    seen = pair.agree(lambda side: side.get("/x", headers=SENT))
    assert seen.body.count(b"x-own: 127.0.0.1") == seen.body.count(b"x-to: 127.0.0.1") == 1


def test_a_listen_section_that_serves_others_too(twins):
    text = FILE.replace("\nbackend b", '\nlisten b\n    bind "127.0.0.1:${OWN}"') % ("", "option originalto\n    option forwardfor")
    pair = twins(text, ports=[*PORTS, "OWN"], servers={"A": echo})
    for port in (*PORTS, "OWN"):
        seen = pair.agree(lambda side: side.get("/x", port=port))
        assert seen.body.count(b"x-original-to: 127.0.0.1") == seen.body.count(b"x-forwarded-for: 127.0.0.1") == 1


def test_servers_of_http2_are_told_the_same(twins):
    server = Http2Server(lambda tunnel, data: None)
    lines = "option originalto\n    option forwardfor header X-Client\n    http-send-name-header X-Server"
    text = (FILE % ("", lines)).replace('server s "127.0.0.1:${A}"', f"server s {server.endpoint} proto h2")
    pair = twins(text, ports=PORTS)

    def script(side):
        assert side.get("/x", headers=[*SENT, ("X-Server", "mine")]).status == 200
        return {name: value for name, value in server.requests.pop().items() if name.startswith("x-")}

    told = pair.agree(script)
    assert (told["x-server"], told["x-client"], told["x-original-to"]) == ("s", "127.0.0.1", "127.0.0.1")
    server.close()
