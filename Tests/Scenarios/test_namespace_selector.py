"""`--namespace-selector`: Ingresses of namespaces with such labels are served, and labels change at any time."""

from __future__ import annotations

import subprocess

import pytest
from harness.cluster import ask, requests_for, serves, watched
from harness.reviews import NAME, Webhook, review, secret, young
from harness.sluice import Sluice, binary, free_port
from harness.supervised import kill, wait_kept
from harness.waiting import wait_everywhere, wait_until
from simulator import objects
from simulator.pki import Authority

SELECTOR = ("--namespace-selector", "team in (shop,web),!hidden")
NAMESPACES = ("one", "two", "three")


def namespace(name: str, **labels: str) -> dict:
    return {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name, "labels": labels}}


def web(name: str, port: int) -> list[dict]:
    """`NAME.test` leads to the Service `web` of the namespace NAME."""
    return [
        objects.service("web", namespace=name), objects.ingress("web", f"{name}.test", "web", namespace=name),
        objects.slice_of("web", [objects.endpoint("127.0.0.1", pod=f"{name}-0")], port, namespace=name),
    ]  # fmt: skip


@pytest.fixture
def api(simulator, backend):
    api = simulator()
    port = backend().port
    api.apply(objects.ingress_class(), *(one for name in NAMESPACES for one in web(name, port)))
    api.apply(namespace("one", team="shop"), namespace("two", team="other"), namespace("three", team="web", hidden="yes"))
    return api


def served(sluice: Sluice) -> list[str]:
    return [name for name in NAMESPACES if serves(sluice, f"{name}.test")]


def address(api, name: str) -> list | None:
    found = api.get(apiVersion="networking.k8s.io/v1", kind="Ingress", namespace=name, name="web")
    return found.get("status", {}).get("loadBalancer", {}).get("ingress")


def test_only_the_chosen_ones_are_served_once_it_is_ready(api, sluice_controller):
    sluice = sluice_controller(api, *SELECTOR)
    assert served(sluice) == ["one"]
    assert ask(sluice, "two.test").status == 404
    wait_until(lambda: "namespaces" in watched(api), "labels are followed")


def test_labels_that_change_late_bring_and_take_ingresses(api, sluice_controller):
    sluice = sluice_controller(api, *SELECTOR)
    api.apply(namespace("two", team="web"))
    wait_everywhere(lambda: served(sluice) == ["one", "two"], "two has begun to match")
    api.apply(namespace("one", team="shop", hidden="yes"), namespace("three", team="web"))
    wait_everywhere(lambda: served(sluice) == ["two", "three"], "one has ceased to, and three has begun")
    api.apply(namespace("one", team="shop"))
    wait_everywhere(lambda: served(sluice) == ["one", "two", "three"], "one is back")
    api.delete(namespace("two"))
    wait_everywhere(lambda: served(sluice) == ["one", "three"], "two is gone")


def test_what_changes_in_a_namespace_nobody_has_chosen_counts_when_it_is(api, sluice_controller, backend):
    sluice = sluice_controller(api, *SELECTOR)
    later = backend(name="later")
    api.apply(
        objects.ingress("new", "new.test", "web", namespace="two"),
        objects.slice_of("web", [objects.endpoint("127.0.0.1", pod="two-1")], later.port, namespace="two"),
    )
    api.delete(objects.ingress("web", "two.test", "web", namespace="two"))
    # Served after these, so that they have come.
    api.apply(objects.ingress("fence", "fence.test", "web", namespace="one"))
    wait_everywhere(lambda: serves(sluice, "fence.test"), "all of it has come")
    assert ask(sluice, "new.test").status == 404
    api.apply(namespace("two", team="shop"))
    wait_everywhere(lambda: serves(sluice, "new.test"), "it is served")
    wait_until(lambda: serves(sluice, "new.test") and later.requests, "by the servers that it has now")
    assert ask(sluice, "two.test").status == 404


def test_status_and_events_are_of_the_chosen_ones(api, sluice_controller):
    api.apply(objects.ingress("lost", "lost.test", "nowhere", namespace="two"))
    sluice = sluice_controller(api, *SELECTOR, "--publish-status-address", "192.0.2.1", "--election-id", "sluice-leader")
    wait_until(lambda: address(api, "one") == [{"ip": "192.0.2.1"}], "one says where")
    assert address(api, "two") is None
    api.apply(namespace("two", team="shop"), namespace("one"))
    wait_until(lambda: address(api, "two") == [{"ip": "192.0.2.1"}], "two does now")
    wait_until(lambda: not address(api, "one"), "and one does no more")
    wait_until(lambda: any("nowhere" in request["body"] for request in requests_for(api, "events")), "two is told of")
    assert sluice.is_running


def test_ingresses_of_other_namespaces_are_not_judged(api, sluice_controller):
    authority = Authority("webhooks")
    api.apply(secret(authority.issue("webhook", [NAME])))
    port = free_port()
    sluice = sluice_controller(api, *SELECTOR, "--admission-port", str(port), "--admission-secret", "sluice/sluice-admission")
    sluice.wait_log("admission webhook: serves a certificate")
    webhook = Webhook(port, authority.certificate)
    wrong = {"nginx.ingress.kubernetes.io/configuration-snippet": "return 200;"}

    def is_allowed(name: str) -> bool:
        return webhook.ask(review(young("new", "new.test", "web", namespace=name, annotations=wrong)))["allowed"]

    assert not is_allowed("one") and is_allowed("two")
    api.apply(namespace("two", team="shop"))
    wait_until(lambda: not is_allowed("two"), "two is chosen now")


def test_without_the_right_to_know_it_does_not_become_ready(api, sluice_controller):
    reason = 'namespaces is forbidden: User "sluice" cannot list resource "namespaces"'
    api.fault(kind="status", code=403, resource="namespaces", reason="Forbidden", message=reason)
    sluice = sluice_controller(api, *SELECTOR, ready=False)
    sluice.wait_log("Namespace: no permission, so it is not known whose Ingresses are served")
    wait_until(lambda: sluice.ops_get("/readyz?verbose")[1].find("waiting for Namespace") >= 0, "it says what it waits for")
    assert sluice.ops_get("/readyz")[0] != 200
    api.clear_faults()
    sluice.wait_ready(60)
    assert served(sluice) == ["one"]


@pytest.mark.sanitizer
def test_a_successor_knows_who_was_chosen(api, sluice_controller):
    sluice = sluice_controller(api, *SELECTOR, "--supervise", "--log-level", "debug", "--workers", "2")
    wait_kept(sluice, 10)
    api.stop()
    kill(sluice)
    assert served(sluice) == ["one"]
    sluice.wait_ready()
    api.start()
    api.apply(namespace("two", team="shop"))
    wait_until(lambda: "two" in served(sluice), "changes arrive again", 30)


def refusal(*arguments: str) -> str:
    done = subprocess.run([binary(), "controller", *arguments], capture_output=True, text=True, timeout=30)
    assert done.returncode == 2
    return done.stderr


def test_a_selector_that_is_none_is_refused():
    said = refusal("--namespace-selector", "team is shop")
    assert "--namespace-selector" in said and "a label selector such as" in said
    said = refusal("--namespace-selector", "team=shop", "--namespace", "one")
    assert "--namespace and --namespace-selector: only one of them" in said
