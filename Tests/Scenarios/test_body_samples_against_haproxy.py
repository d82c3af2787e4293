"""What rules see of a request's body, and how they wait for it, through both programs."""

from __future__ import annotations

import pytest
from harness.http2 import Http2
from harness.twins import LOGGED, echo
from harness.waiting import wait_until

FILE = f"""{LOGGED}
    timeout http-request 4s
frontend f
    bind "127.0.0.1:${{HTTP}}"
FRONT
    default_backend b
backend b
BACK
    server s "127.0.0.1:${{A}}"
backend other
    http-request return status 200 content-type text/plain string other
"""
SHOWN = 'http-request return status 200 content-type text/plain lf-string "[%[{0}]]"'
WAIT = "http-request wait-for-body time 5s"
BUFFER = "option http-buffer-request"


def file(front: str = "", back: str = "") -> str:
    def lines(text: str) -> str:
        return "\n".join("    " + line.strip() for line in text.strip().splitlines())

    return FILE.replace("FRONT", lines(front)).replace("BACK", lines(back))


def post(side, body: bytes, *, path: str = "/", cuts: tuple[int, ...] = (), fields: str = "", chunked: bool = False):
    """Sends a body in pieces; the answer's status and body."""
    length = "Transfer-Encoding: chunked" if chunked else f"Content-Length: {len(body)}"
    head = f"POST {path} HTTP/1.1\r\nHost: a.test\r\n{length}\r\n{fields}\r\n".encode()
    ends = [0, *cuts, len(body)]
    pieces = [body[a:b] for a, b in zip(ends, ends[1:]) if a < b]
    with side.client() as client:
        client.send(head)
        for piece in pieces:
            client.send(b"%x\r\n%s\r\n" % (len(piece), piece) if chunked else piece)
        if chunked:
            client.send(b"0\r\n\r\n")
        answer = client.response("POST")
        return answer.status, answer.body if answer.status < 400 else b""


FORM = b"user=ada&token=a%20b;x=1&user=bob&empty="
EXPRESSIONS = [
    "req.body", "req.body,length", "req.body_len", "req.body_size", "req.body_param(user)", "req.body_param(token)",
    "req.body_param(x)", "req.body_param(empty)", "req.body_param(missing)", "req.body_param", "req.body,crc32",
    "req.body_param(token),url_dec",
]  # fmt: skip


@pytest.mark.parametrize("expression", EXPRESSIONS)
@pytest.mark.parametrize("waiting", [WAIT, BUFFER])
def test_what_a_body_is(twins, waiting, expression):
    pair = twins(file(f"{waiting}\n{SHOWN.format(expression)}"), servers={"A": echo})

    def script(side):
        return [
            post(side, FORM), post(side, FORM, cuts=(1, 9)), post(side, FORM, cuts=(9,), chunked=True),
            side.get("/").body,
        ]  # fmt: skip

    found = pair.agree(script)
    assert found[0] == found[1] == found[2]


@pytest.mark.parametrize("place", ["front", "back"])
@pytest.mark.parametrize("waiting", [WAIT, BUFFER])
def test_conditions_look_at_every_field_of_a_form(twins, waiting, place):
    rules = f"""{waiting}
        http-request deny deny_status 429 if {{ req.body_param(user) -m str bob }}
        http-request set-header x-length %[req.body_len]
    """
    pair = twins(file(**{place: rules}), servers={"A": echo})

    def script(side):
        return post(side, FORM, cuts=(3, 20)), post(side, b"user=eve", cuts=(2,)), side.get("/x").body

    refused, served, without = pair.agree(script)
    assert refused[0] == 429 and b"x-length: 8" in served[1] and served[1].endswith(b"user=eve")
    assert b"x-length: 0" in without


def test_bodies_choose_backends(twins):
    pair = twins(file(f"{WAIT}\nuse_backend other if {{ req.body -m sub needle }}"), servers={"A": echo})

    def script(side):
        return post(side, b"hay needle hay", cuts=(6,))[1], post(side, b"hay", cuts=(1,))[1]

    found, missed = pair.agree(script)
    assert found == b"other" and missed.endswith(b"hay")


def test_rules_in_front_are_asked_at_once_and_those_behind_once(twins):
    rules = """
        http-request deny deny_status 403 if { path /denied }
        http-request set-var(txn.n) int(1) unless { var(txn.n) -m found }
        http-request add-header x-before %[req.body_len]
        http-request wait-for-body time 5s if METH_POST
        http-request add-header x-after %[req.body_len]
        http-request set-var(txn.n) var(txn.n),add(1)
        http-request add-header x-n %[var(txn.n)]
    """
    pair = twins(file(rules, rules), servers={"A": echo})

    def script(side):
        with side.client() as client:
            client.send(b"POST /denied HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\n")
            denied = client.response("POST").status
        status, body = post(side, b"0123456789", cuts=(4,))
        fields = [line for line in body.split(b"\n") if line.startswith((b"x-after", b"x-n"))]
        return denied, status, fields, body.count(b"x-before")

    denied, status, fields, count = pair.agree(script)
    assert (denied, status, count) == (403, 200, 2)
    assert fields == [b"x-after: 10", b"x-after: 10", b"x-n: 2", b"x-n: 3"]


def test_so_many_bytes_will_do(twins):
    pair = twins(file(f"{WAIT} at-least 4\n{SHOWN.format('req.body_len,div(4)')}"), servers={"A": echo})

    def script(side):
        with side.client() as client:
            client.send(b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\n01234")
            return client.response("POST").body

    assert pair.agree(script) == b"[1]"


def test_a_body_that_does_not_come_is_408(twins):
    pair = twins(file("http-request wait-for-body time 300ms"), servers={"A": echo})

    def script(side):
        with side.client() as client:
            client.send(b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\n01234")
            return client.response("POST").status, client.is_closed()

    assert pair.agree(script) == (408, True)


def test_a_client_that_goes_meanwhile_leaves_nothing(twins):
    pair = twins(file(f"{WAIT}\nlog-format \"%ST %ts\""), servers={"A": echo})
    for side in pair.sides:
        with side.client() as client:
            client.send(b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\n01234")
        wait_until(lambda: " C" in side.log, "the line is written")
        assert side.get("/next").status == 200


def test_a_client_that_asks_first_is_asked_for_the_body(twins):
    pair = twins(file(f"{WAIT}\n{SHOWN.format('req.body')}"), servers={"A": echo})

    def script(side):
        with side.client() as client:
            client.send(b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\nExpect: 100-continue\r\n\r\n")
            interim = client.socket.recv(65536)
            assert interim.endswith(b"\r\n\r\n")
            client.send(b"body")
            return interim.split(b"\r\n")[0], client.response("POST").body

    assert pair.agree(script) == (b"HTTP/1.1 100 Continue", b"[body]")


@pytest.mark.parametrize("waiting", [WAIT, BUFFER])
def test_streams_are_waited_for_too(twins, waiting):
    text = file(f"{waiting}\nhttp-request deny deny_status 429 if {{ req.body -m sub needle }}")
    pair = twins(text.replace('${HTTP}"', '${HTTP}" proto h2'), servers={"A": echo})

    def script(side):
        statuses = []
        for body in (b"hay needle", b"hay"):
            with Http2(side.ports["HTTP"]) as client:
                stream = client.begin(method="POST", ends=False)
                client.send(stream, body[:5])
                client.send(stream, body[5:], ends=True)
                statuses.append(client.answer(stream).status)
        return statuses

    assert pair.agree(script) == [429, 200]
