"""Which answers are compressed for whom, and what becomes of their fields, here and in this machine's haproxy."""

from __future__ import annotations

import gzip
import zlib

import pytest
from harness.twins import LOGGED

pytestmark = pytest.mark.sanitizer

FILE = LOGGED + """
listen web
    bind "127.0.0.1:${HTTP}"
    compression algo gzip deflate
    WORDS
    server s "127.0.0.1:${A}"
"""
BODY = b"hello world, " * 100
TEXT = "Content-Type: text/plain\r\n"
# Status, fields, and how the body is framed.
ANSWERS = {
    "plain": (200, TEXT, "length"), "charset": (200, "Content-Type: text/html; charset=utf-8\r\n", "length"),
    "untyped": (200, "", "length"), "png": (200, "Content-Type: image/png\r\n", "length"),
    "multipart": (200, "Content-Type: multipart/mixed; boundary=x\r\n", "length"),
    "Multipart": (200, "Content-Type: Multipart/x\r\n", "length"), "chunked": (200, TEXT, "chunks"),
    "empty": (200, TEXT, "nothing"), "etag": (200, TEXT + 'ETag: "abc"\r\n', "length"),
    "weak": (200, TEXT + 'ETag: W/"abc"\r\n', "length"), "bare-etag": (200, TEXT + "ETag: abc\r\n", "length"),
    "open-etag": (200, TEXT + 'ETag: "abc\r\n', "length"), "two-etags": (200, TEXT + 'ETag: "a"\r\nETag: "b"\r\n', "length"),
    "list-of-etags": (200, TEXT + 'ETag: "a", "b"\r\n', "length"),
    "as-it-is": (200, TEXT + "Cache-Control: public, no-transform\r\n", "length"),
    "As-It-Is": (200, TEXT + "Cache-Control: No-Transform\r\n", "length"),
    "coded": (200, TEXT + "Content-Encoding: br\r\n", "length"), "identity": (200, TEXT + "Content-Encoding: identity\r\n", "length"),
    "vary": (200, TEXT + "Vary: Cookie\r\n", "length"), "any-vary": (200, TEXT + "Vary: *\r\n", "length"),
    "ranges": (200, TEXT + "Accept-Ranges: bytes\r\n", "length"),
    "part": (206, TEXT + "Content-Range: bytes 0-9/100\r\n", "length"),
    **{str(status): (status, TEXT, "length") for status in (201, 202, 203, 404, 500)},
}  # fmt: skip
# What is told apart on purpose is missing here: see "Compression" in docs/differences.md.
ACCEPTED = [
    None, "gzip", "deflate", "gzip, deflate", "deflate, gzip;q=0.5", "deflate;q=0.5,gzip;q=0.8", "gzip;q=0",
    "gzip;q=0.0, *;q=0", "gzip;q=0,deflate", "*;q=0", "identity", "GZIP", "gzip;q=1.000", "gzip ; q=0.3", "br",
]  # fmt: skip
OTHERS = [
    ("HEAD", []), ("GET", [("Cache-Control", "no-transform")]), ("GET", [("Range", "bytes=0-5")]),
    *(("GET", [("User-Agent", f"Mozilla/4.0 (compatible{rest})")]) for rest in ("", "; MSIE 7.0", "; MSIE 6.0", "; MSIE 6.0; SV1")),
]  # fmt: skip
COMPARED = ("etag", "vary", "content-encoding", "content-length", "transfer-encoding", "accept-ranges", "content-type", "warning")


def handle(session, request):
    name = request.target.strip("/")
    if name == "accepted":
        return session.answer(200, repr(request.all("accept-encoding")).encode())
    status, fields, framing = ANSWERS[name]
    body = b"" if request.method == "HEAD" or framing == "nothing" else BODY
    length = {"length": f"Content-Length: {len(BODY)}", "nothing": "Content-Length: 0", "chunks": "Transfer-Encoding: chunked"}
    if framing == "chunks":
        body = b"%x\r\n%s\r\n0\r\n\r\n" % (len(body), body)
    session.send(f"HTTP/1.1 {status} X\r\n{fields}{length[framing]}\r\n\r\n".encode() + body)


def asked(side, name: str, accepted: str | None, method: str = "GET", fields=()) -> tuple:
    """What came of a request: the fields that matter, and its body unpacked."""
    more = [("Accept-Encoding", accepted)] if accepted else []
    response = side.exchange(f"/{name}", method=method, headers=[*more, *fields])
    coding, body = response.all("content-encoding"), response.body
    seen = sorted((n.lower(), v) for n, v in response.fields if n.lower() in COMPARED)
    if body and coding in (["gzip"], ["deflate"]):
        body = gzip.decompress(body) if coding == ["gzip"] else zlib.decompress(body)
    return name, accepted, method, list(fields), response.status, seen, body


@pytest.mark.parametrize(
    "words", ["", "compression type text/plain", "compression type text/html text/plain\n    compression offload", "compression type text/"]
)
def test_the_same_answers_are_compressed(twins, words):
    pair = twins(FILE.replace("WORDS", words), servers={"A": handle})

    def script(side):
        seen = [asked(side, name, "gzip") for name in ANSWERS]
        seen += [asked(side, "plain", accepted) for accepted in ACCEPTED]
        seen += [asked(side, "plain", "gzip", method, fields) for method, fields in OTHERS]
        return seen + [asked(side, "accepted", accepted) for accepted in ("gzip", "br")]

    seen = {(name, accepted): dict(fields) for name, accepted, method, more, _, fields, _ in pair.agree(script) if method == "GET" and not more}
    assert seen["plain", "gzip"]["content-encoding"] == "gzip" and seen["etag", "gzip"]["etag"] == 'W/"abc"'
    assert seen["png", "gzip"].get("content-encoding") == ("gzip" if words == "" else None)


def test_bodies_of_requests_stay_as_they_are(twins):
    """Nobody unpacks what clients send, whatever is done to answers."""
    sent = gzip.compress(b"hello world, " * 1_000)
    pair = twins(FILE.replace("WORDS", "compression type text/plain\n    compression offload"), servers={"A": take})

    def script(side):
        answer = side.exchange("/", method="POST", body=sent, headers=[("Content-Encoding", "gzip"), ("Content-Type", "text/plain")])
        request = side.backends["A"].requests[0]
        return answer.status, request.body == sent, request.get("content-encoding"), request.get("content-length") == str(len(sent))

    assert pair.agree(script) == (200, True, "gzip", True)


def take(session, request):
    session.answer(200, b"taken")
