"""Sections that others begin with or take pages from: `http-errors`, and `defaults` with rules, beside Debian's haproxy."""

from __future__ import annotations

import pytest
from harness.twins import LOGGED, echo, verdicts

PAGES = """
http-errors site
    errorfile 403 "${DIR}/403"
    errorfile 503 "${DIR}/503"
http-errors shop
    errorfile 503 "${DIR}/shop"
"""
FILES = {
    name: f"HTTP/1.1 {status} Said\r\nX-Page: {name}\r\nContent-Length: {len(name)}\r\n\r\n{name}"
    for name, status in (("403", 403), ("503", 503), ("shop", 503))
}


@pytest.mark.sanitizer
@pytest.mark.parametrize("lines", [
    "errorfiles site", "errorfiles site 503", "errorfiles site 503 403", "errorfiles site\n    errorfiles shop",
    "errorfiles shop\n    errorfiles site 403", "errorfiles site\n    http-error status 503 default-errorfiles",
    "http-error status 503 errorfiles shop", "errorfiles site\n    errorloc302 503 /else",
])  # fmt: skip
def test_pages_come_from_sections(twins, lines):
    text = PAGES + LOGGED + f"""    {lines}
frontend f
    bind "127.0.0.1:${{HTTP}}"
    http-request deny if {{ path /deny }}
    http-request deny deny_status 503 errorfiles shop if {{ path /shop }}
    http-request return status 403 errorfiles site if {{ path /return }}
    http-request return status 503 default-errorfiles if {{ path /default }}
    http-response return status 503 errorfiles site if {{ status 403 }}
    default_backend none
backend none
"""
    pair = twins(text, files=FILES)

    pair.agree(lambda side: [seen(side, path) for path in ("/", "/deny", "/shop", "/return", "/default")])


def seen(side, path):
    answer = side.exchange(path)
    return answer.status, answer.get("x-page"), answer.get("location"), answer.body if answer.get("x-page") else b""


RULES = """
defaults web
    mode http
    log global
    timeout client 5s
    timeout connect 5s
    timeout server 5s
    acl secret path_beg /secret
    http-request set-var(txn.first) str(defaults)
    http-request deny deny_status 404 if secret !{ src 127.0.0.2 }
    http-request set-header X-Order %[var(txn.first)]
    http-request auth unless { path_beg / } || { path * }
    http-response set-header X-Answered defaults
    http-after-response set-header X-After defaults
    tcp-request content set-var(txn.second) str(content)
frontend f from web
    bind "127.0.0.1:${HTTP}"
    http-request set-header X-Order "%[req.hdr(x-order)] then frontend"
    http-request set-header X-Second %[var(txn.second)]
    http-response set-header X-Answered "%[res.hdr(x-answered)] then frontend"
    http-response set-header X-First %[var(txn.first)]
    default_backend b
defaults servers
    mode http
    timeout connect 5s
    timeout server 5s
    http-request set-header X-Side servers
    http-response del-header X-Gone
backend b
    http-request add-header X-Side own
    server s "127.0.0.1:${A}"
"""


@pytest.mark.sanitizer
def test_rules_of_defaults_are_asked_before_a_sections_own(twins):
    pair = twins("global\n    log stdout format raw local0\n" + RULES, servers={"A": echo})
    pair.agree(lambda side: [side.get(path) for path in ("/", "/secret", "/x/secret")])


HEAD = "    mode http\n    timeout client 5s\n    timeout connect 5s\n    timeout server 5s\n"
F, B = "frontend f\n    bind 127.0.0.1:1\n    default_backend b\n", "backend b\n    server s 127.0.0.1:2\n"
L = "listen l\n    bind 127.0.0.1:1\n    server s 127.0.0.1:2\n"
RULE = "    http-request set-header X y\n"


@pytest.mark.parametrize("text", [
    f"defaults\n{HEAD}{RULE}{F}defaults\n{HEAD}{B}", f"defaults\n{HEAD}    acl a src ::1\n{L}",
    f"defaults a\n{HEAD}{RULE}{F}defaults\n{HEAD}{B}", f"defaults a\n{HEAD}{RULE}{F}{B}", f"defaults a\n{HEAD}{RULE}{L}",
    f"defaults a\n{HEAD}    acl a src ::1\n{F}{B}", f"defaults a\n{HEAD}{RULE}defaults b from a\n{HEAD}{F}{B}",
    f"defaults a\n{HEAD}    acl own src ::1\n{L}    http-request deny if own\n",
    f"defaults a\n{HEAD}    tcp-request connection reject if {{ src ::1 }}\n{B}defaults\n{HEAD}{F}",
    f"defaults a\n{HEAD}    redirect location /\n{L}", f"defaults a\n{HEAD}    use_backend b\n{F}{B}",
    f"http-errors a\n    errorfile 999 /none\n{L}", f"http-errors a\nhttp-errors a\ndefaults\n{HEAD}{L}",
    f"defaults\n{HEAD}{L}    errorfiles none\n", f"http-errors a\n    timeout client 5s\ndefaults\n{HEAD}{L}",
    f"global\n    maxconnrate 0\ndefaults\n{HEAD}{L}",
])  # fmt: skip
def test_the_same_files_are_refused(tmp_path, text):
    theirs, ours = verdicts(tmp_path, text).values()
    assert ours[0] == theirs[0]
