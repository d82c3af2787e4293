"""`--override`: requests for one Service go to the developer's machine, and those for the others to their pods."""

from __future__ import annotations

import subprocess

import pytest
from harness.cluster import ask, web_objects
from harness.folder import Folder
from harness.site import dev_service
from harness.sluice import binary
from harness.waiting import wait_everywhere
from simulator import objects


@pytest.fixture
def local(backend):
    return backend(lambda session, request: session.answer(200, b"local"))


@pytest.fixture
def pod(backend):
    return backend(lambda session, request: session.answer(200, b"pod"))


def test_one_service_of_a_folder_is_the_developers(sluice_dev, local, pod):
    site = sluice_dev(
        objects.ingress("web", "a.test", "web"), objects.ingress("api", "a.test", "api", path="/api"),
        dev_service("web", pod), dev_service("api", pod),
        arguments=("--override", f"default/api=localhost:{local.port}"),
    )  # fmt: skip
    wait_everywhere(lambda: site.get("/api/x").body == b"local", "the name is resolved")
    assert local.requests[-1].target == "/api/x"
    assert site.get("/").body == b"pod"
    assert site.sluice.log.count(f"override: default/api goes to localhost:{local.port}") == 1
    # Pods that come change nothing.
    site.folder.put(dev_service("api", pod, "127.0.0.9:9"))
    site.folder.put(objects.ingress("late", "b.test", "web"))
    wait_everywhere(lambda: site.get(host="b.test").status == 200, "the change is in place")
    assert site.get("/api/y").body == b"local"


def test_a_service_that_is_not_there_is_told_of(sluice_dev, local, pod):
    site = sluice_dev(
        objects.ingress("web", "a.test", "web"), dev_service("web", pod),
        arguments=("--override", f"default/gone=127.0.0.1:{local.port}"),
    )  # fmt: skip
    site.sluice.wait_log("Service default/gone: is overridden with .* does not exist.*OverrideUnknown")
    assert site.get().body == b"pod"


def test_the_same_of_a_cluster(sluice_controller, simulator, local, pod):
    api = simulator()
    api.apply(*web_objects(pod))
    sluice = sluice_controller(api, "--override", f"default/web=127.0.0.1:{local.port}")
    assert ask(sluice).body == b"local"
    assert pod.requests == []


def test_it_is_seen_before_it_is_served(tmp_path, local):
    folder = Folder(tmp_path / "manifests")
    folder.put(objects.ingress_class(), objects.ingress("web", "a.test", "web"), dev_service("web", "10.0.0.1:80"))
    words = ["explain", "a.test/", str(folder.path), "--override", f"default/web=localhost:{local.port}"]
    done = subprocess.run([binary(), *words], capture_output=True, text=True, timeout=20)
    assert done.returncode == 0, done.stderr
    assert f"127.0.0.1:{local.port}  override" in done.stdout
    assert "10.0.0.1" not in done.stdout


@pytest.mark.parametrize("text", ["web=localhost:1", "default/web", "default/web=localhost", "default/web=localhost:0"])
def test_what_can_not_be_read_is_refused(tmp_path, text):
    words = ["dev", str(tmp_path), "--override", text]
    done = subprocess.run([binary(), *words], capture_output=True, text=True, timeout=20)
    assert done.returncode == 2
    assert "--override: cannot read" in done.stderr and "NAMESPACE/SERVICE=HOST:PORT" in done.stderr
