"""Counters of stick tables are those of Debian's haproxy: what is tracked, what counts when, and what rules make of it."""

from __future__ import annotations

import socket
import threading

import pytest
from harness.messages import Wire, read_response
from harness.twins import verdicts
from harness.waiting import wait_until

HEAD = """
defaults
    mode http
    timeout client 5s
    timeout connect 5s
    timeout server 4s
    retries 0
"""
EVERYTHING = (
    "gpc0,gpc1,gpt0,conn_cnt,conn_cur,conn_rate(60s),sess_cnt,sess_rate(60s),http_req_cnt,http_req_rate(60s),http_err_cnt,"
    "http_err_rate(60s),http_fail_cnt,http_fail_rate(60s),gpc0_rate(60s),gpc1_rate(60s),bytes_in_cnt,bytes_in_rate(60s),"
    "bytes_out_cnt,bytes_out_rate(60s)"
)
# Those that are the same whether or not the last exchange is over by now.
NAMES = (
    "get_gpc0 get_gpc1 get_gpt0 gpc0_rate gpc1_rate conn_cnt conn_rate sess_cnt sess_rate http_req_cnt http_req_rate "
    "http_err_cnt http_err_rate http_fail_cnt http_fail_rate"
).split()


def table(name, kind="ip", store=EVERYTHING, size="1k"):
    return f"backend {name}\n    stick-table type {kind} size {size} expire 1m store {store}\n"


# A line of haproxy's has 2,048 bytes.
EACH = 20


def shown(*expressions):
    """What rules show of some expressions."""
    lines = []
    for start in range(0, len(expressions), EACH):
        text = "|".join(f"%[{each}]" for each in expressions[start : start + EACH])
        lines.append(f'    http-request redirect location "/{text}" if {{ path /show{start} }}\n')
    return "".join(lines)


def frontend(rules, *, servers='    default_backend b\nbackend b\n    server s "127.0.0.1:${A}"\n'):
    return HEAD + 'frontend f\n    bind "127.0.0.1:${HTTP}"\n' + rules + servers


def answer(session, request):
    """The server answers with the status it is asked for."""
    if request.target == "/close":
        return session.close()
    if request.target == "/junk":
        session.send(b"nonsense\r\n\r\n")
        return session.close()
    if request.target != "/silent":
        asked = request.target.strip("/")[:3]
        session.answer(status=int(asked) if asked.isdigit() else 200, body=b"x" * 3000)


def values(side, expressions, **settings):
    found = []
    for start in range(0, len(expressions), EACH):
        fields = {name.lower(): value for name, value in side.exchange(f"/show{start}", **settings).fields}
        found += fields["location"].removeprefix("/").split("|")
    return dict(zip(expressions, found, strict=True))


@pytest.mark.sanitizer
def test_what_an_exchange_tracks_counts_what_happens_to_it(twins):
    read = [f"sc_{name}(0)" for name in NAMES] + [f"sc1_{name}" for name in NAMES] + [f"src_{name}(t)" for name in NAMES]
    read += [f"src,table_{name.removeprefix('get_')}(t)" for name in NAMES]
    read += ["sc0_tracked", "sc_tracked(1)", "sc2_tracked", "sc_conn_cnt(2)", "sc_http_req_cnt(0,other)", "table_cnt(t)"]
    read += ["table_avl(t)", "src,in_table(t)", "src,in_table(other)", "src_conn_cnt(other)", "str(x),table_gpc0(named)"]
    rules = f"""    http-request track-sc0 src table t
    http-request deny deny_status 403 if {{ path /deny }}
    http-request tarpit deny_status 403 if {{ path /tarpit }}
    timeout tarpit 10ms
    http-request reject if {{ path /reject }}
    http-request redirect location /x if {{ path /redirect }}
    http-request track-sc1 req.hdr(x-user) table named if {{ req.hdr(x-user) -m found }}
    http-request sc-inc-gpc0(0) if {{ path /inc }}
    http-request sc-inc-gpc1(0) if {{ path /inc }}
    http-request sc-set-gpt0(0) 7 if {{ path /inc }}
    http-request sc-set-gpt0(1) req.hdr(x-n) if {{ req.hdr(x-n) -m found }}
    http-request return status 404 if {{ path /own }}
    http-response sc-inc-gpc0(0) if {{ status 404 }}
    http-response track-sc2 src table t if {{ status 299 }}
""" + shown(*read)  # fmt: skip
    text = frontend(rules) + table("t") + table("named", "string len 20") + table("other")
    pair = twins(text, servers={"A": answer})
    kinds = ["200", "299", "301", "404", "429", "500", "501", "503", "505", "deny", "tarpit", "own", "redirect", "inc", "close", "junk", "silent"]

    def script(side):
        seen = [values(side, read)]
        for kind in kinds:
            headers = [("X-User", kind), ("X-N", "5")] if kind in ("inc", "404") else []
            seen.append((kind, side.get(f"/{kind}", headers=headers).status, values(side, read), values(side, read, headers=[("X-User", "inc")])))
        with side.client() as client:
            seen.append([client.request("/404").status for _ in range(3)])
        return seen + [values(side, read)]

    pair.agree(script)


def test_reading_may_change_an_entry(twins):
    read = ["src_get_gpc0(t)", "src_inc_gpc0(t)", "src_inc_gpc0(t)", "src_gpc0_rate(t)", "src_clr_gpc0(t)", "src_get_gpc0(t)", "src_updt_conn_cnt(t)"]
    read += ["src_updt_conn_cnt(t)", "src_conn_cnt(t)", "sc0_inc_gpc1", "sc_inc_gpc1(0)", "sc0_get_gpc1", "sc_clr_gpc1(0)", "sc0_get_gpc1", "table_cnt(t)"]
    read += ["src_inc_gpc0(bare)", "src_clr_gpc0(bare)", "src_get_gpc0(bare)", "src_conn_cnt(bare)", "src_http_req_rate(bare)", "table_cnt(bare)"]
    rules = "    http-request track-sc0 path table paths\n" + shown(*read)
    text = frontend(rules) + table("t") + table("paths", "string len 30") + table("bare", store="gpt0")
    pair = twins(text, servers={"A": answer})
    pair.agree(lambda side: [values(side, read) for _ in range(3)])


def test_arrays_of_counters(twins):
    read = ["sc_get_gpc(0,0)", "sc_get_gpc(1,0)", "sc_get_gpc(2,0)", "sc_inc_gpc(1,0)", "sc_gpc_rate(1,0)", "sc_gpc_rate(0,0)", "sc_clr_gpc(1,0)"]
    read += ["sc_get_gpt(0,0)", "sc_get_gpt(2,0)", "sc_get_gpt(9,0)", "src_get_gpc(0,t)", "src_inc_gpc(2,t)", "src,table_gpc(2,t)", "src,table_gpt(2,t)"]
    read += ["sc0_get_gpc0", "sc0_get_gpc1", "sc0_get_gpt0", "sc0_gpc0_rate", "sc0_inc_gpc0", "src,table_gpc_rate(0,t)", "src,table_gpc0(t)"]
    rules = """    http-request track-sc0 src table t
    http-request sc-inc-gpc(0,0)
    http-request sc-inc-gpc0(0) if { path /a }
    http-request sc-set-gpt(2,0) 9
    http-request sc-set-gpt0(0) int(3),add(1)
""" + shown(*read)
    text = frontend(rules) + table("t", store="gpc(3),gpc_rate(3,60s),gpt(3)")
    pair = twins(text, servers={"A": answer})
    pair.agree(lambda side: [(side.get("/a").status, values(side, read)) for _ in range(3)])


KEYS = [
    ("ip", "src"), ("ipv6", "src"), ("integer", "req.hdr_val(x)"), ("string", "req.hdr(x)"), ("string len 2", "req.hdr(x)"),
    ("binary len 4", "req.hdr(x)"), ("ip", "req.hdr_ip(x)"), ("string", "base32+src,hex"), ("string", "req.hdr(none)"),
    ("ip", "req.hdr(x)"), ("integer", "req.hdr(x)"), ("string", "path,concat(-),concat(x)"),
]  # fmt: skip


def test_keys_of_every_type(twins):
    read = [f"sc0_http_req_cnt"] + [f"table_cnt(t{number})" for number in range(len(KEYS))]
    read += [f"{key},table_http_req_cnt(t{number})" for number, (_, key) in enumerate(KEYS)]
    rules = "".join(f"    http-request track-sc0 {key} table t{number} if {{ path /{number} }}\n" for number, (_, key) in enumerate(KEYS))
    text = frontend(rules + shown(*read)) + "".join(table(f"t{number}", kind, "http_req_cnt") for number, (kind, _) in enumerate(KEYS))
    pair = twins(text, servers={"A": lambda session, request: session.answer(body=b"")})

    def script(side):
        fields = [("X", each) for each in ("1", "2", "10.1.2.3", "abcdef", "abc", "::1")]
        seen = [side.get(f"/{number}", headers=[field]).status for number in range(len(KEYS)) for field in fields]
        return seen, [values(side, read, headers=[field]) for field in fields]

    pair.agree(script)


def test_a_table_stands_in_its_own_section_and_counts_for_it(twins):
    own = """    stick-table type string len 30 size 100 expire 1m store http_req_rate(1m),gpc0
    http-request track-sc0 req.hdr(x-key)
    http-request deny deny_status 429 if { sc0_http_req_rate gt 3 }
    http-request deny deny_status 404 if { req.hdr(x-key),table_http_req_rate gt 2 }
    acl bad sc_http_req_rate(0) ge 2
    http-request set-header X-Bad "%[sc_http_req_rate(0)]" if bad
"""
    pair = twins(HEAD + 'listen f\n    bind "127.0.0.1:${HTTP}"\n' + own + '    server s "127.0.0.1:${A}"\n', servers={"A": lambda session, request: session.answer(body=str(dict(request.fields).get("X-Bad")).encode())})
    pair.agree(lambda side: [(side.get("/", headers=[("X-Key", key)])) for key in "aabaabaaccccccb"])


def test_a_backend_tracks_too_and_only_what_is_free(twins):
    read = ["sc0_http_req_cnt", "sc1_http_req_cnt", "sc0_conn_cnt", "table_cnt(t)", "table_cnt(u)"]
    backend = "backend b\n    http-request track-sc0 src table u\n    http-request track-sc1 src table u\n" + shown(*read) + '    server s "127.0.0.1:${A}"\n'
    text = frontend("    http-request track-sc0 path table t\n    default_backend b\n", servers=backend) + table("t", "string len 20") + table("u")
    pair = twins(text, servers={"A": answer})
    pair.agree(lambda side: [values(side, read) for _ in range(3)])


def test_bytes_are_counted_when_an_exchange_is_over(twins):
    read = ["src_kbytes_in(t)", "src_kbytes_out(t)", "src,table_kbytes_out(t)"]
    text = frontend("    http-request track-sc0 src table t if !{ path_beg /show }\n" + shown(*read)) + table("t")
    pair = twins(text, servers={"A": lambda session, request: session.answer(body=b"x" * 100_000)})

    def script(side):
        side.exchange("/x", method="POST", body=b"y" * 50_000)
        wait_until(lambda: values(side, read)["src_kbytes_out(t)"] != "0", "the exchange is over")
        seen = values(side, read)
        # Heads are counted in other forms.
        return {each: round(int(value) / 8) for each, value in seen.items()}

    pair.agree(script)


def test_open_requests_are_counted_while_they_last(twins):
    open_ones = "src_conn_cur(t)"
    rules = shown(open_ones) + "    http-request track-sc0 src table t\n    http-request deny deny_status 429 if { sc0_conn_cur gt 2 }\n"
    servers = '    default_backend b\nbackend b\n    timeout server 20s\n    server s "127.0.0.1:${A}"\n'
    may_end = threading.Event()

    def serve(session, request):
        if request.target == "/wait":
            may_end.wait(20)
        session.answer(body=b"")

    pair = twins(frontend(rules, servers=servers) + table("t"), servers={"A": serve})

    def script(side):
        def wait_for(count):
            wait_until(lambda: values(side, [open_ones])[open_ones] == str(count), f"{count} are open")

        may_end.clear()
        seen = []
        held = []
        for number in range(3):
            connection = socket.create_connection(("127.0.0.1", side.ports["HTTP"]), 15)
            connection.sendall(b"GET /wait HTTP/1.1\r\nHost: a\r\n\r\n")
            held.append(connection)
            # The third one is refused at once.
            wait_for(min(number + 1, 2))
            seen.append(side.get("/").status)
            # It is over a little after its answer has come.
            wait_for(min(number + 1, 2))
        may_end.set()
        statuses = []
        for connection in held:
            statuses.append(read_response(Wire(connection), "GET").status)
            connection.close()
        wait_for(0)
        return seen, statuses, side.get("/").status

    pair.agree(script)


FILES = [
    "http-request track-sc0 src", "http-request track-sc0 src table t", "http-request track-sc0 src table x", "http-request track-sc3 src table t",
    "http-request track-sc0", "http-request track-sc1 path table t", "http-request track-sc0 src table t if TRUE", "http-request sc-inc-gpc0(0)",
    "http-request sc-inc-gpc0(3)", "http-request sc-inc-gpc0", "http-request sc-inc-gpc(0,0)", "http-request sc-inc-gpc(0)", "http-request sc-set-gpt0(0) 3",
    "http-request sc-set-gpt0(0) path", "http-request sc-set-gpt(0,1) src_port", "http-response sc-inc-gpc1(2) if TRUE",
    "http-response track-sc0 status table t", "http-request deny if { sc0_conn_rate gt 3 }", "http-request deny if { sc_conn_rate(0,t) gt 3 }",
    "http-request deny if { sc_conn_rate(0,x) gt 3 }", "http-request deny if { sc_conn_rate gt 3 }", 
    "http-request deny if { src_conn_rate gt 3 }", "http-request deny if { src_conn_rate(t) gt 3 }", "http-request deny if { src_get_gpc(0,t) gt 3 }",
    "http-request deny if { src,table_conn_rate(t) gt 3 }", "http-request deny if { src,table_conn_rate(x) gt 3 }", "http-request deny if { src,in_table(t) }",
    "http-request set-header X %[table_cnt(t)]", "http-request set-header X %[table_cnt(x)]", "http-request set-header X %[src_conn_cnt(x)]",
]  # fmt: skip


def test_the_same_files_are_taken(tmp_path):
    from harness.twins import HAPROXY

    if not HAPROXY:
        pytest.skip("haproxy is not installed")
    for line in FILES:
        text = HEAD + f"frontend f\n    bind 127.0.0.1:1\n    {line}\n    default_backend b\nbackend b\n    server s 127.0.0.1:1\n" + table("t")
        found = verdicts(tmp_path, text)
        assert found["sluice"][0] == found["haproxy"][0], (line, found)
