#!/usr/bin/python3
"""How long nobody leads when the leader of three replicas stops in order, and when it is killed; and whether two ever wrote.

    Tests/Benchmarks/failover.py                     # two minutes
    Tests/Benchmarks/failover.py --rounds 1 --words stop

The time is that from the signal to the moment at which another replica says that it leads. See README.md in this folder.
"""

import argparse
import json
import os
import signal
import sys
import time
from statistics import median
from urllib.request import urlopen

import cluster
import proxies
import stage as stages

BARS = {"stop": 2.0, "kill": 20.0}  # seconds, the worst
SIGNALS = {"stop": signal.SIGTERM, "kill": signal.SIGKILL}
REPLICAS = 3


class Replica(cluster.Controller):
    """A controller that takes part in the election."""

    def __init__(self, stage, api, binary, number):
        super().__init__(stage, api, binary)
        self.name = f"replica{number}"
        self.command += ["--election-id", "failover", "--drain-delay", "0s", "--publish-status-address", "192.0.2.1"]

    @property
    def is_leading(self):
        try:
            with urlopen(f"http://127.0.0.1:{self.ops}/metrics", timeout=5) as answer:
                return b"\nsluice_leader 1\n" in answer.read()
        except OSError:
            return False


def wait_leader(replicas, patience=60):
    deadline = time.monotonic() + patience
    while time.monotonic() < deadline:
        for replica in replicas:
            if replica.is_leading:
                return replica
        time.sleep(0.01)
    raise stages.Failure("nobody leads")


def writers(api):
    """Who held the Lease, in the order of the writes; one after the other, if nobody ever took it from one who had it."""
    api.begin("requests", {"since": 0})
    written = [one for one in api.finish() if one["resource"] == "leases" and one["verb"] in ("create", "patch")]
    return [json.loads(one["body"])["spec"].get("holderIdentity", "") for one in written if one["status"] in (200, 201)]


def measure(stage, options, word):
    api = cluster.ApiServer(stage)
    api.load(10, stage.backend_port)
    made = 0

    def replica():
        nonlocal made
        made += 1
        fresh = Replica(stage, api, options.binary, f"{word}{made}")
        fresh.start()
        return fresh

    running, samples = [replica() for _ in range(REPLICAS)], []
    for _ in range(options.rounds):
        leader = wait_leader(running)
        time.sleep(2.5)  # the others have seen it renew
        began = time.monotonic()
        leader.process.send_signal(SIGNALS[word])
        running.remove(leader)
        wait_leader(running)
        samples.append(time.monotonic() - began)
        leader.process.wait(30)
        running.append(replica())
    held = [name for name in writers(api) if name]
    changes = sum(1 for one, other in zip(held, held[1:]) if one != other)
    for one in running:
        one.stop()
    api.stop()
    passed = max(samples) <= BARS[word] and changes == options.rounds
    print(f"{word}: another one leads after {median(samples):.2f} s, worst {max(samples):.2f} of {len(samples)}, bar {BARS[word]:g}; the Lease "
          f"changed hands {changes} times  {'PASS' if passed else 'FAIL'}", flush=True)
    return {"seconds": samples, "changes": changes, "pass": passed}, passed


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--words", default=",".join(BARS), help="what ends the leader; default %(default)s")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--binary", default=proxies.default_binary(), help="default: SLUICE, or .build/release/sluice")
    parser.add_argument("--json", metavar="FILE")
    options = parser.parse_args()
    if set(options.words.split(",")) - set(BARS):
        parser.error(f"words are {', '.join(BARS)}")
    if not os.access(options.binary, os.X_OK):
        parser.error(f"no sluice at {options.binary}")
    return options


def main():
    options, results, passed = arguments(), {}, True
    for word in options.words.split(","):
        with stages.Stage(hosts=1) as stage:
            results[word], good = measure(stage, options, word)
        passed = passed and good
    return stages.finish(results, passed, options)


if __name__ == "__main__":
    try:
        sys.exit(main())
    except stages.Failure as problem:
        sys.exit(f"failover: {problem}")
