"""Endpoints that are left to zones (`topology-mode: Auto`), and Ingresses that are everybody's default and not wanted."""

from __future__ import annotations

import pytest
from harness.cluster import ask, web_objects
from harness.sluice import Sluice
from harness.waiting import holds_for, wait_everywhere, wait_until
from simulator import objects

AUTO = {"service.kubernetes.io/topology-mode": "Auto"}


def left(to: str) -> dict:
    return {**objects.endpoint("127.0.0.1", pod=f"web-{to}"), "hints": {"forZones": [{"name": to}]}}


def halves(one, other, annotations: dict | None = AUTO) -> list[dict]:
    """A Service whose endpoints are left to the zones `here` and `there`; each has a slice of its own, as their ports differ."""
    return [
        objects.ingress_class(), objects.service("web", annotations=annotations), objects.ingress("web", "a.test", "web"),
        objects.slice_of("web", [left("here")], one.port, name="web-here"),
        objects.slice_of("web", [left("there")], other.port, name="web-there"),
    ]  # fmt: skip


def met(sluice: Sluice, count: int = 8) -> set[bytes]:
    return {ask(sluice).body for _ in range(count)}


@pytest.fixture
def pair(backend):
    from harness.backend import named

    return backend(named("one")), backend(named("two"))


@pytest.mark.sanitizer
def test_requests_stay_in_the_zone_that_is_said(simulator, sluice_controller, pair):
    api = simulator()
    api.apply(*halves(*pair))
    sluice = sluice_controller(api, "--zone", "here")
    wait_everywhere(lambda: ask(sluice).status == 200, "it is served")
    assert len(met(sluice)) == 1
    mine = met(sluice)
    # A zone without an endpoint gets those of all.
    api.apply(objects.slice_of("web", [left("elsewhere")], pair[0].port, name="web-here"))
    wait_until(lambda: len(met(sluice)) == 2, "all are used")
    api.apply(objects.slice_of("web", [left("here")], pair[0].port, name="web-here"))
    wait_until(lambda: met(sluice) == mine, "the zone's are used again")


def test_a_service_has_to_want_it(simulator, sluice_controller, pair):
    api = simulator()
    api.apply(*halves(*pair, annotations=None))
    sluice = sluice_controller(api, "--zone", "here")
    wait_until(lambda: len(met(sluice)) == 2, "both are used")


def test_the_zone_of_this_pods_node(simulator, tmp_path, pair):
    api = simulator()
    api.apply(
        *halves(*pair),
        {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "edge-1", "namespace": "default"}, "spec": {"nodeName": "n", "containers": []}},
        {"apiVersion": "v1", "kind": "Node", "metadata": {"name": "n", "labels": {"topology.kubernetes.io/zone": "there"}}},
    )  # fmt: skip
    sluice = Sluice(
        tmp_path / "here", "controller", "--kubeconfig", str(api.kubeconfig), "--zone", "auto",
        POD_NAME="edge-1", POD_NAMESPACE="default",
    )  # fmt: skip
    try:
        sluice.wait_ready()
        sluice.wait_log("--zone auto: there")
        wait_until(lambda: len(met(sluice, 40)) == 1, "one zone's endpoint is used")
        assert holds_for(lambda: len(met(sluice, 4)) == 1, 0.5)
    finally:
        sluice.stop()


def test_a_zone_that_nobody_tells_leaves_all(simulator, tmp_path, pair):
    api = simulator()
    api.apply(*halves(*pair))
    sluice = Sluice(
        tmp_path / "here", "controller", "--kubeconfig", str(api.kubeconfig), "--zone", "auto", POD_NAME="nobody", POD_NAMESPACE="default"
    )
    try:
        sluice.wait_ready()
        sluice.wait_log("all endpoints are used")
        wait_until(lambda: len(met(sluice)) == 2, "both are used")
    finally:
        sluice.stop()


def test_no_catch_all(simulator, sluice_controller, backend):
    api = simulator()
    both = objects.ingress("both", "b.test", "web")
    both["spec"]["defaultBackend"] = {"service": {"name": "web", "port": {"number": 80}}}
    api.apply(*web_objects(backend()), both)
    sluice = sluice_controller(api, "--no-catch-all")
    wait_until(lambda: ask(sluice).status == 200, "others are served")
    assert ask(sluice, "b.test").status == 404 and ask(sluice, "nobody.test").status == 404
    sluice.wait_log("spec.defaultBackend.*switched off")
    del both["spec"]["defaultBackend"]
    api.apply(both)
    wait_until(lambda: ask(sluice, "b.test").status == 200, "without it is served")
