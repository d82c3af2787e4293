"""`backend-protocol: AUTO_HTTP`: servers are spoken to as the client speaks, at one and the same port."""

from __future__ import annotations

import socket
import ssl

import pytest
from harness.client import Client, careless
from harness.site import dev_service
from harness.tcp import TCPServer
from harness.waiting import wait_until
from simulator import objects
from simulator.pki import Authority

pytestmark = pytest.mark.sanitizer

POD = Authority("pods").issue("pod", ["pod.test"])
AUTO = {"nginx.ingress.kubernetes.io/backend-protocol": "AUTO_HTTP"}
CANARY = {"nginx.ingress.kubernetes.io/canary": "true", "nginx.ingress.kubernetes.io/canary-by-header": "x-new"}


def both(context: ssl.SSLContext, name: str):
    """Answers what it was spoken to in, TLS or not."""

    def serve(connection: socket.socket) -> None:
        isTLS = connection.recv(1, socket.MSG_PEEK) == b"\x16"
        if isTLS:
            connection = context.wrap_socket(connection, server_side=True)
        with connection:
            asked = b""
            while data := connection.recv(65536):
                asked += data
                if asked.endswith(b"\r\n\r\n"):
                    body = f"{name} {'https' if isTLS else 'http'}".encode()
                    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body))
                    asked = b""

    return serve


@pytest.fixture
def servers(tmp_path):
    (tmp_path / "pod.pem").write_bytes(POD.certificate + POD.key)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(tmp_path / "pod.pem")
    running = [TCPServer(both(context, name)) for name in ("main", "new")]
    yield running
    for server in running:
        server.close()


def ask(site, isTLS: bool, **settings) -> str:
    if not isTLS:
        return site.get("/", **settings).body.decode()
    with Client(site.sluice.https, tls=careless(), server_name="a.test") as client:
        return client.request("/", **settings).body.decode()


def test_each_client_by_its_own_way(sluice_dev, servers):
    main, new = servers
    site = sluice_dev(
        objects.ingress("web", "a.test", "web", annotations=AUTO), dev_service("web", main.endpoint),
        objects.ingress("new", "a.test", "new", annotations=CANARY), dev_service("new", new.endpoint),
    )  # fmt: skip
    wait_until(lambda: site.get("/").status == 200, "it is served")
    assert [ask(site, isTLS) for isTLS in (False, True, False, True)] == ["main http", "main https"] * 2
    there = [("X-New", "always")]
    assert [ask(site, isTLS, headers=there) for isTLS in (False, True)] == ["new http", "new https"]
    assert [ask(site, isTLS, headers=[("X-New", "never")]) for isTLS in (False, True)] == ["main http", "main https"]
