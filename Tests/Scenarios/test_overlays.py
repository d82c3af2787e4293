"""The overlays of manifests/: they render, the process knows what they say, and they give the rights that are used."""

from __future__ import annotations

import contextlib
import re
import subprocess

import pytest
from harness.overlays import NAMES, is_available, render
from harness.reviews import Webhook, review, young
from harness.sluice import binary, free_port
from harness.waiting import wait_until
from simulator import objects
from test_manifests import is_allowed

pytestmark = pytest.mark.skipif(not is_available(), reason="no kubectl with a kustomize of version 4 or newer")


def of_kind(rendered: list[dict], *kinds: str) -> dict:
    (found,) = [body for body in rendered if body["kind"] in kinds]
    return found


def container(rendered: list[dict]) -> dict:
    (only,) = of_kind(rendered, "Deployment", "DaemonSet")["spec"]["template"]["spec"]["containers"]
    return only


@pytest.mark.parametrize("name", NAMES)
def test_the_process_knows_every_flag_it_is_given(name):
    help_text = subprocess.run([binary(), "controller", "--help"], capture_output=True, text=True, timeout=20).stdout
    known = set(re.findall(r"--[a-z-]+", help_text))
    assert {argument.split("=")[0] for argument in container(render(name))["args"][1:]} <= known


@pytest.mark.parametrize("name", NAMES)
def test_objects_find_each_other(name):
    rendered = render(name)
    labels = of_kind(rendered, "Deployment", "DaemonSet")["spec"]["template"]["metadata"]["labels"]
    ports = {port["name"] for port in container(rendered)["ports"]}
    for service in (body for body in rendered if body["kind"] == "Service"):
        assert service["spec"]["selector"].items() <= labels.items()
        assert {port["targetPort"] for port in service["spec"]["ports"]} <= ports
    roles = {(body["kind"], body["metadata"].get("namespace"), body["metadata"]["name"]) for body in rendered}
    for binding in (body for body in rendered if body["kind"].endswith("RoleBinding")):
        reference = binding["roleRef"]
        assert (reference["kind"], binding["metadata"].get("namespace"), reference["name"]) in roles
        assert binding["subjects"] == [{"kind": "ServiceAccount", "name": "sluice", "namespace": "sluice"}]


def test_only_pods_on_nodes_leave_the_restricted_profile():
    enforced = {
        name: of_kind(render(name), "Namespace")["metadata"]["labels"]["pod-security.kubernetes.io/enforce"] for name in NAMES
    }  # fmt: skip
    assert {name for name, profile in enforced.items() if profile != "restricted"} == {"daemonset", "host-network"}


def test_the_webhook_works_with_the_rights_and_objects_of_its_overlay(simulator, sluice_controller):
    rendered = render("webhook")
    api = simulator()
    api.apply(objects.ingress_class(), objects.service("web"), objects.ingress("web", "a.test", "web"))
    api.apply(of_kind(rendered, "ValidatingWebhookConfiguration"), of_kind(rendered, "Secret"))
    port = free_port()
    flags = [argument for argument in container(rendered)["args"] if argument.startswith("--admission-")]
    assert len(flags) == 4
    flags = [f"--admission-port={port}" if flag.startswith("--admission-port") else flag for flag in flags]
    since = api.state()["requests"]
    sluice_controller(api, "--no-leader-election", *flags)
    key = {"apiVersion": "admissionregistration.k8s.io/v1", "kind": "ValidatingWebhookConfiguration", "name": "sluice-admission"}

    def answer() -> dict | None:
        (webhook,) = api.get(**key)["webhooks"]
        bundle = objects.text({"data": webhook["clientConfig"]}, "caBundle") if "caBundle" in webhook["clientConfig"] else b""
        with contextlib.suppress(OSError):
            return Webhook(port, bundle).ask(review(young("new", "a.test", "web"))) if bundle else None

    assert wait_until(answer, "an API server that believes the configuration can ask")["allowed"] is False
    asked = api.requests(since=since)
    assert [(r["verb"], r["target"]) for r in asked if not is_allowed(r, rendered)] == []
    assert {r["resource"] for r in asked if r["verb"] == "patch"} == {"secrets", "validatingwebhookconfigurations"}


def test_the_namespaced_overlay_gives_the_rights_that_are_used(simulator, sluice_controller):
    rendered = render("namespaced")
    api = simulator()
    api.apply(objects.ingress_class(), objects.service("web"), objects.ingress("web", "a.test", "web"))
    flags = [argument for argument in container(rendered)["args"] if argument.startswith("--namespace")]
    assert flags == ["--namespace=default"]
    sluice_controller(api, *flags)
    asked = api.requests()
    assert asked and [(r["verb"], r["target"]) for r in asked if not is_allowed(r, rendered)] == []
