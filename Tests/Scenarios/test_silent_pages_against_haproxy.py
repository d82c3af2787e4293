"""Pages that are nothing at all: the client is disconnected without a word, through both programs."""

from __future__ import annotations

import re

import pytest
from harness.http2 import Http2
from harness.twins import LOGGED, echo
from harness.waiting import wait_until

FILE = f"""
http-errors none
    errorfile 403 /dev/null
{LOGGED}
    option httplog
    retries 0
    timeout http-request 5s
    errorfile 408 /dev/null
    errorfile 400 "${{DIR}}/empty"
    errorfile 503 /dev/null
frontend f
    bind "127.0.0.1:${{HTTP}}" BIND
    errorfiles none
    http-after-response set-header x-after 1
    http-request deny if {{ path /denied }}
    http-request deny deny_status 429 errorfile /dev/null if {{ path /own }}
    http-request return status 200 errorfile /dev/null if {{ path /returned }}
    http-request deny deny_status 404 if {{ path /told }}
    use_backend gone if {{ path /gone }}
    default_backend b
backend gone
    server s "127.0.0.1:1"
backend b
    server s "127.0.0.1:${{A}}"
"""

SENT = {
    b"GET /denied HTTP/1.1\r\nHost: a\r\n\r\n": " 403 0 - - PR-- ",
    b"GET /own HTTP/1.1\r\nHost: a\r\n\r\n": " 429 0 - - PR-- ",
    b"GET /returned HTTP/1.1\r\nHost: a\r\n\r\n": " 200 0 - - LR-- ",
    b"GET /gone HTTP/1.1\r\nHost: a\r\n\r\n": " 503 0 - - SC-- ",
    b"nonsense\r\n\r\n": " 400 0 - - PR-- ",
    b"GET / HTTP/1.1\r\n": " 408 0 - - cR-- ",
}


@pytest.mark.parametrize("sent", SENT, ids=lambda sent: sent.split()[1].decode() if b" " in sent else "nonsense")
def test_nothing_is_said(twins, sent):
    pair = twins(FILE.replace("BIND", ""), servers={"A": echo}, files={"empty": ""})

    def script(side):
        with side.client() as client:
            client.send(sent)
            closed = client.is_closed()
        said = wait_until(lambda: re.search(r" \d{3} \d+ - - \S{4} ", side.log), "the line is written")
        return closed, said[0]

    assert pair.agree(script) == (True, SENT[sent])


def test_other_pages_are_as_they_were(twins):
    pair = twins(FILE.replace("BIND", ""), servers={"A": echo}, files={"empty": ""})

    def script(side):
        return side.get("/told"), side.get("/fine")

    told, fine = pair.agree(script)
    assert (told.status, fine.status) == (404, 200) and ("x-after", "1") in told.headers


def test_a_stream_is_reset_and_the_others_go_on(twins):
    pair = twins(FILE.replace("BIND", "proto h2"), servers={"A": echo}, files={"empty": ""})

    def script(side):
        with Http2(side.ports["HTTP"]) as client:
            denied = client.request("/denied")
            return denied.reset is not None, denied.headers, client.request("/fine").status

    assert pair.agree(script) == (True, [], 200)
