"""The page of statistics and the exporter answer as Debian's haproxy does, as far as programs read them."""

from __future__ import annotations

import base64
import csv
import json
import re

import pytest
from harness.twins import HAPROXY, LOGGED, Twins, echo
from harness.waiting import wait_until

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
    assert first.status == second.status == third.status == 200 and posted.status == 303
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


# What came after 2.6.
LATER = [
    "haproxy_frontend_current_session_rate", "haproxy_backend_current_session_rate", "haproxy_server_current_session_rate",
    "haproxy_server_active", "haproxy_server_backup", "haproxy_server_http_requests_total", "haproxy_process_node",
    "haproxy_sticktable_local_updates",
]  # fmt: skip


def test_the_exporter_has_haproxys_families(pair):
    theirs, ours = families(pair.haproxy), families(pair.sluice)
    assert all(name not in theirs for name in LATER)
    assert [name for name in LATER if ours.pop(name, None) is None] == ["haproxy_sticktable_local_updates"]
    process = "haproxy_process_"
    wanted = {name: found for name, found in theirs.items() if not name.startswith(process)}
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
            found.append((query, response.status, sorted(names - {"listener"})))
        return found

    pair.agree(script)


CHECKED = (
    LOGGED
    + """frontend f
    bind "127.0.0.1:${HTTP}"
    http-request use-service prometheus-exporter if { path /metrics }
    http-request track-sc0 int(7) table numbers if { path /tracked }
    http-request return status 200
backend numbers
    stick-table type integer size 500 expire 1h store gpc0
backend b
    stick-table type ip size 1k
    server up "127.0.0.1:${A}" check inter 200ms
    server down 127.0.0.1:1 check inter 200ms
    server away 127.0.0.1:1 check disabled
    server unasked 127.0.0.1:1
"""
)
OF_CHECKS = ("agg_server_status", "agg_server_check_status", "agg_check_status", "server_check_status", "server_check_code", "sticktable_")


def test_the_exporter_tells_of_checks_and_tables(twins):
    pair = twins(CHECKED, servers={"A": lambda session, request: session.answer()})

    def told(side, query: str = "") -> list[str]:
        lines = side.exchange("/metrics" + query).body.decode().splitlines()
        return sorted(line for line in lines if not line.startswith("#") and "local_updates" not in line and any(name in line for name in OF_CHECKS))

    def script(side):
        assert side.exchange("/tracked").status == 200
        found = ['server="up",state="L4OK"} 1', 'server="down",state="L4CON"} 1', 'name="numbers",type="integer"} 1']
        found.append('agg_server_status{proxy="b",state="DOWN"} 1')
        wait_until(lambda: all(any(line.endswith(end) for line in told(side)) for end in found), f"checks of {side.name}")
        return told(side), told(side, "?no-maint"), told(side, "?scope=backend"), told(side, "?scope=sticktable")

    lines = pair.agree(script)
    assert 'haproxy_backend_agg_server_status{proxy="b",state="MAINT"} 1' in lines[1]
    assert 'haproxy_sticktable_size{name="numbers",type="integer"} 500' in lines[3]


def types_of(body: bytes) -> dict[str, str]:
    """The kinds of families, by their names."""
    lines = (line.split() for line in body.decode().splitlines() if line.startswith("# TYPE "))
    return {words[2]: words[3] for words in lines}


def test_the_exporter_has_the_families_of_each_scope(twins):
    pair = twins(CHECKED, servers={"A": lambda session, request: session.answer()})
    last = "haproxy_server_check_duration_seconds"
    for side in pair.sides:
        wait_until(lambda: last in types_of(side.exchange("/metrics?scope=server").body), f"a check of {side.name}")
    for scope in ["frontend", "backend", "server", "listener"]:
        theirs, ours = (types_of(side.exchange(f"/metrics?scope={scope}").body) for side in pair.sides)
        assert theirs.items() <= ours.items(), f"{scope}: {theirs.items() - ours.items()}"
        # What later versions have besides, and nothing else.
        assert {name.split("_")[1] for name in ours} <= {scope}
        assert (scope == "listener") == (not theirs) == (not ours)


def test_the_exporter_tells_what_it_is_asked_for(twins):
    text = CHECKED + """
resolvers names
    nameserver here 127.0.0.1:1
    nameserver there 127.0.0.1:1
"""
    pair = twins(text.replace("backend b\n", "backend b\n    description of b\n"), servers={"A": echo})
    pair.agree(lambda side: [side.exchange("/metrics" + query).status for query in ("?scope=nobody", "?x=a=b", "?scope", "?%zz")])
    get = pair.sluice.exchange
    # What follows came with 3.0; local_updates with 3.4.
    lines = get("/metrics?scope=resolver").body.decode().splitlines()
    assert "# TYPE haproxy_resolver_send_error gauge" in lines
    assert 'haproxy_resolver_nx{resolver="names",nameserver="there"} 0' in lines
    assert all("haproxy_resolver_" in line for line in lines)
    assert 'haproxy_sticktable_local_updates{name="numbers",type="integer"} 0' in get("/metrics?scope=sticktable").body.decode()
    only = get("/metrics?metrics=haproxy_server_weight,haproxy_process_nbthread").body
    assert list(types_of(only)) == ["haproxy_process_nbthread", "haproxy_server_weight"]
    without = types_of(get("/metrics?scope=server&metrics=-haproxy_server_weight").body)
    assert "haproxy_server_weight" not in without and "haproxy_server_status" in without
    told = get("/metrics?scope=backend&scope=server&desc-labels&extra-counters").body.decode()
    assert 'haproxy_server_weight{proxy="b",desc="of b",server="up"} 1' in told
    assert 'haproxy_backend_active_servers{proxy="numbers"} 0' in told


LISTENERS = (
    LOGGED
    + """frontend f
    option socket-stats
    bind "127.0.0.1:${HTTP}"
    bind "127.0.0.1:${SECOND}" name second
    bind "127.0.0.1:${THIRD}" id 2
    bind "127.0.0.1:${FOURTH}"
    tcp-request connection reject if { dst_port "${FOURTH}" }
    http-request use-service prometheus-exporter if { path /metrics }
    http-request deny if { path /denied }
    http-request return status 200
frontend g
    bind "127.0.0.1:${OTHER}"
    stats enable
    stats uri /stats
"""
)
# Of connections that were denied 2.6 counts sessions of their listeners.
COUNTED = ["svname", "dreq", "dresp", "ereq", "status", "sid", "type", "dcon", "dses", "wrew", "eint", "mode"]


def test_listeners_are_counted_for_themselves(twins):
    pair = twins(LISTENERS, ports=["HTTP", "SECOND", "THIRD", "FOURTH", "OTHER"])

    def rows(side) -> dict[str, dict[str, str]]:
        text = side.exchange("/stats;csv", port="OTHER").body.decode().lstrip("# ")
        return {row["svname"]: row for row in csv.DictReader(text.splitlines()) if row["pxname"] == "f"}

    def script(side):
        for path in ("/", "/denied", "/denied"):
            assert side.exchange(path, port="SECOND").status in (200, 403)
        assert side.exchange("/", port="THIRD").status == 200
        with pytest.raises(Exception):
            side.exchange("/", port="FOURTH")
        wait_until(
            lambda: [rows(side)[name]["stot"] for name in ("second", "sock-2")] == ["3", "1"]
            and rows(side)["second"]["dreq"] == "2" and rows(side)["sock-5"]["dcon"] == "1"
            and int(rows(side)["sock-2"]["bin"]) > 0,
            f"counts of {side.name}",
        )  # fmt: skip
        found = [[row[name] for name in COUNTED] for row in rows(side).values() if row["svname"] != "FRONTEND"]
        types = types_of(side.exchange("/metrics?scope=listener", port="THIRD").body)
        return found, types

    theirs, ours = (script(side) for side in pair.sides)
    # Later versions have the connections besides.
    assert ours[0] == theirs[0] and theirs[1].items() <= ours[1].items()
    assert set(ours[1]) - set(theirs[1]) <= {"haproxy_listener_connections_total"}
    assert [row[0] for row in ours[0]] == ["sock-1", "second", "sock-2", "sock-5"]
    lines = pair.sluice.exchange("/metrics?scope=listener").body.decode().splitlines()

    def is_sum() -> bool:
        known = rows(pair.sluice)
        return int(known["FRONTEND"]["stot"]) == sum(int(row["stot"]) for row in known.values() if row["svname"] != "FRONTEND")

    wait_until(is_sum, "the frontend has the sessions of its listeners")
    assert 'haproxy_listener_sessions_total{proxy="f",listener="second"} 3' in lines
    # The statistics of the frontend that does not ask for it have no such lines.
    assert not any('proxy="g"' in line for line in lines)
