"""HTTP checks over HTTP/2, here and in this machine's haproxy: a server on python-h2 says what it was asked."""

from __future__ import annotations

import pytest
from harness.http2_server import Http2Server
from harness.twins import echo
from harness.waiting import wait_until

pytestmark = pytest.mark.sanitizer

TEXT = """
defaults
    mode http
    retries 0
    timeout client 5s
    timeout connect 5s
    timeout server 5s
listen web
    bind "127.0.0.1:${{HTTP}}"
    option httpchk
    http-check send meth GET uri /health?full ver HTTP/1.1 hdr Host pod.test hdr X-Port "${{HTTP}}"
    http-check expect status {expected}
    server s 127.0.0.1:{port} {words} inter 300ms
"""


@pytest.mark.parametrize(("expected", "status"), [(200, 200), (201, 503)])
@pytest.mark.parametrize("words", ["proto h2 check", "proto h2 check check-proto h2"])
def test_a_server_is_asked_over_http2(twins, words, expected, status):
    server = Http2Server(lambda *_: None)
    pair = twins(TEXT.format(expected=expected, port=server.port, words=words), ports=["HTTP"])

    def script(side):
        def asked() -> list[dict]:
            return [head for head in list(server.requests) if head.get("x-port") == str(side.ports["HTTP"])]

        wait_until(lambda: len(asked()) >= 3, "it is asked")
        wait_until(lambda: side.get("/").status == status, f"requests are answered {status}")
        # HAProxy leaves the host where the file has it; RFC 9113 8.3.1 prefers the authority.
        return {(head[":method"], head[":path"], head.get(":authority") or head["host"]) for head in asked()}

    assert pair.agree(script) == {("GET", "/health?full", "pod.test")}


def test_a_server_of_http1_fails_the_check(twins):
    text = TEXT.format(expected=200, port="${A}", words="check check-proto h2").replace('127.0.0.1:${A}', '"127.0.0.1:${A}"')
    pair = twins(text, ports=["HTTP"], servers={"A": echo})
    pair.agree(lambda side: wait_until(lambda: side.get("/").status == 503, "it is down") and None)
