"""`sluice proxy` reads its file again on SIGHUP: what it listens on changes with the rest, or everything stays as it is."""

from __future__ import annotations

import signal
import socket

import pytest

from harness.backend import Backend
from harness.client import Client
from harness.sluice import Sluice, free_port
from harness.waiting import wait_until

pytestmark = pytest.mark.sanitizer

FILE = """
defaults
    mode http
    timeout client 5s
    timeout connect 5s
    timeout server 5s
frontend f
    BINDS
    default_backend b
backend b
    server s 127.0.0.1:PORT
"""


class Proxy:
    def __init__(self, folder, *ports: int) -> None:
        self.path = folder / "proxy.cfg"
        self.backend = Backend()
        self.write(*ports)
        self.sluice = Sluice(folder, "proxy", "-f", str(self.path))

    def write(self, *ports: int) -> None:
        binds = "\n    ".join(f"bind 127.0.0.1:{port}" for port in ports)
        self.path.write_text(FILE.replace("BINDS", binds).replace("PORT", str(self.backend.port)))

    def hang_up(self) -> None:
        self.sluice.process.send_signal(signal.SIGHUP)

    def serves(self, port: int) -> bool:
        try:
            with Client(port) as client:
                return client.request("/").status == 200
        except OSError:
            return False

    def close(self) -> None:
        self.sluice.process.kill()
        self.sluice.process.wait(5)
        self.backend.close()


@pytest.fixture
def proxy(tmp_path):
    started = []

    def start(*ports: int) -> Proxy:
        started.append(Proxy(tmp_path, *ports))
        wait_until(lambda: started[-1].serves(ports[0]), "the proxy serves")
        return started[-1]

    yield start
    for one in started:
        one.close()


def test_another_address_is_opened_and_one_that_is_gone_closed(proxy):
    first, second = free_port(), free_port()
    running = proxy(first)
    with Client(first) as kept:
        assert kept.request("/").status == 200
        running.write(second)
        running.hang_up()
        wait_until(lambda: running.serves(second), "the new address is served")
        wait_until(lambda: not running.serves(first), "the old one is closed")
        # Nothing closes a client's connection.
        assert kept.request("/").status == 200


def test_an_address_that_can_not_be_had_leaves_everything_as_it_was(proxy):
    first, second = free_port(), free_port()
    running = proxy(first)
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        taken = other.getsockname()[1]
        running.write(second, taken)
        running.hang_up()
        wait_until(lambda: "stays as it is" in running.sluice.log, "it is refused")
    line = next(line for line in running.sluice.log.splitlines() if "stays as it is" in line)
    assert f"cannot listen on 127.0.0.1:{taken}" in line
    assert running.serves(first) and not running.serves(second)
    # And the file can be mended.
    running.write(first, second)
    running.hang_up()
    wait_until(lambda: running.serves(second), "the new address is served")
    assert running.serves(first)


def test_a_client_that_comes_before_the_configuration_is_served_by_it(tmp_path):
    port = free_port()
    running = Proxy(tmp_path, port)

    def first() -> int:
        """The status of the first request that is answered at all; 0 while nobody listens."""
        try:
            with Client(port) as client:
                return client.request("/").status
        except ConnectionRefusedError:
            return 0

    try:
        assert wait_until(first, "it listens", 10) == 200
    finally:
        running.close()
