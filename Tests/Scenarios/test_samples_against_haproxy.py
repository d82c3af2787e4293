"""Expressions give what Debian's haproxy gives: seen by the server that `balance hash` chooses."""

from __future__ import annotations

import random

import pytest
from harness.backend import named

DEFAULTS = """
defaults
    mode http
    timeout client 5s
    timeout connect 5s
    timeout server 5s
frontend f
    bind "127.0.0.1:${HTTP}"
    default_backend b
"""
SERVERS = "".join(f'    server {n} "127.0.0.1:${{{n.upper()}}}"\n' for n in "abcdefg")


NAMED = {name: named(name) for name in "ABCDEFG"}
REQUESTS = [
    {
        "path": f"/a{i}/b{i % 3}.Html?id={i}&x=%4{i}+b&e=;f={i * 7}",
        "host": f"Host{i % 5}.Example.test:8080",
        "headers": [
            ("X-Key", f"k{i}, l{i % 4}"),
            ("X-Key", f'"m,{i}"'),
            ("Cookie", f"a={i}; b=x{i % 3}; a={i + 1}"),
            ("X-Number", f"{i * 1000}x"),
            ("X-Address", f"10.{i}.{i * 3}.7"),
        ],
        "method": ["GET", "POST", "PUT"][i % 3],
    }
    for i in range(10)
]

EXPRESSIONS = """
path | pathq | url | query | base | method | base32 | url32 | base32+src | src | req.ver | fe_name | be_name
hdr(host) | req.hdr(x-key) | req.hdr(x-key,1) | req.hdr(x-key,-2) | req.fhdr(x-key) | req.fhdr(x-key,1) | hdr_cnt(x-key)
hdr_val(x-number) | hdr_ip(x-address) | req.hdr_names | cook(a) | cook(b) | cook_cnt(a) | cook | url_param(id) | urlp(f) | urlp_val(id)
hdr(host),lower,field(1,:) | path,upper | path,length | path,word(2,/) | path,field(-1,.) | path,bytes(2,3) | query,url_dec(1)
url,hex | url,base64 | url_param(id),crc32 | url_param(id),crc32(1) | path,djb2 | path,sdbm(1) | path,wt6 | path,xxh32(3) | path,xxh64
hdr_ip(x-address),ipmask(16) | hdr_val(x-number),add(7),mul(3),mod(11) | url_param(id),odd,iif(one,two) | path,regsub([0-9],x,g)
path,regsub([0-9],x),concat(-,,+) | path,rtrim(Html.),ltrim(/a) | hdr(x-nothing),lower | url_param(id),hex2i | path,url_enc | path,crc32c
hdr(host),host_only | hdr(host),port_only | req.hdr(x-key),host_only | url,json | req.fhdr(x-key),json(utf8) | url,url_dec,json(utf8s)
"""
EACH = [expression.strip() for line in EXPRESSIONS.strip().splitlines() for expression in line.split(" | ")]


@pytest.mark.parametrize("expression", EACH)
def test_the_same_bytes_are_hashed(twins, expression):
    # A backend's own field for each request, so that an expression without a sample shows by taking turns.
    pair = twins(DEFAULTS + f"backend b\n    balance hash {expression}\n    hash-type consistent\n" + SERVERS, servers=NAMED)
    pair.agree(lambda side: [side.get(**request).body for request in REQUESTS])


@pytest.mark.sanitizer
def test_expressions_in_quotes_are_read_alike(twins):
    text = DEFAULTS + "backend b\n    balance hash 'path,regsub(\"^(.)a([0-9]),?\",\"\\2\\1\"),field(1,\",\")'\n" + SERVERS
    pair = twins(text, servers=NAMED)
    pair.agree(lambda side: [side.get(**request).body for request in REQUESTS])


def test_bytes_that_are_nearly_utf_8(twins):
    kinds = ["ascii", "utf8", "utf8s", "utf8p", "utf8ps"]
    values = "|".join(f"%[url_param(x),url_dec,json({kind})]" for kind in kinds)
    text = DEFAULTS.replace("default_backend b\n", f'http-request return status 200 content-type text/plain lf-string "{values}"\n')
    pair = twins(text)
    # Bytes that begin characters, go on with them, or do neither.
    letters = [0x41, 0x2F, 0x7F, 0x80, 0xA9, 0xBE, 0xBF, 0xC0, 0xC1, 0xC3, 0xDF, 0xE0, 0xE2, 0xED, 0xEF, 0xF0, 0xF4, 0xF7, 0xF8, 0xFC, 0xFD, 0xFE, 0xFF]
    made = random.Random(7)
    texts = [bytes(made.choice(letters) for _ in range(made.randrange(1, 9))) for _ in range(150)]

    def script(side):
        with side.client() as client:
            return [client.request("/?x=" + "".join(f"%{byte:02x}" for byte in each)).body for each in texts]

    assert any(b"\\u007f" in each for each in pair.agree(script))
