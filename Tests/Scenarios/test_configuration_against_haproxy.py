"""`sluice proxy` and Debian's haproxy, the same file and the same traffic: what clients and servers see is the same."""

from __future__ import annotations

import pytest
from harness.backend import Session, named
from harness.messages import Request
from harness.twins import HAPROXY, echo, verdicts
from harness.waiting import wait_until

DEFAULTS = """
defaults
    mode http
    timeout client 5s
    timeout connect 5s
    timeout server 5s
"""
SITE = 'frontend f\n    bind "127.0.0.1:${HTTP}"\n    default_backend b\n'
SERVER = 'backend b\n    server s "127.0.0.1:${A}"\n'
THREE = "".join(f'    server {n} "127.0.0.1:${{{n.upper()}}}" cookie {n}\n' for n in "abc")


NAMED = {name: named(name) for name in "ABC"}


@pytest.mark.sanitizer
@pytest.mark.parametrize(
    "arguments",
    [
        {},
        {"path": "/a/b?c=d&e"},
        {"method": "POST", "body": b"x=1"},
        {"method": "PUT", "body": b""},
        {"headers": [("X-One", "1"), ("X-Two", "a, b"), ("Accept", "*/*")]},
        {"headers": [("X-Forwarded-For", "192.0.2.1")]},
        {"host": "other.test:8080"},
        {"method": "DELETE", "path": "/thing"},
        {"headers": [("Cookie", "a=1; b=2")]},
    ],
    ids=str,
)
@pytest.mark.parametrize("lines", ["", "    option forwardfor\n", "    option forwardfor header X-Client if-none\n"])
def test_requests_reach_the_server_alike(twins, lines, arguments):
    pair = twins(DEFAULTS + SITE + lines + SERVER, servers={"A": echo})
    pair.agree(lambda side: side.get(**arguments))


def test_each_frontend_has_its_own_default_backend(twins):
    text = DEFAULTS + SITE + 'frontend g\n    bind "127.0.0.1:${OTHER}"\n    default_backend c\n'
    text += SERVER + 'backend c\n    server s "127.0.0.1:${B}"\n'
    pair = twins(text, ports=["HTTP", "OTHER"], servers=NAMED)
    assert pair.agree(lambda side: [side.get(port=port).body for port in side.ports]) == [b"A", b"B"]


@pytest.mark.parametrize(
    ("balance", "order"),
    [("roundrobin", b"abcabc"), ("static-rr", b"abcabc"), ("first", b"aaaaaa"), ("leastconn", b"abcabc")],
)
def test_servers_take_turns_alike(twins, balance, order):
    servers = {name: named(name.lower()) for name in "ABC"}
    # Where the fewest are depends on whether the last one has left, which another thread learns of later.
    head = "global\n    nbthread 1\n" if balance == "leastconn" else ""
    pair = twins(head + DEFAULTS + SITE + f"backend b\n    balance {balance}\n" + THREE, servers=servers)
    assert b"".join(pair.agree(lambda side: [side.get().body for _ in range(6)])) == order


@pytest.mark.parametrize("balance", ["uri", "url_param id", "hdr(x-key)", "source"])
@pytest.mark.parametrize("kind", ["map-based", "consistent", "consistent djb2 avalanche"])
def test_hashes_choose_alike(twins, balance, kind):
    pair = twins(DEFAULTS + SITE + f"backend b\n    balance {balance}\n    hash-type {kind}\n" + THREE, servers=NAMED)
    pair.agree(lambda side: [side.get(f"/p{i}?id={i}", headers=[("X-Key", f"k{i}")]).body for i in range(12)])


@pytest.mark.parametrize(
    "words",
    ["insert", "insert indirect", "insert indirect nocache httponly secure", "insert domain a.test", "prefix", "rewrite"],
)
@pytest.mark.parametrize("cookie", ["", "S=b", "S=nobody", "x=1; S=c; y=2"])
def test_cookies_keep_clients_alike(twins, words, cookie):
    pair = twins(DEFAULTS + SITE + f"backend b\n    cookie S {words}\n" + THREE, servers={n: echo for n in "ABC"})
    headers = [("Cookie", cookie)] if cookie else []
    pair.agree(lambda side: side.get(headers=headers))


def test_without_servers_or_with_dead_ones_clients_get_503(twins):
    text = DEFAULTS + SITE + 'frontend g\n    bind "127.0.0.1:${EMPTY}"\nbackend b\n    retries 0\n    server s 127.0.0.1:1\n'
    pair = twins(text, ports=["HTTP", "EMPTY"])
    assert pair.agree(lambda side: [side.get(port=port).status for port in side.ports]) == [503, 503]


def test_a_checked_server_that_is_gone_gets_nothing(twins):
    text = DEFAULTS + SITE + "backend b\n    option httpchk\n    http-check send meth GET uri /health ver HTTP/1.1 hdr Host a\n"
    text += "    timeout check 10s\n    default-server check inter 1s fall 1 rise 1\n" + THREE + "    server dead 127.0.0.1:1\n"
    pair = twins(text, servers=NAMED)

    def settled(side) -> set[bytes]:
        """Who answers twelve requests once the dead server has been found out."""

        def who() -> set[bytes]:
            return {side.get().body for _ in range(12)}

        # So often that no worker is left out: each learns of it by itself.
        wait_until(lambda: all(who() == {b"A", b"B", b"C"} for _ in range(4)), f"{side.name} has checked")
        return who()

    assert pair.agree(settled) == {b"A", b"B", b"C"}


@pytest.mark.sanitizer
def test_mode_tcp_carries_bytes(twins):
    text = DEFAULTS.replace("mode http", "mode tcp") + SITE + SERVER
    pair = twins(text, servers={"A": named("bytes")})
    assert pair.agree(lambda side: side.get().body) == b"bytes"


def page(session: Session, request: Request) -> None:
    """100 kB that are worth compressing."""
    session.answer(body=b"a line of a page\n" * 6_000)


@pytest.mark.sanitizer
@pytest.mark.parametrize(
    "limit, codings",
    [("", ["gzip", "gzip"]), ("maxcomprate 0", ["gzip", "gzip"]), ("maxcomprate 1", ["gzip", None]),
     ("maxcompcpuusage 100", ["gzip", "gzip"]), ("tune.comp.maxlevel 9", ["gzip", "gzip"])],
)  # fmt: skip
def test_compression_costs_no_more_than_it_may(twins, limit, codings):
    text = f"global\n    {limit}\n" + DEFAULTS + SITE + "    compression algo gzip\n" + SERVER

    def ask(side):
        return dict(side.get(headers=[("Accept-Encoding", "gzip")]).headers).get("content-encoding")

    def script(side):
        """The first, and whether one of the next goes without."""
        first, later = ask(side), [ask(side) for _ in range(4)]
        return [first, None if None in later else "gzip"]

    assert twins(text, servers={"A": page}).agree(script) == codings


def test_an_environment_variable_may_have_a_default(twins):
    text = DEFAULTS + SITE.replace("127.0.0.1", "${NOWHERE-127.0.0.1}") + SERVER
    assert twins(text, servers=NAMED).agree(lambda side: side.get().body) == b"A"


GOOD = [
    "timeout client 1d", "timeout client 1000us", "timeout client 24d", "maxconn 10", "option httplog", "no option dontlognull",
    "bind *:1", "bind :::1", "bind [::1]:1", "bind 127.0.0.1:1,127.0.0.2:1-3", "bind ipv4@:1",
    r"bind 127.0.0.1:\x38\x30", 'bind "127.0.0.1":1', "bind '127.0.0.1:1' # a comment", 'bind "127.0.0.1:${NONE-1}"',
    "option forwardfor except 127.0.0.0/8 header x", "option httpclose", "description \"a b\"",
]  # fmt: skip
BAD = [
    "timeout client 0.5s", "timeout client 5x", "timeout client 25d", "timeout client", "timeout client 1s 2s", "tiemout client 1s",
    "timeout clinet 1s", "option forwardfro", "no bind :1", "bind", "bind 1.2.3.4", "bind :1 sll", "server a 127.0.0.1:1", "nothing",
    'bind ":1', "bind ':1", r"bind :\xg0", 'bind ":${A"', 'bind ":${1}"', "mode htpp", "bind 300.0.0.1:99999", "no option httplog",
]  # fmt: skip
GOOD_SERVERS = [
    "server a 127.0.0.1:1", "server a [::1]:1", "server a 127.0.0.1:1 weight 256 cookie x", "server a 127.0.0.1:1 check inter 1s",
    "balance uri len 10 depth 2", "balance url_param x", "balance hdr(host) use_domain_only", "balance random(3)", "retries 0",
    "hash-type consistent sdbm avalanche", "cookie A insert indirect nocache maxidle 30m", "cookie A prefix", "option redispatch",
    "server-template a 3 127.0.0.1:1", "default-server weight 10 check", "option httpchk GET /", "http-check expect status 200",
    "http-check expect ! string x", "http-reuse aggressive",
    "server a 127.0.0.1:1 send-proxy-v2 proxy-v2-options ssl,cert-cn", "server a 127.0.0.1:1 maxconn 5",
]  # fmt: skip
BAD_SERVERS = [
    "server a", "server", "server a 127.0.0.1:1 weight 257", "server a 127.0.0.1:1 wieght 3", "server a 127.0.0.1:1 cookie",
    "balance roundrobbin", "balance uri len x", "hash-type consistant", "hash-type consistent sdbm avalance", "cookie",
    "cookie A insert rewrite", "cookie A rewrite indirect", "cookie A bogus", "server a 127.0.0.1:1 rise 0",
    "http-check expect status", "http-reuse sometimes",
]  # fmt: skip


BAD_GLOBAL = [
    "maxcompcpuusage 101", "maxcompcpuusage -1", "maxcompcpuusage", "maxcomprate", "tune.comp.maxlevel 0",
    "tune.comp.maxlevel 10", "tune.comp.maxlevel",
]  # fmt: skip


def verdict(folder, line: str, section: str) -> dict:
    head = DEFAULTS + "listen other\n    bind :1\n    server s 127.0.0.1:1\n" + section
    found = verdicts(folder, f"{head}\n    {line}\n")
    assert found["sluice"] == found["haproxy"]
    return found["sluice"]


@pytest.mark.skipif(not HAPROXY, reason="haproxy is not installed")
@pytest.mark.parametrize("line", GOOD)
def test_both_take_a_line_of_a_frontend(tmp_path, line):
    assert verdict(tmp_path, line, "frontend f")[0]


@pytest.mark.skipif(not HAPROXY, reason="haproxy is not installed")
@pytest.mark.parametrize("line", BAD)
def test_both_refuse_a_line_of_a_frontend_by_its_number(tmp_path, line):
    assert verdict(tmp_path, line, "frontend f") == (False, {11})


@pytest.mark.skipif(not HAPROXY, reason="haproxy is not installed")
@pytest.mark.parametrize("line", GOOD_SERVERS)
def test_both_take_a_line_of_a_backend(tmp_path, line):
    assert verdict(tmp_path, line, "backend f")[0]


@pytest.mark.skipif(not HAPROXY, reason="haproxy is not installed")
@pytest.mark.parametrize("line", BAD_SERVERS)
def test_both_refuse_a_line_of_a_backend_by_its_number(tmp_path, line):
    assert verdict(tmp_path, line, "backend f") == (False, {11})


@pytest.mark.skipif(not HAPROXY, reason="haproxy is not installed")
@pytest.mark.parametrize("line", BAD_GLOBAL)
def test_both_refuse_a_line_of_global_by_its_number(tmp_path, line):
    assert verdict(tmp_path, line, "global") == (False, {11})
