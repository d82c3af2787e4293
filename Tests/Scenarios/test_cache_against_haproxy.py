"""A `cache` section through Debian's haproxy and through `sluice proxy`: who is asked how often, and what clients are given."""

from __future__ import annotations

import re
import shutil
import socket
import subprocess
import time
from collections import Counter

import pytest
from harness.backend import Session
from harness.messages import Request
from harness.runtime import connected
from harness.twins import HAPROXY, Seen, verdicts
from harness.waiting import wait_until

HEAD = """
defaults
    mode http
    timeout client 5s
    timeout connect 5s
    timeout server 5s
"""
FRONTEND = 'frontend f\n    bind "127.0.0.1:${HTTP}"\n    default_backend b\n'
CACHE = "cache small\n    total-max-size 4\n"
USES = "    http-request cache-use small\n    http-response cache-store small\n"
SERVER = '    server s "127.0.0.1:${A}"\n'
FILE = HEAD + FRONTEND + "backend b\n" + USES + SERVER + CACHE
VARYING = FILE + "    process-vary on\n    max-secondary-entries 3\n"
FRESH = "Cache-Control: max-age=60\r\n"


def counted(counts: Counter[int], session: Session) -> int:
    port = session.socket.getsockname()[1]
    counts[port] += 1
    return counts[port]


def counting(headers: str = FRESH, *, status: int = 200, size: int = 0, chunked: bool = False):
    """A server that numbers its answers, of each side apart, so that one from a cache can be told from a new one."""
    counts: Counter[int] = Counter()

    def answer(session: Session, request: Request) -> None:
        count = counted(counts, session)
        body = f"{count}".encode().ljust(size, b".")
        if not chunked or request.method == "HEAD":
            return session.answer(status, b"" if request.method == "HEAD" else body, headers=headers)
        head = f"HTTP/1.1 {status} Status\r\nTransfer-Encoding: chunked\r\n{headers}\r\n"
        session.send(head.encode() + f"{len(body):x}\r\n".encode() + body + b"\r\n0\r\n\r\n")

    return answer


def shown(side, *requests: dict) -> list[Seen]:
    """What the requests are answered, one after the other, without what tells of the framing and of the clock."""
    return [side.get(**request, without=["transfer-encoding", "content-length", "age"]) for request in requests]


def bodies(side, *requests: dict) -> list[tuple[int, bytes]]:
    return [(seen.status, seen.body) for seen in shown(side, *requests)]


TWICE = [{}, {}]


@pytest.mark.sanitizer
@pytest.mark.parametrize(
    ("headers", "is_kept"),
    [
        ("Cache-Control: max-age=60\r\n", True),
        ("Cache-Control: public, max-age=60\r\n", True),
        ("Cache-Control: s-maxage=60\r\n", True),
        ('Cache-Control: max-age="60"\r\n', True),
        ("CACHE-CONTROL: MAX-AGE=60\r\n", True),
        ("Cache-Control: max-age=60, must-revalidate\r\n", True),
        ("Expires: Fri, 31 Dec 2027 23:59:59 GMT\r\n", True),
        ("Expires: Friday, 31-Dec-27 23:59:59 GMT\r\n", True),
        ('ETag: "v1"\r\n', True),
        ("Last-Modified: Sun, 06 Nov 1994 08:49:37 GMT\r\n", True),
        ("Cache-Control: max-age=60\r\nSet-Cookie: a=b\r\n", True),
        ("Cache-Control: max-age=60\r\nAge: 30\r\n", True),
        ("", False),
        ("Cache-Control: public\r\n", False),
        ("Cache-Control: max-age=0\r\n", False),
        ("Cache-Control: s-maxage=0, max-age=60\r\n", False),
        ("Cache-Control: no-store, max-age=60\r\n", False),
        ("Cache-Control: no-cache, max-age=60\r\n", False),
        ("Cache-Control: private, max-age=60\r\n", False),
        ('Cache-Control: no-cache="set-cookie", max-age=60\r\n', False),
        ("Cache-Control: max-age=60\r\nPragma: no-cache\r\n", False),
        ("Cache-Control: max-age=x\r\n", False),
        ("Expires: 0\r\n", False),
        ("Expires: Sun, 06 Nov 1994 08:49:37 GMT\r\n", False),
        ("Cache-Control: max-age=60\r\nAge: 61\r\n", False),
        ("Cache-Control: max-age=60\r\nAge: x\r\n", False),
        ('ETag: "v1"\r\nAge: 1\r\n', False),
        ("Cache-Control: max-age=60\r\nVary: Accept-Encoding\r\n", False),
        ("Cache-Control: max-age=60\r\nVary: *\r\n", False),
    ],
    ids=repr,
)
def test_the_same_answers_are_kept(twins, headers, is_kept):
    pair = twins(FILE, servers={"A": counting(headers)})
    seen = pair.agree(lambda side: bodies(side, *TWICE))
    assert seen == [(200, b"1"), (200, b"1" if is_kept else b"2")]


@pytest.mark.parametrize(
    ("headers", "is_kept"),
    [
        # HAProxy 3.2 does the same, 2.6 does not.
        ("Cache-Control: max-age=0, s-maxage=60\r\n", True),
        ('Cache-Control: private="x", max-age=60\r\n', False),
        # Ours alone (docs/differences.md).
        ("Cache-Control: max-age=60\r\nAge: 0\r\n", True),
        ("Cache-Control: max-age=60, max-age=50\r\n", False),
        ("Cache-Control: max-age=60x\r\n", False),
        ("Cache-Control: private, public, max-age=60\r\n", False),
        ('ETag: "v1"\r\nETag: "v2"\r\n', False),
        ("Cache-Control: max-age=60\r\nAge: 60\r\n", False),
    ],
    ids=repr,
)
def test_answers_that_are_judged_otherwise(twins, headers, is_kept):
    pair = twins(FILE, servers={"A": counting(headers)})
    assert bodies(pair.sluice, *TWICE) == [(200, b"1"), (200, b"1" if is_kept else b"2")]


@pytest.mark.parametrize("status", [203, 204, 206, 301, 304, 404, 500])
def test_other_answers_than_200_are_not_kept(twins, status):
    pair = twins(FILE, servers={"A": counting(status=status)})
    pair.agree(lambda side: [shown(side, *TWICE), len(side.backends["A"].requests)])


@pytest.mark.parametrize(
    "fields",
    [
        [("Cache-Control", "max-age=10")],
        [("Cache-Control", "max-stale")],
        [("Cache-Control", "min-fresh=1")],
        [("Cache-Control", "no-store")],
        [("Cache-Control", "only-if-cached")],
        [("Pragma", "no-cache"), ("Cache-Control", "x")],
        [("Authorization", "Basic eDp5")],
        [("Cookie", "a=b")],
        [("Range", "bytes=0-0")],
        [("If-Match", '"other"')],
    ],
    ids=repr,
)
def test_what_requests_say_counts_alike(twins, fields):
    """The first one fills the cache or does not, the second may be answered from it, the third shows what it did."""
    pair = twins(FILE, servers={"A": counting()})
    pair.agree(lambda side: bodies(side, {}, {"headers": fields}, {}))


@pytest.mark.parametrize(
    "fields", [[("Authorization", "Basic eDp5")], [("Cache-Control", "no-store")], [("If-None-Match", '"x"')]], ids=repr
)
def test_whose_answer_is_kept(twins, fields):
    pair = twins(FILE, servers={"A": counting()})
    pair.agree(lambda side: bodies(side, {"headers": fields}, {}))


@pytest.mark.parametrize("fields", [[("Cache-Control", "no-cache")], [("Pragma", "no-cache")]], ids=repr)
def test_a_forced_reload_asks_the_server(twins, fields):
    """HAProxy keeps its answer from 2.8 on (3.2 is what we follow), 2.6 does not."""
    pair = twins(FILE, servers={"A": counting()})
    asked = [{}, {"headers": fields}]
    assert pair.agree(lambda side: bodies(side, *asked)) == [(200, b"1"), (200, b"2")]
    assert bodies(pair.sluice, {}) == [(200, b"2")]


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ({"path": "/a"}, {"path": "/a?"}),
        ({"path": "/a?x=1"}, {"path": "/a?x=2"}),
        ({"path": "/a?x=1"}, {"path": "/a?x=1"}),
        ({"path": "/a"}, {"path": "/A"}),
        ({"path": "/a"}, {"path": "/a", "host": "b.test"}),
        ({"path": "/a"}, {"path": "/a", "host": "a.test:80"}),
        ({"path": "/a"}, {"path": "/a/"}),
    ],
    ids=repr,
)
def test_addresses_are_told_apart_alike(twins, first, second):
    pair = twins(FILE, servers={"A": counting()})
    pair.agree(lambda side: bodies(side, first, second))


@pytest.mark.parametrize(
    ("method", "status", "is_forgotten"),
    [("POST", 200, True), ("PUT", 204, True), ("DELETE", 302, True), ("POST", 404, False), ("POST", 500, False),
     ("OPTIONS", 200, False), ("PATCH", 200, True)],
)  # fmt: skip
def test_what_an_unsafe_method_changed_is_forgotten(twins, method, status, is_forgotten):
    counts: Counter[int] = Counter()

    def answer(session: Session, request: Request) -> None:
        count, is_get = counted(counts, session), request.method == "GET"
        session.answer(200 if is_get else status, f"{count}".encode() if status != 204 or is_get else b"", headers=FRESH)

    changed = {"method": method, "body": b"x"} if method != "OPTIONS" else {"method": method}
    pair = twins(FILE, servers={"A": answer})
    assert pair.agree(lambda side: [seen.body for seen in shown(side, {}, changed, {})])[2] == (b"3" if is_forgotten else b"1")


@pytest.mark.parametrize(
    "fields",
    [
        [("If-None-Match", '"v1"')],
        [("If-None-Match", 'W/"v1"')],
        [("If-None-Match", '"a", "v1"')],
        [("If-None-Match", "*")],
        [("If-None-Match", '"v2"')],
        [("If-None-Match", "v1")],
        [("If-Modified-Since", "Sun, 06 Nov 1994 08:49:37 GMT")],
        [("If-Modified-Since", "Sun, 06 Nov 1994 08:49:36 GMT")],
        [("If-Modified-Since", "Sunday, 06-Nov-94 08:49:37 GMT")],
        [("If-Modified-Since", "Sun Nov  6 08:49:37 1994")],
        [("If-Modified-Since", "yesterday")],
        [("If-None-Match", '"v2"'), ("If-Modified-Since", "Sun, 06 Nov 1994 08:49:37 GMT")],
    ],
    ids=repr,
)
def test_conditions_are_decided_alike(twins, fields):
    headers = FRESH + 'ETag: "v1"\r\nLast-Modified: Sun, 06 Nov 1994 08:49:37 GMT\r\nX-Own: 1\r\n'
    pair = twins(FILE, servers={"A": counting(headers)})
    pair.agree(lambda side: [shown(side, {}, {"headers": fields}), len(side.backends["A"].requests)])


def test_a_date_stands_for_the_last_change(twins):
    headers = FRESH + "Date: Sun, 06 Nov 1994 08:49:37 GMT\r\n"
    pair = twins(FILE, servers={"A": counting(headers)})
    asked = [{}, *({"headers": [("If-Modified-Since", f"Sun, 06 Nov 1994 08:49:3{i} GMT")]} for i in (6, 7))]
    assert [status for status, _ in pair.agree(lambda side: bodies(side, *asked))] == [200, 200, 304]


def test_head_is_answered_from_what_get_brought(twins):
    pair = twins(FILE, servers={"A": counting(size=100)})
    seen = pair.agree(lambda side: [side.get(**request) for request in ({}, {"method": "HEAD"})])
    assert dict(seen[1].headers)["content-length"] == "100"
    pair = twins(FILE, servers={"A": counting()})
    assert pair.agree(lambda side: bodies(side, {"method": "HEAD"}, {}, {"method": "HEAD"}))[1] == (200, b"2")


@pytest.mark.parametrize(("size", "is_kept"), [(15_000, True), (16_384, False), (40_000, False)])
@pytest.mark.parametrize("chunked", [False, True])
def test_large_answers_are_passed_on_alone(twins, size, is_kept, chunked):
    """The default is a 256th of the whole: 16 KiB of 4 MB."""
    pair = twins(FILE, servers={"A": counting(size=size, chunked=chunked)})
    seen = pair.agree(lambda side: bodies(side, *TWICE))
    assert (seen[0] == seen[1]) == is_kept and len(seen[1][1]) == size


def test_a_larger_size_may_be_said(twins):
    pair = twins(FILE + "    max-object-size 300000\n", servers={"A": counting(size=250_000)})
    seen = pair.agree(lambda side: bodies(side, *TWICE, {}))
    assert seen[0] == seen[1] == seen[2] and len(seen[1][1]) == 250_000


def test_answers_grow_old(twins):
    """Every answer but the server's own tells an age; what is older than it may be is asked for again."""
    pair = twins(FILE, servers={"A": counting("Cache-Control: max-age=5\r\n")})
    for side in pair.sides:
        ages = []
        wait_until(lambda: ages.append(side.get()) or ages[-1].body == b"2", "a second answer is brought")
        kept = [int(dict(seen.headers)["age"]) for seen in ages[1:-1]]
        assert kept and kept == sorted(kept) and kept[0] <= 4 and kept[-1] <= 5, (side.name, kept)
        assert "age" not in dict(ages[-1].headers)


def test_an_age_that_came_is_added_to(twins):
    pair = twins(FILE, servers={"A": counting("Cache-Control: max-age=60\r\nAge: 30\r\n")})
    for side in pair.sides:
        bodies(side, {})
        assert 30 <= int(dict(side.get().headers)["age"]) <= 40


def test_the_cache_may_know_better_how_long(twins):
    pair = twins(FILE + "    max-age 1\n", servers={"A": counting()})
    pair.agree(lambda side: bodies(side, {}))
    time.sleep(2.1)
    assert pair.agree(lambda side: bodies(side, {})) == [(200, b"2")]


@pytest.mark.parametrize("vary", ["Accept-Encoding", "Origin", "Referer", "Accept-Encoding, Cookie", "Cookie", "*"])
def test_variants_are_told_apart_alike(twins, vary):
    """HAProxy 2.6 does not know `Origin`, and finds nothing again that varies by `Referer`."""
    pair = twins(VARYING, servers={"A": counting(FRESH + f"Vary: {vary}\r\n")})
    asked = [
        {}, {"headers": [("Origin", "http://a")]}, {"headers": [("Origin", "http://b")]}, {},
        {"headers": [("Origin", "http://a")]}, {"headers": [("Origin", "http://a"), ("Referer", "http://c")]},
        {"headers": [("Accept-Encoding", "gzip")]}, {"headers": [("Accept-Encoding", "identity;q=0, br")]},
    ]  # fmt: skip
    if vary in ("Origin", "Referer"):
        expected = {"Origin": [1, 2, 3, 1, 2, 2, 1, 1], "Referer": [1, 1, 1, 1, 1, 2, 1, 1]}[vary]
        assert bodies(pair.sluice, *asked) == [(200, f"{number}".encode()) for number in expected]
        return
    pair.agree(lambda side: bodies(side, *asked))


@pytest.mark.parametrize("coding", ["gzip", "br", "zstd", "foo"])
def test_codings_are_given_to_who_accepts_them(twins, coding):
    pair = twins(VARYING, servers={"A": counting(FRESH + f"Vary: Accept-Encoding\r\nContent-Encoding: {coding}\r\n")})
    accepts = ["gzip, br", "gzip", "br", "*", "gzip;q=0, *", "identity", "gzip;q=0.5, foo"]

    def script(side):
        """Which of the requests the server has seen: of answers that are good for one, either is right."""
        seen = []
        for value in accepts:
            before = len(side.backends["A"].requests)
            side.get(headers=[("Accept-Encoding", value)])
            seen.append(len(side.backends["A"].requests) > before)
        return seen

    # HAProxy knows zstd from 2.8 on.
    if coding == "zstd":
        assert script(pair.sluice) == [True, True, True, False, False, True, True]
    else:
        pair.agree(script)


def test_there_are_only_so_many_variants(twins):
    pair = twins(VARYING, servers={"A": counting(FRESH + "Vary: Origin\r\n")})
    asked = [{"headers": [("Origin", f"http://{i}")]} for i in (1, 2, 3, 4, 4, 1, 2, 3)]
    assert [body for _, body in bodies(pair.sluice, *asked)] == [b"1", b"2", b"3", b"4", b"5", b"1", b"2", b"3"]


@pytest.mark.parametrize(
    "text",
    [
        HEAD + FRONTEND + USES + "backend b\n" + SERVER + CACHE,
        HEAD + FRONTEND + "    http-request cache-use small\nbackend b\n    http-response cache-store small\n" + SERVER + CACHE,
        HEAD + 'listen l\n    bind "127.0.0.1:${HTTP}"\n' + USES + SERVER + CACHE,
        HEAD + FRONTEND + "backend b\n    filter cache small\n" + USES + SERVER + CACHE,
        HEAD + FRONTEND + "backend b\n    filter cache small\n    filter compression\n    compression algo gzip\n" + USES + SERVER + CACHE,
        HEAD + FRONTEND + "backend b\n    http-response cache-store small\n" + SERVER + CACHE,
        HEAD + FRONTEND + "backend b\n    http-request cache-use small\n" + SERVER + CACHE,
        CACHE + HEAD + FRONTEND + "backend b\n" + USES + SERVER,
    ],
    ids=["frontend", "both", "listen", "filter", "compression", "store", "use", "first"],
)  # fmt: skip
def test_sections_use_a_cache_alike(twins, text):
    pair = twins(text, servers={"A": counting()})
    pair.agree(lambda side: bodies(side, {}, {}, {"method": "POST", "body": b"x"}, {}))


def test_an_answer_that_was_cut_is_not_kept(twins):
    def cut(session: Session, request: Request) -> None:
        session.send(f"HTTP/1.1 200 OK\r\n{FRESH}Content-Length: 10\r\n\r\nabc".encode())
        session.close()

    pair = twins(FILE, servers={"A": cut})

    def script(side):
        for _ in range(2):
            with side.client() as client:
                client.send(b"GET / HTTP/1.1\r\nHost: a.test\r\n\r\n")
                client.wire.until(b"abc")
        return len(side.backends["A"].requests)

    assert pair.agree(script) == 2


def test_the_log_says_who_answered(twins, monkeypatch):
    monkeypatch.setenv("SLUICE_ACCESS_LOG", "stdout")
    text = "global\n    log stdout format raw local0\n" + FILE.replace("    mode http\n", "    mode http\n    log global\n    option httplog\n")
    pair = twins(text, servers={"A": counting(FRESH + 'ETag: "v1"\r\n')})
    line = re.compile(r" b/(\S+) \d+/\d+/\d+/\d+/\d+ (\d+) \d+ - - (\S+) .*\"(.*)\"$", re.M)

    def script(side):
        bodies(side, {}, {}, {"headers": [("If-None-Match", '"v1"')]}, {"method": "HEAD"})
        wait_until(lambda: len(line.findall(side.log)) == 4, "four lines are written")
        # Workers write one after the other, each what it has.
        return sorted(line.findall(side.log))

    seen = pair.agree(script)
    assert [(server, codes) for server, _, codes, _ in seen] == [("<CACHE>", "LR--")] * 3 + [("s", "----")]


def test_a_kept_answer_needs_no_server(twins):
    pair = twins(FILE, servers={"A": counting()})

    def script(side):
        seen = bodies(side, {})
        side.backends["A"].close()
        return seen + bodies(side, {}, {"path": "/other"})

    assert [status for status, _ in pair.agree(script, at_once=True)] == [200, 200, 503]


@pytest.mark.skipif(not shutil.which("curl"), reason="curl is not installed")
def test_clients_of_both_versions_share_what_is_kept(twins):
    pair = twins(FILE, servers={"A": counting()})
    side = pair.sluice
    assert bodies(side, {}) == [(200, b"1")]
    done = subprocess.run(
        ["curl", "-sS", "--http2-prior-knowledge", "-i", "-H", "Host: a.test", f"http://127.0.0.1:{side.ports['HTTP']}/"],
        capture_output=True, timeout=20,
    )  # fmt: skip
    assert done.stdout.startswith(b"HTTP/2 200") and done.stdout.endswith(b"\r\n\r\n1") and b"\nage: " in done.stdout, done


@pytest.mark.parametrize(
    ("lines", "is_taken"),
    [
        ("cache c\n    total-max-size 4\n", True),
        ("cache c\n    total-max-size 4\n    max-object-size 1000\n    max-age 5\n    process-vary off\n", True),
        ("cache c\n", False),
        ("cache\n    total-max-size 4\n", False),
        ("cache c\n    total-max-size x\n", False),
        ("cache c\n    total-max-size 5000\n", False),
        ("cache c\n    total-max-size 1\n    max-object-size 600000\n", False),
        ("cache c\n    total-max-size 4\n    max-secondary-entries 0\n", False),
        ("cache c\n    total-max-size 4\n    colour blue\n", False),
        ("cache c\n    total-max-size 4\ncache c\n    total-max-size 4\n", False),
        ("backend x\n    http-request cache-use nowhere\n", False),
        ("backend x\n    http-request cache-use\n", False),
        ("backend x\n    filter cache nowhere\n", False),
        ("cache c\n    total-max-size 4\nbackend x\n    compression algo gzip\n    filter compression\n    filter cache c\n", False),
    ],
    ids=repr,
)  # fmt: skip
@pytest.mark.skipif(not HAPROXY, reason="haproxy is not installed")
def test_files_are_judged_alike(tmp_path, lines, is_taken):
    found = verdicts(tmp_path, HEAD + "listen l\n    bind 127.0.0.1:1\n" + lines)
    assert {name: verdict[0] for name, verdict in found.items()} == {"haproxy": is_taken, "sluice": is_taken}


CONDITIONS = HEAD + FRONTEND + """
backend b
    http-request cache-use small if { path_beg /kept }
    http-request cache-use small if { req.hdr(x-cache) yes }
    http-response cache-store small unless { res.hdr(x-private) -m found }
""" + SERVER + CACHE


def test_conditions_say_which_requests_and_answers(twins):
    counts: Counter[int] = Counter()

    def answer(session: Session, request: Request) -> None:
        private = "X-Private: 1\r\n" if "private" in request.target else ""
        session.answer(body=f"{counted(counts, session)}".encode(), headers=FRESH + private)

    pair = twins(CONDITIONS, servers={"A": answer})
    asking = {"headers": [("X-Cache", "yes")]}

    def script(side):
        seen = bodies(side, {"path": "/kept"}, {"path": "/kept"}, {"path": "/other"}, {"path": "/other"})
        seen += bodies(side, {"path": "/other", **asking}, {"path": "/other", **asking}, {"path": "/other"})
        return seen + bodies(side, {"path": "/kept/private"}, {"path": "/kept/private"})

    expected = [b"1", b"1", b"2", b"3", b"4", b"4", b"5", b"6", b"7"]
    assert pair.agree(script) == [(200, body) for body in expected]


SHOWN = 'global\n    stats socket "${DIR}/control" level admin\n' + FILE


def test_show_cache_has_a_line_for_each_answer(twins):
    pair = twins(SHOWN, servers={"A": counting(size=300)})

    def shown_lines(side):
        with connected(str(side.path.parent / "control")) as control:
            control.sendall(b"show cache\n")
            text = b"".join(iter(lambda: control.recv(65_536), b"")).decode()
        return [line for line in text.splitlines() if line]

    def script(side):
        for path in ("/a", "/b"):
            assert side.get(path).status == 200
        lines = wait_until(lambda: len(found := shown_lines(side)) == 3 and found, "both answers are kept")
        assert re.fullmatch(r"0x[0-9a-f]+: small \(shctx:0x[0-9a-f]+, available blocks:\d+\)", lines[0])
        pattern = r"0x[0-9a-f]+ hash:\d+ vary:0x[0-9a-f]+ (type:full )?size:\d+ \(\d+ blocks\), refcount:\d+, expire:\d+"
        return [bool(re.fullmatch(pattern, line)) for line in lines[1:]]

    assert pair.agree(script) == [True, True]
