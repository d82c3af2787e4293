#!/usr/bin/python3
"""What a review of the admission webhook takes beside 10,000 Ingresses: from the request's first byte to the answer's last.

    Tests/Benchmarks/admission.py
    Tests/Benchmarks/admission.py --ingresses 1000 --crowd 0

One client asks one after the other on one connection of TLS, as an API server does, while nothing else happens. `crowd` Ingresses more
stand on one host, which is the worst there is: all of them could want the same path. See README.md in this folder.
"""

import argparse
import base64
import json
import os
import socket
import ssl
import sys
import time

import cluster
import load
import proxies
import stage as stages
from cluster import objects
from simulator.pki import Authority

BAR = 10  # milliseconds, p99
NAME = "sluice-admission.sluice.svc"
STAMP = "2026-11-22T10:00:00Z"


class Reviewer:
    """An API server's connection to the webhook."""

    def __init__(self, port, authority):
        context = ssl.create_default_context(cadata=authority.certificate.decode())
        plain = socket.create_connection(("127.0.0.1", port), timeout=30)
        plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._socket = context.wrap_socket(plain, server_hostname=NAME)

    def ask(self, body):
        """(seconds, whether it was allowed)."""
        text = json.dumps(review(body)).encode()
        head = f"POST /validate?timeout=10s HTTP/1.1\r\nHost: {NAME}\r\nContent-Type: application/json\r\nContent-Length: {len(text)}\r\n\r\n"
        began = time.monotonic()
        self._socket.sendall(head.encode() + text)
        answer = b""
        while True:
            piece = self._socket.recv(65536)
            if not piece:
                raise stages.Failure("the webhook closed the connection")
            answer += piece
            fields, found, rest = answer.partition(b"\r\n\r\n")
            if found and len(rest) >= cluster.content_length(fields):
                seconds = time.monotonic() - began
                if b" 200 " not in fields[:16]:
                    raise stages.Failure(f"answered {fields[:60]!r}: {rest[:200]!r}")
                return seconds, json.loads(rest)["response"]["allowed"]


def review(body):
    return {
        "kind": "AdmissionReview", "apiVersion": "admission.k8s.io/v1",
        "request": {
            "uid": "705ab4f5-6393-11e8-b7cc-42010a800002", "operation": "CREATE", "namespace": "default",
            "resource": {"group": "networking.k8s.io", "version": "v1", "resource": "ingresses"}, "object": body,
        },
    }  # fmt: skip


def ingress(name, host, path="/", namespace="default"):
    body = objects.ingress(name, host, "svc-0", path=path, namespace=namespace)
    body["metadata"] |= {"creationTimestamp": STAMP, "uid": "1b2c"}
    return body


def secret(authority):
    certificate, key = authority.issue("webhook", [NAME]).encoded()
    data = {"tls.crt": certificate, "tls.key": key, "ca.crt": base64.b64encode(authority.certificate).decode()}
    meta = {"name": "sluice-admission", "namespace": "sluice"}
    return {"apiVersion": "v1", "kind": "Secret", "metadata": meta, "type": "Opaque", "data": data}


def run(stage, options):
    authority, port = Authority("webhooks"), stage.port()
    api = cluster.ApiServer(stage)
    api.load(options.ingresses, stage.port())
    for first in range(0, options.crowd, 500):
        numbers = range(first, min(first + 500, options.crowd))
        api.apply(*(ingress(f"crowd-{i}", "crowd.test", f"/p{i}") for i in numbers))
    api.apply(secret(authority))
    controller = cluster.Controller(stage, api, options.binary)
    controller.command += ["--admission-port", str(port), "--admission-secret", "sluice/sluice-admission"]
    controller.start()
    reviewer = Reviewer(port, authority)
    print(f"{options.ingresses} Ingresses on as many hosts, {options.crowd} on one; {options.reviews} reviews each", flush=True)
    good = True
    cases = [
        ("a new host", lambda i: ingress("new", f"new{i}.test"), True),
        ("a taken path", lambda i: ingress("new", f"h{i % options.ingresses}.bulk.test"), False),
    ]
    if options.crowd:
        cases += [
            ("a new path of the one host", lambda i: ingress("new", "crowd.test", f"/new{i}"), True),
            ("a taken path of it", lambda i: ingress("new", "crowd.test", f"/p{i % options.crowd}"), False),
        ]
    for name, make, wanted in cases:
        times = []
        for i in range(options.reviews):
            seconds, allowed = reviewer.ask(make(i))
            if allowed != wanted:
                raise stages.Failure(f"{name}: allowed is {allowed}")
            times.append(seconds * 1000)
        times.sort()
        p99 = load.percentile(times, 0.99)
        good = good and p99 < BAR
        print(f"  {name:28} {load.percentile(times, 0.5):7.3f} ms, p99 {p99:7.3f} ms (bar {BAR})  {'PASS' if p99 < BAR else 'FAIL'}", flush=True)
    controller.stop()
    api.stop()
    return good


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--ingresses", type=int, default=10000, help="each on a host of its own; default %(default)s")
    parser.add_argument("--crowd", type=int, default=2000, help="more, all on one host; default %(default)s")
    parser.add_argument("--reviews", type=int, default=500)
    parser.add_argument("--binary", default=proxies.default_binary(), help="default: SLUICE, or .build/release/sluice")
    options = parser.parse_args()
    if not os.access(options.binary, os.X_OK):
        parser.error(f"no sluice at {options.binary}")
    return options


if __name__ == "__main__":
    try:
        with stages.Stage(hosts=1) as made:
            sys.exit(0 if run(made, arguments()) else 1)
    except stages.Failure as problem:
        sys.exit(f"admission: {problem}")
