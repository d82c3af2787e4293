"""Maps and files of patterns find, and are changed by rules, as in Debian's haproxy."""

from __future__ import annotations

import signal

import pytest
from harness.twins import HAPROXY, LOGGED, Twins, echo, verdicts
from harness.waiting import wait_everywhere, wait_until

FILES = {
    "words.map": "# a comment\n\nkey1 v1\n  key2\tv two words  \nkey1 later\nempty\n/a/b ab\n/a a\nexample.org dom\n",
    "numbers.map": "1:5 few\n3 three\n9 nine\n8: many\n",
    "networks.map": "127.0.0.0/8 10\n127.0.0.5 5\n10.0.0.0/8 8\nfd00::/8 6\n10.1.0.0/16 16\n",
    "reg.map": "^/(\\w+)/x <\\1>\n^/ root\n",
    "to-address.map": "here 10.1.2.3\nthere ::1\n",
    "live.map": "known first\n",
    "words.lst": "alpha\nbeta # x\n  Gamma\n",
    "live.lst": "one\n",
}
# Of one file that map_end has, haproxy's map_sub compares ends too.
FILES |= {f"{name}.map": FILES["words.map"] for name in ["end", "sub", "dir", "dom"]}
SHOWN = {
    "str": "hdr(x),map(${DIR}/words.map)", "beg": "hdr(x),map_beg(${DIR}/words.map,none)",
    "end": "hdr(x),map_end(${DIR}/end.map,none)", "sub": "hdr(x),map_sub(${DIR}/sub.map,none)",
    "dir": "hdr(x),map_dir(${DIR}/dir.map,none)", "dom": "hdr(x),map_dom(${DIR}/dom.map,none)",
    "reg": "hdr(x),map_reg(${DIR}/reg.map,none)", "regm": "hdr(x),map_regm(${DIR}/reg.map,none)",
    "int": "hdr(x),map_int(${DIR}/numbers.map,none)", "ip": "hdr(x),map_ip_int(${DIR}/networks.map,0),add(1)",
    "src": "src,map_ip(${DIR}/networks.map)", "to": "hdr(x),map_str_ip(${DIR}/to-address.map,1.1.1.1)",
    "live": "hdr(x),map(${DIR}/live.map)", "other": "hdr(x),map_end(${DIR}/live.map)",
}  # fmt: skip
TEXT = (
    LOGGED
    + """frontend f
    bind "127.0.0.1:${HTTP}"
    acl exact hdr(x) -f "${DIR}/words.lst"
    acl folded hdr(x) -i -f "${DIR}/words.lst" delta
    acl part hdr(x) -m sub -f "${DIR}/words.lst"
    acl keys hdr(x) -M -f "${DIR}/live.map"
    acl live hdr(x) -f "${DIR}/live.lst"
    acl local src -M -f "${DIR}/networks.map"
    http-request set-map("${DIR}/live.map") "%[hdr(k)]" "%[hdr(v)]" if { hdr(k) -m found }
    http-request del-map("${DIR}/live.map") "%[hdr(d)]" if { hdr(d) -m found }
    http-request add-acl("${DIR}/live.lst") "%[hdr(a)]" if { hdr(a) -m found }
    http-request del-acl("${DIR}/live.lst") "%[hdr(r)]" if { hdr(r) -m found }
    http-response set-map("${DIR}/live.map") answered "%[status]"
    http-request set-map("${DIR}/nobody-asks.map") a b
"""
    + "".join(f'    http-request set-header X-{name} "%[{value}]"\n' for name, value in SHOWN.items())
    + "".join(
        f"    http-request set-header X-acl-{name} yes if {name}\n"
        for name in ["exact", "folded", "part", "keys", "live", "local"]
    )
    + """
    default_backend b
backend b
    server s "127.0.0.1:${A}"
"""
)


@pytest.fixture(scope="module")
def pair(tmp_path_factory):
    if not HAPROXY:
        pytest.skip("haproxy is not installed")
    twins = Twins(tmp_path_factory.mktemp("maps"), TEXT, servers={"A": echo}, files=FILES)
    yield twins
    died = [side.name for side in twins.sides if side.process.poll() is not None]
    twins.close()
    assert died == [], "ended on its own"


VALUES = [
    "key1", "key2", "empty", "KEY1", "zkey1", "key11", "/a/b/c", "/a", "/ax", "/x/a/b", "www.example.org", "example.orgs",
    "3", "5", "9", "12", "7", "x3", "-1", "10.1.9.9", "10.2.0.1", "127.0.0.5", "127.0.0.6", "::1", "11.0.0.1", "fd00::1",
    "/ab/x", "/ab", "here", "there", "alpha", "beta # x", "beta", "Gamma", "gamma", "delta", "xalphax", "known", "one", "",
]  # fmt: skip


def test_what_is_found(pair):
    pair.agree(lambda side: [(value, side.get("/", headers=[("X", value)])) for value in VALUES])


def test_rules_change_what_is_found_at_once(pair):
    steps = [
        [("k", "known"), ("v", "second"), ("x", "known")],
        [("k", "new"), ("v", "first of it"), ("x", "new")],
        [("x", "brand new")],
        [("d", "known"), ("x", "known")],
        [("d", "never there"), ("x", "new")],
        [("a", "two"), ("x", "two")],
        [("a", "two"), ("x", "two")],
        [("r", "two"), ("x", "two")],
        [("r", "one"), ("x", "one")],
        [("x", "answered")],
    ]
    pair.agree(lambda side: [side.get("/", headers=step) for step in steps])


@pytest.mark.skipif(not HAPROXY, reason="haproxy is not installed")
def test_files_that_do_not_fit(tmp_path):
    head = "defaults\n mode http\n timeout client 1s\n timeout connect 5s\n timeout server 1s\nfrontend f\n bind 127.0.0.1:1\n"
    (tmp_path / "good.map").write_text("10.0.0.0/8 1\n")
    (tmp_path / "bad.map").write_text("10.0.0.0/33 x\n")
    (tmp_path / "regex.map").write_text("( x\n")
    for line in [
        "http-request set-header a %[src,map_ip({0}/good.map)]", "http-request set-header a %[src,map_ip_int({0}/good.map,5)]",
        "http-request set-header a %[src,map_ip_int({0}/good.map,x)]", "http-request set-header a %[src,map_ip({0}/bad.map)]",
        "http-request set-header a %[src,map({0}/none.map)]", "http-request set-header a %[src,map_reg({0}/regex.map)]",
        "http-request set-header a %[src,map_int({0}/bad.map)]", "http-request set-header a %[src,map_str_int({0}/bad.map)]",
        "http-request set-header a %[src,map_str_ip({0}/good.map)]", "http-request set-header a %[src,map_str_str({0}/good.map)]",
        "http-request set-header a %[src,map_regm_int({0}/good.map)]", "acl a src -f {0}/bad.map",
        "acl a src -M -f {0}/good.map", "acl a path -u 7 -f {0}/bad.map", "acl a path -f {0}/none.map",
        "http-request set-map({0}/good.map) a", "http-after-response add-acl({0}/good.map) a",
        "tcp-request content set-map({0}/good.map) a b",
    ]:  # fmt: skip
        found = verdicts(tmp_path, head + " " + line.format(tmp_path) + "\n")
        assert found["sluice"] == found["haproxy"], line


def test_what_rules_changed_ends_with_the_file_being_read_again(pair):
    side = pair.sluice
    wanted = [("x", "known"), ("k", "known"), ("v", "changed")]
    assert b"x-live: changed" in side.get("/", headers=wanted).body
    side.process.send_signal(signal.SIGHUP)
    wait_until(lambda: "read again" in side.log, "the file is read again")
    wait_everywhere(lambda: b"x-live: first" in side.get("/", headers=[("x", "known")]).body, "the file's own value is found")
