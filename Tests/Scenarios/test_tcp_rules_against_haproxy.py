"""What `tcp-request` says of connections, sessions and what is in them does what it does in Debian's haproxy."""

from __future__ import annotations

import contextlib
import re
import socket

import pytest
from harness.client import Client
from harness.twins import LOGGED
from harness.waiting import wait_until
from test_tracking_against_haproxy import EVERYTHING, HEAD, NAMES, answer, frontend, shown, table, values

TCP = HEAD.replace("mode http", "mode tcp")


def raw(side, request: bytes, *, port="HTTP", seconds: float = 15) -> bytes:
    """What comes back until the connection ends, the first line of it; `?` if it does not end."""
    got = b""
    try:
        with socket.create_connection(("127.0.0.1", side.ports[port]), seconds) as connection:
            connection.sendall(request)
            while piece := connection.recv(1 << 16):
                got += piece
    except (ConnectionResetError, BrokenPipeError):
        pass
    except TimeoutError:
        got += b"?"
    return got.split(b"\r\n")[0]


GET = b"GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"


@pytest.mark.sanitizer
def test_connections_are_refused_before_they_say_anything(twins):
    rules = """    tcp-request connection accept if { src 127.0.0.2 }
    tcp-request connection track-sc0 src table t
    tcp-request connection reject if { sc0_conn_cnt gt 2 }
    tcp-request connection sc-inc-gpc0(0)
"""
    pair = twins(frontend(rules) + table("t"), servers={"A": answer})

    def script(side):
        seen = [raw(side, GET) for _ in range(4)]
        with socket.socket() as other:
            other.bind(("127.0.0.2", 0))
            other.connect(("127.0.0.1", side.ports["HTTP"]))
            other.sendall(GET)
            seen.append(other.recv(15))
        return seen

    pair.agree(script)


def test_open_connections_count_until_they_end(twins):
    rules = """    timeout http-keep-alive 30s
    tcp-request connection track-sc0 src table t
    tcp-request connection reject if { sc0_conn_cur gt 3 }
"""
    pair = twins(frontend(rules) + table("t"), servers={"A": answer})

    def script(side):
        with contextlib.ExitStack() as held:
            clients = [held.enter_context(side.client()) for _ in range(3)]
            # An answer shows that the connection is counted.
            seen = [client.request("/200").status for client in clients]
            seen.append(raw(side, GET)[:12])
            clients[0].close()
            wait_until(lambda: raw(side, GET)[:12] == b"HTTP/1.1 200", "the place is free")
            return seen

    pair.agree(script)


READ = [f"sc_{name}(0)" for name in NAMES] + [f"sc1_{name}" for name in NAMES] + [f"sc2_{name}" for name in NAMES]


def test_what_a_connection_tracks_counts_what_happens_on_it(twins):
    rules = """    timeout http-request 4s
    tcp-request connection track-sc0 src table t
    tcp-request session track-sc1 src table u
    tcp-request session sc-inc-gpc1(0)
    tcp-request content track-sc2 req.hdr(x-user) table named if { req.hdr(x-user) -m found }
    tcp-request content sc-inc-gpc0(0)
    tcp-request content reject if { path /rejected }
    http-request track-sc0 path table named
    http-request deny if { path /deny }
    http-request sc-inc-gpc0(1) if { path /inc }
"""
    text = frontend(rules + shown(*READ)) + table("t") + table("u") + table("named", "string len 20")
    pair = twins(text, servers={"A": answer})

    def script(side):
        seen = [values(side, READ)]
        for kind in ["200", "404", "500", "deny", "inc", "close"]:
            seen.append((kind, side.get(f"/{kind}", headers=[("X-User", kind)]).status, values(side, READ)))
        with side.client() as client:
            seen.append([client.request(path).status for path in ("/404", "/200", "/404", "/404")])
        seen.append(values(side, READ))
        for request in [b"nonsense\r\n\r\n", b"GET /rejected HTTP/1.1\r\nHost: a\r\n\r\n", b"GET / HTTP/1.1\r\nHost", b""]:
            status = raw(side, request)
            seen.append((request, status[:12] if status.startswith(b"HTTP") else status, values(side, READ)))
        return seen

    pair.agree(script)


def test_content_rules_come_before_rules_about_requests(twins):
    rules = """    tcp-request inspect-delay 1s
    acl fine path_beg /fine
    tcp-request content accept if fine
    tcp-request content reject if { path_end .php } or METH_PUT
    tcp-request content reject if { req.hdr(x) -m found } WAIT_END
    http-request return status 404 if { path_end .php }
"""
    pair = twins(frontend(rules), servers={"A": lambda session, request: session.answer(body=b"")})
    heads = [b"GET /a.php", b"GET /fine.php", b"PUT /", b"PUT /fine", b"GET /"]
    pair.agree(lambda side: [raw(side, head + b" HTTP/1.1\r\nHost: a\r\nConnection: close\r\n" + field + b"\r\n")[:12] for head in heads for field in (b"", b"X: 1\r\n")])


def test_a_backend_has_content_rules_too(twins):
    text = frontend("", servers='    default_backend b\nbackend b\n    tcp-request content reject if { path /no }\n    server s "127.0.0.1:${A}"\n')
    pair = twins(text, servers={"A": lambda session, request: session.answer(body=b"")})
    pair.agree(lambda side: [raw(side, GET.replace(b"/ ", path + b" "))[:12] for path in (b"/no", b"/yes")])


def test_some_connections_begin_with_a_proxy_header(twins):
    rules = "    tcp-request connection expect-proxy layer4 if { src 127.0.0.2 }\n    http-request redirect location /%[src] if { path / }\n"
    pair = twins(frontend(rules), servers={"A": answer})

    def ask(side, source, head):
        with socket.socket() as client:
            client.settimeout(15)
            client.bind((source, 0))
            client.connect(("127.0.0.1", side.ports["HTTP"]))
            client.sendall(head + GET)
            got = b""
            while piece := client.recv(4096):
                got += piece
            return [line for line in got.lower().split(b"\r\n") if line.startswith((b"http/", b"location"))]

    header = b"PROXY TCP4 10.1.2.3 10.1.2.4 5 6\r\n"
    pair.agree(lambda side: [ask(side, "127.0.0.2", header), ask(side, "127.0.0.1", b"")])


def echoing(session, request):
    session.answer(body=b"x" * 100_000)
    session.close()


@pytest.mark.sanitizer
def test_connections_of_mode_tcp(twins):
    text = f"""{TCP}
frontend f
    bind "127.0.0.1:${{HTTP}}"
    tcp-request connection track-sc0 src table t
    tcp-request session track-sc1 src table u
    tcp-request content track-sc2 src table w
    tcp-request content reject if {{ sc2_conn_cnt 3 }}
    tcp-request content silent-drop if {{ sc2_conn_cnt 4 }}
    tcp-request content sc-inc-gpc0(0)
    default_backend b
backend b
    server s "127.0.0.1:${{A}}"
frontend shows
    mode http
    bind "127.0.0.1:${{SHOW}}"
""" + shown(*[f"src_{name}({each})" for each in "tuw" for name in NAMES], "src_kbytes_out(t)")  # fmt: skip
    text += "".join(table(each, store=EVERYTHING) for each in "tuw")
    pair = twins(text, ports=["HTTP", "SHOW"], servers={"A": echoing})
    read = [f"src_{name}({each})" for each in "tuw" for name in NAMES] + ["src_kbytes_out(t)"]

    def show(side):
        found = []
        for start in range(0, len(read), 20):
            fields = {name.lower(): value for name, value in side.exchange(f"/show{start}", port="SHOW").fields}
            found += fields["location"].removeprefix("/").split("|")
        return found

    def script(side):
        seen = []
        for turn in range(1, 6):
            before = int(show(side)[-1])
            # What is sent after a silent drop would be answered with a reset.
            seen.append(raw(side, b"", seconds=0.7)[:12] if turn == 4 else raw(side, GET)[:12])
            # Who has heard nothing may have left before anybody looked at the session.
            tracked = read.index("src_conn_cnt(w)")
            wait_until(lambda: show(side)[tracked] == str(turn), f"session {turn} is tracked")
            if turn not in (3, 4):
                # Bytes are counted when a session is over.
                wait_until(lambda: int(show(side)[-1]) > before, f"session {turn} is counted")
            seen.append(show(side))
        return seen

    pair.agree(script)


SOURCES = LOGGED + """
frontend f
    bind "127.0.0.1:${HTTP}"
    tcp-request connection set-src src,ipmask(24)
    tcp-request session set-src-port int(1234)
    tcp-request content set-log-level silent if { path /quiet }
    tcp-request content set-src str(192.0.2.7) if { path /content }
    http-request set-src-port int(99) if { path /port }
    http-request return status 200 hdr X-Source "%ci:%cp %[src]:%[src_port]"
    log-format "<%ci:%cp %HP>"
frontend t
    mode tcp
    option dontlognull
    bind "127.0.0.1:${TCP}"
    tcp-request content set-src str(198.51.100.1)
    log-format "<%ci of tcp %B>"
    default_backend b
backend b
    mode tcp
    tcp-request content set-log-level silent if { src_port 0 }
    tcp-response inspect-delay 5s
    tcp-response content set-log-level silent if { res.payload(9,3) -m str 404 }
    server s "127.0.0.1:${A}"
"""


def test_rules_say_where_connections_come_from(twins):
    def answer(session, request):
        session.answer(int(request.target[1:]))

    pair = twins(SOURCES, ports=["HTTP", "TCP"], servers={"A": answer})

    def script(side):
        told = [side.exchange(path).get("x-source") for path in ["/", "/content", "/port", "/quiet", "/"]]
        statuses = []
        for status in (404, 200):
            with Client(side.ports["TCP"]) as client:
                statuses.append(client.request(f"/{status}").status)
        pattern = re.compile(r"^<\S+ .*>$", re.MULTILINE)
        wait_until(lambda: len(pattern.findall(side.log)) >= 5, f"five lines in the log:\n{side.log}")
        return told, statuses, sorted(pattern.findall(side.log))

    told, _, lines = pair.agree(script)
    assert told[:2] == ["127.0.0.0:1234 127.0.0.0:1234", "192.0.2.7:1234 192.0.2.7:1234"]
    assert sum(line.startswith("<198.51.100.1 of tcp ") for line in lines) == 1 and "<127.0.0.0:1234 /quiet>" not in lines
