"""The manifests of this repository: safe to apply, and what the code expects."""

from __future__ import annotations

import subprocess

import pytest
import yaml
from harness.sluice import ROOT, binary
from harness.waiting import wait_until
from simulator import objects

INSTALL = list(yaml.safe_load_all((ROOT / "manifests/install.yaml").read_text()))


def test_the_base_of_the_overlays_is_the_same_file():
    assert (ROOT / "manifests/base/install.yaml").read_text() == (ROOT / "manifests/install.yaml").read_text()


def only(kind: str) -> dict:
    (found,) = [body for body in INSTALL if body["kind"] == kind]
    return found


def pod() -> dict:
    return only("Deployment")["spec"]["template"]["spec"]


@pytest.mark.parametrize("path", ["manifests/install.yaml", "manifests/examples"])
def test_they_are_checked_without_an_error(path):
    done = subprocess.run([binary(), "check", ROOT / path], capture_output=True, text=True, timeout=20)
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_pod_meets_the_restricted_profile():
    (container,) = pod()["containers"]
    assert pod()["securityContext"]["runAsNonRoot"] is True
    assert pod()["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
    assert container["securityContext"] == {
        "allowPrivilegeEscalation": False, "readOnlyRootFilesystem": True, "capabilities": {"drop": ["ALL"]},
    }  # fmt: skip
    assert not {"hostNetwork", "hostPID", "hostIPC", "volumes"} & pod().keys()
    assert all(port["containerPort"] > 1023 and "hostPort" not in port for port in container["ports"])


def test_the_pod_may_finish_its_drain():
    help_text = subprocess.run([binary(), "controller", "--help"], capture_output=True, text=True).stdout
    assert "--drain-delay" in help_text and "--drain-timeout" in help_text
    assert pod()["terminationGracePeriodSeconds"] > 10 + 300


def test_the_ports_meet():
    (container,) = pod()["containers"]
    ports = {port["name"]: port["containerPort"] for port in container["ports"]}
    assert ports == {"http": 8080, "https": 8443, "ops": 10254}
    assert {p["port"]: ports[p["targetPort"]] for p in only("Service")["spec"]["ports"]} == {80: 8080, 443: 8443}
    probes = [container[f"{name}Probe"]["httpGet"] for name in ("startup", "liveness", "readiness")]
    assert [(probe["path"], ports[probe["port"]]) for probe in probes] == [
        ("/livez", 10254), ("/livez", 10254), ("/readyz", 10254),
    ]  # fmt: skip


READING = {"get", "list", "watch"}


def test_it_writes_nothing_but_what_the_leader_writes():
    """By kind: what may be done to it beside reading."""
    written = {
        (role["kind"], kind): set(rule["verbs"]) - READING
        for role in INSTALL
        if role["kind"] in ("Role", "ClusterRole")
        for rule in role["rules"]
        for kind in rule["resources"]
        if set(rule["verbs"]) - READING and not ("create" in rule["verbs"] and kind == "leases")
    }
    assert written == {
        ("Role", "leases"): {"patch"}, ("ClusterRole", "ingresses/status"): {"patch"},
        ("ClusterRole", "events"): {"create", "patch"},
    }  # fmt: skip


def test_it_reads_what_it_serves():
    rules = only("ClusterRole")["rules"]
    kinds = {kind for rule in rules if READING <= set(rule["verbs"]) for kind in rule["resources"]}
    assert kinds == {"ingresses", "ingressclasses", "services", "secrets", "endpointslices", "configmaps"}


def test_the_lease_it_may_write_is_the_one_it_elects_by():
    named = [rule for rule in only("Role")["rules"] if "resourceNames" in rule and rule["resources"] == ["leases"]]
    assert [rule["resourceNames"] for rule in named] == [["sluice-leader"]]
    text = subprocess.run([binary(), "controller", "--help"], capture_output=True, text=True).stdout
    assert "--election-id" in text and "CLASS-leader" in text


def is_allowed(request: dict, rules: list[dict] = INSTALL) -> bool:
    """Whether a rule of ours covers what was asked of the API server; a list by name is one of what has the name."""
    path = request["target"].split("?")[0].strip("/").split("/")
    group, path = ("", path[2:]) if path[0] == "api" else (path[1], path[3:])
    namespace, path = (path[1], path[2:]) if path[0] == "namespaces" else ("", path)
    selected = dict(part.split("=") for part in request["query"].get("fieldSelector", "").split(",") if "=" in part and "!" not in part)
    name = path[1] if len(path) > 1 else selected.get("metadata.name")
    verb = "watch" if request["verb"] == "watchlist" else request["verb"]
    return any(
        group in rule["apiGroups"] and path[0] in rule["resources"] and verb in rule["verbs"]
        and ("resourceNames" not in rule or name in rule["resourceNames"])
        for role in rules if role["kind"] == "ClusterRole" or role["kind"] == "Role" and namespace == role["metadata"]["namespace"]
        for rule in role["rules"]
    )  # fmt: skip


def test_every_right_that_is_used_is_given_and_the_other_way_round(simulator, sluice_controller):
    api = simulator()
    maps = [objects.config_map(name, {}, namespace="sluice") for name in ("sluice", "tcp-services")]
    api.apply(objects.ingress_class(), *maps)
    named = objects.ingress("web", "a.test", "web", annotations={"sluice.dev/custom-headers": "fields"})
    api.apply(named, objects.config_map("sluice", {"add-headers": "sluice/fields"}, namespace="sluice"))
    sluice_controller(api, "--configmap", "sluice/sluice", "--tcp-services-configmap", "sluice/tcp-services")

    def watched() -> set[tuple[str, str | None]]:
        found = [request for request in api.requests() if request["resource"] == "configmaps"]
        return {(request["target"].split("/")[4], request["query"].get("fieldSelector")) for request in found}

    wait_until(lambda: len(watched()) == 4, "the ConfigMaps that are named are followed")
    assert watched() == {
        ("sluice", "metadata.name=sluice"), ("sluice", "metadata.name=tcp-services"),
        ("sluice", "metadata.name=fields"), ("default", "metadata.name=fields"),
    }  # fmt: skip
    asked = api.requests()
    assert [(request["verb"], request["target"]) for request in asked if not is_allowed(request)] == []
    assert {request["resource"] for request in asked if request["verb"].startswith("watch")} - {"leases"} == {
        "ingresses", "ingressclasses", "services", "secrets", "endpointslices", "configmaps",
    }  # fmt: skip
    other = {**next(request for request in asked if request["resource"] == "configmaps")}
    assert is_allowed(other)
    other["verb"] = "patch"
    assert not is_allowed(other)


def test_the_service_it_publishes_is_its_own():
    (container,) = pod()["containers"]
    service = only("Service")["metadata"]
    assert f"--publish-service={service['namespace']}/{service['name']}" in container["args"]


def test_the_class_is_the_one_the_controller_serves():
    assert only("IngressClass")["spec"]["controller"] == "ingress.sluice.dev/controller"
