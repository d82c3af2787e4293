#!/usr/bin/python3
"""How long nobody serves when the engine of a supervised controller dies, with the API server away.

    Tests/Benchmarks/restart.py                            # some ten seconds for each size
    Tests/Benchmarks/restart.py --ingresses 100 --deaths 20

The time is that from kill -9 to the end of the first answer on a connection that is made right after it. See README.md.
"""

import argparse
import os
import re
import signal
import socket
import sys
import time
from statistics import median

import cluster
import proxies
import stage as stages

BARS = {1000: 150}  # milliseconds, median, up to so many Ingresses
STEADY = 1.2  # seconds between two deaths: a state may be kept once a second


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--binary", default=proxies.default_binary(), help="default: SLUICE, or .build/release/sluice")
    parser.add_argument("--ingresses", default="10,1000,10000", help="sizes of the cluster (default 10,1000,10000)")
    parser.add_argument("--deaths", type=int, default=5, help="for each size (default 5)")
    parser.add_argument("--json", help="write every sample to this file")
    return parser.parse_args()


class Supervised(cluster.Controller):
    """The same controller behind its supervisor."""

    def __init__(self, stage, api, binary):
        super().__init__(stage, api, binary)
        self.command = [word for word in self.command if word != "--supervise=false"]
        self.command += ["--supervise", "--log-level", "debug"]

    @property
    def engine(self):
        """Its number, once there is one."""
        while True:
            with open(f"/proc/{self.process.pid}/task/{self.process.pid}/children") as file:
                found = file.read().split()
            if found:
                return int(found[0])

    def kept(self):
        """Objects and bytes of the last state that was kept."""
        with open(self.stage.path("controller.err"), errors="replace") as file:
            found = re.findall(r"kept the state: (\d+) objects, (\d+) bytes", file.read())
        return (int(found[-1][0]), int(found[-1][1])) if found else (0, 0)


def death(controller, host):
    """Milliseconds from kill -9 to the end of the first answer."""
    request = f"GET / HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n".encode()
    began = time.monotonic()
    os.kill(controller.engine, signal.SIGKILL)
    while True:
        # Who comes before the kernel has ended the engine is cut with it, as a request in flight is.
        try:
            with socket.create_connection(("127.0.0.1", controller.http), timeout=20) as client:
                client.sendall(request)
                answer = b""
                while piece := client.recv(4096):
                    answer += piece
        except ConnectionResetError:
            continue
        if answer:
            break
    took = (time.monotonic() - began) * 1000
    if b" 200 " not in answer[:16]:
        raise stages.Failure(f"the first answer is {answer[:40]}")
    return took


def memory(pid):
    """Resident kB, and of those what no other process shares."""
    with open(f"/proc/{pid}/smaps_rollup") as file:
        fields = dict(line.split(":", 1) for line in file.readlines()[1:])
    value = {key: int(text.split()[0]) for key, text in fields.items()}
    return value["Rss"], value["Private_Clean"] + value["Private_Dirty"]


def measure(stage, options, count):
    api = cluster.ApiServer(stage)
    api.load(count, stage.backend_port)
    controller = Supervised(stage, api, options.binary)
    started = controller.start()
    deadline = time.monotonic() + 60
    while not controller.kept()[0]:
        if time.monotonic() > deadline:
            raise stages.Failure("the state was never kept")
        time.sleep(0.05)
    api.begin("stop", {})
    api.finish()
    samples = []
    for _ in range(options.deaths):
        time.sleep(STEADY)
        samples.append(death(controller, "h0.bulk.test"))
    supervisor = memory(controller.process.pid)
    objects_kept, size = controller.kept()
    stages.stop(controller.process, 5)
    api.stop()
    print(
        f"{count:6} Ingresses: {median(samples):6.0f} ms, worst {max(samples):.0f} of {len(samples)}; "
        f"a start with the API server {started * 1000:.0f} ms; kept {objects_kept} objects in {size / 1e6:.2f} MB; "
        f"supervisor {supervisor[0]} kB resident, {supervisor[1]} kB its own"
    )
    return {"ms": samples, "start": started, "objects": objects_kept, "bytes": size, "supervisor": supervisor}


def main():
    options = arguments()
    results, passed = {}, True
    for count in map(int, options.ingresses.split(",")):
        with stages.Stage(hosts=1) as stage:
            results[count] = measure(stage, options, count)
        for size, bar in BARS.items():
            if count <= size and median(results[count]["ms"]) > bar:
                print(f"missed: {bar} ms at {count} Ingresses")
                passed = False
    return stages.finish(results, passed, options)


if __name__ == "__main__":
    try:
        sys.exit(main())
    except stages.Failure as problem:
        sys.exit(f"restart: {problem}")
