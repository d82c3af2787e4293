"""The runtime API answers as Debian's haproxy does."""

from __future__ import annotations

import re
import time

import pytest
from harness.runtime import connected, said
from harness.twins import HAPROXY, LOGGED, Twins, echo
from harness.waiting import wait_until

TEXT = (
    """
global
    stats socket "${DIR}/admin.sock" mode 600 level admin
    stats socket "${DIR}/user.sock" level user
    stats socket "127.0.0.1:${CLI}" level operator
    stats timeout 5s
"""
    + LOGGED
    + """frontend f
    bind "127.0.0.1:${HTTP}"
    acl listed hdr(x) -i -f "${DIR}/a.lst"
    http-request set-header X-Map "%[hdr(x),map(${DIR}/a.map,none)]"
    http-request set-header X-Number "%[hdr(x),map_beg_int(${DIR}/n.map,0)]"
    http-request set-header X-Listed yes if listed
    http-request track-sc0 hdr(t) table t if { hdr(t) -m found }
    use_backend steered if { path /steered }
    default_backend b
backend b
    server s "127.0.0.1:${A}"
backend steered
    server s "127.0.0.1:${A}"
    server other "127.0.0.1:${B}" weight 3
backend hashed
    balance source
    server s "127.0.0.1:${A}" weight 4
backend t
    stick-table type string size 100 expire 1h store gpc0,conn_cnt,http_req_cnt
backend addresses
    stick-table type ip size 10 store gpc0,gpt0
backend numbers
    stick-table type integer size 10 store gpc0
"""
)
FILES = {"a.map": "k1 v1\nk2 v2\nk1 again\n", "n.map": "k 1\nk1 2\n", "a.lst": "one\ntwo\n"}


def other(session, request) -> None:
    session.answer(body=b"other")


@pytest.fixture(scope="module")
def pair(tmp_path_factory):
    if not HAPROXY:
        pytest.skip("haproxy is not installed")
    twins = Twins(
        tmp_path_factory.mktemp("runtime"), TEXT, ports=["HTTP", "CLI"], servers={"A": echo, "B": other}, files=FILES
    )
    yield twins
    died = [side.name for side in twins.sides if side.process.poll() is not None]
    twins.close()
    assert died == [], "ended on its own"


def agree(pair, *lines: str, name: str = "admin", ends: bool = False) -> None:
    pair.agree(lambda side: [(line, said(side, line, name, ends=ends)) for line in lines])


def test_how_lines_are_read(pair):
    agree(
        pair, "show cli level\n", "show cli level;show cli level\n", "show cli level\nshow cli level\n", "quit\n",
        "prompt\nshow cli level\nshow cli level;show cli level\nquit\n", "user;show cli level\n", "operator;show cli level\n",
        "show   cli   level\r\n",
    )  # fmt: skip
    agree(pair, "show cli level\n", "show cli lev", ends=True)
    agree(pair, "show cli level\n", "show cli level\n", name="CLI")
    agree(pair, "show cli level\n", "operator\n", "show env\n", name="user")


def test_maps_are_shown_and_changed(pair):
    def script(side):
        steps = [
            "show map DIR/a.map", "get map DIR/a.map k1", "get map DIR/a.map none", "get map DIR/n.map k12",
            "add map DIR/a.map k3 v3", "show map DIR/a.map", "set map DIR/a.map k1 both", "show map DIR/a.map",
            "set map DIR/a.map nokey x", "del map DIR/a.map k2", "del map DIR/a.map k2", "show map DIR/a.map",
            "add map DIR/n.map k5 word", "show map DIR/n.map", "add map DIR/a.map", "add map nofile a b", "show map nofile",
            "get map", "set map", "del map DIR/a.map", "clear map", "clear map nofile", "add map DIR/a.map k4 a\\ b",
            "prepare map DIR/a.map", "add map @1 DIR/a.map new first", "show map DIR/a.map", "show map @1 DIR/a.map",
            "add map @7 DIR/a.map new x", "commit map @7 DIR/a.map", "commit map DIR/a.map", "commit map @1 DIR/a.map",
            "show map DIR/a.map", "prepare map", "set map DIR/a.map #0x1 v", "clear map DIR/a.map", "show map DIR/a.map",
        ]  # fmt: skip
        found = [(step, said(side, step + "\n")) for step in steps]
        # What a refused entry is told in is each program's own.
        found = [(step, "refused" if "k5" in step and step.startswith("add") else answer) for step, answer in found]
        found.append(said(side, "add map DIR/a.map <<\nk1 one\nk2 two words\n\n"))
        found.append(said(side, "show map DIR/a.map\n"))
        return found, [side.get("/", headers=[("X", value)]) for value in ["k1", "k2", "k3"]]

    pair.agree(script)


def test_lists_of_acls_are_shown_and_changed(pair):
    def script(side):
        steps = [
            "show acl DIR/a.lst", "get acl DIR/a.lst ONE", "get acl DIR/a.lst none", "add acl DIR/a.lst three",
            "add acl DIR/a.lst", "show acl DIR/a.lst", "del acl DIR/a.lst one", "del acl DIR/a.lst one", "get acl",
            "get acl nofile x", "clear acl nofile", "show acl DIR/a.lst",
        ]  # fmt: skip
        found = [(step, said(side, step + "\n")) for step in steps]
        return found, [side.get("/", headers=[("X", value)]) for value in ["one", "TWO", "three"]]

    pair.agree(script)


def test_tables_are_shown_and_changed(pair):
    def script(side):
        side.get("/", headers=[("T", "tracked")])
        # The client has gone before its connection is forgotten.
        wait_until(lambda: " use=0 " in said(side, "show table t\n"), f"{side.name} has forgotten the client")
        steps = [
            "show table t", "show table nope", "set table t key k data.gpc0 5 data.conn_cnt 3",
            "set table addresses key 10.0.0.1 data.gpc0 1", "set table addresses key 10.0.0.2 data.gpc0 2 data.gpt0 7",
            "show table t key k", "show table t key none", "show table addresses data.gpc0 gt 1",
            "show table addresses data.gpc0 le 2 data.gpt0 eq 7", "show table addresses data.gpc0 xx 1",
            "set table t key k data.http_err_cnt 1", "set table t key k data.foo 1", "set table numbers key 7 data.gpc0 1",
            "show table numbers", "clear table addresses key 10.0.0.1", "clear table addresses key 10.0.0.9",
            "show table addresses", "clear table t data.gpc0 eq 5", "show table t", "clear table t", "show table t",
        ]  # fmt: skip
        return sorted(said(side, "show table\n").split("\n")), [(step, said(side, step + "\n")) for step in steps]

    pair.agree(script)


def test_servers_are_steered(pair):
    def script(side):
        steps = [
            "get weight steered/s", "get weight steered/other", "get weight", "get weight steered/none", "get weight none/s",
            "set weight steered/other 50%", "get weight steered/other", "set server steered/other weight 7", "get weight steered/other",
            "set weight steered/other 300", "set weight hashed/s 2", "set weight hashed/s 0%", "set weight hashed/s 100%",
            "set server steered/s state odd", "set maxconn server steered/s 5", "set maxconn server steered/none 5",
            "shutdown sessions server steered/s", "set server steered/none state maint",
        ]  # fmt: skip
        found = [(step, said(side, step + "\n")) for step in steps]
        first, second, nobody = (200, False), (200, True), (503, False)

        def served() -> set[tuple[int, bool]]:
            return {(answer.status, answer.body == b"other") for answer in (side.exchange("/steered") for _ in range(12))}

        for order, who in {
            "set server steered/s state maint": {second},
            "set server steered/s state ready;disable server steered/other": {first}, "disable server steered/s": {nobody},
            "enable server steered/s;set server steered/other state drain": {first},
            "set server steered/other state ready;set weight steered/s 0": {second},
            "set weight steered/s 1;set weight steered/other 1": {first, second},
        }.items():  # fmt: skip
            found.append((order, said(side, order + "\n")))
            # Workers hear of it a moment after the answer.
            wait_until(lambda: served() == who, f"{side.name} after '{order}'")
        return found

    pair.agree(script)
    for side in pair.sides:
        assert set(said(side, "show backend\n").split()) == {"#", "name", "b", "steered", "hashed", "t", "addresses", "numbers"}


def test_what_the_process_is(pair):
    def fields(side):
        lines = said(side, "show info\n").splitlines()
        known = dict(line.split(": ", 1) for line in lines if line)
        assert int(known["Pid"]) == side.process.pid
        assert said(side, "show info typed\n").splitlines()[0].startswith("0.Name.1:POS:str:")
        # haproxy has a pair of descriptors for each connection, beside those of its threads: one of an even limit may be left.
        pairs = (int(known["Ulimit-n"]) + 1) // 2
        return known["Nbproc"], known["Process_num"], pairs, known["node"]

    pair.agree(fields)
    ours = said(pair.sluice, "show info typed\n")
    theirs = {line.split(":", 1)[0]: line.split(":")[1:3] for line in said(pair.haproxy, "show info typed\n").splitlines()}
    lines = [line for line in ours.splitlines() if line]
    assert len(lines) > 25
    for line in lines:
        assert line.split(":")[1:3] == theirs.get(line.split(":", 1)[0]), line
    started = dict(line.split(": ", 1) for line in said(pair.sluice, "show info\n").splitlines() if line)["Start_time_sec"]
    assert abs(int(started) - time.time()) < 3600


def test_unknown_commands_are_told_of_those_there_are(pair):
    for side in pair.sides:
        answer = said(side, "nothing of the kind\n")
        assert answer.startswith("Unknown command") and "  quit " in answer
        assert said(side, "help\n").startswith("The following commands are valid at this level:\n")
    ours = said(pair.sluice, "help\n").splitlines()
    # What 2.6 does not know yet, or says in other words.
    later = {"  wait ", "  echo ", "  add backend ", "  del backend ", "  publish backend ", "  unpublish backend "}
    later |= {"  add ssl ca-file ", "  new ssl crl-file ", "  show ssl ocsp-response "}
    known = [line for line in ours if not any(line.startswith(word) for word in later)]
    assert len(ours) == len(known) + len(later), ours
    assert set(known) <= set(said(pair.haproxy, "help\n").splitlines())


def test_rights_of_the_socket_and_its_end(pair):
    path = pair.sluice.path.parent / "admin.sock"
    wait_until(path.exists, "the socket is there, a moment later than ports are")
    assert path.stat().st_mode & 0o777 == 0o600


def test_what_a_session_sets_for_itself(pair):
    lines = [
        "set timeout cli", "set timeout cli 0", "set timeout cli x", "set timeout x", "set timeout cli 9", "experimental-mode",
        "experimental-mode on;experimental-mode", "expert-mode on;expert-mode off;expert-mode", "show tasks",
    ]  # fmt: skip
    for line in lines:
        theirs, ours = (re.sub(r"\(\d+ threads\)", "", said(side, line + "\n")).split() for side in pair.sides)
        assert ours == theirs, line


def test_waiting(pair):
    side = pair.sluice
    began = time.monotonic()
    assert said(side, "wait 300ms;show cli level\n", ends=True) == "Done.\n\nadmin\n\n"
    assert time.monotonic() - began >= 0.3
    assert said(side, "wait 1 srv-removable none/none\n") == "Failed.\n\n"
    # Whoever waits keeps nobody from being heard.
    with connected(str(side.path.parent / "admin.sock")) as waiting:
        waiting.sendall(b"wait 1h\n")
        assert said(side, "show cli level\n") == "admin\n\n"


def test_what_is_shown_of_the_process(pair):
    side = pair.sluice
    threads = said(side, "show threads\n")
    assert re.search(r"^  Thread 1 : id=\d+ act=[01] ", threads, re.M)
    assert said(side, "show fd 2\n").startswith("      2 : ")
    assert said(side, "show pools\n").splitlines()[-2].startswith("Total: 0 pools")
    assert said(side, "echo a  b\n") == "a b\n\n"
    assert said(side, "show startup-logs\n").endswith("\n")
