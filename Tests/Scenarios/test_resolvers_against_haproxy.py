"""Servers that name servers find, as Debian's haproxy has it. A scripted name server answers both under other names."""

from __future__ import annotations

import re

import pytest
from harness.backend import named
from harness.names import NXDOMAIN, REFUSED, SERVFAIL, NameServer
from harness.runtime import said
from harness.twins import HAPROXY, Side, Twins
from harness.waiting import holds_for, wait_everywhere, wait_until

# Names have the port of a side's backend in them.
TEXT = """
global
    stats socket "${DIR}/admin.sock" mode 600 level admin
    stats timeout 5s
    log stdout format raw local0
defaults
    mode http
    log global
    timeout client 20s
    timeout connect 5s
    timeout server 20s
resolvers names
    nameserver one 127.0.0.1:DNS
    resolve_retries 5
    timeout resolve 200ms
    timeout retry 500ms
    hold nx 800ms
    hold refused 800ms
    hold timeout 3s
    hold other 800ms
    accepted_payload_size 4096
resolvers streams
    nameserver one tcp@127.0.0.1:DNS
    timeout resolve 200ms
    timeout retry 200ms
frontend f
    bind "127.0.0.1:${HTTP}"
    http-request do-resolve(txn.four,names,ipv4) req.hdr(x-ask),lower if { req.hdr(x-ask) -m found }
    http-request do-resolve(txn.six,names) req.hdr(x-ask-six) if { req.hdr(x-ask-six) -m found }
    http-request return status 200 hdr x-found "%[var(txn.four)] %[var(txn.six)]" if { path /told }
    use_backend %[path,field(2,/)]
backend single
    default-server resolvers names init-addr none resolve-prefer ipv4
    server s "single.${A}.test:${A}"
backend pair
    server-template p 1-2 "pair.${A}.test:${A}" resolvers names init-addr none resolve-prefer ipv4
backend service
    server-template w 1-2 "_http._tcp.${A}.test" resolvers names resolve-prefer ipv4 resolve-opts allow-dup-ip
backend checked
    server c "checked.${A}.test:${A}" resolvers names init-addr none resolve-prefer ipv4 check inter 100ms
backend begun
    server s "begun.${A}.test:${A}" resolvers streams init-addr 127.0.0.1 resolve-prefer ipv4
backend streams
    server s "stream.${A}.test:${A}" resolvers streams init-addr none resolve-prefer ipv4
backend asking
    http-request do-resolve(txn.later,names,ipv4) req.hdr(x-later)
    http-request set-header x-later-found "%[var(txn.later)]"
    server s "127.0.0.1:${B}"
backend anywhere
    http-request do-resolve(txn.to,names,ipv4) req.hdr(x-to)
    http-request set-dst var(txn.to) if { var(txn.to) -m found }
    http-request set-dst-port req.hdr(x-port)
    http-request set-header x-dst "%[dst]:%[dst_port]"
    server any 0.0.0.0:0
backend still
    server s "still.${A}.test:${A}" init-addr none
    server t "127.0.0.1:${A}"
"""

COLUMNS = {"address": 4, "operation": 5, "administration": 6, "weight": 7, "name": 17, "port": 18, "record": 19}


@pytest.fixture
def names():
    with NameServer() as server:
        yield server


@pytest.fixture
def pair(tmp_path, names):
    if not HAPROXY:
        pytest.skip("haproxy is not installed")
    twins = Twins(
        tmp_path, TEXT.replace("DNS", str(names.port)), ports=["HTTP"], servers={"A": named("a"), "B": named("b")}
    )
    yield twins
    twins.close()


def port(side: Side, key: str = "A") -> int:
    return side.backends[key].port


def row(side: Side, backend: str, server: str, *columns: str) -> tuple[str, ...]:
    """What `show servers state` says of a server, as soon as it is known there; the side's own port is A."""
    rows: list[tuple[str, ...]] = []
    wait_until(lambda: rows.extend(_rows(side, backend, server, columns)) or rows, f"{side.name} has {backend}/{server}", 15)
    return rows[-1]


def _rows(side: Side, backend: str, server: str, columns: tuple[str, ...]) -> list[tuple[str, ...]]:
    rows = []
    for line in said(side, f"show servers state {backend}\n").splitlines()[2:]:
        words = line.replace(str(port(side)), "A").replace(str(port(side, "B")), "B").split()
        if words[1:4:2] == [backend, server]:
            # 64 is that its name is another than the file's, which 2.6 says of services' servers for ever.
            words[COLUMNS["administration"]] = str(int(words[COLUMNS["administration"]]) & ~64)
            rows.append(tuple(words[COLUMNS[column]] for column in columns))
    return rows


def becomes(side: Side, backend: str, server: str, *, timeout: float = 20.0, **wanted: str) -> None:
    """Waits until `show servers state` says so."""
    expected = tuple(wanted.values())
    seen: list[tuple[str, ...]] = []

    def holds() -> bool:
        seen[:] = [row(side, backend, server, *wanted)]
        return seen[0] == expected

    try:
        wait_until(holds, "", timeout)
    except AssertionError:
        raise AssertionError(f"{side.name}: {backend}/{server} is {seen}, not {wanted}") from None


def answers(side: Side, path: str, status: int) -> None:
    wait_until(lambda: side.exchange(path).status == status, f"{side.name} answers {status} to {path}", 10)


def status(side: Side, backend: str, server: str) -> str:
    """What the statistics say a server is, as soon as they know it."""
    found: list[str] = []
    wait_until(lambda: found.extend(_statuses(side, backend, server)) or found, f"{side.name} has {backend}/{server}", 15)
    return found[-1]


def _statuses(side: Side, backend: str, server: str) -> list[str]:
    lines = [line.split(",") for line in said(side, "show stat\n").splitlines()]
    return [words[17] for words in lines if words[:2] == [backend, server]]


# Found


def test_a_server_without_an_address_is_out_of_service_and_comes_when_its_name_has_one(pair, names):
    def script(side: Side) -> object:
        becomes(side, "single", "s", administration="32", operation="0")
        before = (status(side, "single", "s"), side.exchange("/single").status)
        names.addresses(f"single.{port(side)}.test", "127.0.0.1")
        becomes(side, "single", "s", address="127.0.0.1", administration="0", operation="2")
        answers(side, "/single", 200)
        return before, row(side, "single", "s", *COLUMNS), status(side, "single", "s")

    found = pair.agree(script)
    assert found[0] == ("MAINT (resolution)", 503)
    assert found[1] == ("127.0.0.1", "2", "0", "1", "single.A.test", "A", "-")


def test_it_follows_its_name_through_an_alias_too(pair, names):
    def script(side: Side) -> None:
        name = f"single.{port(side)}.test"
        names.addresses(name, "127.0.0.9")
        becomes(side, "single", "s", address="127.0.0.9")
        names.addresses(name, "127.0.0.1", alias="other.test")
        becomes(side, "single", "s", address="127.0.0.1")
        answers(side, "/single", 200)

    pair.agree(script)


def test_ipv6_is_used_where_there_is_nothing_else(pair, names):
    def script(side: Side) -> None:
        names.addresses(f"single.{port(side)}.test", "::1")
        becomes(side, "single", "s", address="::1", administration="0")

    pair.agree(script)


def test_a_name_server_may_be_asked_over_tcp(pair, names):
    def script(side: Side) -> None:
        name = f"stream.{port(side)}.test"
        names.addresses(name, "127.0.0.9")
        becomes(side, "streams", "s", address="127.0.0.9")
        names.addresses(name, "127.0.0.1")
        answers(side, "/streams", 200)

    pair.agree(script)


def test_a_checked_server_is_checked_from_then_on(pair, names):
    def script(side: Side) -> object:
        becomes(side, "checked", "c", administration="32")
        names.addresses(f"checked.{port(side)}.test", "127.0.0.1")
        wait_until(lambda: status(side, "checked", "c") == "UP", "it is up", 10)
        names.addresses(f"checked.{port(side)}.test", "127.0.0.9")
        wait_until(lambda: status(side, "checked", "c") == "DOWN", "nobody listens there", 10)
        names.addresses(f"checked.{port(side)}.test", "127.0.0.1")
        wait_until(lambda: status(side, "checked", "c") == "UP", "it is back", 10)
        # Workers hear of it a moment later.
        answers(side, "/checked", 200)

    pair.agree(script)


# Lost


@pytest.mark.parametrize("how", ["absent", "refused", "failed", "silent"])
def test_what_was_known_is_held_and_then_the_server_is_out_of_service_until_somebody_knows(pair, names, how):
    def script(side: Side) -> object:
        name = f"single.{port(side)}.test"
        names.addresses(name, "127.0.0.1")
        answers(side, "/single", 200)
        if how == "silent":
            names.silent(name)
        else:
            names.fails(name, {"absent": NXDOMAIN, "refused": REFUSED, "failed": SERVFAIL}[how])
        becomes(side, "single", "s", administration="32", operation="0")
        # Workers hear of it a moment later.
        wait_everywhere(lambda: side.exchange("/single").status == 503, f"{side.name} has nobody")
        lost = status(side, "single", "s")
        names.addresses(name, "127.0.0.1")
        becomes(side, "single", "s", administration="0")
        answers(side, "/single", 200)
        return lost

    assert pair.agree(script) == "MAINT (resolution)"


def test_a_cut_answer_is_none(pair, names):
    def script(side: Side) -> None:
        name = f"single.{port(side)}.test"
        names.addresses(name, "127.0.0.1")
        names.cuts(name)
        wait_until(
            lambda: re.search(r"truncated: +[1-9]", said(side, "show resolvers names\n")), "a cut answer counts", 10
        )
        becomes(side, "single", "s", administration="32")

    pair.agree(script)


def test_log_lines_say_why(pair, names):
    def script(side: Side) -> list[str]:
        name = f"single.{port(side)}.test"
        names.addresses(name, "127.0.0.1")
        becomes(side, "single", "s", administration="0")
        names.fails(name, NXDOMAIN)
        becomes(side, "single", "s", administration="32")
        patterns = [
            r"Server single/s \('single\.\d+\.test'\) is UP/READY \(resolves again\)",
            r"Server single/s is going DOWN for maintenance \(DNS NX status\)",
            r"backend '?single'? has no server available",
        ]
        return [wait_until(lambda: re.search(p, side.log), f"{p} in the log", 10).re.pattern for p in patterns]

    pair.agree(script)


# Several


def test_servers_of_one_name_have_an_address_each_and_keep_it(pair, names):
    def script(side: Side) -> object:
        name = f"pair.{port(side)}.test"
        names.addresses(name, "127.0.0.1", "127.0.0.2")
        for server in ("p1", "p2"):
            becomes(side, "pair", server, administration="0")
        first = [row(side, "pair", server, "address")[0] for server in ("p1", "p2")]
        # Another order is no news, and neither is one that comes besides.
        names.addresses(name, "127.0.0.3", "127.0.0.2", "127.0.0.1")
        asked = len(names.questions)
        wait_until(lambda: len(names.questions) > asked + 40, "it is asked for again", 10)
        assert [row(side, "pair", server, "address")[0] for server in ("p1", "p2")] == first
        # Who loses its own gets the one that is free; without one it is out.
        names.addresses(name, "127.0.0.3", first[1])
        becomes(side, "pair", "p1", address="127.0.0.3")
        names.addresses(name, first[1])
        becomes(side, "pair", "p1", administration="32")
        return sorted(first), row(side, "pair", "p2", "administration")

    assert pair.agree(script) == (["127.0.0.1", "127.0.0.2"], ("0",))


def test_records_of_a_service_say_hosts_ports_and_weights(pair, names):
    def script(side: Side) -> object:
        name, a, b = f"_http._tcp.{port(side)}.test", port(side), port(side, "B")
        host = f"host.{a}.test"
        names.addresses(host, "127.0.0.1")
        names.service(name, (host, a, 256), (host, b, 512))
        for server in ("w1", "w2"):
            becomes(side, "service", server, administration="0")
        columns = ("address", "weight", "name", "port", "record")
        both = sorted(row(side, "service", server, *columns) for server in ("w1", "w2"))
        # Workers hear of it a moment later.
        wait_until(lambda: {side.exchange("/service").body for _ in range(6)} == {b"a", b"b"}, f"{side.name} asks both", 10)
        gone = "w1" if row(side, "service", "w1", "port") == ("A",) else "w2"
        names.service(name, (host, b, 512))
        becomes(side, "service", gone, administration="32", name="-")
        wait_until(lambda: {side.exchange("/service").body for _ in range(4)} == {b"b"}, "b alone serves", 10)
        names.service(name, (host, b, 512), (host, a, 65535))
        becomes(side, "service", gone, administration="0", port="A", weight="256")
        return both

    assert pair.agree(script) == [
        ("127.0.0.1", "1", "host.A.test", "A", "_http._tcp.A.test"),
        ("127.0.0.1", "2", "host.A.test", "B", "_http._tcp.A.test"),
    ]


def test_an_address_beside_a_record_is_used_without_a_question(pair, names):
    def script(side: Side) -> object:
        host = f"beside.{port(side)}.test"
        names.service(f"_http._tcp.{port(side)}.test", (host, port(side), 0), beside={host: "127.0.0.1"})

        def known() -> list[str]:
            return [row(side, "service", server, "address")[0] for server in ("w1", "w2")]

        wait_until(lambda: "127.0.0.1" in known(), "it is used", 10)
        return [name for name, _ in names.questions if name == host]

    assert pair.agree(script) == []


# Rules


def told(side: Side, **asked: str) -> str:
    headers = [(name.replace("_", "-"), value) for name, value in asked.items()]
    return dict(side.exchange("/told", headers=headers).fields)["x-found"].strip()


def test_a_rule_asks_for_a_name_and_waits(pair, names):
    def script(side: Side) -> object:
        name = f"asked.{port(side)}.test"
        names.addresses(name, "127.0.0.7", "::7")
        both = told(side, x_ask=name.upper(), x_ask_six=name)
        names.addresses(f"four.{port(side)}.test", "127.0.0.8")
        return both, told(side, x_ask=f"four.{port(side)}.test", x_ask_six=f"four.{port(side)}.test")

    assert pair.agree(script) == ("127.0.0.7 ::7", "127.0.0.8 127.0.0.8")


def test_what_nobody_knows_leaves_the_variable_as_it_was(pair, names):
    def script(side: Side) -> object:
        names.silent(f"slow.{port(side)}.test")
        return [
            told(side, x_ask=name) for name in (f"none.{port(side)}.test", f"slow.{port(side)}.test", "no..name", "")
        ]

    assert pair.agree(script) == ["", "", "", ""]


def test_an_answer_is_good_for_a_while(pair, names):
    # 2.6 forgets it with the request.
    side = pair.sluice
    name = f"kept.{port(side)}.test"
    names.addresses(name, "127.0.0.7")
    first = told(side, x_ask=name)
    names.addresses(name, "127.0.0.8")
    assert (first, told(side, x_ask=name)) == ("127.0.0.7", "127.0.0.7")


def test_rules_of_backends_wait_too_and_bodies_arrive(pair, names):
    def script(side: Side) -> object:
        name = f"later.{port(side)}.test"
        names.addresses(name, "127.0.0.9")
        with side.client() as client:
            first = client.request("/asking", method="POST", body=b"x" * 100_000, headers=[("x-later", name)])
            second = client.request("/asking", headers=[("x-later", name)])
        request = side.backends["B"].requests[0]
        return first.status, second.status, dict(request.fields).get("x-later-found"), len(request.body)

    pair.agree(script)


def test_a_request_goes_where_rules_say(pair, names):
    def script(side: Side) -> object:
        name = f"to.{port(side)}.test"
        names.addresses(name, "127.0.0.1")
        with side.client() as client:
            bodies = [
                client.request("/anywhere", headers=[("x-to", name), ("x-port", str(number))]).body
                for number in (port(side), port(side, "B"), port(side), port(side))
            ]
        wanted = dict(side.backends["B"].requests[0].fields)["x-dst"]
        return bodies, wanted.replace(str(port(side, "B")), "B")

    assert pair.agree(script) == ([b"a", b"b", b"a", b"a"], "127.0.0.1:B")


def test_a_client_that_leaves_meanwhile_is_forgotten(pair, names):
    side = pair.sluice
    name = f"slow.{port(side)}.test"
    names.silent(name)
    with side.client() as client:
        client.send(f"GET /told HTTP/1.1\r\nHost: a\r\nx-ask: {name}\r\n\r\n".encode())
        wait_until(lambda: (name, "A") in names.questions, "it is asked for", 10)
    names.addresses(name, "127.0.0.7")
    wait_until(lambda: told(side, x_ask=name) == "127.0.0.7", "others are told", 10)


# Operators


def test_another_name_can_be_said_at_run_time(pair, names):
    def script(side: Side) -> object:
        names.addresses(f"single.{port(side)}.test", "127.0.0.9")
        names.addresses(f"moved.{port(side)}.test", "127.0.0.1")
        becomes(side, "single", "s", address="127.0.0.9")
        told = said(side, f"set server single/s fqdn moved.{port(side)}.test\n").replace(str(port(side)), "A")
        becomes(side, "single", "s", address="127.0.0.1", name="moved.A.test")
        answers(side, "/single", 200)
        return told, said(side, "set server service/w1 fqdn a.test\n"), said(side, "set server still/t fqdn a.test\n")

    pair.agree(script)


def test_name_servers_are_told_of(pair, names):
    def script(side: Side) -> object:
        names.addresses(f"single.{port(side)}.test", "127.0.0.1")
        becomes(side, "single", "s", administration="0")
        lines = said(side, "show resolvers names\n")
        wait_until(lambda: re.search(r"  nx: +[1-9]", said(side, "show resolvers names\n")), "others do not exist", 10)
        assert re.search(r"  sent: +[1-9]", lines) and re.search(r"  valid: +[1-9]", lines)
        return re.sub(r"\d+", "N", lines), said(side, "show resolvers other\n")

    pair.agree(script)


def test_without_name_servers_an_operator_says_the_address(pair):
    # 2.6 takes none for a server that has none.
    side = pair.sluice
    columns = ("address", "administration", "operation")
    assert pair.agree(lambda side: row(side, "still", "s", *columns)) == ("-", "32", "0")
    said(side, f"set server still/s addr 127.0.0.1 port {port(side, 'B')}\n")
    wait_until(lambda: {side.exchange("/still").body for _ in range(4)} == {b"a", b"b"}, "both serve", 10)
    assert row(side, "still", "s", *columns) == ("127.0.0.1", "0", "2")


def test_a_server_begins_where_init_addr_says(pair, names):
    def script(side: Side) -> None:
        names.addresses(f"begun.{port(side)}.test", "127.0.0.9")
        becomes(side, "begun", "s", address="127.0.0.9")

    # How long haproxy holds what it never asked for depends on its clock.
    assert row(pair.sluice, "begun", "s", "address") == ("127.0.0.1",)
    pair.agree(script)
