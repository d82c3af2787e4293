"""Behaviour of the annotations of canaries, corner by corner. A row's name is the annotation and the corner."""

from __future__ import annotations

import pytest

from harness.behaviour import BASIC, Ask, Beside, Place, row, table
from harness.waiting import wait_until

pytestmark = pytest.mark.sanitizer

HEADER = {"canary-by-header": "X-Canary"}
VALUE = {**HEADER, "canary-by-header-value": "me"}
PATTERN = {**HEADER, "canary-by-header-pattern": "^v[0-9]+"}
COOKIE = {"canary-by-cookie": "canary"}
ALL, NONE = {"canary-weight": "100"}, {"canary-weight": "0"}
MAIN, CANARY = b"web", b"other"


def asks(header: str | None = None, cookie: str | None = None, target: str = "/", **said) -> Ask:
    fields = (("X-Canary", header),) if header is not None else ()
    fields += (("Cookie", f"a=b; canary={cookie}"),) if cookie is not None else ()
    return Ask(target, fields=fields, **said)


def canary(annotation: str, corner: str, says: dict[str, str], ask: Ask, expected: bytes, main: dict | None = None, **more):
    """The row's own Ingress is the main one, the canary stands beside it."""
    place = Place(beside=(Beside("/", {"canary": "true", **says}),))
    return row(annotation, corner, main or {}, ask, place, body=expected, **more)


def beside(annotation: str, corner: str, *others: Beside, ask: Ask | str = "/", place: Place = Place(), **expected):
    return row(annotation, corner, {}, ask, Place(place.paths, place.kind, place.service, place.host, None, others), **expected)


ON = {"canary": "true"}
ROWS = [
    # canary
    canary("canary", "without a rule it gets nothing", {}, asks(), MAIN),
    beside("canary", "false is an Ingress as any other", Beside("/b", {"canary": "false", **ALL}), ask="/b", body=CANARY),
    beside("canary", "others of its annotations are void without it", Beside("/", ALL), body=MAIN),
    beside("canary", "an older one too", Beside("/", {**ON, **ALL}, is_younger=False), body=CANARY),
    beside("canary", "without a main path it is dropped", Beside("/elsewhere", {**ON, **ALL}), ask="/elsewhere", body=MAIN),
    beside("canary", "without a main host it is dropped", Beside("/", {**ON, **ALL}, host="alone-HOST"),
           ask=Ask(host="alone-HOST"), status=404),
    beside("canary", "of another type of path it is dropped", Beside("/", {**ON, **ALL}, kind="Exact"), body=MAIN),
    beside("canary", "a longer path is not the main one's", Beside("/a/b", {**ON, **ALL}), ask="/a/b",
           place=Place(("/a",)), body=MAIN),
    beside("canary", "the main Service itself is no canary", Beside("/", {**ON, **ALL}, "web"), body=MAIN),
    beside("canary", "one canary is used, the others are not", Beside("/", {**ON, **ALL}), Beside("/", {**ON, **ALL}, "pages"),
           body=CANARY),
    beside("canary", "each path has its own", Beside("/b"), Beside("/b", {**ON, **ALL}, "web"), ask="/b",
           place=Place(("/a",)), body=MAIN),
    beside("canary", "one without servers gets nothing", Beside("/", {**ON, **ALL}, "none"), body=MAIN),
    beside("canary", "a missing Service gets nothing", Beside("/", {**ON, **ALL}, "nowhere"), body=MAIN),
    canary("canary", "rules of the main Ingress hold", ALL, asks(), CANARY, {"denylist-source-range": "192.0.2.0/24"}),
    row("canary", "its lists hold", {"denylist-source-range": "0.0.0.0/0"}, "/", Place(beside=(Beside("/", {**ON, **ALL}),)),
        status=403, asked=False),
    row("canary", "its passwords hold", BASIC, "/", Place(beside=(Beside("/", {**ON, **ALL}),)), status=401, asked=False),
    row("canary", "its rewrite holds", {"rewrite-target": "/x"}, "/a", Place(beside=(Beside("/", {**ON, **ALL}),)),
        body=CANARY, asked="/x"),
    canary("canary", "its own lists are void", {**ALL, "denylist-source-range": "0.0.0.0/0"}, asks(), CANARY),
    canary("canary", "its own passwords are void", {**ALL, **BASIC}, asks(), CANARY),
    canary("canary", "its own rewrite is void", {**ALL, "rewrite-target": "/canary"}, asks(target="/a"), CANARY, asked="/a"),
    canary("canary", "its own redirect is void", {**ALL, "permanent-redirect": "/x"}, asks(), CANARY),
    canary("canary", "its own expressions are void", {**ALL, "use-regex": "true"}, asks(target="/a"), CANARY),
    beside("canary", "its own names are void", Beside("/", {**ON, **ALL, "server-alias": "beside-HOST"}),
           ask=Ask(host="beside-HOST"), status=404),
    canary("canary", "streams too", ALL, asks(over="h2"), CANARY),
    # canary-by-header
    *[
        canary("canary-by-header", f"{value!r} leads to {who.decode()}", HEADER, asks(value), who)
        for value, who in (("always", CANARY), ("never", MAIN), ("Always", MAIN), ("", MAIN), ("yes", MAIN),
                           ("always, never", MAIN), (None, MAIN))
    ],
    canary("canary-by-header", "always beats the cookie", {**HEADER, **COOKIE}, asks("always", "never"), CANARY),
    canary("canary-by-header", "never beats the cookie", {**HEADER, **COOKIE}, asks("never", "always"), MAIN),
    canary("canary-by-header", "never beats the weight", {**HEADER, **ALL}, asks("never"), MAIN),
    canary("canary-by-header", "else the cookie decides", {**HEADER, **COOKIE}, asks("x", "always"), CANARY),
    canary("canary-by-header", "else the weight decides", {**HEADER, **ALL}, asks("x"), CANARY),
    canary("canary-by-header", "names know no case", {"canary-by-header": "x-CANARY"}, asks("always"), CANARY),
    # canary-by-header-value
    canary("canary-by-header-value", "exactly this", VALUE, asks("me"), CANARY),
    *[canary("canary-by-header-value", f"{value!r} is not this", VALUE, asks(value), MAIN) for value in ("Me", "me2", "", None)],
    canary("canary-by-header-value", "always means nothing then", VALUE, asks("always"), MAIN),
    canary("canary-by-header-value", "never means nothing then", {**VALUE, **ALL}, asks("never"), CANARY),
    canary("canary-by-header-value", "else the cookie decides", {**VALUE, **COOKIE}, asks("x", "always"), CANARY),
    canary("canary-by-header-value", "beats the pattern", {**VALUE, "canary-by-header-pattern": "^v"}, asks("v1"), MAIN),
    canary("canary-by-header-value", "without a header it is void", {"canary-by-header-value": "me"}, asks("me"), MAIN),
    # canary-by-header-pattern
    canary("canary-by-header-pattern", "what matches", PATTERN, asks("v12 beta"), CANARY),
    canary("canary-by-header-pattern", "what does not", PATTERN, asks("x v12"), MAIN),
    canary("canary-by-header-pattern", "anywhere", {**HEADER, "canary-by-header-pattern": "b+"}, asks("aabba"), CANARY),
    canary("canary-by-header-pattern", "always means nothing then", PATTERN, asks("always"), MAIN),
    canary("canary-by-header-pattern", "else the cookie decides", {**PATTERN, **COOKIE}, asks("x", "always"), CANARY),
    canary("canary-by-header-pattern", "else the weight decides", {**PATTERN, **ALL}, asks("x"), CANARY),
    canary("canary-by-header-pattern", "one that takes too long matches nothing",
           {**HEADER, "canary-by-header-pattern": "^(a+)+$"}, asks("a" * 200 + "b"), MAIN),
    # canary-by-cookie
    *[
        canary("canary-by-cookie", f"{value!r} leads to {who.decode()}", COOKIE, asks(cookie=value), who)
        for value, who in (("always", CANARY), ("never", MAIN), ("x", MAIN), ("", MAIN), (None, MAIN))
    ],
    canary("canary-by-cookie", "never beats the weight", {**COOKIE, **ALL}, asks(cookie="never"), MAIN),
    canary("canary-by-cookie", "else the weight decides", {**COOKIE, **ALL}, asks(cookie="x"), CANARY),
    canary("canary-by-cookie", "names know case", {"canary-by-cookie": "Canary"}, asks(cookie="always"), MAIN),
    # canary-weight, canary-weight-total
    canary("canary-weight", "all of them", ALL, asks(), CANARY),
    canary("canary-weight", "none of them", NONE, asks(), MAIN),
    canary("canary-weight", "more than all are all", {"canary-weight": "250"}, asks(), CANARY),
    canary("canary-weight-total", "all of another total", {"canary-weight": "7000", "canary-weight-total": "7000"}, asks(), CANARY),
    canary("canary-weight-total", "less than 100 is 100", {"canary-weight": "0", "canary-weight-total": "5"}, asks(), MAIN),
    canary("canary-weight-total", "one of very many", {"canary-weight": "1", "canary-weight-total": "2000000000"}, asks(), MAIN),
    # affinity-canary-behavior
    canary("affinity-canary-behavior", "who has no cookie is chosen for", ALL, asks(), CANARY, {"affinity": "cookie"}),
]  # fmt: skip

behaviour = table(ROWS)


@pytest.mark.parametrize("each", ROWS)
def test_behaviour(behaviour, each):
    behaviour.check(each)


def test_canary_weight_total_below_100_is_100(behaviour):
    """Five of five would be all of them: they are five of a hundred."""
    number = next(n for n, each in enumerate(behaviour.rows) if each.corner == "less than 100 is 100")
    behaviour.forget()
    says = {"canary": "true", "canary-weight": "5", "canary-weight-total": "5"}
    behaviour.folder.put(behaviour.ingress(number, "n0", says, Beside("/")))
    # Wrong once in 20^40 for the one, in 1.05^400 for the other.
    wait_until(lambda: behaviour.send(number, Ask()).body == CANARY, "some are given")
    assert {bytes(behaviour.send(number, Ask()).body) for _ in range(40)} >= {MAIN}
