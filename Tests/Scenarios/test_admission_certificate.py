"""The admission webhook's own certificate: the leader makes it, lets it be believed, and renews it."""

from __future__ import annotations

import contextlib
import time

import pytest
from harness.cluster import requests_for, serves
from harness.reviews import NAME, Webhook, bundles, configuration, held, review, secret, young
from harness.sluice import free_port
from harness.waiting import holds_for, wait_until
from simulator import objects
from simulator.pki import Authority

KEPT = (
    "--admission-secret", "sluice/sluice-admission", "--admission-webhook", "sluice",
    "--admission-service", "sluice/sluice-admission",
)  # fmt: skip
NEW = review(young("new", "b.test", "web"))


def start(api, sluice_controller, *others: str):
    port = free_port()
    return sluice_controller(api, "--admission-port", str(port), *KEPT, *others), port


def works(api, port: int) -> bool:
    """Whether an API server that believes what the configuration says now can ask. It hears of changes as they are made."""
    believed = None
    while believed != (believed := bundles(api)[0]):
        with contextlib.suppress(OSError):
            return Webhook(port, believed).ask(NEW)["allowed"]
    return False


@pytest.mark.sanitizer
def test_an_empty_secret_gets_a_certificate_that_is_believed(cluster, sluice_controller):
    cluster.apply(configuration(webhooks=2), secret())
    sluice, port = start(cluster, sluice_controller, "--no-leader-election")
    wait_until(lambda: bundles(cluster)[0] and works(cluster, port), "it can be asked")
    assert set(held(cluster)) == {"ca.crt", "tls.crt", "tls.key"}
    assert bundles(cluster) == [held(cluster)["ca.crt"]] * 2
    assert b"PRIVATE" not in bundles(cluster)[0] and b"PRIVATE" not in sluice.log.encode()
    wait_until(lambda: sluice.metric("sluice_admission_writes_total") == 2, "both writes are counted")
    assert sluice.metric("sluice_admission_certificate_end_seconds") > time.time() + 390 * 86_400


def test_who_forgets_the_authority_is_reminded(cluster, sluice_controller):
    cluster.apply(configuration(), secret())
    _, port = start(cluster, sluice_controller, "--no-leader-election")
    wait_until(lambda: bundles(cluster)[0] and works(cluster, port), "it can be asked")
    before = held(cluster)
    cluster.apply(configuration())
    wait_until(lambda: bundles(cluster)[0] and works(cluster, port), "it can be asked again")
    assert held(cluster) == before, "with the certificate there was"


def test_a_certificate_near_its_end_is_replaced_and_can_be_believed_all_the_time(cluster, sluice_controller):
    old = Authority("old")
    # An hour behind and twenty minutes ahead of it: the last third.
    pair = old.issue("webhook", [NAME], seconds=1_200)
    cluster.apply(configuration(old.certificate), secret(pair, old))
    sluice, port = start(cluster, sluice_controller, "--no-leader-election")
    sluice.wait_log("serves a certificate")
    asked = 0
    deadline = time.monotonic() + 30
    while held(cluster)["tls.crt"] == pair.certificate:
        assert works(cluster, port), "an API server could not believe what it was shown"
        asked += 1
        assert time.monotonic() < deadline, "not renewed"
    assert asked > 10
    wait_until(lambda: sluice.log.count("serves a certificate") == 2, "the new one is shown")
    assert works(cluster, port)
    new = held(cluster)
    assert bundles(cluster)[0] == old.certificate + new["ca.crt"], "connections of the old one are believed still"
    with pytest.raises(OSError):
        Webhook(port, old.certificate).ask(NEW)
    patches = [request for request in cluster.requests() if request["verb"] == "patch" and request["resource"] in ("secrets", "validatingwebhookconfigurations")]
    assert [request["resource"] for request in patches] == ["validatingwebhookconfigurations", "secrets"]


@pytest.mark.parametrize("data", [{}, {"tls.crt": "eA==", "tls.key": "eA=="}], ids=["empty", "broken"])
def test_what_nobody_can_serve_with_is_replaced(cluster, sluice_controller, data):
    cluster.apply(configuration(b"nonsense"), {**secret(), "data": data})
    _, port = start(cluster, sluice_controller, "--no-leader-election")
    wait_until(lambda: bundles(cluster)[0] != b"nonsense" and works(cluster, port), "it can be asked")


def test_objects_that_come_late_are_waited_for(cluster, sluice_controller):
    sluice, port = start(cluster, sluice_controller, "--no-leader-election")
    sluice.wait_log("its Secret does not exist: create an empty one")
    cluster.apply(secret())
    sluice.wait_log("its ValidatingWebhookConfiguration does not exist")
    assert held(cluster) == {}
    cluster.apply(configuration())
    wait_until(lambda: bundles(cluster)[0] and works(cluster, port), "it can be asked")
    assert serves(sluice)


def test_without_permission_it_is_said_and_traffic_does_not_care(cluster, sluice_controller):
    cluster.apply(configuration(), secret())
    cluster.fault(kind="status", code=403, resource="validatingwebhookconfigurations", verb="patch", times=100)
    sluice, _ = start(cluster, sluice_controller, "--no-leader-election")
    sluice.wait_log("admission webhook: no permission to write")
    assert held(cluster) == {} and serves(sluice)


def test_replicas_show_the_one_certificate_that_their_leader_makes(cluster, sluice_controller):
    cluster.apply(configuration(), secret())
    ports = [start(cluster, sluice_controller)[1] for _ in range(2)]
    wait_until(lambda: bundles(cluster)[0] and all(works(cluster, port) for port in ports), "both can be asked")
    writes = [request for request in requests_for(cluster, "secrets") if request["verb"] == "patch"]
    assert len(writes) == 1
    assert holds_for(lambda: all(works(cluster, port) for port in ports), 1)


def test_with_somebody_elses_certificate_nothing_is_written(cluster, sluice_controller):
    authority = Authority("cert-manager")
    pair = authority.issue("webhook", [NAME], seconds=600)
    cluster.apply(configuration(authority.certificate), secret(pair, authority))
    port = free_port()
    sluice = sluice_controller(
        cluster, "--admission-port", str(port), "--admission-secret", "sluice/sluice-admission", "--no-leader-election", "--election-id", "x"
    )  # fmt: skip
    sluice.wait_log("serves a certificate")
    assert works(cluster, port)
    cluster.apply(objects.ingress("later", "c.test", "web"))
    wait_until(lambda: serves(sluice, "c.test"), "the cluster is followed")
    assert [r for r in cluster.requests() if r["verb"] == "patch" and r["resource"] == "secrets"] == []
    assert held(cluster)["tls.crt"] == pair.certificate
