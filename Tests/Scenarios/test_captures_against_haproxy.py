"""What is captured of requests and answers, and how requests are named, is as in Debian's haproxy."""

from __future__ import annotations

import re

import pytest
from harness.twins import LOGGED, Seen, echo
from harness.waiting import wait_until

FORMAT = (
    "A %hr B %hrl C %hs D %hsl E %CC F %CS G %{+Q}hr H %{+Q}hrl I %{+Q}hsl J %{+Q}CC K %[capture.req.hdr(1)] "
    "%[capture.req.method] %[capture.req.uri] %[capture.req.ver] %[capture.res.ver] %[capture.res.hdr(0)]"
)
CAPTURES = f"""
    declare capture request len 4
    capture request header X-A len 5
    capture request header X-B len 50
    capture request header Host len 40
    capture response header X-C len 6
    declare capture response len 12
    capture response header X-D len 30
    capture cookie SES len 8
    http-request capture path len 3
    http-request capture req.hdr(x-z) id 0 if {{ req.hdr(x-z) -m found }}
    http-request set-header X-A changed
    http-request set-header X-Kept "%[capture.req.hdr(1)] %[path,capture-req(0),length]" if {{ path /kept }}
    http-request return status 204 if {{ path /ret }}
    http-request deny deny_status 403 if {{ capture.req.hdr(2) -m sub refuse }}
    http-response set-header X-C changed
    http-response capture res.hdr(x-d) id 1 if {{ status 200 }}
    http-response set-header X-Method "%[capture.req.method] %[capture.req.uri] %[capture.res.hdr(0)]"
"""


def text(rules: str, *, backend: str = "") -> str:
    return (
        LOGGED + 'frontend f\n    bind "127.0.0.1:${HTTP}"\n    default_backend b\n' + rules
        + "\nbackend b\n" + backend + '    server s "127.0.0.1:${A}"\n'
    )  # fmt: skip


def lines(side, count: int, end: str = r"\|\|") -> list[str]:
    pattern = re.compile(rf"^(.*){end}$", re.M)
    wait_until(lambda: len(pattern.findall(side.log)) >= count, f"{count} lines in the log:\n{side.log}")
    return sorted(pattern.findall(side.log))


def replies(session, request):
    cookies = "Set-Cookie: other=1\r\nSet-Cookie: SESSION=abcdefgh; path=/\r\n" if "cook" in request.target else ""
    session.answer(200, (request.get("x-kept") or "").encode(), headers=f"X-C: one|two\r\nX-D: {{d}}\r\nX-D: d2\r\n{cookies}")


ASKED = [
    ("/abc?d=e", [("X-A", "1"), ("X-A", '2,"3{}'), ("Cookie", "a=b; SESS=1234567890; x=y"), ("X-Z", "zzzzzz")]),
    ("/cook", [("X-B", "a b\tc#\"'"), ("Cookie", "SES"), ("Cookie", "SES=")]),
    ("/ret", [("Cookie", "a; SESX=1; SES=2")]), ("/kept", [("X-A", "kept")]), ("/x", [("X-B", "please refuse")]),
]  # fmt: skip


@pytest.mark.sanitizer
def test_captures_in_logs_and_rules(twins):
    pair = twins(text(CAPTURES + f'    log-format "{FORMAT}||"\n'), servers={"A": replies})

    def script(side):
        seen = [side.get(path, headers=headers, host="www.example.org") for path, headers in ASKED]
        return seen, lines(side, len(seen))

    pair.agree(script)


@pytest.mark.parametrize("option", ["httplog", "httplog clf"])
def test_captures_stand_at_their_place_in_the_standard_lines(twins, option):
    pair = twins(text(CAPTURES + f"    option {option}\n"), servers={"A": replies})

    def script(side):
        for path, headers in ASKED:
            side.get(path, headers=headers, host="www.example.org")
        wait_until(lambda: side.log.count("HTTP/1.1") >= len(ASKED), f"lines in the log:\n{side.log}")
        if option == "httplog":
            return sorted(re.findall(r" \d{3} \d+ (.*) \S{4} \S+/\S+/\S+/\S+/\S+ \S+/\S+ (.*)$", side.log, re.M))
        return sorted(re.findall(r'(?:"\d+" ){7}(.*)$', side.log, re.M))

    pair.agree(script)


@pytest.mark.sanitizer
def test_requests_have_a_name_of_their_own(twins):
    rules = """
    unique-id-format "%{+X}o%ci:%fi-%rt  %[path]"
    unique-id-header X-Unique
    http-request set-path /new%[path]
    http-request del-header X-Unique
    http-request set-header X-Early "%[unique-id,length] %ID"
    http-request return status 204 if { path /new/ret }
    http-response set-header X-Then "%[unique-id]"
    log-format "%ID %{+Q}ID %[unique-id]||"
"""
    pair = twins(text(rules, backend="    http-request set-header X-In-Backend %[req.hdr(x-unique),length]\n"), servers={"A": echo})

    def script(side):
        # Which request it is of the process differs: one of haproxy's own may come before.
        def plain(value):
            return re.sub(rb"-[0-9A-F]{4}", b"-N", value) if isinstance(value, bytes) else re.sub(r"-[0-9A-F]{4}", "-N", value)

        seen = [side.get(path, headers=[("X-Unique", "mine")]) for path in ("/a", "/ret", "/b")]
        seen = [Seen(one.status, tuple((n, plain(v)) for n, v in one.headers), plain(one.body)) for one in seen]
        return seen, sorted(plain(line) for line in lines(side, 3))

    pair.agree(script)


def test_a_name_without_a_field_is_logged_alone(twins):
    pair = twins(text('    unique-id-format %fp\n    log-format "%ID||"\n    http-request deny if { path /no }\n'), servers={"A": echo})
    pair.agree(lambda side: (side.get("/a"), side.get("/no"), [line == str(side.ports["HTTP"]) or line for line in lines(side, 2)]))


def test_places_of_defaults_are_the_first_of_every_frontend(twins):
    text = LOGGED.replace("defaults\n", "defaults d\n") + """    log-format "%ST %hr [%[capture.req.hdr(0)]] [%[capture.req.hdr(1)]]||"
    http-request capture req.hdr(x-a) len 10
frontend f from d
    bind "127.0.0.1:${HTTP}"
    declare capture request len 5
    http-request capture req.hdr(x-b) id 1
    http-request return status 200
frontend g from d
    bind "127.0.0.1:${OTHER}"
    http-request capture req.hdr(x-b) id 0 if { path /over }
    http-request return status 200
"""
    pair = twins(text, ports=["HTTP", "OTHER"])

    def script(side):
        fields = [("X-A", "first value"), ("X-B", "second value")]
        seen = [side.get(path, port=port, headers=fields).status for port, path in [("HTTP", "/"), ("OTHER", "/"), ("OTHER", "/over")]]
        return seen, lines(side, 3)

    found = pair.agree(script)
    assert found == ([200] * 3, ["200 {first valu|secon} [first valu] [secon]", "200 {first valu} [first valu] [-]", "200 {second val} [second val] [-]"])
