"""Variables live as long, and hold the same, as in Debian's haproxy."""

from __future__ import annotations

import re

import pytest
from harness.twins import LOGGED, Seen, echo
from harness.waiting import wait_until

HEAD = """
global
    set-var proc.greeting str(hello)
    set-var-fmt proc.both "%[var(proc.greeting)] again"
""" + LOGGED
SHOWN = ["sess.n", "txn.way", "txn.src", "txn.n", "req.r", "res.s", "proc.greeting", "proc.both", "txn.none"]


def show(direction: str, names=SHOWN) -> str:
    return "\n".join(f'    http-{direction} set-header X-{n.replace(".", "-")} "%[var({n})]"' for n in names)


RULES = f"""
    http-request set-var(sess.n) var(sess.n,0),add(1)
    http-request set-var(txn.way) path
    http-request set-var(txn.src) src
    http-request set-var(txn.n) int(5)
    http-request set-var(req.r) hdr(x-r)
    http-request set-var(res.s) str(never)
    http-request set-var-fmt(txn.fmt) "%[var(txn.n)]-%[path,lower]"
    http-request unset-var(txn.way) if {{ path /unset }}
    http-request deny deny_status 403 if {{ var(txn.way) -m str /no }}
    http-request deny deny_status 404 if {{ var(txn.src) -m ip 127.0.0.0/8 }} {{ path /ip }}
    http-request deny deny_status 405 if {{ var(txn.n) -m int gt 4 }} {{ path /int }}
    http-request deny deny_status 410 if {{ var(txn.none) -m found }}
    http-response set-var(res.s) status
    http-response set-var(txn.n) var(txn.n),add(txn.n)
{show("request")}
{show("response")}
    http-response set-header X-Fmt "%[var(txn.fmt)] %[var(txn.none,else)] %[str(a),concat(<,txn.fmt,>)] %[str(b),strcmp(txn.fmt)]"
    log-format "%[var(sess.n)] %[var(txn.way)] %[var(txn.n)] %[var(req.r)] %[var(res.s)] %[var(proc.greeting)]|"
"""


def text(rules: str, *, backend: str = "") -> str:
    return (
        HEAD + 'frontend f\n    bind "127.0.0.1:${HTTP}"\n    default_backend b\n' + rules
        + "\nbackend b\n" + backend + '    server s "127.0.0.1:${A}"\n'
    )  # fmt: skip


def lines(side, count: int) -> list[str]:
    wait_until(lambda: side.log.count("|") >= count, f"{count} lines in the log:\n{side.log}")
    return sorted(re.findall(r"^(.*)\|$", side.log, re.M))


@pytest.mark.sanitizer
def test_variables_live_as_long_as_what_they_are_of(twins):
    pair = twins(text(RULES), servers={"A": echo})

    def script(side):
        seen = []
        for _ in range(2):
            with side.client() as client:
                paths = ["/a", "/b", "/unset", "/no", "/ip", "/int", "/c"]
                seen += [Seen.of(client.request(path, headers=[("X-R", path)])) for path in paths[:2]]
            seen += [side.get(path) for path in paths]
        return seen, lines(side, len(seen))

    pair.agree(script)


CONDITIONS = ["ifexists", "ifnotexists", "ifempty", "ifnotempty", "ifset", "ifnotset", "ifgt", "iflt", "ifset,ifgt"]


@pytest.mark.sanitizer
def test_conditions_of_setting(twins):
    rules = []
    values = ["int(5)", "int(9)", "str()", "str(x)", "src"]
    names = []
    for condition in CONDITIONS:
        for before in [None, "int(7)", "str(y)"]:
            for value in values:
                name = f"txn.v{len(names)}"
                names.append(name)
                if before:
                    rules.append(f"    http-request set-var({name}) {before}")
                rules.append(f"    http-request set-var({name},{condition}) {value}")
    shown = " ".join(f"{n}=%[var({name})]" for n, name in enumerate(names))
    for start in range(0, len(names), 30):
        part = " ".join(shown.split(" ")[start : start + 30])
        rules.append(f'    http-request set-header X-{start} "{part}"')
    pair = twins(text("\n".join(rules)), servers={"A": echo})
    pair.agree(lambda side: side.get("/"))


def test_a_converter_sets_and_passes_on(twins):
    rules = """
    http-request set-header X-A "%[path,set-var(txn.p),upper,set-var(req.u,ifnotexists),length,unset-var(txn.q)]"
    http-request set-header X-B "%[var(txn.p)] %[var(req.u)] %[int(3),add(txn.p)] %[int(3),mul(txn.n)]"
    http-request set-var(txn.n) req.hdr(x-n)
    http-request set-header X-C "%[int(3),mul(txn.n)] %[int(3),sub(txn.n)] %[var(txn.n),add(1)] %[int(9),mod(txn.n)]"
    acl counted var(sess.hits),add(1),set-var(sess.hits) -m found
    http-request set-header X-D "%[var(sess.hits)]" if counted
    use_backend b if { req.hdr(x-n),set-var(txn.switched) -m found }
    http-response set-header X-E "%[var(txn.switched)] %[var(txn.backend)]"
"""
    pair = twins(text(rules, backend="    http-request set-var(txn.backend) be_name\n"), servers={"A": echo})

    def script(side):
        with side.client() as client:
            return [Seen.of(client.request("/a/b", headers=[("X-N", n)])) for n in ("4", "0", "x", "", "-7")]

    pair.agree(script)


def test_what_the_process_remembers_is_everybodys(twins):
    rules = "    http-request set-var(proc.last) path if { method POST }\n    http-request set-var(proc.once,ifnotset) path\n"
    pair = twins(text(rules + show("request", ["proc.last", "proc.once", "proc.both"])), servers={"A": echo})
    pair.agree(lambda side: [side.get("/1"), side.get("/2", method="POST"), side.get("/3"), side.get("/4", method="POST"), side.get("/5")])


def test_values_survive_another_attempt_and_large_ones_fit(twins):
    rules = '    http-request set-var(txn.big) req.hdr(x-big)\n    http-request set-var(sess.big) req.hdr(x-big)\n    http-request set-header X-Now "%[var(txn.big),length] %[var(sess.big),length]"\n    http-response set-header X-Then "%[var(txn.big),length]"'
    pair = twins(text(rules), servers={"A": echo})
    pair.agree(lambda side: [side.get("/", headers=[("X-Big", "x" * size)]) for size in (1, 900, 3000, 7000)])


def test_a_request_knows_nothing_of_those_before(twins):
    """Also where they share a connection, and what kept the variables of one keeps those of the next."""
    rules = (
        "    http-request set-var(txn.mine) req.hdr(x-mine) if { path_beg /set }\n"
        "    http-request set-var(req.other) str(other) if { path_beg /other }\n"
        + show("request", ["txn.mine", "req.other"]) + "\n" + show("response", ["txn.mine", "req.other"])
    )  # fmt: skip
    pair = twins(text(rules), servers={"A": echo})

    def script(side):
        seen = []
        with side.client() as client, side.client() as another:
            for size in (1, 3000, 5):
                for path in ("/set", "/", "/other", "/set/again", "/other"):
                    for peer in (client, another):
                        seen.append(Seen.of(peer.request(path, headers=[("X-Mine", path[1:2] * size)])))
        return seen

    pair.agree(script)
