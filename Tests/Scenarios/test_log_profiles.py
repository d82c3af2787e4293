"""Profiles of logs: each target has its own lines (HAProxy 3.1; Debian's is older)."""

from __future__ import annotations

import pytest
from harness.client import Client
from harness.serving import serving
from harness.waiting import wait_until

TEXT = """
global
    nbthread 1
log-profile ours
    log-tag edge
    on error drop
    on http-req format "rule %HM %OG"
    on any format "%HM %HU %ST"
log-profile silent
    on close drop
    on any format "silent %OG"
defaults
    mode http
    timeout client 20s
    timeout connect 5s
    timeout server 20s
frontend web
    bind "127.0.0.1:${HTTP}"
    log stdout format raw local0
    log stdout format priority profile ours local1
    log stdout format raw profile silent local0
    log-format "plain %HM %ST %OG"
    http-request do-log if { path /told }
    http-request set-var(txn.told) bool(true) if { path /told }
    http-response do-log if { var(txn.told) -m bool }
    http-after-response do-log if { var(txn.told) -m bool }
    http-request set-log-level silent if { path /quiet }
    http-request do-log if { path /quiet }
    default_backend app
backend app
    server one "127.0.0.1:${A}"
"""


CONNECTIONS = """
global
    nbthread 1
log-profile steps
    on close format "end %ci"
    on tcp-req-conn format "first %ci %B"
    on any format "%OG %ci"
defaults
    mode MODE
    timeout client 20s
    timeout connect 5s
    timeout server 20s
frontend web
    bind "127.0.0.1:${HTTP}"
    log stdout format raw profile steps local0
    tcp-request connection do-log
    tcp-request connection do-log if { src 192.0.2.1 }
    tcp-request session do-log
    tcp-request content do-log
    default_backend app
backend app
    ANSWERS
    server one "127.0.0.1:${A}"
"""


@pytest.fixture
def side(tmp_path):
    yield from serving(tmp_path, TEXT)


@pytest.fixture(params=["http", "tcp"])
def connections(tmp_path, request):
    answers = "tcp-response content do-log" if request.param == "tcp" else ""
    text = CONNECTIONS.replace("MODE", request.param).replace("ANSWERS", answers)
    for port, lines in serving(tmp_path, text):
        yield request.param, port, lines


def test_each_target_has_its_own_lines(side):
    port, lines = side
    with Client(port) as client:
        assert client.request("/a").status == 200
    wait_until(lambda: len(lines()) >= 2, "the lines are written")
    assert sorted(lines()) == ["<142>GET /a 200", "plain GET 200 txn_close"]
    with Client(port) as client:
        assert client.request("/told").status == 200
    rules = ["http-req", "http-res", "http-after-res"]
    expected = ["<142>GET /told 200", "plain GET 200 txn_close", "<142>rule GET http-req"]
    expected += [f"silent {rule}" for rule in rules]
    wait_until(lambda: len(lines()) >= 2 + 11, "the lines are written")
    found = lines()[2:]
    assert len(found) == 11
    for line in expected:
        assert line in found, line
    # What has no format of its own is the section's line at that moment.
    assert [line.split()[-1] for line in found if line.startswith("plain")] == [*rules, "txn_close"]


def test_what_is_no_request_may_have_no_line(side):
    port, lines = side
    with Client(port) as client:
        client.send(b"\x00\x01 nothing\r\n\r\n")
        assert client.response().status == 400
    wait_until(lambda: len(lines()) >= 1, "the line is written")
    with Client(port) as client:
        assert client.request("/a").status == 200
    wait_until(lambda: "<142>GET /a 200" in lines(), "the lines are written")
    # One of the section's, one of the profile that drops only what ends in order, none of the one that drops errors.
    assert [line.split()[0] for line in lines() if line.startswith("<142>")] == ["<142>GET"]


def test_rules_about_connections_write_lines(connections):
    mode, port, lines = connections
    steps = ["first 127.0.0.1 0", "tcp-req-sess 127.0.0.1", "tcp-req-cont 127.0.0.1"]
    steps += ["end 127.0.0.1"] if mode == "http" else ["tcp-res-cont 127.0.0.1", "end 127.0.0.1"]
    # The probe of the fixture, which asks until it is answered.
    wait_until(lambda: any(line.startswith("end ") for line in lines()), "its lines are written")
    known = len(lines())
    with Client(port) as client:
        assert client.request("/a").status == 200
    wait_until(lambda: len(lines()) >= known + len(steps), "the lines are written")
    assert lines()[known:] == steps
