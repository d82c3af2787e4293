"""Backends that come and go at run time, as HAProxy 3.4 has it: Debian's is older."""

from __future__ import annotations

import os
import subprocess

import pytest
from harness.backend import Backend
from harness.client import Client
from harness.runtime import said
from harness.sluice import binary, free_port
from harness.twins import echo
from harness.waiting import wait_everywhere, wait_until

TEXT = """
global
    stats socket "${DIR}/admin.sock" mode 600 level admin
defaults web
    mode http
    timeout client 20s
    timeout connect 5s
    timeout server 20s
defaults plain
    timeout connect 5s
frontend f from web
    bind "127.0.0.1:${HTTP}"
    use_backend fixed if { path_beg /fixed }
    use_backend %[path,field(2,/)] if { path_beg /by/ } or { path_beg /new }
    default_backend other
backend fixed from web
    http-request return status 200 content-type text/plain string fixed
backend other from web
    http-request return status 200 content-type text/plain string other
backend loose from web
backend table from web
    stick-table type ip size 10
listen both from web
    bind "127.0.0.1:${BOTH}"
"""


class Side:
    """What `harness.runtime` asks of."""

    def __init__(self, folder) -> None:
        self.backend = Backend(echo)
        self.backends = {"A": self.backend}
        self.ports = {"HTTP": free_port(), "BOTH": free_port()}
        self.path = folder / "a.cfg"
        self.path.write_text(TEXT)
        ports = {name: str(port) for name, port in self.ports.items()}
        with open(folder / "log", "wb") as log:
            self.process = subprocess.Popen(
                ["setpriv", "--pdeathsig", "KILL", str(binary()), "proxy", "-f", str(self.path)],
                stdout=log, stderr=log, stdin=subprocess.DEVNULL, env={**os.environ, **ports, "DIR": str(folder)},
            )  # fmt: skip

    def get(self, path: str) -> tuple[int, bytes]:
        with Client(self.ports["HTTP"]) as client:
            answer = client.request(path)
            return answer.status, answer.body

    def serves(self) -> bool:
        assert self.process.poll() is None
        try:
            return self.get("/")[0] == 200
        except OSError:
            return False


@pytest.fixture
def side(tmp_path):
    side = Side(tmp_path)
    wait_until(side.serves, "it serves")
    yield side
    side.process.kill()
    side.process.wait(15)
    side.backend.close()


def told(side, line: str) -> str:
    return said(side, line + "\n").rstrip()


def test_a_backend_comes_and_goes(side):
    assert told(side, "add backend new from web") == "New backend registered."
    assert "new" in told(side, "show backend").splitlines()
    assert told(side, f"add server new/s 127.0.0.1:{side.backend.port}") == "New server registered."
    told(side, "enable server new/s")
    # Nobody is sent there yet: what names it has nothing to say.
    assert side.get("/new")[1] == b"other"
    assert told(side, "publish backend new") == "Backend published."
    wait_everywhere(lambda: side.get("/new")[1].startswith(b"GET /new"), "requests go there")
    assert told(side, "del backend new") == "Backend must be unpublished prior to its deletion."
    assert told(side, "unpublish backend new") == "Backend unpublished."
    wait_everywhere(lambda: side.get("/new")[1] == b"other", "nobody goes there any more")
    assert told(side, "del backend new") == "Only a backend without server can be deleted."
    told(side, "disable server new/s")
    assert told(side, "wait 10s srv-removable new/s;del server new/s").split("\n")[0] == "Done."
    assert told(side, "wait 10s be-removable new") == "Done."
    assert told(side, "del backend new") == "Backend deleted."
    assert "new" not in told(side, "show backend").splitlines()
    assert told(side, "add backend new from web mode tcp") == "New backend registered."


def test_backends_of_the_file_are_not_used_for_a_while(side):
    assert side.get("/fixed")[1] == b"fixed"
    told(side, "unpublish backend fixed")
    wait_everywhere(lambda: side.get("/fixed")[1] == b"other", "the rule has nothing to say")
    told(side, "unpublish backend other")
    wait_everywhere(lambda: side.get("/")[0] == 503, "there is nobody left")
    told(side, "publish backend fixed")
    wait_everywhere(lambda: side.get("/fixed")[1] == b"fixed", "the rule is back")
    side.process.send_signal(1)
    wait_everywhere(lambda: side.get("/")[1] == b"other", "the file counts again")


def test_what_is_read_again_has_the_backends_of_the_file(side):
    told(side, "add backend new from web")
    told(side, "unpublish backend loose")
    assert told(side, "wait 10s be-removable loose") == "Done."
    assert told(side, "del backend loose") == "Backend deleted."
    side.process.send_signal(1)
    wait_until(lambda: told(side, "show backend").splitlines()[1:] == ["both", "fixed", "loose", "other", "table"], "they are back")


@pytest.mark.parametrize(
    ("line", "answer"),
    [
        ("add backend", "Require backend name."),
        ("add backend a/b from web", "Invalid character '/' in backend name."),
        ("add backend new", "Usage: add backend <name> from <defproxy>."),
        ("add backend new from none", "Cannot find default proxy 'none'."),
        ("add backend new from plain", "Mode is required as 'plain' default proxy does not explicitly defines it."),
        ("add backend new from web mode", "Usage: add backend <name> from <defproxy> [mode <px_mode>] [guid <val>]."),
        ("add backend new from web mode x", "Unknown proxy mode."),
        ("add backend other from web", "Error during backend creation : name is already used by other proxy 'backend other'."),
        ("add backend f from web", "Error during backend creation : name is already used by other proxy 'frontend f'."),
        ("add backend both from web", "Error during backend creation : name is already used by other proxy 'listen both'."),
        ("publish backend", "A backend name is expected."),
        ("unpublish backend none", "No such backend."),
        ("del backend none", "No such backend."),
        ("del backend a b", "Usage: del backend <name>."),
        ("del backend both", "Cannot delete a listen section."),
        ("del backend table", "Cannot remove a backend with stick-table."),
        ("del backend other", "This proxy cannot be removed at runtime due to other configuration elements pointing to it."),
        ("del backend loose", "Backend must be unpublished prior to its deletion."),
        ("wait 1 be-removable none", "Failed."),
    ],
)
def test_what_does_not_fit_is_refused(side, line, answer):
    assert told(side, line) == answer
