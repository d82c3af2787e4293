"""The command line: help, exit codes, one clear line for what is wrong, and stopping as the contract says."""

from __future__ import annotations

import json
import os
import re
import socket
import subprocess
import threading
import time
from pathlib import Path

import pytest

from harness.client import Client
from harness.folder import Folder
from harness.site import dev_service
from harness.sluice import Sluice, binary
from harness.waiting import wait_until
from simulator import objects
from simulator.pki import Authority

SUBCOMMANDS = ["controller", "dev", "proxy", "check", "translate", "explain", "migrate", "admin", "completion", "version"]


def run(*arguments: str, **environment: str) -> subprocess.CompletedProcess:
    return subprocess.run(
        [binary(), *arguments], capture_output=True, text=True, timeout=30, stdin=subprocess.DEVNULL,
        env={**os.environ, **environment},
    )  # fmt: skip


def one_line(text: str) -> bool:
    return len(text.strip().splitlines()) == 1


@pytest.mark.parametrize("arguments", [["--help"], *[[name, "--help"] for name in SUBCOMMANDS]])
def test_help_is_printed_for_everything(arguments):
    done = run(*arguments)
    assert (done.returncode, done.stderr) == (0, "")
    assert "sluice" in done.stdout


def test_help_of_the_controller_lists_the_flags_of_the_contract():
    text = run("controller", "--help").stdout
    flags = "kubeconfig namespace ingress-class http-port https-port ops-port workers drain-delay drain-timeout"
    for flag in [*flags.split(), "log-format", "access-log", "default-tls-secret"]:
        assert f"--{flag}" in text


def test_version_names_itself():
    done = run("version")
    assert done.returncode == 0
    assert "sluice" in done.stdout.lower()


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        (["dev", "--http-prot", "1"], "--http-port"),
        (["controller", "--kubeconfg", "x"], "--kubeconfig"),
        (["dev", "--workrs=2"], "--workers"),
        (["contoller"], "controller"),
        (["dev", ".", "--http-port", "70000"], "--http-port"),
        (["dev", ".", "--http-port", "x"], "--http-port"),
        (["dev", ".", "--http-port"], "--http-port"),
        (["dev", ".", "--workers", "0x"], "--workers"),
        (["dev", ".", "--drain-delay", "soon"], "--drain-delay"),
        (["dev", ".", "--log-format", "xml"], "--log-format"),
        (["dev", ".", "--metrics-names", "traefik"], "--metrics-names"),
    ],
)
def test_a_wrong_flag_is_named_in_one_line_with_exit_code_2(arguments, named):
    done = run(*arguments)
    assert done.returncode == 2
    assert done.stdout == ""
    assert named in done.stderr
    assert one_line(done.stderr), done.stderr


def test_no_subcommand_is_a_usage_error_or_help():
    done = run()
    assert done.returncode in (0, 2)
    assert "sluice" in done.stdout + done.stderr


def test_a_wrong_environment_variable_is_named():
    done = run("dev", ".", SLUICE_HTTP_PORT="x")
    assert done.returncode == 2
    assert "SLUICE_HTTP_PORT" in done.stderr or "--http-port" in done.stderr


@pytest.mark.parametrize("flag", ["--http-port", "--https-port", "--ops-port"])
def test_a_port_in_use_is_one_clear_line(tmp_path, flag):
    with socket.socket() as taken:
        taken.bind(("0.0.0.0", 0))
        taken.listen()
        port = taken.getsockname()[1]
        sluice = Sluice(tmp_path, "dev", str(tmp_path), flag, str(port))
        assert sluice.process.wait(10) == 1
    fatal = [line for line in sluice.log.splitlines() if str(port) in line]
    assert len(fatal) == 1, sluice.log


def test_a_port_of_another_sluice_is_in_use_too(running, tmp_path):
    """SO_REUSEPORT between our own workers must not let a second process share a port unnoticed."""
    first, _ = running()
    for flag, port in (("--http-port", first.http), ("--https-port", first.https), ("--ops-port", first.ops)):
        second = Sluice(tmp_path / flag, "dev", str(tmp_path / "manifests"), flag, str(port))
        try:
            assert second.process.wait(10) == 1, f"{flag} is shared"
        finally:
            second.stop()


FILE = """
frontend f
    mode http
    timeout client 5s
    bind 127.0.0.1:{port}
"""


@pytest.mark.parametrize("flag", ["--http-port", "--https-port", "--ops-port", "bind"])
def test_a_port_for_which_rights_are_missing_is_one_clear_line(tmp_path, flag):
    """Ports of the system are not for plain users; nor for root without the capability."""
    port = int(Path("/proc/sys/net/ipv4/ip_unprivileged_port_start").read_text()) - 1
    if port <= 0:
        pytest.skip("every user may have every port here")
    (tmp_path / "f.cfg").write_text(FILE.format(port=port))
    (tmp_path / "manifests").mkdir()
    plain = ["setpriv", "--bounding-set=-net_bind_service", "--inh-caps=-all"] if os.getuid() == 0 else []
    ports = {"--http-port": "0", "--https-port": "0", "--ops-port": "0", "--admin-address": "127.0.0.1:0"}
    if flag == "bind":
        command = ["proxy", "-f", str(tmp_path / "f.cfg"), "--ops-port", "0", "--admin-address", "127.0.0.1:0"]
    else:
        words = [word for pair in (ports | {flag: str(port)}).items() for word in pair]
        command = ["dev", str(tmp_path / "manifests"), *words]
    command = [*plain, binary(), *command]
    done = subprocess.run(command, capture_output=True, text=True, timeout=30, stdin=subprocess.DEVNULL)
    assert done.returncode == 1
    assert one_line(done.stderr) and f":{port}: bind: Permission denied" in done.stderr, done.stderr


def test_an_address_that_is_not_ours_is_one_clear_line(tmp_path):
    sluice = Sluice(tmp_path, "dev", str(tmp_path), "--bind-address", "192.0.2.1")
    assert sluice.process.wait(10) == 1
    assert "192.0.2.1" in sluice.log


def test_a_missing_folder_is_one_clear_line(tmp_path):
    sluice = Sluice(tmp_path, "dev", str(tmp_path / "nothing"))
    assert sluice.process.wait(10) in (1, 2)
    assert "nothing" in sluice.log


def test_a_missing_kubeconfig_is_one_clear_line(tmp_path):
    sluice = Sluice(tmp_path, "controller", "--kubeconfig", str(tmp_path / "nothing"))
    assert sluice.process.wait(10) in (1, 2)
    assert "nothing" in sluice.log


@pytest.mark.parametrize("contents", [None, "no PEM\n"])
def test_an_unusable_file_of_a_kubeconfig_is_one_clear_line(tmp_path, contents):
    if contents is not None:
        (tmp_path / "ca.crt").write_text(contents)
    config = tmp_path / "kubeconfig"
    config.write_text(
        "current-context: dev\n"
        "contexts: [{name: dev, context: {cluster: c}}]\n"
        "clusters: [{name: c, cluster: {server: 'https://127.0.0.1:1', certificate-authority: ca.crt}}]\n"
    )
    done = run("controller", "--kubeconfig", str(config), "--http-port", "0", "--https-port", "0")
    assert done.returncode == 1
    assert one_line(done.stderr), done.stderr
    for named in (str(config), "context dev", f"certificate-authority {tmp_path / 'ca.crt'}"):
        assert named in done.stderr


def test_flags_may_come_from_the_environment(tmp_path, backend):
    folder = Folder(tmp_path / "manifests")
    folder.put(objects.ingress_class(), objects.ingress("web", "a.test", "web"), dev_service("web", backend()))
    sluice = Sluice(tmp_path, "dev", str(folder.path), SLUICE_ACCESS_LOG="off", SLUICE_WORKERS="1")
    try:
        sluice.wait_ready()
        with Client(sluice.http) as client:
            assert client.request().status == 200
    finally:
        assert sluice.stop() == 0


def test_port_0_turns_a_listener_off(tmp_path):
    sluice = Sluice(tmp_path, "dev", str(tmp_path), "--https-port", "0")
    try:
        sluice.wait_ready()
        with socket.create_connection(("127.0.0.1", sluice.http)):
            pass
    finally:
        sluice.stop()


# MARK: check and translate


@pytest.fixture
def manifests(tmp_path):
    folder = Folder(tmp_path / "manifests")
    folder.put(objects.ingress_class(), objects.ingress("web", "a.test", "web"), dev_service("web", "127.0.0.1:9"))
    return folder


def test_check_is_silent_about_good_manifests(manifests):
    done = run("check", str(manifests.path))
    assert done.returncode == 0, done.stdout + done.stderr


def test_check_names_file_and_line_of_what_is_wrong(manifests):
    manifests.write("broken.yaml", "apiVersion: v1\nkind: Service\nmetadata:\n  name: [x\n")
    done = run("check", str(manifests.path))
    assert done.returncode == 1
    assert "broken.yaml:" in done.stdout + done.stderr


def test_check_reads_certificates(manifests):
    """What can not be served with, and what ends soon, is told where it stands."""
    ending = Authority("check-ca").issue("soon", ["b.test"], seconds=86_400)
    manifests.put(
        objects.broken_secret("bad"), objects.ingress("bad", "a.test", "web", path="/bad", tls_secret="bad"),
        objects.tls_secret("soon", ending), objects.ingress("soon", "b.test", "web", tls_secret="soon"),
    )  # fmt: skip
    done = run("check", str(manifests.path))
    assert done.returncode == 1
    assert re.search(r"bad\.yaml:1: error: Secret default/bad data: .*\(CertificateRefused\)$", done.stdout, re.M), done.stdout
    assert re.search(r"soon\.yaml:1: warning: Secret default/soon data\.tls\.crt: .*\(CertificateExpiring\)$", done.stdout, re.M), done.stdout


def test_translate_prints_json(manifests):
    done = run("translate", str(manifests.path), "-o", "json")
    assert done.returncode == 0
    assert "a.test" in json.dumps(json.loads(done.stdout))


# MARK: stopping


@pytest.fixture
def running(tmp_path, backend):
    """A `sluice dev` with a backend, started with the given flags."""
    started = []

    def start(handler=None, *arguments: str):
        server = backend()
        if handler:
            server.handler = handler
        folder = Folder(tmp_path / "manifests")
        folder.put(objects.ingress_class(), objects.ingress("web", "a.test", "web"), dev_service("web", server))
        sluice = Sluice(tmp_path, "dev", str(folder.path), *arguments)
        started.append(sluice)
        return sluice.wait_ready(), server

    yield start
    for sluice in started:
        sluice.stop()


def test_sigterm_stops_an_idle_process_with_exit_code_0(running):
    sluice, _ = running()
    sluice.terminate()
    assert sluice.process.wait(15) == 0


def test_sigterm_is_unready_at_once_and_still_serves_for_the_drain_delay(running):
    sluice, _ = running(None, "--drain-delay", "5s")
    sluice.terminate()
    wait_until(lambda: sluice.ops_get("/readyz")[0] == 503, "unready at once", 3)
    with Client(sluice.http) as client:
        assert client.request().status == 200
    assert sluice.ops_get("/livez")[0] == 200
    assert sluice.process.wait(20) == 0


def test_a_request_in_flight_is_finished_before_the_end(running):
    go = threading.Event()
    sluice, server = running(lambda session, request: (go.wait(30), session.answer()))
    with Client(sluice.http) as client:
        client.send(b"GET / HTTP/1.1\r\nHost: a.test\r\n\r\n")
        wait_until(lambda: server.requests, "the request is in flight")
        sluice.terminate()
        wait_until(lambda: not sluice.is_ready, "it drains")
        time.sleep(1)
        assert sluice.is_running
        go.set()
        response = client.response()
        assert (response.body, response.get("connection")) == (b"ok", "close")
    assert sluice.process.wait(15) == 0


def test_an_idle_keep_alive_connection_does_not_hold_the_end_back(running):
    sluice, _ = running()
    with Client(sluice.http) as client:
        assert client.request().status == 200
        sluice.terminate()
        assert sluice.process.wait(15) == 0
        assert client.is_closed()


def test_the_drain_timeout_ends_what_does_not_end_itself(running):
    sluice, server = running(lambda session, request: session.wait_gone(20), "--drain-timeout", "1s")
    with Client(sluice.http) as client:
        client.send(b"GET / HTTP/1.1\r\nHost: a.test\r\n\r\n")
        wait_until(lambda: server.requests, "the request is in flight")
        sluice.terminate()
        assert sluice.process.wait(20) == 0


def test_a_second_signal_stops_at_once(running):
    sluice, server = running(lambda session, request: session.wait_gone(20), "--drain-delay", "30s")
    with Client(sluice.http) as client:
        client.send(b"GET / HTTP/1.1\r\nHost: a.test\r\n\r\n")
        wait_until(lambda: server.requests, "the request is in flight")
        sluice.terminate()
        wait_until(lambda: not sluice.is_ready, "it drains")
        sluice.terminate()
        assert sluice.process.wait(15) == 0


def test_sigint_is_sigterm(running):
    sluice, _ = running()
    sluice.process.send_signal(2)
    assert sluice.process.wait(15) == 0
