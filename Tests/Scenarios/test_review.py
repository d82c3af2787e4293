"""Cases a review found: heads and bodies as large as the buffers they pass."""

from __future__ import annotations

import pytest

pytestmark = pytest.mark.sanitizer

MEGABYTE = 1 << 20


def test_an_answer_whose_head_is_too_long_is_refused_and_never_cut(site):
    """In one read it was whole, but longer than what held it: the body went out without its head."""
    filler = b"".join(b"X-Filler-%02d: %s\r\n" % (i, b"v" * 1000) for i in range(45))
    site.backend.handler = lambda session, _: session.send(
        b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n" + filler + b"\r\nhello"
    )
    with site.client() as client:
        assert client.request().status == 502


def test_a_large_first_chunk_is_passed_on_in_large_pieces(site):
    """The bytes that came with the head filled the buffer: what followed was read eight bytes at a time."""
    body = b"x" * MEGABYTE
    with site.client() as client:
        client.send(
            b"POST / HTTP/1.1\r\nHost: a.test\r\nTransfer-Encoding: chunked\r\n\r\n"
            + b"%x\r\n" % len(body) + body + b"\r\n0\r\n\r\n"
        )
        assert client.response().status == 200
    session = site.backend.sessions[-1]
    assert site.backend.requests[0].body == body
    assert len(session.wire.received) < MEGABYTE + 16 * 1024


def test_an_upgrade_to_cleartext_http2_is_not_passed_on(site):
    """The later requests of such a connection would go past every route."""
    with site.client() as client:
        client.send(
            b"GET / HTTP/1.1\r\nHost: a.test\r\nConnection: Upgrade, HTTP2-Settings\r\n"
            b"Upgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQCAAAAAAIAAAAA\r\n\r\n"
        )
        assert client.response().status == 200
    received = site.backend.sessions[-1].wire.received.lower()
    assert b"h2c" not in received
    assert b"http2-settings" not in received


def test_a_quotation_mark_does_not_end_the_logged_request(site):
    with site.client() as client:
        assert client.request('/a"b').status == 200
    site.sluice.wait_access('"GET /a#22b HTTP/1.1"')
