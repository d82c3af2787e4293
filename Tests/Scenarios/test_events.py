"""The leader tells owners what is wrong with their objects, as Events."""

from __future__ import annotations

import json
import re
import signal
import subprocess
import time
import urllib.request

import pytest
from harness.cluster import requests_for, serves, web_objects
from harness.folder import Folder
from harness.replicas import lease_writes
from harness.sluice import binary, free_port
from harness.waiting import holds_for, wait_until
from simulator import objects
from simulator.pki import Authority


def events(api) -> list[dict]:
    found = []
    for key in api.names(apiVersion="events.k8s.io/v1", kind="Event"):
        namespace, name = key.split("/")
        found.append(api.get(apiVersion="events.k8s.io/v1", kind="Event", namespace=namespace, name=name))
    return found


def reasons(api) -> set[tuple[str, str]]:
    return {(event["regarding"]["name"], event["reason"]) for event in events(api)}


def writes(api, since: int = 0) -> list[dict]:
    return requests_for(api, "events", since)


@pytest.mark.sanitizer
def test_an_event_names_object_field_and_way_out(cluster, replicas):
    lost = objects.ingress("lost", "b.test", "nowhere")
    cluster.apply(lost)
    replicas(1)
    wait_until(lambda: ("lost", "ServiceNotFound") in reasons(cluster), "it is told")
    (event,) = events(cluster)
    stored = cluster.get(apiVersion="networking.k8s.io/v1", kind="Ingress", namespace="default", name="lost")
    assert event["regarding"] == {
        "apiVersion": "networking.k8s.io/v1", "kind": "Ingress", "namespace": "default", "name": "lost",
        "uid": stored["metadata"]["uid"],
    }  # fmt: skip
    assert event["note"].startswith("spec.rules[0].http.paths[0].backend: ") and "nowhere" in event["note"]
    assert (event["type"], event["reportingController"]) == ("Warning", "ingress.sluice.dev/controller")


FAULTY = [
    objects.ingress("port", "c.test", "web", port=81), objects.ingress("web-twin", "a.test", "web"),
    objects.ingress("classless", "d.test", "web", class_name="missing"),
    objects.ingress("secretless", "e.test", "web", tls_secret="none"),
    objects.ingress("broken", "f.test", "web", tls_secret="broken"), objects.broken_secret("broken"),
    objects.ingress("lost", "g.test", "nowhere"),
    objects.ingress("valued", "h.test", "web", annotations={"nginx.ingress.kubernetes.io/proxy-read-timeout": "soon"}),
    objects.ingress("snippet", "i.test", "web", annotations={"nginx.ingress.kubernetes.io/server-snippet": "return 200;"}),
]  # fmt: skip


def test_every_kind_of_finding_is_told_on_the_object_at_fault(cluster, replicas):
    cluster.apply(*FAULTY)
    replicas(1)
    wanted = {"port", "web-twin", "classless", "secretless", "broken", "lost", "valued", "snippet"}
    wait_until(lambda: {name for name, _ in reasons(cluster)} == wanted, "all are told")
    # Each names a field, and what becomes of it, or the way out, behind it.
    assert [note for note in (event["note"] for event in events(cluster)) if not re.match(r"\S+: .*; \S", note)] == []


def test_the_same_is_told_everywhere(cluster, replicas, backend, tmp_path):
    """Events, the admin port, which the dashboard reads, the metric and `sluice check` have the same findings."""
    cluster.apply(*FAULTY)
    port = free_port()
    (sluice,) = replicas(1, "--admin-address", f"127.0.0.1:{port}").all

    def shown() -> list[dict]:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/api/diagnostics", timeout=15) as answer:
            return json.load(answer)["items"]

    def pairs() -> set[tuple[str, str]]:
        return {(one["object"].partition("/")[2], one["reason"]) for one in shown()}

    wait_until(lambda: len(reasons(cluster)) >= 8 and pairs() == reasons(cluster), "all are told, and shown")
    wait_until(lambda: sluice.metric("sluice_object_errors") == len(shown()), "and counted")
    folder = Folder(tmp_path / "manifests")
    folder.put(*web_objects(backend()), *FAULTY)
    said = subprocess.run([binary(), "check", str(folder.path)], capture_output=True, text=True, timeout=20).stdout
    assert set(re.findall(r" \w+ default/(\S+) .*\((\w+)\)$", said, re.M)) == reasons(cluster), said


@pytest.mark.sanitizer
def test_a_certificate_is_told_of_when_its_last_fortnight_begins(cluster, replicas):
    """Nothing changes in the cluster when that happens."""
    authority = Authority("expiry-ca")
    soon, late = 14 * 86_400 + 2, 14 * 86_400 + 3_600
    cluster.apply(
        objects.ingress("soon", "b.test", "web", tls_secret="soon"), objects.ingress("late", "c.test", "web", tls_secret="late"),
        objects.tls_secret("soon", authority.issue("b", ["b.test"], seconds=soon)),
        objects.tls_secret("late", authority.issue("c", ["c.test"], seconds=late)),
    )  # fmt: skip
    (sluice,) = replicas(1).all
    assert serves(sluice)
    wait_until(lambda: reasons(cluster) == {("soon", "CertificateExpiring")}, "it is told")
    cluster.apply(objects.tls_secret("soon", authority.issue("b", ["b.test"])))
    wait_until(lambda: sluice.metric("sluice_object_errors") == 0, "the new one is fine")
    cluster.apply(objects.tls_secret("late", authority.issue("c", ["c.test"], seconds=-60)))
    wait_until(lambda: ("late", "CertificateExpired") in reasons(cluster), "one that has ended is told of too")


def test_a_finding_is_told_once_by_all_replicas_and_their_successors(cluster, replicas):
    cluster.apply(objects.ingress("lost", "b.test", "nowhere"))
    group = replicas(2)
    leader = group.wait_leader()
    wait_until(lambda: len(events(cluster)) == 1, "it is told")
    leader.terminate()
    group.wait_leader(among=group.others(leader))
    wait_until(lambda: events(cluster)[0].get("series"), "the next leader goes on with it")
    (event,) = events(cluster)
    assert event["series"]["count"] == 2
    assert len({write["client"] for write in writes(cluster)}) == 2


def test_what_is_mended_and_breaks_again_at_once_is_not_told_again(cluster, replicas):
    cluster.apply(objects.ingress("lost", "b.test", "nowhere"))
    (sluice,) = replicas(1).all
    wait_until(lambda: events(cluster), "it is told")
    since = cluster.state()["requests"]
    for _ in range(10):
        cluster.apply(objects.service("nowhere"))
        wait_until(lambda: sluice.metric("sluice_object_errors") == 0, "it is mended")
        cluster.delete(objects.service("nowhere"))
        wait_until(lambda: sluice.metric("sluice_object_errors") == 1, "it is broken again")
    assert writes(cluster, since) == []


def test_many_findings_are_told_at_a_bounded_rate(cluster, replicas):
    cluster.apply(*[objects.ingress(f"lost-{i}", f"lost{i}.test", "nowhere") for i in range(60)])
    started = time.monotonic()
    replicas(1)
    wait_until(lambda: len(events(cluster)) == 60, "all are told", 20)
    assert time.monotonic() - started > 5


@pytest.mark.sanitizer
def test_without_permission_one_line_says_so_and_traffic_goes_on(cluster, replicas):
    cluster.fault(kind="status", code=403, resource="events")
    cluster.apply(*[objects.ingress(f"lost-{i}", f"lost{i}.test", "nowhere") for i in range(10)])
    (sluice,) = replicas(1).all
    sluice.wait_log("Events: no permission")
    assert holds_for(lambda: serves(sluice), 2)
    assert sluice.log.count("Events: no permission") == 1
    assert len(writes(cluster)) <= 2


@pytest.mark.parametrize("fault", [{"kind": "status", "code": 429, "retry_after": 1}, {"kind": "reset", "after": 0}])
def test_events_that_were_not_taken_come_again(cluster, replicas, fault):
    cluster.fault(resource="events", times=2, **fault)
    cluster.apply(objects.ingress("lost", "b.test", "nowhere"))
    replicas(1)
    wait_until(lambda: events(cluster), "it is told in the end")
    assert len(events(cluster)) == 1


def test_a_thawed_leader_writes_nothing(cluster, replicas):
    """It was stopped for longer than its Lease lasts; what it had to say, its successor has said."""
    group = replicas(2)
    leader = group.wait_leader()
    name = cluster.state()["requests"]
    mine = {write["client"] for write in lease_writes(cluster)}
    leader.process.send_signal(signal.SIGSTOP)
    cluster.apply(objects.ingress("lost", "b.test", "nowhere"))
    wait_until(lambda: events(cluster), "its successor tells", 25)
    leader.process.send_signal(signal.SIGCONT)
    time.sleep(2)
    late = [write for write in writes(cluster, name) if write["client"] in mine]
    assert late == [] and json.dumps(events(cluster)).count("lost") > 0
