"""What no annotation says: hosts, paths, misses and merging, corner by corner. A row's name is the section of the reference."""

from __future__ import annotations

import pytest

from harness.behaviour import ABSENT, ANN, BASIC, Ask, Beside, Place, row, table

pytestmark = pytest.mark.sanitizer

WEB, OTHER = b"web", b"other"
DENIED = {"denylist-source-range": "0.0.0.0/0"}
CANARY = {"canary": "true", "canary-weight": "100"}


def path(corner: str, spec: str, target: str, status: int, kind: str = "Prefix", **more):
    expected = {"asked": target} if status == 200 else {"asked": False}
    return row("path", corner, {}, target, Place((spec,), kind), status=status, **expected, **more)


def two(corner: str, first: str, second: str, target: str, expected: bytes, kinds: tuple[str, str] = ("Prefix", "Prefix")):
    return row("path", corner, {}, target, Place((first,), kinds[0], beside=(Beside(second, kind=kinds[1]),)), body=expected)


def rest(corner: str, says: dict[str, str], status: int, *beside: Beside, ask: Ask | str = "/zzz", kind: str = "Prefix",
         spec: str = "/a", tls: str | None = None, **more):
    """Of what no path of a host is for."""
    return row("root", corner, says, ask, Place((spec,), kind, tls=tls, beside=beside), status=status, **{"asked": False, **more})


def host(corner: str, spec: str, asks: str, status: int, *beside: Beside, **more):
    return row("host", corner, {}, Ask(host=asks), Place(host=spec, beside=beside), status=status, **more)


ROWS = [
    # Exact, Prefix, ImplementationSpecific
    path("exact", "/foo", "/foo", 200, "Exact"),
    path("exact is not what is below", "/foo", "/foo/x", 404, "Exact"),
    path("exact is not the longer one", "/foo", "/foobar", 404, "Exact"),
    path("exact knows the slash", "/foo", "/foo/", 404, "Exact"),
    path("exact knows case", "/foo", "/FOO", 404, "Exact"),
    path("prefix", "/foo", "/foo", 200),
    path("prefix with a slash", "/foo", "/foo/", 200),
    path("prefix of what is below", "/foo", "/foo/x/y?z=/", 200),
    path("prefix is not the longer one", "/foo", "/foobar", 404),
    path("prefix knows case", "/foo", "/Foo", 404),
    path("prefix that ends with a slash", "/foo/", "/foo/x", 200),
    path("prefix of two segments", "/foo/bar", "/foo", 404),
    path("everything", "/", "/any/thing?a=b", 200),
    path("implementation specific is a prefix", "/foo", "/foo/x", 200, "ImplementationSpecific"),
    path("implementation specific ends at a segment", "/foo", "/foobar", 404, "ImplementationSpecific"),
    path("a dot stands for itself", "/a.b", "/axb", 404),
    path("the query is none of the path", "/foo", "/?/foo", 404),
    # decoding
    path("matched decoded, passed raw", "/foo", "/%66oo/%41", 200),
    path("slashes are merged for matching", "/foo/bar", "/foo//bar", 200),
    path("an encoded blank", "/a b", "/a%20b", 200),
    path("an encoded query mark is of the path", "/foo", "/foo%3Fx", 404),
    row("path", "dots are resolved for matching", {}, "/x/../foo", Place(("/foo",))),
    row("path", "and out of it", {}, "/foo/../x", Place(("/foo",)), status=404, asked=False),
    row("path", "encoded dots too", {}, "/x/%2e%2E/foo", Place(("/foo",))),
    row("path", "a guarded path is not passed by writing it otherwise", {}, "/public/../%61dmin",
        Place(("/",), beside=(Beside("/admin", DENIED),)), status=403, asked=False),
    row("path", "nor by its slashes", {}, "//admin", Place(("/",), beside=(Beside("/admin", DENIED),)), status=403, asked=False),
    # which wins
    two("exact beats prefix", "/foo", "/foo", "/foo", OTHER, ("Prefix", "Exact")),
    two("prefix takes what is below", "/foo", "/foo", "/foo/x", WEB, ("Prefix", "Exact")),
    two("the longest prefix", "/foo", "/foo/bar", "/foo/bar/x", OTHER),
    two("whatever its age", "/foo/bar", "/foo", "/foo/bar/x", WEB),
    two("the shorter one takes the rest", "/foo/bar", "/foo", "/foo/baz", OTHER),
    two("the root takes the rest", "/foo", "/", "/x", OTHER),
    two("of one path the oldest Ingress", "/foo", "/foo", "/foo", WEB),
    row("path", "the oldest Ingress whatever its name", {}, "/foo", Place(("/foo",), beside=(Beside("/foo", is_younger=False),)),
        body=OTHER),
    row("path", "several of an Ingress", {}, "/b/x", Place(("/a", "/b")), asked="/b/x"),
    # annotations belong to their Ingress
    row("merging", "lists stay with their path", DENIED, "/b", Place(("/a",), beside=(Beside("/b"),)), body=OTHER),
    row("merging", "lists hold on their path", DENIED, "/a", Place(("/a",), beside=(Beside("/b"),)), status=403),
    row("merging", "passwords stay with their path", {}, "/b", Place(("/a",), beside=(Beside("/b", BASIC),)), status=401),
    row("merging", "and nobody else is asked", {}, "/a", Place(("/a",), beside=(Beside("/b", BASIC),)), body=WEB),
    row("merging", "a loser's rules are nobody's", {}, "/a", Place(("/a",), beside=(Beside("/a", DENIED),)), body=WEB),
    # the path / of a host that has none
    rest("asks for a password", BASIC, 401, gets={"www-authenticate": 'Basic realm=""'}),
    rest("and has nothing for who knows it", BASIC, 404, ask=Ask("/zzz", fields=(ANN,))),
    rest("over TLS", BASIC, 401, ask=Ask("/zzz", over="tls"), tls="cert"),
    rest("has lists", DENIED, 403),
    rest("and who is let in", {"allowlist-source-range": "127.0.0.0/8"}, 404),
    rest("is sent elsewhere", {"permanent-redirect": "https://new.test/"}, 301, gets={"location": "https://new.test/"}),
    rest("is sent to HTTPS", {"proxy-read-timeout": "7"}, 308, tls="cert", gets={"location": "https://HOST:PORT/zzz"}),
    rest("but not without annotations", {}, 404, tls="cert"),
    rest("is refused with the paths", {**BASIC, "auth-secret": "missing"}, 503, ask=Ask("/zzz", fields=(ANN,))),
    rest("beside an exact one", BASIC, 401, kind="Exact", spec="/"),
    rest("beside expressions", {**BASIC, "use-regex": "true"}, 401, kind="ImplementationSpecific", spec="/a[0-9]+"),
    rest("is another Ingress's that has it", BASIC, 200, Beside("/"), body=OTHER, asked=None),
    rest("is no younger Ingress's", {}, 404, Beside("/b", BASIC)),
    rest("is the oldest Ingress's", {}, 401, Beside("/b", BASIC, is_younger=False)),
    rest("is no canary's", {}, 404, Beside("/a", {**CANARY, **BASIC}, is_younger=False)),
    rest("of further names too", {**BASIC, "server-alias": "z-HOST"}, 401, ask=Ask("/zzz", host="z-HOST")),
    # hosts
    host("exactly", "HOST", "HOST", 200, asked="/"),
    host("case means nothing", "HOST", "ROW-NUMBER.TEST", 200, asked="/"),
    host("a port means nothing", "HOST", "HOST:1234", 200, asked="/"),
    host("another host", "HOST", "x-HOST", 404, asked=False),
    host("a host below", "HOST", "x.HOST", 404, asked=False),
    host("a wildcard is one label", "*.HOST", "x.HOST", 200, asked="/"),
    host("a wildcard is not the apex", "*.HOST", "HOST", 404, asked=False),
    host("a wildcard is not two labels", "*.HOST", "x.y.HOST", 404, asked=False),
    host("an exact host beats a wildcard", "*.HOST", "x.HOST", 200, Beside("/", host="x.HOST"), body=OTHER),
    host("and keeps what it does not serve", "*.HOST", "x.HOST", 404, Beside("/b", host="x.HOST")),
    # misses
    row("miss", "an unknown host is 404", {}, Ask(host="nobody.test"), status=404),
    row("miss", "whatever the method", {}, Ask(host="nobody.test", method="POST", body=b"x"), status=404),
    row("miss", "an unknown path is 404", {}, "/b", Place(("/a",)), status=404),
    row("miss", "a Service without servers is 503", {}, "/", Place(service="none"), status=503),
    row("miss", "a Service that is not there is 503", {}, "/", Place(service="nowhere"), status=503),
    row("miss", "over TLS too", {}, Ask(over="tls"), Place(service="none", tls="cert"), status=503),
    row("miss", "hosts without TLS are served over TLS", {}, Ask(over="tls"), asked="/"),
    # fields to servers
    row("field", "who asked", {}, "/", told={"host": "HOST", "x-real-ip": "127.0.0.1", "x-forwarded-for": "127.0.0.1"}),
    row("field", "how", {}, "/", told={"x-forwarded-proto": "http", "x-forwarded-scheme": "http", "x-scheme": "http",
                                       "x-forwarded-host": "HOST"}),
    row("field", "how over TLS", {}, Ask(over="tls"), told={"x-forwarded-proto": "https", "x-scheme": "https",
                                                           "x-forwarded-port": "443"}),
    row("field", "one address and not a list", {}, Ask(fields=(("X-Forwarded-For", "192.0.2.1"),)),
        told={"x-forwarded-for": "127.0.0.1", "x-original-forwarded-for": "192.0.2.1"}),
    row("field", "the client's X-Forwarded-Host is kept apart", {}, Ask(fields=(("X-Forwarded-Host", "evil.test"),)),
        told={"x-forwarded-host": "HOST", "x-original-forwarded-host": "evil.test"}),
    row("field", "the client's X-Request-ID stays", {}, Ask(fields=(("X-Request-ID", "abc"),)), told={"x-request-id": "abc"}),
    row("field", "Proxy is removed", {}, Ask(fields=(("Proxy", "evil"),)), told={"proxy": ABSENT}),
    row("field", "certificates are nobody's to claim", {"auth-url": "http://auth.default.svc.cluster.local/"},
        Ask(fields=(("X-Own", "a"),)), told={"x-own": "a", "ssl-client-verify": ABSENT}),
    row("field", "HSTS is not sent over plain HTTP", {}, "/", gets={"strict-transport-security": ABSENT}),
    row("field", "no version is told", {}, "/nothing", Place(("/a",)), status=404, gets={"server": "sluice"}),
]  # fmt: skip

behaviour = table(ROWS)


@pytest.mark.parametrize("each", ROWS)
def test_behaviour(behaviour, each):
    behaviour.check(each)


def test_field_x_request_id_is_made(behaviour):
    """32 hexadecimal digits, others for each request."""
    behaviour.forget()
    number = next(number for number, each in enumerate(behaviour.rows) if each.corner == "who asked")
    for _ in range(2):
        assert behaviour.send(number, Ask()).status == 200
    made = [request.get("x-request-id") for request in behaviour.servers["web"].requests]
    assert len(set(made)) == 2 and all(len(one) == 32 and int(one, 16) >= 0 for one in made)
