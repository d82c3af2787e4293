"""Health checks of real servers: Redis always, PostgreSQL where it is installed."""
import subprocess

import pytest
from harness.databases import PostgreSQL
from harness.sluice import Sluice, free_port
from harness.waiting import wait_until


def proxy(directory, option, port, also=""):
    """A process whose backend `b` has one server with that check."""
    path = directory / "haproxy.cfg"
    path.write_text(f"""
defaults
    mode http
    timeout connect 2s
    timeout client 2s
    timeout server 2s
    timeout check 10s
frontend f
    bind 127.0.0.1:{free_port()}
    default_backend b
backend b
    {option}
    server s 127.0.0.1:{port} check inter 500 fastinter 50 downinter 50 {also}
""")
    return Sluice(directory / "sluice", "proxy", "-f", str(path))


def up(sluice):
    """What the metrics say of the server: 1, 0, or nothing."""
    for line in sluice.ops_get("/metrics")[1].splitlines():
        if line.startswith("sluice_server_up{"):
            return line.rsplit(" ", 1)[1]
    return None


def status(sluice, code):
    return f'status="{code}"' in sluice.ops_get("/metrics")[1]


@pytest.fixture
def stopping():
    processes = []
    yield processes.append
    for process in processes:
        process.kill()
        process.wait(10)


def redis(port, *more):
    return subprocess.Popen(
        ["redis-server", "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no", *more],
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def test_redis_is_up_while_it_runs(tmp_path, stopping):
    port = free_port()
    server = redis(port)
    sluice = proxy(tmp_path, "option redis-check", port)
    stopping(sluice.process)
    wait_until(lambda: status(sluice, "L7OK") and up(sluice) == "1", "Redis is up")
    server.kill()
    server.wait(10)
    wait_until(lambda: up(sluice) == "0", "Redis is down")
    sluice.wait_log('is DOWN, reason: Layer4 connection problem, info: "Connection refused"')
    stopping(redis(port))
    wait_until(lambda: up(sluice) == "1", "Redis is up again")
    sluice.wait_log('is UP, reason: Layer7 check passed, code: 0, info: "Redis server is ok"')


def test_redis_that_wants_a_password_is_down_and_says_so(tmp_path, stopping):
    port = free_port()
    stopping(redis(port, "--requirepass", "secret"))
    sluice = proxy(tmp_path, "option redis-check", port)
    stopping(sluice.process)
    wait_until(lambda: status(sluice, "L7STS") and up(sluice) == "0", "Redis refuses")
    wait_until(lambda: "NOAUTH Authentication required." in sluice.log, "the reason is told")


@pytest.fixture
def postgres():
    if not PostgreSQL.programs:
        pytest.skip("PostgreSQL is not installed")
    server = PostgreSQL()
    yield server
    server.close()


def test_postgresql_is_up_while_it_runs(tmp_path, stopping, postgres):
    sluice = proxy(tmp_path, "option pgsql-check user sluice", postgres.port, "rise 1")
    stopping(sluice.process)
    wait_until(lambda: status(sluice, "L7OK") and up(sluice) == "1", "PostgreSQL is up", timeout=15)
    postgres.process.kill()
    postgres.process.wait(10)
    wait_until(lambda: up(sluice) == "0", "PostgreSQL is down")
