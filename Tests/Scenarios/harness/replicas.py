"""Several controllers on one cluster, which elect the one that writes."""

from __future__ import annotations

import json
import signal
import time
from pathlib import Path

from simulator.client import ApiServer

from .cluster import requests_for
from .sluice import Sluice
from .waiting import wait_until

LEASE = {"apiVersion": "coordination.k8s.io/v1", "kind": "Lease", "namespace": "default", "name": "sluice-leader"}


class Replicas:
    """Controllers that may be killed; each is known by the number it was started as."""

    def __init__(self, directory: Path, api: ApiServer, count: int, *arguments: str) -> None:
        self.api = api
        self.all = [
            Sluice(
                directory / f"replica{i}", "controller", "--kubeconfig", str(api.kubeconfig),
                "--election-id", LEASE["name"], *arguments,
            )
            for i in range(count)
        ]  # fmt: skip
        for sluice in self.all:
            sluice.wait_ready()

    @property
    def leaders(self) -> list[Sluice]:
        return [sluice for sluice in self.all if sluice.is_running and is_leading(sluice)]

    def wait_leader(self, timeout: float = 15.0, among: list[Sluice] | None = None) -> Sluice:
        """The one that leads, as soon as there is one."""
        chosen = among or self.all
        return wait_until(
            lambda: next((s for s in chosen if s.is_running and is_leading(s)), None), "one leads", timeout
        )

    def others(self, leader: Sluice) -> list[Sluice]:
        return [sluice for sluice in self.all if sluice is not leader]

    def close(self) -> None:
        for sluice in self.all:
            if sluice.is_running:
                sluice.process.send_signal(signal.SIGCONT)
            sluice.stop()


def is_leading(sluice: Sluice) -> bool:
    return sluice.metric("sluice_leader") == 1


def lease(api: ApiServer) -> dict | None:
    return api.get(**LEASE)


def holder(api: ApiServer) -> str:
    found = lease(api)
    return found["spec"].get("holderIdentity", "") if found else ""


def lease_writes(api: ApiServer, since: int = 0) -> list[dict]:
    """What was written into the Lease, with who wrote it, in order."""
    written = [request for request in requests_for(api, "leases", since) if request["verb"] in ("create", "patch")]
    return [
        {**request, "spec": json.loads(request["body"])["spec"]}
        for request in written
        if request["status"] == 200
    ]


def until(moment: float) -> float:
    """Seconds since a moment of time.monotonic()."""
    return time.monotonic() - moment
