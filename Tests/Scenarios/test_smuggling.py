"""Request smuggling: no bytes may be read differently by the proxy and by what stands behind it.

Every row hides `GET /smuggled` where a sloppy reader would see a second request. Each must be refused, or reach the
backend as exactly one request that only has one reading; and the connection must not be out of step afterwards.
"""

from __future__ import annotations

import pytest

from harness.messages import Closed

pytestmark = pytest.mark.sanitizer

SMUGGLED = b"GET /smuggled HTTP/1.1\r\nHost: a.test\r\n\r\n"
SIZE = b"%x\r\n" % len(SMUGGLED)
CHUNK = SIZE + SMUGGLED + b"\r\n0\r\n\r\n"  # the hidden request as chunked body
LENGTH = b"Content-Length: %d\r\n" % len(SMUGGLED)


HOST = b"Host: a.test\r\n"


def post(fields: bytes, body: bytes, *, line: bytes = b"POST /first HTTP/1.1", host: bytes = HOST) -> bytes:
    return line + b"\r\n" + host + fields + b"\r\n" + body


TE = b"Transfer-Encoding: chunked\r\n"
CODINGS = [
    b"Transfer-Encoding: chunked", b"Transfer-Encoding : chunked", b"Transfer-Encoding\t: chunked",
    b"Transfer-Encoding:chunked", b"Transfer-Encoding: xchunked", b"Transfer-Encoding: chunked, identity",
    b"Transfer-Encoding: identity, chunked", b"Transfer-Encoding: identity", b"Transfer-Encoding: chunked;q=1",
    b"Transfer-Encoding: ,chunked", b"Transfer-Encoding: chunked,", b"Transfer-Encoding: 'chunked'",
    b'Transfer-Encoding: "chunked"', b"Transfer-Encoding: chunk", b"Transfer-Encoding: chunked\x00",
    b"Transfer-Encoding: \x0bchunked", b"Transfer-Encoding: \x0cchunked", b"Transfer-Encoding: chunked\x0b",
    b"Transfer-Encoding:\xa0chunked", b"Transfer-Encoding: chunked\xff", b"Transfer-Encoding:\r\n chunked",
    b"X: y\rTransfer-Encoding: chunked", b"X: y\nTransfer-Encoding: chunked", b"\x00Transfer-Encoding: chunked",
    b"Transfer_Encoding: chunked", b"Transfer Encoding: chunked", b"Transfer-\xc4\xb1ncoding: chunked",
    b" Transfer-Encoding: chunked", b"X: y\r\n\tTransfer-Encoding: chunked", b"TRANSFER-ENCODING: CHUNKED",
    b"Transfer-Encoding: chunked\r\nTransfer-Encoding: identity", b"Transfer-Encoding: x\r\nTransfer-Encoding: chunked",
    b"Transfer-Encoding: gzip\r\nTransfer-Encoding: chunked", b"Foo: bar\r\n\rTransfer-Encoding: chunked",
]  # fmt: skip

CORPUS: dict[str, bytes] = {}
for _coding in CODINGS:
    # Length says that all of it is body; whoever believes the coding instead sees the hidden request.
    CORPUS[f"length and {_coding!r}"] = post(LENGTH + _coding + b"\r\n", SMUGGLED)
    if b"_" in _coding:
        continue  # an ordinary field: with a shorter length the hidden request is a real, second one
    CORPUS[f"{_coding!r} and length"] = post(_coding + b"\r\nContent-Length: 5\r\n", b"0\r\n\r\n" + SMUGGLED)
CORPUS |= {
    "two lengths, short first": post(b"Content-Length: 0\r\n" + LENGTH, SMUGGLED),
    "two lengths, long first": post(LENGTH + b"Content-Length: 0\r\n", SMUGGLED),
    "list of lengths": post(b"Content-Length: 0, %d\r\n" % len(SMUGGLED), SMUGGLED),
    "length with plus": post(b"Content-Length: +%d\r\n" % len(SMUGGLED), SMUGGLED),
    "length with underscore": post(b"Content-Length: 4_2\r\n", SMUGGLED),
    "length with hex": post(b"Content-Length: 0x%x\r\n" % len(SMUGGLED), SMUGGLED),
    "length in octal": post(b"Content-Length: 0o52\r\n", SMUGGLED),
    "length with exponent": post(b"Content-Length: 4e1\r\n", SMUGGLED),
    "length with fraction": post(b"Content-Length: 42.0\r\n", SMUGGLED),
    "length in other digits": post("Content-Length: ٤٢\r\n".encode(), SMUGGLED),
    "length behind NUL": post(b"Content-Length: \x00%d\r\n" % len(SMUGGLED), SMUGGLED),
    "length wraps 32 bits": post(b"Content-Length: 4294967296\r\n"[:-2] + b"0" * 12 + b"\r\n", SMUGGLED),
    "length wraps 64 bits": post(b"Content-Length: 18446744073709551616\r\n", SMUGGLED),
    "length with space before colon": post(b"Content-Length : %d\r\n" % len(SMUGGLED), SMUGGLED),
    "length folded": post(b"Content-Length:\r\n %d\r\n" % len(SMUGGLED), SMUGGLED),
    "length hidden behind bare CR": post(b"X: y\r" + LENGTH, SMUGGLED),
    "length hidden behind bare LF": post(b"X: y\n" + LENGTH, SMUGGLED),
    "length on GET": post(LENGTH, SMUGGLED, line=b"GET /first HTTP/1.1"),
    "chunks on GET": post(TE, CHUNK, line=b"GET /first HTTP/1.1"),
    "length on HEAD": post(LENGTH, SMUGGLED, line=b"HEAD /first HTTP/1.1"),
    "length on OPTIONS": post(LENGTH, SMUGGLED, line=b"OPTIONS /first HTTP/1.1"),
    "chunks in HTTP/1.0": post(TE, b"0\r\n\r\n" + SMUGGLED, line=b"POST /first HTTP/1.0"),
    "chunks": post(TE, CHUNK),
    "chunk with extension": post(TE, SIZE[:-2] + b";a=b\r\n" + CHUNK[len(SIZE) :]),
    "chunk with quoted extension": post(TE, SIZE[:-2] + b';a="\\"b"\r\n' + CHUNK[len(SIZE) :]),
    "chunk with LF in quoted extension": post(TE, SIZE[:-2] + b';a="\n"\r\n' + CHUNK[len(SIZE) :]),
    "chunk with LF in extension": post(TE, b"2;\nxx\r\n" + SIZE + CHUNK),
    "chunk ended by LF": post(TE, b"0\n\n" + SMUGGLED),
    "chunk ended by CR": post(TE, b"0\r\rX" + SMUGGLED),
    "chunk size with leading zeros": post(TE, b"0000" + CHUNK),
    "chunk size too wide": post(TE, b"0" * 40 + CHUNK),
    "chunk size wraps": post(TE, b"10000000000000000%x\r\n" % len(SMUGGLED) + SMUGGLED + b"\r\n0\r\n\r\n"),
    "chunk size with trailing space": post(TE, SIZE[:-2] + b" \r\n" + CHUNK[len(SIZE) :]),
    "chunk size negative": post(TE, b"-1\r\n" + SMUGGLED),
    "chunk data runs over": post(TE, b"1\r\nxx\r\n0\r\n\r\n" + SMUGGLED),
    "chunk without CRLF": post(TE, b"1\r\nxXX0\r\n\r\n" + SMUGGLED),
    "trailer with a length": post(TE, b"0\r\nContent-Length: 42\r\n\r\n"),
    "trailer with a host": post(TE, b"0\r\nHost: b.test\r\n\r\n"),
    "trailer with a coding": post(TE, b"0\r\nTransfer-Encoding: chunked\r\n\r\n"),
    "trailer with bare LF": post(TE, b"0\r\nX: y\n\n" + SMUGGLED),
    "request line split by CR": post(b"", b"", line=b"GET /first HTTP/1.1\rGET /smuggled HTTP/1.1"),
    "target with CR": post(b"", b"", line=b"GET /first\rX HTTP/1.1"),
    "target with a second request": post(b"", b"", line=b"GET /first HTTP/1.1 GET /smuggled HTTP/1.1"),
    "target with encoded CRLF": post(b"", b"", line=b"GET /first%0d%0aX:%20y HTTP/1.1"),
    "absolute form with another host": post(b"", b"", line=b"GET http://b.test/first HTTP/1.1"),
    "absolute form with user": post(b"", b"", line=b"GET http://me@a.test/first HTTP/1.1"),
    "two hosts": post(b"Host: b.test\r\n", b""),
    "host folded": post(b"", b"", host=b"Host:\r\n a.test\r\n"),
    "host with space before colon": post(b"", b"", host=b"Host : a.test\r\nHost: a.test\r\n"),
    "host behind bare CR": post(b"", b"", host=b"X: y\rHost: b.test\r\nHost: a.test\r\n"),
    "connection names content-length": post(LENGTH + b"Connection: Content-Length\r\n", SMUGGLED),
    "connection names transfer-encoding": post(TE + b"Connection: Transfer-Encoding\r\n", CHUNK),
    "connection names host": post(b"Connection: Host\r\n", b""),
    "upgrade with a body": post(LENGTH + b"Connection: Upgrade\r\nUpgrade: h2c\r\n", SMUGGLED),
    "upgrade websocket with chunks": post(TE + b"Connection: Upgrade\r\nUpgrade: websocket\r\n", CHUNK),
    "expect with a body at once": post(LENGTH + b"Expect: 100-continue\r\n", SMUGGLED),
    "te trailers": post(TE + b"TE: trailers\r\nConnection: TE\r\n", CHUNK),
    "proxy-connection": post(LENGTH + b"Proxy-Connection: keep-alive\r\n", SMUGGLED),
    "empty lines before": b"\r\n" + post(LENGTH, SMUGGLED),
    "bare LF before": b"\n" + post(LENGTH, SMUGGLED),
}


def answer(session, request):
    session.answer(headers=f"X-Target: {request.target}\r\n", body=b"" if request.method == "HEAD" else b"ok")


@pytest.mark.parametrize("name", CORPUS)
def test_one_reading_or_none(site, name):
    raw = CORPUS[name]
    site.backend.handler = answer
    with site.client() as client:
        client.send(raw)
        try:
            response = client.response(raw.lstrip(b"\r\n").split(b" ")[0].decode())
            if response.status >= 400:
                assert response.status in (400, 404, 405, 413, 421, 431, 501, 505), response.start
                assert response.status in (404, 421) or client.is_closed(), "refused but left open"
            else:
                assert response.get("x-target") == seen_target(raw), "an answer to something else"
                probe(client)
        except (Closed, ConnectionError):
            pass  # closed without a word: nothing was understood
    targets = [request.target for request in site.backend.requests]
    assert targets.count("/smuggled") == 0
    assert targets in ([], ["/first"], ["/first", "/probe"], [seen_target(raw)], [seen_target(raw), "/probe"])


def seen_target(raw: bytes) -> str:
    target = raw.lstrip(b"\r\n").split(b" ")[1].decode()
    return target if target.startswith("/") else "/first"


def probe(client) -> None:
    """The connection is either closed or exactly in step."""
    try:
        response = client.request("/probe")
    except (Closed, ConnectionError):
        return
    assert response.status in (200, 400)
    if response.status == 200:
        assert response.get("x-target") == "/probe"


def test_the_corpus_is_broad():
    assert len(CORPUS) >= 60
