"""Health checks of real servers: Redis always, PostgreSQL where it is installed."""
import os
import pwd
import shutil
import subprocess
from pathlib import Path

import pytest
from harness.sluice import Sluice, free_port
from harness.waiting import wait_until

POSTGRES = sorted(Path("/usr/lib/postgresql").glob("*/bin"))


def proxy(directory, option, port, also=""):
    """A process whose backend `b` has one server with that check."""
    path = directory / "haproxy.cfg"
    path.write_text(f"""
defaults
    mode http
    timeout connect 2s
    timeout client 2s
    timeout server 2s
    timeout check 2s
frontend f
    bind 127.0.0.1:{free_port()}
    default_backend b
backend b
    {option}
    server s 127.0.0.1:{port} check inter 50 {also}
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
    assert 'is DOWN, reason: Layer4 connection problem, info: "Connection refused"' in sluice.log
    stopping(redis(port))
    wait_until(lambda: up(sluice) == "1", "Redis is up again")
    assert 'is UP, reason: Layer7 check passed, code: 0, info: "Redis server is ok"' in sluice.log


def test_redis_that_wants_a_password_is_down_and_says_so(tmp_path, stopping):
    port = free_port()
    stopping(redis(port, "--requirepass", "secret"))
    sluice = proxy(tmp_path, "option redis-check", port)
    stopping(sluice.process)
    wait_until(lambda: status(sluice, "L7STS") and up(sluice) == "0", "Redis refuses")
    wait_until(lambda: "NOAUTH Authentication required." in sluice.log, "the reason is told")


@pytest.fixture
def postgres(tmp_path_factory):
    if not POSTGRES:
        pytest.skip("PostgreSQL is not installed")
    folder = tmp_path_factory.mktemp("postgres")
    port = free_port()
    as_user = []
    if os.geteuid() == 0:
        user = pwd.getpwnam("postgres")
        for path in [folder, *list(folder.parents)[:2]]:
            path.chmod(0o755)
        os.chown(folder, user.pw_uid, user.pw_gid)
        as_user = ["setpriv", f"--reuid={user.pw_uid}", f"--regid={user.pw_gid}", "--clear-groups"]
    data = str(folder / "data")
    subprocess.run([*as_user, POSTGRES[-1] / "initdb", "-D", data, "-A", "trust", "--no-sync"], check=True, cwd="/",
                   stdout=subprocess.DEVNULL)
    server = subprocess.Popen(
        [*as_user, POSTGRES[-1] / "postgres", "-D", data, "-p", str(port), "-k", "", "-h", "127.0.0.1", "-F"], cwd="/",
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    yield port, server
    server.kill()
    server.wait(10)
    shutil.rmtree(folder, ignore_errors=True)


def test_postgresql_is_up_while_it_runs(tmp_path, stopping, postgres):
    port, server = postgres
    sluice = proxy(tmp_path, "option pgsql-check user sluice", port, "rise 1")
    stopping(sluice.process)
    wait_until(lambda: status(sluice, "L7OK") and up(sluice) == "1", "PostgreSQL is up", timeout=15)
    server.kill()
    server.wait(10)
    wait_until(lambda: up(sluice) == "0", "PostgreSQL is down")
