"""Lines of the access log as `log-format-upstream` of ingress-nginx's ConfigMap has them."""

from __future__ import annotations

import json
import re

import pytest
from harness.http2 import Http2
from harness.site import dev_service
from harness.sluice import free_port
from harness.tcp import connect, is_refused, read
from harness.waiting import wait_until
from simulator import objects

pytestmark = pytest.mark.sanitizer

FLAGS = ("--configmap", "default/settings", "--workers", "1")


def each(name: str, item: str) -> str:
    """One value, or one for each attempt."""
    return rf"(?P<{name}>{item}(?:(?:, | : ){item})*)"


USUAL = re.compile(
    r"(?P<addr>[0-9.]+) - (?P<user>\S+) \[(?P<time>\d\d/[A-Z][a-z]{2}/\d{4}:\d\d:\d\d:\d\d [+-]\d{4})\] "
    r'"(?P<request>[^"]*)" (?P<status>\d{3}) (?P<body>\d+) "(?P<referer>[^"]*)" "(?P<agent>[^"]*)" (?P<length>\d+) '
    r"(?P<seconds>\d+\.\d{3}) \[(?P<upstream>[^\]]*)\] \[(?P<alternative>[^\]]*)\] "
    + each("server", r"(?:-|[0-9.]+:\d+)") + " " + each("sizes", r"(?:-|\d+)") + " " + each("times", r"(?:-|\d+\.\d{3})")
    + " " + each("statuses", r"(?:-|\d{3})") + r" (?P<id>\S+)$"
)  # fmt: skip
# What people ship.
JSON = (
    '{"time": "$time_iso8601", "remote_addr": "$proxy_protocol_addr", "x_forward_for": "$proxy_add_x_forwarded_for", '
    '"request_id": "$req_id", "remote_user": "$remote_user", "bytes_sent": $bytes_sent, "request_time": $request_time, '
    '"status": $status, "vhost": "$host", "request_proto": "$server_protocol", "path": "$uri", "request_query": "$args", '
    '"request_length": $request_length, "duration": $request_time,"method": "$request_method", '
    '"http_referrer": "$http_referer", "http_user_agent": "$http_user_agent", "cookie": "$cookie_a", '
    '"namespace": "$namespace", "ingress": "$ingress_name", "service": "$service_name", "port": "$service_port", '
    '"type": "$sent_http_content_type", "by": "$upstream_http_x_by", "upstream": "$upstream_addr"}'
)


def site_of(sluice_dev, settings: dict[str, str], *manifests: dict, arguments: tuple[str, ...] = FLAGS):
    """One Ingress, `a.test`, and what else a test wants; ready when a line in the wanted form has come."""
    site = sluice_dev(objects.config_map("settings", settings), *manifests, arguments=arguments)
    wait_until(lambda: site.get("/ready").status == 200, "it is served")
    return site


def web(*servers) -> tuple[dict, dict]:
    return objects.ingress("web", "a.test", "web"), dev_service("web", *servers)


def usual(site, pattern: str) -> re.Match:
    line = site.sluice.wait_access(pattern)
    match = USUAL.match(line)
    assert match, f"not a line of upstreaminfo: {line}"
    return match


UPSTREAMINFO = (
    '$remote_addr - $remote_user [$time_local] "$request" $status $body_bytes_sent "$http_referer" "$http_user_agent" '
    "$request_length $request_time [$proxy_upstream_name] [$proxy_alternative_upstream_name] $upstream_addr "
    "$upstream_response_length $upstream_response_time $upstream_status $req_id"
)


@pytest.mark.parametrize("way", ["key", "flag"])
def test_upstreaminfo(sluice_dev, backend, way):
    server = backend(lambda session, request: session.answer(200, b"x" * 10))
    settings, more = ({"log-format-upstream": UPSTREAMINFO}, ()) if way == "key" else ({}, ("--log-format", "nginx"))
    site = site_of(sluice_dev, settings, *web(server), arguments=(*FLAGS, *more))
    fields = [("User-Agent", 'an "agent"'), ("X-Request-ID", "abc"), ("Authorization", "Basic bWU6c2VjcmV0")]
    assert site.get("/usual?a=b", headers=fields).status == 200
    line = usual(site, "/usual")
    assert (line["addr"], line["user"], line["request"]) == ("127.0.0.1", "me", "GET /usual?a=b HTTP/1.1")
    assert (line["status"], line["body"], line["referer"], line["agent"]) == ("200", "10", "-", r"an \x22agent\x22")
    assert (line["upstream"], line["alternative"], line["server"]) == ("default-web-80", "", server.endpoint)
    assert (line["sizes"], line["statuses"], line["id"]) == ("10", "200", "abc")
    assert int(line["length"]) > 80 and "secret" not in line.string


def test_an_identity_of_ours_is_the_one_that_the_server_is_told(sluice_dev, backend):
    server = backend()
    site = site_of(sluice_dev, {"log-format-upstream": "$request_uri $req_id $request_id"}, *web(server))
    server.forget()
    assert site.get("/named").status == 200
    told = server.requests[0].get("x-request-id")
    assert site.sluice.wait_access("/named ") == f"/named {told} {told}"


def test_attempts_are_told_of_each(sluice_dev, backend):
    dead, alive = backend(), backend()
    dead.refuse()
    site = site_of(sluice_dev, {"log-format-upstream": UPSTREAMINFO}, *web(dead, alive))
    for i in range(4):
        assert site.get(f"/tried/{i}").status == 200
    usual(site, "/tried/3 ")
    # The dead one is met once, by the first request or the next, and left alone then.
    twice = [line for line in map(USUAL.match, site.sluice.access_log) if "," in line["server"]]
    assert twice, site.sluice.access_log
    for line in twice:
        *tried, last = line["server"].split(", ")
        assert last == alive.endpoint and set(tried) == {dead.endpoint}
        assert line["sizes"] == "0, " * len(tried) + "2" and line["statuses"] == "502, " * len(tried) + "200"
        assert re.fullmatch(r"\d+\.\d{3}(, \d+\.\d{3})+", line["times"])


def test_what_no_server_answered(sluice_dev, backend):
    dead = backend()
    site = site_of(
        sluice_dev, {"log-format-upstream": UPSTREAMINFO, "proxy-next-upstream-tries": "1"}, *web(backend()),
        objects.ingress("dead", "dead.test", "dead"), dev_service("dead", dead),
        objects.ingress("none", "none.test", "none"), dev_service("none"),
        objects.ingress("away", "away.test", "web", annotations={"nginx.ingress.kubernetes.io/permanent-redirect": "https://b.test/"}),
    )  # fmt: skip
    dead.refuse()
    wait_until(lambda: site.get("/x", host="dead.test").status == 502, "nobody answers there")
    assert site.get("/dead", host="dead.test").status == 502
    line = usual(site, "/dead ")
    assert (line["server"], line["statuses"], line["sizes"]) == (dead.endpoint, "502", "0")
    for host, path, status, upstream in [
        ("none.test", "/none", "503", "default-none-80"), ("away.test", "/away", "301", "default-web-80"),
        ("nobody.test", "/nobody", "404", "upstream-default-backend"),
    ]:  # fmt: skip
        answer = site.get(path, host=host)
        assert answer.status == int(status)
        line = usual(site, f"{path} ")
        assert (line["status"], line["server"], line["sizes"], line["times"], line["statuses"]) == (status, "-", "-", "-", "-")
        assert line["upstream"] == upstream and int(line["body"]) == len(answer.body)


def test_a_request_that_is_none_and_a_client_that_leaves(sluice_dev, backend):
    server = backend()
    site = site_of(sluice_dev, {"log-format-upstream": UPSTREAMINFO}, *web(server))
    with site.client() as client:
        client.send(b"GET / HTTP/1.1\r\nbad field: x\r\n\r\n")
        assert client.response().status == 400
    assert usual(site, '"-" 400 ')["server"] == "-"
    server.handler = lambda session, request: session.wait_gone()
    with site.client() as client:
        client.send(b"GET /left HTTP/1.1\r\nHost: a.test\r\n\r\n")
        wait_until(lambda: any(r.target == "/left" for r in server.requests), "the server has it")
    line = usual(site, "/left ")
    assert (line["status"], line["server"], line["statuses"]) == ("499", server.endpoint, "-")


def test_a_canary(sluice_dev, backend):
    canary = {"nginx.ingress.kubernetes.io/canary": "true", "nginx.ingress.kubernetes.io/canary-by-header": "x-new"}
    site = site_of(
        sluice_dev, {"log-format-upstream": UPSTREAMINFO}, *web(backend()),
        objects.ingress("new", "a.test", "new", annotations=canary), dev_service("new", backend()),
    )  # fmt: skip
    assert site.get("/old").status == 200
    assert site.get("/new", headers=[("X-New", "always")]).status == 200
    assert (usual(site, "/old ")["upstream"], usual(site, "/old ")["alternative"]) == ("default-web-80", "")
    line = usual(site, "/new ")
    assert (line["upstream"], line["alternative"]) == ("default-web-80", "default-new-80")


@pytest.mark.parametrize("version", ["HTTP/1.1", "HTTP/2.0"])
def test_json(sluice_dev, backend, version):
    server = backend(lambda session, request: session.answer(200, b"12345", headers="Content-Type: text/x\r\nX-By: me\r\n"))
    site = site_of(sluice_dev, {"log-format-upstream": JSON, "log-format-escape-json": "true"}, *web(server))
    fields = [("user-agent", 'a "b" \\ c'), ("cookie", "a=1; b=2"), ("x-forwarded-for", "192.0.2.1")]
    if version == "HTTP/2.0":
        with Http2(site.port) as client:
            assert client.request("/json?q=%22", host="a.test", headers=fields).status == 200
    else:
        assert site.get("/json?q=%22", headers=fields).status == 200
    line = json.loads(site.sluice.wait_access("/json"))
    assert (line["status"], line["method"], line["path"], line["request_query"]) == (200, "GET", "/json", "q=%22")
    assert (line["request_proto"], line["vhost"], line["http_user_agent"]) == (version, "a.test", 'a "b" \\ c')
    assert (line["x_forward_for"], line["remote_addr"], line["cookie"]) == ("192.0.2.1, 127.0.0.1", "127.0.0.1", "1")
    assert (line["namespace"], line["ingress"], line["service"], line["port"]) == ("default", "web", "web", "80")
    assert (line["type"], line["by"], line["upstream"], line["http_referrer"]) == ("text/x", "me", server.endpoint, "")
    assert line["bytes_sent"] > 5 and line["request_length"] > 0 and re.match(r"20\d\d-\d\d-\d\dT", line["time"])


def test_values_as_they_are(sluice_dev, backend):
    site = site_of(
        sluice_dev, {"log-format-upstream": r"$uri\t<$http_x_odd><$http_x_none>", "log-format-escape-none": "true"}, *web(backend())
    )
    assert site.get("/plain", headers=[("X-Odd", 'a"b\\c')]).status == 200
    assert site.sluice.wait_access("/plain") == '/plain\t<a"b\\c><>'


def test_the_client_that_a_trusted_proxy_names(sluice_dev, backend):
    settings = {"log-format-upstream": "$uri $remote_addr $realip_remote_addr", "use-forwarded-headers": "true"}
    site = site_of(sluice_dev, settings, *web(backend()))
    assert site.get("/far", headers=[("X-Forwarded-For", "192.0.2.7")]).status == 200
    assert site.sluice.wait_access("/far") == "/far 192.0.2.7 127.0.0.1"


def test_long_answers_and_bodies_that_are_long_over(sluice_dev, backend):
    """What the head said is told though its bytes are gone by then."""
    server = backend(lambda session, request: session.answer(200, b"x" * 3_000_000))
    site = site_of(
        sluice_dev, {"log-format-upstream": "$request $body_bytes_sent $http_x_here $host $req_id"}, *web(server)
    )
    assert len(site.get("/long", headers=[("X-Here", "yes"), ("X-Request-ID", "mine")]).body) == 3_000_000
    assert site.sluice.wait_access("/long") == "GET /long HTTP/1.1 3000000 yes a.test mine"


def test_a_variable_that_nobody_knows_is_told_of_and_the_rest_applies(sluice_dev, backend):
    site = site_of(sluice_dev, {"log-format-upstream": "$uri $geoip_city_name $status", "keep-alive": "30"}, *web(backend()))
    assert r"$geoip_city_name" in site.sluice.wait_log(r"log-format-upstream.*geoip_city_name")
    assert site.get("/unknown").status == 200
    assert site.sluice.wait_access("/unknown") == "/unknown - 200"


def test_a_format_that_is_none_leaves_lines_as_they_are(sluice_dev, backend):
    site = site_of(sluice_dev, {"log-format-upstream": "$uri costs 5$"}, *web(backend()))
    site.sluice.wait_log(r"log-format-upstream.*a name stands behind every")
    assert site.get("/kept").status == 200
    assert ' "GET /kept HTTP/1.1"' in site.sluice.wait_access("/kept")


def test_a_change_of_the_format_reaches_lines_at_once(sluice_dev, backend):
    site = site_of(sluice_dev, {"log-format-upstream": "one $uri"}, *web(backend()))
    assert site.sluice.wait_access("^one /ready")
    site.folder.put(objects.config_map("settings", {"log-format-upstream": "two $uri"}))

    def is_new() -> bool:
        site.get("/again")
        return any(line == "two /again" for line in site.sluice.access_log)

    wait_until(is_new, "the new form")


def test_sessions_of_tcp_services(sluice_dev, backend):
    port = free_port()
    settings = {"log-format-stream": "session $protocol $status $bytes_sent $bytes_received $upstream_addr"}
    server = backend()
    site = site_of(
        sluice_dev, settings, *web(server), objects.config_map("tcp", {str(port): "default/web:80"}),
        arguments=(*FLAGS, "--tcp-services-configmap", "default/tcp"),
    )  # fmt: skip
    wait_until(lambda: not is_refused(port), "the port is open")
    with connect(port) as connection:
        connection.sendall(b"GET /session HTTP/1.1\r\nHost: a\r\n\r\n")
        assert read(connection, 12) == b"HTTP/1.1 200"
    # Not the session that only found it open.
    line = site.sluice.wait_access(r"^session TCP \d+ \d\d")
    assert re.fullmatch(rf"session TCP 200 \d\d+ \d\d+ {re.escape(server.endpoint)}", line)


def test_an_error_page_is_another_attempt(sluice_dev, backend):
    failing = backend(lambda session, request: session.answer(503, b"mine"))
    pages = backend(lambda session, request: session.answer(200, b"a page"))
    errors = {"nginx.ingress.kubernetes.io/custom-http-errors": "503", "nginx.ingress.kubernetes.io/default-backend": "pages"}
    site = site_of(
        sluice_dev, {"log-format-upstream": UPSTREAMINFO}, *web(backend()), dev_service("failing", failing), dev_service("pages", pages),
        objects.ingress("failing", "failing.test", "failing", annotations=errors),
    )  # fmt: skip
    wait_until(lambda: site.get("/x", host="failing.test").body == b"a page", "the page is served")
    site.get("/page", host="failing.test")
    line = usual(site, "/page ")
    assert (line["server"], line["statuses"]) == (f"{failing.endpoint} : {pages.endpoint}", "503 : 200")
    assert (line["body"], line["sizes"]) == ("6", "0 : 6")
