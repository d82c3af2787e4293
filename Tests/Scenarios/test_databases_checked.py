"""Debian's databases behind `mode tcp` with the checks made for them: one that stops is noticed, and found again."""

from __future__ import annotations

import pytest

from harness.databases import Database, MariaDB, PostgreSQL, Redis
from harness.sluice import Sluice, free_port
from harness.tcp import TCPServer, connect, read_all
from harness.waiting import wait_until

# The word that checks, a question with its answer, and what the log says of a server that is there again.
KINDS = {
    Redis: ("option redis-check", (("echo", "hello"), "hello\n"), 'code: 0, info: "Redis server is ok"'),
    PostgreSQL: ("option pgsql-check user postgres", (("select 6 * 7;",), "42\n"), 'info: "PostgreSQL server is ok"'),
    MariaDB: ("option mysql-check user app", (("select 6 * 7;",), "42\n"), 'info: "'),
}


def sorry(connection) -> None:
    """Stands in for a database that is down."""
    connection.sendall(b"sorry")


@pytest.fixture
def behind(tmp_path):
    """Starts a database and, in front of it, a proxy that checks it and knows somebody to stand in for it."""
    ends = []

    def start(kind: type[Database], words: str, standing_in: str = "") -> tuple[Database, int, Sluice]:
        if not kind.programs and kind is PostgreSQL:
            pytest.skip("PostgreSQL is not installed")
        database, port = kind(), free_port()
        ends.append(database.close)
        path = tmp_path / "haproxy.cfg"
        path.write_text(f"""
defaults
    mode tcp
    timeout connect 5s
    timeout client 20s
    timeout server 20s
    timeout check 10s
listen database
    bind 127.0.0.1:{port}
    {words}
    server first {database.endpoint} check inter 500 fastinter 50 downinter 50 rise 2 fall 2 on-marked-down shutdown-sessions
    {standing_in}
""")
        # One worker: what one session has seen of a server's state, the next one sees too.
        sluice = Sluice(tmp_path / "sluice", "proxy", "-f", str(path), "--workers", "1")
        ends.append(sluice.stop)
        return database, port, sluice.wait_ready()

    yield start
    for end in reversed(ends):
        end()


def is_up(sluice: Sluice) -> bool | None:
    """Nothing before the first check has ended."""
    for line in sluice.ops_get("/metrics")[1].splitlines():
        if line.startswith("sluice_server_up{") and 'server="first"' in line:
            return line.endswith(" 1")
    return None


def passed(sluice: Sluice) -> bool:
    """Whether a check has passed with its protocol's words."""
    return any(
        line.startswith("sluice_server_check_status{") and 'status="L7OK"' in line and 'server="first"' in line
        and line.endswith(" 1") for line in sluice.ops_get("/metrics")[1].splitlines()
    )  # fmt: skip


def is_stood_in_for(port: int) -> bool:
    with connect(port, 2) as connection:
        try:
            return connection.recv(5) == b"sorry"
        except (TimeoutError, ConnectionResetError):
            return False


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_a_database_that_stops_is_stood_in_for_until_it_is_back(behind, kind):
    words, (question, answer), found = KINDS[kind]
    substitute = TCPServer(sorry)
    database, port, sluice = behind(kind, words, f"server second {substitute.endpoint} backup")
    wait_until(lambda: passed(sluice) and is_up(sluice), "the check passes", 15)
    assert database.ask(port, *question) == answer
    assert substitute.accepted == 0
    database.stop()
    wait_until(lambda: is_up(sluice) is False, "the check fails", 15)
    sluice.wait_log("first is DOWN, reason: Layer[47] ")
    wait_until(lambda: is_stood_in_for(port), "somebody stands in")
    database.start()
    wait_until(lambda: is_up(sluice), "the check passes again", 15)
    assert found in sluice.wait_log(r"first is UP, reason: Layer7 check passed")
    wait_until(lambda: not is_stood_in_for(port), "nobody stands in any more")
    accepted = substitute.accepted
    assert database.ask(port, *question) == answer
    assert substitute.accepted == accepted
    substitute.close()


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_sessions_of_a_database_that_stops_end_and_new_ones_are_refused(behind, kind):
    database, port, sluice = behind(kind, KINDS[kind][0])
    wait_until(lambda: passed(sluice) and is_up(sluice), "the check passes", 15)
    with connect(port) as open_one:
        open_one.sendall(b"\x00") if kind is not MariaDB else open_one.recv(1)
        database.stop()
        wait_until(lambda: is_up(sluice) is False, "the check fails", 15)
        open_one.settimeout(15)
        with open_one:
            try:
                read_all(open_one)
            except ConnectionResetError:
                pass
    with connect(port) as connection:
        try:
            assert read_all(connection) == b""
        except ConnectionResetError:
            pass


def test_mariadb_that_does_not_know_the_user_is_down_and_says_so(behind):
    _, _, sluice = behind(MariaDB, "option mysql-check user nobody")
    wait_until(lambda: is_up(sluice) is False, "the check fails", 15)
    assert "Access denied for user 'nobody'@" in sluice.wait_log(r"first is DOWN, reason: Layer7 ")


def test_mariadb_is_up_for_a_check_without_a_user(behind):
    mariadb, port, sluice = behind(MariaDB, "option mysql-check")
    wait_until(lambda: passed(sluice) and is_up(sluice), "the greeting is enough", 15)
    assert mariadb.ask(port, "select 6 * 7;") == "42\n"
