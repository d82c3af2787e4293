"""What keys of the ConfigMap say for all, and what an Ingress says against it. A row's name is the key and the corner."""

from __future__ import annotations

import pytest

from harness.behaviour import AUTH, Ask, Place, Row, row, table
from simulator import objects

pytestmark = pytest.mark.sanitizer

HERE, ELSEWHERE = "127.0.0.0/8", "192.0.2.0/24"
TLS = Place(tls="cert")
FLAG = ("--configmap", "default/settings")
PROXY = (("X-Forwarded-Proto", "https"), ("X-Forwarded-Host", "shop.test"), ("X-Forwarded-For", "192.0.2.7, 198.51.100.1"))


def says(key: str, corner: str, annotations: dict[str, str], ask: str | Ask = "/", place: Place = Place(), **expected):
    return row(key, corner, annotations, ask, place, **expected)


# The ConfigMap, and the rows that are asked with it.
LISTED = {"whitelist-source-range": ELSEWHERE}
LISTED_ROWS = [
    says("whitelist-source-range", "others are refused", {}, status=403, asked=False),
    says("whitelist-source-range", "an Ingress has its own list", {"allowlist-source-range": HERE}, asked="/"),
    says("whitelist-source-range", "its own list may be stricter", {"allowlist-source-range": "198.51.100.0/24"}, status=403),
]  # fmt: skip
DENIED = {"denylist-source-range": HERE}
DENIED_ROWS = [
    says("denylist-source-range", "the listed are refused", {}, status=403, asked=False),
    says("denylist-source-range", "an Ingress has its own list", {"denylist-source-range": ELSEWHERE}, asked="/"),
]  # fmt: skip
SIZED = {"proxy-body-size": "10", "http-redirect-code": "301", "custom-http-errors": "404", "global-auth-url": f"{AUTH}/all"}
OFF = {"enable-global-auth": "false"}
SIZED_ROWS = [
    says("proxy-body-size", "holds for all", OFF, Ask("/", "POST", body=b"x" * 11), status=413),
    says("proxy-body-size", "as much as is allowed", OFF, Ask("/", "POST", body=b"x" * 10), asked="/"),
    says("proxy-body-size", "an Ingress may allow more", {**OFF, "proxy-body-size": "20"}, Ask("/", "POST", body=b"x" * 20),
         asked="/"),
    says("proxy-body-size", "an Ingress may allow less", {**OFF, "proxy-body-size": "5"}, Ask("/", "POST", body=b"x" * 6),
         status=413),
    says("proxy-body-size", "an Ingress may allow all", {**OFF, "proxy-body-size": "0"}, Ask("/", "POST", body=b"x" * 99),
         asked="/"),
    says("proxy-body-size", "what is no size is the one for all", {**OFF, "proxy-body-size": "15r"},
         Ask("/", "POST", body=b"x" * 11), status=413),
    says("http-redirect-code", "is that of the redirect to HTTPS", OFF, "/a", TLS, status=301),
    says("http-redirect-code", "and of force-ssl-redirect", {**OFF, "force-ssl-redirect": "true"}, "/a", status=301),
    says("http-redirect-code", "and of from-to-www-redirect", {**OFF, "from-to-www-redirect": "true"},
         Ask("/a", host="www.HOST"), status=301),
    says("http-redirect-code", "but not of others", {**OFF, "temporal-redirect": "https://x.test/"}, status=302),
    says("global-auth-url", "is asked about everything", {}, "/a", question={":target": "/all"}, asked="/a"),
    says("global-auth-url", "but not where an Ingress says so", OFF, "/a", question=False, asked="/a"),
    says("global-auth-url", "an Ingress has its own", {"auth-url": f"{AUTH}/own"}, "/a", question={":target": "/own"}),
    says("global-auth-url", "one of its own that can not be used closes its paths", {"auth-url": "http://../"}, status=503,
         question=False, asked=False),
]  # fmt: skip
FORCED = {"force-ssl-redirect": "true"}
FORCED_ROWS = [
    says("force-ssl-redirect", "holds for all", {}, "/a", status=308),
    says("force-ssl-redirect", "an Ingress says otherwise", {"force-ssl-redirect": "false"}, "/a", asked="/a"),
    says("force-ssl-redirect", "redirects elsewhere come first", {"permanent-redirect": "https://x.test/"}, "/a", status=301),
    says("force-ssl-redirect", "paths of ACME are left alone", {}, "/.well-known/acme-challenge/x",
         Place(("/.well-known/acme-challenge/x",)), asked="/.well-known/acme-challenge/x"),
    says("force-ssl-redirect", "over TLS it is none", {}, Ask("/a", over="tls"), asked="/a"),
]  # fmt: skip
TRUSTED = {"use-forwarded-headers": "true", "proxy-real-ip-cidr": HERE}
TRUSTED_ROWS = [
    says("use-forwarded-headers", "the protocol is believed", {}, Ask("/a", fields=PROXY), TLS, asked="/a"),
    says("use-forwarded-headers", "also with force-ssl-redirect", {"force-ssl-redirect": "true"}, Ask("/a", fields=PROXY),
         asked="/a"),
    says("use-forwarded-headers", "without one it is that of the connection", {}, "/a", TLS, status=308),
    says("use-forwarded-headers", "http is http", {}, Ask("/a", fields=(("X-Forwarded-Proto", "http"),)), TLS, status=308),
    says("use-forwarded-headers", "servers are told", {}, Ask("/a", fields=PROXY),
         told={"x-forwarded-proto": "https", "x-forwarded-host": "shop.test", "x-scheme": "https"}),
    says("use-forwarded-headers", "the address is the first that is no proxy's", {}, Ask("/a", fields=PROXY),
         told={"x-real-ip": "198.51.100.1"}),
    says("use-forwarded-headers", "who is asked is told the protocol", {"auth-url": f"{AUTH}/"}, Ask("/a", fields=PROXY),
         question={"x-real-ip": "198.51.100.1"}),
]  # fmt: skip
TABLES = [
    ("listed", LISTED, LISTED_ROWS), ("denied", DENIED, DENIED_ROWS), ("sized", SIZED, SIZED_ROWS), ("forced", FORCED, FORCED_ROWS),
    ("trusted", TRUSTED, TRUSTED_ROWS),
]  # fmt: skip

listed, denied, sized, forced, trusted = (
    table(rows, objects.config_map("settings", data), arguments=FLAG) for _, data, rows in TABLES
)


@pytest.mark.parametrize("each", LISTED_ROWS)
def test_behaviour_of_a_list_of_the_allowed(listed, each: Row):
    listed.check(each)


@pytest.mark.parametrize("each", DENIED_ROWS)
def test_behaviour_of_a_list_of_the_denied(denied, each: Row):
    denied.check(each)


@pytest.mark.parametrize("each", SIZED_ROWS)
def test_behaviour_of_settings_for_all(sized, each: Row):
    sized.check(each)


@pytest.mark.parametrize("each", FORCED_ROWS)
def test_behaviour_of_https_for_all(forced, each: Row):
    forced.check(each)


@pytest.mark.parametrize("each", TRUSTED_ROWS)
def test_behaviour_of_trusted_proxies(trusted, each: Row):
    trusted.check(each)
