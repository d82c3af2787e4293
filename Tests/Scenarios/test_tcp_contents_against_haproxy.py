"""What backends of mode tcp say of what clients and servers send does what it does in Debian's haproxy."""

from __future__ import annotations

import contextlib
import re
import socket
import ssl
import time

import pytest
from harness.messages import Closed
from harness.twins import LOGGED
from harness.waiting import wait_until

HEAD = LOGGED.replace("mode http", "mode tcp")
SHOWN = 'log-format "%b %ts [%[capture.req.hdr(0)]] [%[var(txn.a)]] [%[var(sess.b)]] [%[var(res.c)]] |"'


def file(front: str, back: str) -> str:
    return f'''{HEAD}
frontend f
    bind "127.0.0.1:${{HTTP}}"
    {SHOWN}
{front}    default_backend b
backend b
{back}    server s "127.0.0.1:${{A}}"
'''


def answer(session, request):
    session.answer(int(request.target[1:] or 200), body=b"x" * 10)
    session.close()


def told(side, *pieces: bytes, ends: bool = False, seconds: float = 20) -> bytes:
    """What comes back for what is sent, its first line; `?` behind it if the connection does not end."""
    got = b""
    try:
        with socket.create_connection(("127.0.0.1", side.ports["HTTP"]), seconds) as connection:
            for piece in pieces:
                connection.sendall(piece)
            if ends:
                connection.shutdown(socket.SHUT_WR)
            while piece := connection.recv(1 << 16):
                got += piece
    except (ConnectionResetError, BrokenPipeError):
        pass
    except TimeoutError:
        got += b"?"
    return got.split(b"\r\n")[0]


def logged(side, count: int) -> list[str]:
    pattern = re.compile(r"[bf]\S* \S\S \[.*?\] \[.*?\] \[.*?\] \[.*?\] \|")
    wait_until(lambda: len(pattern.findall(side.log)) >= count, f"{count} lines in the log:\n{side.log}")
    return sorted(pattern.findall(side.log))


def get(path: bytes) -> bytes:
    return b"GET " + path + b" HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"


def test_backends_ask_what_clients_say_first(twins):
    back = """    tcp-request inspect-delay 10s
    tcp-request content set-var(txn.a) req.payload(0,3)
    tcp-request content set-var(sess.b) be_name
    tcp-request content reject if { req.payload(4,5) -m str /evil }
    tcp-request content accept if { req.len ge 9 }
"""
    pair = twins(file("", back), servers={"A": answer})

    def script(side):
        seen = [told(side, get(path))[:12] for path in (b"/200", b"/evil", b"/404")]
        return seen, logged(side, 3)

    seen, _ = pair.agree(script)
    assert seen == [b"HTTP/1.1 200", b"", b"HTTP/1.1 404"]


def test_what_does_not_come_in_time_does_not_count(twins):
    back = """    tcp-request inspect-delay 300ms
    tcp-request content reject if { req.len ge 5 }
    tcp-request content set-var(sess.b) str(late)
"""
    pair = twins(file("", back), servers={"A": answer})

    def script(side):
        with socket.create_connection(("127.0.0.1", side.ports["HTTP"]), 20) as connection:
            connection.sendall(b"GET")
            # The server has it once the time is over; what comes now is no longer looked at.
            wait_until(lambda: side.backends["A"].open_sessions, "the server is connected")
            connection.sendall(b" /200 HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
            got = connection.recv(12)
        return got, logged(side, 1)[0].split("[late]")[0].split()[0]

    assert pair.agree(script)[0] == b"HTTP/1.1 200"


def test_frontends_and_backends_look_one_after_the_other(twins):
    front = """    tcp-request inspect-delay 10s
    tcp-request content capture req.payload(0,4) len 3
    tcp-request content set-var(txn.a) req.len
    tcp-request content reject if { req.payload(4,3) -m str /no }
"""
    back = """    tcp-request inspect-delay 10s
    tcp-request content reject if { req.payload(4,6) -m str /never }
    tcp-request content set-var(sess.b) var(txn.a)
"""
    pair = twins(file(front, back), servers={"A": answer})

    def script(side):
        seen = [told(side, get(path))[:12] for path in (b"/200", b"/no", b"/never", b"/404")]
        return seen, logged(side, 4)

    assert pair.agree(script)[0] == [b"HTTP/1.1 200", b"", b"", b"HTTP/1.1 404"]


def test_backends_ask_what_servers_say_first(twins):
    back = """    stick-table type ip size 10 store gpc0
    tcp-request content track-sc0 src
    tcp-response inspect-delay 10s
    tcp-response content set-var(res.c) res.payload(9,3)
    tcp-response content sc-inc-gpc0(0) if { res.payload(9,3) -m str 404 }
    tcp-response content set-var(txn.a) sc0_get_gpc0
    tcp-response content accept if { res.payload(9,3) -m str 201 }
    tcp-response content reject if { res.payload(9,1) -m str 5 }
    tcp-response content set-var(sess.b) srv_name
"""
    pair = twins(file("", back), servers={"A": answer})

    def script(side):
        seen = []
        for number, path in enumerate([b"/200", b"/404", b"/500", b"/201", b"/404"], 1):
            seen.append(told(side, get(path))[:12])
            logged(side, number)
        return seen, logged(side, 5)

    seen, _ = pair.agree(script)
    assert seen == [b"HTTP/1.1 200", b"HTTP/1.1 404", b"", b"HTTP/1.1 201", b"HTTP/1.1 404"]


def test_a_server_is_looked_at_no_longer_than_it_may(twins):
    back = """    tcp-response inspect-delay 300ms
    tcp-response content reject if { res.len ge 100000 }
    tcp-response content set-var(res.c) res.len
"""
    pair = twins(file("", back), servers={"A": lambda session, request: session.answer(200, body=b"abc")})
    pair.agree(lambda side: told(side, get(b"/"))[:12])


def test_a_server_is_left(twins):
    back = """    tcp-response inspect-delay 10s
    tcp-response content close if { res.payload(9,3) -m str 404 }
    tcp-response content silent-drop if { res.payload(9,3) -m str 503 }
"""
    pair = twins(file("", back), servers={"A": answer})

    def script(side):
        waits = [(b"/200", 20), (b"/404", 20), (b"/503", 2)]
        return [told(side, get(path), seconds=seconds)[:12] for path, seconds in waits]

    pair.agree(script)


def test_without_a_delay_nothing_is_waited_for(twins):
    front = "    tcp-request content set-var(txn.a) int(1)\n"
    back = """    tcp-response content reject if { res.len 0 }
"""
    # A server that is quick may have answered by the time that somebody looks, or not.
    pair = twins(file(front, back), servers={"A": lambda session, request: session.wait_gone(20)})
    seen = pair.agree(lambda side: (told(side, get(b"/200"))[:12], logged(side, 1)[0].split()[1]))
    assert seen == (b"", "PD"), "the rule ends it, and not the server's time"


def test_the_version_of_a_client_hello(twins):
    front = """    tcp-request inspect-delay 5s
    tcp-request content set-var(txn.a) req.ssl_ver
    tcp-request content set-var(sess.b) str(old) if { req.ssl_ver 3.1:3.2 } or { req_ssl_ver 3 }
    tcp-request content set-var(sess.b) str(new) if { req.ssl_ver ge 3.3 }
    tcp-request content capture req.ssl_hello_type len 3 if { req.ssl_ver gt 3 }
    tcp-request content reject
"""
    pair = twins(file(front, ""), servers={"A": answer})
    # A ClientHello of TLS 1.3, and what it would be of older versions.
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    sent = ssl.MemoryBIO()
    with contextlib.suppress(ssl.SSLWantReadError):
        context.wrap_bio(ssl.MemoryBIO(), sent).do_handshake()
    hello = sent.read()
    hellos = [hello[:9] + bytes(version) + hello[11:] for version in ((3, 3), (3, 1), (3, 2), (3, 0))]

    def script(side):
        seen = []
        for number, first in enumerate([*hellos, get(b"/200")], 1):
            told(side, first)
            seen.append(logged(side, number))
        return seen

    pair.agree(script)


ANSWERS = """
frontend f
    bind "127.0.0.1:${HTTP}"
    log-format "%ts %[var(txn.a)] |"
    default_backend b
backend b
    tcp-response inspect-delay DELAY
RULES
    http-response set-header told "%[var(txn.a)]"
    server s "127.0.0.1:${A}"
"""
ANSWER_RULES = {
    "accept": "tcp-response content accept if { status 200 }\ntcp-response content reject if { res.hdr(x-kind) -m found }",
    "reject": "tcp-response content set-var(txn.a) res.hdr(x-kind) if { res.hdr(x-kind) -m found }\n"
    "tcp-response content reject if { status 500: }\ntcp-response content set-var(txn.a) str(last) if { status 404 }",
    "silent": "http-response silent-drop if { status 500 }\nhttp-response set-var(txn.a) status",
}


def statuses(side, expected: list[int]) -> list[int | None]:
    """The status of each answer, and what rules have noted of it; None for a connection that ends without one."""
    found = []
    for status in expected:
        try:
            with side.client() as client:
                response = client.request(f"/{status}")
                found.append((response.status, response.get("told")))
        except (Closed, OSError):
            found.append(None)
    return found


def kinds(session, request):
    session.answer(int(request.target[1:]), headers=f"X-Kind: k{request.target[1:]}\r\n", body=b"x" * 10)


@pytest.mark.parametrize("name", ["accept", "reject"])
def test_answers_of_mode_http_are_asked_before_other_rules(twins, name):
    rules = "".join(f"    {line}\n" for line in ANSWER_RULES[name].splitlines())
    pair = twins(LOGGED + ANSWERS.replace("RULES\n", rules).replace("DELAY", "10s"), servers={"A": kinds})

    def script(side):
        seen = statuses(side, [200, 404, 500])
        pattern = re.compile(r"^\S\S \S* \|$", re.MULTILINE)
        wait_until(lambda: len(pattern.findall(side.log)) >= 3, f"three lines in the log:\n{side.log}")
        # Workers write their lines in their own time.
        return seen, sorted(pattern.findall(side.log))

    seen, lines = pair.agree(script)
    assert [answer is None for answer in seen] == {"accept": [False, True, True], "reject": [False, False, True]}[name]
    assert sum(line.startswith("PD ") for line in lines) == sum(answer is None for answer in seen)


def test_answers_of_mode_http_that_come_late_are_not_looked_at(twins):
    def slow(session, request):
        # Longer than the rules wait, by the clock of this process, which is theirs.
        started = time.monotonic()
        wait_until(lambda: time.monotonic() - started > 0.6, "the delay is over")
        kinds(session, request)

    rules = "    tcp-response content reject if { status 500 }\n    tcp-response content set-var(txn.a) str(late)\n"
    pair = twins(LOGGED + ANSWERS.replace("RULES\n", rules).replace("DELAY", "100ms"), servers={"A": slow})
    assert pair.agree(lambda side: statuses(side, [200, 500])) == [(200, "late"), (500, "late")]


def test_answers_may_be_dropped_in_silence(twins):
    rules = "".join(f"    {line}\n" for line in ANSWER_RULES["silent"].splitlines())
    pair = twins(LOGGED + ANSWERS.replace("RULES\n", rules).replace("DELAY", "1s"), servers={"A": kinds})

    def script(side):
        with side.client() as client:
            client.send(get(b"/500"))
            client.socket.settimeout(1)
            got = b""
            with contextlib.suppress(OSError):
                got = client.socket.recv(100)
        wait_until(lambda: "PR " in side.log or "PH " in side.log, f"its line is in the log:\n{side.log}")
        return got, statuses(side, [200, 404])

    got, others = pair.agree(script)
    assert got == b"" and others == [(200, "200"), (404, "404")]


def parts(session, request):
    """An answer in one piece, or one whose rest would never come."""
    kind = request.target[1:]
    head = {"whole": "Content-Length: 5", "half": "Content-Length: 10", "chunks": "Transfer-Encoding: chunked"}[kind]
    body = b"5\r\nhello\r\n" if kind == "chunks" else b"hello"
    session.send(f"HTTP/1.1 200 OK\r\nX-Kind: {kind}\r\n{head}\r\n\r\n".encode() + body)
    if kind != "whole":
        session.wait_gone()


@pytest.mark.parametrize("condition", ["if { res.hdr(x-kind) -m found }", ""], ids=["of answers", "always"])
def test_a_server_is_left_in_mode_http(twins, condition):
    """What has come of its answer passes, and no more; asked of nothing in an answer, it is left before there is one."""
    rules = f"    tcp-response content close {condition}\n    tcp-response content reject\n"
    pair = twins(LOGGED + ANSWERS.replace("RULES\n", rules).replace("DELAY", "10s"), servers={"A": parts})

    def script(side):
        seen = []
        for kind in ("whole", "half", "chunks"):
            with side.client() as client:
                client.send(get(f"/{kind}".encode()))
                got = b""
                # What comes until the answer is whole or its connection ends.
                while kind != "whole" or not got.endswith(b"\r\n\r\nhello"):
                    piece = client.socket.recv(65536)
                    got += piece
                    if not piece or got.startswith(b"HTTP/1.1 502"):
                        break
                seen.append((got[:12], got.endswith((b"hello", b"hello\r\n"))))
        pattern = re.compile(r"^(\S\S) \S* \|$", re.MULTILINE)
        wait_until(lambda: len(pattern.findall(side.log)) >= 3, f"three lines in the log:\n{side.log}")
        wait_until(lambda: not side.backends["A"].open_sessions, "all connections to the server have ended")
        return seen, sorted(pattern.findall(side.log))

    seen, letters = pair.agree(script)
    assert [status for status, _ in seen] == [b"HTTP/1.1 200" if condition else b"HTTP/1.1 502"] * 3
    assert letters == (["--", "SD", "SD"] if condition else ["SH"] * 3)
