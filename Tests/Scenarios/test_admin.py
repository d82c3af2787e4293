"""`--admin-socket` and `sluice admin`: the runtime API of an ingress controller."""

from __future__ import annotations

import os
import stat
import subprocess
import tempfile

import pytest

from harness.site import Site
from harness.sluice import binary
from harness.waiting import wait_until


@pytest.fixture
def site(tmp_path, short_path):
    site = Site(tmp_path, arguments=("--admin-socket", short_path, "--workers", "1"))
    site.sluice.wait_ready()
    yield site
    site.close()


@pytest.fixture
def short_path():
    """Paths of sockets have 107 bytes at most."""
    with tempfile.TemporaryDirectory(dir="/tmp") as folder:
        yield f"{folder}/admin.sock"


def admin(path: str, *words: str, text: str = "") -> subprocess.CompletedProcess:
    return subprocess.run(
        [binary(), "admin", "--admin-socket", path, *words], input=text, capture_output=True, text=True, timeout=30)


def test_a_command_is_answered_whole(site, short_path):
    found = admin(short_path, "show", "info")
    assert found.returncode == 0 and found.stderr == ""
    assert "\nVersion: " in found.stdout and found.stdout.endswith("\n")
    several = admin(short_path, "show version; help")
    assert several.returncode == 0 and len(several.stdout) > len(admin(short_path, "show version").stdout)


def test_it_is_this_users_alone(site, short_path):
    mode = os.stat(short_path).st_mode
    assert stat.S_ISSOCK(mode) and stat.S_IMODE(mode) == 0o600


def test_servers_of_an_ingress_are_steered(site, short_path):
    assert site.get().status == 200
    rows = admin(short_path, "show", "servers", "conn").stdout.splitlines()
    server = next(line.split()[0] for line in rows if str(site.backend.port) in line)
    assert admin(short_path, "set", "server", server, "state", "maint").returncode == 0
    wait_until(lambda: site.get().status == 503, "nobody is asked")
    assert admin(short_path, "set", "server", server, "state", "ready").returncode == 0
    wait_until(lambda: site.get().status == 200, "it is asked again")


def test_what_is_no_command_says_so(site, short_path):
    found = admin(short_path, "no", "such", "thing")
    assert found.returncode == 1 and found.stdout.startswith("Unknown command")


def test_nobody_there_is_one_line(tmp_path):
    found = admin(f"{tmp_path}/nobody", "show", "info")
    assert found.returncode == 1 and found.stdout == ""
    assert found.stderr.count("\n") == 1 and "--admin-socket" in found.stderr
    bare = subprocess.run([binary(), "admin", "show", "info"], capture_output=True, text=True, timeout=30,
                          env={k: v for k, v in os.environ.items() if k != "SLUICE_ADMIN_SOCKET"})
    assert bare.returncode == 2 and "give --admin-socket" in bare.stderr


def test_the_socket_goes_with_the_process(site, short_path):
    site.sluice.stop()
    assert not os.path.exists(short_path)
