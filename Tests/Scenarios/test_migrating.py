"""What of an installation of ingress-nginx is kept: from files, from stdin and from a cluster; and its own command line."""

from __future__ import annotations

import html.parser
import json
import os
import subprocess

import pytest
import yaml
from harness.cluster import ask, web_objects
from harness.folder import Folder
from harness.sluice import binary, free_port
from harness.waiting import wait_until
from simulator import objects

PREFIX = "nginx.ingress.kubernetes.io/"
CONTROLLER = "k8s.io/ingress-nginx"


def run(*words: str, text: str = "") -> subprocess.CompletedProcess[str]:
    return subprocess.run([binary(), "migrate", *words], input=text, capture_output=True, text=True, timeout=30)


def nginx(name: str, namespace: str = "default", **annotations: str) -> dict:
    said = {PREFIX + key.replace("_", "-"): value for key, value in annotations.items()}
    return objects.ingress(name, f"{name}.test", name, namespace=namespace, class_name="nginx", annotations=said)


def deployment(*arguments: str) -> dict:
    container = {"name": "controller", "args": ["/nginx-ingress-controller", *arguments]}
    return {
        "apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "controller", "namespace": "edge"},
        "spec": {"template": {"spec": {"containers": [container]}}},
    }  # fmt: skip


def config_map(**data: str) -> dict:
    meta = {"name": "settings", "namespace": "edge"}
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": meta, "data": {k.replace("_", "-"): v for k, v in data.items()}}


INSTALLATION = [
    objects.ingress_class("nginx", CONTROLLER),
    nginx("kept", force_ssl_redirect="true"),
    nginx("lost", configuration_snippet="more_set_headers 'X: <b>';", ssl_redirekt="true"),
    nginx("moved", configuration_snippet="proxy_read_timeout 300s;", secure_backends="true"),
    nginx("wrong", permanent_redirect="a b"),
    deployment("--configmap=edge/settings", "--udp-services-configmap=edge/udp"),
    config_map(use_gzip="true", use_geoip2="true"),
]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = Folder(tmp_path_factory.mktemp("moving"))
    folder.put(*INSTALLATION)
    return folder.path


def test_every_object_gets_its_verdict(folder):
    done = run("-o", "json", str(folder))
    assert (done.returncode, done.stderr) == (1, "")
    report = json.loads(done.stdout)
    verdicts = {f"{o['kind']} {o['name']}": o["verdict"] for o in report["objects"]}
    assert verdicts == {
        "ConfigMap settings": "refused", "Deployment controller": "pending", "Ingress kept": "honoured",
        "Ingress lost": "unknown", "Ingress moved": "refused", "Ingress wrong": "invalid",
    }  # fmt: skip
    assert (report["kept"], report["ingresses"], report["problems"]) == (False, 4, [])
    lost = next(o for o in report["objects"] if o["name"] == "lost")
    assert lost["file"].endswith((".yaml", ".json")) and lost["line"] >= 1
    assert "503" in lost["findings"][0]["note"]
    assert lost["findings"][1]["advice"] == f"perhaps {PREFIX}ssl-redirect"


def test_a_clean_installation_is_exit_code_0(tmp_path):
    clean = Folder(tmp_path)
    clean.put(nginx("kept", force_ssl_redirect="true", proxy_body_size="8m"))
    done = run(str(tmp_path))
    assert done.returncode == 0 and done.stdout.endswith("All of it is kept.\n")


def test_stdin_takes_what_helm_and_kubectl_print():
    chart = "".join(f"---\n# Source: chart/templates/x.yaml\n{yaml.safe_dump(o)}" for o in INSTALLATION)
    listed = json.dumps({"apiVersion": "v1", "kind": "List", "items": INSTALLATION})
    reports = [json.loads(run("-o", "json", "-", text=text).stdout)["summary"] for text in (chart, listed)]
    assert reports[0] == reports[1] and len(reports[0]) == 9


class Page(html.parser.HTMLParser):
    """Notes what a page asks for and whether its elements are closed."""

    def __init__(self) -> None:
        super().__init__()
        self.open, self.foreign, self.words = [], [], ""

    def handle_starttag(self, tag, attrs):
        if tag not in ("meta", "br"):
            self.open.append(tag)
        self.foreign += [tag for name, _ in attrs if name in ("src", "href", "onclick")] + [tag] * (tag == "script")

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.words += data


def test_the_page_needs_nothing_else(folder):
    done = run("-o", "html", str(folder))
    page = Page()
    page.feed(done.stdout)
    assert (page.open, page.foreign) == ([], [])
    assert "Not all of it is kept." in page.words and "Ingress default/lost" in page.words


def test_suggestions_are_patches(folder, tmp_path):
    done = run("--write", str(tmp_path / "patches"), str(folder))
    assert done.stderr == f"1 patches in {tmp_path}/patches\n"
    patch = yaml.safe_load((tmp_path / "patches/default.moved.yaml").read_text())
    assert patch == {
        "metadata": {
            "annotations": {
                PREFIX + "configuration-snippet": None, PREFIX + "proxy-read-timeout": "300",
                PREFIX + "secure-backends": None, PREFIX + "backend-protocol": "HTTPS",
            }
        }
    }  # fmt: skip


def test_what_cannot_be_read_is_said(tmp_path):
    done = run(str(tmp_path / "nowhere"))
    assert done.returncode == 1 and "nowhere" in done.stdout
    assert run("-o", "pdf", str(tmp_path)).returncode == 2


def test_a_cluster_is_only_read(simulator):
    api = simulator()
    api.apply(*INSTALLATION)
    done = run("--kubeconfig", str(api.kubeconfig), "-o", "json")
    report = json.loads(done.stdout)
    assert (done.returncode, report["problems"], len(report["objects"])) == (1, [], 6)
    assert {request["method"] for request in api.requests()} == {"GET"}


def test_what_a_cluster_refuses_is_a_problem_and_the_rest_is_read(simulator):
    api = simulator()
    api.apply(nginx("kept", force_ssl_redirect="true"))
    api.fault(kind="status", resource="deployments", code=403)
    done = run("--kubeconfig", str(api.kubeconfig), "-o", "json")
    report = json.loads(done.stdout)
    assert done.returncode == 1 and len(report["objects"]) == 1
    assert ["deployments" in line for line in report["problems"]] == [True]


@pytest.mark.sanitizer
def test_ingress_nginx_s_own_arguments_start_it(simulator, backend, tmp_path):
    """By a link of its name, as its chart writes them; what does nothing is one line."""
    api = simulator()
    site = [o for o in web_objects(backend()) if o["kind"] != "IngressClass"]
    for item in site:
        if item["kind"] == "Ingress":
            item["spec"]["ingressClassName"] = "nginx"
    labelled = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "default", "labels": {"team": "shop"}}}
    api.apply(objects.ingress_class("nginx", CONTROLLER), labelled, *site)
    link, http, ops = tmp_path / "nginx-ingress-controller", free_port(), free_port()
    link.symlink_to(binary())
    words = [
        str(link), f"--kubeconfig={api.kubeconfig}", f"--http-port={http}", f"--https-port={free_port()}",
        "--healthz-port", str(ops), "--controller-class=k8s.io/ingress-nginx", "--ingress-class=nginx",
        "--election-id=ingress-nginx-leader", "--validating-webhook=:8443", "--enable-metrics", "--v=2",
        "--watch-namespace-selector=team=shop",
    ]  # fmt: skip
    with open(tmp_path / "log", "wb") as log:
        process = subprocess.Popen(
            ["setpriv", "--pdeathsig", "KILL", *words], stdout=subprocess.DEVNULL, stderr=log,
            env={**os.environ, "SLUICE_ADMIN_ADDRESS": "127.0.0.1:0", "SLUICE_DRAIN_DELAY": "0s"},
        )  # fmt: skip

    class Running:
        pass

    running = Running()
    running.http = http
    try:
        def answers() -> bool:
            assert process.poll() is None, (tmp_path / "log").read_text()
            try:
                return ask(running, "a.test").status == 200
            except OSError:
                return False

        wait_until(answers, "a.test is served", 15)
    finally:
        process.terminate()
        assert process.wait(15) == 0
    first = (tmp_path / "log").read_text().splitlines()[0]
    assert first.startswith("sluice: accepted, and without effect here: --validating-webhook (it has no certificate")
    assert first.endswith("--enable-metrics, --v")
