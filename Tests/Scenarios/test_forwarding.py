"""What servers are told about the client, as ingress-nginx does it by default, and what is never passed on."""

from __future__ import annotations

import re

import pytest

pytestmark = pytest.mark.sanitizer


def seen(site, *headers: tuple[str, str], **settings):
    """The request as the backend saw it."""
    assert site.get("/x", headers=headers, **settings).status == 200
    return site.backend.requests[-1]


def test_the_client_is_described(site):
    request = seen(site)
    assert request.get("host") == "a.test"
    assert request.get("x-forwarded-for") == "127.0.0.1"
    assert request.get("x-real-ip") == "127.0.0.1"
    assert request.get("x-forwarded-proto") == "http"
    assert request.get("x-forwarded-scheme") == "http"
    assert request.get("x-scheme") == "http"
    assert request.get("x-forwarded-host") == "a.test"
    assert request.get("x-forwarded-port") == str(site.port)


def test_an_untrusted_client_cannot_describe_itself(site):
    lies = [
        ("X-Forwarded-For", "192.0.2.1"), ("X-Real-IP", "192.0.2.1"), ("X-Forwarded-Proto", "https"),
        ("X-Forwarded-Host", "evil.test"), ("X-Forwarded-Port", "1"), ("X-Scheme", "https"),
        ("X-Forwarded-Scheme", "https"),
    ]  # fmt: skip
    request = seen(site, *lies, ("x-forwarded-for", "192.0.2.2"))
    assert request.get("x-forwarded-for") == "127.0.0.1"
    assert request.get("x-real-ip") == "127.0.0.1"
    assert request.get("x-forwarded-proto") == "http"
    assert request.get("x-forwarded-host") == "a.test"
    assert request.get("x-forwarded-port") == str(site.port)
    assert request.get("x-scheme") == "http"
    assert request.get("x-forwarded-scheme") == "http"


def test_what_the_client_claimed_is_kept_apart(site):
    assert seen(site, ("X-Forwarded-For", "192.0.2.1")).get("x-original-forwarded-for") == "192.0.2.1"


def test_nothing_claimed_adds_nothing(site):
    request = seen(site)
    assert request.all("x-original-forwarded-for") == []
    assert request.all("x-original-forwarded-host") == []


def test_a_request_id_is_made_of_32_hex_digits_and_differs(site):
    first, second = seen(site).get("x-request-id"), seen(site).get("x-request-id")
    assert re.fullmatch(r"[0-9a-f]{32}", first)
    assert first != second


def test_a_request_id_of_the_client_is_kept(site):
    assert seen(site, ("X-Request-ID", "my-id-1")).get("x-request-id") == "my-id-1"


def test_proxy_is_removed(site):
    assert seen(site, ("Proxy", "http://evil.test")).all("proxy") == []


def test_hop_by_hop_fields_are_removed(site):
    request = seen(
        site, ("Connection", "keep-alive, X-Private , x-other"), ("Keep-Alive", "timeout=5"), ("X-Private", "1"),
        ("X-Other", "2"), ("Proxy-Connection", "keep-alive"), ("TE", "gzip"), ("X-Public", "3"),
    )  # fmt: skip
    for name in ("keep-alive", "x-private", "x-other", "proxy-connection", "te"):
        assert request.all(name) == [], name
    assert request.get("x-public") == "3"
    assert (request.get("connection") or "").lower() in ("", "keep-alive")


def test_connection_cannot_remove_what_we_set_or_need(site):
    names = "X-Forwarded-For, X-Real-IP, X-Forwarded-Proto, Host, X-Request-ID, Content-Length"
    request = seen(site, ("Connection", names), method="POST", body=b"hello")
    assert request.get("x-forwarded-for") == "127.0.0.1"
    assert request.get("x-real-ip") == "127.0.0.1"
    assert request.get("x-forwarded-proto") == "http"
    assert request.get("host") == "a.test"
    assert request.body == b"hello"


def test_other_fields_pass_in_order_and_unchanged(site):
    given = [("X-B", "2"), ("x-a", "1"), ("X-B", "3"), ("Cookie", "a=b; c=d"), ("Accept", "*/*;q=0.1")]
    request = seen(site, *given)
    passed = [(name, value) for name, value in request.fields if name in ("x-a", "x-b", "cookie", "accept")]
    assert passed == [(name.lower(), value) for name, value in given]


def test_no_via_is_added_either_way(site):
    with site.client() as client:
        response = client.request()
    assert response.all("via") == []
    assert site.backend.requests[-1].all("via") == []


def test_the_server_field_of_the_backend_is_kept(site):
    site.backend.handler = lambda session, request: session.answer(headers="Server: mine/1\r\nX-A: 1\r\nX-A: 2\r\n")
    response = site.get()
    assert response.get("server") == "mine/1"
    assert response.all("x-a") == ["1", "2"]


def test_hop_by_hop_fields_of_the_backend_are_removed(site):
    site.backend.handler = lambda session, request: session.answer(
        headers="Connection: keep-alive, X-Private\r\nKeep-Alive: timeout=5\r\nX-Private: 1\r\nX-Public: 2\r\n"
    )
    with site.client() as client:
        response = client.request()
        assert client.request().status == 200
    assert response.all("keep-alive") == []
    assert response.all("x-private") == []
    assert response.get("x-public") == "2"


def test_set_cookie_lines_stay_apart(site):
    site.backend.handler = lambda session, request: session.answer(headers="Set-Cookie: a=1\r\nSet-Cookie: b=2\r\n")
    assert site.get().all("set-cookie") == ["a=1", "b=2"]


def test_the_host_is_passed_on_as_it_was_sent(site):
    assert seen(site, host="A.Test:1234").get("host") == "A.Test:1234"


@pytest.mark.parametrize("target", ["/a%20b", "/%2Fe?x=%00&y", "/a;b=c?d#".rstrip("#"), "/?", "/a?b?c", "/~x/*"])
def test_the_target_is_passed_on_as_it_was_sent(site, target):
    assert site.get(target).status == 200
    assert site.backend.requests[-1].target == target
