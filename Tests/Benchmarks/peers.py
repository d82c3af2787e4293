#!/usr/bin/env python3
"""Runs sluice, haproxy and nginx in alternation against one backend and prints what each costs.

    Tests/Benchmarks/peers.py                      # everything, about ten minutes
    Tests/Benchmarks/peers.py --quick              # does it work at all, under a minute
    Tests/Benchmarks/peers.py --cases small,tls --rounds 3 --seconds 2 --json out.json
    Tests/Benchmarks/peers.py --before OLD --peers sluice --rounds 9   # what changed since that binary

The main figure is CPU time of the proxy per request: requests per second say little when generator, proxy and
backend share the cores. Ratios are taken between neighbours of the same round, then the median of the rounds.
See README.md in this folder.
"""

import argparse
import json
import math
import os
import shlex
import statistics
import sys
import time
from dataclasses import dataclass, field

import load
import proxies
import stage as stages

REFERENCE = "haproxy"
BEFORE = "sluice-before"
GROWTH_BAR = 1.03  # of what the binary given as `--before` needs


@dataclass
class Case:
    """One thing to measure; `measure(proxy, run)` returns a dictionary with at least `value` and `failed`."""

    name: str
    title: str
    unit: str
    measure: object
    ratio_bar: float = None  # highest allowed ratio to HAProxy in the same round
    nginx_bar: float = None  # the same to nginx
    value_bar: float = None  # highest allowed value of sluice itself
    fresh: bool = False  # needs newly started processes (memory)
    secondary: list = field(default_factory=list)  # further keys of the sample worth showing
    cached: bool = False  # needs processes with a cache, which are compared with HAProxy's alone
    quick: bool = True  # is part of the smoke test


@dataclass
class Run:
    stage: stages.Stage
    seconds: float
    quick: bool
    binary: str
    rate: float = 0  # of the paced case, found once from HAProxy


def cpu_per_request(proxy, generate):
    """Microseconds of the proxy's CPU per request that `generate()` reports."""
    before, shares = proxy.cpu(), proxy.user_share()
    result = generate()
    time.sleep(0.15)  # what it still writes or closes belongs to the bill
    used, after = proxy.cpu() - before, proxy.user_share()
    proxy.tidy()
    count = max(result["requests"], 1)
    result["value"] = used / count * 1e6 if result["requests"] else float("nan")
    result["user"], result["system"] = ((after[i] - shares[i]) / count * 1e6 for i in (0, 1))
    if "seconds" in result:
        result["rate"] = result["requests"] / result["seconds"]
    return result


def closed_loop(path, connections=64, tls=False, **options):
    host = stages.TLS_HOSTS["ec"][1] if tls else stages.PLAIN_HOST

    def measure(proxy, run):
        url = f"https://localhost:{proxy.https}{path}" if tls else f"http://127.0.0.1:{proxy.http}{path}"
        return cpu_per_request(
            proxy, lambda: load.wrk(run.stage, url, host, run.seconds, connections, **options))

    return measure


def streams(tls=False, count=64):
    """One HTTP/2 connection with so many streams at once."""

    def measure(proxy, run):
        port, host = (proxy.https, stages.TLS_HOSTS["ec"][0]) if tls else (proxy.h2c, stages.PLAIN_HOST)
        return cpu_per_request(proxy, lambda: load.h2load_streams(port, host, run.seconds, count, tls=tls))

    return measure


def to_http2(path, tls=False, connections=64, **options):
    """Clients of HTTP/1.1, a server of HTTP/2: what travels there shares connections. nginx has this for gRPC alone."""

    def measure(proxy, run):
        other = proxy.to_http2()
        if other is None:
            return {"value": float("nan"), "failed": 0, "requests": 0, "note": "no HTTP/2 to servers"}
        url = f"http://127.0.0.1:{other.https if tls else other.http}{path}"
        return cpu_per_request(
            other, lambda: load.wrk(run.stage, url, stages.PLAIN_HOST, run.seconds, connections, **options))

    return measure


def tcp(path, connections=64, **options):
    """The same through a port of mode tcp: the proxy moves bytes and looks at none. nginx has no such port here."""
    def measure(proxy, run):
        if proxy.tcp is None:
            return {"value": float("nan"), "failed": 0, "requests": 0, "note": "no TCP port"}
        url = f"http://127.0.0.1:{proxy.tcp}{path}"
        return cpu_per_request(
            proxy, lambda: load.wrk(run.stage, url, stages.PLAIN_HOST, run.seconds, connections, **options))

    return measure


def handshake(kind, resumed=False):
    def measure(proxy, run):
        host = stages.TLS_HOSTS[kind][0]
        result = cpu_per_request(
            proxy, lambda: load.handshakes(run.stage, proxy.https, host, run.seconds, resumed))
        if resumed and result["resumed"] < 0.9 * result["requests"] - 16:
            result["note"] = f"only {result['resumed']} of {result['requests']} resumed"
        return result

    return measure


def idle(count, tls=False):
    """PSS growth per connection. Some connections are opened before, so that pools and tables have been made."""

    def measure(proxy, run):
        number = count // 10 if run.quick else count
        port, host = (proxy.https, stages.TLS_HOSTS["ec"][0]) if tls else (proxy.http, stages.PLAIN_HOST)
        load.h2load_count(proxy.http, stages.PLAIN_HOST, 1000, 64)
        load.IdleConnections(port, host, 64, tls).close()
        time.sleep(0.3)
        before = proxy.pss()
        connections = load.IdleConnections(port, host, number, tls)
        time.sleep(0.5)
        growth = proxy.pss() - before
        connections.close()
        return {"value": growth / number, "requests": number, "failed": connections.failed}

    return measure


def system_calls(proxy, run):
    lengths = (500, 1500) if run.quick else (1000, 5000)
    counts = load.system_calls_per_request(run.stage, proxy.pids(), proxy.http, stages.PLAIN_HOST, *lengths)
    proxy.tidy()
    common = sorted(counts.items(), key=lambda item: -item[1])[:6]
    note = ", ".join(f"{name} {count:.2f}" for name, count in common)
    return {"value": sum(counts.values()), "failed": 0, "requests": lengths[1], "note": note}


def paced(proxy, run):
    def generate():
        latencies, failed = load.h2load_paced(run.stage, proxy.http, stages.PLAIN_HOST, run.rate, run.seconds)
        return {"requests": len(latencies), "failed": failed, "rate": run.rate,
                "p50": load.percentile(latencies, 0.5), "p99": load.percentile(latencies, 0.99)}

    return cpu_per_request(proxy, generate)


def find_rate(run, proxy):
    """Half of what the reference answers in a closed loop: the pace of the latency case for everybody."""
    url = f"http://127.0.0.1:{proxy.http}/small"
    result = load.wrk(run.stage, url, stages.PLAIN_HOST, 1, 64)
    run.rate = max(100, round(result["requests"] / result["seconds"] / 2, -2))


MICROSECONDS = "CPU µs/request"
CASES = [
    Case("small", "small keep-alive GET (100 B)", MICROSECONDS, closed_loop("/small"), 0.80),
    Case("10k", "10 kB keep-alive GET", MICROSECONDS, closed_loop("/files/10k"), 0.75),
    Case("1m", "1 MB keep-alive GET", MICROSECONDS, closed_loop("/files/1m", 16), 0.60),
    Case("post", "1 MB POST to a sink", MICROSECONDS, closed_loop("/sink", 16, post=True)),
    Case("close", "new connection per request", MICROSECONDS, closed_loop("/small", close=True), 0.80),
    Case("tcp", "mode tcp: small answers through open sessions", MICROSECONDS, tcp("/small")),
    Case("tcp-1m", "mode tcp: 1 MB from the server", MICROSECONDS, tcp("/files/1m", 16), 1.0),
    Case("tcp-post", "mode tcp: 1 MB to the server", MICROSECONDS, tcp("/sink", 16, post=True), 1.0),
    Case("tcp-close", "mode tcp: new session per request", MICROSECONDS, tcp("/small", close=True)),
    Case("tls", "TLS keep-alive small", MICROSECONDS, closed_loop("/small", tls=True), 0.85),
    Case("tls-10k", "TLS keep-alive 10 kB", MICROSECONDS, closed_loop("/files/10k", tls=True), 0.95, quick=False),
    Case("h2", "HTTP/2 over TLS, small GET, 1 connection, 64 streams", MICROSECONDS, streams(tls=True), 0.85, 0.85),
    Case("h2c", "HTTP/2 in cleartext, the same", MICROSECONDS, streams(), 0.85, 0.85),
    Case("to-h2c", "small GET to a server of HTTP/2 without TLS", MICROSECONDS, to_http2("/small"), 0.85),
    Case("to-h2", "small GET to a server of HTTP/2 over TLS", MICROSECONDS, to_http2("/small", tls=True), 0.85),
    Case("to-h2-10k", "10 kB GET to a server of HTTP/2 over TLS", MICROSECONDS, to_http2("/files/10k", tls=True), 0.95),
    Case("rsa", "TLS handshake RSA-2048 + 1 request", MICROSECONDS, handshake("rsa"), 1.0, quick=False),
    Case("p256", "TLS handshake P-256 + 1 request", MICROSECONDS, handshake("ec"), 1.0),
    Case("resumed", "TLS resumption + 1 request", MICROSECONDS, handshake("ec", resumed=True), 1.0),
    Case("paced", "paced at half load: CPU", MICROSECONDS, paced, secondary=["p50", "p99"]),
    Case("cached", "10 kB GET answered from the cache", MICROSECONDS, closed_loop("/files/10k"), 1.0, cached=True),
    Case("syscalls", "system calls per small GET", "calls", system_calls, value_bar=4.2),
    Case("idle", "idle connection (9,000): PSS", "bytes", idle(9000), value_bar=300, fresh=True),
    Case("idle-tls", "idle TLS connection (3,000): PSS", "bytes", idle(3000, tls=True), value_bar=16000, fresh=True),
]


def run_case(case, run, makers, started, rounds, report):
    """All rounds of one case: A/B/C/A/B/C. Returns {proxy: [sample per round]}."""
    if case.cached:
        makers = {name: make for name, make in makers.items() if name in ("sluice", REFERENCE)}
        started = {name: proxies.cached(run.stage, name, run.binary).start() for name in makers}
    samples = {name: [] for name in makers}
    for _ in range(1 if case.fresh or case.name == "syscalls" else rounds):
        for name, make in makers.items():
            proxy = make(run.stage).start() if case.fresh else started[name]
            try:
                sample = case.measure(proxy, run)
            except (stages.Failure, OSError) as problem:
                sample = {"value": float("nan"), "failed": 1, "requests": 0, "note": f"FAILED: {problem}"}
            samples[name].append(sample)
            report(f"  {case.name} {name}: {sample['value']:.1f}{' failed ' + str(sample['failed']) if sample['failed'] else ''}")
            if case.fresh:
                proxy.stop()
    if case.cached:
        for proxy in started.values():
            proxy.stop()
    return samples


def summarize(case, samples):
    """Per proxy: median, spread, ratio to the reference in the same round, and whether the bar holds."""
    rows = {}
    for name, rounds in samples.items():
        values = [sample["value"] for sample in rounds]
        row = {"median": statistics.median(values), "low": min(values), "high": max(values),
               "failed": sum(sample["failed"] for sample in rounds), "samples": rounds}
        row["ratio"] = median_ratio(rounds, samples.get(REFERENCE, []))
        if case.nginx_bar is not None:
            row["nginx_ratio"] = median_ratio(rounds, samples.get("nginx", []))
        for key in ["rate", *case.secondary]:
            found = [sample[key] for sample in rounds if key in sample]
            if found:
                row[key] = statistics.median(found)
        row["note"] = next((sample["note"] for sample in rounds if "note" in sample), "")
        if name == "sluice":
            row["growth"] = median_ratio(rounds, samples.get(BEFORE, []))
            row["pass"] = judge(case, row)
        rows[name] = row
    return rows


def median_ratio(rounds, others):
    """The median of the ratios to another peer in the same rounds; None without any."""
    ratios = [a["value"] / b["value"] for a, b in zip(rounds, others) if b["value"]]
    ratios = [ratio for ratio in ratios if not math.isnan(ratio)]  # a peer without such a port
    return statistics.median(ratios) if ratios else None


def judge(case, row):
    """True, False, or None where no bar applies. A failed request fails the case."""
    if row["failed"]:
        return False
    if case.value_bar is not None:
        return row["median"] <= case.value_bar
    bars = [(row["ratio"], case.ratio_bar), (row.get("nginx_ratio"), case.nginx_bar), (row["growth"], GROWTH_BAR)]
    verdicts = [found <= bar for found, bar in bars if found is not None and bar is not None]
    return all(verdicts) if verdicts else None


def print_case(case, rows):
    bar = f"ratio <= {case.ratio_bar:.2f}" if case.ratio_bar else ""
    bar += f", to nginx <= {case.nginx_bar:.2f}" if case.nginx_bar else ""
    bar = f"<= {case.value_bar:g} {case.unit}" if case.value_bar else bar
    print(f"\n{case.title}  [{case.unit}]{'  bar: ' + bar if bar else ''}")
    print(f"  {'':12} {'median':>9} {'low':>9} {'high':>9} {'ratio':>6} {'req/s':>8}")
    for name, row in rows.items():
        ratio = f"{row['ratio']:.2f}" if row.get("ratio") is not None else "-"
        rate = f"{row['rate']:.0f}" if "rate" in row else "-"
        extra = "".join(f"  {key} {row[key]:.2f} ms" for key in case.secondary if key in row)
        extra += f"  to nginx {row['nginx_ratio']:.2f}" if row.get("nginx_ratio") is not None else ""
        extra += f"  to before {row['growth']:.3f}" if row.get("growth") is not None else ""
        extra += f"  failed {row['failed']}" if row["failed"] else ""
        extra += f"  ({row['note']})" if row["note"] else ""
        verdict = {True: "  PASS", False: "  FAIL"}.get(row.get("pass"), "")
        print(f"  {name:12} {row['median']:9.1f} {row['low']:9.1f} {row['high']:9.1f} {ratio:>6} {rate:>8}{verdict}{extra}")
    sys.stdout.flush()


def print_configuration(makers, stage, run):
    print("\nHow they were run")
    print(f"  {os.cpu_count()} cores shared by generator, proxy and backend; routing table of {stage.hosts} hosts; "
          f"{run.seconds:g} s per sample")
    print("  sluice: metrics on, access log to stdout, which is a file on tmpfs; haproxy: no log, two forwarding headers;")
    print("  haproxy-log: the headers sluice sets and httplog to a local UDP sink; nginx: access log off.")
    for make in makers.values():
        proxy = make(stage)
        print(f"\n--- {proxy.name}: {shlex.join(map(str, proxy.command))}\n{proxy.configuration}")


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    names = [case.name for case in CASES]
    parser.add_argument("--cases", help=f"comma-separated; default all: {','.join(names)}")
    parser.add_argument("--peers", help=f"comma-separated; default all of {','.join(proxies.PEERS)}")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=int, default=2, help="length of one sample (whole seconds)")
    parser.add_argument("--hosts", type=int, default=1000, help="size of everybody's routing table")
    parser.add_argument("--binary", help="the sluice to measure (default: SLUICE, or .build/release/sluice)")
    parser.add_argument("--before", metavar="BINARY", help="an earlier sluice, which ours may not exceed by more than 3 %%")
    parser.add_argument("--quick", action="store_true", help="one short round of most cases against haproxy only: a smoke test")
    parser.add_argument("--json", metavar="FILE", help="also write everything as JSON ('-' is stdout)")
    parser.add_argument("--configurations", action="store_true", help="print the full configuration of each peer")
    options = parser.parse_args()
    unknown = set((options.cases or "").split(",")) - set(names) - {""}
    unknown |= set((options.peers or "").split(",")) - set(proxies.PEERS) - {""}
    if unknown:
        parser.error(f"unknown: {', '.join(sorted(unknown))}")
    return options


def choose_peers(options):
    """The peers asked for; sluice is left out, aloud, when there is no binary."""
    every = ["sluice", REFERENCE] if options.quick else list(proxies.PEERS)
    wanted = options.peers.split(",") if options.peers else every
    makers = {name: proxies.PEERS[name] for name in wanted}
    if "sluice" in makers:
        binary = options.binary or proxies.default_binary()
        makers["sluice"] = lambda stage: proxies.sluice(stage, binary)
        if not os.access(binary, os.X_OK):
            print(f"no sluice at {binary} (swift build -c release --static-swift-stdlib --product sluice): peers only",
                  file=sys.stderr)
            del makers["sluice"]
    if options.before:
        makers[BEFORE] = lambda stage: proxies.sluice(stage, options.before, name=BEFORE)
    return makers


def main():
    options = arguments()
    makers = choose_peers(options)
    asked = options.cases.split(",") if options.cases else [case.name for case in CASES if case.quick or not options.quick]
    cases = [case for case in CASES if case.name in asked]
    rounds, seconds, hosts = (1, 1, 20) if options.quick else (options.rounds, options.seconds, options.hosts)
    quiet = (lambda text: print(text, file=sys.stderr, flush=True)) if sys.stderr.isatty() else (lambda text: None)
    table = {}
    with stages.Stage(hosts) as stage:
        run = Run(stage, seconds, options.quick, options.binary or proxies.default_binary())
        started = {}
        if any(not case.fresh and not case.cached for case in cases):
            started = {name: make(stage).start() for name, make in makers.items()}
            if any(case.name == "paced" for case in cases):
                find_rate(run, started.get(REFERENCE) or next(iter(started.values())))
        for case in cases:
            rows = summarize(case, run_case(case, run, makers, started, rounds, quiet))
            print_case(case, rows)
            table[case.name] = {"title": case.title, "unit": case.unit, "ratio_bar": case.ratio_bar,
                                "value_bar": case.value_bar, "peers": rows}
        if options.configurations:
            print_configuration(makers, stage, run)
    if options.json:
        with sys.stdout if options.json == "-" else open(options.json, "w") as file:
            json.dump(table, file, indent=1)
    if "sluice" not in makers:
        print("\nsluice was not measured: no bar was checked")
        return 0
    failed = [name for name, case in table.items() if case["peers"]["sluice"].get("pass") is False]
    print("\nbars missed: " + ", ".join(failed) if failed else "\nno bar missed")
    return 1 if failed else 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except stages.Failure as problem:
        sys.exit(f"peers: {problem}")
