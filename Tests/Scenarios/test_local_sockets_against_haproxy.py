"""Sockets of this machine, with and without a file, as addresses of `bind`, `server` and checks: through both programs."""

from __future__ import annotations

import os
import socket
import stat
import subprocess
from pathlib import Path

import pytest
from harness.client import PATIENCE, Client
from harness.messages import Wire
from harness.runtime import connected
from harness.sluice import binary
from harness.twins import LOGGED, echo
from harness.waiting import wait_until


class LocalClient(Client):
    """A connection to a socket of this machine."""

    def __init__(self, place: str | bytes) -> None:
        self.socket = connected(place)
        self.socket.settimeout(PATIENCE)
        self.wire = Wire(self.socket)


def path(side, name: str) -> str:
    return str(side.path.parent / name)


def listens(place: str | bytes) -> bool:
    with socket.socket(socket.AF_UNIX) as probe:
        return probe.connect_ex(place) == 0


def is_there(side, *names: str) -> None:
    """Sockets of a process come one after the other, and the fixture has waited for its port."""
    wait_until(lambda: all(listens(path(side, name)) for name in names), f"{side.name} listens at {names}")


def ask(place: str | bytes, target: str = "/", *, first: bytes = b"", **settings) -> bytes:
    with LocalClient(place) as client:
        client.send(first)
        return client.request(target, **settings).body


FACTS = "src=%[src] src_port=%[src_port] dst=%[dst] dst_port=%[dst_port] ci=%ci cp=%cp fi=%fi fp=%fp"

FILE = f"""{LOGGED}
frontend f
    bind "127.0.0.1:${{HTTP}}"
    bind "unix@${{DIR}}/f" mode 640
    bind "${{DIR}}/p" accept-proxy mode 600
    bind "abns@${{DIR}}/n"
    option forwardfor
    log-format "client %ci:%cp at %fi:%fp to %b/%s %ST"
    acl inside src 0.0.0.0/0
    http-response set-header x-inside yes if inside
    http-request return status 200 content-type text/plain lf-string "{FACTS}" if {{ path /facts }}
    default_backend b
backend b
    server s "127.0.0.1:${{A}}"
"""


@pytest.fixture
def listening(twins):
    pair = twins(FILE, servers={"A": echo})
    return pair


def test_what_clients_of_paths_are(listening):
    def script(side):
        return ask(path(side, "f"), "/facts")

    assert listening.agree(script) == b"src= src_port= dst= dst_port= ci=unix cp=2 fi=unix fp=2"


def test_what_clients_without_a_file_are(listening):
    def script(side):
        name = b"\0" + path(side, "n").encode()
        return ask(name.ljust(108, b"\0"), "/facts")

    assert listening.agree(script) == b"src= src_port= dst= dst_port= ci=unix cp=4 fi=unix fp=4"


def test_servers_are_told_no_address_of_theirs(listening):
    def script(side):
        with LocalClient(path(side, "f")) as client:
            answer = client.request("/x")
        return answer.status, answer.body, [v for n, v in answer.fields if n.lower() == "x-inside"]

    status, body, inside = listening.agree(script)
    assert (status, inside) == (200, [])
    assert b"x-forwarded-for" not in body


@pytest.mark.parametrize(
    ["header", "facts"],
    [
        ("PROXY TCP4 192.0.2.1 192.0.2.2 11 22", "src=192.0.2.1 src_port=11 dst=192.0.2.2 dst_port=22"),
        ("PROXY UNKNOWN", "src= src_port= dst= dst_port="),
    ],
)
def test_proxy_headers_say_whose_they_are(listening, header, facts):
    def script(side):
        return ask(path(side, "p"), "/facts", first=header.encode() + b"\r\n")

    assert listening.agree(script).startswith(facts.encode())


def test_the_log(listening):
    def script(side):
        ask(path(side, "f"))
        # Two threads may log the two connections: only what is waited for has an order.
        wait_until(lambda: side.log.count(" to b/s 200") == 1, "the first line is written")
        ask(path(side, "p"), first=b"PROXY TCP4 192.0.2.1 192.0.2.2 11 22\r\n")
        wait_until(lambda: side.log.count(" to b/s 200") == 2, "two lines are written")
        return [line[line.index("client ") :] for line in side.log.splitlines() if "to b/s" in line]

    assert listening.agree(script) == [
        "client unix:2 at unix:2 to b/s 200", "client 192.0.2.1:11 at 192.0.2.2:22 to b/s 200",
    ]  # fmt: skip


def test_rights(listening):
    def script(side):
        is_there(side, "f", "p")
        return [oct(stat.S_IMODE(os.stat(path(side, name)).st_mode)) for name in ("f", "p")]

    assert listening.agree(script) == ["0o640", "0o600"]


def test_every_client_is_served(listening):
    """The workers share the socket: each connection is somebody's."""

    def script(side):
        return {ask(path(side, "f"), f"/{i}").split()[1] for i in range(40)}

    assert listening.agree(script) == {f"/{i}".encode() for i in range(40)}


CHAIN = f"""{LOGGED}
global
    stats socket "${{DIR}}/api" level admin
frontend f
    bind "127.0.0.1:${{HTTP}}"
    bind "${{DIR}}/in"
    log-format "%b/%s at %si %ST %ts"
    use_backend named if {{ path_beg /named }}
    use_backend told if {{ path_beg /told }}
    default_backend b
backend b
    server s "${{DIR}}/inner" CHECK
backend named
    server n "abns@${{DIR}}/n"
backend told
    server t "${{DIR}}/told" VERSION
frontend inner
    log-format "inner"
    bind "${{DIR}}/inner"
    bind "abns@${{DIR}}/n"
    http-request return status 200 content-type text/plain lf-string "%[path] of %ci"
frontend announced
    log-format "announced"
    bind "${{DIR}}/told" accept-proxy
    http-request return status 200 content-type text/plain lf-string "%[path] of %[src] %ci"
"""


def chain(check: str = "", version: str = "send-proxy") -> str:
    return CHAIN.replace("CHECK", check).replace("VERSION", version)


def command(side, line: str) -> str:
    with connected(path(side, "api")) as api:
        api.sendall(line.encode() + b"\n")
        said = b""
        while more := api.recv(65536):
            said += more
    return said.decode()


def row(side, section: str, server: str) -> dict[str, str]:
    lines = command(side, "show stat").splitlines()
    names = lines[0].removeprefix("# ").split(",")
    return next(dict(zip(names, line.split(","))) for line in lines if line.startswith(f"{section},{server},"))


@pytest.mark.parametrize("target", ["/x", "/named"])
def test_servers_are_reached(twins, target):
    pair = twins(chain())
    assert pair.agree(lambda side: side.get(target).body) == f"{target} of unix".encode()


@pytest.mark.parametrize("version", ["send-proxy", "send-proxy-v2"])
def test_servers_are_told_whose_connection_it_is(twins, version):
    pair = twins(chain(version=version))
    assert pair.agree(lambda side: side.get("/told").body) == b"/told of 127.0.0.1 127.0.0.1"
    assert pair.agree(lambda side: ask(path(side, "in"), "/told")) == b"/told of  unix"


def test_statistics_and_logs_of_servers(twins):
    pair = twins(chain())

    def script(side):
        assert side.get("/x").status == 200
        wait_until(lambda: "b/s at" in side.log, "the line is written")
        line = next(line for line in side.log.splitlines() if "b/s at" in line)
        states = [words.split() for words in command(side, "show servers state").splitlines()]
        address = next((words[4], words[18]) for words in states if words[1:2] == ["b"])
        return line[line.index("b/s at") :], row(side, "b", "s")["addr"], address

    assert pair.agree(script) == ("b/s at unix 200 --", "unix", ("-", "0"))


def test_checks(twins):
    pair = twins(chain(check="check inter 100 fall 1 rise 1"))

    def script(side):
        wait_until(lambda: row(side, "b", "s")["check_status"] == "L4OK", "it is checked")
        os.rename(path(side, "inner"), path(side, "away"))
        wait_until(lambda: row(side, "b", "s")["status"] == "DOWN", "it is down")
        down = side.get("/x").status
        os.rename(path(side, "away"), path(side, "inner"))
        wait_until(lambda: row(side, "b", "s")["status"] == "UP", "it is up")
        # Workers hear of it a moment later.
        wait_until(lambda: side.get("/x").status == 200, "it serves")
        return down

    assert pair.agree(script) == 503


def test_checks_at_a_path(twins):
    text = f"""{LOGGED}
global
    stats socket "${{DIR}}/api" level admin
frontend f
    bind "127.0.0.1:${{HTTP}}"
    default_backend b
backend b
    server s "127.0.0.1:${{A}}" check inter 100 addr "${{DIR}}/health"
    server t "127.0.0.1:${{A}}" check inter 100 fall 1 addr "${{DIR}}/nobody"
frontend health
    bind "${{DIR}}/health"
"""
    pair = twins(text, servers={"A": echo})

    def script(side):
        # Its first check may have taken too long.
        is_up = lambda: (now := row(side, "b", "s"))["check_status"] == "L4OK" and now["status"] == "UP"  # noqa: E731
        wait_until(is_up, "it is checked, and up")
        wait_until(lambda: row(side, "b", "t")["status"] == "DOWN", "the other one is down")
        return row(side, "b", "s")["status"]

    assert pair.agree(script) == "UP"


def test_a_server_without_a_socket_is_503(twins):
    pair = twins(chain())

    def script(side):
        is_there(side, "inner")
        os.unlink(path(side, "inner"))
        return side.get("/x").status

    assert pair.agree(script) == 503


TCP = f"""{LOGGED.replace("mode http", "mode tcp")}
frontend f
    bind "127.0.0.1:${{HTTP}}"
    default_backend b
backend b
    server s "${{DIR}}/inner"
listen inner
    mode http
    bind "${{DIR}}/inner"
    http-request return status 200 content-type text/plain string through
"""


def test_sessions(twins):
    pair = twins(TCP)
    assert pair.agree(lambda side: side.get("/").body) == b"through"


def test_a_socket_that_is_left_over_is_replaced(twins, twins_folder):
    for name in ("haproxy", "sluice"):
        folder = twins_folder / "0" / name
        folder.mkdir(parents=True)
        with socket.socket(socket.AF_UNIX) as left:
            left.bind(str(folder / "inner"))
    pair = twins(chain())
    assert pair.agree(lambda side: side.get("/x").status) == 200


def test_a_socket_stays_when_its_process_ends(twins):
    """It may be another process's by then."""
    text = CHAIN.replace("CHECK", "").replace("VERSION", "")
    pair = twins(text)
    places = {}
    for side in pair.sides:
        places[side.name] = path(side, "inner")
        wait_until(lambda: listens(places[side.name]), "it listens there")
        side.process.terminate()
        side.process.wait(PATIENCE)
    pair.sides.clear()
    for place in places.values():
        assert Path(place).is_socket() and not listens(place)


def test_what_is_no_socket_is_not_replaced(tmp_path):
    place = tmp_path / "file"
    place.write_text("kept")
    configuration = tmp_path / "a.cfg"
    configuration.write_text(f"defaults\n mode http\nfrontend f\n bind {place}\n")
    done = subprocess.run(
        [binary(), "proxy", "-f", str(configuration)], capture_output=True, text=True, timeout=PATIENCE
    )
    assert done.returncode == 1
    assert f"cannot listen on unix@{place}: bind: File exists" in done.stderr
    assert place.read_text() == "kept"
