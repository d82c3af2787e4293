#!/usr/bin/python3
"""How fast a change in the cluster reaches the traffic, how fast a controller starts, and whether a roll is noticed.

    Tests/Benchmarks/propagation.py                        # everything, about three minutes
    Tests/Benchmarks/propagation.py --parts changes --ingresses 1000 --samples 20

The cluster is the API server simulator of Tests/Simulator. See README.md in this folder.
"""

import argparse
import os
import random
import subprocess
import sys
import time
from statistics import median

import cluster
import load
import proxies
import stage as stages
from cluster import objects
from simulator import issuers
from simulator.pki import Authority

PAIR = """\
daemon off;
worker_processes 1;
pid {folder}/pair.pid;
error_log {folder}/pair.err warn;
events {{ worker_connections 1000; }}
http {{
  access_log off;
  keepalive_timeout 600s;
  keepalive_requests 1000000000;
  {temp}
  server {{ listen 127.0.0.2:{port}; return 200 "A\\n"; }}
  server {{ listen 127.0.0.3:{port}; return 200 "B\\n"; }}
}}
"""
ADDRESS = {"A": "127.0.0.2", "B": "127.0.0.3"}
RATE = 500  # background requests per second
BARS = {"endpoints": (3, 10), "ingress": (10, 50), "certificate": (10, 50)}  # median and p99, milliseconds
SOLVER_BAR = 1000  # milliseconds, the worst
START_BARS = {5000: 1.5, 10000: 3.0}  # seconds from exec to ready
MEMORY_BAR = 100 << 20  # resident bytes at 5,000 Ingresses


class Background:
    """A steady stream of requests, whose failures are failures of the run."""

    def __init__(self, stage, port, host, seconds):
        self.requests = int(RATE * seconds / 10) * 10
        self._log = stage.path("background.log")
        if os.path.exists(self._log):
            os.remove(self._log)
        command = ["h2load", "--h1", "-n", str(self.requests), "-c10", "-t1", f"--rps={RATE // 10}"]
        command += [f"--log-file={self._log}", f"http://{host}:{port}/", f"--connect-to=127.0.0.1:{port}"]
        self.process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        stage.processes.append(self.process)

    def finish(self):
        """(requests, failed, p99 in ms) after the last answer."""
        self.process.wait(120)
        with open(self._log) as file:
            rows = [line.split("\t") for line in file]
        good = [row for row in rows if row[1] == "200"]
        latencies = sorted(int(row[2]) / 1000 for row in good)
        return self.requests, self.requests - len(good), load.percentile(latencies, 0.99)


def start_pair(stage):
    """Two servers that answer A and B on one port of two addresses; returns the port."""
    port = stage.port()
    configuration = stage.write("pair.conf", PAIR.format(
        folder=stage.folder, port=port, temp=stages.nginx_temporary_paths(stage.folder, "pair")))
    stage.start(["nginx", "-e", stage.path("pair.err"), "-c", configuration], "pair")
    return port


def probe_objects(port):
    """Per kind: the host that is probed, and the object for each of two states with the answer it must give."""
    authority = Authority()
    pairs = {state: authority.issue("cert.probe.test", ["cert.probe.test"]) for state in "AB"}
    slices = {state: objects.slice_of("moving", [objects.endpoint(address)], port) for state, address in ADDRESS.items()}
    ingresses = {state: objects.ingress("switching", "ingress.probe.test", f"to-{state.lower()}") for state in "AB"}
    secrets = {state: objects.tls_secret("cert", pair) for state, pair in pairs.items()}
    ders = {state: der(pair.certificate) for state, pair in pairs.items()}
    setup = [objects.service(name) for name in ("moving", "to-a", "to-b")]
    setup += [objects.slice_of(f"to-{state.lower()}", [objects.endpoint(a)], port) for state, a in ADDRESS.items()]
    setup += [objects.ingress("moving", "endpoints.probe.test", "moving")]
    setup += [objects.ingress("cert", "cert.probe.test", "to-a", tls_secret="cert")]
    setup += [slices["A"], ingresses["A"], secrets["A"]]
    same = {"A": "A", "B": "B"}
    return setup, {"endpoints": (slices, same), "ingress": (ingresses, same), "certificate": (secrets, ders)}


def der(pem):
    import ssl
    return ssl.PEM_cert_to_DER_cert(pem.decode())


def make_probe(kind, controller):
    if kind == "certificate":
        return cluster.CertificateProbe(controller.https, "cert.probe.test")
    return cluster.HttpProbe(controller.http, f"{kind}.probe.test")


def own_time(probe, times=50):
    """Median milliseconds of one question: what the probe adds to a measurement."""
    took = []
    for _ in range(times):
        began = time.monotonic()
        probe.ask()
        took.append((time.monotonic() - began) * 1000)
    return median(took)


def measure_kind(stage, api, controller, kind, states, answers, samples):
    """Lone changes, 120-200 ms apart, while the background runs."""
    probe = make_probe(kind, controller)
    for _ in range(200):  # the first state may still be on its way
        if probe.ask() == answers["A"]:
            break
        time.sleep(0.02)
    own = own_time(probe)
    background = Background(stage, controller.http, "h1.bulk.test", samples * 0.17 + 1)
    latencies, lost = [], 0
    for i in range(samples):
        time.sleep(random.uniform(0.12, 0.2))
        state = "B" if i % 2 == 0 else "A"
        seconds, _ = cluster.propagation(api, states[state], probe, answers[state])
        if seconds is None:
            lost += 1
        else:
            latencies.append(seconds * 1000)
    probe.close()
    requests, failed, p99 = background.finish()
    latencies.sort()
    return {"median": load.percentile(latencies, 0.5), "p99": load.percentile(latencies, 0.99),
            "max": latencies[-1] if latencies else None, "samples": samples, "lost": lost, "probe": own,
            "background": requests, "background_failed": failed, "background_p99": p99}


def changes(stage, options):
    """EndpointSlice, Ingress and certificate changes with many Ingresses loaded."""
    results, passed = {}, True
    port = start_pair(stage)
    setup, kinds = probe_objects(port)
    api = cluster.ApiServer(stage)
    api.load(options.ingresses, stage.backend_port)
    api.apply(*setup)
    controller = cluster.Controller(stage, api, options.binary, options.workers)
    controller.start()
    print(f"\nChange to first new answer, {options.ingresses:,} Ingresses, {RATE} req/s beside it  [ms]")
    print(f"  {'':12} {'median':>8} {'p99':>8} {'max':>8} {'probe':>7}  bar (median/p99)")
    for kind, (states, answers) in kinds.items():
        if kind not in options.kinds.split(","):
            continue
        row = measure_kind(stage, api, controller, kind, states, answers, options.samples)
        bars = BARS[kind]
        good = row["median"] <= bars[0] and row["p99"] <= bars[1] and not row["lost"] and not row["background_failed"]
        row["pass"], passed = good, passed and good
        print(f"  {kind:12} {row['median']:8.2f} {row['p99']:8.2f} {row['max'] or 0:8.2f} {row['probe']:7.2f}  "
              f"{bars[0]}/{bars[1]} {'PASS' if good else 'FAIL'}  lost {row['lost']} of {row['samples']}, background "
              f"failed {row['background_failed']} of {row['background']}, p99 {row['background_p99']:.1f} ms", flush=True)
        results[kind] = row
    results["metric"] = [line for line in metrics(controller) if line.startswith("sluice_propagation_seconds_")]
    controller.stop()
    api.stop()
    return results, passed


def solvers(stage, options):
    """Challenges of cert-manager: an Ingress, a Service and a slice that nobody has seen, on a host that sends everybody to HTTPS."""
    port = start_pair(stage)
    host, owner = "solver.probe.test", {"nginx.ingress.kubernetes.io/force-ssl-redirect": "true"}
    api = cluster.ApiServer(stage)
    api.load(options.ingresses, stage.backend_port)
    api.apply(objects.service("owner"), objects.ingress("owner", host, "owner", annotations=owner))
    controller = cluster.Controller(stage, api, options.binary, options.workers)
    controller.start()
    latencies, lost = [], 0
    for i in range(options.solvers):
        probe = cluster.HttpProbe(controller.http, host, f"{issuers.CHALLENGES}token{i}")
        before = probe.ask()
        parts = issuers.solver(host, f"token{i}", port, name=f"cm-acme-http-solver-{i}", address=ADDRESS["B"])
        # As cert-manager makes them: the path comes last.
        seconds, _ = cluster.propagation(api, parts[::-1], probe, "B")
        probe.close()
        if seconds is None or before == "B":
            lost += 1
        else:
            latencies.append(seconds * 1000)
    controller.stop()
    api.stop()
    worst = max(latencies, default=0.0)
    passed = not lost and worst <= SOLVER_BAR
    print(f"\nChallenge to answer, {options.ingresses:,} Ingresses: median {median(latencies or [0]):.1f} ms, worst {worst:.1f} of "
          f"{len(latencies)}, bar {SOLVER_BAR}, lost {lost}  {'PASS' if passed else 'FAIL'}", flush=True)
    return {"ms": latencies, "lost": lost, "pass": passed}, passed


def metrics(controller):
    from urllib.request import urlopen
    try:
        with urlopen(f"http://127.0.0.1:{controller.ops}/metrics", timeout=5) as answer:
            return answer.read().decode().splitlines()
    except OSError:
        return []


def fetch_lists(api):
    """Seconds that a client who only reads needs for the three lists: the simulator's part of a cold start."""
    import yaml
    with open(api.kubeconfig) as file:
        config = yaml.safe_load(file)
    token = config["users"][0]["user"]["token"]
    base = config["clusters"][0]["cluster"]["server"]
    paths = ("/apis/networking.k8s.io/v1/ingresses", "/api/v1/services", "/apis/discovery.k8s.io/v1/endpointslices")
    began = time.monotonic()
    command = ["curl", "-sk", "-H", f"Authorization: Bearer {token}", "-Z"]
    stages.run(command + [word for path in paths for word in ("-o", "/dev/null", base + path)])
    return time.monotonic() - began


def starts(stage, options):
    """Cold starts, from exec to /readyz 200, and memory a second later."""
    results, passed = {}, True
    for count in (int(number) for number in options.start_sizes.split(",")):
        api = cluster.ApiServer(stage)
        api.load(count, stage.backend_port)
        reading = min(fetch_lists(api) for _ in range(2))
        seconds, memory = [], []
        for _ in range(options.starts):
            controller = cluster.Controller(stage, api, options.binary, options.workers)
            seconds.append(controller.start())
            status = stages.ask(controller.http, f"h{count - 1}.bulk.test", "/small")
            time.sleep(1)
            memory.append(controller.memory())
            controller.stop()
            if status != 200:
                raise stages.Failure(f"ready, but the last Ingress answered {status}")
        api.stop()
        row = {"ready": median(seconds), "low": min(seconds), "high": max(seconds), "reading": reading,
               "resident": median(m[0] for m in memory), "peak": median(m[1] for m in memory)}
        bar, memory_bar = START_BARS.get(count), MEMORY_BAR if count == 5000 else None
        row["pass"] = (bar is None or row["ready"] <= bar) and (memory_bar is None or row["resident"] <= memory_bar)
        passed = passed and row["pass"]
        results[count] = row
        print(f"\nCold start at {count:,} Ingresses: ready after {row['ready']:.2f} s ({row['low']:.2f}-{row['high']:.2f}"
              f"{f', bar {bar:g}' if bar else ''}), of which only reading the lists {reading:.2f} s; resident "
              f"{row['resident'] / 2**20:.1f} MiB{', bar 100' if memory_bar else ''}, peak {row['peak'] / 2**20:.1f} MiB  "
              f"{'PASS' if row['pass'] else 'FAIL'}", flush=True)
    return results, passed


def roll(stage, options):
    """10 pods replaced one after another, `options.rolls` times; a pod closes its listener before anybody is told.

    In a cluster kubelet and the slice controller need some time to tell; `options.late` is that time."""
    port = stage.port()
    pods, api = cluster.Pods(stage, port), cluster.ApiServer(stage)
    running = [f"127.0.1.{n}" for n in range(1, 11)]
    for address in running:
        pods.command("open", address)

    def tell(leaving=None):
        endpoints = [objects.endpoint(a, pod=f"pod-{a}") for a in running]
        if leaving:
            endpoints.append(objects.endpoint(leaving, pod=f"pod-{leaving}", ready=False, serving=False, ending=True))
        api.apply(objects.slice_of("rolled", endpoints, port, name="rolled-1"))

    api.apply(objects.ingress_class(), objects.service("rolled"), objects.ingress("rolled", "roll.test", "rolled"))
    tell()
    controller = cluster.Controller(stage, api, options.binary, options.workers)
    controller.start()
    step = 0.8
    background = Background(stage, controller.http, "roll.test", 10 * options.rolls * step)
    began = time.monotonic()
    for i in range(10 * options.rolls):
        fresh = f"127.0.{2 + i // 250}.{i % 250 + 1}"
        pods.command("open", fresh)
        running.append(fresh)
        tell()
        time.sleep(0.3)
        leaving = running.pop(0)
        pods.command("close", leaving)
        time.sleep(options.late)
        tell(leaving)
        time.sleep(0.2)
        tell()
        time.sleep(max(0.0, began + (i + 1) * step - time.monotonic()))
    requests, failed, p99 = background.finish()
    controller.stop()
    api.stop()
    print(f"\nRoll of 10 pods, {options.rolls} times, at {RATE} req/s, told {options.late * 1000:.0f} ms late: {failed} failed of {requests:,}, p99 {p99:.1f} ms"
          f"  {'PASS' if failed == 0 else 'FAIL'}", flush=True)
    return {"requests": requests, "failed": failed, "p99": p99, "pass": failed == 0}, failed == 0


PARTS = {"changes": changes, "solvers": solvers, "start": starts, "roll": roll}


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--parts", default=",".join(PARTS), help="comma-separated; default %(default)s")
    parser.add_argument("--kinds", default=",".join(BARS), help="of changes; default %(default)s")
    parser.add_argument("--ingresses", type=int, default=10000, help="loaded while changes are measured")
    parser.add_argument("--samples", type=int, default=100, help="changes of each kind")
    parser.add_argument("--solvers", type=int, default=20, help="challenges of cert-manager")
    parser.add_argument("--start-sizes", default="5000,10000")
    parser.add_argument("--starts", type=int, default=3, help="cold starts of each size")
    parser.add_argument("--rolls", type=int, default=3)
    parser.add_argument("--late", type=float, default=0.05, help="seconds from a pod's end to its slice saying so")
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--binary", default=proxies.default_binary(), help="default: SLUICE, or .build/release/sluice")
    parser.add_argument("--quick", action="store_true", help="small numbers of everything: a smoke test")
    parser.add_argument("--json", metavar="FILE")
    options = parser.parse_args()
    if set(options.parts.split(",")) - set(PARTS):
        parser.error(f"parts are {', '.join(PARTS)}")
    if options.quick:
        options.ingresses, options.samples, options.starts, options.rolls, options.start_sizes = 500, 10, 1, 1, "500"
    if not os.access(options.binary, os.X_OK):
        parser.error(f"no sluice at {options.binary}")
    return options


def main():
    return stages.play(PARTS, arguments())


if __name__ == "__main__":
    try:
        sys.exit(main())
    except stages.Failure as problem:
        sys.exit(f"propagation: {problem}")
