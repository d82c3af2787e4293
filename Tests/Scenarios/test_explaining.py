"""What would serve a request, before it is served and while it is; and what shells are told."""

from __future__ import annotations

import os
import shutil
import subprocess
import urllib.request

import pytest
from harness.backend import Backend, named
from harness.folder import Folder
from harness.site import Site, dev_service
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
    assert lines[0].endswith("backend default/web:80; not asked, redirect answers: 301, to https://b.test")
    assert lines[2:5] == [
        "decision:", "  redirect  ends     301, to https://b.test  [nginx.ingress.kubernetes.io/permanent-redirect]", "  not reached: limits",
    ]  # fmt: skip
    assert [line.split(":")[0].strip() for line in lines[6:8]] == ["redirect", "limits"]
    assert "nginx.ingress.kubernetes.io/permanent-redirect" in lines[6]


PREFIX = "nginx.ingress.kubernetes.io/"
PASSWORDS = {
    "apiVersion": "v1", "kind": "Secret", "metadata": {"name": "people", "namespace": "default"}, "stringData": {"auth": "bob:{PLAIN}secret"},
}  # fmt: skip
BOB = ("Authorization", "Basic Ym9iOnNlY3JldA==")
# Host, path, fields, and what is served: a status with a location, or the name of a server.
REQUESTS = [
    ("sent.test", "/x?y=1", [], "301 https://b.test/"),
    ("root.test", "/", [], "302 http://root.test/app"),
    ("inside.test", "/", [], "web"),
    ("outside.test", "/", [], "403"),
    ("login.test", "/", [], "401"),
    ("login.test", "/", [BOB], "web"),
    ("login.test", "/", [("Authorization", "Basic Ym9iOndyb25n")], "401"),
    ("canary.test", "/", [], "web"),
    ("canary.test", "/", [("X-Canary", "always")], "next"),
    ("canary.test", "/", [("X-Canary", "never")], "web"),
    ("canary.test", "/", [("Cookie", "next=always")], "next"),
    ("rewritten.test", "/api/v1/x", [], "web"),
    ("empty.test", "/", [], "503"),
    ("part.test", "/elsewhere", [], "401"),
    ("part.test", "/elsewhere", [BOB], "404"),
    ("nobody.test", "/", [], "404"),
]


def _annotated(name: str, service: str = "web", path: str = "/", path_type: str = "Prefix", **said: str) -> dict:
    keys = {PREFIX + key.replace("_", "-"): value for key, value in said.items()}
    return objects.ingress(name, f"{name}.test", service, path=path, path_type=path_type, annotations=keys)


@pytest.fixture(scope="module")
def annotated(tmp_path_factory):
    web, following = Backend(named("web")), Backend(named("next"))
    canary = _annotated("canary-next", "next", canary="true", canary_by_header="X-Canary", canary_by_cookie="next")
    canary["spec"]["rules"][0]["host"] = "canary.test"
    site = Site(
        tmp_path_factory.mktemp("annotated"), dev_service("web", web), dev_service("next", following),
        objects.service("empty"), PASSWORDS, _annotated("sent", permanent_redirect="https://b.test/"),
        _annotated("root", app_root="/app"), _annotated("inside", whitelist_source_range="127.0.0.0/8"),
        _annotated("outside", whitelist_source_range="10.0.0.0/8"), _annotated("login", auth_type="basic", auth_secret="people"),
        _annotated("canary"), canary, _annotated("empty", "empty"),
        _annotated("part", path="/a", auth_type="basic", auth_secret="people"),
        _annotated("rewritten", path="/api/(.*)", path_type="ImplementationSpecific", use_regex="true", rewrite_target="/$1"),
    )  # fmt: skip
    site.sluice.wait_ready()
    yield site
    for one in (site, web, following):
        one.close()


@pytest.mark.parametrize("host, path, fields, served", REQUESTS)
def test_explained_is_what_is_served(annotated, host, path, fields, served):
    answer = annotated.get(path, host=host, headers=fields)
    location = f" {answer.get('location')}" if answer.get("location") else ""
    assert (answer.body.decode() if answer.status == 200 else f"{answer.status}{location}") == served
    words = [word for name, value in fields for word in ("--header", f"{name}: {value}")]
    text = run("explain", f"{host}{path}", str(annotated.folder.path), "--client", "127.0.0.1", *words).stdout
    assert " perhaps " not in text and "{PLAIN}" not in text and "Ym9i" not in text
    first = text.splitlines()[0]
    if answer.status == 200:
        assert first.endswith(f"backend default/{served}:80"), text
    elif location:
        assert first.endswith(f"redirect answers: {answer.status}, to {answer.get('location')}"), text
    else:
        assert f"{answer.status}" in first, text


def test_what_nobody_has_said_stays_open(annotated):
    text = run("explain", "outside.test/", str(annotated.folder.path)).stdout
    assert "perhaps  refused with 403" in text and "(depends on the client's address)" in text
    text = run("explain", "rewritten.test/api/v1/x?y", str(annotated.folder.path)).stdout
    assert "becomes /v1/x" in text


def test_the_rest_of_a_host_is_its_oldest_ingress_s(annotated):
    text = run("explain", "part.test/elsewhere", str(annotated.folder.path)).stdout
    assert "Ingress default/part (part.test prefix /)" in text.splitlines()[0]
    assert "auth-type" in text
    text = run("explain", "part.test/elsewhere", str(annotated.folder.path), "--header", ": ".join(BOB)).stdout
    assert text.splitlines()[0].endswith("404 by Ingress default/part (part.test prefix /), and there is no default backend")


def test_what_cannot_be_served_and_what_nobody_serves(folder):
    refused = run("explain", "a.test/cart/1", str(folder.path))
    assert refused.returncode == 0
    assert refused.stdout.startswith("a.test/cart/1: 503 by Ingress default/cart (a.test prefix /cart)")
    assert "ServiceNotFound" in refused.stdout
    missing = run("explain", "b.test/", str(folder.path))
    assert (missing.returncode, missing.stdout) == (1, "b.test/: 404, nothing matches and there is no default backend\n")


@pytest.mark.parametrize(
    "words",
    [("a.test/",), (), ("/x", "manifests"), ("a.test/", "manifests", "--bind-address", "::"), ("a.test/", "manifests", "--client", "x"),
     ("a.test/", "manifests", "--header", "x")],
)
def test_what_is_no_request_is_a_usage_error(words):
    done = run("explain", *words)
    assert (done.returncode, done.stdout, len(done.stderr.splitlines())) == (2, "", 1)


@pytest.mark.sanitizer
def test_the_admin_port_explains_what_runs(sluice_dev, backend):
    port = free_port()
    sluice_dev(
        objects.ingress("web", "a.test", "web", annotations={PREFIX + "proxy-body-size": "8"}), dev_service("web", backend()),
        arguments=("--admin-address", f"127.0.0.1:{port}"),
    )  # fmt: skip
    def explain(query: str) -> str:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/api/explain?{query}", timeout=15) as answer:
            return answer.read().decode()

    assert explain("request=a.test%2Fx").startswith("a.test/x: served by Ingress default/web (a.test prefix /)")
    asked = "request=a.test%2F&method=POST&client=10.0.0.1&header=Content-Length:9%0AX-A:%201"
    assert "  body size  ends     413, a body of more than 8 bytes\n" in explain(asked)


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
    done = run("completion", shell)
    assert done.returncode == 0 and "sluice" in done.stdout
    script = tmp_path / "script"
    script.write_text(done.stdout)
    if not shutil.which(shell):
        pytest.skip(f"{shell} is not installed")
    read = subprocess.run([shell, "-n", script], capture_output=True, text=True, timeout=20)
    assert (read.returncode, read.stderr) == (0, "")


@pytest.mark.skipif(not shutil.which("fish"), reason="fish is not installed")
@pytest.mark.parametrize(
    ("line", "found"),
    [
        ("sluice tra", {"translate"}), ("sluice dev --htt", {"--http-port", "--https-port"}),
        ("sluice dev --log-level w", {"warning"}), ("sluice check README", {"README.md"}), ("sluice version --htt", set()),
    ],
)  # fmt: skip
def test_fish_completes_the_same(line, found, tmp_path):
    script = f"{binary()} completion fish | source; complete -C '{line}'"
    environment = {**os.environ, "HOME": str(tmp_path), "XDG_CONFIG_HOME": str(tmp_path)}
    done = subprocess.run(["fish", "-c", script], capture_output=True, text=True, timeout=60, cwd=ROOT, env=environment)
    assert done.returncode == 0, done.stderr
    assert {said.partition("\t")[0] for said in done.stdout.splitlines()} == found


@pytest.mark.skipif(not shutil.which("zsh"), reason="zsh is not installed")
def test_zsh_knows_who_completes(tmp_path):
    script = f"autoload -Uz compinit; compinit -u -d {tmp_path}/dump; source <({binary()} completion zsh); echo $_comps[sluice]"
    done = subprocess.run(["zsh", "-fc", script], capture_output=True, text=True, timeout=60, cwd=tmp_path)
    assert (done.returncode, done.stdout) == (0, "_sluice\n"), done.stderr
