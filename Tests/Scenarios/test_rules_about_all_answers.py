"""What rules about all answers, those of the process too, change and count (HAProxy 2.8; Debian's is older)."""

from __future__ import annotations

import pytest
from harness.client import Client
from harness.serving import serving

TEXT = """
defaults
    mode http
    timeout client 20s
    timeout connect 5s
    timeout server 20s
frontend web
    bind "127.0.0.1:${HTTP}"
    stick-table type ip size 10 store gpc0
    http-request track-sc0 src
    http-request return status 404 if { path /own }
    http-request return status 200 hdr X-Is %[path,map_str("MAP",none)] hdr X-Count %[sc0_get_gpc0] if { path_beg /ask/ }
    http-request set-var(txn.path) path
    http-after-response set-map("MAP") /ask%[var(txn.path)] %[status] if { var(txn.path) -m found }
    http-after-response sc-inc-gpc0(0) if { status 404 }
    http-after-response del-map("MAP") /ask/gone if { var(txn.path) -m str /gone }
    default_backend app
backend app
    server one "127.0.0.1:${A}"
"""


@pytest.fixture
def port(tmp_path):
    (tmp_path / "map").write_text("/ask/gone here\n")
    for port, _ in serving(tmp_path, TEXT.replace("MAP", str(tmp_path / "map"))):
        yield port


def test_maps_and_counters_are_changed_by_what_is_answered(port):
    def told(path: str) -> tuple:
        with Client(port) as client:
            answer = client.request(path)
        return answer.status, answer.get("x-is"), answer.get("x-count")

    assert told("/ask/gone") == (200, "here", "0")
    assert told("/gone")[0] == 200
    assert told("/ask/gone") == (200, "none", "0")
    assert told("/kept")[0] == 200
    assert told("/ask/kept") == (200, "200", "0")
    assert [told("/own")[0], told("/own")[0]] == [404, 404]
    assert told("/ask/own") == (200, "none", "2")
