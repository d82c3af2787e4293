"""Behaviour of annotations that send clients elsewhere, corner by corner. A row's name is the annotation and the corner."""

from __future__ import annotations

import pytest

from harness.behaviour import ANN, BASIC, Ask, Beside, Place, row, table

pytestmark = pytest.mark.sanitizer

TLS = Place(tls="cert")
HTTPS = "https://HOST:PORT"


def over_tls(target: str = "/", **said) -> Ask:
    return Ask(target, over="tls", **said)


def said(host: str, target: str = "/") -> Ask:
    return Ask(target, host=host)


PERMANENT = {"permanent-redirect": "https://new.test/there?a=b"}
TEMPORAL = {"temporal-redirect": "https://now.test/here"}
THERE = {"location": "https://new.test/there?a=b"}
HERE = {"location": "https://now.test/here"}
WWW = {"from-to-www-redirect": "true"}

ROWS = [
    # app-root
    row("app-root", "sends / to the path", {"app-root": "/app"}, status=302, gets={"location": "http://HOST/app"}),
    row("app-root", "leaves every other path alone", {"app-root": "/app"}, "/x", asked="/x"),
    row("app-root", "leaves the path itself alone", {"app-root": "/app"}, "/app", asked="/app"),
    row("app-root", "drops the query", {"app-root": "/app"}, "/?a=b", status=302, gets={"location": "http://HOST/app"}),
    row("app-root", "keeps the port that the client said", {"app-root": "/app"}, said("HOST:81"), status=302,
        gets={"location": "http://HOST:81/app"}),
    row("app-root", "holds for other methods", {"app-root": "/app"}, Ask("/", "POST", body=b"x"), status=302, asked=False),
    row("app-root", "comes before the redirect to HTTPS", {"app-root": "/app"}, place=TLS, status=302,
        gets={"location": "http://HOST/app"}),
    row("app-root", "over TLS leads to https", {"app-root": "/app"}, over_tls(), TLS, status=302,
        gets={"location": "https://HOST/app"}),
    row("app-root", "comes before passwords", {"app-root": "/app", **BASIC}, status=302, asked=False),
    row("app-root", "comes before the denied", {"app-root": "/app", "denylist-source-range": "127.0.0.1"}, status=302),
    row("app-root", "holds for the whole host", {"app-root": "/app"}, "/",
        Place(("/app",), beside=(Beside("/", BASIC),)), status=302, asked=False),
    row("app-root", "holds where nobody has /", {"app-root": "/app/start"}, "/", Place(("/app",)), status=302,
        gets={"location": "http://HOST/app/start"}),
    row("app-root", "a URL is ignored", {"app-root": "https://other.test/"}, asked="/"),
    row("app-root", "what is no path is ignored", {"app-root": "app"}, asked="/"),
    row("app-root", "empty is absent", {"app-root": ""}, asked="/"),
    row("app-root", "of several the one on the longest path wins", {"app-root": "/one"}, "/",
        Place(beside=(Beside("/longer", {"app-root": "/two"}),)), status=302, gets={"location": "http://HOST/two"}),
    row("app-root", "the longest path wins whatever its age", {"app-root": "/one"}, "/",
        Place(("/longer",), beside=(Beside("/", {"app-root": "/two"}, is_younger=False),)), status=302,
        gets={"location": "http://HOST/one"}),
    row("app-root", "streams too", {"app-root": "/app"}, Ask(over="h2"), status=302, gets={"location": "http://HOST/app"}),
    # permanent-redirect
    row("permanent-redirect", "301 to the literal URL", PERMANENT, "/x", status=301, gets=THERE, asked=False),
    row("permanent-redirect", "neither path nor query is appended", PERMANENT, "/x?y=z", status=301, gets=THERE),
    row("permanent-redirect", "a path will do", {"permanent-redirect": "/new"}, "/old", status=301),
    row("permanent-redirect", "any scheme", {"permanent-redirect": "ftp://files.test/x"}, status=301,
        gets={"location": "ftp://files.test/x"}),
    row("permanent-redirect", "a variable drops the Ingress", {"permanent-redirect": "https://new.test$request_uri"},
        status=404),
    row("permanent-redirect", "a blank drops the Ingress", {"permanent-redirect": "https://new.test/a b"}, status=404),
    row("permanent-redirect", "comes before HTTPS", PERMANENT, "/", TLS, status=301, gets=THERE),
    row("permanent-redirect", "holds over TLS", PERMANENT, over_tls(), TLS, status=301, gets=THERE),
    row("permanent-redirect", "comes before passwords", {**PERMANENT, **BASIC}, status=301),
    row("permanent-redirect", "comes before the denied", {**PERMANENT, "denylist-source-range": "127.0.0.1"}, status=301),
    row("permanent-redirect", "comes before external authentication",
        {**PERMANENT, "auth-url": "http://auth.default.svc.cluster.local/"}, status=301, question=False),
    row("permanent-redirect", "comes before want of servers", PERMANENT, "/", Place(service="none"), status=301),
    row("permanent-redirect", "holds for its location alone", PERMANENT, "/b",
        Place(("/a",), beside=(Beside("/b"),)), body=b"other"),
    row("permanent-redirect", "any method", PERMANENT, Ask("/", "DELETE"), status=301, asked=False),
    row("permanent-redirect", "empty is absent", {"permanent-redirect": " "}, asked="/"),
    row("permanent-redirect", "streams too", PERMANENT, Ask(over="h2"), status=301, gets=THERE),
    # permanent-redirect-code
    *[
        row("permanent-redirect-code", f"{code} is {status}", {**PERMANENT, "permanent-redirect-code": code}, status=status,
            gets=THERE)
        for code, status in (("301", 301), ("302", 302), ("303", 303), ("307", 307), ("308", 308), ("299", 301),
                             ("309", 301), ("404", 301), ("200", 301))
    ],
    row("permanent-redirect-code", "without a redirect it is nothing", {"permanent-redirect-code": "308"}, asked="/"),
    # temporal-redirect
    row("temporal-redirect", "302 to the URL", TEMPORAL, "/x?y", status=302, gets=HERE, asked=False),
    row("temporal-redirect", "wins over permanent-redirect", {**TEMPORAL, **PERMANENT}, status=302, gets=HERE),
    row("temporal-redirect", "is not told the code of the other",
        {**TEMPORAL, **PERMANENT, "permanent-redirect-code": "308"}, status=302, gets=HERE),
    row("temporal-redirect", "http will do", {"temporal-redirect": "http://now.test"}, status=302,
        gets={"location": "http://now.test"}),
    row("temporal-redirect", "another scheme drops the Ingress", {"temporal-redirect": "ftp://now.test/"}, status=404),
    row("temporal-redirect", "a path drops the Ingress", {"temporal-redirect": "/here"}, status=404),
    row("temporal-redirect", "comes before HTTPS", TEMPORAL, "/", TLS, status=302, gets=HERE),
    row("temporal-redirect", "comes before passwords", {**TEMPORAL, **BASIC}, status=302),
    row("temporal-redirect", "holds for its location alone", TEMPORAL, "/b", Place(("/a",), beside=(Beside("/b"),)),
        body=b"other"),
    *[
        row("temporal-redirect-code", f"{code} is {status}", {**TEMPORAL, "temporal-redirect-code": code}, status=status,
            gets=HERE)
        for code, status in (("301", 301), ("302", 302), ("303", 303), ("307", 307), ("308", 302), ("309", 302),
                             ("200", 302))
    ],
    # relative-redirects, use-port-in-redirects
    row("relative-redirects", "a path is said as a path",
        {"permanent-redirect": "/new", "relative-redirects": "true"}, status=301, gets={"location": "/new"}),
    row("relative-redirects", "a URL stays one", {**PERMANENT, "relative-redirects": "true"}, status=301, gets=THERE),
    row("use-port-in-redirects", "the redirect to HTTPS has the port", {"use-port-in-redirects": "true"}, "/x", TLS,
        status=308, gets={"location": f"{HTTPS}/x"}),
    row("use-port-in-redirects", "redirects to URLs do not", {**PERMANENT, "use-port-in-redirects": "true"}, status=301,
        gets=THERE),
    # from-to-www-redirect
    row("from-to-www-redirect", "www leads to the apex", WWW, said("www.HOST", "/a/b?c=d"), status=308,
        gets={"location": "http://HOST/a/b?c=d"}),
    row("from-to-www-redirect", "the apex leads to www", WWW, said("apex-www.test", "/a"), Place(host="www.apex-www.test"),
        status=308, gets={"location": "http://www.apex-www.test/a"}),
    row("from-to-www-redirect", "the host itself is served", WWW, "/a", asked="/a"),
    row("from-to-www-redirect", "one trailing slash is dropped", WWW, said("www.HOST", "/a/"), status=308,
        gets={"location": "http://HOST/a"}),
    row("from-to-www-redirect", "that of the root too", WWW, said("www.HOST", "/"), status=308,
        gets={"location": "http://HOST"}),
    row("from-to-www-redirect", "false is none", {"from-to-www-redirect": "false"}, said("www.HOST"), status=404),
    row("from-to-www-redirect", "a host of its own keeps its name", WWW, said("www.HOST"),
        Place(beside=(Beside("/", host="www.HOST"),)), body=b"other"),
    row("from-to-www-redirect", "no step to HTTPS comes first", WWW, said("www.HOST", "/a"), TLS, status=308,
        gets={"location": "http://HOST/a"}),
    row("from-to-www-redirect", "over TLS it stays https", WWW, Ask("/a", host="www.HOST", over="tls"), TLS, status=308,
        gets={"location": "https://HOST/a"}),
    row("from-to-www-redirect", "comes before passwords", {**WWW, **BASIC}, said("www.HOST", "/a"), status=308),
    row("from-to-www-redirect", "comes before other redirects", {**WWW, **PERMANENT}, said("www.HOST", "/a"), status=308),
    row("from-to-www-redirect", "wildcards have no other name", WWW, said("www.HOST"), Place(host="*.HOST"), asked="/"),
    # ssl-redirect
    row("ssl-redirect", "308 where the host has a certificate", {}, "/a?b=c", TLS, status=308,
        gets={"location": f"{HTTPS}/a?b=c"}, asked=False),
    row("ssl-redirect", "no certificate, no redirect", {}, "/a", asked="/a"),
    row("ssl-redirect", "false is none", {"ssl-redirect": "false"}, "/a", TLS, asked="/a"),
    row("ssl-redirect", "a missing Secret counts too", {}, "/a", Place(tls="no-such-secret"), status=308),
    row("ssl-redirect", "TLS of an empty name counts too", {}, "/a", Place(tls=""), status=308),
    row("ssl-redirect", "the port of the Host is dropped", {}, said("HOST:8000", "/a"), TLS, status=308,
        gets={"location": f"{HTTPS}/a"}),
    row("ssl-redirect", "one trailing slash is dropped", {}, "/a//", TLS, status=308, gets={"location": f"{HTTPS}/a/"}),
    row("ssl-redirect", "the URI is not decoded", {}, "/%41%20b?%2F", TLS, status=308,
        gets={"location": f"{HTTPS}/%41%20b?%2F"}),
    row("ssl-redirect", "paths of ACME are left alone", {}, "/.well-known/acme-challenge/token",
        Place(("/.well-known/acme-challenge/token",), tls="cert"), asked="/.well-known/acme-challenge/token"),
    row("ssl-redirect", "other paths of the host are not", {}, "/.well-known/acme-challenge/token", TLS, status=308),
    row("ssl-redirect", "clients are not believed", {}, Ask("/", fields=(("X-Forwarded-Proto", "https"),)), TLS, status=308),
    row("ssl-redirect", "nor as to the host", {}, Ask("/", fields=(("X-Forwarded-Host", "evil.test"),)), TLS, status=308,
        gets={"location": HTTPS}),
    row("ssl-redirect", "TLS of another Ingress of the host counts", {}, "/a",
        Place(("/a",), beside=(Beside("/b", tls="cert"),)), status=308),
    row("ssl-redirect", "TLS of the wildcard counts", {}, said("a.wild.test", "/a"),
        Place(host="a.wild.test", beside=(Beside("/", host="*.wild.test", tls="no-such-secret"),)), status=308),
    row("ssl-redirect", "comes before the denied", {"denylist-source-range": "127.0.0.1"}, "/", TLS, status=308),
    row("ssl-redirect", "comes before passwords", BASIC, "/", TLS, status=308),
    row("ssl-redirect", "comes before want of servers", {}, "/", Place(service="none", tls="cert"), status=308),
    row("ssl-redirect", "belongs to its path", {"ssl-redirect": "false"}, "/b",
        Place(("/a",), tls="cert", beside=(Beside("/b"),)), status=308),
    row("ssl-redirect", "over TLS it is none", {}, over_tls("/a"), TLS, asked="/a"),
    row("ssl-redirect", "bodies are not waited for", {}, Ask("/", "POST", body=b"x" * 100_000), TLS, status=308, asked=False),
    # force-ssl-redirect, preserve-trailing-slash
    row("force-ssl-redirect", "308 without a certificate", {"force-ssl-redirect": "true"}, "/a", status=308,
        gets={"location": f"{HTTPS}/a"}),
    row("force-ssl-redirect", "beats ssl-redirect false", {"force-ssl-redirect": "true", "ssl-redirect": "false"}, "/a",
        status=308),
    row("force-ssl-redirect", "clients are not believed", {"force-ssl-redirect": "true"},
        Ask("/", fields=(("X-Forwarded-Proto", "https"),)), status=308),
    row("force-ssl-redirect", "false is the rule of ssl-redirect", {"force-ssl-redirect": "false"}, "/a", TLS, status=308),
    row("force-ssl-redirect", "over TLS it is none", {"force-ssl-redirect": "true"}, over_tls("/a"), TLS, asked="/a"),
    row("preserve-trailing-slash", "keeps it", {"preserve-trailing-slash": "true"}, "/a/", TLS, status=308,
        gets={"location": f"{HTTPS}/a/"}),
    row("preserve-trailing-slash", "that of the root too", {"preserve-trailing-slash": "true"}, "/", TLS, status=308,
        gets={"location": f"{HTTPS}/"}),
    row("preserve-trailing-slash", "false drops it", {"preserve-trailing-slash": "false"}, "/a/", TLS, status=308,
        gets={"location": f"{HTTPS}/a"}),
    row("preserve-trailing-slash", "with force-ssl-redirect", {"preserve-trailing-slash": "true", "force-ssl-redirect": "true"},
        "/a/", status=308, gets={"location": f"{HTTPS}/a/"}),
]  # fmt: skip

behaviour = table(ROWS)


@pytest.mark.parametrize("each", ROWS)
def test_behaviour(behaviour, each):
    behaviour.check(each)


def test_app_root_lets_people_in_behind_it(behaviour):
    """The rest of a host that sends `/` elsewhere asks for passwords as ever."""
    number = next(number for number, each in enumerate(behaviour.rows) if each.corner == "comes before passwords")
    assert behaviour.send(number, Ask("/app")).status == 401
    assert behaviour.send(number, Ask("/app", fields=(ANN,))).status == 200
