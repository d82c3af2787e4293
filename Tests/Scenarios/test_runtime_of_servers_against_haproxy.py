"""What operators say of servers and frontends at run time, and what is told of them, as Debian's haproxy has it."""

from __future__ import annotations

import socket

import pytest
from harness.listeners import listens
from harness.runtime import said, with_names
from harness.twins import HAPROXY, LOGGED, Twins, echo
from harness.waiting import wait_until

TEXT = (
    """
global
    stats socket "${DIR}/admin.sock" mode 600 level admin
    stats socket "${DIR}/user.sock" level user
    stats timeout 5s
"""
    + LOGGED
    + """    timeout check 10s
frontend f
    bind "127.0.0.1:${HTTP}"
    use_backend watched if { path_beg /watched }
    use_backend moved if { path_beg /moved }
    use_backend idle if { path_beg /idle }
    default_backend b
frontend spare
    bind "127.0.0.1:${SPARE}"
    default_backend b
backend b
    server s "127.0.0.1:${A}"
    server t "127.0.0.1:${A}" weight 3 maxconn 20 id 7
    server reserve "127.0.0.1:${B}" backup
backend moved
    server s "127.0.0.1:${A}"
backend watched
    id 40
    server c "127.0.0.1:${A}" check inter 200 agent-check agent-port 1 agent-inter 1s
    server d "127.0.0.1:${B}" check inter 300 rise 4 fall 5 port "${B}"
    server web "127.0.0.1:${A}" check inter 300
    server e "127.0.0.1:${B}" track watched/d
backend probed
    option httpchk
    http-check send meth GET uri / ver HTTP/1.1 hdr Host a
    server good "127.0.0.1:${A}" check inter 200
    server bad "127.0.0.1:${BAD}" check inter 200
    server gone "127.0.0.1:${GONE}" check inter 200 fall 1
backend idle
    server s "127.0.0.1:${A}" disabled
    server t "127.0.0.1:${A}" disabled check inter 200 weight 3
    server u "127.0.0.1:${B}" track idle/t
backend empty
"""
)


def other(session, request) -> None:
    session.answer(body=b"other")


def bad(session, request) -> None:
    session.answer(status=503)


@pytest.fixture
def pair(tmp_path):
    if not HAPROXY:
        pytest.skip("haproxy is not installed")
    twins = Twins(
        tmp_path, TEXT, ports=["HTTP", "SPARE"], servers={"A": echo, "B": other, "BAD": bad, "GONE": echo}
    )
    for side in twins.sides:
        side.backends["GONE"].refuse()
    yield twins
    died = [side.name for side in twins.sides if side.process.poll() is not None]
    twins.close()
    assert died == [], "ended on its own"


def states(side, backend: str = "") -> dict[str, dict[str, str]]:
    """The fields of `show servers state` by server, without what time and chance bring about."""
    # What haproxy keeps of a server that nobody checks when it comes back is 0, as if it were down.
    version, head, *lines = with_names(side, said(side, f"show servers state {backend}\n")).splitlines()
    assert version == "1"
    names = head.removeprefix("# ").split()
    found = {}
    for line in filter(None, lines):
        fields = dict(zip(names, line.split(" "), strict=True))
        fields.pop("srv_time_since_last_change")
        fields.pop("bk_f_forced_id")
        # Whether a check is under way this moment.
        for name in ["srv_check_state", "srv_agent_state"]:
            fields[name] = str(int(fields[name]) & ~1)
        if (fields["be_name"] in ("b", "idle") or fields["srv_name"] == "e") and fields["srv_check_health"] == "2":
            fields["srv_check_health"] = "0"
        found[f"{fields['be_name']}/{fields['srv_name']}"] = fields
    return found


def field(side, server: str, name: str) -> str:
    return states(side)[server][name]


def settled(pair) -> None:
    """All servers that are checked have been, and those that are down are known to be."""
    for side in pair.sides:
        wanted = {"watched/c": "6", "watched/d": "6", "watched/web": "6", "probed/good": "15", "probed/bad": "17",
                  "probed/gone": "8"}  # fmt: skip
        wait_until(lambda: all(field(side, s, "srv_check_status") == n for s, n in wanted.items()), f"{side.name} has checked")
        down = ["probed/bad", "probed/gone"]
        wait_until(lambda: all(field(side, s, "srv_op_state") == "0" for s in down), f"{side.name} has given up")
        wait_until(lambda: field(side, "probed/bad", "srv_check_health") == "0", f"{side.name} is sure")
        for server, most in {"c": "4", "d": "8", "web": "4"}.items():
            wait_until(lambda: field(side, f"watched/{server}", "srv_check_health") == most, f"{side.name} is sure of {server}")


def same(pair, read) -> None:
    """Both come to say the same: checks go on meanwhile, one may have been late, and haproxy knows no result while one is under way."""
    try:
        wait_until(lambda: read(pair.sluice) == read(pair.haproxy), "both say the same")
    except AssertionError:
        pair.agree(read)


def test_the_state_of_servers(pair):
    settled(pair)
    same(pair, states)
    same(pair, lambda side: states(side, "b"))
    pair.agree(lambda side: [said(side, line) for line in ["show servers state nope\n", "show servers conn nope\n"]])
    pair.agree(lambda side: said(side, "show servers state empty\n"))
    pair.agree(lambda side: said(side, "show servers state b\n", "user").splitlines()[1])


def test_the_state_of_servers_that_are_steered(pair):
    settled(pair)
    orders = [
        "set server b/s state maint", "set server b/t weight 9", "set server b/reserve state drain",
        "set server watched/d state maint", "set server watched/web state drain", "disable health watched/web",
        "disable agent watched/c", "disable health b/s", "disable agent b/s",
        # The second has been back, with one failure left.
        "set server b/s state ready", "set server watched/d state ready", "set server watched/web state ready",
        "enable health watched/web", "enable agent watched/c", "enable health b/s", "enable agent b/s",
        "enable health watched/e", "disable health none/s", "enable agent b/none", "disable health",
    ]  # fmt: skip
    for order in orders:
        assert said(pair.haproxy, order + "\n") == said(pair.sluice, order + "\n"), order
        wait_until(lambda: states(pair.sluice) == states(pair.haproxy), f"the same state after '{order}'")


def test_health_is_said(pair):
    settled(pair)
    orders = [
        # No check is to say otherwise.
        "disable health watched/d", "disable health watched/c", "set server watched/d health stopping", "set server watched/d health down", "set server watched/d health up",
        "set server watched/c agent down", "set server watched/c agent up", "set server b/s health stopping",
        "set server b/s health down", "set server b/s health up", "set server watched/d health odd", "set server b/s health",
        "set server watched/c agent odd", "set server b/s agent up", "set server watched/d agent down",
        "set server watched/e health up",
    ]  # fmt: skip

    def statuses(side):
        lines = said(side, "show stat\n").splitlines()
        names = lines[0].removeprefix("# ").split(",")
        rows = [dict(zip(names, line.split(","))) for line in lines[1:] if line]
        return {f"{row['pxname']}/{row['svname']}": row["status"] for row in rows if row["pxname"] in ("b", "watched")}

    for order in orders:
        assert said(pair.haproxy, order + "\n") == said(pair.sluice, order + "\n"), order
        wait_until(lambda: states(pair.sluice) == states(pair.haproxy), f"the same state after '{order}'")
        same(pair, statuses)


def test_servers_that_the_file_disables(pair):
    def numbers(side):
        lines = said(side, "show stat idle 7 -1\n").splitlines()
        names = lines[0].removeprefix("# ").split(",")
        wanted = ["svname", "status", "weight", "act", "chkfail", "chkdown", "check_status", "check_health"]
        return [[dict(zip(names, line.split(",")))[name] for name in wanted] for line in lines[1:] if line]

    settled(pair)
    pair.agree(lambda side: (states(side, "idle"), numbers(side), side.exchange("/idle").status))
    pair.agree(lambda side: [said(side, order) for order in ["set server idle/s state ready\n", "enable server idle/t\n"]])
    for side in pair.sides:
        wait_until(lambda: field(side, "idle/t", "srv_check_health") == "4", f"{side.name} checks who is back")
        wait_until(lambda: field(side, "idle/u", "srv_op_state") == "2", f"{side.name} has the follower back")
        wait_until(lambda: side.exchange("/idle").status == 200, f"{side.name} sends requests there")
    pair.agree(lambda side: states(side, "idle"))
    pair.agree(lambda side: said(side, "disable server idle/s\n"))
    pair.agree(lambda side: states(side, "idle")["idle/s"])


def test_requests_go_where_health_lets_them(pair):
    def script(side):
        served = []
        for order in ["up", "down", "stopping", "up"]:
            for server in ["s", "t"]:
                said(side, f"set server b/{server} health {order}\n")
            wait_until(lambda: (side.exchange("/").body == b"other") == (order != "up"), f"{side.name}: {order}")
            served.append([side.exchange("/").status for _ in range(3)])
        return served

    pair.agree(script)


def test_a_check_that_is_disabled_finds_nothing(pair):
    settled(pair)
    for side in pair.sides:
        said(side, "disable health probed/good\n")
        side.backends["GONE"].listen()
        # Others are checked meanwhile, and this one keeps what it has.
        wait_until(lambda: field(side, "probed/gone", "srv_op_state") == "2", f"{side.name} has checked the other")
        side.backends["A"].refuse()
        before = len(side.backends["BAD"].sessions)
        wait_until(lambda: len(side.backends["BAD"].sessions) > before + 5, f"{side.name} has checked others")
        assert field(side, "probed/good", "srv_op_state") == "2"
        said(side, "enable health probed/good\n")
        wait_until(lambda: field(side, "probed/good", "srv_op_state") == "0", f"{side.name} checks again")


def test_addresses_are_changed(pair):
    def script(side):
        b, gone = side.backends["B"].port, side.backends["GONE"].port
        steps = [
            "set server moved/s addr", "set server moved/s addr foo", f"set server moved/s addr 127.0.0.1 port {b}",
            f"set server moved/s addr 127.0.0.1 port {b}", "set server moved/s addr 127.0.0.2",
            "set server moved/s addr 127.0.0.1", "set server moved/s addr ::1", "set server moved/s addr 127.0.0.1",
            "set server moved/s fqdn", "set server moved/s fqdn a.example", "set server moved/s foo", "set server moved/s",
            "set server moved/s ssl on", "set server none/s addr 127.0.0.1", "set server moved/none addr 127.0.0.1",
        ]  # fmt: skip
        found = [with_names(side, said(side, step + "\n")) for step in steps]
        wait_until(lambda: side.exchange("/moved").body == b"other", f"{side.name} goes to the new address")
        said(side, "set weight moved/s 7\n")
        said(side, f"set server moved/s addr 127.0.0.1 port {side.backends['A'].port}\n")
        wait_until(lambda: side.exchange("/moved").body != b"other", f"{side.name} goes to the old one")
        # Where nobody listens it is checked, goes down, and comes back with its old address.
        said(side, f"set server watched/c addr 127.0.0.1 port {gone}\n")
        wait_until(lambda: field(side, "watched/c", "srv_op_state") == "0", f"{side.name} has checked the new address")
        said(side, f"set server watched/c addr 127.0.0.1 port {side.backends['A'].port}\n")
        wait_until(lambda: field(side, "watched/c", "srv_check_health") == "4", f"{side.name} has checked the old one")
        return found, states(side, "moved"), states(side, "watched")["watched/c"]

    settled(pair)
    pair.agree(script)


def test_where_servers_are_checked_is_changed(pair):
    def script(side):
        a, gone = side.backends["A"].port, side.backends["GONE"].port
        steps = [
            "set server watched/d check-port", "set server watched/d check-port 99999", "set server watched/d check-port x",
            f"set server watched/d check-port {a}", "set server b/s check-port 80", "set server watched/d check-addr",
            "set server watched/d check-addr 127.0.0.1", f"set server watched/d check-addr 127.0.0.1 port {a}",
            "set server watched/d check-addr zz", "set server b/s check-addr 127.0.0.1", "set server b/s check-addr",
            "set server watched/c agent-addr 127.0.0.1", "set server watched/c agent-addr 127.0.0.1 port 2",
            "set server watched/c agent-port 3", "set server watched/c agent-port zz", "set server watched/c agent-addr zz",
            "set server b/s agent-addr 127.0.0.1", "set server b/s agent-port 1", "set server watched/c agent-send hello",
            "set server b/s agent-send hello",
        ]  # fmt: skip
        found = [said(side, step + "\n") for step in steps]
        said(side, f"set server watched/c check-port {gone}\n")
        wait_until(lambda: field(side, "watched/c", "srv_op_state") == "0", f"{side.name} checks there")
        said(side, f"set server watched/c check-port {a}\n")
        wait_until(lambda: field(side, "watched/c", "srv_check_health") == "4", f"{side.name} checks here")
        wanted = ["srv_check_port", "srv_check_addr", "srv_agent_addr"]
        places = [[states(side)[s][name] for name in wanted] for s in ["watched/c", "watched/d", "b/s"]]
        return found, places, field(side, "watched/c", "srv_agent_port")

    settled(pair)
    pair.agree(script)


def test_connections_to_servers(pair):
    def script(side):
        head, *lines = with_names(side, said(side, "show servers conn\n")).splitlines()
        assert head.endswith(f"idle_per_thr[{len(lines[0].split()) - 13}]")
        return head.split(" idle_per_thr")[0], [line.split()[:5] for line in lines if line]

    pair.agree(script)
    sluice = pair.sluice
    with sluice.client() as client:
        assert client.request("/moved").status == 200

        def idle() -> list[str]:
            return said(sluice, "show servers conn moved\n").splitlines()[1].split()

        wait_until(lambda: idle()[12] == "1", "the connection is idle")
        assert sorted(idle()[13:])[-1] == "1" and sum(map(int, idle()[13:])) == 1


def connects(side, port: str) -> bool:
    try:
        socket.create_connection(("127.0.0.1", side.ports[port]), 15).close()
        return True
    except ConnectionError:
        return False


def test_frontends_pause_and_stop(pair):
    def status(side):
        lines = said(side, "show stat spare 1 -1\n").splitlines()
        return dict(zip(lines[0].removeprefix("# ").split(","), lines[1].split(",")))["status"]

    def script(side):
        found = []
        for order in [
            "disable frontend", "disable frontend none", "disable frontend b", "disable frontend spare", "disable frontend spare",
            "enable frontend spare", "enable frontend spare", "shutdown frontend", "shutdown frontend none",
            "shutdown frontend spare", "shutdown frontend spare", "enable frontend spare", "disable frontend spare",
        ]:  # fmt: skip
            found.append((order, said(side, order + "\n"), status(side)))
            isOpen = found[-1][2] == "OPEN"
            wait_until(lambda: connects(side, "SPARE") == isOpen, f"{side.name} after '{order}'")
            assert side.exchange("/").status == 200
        return found

    pair.agree(script)


def test_clients_of_a_paused_frontend_stay(pair):
    for side in pair.sides:
        with side.client("SPARE") as client:
            assert client.request("/").status == 200
            said(side, "disable frontend spare\n")
            wait_until(lambda: not connects(side, "SPARE"), f"{side.name} does not listen")
            assert client.request("/").status == 200


def test_limits_of_connections_are_changed(pair):
    def script(side):
        steps = [
            "set maxconn frontend", "set maxconn frontend spare", "set maxconn frontend none 3", "set maxconn frontend spare -1",
            "set maxconn global", "set maxconn global 99999999", "set maxconn frontend spare 1",
        ]  # fmt: skip
        found = [said(side, step + "\n") for step in steps]
        said(side, "set maxconn global 50\n")
        found.append(next(line for line in said(side, "show info\n").splitlines() if line.startswith("Maxconn:")))
        return found

    pair.agree(script)
    # This version of haproxy hangs when it is asked for more while somebody waits.
    side = pair.sluice
    with side.client("SPARE") as first:
        # It has the only place before somebody else comes, whom another thread may accept earlier.
        assert first.request("/").status == 200
        with side.client("SPARE") as second:
            second.send(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n")
            assert said(side, "set maxconn frontend spare 2\n") == "\n"
            assert second.response().status == 200


def test_who_may_only_look_changes_nothing(pair):
    def script(side):
        orders = [
            "set server b/s addr 127.0.0.1", "set server b/s health down", "disable health b/s", "disable frontend f",
            "shutdown frontend f", "set maxconn frontend f 3", "set maxconn global 3", "enable agent b/s",
        ]  # fmt: skip
        return [said(side, order + "\n", "user").splitlines()[0] for order in orders]

    ours = script(pair.sluice)
    assert ours == ["Permission denied"] * len(ours)
    assert said(pair.haproxy, "disable frontend f\n", "user").splitlines()[0] == "Permission denied"


def test_reading_the_file_again_forgets_what_was_said(pair):
    side = pair.sluice
    before = states(side)
    b = side.backends["B"].port
    for order in [
        f"set server moved/s addr 127.0.0.1 port {b}", "set server b/s health down", "disable health watched/d",
        f"set server watched/d check-port {side.backends['A'].port}", "disable frontend spare", "set maxconn global 50",
        "set server idle/s state ready",
    ]:  # fmt: skip
        said(side, order + "\n")
    assert states(side) != before
    # Workers close what they listen on a moment later, and until then the address is not free to be opened again.
    wait_until(lambda: not listens(side.ports["SPARE"]), "it does not listen any more")
    side.process.send_signal(1)
    wait_until(lambda: connects(side, "SPARE"), "it listens again")
    wait_until(lambda: side.exchange("/moved").body != b"other", "the server is where it was")
    keys = ["srv_addr", "srv_port", "srv_admin_state", "srv_check_state", "srv_check_port"]
    known = [[s[k] for k in keys] for s in before.values()]
    wait_until(lambda: [[s[k] for k in keys] for s in states(side).values()] == known, "all is as it was")
    wait_until(lambda: "\nMaxconn: 50\n" not in said(side, "show info\n"), "so is the limit")
