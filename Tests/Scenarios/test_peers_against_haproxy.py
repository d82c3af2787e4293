"""Stick tables that several processes share: two Sluices, and a Sluice with this machine's haproxy, in both directions."""

from __future__ import annotations

import contextlib
import re
import socket

import pytest
from harness.backend import Backend
from harness.peers import Nodes
from harness.twins import HAPROXY
from harness.waiting import holds_for, wait_until

pytestmark = pytest.mark.skipif(HAPROXY is None, reason="needs haproxy")

# Who tells, and who is told.
PAIRS = [("sluice", "sluice"), ("sluice", "haproxy"), ("haproxy", "sluice")]

# Windows so long that nothing fades while a test runs.
EVERYTHING = (
    "server_id,gpt0,gpc0,gpc0_rate(1h),conn_cnt,conn_rate(1h),conn_cur,sess_cnt,sess_rate(1h),http_req_cnt,http_req_rate(1h),"
    "http_err_cnt,http_err_rate(1h),bytes_in_cnt,bytes_in_rate(1h),bytes_out_cnt,bytes_out_rate(1h),gpc1,gpc1_rate(1h),"
    "http_fail_cnt,http_fail_rate(1h)"
)

FRONTEND = """
frontend f
    bind "127.0.0.1:${HTTP}"
    http-request track-sc0 req.hdr(x-key) table TABLE if { req.hdr(x-key) -m found }
    http-request sc-inc-gpc0(0) if { req.hdr(x-gpc0) -m found }
    http-request return status 404 if { path /missing }
    http-request return status 200
"""


@pytest.fixture
def nodes(tmp_path):
    found = Nodes(tmp_path)
    yield found
    found.close()


def counting(table: str = "cluster/own") -> str:
    return FRONTEND.replace("TABLE", table)


def own(stored: str, rest: str = "type string len 20 size 10k expire 10m") -> str:
    return f"    table own {rest} store {stored}\n"


@pytest.mark.parametrize("teller, listener", PAIRS)
def test_everything_that_is_counted_arrives(nodes, teller, listener):
    one, two = nodes(teller, listener, text=counting(), section=own(EVERYTHING))
    for path in ["/", "/", "/missing"]:
        one.get(path, X_Key="k", X_Gpc0="1")
    one.set("cluster/own", "k", gpt0=77, gpc1=5, server_id=3)

    def sides():
        return [node.rows("cluster/own").get("k") for node in (one, two)]

    def is_told() -> bool:
        # What is sent and who is there is counted behind the last answer.
        first, second = sides()
        return first is not None and first == second and first["conn_cur"] == "0"

    wait_until(is_told, "both say the same")
    row = sides()[1]
    assert row["gpt0"] == "77" and row["gpc1"] == "5" and row["server_id"] == "3" and row["gpc0"] == "3"
    assert row["http_req_cnt"] == "3" and row["http_req_rate(3600000)"] == "3" and row["gpc0_rate(3600000)"] == "3"
    assert int(row["bytes_in_cnt"]) > 100 and int(row["bytes_out_cnt"]) > 100


@pytest.mark.parametrize("teller, listener", PAIRS)
def test_arrays_arrive(nodes, teller, listener):
    text = counting().replace("sc-inc-gpc0(0)", "sc-inc-gpc(1,0)")
    one, two = nodes(teller, listener, text=text, section=own("gpt(2),gpc(3),gpc_rate(2,1h)"))
    for _ in range(3):
        one.get(X_Key="k", X_Gpc0="1")
    # What elements are called is another thing in each version.
    expected = ["0", "0", "0", "3", "0", "0", "3"]
    wait_until(lambda: [*one.rows("cluster/own").get("k", {}).values()] == expected, "it is counted")
    wait_until(lambda: [*two.rows("cluster/own").get("k", {}).values()] == expected, "the other one says the same")


@pytest.mark.parametrize("teller, listener", PAIRS)
@pytest.mark.parametrize(
    "kind, key",
    [
        ("ip", "192.0.2.7"), ("ipv6", "2001:db8::7"), ("integer", "4000000000"), ("integer", "0"), ("string len 5", "abcde"),
        ("string", "a-text-of-some-length"),
    ],
)  # fmt: skip
def test_keys_of_every_type(nodes, teller, listener, kind, key):
    one, two = nodes(teller, listener, text=counting(), section=own("gpc0", f"type {kind} size 100"))
    one.set("cluster/own", key, gpc0=9)
    wait_until(lambda: two.knows("cluster/own", key, gpc0=9), "the other one knows the key")


@pytest.mark.parametrize("teller, listener", PAIRS)
def test_keys_of_bytes(nodes, teller, listener):
    one, two = nodes(teller, listener, text=counting(), section=own("gpc0", "type binary len 6 size 100"))
    one.get(X_Key="abc", X_Gpc0="1")
    wait_until(lambda: two.knows("cluster/own", "616263000000", gpc0=1), "the other one knows the key")


@pytest.mark.parametrize("teller, listener", PAIRS)
def test_tables_of_proxies_are_shared_by_their_names(nodes, teller, listener):
    text = counting("shared") + """
backend shared
    stick-table type string len 20 size 100 expire 10m store gpc0 peers cluster
backend alone
    stick-table type string len 20 size 100 expire 10m store gpc0
"""
    one, two = nodes(teller, listener, text=text)
    one.set("alone", "k", gpc0=1)
    one.get(X_Key="k", X_Gpc0="1")
    wait_until(lambda: two.knows("shared", "k", gpc0=1), "the other one knows the key")
    assert two.rows("alone") == {}


@pytest.mark.parametrize("teller, listener", PAIRS)
def test_changes_go_both_ways(nodes, teller, listener):
    one, two = nodes(teller, listener, text=counting(), section=own("http_req_cnt"))
    one.get(X_Key="k")
    wait_until(lambda: two.knows("cluster/own", "k", http_req_cnt=1), "the second one has learned")

    def goes_back():
        # Who ends a request says once more what it knows, which may come after what the other one has counted.
        two.get(X_Key="k")
        return int(one.rows("cluster/own")["k"]["http_req_cnt"]) > 1

    wait_until(goes_back, "the first one has learned")
    for number in range(50):
        (one, two)[number % 2].get(X_Key=f"n{number}")
    wait_until(lambda: len(one.rows("cluster/own")) == len(two.rows("cluster/own")) == 51, "both know all")


@pytest.mark.parametrize("teller, listener", PAIRS)
def test_a_limit_counts_for_both(nodes, teller, listener):
    text = """
frontend f
    bind "127.0.0.1:${HTTP}"
    http-request track-sc0 req.hdr(x-key) table cluster/own
    http-request deny deny_status 429 if { sc_http_req_rate(0) gt 3 }
    http-request return status 200
"""
    one, two = nodes(teller, listener, text=text, section=own("http_req_rate(1h)"))
    assert [one.get(X_Key="k").status for _ in range(4)] == [200, 200, 200, 429]
    wait_until(lambda: two.knows("cluster/own", "k", **{"http_req_rate(3600000)": 4}), "the other one has learned")
    assert two.get(X_Key="k").status == 429
    assert two.get(X_Key="other").status == 200


@pytest.mark.parametrize("teller, listener", PAIRS)
def test_whom_one_sticks_to_a_server_the_other_does_too(nodes, teller, listener):
    def named(name):
        return lambda session, request: session.answer(body=name.encode(), headers="Connection: close\r\n")

    backends = {name: Backend(named(name)) for name in "abc"}
    text = """
frontend f
    bind "127.0.0.1:${HTTP}"
    default_backend b
backend b
    balance roundrobin
    stick-table type string len 20 size 100 expire 10m peers cluster
    stick on req.hdr(x-user)
    server a "127.0.0.1:${A}"
    server b "127.0.0.1:${B}"
    server c "127.0.0.1:${C}"
"""
    try:
        ports = {name.upper(): str(backend.port) for name, backend in backends.items()}
        one, two = nodes(teller, listener, text=text, **ports)
        users = [f"u{number}" for number in range(6)]
        servers = [one.get(X_User=user).body for user in users]
        assert set(servers) == {b"a", b"b", b"c"}
        wait_until(lambda: len(two.rows("b")) == 6, "the other one knows all users")
        assert [two.get(X_User=user).body for user in reversed(users)] == servers[::-1]
    finally:
        for backend in backends.values():
            backend.close()


@pytest.mark.parametrize("teller, listener", PAIRS)
def test_entries_expire_on_both_sides(nodes, teller, listener):
    one, two = nodes(teller, listener, text=counting(), section=own("gpc0", "type string len 20 size 100 expire 5s"))
    one.get(X_Key="k", X_Gpc0="1")
    wait_until(lambda: two.knows("cluster/own", "k", gpc0=1), "the other one knows the key")
    wait_until(lambda: one.rows("cluster/own") == {} == two.rows("cluster/own"), "both have forgotten")


@pytest.mark.parametrize("teller, listener", PAIRS)
def test_a_process_that_begins_anew_is_told_everything(nodes, teller, listener):
    one, two = nodes(teller, listener, text=counting(), section=own("gpc0,http_req_cnt"))
    for number in range(20):
        one.get(X_Key=f"k{number}", X_Gpc0="1")
    two.get(X_Key="of-two")
    wait_until(lambda: len(one.rows("cluster/own")) == 21, "the first one knows what the second one counted")
    two.stop()
    one.get(X_Key="meanwhile")
    two.start()
    # haproxy waits for an earlier process of its own name first, 5 s.
    wait_until(lambda: len(two.rows("cluster/own")) == 22, "the second one has learned everything", 30)
    assert two.knows("cluster/own", "k7", gpc0=1, http_req_cnt=1) and two.knows("cluster/own", "of-two", http_req_cnt=1)
    two.get(X_Key="k7")
    wait_until(lambda: one.knows("cluster/own", "k7", http_req_cnt=2), "changes go on")


@pytest.mark.parametrize("teller, listener", PAIRS)
def test_many_entries_arrive(nodes, teller, listener):
    one, two = nodes(teller, listener, text=counting(), section=own("gpc0", "type integer size 100k"))
    commands = [f"set table cluster/own key {number} data.gpc0 {number}" for number in range(3_000)]
    for start in range(0, len(commands), 100):
        one.ask(";".join(commands[start : start + 100]))
    wait_until(lambda: len(two.rows("cluster/own")) == 3_000, "all have arrived", 30)
    assert all(row["gpc0"] == key for key, row in two.rows("cluster/own").items())


def test_what_is_learned_is_not_passed_on(nodes):
    one, two, three = nodes("sluice", "haproxy", "sluice", text=counting(), section=own("gpc0"))
    one.get(X_Key="k", X_Gpc0="1")
    wait_until(lambda: two.knows("cluster/own", "k", gpc0=1) and three.knows("cluster/own", "k", gpc0=1), "both know")
    one.get(X_Key="k", X_Gpc0="1")
    wait_until(lambda: two.knows("cluster/own", "k", gpc0=2) and three.knows("cluster/own", "k", gpc0=2), "both know")


# Who calls, and what is said.


def reached(port: int) -> socket.socket | None:
    """A connection, once the command line answers and others are listened to a moment later."""
    with contextlib.suppress(ConnectionRefusedError):
        return socket.create_connection(("127.0.0.1", port), 20)
    return None


def greet(port: int, *lines: str) -> tuple[socket.socket, bytes]:
    client = wait_until(lambda: reached(port), "peers are listened to")
    client.sendall("".join(f"{line}\n" for line in lines).encode())
    answer = b""
    while not answer.endswith(b"\n") and (chunk := client.recv(1)):
        answer += chunk
    return client, answer


def hear(client: socket.socket, wanted: bytes) -> None:
    heard = b""
    while wanted not in heard:
        chunk = client.recv(4096)
        assert chunk, f"the connection has ended behind {heard!r}"
        heard += chunk


@pytest.mark.parametrize("program", ["sluice", "haproxy"])
@pytest.mark.parametrize(
    "lines, status",
    [
        (["HAProxyS 2.1", "one", "nobody 1 1"], b"200\n"), (["HAProxyS 2.0", "one", "nobody 1 1"], b"200\n"),
        (["HAProxyS 2.1", "other", "nobody 1 1"], b"503\n"), (["HAProxyS 2.1", "one", "stranger 1 1"], b"504\n"),
        (["HAProxyS 2.9", "one", "nobody 1 1"], b"502\n"), (["HAProxyS 1.0", "one", "nobody 1 1"], b"502\n"),
        (["GET / HTTP/1.1", "one", "nobody 1 1"], b"501\n"), (["HAProxyS 2.1", "one", "nobody"], b"501\n"),
    ],
)  # fmt: skip
def test_callers_are_told_who_may_come(nodes, program, lines, status):
    nodes(program, text=counting(), section=own("gpc0"))
    client, answer = greet(nodes.ports["one"], *lines)
    with client:
        assert answer == status
        if status != b"200\n":
            assert client.recv(1) == b""


def test_who_says_nonsense_is_dropped_and_the_others_stay(nodes):
    one, two = nodes("sluice", "sluice", text=counting(), section=own("gpc0"))
    before = one.count("proto_err")
    for nonsense in [b"\xff\xff\xff\xff", b"\x0a\x80" + b"\xff" * 12, b"\x0a\x82\x03\x01\x00\x04", b"\x0a\x80\xff\xff\xff\x7f"]:
        client, answer = greet(nodes.ports["one"], "HAProxyS 2.1", "one", "nobody 1 1")
        with client:
            assert answer == b"200\n"
            client.sendall(nonsense)
            rest = b""
            while chunk := client.recv(4096):
                rest += chunk
        assert rest[-2:-1] == b"\x01", rest
    wait_until(lambda: one.count("proto_err") == before + 4, "the faults are counted")
    client = socket.create_connection(("127.0.0.1", nodes.ports["one"]), 20)
    # What is not read of it may become a reset.
    with client, contextlib.suppress(ConnectionResetError, BrokenPipeError):
        client.sendall(b"x" * 5000)
        assert client.recv(100) in (b"501\n", b"")
    wait_until(lambda: "what it says makes no sense" in one.log, "the log says it")
    one.get(X_Key="k", X_Gpc0="1")
    wait_until(lambda: two.knows("cluster/own", "k", gpc0=1), "the other one still learns")


def test_those_who_say_nothing_keep_nobody_out(nodes):
    one, two = nodes("sluice", "sluice", text=counting(), section=own("gpc0"))
    silent = [reached(nodes.ports["one"]) for _ in range(60)]
    # Who has come first is sent away for those behind.
    wait_until(lambda: "too many say nothing" in one.ask("show peers"), "they are seen")
    assert silent[0] is not None and silent[0].recv(1) == b""
    client, answer = greet(nodes.ports["one"], "HAProxyS 2.1", "one", "nobody 1 1")
    with client:
        assert answer == b"200\n"
        two.stop()
        two.start()
        one.get(X_Key="k", X_Gpc0="1")
        wait_until(lambda: two.knows("cluster/own", "k", gpc0=1), "the other one has come back and learns", 30)
    for connection in silent:
        connection.close()


def test_a_later_connection_takes_the_place_of_the_first(nodes):
    (one,) = nodes("sluice", text=counting(), section=own("gpc0"))
    first, answer = greet(nodes.ports["one"], "HAProxyS 2.1", "one", "nobody 1 1")
    assert answer == b"200\n"
    second, answer = greet(nodes.ports["one"], "HAProxyS 2.1", "one", "nobody 1 1")
    with first, second:
        assert answer == b"200\n"
        while first.recv(4096):
            pass
        # It is asked for everything first, and told nothing before it has said that there is nothing.
        hear(second, b"\x00\x00")
        second.sendall(b"\x00\x01")
        one.get(X_Key="k", X_Gpc0="1")
        hear(second, b"/own")
    wait_until(lambda: one.count("coll") == 1, "it is counted")


def test_show_peers_tells_who_is_there(nodes):
    one, two = nodes("sluice", "haproxy", text=counting(), section=own("gpc0"))
    one.get(X_Key="k", X_Gpc0="1")
    told = r"last_pushed=([1-9]\d*) last_get=\d+ teaching_origin=0 update=\1\n"
    wait_until(lambda: re.search(told, one.ask("show peers cluster")), "all is told, and confirmed")
    assert "No such peers" in one.ask("show peers other")
    text = one.ask("show peers dict cluster")
    assert f"id=one(local,inactive) addr=127.0.0.1:{nodes.ports['one']}" in text
    assert f"id=two(remote,active) addr=127.0.0.1:{nodes.ports['two']}" in text and "id=nobody(remote,inactive)" in text
    assert "id=cluster/own" in text and "TX dictionary cache:" in text


def test_tables_stay_over_a_reload_and_peers_that_are_new_come(nodes, tmp_path):
    one, two = nodes("sluice", "sluice", text=counting(), section=own("gpc0"))
    one.get(X_Key="k", X_Gpc0="1")
    wait_until(lambda: two.knows("cluster/own", "k", gpc0=1), "the other one knows the key")
    # Who does not have everything yet asks again, and is told what it was before.
    wait_until(lambda: all("flags=0x33 " in node.ask("show peers") for node in (one, two)), "both have everything", 15)
    path = one.folder / "node.cfg"
    path.write_text(path.read_text().replace("peer nobody", "peer somebody"))
    one.process.send_signal(1)
    wait_until(lambda: "id=somebody(" in one.ask("show peers"), "the new section is in force")
    wait_until(lambda: one.is_connected("two"), "they are connected again")
    assert one.knows("cluster/own", "k", gpc0=1)
    one.get(X_Key="k", X_Gpc0="1")
    wait_until(lambda: two.knows("cluster/own", "k", gpc0=2), "the other one learns")


def test_without_the_own_name_nothing_is_shared(nodes):
    one, two = nodes("sluice", "sluice", text=counting(), section=own("gpc0"))
    two.stop()
    path = two.folder / "node.cfg"
    path.write_text(path.read_text().replace("localpeer two", "localpeer stranger"))
    two.start()
    assert "none of them is called 'stranger'" in two.log
    one.get(X_Key="k", X_Gpc0="1")
    wait_until(lambda: not one.is_connected("two"), "the first one has noticed that the second one is gone")
    assert holds_for(lambda: two.rows("cluster/own") == {} and not one.is_connected("two"), 1)


def test_the_command_line_says_who_a_process_is(nodes):
    one, two = nodes("as haproxy", "sluice", text=counting(), section=own("gpc0"))
    one.get(X_Key="k", X_Gpc0="1")
    wait_until(lambda: two.knows("cluster/own", "k", gpc0=1), "the other one knows the key", 10)
