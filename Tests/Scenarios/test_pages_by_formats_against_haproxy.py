"""Pages of errors that are written for each answer: `http-error` with `lf-string`, `lf-file` and fields by formats, as Debian's haproxy does it."""

from __future__ import annotations

import socket

from harness.twins import LOGGED, Side, echo

TEXT = (
    LOGGED
    + """    http-error status 503 content-type text/html lf-string "<h1>%ST %[path] %[req.hdr(x-a)]</h1>" hdr X-Path %[path] hdr X-None %[req.hdr(x-none)]
frontend f
    bind "127.0.0.1:${HTTP}"
    http-error status 400 content-type text/plain lf-string "%ST %[src] <%[path]>" hdr X-Method "<%[method]>"
    http-error status 403 content-type text/html lf-file "${DIR}/403"
    http-error status 404 hdr X-Only "%[path] %[url_param(a)]"
    http-after-response set-header X-After %[res.hdr(x-path)] if { res.hdr(x-path) -m found }
    http-request set-var(txn.a) str(kept)
    http-request deny if { path_beg /denied }
    http-request deny deny_status 404 if { path_beg /missing }
    http-request return status 503 default-errorfiles if { path_beg /returned }
    use_backend own if { path_beg /own }
    use_backend served if { path_beg /served }
    default_backend none
backend none
backend own
    http-error status 503 content-type application/json lf-string '{"of":"%b","var":"%[var(txn.a)]","percent":"100%%"}'
backend served
    http-error status 403 content-type text/plain lf-string "not for %[capture.req.uri]"
    http-request deny if { path_end /x }
    server s "127.0.0.1:${A}"
"""
)
FILES = {"403": "<p>\n%[path,upper] is not for %[src]: \"no\", 100%%\n</p>\n"}


def seen(side: Side, path: str, **more: object) -> tuple:
    response = side.exchange(path, **more)
    names = ("content-type", "content-length", "x-path", "x-none", "x-only", "x-after")
    fields = {name.lower(): value for name, value in response.fields}
    return response.status, [fields.get(name) for name in names], response.body


def test_pages_tell_of_their_request(twins):
    pair = twins(TEXT, servers={"A": echo}, files=FILES)
    named = [("X-A", "some <name>")]

    def script(side: Side) -> list:
        found = [seen(side, path, headers=named) for path in ("/none", "/denied/a", "/missing?a=1", "/returned", "/own", "/served/x", "/served/y")]
        found.append(seen(side, "/none", method="HEAD"))
        with side.client() as client:
            found += [client.request(path).status for path in ("/none/1", "/denied/2", "/none/3")]
        return found

    found = pair.agree(script)
    assert isinstance(found, list)
    assert found[0][2] == b"<h1>503 /none some <name></h1>" and found[0][1][2] == "/none"
    assert b"/DENIED/A is not for 127.0.0.1" in found[1][2]


def test_what_was_not_understood_has_the_built_in_page(twins):
    pair = twins(TEXT, servers={"A": echo}, files=FILES)

    def script(side: Side) -> tuple:
        with socket.create_connection(("127.0.0.1", side.ports["HTTP"]), 10) as client:
            client.sendall(b"GET /x HTTP/1.1\r\nHost: a\r\nb ad: x\r\n\r\n")
            answer = b""
            while chunk := client.recv(65536):
                answer += chunk
        head, _, body = answer.partition(b"\r\n\r\n")
        return head.split()[1], b"x-method" in head.lower(), body.startswith(b"<html><body><h1>400 ")

    found = pair.agree(script)
    assert found == (b"400", False, True)
