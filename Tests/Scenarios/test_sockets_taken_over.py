"""Listening sockets that a new process takes over from the one before (`-x`), ours and the real haproxy's."""

from __future__ import annotations

import subprocess
import threading

import pytest
from harness.twins import HAPROXY
from harness.waiting import wait_until
from test_as_haproxy import Haproxy, asked


@pytest.fixture
def haproxy(tmp_path):
    program = Haproxy(tmp_path)
    yield program
    program.close()


def replaced(haproxy, old: subprocess.Popen, program: str | None = None) -> tuple[subprocess.Popen, set[str | None]]:
    """Starts a process with the sockets of an old one, while four clients ask; it, and what they were answered."""
    answers: set[str | None] = set()
    done = threading.Event()

    def load() -> None:
        while not done.is_set():
            answers.add(haproxy.ask())

    threads = [threading.Thread(target=load) for _ in range(4)]
    for thread in threads:
        thread.start()
    try:
        wait_until(lambda: "one" in answers, "the old one is asked")
        place = str(haproxy.folder / "admin.sock")
        new = haproxy.start("-f", "haproxy.cfg", "-x", place, "-sf", str(old.pid), program=program)
        assert old.wait(15) == 0, haproxy.log
        wait_until(lambda: "two" in answers, "the new one is asked")
    finally:
        done.set()
        for thread in threads:
            thread.join()
    assert new.poll() is None
    return new, answers


EXPOSED = "    stats socket SOCKET mode 600 level admin expose-fd listeners"


def test_sockets_are_taken_from_the_old_process(haproxy):
    settings = EXPOSED.replace("SOCKET", str(haproxy.folder / "admin.sock"))
    haproxy.write(settings=settings)
    old = haproxy.start("-f", "haproxy.cfg")
    haproxy.serves()
    haproxy.write("two", settings=settings)
    _, answers = replaced(haproxy, old)
    # Nobody was turned away.
    assert answers == {"one", "two"}
    # The new one's command line is where the old one's was.
    assert asked(str(haproxy.folder / "admin.sock"), "show cli level") == "admin\n\n"


@pytest.mark.skipif(not HAPROXY, reason="haproxy is not installed")
def test_sockets_are_taken_from_the_real_one(haproxy):
    settings = EXPOSED.replace("SOCKET", str(haproxy.folder / "admin.sock"))
    haproxy.write(settings=settings)
    old = haproxy.start("-db", "-f", "haproxy.cfg", program=HAPROXY)
    haproxy.serves()
    haproxy.write("two", settings=settings)
    _, answers = replaced(haproxy, old)
    # What this version does with connections as it stops is its own.
    assert answers - {None} == {"one", "two"}


@pytest.mark.skipif(not HAPROXY, reason="haproxy is not installed")
def test_the_real_one_takes_our_sockets(haproxy):
    settings = EXPOSED.replace("SOCKET", str(haproxy.folder / "admin.sock"))
    haproxy.write(settings=settings)
    old = haproxy.start("-f", "haproxy.cfg")
    haproxy.serves()
    haproxy.write("two", settings=settings)
    _, answers = replaced(haproxy, old, HAPROXY)
    # It takes no more sockets of an address than it has use for.
    assert answers - {None} == {"one", "two"}
    assert "Failed to get" not in haproxy.log


def test_sockets_that_can_not_be_had_are_no_start(haproxy):
    haproxy.write(settings=f"    stats socket {haproxy.folder}/admin.sock level admin")
    done = haproxy.run("-f", "haproxy.cfg", "-x", str(haproxy.folder / "nobody.sock"))
    assert done.returncode == 1
    assert "Failed to get the sockets from the old process!" in done.stderr
    # A socket that does not expose them has none to give.
    haproxy.start("-f", "haproxy.cfg")
    haproxy.serves()
    assert asked(str(haproxy.folder / "admin.sock"), "_getsocks") == ""
