"""TLS to servers, asked for by a Service's `appProtocol`."""

from __future__ import annotations

import contextlib
import subprocess

import pytest

from harness.backend import Backend
from harness.site import dev_service
from harness.sluice import free_port
from harness.waiting import wait_until
from simulator import objects
from simulator.pki import Authority

pytestmark = pytest.mark.sanitizer

POD = Authority("pods").issue("pod", ["pod.test"])


def service(protocol: str, *backends: Backend | str) -> dict:
    """The Service `web` whose port says what is spoken there."""
    body = dev_service("web", *backends)
    body["spec"]["ports"][0]["appProtocol"] = protocol
    return body


@contextlib.contextmanager
def s_server(directory, *options: str):
    """`openssl s_server` that answers with a page about the connection, and ends after it."""
    (directory / "cert.pem").write_bytes(POD.certificate)
    (directory / "key.pem").write_bytes(POD.key)
    port = free_port()
    files = ["-cert", str(directory / "cert.pem"), "-key", str(directory / "key.pem")]
    command = ["openssl", "s_server", "-accept", f"127.0.0.1:{port}", "-www", *files, *options]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        yield f"127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(5)


@pytest.mark.parametrize("protocol", ["https", "kubernetes.io/wss"])
@pytest.mark.parametrize("version", ["-tls1_2", "-tls1_3"])
def test_a_service_that_speaks_tls_is_spoken_tls_with(sluice_dev, tmp_path, protocol, version):
    with s_server(tmp_path, version) as endpoint:
        site = sluice_dev(objects.ingress("web", "a.test", "web"), service(protocol, endpoint), arguments=("--workers", "1"))
        wait_until(lambda: site.get(host="a.test").status == 200, "the server is found and listens")
        pages = [site.get(host="a.test").body.decode() for _ in range(3)]
        assert all("Reused, TLS" in page for page in pages), "connections resume the first one's session"
        assert site.sluice.metric("sluice_upstream_tls_resumptions_total") >= 3
        assert site.sluice.metric("sluice_upstream_tls_failures_total") == 0


def test_a_server_that_speaks_plain_text_is_answered_502(sluice_dev, backend):
    plain = backend()
    plain.on_connect = lambda session: session.send(b"220 what do you want?\r\n")
    site = sluice_dev(objects.ingress("web", "a.test", "web"), service("https", plain))
    wait_until(lambda: site.get(host="a.test").status == 502, "the server is found")
    site.sluice.wait_access(r"TLS handshake with the server failed \((not tls|closed|reset|http request)\)")
    site.sluice.wait_access(r" 502 .* SC-- ")
    wait_until(lambda: site.sluice.metric("sluice_upstream_tls_failures_total") > 0, "it is counted")


def test_other_protocols_of_services_stay_plain(sluice_dev, backend):
    site = sluice_dev(objects.ingress("web", "a.test", "web"), service("http", backend()))
    wait_until(lambda: site.get(host="a.test").status == 200, "the server is found")
