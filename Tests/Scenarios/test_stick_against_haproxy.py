"""Persistence by stick tables: the same configuration and the same clients, here and in this machine's haproxy. Each scenario
tells which server answered whom."""

from __future__ import annotations

import socket
import time

import pytest
from harness.messages import Wire, read_response
from harness.waiting import wait_until

HEAD = """
global
    nbthread 1
defaults
    mode http
    timeout client 5s
    timeout connect 2s
    timeout server 5s
    retries 1
frontend f
    bind "127.0.0.1:${HTTP}"
    default_backend b
"""

SERVERS = """
    server a "127.0.0.1:${A}"
    server b "127.0.0.1:${B}"
    server c "127.0.0.1:${C}"
"""


def named(name):
    def answer(session, request):
        if request.target == "/close":
            return session.close()
        session.answer(body=name.encode(), headers=f"X-Name: {name}\r\nConnection: close\r\n")

    return answer


def who(side, *fields, path="/", source=None):
    """The name of the server that answered, or the status."""
    with socket.socket() as client:
        client.settimeout(10)
        if source:
            client.bind((source, 0))
        client.connect(("127.0.0.1", side.ports["HTTP"]))
        head = [f"GET {path} HTTP/1.1", "Host: a", *(f"{name}: {value}" for name, value in fields), "Connection: close"]
        client.sendall("\r\n".join(head).encode() + b"\r\n\r\n")
        answer = read_response(Wire(client), "GET")
    return answer.body.decode() if answer.status == 200 else answer.status


@pytest.fixture
def start(twins):
    def begin(text, *, servers=SERVERS, names="ABC", head=HEAD):
        return twins(head + "backend b\n" + text + servers, servers={name: named(name.lower()) for name in names})

    return begin


def of(name, values):
    """A script that asks with each of these values of a field."""
    def script(side):
        found = []
        for value in values:
            time.sleep(0.005)
            found.append(who(side, *([(name, value)] if value is not None else [])))
        return found

    return script


def test_a_key_keeps_its_server(start):
    pair = start("    stick-table type string len 20 size 100 expire 1m\n    stick on req.hdr(x-user)\n")
    order = pair.agree(of("X-User", ["u1", "u2", "u3", "u4", "u1", "u1", "u2", "u3", "u4", "u5", "u1"]))
    assert order[:4] == ["a", "b", "c", "a"] and order[4:6] == ["a", "a"]


def test_a_request_without_the_key_is_balanced_and_leaves_nothing(start):
    pair = start("    stick-table type string len 20 size 100\n    stick on req.hdr(x-user)\n")
    pair.agree(of("X-User", [None, None, "u1", None, "u1", None, "", "", "u1"]))


def test_by_address_of_the_client(start):
    pair = start("    stick-table type ip size 100 expire 1m\n    stick on src\n")
    sources = ["127.0.0.1", "127.0.0.2", "127.0.0.3", "127.0.0.1", "127.0.0.2", "127.0.0.3", "127.0.0.3", "127.0.0.1"]
    order = pair.agree(lambda side: [who(side, source=source) for source in sources])
    assert order == ["a", "b", "c", "a", "b", "c", "c", "a"]


def test_by_cookie(start):
    pair = start("    stick-table type string len 8 size 100\n    stick on req.cook(SID)\n")
    values = ["SID=1", "x=y; SID=2", "SID=1; x=y", "SID=12345678", "SID=123456789", "SID=2", None, "sid=1", "SID=1"]
    pair.agree(of("Cookie", values))


@pytest.mark.parametrize("length", ["", "len 5", "len 31", "len 32"])
def test_text_is_cut(start, length):
    pair = start(f"    stick-table type string {length} size 100\n    stick on req.hdr(x-user)\n")
    keys = ["k" * 30, "k" * 31, "k" * 32, "k" * 33, "k" * 31 + "x", "k" * 32 + "x", "kkkk", "kkkkk", "kkkkkk", "k" * 40]
    pair.agree(of("X-User", keys + keys))


@pytest.mark.parametrize(
    "kind, values",
    [
        ("integer", ["1", "2", "3", "01", "1x", "4294967297", "-1", "4294967295", "x", "0"]),
        ("ip", ["10.0.0.1", "10.0.0.2", "x", "::ffff:10.0.0.1", "2001:db8::1", "10.0.0.2"]),
        ("ipv6", ["10.0.0.1", "2001:db8::1", "::ffff:10.0.0.1", "2001:DB8:0::1", "x", "10.0.0.1"]),
        ("binary len 4", ["ab", "abcd", "abcde", "abc", "abcdf", "ab"]),
    ],
)
def test_keys_are_converted(start, kind, values):
    pair = start(f"    stick-table type {kind} size 100\n    stick on req.hdr(x-user)\n")
    pair.agree(of("X-User", values + values))


def test_match_alone_stores_nothing(start):
    pair = start("    stick-table type string size 100\n    stick match req.hdr(x-user)\n")
    assert pair.agree(of("X-User", ["u1", "u1", "u1", "u1"])) == ["a", "b", "c", "a"]


def test_store_and_match_by_different_fields(start):
    text = (
        "    stick-table type string size 100\n    stick match req.hdr(x-ask)\n    stick store-request req.hdr(x-tell)\n"
    )
    pair = start(text)

    def script(side):
        found = [who(side, ("X-Tell", "k1")), who(side, ("X-Tell", "k2")), who(side), who(side, ("X-Ask", "k1"))]
        found += [who(side, ("X-Ask", "k2"), ("X-Tell", "k1")), who(side, ("X-Ask", "k1")), who(side, ("X-Ask", "k9"))]
        return found

    assert pair.agree(script)[:6] == ["a", "b", "c", "a", "b", "b"]


def test_the_first_key_there_is_counts_for_a_table(start):
    text = "    stick-table type string size 100\n    stick on req.hdr(x-a)\n    stick on req.hdr(x-b)\n"
    pair = start(text)

    def script(side):
        asked = [[("X-A", "1"), ("X-B", "2")], [("X-B", "2")], [("X-A", "1")], [("X-B", "1")], [("X-A", "2")], [("X-B", "3")]]
        return [who(side, *fields) for fields in asked + asked]

    pair.agree(script)


def test_two_tables_are_asked_in_order(start):
    text = (
        "    stick-table type string size 100\n    stick match req.hdr(x-a) table t\n    stick match req.hdr(x-b)\n"
        "    stick store-request req.hdr(x-b)\n    stick store-request req.hdr(x-a) table t\n"
    )
    pair = start(text, servers=SERVERS + "backend t\n    stick-table type string size 100\n")

    def script(side):
        asked = [[("X-A", "1")], [("X-B", "2")], [("X-A", "1"), ("X-B", "2")], [("X-B", "2")], [("X-A", "2")]]
        return [who(side, *fields) for fields in asked + asked]

    pair.agree(script)


def test_backends_may_share_a_table_and_know_servers_by_name(start, twins):
    text = HEAD.replace("default_backend b", "default_backend b") + (
        """
frontend g
    bind "127.0.0.1:${OTHER}"
    default_backend x
backend b
    stick-table type string size 100
    stick on req.hdr(x-user)
    server a "127.0.0.1:${A}"
    server b "127.0.0.1:${B}"
backend x
    stick match req.hdr(x-user) table b
    server z "127.0.0.1:${C}"
    server b "127.0.0.1:${B}"
    server a "127.0.0.1:${A}"
"""
    )
    pair = twins(text, ports=["HTTP", "OTHER"], servers={name: named(name.lower()) for name in "ABC"})

    def script(side):
        found = [who(side, ("X-User", user)) for user in ("u1", "u2", "u1")]
        other = side.exchange("/", port="OTHER", headers=[("X-User", "u1")]).body
        return found, other, side.exchange("/", port="OTHER", headers=[("X-User", "u2")]).body

    assert pair.agree(script) == (["a", "b", "a"], b"a", b"b")


def test_a_server_that_refuses_is_left_and_the_entry_names_the_next(start):
    pair = start("    option redispatch\n    stick-table type string size 100\n    stick on req.hdr(x-user)\n")

    def script(side):
        found = [who(side, ("X-User", "u1")), who(side, ("X-User", "u1"))]
        side.backends["A"].refuse()
        found += [who(side, ("X-User", "u1"))]
        side.backends["A"].listen()
        time.sleep(1.1)
        return [*found, who(side, ("X-User", "u1")), who(side, ("X-User", "u1"))]

    found = pair.agree(script)
    assert found[:2] == ["a", "a"] and found[2] in ("b", "c") and found[3:] == [found[2]] * 2


def test_without_redispatch_the_client_stays_and_is_told(start):
    pair = start("    stick-table type string size 100\n    stick on req.hdr(x-user)\n")

    def script(side):
        found = [who(side, ("X-User", "u1"))]
        side.backends["A"].refuse()
        found += [who(side, ("X-User", "u1"))]
        side.backends["A"].listen()
        time.sleep(1.1)
        return [*found, who(side, ("X-User", "u1"))]

    assert pair.agree(script) == ["a", 503, "a"]


CHECKED = SERVERS.replace('}"', '}" check inter 500ms fall 1 rise 1')


@pytest.mark.parametrize("option", ["", "    option persist\n"])
def test_a_server_that_is_down_by_its_check(start, option):
    text = option + "    option redispatch\n    stick-table type string size 100\n    stick on req.hdr(x-user)\n"
    told = HEAD.replace("global\n", "global\n    log stdout format raw local0\n", 1).replace("defaults\n", "defaults\n    log global\n", 1)
    pair = start(text, servers=CHECKED, head=told)

    def script(side):
        found = [who(side, ("X-User", "u1"))]
        side.backends["A"].refuse()
        wait_until(lambda: "Server b/a is DOWN" in side.log, f"{side.name} has checked it")
        found += [who(side, ("X-User", "u1"))]
        side.backends["A"].listen()
        wait_until(lambda: "Server b/a is UP" in side.log, f"{side.name} has checked it again")
        found += [who(side, ("X-User", "u1"))]
        # Whose turn it is among those that are left is not what this is about.
        return [found[0], found[1] in ("b", "c"), found[2] == found[1]]

    assert pair.agree(script) == ["a", True, True]


def test_an_answer_that_never_comes_leaves_nothing(start):
    pair = start("    stick-table type string size 100\n    stick on req.hdr(x-user)\n")

    def script(side):
        found = [who(side, ("X-User", "u1"), path="/close")]
        return [*found, who(side, ("X-User", "u1")), who(side, ("X-User", "u1"))]

    assert pair.agree(script)[1:] == ["b", "b"]


def test_entries_expire_when_they_are_not_used(start):
    pair = start("    stick-table type string size 100 expire 5s\n    stick on req.hdr(x-user)\n")

    def script(side):
        found = []
        for pause in (0, 2.8, 2.8, 5.8, 0.1):
            time.sleep(pause)
            found.append(who(side, ("X-User", "u1")))
        return found

    assert pair.agree(script, at_once=True) == ["a", "a", "a", "b", "b"]


@pytest.mark.parametrize("expire", ["expire 1m", ""])
def test_a_full_table_forgets_the_oldest(start, expire):
    pair = start(f"    stick-table type string size 3 {expire}\n    stick on req.hdr(x-user)\n")
    assert pair.agree(of("X-User", ["u1", "u2", "u3", "u4", "u5", "u5", "u1"])) == ["a", "b", "c", "a", "b", "b", "c"]


def test_a_full_table_with_nopurge_takes_nothing_new(start):
    pair = start("    stick-table type string size 2 nopurge expire 1m\n    stick on req.hdr(x-user)\n")
    pair.agree(of("X-User", ["u1", "u2", "u3", "u3", "u1", "u2", "u3", "u1"]))


def test_the_cookie_comes_first_and_the_table_follows(start):
    text = "    cookie SRV insert indirect\n    stick-table type string size 100\n    stick on req.hdr(x-user)\n"
    servers = SERVERS
    for name in "abc":
        servers = servers.replace(f'${{{name.upper()}}}"', f'${{{name.upper()}}}" cookie {name}')
    pair = start(text, servers=servers)

    def script(side):
        found = [who(side, ("X-User", "u1"))]
        found += [who(side, ("X-User", "u1"), ("Cookie", "SRV=c")), who(side, ("X-User", "u1"))]
        return [*found, who(side, ("X-User", "u1"), ("Cookie", "SRV=nobody"))]

    assert pair.agree(script) == ["a", "c", "c", "c"]


def test_a_server_that_is_not_to_be_remembered(start):
    servers = SERVERS.replace('${B}"', '${B}" non-stick')
    pair = start("    stick-table type string size 100\n    stick on req.hdr(x-user)\n", servers=servers)
    pair.agree(of("X-User", ["u1", "u2", "u1", "u2", "u2", "u3", "u2"]))


def test_servers_by_address(start):
    pair = start("    stick-table type string size 100 srvkey addr\n    stick on req.hdr(x-user)\n")
    pair.agree(of("X-User", ["u1", "u2", "u1", "u2", "u3", "u1"]))


def test_answers_store_too(start):
    pair = start("    stick-table type ip size 100\n    stick match src\n    stick store-response src\n")
    sources = ["127.0.0.1", "127.0.0.2", "127.0.0.1", "127.0.0.2", "127.0.0.3", "127.0.0.1"]
    assert pair.agree(lambda side: [who(side, source=source) for source in sources]) == ["a", "b", "a", "b", "c", "a"]


def test_answers_have_keys_of_their_own(start):
    lines = """    stick-table type string size 100
    stick match req.hdr(x-want)
    stick store-response res.hdr(x-name) unless { res.hdr(x-name) c }
"""
    pair = start(lines)

    def script(side):
        first = [who(side) for _ in range(3)]
        return first, [who(side, ("X-Want", name)) for name in ("b", "a", "b", "a", "b", "a")]

    assert pair.agree(script) == (["a", "b", "c"], ["b", "a", "b", "a", "b", "a"])


def test_lines_may_have_conditions(start):
    lines = """    acl user req.hdr(x-user) -m found
    stick-table type string size 100
    stick match req.hdr(x-user) if user !{ path /free }
    stick store-request req.hdr(x-user) unless { path /passing } or { path /free }
"""
    pair = start(lines)

    def script(side):
        paths = ["/passing", "/", "/", "/passing", "/free", "/free", "/", "/free", "/"]
        return [who(side, ("X-User", "u"), path=path) for path in paths]

    found = pair.agree(script)
    # Stored by the second, kept by all but those that are free.
    assert {found[i] for i in (1, 2, 3, 6, 8)} == {found[1]} and found[1] != found[0]
    assert {found[i] for i in (4, 5, 7)} != {found[1]}


def test_tcp_sessions_stick_too(twins):
    text = HEAD.replace("mode http", "mode tcp") + "backend b\n    stick-table type ip size 100\n    stick on src\n" + SERVERS
    pair = twins(text, servers={name: named(name.lower()) for name in "ABC"})
    sources = ["127.0.0.1", "127.0.0.2", "127.0.0.1", "127.0.0.2", "127.0.0.3", "127.0.0.1"]
    assert pair.agree(lambda side: [who(side, source=source) for source in sources]) == ["a", "b", "a", "b", "c", "a"]


def test_hash_of_an_expression_and_converters(start):
    pair = start("    stick-table type string len 10 size 100\n    stick on req.hdr(x-user),lower,field(1,-)\n")
    pair.agree(of("X-User", ["Ann-1", "ann-2", "Bob-1", "ANN", "bob", "-x", "ann-3"]))


LINES = [
    ("stick on src", True), ("stick on src table nowhere", False), ("stick on", False), ("stick on nothing", False),
    ("stick on req.hdr(a) table t", True), ("stick on src,lower", True), ("stick match src bogus", False),
    ("stick store-response req.hdr(a)", None), ("stick", False), ("stick sometimes src", False),
    ("stick on src if { path / }", True), ("stick match src unless nothing", False), ("stick on src if", None),
]  # fmt: skip


@pytest.mark.parametrize("line, takes", LINES)
def test_lines_are_taken_or_refused_alike(tmp_path, line, takes):
    from harness.twins import HAPROXY, verdicts

    if not HAPROXY:
        pytest.skip("haproxy is not installed")
    text = (
        "defaults\n    mode http\n    timeout client 1s\n    timeout connect 5s\n    timeout server 1s\n"
        f"backend b\n    stick-table type ip size 5\n    {line}\n    server s 127.0.0.1:1\n"
        "backend t\n    stick-table type string size 5\nfrontend f\n    bind 127.0.0.1:65000\n    default_backend b\n"
    )
    found = verdicts(tmp_path, text)
    if takes is None:
        return
    assert found["haproxy"][0] == takes
    assert found["sluice"][0] == takes
