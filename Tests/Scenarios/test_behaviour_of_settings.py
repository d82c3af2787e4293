"""What keys of the ConfigMap say for all, and what an Ingress says against it. A row's name is the key and the corner."""

from __future__ import annotations

import threading

import pytest

from harness.behaviour import AUTH, Ask, Place, Row, row, table
from harness.client import Client, careless
from harness.site import dev_service
from harness.waiting import wait_everywhere, wait_until
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
    says("use-forwarded-headers", "lists are about whom the proxy names", {"allowlist-source-range": "198.51.100.0/24"},
         Ask("/a", fields=PROXY), asked="/a"),
    says("use-forwarded-headers", "who is not named is refused", {"allowlist-source-range": HERE}, Ask("/a", fields=PROXY),
         status=403, asked=False),
    says("use-forwarded-headers", "addresses that others have put in front mean nothing", {"denylist-source-range": "192.0.2.7"},
         Ask("/a", fields=PROXY), asked="/a"),
    says("use-forwarded-headers", "whom the proxy names is denied", {"denylist-source-range": "198.51.100.1"},
         Ask("/a", fields=PROXY), status=403, asked=False),
    says("use-forwarded-headers", "the proxy itself is meant if it names nobody", {"allowlist-source-range": HERE}, "/a", asked="/a"),
    says("use-forwarded-headers", "what is no address is nobody", {"allowlist-source-range": HERE},
         Ask("/a", fields=(("X-Forwarded-For", "198.51.100.1, somebody"),)), asked="/a"),
    says("use-forwarded-headers", "of two lines of proxies the first names the client", {"allowlist-source-range": HERE},
         Ask("/a", fields=(("X-Forwarded-For", "198.51.100.1"), ("X-Forwarded-For", "127.0.0.1"))), status=403, asked=False),
    says("use-forwarded-headers", "a port behind an address means nothing", {"allowlist-source-range": "198.51.100.0/24"},
         Ask("/a", fields=(("X-Forwarded-For", "198.51.100.1:5678"),)), asked="/a"),
    says("use-forwarded-headers", "limits spare whom the proxy names", {"limit-rps": "1", "limit-burst-multiplier": "1",
         "limit-allowlist": "198.51.100.0/24"}, Ask("/a", fields=PROXY), asked="/a"),
]  # fmt: skip
UNTRUSTED = {"use-forwarded-headers": "true", "proxy-real-ip-cidr": ELSEWHERE}
UNTRUSTED_ROWS = [
    says("proxy-real-ip-cidr", "others are not believed about addresses", {"allowlist-source-range": "198.51.100.0/24"},
         Ask("/a", fields=PROXY), status=403, asked=False),
    says("proxy-real-ip-cidr", "nor about who is denied", {"denylist-source-range": HERE}, Ask("/a", fields=PROXY), status=403,
         asked=False),
]  # fmt: skip
NAMED = {
    "use-forwarded-headers": "true", "proxy-real-ip-cidr": HERE, "forwarded-for-header": "CF-Connecting-IP",
    "generate-request-id": "false", "enable-underscores-in-headers": "false",
}  # fmt: skip
CLOUD = (("CF-Connecting-IP", "192.0.2.9"), ("X-Forwarded-For", "192.0.2.7"))
NAMED_ROWS = [
    says("forwarded-for-header", "names the client", {}, Ask("/a", fields=CLOUD),
         told={"x-real-ip": "192.0.2.9", "x-forwarded-for": "192.0.2.9", "x-original-forwarded-for": "192.0.2.7"}),
    says("forwarded-for-header", "alone", {}, Ask("/a", fields=CLOUD[:1]), told={"x-real-ip": "192.0.2.9"}),
    says("forwarded-for-header", "without it it is the connection's", {}, Ask("/a", fields=CLOUD[1:]), told={"x-real-ip": "127.0.0.1"}),
    says("forwarded-for-header", "lists are about whom it names", {"allowlist-source-range": "192.0.2.9"}, Ask("/a", fields=CLOUD),
         asked="/a"),
    says("forwarded-for-header", "who is asked is told so", {"auth-url": f"{AUTH}/"}, Ask("/a", fields=CLOUD),
         question={"x-real-ip": "192.0.2.9"}),
    says("generate-request-id", "false makes none", {}, told={"x-request-id": None}),
    says("generate-request-id", "false leaves the client's", {}, Ask(fields=(("X-Request-ID", "abc"),)), told={"x-request-id": "abc"}),
    says("generate-request-id", "nor for who is asked", {"auth-url": f"{AUTH}/v?$req_id"},
         question={"x-request-id": None, ":target": "/v?"}),
    says("enable-underscores-in-headers", "false drops them", {}, Ask(fields=(("X_Own", "a"), ("X-Own", "b"))),
         told={"x_own": None, "x-own": "b"}),
]  # fmt: skip
APPENDED = {"use-forwarded-headers": "true", "proxy-real-ip-cidr": HERE, "compute-full-forwarded-for": "true"}
APPENDED_ROWS = [
    says("compute-full-forwarded-for", "goes on with the proxy behind it", {}, Ask("/a", fields=PROXY),
         told={"x-forwarded-for": "192.0.2.7, 198.51.100.1, 127.0.0.1", "x-real-ip": "198.51.100.1"}),
    says("compute-full-forwarded-for", "without one it is the connection's", {}, told={"x-forwarded-for": "127.0.0.1"}),
    says("enable-underscores-in-headers", "they are passed on without it", {}, Ask(fields=(("X_Own", "a"),)), told={"x_own": "a"}),
    says("ignore-invalid-headers", "what is no name is 400", {}, Ask(fields=(("X(Own)", "a"),)), status=400, asked=False),
]  # fmt: skip
TABLES = [
    ("listed", LISTED, LISTED_ROWS), ("denied", DENIED, DENIED_ROWS), ("sized", SIZED, SIZED_ROWS), ("forced", FORCED, FORCED_ROWS),
    ("trusted", TRUSTED, TRUSTED_ROWS), ("untrusted", UNTRUSTED, UNTRUSTED_ROWS), ("named", NAMED, NAMED_ROWS), ("appended", APPENDED, APPENDED_ROWS),
]  # fmt: skip

listed, denied, sized, forced, trusted, untrusted, named, appended = (
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


@pytest.mark.parametrize("each", UNTRUSTED_ROWS)
def test_behaviour_of_clients_that_are_not_believed(untrusted, each: Row):
    untrusted.check(each)


def test_limits_count_by_whom_the_proxy_names(sluice_dev, backend):
    """A request at a time of each address: of the same one the second waits outside, of another one it does not."""
    entered, leave = threading.Event(), threading.Event()

    def slow(session, request):
        if request.target == "/slow":
            entered.set()
            leave.wait(20)
        session.answer()

    limited = {"nginx.ingress.kubernetes.io/limit-connections": "1"}
    site = sluice_dev(
        objects.ingress("web", "a.test", "web", annotations=limited), dev_service("web", backend(slow)),
        objects.config_map("settings", TRUSTED), arguments=FLAG,
    )  # fmt: skip

    def status(name: str, path: str = "/") -> int:
        return site.get(path, headers=[("X-Forwarded-For", name)]).status

    wait_everywhere(lambda: status("198.51.100.9") == 200, "it is served")
    first = threading.Thread(target=status, args=("198.51.100.1", "/slow"))
    first.start()
    try:
        assert entered.wait(20)
        assert status("198.51.100.1") == 503
        assert status("198.51.100.2") == 200
    finally:
        leave.set()
        first.join(20)


@pytest.mark.parametrize("each", NAMED_ROWS)
def test_behaviour_of_what_servers_are_told(named, each: Row):
    named.check(each)


@pytest.mark.parametrize("each", APPENDED_ROWS)
def test_behaviour_of_addresses_that_are_appended(appended, each: Row):
    appended.check(each)


LOGGED = {"skip-access-log-urls": "/health,~^/quiet/", "enable-access-log-for-default-backend": "false"}
UNLOGGED = ["/health", "/HEALTH", "/quiet/x"]
AGAIN = {"proxy-next-upstream": "http_503 timeout", "proxy-next-upstream-tries": "2"}


def site_with(sluice_dev, settings: dict[str, str], *manifests: dict):
    return sluice_dev(objects.config_map("settings", settings), *manifests, arguments=(*FLAG, "--workers", "1"))


def test_skip_access_log_urls(sluice_dev, backend):
    site = site_with(sluice_dev, LOGGED, objects.ingress("web", "a.test", "web"), dev_service("web", backend()))
    wait_until(lambda: site.get("/logged/0").status == 200, "it is served")
    for path in UNLOGGED:
        assert site.get(path).status == 200
    assert site.get("/nowhere", host="b.test").status == 404
    assert site.get("/health?x").status == 200
    assert site.get("/last").status == 200
    site.sluice.wait_access("/last")
    lines = "\n".join(site.sluice.access_log)
    assert "/health?x" in lines and "/nowhere" not in lines
    assert all(f"{path} " not in lines for path in UNLOGGED)


@pytest.mark.parametrize(("more", "method", "count"), [({}, "GET", 2), ({}, "POST", 1), ({"retry-non-idempotent": "true"}, "POST", 2)])
def test_proxy_next_upstream(sluice_dev, backend, more, method, count):
    server = backend(lambda session, request: session.answer(503))
    site = site_with(
        sluice_dev, {**AGAIN, **more}, objects.ingress("web", "a.test", "web"),
        objects.ingress("own", "own.test", "web", annotations={"nginx.ingress.kubernetes.io/proxy-next-upstream": "off"}),
        dev_service("web", server),
    )  # fmt: skip
    wait_until(lambda: site.get(host="own.test").status == 503 and server.requests, "it is served")
    server.forget()
    server.handler = lambda session, request: session.answer(503)
    assert site.get(method=method, body=b"x" if method == "POST" else None).status == 503
    assert len(server.requests) == count
    assert site.get(host="own.test").status == 503
    assert len(server.requests) == count + 1


def test_defaults_of_ingress_nginx(sluice_dev, backend):
    """What an installation relies on without saying it, and that its ConfigMap counts before it."""
    server = backend(lambda session, request: session.answer(headers="Server: mine\r\n"))
    site = sluice_dev(
        objects.ingress("web", "a.test", "web"), dev_service("web", server),
        arguments=(*FLAG, "--defaults", "nginx", "--workers", "1"),
    )  # fmt: skip
    wait_until(lambda: site.get().status == 200, "it is served")
    with Client(site.sluice.https, tls=careless(), server_name="a.test") as client:
        answer = client.request("/")
    assert answer.get("strict-transport-security") == "max-age=31536000; includeSubDomains"
    assert site.get().get("server") is None
    assert site.get(method="POST", body=b"x" * (1 << 20)).status == 200
    assert site.get(method="POST", body=b"x" * ((1 << 20) + 1)).status == 413
    site.get("/", headers=[("a_b", "c")])
    assert server.requests[-1].get("a_b") is None
    site.folder.put(objects.config_map("settings", {"proxy-body-size": "2m", "allow-backend-server-header": "true"}))
    wait_until(lambda: site.get().get("server") == "mine", "the ConfigMap counts")
    assert site.get(method="POST", body=b"x" * ((1 << 20) + 1)).status == 200
    site.get("/", headers=[("a_b", "c")])
    assert server.requests[-1].get("a_b") is None
