"""Sessions, messages that were not understood, and certificates at run time, as Debian's haproxy tells of them."""

from __future__ import annotations

import re
import socket
import threading

import pytest
from cryptography import x509
from harness.client import Client, careless
from harness.runtime import connected, said, with_names
from harness.twins import HAPROXY, LOGGED, Twins, echo
from harness.waiting import wait_until
from simulator.pki import Authority

TEXT = (
    """
global
    stats socket "${DIR}/admin.sock" mode 600 level admin
    stats socket "${DIR}/operator.sock" level operator
    stats socket "${DIR}/user.sock" level user
    stats timeout 5s
"""
    + LOGGED
    + """    option httplog
    timeout client 30s
    timeout server 30s
frontend f
    bind "127.0.0.1:${HTTP}"
    default_backend b
frontend secure
    bind "127.0.0.1:${HTTPS}" ssl crt "${DIR}/a.pem"
    http-request return status 200
backend b
    server s "127.0.0.1:${A}"
backend junk
    server j "127.0.0.1:${JUNK}"
listen raw
    mode tcp
    bind "127.0.0.1:${RAW}"
    server t "127.0.0.1:${SLOW}"
frontend g
    bind "127.0.0.1:${G}"
    default_backend junk
"""
)
SITES = Authority("sites")
FIRST, SECOND = SITES.issue("first", ["a.test", "*.a.test"]), SITES.issue("second", ["b.test"], use_rsa=True)
FILES = {"a.pem": FIRST.certificate + FIRST.key}


def junk(session, request) -> None:
    session.send(b"HTTP/1.1 200 OK\r\nBad \x01Name: x\r\n\r\n")
    session.close()


@pytest.fixture
def pair(tmp_path):
    if not HAPROXY:
        pytest.skip("haproxy is not installed")
    go_on = threading.Event()

    def slow(session, request) -> None:
        go_on.wait(40)
        session.answer(body=b"late")

    twins = Twins(
        tmp_path, TEXT, ports=["HTTP", "HTTPS", "RAW", "G"], files=FILES,
        servers={"A": lambda s, r: slow(s, r) if r.target == "/slow" else echo(s, r), "JUNK": junk, "SLOW": echo},
    )  # fmt: skip
    yield twins
    go_on.set()
    died = [side.name for side in twins.sides if side.process.poll() is not None]
    twins.close()
    assert died == [], "ended on its own"


LINE = re.compile(r"(0x\w+): proto=(\w+) src=([\d.]+):(\d+) fe=(\S+) be=(\S+) srv=(\S+) ts=\w+ epoch=\w+ age=(\w+) calls=\d+ ")


def raw(side, command: str, name: str = "admin") -> str:
    """What is said, with the numbers of sessions."""
    with connected(str(side.path.parent / f"{name}.sock")) as client:
        client.sendall(command.encode() + b"\n")
        answer = b""
        while chunk := client.recv(65536):
            answer += chunk
    return answer.decode()


def sessions(side) -> dict[tuple[str, ...], str]:
    """Those of clients, by where they are from and lead to, with their numbers."""
    found = {}
    for line in filter(None, raw(side, "show sess").splitlines()):
        if match := LINE.match(line):
            found[(match[2], match[5], match[6], match[7])] = match[1]
    return found


def test_sessions_are_listed_and_ended(pair):
    def script(side):
        with side.client() as waiting, side.client("RAW") as passing, side.client() as idle:
            assert idle.request("/").status == 200
            waiting.send(b"GET /slow HTTP/1.1\r\nHost: a\r\n\r\n")
            assert passing.request("/").status == 200
            both = {("tcpv4", "f", "b", "s"), ("tcpv4", "raw", "raw", "t")}
            # They are listed before it is known where they lead.
            wait_until(lambda: set(sessions(side)) == both, f"{side.name} has two sessions")
            known = sessions(side)
            found = [sorted(known)]
            slow = known[("tcpv4", "f", "b", "s")]
            told = with_names(side, raw(side, f"show sess {slow}"))
            found.append(re.findall(r"^  (frontend=.*?),|^  (backend=\S+ \(.*?\))|^  (server=.*)$", told, re.M))
            found.append([raw(side, line) for line in ["show sess 0x1", "shutdown session", "shutdown session x"]])
            found.append(raw(side, "shutdown session 0x1"))
            assert told.count("frontend=") == 1 and raw(side, "show sess all").count("frontend=") >= 2
            found.append(raw(side, f"shutdown session {slow}"))
            # HAProxy answers 502 in its place, and the connection stays.
            assert waiting.socket.recv(1000).startswith(b"HTTP/1.1 502") or side is pair.sluice
            wait_until(lambda: list(sessions(side)) == [("tcpv4", "raw", "raw", "t")], f"{side.name} has one left")
            found.append(raw(side, f"shutdown session {sessions(side)[('tcpv4', 'raw', 'raw', 't')]}"))
            assert passing.is_closed()
            assert idle.request("/").status == 200
        wait_until(lambda: sessions(side) == {}, f"{side.name} has none")
        return found

    pair.agree(script)
    assert raw(pair.sluice, "show sess", "user").splitlines()[0] == "Permission denied"
    assert raw(pair.sluice, "shutdown session 0x1", "operator").splitlines()[0] == "Permission denied"


def test_an_ended_session_is_logged_as_killed(pair):
    def script(side):
        with side.client() as waiting:
            waiting.send(b"GET /slow HTTP/1.1\r\nHost: a\r\n\r\n")
            # It is listed before it is known where it leads, of which the line tells.
            slow = wait_until(lambda: sessions(side).get(("tcpv4", "f", "b", "s")), f"{side.name} has a session")
            raw(side, f"shutdown session {slow}")
            waiting.socket.recv(1000)
        line = wait_until(lambda: re.search(r" f b/s .*/slow", side.log), f"{side.name} has logged it")
        return re.search(r" (K\S)-- ", line[0])[1][0]

    assert pair.agree(script) == "K"


FAULT = re.compile(
    r"^ \n\[.*?\] (frontend|backend) (\S+) \(#\d+\): invalid (request|response)\n"
    r"  (frontend|backend) (\S+) \(#-?\d+\), server (\S+) \(#-?\d+\), event #(\d+), src 127\.0\.0\.1:\d+\n"
    r".*?\n  len (\d+), [^\n]*\n.*? :\n  \n((?:  \d{5}[^\n]*\n)+)", re.M | re.S)  # fmt: skip


def faults(side, words: str = "") -> tuple[str, list[tuple[str, ...]]]:
    text = said(side, f"show errors {words}\n")
    return re.sub(r"\[.*?\]", "[]", text.splitlines()[0]), FAULT.findall(text)


def test_messages_that_are_not_understood_are_shown(pair):
    def script(side):
        found = [faults(side)]
        with side.client() as client:
            client.send(b"GET /x\\y HTTP/1.1\r\nHost : \x01a\r\nX: " + b"long" * 60 + b"\r\n\r\n")
            assert client.response().status == 400
        wait_until(lambda: len(faults(side)[1]) == 1, f"{side.name} has kept it")
        found.append(faults(side))
        assert side.exchange("/", port="G").status == 502
        wait_until(lambda: len(faults(side)[1]) == 2, f"{side.name} has kept the answer")
        found += [faults(side, words) for words in ["", "f", "f request", "f response", "junk", "junk response", "-1", "b"]]
        return found, said(side, "show errors nope\n")

    pair.agree(script)
    assert said(pair.sluice, "show errors\n", "user").splitlines()[0] == "Permission denied"


def served(side) -> str:
    with Client(side.ports["HTTPS"], tls=careless(), server_name="a.test") as client:
        certificate = client.socket.getpeercert(binary_form=True)
    return x509.load_der_x509_certificate(certificate).subject.rfc4514_string()


def payload(*parts: bytes) -> str:
    """Ends with a line; the command's own end is the empty one behind it."""
    return "<<\n" + b"".join(parts).decode().replace("\n\n", "\n")


def test_certificates_are_shown_and_replaced(pair):
    def script(side):
        whole = payload(SECOND.certificate, SECOND.key)
        steps = [
            "show ssl cert", "show ssl cert DIR/a.pem", "show ssl cert nope", "set ssl cert", "set ssl cert DIR/a.pem",
            f"set ssl cert nope {whole}", "commit ssl cert DIR/a.pem", "abort ssl cert DIR/a.pem", "abort ssl cert", "commit ssl cert",
            f"set ssl cert DIR/a.pem {payload(SECOND.certificate)}", "show ssl cert", "commit ssl cert DIR/a.pem",
            "show ssl cert *DIR/a.pem", "abort ssl cert nope", "commit ssl cert nope", "abort ssl cert DIR/a.pem",
            f"set ssl cert DIR/a.pem {whole}", f"set ssl cert DIR/a.pem {whole}", "show ssl cert *DIR/a.pem",
        ]  # fmt: skip
        found = [(step, said(side, step + "\n")) for step in steps]
        assert "first" in served(side)
        found.append(said(side, "commit ssl cert DIR/a.pem\n").replace(".", ""))
        wait_until(lambda: "second" in served(side), f"{side.name} serves the new one")
        found += [(step, said(side, step + "\n")) for step in ["show ssl cert DIR/a.pem", "show ssl cert"]]
        return found

    pair.agree(script)


def test_certificates_that_nobody_is_served(pair):
    def script(side):
        steps = [
            "new ssl cert", "new ssl cert DIR/a.pem", "new ssl cert new.pem", "new ssl cert new.pem", "show ssl cert",
            "show ssl cert new.pem", f"set ssl cert new.pem {payload(SECOND.certificate, SECOND.key)}", "show ssl cert",
            "commit ssl cert new.pem", "show ssl cert new.pem", "del ssl cert", "del ssl cert nope", "del ssl cert DIR/a.pem",
            "del ssl cert new.pem", "del ssl cert new.pem", "show ssl cert",
        ]  # fmt: skip
        return [(step, said(side, step + "\n")) for step in steps]

    pair.agree(script)


def test_what_is_no_certificate_is_refused(pair):
    side = pair.sluice
    told = said(side, "set ssl cert DIR/a.pem <<\njunk\n\n")
    assert told.startswith("unable to load certificate from file 'DIR/a.pem'") and "Can't update DIR/a.pem!" in told
    told = said(side, f"set ssl cert DIR/a.pem {payload(SECOND.certificate, FIRST.key)}\n")
    assert "the private key does not belong to the first certificate of the chain" in told
    assert "PRIVATE" not in said(side, "show ssl cert DIR/a.pem\n")
    assert said(side, "set ssl cert DIR/a.pem\n", "operator").splitlines()[0] == "Permission denied"
    assert said(side, "show ssl cert\n", "user").splitlines()[0] == "Permission denied"
    assert "first" in served(side)


def test_reading_the_file_again_serves_its_certificate(pair):
    side = pair.sluice
    said(side, f"set ssl cert DIR/a.pem {payload(SECOND.certificate, SECOND.key)}\n")
    said(side, "commit ssl cert DIR/a.pem\n")
    wait_until(lambda: "second" in served(side), "the new one is served")
    side.process.send_signal(1)
    wait_until(lambda: "first" in served(side), "the file's is served")
