"""Names of fields for those who know them in one case alone, and the name of the server, as in Debian's haproxy."""

from __future__ import annotations

import pytest
from harness.http2 import Http2
from harness.twins import echo

NAMES = ["ETag", "WWW-Authenticate", "X-CamelCase", "Content-Length", "Content-Type", "Host", "X-Forwarded-For", "Transfer-Encoding"]
FILE = """
global
    h1-case-adjust etag ETag
    h1-case-adjust www-authenticate WWW-Authenticate
    h1-case-adjust-file "${DIR}/names"
defaults
    mode http
    timeout client 5s
    timeout connect 5s
    timeout server 5s
frontend f
    bind "127.0.0.1:${HTTP}"
    option forwardfor
    %s
    http-request return status 200 content-type text/plain string own hdr x-camelcase 1 if { path /own }
    http-request deny if { path /denied }
    http-request set-var(txn.path) path
    http-response set-header x-camelcase ruled if { var(txn.path) -m str /ruled }
    default_backend b
backend b
    %s
    server s1 "127.0.0.1:${A}"
"""
LISTED = "# names\n" + "".join(f"{name.lower()} {name}\n" for name in NAMES[2:])


def meant(received: bytes) -> list[str]:
    """The names of the last head, those that are adjusted, as they were written."""
    lines = bytes(received).rpartition(b"HTTP/1.1")[2].partition(b"\r\n\r\n")[0].decode().split("\r\n")[1:]
    known = {name.lower() for name in NAMES}
    names = [line.partition(":")[0] for line in lines]
    return sorted((name for name in names if name.lower() in known), key=str.lower)


def named(session, request) -> None:
    """Answers with the names it was sent."""
    names = meant(session.wire.received)
    session.answer(body=" ".join(names).encode(), headers="etag: 1\r\nwWw-aUTHENTICATE: x\r\nX-Other: y\r\n")


def asked(side, path: str, **settings) -> tuple[int, list[str], bytes]:
    """Status, names and body of an answer; of our own refusals no body, which is each program's."""
    with side.client() as client:
        answer = client.request(path, **settings)
        return answer.status, meant(client.wire.received), answer.body if answer.status == 200 else b""


@pytest.mark.parametrize("front", ["", "option h1-case-adjust-bogus-client"], ids=["plain", "bogus client"])
@pytest.mark.parametrize("back", ["", "option h1-case-adjust-bogus-server"], ids=["plain", "bogus server"])
def test_names_are_written_as_bogus_clients_and_servers_want_them(twins, front, back):
    pair = twins(FILE % (front, back), servers={"A": named}, files={"names": LISTED})

    def script(side):
        sent = [("ETAG", "1"), ("x-CAMELcase", "2"), ("WWW-authenticate", "3")]
        seen = {path: asked(side, path, headers=sent) for path in ("/", "/own", "/denied", "/ruled")}
        return seen | {"/post": asked(side, "/post", method="POST", headers=sent[:1], body=b"x")}

    if front and back:
        seen = pair.agree(script)
        assert seen["/"][1] == ["Content-Length", "ETag", "WWW-Authenticate"]
        assert "X-CamelCase" in seen["/ruled"][1] and "X-CamelCase" in seen["/own"][1]
        assert seen["/"][2].split() == [b"ETag", b"Host", b"WWW-Authenticate", b"X-CamelCase", b"X-Forwarded-For"]
        return
    # Where nobody is bogus, HAProxy writes all names in lower case, and we as they came.
    theirs, ours = (script(side) for side in pair.sides)
    lower = [str(value).lower() for value in (theirs, ours)]
    assert lower[0] == lower[1]
    assert ("ETag" in str(ours["/"][1])) == bool(front)
    assert (b"X-CamelCase" in ours["/"][2]) == bool(back)


def test_requests_of_http2_are_adjusted_on_their_way(twins):
    lines = ("option h1-case-adjust-bogus-client", "option h1-case-adjust-bogus-server")
    pair = twins(FILE % lines, servers={"A": named}, files={"names": LISTED})

    def script(side):
        with Http2(side.ports["HTTP"]) as client:
            answer = client.request(headers=[("etag", "1"), ("x-camelcase", "2")])
            return answer.status, bytes(answer.body), answer.get("etag")

    status, body, tag = pair.agree(script)
    assert (status, tag) == (200, "1")
    assert body.split() == [b"ETag", b"Host", b"X-CamelCase", b"X-Forwarded-For"]


@pytest.mark.parametrize("name", ["X-Server", "x-server", "Server-Name"])
def test_servers_are_told_their_names(twins, name):
    text = FILE % ("", f"http-send-name-header {name}") + '    server s2 "127.0.0.1:${B}"\n'
    pair = twins(text, servers={"A": echo, "B": echo}, files={"names": LISTED})
    for _ in range(2):
        seen = pair.agree(lambda side: side.get("/x", headers=[("X-Server", "mine"), ("X-SERVER", "again")]))
        assert seen.body.count(name.lower().encode() + b": s") == 1


def test_a_request_that_goes_to_another_server_is_told_that_ones_name(twins):
    text = FILE % ("", "http-send-name-header X-Server\n    option redispatch 1\n    retries 2\n    balance first")
    text = text.replace('server s1 "127.0.0.1:${A}"', 'server s1 "127.0.0.1:${NOBODY}"\n    server s2 "127.0.0.1:${A}"')
    pair = twins(text.replace("${NOBODY}", "1"), servers={"A": echo}, files={"names": LISTED})
    seen = pair.agree(lambda side: side.get("/x", headers=[("X-Server", "mine")]))
    assert [line for line in seen.body.splitlines() if line.startswith(b"x-server")] == [b"x-server: s2"]
