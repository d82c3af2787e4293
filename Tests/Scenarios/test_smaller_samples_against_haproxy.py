"""Cookies of answers, numbers of fields, moments in words and names that nobody else has, through both programs."""

from __future__ import annotations

import re

import pytest
from harness.twins import LOGGED

COOKIES = "Set-Cookie: a=1; Path=/\r\nSet-Cookie: b=two words; Secure\r\nSet-Cookie: a=3\r\nSet-Cookie: c\r\nSet-Cookie: q=\"x;y\"; Path=/\r\n"


def text(rules: str) -> str:
    lines = "".join(f"    {line.strip()}\n" for line in rules.strip().splitlines())
    return f"""{LOGGED}
frontend f
    bind "127.0.0.1:${{HTTP}}"
{lines}    default_backend b
backend b
    server s "127.0.0.1:${{A}}"
"""


def setting(session, request) -> None:
    session.answer(headers=COOKIES if request.target == "/" else "")


EXPRESSIONS = ["res.cook(a)", "res.cook(b)", "res.cook(c)", "res.cook(q)", "res.cook(none)", "res.cook_cnt(a)", "res.cook_val(a)", "scook(a)"]


@pytest.mark.parametrize("expression", EXPRESSIONS)
def test_cookies_that_answers_set(twins, expression):
    pair = twins(text(f"http-response set-header x-seen <%[{expression}]>"), servers={"A": setting})

    def script(side):
        return [[v for n, v in side.exchange(path).fields if n.lower() == "x-seen"] for path in ("/", "/none")]

    pair.agree(script)


@pytest.mark.parametrize("condition", ["res.cook(a) 1", "res.cook(a) 3", "res.cook(a) 2", "res.cook -m found", "res.cook_cnt(a) 2", "res.cook_val(a) gt 2"])
def test_conditions_look_at_each_of_them(twins, condition):
    pair = twins(text(f"http-response set-status 299 if {{ {condition} }}"), servers={"A": setting})
    assert pair.agree(lambda side: [side.exchange(path).status for path in ("/", "/none")])[1] == 200


@pytest.mark.parametrize("expression", ["req.hdr_cnt", "req.fhdr_cnt", "hdr_cnt", "req.hdr_cnt(x)", "req.fhdr_cnt(x)"])
def test_how_many_fields_there_are(twins, expression):
    pair = twins(text(f'http-request return status 200 content-type text/plain lf-string "%[{expression}]"'), servers={"A": setting})

    def script(side):
        fields = [[], [("X", "a, b")], [("X", "a,b"), ("Y", '"c,d", e'), ("X", "")], [("Cookie", "a=1; b=2")]]
        return [side.get("/", headers=headers).body for headers in fields]

    pair.agree(script)


@pytest.mark.parametrize(
    "expression",
    [
        "int(1700000000),utime(%Y-%m-%dT%H:%M:%SZ)", "int(1700000000),utime(%a %d %b %j,3600)",
        "int(1700000000),ltime(%Y-%m-%dT%H:%M:%S%z)", "str(x),utime(%Y)", "int(0),utime(\"%H,%M\",-60)",
    ],
)  # fmt: skip
def test_moments_in_words(twins, expression):
    pair = twins(text(f"http-response set-header x-seen '<%[{expression}]>'"), servers={"A": setting})
    pair.agree(lambda side: [v for n, v in side.exchange("/").fields if n.lower() == "x-seen"])


@pytest.mark.parametrize(["expression", "version"], [("uuid", "4"), ("uuid()", "4"), ("uuid(4)", "4")])
def test_names_that_nobody_else_has(twins, expression, version):
    pair = twins(text(f'http-request return status 200 content-type text/plain lf-string "%[{expression}]"'), servers={"A": setting})

    def script(side):
        names = {side.get("/").body.decode() for _ in range(5)}
        form = rf"[0-9a-f]{{8}}-[0-9a-f]{{4}}-{version}[0-9a-f]{{3}}-[89ab][0-9a-f]{{3}}-[0-9a-f]{{12}}"
        return len(names), all(re.fullmatch(form, name) for name in names)

    assert pair.agree(script) == (5, True)


def test_connections_without_a_fault(twins):
    pair = twins(text('http-request return status 200 content-type text/plain lf-string "%[fc_err] %[fc_err_str] <%[ssl_fc_err_str]>"'), servers={"A": setting})
    assert pair.agree(lambda side: side.get("/").body) == b"0 Success <>"
