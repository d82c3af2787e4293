"""What is read as a request and what is refused (RFC 9112, and the stricter list of the main job)."""

from __future__ import annotations

import pytest

pytestmark = pytest.mark.sanitizer

HOST = b"Host: a.test\r\n"


def get(*fields: bytes, line: bytes = b"GET / HTTP/1.1", host: bytes = HOST) -> bytes:
    return line + b"\r\n" + host + b"".join(field + b"\r\n" for field in fields) + b"\r\n"


def post(*fields: bytes, body: bytes = b"") -> bytes:
    return get(*fields, line=b"POST / HTTP/1.1") + body


REFUSED = {
    "content-length and chunked": (post(b"Content-Length: 5", b"Transfer-Encoding: chunked", body=b"0\r\n\r\n"), [400]),
    "chunked and content-length": (post(b"Transfer-Encoding: chunked", b"Content-Length: 5", body=b"0\r\n\r\n"), [400]),
    "two different lengths": (post(b"Content-Length: 5", b"Content-Length: 6", body=b"hello!"), [400]),
    "two equal lengths": (post(b"Content-Length: 5", b"Content-Length: 5", body=b"hello"), [400]),
    "list of lengths": (post(b"Content-Length: 5, 5", body=b"hello"), [400]),
    "signed length": (post(b"Content-Length: +5", body=b"hello"), [400]),
    "negative length": (post(b"Content-Length: -5", body=b"hello"), [400]),
    "hexadecimal length": (post(b"Content-Length: 0x5", body=b"hello"), [400]),
    "empty length": (post(b"Content-Length: ", body=b"hello"), [400]),
    "length with a space": (post(b"Content-Length: 5 5", body=b"hello"), [400]),
    "length past 64 bits": (post(b"Content-Length: 18446744073709551621", body=b"hello"), [400, 413]),
    "unknown coding": (post(b"Transfer-Encoding: gzip", body=b"hello"), [400, 501]),
    "coding after chunked": (post(b"Transfer-Encoding: chunked, gzip", body=b"0\r\n\r\n"), [400, 501]),
    "chunked twice": (post(b"Transfer-Encoding: chunked, chunked", body=b"0\r\n\r\n"), [400, 501]),
    "chunked on two lines": (post(*[b"Transfer-Encoding: chunked"] * 2, body=b"0\r\n\r\n"), [400, 501]),
    "chunked misspelt": (post(b"Transfer-Encoding: xchunked", body=b"0\r\n\r\n"), [400, 501]),
    "quoted coding": (post(b'Transfer-Encoding: "chunked"', body=b"0\r\n\r\n"), [400, 501]),
    "empty coding": (post(b"Transfer-Encoding: ", body=b"0\r\n\r\n"), [400, 501]),
    "vertical tab before chunked": (post(b"Transfer-Encoding: \x0bchunked", body=b"0\r\n\r\n"), [400]),
    "chunked in HTTP/1.0": (get(b"Transfer-Encoding: chunked", line=b"POST / HTTP/1.0") + b"0\r\n\r\n", [400]),
    "bare LF lines": (b"GET / HTTP/1.1\nHost: a.test\n\n", [400]),
    "one bare LF": (b"GET / HTTP/1.1\r\nHost: a.test\nX: y\r\n\r\n", [400]),
    "bare CR in a value": (get(b"X: a\rb"), [400]),
    "bare CR in the request line": (get(line=b"GET /\ra HTTP/1.1"), [400]),
    "folded line": (get(b"X: a", b" b"), [400]),
    "folded line with tab": (get(b"X: a", b"\tb"), [400]),
    "fold before any field": (b"GET / HTTP/1.1\r\n Host: a.test\r\n\r\n", [400]),
    "NUL in a value": (get(b"X: a\x00b"), [400]),
    "NUL in a name": (get(b"X\x00: a"), [400]),
    "NUL in the target": (get(line=b"GET /\x00 HTTP/1.1"), [400]),
    "control in a value": (get(b"X: a\x01b"), [400]),
    "DEL in a value": (get(b"X: a\x7fb"), [400]),
    "space before the colon": (get(b"X : a"), [400]),
    "tab before the colon": (get(b"X\t: a"), [400]),
    "space in a name": (get(b"X y: a"), [400]),
    "empty name": (get(b": a"), [400]),
    "no colon": (get(b"nonsense"), [400]),
    "bracket in a name": (get(b"X[1]: a"), [400]),
    "non-ASCII name": (get(b"X\xc3\xa9: a"), [400]),
    "no Host": (b"GET / HTTP/1.1\r\nX: y\r\n\r\n", [400]),
    "two Hosts": (get(b"Host: b.test"), [400]),
    "two equal Hosts": (get(b"Host: a.test"), [400]),
    "space in Host": (get(host=b"Host: a.test b.test\r\n"), [400]),
    "list in Host": (get(host=b"Host: a.test, b.test\r\n"), [400]),
    "slash in Host": (get(host=b"Host: a.test/x\r\n"), [400]),
    "user in Host": (get(host=b"Host: me@a.test\r\n"), [400]),
    "bad port in Host": (get(host=b"Host: a.test:80x\r\n"), [400]),
    "no version": (b"GET /\r\n" + HOST + b"\r\n", [400]),
    "lower-case version": (get(line=b"GET / http/1.1"), [400]),
    "version without minor": (get(line=b"GET / HTTP/1"), [400, 505]),
    "version with three digits": (get(line=b"GET / HTTP/1.10"), [400, 505]),
    "version 2.0": (get(line=b"GET / HTTP/2.0"), [400, 505]),
    "almost the HTTP/2 preface": (b"PRI * HTTP/2.1\r\n\r\nSM\r\n\r\n", [400, 505]),
    "two spaces": (get(line=b"GET  / HTTP/1.1"), [400]),
    "tab for space": (get(line=b"GET\t/ HTTP/1.1"), [400]),
    "trailing space": (get(line=b"GET / HTTP/1.1 "), [400]),
    "space in the target": (get(line=b"GET /a b HTTP/1.1"), [400]),
    "leading space": (get(line=b" GET / HTTP/1.1"), [400]),
    "method with a bad byte": (get(line=b"G{T / HTTP/1.1"), [400, 501]),
    "relative target": (get(line=b"GET index.html HTTP/1.1"), [400]),
    "star for GET": (get(line=b"GET * HTTP/1.1"), [400]),
    "fragment in the target": (get(line=b"GET /a#b HTTP/1.1"), [400]),
    "non-ASCII target": (get(line=b"GET /\xc3\xa9 HTTP/1.1"), [400]),
    "CONNECT": (get(line=b"CONNECT a.test:80 HTTP/1.1"), [400, 405, 501]),
    "CONNECT to a path": (get(line=b"CONNECT / HTTP/1.1"), [400, 405, 501]),
    "TLS on the plain port": (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"\x00" * 64, [400]),
    "long target": (get(line=b"GET /" + b"a" * 70_000 + b" HTTP/1.1"), [414]),
    "long value": (get(b"X: " + b"a" * 70_000), [431]),
    "long name": (get(b"X" * 70_000 + b": a"), [431]),
    "many fields": (get(*[b"X-%d: a" % i for i in range(1000)]), [431]),
    "endless method": (b"A" * 70_000, [400, 414, 501]),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSED)
def test_refused_and_closed(site, name):
    raw, statuses = REFUSED[name]
    with site.client() as client:
        client.send(raw)
        response = client.response()
        assert response.status in statuses
        assert response.get("connection") == "close"
        assert client.is_closed()
    assert site.backend.requests == []


BAD_CHUNKS = {
    "no size": b"\r\nhello\r\n0\r\n\r\n",
    "not hexadecimal": b"xyz\r\nhello\r\n0\r\n\r\n",
    "signed": b"+5\r\nhello\r\n0\r\n\r\n",
    "prefixed": b"0x5\r\nhello\r\n0\r\n\r\n",
    "space before the size": b" 5\r\nhello\r\n0\r\n\r\n",
    "space in the size": b"5 5\r\nhello\r\n0\r\n\r\n",
    "bare LF after the size": b"5\nhello\r\n0\r\n\r\n",
    "bare CR after the size": b"5\rXhello\r\n0\r\n\r\n",
    "past 64 bits": b"10000000000000005\r\nhello\r\n0\r\n\r\n",
    "sign bit": b"ffffffffffffffff\r\nhello\r\n0\r\n\r\n",
    "longer than its size": b"5\r\nhelloXX\r\n0\r\n\r\n",
    "no CRLF after the data": b"5\r\nhello0\r\n\r\n",
    "bare LF after the data": b"5\r\nhello\n0\r\n\r\n",
    "NUL in an extension": b"5;a=\x00\r\nhello\r\n0\r\n\r\n",
    "bare LF in an extension": b"5;a\nb\r\nhello\r\n0\r\n\r\n",
    "bad trailer": b"5\r\nhello\r\n0\r\nno colon\r\n\r\n",
    "folded trailer": b"5\r\nhello\r\n0\r\nX: a\r\n b\r\n\r\n",
    "extension without end": b"5;" + b"a" * 100_000 + b"\r\nhello\r\n0\r\n\r\n",
}


@pytest.mark.parametrize("name", BAD_CHUNKS)
def test_a_malformed_chunk_is_refused_and_its_request_never_completes(site, name):
    with site.client() as client:
        client.send(post(b"Transfer-Encoding: chunked", body=BAD_CHUNKS[name]))
        assert client.response().status == 400
        assert client.is_closed()
    assert site.backend.requests == []


ACCEPTED = {
    "plain": get(),
    "lower-case everything": b"GET / HTTP/1.1\r\nhost: a.test\r\n\r\n",
    "no space after the colon": get(b"X:a"),
    "tabs around a value": get(b"X:\t a \t"),
    "empty value": get(b"X:"),
    "bytes above 127 in a value": get(b"X: \xe9\xff"),
    "all token bytes": get(b"!#$%&'*+-.^_`|~09azAZ: a"),
    "Host with a port": get(host=b"Host: a.test:8080\r\n"),
    "Host in capitals": get(host=b"Host: A.TEST\r\n"),
    "one empty line first": b"\r\n" + get(),
    "unknown method": get(line=b"BREW / HTTP/1.1"),
    "later minor version": get(line=b"GET / HTTP/1.1"),
    "query of odd bytes": get(line=b"GET /?a=[]{}|\\^`\"<> HTTP/1.1"),
    "long but legal target": get(line=b"GET /" + b"a" * 4000 + b" HTTP/1.1"),
    "long but legal value": get(b"X: " + b"a" * 6000),
    "many but legal fields": get(*[b"X-%d: a" % i for i in range(90)]),
    "chunked in capitals": post(b"Transfer-Encoding: CHUNKED", body=b"5\r\nhello\r\n0\r\n\r\n"),
    "length with zeros": post(b"Content-Length: 0005", body=b"hello"),
}


@pytest.mark.parametrize("name", ACCEPTED)
def test_accepted_and_kept_alive(site, name):
    with site.client() as client:
        for _ in range(2):
            client.send(ACCEPTED[name])
            assert client.response().status == 200
    assert len(site.backend.requests) == 2


def test_a_head_may_come_byte_by_byte(site):
    with site.client() as client:
        client.send_bytewise(post(b"Content-Length: 5", b"X-Long: " + b"v" * 100, body=b"hello"))
        assert client.response().status == 200
    (seen,) = site.backend.requests
    assert (seen.body, seen.get("x-long")) == (b"hello", "v" * 100)


def test_a_chunked_body_may_come_byte_by_byte(site):
    with site.client() as client:
        body = b"5;ext=1\r\nhello\r\n1\r\n!\r\n0\r\nT: x\r\n\r\n"
        client.send_bytewise(post(b"Transfer-Encoding: chunked", body=body))
        assert client.response().status == 200
    assert site.backend.requests[0].body == b"hello!"


def test_pipelined_requests_are_answered_in_order(site):
    site.backend.handler = lambda session, request: session.answer(body=request.target.encode())
    with site.client() as client:
        client.send(b"".join(get(line=b"GET /%d HTTP/1.1" % i) for i in range(20)))
        assert [client.response().body for _ in range(20)] == [b"/%d" % i for i in range(20)]


def test_pipelined_bodies_are_kept_apart(site):
    site.backend.handler = lambda session, request: session.answer(body=request.body)
    one = post(b"Content-Length: 3", body=b"one")
    two = post(b"Transfer-Encoding: chunked", body=b"3\r\ntwo\r\n0\r\n\r\n")
    with site.client() as client:
        client.send(one + two + one)
        assert [client.response().body for _ in range(3)] == [b"one", b"two", b"one"]


def test_a_bad_request_behind_a_good_one_is_refused_after_the_good_answer(site):
    with site.client() as client:
        client.send(get() + b"BAD\r\n\r\n")
        assert client.response().status == 200
        assert client.response().status == 400
        assert client.is_closed()
    assert len(site.backend.requests) == 1


def test_http_10_is_answered_and_closed(site):
    with site.client() as client:
        client.send(b"GET /x HTTP/1.0\r\nHost: a.test\r\n\r\n")
        response = client.response()
        assert (response.status, response.body) == (200, b"ok")
        assert client.is_closed()
    assert site.backend.requests[0].target == "/x"


def test_http_10_may_leave_out_the_host(site):
    with site.client() as client:
        client.send(b"GET / HTTP/1.0\r\n\r\n")
        assert client.response().status == 404  # no Ingress without host


def test_http_10_never_gets_chunks(site):
    def chunked(session, request):
        session.send(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n")

    site.backend.handler = chunked
    with site.client() as client:
        client.send(b"GET / HTTP/1.0\r\nHost: a.test\r\n\r\n")
        response = client.response()
    assert response.body == b"ok"
    assert response.get("transfer-encoding") is None


def test_connection_close_is_honoured(site):
    with site.client() as client:
        response = client.request(headers=[("Connection", "close")])
        assert response.status == 200
        assert client.is_closed()


def test_absolute_form_reaches_the_backend_as_origin_form(site):
    with site.client() as client:
        client.send(get(line=b"GET http://a.test/x?y=1 HTTP/1.1"))
        assert client.response().status == 200
    (seen,) = site.backend.requests
    assert (seen.target, seen.get("host")) == ("/x?y=1", "a.test")


def test_absolute_form_without_a_path_means_the_root(site):
    with site.client() as client:
        client.send(get(line=b"GET http://a.test?y=1 HTTP/1.1"))
        assert client.response().status in (200, 400)
    assert [request.target for request in site.backend.requests] in ([], ["/?y=1"])


def test_absolute_form_and_host_never_disagree_behind_us(site):
    """RFC 9112 3.2.2: the target's authority wins; refusing is as good. Host alone must never decide."""
    with site.client() as client:
        client.send(get(line=b"GET http://a.test/x HTTP/1.1", host=b"Host: other.test\r\n"))
        status = client.response().status
    assert status in (200, 400, 421)
    assert [request.get("host") for request in site.backend.requests] == (["a.test"] if status == 200 else [])


def test_options_star_is_answered_or_passed_on_as_it_is(site):
    with site.client() as client:
        client.send(get(line=b"OPTIONS * HTTP/1.1"))
        assert client.response().status in (200, 204)
        assert client.request().status == 200
    assert [request.target for request in site.backend.requests] in (["*", "/"], ["/"])
