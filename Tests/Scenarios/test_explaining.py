"""What would serve a request, before it is served and while it is; and what shells are told."""

from __future__ import annotations

import subprocess
import urllib.request

import pytest
from harness.folder import Folder
from harness.site import dev_service
from harness.sluice import ROOT, binary, free_port
from simulator import objects


def run(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([binary(), *words], capture_output=True, text=True, timeout=20)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = Folder(tmp_path_factory.mktemp("explained"))
    folder.put(
        objects.ingress_class(), dev_service("web", "10.0.0.1:8080"), objects.ingress("web", "a.test", "web"),
        objects.ingress("late", "a.test", "web"), objects.ingress("cart", "a.test", "nowhere", path="/cart"),
    )  # fmt: skip
    return folder


def test_the_route_that_serves_and_those_that_do_not(folder):
    done = run("explain", "http://A.test/x?y", str(folder.path))
    assert done.returncode == 0, done.stderr
    first, server, *rest = done.stdout.splitlines()
    assert first == "a.test/x: served by Ingress default/late (a.test prefix /), backend default/web:80"
    assert server.split() == ["server", "10.0.0.1:8080", "10.0.0.1:8080"]
    assert "  Ingress default/cart (a.test prefix /cart): its path is another" in rest
    assert any("PathConflict" in line and "default/web" in line for line in rest)


def test_what_annotations_do_is_told_with_their_names(tmp_path):
    said = {"nginx.ingress.kubernetes.io/limit-rps": "5", "nginx.ingress.kubernetes.io/permanent-redirect": "https://b.test"}
    Folder(tmp_path).put(
        objects.ingress_class(), dev_service("web", "10.0.0.1:8080"),
        objects.ingress("web", "a.test", "web", annotations=said),
    )  # fmt: skip
    lines = run("explain", "a.test/x", str(tmp_path)).stdout.splitlines()
    assert lines[2:4] == ["  then sent elsewhere with 301", "  then more requests than its limits: 503"]
    assert [line.split(":")[0].strip() for line in lines[5:7]] == ["redirect", "limits"]
    assert "nginx.ingress.kubernetes.io/permanent-redirect" in lines[5]


def test_what_cannot_be_served_and_what_nobody_serves(folder):
    refused = run("explain", "a.test/cart/1", str(folder.path))
    assert refused.returncode == 0
    assert refused.stdout.startswith("a.test/cart/1: 503 by Ingress default/cart (a.test prefix /cart)")
    assert "ServiceNotFound" in refused.stdout
    missing = run("explain", "b.test/", str(folder.path))
    assert (missing.returncode, missing.stdout) == (1, "b.test/: 404, nothing matches and there is no default backend\n")


@pytest.mark.parametrize("words", [("a.test/",), (), ("/x", "manifests"), ("a.test/", "manifests", "--bind-address", "::")])
def test_what_is_no_request_is_a_usage_error(words):
    done = run("explain", *words)
    assert (done.returncode, done.stdout, len(done.stderr.splitlines())) == (2, "", 1)


@pytest.mark.sanitizer
def test_the_admin_port_explains_what_runs(sluice_dev, backend):
    port = free_port()
    sluice_dev(
        objects.ingress("web", "a.test", "web"), dev_service("web", backend()),
        arguments=("--admin-address", f"127.0.0.1:{port}"),
    )  # fmt: skip
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/api/explain?request=a.test%2Fx", timeout=5) as answer:
        assert answer.read().startswith(b"a.test/x: served by Ingress default/web (a.test prefix /)")


def complete(*words: str) -> list[str]:
    line = " ".join(f"'{word}'" for word in words)
    script = f"source <({binary()} completion bash); COMP_WORDS=({line}); COMP_CWORD={len(words) - 1}; _sluice; printf '%s\\n' \"${{COMPREPLY[@]}}\""
    done = subprocess.run(["bash", "-c", script], capture_output=True, text=True, timeout=20, cwd=ROOT)
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout.split()


def test_bash_completes_subcommands_flags_values_and_files():
    assert complete("sluice", "tra") == ["translate"]
    assert complete("sluice", "dev", "--htt") == ["--http-port", "--https-port"]
    assert complete("sluice", "dev", "--log-level", "w") == ["warning"]
    assert complete("sluice", "completion", "f") == ["fish"]
    assert complete("sluice", "check", "README") == ["README.md"]
    assert complete("sluice", "version", "--htt") in ([], [""])


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_every_script_can_be_read(shell, tmp_path):
    """By the shell where it is installed; else it is at least there."""
    done = run("completion", shell)
    assert done.returncode == 0 and "sluice" in done.stdout
    script = tmp_path / "script"
    script.write_text(done.stdout)
    try:
        read = subprocess.run([shell, "-n", script], capture_output=True, text=True, timeout=20)
    except FileNotFoundError:
        return
    assert (read.returncode, read.stderr) == (0, "")
