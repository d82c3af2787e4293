"""Behaviour of annotations that choose a server: affinity, hashing, balancing and another try. Tests are named after them."""

from __future__ import annotations

from collections import Counter

import pytest

from harness.backend import Session
from harness.behaviour import Ask, Place, equal, row, table
from harness.messages import Request

pytestmark = pytest.mark.sanitizer

STICKY = {"affinity": "cookie", "session-cookie-name": "s"}
THREE = Place(service="three")

# corner -> annotations, place, the attributes of the cookie, and those that it must not have
COOKIES = {
    "affinity: the name it has by itself": ({"affinity": "cookie"}, THREE, {"": "INGRESSCOOKIE"}, ()),
    "affinity: always HttpOnly": (STICKY, THREE, {"httponly": ""}, ()),
    "affinity: lasts for the session": (STICKY, THREE, {}, ("max-age", "expires")),
    "affinity: a value of another case": ({**STICKY, "affinity": "Cookie"}, THREE, {"": "s"}, ()),
    "session-cookie-name: is the name": ({**STICKY, "session-cookie-name": "route-1"}, THREE, {"": "route-1"}, ()),
    "session-cookie-path: without it the path of the Ingress": (STICKY, Place(("/a",), service="three"), {"path": "/a"}, ()),
    "session-cookie-path: the root": (STICKY, THREE, {"path": "/"}, ()),
    "session-cookie-path: is the path": ({**STICKY, "session-cookie-path": "/x"}, THREE, {"path": "/x"}, ()),
    "session-cookie-path: with regular expressions": (
        {**STICKY, "use-regex": "true", "session-cookie-path": "/a"},
        Place(("/a[a-z]*",), "ImplementationSpecific", "three"), {"path": "/a"}, (),
    ),
    "session-cookie-domain: none without it": (STICKY, THREE, {}, ("domain",)),
    "session-cookie-domain: is the domain": ({**STICKY, "session-cookie-domain": "shop.test"}, THREE, {"domain": "shop.test"}, ()),
    "session-cookie-samesite: none without it": (STICKY, THREE, {}, ("samesite",)),
    "session-cookie-samesite: None": ({**STICKY, "session-cookie-samesite": "None"}, THREE, {"samesite": "None"}, ()),
    "session-cookie-samesite: Lax": ({**STICKY, "session-cookie-samesite": "Lax"}, THREE, {"samesite": "Lax"}, ()),
    "session-cookie-samesite: any case": ({**STICKY, "session-cookie-samesite": "sTRICT"}, THREE, {"samesite": "Strict"}, ()),
    "session-cookie-secure: true over plain HTTP": ({**STICKY, "session-cookie-secure": "true"}, THREE, {"secure": ""}, ()),
    "session-cookie-secure: not without it": (STICKY, THREE, {}, ("secure",)),
    "session-cookie-secure: false": ({**STICKY, "session-cookie-secure": "false"}, THREE, {}, ("secure",)),
    "session-cookie-max-age: is told": ({**STICKY, "session-cookie-max-age": "3600"}, THREE, {"max-age": "3600"}, ()),
    "session-cookie-expires: is told as Max-Age": ({**STICKY, "session-cookie-expires": "60"}, THREE, {"max-age": "60"}, ()),
    "session-cookie-conditional-samesite-none: today's browsers are told": (
        {**STICKY, "session-cookie-samesite": "None", "session-cookie-conditional-samesite-none": "true"}, THREE,
        {"samesite": "None"}, (),
    ),
    "session-cookie-change-on-failure: sets the same cookie": (
        {**STICKY, "session-cookie-change-on-failure": "true"}, THREE, {"": "s"}, (),
    ),
    "affinity-mode: persistent": ({**STICKY, "affinity-mode": "persistent"}, THREE, {"": "s"}, ()),
    "affinity-mode: balanced": ({**STICKY, "affinity-mode": "balanced"}, THREE, {"": "s"}, ()),
    "affinity-canary-behavior: means nothing alone": ({**STICKY, "affinity-canary-behavior": "sticky"}, THREE, {"": "s"}, ()),
    "affinity: beats upstream-hash-by": ({**STICKY, "upstream-hash-by": "$host"}, THREE, {"": "s"}, ()),
    "affinity: beats load-balance": ({**STICKY, "load-balance": "ewma"}, THREE, {"": "s"}, ()),
}  # fmt: skip

# What no cookie comes of: annotations and the status.
NO_COOKIES = {
    "affinity: another word drops the Ingress": ({"affinity": "ip"}, 404),
    "affinity: nothing without it": ({"session-cookie-name": "s", "session-cookie-max-age": "1"}, 200),
    "session-cookie-name: what is no name drops the Ingress": ({**STICKY, "session-cookie-name": "a;b"}, 404),
    "session-cookie-path: a semicolon drops the Ingress": ({**STICKY, "session-cookie-path": "/a; Secure"}, 404),
    "session-cookie-domain: a semicolon drops the Ingress": ({**STICKY, "session-cookie-domain": "a;b"}, 404),
    "session-cookie-samesite: another word drops the Ingress": ({**STICKY, "session-cookie-samesite": "Most"}, 404),
    "session-cookie-max-age: what is no number drops the Ingress": ({**STICKY, "session-cookie-max-age": "1h"}, 404),
    "session-cookie-expires: what is no number drops the Ingress": ({**STICKY, "session-cookie-expires": "x"}, 404),
    "affinity-mode: another word drops the Ingress": ({**STICKY, "affinity-mode": "loose"}, 404),
    "upstream-hash-by: an unknown variable drops the Ingress": ({"upstream-hash-by": "$no_such"}, 404),
}  # fmt: skip

# upstream-hash-by: the key, and two requests that differ in it.
KEYS = {
    "$request_uri": (Ask("/{}"),),
    "$uri": (Ask("/{}"),),
    "$arg_k": (Ask("/?k={}"),),
    "$args": (Ask("/?{}"),),
    "$http_x_key": (Ask(fields=(("X-Key", "{}"),)),),
    "$cookie_k": (Ask(fields=(("Cookie", "k={}"),)),),
    "$arg_k$request_method": (Ask("/?k={}"),),
    "x-${arg_k}-y": (Ask("/?k={}"),),
}
SAME = {"$host": Ask("/{}"), "$remote_addr": Ask("/{}"), "$namespace": Ask("/{}"), "$scheme": Ask("/{}"), "fixed": Ask("/{}")}

# load-balance: all servers are used.
BALANCES = ("round_robin", "ewma", "ROUND_ROBIN", "least-ever")

# proxy-next-upstream: what is said, how the first server fails, the method, whether another one is tried.
HTTP = ("500", "502", "503", "504", "403", "404", "429")
TRIES: dict[str, tuple[str | None, str, str, bool]] = {
    "error: a connection that ends": ("error", "close", "GET", True),
    "error: but no status": ("error", "500", "GET", False),
    "invalid_header: no answer at all": ("invalid_header", "junk", "GET", True),
    "error: not what is no answer": ("error", "junk", "GET", False),
    "timeout: silence": ("timeout", "silence", "GET", True),
    "off: nothing": ("off", "close", "GET", False),
    "http_500: no other": ("http_500", "503", "GET", False),
    "several words": ("error http_500 http_503", "503", "GET", True),
    "no POST": ("error", "close", "POST", False),
    "no POST of a status": ("http_500", "500", "POST", False),
    "no PATCH": ("http_500", "500", "PATCH", False),
    "PUT": ("http_500", "500", "PUT", True),
    "DELETE": ("http_500", "500", "DELETE", True),
    "POST with non_idempotent": ("http_500 non_idempotent", "500", "POST", True),
    **{f"http_{status}": (f"http_{status}", status, "GET", True) for status in HTTP},
}  # fmt: skip


def named(name: str, says: dict, place: Place = THREE):
    annotation, corner = name.split(": ", 1)
    return row(annotation, corner, says, place=place)


ROWS = [
    *[named(name, says, place) for name, (says, place, _, _) in COOKIES.items()],
    *[named(name, says) for name, (says, _) in NO_COOKIES.items()],
    *[named(f"upstream-hash-by: {key}", {"upstream-hash-by": key}) for key in (*KEYS, *SAME)],
    named("upstream-hash-by: beats load-balance", {"upstream-hash-by": "$host", "load-balance": "round_robin"}),
    *[named(f"load-balance: {word}", {"load-balance": word}) for word in BALANCES],
    *[
        # A server that says nothing is waited for; the others are to have their time.
        named(f"proxy-next-upstream: {corner}", {"proxy-next-upstream": words, "proxy-read-timeout": "1" if way == "silence" else "15"})
        for corner, (words, way, _, _) in TRIES.items()
    ],
    *[
        named(f"proxy-next-upstream-tries: {count}", {"proxy-next-upstream": "http_500", "proxy-next-upstream-tries": count})
        for count in ("1", "2", "3")
    ],
    named("proxy-next-upstream: another word drops the Ingress", {"proxy-next-upstream": "always"}),
    named("proxy-next-upstream: off and a word drop the Ingress", {"proxy-next-upstream": "off error"}),
    named("proxy-next-upstream-tries: what is no number drops the Ingress", {"proxy-next-upstream-tries": "x"}),
    named("proxy-next-upstream-timeout: what is no number is the default", {"proxy-next-upstream-timeout": "x"}),
]
NUMBERS = {param.values[0].name: number for number, param in enumerate(ROWS)}
built = table(ROWS)


@pytest.fixture
def behaviour(built):
    built.forget()
    return built


def send(site, name: str, ask: Ask = Ask()):
    return site.send(NUMBERS[name], ask)


def attributes(cookie: str) -> dict[str, str]:
    """Of a cookie, in lower case; its name is that of the empty one."""
    pairs = [part.strip().partition("=") for part in cookie.split(";")]
    return {"": pairs[0][0], **{name.lower(): value for name, _, value in pairs[1:]}}


@pytest.mark.parametrize("name", COOKIES)
def test_cookie(behaviour, name):
    _, place, has, has_not = COOKIES[name]
    first = send(behaviour, name, Ask(place.paths[0].split("[")[0]))
    found = attributes(first.get("set-cookie"))
    equal("attributes", {key: found.get(key) for key in (*has, "httponly")}, {**has, "httponly": ""})
    assert not set(has_not) & set(found)
    value = first.get("set-cookie").split(";")[0]
    for _ in range(4):
        again = send(behaviour, name, Ask(place.paths[0].split("[")[0], fields=(("Cookie", f"x=y; {value}"),)))
        assert (again.body, again.get("set-cookie")) == (first.body, None)


@pytest.mark.parametrize("name", ["session-cookie-secure: not without it", "session-cookie-secure: false"])
def test_cookies_are_secure_over_tls(behaviour, name):
    assert attributes(send(behaviour, name, Ask(over="tls")).get("set-cookie")).get("secure") == ""
    assert "secure" not in attributes(send(behaviour, name).get("set-cookie"))


@pytest.mark.parametrize("name", NO_COOKIES)
def test_no_cookie(behaviour, name):
    answer = send(behaviour, name)
    assert (answer.status, answer.get("set-cookie")) == (NO_COOKIES[name][1], None)


@pytest.mark.parametrize("value", ["", "nonsense", "a|b", "1" * 200])
def test_affinity_of_a_cookie_that_names_nobody(behaviour, value):
    """Somebody else answers, and says who."""
    answer = send(behaviour, "affinity: always HttpOnly", Ask(fields=(("Cookie", f"s={value}"),)))
    assert answer.status == 200 and answer.get("set-cookie").startswith("s=")


def test_affinity_of_a_server_that_is_gone(behaviour):
    """The client is given another server, and its cookie."""
    name = "affinity: always HttpOnly"
    first = send(behaviour, name)
    value = first.get("set-cookie").split(";")[0]
    gone = behaviour.servers[first.body.decode()]
    gone.refuse()
    for session in gone.open_sessions:
        session.close()
    try:
        answer = send(behaviour, name, Ask(fields=(("Cookie", value),)))
        assert answer.status == 200 and answer.body != first.body
        assert answer.get("set-cookie").split(";")[0] != value
    finally:
        gone.listen()


def pods(site, name: str, ask: Ask, values) -> list[bytes]:
    def filled(value) -> Ask:
        fields = tuple((key, text.format(value)) for key, text in ask.fields)
        return Ask(ask.target.format(value), fields=fields)

    return [bytes(send(site, name, filled(value)).body) for value in values]


@pytest.mark.parametrize("key", KEYS)
def test_upstream_hash_by(behaviour, key):
    """The same key leads to the same server, and not all of them lead to one."""
    (ask,) = KEYS[key]
    chosen = pods(behaviour, f"upstream-hash-by: {key}", ask, range(20))
    assert chosen == pods(behaviour, f"upstream-hash-by: {key}", ask, range(20))
    assert len(set(chosen)) > 1


@pytest.mark.parametrize("key", SAME)
def test_upstream_hash_by_what_is_equal(behaviour, key):
    assert len(set(pods(behaviour, f"upstream-hash-by: {key}", SAME[key], range(12)))) == 1


def test_upstream_hash_by_beats_load_balance(behaviour):
    assert len(set(pods(behaviour, "upstream-hash-by: beats load-balance", Ask("/{}"), range(12)))) == 1


@pytest.mark.parametrize("word", BALANCES)
def test_load_balance(behaviour, word):
    """Words that are not known are round robin, and so nobody is left out."""
    count = Counter(pods(behaviour, f"load-balance: {word}", Ask("/{}"), range(60)))
    assert set(count) == {b"a", b"b", b"c"}
    if word != "ewma":
        assert set(count.values()) == {20}


def fail(session: Session, way: str) -> None:
    if way == "close":
        return session.close()
    if way == "junk":
        return session.send(b"SSH-2.0-x\r\n\r\n")
    if way == "silence":
        session.wait_gone(10)
        return None
    session.answer(int(way), b"failed")


@pytest.mark.parametrize("corner", TRIES)
def test_proxy_next_upstream(behaviour, corner):
    """One of three servers fails: either nobody sees it, or somebody does."""
    _, way, method, is_tried = TRIES[corner]
    asked: list[Request] = []
    behaviour.servers["a"].handler = lambda session, request: (asked.append(request), fail(session, way))
    body = b"x" if method in ("POST", "PUT", "PATCH") else None
    statuses: set[int] = set()
    # The failing server has its turn once in three requests, if it is not left alone for a while.
    for _ in range(40):
        statuses.add(send(behaviour, f"proxy-next-upstream: {corner}", Ask("/", method, body=body)).status)
        if asked:
            break
    assert asked
    assert (statuses == {200}) is is_tried


@pytest.mark.parametrize("count", ["1", "2", "3"])
def test_proxy_next_upstream_tries(behaviour, count):
    """So many in all."""
    for name in "abc":
        behaviour.servers[name].handler = lambda session, request: session.answer(500)
    assert send(behaviour, f"proxy-next-upstream-tries: {count}").status == 500
    assert sum(len(behaviour.servers[name].requests) for name in "abc") == int(count)


@pytest.mark.parametrize("name", [name for name in NUMBERS if name.startswith("proxy-next") and "drop" in name])
def test_proxy_next_upstream_values(behaviour, name):
    assert send(behaviour, name).status == 404


def test_proxy_next_upstream_timeout_values(behaviour):
    assert send(behaviour, "proxy-next-upstream-timeout: what is no number is the default").status == 200
