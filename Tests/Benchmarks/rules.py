#!/usr/bin/env python3
"""What rules, ACLs and maps of an haproxy.cfg add to a request, here and in haproxy: the same file, with lines and without.

    Tests/Benchmarks/rules.py                   # about four minutes
    Tests/Benchmarks/rules.py --rounds 15       # for a machine that is not quiet
    Tests/Benchmarks/rules.py --quick           # does it work at all

The clock's figure is CPU time per request, with the lines less without them, in the same round. Next to it stand user instructions, counted by
callgrind, which do not depend on what else the machine does. See README.md in this folder.
"""

import argparse
import os
import statistics
import sys
import types

import instructions
import load
import peers
import proxies
import stage as stages

FILE = """\
global
  nbthread 1
  maxconn 9500
defaults
  mode http
  timeout connect 5s
  timeout client 75s
  timeout server 60s
  http-reuse always
frontend f
  bind 127.0.0.1:{http}
{lines}
  default_backend b
backend b
  server s 127.0.0.1:{backend}
"""
PEERS = ("sluice", "haproxy")
FIELDS = ("User-Agent: Mozilla/5.0 (X11; Linux x86_64) bench", "Accept: text/html", "Cookie: session=0123456789abcdef")
RULES, ACLS, ENTRIES = 50, 100, 10_000
# What a hundred conditions ask, in turn; no request of ours fulfils one.
QUESTIONS = [
    "path_beg /section{i}/", "path_end .e{i}", "req.hdr(x-kind-{i}) -m found", "hdr(host) -i host{i}.test", "src 10.{i}.0.0/16",
    "path_reg ^/items/[0-9]+/{i}$", "method DELETE", "hdr_sub(user-agent) crawler{i}", "cook(other) -m str c{i}", "url_param(v) {i}",
]  # fmt: skip
# What fifty rules do where the conditions hold, in turn: each asks two of the hundred.
ACTIONS = [
    "deny deny_status 403", "set-header X-Rule-{i} yes", "set-var(txn.v{i}) str(yes)", "del-header X-Other-{i}", "redirect location /elsewhere/{i}",
]  # fmt: skip
# Lookups in a map of ten thousand lines: the key is there in the first and third, in the second only its beginning.
MAPS = {
    "a map of strings": "http-request set-var(txn.found) hdr(host),lower,map_str({folder}/strings.map,none)",
    "a map of beginnings": "http-request set-var(txn.found) path,map_beg({folder}/beginnings.map,none)",
    "a map of addresses": "http-request set-var(txn.found) src,map_ip({folder}/addresses.map,none)",
}
LINES = "50 rules with 100 ACLs"
RATIO_BARS = {LINES: 0.6, **dict.fromkeys(MAPS, 1.0)}


def lines(stage):
    """The lines of each case."""
    acls = [f"  acl a{i} " + QUESTIONS[i % len(QUESTIONS)].format(i=i) for i in range(ACLS)]
    rules = [f"  http-request {ACTIONS[i % len(ACTIONS)].format(i=i)} if a{2 * i} || a{2 * i + 1}" for i in range(RULES)]
    folder = os.path.dirname(write_maps(stage))
    return {"": "", LINES: "\n".join(acls + rules), **{name: "  " + line.format(folder=folder) for name, line in MAPS.items()}}


def write_maps(stage):
    """Three files; the path of the last."""
    others = range(ENTRIES - 1)
    stage.write("strings.map", "".join(f"host{i}.bench.test value{i}\n" for i in others) + f"{stages.PLAIN_HOST} here\n")
    stage.write("beginnings.map", "".join(f"/section{i}/ value{i}\n" for i in others) + "/sma here\n")
    return stage.write("addresses.map", "".join(f"10.{i // 250}.{i % 250}.0/24 value{i}\n" for i in others) + "127.0.0.0/8 here\n")


def proxy(stage, peer, text, options, wrapper=()):
    """A process of either, with the lines."""
    http = stage.port()
    text = FILE.format(http=http, backend=stage.backend_port, lines=text)
    path = stage.write(f"rules-{http}.cfg", text)
    if peer == "haproxy":
        return proxies.Proxy(peer, stage, [*wrapper, "haproxy", "-db", "-f", path], text, http, None)
    command = [*wrapper, options.binary, "proxy", "-f", path, "--workers", "1", "--access-log", "stdout"]
    return proxies.Proxy(peer, stage, command, text, http, None, stage.path(f"sluice-{http}.access"))


def counted(case, peer, options):
    """User instructions of one request. callgrind's files want a folder of their own."""
    asked = types.SimpleNamespace(tls=False, path="/small", connections=16, lengths=[500, 1500] if options.quick else [1000, 3000])
    with stages.Stage(1) as stage:
        text = lines(stage)[case]
        return instructions.profile(stage, lambda stage, wrapper=(): proxy(stage, peer, text, options, wrapper), asked).instructions()


def timed(stage, cases, options):
    """CPU microseconds per request of each case and peer, a list with a value for each round."""
    running = {(case, peer): proxy(stage, peer, text, options).start() for case, text in cases.items() for peer in PEERS}
    found = {key: [] for key in running}
    failed = 0
    for _ in range(options.rounds):
        for key, process in running.items():
            url = f"http://127.0.0.1:{process.http}/small"
            sample = peers.cpu_per_request(
                process, lambda url=url: load.wrk(stage, url, stages.PLAIN_HOST, options.seconds, 64, fields=FIELDS))
            found[key].append(sample["value"])
            failed += sample["failed"]
    for process in running.values():
        process.stop()
    return found, failed


def compare(stage, options):
    cases = lines(stage)
    times, failed = timed(stage, cases, options)
    counts = {(case, peer): counted(case, peer, options) for case in cases for peer in PEERS}
    plain = {peer: (statistics.median(times["", peer]), counts["", peer]) for peer in PEERS}
    print("Without lines: " + ", ".join(f"{peer} {value:.2f} µs, {count:,.0f} instructions" for peer, (value, count) in plain.items()))
    results, passed = {"failed": failed}, failed == 0
    for case, bar in RATIO_BARS.items():
        row = {peer: {
            "extra": statistics.median(a - b for a, b in zip(times[case, peer], times["", peer])),
            "instructions": counts[case, peer] - counts["", peer], "samples": times[case, peer]} for peer in PEERS}
        row["ratio"], row["counted"] = (row["sluice"][key] / row["haproxy"][key] for key in ("extra", "instructions"))
        # A lookup is a fraction of a microsecond, which the clock does not tell from noise: there instructions decide.
        judged = row["ratio"] if case == LINES else row["counted"]
        row["pass"] = judged <= bar
        passed = passed and row["pass"]
        results[case] = row
        print(f"\n{case} add, bar {bar} of haproxy's {'CPU' if case == LINES else 'instructions'}: {'PASS' if row['pass'] else 'FAIL'}")
        for peer in PEERS:
            print(f"  {peer:8} {row[peer]['extra']:7.2f} µs {row[peer]['instructions']:9,.0f} instructions")
        print(f"  ratio    {row['ratio']:7.2f}    {row['counted']:9.2f}", flush=True)
    print(f"\nfailed requests: {failed}")
    return results, passed


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--seconds", type=int, default=2, help="length of one sample (whole seconds)")
    parser.add_argument("--binary", default=proxies.default_binary(), help="default: SLUICE, or .build/release/sluice")
    parser.add_argument("--quick", action="store_true", help="one short round: a smoke test")
    parser.add_argument("--json", metavar="FILE")
    options = parser.parse_args()
    if options.quick:
        options.rounds, options.seconds = 1, 1
    if not os.access(options.binary, os.X_OK):
        parser.error(f"no sluice at {options.binary}")
    options.parts = "rules"
    return options


if __name__ == "__main__":
    try:
        sys.exit(stages.play({"rules": compare}, arguments()))
    except stages.Failure as problem:
        sys.exit(f"rules: {problem}")
