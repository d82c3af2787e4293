"""Servers are changed by the page of statistics as by Debian's haproxy: the same fields, the same redirects, the same effects."""

from __future__ import annotations

import base64
import csv
import re
from urllib.parse import quote

import pytest
from harness.browser import CHROMIUM, Browser
from harness.twins import HAPROXY, LOGGED, Twins, echo, verdicts
from harness.waiting import wait_until

TEXT = (
    LOGGED
    + """    http-reuse never
userlist people
    group admins users root
    user root insecure-password toor
    user eye insecure-password see
frontend f
    bind "127.0.0.1:${HTTP}"
    stats uri /stats
    stats refresh 7s
    stats admin if { req.hdr(x-admin) yes }
    stats admin unless { req.hdr(x-admin) -m found }
    default_backend b
frontend part
    bind "127.0.0.1:${PART}"
    stats uri /
    stats scope b
    stats scope .
    stats admin if TRUE
frontend nobody
    bind "127.0.0.1:${NOBODY}"
    stats uri /
backend guarded
    stats uri /guarded
    acl known http_auth(people)
    acl admin http_auth_group(people) admins
    acl odd req.hdr(x-odd) -m found
    stats http-request allow if { req.hdr(x-pass) yes }
    stats http-request deny deny_status 404 if odd
    stats http-request auth realm Some\\ People unless known
    stats http-request deny if { req.hdr(x-shut) yes }
    stats admin if admin
    server g "127.0.0.1:${A}"
frontend gate
    bind "127.0.0.1:${GATE}"
    default_backend guarded
backend b
    server s1 "127.0.0.1:${A}" check inter 10m
    server s2 "127.0.0.1:${A}"
    server s3 "127.0.0.1:${A}" track b/s1
backend other
    server s1 "127.0.0.1:${A}"
    server tail "127.0.0.1:${A}"
"""
)


@pytest.fixture(scope="module")
def pair(tmp_path_factory):
    if not HAPROXY:
        pytest.skip("haproxy is not installed")
    ports = ["HTTP", "PART", "NOBODY", "GATE"]
    twins = Twins(tmp_path_factory.mktemp("admin"), TEXT, ports=ports, servers={"A": echo})
    for side in twins.sides:
        # The first check says something else than what is said before it.
        wait_until(lambda: states(side)["b/s1"].startswith("UP"), f"{side.name} has checked b/s1")
    yield twins
    died = [side.name for side in twins.sides if side.process.poll() is not None]
    twins.close()
    assert died == [], "ended on its own"


def rows(side) -> list[dict]:
    return list(csv.DictReader(side.exchange("/stats;csv").body.decode().splitlines()))


def states(side) -> dict[str, str]:
    return {f"{row['# pxname']}/{row['svname']}": row["status"] for row in rows(side) if row["type"] == "2"}


def number(side, backend: str) -> str:
    return next(row["iid"] for row in rows(side) if row["# pxname"] == backend)


def post(
    side, body: str, path: str = "/stats", port: str = "HTTP", headers: list | None = None, method: str = "POST", host: str = "a.test"
) -> tuple:  # fmt: skip
    """Status, and where the client is sent."""
    fields = [("Content-Type", "application/x-www-form-urlencoded"), *(headers or [])]
    answer = side.exchange(path, port=port, method=method, body=body.encode(), headers=fields, host=host)
    named = {name.lower(): value for name, value in answer.fields}
    kept = ("location", "cache-control", "content-type", "content-length", "www-authenticate")
    # What is refused has a page whose bytes are each one's own.
    return answer.status, {name: named.get(name) for name in kept if answer.status < 400 or name == "www-authenticate"}


def both(pair, body: str, *rest: object, **more: object) -> None:
    """Both answer alike, and are in the same state soon: what is said of checks is done by another thread."""
    pair.agree(lambda side: post(side, body, *rest, **more))
    wait_until(lambda: states(pair.sluice) == states(pair.haproxy), f"the same states after '{body[:60]}'")


def ready(pair) -> None:
    for body in ("s=s1&s=s2&s=s3&action=ready&b=b", "s=s1&s=tail&action=ready&b=other", "s=g&action=ready&b=guarded", "s=s1&action=hrunn&b=b"):
        both(pair, body)


def test_forms_change_servers(pair):
    for action in ["maint", "ready", "drain", "ready", "disable", "disable", "enable", "enable", "stop", "stop", "start", "start"]:
        for servers in ("s=s2", "s=s2&s=none", "s=none", ""):
            both(pair, f"{servers}&action={action}&b=b")
    ready(pair)


def test_health_is_forced(pair):
    for action in ("hdown", "hnolb", "hrunn", "dhlth", "ehlth", "dagent", "eagent", "arunn", "adown", "shutdown"):
        for server in ("s1", "s3", "s2"):
            both(pair, f"s={server}&action={action}&b=b")
        ready(pair)


def test_what_is_posted_is_read_alike(pair):
    bodies = [
        "", "x", "s=s2", "s=s2&b=b", "s=s2&action=maint", "b=b&action=maint", "s=s2&action=&b=b", "s=s2&action=none&b=b",
        "s=s2&action=ready&b=none", "s=s2&action=ready&b=", "s=s2&action=ready&b=f", "b=b&s=s2&action=ready", "action=ready&b=b&s=s2&s=s2",
        "b=none&b=b&action=none&action=ready&s=s2", "s=%732&action=ready&b=b", "s=s2&action=ready&b=%62", "s=%zz&action=ready&b=b",
        "s=s2&s=%zz&action=ready&b=b", "s=s2&&action=ready&b=b&", "S=s2&action=ready&b=b", "s=tail&action=ready&b=b",
        "s=" + "x" * 3000 + "&action=ready&b=b", "s=s2&action=ready&b=%23999", "s=s2;action=ready;b=b",
    ]  # fmt: skip

    for body in bodies:
        both(pair, body)
    pair.agree(lambda side: post(side, f"s=s2&action=drain&b={quote('#' + number(side, 'b'))}"))
    ready(pair)


def test_the_client_is_sent_back_to_what_it_saw(pair):
    paths = ["/stats", "/stats;up", "/stats;norefresh", "/stats;up;norefresh", "/stats;st=NONE", "/stats?scope=some", "/stats;csv", "/stats;no-maint"]
    pair.agree(lambda side: [(path, post(side, "s=s2&action=ready&b=b", path)) for path in paths])


def test_without_leave_nothing_changes(pair):
    both(pair, "s=s2&action=maint&b=b", "/", "NOBODY")
    both(pair, "s=s2&action=maint&b=b", headers=[("X-Admin", "no")])
    wait_until(lambda: states(pair.sluice)["b/s2"] == "no check", "b/s2 is as it was")
    both(pair, "s=s2&action=drain&b=b", headers=[("X-Admin", "yes")])
    wait_until(lambda: states(pair.sluice)["b/s2"] == "DRAIN", "b/s2 drains")
    ready(pair)


def test_access_is_decided_by_the_first_rule_that_applies(pair):
    def fields(name: str | None, *others: str) -> list:
        said = [("Authorization", "Basic " + base64.b64encode(name.encode()).decode())] if name else []
        return said + [(other, "yes") for other in others]

    def look(side, headers):
        seen = side.exchange("/guarded", port="GATE", headers=headers)
        return seen.status, [value for field, value in seen.fields if field.lower() == "www-authenticate"]

    for name in [None, "root:toor", "eye:see", "eye:toor", "root:"]:
        for others in ((), ("X-Pass",), ("X-Odd",), ("X-Shut",), ("X-Pass", "X-Odd")):
            headers = fields(name, *others)
            pair.agree(lambda side: look(side, headers))
            both(pair, "s=g&action=drain&b=guarded", "/guarded", "GATE", headers)
            both(pair, "s=g&action=ready&b=guarded")


def test_the_page_offers_what_may_be_done(pair):
    def script(side):
        found = []
        for path, port, fields in (("/stats", "HTTP", []), ("/stats", "HTTP", [("X-Admin", "no")]), ("/", "NOBODY", []), ("/", "PART", [])):
            page = side.exchange(path, port=port, headers=fields).body.decode()
            found.append((
                len(re.findall(r'<input[^>]*name="b"', page)), sorted(re.findall(r'name="s" value="([^"]*)"', page)),
                re.findall(r'<option value="([^"]*)"', page), len(re.findall(r'<form method="post"', page)),
            ))  # fmt: skip
        return found

    found = pair.agree(script)
    assert found[0][3] == 3 and found[1][3] == found[2][3] == 0


def test_hidden_sections_are_not_changed(pair):
    """HAProxy asks about the scope since 3.3."""
    side = pair.sluice
    for backend in ("other", "none", quote("#" + number(side, "other"))):
        assert post(side, f"s=tail&action=maint&b={backend}", "/", "PART")[1]["location"] == "/;st=DENY"
    assert states(side)["other/tail"] == "no check"
    assert post(side, "s=s2&action=ready&b=b", "/", "PART")[1]["location"] == "/;st=DONE"
    names = set(re.findall(r"<h2>([^<]*)</h2>", side.exchange("/", port="PART").body.decode()))
    assert names == {"b", "part"}


def test_other_sites_change_nothing(pair):
    """HAProxy asks where forms come from since 3.3."""
    side = pair.sluice
    host = f"127.0.0.1:{side.ports['HTTP']}"
    for headers, outcome in [
        ([("Origin", "http://evil.example")], "DENY"), ([("Origin", "null")], "DENY"), ([("Referer", "http://evil.example/")], "DENY"),
        ([("Sec-Fetch-Site", "cross-site")], "DENY"), ([("Origin", f"http://{host}")], "DONE"), ([("Referer", f"http://{host}/stats")], "DONE"),
    ]:  # fmt: skip
        answer = post(side, "s=s2&action=drain&b=b", headers=headers, host=host)
        assert answer[1]["location"] == f"/stats;st={outcome}", headers
        wanted = "DRAIN" if outcome == "DONE" else "no check"
        wait_until(lambda: states(side)["b/s2"] == wanted, f"b/s2 is {wanted}")
        post(side, "s=s2&action=ready&b=b")
        wait_until(lambda: states(side)["b/s2"] == "no check", "b/s2 is back")


def test_more_than_is_kept_changes_nothing(pair):
    def script(side):
        found = post(side, "s=s2&action=drain&b=b&x=" + "&x=".join(["y" * 1000] * 40))
        return found, states(side)["b/s2"]

    assert pair.agree(script)[0][1]["location"] == "/stats;st=EXCD"


def test_bodies_that_come_late_are_waited_for(pair):
    def script(side):
        with side.client() as client:
            body = b"s=s2&action=drain&b=b"
            client.send(b"POST /stats HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n" % len(body))
            client.send_bytewise(body)
            answer = client.response("POST")
            # The connection is good for another one.
            again = client.request("/stats;csv")
        return answer.status, dict((n.lower(), v) for n, v in answer.fields)["location"], again.status

    assert pair.agree(script) == (303, "/stats;st=DONE", 200)
    for side in pair.sides:
        wait_until(lambda: states(side)["b/s2"] == "DRAIN", f"{side.name} drains b/s2")
    ready(pair)


def test_sessions_are_ended(pair):
    for side in pair.sides:
        with side.client() as client:
            assert client.request("/x").status == 200
            assert post(side, "s=s1&s=s2&s=s3&action=shutdown&b=b")[1]["location"] == "/stats;st=DONE"


def test_what_is_no_rule_is_refused_at_the_same_lines(tmp_path):
    if not HAPROXY:
        pytest.skip("haproxy is not installed")
    head = "defaults\n    mode http\n    timeout client 1s\n    timeout connect 1s\n    timeout server 1s\n"
    for lines in (
        "stats admin", "stats admin if nobody", "stats admin TRUE", "stats http-request", "stats http-request if TRUE",
        "stats admin if TRUE", "stats http-request deny", "stats http-request auth realm", "stats http-request auth realm x unless { src ::1 }",
        "stats http-request allow\n    stats realm x", "stats show-modules", "stats admin if { path /x } or TRUE",
    ):  # fmt: skip
        found = verdicts(tmp_path, f"{head}listen l\n    bind 127.0.0.1:1\n    {lines}\n")
        assert found["sluice"][0] == found["haproxy"][0], (lines, found)


@pytest.mark.skipif(not CHROMIUM, reason="no chromium")
def test_servers_are_changed_in_a_browser(pair, tmp_path):
    side = pair.sluice
    browser = Browser(tmp_path / "browser")
    try:
        browser.open(f"http://127.0.0.1:{side.ports['HTTP']}/stats;norefresh")
        wait_until(lambda: browser.seen("document.querySelectorAll('form').length") == 3, "the page is there", 20)
        browser.run("document.querySelector('input[name=s][value=tail]').click()")
        browser.run("document.querySelector('input[value=tail]').form.elements.action.value = 'maint'")
        browser.run("document.querySelector('input[value=tail]').form.querySelector('button').click()")
        wait_until(lambda: "Action processed" in (browser.seen("document.querySelector('.notice')?.textContent") or ""), "it is told", 20)
        assert browser.run("location.pathname") == "/stats;st=DONE;norefresh"
        # Wide tables scroll within their section.
        browser.look(800)
        assert browser.run("document.documentElement.scrollWidth") <= 800
        assert browser.complaints == []
    finally:
        browser.close()
    wait_until(lambda: states(side)["other/tail"] == "MAINT", "the server is in maintenance")
    post(side, "s=tail&action=ready&b=other")
    wait_until(lambda: states(side)["other/tail"] == "no check", "and back")
