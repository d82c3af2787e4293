"""The first steps of README.md, as they stand there, with kubectl and helm against the simulated API server.

What a cluster does about a Deployment and a Service is done here: a process is started with the arguments of its pod, and the Service gets an address.
"""

from __future__ import annotations

import os
import re
import subprocess
import time
from pathlib import Path
from urllib.request import urlopen

import pytest
from harness.cluster import web_objects
from harness.sluice import ROOT, Sluice, free_port
from harness.tools import helm, kubectl
from harness.waiting import wait_until
from simulator.client import ApiServer, SimulatorError

pytestmark = pytest.mark.skipif(not kubectl(), reason="no kubectl of 1.25 or newer")

ADDRESS = "192.0.2.10"
SECTION = (ROOT / "README.md").read_text().partition("## First steps in a cluster")[2].partition("\n## ")[0]
BUILD, APPLY, HELM, INGRESS, TLS, DASHBOARD, CLEAR, DELETE, UNINSTALL = re.findall(r"```sh\n(.*?)```", SECTION, re.S)


class Newcomer:
    """Somebody who types what README says, and the cluster around them."""

    def __init__(self, api: ApiServer, start, folder: Path) -> None:
        self._api, self._start, self._folder = api, start, folder
        self.sluice: Sluice | None = None
        self._environment = {
            **os.environ, "KUBECONFIG": str(api.kubeconfig), "CURL_HOME": str(folder), "HOME": str(folder),
            "PATH": f"{folder}:{os.environ['PATH']}",
        }  # fmt: skip
        for tool in (kubectl(), helm()):
            if tool:
                (folder / Path(tool).name).symlink_to(tool)
        for name in ("manifests", "charts"):
            (folder / name).symlink_to(ROOT / name)

    def types(self, *blocks: str) -> str:
        """Everything in one shell, which ends at the first command that fails; what was printed."""
        words = ["bash", "-euo", "pipefail", "-c", "\n".join(blocks)]
        log = self._folder / "typed.log"
        with open(log, "wb") as out:
            typed = subprocess.Popen(words, cwd=self._folder, env=self._environment, stdout=out, stderr=subprocess.STDOUT)
        try:
            deadline = time.monotonic() + 180
            while typed.poll() is None and time.monotonic() < deadline:
                self._act()
                time.sleep(0.02)
        finally:
            typed.kill()
        assert typed.wait() == 0, log.read_text()
        return log.read_text()

    def _act(self) -> None:
        deployment = self._read("apps/v1", "Deployment", "sluice")
        if deployment is None or self.sluice:
            return
        (container,) = deployment["spec"]["template"]["spec"]["containers"]
        if not container["image"].startswith("registry.example/"):
            return
        arguments = container["args"][1:]
        assert not any("admin" in argument for argument in arguments), "the dashboard is where the documents say"
        self._admin = free_port()
        self.sluice = self._start(self._api, *arguments, "--admin-address", f"127.0.0.1:{self._admin}")
        ports = f'connect-to = "shop.example:80:127.0.0.1:{self.sluice.http}"\nconnect-to = "shop.example:443:127.0.0.1:{self.sluice.https}"\n'
        # What was applied is served soon, but not before the next word can be typed.
        (self._folder / ".curlrc").write_text(f"{ports}retry = 60\nretry-delay = 1\nretry-all-errors\n")
        service = self._read("v1", "Service", "sluice")
        self._api.apply({**service, "status": {"loadBalancer": {"ingress": [{"ip": ADDRESS}]}}})
        status = {f"{word}eplicas": deployment["spec"]["replicas"] for word in ("r", "updatedR", "readyR", "availableR")}
        status["observedGeneration"] = deployment["metadata"].get("generation", 0)
        self._api.apply({**deployment, "status": status})

    def _read(self, version: str, kind: str, name: str) -> dict | None:
        try:
            return self._api.get(apiVersion=version, kind=kind, namespace="sluice", name=name)
        except SimulatorError:
            return None

    def sees(self, host: str) -> None:
        """The dashboard of the pod, at the end of the tunnel, shows the host and its certificate."""
        with urlopen(f"http://127.0.0.1:{self._admin}/", timeout=15) as page:
            assert page.headers["Content-Type"].startswith("text/html") and b"<title>Sluice</title>" in page.read()
        for name in ("routes", "certificates"):
            wait_until(lambda name=name: host in self._told(name), f"{name} are shown")

    def _told(self, name: str) -> str:
        with urlopen(f"http://127.0.0.1:{self._admin}/api/{name}", timeout=15) as answer:
            return answer.read().decode()

    def left(self) -> set[str]:
        """Kinds of objects in the cluster that are Sluice's."""
        kinds = [
            ("v1", "Service"), ("v1", "ServiceAccount"), ("apps/v1", "Deployment"), ("rbac.authorization.k8s.io/v1", "Role"),
        ]  # fmt: skip
        return {kind for version, kind in kinds if self._read(version, kind, "sluice")}


@pytest.fixture
def newcomer(simulator, backend, sluice_controller, tmp_path):
    api = simulator()
    _, service, _, endpoints = web_objects(backend())
    api.apply(service, endpoints)
    folder = tmp_path / "home"
    folder.mkdir()
    return Newcomer(api, sluice_controller, folder)


def test_by_kubectl(newcomer):
    newcomer.types(APPLY, INGRESS, TLS)
    newcomer.sees("shop.example")
    newcomer.types(CLEAR, DELETE)
    assert newcomer.left() == set()


@pytest.mark.skipif(not helm(), reason="no helm")
def test_by_helm(newcomer):
    newcomer.types(HELM, INGRESS, TLS)
    newcomer.sees("shop.example")
    newcomer.types(CLEAR, UNINSTALL)
    assert newcomer.left() == set()


def test_the_dashboard_is_where_the_tunnel_leads():
    """The tunnel itself is kubelet's work."""
    help_text = subprocess.run([kubectl(), "port-forward", "--help"], capture_output=True, text=True, timeout=20).stdout
    assert "deployment/" in help_text
    port = DASHBOARD.split()[-1]
    assert f"http://127.0.0.1:{port}/" in SECTION
    assert re.search(rf"^\| 127\.0\.0\.1:{port} \| dashboard at `/`", (ROOT / "docs/operations.md").read_text(), re.M)


def test_the_image_that_is_built_is_the_one_that_is_installed():
    (built,) = re.findall(r"docker build -t (\S+)", BUILD)
    assert f"sluice={built}" in APPLY
    registry, _, rest = built.partition("/")
    assert f"image.registry={registry}" in HELM and rest == f"sluice:{chart_version()}"


def chart_version() -> str:
    return re.search(r'^appVersion: "?([^"\n]+)', (ROOT / "charts/sluice/Chart.yaml").read_text(), re.M)[1]

