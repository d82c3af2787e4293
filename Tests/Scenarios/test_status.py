"""The leader writes where traffic goes in into the status of our Ingresses, and nobody else does."""

from __future__ import annotations

import json
import signal
import time

import pytest
from harness.cluster import requests_for, serves
from harness.replicas import is_leading
from harness.waiting import holds_for, wait_until
from simulator import objects

HERE = [{"ip": "192.0.2.1"}]
ADDRESS = ("--publish-status-address", "192.0.2.1")


def ingress(api, name: str = "web") -> dict:
    return api.get(apiVersion="networking.k8s.io/v1", kind="Ingress", namespace="default", name=name)


def addresses(api, name: str = "web") -> list[dict] | None:
    return ingress(api, name).get("status", {}).get("loadBalancer", {}).get("ingress")


def patches(api, since: int = 0) -> list[dict]:
    return [request for request in requests_for(api, "ingresses", since) if request["verb"] == "patch"]


def published(api, kind: str, **spec: object) -> None:
    status = spec.pop("status", {})
    api.apply({**objects.service("edge", type=kind, **spec), "status": status})


@pytest.mark.sanitizer
def test_ingresses_of_ours_say_where_traffic_goes_in(cluster, replicas):
    cluster.apply(objects.ingress("foreign", "f.test", "web", class_name="other"))
    replicas(1, *ADDRESS)
    wait_until(lambda: addresses(cluster) == HERE, "status says so")
    cluster.apply(objects.ingress("later", "b.test", "web"))
    wait_until(lambda: addresses(cluster, "later") == HERE, "of a new one too")
    assert addresses(cluster, "foreign") is None
    assert ingress(cluster)["metadata"]["generation"] == 1
    since = cluster.state()["requests"]
    cluster.end_watches()
    time.sleep(1)
    assert patches(cluster, since) == [], "written on difference only"
    assert len(patches(cluster)) == 2


def test_several_addresses_and_names(cluster, replicas):
    replicas(1, "--publish-status-address", "lb.example.test,192.0.2.9,2001:db8::1")
    wanted = [{"hostname": "lb.example.test"}, {"ip": "192.0.2.9"}, {"ip": "2001:db8::1"}]
    wait_until(lambda: addresses(cluster) == wanted, "status says so")


def test_the_addresses_of_a_load_balancer_come_late_and_move(cluster, replicas):
    published(cluster, "LoadBalancer")
    (sluice,) = replicas(1, "--publish-service", "default/edge").all
    sluice.wait_log("default/edge has no address")
    assert patches(cluster) == []
    for ip in ("192.0.2.1", "192.0.2.2"):
        published(cluster, "LoadBalancer", status={"loadBalancer": {"ingress": [{"ip": ip}]}})
        wait_until(lambda ip=ip: addresses(cluster) == [{"ip": ip}], "status follows")
    published(cluster, "LoadBalancer")
    assert holds_for(lambda: addresses(cluster) == [{"ip": "192.0.2.2"}], 1), "nothing is blanked"


def test_the_nodes_of_a_node_port(cluster, replicas):
    def node(name: str, ip: str) -> dict:
        status = {"addresses": [{"type": "InternalIP", "address": ip}, {"type": "Hostname", "address": name}]}
        return {"apiVersion": "v1", "kind": "Node", "metadata": {"name": name}, "status": status}

    published(cluster, "NodePort")
    edge = objects.slice_of("edge", [objects.endpoint("10.0.0.5", pod="edge-0")], 8080)
    cluster.apply(node("hollow", "192.0.2.1"), node("empty", "192.0.2.2"), edge)
    replicas(1, "--publish-service", "default/edge")
    wait_until(lambda: addresses(cluster) == HERE, "the node with a pod")


def test_one_writer_and_the_next_one_goes_on(cluster, replicas):
    """Three replicas, one client that writes; after it was killed another one, and nothing was blanked meanwhile."""
    group = replicas(3, *ADDRESS)
    leader = group.wait_leader()
    wait_until(lambda: addresses(cluster) == HERE, "status says so")
    assert len({patch["client"] for patch in patches(cluster)}) == 1
    leader.process.send_signal(signal.SIGKILL)
    leader.process.wait(5)
    cluster.apply(objects.ingress("later", "b.test", "web"))
    wait_until(lambda: all(serves(sluice, "b.test") for sluice in group.others(leader)), "the others serve it")
    assert addresses(cluster, "later") is None
    wait_until(lambda: addresses(cluster, "later") == HERE, "the next leader writes it", 20)
    assert addresses(cluster) == HERE
    writers = [patch["client"] for patch in patches(cluster)]
    assert len(set(writers)) == 2 and writers == sorted(writers, key=writers.index)


def test_stopping_blanks_nothing(cluster, replicas):
    (sluice,) = replicas(1, *ADDRESS).all
    wait_until(lambda: addresses(cluster) == HERE, "status says so")
    assert sluice.stop() == 0
    assert addresses(cluster) == HERE


def test_what_others_write_is_put_right_and_slowly(cluster, replicas):
    replicas(1, *ADDRESS)
    wait_until(lambda: addresses(cluster) == HERE, "status says so")
    for ip in ("203.0.113.1", "203.0.113.2"):
        cluster.apply({**ingress(cluster), "status": {"loadBalancer": {"ingress": [{"ip": ip}]}}})
        wait_until(lambda: addresses(cluster) == HERE, "it is put right", 8)
    times = [patch["at"] / 1e9 for patch in patches(cluster)]
    assert all(b - a > 4.5 for a, b in zip(times, times[1:]))


def test_an_ingress_that_is_ours_no_more_loses_it(cluster, replicas):
    (sluice,) = replicas(1, *ADDRESS).all
    wait_until(lambda: addresses(cluster) == HERE, "status says so")
    moved = objects.ingress("web", "a.test", "web", class_name="other")
    cluster.apply({**moved, "status": ingress(cluster)["status"]})
    wait_until(lambda: not serves(sluice), "it is not served")
    wait_until(lambda: not addresses(cluster), "and does not say so", 8)


FAULTS = [
    {"kind": "status", "code": 409}, {"kind": "status", "code": 429, "retry_after": 1},
    {"kind": "status", "code": 500}, {"kind": "reset", "after": 0}, {"kind": "truncate", "after": 20},
]  # fmt: skip


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: f"{fault['kind']}{fault.get('code', '')}")
def test_writes_that_fail_come_again(cluster, replicas, fault):
    (sluice,) = replicas(1, *ADDRESS).all
    wait_until(lambda: addresses(cluster) == HERE, "status says so")
    cluster.fault(resource="ingresses", verb="patch", times=2, **fault)
    cluster.apply(objects.ingress("later", "b.test", "web"))
    wait_until(lambda: serves(sluice, "b.test"), "it is served at once")
    if fault.get("code") == 409:  # a conflict comes with news of the object
        cluster.apply(objects.ingress("later", "b.test", "web"), objects.ingress("later", "b.test", "web"))
        cluster.clear_faults()
        cluster.apply(objects.ingress("later", "b.test", "web"))
    wait_until(lambda: addresses(cluster, "later") == HERE, "and says so in the end", 10)


@pytest.mark.sanitizer
def test_without_permission_traffic_goes_on_and_one_line_says_so(cluster, replicas):
    cluster.fault(kind="status", code=403, resource="ingresses", verb="patch")
    (sluice,) = replicas(1, *ADDRESS).all
    sluice.wait_log("status of Ingresses: no permission")
    cluster.apply(*[objects.ingress(f"more-{i}", f"more{i}.test", "web") for i in range(20)])
    wait_until(lambda: serves(sluice, "more19.test"), "they are served")
    assert sluice.log.count("no permission") == 1
    assert len(patches(cluster)) <= 4


def test_slow_writes_delay_nothing(cluster, replicas):
    (sluice,) = replicas(1, *ADDRESS).all
    wait_until(lambda: addresses(cluster) == HERE, "status says so")
    cluster.fault(kind="late", delay=5, resource="ingresses", verb="patch")
    cluster.apply(*[objects.ingress(f"more-{i}", f"more{i}.test", "web") for i in range(50)])
    wait_until(lambda: serves(sluice, "more49.test"), "they are served", 2)
    assert is_leading(sluice)


def test_many_are_written_at_a_bounded_rate(cluster, replicas):
    cluster.apply(*[objects.ingress(f"more-{i}", f"more{i}.test", "web") for i in range(120)])
    replicas(1, *ADDRESS)
    wait_until(lambda: len(patches(cluster)) == 121, "all are written", 15)
    times = sorted(patch["at"] / 1e9 for patch in patches(cluster))
    assert 3 < times[-1] - times[0] < 10
    assert {json.dumps(addresses(cluster, f"more-{i}")) for i in range(120)} == {json.dumps(HERE)}
