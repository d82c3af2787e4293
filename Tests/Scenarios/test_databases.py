"""Debian's databases behind ports of mode tcp: protocols where the client speaks first, and where the server does."""

from __future__ import annotations

import pytest

from harness.databases import Database, MariaDB, PostgreSQL, Redis
from harness.site import dev_service
from harness.sluice import free_port
from harness.tcp import connect, read
from harness.waiting import wait_until
from simulator import objects


@pytest.fixture
def behind(sluice_dev):
    """Starts a database behind a port of Sluice."""
    started: list[Database] = []

    def start(kind: type[Database]) -> tuple[Database, int, object]:
        database, port = kind(), free_port()
        started.append(database)
        site = sluice_dev(
            dev_service("db", database.endpoint), objects.config_map("tcp", {str(port): "default/db:80"}),
            arguments=("--tcp-services-configmap", "default/tcp"),
        )  # fmt: skip

        def listens() -> bool:
            try:
                connect(port).close()
            except OSError:
                return False
            return True

        wait_until(listens, "the port is open")
        return database, port, site

    yield start
    for database in started:
        database.close()


def test_redis(behind):
    redis, port, site = behind(Redis)
    assert redis.ask(port, "ping") == "PONG\n"
    large = "v" * 3_000_000
    assert redis.ask(port, "-x", "set", "large", stdin=large) == "OK\n"
    assert redis.ask(port, "get", "large") == large + "\n"
    pipelined = "".join(f"INCR counter{i % 7}\r\n" for i in range(20_000))
    assert "errors: 0, replies: 20000" in redis.ask(port, "--pipe", stdin=pipelined)
    benchmark = redis.run("redis-benchmark", "-p", str(port), "-q", "-n", "4000", "-c", "30", "-P", "4", "-t", "set,get,lpush")
    assert benchmark.count("requests per second") == 3
    # QUIT: the server answers and closes.
    with connect(port) as connection:
        connection.sendall(b"PING\r\nQUIT\r\n")
        assert read(connection, 100) == b"+PONG\r\n+OK\r\n"
    # A subscriber waits, and hears of what others say.
    with connect(port) as subscriber:
        subscriber.sendall(b"SUBSCRIBE news\r\n")
        assert b"subscribe" in subscriber.recv(200)
        assert redis.ask(port, "publish", "news", "hello") == "1\n"
        assert b"hello" in subscriber.recv(200)
    assert site.sluice.metric("sluice_tcp_sessions_total") > 30


def test_postgresql(behind):
    postgres, port, _ = behind(PostgreSQL)
    assert postgres.ask(port, "select 6 * 7;") == "42\n"
    rows = "".join(f"{i}\tname {i}\n" for i in range(50_000))
    copied = postgres.ask(port, f"create table t(id int, name text);\ncopy t from stdin;\n{rows}\\.\ncopy t to stdout;\n")
    assert copied == rows
    assert postgres.ask(port, "select count(*), sum(id) from t;") == "50000|1249975000\n"
    postgres.run("pgbench", "-h", "127.0.0.1", "-p", str(port), "-U", "postgres", "-i", "-q", "postgres")
    result = postgres.run("pgbench", "-h", "127.0.0.1", "-p", str(port), "-U", "postgres", "-c", "8", "-t", "40", "postgres")
    assert "number of failed transactions: 0" in result and "320/320" in result


def test_mariadb(behind):
    """Its server speaks first, as soon as somebody has connected."""
    mariadb, port, _ = behind(MariaDB)
    with connect(port) as connection:
        assert b"MariaDB" in connection.recv(200)
    assert mariadb.ask(port, "select 6 * 7;") == "42\n"
    rows = ",".join(f"({i}, repeat('x', 500))" for i in range(5_000))
    assert mariadb.ask(
        port, f"create table t(id int, name text);\ninsert into t values {rows};\nselect count(*), sum(id) from t;\n"
    ) == "5000\t12497500\n"
    assert len(mariadb.ask(port, "select name from t;")) == 5_000 * 501
