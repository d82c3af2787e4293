"""Behaviour of annotations about paths and names, corner by corner. A row's name is the annotation and the corner."""

from __future__ import annotations

import pytest

from harness.behaviour import ABSENT, ANN, AUTH, BASIC, Ask, Beside, Place, row, table

pytestmark = pytest.mark.sanitizer

API = "/api(/|$)(.*)"
SECOND = {"rewrite-target": "/$2"}
REGEX = {"use-regex": "true"}


def places(path: str, *beside: Beside, kind: str = "ImplementationSpecific") -> Place:
    return Place((path,), kind, beside=beside)


def rewrites(corner: str, target: str, path: str, asks: str | Ask, asked: str | None = None, **expected):
    return row("rewrite-target", corner, {"rewrite-target": target}, asks, path, asked=asked, **expected)


ROWS = [
    # rewrite-target
    rewrites("replaces the whole path", "/x", "/api", "/api/a/b", "/x"),
    rewrites("without groups every path becomes the same", "/x", "/", "/any/thing", "/x"),
    rewrites("the query is kept as it is", "/x", "/", "/a?b=%20c&d=/e", "/x?b=%20c&d=/e"),
    rewrites("an empty query is kept", "/x", "/", "/a?", "/x?"),
    rewrites("a group", "/$2", API, "/api/a/b", "/a/b"),
    rewrites("a group that is empty", "/$2", API, "/api", "/"),
    rewrites("a group that takes no part", "/x$1", "/a(/b)?", "/a", "/x"),
    rewrites("groups in any order", "/$2/$1", "/([a-z]+)/([0-9]+)", "/ab/12", "/12/ab"),
    rewrites("a group twice", "/$1/$1", "/([a-z]+)", "/ab", "/ab/ab"),
    rewrites("a digit behind a group", "/$10", "/([a-z]+)", "/ab", "/ab0"),
    rewrites("nine groups", "/$9$1", "/(a)(b)(c)(d)(e)(f)(g)(h)(i)", "/abcdefghi", "/ia"),
    rewrites("without regard to case", "/$2", API, "/API/Ab", "/Ab"),
    rewrites("the root", "/", "/app", "/app/a/b", "/"),
    rewrites("an encoded path is matched decoded", "/$2", API, "/%61pi/x", "/x"),
    rewrites("what it makes is encoded anew", "/$2", API, "/api/%41%20b", "/A%20b"),
    rewrites("slashes are merged", "/$2", API, "//api//a//b", "/a/b"),
    rewrites("dots are resolved", "/$2", API, "/x/../api/./a", "/a"),
    rewrites("a question mark that is encoded stays one", "/$2", API, "/api/a%3Fb", "/a%3Fb"),
    rewrites("the path itself is no rewrite", "/same", "/same", "/same/x", "/same/x"),
    rewrites("the path itself makes no expressions", "/same", "/same", "/SAME", status=404),
    rewrites("a URL sends clients there", "https://new.test/$1", "/old/(.*)", "/old/a?b=c", status=302,
             gets={"location": "https://new.test/a?b=c"}, asked=False),
    rewrites("a URL of http too", "http://new.test/x", "/old", "/old/a", status=302, gets={"location": "http://new.test/x"}),
    rewrites("a question mark drops the Ingress", "/x?y=z", "/", "/", status=404),
    rewrites("a blank drops the Ingress", "/x y", "/", "/", status=404),
    rewrites("braces drop the Ingress", "/{x}", "/", "/", status=404),
    rewrites("a variable drops the Ingress", "/$uri", "/", "/", status=404),
    rewrites("a line end drops the Ingress", "/x\n", "/y\nz", "/y", status=404),
    rewrites("a quote drops the Ingress", '/x"', "/", "/", status=404),
    rewrites("empty is absent", "", "/a", "/A", status=404),
    rewrites("bodies come along", "/x", "/", Ask("/a", "POST", body=b"abc"), "/x", told={":body": "abc", ":method": "POST"}),
    rewrites("streams too", "/$2", API, Ask("/api/a?b", over="h2"), "/a?b"),
    row("rewrite-target", "other Ingresses of the host become expressions", SECOND, "/OTHER/x", places(API, Beside("/other")),
        asked="/OTHER/x"),
    row("rewrite-target", "their prefixes end anywhere", SECOND, "/otherwise", places(API, Beside("/other")),
        asked="/otherwise"),
    row("rewrite-target", "their exact paths become prefixes", SECOND, "/other/x",
        places(API, Beside("/other", kind="Exact")), asked="/other/x"),
    row("rewrite-target", "but they are not rewritten", SECOND, "/other/x", places(API, Beside("/other")), body=b"other",
        asked="/other/x"),
    row("rewrite-target", "without it the path stays raw", {}, "/%7Ea//b/%41", asked="/%7Ea//b/%41"),
    row("rewrite-target", "each path of an Ingress by its own groups", {"rewrite-target": "/$1"}, "/b/x",
        Place(("/a/(.*)", "/b/(.*)"), "ImplementationSpecific"), asked="/x"),
    # use-regex
    row("use-regex", "matches", REGEX, "/items/12", "/items/[0-9]+", asked="/items/12"),
    row("use-regex", "is anchored where the path begins", REGEX, "/a/items/12", "/items/[0-9]+", status=404),
    row("use-regex", "is not anchored where it ends", REGEX, "/items/12abc", "/items/[0-9]+", asked="/items/12abc"),
    row("use-regex", "but if it says so", REGEX, "/items/12/more", "/items/[0-9]+$", status=404),
    row("use-regex", "is without regard to case", REGEX, "/ITEMS/1", "/items/[0-9]+", asked="/ITEMS/1"),
    row("use-regex", "the query is none of the path", REGEX, "/items/?/1", "/items/[0-9]+", status=404),
    row("use-regex", "matches the decoded path", REGEX, "/%69tems/%31", "/items/[0-9]+", asked="/%69tems/%31"),
    row("use-regex", "matches the resolved path", REGEX, "/x/..//items/1", "/items/[0-9]+", status=200),
    row("use-regex", "false leaves dots alone", {"use-regex": "false"}, "/axb", "/a.b", status=404),
    row("use-regex", "true does not", REGEX, "/axb", "/a.b", asked="/axb"),
    row("use-regex", "exact paths of the host become prefixes", REGEX, "/exact/more",
        places("/items", Beside("/exact", kind="Exact")), asked="/exact/more"),
    row("use-regex", "the longest text is tried first", REGEX, "/a/bc", places("/a.*", Beside("/a/b.*")), body=b"other"),
    row("use-regex", "though it matches less", REGEX, "/abc", places("/abc", Beside("/[a-z]+")), body=b"other"),
    row("use-regex", "of the same length the last by name", REGEX, "/ab", places("/.b", Beside("/a.")), body=b"other"),
    row("use-regex", "the root comes last", REGEX, "/abc", places("/", Beside("/a.c")), body=b"other"),
    row("use-regex", "the root takes the rest", REGEX, "/xyz", places("/", Beside("/a.c")), body=b"web"),
    row("use-regex", "of a younger Ingress counts as well", {}, "/ITEMS/1",
        places("/items", Beside("/x", REGEX), kind="Prefix"), body=b"web"),
    row("use-regex", "aliases share it", {**REGEX, "server-alias": "alias-HOST"}, Ask("/ITEMS/1", host="alias-HOST"),
        "/items/[0-9]+", asked="/ITEMS/1"),
    row("use-regex", "a path of the host that is no expression closes itself alone", REGEX, "/fine",
        places("/fine", Beside("/[0-9")), body=b"web"),
    # x-forwarded-prefix
    row("x-forwarded-prefix", "is told with a rewrite", {**SECOND, "x-forwarded-prefix": "/api"}, "/api/x", API,
        told={"x-forwarded-prefix": "/api"}),
    row("x-forwarded-prefix", "is not told without one", {"x-forwarded-prefix": "/api"}, "/api/x",
        told={"x-forwarded-prefix": ABSENT}),
    row("x-forwarded-prefix", "is not told with a rewrite to the path itself",
        {"rewrite-target": "/api", "x-forwarded-prefix": "/p"}, "/api/x", "/api", told={"x-forwarded-prefix": ABSENT}),
    row("x-forwarded-prefix", "takes the place of the client's", {**SECOND, "x-forwarded-prefix": "/api"},
        Ask("/api/x", fields=(("X-Forwarded-Prefix", "/lie"),)), API, told={"x-forwarded-prefix": "/api"}),
    row("x-forwarded-prefix", "a line end drops the Ingress", {**SECOND, "x-forwarded-prefix": "/a\nX-B: c"}, "/api/x", API,
        status=404),
    # upstream-vhost
    row("upstream-vhost", "is the Host that servers see", {"upstream-vhost": "inner.test"}, told={"host": "inner.test"}),
    row("upstream-vhost", "variables of the Ingress", {"upstream-vhost": "$service_name.$namespace.svc"},
        told={"host": "web.default.svc"}),
    row("upstream-vhost", "variables of the request", {"upstream-vhost": "$http_x_to.$host"},
        Ask("/", fields=(("X-To", "a"),)), told={"host": "a.HOST"}),
    row("upstream-vhost", "the client's is told beside it", {"upstream-vhost": "inner.test"},
        told={"x-forwarded-host": "HOST"}),
    row("upstream-vhost", "who is asked is told the client's", {"upstream-vhost": "inner.test", "auth-url": f"{AUTH}/"}, "/a",
        question={"x-original-url": "http://HOST/a"}),
    row("upstream-vhost", "redirects keep the client's", {"upstream-vhost": "inner.test"}, "/a", Place(tls="cert"),
        status=308, gets={"location": "https://HOST:PORT/a"}),
    row("upstream-vhost", "an unknown variable drops the Ingress", {"upstream-vhost": "$no_such_variable"}, status=404),
    row("upstream-vhost", "streams too", {"upstream-vhost": "inner.test"}, Ask(over="h2"), told={"host": "inner.test"}),
    # server-alias
    row("server-alias", "is served as the host is", {"server-alias": "a-HOST"}, Ask(host="a-HOST"), asked="/"),
    row("server-alias", "names are trimmed and said once", {"server-alias": " b-HOST , c-HOST,b-HOST"}, Ask(host="c-HOST"),
        asked="/"),
    row("server-alias", "the host itself is served", {"server-alias": "d-HOST"}, asked="/"),
    row("server-alias", "a host of its own keeps its name", {"server-alias": "e-HOST"}, Ask(host="e-HOST"),
        Place(beside=(Beside("/", host="e-HOST"),)), body=b"other"),
    row("server-alias", "whatever its age", {"server-alias": "f-HOST"}, Ask(host="f-HOST"),
        Place(beside=(Beside("/", host="f-HOST", is_younger=False),)), body=b"other"),
    row("server-alias", "only the oldest Ingress that says one counts", {"server-alias": "g-HOST"}, Ask("/x", host="h-HOST"),
        Place(beside=(Beside("/x", {"server-alias": "h-HOST"}),)), status=404),
    row("server-alias", "an older one takes the word", {"server-alias": "p-HOST"}, Ask("/", host="p-HOST"),
        Place(beside=(Beside("/x", {"server-alias": "q-HOST"}, is_younger=False),)), status=404),
    row("server-alias", "and its names are served", {"server-alias": "r-HOST"}, Ask("/", host="s-HOST"),
        Place(beside=(Beside("/x", {"server-alias": "s-HOST"}, is_younger=False),)), body=b"web"),
    row("server-alias", "what an older one does not say counts", {"server-alias": "t-HOST"}, Ask("/", host="t-HOST"),
        Place(beside=(Beside("/x", {"enable-cors": "true"}, is_younger=False),)), body=b"web"),
    row("server-alias", "an older one that is left out does not count", {"server-alias": "u-HOST"}, Ask("/", host="u-HOST"),
        Place(beside=(Beside("/x", {"server-alias": "v-HOST", "ssl-redirect": "perhaps"}, is_younger=False),)), body=b"web"),
    row("server-alias", "leads to all paths of the host", {"server-alias": "i-HOST"}, Ask("/x", host="i-HOST"),
        Place(beside=(Beside("/x"),)), body=b"other"),
    row("server-alias", "passwords hold", {"server-alias": "j-HOST", **BASIC}, Ask(host="j-HOST"), status=401, asked=False),
    row("server-alias", "passwords let in", {"server-alias": "k-HOST", **BASIC}, Ask(host="k-HOST", fields=(ANN,)), asked="/"),
    row("server-alias", "lists hold", {"server-alias": "l-HOST", "denylist-source-range": "127.0.0.0/8"}, Ask(host="l-HOST"),
        status=403, asked=False),
    row("server-alias", "is sent to HTTPS under its own name", {"server-alias": "m-HOST"}, Ask("/a", host="m-HOST"),
        Place(tls="cert"), status=308, gets={"location": "https://m-HOST:PORT/a"}),
    row("server-alias", "the Host is told as it came", {"server-alias": "n-HOST"}, Ask(host="n-HOST"), told={"host": "n-HOST"}),
    row("server-alias", "sticky cookies work", {"server-alias": "o-HOST", "affinity": "cookie", "session-cookie-path": "/p",
        "session-cookie-name": "s"}, Ask(host="o-HOST"), Place(service="three"), asked="/"),
]  # fmt: skip

behaviour = table(ROWS)


@pytest.mark.parametrize("each", ROWS)
def test_behaviour(behaviour, each):
    behaviour.check(each)


def test_use_regex_is_of_its_host_alone(behaviour):
    """The hosts beside one with expressions know case, and where a prefix ends."""
    number = next(n for n, each in enumerate(behaviour.rows) if each.corner == "the path itself is no rewrite")
    assert behaviour.send(number, Ask("/same")).status == 200
    assert behaviour.send(number, Ask("/samewise")).status == 404


def test_server_alias_keeps_clients(behaviour):
    number = next(n for n, each in enumerate(behaviour.rows) if each.corner == "sticky cookies work")
    first = behaviour.send(number, Ask(host="o-HOST"))
    value = first.get("set-cookie").split(";")[0]
    for _ in range(6):
        again = behaviour.send(number, Ask(host="o-HOST", fields=(("Cookie", value),)))
        assert (again.body, again.get("set-cookie")) == (first.body, None)
