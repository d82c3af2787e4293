"""The leader writes where traffic goes in into the status of our Ingresses, and nobody else does."""

from __future__ import annotations

import json
import signal
import time

import pytest
from harness.cluster import requests_for, serves
from harness.replicas import is_leading
from harness.sluice import Sluice
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


def test_who_reads_a_status_may_ask_at_once(cluster, replicas):
    """It is written when every worker serves the Ingress, not before."""
    (sluice,) = replicas(1, *ADDRESS, "--workers", "3").all
    wait_until(lambda: addresses(cluster) == HERE, "status says so")
    for i in range(12):
        name = f"new-{i}"
        cluster.apply(objects.ingress(name, f"{name}.test", "web"))
        # Without a pause: what is asked is whether the very first look may be believed.
        deadline = time.monotonic() + 60
        while addresses(cluster, name) != HERE:
            assert time.monotonic() < deadline, name
        # New connections are any worker's.
        assert all(serves(sluice, f"{name}.test") for _ in range(6))


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
        wait_until(lambda: addresses(cluster) == HERE, "it is put right")
    times = [patch["at"] / 1e9 for patch in patches(cluster)]
    assert all(b - a > 3.5 for a, b in zip(times, times[1:]))


def test_an_ingress_that_is_ours_no_more_loses_it(cluster, replicas):
    (sluice,) = replicas(1, *ADDRESS).all
    wait_until(lambda: addresses(cluster) == HERE, "status says so")
    moved = objects.ingress("web", "a.test", "web", class_name="other")
    cluster.apply({**moved, "status": ingress(cluster)["status"]})
    wait_until(lambda: not serves(sluice), "it is not served")
    wait_until(lambda: not addresses(cluster), "and does not say so")


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
    wait_until(lambda: addresses(cluster, "later") == HERE, "and says so in the end")


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
    cluster.fault(kind="late", delay=12, resource="ingresses", verb="patch")
    cluster.apply(*[objects.ingress(f"more-{i}", f"more{i}.test", "web") for i in range(50)])
    wait_until(lambda: serves(sluice, "more49.test"), "they are served", 8)
    assert is_leading(sluice)


def test_many_are_written_at_a_bounded_rate(cluster, replicas):
    cluster.apply(*[objects.ingress(f"more-{i}", f"more{i}.test", "web") for i in range(120)])
    replicas(1, *ADDRESS)
    wait_until(lambda: len(patches(cluster)) == 121, "all are written", 40)
    times = sorted(patch["at"] / 1e9 for patch in patches(cluster))
    assert times[-1] - times[0] > 3
    assert {json.dumps(addresses(cluster, f"more-{i}")) for i in range(120)} == {json.dumps(HERE)}


LABELS = {"app": "edge", "pod-template-hash": "1"}


def pod(name: str, node: str, *, ready: bool = True, labels: dict = LABELS) -> dict:
    return {
        "apiVersion": "v1", "kind": "Pod", "metadata": {"name": name, "namespace": "default", "labels": labels},
        "spec": {"nodeName": node, "containers": []},
        "status": {"phase": "Running", "conditions": [{"type": "Ready", "status": "True" if ready else "False"}]},
    }  # fmt: skip


def node(name: str, internal: str, external: str = "", zone: str = "") -> dict:
    kinds = {"InternalIP": internal, "ExternalIP": external}
    return {
        "apiVersion": "v1", "kind": "Node",
        "metadata": {"name": name, "labels": {"topology.kubernetes.io/zone": zone} if zone else {}},
        "status": {"addresses": [{"type": kind, "address": ip} for kind, ip in kinds.items() if ip]},
    }  # fmt: skip


def run_as(tmp_path, api, name: str, *arguments: str) -> Sluice:
    """A controller that takes itself for a pod."""
    return Sluice(
        tmp_path / name, "controller", "--kubeconfig", str(api.kubeconfig), "--election-id", "sluice-leader", *arguments,
        POD_NAME=name, POD_NAMESPACE="default",
    ).wait_ready()  # fmt: skip


@pytest.fixture
def as_pod(tmp_path, cluster):
    running: list[Sluice] = []

    def start(name: str, *arguments: str) -> Sluice:
        running.append(run_as(tmp_path, cluster, name, *arguments))
        return running[-1]

    yield start
    for sluice in running:
        sluice.stop()


@pytest.mark.parametrize(("kind", "wanted"), [("external", "198.51.100.1"), ("internal", "192.0.2.1")])
def test_the_nodes_of_pods_like_this_one(cluster, as_pod, kind, wanted):
    cluster.apply(
        node("one", "192.0.2.1", "198.51.100.1"), node("two", "192.0.2.2"), node("three", "192.0.2.3"),
        pod("edge-1", "one"), pod("edge-2", "two", labels={**LABELS, "pod-template-hash": "2"}),
        pod("edge-3", "three", ready=False), pod("other", "three", labels={"app": "other"}),
    )  # fmt: skip
    as_pod("edge-1", "--publish-nodes", kind)
    both = sorted([{"ip": wanted}, {"ip": "192.0.2.2"}], key=lambda entry: entry["ip"])
    wait_until(lambda: sorted(addresses(cluster) or [], key=lambda entry: entry["ip"]) == both, "both nodes")
    cluster.delete(pod("edge-2", "two"))
    wait_until(lambda: addresses(cluster) == [{"ip": wanted}], "one is left")


def test_the_inside_of_the_nodes_of_a_node_port(cluster, replicas):
    published(cluster, "NodePort")
    edge = objects.slice_of("edge", [objects.endpoint("10.0.0.5", pod="edge-0")], 8080)
    cluster.apply(node("hollow", "192.0.2.1", "198.51.100.1"), edge)
    replicas(1, "--publish-service", "default/edge", "--publish-nodes", "internal")
    wait_until(lambda: addresses(cluster) == HERE, "its address inside")


@pytest.mark.sanitizer
def test_the_last_replica_takes_back_what_was_written(cluster, as_pod):
    cluster.apply(pod("edge-1", "one"), pod("other", "one", labels={"app": "other"}), objects.ingress("later", "b.test", "web"))
    sluice = as_pod("edge-1", *ADDRESS, "--clear-status")
    wait_until(lambda: addresses(cluster) == HERE and addresses(cluster, "later") == HERE, "status says so")
    # A second signal would end it before it has taken back what it wrote.
    sluice.terminate()
    assert sluice.process.wait(20) == 0
    assert not addresses(cluster) and not addresses(cluster, "later")


def test_another_one_leaves_it(cluster, as_pod):
    cluster.apply(pod("edge-1", "one"), pod("edge-2", "one", ready=False))
    sluice = as_pod("edge-1", *ADDRESS, "--clear-status")
    wait_until(lambda: addresses(cluster) == HERE, "status says so")
    assert sluice.stop() == 0
    assert addresses(cluster) == HERE


def test_who_does_not_know_others_leaves_it(cluster, as_pod):
    sluice = as_pod("unknown", *ADDRESS, "--clear-status")
    wait_until(lambda: addresses(cluster) == HERE, "status says so")
    assert sluice.stop() == 0
    assert "other replicas are not known" in sluice.log
    assert addresses(cluster) == HERE
