#!/usr/bin/python3
"""What a controller of a large cluster costs while nothing happens, and while endpoints change without end.

    Tests/Benchmarks/churn.py                        # eleven minutes
    Tests/Benchmarks/churn.py --seconds 60           # shorter

10,000 Ingresses with a Service and an EndpointSlice of two addresses each; then slices change at a steady pace, each to a new
address and back, and once a second the time from the write of a change to the first answer that shows it is measured. CPU is that
of the whole process, workers included. The cluster is the API server simulator of Tests/Simulator. See README.md in this folder.
"""

import argparse
import os
import random
import sys
import time

import cluster
import load
import propagation
import proxies
import stage as stages
from simulator.bulk import Bulk

CPU_BAR = 5.0  # per cent of a core
PROPAGATION_BAR = 20.0  # p99, milliseconds
GROWTH_BAR = 1.03  # resident memory at the end to that after the first tenth
ADDRESSES = ("127.0.0.1", "127.0.0.4")
BUSY = 0.8  # of each second: all changes of that second come in it, evenly; the rest is for the one that is looked for


class Clock:
    """CPU of a process over spans of time, as per cent of a core; of threads that have ended, too."""

    def __init__(self, controller):
        self._controller = controller
        self.restart()

    def restart(self):
        self._since, self._used = time.monotonic(), sum(self._controller.user_share())

    def seconds(self):
        return sum(self._controller.user_share()) - self._used

    def percent(self):
        return self.seconds() / (time.monotonic() - self._since) * 100


class Churn:
    """Changes of bulk slices, each to an address of its own and back with its next turn."""

    def __init__(self, api, count, port):
        self._api = api
        self._here = Bulk(ingresses=count, port=port, addresses=ADDRESSES)
        self._there = Bulk(ingresses=count, port=port, addresses=("127.0.0.1", "127.0.0.5"))
        self._moved = set()
        self.changes = 0

    def step(self):
        place = random.randrange(self._here.ingresses)
        is_back = place in self._moved
        (self._moved.discard if is_back else self._moved.add)(place)
        self._api.apply((self._here if is_back else self._there).slice(place))
        self.changes += 1


def run(stage, options):
    port = propagation.start_pair(stage)
    setup, kinds = propagation.probe_objects(port)
    states, answers = kinds["endpoints"]
    api = cluster.ApiServer(stage)
    api.apply(cluster.objects.ingress_class())
    api.begin("bulk", {"ingresses": options.ingresses, "port": stage.backend_port, "addresses": list(ADDRESSES)})
    api.finish()
    api.apply(*setup)
    controller = cluster.Controller(stage, api, options.binary)
    controller.start()
    probe = cluster.HttpProbe(controller.http, "endpoints.probe.test")
    while probe.ask() != answers["A"]:
        time.sleep(0.02)
    clock = Clock(controller)
    time.sleep(options.idle)
    idle, resting = clock.percent(), controller.memory()[0]
    print(f"\n{options.ingresses:,} Ingresses, {2 * options.ingresses:,} endpoints")
    print(f"  idle for {options.idle} s: {idle:.2f} % of a core, {resting / 2**20:.1f} MiB resident", flush=True)
    churn = Churn(api, options.ingresses, stage.backend_port)
    latencies, memory, lost, used = [], [], 0, 0.0
    began = time.monotonic()
    for second in range(options.seconds):
        clock.restart()
        for i in range(options.pace):
            churn.step()
            time.sleep(max(0.0, began + second + (i + 1) * BUSY / options.pace - time.monotonic()))
        # A change that is looked for: the probe asks without a pause, which is not the churn's cost.
        used += clock.seconds()
        state = "B" if second % 2 == 0 else "A"
        seconds, _ = cluster.propagation(api, states[state], probe, answers[state])
        if seconds is None:
            lost += 1
        else:
            latencies.append(seconds * 1000)
        memory.append(controller.memory()[0])
        if (second + 1) % 60 == 0:
            print(f"  after {second + 1} s: {memory[-1] / 2**20:.1f} MiB", flush=True)
        time.sleep(max(0.0, began + second + 1 - time.monotonic()))
    latencies.sort()
    elapsed = time.monotonic() - began
    probe.close()
    controller.stop()
    api.stop()
    # What a second of these changes takes, and the rest of the second as it is without any.
    percent = used / options.seconds * 100 + idle * (1 - BUSY)
    return verdict(options, churn.changes / elapsed, percent, latencies, lost, memory)


def verdict(options, pace, percent, latencies, lost, memory):
    first, last = memory[len(memory) // 10], memory[-1]
    p99 = load.percentile(latencies, 0.99)
    good = percent <= CPU_BAR and p99 <= PROPAGATION_BAR and last <= first * GROWTH_BAR and not lost
    print(f"  {pace:.0f} changes a second for {options.seconds} s: {percent:.2f} % of a core (bar {CPU_BAR:g}); to the first new answer "
          f"{load.percentile(latencies, 0.5):.2f} ms, p99 {p99:.2f} ms (bar {PROPAGATION_BAR:g}), lost {lost}; resident "
          f"{first / 2**20:.1f} to {last / 2**20:.1f} MiB (bar {GROWTH_BAR})  {'PASS' if good else 'FAIL'}", flush=True)
    return good


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--ingresses", type=int, default=10000)
    parser.add_argument("--seconds", type=int, default=600, help="how long endpoints change; default %(default)s")
    parser.add_argument("--pace", type=int, default=50, help="changes a second; default %(default)s")
    parser.add_argument("--idle", type=int, default=30, help="seconds of rest that are looked at first")
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
        sys.exit(f"churn: {problem}")
