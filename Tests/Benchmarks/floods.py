#!/usr/bin/python3
"""Whether one hostile client makes the others wait, or makes sluice grow.

    Tests/Benchmarks/floods.py                             # every flood, about five minutes
    Tests/Benchmarks/floods.py --kinds rapid-reset,ping --rounds 1 --seconds 2

Paced clients ask while nothing else happens and while one client floods (`flooder.py`), in turn; the bars are for the
others' p99 and for memory. See README.md in this folder.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import threading
import time
from urllib.request import urlopen

import flooder
import load
import proxies
import stage as stages

DOWNLOADS = """\
daemon off;
worker_processes 1;
pid {folder}/downloads.pid;
error_log {folder}/downloads.err warn;
events {{ worker_connections 9000; }}
http {{
  access_log off;
  sendfile on;
  keepalive_requests 1000000000;
  {temp}
  server {{
    listen 127.0.0.1:{port} backlog=4096;
    root {folder}/files;
    location = /small {{ return 200 "{small}"; }}
  }}
}}
"""
FIRST = ("chrt", "-f", "1")  # the others, and their server, run before whatever else wants their core
RATE = 1000  # paced requests per second of the others
CONNECTIONS = 20  # theirs
P99_BAR = 2.0  # times the p99 without a flood, the median of all idle rounds so far
FLOOR = 1.0  # milliseconds: below it a p99 is good, whatever the ratio says
MEMORY_BAR = 64 << 20  # bytes that resident memory may grow by while a flood runs


class Memory:
    """Watches the resident memory of a process; leaving the `with` block ends that."""

    def __init__(self, pid):
        self._pid, self._ends = pid, threading.Event()
        self.before = self.peak = self.after = self.resident()
        self._thread = threading.Thread(target=self._watch)

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._ends.set()
        self._thread.join()
        self.after = self.resident()

    def resident(self):
        with open(f"/proc/{self._pid}/statm") as file:
            return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")

    def _watch(self):
        while not self._ends.wait(0.05):
            self.peak = max(self.peak, self.resident())


def counters(proxy):
    """Every counter of the metrics page."""
    with urlopen(f"http://127.0.0.1:{proxy.ops}/metrics", timeout=10) as page:
        lines = page.read().decode().splitlines()
    pairs = (line.rsplit(" ", 1) for line in lines if not line.startswith("#"))
    return {name: float(value) for name, value in pairs if "_total" in name}


def rose(before, after):
    """What tells of the flood: faults, refusals, answers that are no 2xx."""
    changes = {name: after[name] - before.get(name, 0) for name in after if after[name] > before.get(name, 0)}
    silent = ("bytes", 'status="2xx"', 'class="2xx"', "process_cpu", "log_", "reuses", "idle")
    return {name.removeprefix("sluice_"): int(value) for name, value in changes.items()
            if not any(word in name for word in silent)}


def serve_downloads(stage):
    """The server of what floods download and pipeline, at idle priority as they are, and the way to it.

    The others' own server runs before whatever else wants its core, which is theirs too: kept busy, it and not the proxy is
    what they wait for."""
    port = stage.port()
    small = stages.SMALL.decode().replace("\n", "\\n")
    configuration = stage.write("downloads.conf", DOWNLOADS.format(
        folder=stage.folder, port=port, small=small, temp=stages.nginx_temporary_paths(stage.folder, "downloads")))
    stage.start(["chrt", "-i", "0", "nginx", "-e", stage.path("downloads.err"), "-c", configuration], "downloads")
    service = proxies.SERVICE.format(backend=port).replace("name: backend", "name: downloads")
    ingress = proxies.INGRESS.format(name="downloads", host=flooder.FILES).replace("{name: backend,", "{name: downloads,")
    stage.write("manifests-sluice/downloads.yaml", service + ingress)


def paced(stage, proxy, seconds):
    """(latencies in ms, sorted; failures) of the others."""
    result = load.paced(stage, proxy.http, stages.PLAIN_HOST, RATE, seconds, CONNECTIONS, FIRST)
    proxy.tidy()
    return result


def measure(stage, proxy, kind, calm, options):
    """Idle and flooded rounds of one kind, in turn; `calm` is every idle round of the run so far."""
    idle, flooded, floods, failed = [], [], [], 0
    before = counters(proxy)
    with Memory(proxy.process.pid) as memory:
        for _ in range(options.rounds):
            latencies, failures = paced(stage, proxy, options.seconds)
            idle.append(latencies)
            failed += failures
            command = [sys.executable, os.path.join(stages.HERE, "flooder.py"), kind, str(proxy.http)]
            attacker = subprocess.Popen(command + [f"{options.seconds + 1.5:g}"], stdout=subprocess.PIPE, text=True)
            stage.processes.append(attacker)
            time.sleep(1)  # it has all its connections
            latencies, failures = paced(stage, proxy, options.seconds)
            flooded.append(latencies)
            failed += failures
            floods.append(json.loads(attacker.communicate(timeout=60)[0]))
        time.sleep(0.5)
    row = {"failed": failed, "before": memory.before, "peak": memory.peak, "after": memory.after,
           "rose": rose(before, counters(proxy)), "floods": floods}
    for name, rounds in (("idle", idle), ("flooded", flooded)):
        for point in (0.5, 0.99):
            row[f"{name}_p{point * 100:.0f}"] = statistics.median(load.percentile(sample, point) for sample in rounds)
    calm += idle
    row["bar"] = P99_BAR * statistics.median(load.percentile(sample, 0.99) for sample in calm)
    row["pass"] = judge(row)
    return row


def judge(row):
    fast = row["flooded_p99"] <= max(row["bar"], FLOOR)
    return fast and row["peak"] - row["before"] <= MEMORY_BAR and not row["failed"]


def show(kind, row):
    mebibytes = " ".join(f"{row[name] / (1 << 20):5.0f}" for name in ("before", "peak", "after"))
    flood = {name: sum(f[name] for f in row["floods"]) for name in row["floods"][0]}
    print(f"  {kind:20} {row['idle_p50']:6.2f} {row['idle_p99']:6.2f} {row['flooded_p50']:8.2f} {row['flooded_p99']:6.2f}  "
          f"{mebibytes}  {'PASS' if row['pass'] else 'FAIL'}{'  failed ' + str(row['failed']) if row['failed'] else ''}")
    print(f"      {flood['connections']:,} connections, {flood['closed']:,} closed by us, "
          f"{flood['sent'] / (1 << 20):,.0f} MiB sent; " + ", ".join(f"{name} {value:,}" for name, value in row["rose"].items()),
          flush=True)


def favour(process):
    """Runs a process and its children before whatever else wants their core."""
    with open(f"/proc/{process.pid}/task/{process.pid}/children") as file:
        for pid in [process.pid, *map(int, file.read().split())]:
            os.sched_setscheduler(pid, os.SCHED_FIFO, os.sched_param(1))


def separate():
    """Everything but the proxy on the last core; the prefix that starts the proxy on the others."""
    cores = sorted(os.sched_getaffinity(0))
    if len(cores) < 2:
        print("One core: flood, clients, backend and proxy share it.")
        return ()
    os.sched_setaffinity(0, cores[-1:])
    print(f"The proxy has core {cores[0]} to itself; clients, backend and, at idle priority and {flooder.SHARE:.0%} of its time,"
          f" the flood share core {cores[-1]}.")
    return ("taskset", "-c", str(cores[0]))


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kinds", help=f"comma-separated; default all: {','.join(flooder.KINDS)}")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=int, default=2, help="length of one sample")
    parser.add_argument("--binary", help="the sluice to measure (default: SLUICE, or .build/release/sluice)")
    parser.add_argument("--json", metavar="FILE", help="also write everything as JSON")
    options = parser.parse_args()
    unknown = set((options.kinds or "").split(",")) - set(flooder.KINDS) - {""}
    if unknown:
        parser.error(f"unknown: {', '.join(sorted(unknown))}")
    return options


def main():
    options, results = arguments(), {}
    kinds = options.kinds.split(",") if options.kinds else list(flooder.KINDS)
    wrapper = separate()
    print(f"{RATE} req/s of the others on {CONNECTIONS} connections, {options.rounds} rounds of {options.seconds} s; "
          f"bars: p99 {P99_BAR:g} x idle or {FLOOR:g} ms, {MEMORY_BAR >> 20} MiB more, no failed request")
    print(f"  {'':20} idle p50    p99  flood p50    p99  RSS before, peak, after [MiB]")
    with stages.Stage(hosts=10) as stage:
        favour(stage.backend)
        serve_downloads(stage)
        proxy = proxies.sluice(stage, options.binary, wrapper).start()
        paced(stage, proxy, 1)  # memory and pools are as they will be
        calm = [paced(stage, proxy, options.seconds)[0] for _ in range(3)]
        for kind in kinds:
            results[kind] = measure(stage, proxy, kind, calm, options)
            show(kind, results[kind])
        if proxy.process.poll() is not None:
            raise stages.Failure(f"sluice ended: {stages.tail(stage.path('sluice.err'))}")
    if options.json:
        with open(options.json, "w") as file:
            json.dump(results, file, indent=1)
    missed = [kind for kind in kinds if not results[kind]["pass"]]
    print(f"\nMissed: {', '.join(missed)}" if missed else "\nEvery bar holds.")
    return 1 if missed else 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except stages.Failure as failure:
        sys.exit(f"floods.py: {failure}")
