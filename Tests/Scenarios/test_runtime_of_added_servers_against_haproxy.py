"""Servers that come and go at run time, as Debian's haproxy has it."""

from __future__ import annotations

import pytest
from harness.runtime import said, with_names
from harness.twins import HAPROXY, LOGGED, Twins, echo
from harness.waiting import wait_everywhere, wait_until

TEXT = (
    """
global
    stats socket "${DIR}/admin.sock" mode 600 level admin
    stats socket "${DIR}/user.sock" level user
    stats timeout 20s
"""
    + LOGGED
    + """    timeout check 10s
frontend f
    bind "127.0.0.1:${HTTP}"
    use_backend b if { srv_is_up(b/seen) }
    default_backend b
backend b
    default-server weight 9
    use-server ruled if { path /ruled }
    server one "127.0.0.1:${A}"
    server seen "127.0.0.1:${A}" check inter 200
    server ruled "127.0.0.1:${A}"
backend still
    balance static-rr
    server s "127.0.0.1:${A}"
backend source
    balance source
backend ring
    balance source
    hash-type consistent
backend empty
"""
)


def other(session, request) -> None:
    session.answer(body=b"other")


@pytest.fixture
def pair(tmp_path):
    if not HAPROXY:
        pytest.skip("haproxy is not installed")
    twins = Twins(tmp_path, TEXT, ports=["HTTP"], servers={"A": echo, "B": other})
    yield twins
    died = [side.name for side in twins.sides if side.process.poll() is not None]
    twins.close()
    assert died == [], "ended on its own"


def told(side, line: str, name: str = "admin") -> str:
    """An answer without empty lines behind it, of which versions have more or fewer."""
    return with_names(side, said(side, line + "\n", name)).rstrip()


def states(side, backend: str) -> list[list[str]]:
    """The lines of servers, but for what time brings about, as whether a check is under way this moment."""
    lines = with_names(side, said(side, f"show servers state {backend}\n")).splitlines()[2:]
    found = [line.split() for line in lines if line]
    for words in found:
        words[13] = str(int(words[13]) & ~1)
    return [[word for place, word in enumerate(words) if place not in (9, 10, 11, 12, 15)] for words in found]


def test_servers_come_and_go(pair):
    def script(side):
        b = side.backends["B"].port
        lines = [
            f"add server b/new 127.0.0.1:{b}", f"add server b/checked 127.0.0.1:{b} check inter 200 weight 3",
            f"add server b/more 127.0.0.1:{b} id 40 backup maxconn 9", f"add server empty/off 127.0.0.1:{b} disabled",
            f"add server ring/r 127.0.0.1:{b}", f"add server b/follower 127.0.0.1:{b} track b/seen",
        ]  # fmt: skip
        found = [told(side, line) for line in lines]
        found += [states(side, name) for name in ["b", "empty", "ring"]]
        for line in ["set server empty/off state ready", "enable server b/new", "disable server b/one", "del server b/one"]:
            found.append(told(side, line))
        # Its number goes to whoever comes next.
        found += [told(side, f"add server b/next 127.0.0.1:{b}"), states(side, "b")]
        return found

    for side in pair.sides:
        wait_until(lambda: told(side, "show stat b 4 2").split("\n")[1].split(",")[17] == "UP", f"{side.name} has checked")
    pair.agree(script)


def test_a_server_that_is_added_serves(pair):
    def script(side):
        found = [side.exchange("/").status, told(side, f"add server empty/new 127.0.0.1:{side.backends['B'].port} check inter 100")]
        for name in ["one", "seen", "ruled"]:
            found.append(told(side, f"disable server b/{name}"))
        found.append(told(side, f"add server b/new 127.0.0.1:{side.backends['B'].port} check inter 100"))
        wait_everywhere(lambda: side.exchange("/").status == 503, f"{side.name} serves nobody")
        found += [told(side, line) for line in ["enable health b/new", "enable server b/new"]]
        wait_everywhere(lambda: side.exchange("/").body == b"other", f"{side.name} serves from the new one")
        # It is checked from now on.
        side.backends["B"].refuse()
        wait_until(lambda: side.exchange("/").status == 503, f"{side.name} has seen it fail")
        side.backends["B"].listen()
        wait_until(lambda: side.exchange("/").status == 200, f"{side.name} has seen it back")
        found.append(told(side, "del server b/new"))
        found.append(told(side, "disable server b/new"))
        wait_everywhere(lambda: side.exchange("/").status == 503, f"{side.name} serves nobody again")
        wait_until(lambda: told(side, "del server b/new") == "Server deleted.", f"{side.name} lets it go")
        found.append(told(side, "del server b/new"))
        found.append([line[3] for line in states(side, "b")])
        return found

    pair.agree(script)


def test_what_does_not_fit_is_refused(pair):
    lines = [
        "add server", "add server b", "add server b/", "add server none/n 127.0.0.1:80", "add server still/n 127.0.0.1:80",
        "add server source/n 127.0.0.1:80", "add server b/n", "add server b/one 127.0.0.1:80", "add server b/n 127.0.0.1:80 wieght 3",
        "add server b/n 127.0.0.1:80 namespace x", "add server b/n 127.0.0.1:80 resolvers x", "add server b/n 127.0.0.1:80 redir /x",
        "add server b/n 127.0.0.1:80 agent-check", "add server b/n 127.0.0.1:80 track b/none", "add server b/n 127.0.0.1:80 track none/x",
        "del server", "del server b", "del server none/x", "del server b/none", "del server b/one",
        "disable server b/seen", "disable server b/ruled", "del server b/seen", "del server b/ruled",
    ]  # fmt: skip
    for line in lines:
        assert told(pair.haproxy, line) == told(pair.sluice, line), line
    pair.agree(lambda side: [told(side, line, "user").split("\n")[0] for line in ["add server b/x 127.0.0.1:1", "del server b/one"]])
    assert "not accepted" in told(pair.sluice, "add server b/n 127.0.0.1:80 enabled")
    assert told(pair.sluice, "add server b/n 127.0.0.1:80 id 2").startswith("'id' : custom id 2 already used")


def test_reading_the_file_again_has_the_servers_of_the_file(pair):
    side = pair.sluice
    before = states(side, "b")
    assert told(side, f"add server b/new 127.0.0.1:{side.backends['B'].port}") == "New server registered."
    told(side, "disable server b/one")
    wait_until(lambda: told(side, "del server b/one") == "Server deleted.", "it goes")
    assert [line[3] for line in states(side, "b")] == ["seen", "ruled", "new"]
    side.process.send_signal(1)
    wait_until(lambda: [line[3] for line in states(side, "b")] == ["one", "seen", "ruled"], "they are back")
    assert [line[:6] for line in states(side, "b")] == [line[:6] for line in before]
