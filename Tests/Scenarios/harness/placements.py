"""Which server a real haproxy gives each of 200 requests, for many ways of balancing.

    cd Tests/Scenarios && /usr/bin/python3 -m harness.placements

asks the haproxy of the machine and writes ../Fixtures/balance/placements.json, which Tests/EngineTests/Balance compares
with what our balancer says. One process does it: every server of every backend is the same listener of haproxy's own, and
the name of the chosen one comes back in a header. Clients' addresses are told by the PROXY protocol. Requests go one after
another on one thread, so that what depends on the order (round robin) is recorded too.
"""
import json
import random
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from .sluice import free_port

FIXTURE = Path(__file__).parents[2] / "Fixtures" / "balance" / "placements.json"
WORDS = "api cart checkout img js static v1 v2 users orders search blog feed assets item a b c".split()


def requests():
    """200 requests that differ in everything a balancer may look at."""
    rng = random.Random(20260801)
    return [request(rng, i) for i in range(200)]


def request(rng, i):
    path = "/" + "/".join(rng.choice(WORDS) for _ in range(rng.randint(0, 5)))
    if i % 7 == 0:
        path += "/" + "x" * rng.randint(1, 60)
    if i % 11 == 0:
        path += "//%7Euser;p=1/"
    host = rng.choice(["www.%s.com", "%s.org", "a.b.%s.co", "%s", ".%s", "%s.", "x..%s", "10.0.%s.1:8080"]) % (
        rng.choice(WORDS) + str(rng.randint(0, 40)))
    fields = []
    if i % 5:
        fields.append(["X-Key", rng.choice(["%x", "user-%d", "%d", " %d , second", '"q,%d", third']) % rng.getrandbits(28)])
    elif i % 10 == 0:
        fields.append(["X-Key", ""])
    if i % 9 == 0:
        fields.append(["x-key", "again"])
    target = path + query(rng, i)
    if i % 13 == 0:
        host = host.strip(".").replace("..", ".")
        target = "http://" + host + target
    return {"source": source(rng, i), "target": target, "host": host, "fields": fields}


def query(rng, i):
    """With the parameter `sid` in most places it can have, and without it in others."""
    value = "%x" % rng.getrandbits(40)
    return rng.choice([
        "", "?", "?sid=" + value, "?a=1&sid=" + value + "&z", "?sid=", "?sid", "?xsid=" + value, "?a=sid=3&b",
        "?SID=" + value, "?&&sid=" + value, "?sid=" + value + "&sid=other", "?a=/b/c/" + value, "?x?sid=" + value,
        "?q=1;sid=" + value,
    ])


def source(rng, i):
    if i % 3:
        return ".".join(str(rng.randint(1, 254)) for _ in range(4))
    return "2001:db8:" + ":".join("%x" % rng.getrandbits(16) for _ in range(6))


def case(balance, hash_type="", weights=(1, 1, 1), **others):
    """`others`: ids, disabled (places), backup (places), allbackups."""
    return {"balance": balance, "hashType": hash_type, "weights": list(weights), **others}


def cases():
    five = (1, 1, 1, 1, 1)
    found = [
        case("uri", f"{kind} {function}{modifier}", weights)
        for kind, weights in (("map-based", (2, 1, 4, 1, 3)), ("consistent", five))
        for function in ("sdbm", "djb2", "wt6", "crc32")
        for modifier in ("", " avalanche")
    ]
    keys = ["source", "uri", "uri len 12", "uri depth 2", "uri whole", "uri path-only", "uri depth 1 len 9 whole path-only",
            "url_param sid", "hdr(x-key)", "hdr(host)", "hdr(host) use_domain_only", "hdr(absent)"]
    for key in keys:
        found += [case(key, "", five), case(key, "consistent", five)]
    for kind in ("map-based", "consistent"):
        found += [
            case("source", f"{kind} sdbm avalanche", (10, 30, 20)),
            case("uri", kind, (1, 3, 2)), case("uri", kind, (256, 1, 100, 0, 7)), case("uri", kind, [1] * 40),
            case("uri", kind, (5, 5, 10, 20), disabled=[2]),
            case("uri", kind, (1, 2, 3, 4), ids=[7, 0, 2, 0]), case("uri", kind, (1, 1, 1), ids=[900, 40, 100000]),
            case("uri", kind, (1, 1, 1, 1), backup=[1, 2, 3]),
            case("uri", kind, (1, 1, 1, 1), backup=[1, 2, 3], disabled=[0]),
            case("uri", kind, (1, 1, 1, 1), backup=[1, 2, 3], disabled=[0, 1]),
            case("uri", kind, (2, 1, 3, 1), backup=[1, 2, 3], disabled=[0], allbackups=True),
            case("hdr(absent)", kind, (1, 3, 2)),
        ]
    for balance in ("roundrobin", "static-rr", "leastconn", "first"):
        found += [
            case(balance, "", five), case(balance, "", (10, 30, 20)), case(balance, "", (1, 3, 2)),
            case(balance, "", (7, 11, 13)), case(balance, "", (256, 1, 100)), case(balance, "", (5, 1, 1, 3)),
            case(balance, "", (2, 4, 8, 2)), case(balance, "", (3, 0, 3, 1)), case(balance, "", (1, 2, 3), ids=[9, 4, 6]),
            case(balance, "", (1, 2, 3, 2), backup=[0, 3], disabled=[1, 2]),
            case(balance, "", (1, 2, 3, 2), backup=[0, 3], disabled=[1, 2], allbackups=True),
        ]
    return found


def configuration(all_cases, front, echo):
    lines = [
        "global", "    nbthread 1", "    maxconn 500",
        "defaults", "    mode http", "    timeout connect 5s", "    timeout client 30s", "    timeout server 30s",
        "frontend echo", f"    bind 127.0.0.1:{echo}", "    http-request return status 204",
        "frontend front", f"    bind 127.0.0.1:{front} accept-proxy", "    use_backend %[req.hdr(x-case)]",
    ]
    for number, one in enumerate(all_cases):
        lines += [f"backend {number}", f"    balance {one['balance']}", "    http-response set-header x-server %s"]
        if one["hashType"]:
            lines.append(f"    hash-type {one['hashType']}")
        if one.get("allbackups"):
            lines.append("    option allbackups")
        for place, weight in enumerate(one["weights"]):
            identity = one.get("ids", [0] * 99)[place]
            lines.append(
                f"    server {place} 127.0.0.1:{echo} weight {weight}" + (f" id {identity}" if identity else "")
                + (" disabled" if place in one.get("disabled", []) else "")
                + (" backup" if place in one.get("backup", []) else ""))
    return "\n".join(lines) + "\n"


class Connection:
    """A connection of the client `source`, which asks for one backend after another."""

    def __init__(self, port, source):
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=10)
        family, destination = ("TCP6", "2001:db8::1") if ":" in source else ("TCP4", "192.0.2.1")
        self.socket.sendall(f"PROXY {family} {source} {destination} 1234 80\r\n".encode())

    def ask(self, one, number):
        head = f"GET {one['target']} HTTP/1.1\r\nHost: {one['host']}\r\nX-Case: {number}\r\n"
        head += "".join(f"{name}: {value}\r\n" for name, value in one["fields"])
        self.socket.sendall((head + "\r\n").encode())
        answer = b""
        while b"\r\n\r\n" not in answer:
            piece = self.socket.recv(4096)
            if not piece:
                raise ConnectionError(f"no answer to {one} of backend {number}: {answer}")
            answer += piece
        for line in answer.split(b"\r\n"):
            if line.startswith(b"x-server: "):
                return int(line[10:])
        raise AssertionError(f"no server for {one} of backend {number}: {answer}")


def record(haproxy):
    """Everything the fixture holds."""
    version = subprocess.run([haproxy, "-v"], capture_output=True, text=True, check=True).stdout.split()[2]
    all_cases, all_requests = cases(), requests()
    front, echo = free_port(), free_port()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "haproxy.cfg"
        path.write_text(configuration(all_cases, front, echo))
        process = subprocess.Popen([haproxy, "-db", "-f", path], stderr=subprocess.DEVNULL)
        try:
            wait_for(front, process)
            picks = [[] for _ in all_cases]
            for one in all_requests:
                connection = Connection(front, one["source"])
                for number in range(len(all_cases)):
                    picks[number].append(connection.ask(one, number))
                connection.socket.close()
        finally:
            process.terminate()
            process.wait(10)
    return {"haproxy": version, "requests": all_requests,
            "cases": [{**one, "picks": " ".join(map(str, found))} for one, found in zip(all_cases, picks)]}


def wait_for(port, process):
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise RuntimeError("haproxy refuses its configuration")
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            return
        except OSError:
            time.sleep(0.05)
    raise TimeoutError("haproxy does not listen")


def text(recorded):
    """One line for each request and each case, so that a difference is a readable diff."""
    def rows(values):
        return ",\n".join("    " + json.dumps(value) for value in values)
    return (f'{{\n  "haproxy": {json.dumps(recorded["haproxy"])},\n'
            f'  "requests": [\n{rows(recorded["requests"])}\n  ],\n  "cases": [\n{rows(recorded["cases"])}\n  ]\n}}\n')


def main():
    haproxy = shutil.which("haproxy", path="/usr/sbin:/usr/bin:/usr/local/sbin:/usr/local/bin")
    if not haproxy:
        sys.exit("haproxy is not installed")
    FIXTURE.write_text(text(record(haproxy)))


if __name__ == "__main__":
    main()
