"""What rules see of an answer's body, and how they wait for it, through both programs."""

from __future__ import annotations

import re
import threading

import pytest
from harness.http2 import Http2
from harness.twins import LOGGED, verdicts
from harness.waiting import wait_until

FILE = f"""{LOGGED}
    option httplog
frontend f
    bind "127.0.0.1:${{HTTP}}"
FRONT
    default_backend b
backend b
BACK
    server s "127.0.0.1:${{A}}"
"""
WAIT = "http-response wait-for-body time 5s"
SHOWN = """
    http-response set-header x-body %[res.body,hex]
    http-response set-header x-length %[res.body_len]
    http-response set-header x-size %[res.body_size]
"""
HEAD = b"HTTP/1.1 200 OK\r\n"


def file(back: str = "", front: str = "") -> str:
    def lines(text: str) -> str:
        return "\n".join("    " + line.strip() for line in text.strip().splitlines())

    return FILE.replace("FRONT", lines(front)).replace("BACK", lines(back))


def chunk(data: bytes) -> bytes:
    return b"%x\r\n%s\r\n" % (len(data), data)


def pieces(session, request) -> None:
    """Answers in pieces as the path says it; nothing comes in between unless somebody reads it."""
    kind = request.target.strip("/")
    if kind == "length":
        session.send(HEAD + b"Content-Length: 10\r\n\r\n")
        session.send(b"hello")
        session.send(b"world")
    elif kind == "chunks":
        session.send(HEAD + b"Transfer-Encoding: chunked\r\n\r\n" + chunk(b"hel"))
        session.send(b"3\r\nlo")
        session.send(b"w\r\n" + chunk(b"orld"))
        session.send(b"0\r\nx-trailer: t\r\n\r\n")
    elif kind == "close":
        session.send(HEAD + b"\r\nhello")
        session.send(b"world")
        session.close()
    elif kind == "empty":
        session.send(HEAD + b"Content-Length: 0\r\n\r\n")
    elif kind == "none":
        session.send(b"HTTP/1.1 204 No Content\r\n\r\n")
    elif kind == "head":
        session.send(HEAD + b"Content-Length: 10\r\n\r\n")
    elif kind == "junk":
        session.send(HEAD + b"Transfer-Encoding: chunked\r\n\r\n" + chunk(b"hello"))
        session.send(b"zz\r\nworld\r\n")
        session.close()
    elif kind == "cut":
        session.send(HEAD + b"Content-Length: 10\r\n\r\nhello")
        session.close()
    elif kind == "half":
        session.send(HEAD + b"Content-Length: 10\r\n\r\nhello")
        session.wait_gone()
    else:
        session.send(HEAD + b"Content-Length: 100000\r\n\r\n" + b"b" * 100_000)


@pytest.mark.parametrize("place", ["front", "back"])
def test_a_body_is_seen_when_all_of_it_is_here(twins, place):
    pair = twins(file(**{place: WAIT + SHOWN}), servers={"A": pieces})

    def script(side):
        kinds = ("length", "chunks", "close", "empty", "none")
        found = [side.get(f"/{kind}", without=["transfer-encoding"]) for kind in kinds]
        return found, side.get("/head", method="HEAD")

    found, head = pair.agree(script)
    shown = [dict(answer.headers) for answer in found]
    assert [fields["x-length"] for fields in shown] == ["10", "10", "10", "0", "0"]
    assert [fields["x-size"] for fields in shown] == ["10", "10", "10", "0", "0"]
    assert [fields["x-body"] for fields in shown[:3]] == [b"helloworld".hex().upper()] * 3
    assert [answer.body for answer in found[:3]] == [b"helloworld"] * 3
    assert dict(head.headers)["x-length"] == "0"


def test_rules_refuse_by_what_they_find(twins):
    rules = f"""{WAIT}
        http-response set-header x-before %[res.body_len]
        http-response deny deny_status 403 if {{ res.body -m sub lowo }}
        http-response set-header x-after 1
    """
    pair = twins(file(rules), servers={"A": pieces})

    def script(side):
        answers = side.get("/length").status, side.get("/chunks").status, side.get("/close").status
        passed = side.get("/empty")
        wait_until(lambda: side.log.count(" PH-- ") == 3, "the refusals are logged")
        return answers, passed

    answers, passed = pair.agree(script)
    assert answers == (403, 403, 403)
    assert ("x-after", "1") in passed.headers


def test_an_answer_may_be_made_of_the_body(twins):
    rule = 'http-response return status 201 content-type text/plain lf-string "[%[var(txn.body)]]"'
    pair = twins(file(f"{WAIT}\nhttp-response set-var(txn.body) res.body\n{rule}"), servers={"A": pieces})
    assert pair.agree(lambda side: side.get("/chunks")).body == b"[helloworld]"


def test_rules_before_the_wait_are_asked_once_and_both_sections_wait(twins):
    rules = f"""
        http-response add-header x-before 1
        {WAIT} at-least 3
        http-response add-header x-between 1
        {WAIT}
        http-response add-header x-length %[res.body_len]
    """
    pair = twins(file(rules, rules), servers={"A": pieces})

    def script(side):
        answer = side.exchange("/chunks")
        return sorted((n.lower(), v) for n, v in answer.fields if n.lower().startswith("x-")), answer.body

    fields, body = pair.agree(script)
    assert fields == [("x-before", "1")] * 2 + [("x-between", "1")] * 2 + [("x-length", "10")] * 2
    assert body == b"helloworld"


def test_a_large_body_is_not_waited_for_longer_than_the_buffer(twins):
    pair = twins(file(WAIT + "\nhttp-response set-header x-much true if { res.body_len gt 15000 }"), servers={"A": pieces})
    answer = pair.agree(lambda side: side.get("/large"))
    assert ("x-much", "true") in answer.headers and answer.body == b"b" * 100_000


@pytest.mark.parametrize(
    "times", ["http-response wait-for-body time 3s", WAIT + "\ntimeout server 3s"], ids=["its-time", "server's"]
)
def test_a_body_that_does_not_come_is_504(twins, times):
    pair = twins(file(times), servers={"A": pieces})

    def script(side):
        status = side.get("/half").status
        said = wait_until(lambda: re.search(r"/(-?\d+)/\d+ 504 .* (\S{4}) \d+/", side.log), "the line is written")
        return status, said[1], said[2], side.get("/length").status

    assert pair.agree(script, at_once=True) == (504, "-1", "sR--", 200)


def test_so_many_bytes_will_do(twins):
    rules = "http-response wait-for-body time 20s at-least 5\nhttp-response set-header x-length %[res.body_len]"
    gates = []

    def server(session, request):
        gates.append(threading.Event())
        session.send(HEAD + b"Content-Length: 10\r\n\r\nhello")
        gates[-1].wait(20)
        session.send(b"world")

    def until(client, end: bytes) -> bytes:
        got = b""
        while not got.endswith(end) and (more := client.socket.recv(4096)):
            got += more
        return got

    pair = twins(file(rules), servers={"A": server})

    def script(side):
        with side.client() as client:
            client.send(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n")
            start = until(client, b"hello")
            gates[-1].set()
            rest = until(client, b"world")
        return b"x-length: 5" in start.lower(), rest == b"world"

    assert pair.agree(script) == (True, True)


def test_what_is_no_body_is_502(twins):
    pair = twins(file(WAIT), servers={"A": pieces})

    def script(side):
        status = side.get("/junk").status
        said = wait_until(lambda: re.search(r" 502 .* (\S{4}) \d+/", side.log), "the line is written")
        return status, said[1]

    assert pair.agree(script) == (502, "PH--")


def test_an_answer_that_its_server_cuts_meanwhile(twins):
    """HAProxy asks its rules about what has come, and cuts the answer."""
    pair = twins(file(WAIT + SHOWN), servers={"A": pieces})
    with pair.sluice.client() as client:
        assert client.request("/cut").status == 502
    wait_until(lambda: " SD-- " in pair.sluice.log, "the line is written")


@pytest.mark.parametrize("place", ["http-response", "http-after-response"])
def test_what_came_with_the_head_is_seen_without_waiting(twins, place):
    def at_once(session, request):
        session.send(HEAD + b"Content-Length: 5\r\n\r\nhello")

    pair = twins(file(f"{place} set-header x-body %[res.body]"), servers={"A": at_once})
    assert ("x-body", "hello") in pair.agree(lambda side: side.get("/")).headers


@pytest.mark.parametrize("rule", ["http-after-response wait-for-body time 1s", "http-response wait-for-body at-least 5"])
def test_where_the_rule_does_not_stand(tmp_path, rule):
    found = verdicts(tmp_path, file(rule).replace("${HTTP}", "1").replace("${A}", "1"))
    assert not found["sluice"][0] and not found["haproxy"][0]


STREAMS = FILE.replace('"127.0.0.1:${HTTP}"', '"127.0.0.1:${HTTP}" proto h2').replace(
    'server s "127.0.0.1:${A}"',
    """server s "127.0.0.1:${MIDDLE}" proto h2
frontend middle
    bind "127.0.0.1:${MIDDLE}" proto h2
    default_backend last
backend last
    server s "127.0.0.1:${A}"
""",
)


def test_answers_of_http2_servers_to_http2_clients(twins):
    rules = f"{WAIT}{SHOWN}http-response deny if {{ res.body -m str nothing }}"
    text = STREAMS.replace("FRONT", "").replace("BACK", "\n".join("    " + line.strip() for line in rules.splitlines()))
    pair = twins(text, ports=["HTTP", "MIDDLE"], servers={"A": pieces})

    def script(side):
        found = []
        with Http2(side.ports["HTTP"]) as client:
            for kind in ("length", "chunks", "close", "empty", "none"):
                answer = client.request(f"/{kind}")
                fields = [answer.get(name) for name in ("x-length", "x-size")]
                found.append((kind, answer.status, fields, bytes(answer.body)))
        return found

    found = pair.agree(script)
    assert [entry[2] for entry in found[:3]] == [["10", "10"]] * 3
    # 2.6 waits for more than its buffer takes, and answers 504.
    with Http2(pair.sluice.ports["HTTP"]) as client:
        large = client.request("/large")
    assert (large.get("x-length"), bytes(large.body)) == ("16384", b"b" * 100_000)
