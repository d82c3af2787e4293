"""The load generators, each as one function that returns plain numbers."""

import json
import math
import os
import re
import signal
import socket
import ssl
import subprocess
import time

import stage as stages

# `done` runs once, after the load: it costs nothing per request.
WRK_SCRIPT = """\
done = function(summary, latency, requests)
  local e = summary.errors
  io.write(string.format('JSON {"requests": %d, "seconds": %f, "failed": %d, "status": %d}\\n',
    summary.requests, summary.duration / 1e6, e.connect + e.read + e.write + e.timeout, e.status))
end
"""
WRK_POST = WRK_SCRIPT + """\
wrk.method = "POST"
wrk.body = string.rep("x", 1048576)
wrk.headers["Content-Type"] = "application/octet-stream"
"""


def wrk(stage, url, host, seconds, connections, post=False, close=False, fields=()):
    """Closed loop: each connection asks again as soon as it is answered."""
    script = stage.write("post.lua", WRK_POST) if post else stage.write("get.lua", WRK_SCRIPT)
    command = ["wrk", "-t1", f"-c{connections}", f"-d{seconds:g}s", "-s", script, "-H", f"Host: {host}"]
    command += ["-H", "Connection: close"] if close else []
    command += [word for field in fields for word in ("-H", field)]
    output = stages.run(command + [url])
    found = [line for line in output.splitlines() if line.startswith("JSON ")]
    if not found:
        raise stages.Failure(f"wrk printed no summary: {output[-300:]}")
    result = json.loads(found[0][5:])
    # wrk -d takes whole seconds only; its own clock says what it did.
    result["failed"] += result.pop("status")
    return result


def h2load_target(port, host, path="/small", tls=False):
    """h2load has no way to override Host for HTTP/1.1 but the URI itself."""
    return [f"{'https' if tls else 'http'}://{host}:{port}{path}", f"--connect-to=127.0.0.1:{port}"]


def h2load_count(port, host, requests, connections, path="/small", tls=False):
    """A fixed number of keep-alive requests; returns how many were not answered 2xx."""
    output = stages.run(
        ["h2load", "--h1", "-n", str(requests), "-c", str(connections), "-t1", *h2load_target(port, host, path, tls)])
    good = [line for line in output.splitlines() if line.startswith("status codes:")]
    return requests - int(good[0].split()[2]) if good else requests


def h2load_streams(port, host, seconds, streams, tls=False):
    """Closed loop over one HTTP/2 connection: each of its streams is followed by the next one as soon as it is answered."""
    output = stages.run(
        ["h2load", "-D", f"{seconds:g}", "-c1", f"-m{streams}", "-t1", *h2load_target(port, host, tls=tls)])
    found = re.search(r"^status codes: (\d+) 2xx, (\d+) 3xx, (\d+) 4xx, (\d+) 5xx", output, re.MULTILINE)
    errors = re.search(r"(\d+) errored, (\d+) timeout", output)
    if not found or not errors or "Application protocol: h2" not in output:
        raise stages.Failure(f"h2load printed no summary: {output[-300:]}")
    good, *bad = map(int, found.groups())
    return {"requests": good, "seconds": seconds, "failed": sum(bad) + sum(map(int, errors.groups()))}


def h2load_paced(stage, port, host, rate, seconds, connections=40):
    """Open loop at `rate` requests per second; the latencies in milliseconds, sorted, and the failures."""
    log = stage.path("paced.log")
    if os.path.exists(log):
        os.remove(log)
    requests = int(rate * seconds / connections) * connections
    stages.run(
        ["h2load", "--h1", "-n", str(requests), "-c", str(connections), "-t1", f"--rps={rate / connections:.2f}",
         f"--log-file={log}", *h2load_target(port, host)])
    with open(log) as file:
        rows = [line.split("\t") for line in file]
    failed = sum(1 for row in rows if row[1] != "200") + requests - len(rows)
    return sorted(int(row[2]) / 1000 for row in rows), failed


def paced(stage, port, host, rate, seconds, connections, wrapper=()):
    """Open loop at `rate` requests per second, evenly apart; the latencies in milliseconds, sorted, and the failures.

    Where `h2load_paced` asks on all connections at once, so that most of a latency is the burst's own, here each request
    finds the proxy alone."""
    command = [*wrapper, stage.compile("paced.c"), str(port), host, "/small", str(rate), f"{seconds:g}", str(connections)]
    latencies = [int(line) for line in stages.run(command).splitlines()]
    good = sorted(value / 1000 for value in latencies if value >= 0)
    return good, int(rate * seconds) - len(good)


def handshakes(stage, port, server_name, seconds, resumed, threads=16):
    """New TLS connections with one request each, full handshakes or resumed ones."""
    binary = stage.compile("handshakes.c")
    mode = "resumed" if resumed else "full"
    output = stages.run([binary, str(port), server_name, f"{seconds:g}", str(threads), mode])
    result = json.loads(output)
    result["requests"] = result.pop("connections")
    return result


class IdleConnections:
    """Connections that were used for one request each and then stay open, doing nothing."""

    def __init__(self, port, host, count, tls=False):
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT) if tls else None
        if context:
            context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        request = f"GET /small HTTP/1.1\r\nHost: {host}\r\n\r\n".encode()
        self.connections, self.failed = [], 0
        for _ in range(count):
            try:
                connection = socket.create_connection(("127.0.0.1", port), timeout=10)
                if context:
                    connection = context.wrap_socket(connection, server_hostname=host)
                connection.sendall(request)
                answer = b""
                while stages.SMALL not in answer:
                    piece = connection.recv(4096)
                    if not piece:
                        raise OSError("closed before the answer ended")
                    answer += piece
                self.connections.append(connection)
            except OSError:
                self.failed += 1
                if self.failed > 20:
                    break

    def close(self):
        for connection in self.connections:
            connection.close()


def system_calls(stage, pids, load):
    """Counts the system calls of `pids` while `load()` runs: {name: count}."""
    report = stage.path("strace.txt")
    attach = [word for pid in pids for word in ("-p", str(pid))]
    tracer = subprocess.Popen(["strace", "-f", "-c", "-o", report, *attach], stderr=subprocess.PIPE, text=True)
    for _ in pids:
        tracer.stderr.readline()  # "strace: Process N attached"
    time.sleep(0.2)
    try:
        load()
        time.sleep(0.05)
    finally:
        tracer.send_signal(signal.SIGINT)
        tracer.communicate()
    return parse_strace(report)


def parse_strace(report):
    counts = {}
    with open(report) as file:
        for line in file:
            fields = line.split()
            if len(fields) >= 5 and fields[0][0].isdigit() and fields[3].isdigit() and fields[-1] != "total":
                counts[fields[-1]] = counts.get(fields[-1], 0) + int(fields[3])
    return counts


def system_calls_per_request(stage, pids, port, host, short=1000, long=4000, connections=64, path="/small", tls=False):
    """The difference of two run lengths, so that opening the connections does not count."""
    runs = []
    for requests in (short, long):
        failed = []
        runs.append(system_calls(
            stage, pids, lambda: failed.append(h2load_count(port, host, requests, connections, path, tls))))
        if failed[0]:
            raise stages.Failure(f"{failed[0]} of {requests} requests failed under strace")
    names = set(runs[0]) | set(runs[1])
    per_request = {name: (runs[1].get(name, 0) - runs[0].get(name, 0)) / (long - short) for name in names}
    return {name: value for name, value in per_request.items() if abs(value) >= 0.005}


def percentile(values, share):
    """The value below which `share` of the sorted values lie (nearest rank)."""
    return values[max(0, math.ceil(share * len(values)) - 1)] if values else float("nan")
