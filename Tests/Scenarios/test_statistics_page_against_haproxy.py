"""The page of statistics and the exporter answer as Debian's haproxy does, as far as programs read them."""

from __future__ import annotations

import base64
import csv
import json
import re

import pytest
from harness.twins import HAPROXY, LOGGED, Twins, echo

TEXT = (
    LOGGED
    + """    http-reuse never
frontend f
    bind "127.0.0.1:${HTTP}"
    stats enable
    stats uri /stats
    stats refresh 7s
    stats show-legends
    stats show-node node-1
    stats show-desc "a <i>desc</i>"
    stats hide-version
    http-request use-service prometheus-exporter if { path /metrics }
    use_backend inside if { path_beg /inside }
    default_backend b
frontend closed
    bind "127.0.0.1:${CLOSED}"
    stats uri /
    stats realm Some\\ Realm
    stats auth one:two
    stats auth three:four
    stats scope .
    stats scope b
backend b
    description "of <u>b</u>"
    cookie SRV insert
    server s "127.0.0.1:${A}" cookie c
    server gone "127.0.0.1:${A}" weight 3
backend inside
    stats uri /inside
    server s "127.0.0.1:${A}"
listen t
    mode tcp
    bind "127.0.0.1:${TCP}"
    server a "127.0.0.1:${A}"
"""
)


@pytest.fixture(scope="module")
def pair(tmp_path_factory):
    if not HAPROXY:
        pytest.skip("haproxy is not installed")
    twins = Twins(tmp_path_factory.mktemp("page"), TEXT, ports=["HTTP", "CLOSED", "TCP"], servers={"A": echo})
    yield twins
    died = [side.name for side in twins.sides if side.process.poll() is not None]
    twins.close()
    assert died == [], "ended on its own"


def about(response) -> tuple:
    """What programs look at before they read a page."""
    wanted = ["content-type", "cache-control", "refresh", "www-authenticate"]
    return response.status, [(n.lower(), v) for n, v in sorted(response.fields) if n.lower() in wanted]


def test_pages_are_found_where_they_are_said_to_be(pair):
    paths = [
        "/stats", "/stats;norefresh", "/stats;csv", "/stats?x", "/stats;json", "/stats;up", "/statsx", "/inside", "/inside;csv",
    ]  # fmt: skip
    pair.agree(lambda side: [(path, about(side.exchange(path))) for path in paths])
    pair.agree(lambda side: [side.get("/stat").status, side.get("/other").status])


def test_the_table_is_the_runtime_apis(pair):
    def script(side):
        text = side.exchange("/stats;csv").body.decode()
        rows = list(csv.DictReader(text.splitlines()))
        names = ["# pxname", "svname", "status", "weight", "algo", "cookie", "iid", "sid"]
        return [[row[name] for name in names] for row in rows]

    found = pair.agree(script)
    assert len(found) == 10
    pair.agree(lambda side: [len(json.loads(side.exchange("/stats;json").body))])


def test_who_may_look_and_at_what(pair):
    def script(side):
        found = []
        for said in [None, "one:two", "three:four", "one:four", "one", ""]:
            fields = [("Authorization", "Basic " + base64.b64encode(said.encode()).decode())] if said is not None else []
            response = side.exchange("/;csv", port="CLOSED", headers=fields)
            found.append((said, about(response) if response.status == 200 else about(response)[1:] and response.status))
            if response.status == 401:
                found.append([v for n, v in response.fields if n.lower() == "www-authenticate"])
            else:
                found.append([line.split(",")[:2] for line in response.body.decode().splitlines()])
        return found

    pair.agree(script)


def test_the_page_is_a_document_that_holds_nothing_but_what_is_meant(pair):
    side = pair.sluice
    page = side.exchange("/stats").body.decode()
    assert page.startswith("<!doctype html>") and page.endswith("</html>\n")
    assert "node-1" in page and "a &lt;i&gt;desc&lt;/i&gt;" in page and "of &lt;u&gt;b&lt;/u&gt;" in page
    assert "<i>" not in page and "<u>" not in page and "<script" not in page
    assert "0.1.0" not in page
    assert re.search(r"src=|https?://", page) is None
    for name in ("b", "inside", "f", "closed", "t"):
        assert f"<h2>{name}</h2>" in page
    odd = side.exchange("/stats;x=%3Cscript%3E<script>").body.decode()
    assert "<script" not in odd


def test_pages_are_sent_whole_to_any_client(pair):
    side = pair.sluice
    with side.client() as client:
        first = client.request("/stats;csv")
        second = client.request("/stats", method="HEAD")
        third = client.request("/stats;csv")
        posted = client.request("/stats", method="POST", body=b"s=s&action=drain&b=b")
    assert first.status == second.status == third.status == posted.status == 200
    assert second.body == b"" and len(third.body) > 1000


def families(side, path: str = "/metrics") -> dict[str, set]:
    """Names with the labels of each of their samples, by name."""
    response = side.exchange(path)
    assert response.status == 200 and response.fields and about(response)[1][-1][1].startswith("text/plain; version=0.0.4")
    found: dict[str, set] = {}
    for line in response.body.decode().splitlines():
        if line and not line.startswith("#"):
            name, labels = re.match(r"([a-z0-9_]+)(?:\{(.*)\})? ", line).groups()
            found.setdefault(name, set()).add(labels or "")
    return found


# What the exporter has of things that are not counted here, or in another form.
ELSEWHERE = {"haproxy_backend_agg_server_check_status", "haproxy_backend_agg_server_status", "haproxy_backend_agg_check_status"}


def test_the_exporter_has_haproxys_families(pair):
    theirs, ours = families(pair.haproxy), families(pair.sluice)
    process = "haproxy_process_"
    wanted = {name: found for name, found in theirs.items() if not name.startswith(process) and name not in ELSEWHERE}
    known = {name: found for name, found in ours.items() if not name.startswith(process)}
    different = [
        f"{name}: haproxy {sorted(wanted.get(name, []))[:6]}, sluice {sorted(known.get(name, []))[:6]}"
        for name in sorted(wanted.keys() | known.keys())
        if wanted.get(name) != known.get(name)
    ]
    assert not different, "\n".join(different)
    assert set(ours) - set(theirs) == set()
    assert {"haproxy_process_nbthread", "haproxy_process_requests_total", "haproxy_process_build_info"} <= set(ours)


def test_parts_of_the_exporter(pair):
    def script(side):
        found = []
        for query in ["?scope=frontend", "?scope=server&scope=backend", "?scope=*", "?scope=", "?scope=nothing"]:
            response = side.exchange("/metrics" + query)
            names = {line.split("_")[1] for line in response.body.decode().splitlines() if line.startswith("haproxy_")}
            found.append((query, response.status, sorted(names - {"listener", "sticktable"})))
        return found

    pair.agree(script)
