"""Acceptance: pods roll, certificates rotate and Ingresses change under load, and no client notices."""

from __future__ import annotations

import time

import pytest

from harness.client import careless, Client
from harness.cluster import serves
from harness.load import LoadProcess
from harness.pods import Pods
from harness.waiting import wait_until
from simulator import objects
from simulator.pki import Authority

AUTHORITY = Authority()


@pytest.fixture
def cluster(simulator, sluice_controller):
    """Ten pods behind `a.test`, with a certificate."""
    api = simulator()
    pods = Pods(api, "web", 10)
    api.apply(
        objects.ingress_class(), objects.service("web"), objects.ingress("web", "a.test", "web", tls_secret="cert", annotations=objects.PLAIN_TOO),
        objects.tls_secret("cert", AUTHORITY.issue("first", ["a.test"])),
    )  # fmt: skip
    sluice = sluice_controller(api)
    wait_until(lambda: serves(sluice), "the site is served")
    yield api, pods, sluice
    pods.close()


def assert_unnoticed(load: LoadProcess, least: int) -> None:
    print(load.result)
    assert (load.result["failed"], load.result["closed"]) == (0, 0), load.result
    assert load.result["requests"] >= least, "the load was too light to prove anything"


def shown(sluice) -> str:
    """The common name of the certificate in force."""
    from cryptography import x509

    with Client(sluice.https, tls=careless(), server_name="a.test") as client:
        return x509.load_der_x509_certificate(client.socket.getpeercert(True)).subject.rfc4514_string()


def test_everything_changes_under_64_clients_at_full_speed(cluster):
    api, pods, sluice = cluster
    with LoadProcess(host="a.test", port=sluice.http, tls_port=sluice.https, clients=64) as load:
        left = [pods.roll() for _ in range(10)]
        for i in range(5):
            api.apply(objects.tls_secret("cert", AUTHORITY.issue(f"cert-{i}", ["a.test"])))
            wait_until(lambda i=i: shown(sluice) == f"CN=cert-{i}", "the new certificate is shown")
        for i in range(200):
            extra = objects.ingress(f"extra-{i % 7}", f"h{i}.test", "web")
            api.apply(extra)
            if i % 20 == 0:
                wait_until(lambda i=i: serves(sluice, f"h{i}.test"), "the new host is served")
            api.delete(extra)
        wait_until(lambda: not any(pod.connections for pod in left), "no connection to a removed pod is left")
    assert_unnoticed(load, 2000)
    assert all(pod.served > 0 for pod in pods.pods), "every new pod has its share"


def test_pods_that_close_their_listener_as_they_turn_unready_cost_nothing(cluster):
    _, pods, sluice = cluster
    with LoadProcess(host="a.test", port=sluice.http, clients=64, rate=500) as load:
        for _ in range(30):
            left = pods.roll()
            # The pace of a rollout: the next pod goes when the new one has its share.
            wait_until(lambda: pods.pods[-1].served > 0, "the new pod is asked")
            time.sleep(0.2)  # some requests on each constellation
            wait_until(lambda: not left.connections, "nobody asks the one that leaves")
            pods.finish(left)
    assert_unnoticed(load, 2000)


def test_pods_that_leave_between_two_slices_cost_nothing(cluster):
    """Harder than it has to be: the whole pod is gone, connections and all, before any slice says so."""
    _, pods, sluice = cluster
    with LoadProcess(host="a.test", port=sluice.http, clients=16, rate=300) as load:
        for _ in range(10):
            leaving = pods.pods[0]
            pods.stop(leaving)
            time.sleep(0.1)
            pods.replace(leaving)
            time.sleep(0.1)
    assert_unnoticed(load, 100)
