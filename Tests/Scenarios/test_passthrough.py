"""TLS that is passed through beside TLS that ends here, on one port: `openssl s_server` behind, `openssl s_client` in front. The
certificate that a client is shown proves who has spoken TLS with it."""

from __future__ import annotations

import re
import socket
import subprocess

import pytest
from harness.backend import Backend
from harness.client import Client
from harness.sluice import Sluice, free_port
from harness.twins import echo
from harness.waiting import wait_until
from simulator.pki import Authority

pytestmark = pytest.mark.sanitizer

AUTHORITY = Authority("root")
SHOP = AUTHORITY.issue("shop", ["shop.test"])
VAULT = AUTHORITY.issue("vault", ["vault.test"])
CLIENT = AUTHORITY.issue("robot", ["robot.test"])

CONFIGURATION = """
global
    crt-base {here}
defaults
    retries 0
    timeout client 5s
    timeout server 5s
    timeout connect 5s
frontend entrance
    mode tcp
    bind 127.0.0.1:{port}
    tcp-request inspect-delay 4s
    use_backend vault if {{ req.ssl_sni -i vault.test }}
    default_backend ours
backend vault
    mode tcp
    server s 127.0.0.1:{vault}
backend ours
    mode tcp
    server s 127.0.0.1:{inner} send-proxy-v2
frontend web
    mode http
    bind 127.0.0.1:{inner} ssl crt shop.pem accept-proxy
    option forwardfor
    default_backend shop
backend shop
    mode http
    server s 127.0.0.1:{shop}
"""


class Entrance:
    """`sluice proxy` in front of a server of TLS and a site of its own."""

    def __init__(self, folder) -> None:
        files = {
            "shop.pem": SHOP.certificate + SHOP.key, "vault.pem": VAULT.certificate + VAULT.key, "ca.pem": AUTHORITY.certificate,
            "client.pem": CLIENT.certificate + CLIENT.key,
        }  # fmt: skip
        for name, content in files.items():
            (folder / name).write_bytes(content)
        self.folder, self.port, self.vault, self.backend = folder, free_port(), free_port(), Backend(echo)
        (folder / "proxy.cfg").write_text(
            CONFIGURATION.format(here=folder, port=self.port, vault=self.vault, inner=free_port(), shop=self.backend.port)
        )
        # It sends back what it reads, line by line, from the end.
        command = ["openssl", "s_server", "-accept", f"127.0.0.1:{self.vault}", "-cert", str(folder / "vault.pem")]
        command += ["-rev", "-alpn", "vault/1", "-CAfile", str(folder / "ca.pem"), "-verify", "1", "-verify_return_error"]
        self.server = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        wait_until(self._is_listening, "s_server listens")
        self.sluice = Sluice(folder / "sluice", "proxy", "-f", str(folder / "proxy.cfg"), "--access-log", "stdout").wait_ready()

    def _is_listening(self) -> bool:
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self.vault)) == 0

    def ask(self, host: str | None, text: str, *options: str) -> tuple[str, str]:
        """Whose certificate a client has verified, and all that it was told."""
        name = ["-servername", host, "-verify_hostname", host] if host else ["-noservername"]
        command = ["openssl", "s_client", "-connect", f"127.0.0.1:{self.port}", "-CAfile", str(self.folder / "ca.pem")]
        command += ["-verify_return_error", "-ign_eof", *name, *options]
        done = subprocess.run(command, capture_output=True, text=True, timeout=20, input=text)
        subject = re.search(r"^subject=.*CN = (\w+)", done.stdout, re.M)
        return subject[1] if subject else "", done.stdout + done.stderr

    def stop(self) -> None:
        self.server.terminate()
        self.server.wait(5)
        assert self.sluice.stop() == 0
        self.backend.close()


@pytest.fixture
def entrance(tmp_path):
    here = Entrance(tmp_path)
    yield here
    here.stop()


REQUEST = "GET /page HTTP/1.1\r\nHost: shop.test\r\nConnection: close\r\n\r\n"


@pytest.mark.parametrize("version", ["-tls1_2", "-tls1_3"])
def test_the_name_decides_who_speaks_tls(entrance, version):
    subject, said = entrance.ask("vault.test", "through\nCLOSE\n", version, "-alpn", "vault/1", "-quiet", "-showcerts")
    assert "hguorht" in said
    subject, said = entrance.ask("VAULT.test", "CLOSE\n", version, "-alpn", "vault/1")
    assert (subject, "ALPN protocol: vault/1" in said) == ("vault", True)
    subject, said = entrance.ask("shop.test", REQUEST, version)
    assert (subject, "HTTP/1.1 200" in said) == ("shop", True)
    assert entrance.ask(None, REQUEST, version)[0] == "shop"
    seen = entrance.backend.requests[0]
    assert seen.get("x-forwarded-for") == "127.0.0.1"
    # One line for who was passed on, two for who was not: its session and its request.
    entrance.sluice.wait_access(r" entrance vault/s .* -- ")
    entrance.sluice.wait_access(r" entrance ours/s ")
    assert '"GET /page HTTP/1.1"' in entrance.sluice.wait_access(r" web~ shop/s ")


def test_the_client_shows_its_certificate_to_the_server_behind(entrance):
    shown = str(entrance.folder / "client.pem")
    subject, said = entrance.ask("vault.test", "CLOSE\n", "-cert", shown, "-key", shown)
    assert subject == "vault"
    assert "Acceptable client certificate CA names" in said
    # To the other one there is nothing to show.
    assert "No client certificate CA names sent" in entrance.ask("shop.test", REQUEST)[1]


def test_a_server_behind_that_is_gone_is_not_replaced_by_ours(entrance):
    entrance.server.terminate()
    entrance.server.wait(5)
    subject, said = entrance.ask("vault.test", "CLOSE\n")
    assert subject == "" and "shop" not in said
    entrance.sluice.wait_access(r" entrance vault/s .* SC ")
    assert entrance.ask("shop.test", REQUEST)[0] == "shop"
