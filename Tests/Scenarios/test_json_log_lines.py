"""Lines of logs as JSON (HAProxy 3.0; Debian's is older): objects of named items, and values within a line."""

from __future__ import annotations

import json

import pytest
from harness.backend import Backend
from harness.client import Client
from harness.serving import serving
from harness.waiting import wait_until

OBJECT = (
    "%{+json}o %(ip)ci %(port)cp %(text:str)ST not-here %ci %(status)ST %(line)r %(frontend)ft %(took)Tt %(ms)ms"
    " %(field)[var(txn.odd)] %(none)[var(txn.none)] %(tls)[ssl_fc] %(ended)tsc %(server)s %(sport)sp"
    " %(kept)hr %(list)hrl %(answer)hs %(number:sint)[var(txn.number)] %(truth:bool)[int(7)] %(raw:raw)[str('[1]')]"
    " %(when)t %(retries)rc %(hex){+X}cp"
)
TEXT = """
global
    nbthread 1
log-profile plain
    on any format "%{+json}ci %{+json}[var(txn.odd)] %(ignored)ST %(:str){+json}ST"
defaults
    mode http
    timeout client 20s
    timeout connect 5s
    timeout server 20s
frontend web
    bind "127.0.0.1:${HTTP}"
    log stdout format raw local0
    log stdout format priority profile plain local1
    capture request header X-Odd len 64
    capture request header X-None len 64
    log-format "OBJECT"
    http-request set-log-level silent if { path /quiet }
    http-request set-var(txn.odd) req.hdr(x-odd)
    http-request set-var(txn.number) req.hdr(x-number)
    http-request set-var-fmt(txn.made) "%{+json}o %(path)[path] %(n)[int(3)]"
    http-response set-header x-made %[var(txn.made)]
    default_backend app
backend app
    server one "127.0.0.1:${A}"
""".replace("OBJECT", OBJECT)
ODD = 'a"b\\c\td'


@pytest.fixture
def side(tmp_path):
    backend = Backend(lambda session, request: session.answer(body=b"x"))
    for port, lines in serving(tmp_path, TEXT, backend):
        yield port, backend.port, lines


def test_a_line_is_an_object_of_its_named_items(side):
    port, server, lines = side
    with Client(port) as client:
        own = client.socket.getsockname()[1]
        answer = client.request('/a"\\b?c', headers=[("X-Odd", ODD), ("X-Number", "12")])
        assert answer.status == 200
        assert answer.get("x-made") == '{"path": "/a\\"\\\\b", "n": 3}'
    wait_until(lambda: len(lines()) >= 2, "the lines are written")
    object, plain = sorted(lines(), reverse=True)
    found = json.loads(object)
    assert list(found) == [part.split(":")[0].split(")")[0] for part in OBJECT.split("%(")[1:]]
    assert found.pop("port") == own
    for name in ("took", "ms"):
        assert isinstance(found.pop(name), int), name
    assert len(found.pop("when")) == len("22/Nov/2026:04:05:06.123")
    assert len(found.pop("hex")) == 4
    assert found == {
        "ip": "127.0.0.1",
        "text": "200",
        "status": 200,
        "line": "GET /a#22\\b?c HTTP/1.1",
        "frontend": "web",
        "field": ODD,
        "none": "",
        "tls": False,
        "ended": "----",
        "server": "one",
        "sport": server,
        "kept": "{a#22b\\c#09d|}",
        "list": ["a#22b\\c#09d", "-"],
        "answer": None,
        "number": 12,
        "truth": True,
        "raw": [1],
        "retries": 0,
    }
    assert plain == '<142>"127.0.0.1" "a\\"b\\\\c\\td" 200 "200"'
