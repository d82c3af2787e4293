"""Servers watched by their traffic (`observe`), and what it does to sessions that one goes, here and in haproxy."""

from __future__ import annotations

import re
import socket

import pytest
from harness.backend import PATIENCE, Session
from harness.runtime import said
from harness.tcp import connect, read
from harness.twins import LOGGED
from harness.waiting import wait_until

# One thread: what one request has seen of a server's state, the next one sees too.
HEAD = LOGGED.replace("global\n", 'global\n    nbthread 1\n    stats socket "ipv4@127.0.0.1:${CLI}" level admin\n', 1) + "    timeout check 10s\n    retries 0\n"


def text(words: str, *, front: str = "", backup: str = "", mode: str = "http") -> str:
    return f"""{HEAD}
    mode {mode}
    log-format "%tsc||%B"
frontend f
    bind "127.0.0.1:${{HTTP}}"
    default_backend b
    {front}
backend b
    option httpchk
    http-check send meth GET uri /health ver HTTP/1.1 hdr Host a.test
    server s "127.0.0.1:${{A}}" check port "${{CHECKS}}" {words}
    {backup}
"""


def changes(side) -> list[str]:
    """What was said of the server, without durations and what is counted besides."""
    # haproxy says it twice: to its log, and to the standard error behind a bracket.
    pattern = r"^(?:\S+ (?:warning|info) )?Server b/s is ((?:DOWN|UP)[^\n]*?)(?:, check duration: \d+ms)?\. \d active"
    return re.findall(pattern, side.log, re.M)


def wait_down(side) -> None:
    wait_until(lambda: changes(side), f"{side.name} takes the server out:\n{side.log}")


def is_answered(side, status: int) -> None:
    """Workers hear of a server's state a moment after the log."""
    wait_until(lambda: side.get("/200").status == status, f"{status} is answered")


def codes(side, count: int) -> list[str]:
    pattern = re.compile(r"^(\S+)\|\|\d+$", re.M)
    wait_until(lambda: len(pattern.findall(side.log)) >= count, f"{count} lines in the log:\n{side.log}")
    return pattern.findall(side.log)


class Checks:
    """Answers checks of either side as it was told last."""

    def __init__(self, status: int = 200) -> None:
        self.statuses: dict[int, int] = {}
        self.status = status

    def __call__(self, session: Session, request) -> None:
        session.answer(self.statuses.get(session.socket.getsockname()[1], self.status))
        session.close()

    def tell(self, side, status: int) -> None:
        self.statuses[side.backends["CHECKS"].port] = status


def asked(side) -> int:
    return len(side.backends["CHECKS"].requests)


def is_checked(side) -> None:
    """The first check is over for the proxy too, and the one after it is far away: what comes during one may not be noticed."""
    wait_until(lambda: asked(side) == 1 and "L7OK" in said(side, "show stat b 4 -1\n", "CLI"), "the first check passes")


def wanted(session: Session, request) -> None:
    """Answers, or does not, as the path wants."""
    word = request.target.strip("/")
    if word.isdigit():
        return session.answer(int(word))
    if word == "junk":
        session.send(b"SSH-2.0-OpenSSH_9.2\r\n\r\n")
    if word == "silence":
        session.wait_gone(PATIENCE)
    if word == "half":
        session.send(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n01234")
    session.close()


RARE = "inter 60s fastinter 100ms downinter 60s rise 2 fall 4"

# By name: what is observed, and what is asked; the last one takes the server out.
ERRORS = {
    "500": ("layer7 error-limit 3", ["/500"] * 3),
    "others": ("layer7 error-limit 3", ["/502", "/503", "/504"]),
    "one is enough": ("layer7 error-limit 1", ["/200", "/500"]),
    "in a row": ("layer7 error-limit 3", ["/500", "/500", "/200", "/500", "/500", "/500"]),
    "not every status is an error": ("layer7 error-limit 2", ["/500", "/404", "/500", "/302", "/500", "/500"]),
    "what clients can bring about is none": ("layer7 error-limit 1", ["/501", "/505", "/500"]),
    "no answer": ("layer7 error-limit 2", ["/closes", "/closes"]),
    "junk": ("layer7 error-limit 2", ["/junk", "/junk"]),
    "silence": ("layer7 error-limit 1", ["/silence"]),
    "ten by default": ("layer7", ["/500"] * 10),
}  # fmt: skip


@pytest.mark.parametrize("name", ERRORS)
def test_errors_of_answers_take_a_server_out(twins, name):
    words, paths = ERRORS[name]
    checks = Checks()
    file = text(f"{RARE} on-error mark-down observe {words}")
    if name == "silence":
        file = file.replace("timeout server 5s", "timeout server 500ms")
    pair = twins(file, ports=["HTTP", "CLI"], servers={"A": wanted, "CHECKS": checks})

    def script(side):
        is_checked(side)
        checks.tell(side, 500)
        seen = []
        for path in paths:
            assert changes(side) == [], f"{name}: {len(seen)} were enough"
            seen.append(side.get(path).status)
        wait_down(side)
        # haproxy adds that it was in the head.
        said = [line.replace("response (headers)", "response") for line in changes(side)]
        is_answered(side, 503)
        return seen, said

    pair.agree(script)


def test_connections_that_fail_take_a_server_out(twins):
    words = f"{RARE} on-error mark-down observe layer4 error-limit 3"
    checks = Checks()
    pair = twins(text(words), ports=["HTTP", "CLI"], servers={"A": wanted, "CHECKS": checks})

    def script(side):
        is_checked(side)
        checks.tell(side, 500)
        seen = [side.get("/500").status for _ in range(4)]
        side.backends["A"].refuse()
        for session in side.backends["A"].open_sessions:
            session.close()
        seen += [side.get("/200").status for _ in range(3)]
        wait_down(side)
        return seen, changes(side)

    seen, said = pair.agree(script)
    assert seen == [500] * 4 + [503] * 3
    assert len(said) == 1


def test_sessions_that_can_not_connect_take_a_server_out(twins):
    words = f"{RARE} on-error mark-down observe layer4 error-limit 3"
    checks = Checks()
    pair = twins(text(words, mode="tcp"), ports=["HTTP", "CLI"], servers={"A": wanted, "CHECKS": checks})

    def script(side):
        is_checked(side)
        checks.tell(side, 500)
        side.backends["A"].refuse()
        for _ in range(3):
            with connect(side.ports["HTTP"]) as client:
                assert ended(client)
        wait_down(side)
        return changes(side), codes(side, 3)

    assert pair.agree(script)[1] == ["SC--"] * 3


@pytest.mark.parametrize("rise", ["rise 2", "rise 3"])
def test_checks_bring_a_server_back_that_errors_took_out(twins, rise):
    """Errors come between checks: haproxy may not notice those that come during one."""
    words = f"{RARE.replace('rise 2', rise)} on-error mark-down observe layer7 error-limit 2"
    pair = twins(text(words), ports=["HTTP", "CLI"], servers={"A": wanted, "CHECKS": Checks()})

    def script(side):
        is_checked(side)
        seen = [side.get("/500").status for _ in range(2)]
        wait_until(lambda: len(changes(side)) >= 2, "it is back")
        is_answered(side, 200)
        seen += [side.get("/500").status for _ in range(2)]
        wait_until(lambda: len(changes(side)) >= 3, "it is out again")
        return seen, changes(side)[:3]

    seen, said = pair.agree(script)
    assert seen == [500] * 4
    assert [line.split(",")[0] for line in said] == ["DOWN", "UP", "DOWN"]


# How many checks must fail after the errors until the server is down.
ACTIONS = {"fastinter": 4, "fail-check": 3, "sudden-death": 1}


@pytest.mark.parametrize("action", ACTIONS)
def test_what_errors_do(twins, action):
    """Checks come once a minute, and fail from here on: the errors bring them forward, or do their work."""
    checks = Checks()
    words = f"{RARE} on-error {action} observe layer7 error-limit 2"
    pair = twins(text(words), ports=["HTTP", "CLI"], servers={"A": wanted, "CHECKS": checks})

    def script(side):
        is_checked(side)
        checks.tell(side, 500)
        seen = [side.get("/500").status for _ in range(2)]
        wait_down(side)
        return seen, changes(side), asked(side) - 1

    assert pair.agree(script)[2] == ACTIONS[action]


@pytest.mark.parametrize("action", ["fastinter", "fail-check", "sudden-death"])
def test_a_check_that_passes_keeps_the_server(twins, action):
    words = f"{RARE} on-error {action} observe layer7 error-limit 2"
    pair = twins(text(words), ports=["HTTP", "CLI"], servers={"A": wanted, "CHECKS": Checks()})

    def script(side):
        is_checked(side)
        seen = [side.get("/500").status for _ in range(2)]
        wait_until(lambda: asked(side) >= 2, "a check is brought forward")
        return seen, side.get("/200").status, changes(side)

    assert pair.agree(script) == ([500, 500], 200, [])


OFTEN = "inter 1s rise 1 fall 1"


def greets(session: Session, request=None) -> None:
    session.send(b"hi")
    session.wait_gone(PATIENCE)


def half(session: Session, request) -> None:
    session.send(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhi")
    session.wait_gone(PATIENCE)


def begun(side, mode: str) -> socket.socket:
    """A session in the middle of what the server says."""
    client = connect(side.ports["HTTP"])
    if mode == "http":
        client.sendall(b"GET / HTTP/1.1\r\nHost: a.test\r\n\r\n")
    got = b""
    while not got.endswith(b"hi"):
        assert (piece := client.recv(4096)), got
        got += piece
    return client


def begun_at_the_other(side, mode: str) -> socket.socket | None:
    client = begun(side, mode)
    if side.backends["B"].sessions:
        return client
    client.close()
    return None


def ended(client: socket.socket) -> bool:
    client.settimeout(15)
    try:
        return client.recv(100) == b""
    except ConnectionResetError:
        return True


LONG = "timeout tunnel 60s\n    timeout server 60s"


@pytest.mark.parametrize("mode", ["http", "tcp"])
def test_sessions_end_with_their_server(twins, mode):
    checks = Checks()
    file = text(f"{OFTEN} on-marked-down shutdown-sessions", backup=LONG, mode=mode)
    pair = twins(file.replace("timeout client 5s", "timeout client 60s"), ports=["HTTP", "CLI"], servers={"A": half, "CHECKS": checks})

    def script(side):
        if mode == "tcp":
            side.backends["A"].on_connect = greets
        with begun(side, mode) as first, begun(side, mode) as second:
            checks.tell(side, 500)
            return ended(first), ended(second), [one[:2] for one in codes(side, 2)]

    assert pair.agree(script) == (True, True, ["D-", "D-"] if mode == "tcp" else ["DD", "DD"])


@pytest.mark.parametrize("mode", ["http", "tcp"])
def test_sessions_outlive_their_server_otherwise(twins, mode):
    checks = Checks()
    file = text(OFTEN, backup=LONG, mode=mode).replace("timeout client 5s", "timeout client 60s")
    pair = twins(file, ports=["HTTP", "CLI"], servers={"A": half, "CHECKS": checks})

    def script(side):
        if mode == "tcp":
            side.backends["A"].on_connect = greets
        with begun(side, mode) as client:
            checks.tell(side, 500)
            wait_down(side)
            (session,) = side.backends["A"].open_sessions
            session.send(b"01234567")
            return read(client, 8)

    assert pair.agree(script) == b"01234567"


@pytest.mark.parametrize("mode", ["http", "tcp"])
def test_sessions_of_backup_servers_end_when_the_first_is_back(twins, mode):
    checks = Checks()
    backup = f'server t "127.0.0.1:${{B}}" backup\n    {LONG}'
    file = text(f"{OFTEN} on-marked-up shutdown-backup-sessions", backup=backup, mode=mode)
    file = file.replace("timeout client 5s", "timeout client 60s")
    pair = twins(file, ports=["HTTP", "CLI"], servers={"A": half, "B": half, "CHECKS": checks})

    def script(side):
        if mode == "tcp":
            for name in "AB":
                side.backends[name].on_connect = greets
        checks.tell(side, 500)
        wait_down(side)
        with wait_until(lambda: begun_at_the_other(side, mode), "the other one is asked") as client:
            checks.tell(side, 200)
            return ended(client), wait_until(lambda: f"U{'-' if mode == 'tcp' else 'D'}" in [one[:2] for one in codes(side, 1)], "it was ended for that")

    assert pair.agree(script) == (True, True)
