"""The access log: one line per request in httplog form or JSON, with the termination codes of haproxy.md 3.14."""

from __future__ import annotations

import json
import re
import threading
import time

from harness.messages import Closed, read_request_head
from harness.site import dev_service
from harness.waiting import holds_for, wait_until
from simulator import objects

LINE = re.compile(
    r"(?P<client>[0-9a-f.:]+):(?P<port>\d+) \[(?P<time>\d\d/[A-Z][a-z]{2}/\d{4}:\d\d:\d\d:\d\d\.\d{3})\] "
    r"(?P<frontend>\S+) (?P<backend>[^\s/]\S*)/(?P<server>\S+) "
    r"(?P<TR>-?\d+)/(?P<Tw>-?\d+)/(?P<Tc>-?\d+)/(?P<Tr>-?\d+)/(?P<Ta>\+?-?\d+) (?P<status>-?\d+) (?P<bytes>\+?\d+) "
    r"- - (?P<codes>[A-Za-z-]{4}) (?P<counts>\d+/\d+/\d+/\d+/\+?\d+) (?P<queues>\d+/\d+) "
    r"(?:\{[^}]*\} )*\"(?P<request>.*)\""
)  # fmt: skip


def logged(site, pattern: str) -> re.Match:
    """The log line that matches, read as httplog."""
    line = site.sluice.wait_access(pattern)
    match = LINE.search(line)
    assert match, f"not an httplog line: {line}"
    return match


def new_line(site, before: int, word: str) -> re.Match:
    """The line with a word behind so many. Lines of other workers about what was asked before may come among them."""
    return LINE.search(wait_until(lambda: next((line for line in site.sluice.access_log[before:] if word in line), None), f"a line with {word}"))


def test_an_ordinary_request_is_logged_in_full(site):
    site.backend.handler = lambda session, request: (time.sleep(0.05), session.answer(body=b"x" * 100))
    site.get("/logged/in/full?a=b")
    line = logged(site, "/logged/in/full")
    assert line["client"] in ("127.0.0.1", "::ffff:127.0.0.1")
    assert (line["status"], line["codes"], line["request"]) == ("200", "----", "GET /logged/in/full?a=b HTTP/1.1")
    assert line["backend"].startswith("default/web") or line["backend"] == "default/web:80"
    assert int(line["bytes"]) > 100
    assert 40 <= int(line["Tr"]) <= int(line["Ta"]) < 15_000


def test_every_request_of_a_connection_has_a_line(site):
    with site.client() as client:
        for i in range(5):
            client.request(f"/counted/{i}")
    for i in range(5):
        logged(site, f"/counted/{i} ")
    assert len([line for line in site.sluice.access_log if "/counted/" in line]) == 5


def test_no_route_is_logged_as_ours(site):
    site.get("/no-route", host="unknown.test")
    line = logged(site, "/no-route")
    assert (line["status"], line["server"]) == ("404", "<NOSRV>")
    assert line["codes"][:2] in ("LR", "PR", "SC")


def test_a_bad_request_is_logged(site):
    before = len(site.sluice.access_log)
    with site.client() as client:
        client.send(b"NONSENSE\r\n\r\n")
        assert client.response().status == 400
    line = new_line(site, before, " 400 ")
    assert (line["status"], line["codes"], line["request"]) == ("400", "PR--", "<BADREQ>")


def test_hostile_bytes_cannot_forge_lines(site):
    site.get('/forged"%0a127.0.0.1:1')
    with site.client() as client:
        client.send(b"GET /odd\x00\x1b[2J HTTP/1.1\r\nHost: a.test\r\n\r\n")
        client.response()
    logged(site, "/forged")
    assert "\x1b" not in site.sluice.access_path.read_text()


def failing(site, path: str, handler, **settings) -> re.Match:
    site.backend.handler = handler
    with site.client() as client:
        try:
            client.request(path, **settings)
        except (Closed, OSError):
            pass
    return logged(site, path + " ")


def test_a_server_that_closes_without_answer(site):
    line = failing(site, "/closes", lambda session, request: session.close())
    assert (line["status"], line["codes"]) == ("502", "SH--")


def test_a_server_that_talks_nonsense(site):
    line = failing(site, "/nonsense", lambda session, request: (session.send(b"nonsense\r\n\r\n"), session.close()))
    assert (line["status"], line["codes"]) == ("502", "PH--")


def test_a_server_that_stops_in_the_body(site):
    cut = b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhello"
    line = failing(site, "/cut", lambda session, request: (session.send(cut), session.close()))
    assert (line["status"], line["codes"]) == ("200", "SD--")


def test_a_client_that_leaves_while_waiting(site):
    site.backend.handler = lambda session, request: session.wait_gone(10)
    client = site.client()
    client.send(b"GET /leaves-waiting HTTP/1.1\r\nHost: a.test\r\n\r\n")
    wait_until(lambda: site.backend.requests, "the backend has the request")
    client.close()
    assert logged(site, "/leaves-waiting")["codes"] == "CH--"


def test_a_client_that_leaves_in_the_body_of_the_answer(site):
    def endless(session, request):
        session.send(b"HTTP/1.1 200 OK\r\nContent-Length: 1000000000\r\n\r\n")
        while True:
            session.send(b"x" * 10_000)

    site.backend.handler = endless
    client = site.client()
    client.send(b"GET /leaves-reading HTTP/1.1\r\nHost: a.test\r\n\r\n")
    client.wire.until(b"xxxx")
    client.close()
    assert logged(site, "/leaves-reading")["codes"] == "CD--"


def test_a_client_that_leaves_in_its_own_body(site):
    client = site.client()
    client.send(b"POST /leaves-sending HTTP/1.1\r\nHost: a.test\r\nContent-Length: 100\r\n\r\nhello")
    wait_until(lambda: any(b"/leaves-sending" in one.wire.received for one in site.backend.open_sessions), "the backend has its head")
    client.close()
    assert logged(site, "/leaves-sending")["codes"] == "CD--"


def test_a_silent_client_is_told_408_and_logged(site):
    """timeout http-request, 10 s: the head never ends."""
    before = len(site.sluice.access_log)
    started = time.monotonic()
    with site.client() as client:
        client.send(b"GET /slow HTTP/1.1\r\nHost: a.")
        assert client.response().status == 408
        assert client.is_closed()
    assert time.monotonic() - started > 9
    line = new_line(site, before, " 408 ")
    assert (line["status"], line["codes"]) == ("408", "cR--")


def test_a_server_that_cannot_be_reached(sluice_dev, backend):
    dead = backend()
    dead.refuse()
    site = sluice_dev(objects.ingress("web", "a.test", "web"), dev_service("web", dead))
    site.get("/unreachable")
    line = logged(site, "/unreachable")
    assert (line["status"], line["codes"]) == ("502", "SC--")
    assert int(line["counts"].split("/")[4].lstrip("+")) == 3, "three retries"


def test_a_pool_without_servers(sluice_dev):
    site = sluice_dev(objects.ingress("web", "a.test", "web"), objects.service("web"))
    site.get("/nobody")
    line = logged(site, "/nobody")
    assert (line["status"], line["codes"], line["server"]) == ("503", "SC--", "<NOSRV>")


def test_a_redispatch_is_marked(sluice_dev, backend):
    dead, alive = backend(), backend()
    dead.refuse()
    site = sluice_dev(objects.ingress("web", "a.test", "web"), dev_service("web", dead, alive))
    for i in range(4):
        site.get(f"/redispatched/{i}")
    wait_until(lambda: len(site.sluice.access_log) >= 4, "all are logged")
    retries = [LINE.search(line)["counts"].split("/")[4] for line in site.sluice.access_log]
    assert any(count.startswith("+") for count in retries), retries


def test_json_lines_hold_the_same_facts(sluice_dev, backend):
    server = backend()
    site = sluice_dev(
        objects.ingress("web", "a.test", "web"), dev_service("web", server), arguments=("--log-format", "json")
    )
    site.get('/json?q="quoted"', headers=[("User-Agent", 'a "quoted" agent')])
    record = json.loads(site.sluice.wait_access("/json"))
    assert (record["method"], record["uri"], record["status"]) == ("GET", '/json?q="quoted"', 200)
    assert (record["host"], record["backend"], record["server"]) == ("a.test", "default/web:80", server.endpoint)
    assert record["termination"].startswith("--")


def test_the_log_may_be_turned_off(sluice_dev, backend):
    site = sluice_dev(
        objects.ingress("web", "a.test", "web"), dev_service("web", backend()), arguments=("--access-log", "off")
    )
    assert site.get().status == 200
    assert holds_for(lambda: site.sluice.access_log == [], 1.5)


def test_the_log_may_go_to_a_file(sluice_dev, backend, tmp_path):
    path = tmp_path / "access.log"
    log_there = ("--access-log", str(path))
    site = sluice_dev(objects.ingress("web", "a.test", "web"), dev_service("web", backend()), arguments=log_there)
    site.get("/to/a/file")
    wait_until(lambda: path.exists() and "/to/a/file" in path.read_text(), "the line is in the file")
    assert site.sluice.access_log == []


def test_lines_stay_whole_under_load(site):
    def ask(number: int) -> None:
        with site.client() as client:
            for i in range(50):
                client.request(f"/whole/{number}-{i}/{'x' * 200}")

    threads = [threading.Thread(target=ask, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    def lines() -> list[str]:
        return [line for line in site.sluice.access_log if "/whole/" in line]

    # The last one may be read while it is being written.
    wait_until(lambda: len(lines()) == 400 and site.sluice.access_path.read_bytes().endswith(b"\n"), "all lines are written")
    assert all(LINE.search(line) for line in lines())


# MARK: counters


def test_requests_are_counted(site):
    before = site.sluice.metric("sluice_requests_total")
    for _ in range(5):
        site.get()
    wait_until(lambda: site.sluice.metric("sluice_requests_total") >= before + 5, "five more are counted")


def test_metrics_are_valid_prometheus_text(site):
    status, text = site.sluice.ops_get("/metrics")
    assert status == 200
    sample = re.compile(r'sluice_[a-z0-9_]+(\{([a-z_]+="(\\.|[^"\\])*",?)*\})? (NaN|[+-]?Inf|[-+0-9.eE]+)')
    for line in text.splitlines():
        assert line.startswith("#") or not line or sample.fullmatch(line), line


def test_health_endpoints_answer(site):
    for path in ("/livez", "/readyz", "/healthz"):
        assert site.sluice.ops_get(path)[0] == 200
    assert site.sluice.ops_get("/readyz?verbose")[0] == 200
    assert site.sluice.ops_get("/nothing")[0] == 404


def test_a_line_is_written_when_the_exchange_is_over(site):
    go = threading.Event()

    def wait(session):
        request = read_request_head(session.wire)
        go.wait(30)
        session.answer(body=request.target.encode())

    site.backend.on_connect = wait
    with site.client() as client:
        client.send(b"GET /once HTTP/1.1\r\nHost: a.test\r\n\r\n")
        assert holds_for(lambda: not any("/once" in line for line in site.sluice.access_log), 0.2)
        go.set()
        client.response()
    logged(site, "/once")
