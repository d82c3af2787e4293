"""`sluice translate -o cfg`: what files and manifests become as text, which this program and Debian's haproxy take, and which does the same."""

from __future__ import annotations

import base64
import os
import re
import subprocess
from pathlib import Path

import pytest
from harness.client import Client, careless
from harness.folder import Folder
from harness.site import Site, dev_service
from harness.sluice import ROOT, Sluice, binary, free_port
from harness.twins import HAPROXY, echo
from simulator import objects
from simulator.pki import Authority
from test_routing import PATHS, rule

NGINX = "nginx.ingress.kubernetes.io/"
needs_haproxy = pytest.mark.skipif(not HAPROXY, reason="haproxy is not installed")


def translate(*words: object, **environment: str) -> subprocess.CompletedProcess[str]:
    command = [str(binary()), "translate", "-o", "cfg", *map(str, words)]
    return subprocess.run(command, capture_output=True, text=True, timeout=30, env={**os.environ, **environment})


def accepts(path: Path) -> str:
    """What haproxy says against a file; nothing if it takes it."""
    done = subprocess.run([HAPROXY, "-c", "-f", str(path)], capture_output=True, text=True, timeout=30)
    return "" if done.returncode == 0 else done.stdout + done.stderr


class Printed:
    """A folder of manifests as `sluice dev` serves it, and its text as `sluice proxy` does."""

    def __init__(self, directory: Path, *manifests: dict) -> None:
        self.site = Site(directory, *manifests)
        port = free_port()
        self.done = translate(self.site.folder.path, "--http-port", port, "--https-port", 0)
        self.path = directory / "printed.cfg"
        self.path.write_text(self.done.stdout)
        self.proxy = Sluice(directory / "proxy", "proxy", "-f", str(self.path))
        self.ports = [self.site.port, port]
        for process in (self.site.sluice, self.proxy):
            process.wait_ready()

    def ask(self, path: str, host: str, **settings) -> list[tuple[int, bytes]]:
        """Status and body from both."""
        answers = []
        for port in self.ports:
            with Client(port) as client:
                answer = client.request(path, host=host, **settings)
                answers.append((answer.status, answer.body if answer.status == 200 else b""))
        return answers

    def close(self) -> None:
        self.proxy.stop()
        self.site.close()


@pytest.fixture(scope="module")
def printed(tmp_path_factory):
    from harness.backend import Backend

    backends = {name: Backend(lambda session, request, name=name: session.answer(body=name.encode())) for name in ("one", "two", "three")}
    manifests = [dev_service(name, one) for name, one in backends.items()]
    manifests += [rule(f"p{i}.test", paths) for i, (paths, _, _) in enumerate(PATHS)]
    manifests += [
        rule("exact.wild.test", [("/only", "Prefix", "one")]),
        rule("*.wild.test", [("/", "Prefix", "two")]),
        objects.ingress("any", None, "three", path="/any"),
        objects.ingress("no-service", "missing.test", "nothing"),
        dev_service("empty", ""),
        objects.ingress("no-endpoints", "empty.test", "empty"),
    ]
    both = Printed(tmp_path_factory.mktemp("printed"), *manifests)
    yield both
    both.close()
    for one in backends.values():
        one.close()


@pytest.mark.parametrize("row", range(len(PATHS)))
def test_paths_lead_where_they_did(printed, row):
    _, path, expected = PATHS[row]
    dev, proxy = printed.ask(path, f"p{row}.test")
    assert proxy == dev
    assert dev == ((200, expected.encode()) if expected else (404, b""))


@pytest.mark.parametrize(
    "host",
    ["exact.wild.test", "EXACT.wild.test:80", "other.wild.test", "two.labels.wild.test", "wild.test", "missing.test", "empty.test", "x.test"],
)
@pytest.mark.parametrize("path", ["/", "/only", "/any/x", "/%6Fnly", "/anything", "/x/../only/"])
def test_hosts_lead_where_they_did(printed, host, path):
    dev, proxy = printed.ask(path, host)
    assert proxy == dev


def test_the_text_names_what_it_was(printed):
    assert "# sluice: this is 'default/one:80'" in printed.done.stdout
    assert "backend default_one:80" in printed.done.stdout


def test_servers_are_told_the_same(tmp_path, backend):
    server = backend()
    server.handler = echo
    both = Printed(tmp_path, dev_service("web", server), objects.ingress("web", "a.test", "web"))
    sent = [("X-Forwarded-For", "192.0.2.1, 192.0.2.2"), ("X-Forwarded-Host", "else.test"), ("X-Request-ID", "mine"), ("X-Scheme", "x")]
    try:
        for headers in (sent, []):
            told = []
            for (status, body), port in zip(both.ask("/path?q", "a.test", headers=headers), both.ports):
                assert status == 200
                lines = body.decode().replace(f"x-forwarded-port: {port}", "x-forwarded-port: ours").splitlines()
                told.append([re.sub("^(x-request-id: )[0-9a-fA-F]{32}$", r"\1random", line) for line in lines])
            assert told[0] == told[1]
            assert "x-forwarded-for: 127.0.0.1" in told[0]
    finally:
        both.close()


@needs_haproxy
def test_haproxy_takes_it(printed):
    assert accepts(printed.path) == ""


@needs_haproxy
def test_haproxy_takes_the_examples(tmp_path):
    done = translate(ROOT / "manifests" / "examples")
    path = tmp_path / "examples.cfg"
    path.write_text(done.stdout)
    assert accepts(path) == ""


def test_what_annotations_do_is_done_by_rules(tmp_path, backend):
    server = backend()
    notes = {f"{NGINX}whitelist-source-range": "192.0.2.0/24", f"{NGINX}limit-rps": "5"}
    closed = objects.ingress("closed", "closed.test", "web", annotations=notes)
    away = {f"{NGINX}permanent-redirect": "https://else.test/"}
    moved = objects.ingress("moved", "moved.test", "web", annotations=away)
    both = Printed(tmp_path, dev_service("web", server), closed, moved, objects.ingress("open", "open.test", "web"))
    try:
        assert [status for status, _ in both.ask("/", "closed.test")] == [403, 403]
        assert [status for status, _ in both.ask("/", "moved.test")] == [301, 301]
        assert both.ask("/", "open.test") == [(200, b"ok")] * 2
        assert "default/closed /: limits are left out: at most 5 requests in 1000 ms (NoWord)" in both.done.stderr
    finally:
        both.close()


def test_keys_and_passwords_of_secrets_are_not_printed(tmp_path, backend):
    server = backend()
    pair = Authority("printing").issue("site", ["tls.test"])
    notes = {f"{NGINX}auth-type": "basic", f"{NGINX}auth-secret": "users"}
    web = objects.ingress("web", "tls.test", "web", tls_secret="web-tls", annotations=notes)
    users = {
        "apiVersion": "v1", "kind": "Secret", "metadata": {"name": "users", "namespace": "default"},
        "data": {"auth": base64.b64encode(b"ann:$apr1$lZL6V/ci$eIMz/iKDkbtys/uU7LEK00\n").decode()},
    }  # fmt: skip
    folder = Folder(tmp_path / "manifests")
    folder.put(objects.ingress_class(), dev_service("web", server), web, users, objects.tls_secret("web-tls", pair))
    port = free_port()
    done = translate(folder.path, "--http-port", 0, "--https-port", port)
    said = done.stdout + done.stderr
    assert "apr1" not in said and "PRIVATE" not in said and "BEGIN" not in said
    assert "crt /etc/sluice/default/web-tls.pem" in done.stdout and "are not printed: put them into" in done.stderr
    file = tmp_path / "web.pem"
    file.write_bytes(pair.certificate + pair.key)
    path = tmp_path / "printed.cfg"
    path.write_text(done.stdout.replace("/etc/sluice/default/web-tls.pem", str(file)))
    proxy = Sluice(tmp_path / "proxy", "proxy", "-f", str(path))
    try:
        proxy.wait_ready()
        with Client(port, tls=careless(), server_name="tls.test") as client:
            # Nobody is known by name.
            assert client.request("/", host="tls.test").status == 401
    finally:
        proxy.stop()


FILE = """
defaults
    mode http
    timeout client 5s
    timeout connect 5s
    timeout server 5s
frontend f
    bind "127.0.0.1:${HTTP}"
    acl wanted path_beg /a /b
    http-request set-header X-A "%[path] 'x'" if wanted !{ method POST }
    default_backend b
backend b
    balance uri whole
    option httpchk HEAD /up
    server s 127.0.0.1:9 check inter 5s weight 7
"""


def test_a_file_comes_back_in_one_form(tmp_path):
    path = tmp_path / "a.cfg"
    path.write_text(FILE)
    first = translate(path, HTTP="8099")
    assert (first.returncode, first.stderr) == (0, "")
    assert "    bind 127.0.0.1:8099\n" in first.stdout
    assert "    http-request set-header X-A \"%[path] 'x'\" if { path -m beg /a /b } !{ method POST }\n" in first.stdout
    again = tmp_path / "b.cfg"
    again.write_text(first.stdout)
    assert translate(again).stdout == first.stdout
    if HAPROXY:
        assert accepts(again) == ""


def test_a_file_with_errors_is_told_and_refused(tmp_path):
    path = tmp_path / "a.cfg"
    path.write_text(FILE.replace("balance uri", "balance urine"))
    done = translate(path, HTTP="8099")
    assert done.returncode == 1 and "a.cfg:13: error: " in done.stderr
