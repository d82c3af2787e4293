"""`sluice top`: a table that follows a running instance, in a terminal and without one."""

from __future__ import annotations

import codecs
import fcntl
import os
import pty
import re
import select
import struct
import subprocess
import termios
import threading

import pytest
from harness.backend import Backend, named
from harness.site import Site, dev_service
from harness.sluice import binary, free_port
from harness.waiting import wait_until
from simulator import objects


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """Two hosts that share a Service, one of which has another beside."""
    port = free_port()
    web, cart = Backend(named("web")), Backend(lambda session, request: session.answer(500))
    site = Site(
        tmp_path_factory.mktemp("top"), dev_service("web", web), dev_service("cart", cart),
        objects.ingress("a", "a.test", "web"), objects.ingress("cart", "a.test", "cart", path="/cart"), objects.ingress("b", "b.test", "web"),
        arguments=("--admin-address", f"127.0.0.1:{port}"),
    )  # fmt: skip
    site.sluice.wait_ready()
    site.words = ["top", "--ops-address", f"127.0.0.1:{site.sluice.ops}", "--admin-address", f"127.0.0.1:{port}", "--interval", "300ms"]
    yield site
    for one in (site, web, cart):
        one.close()


@pytest.fixture
def traffic(site):
    """Requests to both Services, one after the other, until the test ends."""
    ended = threading.Event()

    def ask() -> None:
        while not ended.is_set():
            site.get("/")
            site.get("/cart")
            ended.wait(0.02)

    thread = threading.Thread(target=ask)
    thread.start()
    yield
    ended.set()
    thread.join()


def run(*words: str) -> subprocess.CompletedProcess[str]:
    # Longer than a terminal's: something is asked in the meantime.
    words = tuple(word.replace("300ms", "3s") for word in words)
    return subprocess.run([binary(), *words], capture_output=True, text=True, timeout=20)


def rows(text: str) -> dict[str, list[str]]:
    """The words of each row by the first, below the titles."""
    lines = text.splitlines()
    top = next(number for number, line in enumerate(lines) if "REQ/S" in line)
    return {line.split()[0]: line.split()[1:] for line in lines[top + 1 :] if line.strip()}


def number(text: str) -> float:
    return float(text.lstrip("≤"))


def test_without_a_terminal_it_is_printed_once(site, traffic):
    done = run(*site.words)
    assert (done.returncode, done.stderr) == (0, "")
    first = done.stdout.splitlines()[0]
    assert " dev, ready, up " in first and first.endswith("; 2 hosts, 2 services, 2 servers")
    found = rows(done.stdout)
    assert set(found) == {"default/web:80", "default/cart:80"}
    assert number(found["default/web:80"][0]) > 0 and number(found["default/web:80"][2]) == 0
    assert number(found["default/cart:80"][2]) > 0
    assert found["default/cart:80"][-2:] == ["1", "server"]


@pytest.mark.parametrize(
    "subject, names",
    [("host", {"a.test", "b.test"}), ("ingress", {"default/a", "default/b", "default/cart"})],
)
def test_by_host_and_ingress_what_is_shared_says_so(site, traffic, subject, names):
    found = rows(run(*site.words, "--by", subject, "--sort", "name", "--once").stdout)
    assert set(found) == names
    shared = {name for name, words in found.items() if words[0].startswith("≤")}
    assert shared == names - {"default/cart"}


def test_by_pod(site, traffic):
    found = rows(run(*site.words, "--by", "pod").stdout)
    assert {words[-2] for words in found.values()} == {"default/web:80", "default/cart:80"}
    assert all(number(words[0]) > 0 for words in found.values())


def test_without_the_admin_port_there_are_services_alone(site, traffic):
    words = [word if not word.startswith("127.0.0.1:") or word.endswith(str(site.sluice.ops)) else "127.0.0.1:0" for word in site.words]
    assert set(rows(run(*words).stdout)) == {"default/web:80", "default/cart:80"}
    assert rows(run(*words, "--by", "pod").stdout) == {}


def test_an_instance_that_does_not_answer_is_said_in_one_line():
    done = run("top", "--ops-address", f"127.0.0.1:{free_port()}", "--once")
    assert (done.returncode, done.stdout, len(done.stderr.splitlines())) == (1, "", 1)
    assert "/metrics" in done.stderr


class Screen:
    """`sluice top` in a terminal; `text` is what it has written last, from the top of the screen."""

    def __init__(self, words: list[str], columns: int = 160, lines: int = 12) -> None:
        self.side, self.terminal = pty.openpty()
        fcntl.ioctl(self.terminal, termios.TIOCSWINSZ, struct.pack("HHHH", lines, columns, 0, 0))
        self.settings = termios.tcgetattr(self.terminal)
        self.process = subprocess.Popen([binary(), *words], stdin=self.terminal, stdout=self.terminal, stderr=subprocess.PIPE)
        self.seen = ""
        # A terminal may give a part of a character, and the rest of it later.
        self.decoder = codecs.getincrementaldecoder("utf-8")()

    def read(self) -> str:
        while select.select([self.side], [], [], 0)[0]:
            self.seen += self.decoder.decode(os.read(self.side, 65_536))
        return self.seen

    def shows(self, pattern: str) -> list[str]:
        """Waits for a screen that has it; what has been shown by then counts no more."""

        def find() -> list[str] | None:
            for part in self.read().split("\x1b[H")[1:]:
                if "\x1b[J" in part and re.search(pattern, part):
                    return [line.rstrip("\r").removesuffix("\x1b[K") for line in part.split("\x1b[J")[0].split("\r\n")]
            assert self.process.poll() is None, self.process.stderr.read()
            return None

        found = wait_until(find, f"the screen shows {pattern}", 15)
        self.seen = ""
        return found

    def press(self, keys: str) -> None:
        os.write(self.side, keys.encode())

    def close(self) -> None:
        self.process.kill()
        self.process.wait()
        self.process.stderr.close()
        os.close(self.side)
        os.close(self.terminal)


@pytest.fixture
def screen(site):
    screen = Screen(site.words)
    yield screen
    screen.close()


def test_in_a_terminal_keys_choose_what_it_shows(screen, traffic):
    lines = screen.shows(r"SERVICE [\s\S]*default/web:80")
    assert len(lines) <= 12 and all(len(line) <= 160 for line in lines)
    assert lines[-1].startswith("q quit")
    screen.press("h")
    screen.shows(r"HOST .*\r\n")
    screen.press("pe")
    assert "default/cart:80" in "".join(screen.shows(r"POD .*\r\n"))
    screen.press("q")
    assert screen.process.wait(15) == 0
    assert screen.read().endswith("\x1b[?25h\x1b[?1049l")
    assert termios.tcgetattr(screen.terminal) == screen.settings


def test_it_follows_what_happens_and_the_size_of_the_terminal(screen, site):
    screen.shows(r"requests \d")
    fcntl.ioctl(screen.terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 12, 30, 0, 0))
    assert wait_until(lambda: all(len(line) <= 30 for line in screen.shows("SERVICE")), "narrow")
    fcntl.ioctl(screen.terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 12, 160, 0, 0))

    def asked() -> bool:
        site.get("/cart")
        return bool(re.search(r"5xx [1-9]\d*\.?\d*/s|5xx 0\.[1-9]/s", screen.read()))

    wait_until(asked, "errors are shown")


@pytest.mark.parametrize("key, code", [("\x03", 0), ("\x04", 0)])
def test_other_ways_out(screen, key, code):
    screen.shows("SERVICE")
    screen.press(key)
    assert screen.process.wait(15) == code


def test_a_signal_gives_the_terminal_back(screen):
    screen.shows("SERVICE")
    screen.process.terminate()
    assert screen.process.wait(15) == 0
    assert termios.tcgetattr(screen.terminal) == screen.settings
    assert screen.read().endswith("\x1b[?1049l")


def test_an_instance_that_goes_away_is_said_and_the_table_stays(tmp_path):
    port = free_port()
    site = Site(tmp_path, arguments=("--admin-address", f"127.0.0.1:{port}"))
    site.sluice.wait_ready()
    screen = Screen(["top", "--ops-address", f"127.0.0.1:{site.sluice.ops}", "--admin-address", f"127.0.0.1:{port}", "--interval", "200ms"])
    try:
        screen.shows("default/web:80")
        site.sluice.stop()
        assert "default/web:80" in "".join(screen.shows("no answer: "))
        screen.press("q")
        assert screen.process.wait(15) == 0
    finally:
        screen.close()
        site.close()
