#!/usr/bin/env python3
"""What counters cost a request: user instructions of one small keep-alive GET through `sluice proxy`, without rules and with
what people write most, a tracked address and a check of its rate.

    Tests/Benchmarks/tracking.py          # a minute

The first figures were 1,100 for a rule that does not apply, 4,900 for tracking and 5,900 for tracking and a check; now 1,000, 4,000 and 4,400. The bar is
that they do not get worse. What is aimed at, 1 us, is a matter of the clock: `tables/run.sh` measures the table alone by it.
"""

import sys
import types

import instructions
import proxies
import stage as stages

FILE = """
defaults
    mode http
    timeout client 30s
    timeout connect 5s
    timeout server 30s
frontend f
    bind 127.0.0.1:{http}
{rules}    default_backend b
backend b
    server s 127.0.0.1:{backend}
backend t
    stick-table type ip size 100k expire 1m store http_req_rate(10s),conn_cur
"""
RULES = {
    "without": "",
    "a rule": "    http-request deny deny_status 429 if { req.hdr(x-none) -m found }\n",
    "tracked": "    http-request track-sc0 src table t\n",
    "tracked and checked": (
        "    http-request track-sc0 src table t\n"
        "    http-request deny deny_status 429 if { sc_http_req_rate(0) gt 1000000 }\n"),
    "connection tracked and checked": (
        "    tcp-request connection track-sc0 src table t\n"
        "    http-request deny deny_status 429 if { sc_http_req_rate(0) gt 1000000 }\n"),
}  # fmt: skip
BAR = 5000


def maker(rules):
    def make(stage, wrapper=()):
        http = stage.port()
        text = FILE.format(http=http, backend=stage.backend_port, rules=rules)
        path = stage.write("tracking.cfg", text)
        command = [*wrapper, proxies.default_binary(), "proxy", "-f", path, "--workers", "1", "--access-log", "stdout"]
        return proxies.Proxy("sluice", stage, command, text, http, None, stage.path("sluice-tracking.access"))

    return make


def main():
    options = types.SimpleNamespace(tls=False, path="/small", connections=16, lengths=[1000, 3000])
    costs = {}
    for name, rules in RULES.items():
        with stages.Stage(1) as stage:
            costs[name] = instructions.profile(stage, maker(rules), options).instructions()
        print(f"{name:32} {costs[name]:8.0f}  {costs[name] - costs['without']:+6.0f}")
    return 1 if costs["tracked and checked"] - costs["without"] > BAR else 0


if __name__ == "__main__":
    sys.exit(main())
