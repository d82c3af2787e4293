"""Behaviour of the annotations about TLS to servers, corner by corner: tests are named after them."""

from __future__ import annotations

import base64

import pytest

from harness.chains import chained, signed
from harness.site import Site, dev_service
from simulator import objects

pytestmark = pytest.mark.sanitizer

NGINX = "nginx.ingress.kubernetes.io/"
# Failing handshakes are not repeated.
TLS = {"backend-protocol": "HTTPS", "proxy-next-upstream-tries": "1"}
OURS = {**TLS, "proxy-ssl-secret": "default/root"}
VERIFIED = {**OURS, "proxy-ssl-verify": "on", "proxy-ssl-name": "pod.test"}
FIRST, SECOND = "ECDHE-ECDSA-AES128-GCM-SHA256", "ECDHE-ECDSA-AES256-GCM-SHA384"
FAILED = (502, 504)

# corner -> annotations, Service, status, how the body begins, the name that the server was told (False: any)
CASES: dict[str, tuple] = {
    "proxy-ssl-protocols: TLSv1.2 with a Secret": (OURS, "near", 200, b"TLSv1.2", False),
    "proxy-ssl-protocols: without one the newest": (TLS, "near", 200, b"TLSv1.3", False),
    "proxy-ssl-protocols: is nothing without a Secret": ({**TLS, "proxy-ssl-protocols": "TLSv1.2"}, "near", 200, b"TLSv1.3", False),
    "proxy-ssl-protocols: TLSv1.3": ({**OURS, "proxy-ssl-protocols": "TLSv1.3"}, "near", 200, b"TLSv1.3", False),
    "proxy-ssl-protocols: both": ({**OURS, "proxy-ssl-protocols": "TLSv1.2 TLSv1.3"}, "near", 200, b"TLSv1.3", False),
    "proxy-ssl-protocols: one that the server does not speak": (
        {**OURS, "proxy-ssl-protocols": "TLSv1.3"}, "old", FAILED, b"", False,
    ),
    "proxy-ssl-ciphers: is what is offered": ({**OURS, "proxy-ssl-ciphers": SECOND}, "near", 200, f"TLSv1.2 {SECOND}".encode(), False),
    "proxy-ssl-ciphers: in its order": ({**OURS, "proxy-ssl-ciphers": f"{FIRST}:{SECOND}"}, "narrow", 200, f"TLSv1.2 {SECOND}".encode(), False),
    "proxy-ssl-ciphers: none in common": ({**OURS, "proxy-ssl-ciphers": FIRST}, "narrow", FAILED, b"", False),
    "proxy-ssl-ciphers: is nothing without a Secret": ({**TLS, "proxy-ssl-ciphers": FIRST}, "narrow", 200, b"TLSv1", False),
    "proxy-ssl-verify: off takes anybody": (OURS, "stranger", 200, b"TLSv1.2", False),
    "proxy-ssl-verify: on takes whom the authority has signed": (VERIFIED, "near", 200, b"TLSv1.2", False),
    "proxy-ssl-verify: on takes nobody else": (VERIFIED, "stranger", FAILED, b"", False),
    "proxy-ssl-verify: is nothing without a Secret": ({**TLS, "proxy-ssl-verify": "on"}, "stranger", 200, b"TLSv1.3", False),
    "proxy-ssl-name: is the name that is verified": ({**VERIFIED, "proxy-ssl-name": "other.test"}, "near", FAILED, b"", False),
    "proxy-ssl-name: is not told by itself": (VERIFIED, "near", 200, b"TLSv1.2", None),
    "proxy-ssl-server-name: off tells nothing": ({**VERIFIED, "proxy-ssl-server-name": "off"}, "near", 200, b"TLSv1.2", None),
    "proxy-ssl-server-name: on tells it": ({**VERIFIED, "proxy-ssl-server-name": "on"}, "near", 200, b"TLSv1.2", "pod.test"),
    "proxy-ssl-server-name: is nothing without a Secret": (
        {**TLS, "proxy-ssl-server-name": "on", "proxy-ssl-name": "pod.test"}, "near", 200, b"TLSv1.3", None,
    ),
    "proxy-ssl-verify-depth: none between": (VERIFIED, "near", 200, b"TLSv1.2", False),
    "proxy-ssl-verify-depth: one between": (VERIFIED, "far", 200, b"TLSv1.2", False),
    "proxy-ssl-verify-depth: not two": (VERIFIED, "farther", FAILED, b"", False),
    "proxy-ssl-verify-depth: two if it says so": ({**VERIFIED, "proxy-ssl-verify-depth": "2"}, "farther", 200, b"TLSv1.2", False),
    "proxy-ssl-secret: a missing one closes paths": ({**TLS, "proxy-ssl-secret": "default/missing"}, "near", 503, b"", False),
    "proxy-ssl-secret: one of another namespace closes paths": ({**TLS, "proxy-ssl-secret": "other/root"}, "near", 503, b"", False),
    "proxy-ssl-secret: without TLS it is nothing": ({"proxy-ssl-secret": "default/root"}, "plain", 200, b"ok", False),
    "proxy-ssl-secret: what is no name drops the Ingress": ({**TLS, "proxy-ssl-secret": "../../x"}, "near", 404, b"", False),
}  # fmt: skip


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    directory = tmp_path_factory.mktemp("servers")
    hosts = dict(is_authority=False, hosts=("pod.test",))
    root = signed("root", None, is_authority=True)
    middle = signed("middle", root, is_authority=True)
    lower = signed("lower", middle, is_authority=True)
    near, far, low = (signed(f"by-{issuer}", by, **hosts) for issuer, by in (("root", root), ("middle", middle), ("lower", lower)))
    servers = {
        "near": chained(directory, "near", near), "far": chained(directory, "far", far, middle),
        "farther": chained(directory, "farther", low, lower, middle),
        "stranger": chained(directory, "stranger", signed("stranger", None, **hosts)),
        "old": chained(directory, "old", near, newest=False),
        "narrow": chained(directory, "narrow", near, ciphers=SECOND, newest=False),
    }  # fmt: skip
    data = {"ca.crt": base64.b64encode(root.certificate).decode()}
    secret = {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "root", "namespace": "default"}, "data": data}
    site = Site(
        directory, secret, {**secret, "metadata": {"name": "root", "namespace": "other"}},
        *(
            objects.ingress(f"row-{number}", f"row-{number}.test", service, annotations={NGINX + key: value for key, value in says.items()})
            for number, (says, service, *_) in enumerate(CASES.values())
        ),
        *(dev_service(name, server.endpoint) for name, server in servers.items()),
    )  # fmt: skip
    site.servers = servers
    site.folder.put(dev_service("plain", site.backend))
    site.sluice.wait_ready()
    yield site
    assert site.sluice.is_running
    site.close()
    for server in servers.values():
        server.close()


@pytest.mark.parametrize("corner", CASES)
def test_behaviour(site, corner):
    _, service, status, body, name = CASES[corner]
    for server in site.servers.values():
        server.names.clear()
    answer = site.get(host=f"row-{list(CASES).index(corner)}.test")
    assert answer.status in (status if isinstance(status, tuple) else (status,))
    assert answer.status != 200 or answer.body.startswith(body)
    if name is not False:
        assert site.servers[service].names == [name]
