"""The steps of docs/taking-over.md, in their order, against a simulated API server on which an ingress-nginx stands already."""

from __future__ import annotations

import json
import os
import re
import subprocess

import pytest
import yaml

from harness.backend import Backend
from harness.client import Client
from harness.cluster import ask, requests_for, serves
from harness.replicas import is_leading
from harness.sluice import ROOT, Sluice, binary
from harness.waiting import holds_for, wait_until
from simulator import objects

GUIDE = (ROOT / "docs/taking-over.md").read_text()
CONTROLLER = "k8s.io/ingress-nginx"
BESIDE = (
    "--controller-name", CONTROLLER, "--ingress-class", "nginx", "--election-id", "sluice-leader",
    "--configmap", "ingress-nginx/ingress-nginx-controller",
)  # fmt: skip
PUBLISHING = ("--publish-service", "ingress-nginx/ingress-nginx-controller")
THERE = [{"ip": "192.0.2.10"}]
LEASE = {"apiVersion": "coordination.k8s.io/v1", "kind": "Lease", "namespace": "default", "name": "ingress-nginx-leader"}


def ingress(name: str, *, status: bool = True, **annotations: str) -> dict:
    keys = {"nginx.ingress.kubernetes.io/" + key.replace("_", "-"): value for key, value in annotations.items()}
    body = objects.ingress(name, f"{name}.test", "web", class_name="nginx", annotations=keys)
    if status:
        body["status"] = {"loadBalancer": {"ingress": THERE}}
    return body


def lease(holder: str) -> dict:
    """Of ingress-nginx, for an hour."""
    spec = {"holderIdentity": holder, "leaseDurationSeconds": 3_600, "renewTime": "2026-01-01T00:00:00.000000Z"}
    meta = {"name": LEASE["name"], "namespace": LEASE["namespace"]}
    return {"apiVersion": LEASE["apiVersion"], "kind": "Lease", "metadata": meta, "spec": spec}


@pytest.fixture
def api(simulator, backend):
    """A cluster as ingress-nginx leaves it while it serves."""
    api = simulator()
    edge = objects.service("ingress-nginx-controller", namespace="ingress-nginx", type="LoadBalancer")
    api.apply(
        objects.ingress_class("nginx", CONTROLLER), objects.ingress_class("other", "example.com/other"), objects.service("web"),
        objects.slice_of("web", [objects.endpoint("127.0.0.1", pod="web-0")], backend().port),
        ingress("a"), ingress("b", permanent_redirect="https://b.example/"), ingress("c", configuration_snippet="deny all;"),
        objects.ingress("theirs", "theirs.test", "web", class_name="other"),
        objects.config_map("ingress-nginx-controller", {"proxy-body-size": "10"}, namespace="ingress-nginx"),
        {**edge, "status": {"loadBalancer": {"ingress": THERE}}}, lease("ingress-nginx-controller-0"),
    )  # fmt: skip
    return api


def status(api, name: str = "a") -> list[dict] | None:
    found = api.get(apiVersion="networking.k8s.io/v1", kind="Ingress", namespace="default", name=name)
    return found.get("status", {}).get("loadBalancer", {}).get("ingress")


def written(api, since: int = 0) -> set[str]:
    """The kinds of objects that were written to, by way of the API."""
    return {request["resource"] for request in api.requests(since=since) if request["method"] != "GET"}


def leading(sluice: Sluice) -> Sluice:
    wait_until(lambda: is_leading(sluice), "it leads")
    return sluice


def test_step_1_the_report_reads_and_writes_nothing(api):
    words = [binary(), "migrate", "--kubeconfig", str(api.kubeconfig), "-o", "json"]
    done = subprocess.run(words, capture_output=True, text=True, timeout=30)
    # The snippet of one Ingress is lost.
    assert done.returncode == 1 and "configuration-snippet" in done.stdout
    assert [one["name"] for one in json.loads(done.stdout)["objects"] if one["kind"] == "Ingress"] == ["b", "c"]
    assert {request["method"] for request in api.requests()} == {"GET"}


def test_step_2_beside_ingress_nginx_the_same_is_served_and_no_status_written(api, sluice_controller):
    sluice = leading(sluice_controller(api, *BESIDE))
    assert [ask(sluice, f"{name}.test").status for name in "abc"] == [200, 301, 503]
    assert ask(sluice, "theirs.test").status == 404
    api.apply(ingress("later", status=False))
    wait_until(lambda: serves(sluice, "later.test"), "a new Ingress is served")
    # Events tell of the snippet; they and the Lease are all that is written.
    wait_until(lambda: "events" in written(api), "the Event")
    assert written(api) <= {"events", "leases"}
    assert [status(api, name) for name in ("a", "b", "c", "later")] == [THERE, THERE, THERE, None]
    assert api.get(**LEASE)["spec"]["holderIdentity"] == "ingress-nginx-controller-0"


def test_step_2_with_a_kubeconfig_and_no_election_nothing_is_written(api, sluice_controller):
    at = BESIDE.index("--election-id")
    sluice = sluice_controller(api, *BESIDE[:at], *BESIDE[at + 2 :])
    assert [ask(sluice, f"{name}.test").status for name in "abc"] == [200, 301, 503]
    assert holds_for(lambda: written(api) == set(), 1)


def test_step_2_the_config_map_of_ingress_nginx_holds(api, sluice_controller):
    sluice = sluice_controller(api, *BESIDE)
    with Client(sluice.http) as client:
        assert client.request("/", method="POST", host="a.test", body=b"x" * 11).status == 413


def test_step_2_with_the_lease_of_ingress_nginx_it_waits_and_writes_nothing(api, sluice_controller):
    """One Lease for both: who does not hold it writes nothing, and takes over when it is given up."""
    since = api.state()["requests"]
    words = [*BESIDE, *PUBLISHING]
    words[words.index("sluice-leader")] = LEASE["name"]
    sluice = sluice_controller(api, *words)
    api.apply(ingress("later", status=False))
    wait_until(lambda: serves(sluice, "later.test"), "a new Ingress is served")
    sluice.wait_log("following: ingress-nginx-controller-0 holds the Lease")
    assert holds_for(lambda: written(api, since) == set() and not is_leading(sluice), 1)
    api.apply(lease(""))
    wait_until(lambda: status(api, "later") == THERE, "it writes now", 15)


class Old:
    """Stands for ingress-nginx: it answers `a.test` and `b.test` as Sluice does, and `c.test` otherwise."""

    def __init__(self, backend) -> None:
        def answer(session, request) -> None:
            if request.get("host") == "b.test":
                return session.answer(301, headers="Location: https://b.example/\r\n")
            session.answer(200)

        self.server: Backend = backend(answer)


def block(word: str) -> str:
    """The commands of the guide that a word stands in."""
    return next(text for text in re.findall(r"```sh\n(.*?)```", GUIDE, re.S) if word in text)


def typed(text: str, api, old: Old, sluice: Sluice, directory) -> subprocess.CompletedProcess[str]:
    """Commands of the guide, as somebody types them to whom these addresses belong."""
    text = text.replace("192.0.2.10:80", f"127.0.0.1:{old.server.port}").replace("192.0.2.20:80", f"127.0.0.1:{sluice.http}")
    text = text.replace("~/.kube/config", str(api.kubeconfig))
    (directory / "bin").mkdir()
    (directory / "bin/sluice").symlink_to(binary())
    path = f"{directory}/bin:{os.environ['PATH']}"
    return subprocess.run(["bash", "-c", text], cwd=directory, capture_output=True, text=True, timeout=30, env={**os.environ, "PATH": path})


def test_step_3_answers_are_compared(api, sluice_controller, backend, tmp_path):
    sluice, old = sluice_controller(api, *BESIDE), Old(backend)
    since = api.state()["requests"]
    done = typed(block("--compare http://192.0.2.10:80 http://192.0.2.20:80 --kubeconfig"), api, old, sluice, tmp_path)
    assert (done.returncode, done.stderr) == (1, "")
    # The Ingress with a snippet is closed here; another controller's is not asked for.
    assert done.stdout.splitlines()[:5] == ["c.test /: 1 of 1 differ", "  GET c.test/", "    status", "      A: 200", "      B: 503"]
    assert done.stdout.splitlines()[-1] == "3 requests, 1 not answered alike."
    assert {request.get("host") for request in old.server.requests} == {"a.test", "b.test", "c.test"}
    assert written(api, since) <= {"events", "leases"}


def test_step_3_what_clients_ask_for_is_compared(api, sluice_controller, backend, tmp_path):
    sluice, old = sluice_controller(api, *BESIDE), Old(backend)
    (tmp_path / "manifests").mkdir()
    (tmp_path / "manifests/ingress.yaml").write_text(yaml.safe_dump(ingress("a")))
    (tmp_path / "urls").write_text("http://b.test/x\nHEAD http://a.test/\nPOST http://a.test/\n")
    done = typed(block("--requests urls"), api, old, sluice, tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines()[1:] == [
        "1 line passed over: of a method that may change something (--unsafe-methods asks them too)", "3 requests answered alike.",
    ]  # fmt: skip
    assert sorted((request.method, request.get("host")) for request in old.server.requests) == [
        ("GET", "a.test"), ("GET", "b.test"), ("HEAD", "a.test"),
    ]  # fmt: skip


def test_step_3_an_answer_is_explained(api, tmp_path):
    """From what `kubectl get -o yaml` prints."""
    (tmp_path / "ingress.yaml").write_text(yaml.safe_dump_all([objects.ingress_class("nginx", CONTROLLER), ingress("c"), objects.service("web")]))
    words = [binary(), "explain", "--controller-name", CONTROLLER, "--ingress-class", "nginx", "c.test/", str(tmp_path)]
    done = subprocess.run(words, capture_output=True, text=True, timeout=30)
    assert "default/c" in done.stdout, done.stderr


def test_step_4_the_same_addresses_are_not_written_again(api, sluice_controller):
    sluice = leading(sluice_controller(api, *BESIDE, *PUBLISHING))
    api.apply(ingress("later", status=False))
    wait_until(lambda: status(api, "later") == THERE, "a new Ingress gets them")
    patched = {request["target"].split("?")[0] for request in requests_for(api, "ingresses") if request["method"] != "GET"}
    assert {target.split("/")[-2] for target in patched} == {"later"}
    assert serves(sluice)


def test_step_4_what_ingress_nginx_empties_when_it_ends_is_written_again(api, sluice_controller):
    leading(sluice_controller(api, *BESIDE, *PUBLISHING))
    emptied = ingress("a")
    emptied["status"] = {"loadBalancer": {}}
    api.apply(emptied)
    wait_until(lambda: status(api) == THERE, "the address is back", 15)


def test_step_4_without_the_class_its_ingresses_are_served_no_more(api, sluice_controller):
    """Uninstalling ingress-nginx deletes it; made again in time, or at all, all is as before."""
    legacy = ingress("old")
    del legacy["spec"]["ingressClassName"]
    legacy["metadata"]["annotations"] = {"kubernetes.io/ingress.class": "nginx"}
    api.apply(legacy)
    sluice = leading(sluice_controller(api, *BESIDE))
    api.delete(objects.ingress_class("nginx", CONTROLLER))
    wait_until(lambda: ask(sluice).status == 404, "the Ingress is withdrawn")
    assert serves(sluice, "old.test"), "one that names the class by the annotation needs none"
    api.apply(objects.ingress_class("nginx", CONTROLLER))
    wait_until(lambda: serves(sluice), "it is served again")


def test_step_5_the_way_back(api, sluice_controller):
    """Sluice stops, and leaves the addresses; started again as in step 2 it writes none."""
    sluice = leading(sluice_controller(api, *BESIDE, *PUBLISHING))
    # A second signal would end it before it has given the Lease up.
    sluice.terminate()
    assert sluice.process.wait(20) == 0
    assert [status(api, name) for name in "abc"] == [THERE] * 3
    since = api.state()["requests"]
    again = leading(sluice_controller(api, *BESIDE))
    assert serves(again)
    moved = ingress("a")
    moved["status"] = {"loadBalancer": {"ingress": [{"ip": "192.0.2.99"}]}}
    api.apply(moved)
    assert holds_for(lambda: status(api) == [{"ip": "192.0.2.99"}], 1)
    assert "ingresses" not in written(api, since)
