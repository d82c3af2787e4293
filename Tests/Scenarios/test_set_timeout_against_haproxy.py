"""Rules that change time-outs, through both programs."""

from __future__ import annotations

import pytest
from harness.twins import LOGGED
from harness.waiting import wait_until

RULES = {
    "http-request set-timeout server 300ms": 504,
    "http-request set-timeout server int(100),mul(3)": 504,
    "http-request set-timeout server req.hdr(x-time)": 504,
    "http-request set-timeout server req.hdr(x-none)": 200,
    "http-request set-timeout server 300ms if { path /other }": 200,
    "http-request set-timeout tunnel 300ms": 200,
}


def text(rule: str, kind: str) -> str:
    head = f"""{LOGGED}
    log-format "%ST %ts"
"""
    if kind == "listen":
        return f"""{head}
listen l
    bind "127.0.0.1:${{HTTP}}"
    {rule}
    server s "127.0.0.1:${{A}}"
"""
    return f"""{head}
frontend f
    bind "127.0.0.1:${{HTTP}}"
    default_backend b
backend b
    {rule}
    server s "127.0.0.1:${{A}}"
"""


def late(seconds: float):
    """Answers when the proxy would have given up long ago, if it were to."""

    def answer(session, request) -> None:
        if not session.wait_gone(seconds):
            session.answer()

    return answer


@pytest.mark.parametrize("kind", ["listen", "backend"])
@pytest.mark.parametrize("rule", RULES)
def test_how_long_a_server_is_waited_for(twins, rule, kind):
    pair = twins(text(rule, kind), servers={"A": late(1.0 if RULES[rule] == 200 else 4.5)})

    def script(side):
        status = side.get("/", headers=[("X-Time", "300")]).status
        line = "200 --" if status == 200 else "504 sH"
        wait_until(lambda: line in side.log, "the line is written")
        return status

    assert pair.agree(script) == RULES[rule]


# Rules of the kind are 2.9's; what they do to a request its frontend's time-out does to all.
CLIENTS = f"""{LOGGED}
    log-format "%ST %ts"
frontend f
    bind "127.0.0.1:${{HTTP}}"
.if version_atleast(2.9)
    timeout client 1m
    http-request return status 200 content-type text/plain lf-string "%[cur_client_timeout] %[fe_client_timeout]" if {{ path /told }}
    http-request set-timeout client RULE if {{ path_beg /short }}
    http-request return status 200 content-type text/plain lf-string "%[cur_client_timeout] %[fe_client_timeout]" if {{ path /short/told }}
.else
    # Who has but 300 ms to say his first word may be too late for it.
    timeout client 5s
.endif
    default_backend b
backend b
    server s "127.0.0.1:${{A}}"
"""


def much(session, request) -> None:
    session.send(b"HTTP/1.1 200 OK\r\nContent-Length: 100000000\r\n\r\n")
    for _ in range(1000):
        session.send(b"x" * 100_000)


@pytest.mark.parametrize("rule", ["300ms", "int(100),mul(3)", "req.hdr(x-time)"])
def test_how_long_a_client_is_waited_for(twins, rule):
    pair = twins(CLIENTS.replace("RULE", rule), servers={"A": much})

    def script(side):
        with side.client(receive_buffer=4096) as client:
            client.send(b"GET /short HTTP/1.1\r\nHost: a.test\r\nX-Time: 300\r\n\r\n")
            head = client.wire.until(b"\r\n\r\n")
            # It takes no more.
            wait_until(lambda: "200 cD" in side.log, "the line is written")
            return head.split(b"\r\n")[0]

    assert pair.agree(script) == b"HTTP/1.1 200 OK"
    with pair.sluice.client() as client:
        # The next request has the frontend's time again.
        bodies = [client.request(path, headers=[("X-Time", "300")]).body for path in ["/told", "/short/told", "/told"]]
        assert bodies == [b"60000 60000", b"300 60000", b"60000 60000"]
        client.send(b"POST /short HTTP/1.1\r\nHost: a.test\r\nX-Time: 300\r\nContent-Length: 6\r\n\r\nabc")
        assert client.response("POST").status == 408
    wait_until(lambda: "408 cD" in pair.sluice.log, "the line is written")
