#!/usr/bin/env python3
"""What ingress-nginx's annotations cost: a request, a cold start, memory, and the way of a change.

    Tests/Benchmarks/annotated.py                       # everything, about two minutes
    Tests/Benchmarks/annotated.py --parts request --rounds 9
    Tests/Benchmarks/annotated.py --quick               # does it work at all

Subrequests (external authentication, mirrors, error pages) are left out: what they cost is another request.
See README.md in this folder.
"""

import argparse
import json
import os
import statistics
import sys
import time

import cluster
import load
import peers
import propagation
import proxies
import stage as stages
from cluster import objects

PREFIX = "nginx.ingress.kubernetes.io/"
HOST = "annotated.bench.test"
# Limits, access, CORS, a rewrite, fields and time-outs: all of them act on every request, none refuses one.
TWELVE = {
    "limit-rps": "1000000",
    "limit-connections": "10000",
    "whitelist-source-range": "10.0.0.0/8,192.168.0.0/16,127.0.0.0/8",
    "enable-cors": "true",
    "cors-allow-origin": "https://shop.example,https://*.shop.example",
    "use-regex": "true",
    "rewrite-target": "/$1",
    "custom-headers": "bench/fields",
    "upstream-vhost": "inside.bench.test",
    "x-forwarded-prefix": "/shop",
    "proxy-body-size": "8m",
    "proxy-read-timeout": "30",
}
ANNOTATED = """\
---
apiVersion: v1
kind: ConfigMap
metadata: {{name: settings, namespace: bench}}
data: {{global-allowed-response-headers: "X-Frame-Options,X-Content-Type-Options"}}
---
apiVersion: v1
kind: ConfigMap
metadata: {{name: fields, namespace: bench}}
data: {{X-Frame-Options: DENY, X-Content-Type-Options: nosniff}}
---
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata:
  name: annotated
  namespace: bench
  annotations: {annotations}
spec:
  ingressClassName: sluice
  rules:
  - host: {host}
    http:
      paths:
      - path: /(.*)
        pathType: ImplementationSpecific
        backend: {{service: {{name: backend, port: {{number: 80}}}}}}
"""
# Eight of each of many Ingresses, no two of which do the same thing.
EIGHT = {
    "limit-rps": "10000",
    "whitelist-source-range": "10.0.0.0/8,127.0.0.0/8",
    "enable-cors": "true",
    "cors-allow-origin": "https://shop.example",
    "proxy-body-size": "8m",
    "proxy-read-timeout": "30",
    "proxy-connect-timeout": "5",
    "x-forwarded-prefix": "/shop",
}
RATIO_BAR = 1.35  # of a plain host's CPU per request
START_BAR = 4.0  # seconds from exec to ready
CHANGE_BAR = 10.0  # median milliseconds
FIELDS = ("Origin: https://shop.example",)


def keys(annotations):
    return {PREFIX + name: value for name, value in annotations.items()}


def annotated(stage, options):
    """The sluice of peers.py, with one more host."""
    proxy = proxies.sluice(stage, options.binary, name="sluice-annotated")
    text = ANNOTATED.format(annotations=json.dumps(keys(TWELVE)), host=HOST)
    stage.write("manifests-sluice-annotated/annotated.yaml", text)
    proxy.command += ["--configmap", "bench/settings"]
    return proxy.start()


def require_effect(proxy):
    """Every family of the twelve can be seen in an answer, or nothing would be measured."""
    import http.client
    connection = http.client.HTTPConnection("127.0.0.1", proxy.http, timeout=5)
    connection.request("GET", "/small", headers={"Host": HOST, "Origin": "https://shop.example"})
    answer = connection.getresponse()
    answer.read()
    wanted = {"x-frame-options": "DENY", "access-control-allow-origin": "https://shop.example"}
    found = {name: answer.getheader(name) for name in wanted}
    connection.close()
    if answer.status != 200 or found != wanted:
        raise stages.Failure(f"the annotated host answers {answer.status} with {found}")


def requests(stage, options):
    """A plain host and an annotated one of the same process, one after the other, in rounds."""
    proxy = annotated(stage, options)
    require_effect(proxy)
    url = f"http://127.0.0.1:{proxy.http}/small"
    samples = {stages.PLAIN_HOST: [], HOST: []}
    for _ in range(options.rounds):
        for host, found in samples.items():
            found.append(peers.cpu_per_request(
                proxy, lambda host=host: load.wrk(stage, url, host, options.seconds, 64, fields=FIELDS)))
    proxy.stop()
    plain, twelve = samples.values()
    ratio = statistics.median(a["value"] / b["value"] for a, b in zip(twelve, plain))
    failed = sum(sample["failed"] for found in samples.values() for sample in found)
    passed = ratio <= RATIO_BAR and failed == 0
    print(f"\nA host with {len(TWELVE)} annotations against a plain one  [{peers.MICROSECONDS}]")
    for name, found in samples.items():
        median = {key: statistics.median(sample[key] for sample in found) for key in ("value", "user", "system", "rate")}
        print(f"  {name:22} {median['value']:7.2f}  (user {median['user']:.2f}, system {median['system']:.2f}), {median['rate']:.0f} req/s")
    print(f"  ratio {ratio:.3f}, bar {RATIO_BAR}  failed {failed}  {'PASS' if passed else 'FAIL'}", flush=True)
    return {"ratio": ratio, "failed": failed, "samples": samples, "pass": passed}, passed


def loaded(stage, options):
    api = cluster.ApiServer(stage)
    api.load(options.ingresses, stage.backend_port, annotations=keys(EIGHT))
    return api


def starts(stage, options):
    """Cold starts with all of them, from exec to ready, and memory a second later."""
    api = loaded(stage, options)
    reading = min(propagation.fetch_lists(api) for _ in range(2))
    seconds, memory = [], []
    for _ in range(options.starts):
        controller = cluster.Controller(stage, api, options.binary)
        seconds.append(controller.start())
        status = stages.ask(controller.http, f"h{options.ingresses - 1}.bulk.test", "/small")
        time.sleep(1)
        memory.append(controller.memory())
        controller.stop()
        if status != 200:
            raise stages.Failure(f"ready, but the last Ingress answered {status}")
    api.stop()
    row = {"ready": statistics.median(seconds), "low": min(seconds), "high": max(seconds), "reading": reading,
           "resident": statistics.median(m[0] for m in memory), "peak": statistics.median(m[1] for m in memory)}
    row["pass"] = row["ready"] <= START_BAR
    print(f"\nCold start at {options.ingresses:,} Ingresses with {len(EIGHT)} annotations each: ready after {row['ready']:.2f} s "
          f"({row['low']:.2f}-{row['high']:.2f}, bar {START_BAR:g}), of which only reading the lists {reading:.2f} s; resident "
          f"{row['resident'] / 2**20:.1f} MiB, peak {row['peak'] / 2**20:.1f} MiB  {'PASS' if row['pass'] else 'FAIL'}", flush=True)
    return row, row["pass"]


def changes(stage, options):
    """An annotation of one Ingress changes: a redirect comes and goes."""
    port = propagation.start_pair(stage)
    api = loaded(stage, options)
    eight = keys({name: value for name, value in EIGHT.items() if name != "limit-rps"})
    said = {"A": {"custom-http-errors": "599"}, "B": {"permanent-redirect": "https://elsewhere.test/"}}
    states = {state: objects.ingress("changing", "annotation.probe.test", "fixed", annotations={**eight, **keys(more)})
              for state, more in said.items()}
    api.apply(objects.service("fixed"), objects.slice_of("fixed", [objects.endpoint(propagation.ADDRESS["A"])], port), states["A"])
    controller = cluster.Controller(stage, api, options.binary)
    controller.start()
    row = propagation.measure_kind(stage, api, controller, "annotation", states, {"A": "A", "B": "301"}, options.samples)
    controller.stop()
    api.stop()
    row["pass"] = row["median"] <= CHANGE_BAR and not row["lost"] and not row["background_failed"]
    print(f"\nAn annotation of one of {options.ingresses:,} Ingresses changes, {propagation.RATE} req/s beside it: median "
          f"{row['median']:.2f} ms (bar {CHANGE_BAR:g}), p99 {row['p99']:.2f}, max {row['max'] or 0:.2f}, probe {row['probe']:.2f}; lost "
          f"{row['lost']} of {row['samples']}, background failed {row['background_failed']} of {row['background']}  "
          f"{'PASS' if row['pass'] else 'FAIL'}", flush=True)
    return row, row["pass"]


PARTS = {"request": requests, "start": starts, "change": changes}


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--parts", default=",".join(PARTS), help="comma-separated; default %(default)s")
    parser.add_argument("--rounds", type=int, default=5, help="of requests")
    parser.add_argument("--seconds", type=int, default=2, help="length of one sample of requests (whole seconds)")
    parser.add_argument("--hosts", type=int, default=1000, help="size of the routing table of requests")
    parser.add_argument("--ingresses", type=int, default=10_000)
    parser.add_argument("--samples", type=int, default=100, help="changes")
    parser.add_argument("--starts", type=int, default=3)
    parser.add_argument("--binary", default=proxies.default_binary(), help="default: SLUICE, or .build/release/sluice")
    parser.add_argument("--quick", action="store_true", help="small numbers of everything: a smoke test")
    parser.add_argument("--json", metavar="FILE")
    options = parser.parse_args()
    if set(options.parts.split(",")) - set(PARTS):
        parser.error(f"parts are {', '.join(PARTS)}")
    if options.quick:
        options.rounds, options.seconds, options.hosts = 1, 1, 20
        options.ingresses, options.samples, options.starts = 500, 10, 1
    if not os.access(options.binary, os.X_OK):
        parser.error(f"no sluice at {options.binary}")
    return options


def main():
    options = arguments()
    return stages.play(PARTS, options, options.hosts)


if __name__ == "__main__":
    try:
        sys.exit(main())
    except stages.Failure as problem:
        sys.exit(f"annotated: {problem}")
