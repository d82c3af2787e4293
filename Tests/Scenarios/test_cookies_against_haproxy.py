"""Cookies that keep clients with their server: who is chosen, and what clients and servers see, as in haproxy."""

from __future__ import annotations

import re
import string
import time

import pytest
from harness.backend import Backend
from harness.twins import LOGGED
from harness.waiting import wait_until

# The server `b` takes nobody but those who are sent to it.
FILE = LOGGED + """
    log-format "%CC %CS %tsc||%B"
frontend f
    bind "127.0.0.1:${HTTP}"
    default_backend b
backend b
    cookie WORDS
    balance roundrobin
    server a "127.0.0.1:A" cookie one
    server b "127.0.0.1:B" cookie two weight 0
"""
DIGITS = string.ascii_uppercase + string.ascii_lowercase + string.digits + "+/"


def date(seconds: float) -> str:
    """A moment from now as cookies carry it: five digits of units of four seconds."""
    units = int(time.time() + seconds) >> 2
    return "".join(DIGITS[units >> shift & 63] for shift in (24, 18, 12, 6, 0))


def told(value: str) -> str:
    """A cookie's field with its moments as minutes from now."""
    return re.sub(r"(?<=\|)[A-Za-z0-9+/]{5}(?=\||;|$)", lambda match: f"({minutes(match[0])})", value)


def minutes(text: str) -> int:
    units = 0
    for digit in text:
        units = units << 6 | DIGITS.index(digit)
    return round((units * 4 - time.time()) / 60)


@pytest.fixture
def servers():
    """Two that say who they are, the cookies they were shown, and what a path has them set."""

    def named(name: str) -> Backend:
        def handle(session, request):
            word = request.target.strip("/")
            lines = f"Set-Cookie: {word.replace('+', '; ')}\r\n" if "=" in word else ""
            status = int(word) if word.isdigit() else 200
            session.answer(status, f"{name} {request.all('cookie')}".encode(), headers=lines)

        return Backend(handle)

    started = [named("a"), named("b")]
    yield started
    for server in started:
        server.close()


def run(twins, servers, words: str, asked: list[tuple[str, str, str | None]], key: str = "") -> list:
    """What came of it on both; each of `asked` is a method, a path and a cookie. With a key, names are made of it."""
    text = FILE.replace("WORDS", words)
    if key:
        text = re.sub(r" cookie (one|two)", "", text) + f"    dynamic-cookie-key {key}\n"
    for name, server in zip("AB", servers):
        text = text.replace(f"127.0.0.1:{name}", server.endpoint)
    pair = twins(text)

    def script(side):
        seen = []
        for method, path, cookie in asked:
            body = b"x" if method == "POST" else None
            response = side.exchange(path, method=method, headers=[("Cookie", cookie)] if cookie else [], body=body)
            seen.append((
                response.status, response.body.decode(), [told(field) for field in response.all("set-cookie")],
                response.all("cache-control"),
            ))  # fmt: skip
        pattern = re.compile(r"^(.*)\|\|\d+$", re.M)
        wait_until(lambda: len(pattern.findall(side.log)) >= len(asked), f"its lines:\n{side.log}")
        return seen, sorted(told(line) for line in pattern.findall(side.log))

    ours, theirs = script(pair.sluice), script(pair.haproxy)
    assert list(zip(asked, ours[0])) == list(zip(asked, theirs[0]))
    assert ours[1] == theirs[1]
    return ours[0]


SHOWN = [None, "S=one", "S=two", "S=three", "S=", "X=1; S=two; Y=2", "S=two|", "s=two"]
GETS = [("GET", "/", cookie) for cookie in SHOWN]
POSTS = [("POST", "/", None), ("POST", "/", "S=two"), ("HEAD", "/", None), ("GET", "/", None)]
SETS = [
    (method, f"/{cookie}", sent) for method in ("GET", "POST")
    for cookie in ("S=mine", "S=", "T=other", "S=two+path=/x", "S=two") for sent in (None, "S=two")
]  # fmt: skip
WORDS = [
    "S insert", "S insert indirect", "S insert nocache", "S insert indirect nocache", "S insert postonly",
    "S insert indirect postonly nocache", "S insert preserve", "S insert indirect preserve", "S rewrite",
    "S prefix", "S prefix nocache", "S insert httponly secure", "S insert domain a.test domain b.test",
    'S insert attr "SameSite=Lax" attr Priority=High', "S insert maxidle 10m", "S insert maxlife 1h", "S", "S indirect",
    "S indirect preserve",
]  # fmt: skip


@pytest.mark.parametrize("words", WORDS)
def test_cookies_of_every_kind(twins, servers, words):
    seen = run(twins, servers, words, GETS + POSTS + SETS)
    assert {body[0] for _, body, _, _ in seen if body} == {"a", "b"}
    if "postonly" in words:
        assert [bool(cookies) for _, _, cookies, _ in seen[len(GETS):][:4]] == [True, False, False, False]


@pytest.mark.parametrize("words", ["S prefix", "S prefix indirect"])
def test_prefixes_are_taken_away_again(twins, servers, words):
    cookies = ("S=two~mine", "S=two~", "S=one~a~b", "S=mine", "S=three~x", "A=1; S=two~mine; B=2")
    seen = run(twins, servers, words, [("GET", "/S=mine", None), *(("GET", "/", cookie) for cookie in cookies)])
    assert seen[1][1] == "b ['S=mine']"


# None is of this very moment: whether one is renewed would depend on it. Told in minutes each stays the same for most of one.
MOMENTS = {
    "fresh": (-35, -35), "idle": (-395, -395), "old": (-35, -1955), "idle and old": (-395, -1955),
    "used just in time": (-215, -695),
    "of the near future": (3625, 3625), "of a far future": (200_005, 200_005),
    "without a first moment": (-35, None), "without moments": (None, None), "of a first moment to come": (-35, 3625),
}  # fmt: skip


AGES = ["S insert maxidle 5m", "S insert maxlife 15m", "S insert indirect maxidle 5m maxlife 15m"]


@pytest.mark.parametrize("words", AGES)
def test_cookies_grow_old(twins, servers, words):
    def value(last, first):
        return "S=two" + "".join("|" + date(moment) for moment in (last, first) if moment is not None)

    asked = [("GET", "/", value(*moments)) for moments in MOMENTS.values()]
    broken = ("S=two|xxxx", "S=two||", "S=two|!!!!!|!!!!!", f"S=two|{date(-35)}|", "S=one|" + date(-395))
    asked += [("GET", "/", cookie) for cookie in broken]
    seen = run(twins, servers, words, asked)
    served = {name: one[1][0] for name, one in zip(MOMENTS, seen)}
    assert served["fresh"] == "b"
    assert served["idle" if "maxidle" in words else "old"] == "a"


def test_cookies_of_addresses(twins, servers):
    """`dynamic`: both make the same word of an address, a port and a key."""
    words = "S insert dynamic"
    asked = [("GET", "/", cookie) for cookie in (None, "S=one", "S=0123456789abcdef")]
    seen = run(twins, servers, words, asked, "secret")
    (_, body, (cookie,), _) = seen[0]
    assert body[0] == "a" and re.match(r"S=[0-9a-f]{16};", cookie)
    again = run(twins, servers, words, [("GET", "/", cookie.split(";")[0]), ("GET", "/", None)], "secret")
    assert [bool(cookies) for _, _, cookies, _ in again] == [False, True]
    other = run(twins, servers, words, [("GET", "/", None)], "another")
    assert other[0][2] != seen[0][2], "another key, another word"


# One thread writes its lines in the order of its requests.
IN_ORDER = LOGGED.replace("global\n", "global\n    nbthread 1\n", 1)

# Requests that get no server, or no answer of one, have letters too.
UNSERVED = IN_ORDER + """
    log-format "%ST %tsc||"
    retries 0
frontend f
    bind "127.0.0.1:${HTTP}"
    http-request deny if { path /refused }
    use_backend down if { path /down }
    use_backend none if { path /none }
    default_backend b
backend b
    cookie WORDS
    timeout tarpit 10ms
    http-request deny if { path /deny }
    http-request tarpit if { path /tarpit }
    http-request return status 200 if { path /return }
    http-request redirect location /x if { path /redirect }
    http-response deny if { status 203 }
    server a "127.0.0.1:${A}" cookie one
    server b "127.0.0.1:${A}" cookie two weight 0
backend down
    cookie WORDS
    server a "127.0.0.1:1" cookie one
backend none
    cookie WORDS
"""


def with_status(session, request):
    word = request.target.strip("/")
    session.answer(int(word) if word.isdigit() else 200, b"")


@pytest.mark.parametrize("words", ["S", "S indirect", "S insert indirect", "S rewrite", "S prefix"])
def test_letters_of_requests_that_get_no_server(twins, words):
    pair = twins(UNSERVED.replace("WORDS", words), servers={"A": with_status})
    paths = ["/", "/refused", "/deny", "/tarpit", "/return", "/redirect", "/203", "/down", "/none"]
    asked = [(path, cookie) for path in paths for cookie in (None, "S=one", "S=two", "S=nobody", "S=")]
    pattern = re.compile(r"^(.*)\|\|$", re.M)

    def script(side):
        for path, cookie in asked:
            side.exchange(path, headers=[("Cookie", cookie)] if cookie else [])
        wait_until(lambda: len(pattern.findall(side.log)) == len(asked), f"their lines:\n{side.log}")
        return list(zip(asked, pattern.findall(side.log)))

    pair.agree(script)


# `down` is down from its first check on, `gone` because it is said to be.
EXCEPTIONS = IN_ORDER + """
    log-format "%s %ST %tsc||"
    retries 1
frontend f
    bind "127.0.0.1:${HTTP}"
    default_backend b
backend b
    option redispatch
    cookie WORDS
    force-persist if { req.hdr(x-as) force }
    ignore-persist if { req.hdr(x-as) ignore }
    force-persist if { req.hdr(x-as) ignore }
    use-server down if { path /down }
    server up "127.0.0.1:${A}" cookie one
    server down "127.0.0.1:${A}" cookie two check port 1 inter 100ms
    server other "127.0.0.1:${A}" cookie three weight 0
"""


@pytest.mark.parametrize("words", ["S insert", "S insert indirect", "S rewrite", "S prefix", "S"])
def test_exceptions_of_persistence(twins, words):
    pair = twins(EXCEPTIONS.replace("WORDS", words), servers={"A": echo_of_cookies})
    asked = [
        (path, cookie, said) for path in ("/", "/down", "/S=mine") for cookie in (None, "S=one", "S=two", "S=three", "S=nobody")
        for said in ("force", "ignore", "nothing")
    ]  # fmt: skip
    pattern = re.compile(r"^(.*)\|\|$", re.M)

    def script(side):
        wait_until(lambda: "Server b/down is DOWN" in side.log, "it is down")
        answers = []
        for path, cookie, said in asked:
            fields = [("X-As", said)] + ([("Cookie", cookie)] if cookie else [])
            answers.append(side.exchange(path, headers=fields))
        wait_until(lambda: len(pattern.findall(side.log)) == len(asked), f"their lines:\n{side.log}")
        return [
            (*one, answer.body, answer.all("set-cookie"), line)
            for one, answer, line in zip(asked, answers, pattern.findall(side.log))
        ]

    seen = pair.agree(script)
    served = {(cookie, said): line.split()[0] for path, cookie, said, _, _, line in seen if path == "/"}
    assert served["S=two", "force"] == "down" and served["S=three", "force"] == "other"
    assert served["S=three", "ignore"] == served["S=two", "nothing"] == "up"


def echo_of_cookies(session, request):
    word = request.target.strip("/")
    lines = f"Set-Cookie: {word}\r\n" if "=" in word else ""
    session.answer(200, f"{request.all('cookie')}".encode(), headers=lines)
