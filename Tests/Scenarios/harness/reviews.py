"""What an API server does with an admission webhook: it believes a `caBundle`, and asks."""

from __future__ import annotations

import base64
import contextlib
import http.client
import json
import socket
import ssl
import uuid

from simulator import objects
from simulator.client import ApiServer
from simulator.pki import Authority

NAME = "sluice-admission.sluice.svc"
CONFIGURATION = "sluice"


def configuration(bundle: bytes | None = None, webhooks: int = 1) -> dict:
    service = {"namespace": "sluice", "name": "sluice-admission", "path": "/validate"}
    client = {"service": service, **({"caBundle": base64.b64encode(bundle).decode()} if bundle else {})}
    return {
        "apiVersion": "admissionregistration.k8s.io/v1", "kind": "ValidatingWebhookConfiguration",
        "metadata": {"name": CONFIGURATION},
        "webhooks": [{"name": f"w{i}.sluice.dev", "clientConfig": client} for i in range(webhooks)],
    }  # fmt: skip


def secret(pair=None, authority: Authority | None = None) -> dict:
    """Empty, as an installation makes it, or with a certificate."""
    body = {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "sluice-admission", "namespace": "sluice"}, "type": "Opaque"}
    if pair:
        certificate, key = pair.encoded()
        body["data"] = {"tls.crt": certificate, "tls.key": key}
        if authority:
            body["data"]["ca.crt"] = base64.b64encode(authority.certificate).decode()
    return body


def bundles(api: ApiServer) -> list[bytes]:
    """Whom the configuration's webhooks believe now."""
    body = api.get(apiVersion="admissionregistration.k8s.io/v1", kind="ValidatingWebhookConfiguration", name=CONFIGURATION)
    return [base64.b64decode(webhook["clientConfig"].get("caBundle", "")) for webhook in body["webhooks"]]


def held(api: ApiServer) -> dict[str, bytes]:
    """What the Secret holds now."""
    body = api.get(apiVersion="v1", kind="Secret", namespace="sluice", name="sluice-admission")
    return {key: base64.b64decode(value) for key, value in body.get("data", {}).items()}


def review(body: dict | None, old: dict | None = None, *, operation: str = "", resource: str = "ingresses", **request: object) -> dict:
    """An AdmissionReview as API servers send it."""
    given = body or old or {}
    meta = given.get("metadata", {})
    return {
        "kind": "AdmissionReview", "apiVersion": "admission.k8s.io/v1",
        "request": {
            "uid": str(uuid.uuid4()), "kind": {"group": "networking.k8s.io", "version": "v1", "kind": "Ingress"},
            "resource": {"group": "networking.k8s.io", "version": "v1", "resource": resource},
            "name": meta.get("name"), "namespace": meta.get("namespace"),
            "operation": operation or ("UPDATE" if old and body else "CREATE" if body else "DELETE"),
            "userInfo": {"username": "alice", "groups": ["system:authenticated"]}, "object": body, "oldObject": old,
            "dryRun": False, "options": {"kind": "CreateOptions", "apiVersion": "meta.k8s.io/v1"}, **request,
        },
    }  # fmt: skip


def young(*arguments, created: str = "2099-01-01T00:00:00Z", **settings) -> dict:
    """An Ingress as it is when validating webhooks see it: it has a name, a time and a uid."""
    body = objects.ingress(*arguments, **settings)
    body["metadata"] |= {"creationTimestamp": created, "uid": str(uuid.uuid4())}
    return body


class Webhook:
    """The webhook at a port, asked as an API server would that believes `authorities`."""

    def __init__(self, port: int, authorities: bytes, path: str = "/validate") -> None:
        self.port, self.authorities, self.path = port, authorities, path

    @contextlib.contextmanager
    def connection(self):
        context = ssl.create_default_context(cadata=self.authorities.decode())
        with socket.create_connection(("127.0.0.1", self.port), timeout=15) as plain:
            with context.wrap_socket(plain, server_hostname=NAME) as secured:
                yield secured

    def send(
        self, body: bytes, *, method: str = "POST", path: str = "", **fields: str
    ) -> tuple[int, bytes]:
        """Status and body of the answer to a request of its own connection."""
        with self.connection() as secured:
            client = http.client.HTTPConnection(NAME)
            client.sock = secured
            client.request(method, path or f"{self.path}?timeout=10s", body, {"Content-Type": "application/json", **fields})
            response = client.getresponse()
            return response.status, response.read()

    def ask(self, body: dict) -> dict:
        """The `response` of the answer."""
        status, answer = self.send(json.dumps(body).encode())
        assert status == 200, answer
        read = json.loads(answer)
        assert (read["kind"], read["apiVersion"]) == ("AdmissionReview", "admission.k8s.io/v1")
        assert read["response"]["uid"] == body["request"]["uid"]
        return read["response"]
