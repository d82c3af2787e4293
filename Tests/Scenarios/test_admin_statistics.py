"""HAProxy's statistics on the admin port of `sluice dev`."""

from __future__ import annotations

import csv
import http.client
import io
import json

import pytest
from harness.site import dev_service
from harness.sluice import free_port
from harness.waiting import wait_until
from simulator import objects


def fetch(port: int, target: str, host: str = "localhost") -> tuple[int, str, str]:
    """Status, type and body of an answer of the admin port."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=15)
    try:
        connection.request("GET", target, headers={"Host": host})
        response = connection.getresponse()
        return response.status, response.headers["Content-Type"], response.read().decode()
    finally:
        connection.close()


def lines(port: int, wishes: str = "") -> dict[tuple[str, str], dict[str, str]]:
    text = fetch(port, f"/stats;csv{wishes}")[2]
    assert text.startswith("# ")
    return {(row["pxname"], row["svname"]): row for row in csv.DictReader(io.StringIO(text[2:]))}


@pytest.mark.sanitizer
def test_what_backends_do_is_shown_and_what_is_not_counted_is_empty(sluice_dev, backend):
    port = free_port()
    server = backend()
    web, away = objects.ingress("web", "a.test", "web"), objects.ingress("away", "b.test", "away")
    site = sluice_dev(
        web, dev_service("web", server), away, objects.service("away"), arguments=("--admin-address", f"127.0.0.1:{port}")
    )
    for _ in range(5):
        assert site.get(host="a.test").status == 200
    name = "default/web:80"
    wait_until(lambda: lines(port)[name, "BACKEND"]["hrsp_2xx"] == "5", "the answers are counted")
    rows = lines(port)
    assert rows[name, "BACKEND"]["bin"] != "0" and rows[name, "BACKEND"]["status"] == "UP"
    (mine,) = [row for (proxy, service), row in rows.items() if proxy == name and service != "BACKEND"]
    assert mine["stot"] == "5" and mine["addr"] == f"127.0.0.1:{server.port}"
    assert (mine["bin"], mine["hrsp_2xx"], mine["rate"]) == ("", "", "")
    assert rows["http", "FRONTEND"]["status"] == "OPEN" and rows["http", "FRONTEND"]["hrsp_2xx"] == ""
    assert set(lines(port, "?scope=default/web")) == {key for key in rows if key[0] == name}
    status, kind, body = fetch(port, "/stats;json")
    assert (status, kind) == (200, "application/json")
    names = {field["value"]["value"] for row in json.loads(body) for field in row if field["field"]["name"] == "pxname"}
    assert names == {proxy for proxy, _ in rows}
    assert "<h2>default/web:80</h2>" in fetch(port, "/stats")[2]


def test_it_answers_to_names_of_loopback_only(sluice_dev):
    port = free_port()
    sluice_dev(objects.ingress("web", "a.test", "web"), arguments=("--admin-address", f"127.0.0.1:{port}"))
    assert fetch(port, "/stats")[0] == 200
    assert fetch(port, "/stats", host="attacker.test")[0] == 403
    assert fetch(port, "/statistics")[0] == 404
