"""Behaviour of the annotations of CORS, corner by corner. A row's name is the annotation and the corner."""

from __future__ import annotations

import pytest

from harness.behaviour import ABSENT, BASIC, Ask, Beside, Place, row, table

pytestmark = pytest.mark.sanitizer

ON = {"enable-cors": "true"}
A, B = "https://a.test", "https://b.test"
METHODS = "GET, PUT, POST, DELETE, PATCH, OPTIONS"
HEADERS = "DNT,Keep-Alive,User-Agent,X-Requested-With,If-Modified-Since,Cache-Control,Content-Type,Range,Authorization"
ORIGIN, CREDENTIALS = "access-control-allow-origin", "access-control-allow-credentials"
USUAL = {
    ORIGIN: "*", CREDENTIALS: "true", "access-control-allow-methods": METHODS, "access-control-allow-headers": HEADERS,
    "access-control-max-age": "1728000", "access-control-expose-headers": ABSENT,
}  # fmt: skip
NOTHING = {name: ABSENT for name in USUAL}


def of(origin: str | None = A, target: str = "/", method: str = "GET", **said) -> Ask:
    fields = (("Origin", origin),) if origin else ()
    return Ask(target, method, fields=(*fields, *said.pop("fields", ())), **said)


def preflight(origin: str | None = A, **said) -> Ask:
    return of(origin, method="OPTIONS", fields=(("Access-Control-Request-Method", "PUT"),), **said)


def cors(annotation: str, corner: str, value: str | None, ask: Ask, gets: dict, **expected):
    says = ON if value is None else {**ON, annotation: value}
    return row(annotation, corner, says, ask, gets=gets, **expected)


def origins(corner: str, value: str, origin: str | None, expected: str | None, **others):
    """A request, and its preflight."""
    gets = {ORIGIN: expected, CREDENTIALS: "true"} if expected else NOTHING
    # A preflight of nobody whom the list allows is the server's.
    passed = dict(status=204, asked=False) if expected else dict(status=200, asked="/")
    return [
        cors("cors-allow-origin", corner, value, of(origin), gets, asked="/", **others),
        cors("cors-allow-origin", f"{corner}, preflight", value, preflight(origin), gets, **passed, **others),
    ]


ROWS = [
    # enable-cors
    row("enable-cors", "answers say what is allowed", ON, of(), gets=USUAL, asked="/"),
    row("enable-cors", "also to who is no page", ON, of(None), gets={ORIGIN: "*"}),
    row("enable-cors", "false says nothing", {"enable-cors": "false"}, of(), gets=NOTHING),
    row("enable-cors", "without it nothing is said", {"cors-allow-origin": A}, of(), gets=NOTHING),
    row("enable-cors", "without it preflights are the server's", {}, preflight(), gets=NOTHING, asked="/"),
    row("enable-cors", "a preflight is answered here", ON, preflight(), status=204, asked=False, gets=USUAL),
    row("enable-cors", "OPTIONS without an origin too", ON, Ask("/", "OPTIONS"), status=204, asked=False),
    row("enable-cors", "its answer is an empty text", ON, preflight(), status=204,
        gets={"content-type": "text/plain charset=UTF-8"}),
    row("enable-cors", "answers of servers are errors or not", ON, of(answered=(404, "")), status=404, gets=USUAL),
    row("enable-cors", "a server's error of its own", ON, of(answered=(500, "")), status=500, gets=USUAL),
    row("enable-cors", "what servers say of it is replaced", ON,
        of(answered=(200, "Access-Control-Allow-Origin: https://x.test\r\nAccess-Control-Allow-Methods: X\r\n")), gets=USUAL),
    row("enable-cors", "what servers say besides stays", ON, of(answered=(200, "Vary: Origin\r\nX-Own: a\r\n")),
        gets={"vary": "Origin", "x-own": "a"}),
    row("enable-cors", "preflights come before passwords", {**ON, **BASIC}, preflight(), status=204, asked=False),
    row("enable-cors", "requests do not", {**ON, **BASIC}, of(), status=401, asked=False),
    row("enable-cors", "preflights come before lists", {**ON, "denylist-source-range": "0.0.0.0/0"}, preflight(), status=204),
    row("enable-cors", "preflights come before HTTPS", ON, preflight(), Place(tls="cert"), status=204),
    row("enable-cors", "preflights come before redirects", {**ON, "permanent-redirect": "/x"}, preflight(), status=204),
    row("enable-cors", "preflights come before want of servers", ON, preflight(), Place(service="none"), status=204),
    row("enable-cors", "preflights with a body", ON, of(A, "/", "OPTIONS", body=b"x" * 10_000), status=204),
    row("enable-cors", "belongs to its path", ON, of(A, "/b"), Place(("/a",), beside=(Beside("/b"),)), gets=NOTHING),
    row("enable-cors", "over TLS", ON, of(over="tls"), Place(tls="cert"), gets=USUAL),
    row("enable-cors", "streams too", ON, preflight(over="h2"), status=204, gets=USUAL),
    row("enable-cors", "HEAD", ON, of(method="HEAD"), gets=USUAL),
    # cors-allow-origin
    *origins("everybody", "*", A, "*"),
    *origins("one, and it asks", A, A, A),
    *origins("one, and another asks", A, B, None),
    *origins("one, and nobody says who asks", A, None, None),
    *origins("the first of two", f"{A},{B}", A, A),
    *origins("the second of two", f"{A}, {B}", B, B),
    *origins("neither of two", f"{A},{B}", "https://c.test", None),
    *origins("a port", "https://a.test:8443", "https://a.test:8443", "https://a.test:8443"),
    *origins("another port", "https://a.test:8443", A, None),
    *origins("another scheme", A, "http://a.test", None),
    *origins("a longer name", A, "https://a.test.evil.test", None),
    *origins("a name below", A, "https://x.a.test", None),
    *origins("null", f"{A},null", "null", "null"),
    *origins("null that is not listed", A, "null", None),
    *origins("everybody first makes the rest nothing", f"*, {A}", B, "*"),
    row("cors-allow-origin", "without regard to case", {**ON, "cors-allow-origin": "https://A.test"}, of("https://a.TEST"),
        gets={CREDENTIALS: "true"}),
    row("cors-allow-origin", "what is not allowed is told nothing by the server either",
        {**ON, "cors-allow-origin": A}, of(B, answered=(200, "X-Own: a\r\n")), gets={ORIGIN: ABSENT, "x-own": "a"}),
    row("cors-allow-origin", "bad items are skipped", {**ON, "cors-allow-origin": f"nonsense,{A}"}, of(), gets={ORIGIN: A}),
    row("cors-allow-origin", "a line end lets nobody in", {**ON, "cors-allow-origin": "https://a.test\r\nX-B: c"}, of(),
        gets={"x-b": ABSENT}, status=404),
    row("cors-allow-origin", "empty is everybody", {**ON, "cors-allow-origin": ""}, of(), gets={ORIGIN: "*"}),
    # cors-allow-methods, cors-allow-headers, cors-expose-headers
    cors("cors-allow-methods", "the default", None, of(), {"access-control-allow-methods": METHODS}),
    cors("cors-allow-methods", "as it is", "GET,  PROPFIND", of(), {"access-control-allow-methods": "GET,  PROPFIND"}),
    cors("cors-allow-methods", "in preflights", "PUT", preflight(), {"access-control-allow-methods": "PUT"}, status=204),
    cors("cors-allow-methods", "invalid is the default", "GET; X", of(), {"access-control-allow-methods": METHODS}),
    cors("cors-allow-headers", "the default", None, of(), {"access-control-allow-headers": HEADERS}),
    cors("cors-allow-headers", "as it is", "X-A, X-B", of(), {"access-control-allow-headers": "X-A, X-B"}),
    cors("cors-allow-headers", "in preflights", "X-A", preflight(), {"access-control-allow-headers": "X-A"}, status=204),
    cors("cors-allow-headers", "invalid is the default", "X-A\r\nX-B: c", of(),
         {"access-control-allow-headers": HEADERS, "x-b": ABSENT}),
    cors("cors-expose-headers", "none without it", None, of(), {"access-control-expose-headers": ABSENT}),
    cors("cors-expose-headers", "as it is", "X-A, X-B", of(), {"access-control-expose-headers": "X-A, X-B"}),
    cors("cors-expose-headers", "all", "*", of(), {"access-control-expose-headers": "*"}),
    cors("cors-expose-headers", "empty is none", "", of(), {"access-control-expose-headers": ABSENT}),
    cors("cors-expose-headers", "invalid is none", '"a"', of(), {"access-control-expose-headers": ABSENT}),
    # cors-allow-credentials, cors-max-age
    cors("cors-allow-credentials", "true without it", None, of(), {CREDENTIALS: "true"}),
    cors("cors-allow-credentials", "true", "true", of(), {CREDENTIALS: "true"}),
    cors("cors-allow-credentials", "false leaves it out", "false", of(), {CREDENTIALS: ABSENT, ORIGIN: "*"}),
    cors("cors-allow-credentials", "false, in preflights", "false", preflight(), {CREDENTIALS: ABSENT, ORIGIN: "*"}, status=204),
    cors("cors-allow-credentials", "another word drops the Ingress", "maybe", of(), NOTHING, status=404),
    cors("cors-max-age", "the default", None, of(), {"access-control-max-age": "1728000"}),
    cors("cors-max-age", "as it is", "600", of(), {"access-control-max-age": "600"}),
    cors("cors-max-age", "nothing", "0", preflight(), {"access-control-max-age": "0"}, status=204),
    cors("cors-max-age", "a unit drops the Ingress", "10m", of(), NOTHING, status=404),
]  # fmt: skip

behaviour = table(ROWS)


@pytest.mark.parametrize("each", ROWS)
def test_behaviour(behaviour, each):
    behaviour.check(each)
