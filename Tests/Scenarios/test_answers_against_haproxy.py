"""Rules about answers, of servers and of our own, do what they do in Debian's haproxy."""

from __future__ import annotations

import base64
import os
import re

import pytest
from harness.twins import LOGGED, Seen
from harness.waiting import wait_until

HEAD = LOGGED + '    log-format "%HP %ST %tsc||"\n'
FRONTEND = 'frontend f\n    bind "127.0.0.1:${HTTP}"\n    default_backend b\n'
FILES = {"body": "a body %[src] of %[path] 100%%\nsecond\n", "page": "HTTP/1.1 429 Slow\nX-Page: 1\nContent-Length: 3\n\nown"}


def text(rules: str, *, backend: str = "") -> str:
    return HEAD + FRONTEND + rules + "\nbackend b\n" + backend + '\n    server s "127.0.0.1:${A}"\n'


def lines(side, count: int) -> list[str]:
    pattern = re.compile(r"^(.*)\|\|$", re.M)
    wait_until(lambda: len(pattern.findall(side.log)) >= count, f"{count} lines in the log:\n{side.log}")
    return sorted(pattern.findall(side.log))


def replies(session, request):
    word = request.target.split("?")[0].strip("/").split("/")[0]
    status = int(word) if word.isdigit() else 200
    session.answer(status, b"" if status == 204 else b"body", headers="X-One: 1\r\nX-Two: a, b\r\nServer: s\r\n")


def whole(side, path: str, **settings) -> Seen:
    return Seen.of(side.exchange(path, **settings), errors=True)


AFTER = """
    errorfile 429 "${DIR}/page"
    http-request return status 200 content-type text/plain string hi hdr X-R 1 if { path /ret }
    http-request return status 204 if { path /none }
    http-request deny if { path /deny }
    http-request deny deny_status 429 if { path /file }
    http-request redirect location /other if { path /redirect }
    http-request set-var(txn.v) path
    http-request set-var(req.v) path
    http-response set-header X-Order response
    http-response deny if { status 500 }
    http-after-response set-header X-Order "%[res.hdr(x-order)],front"
    http-after-response set-header X-Status "%[status] %[var(txn.v)] %[var(req.v)] %[var(txn.b)]"
    http-after-response set-status 418 reason "A Teapot" if { status 404 }
    http-after-response del-header X-One
    http-after-response del-header X-Page if { status 429 }
    http-after-response replace-header Location /(.*) /new/\\1
    http-after-response set-var(res.x) status
    http-after-response set-header X-Res "%[var(res.x)]"
    http-after-response allow if { status 503 }
    http-after-response add-header X-Last yes
"""
AFTER_BACKEND = """
    http-after-response set-header X-Order "%[res.hdr(x-order)],back"
    http-after-response set-var(txn.b) res.hdr(x-two)
    http-response set-header X-Response yes
    http-request deny deny_status 403 if { path /200/denied }
"""


@pytest.mark.sanitizer
def test_rules_about_all_answers(twins):
    pair = twins(text(AFTER, backend=AFTER_BACKEND), servers={"A": replies}, files=FILES)
    own = {"/deny", "/500", "/200/denied"}

    def script(side):
        paths = ["/200", "/ret", "/none", "/deny", "/file", "/redirect", "/404", "/500", "/503", "/204", "/200/denied"]
        seen = []
        for method in ("GET", "HEAD"):
            for path in paths:
                settings = {"method": method}
                seen.append((path, side.get(path, **settings) if path in own else whole(side, path, **settings)))
        with side.client() as client:
            seen += [client.request(path).status for path in ("/ret", "/200", "/deny", "/404", "/200")]
        return seen, lines(side, len(seen))

    pair.agree(script)


def test_rules_about_all_answers_hold_where_no_server_is(twins):
    rules = "    http-after-response set-header Strict-Transport-Security max-age=1\n    http-after-response set-header X-S \"%[status]\"\n"
    pair = twins(HEAD + FRONTEND + rules + 'backend b\n    server s "127.0.0.1:1"\n')
    pair.agree(lambda side: (side.get("/"), lines(side, 1)), at_once=True)


STATUSES = [
    "set-status 202", 'set-status 503 reason "Slow Down"', "set-status 404 if { res.hdr(x-two) b }", "set-status 299",
    "set-status 200 reason Fine if { status 404 }", "redirect location /x", 'redirect location "/%[status]/%[res.hdr(x-one)]" code 307',
    "redirect location /y code 301 if { status 404 }", "redirect location %[res.hdr(none)] ignore-empty", "set-log-level silent if { status 404 }",
]  # fmt: skip


@pytest.mark.sanitizer
@pytest.mark.parametrize("rule", STATUSES)
def test_status_and_redirection_of_answers(twins, rule):
    pair = twins(text(f"    http-response {rule}"), servers={"A": replies})

    def script(side):
        paths = ["/200", "/404", "/503"]
        answers = [side.exchange(path) for path in [*paths, "/200"]]
        # haproxy 2.6 tells of redirected answers late, or not at all.
        told = [] if rule.startswith("redirect") else lines(side, 3 if "silent" in rule else 4)
        return [(Seen.of(answer), answer.start) for answer in answers], told

    pair.agree(script)


FORMATS = [
    'return status 200 content-type text/plain lf-string "%[src] %[path] 100%% %HM"', 'return content-type text/plain lf-file "${DIR}/body"',
    'return status 201 hdr X-A "%[path]" hdr X-B "%[req.hdr(none)]" hdr X-C fixed', 'deny deny_status 429 content-type text/html lf-string "<%[path]>" hdr Retry-After "%[int(5),add(2)]"',
    'return status 404 content-type text/plain string "fixed %[path]" hdr X-A "%[path]"',
    'tarpit deny_status 503 content-type text/plain lf-string "late %[src]"',
]  # fmt: skip


@pytest.mark.sanitizer
def test_answers_that_are_written_by_formats(twins):
    rules = "    timeout tarpit 100ms\n" + "\n".join(f"    http-request {rule} if {{ path /{n} }}" for n, rule in enumerate(FORMATS))
    after = '    http-response return status 299 content-type text/plain lf-string "%[status] %[res.hdr(x-two)]" hdr X-S "%[status]" if { status 503 }\n    http-after-response set-header X-After "%[status] %[res.hdr(x-a)]" if { status 299 }'
    pair = twins(text(rules + "\n" + after), servers={"A": replies}, files=FILES)

    def script(side):
        asked = [f"/{n}" for n in range(len(FORMATS))] + ["/200"]
        seen = [(path, method, whole(side, path, method=method)) for path in asked for method in ("GET", "HEAD")]
        return seen, lines(side, len(seen))

    pair.agree(script)
    # haproxy 2.6 closes without a word where rules answer an answer by a format.
    seen = whole(pair.sluice, "/503")
    assert (seen.status, seen.body[:4]) == (299, b"503 ")
    assert dict(seen.headers)["x-s"] == "503" and dict(seen.headers)["x-after"].startswith("299")


def upgrades(session, request):
    session.send(b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: test\r\nConnection: Upgrade\r\nX-One: 1\r\n\r\nhello")


def test_an_upgrade_is_an_answer_too(twins):
    rules = "    http-request set-var(txn.p) path\n    http-response set-header X-A \"%[status]\"\n    http-response del-header X-One\n    http-response deny deny_status 403 if { var(txn.p) -m str /no }\n    http-after-response set-header X-B 2\n"
    pair = twins(text(rules), servers={"A": upgrades})

    def script(side):
        import socket

        seen = []
        for path in ("/yes", "/no"):
            with socket.create_connection(("127.0.0.1", side.ports["HTTP"]), 15) as connection:
                key = base64.b64encode(os.urandom(16)).decode()
                connection.sendall(f"GET {path} HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: test\r\nX-Key: {key}\r\n\r\n".encode())
                got = connection.recv(65536)
                while path == "/yes" and not got.endswith(b"hello"):
                    got += connection.recv(65536)
                head = got.split(b"\r\n\r\n")[0].decode().lower().split("\r\n")
                seen.append((head[0], sorted(line for line in head[1:] if line.startswith(("x-", "upgrade")))))
        return seen

    pair.agree(script)


def test_a_request_comes_from_another_address_until_it_ends(twins):
    rules = """
    http-request set-src hdr_ip(x-from) if { hdr(x-from) -m found }
    option forwardfor
    http-request set-header X-Src "%[src] %ci"
    http-request return status 403 if { src 10.0.0.0/8 } { path /no }
    log-format "%HP %ci %[src]||"
"""

    def tells(session, request):
        session.answer(200, f"{request.get('x-src')} {request.get('x-forwarded-for')}".encode())

    pair = twins(text(rules), servers={"A": tells})

    def script(side):
        with side.client() as client:
            asked = [("/a", "10.1.2.3"), ("/b", None), ("/c", "2001:db8::1"), ("/no", "10.0.0.1"), ("/d", "x")]
            seen = [client.request(path, headers=[("X-From", source)] if source else []) for path, source in asked]
        return [(one.status, one.body) for one in seen], lines(side, len(asked))

    pair.agree(script)


def test_clients_are_told_beforehand(twins):
    rules = """
    http-request early-hint Link "</style.css>; rel=preload" if { path /a } or { path /b }
    http-request early-hint Link "</%[path]>; rel=preload" if { path /a } or { path /b }
    http-request set-header X-A 1
    http-request early-hint X-Second yes if { path /b }
    http-request return status 200 if { path /a }
"""
    pair = twins(text(rules), servers={"A": replies})

    def script(side):
        import socket

        seen = []
        for path in ("/a", "/b", "/200"):
            with socket.create_connection(("127.0.0.1", side.ports["HTTP"]), 15) as connection:
                connection.sendall(f"GET {path} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n".encode())
                got = b""
                while piece := connection.recv(65536):
                    got += piece
            parts = got.lower().split(b"\r\n\r\n")
            # In one answer or in several: fields count.
            hints = [part.split(b"\r\n") for part in parts if part.startswith(b"http/1.1 103")]
            seen.append([line for lines in hints for line in lines[1:]])
        return seen

    pair.agree(script)
