"""Objects as users write them, for tests and for bulk loading."""

from __future__ import annotations

import base64

from .pki import Pair

CONTROLLER = "ingress.sluice.dev/controller"


def ingress_class(name: str = "sluice", controller: str = CONTROLLER) -> dict:
    return {
        "apiVersion": "networking.k8s.io/v1", "kind": "IngressClass",
        "metadata": {"name": name}, "spec": {"controller": controller},
    }  # fmt: skip


# For hosts with TLS that are asked over plain HTTP all the same.
PLAIN_TOO = {"sluice.dev/ssl-redirect": "false"}


def ingress(
    name: str,
    host: str | None,
    service: str,
    *,
    namespace: str = "default",
    path: str = "/",
    path_type: str = "Prefix",
    port: int | str = 80,
    class_name: str | None = "sluice",
    tls_secret: str | None = None,
    annotations: dict | None = None,
) -> dict:
    port_key = "number" if isinstance(port, int) else "name"
    backend = {"service": {"name": service, "port": {port_key: port}}}
    rule: dict = {"http": {"paths": [{"path": path, "pathType": path_type, "backend": backend}]}}
    if host:
        rule = {"host": host, **rule}
    spec: dict = {"rules": [rule]}
    if class_name:
        spec = {"ingressClassName": class_name, **spec}
    if tls_secret is not None:
        spec["tls"] = [{"hosts": [host] if host else [], "secretName": tls_secret}]
    meta: dict = {"name": name, "namespace": namespace}
    if annotations:
        meta["annotations"] = annotations
    return {"apiVersion": "networking.k8s.io/v1", "kind": "Ingress", "metadata": meta, "spec": spec}


def service(name: str, *, namespace: str = "default", annotations: dict | None = None, **spec: object) -> dict:
    meta: dict = {"name": name, "namespace": namespace}
    if annotations:
        meta["annotations"] = annotations
    ports = [{"name": "http", "port": 80, "protocol": "TCP", "targetPort": 8080}]
    whole = {"clusterIP": "10.96.0.10", "type": "ClusterIP", "ports": ports, **spec}
    return {"apiVersion": "v1", "kind": "Service", "metadata": meta, "spec": whole}


def endpoint(address: str, *, pod: str = "", ready: bool = True, serving: bool = True, ending: bool = False) -> dict:
    conditions = {"ready": ready, "serving": serving, "terminating": ending}
    entry: dict = {"addresses": [address], "conditions": conditions, "nodeName": "hollow", "zone": "zone-a"}
    if pod:
        entry["targetRef"] = {"kind": "Pod", "namespace": "default", "name": pod, "uid": f"uid-{pod}"}
    return entry


def slice_of(
    service_name: str,
    endpoints: list[dict],
    port: int,
    *,
    name: str = "",
    namespace: str = "default",
    port_name: str = "http",
) -> dict:
    """An EndpointSlice; one per distinct port, as the slice controller makes them."""
    meta = {
        "name": name or f"{service_name}-{port}",
        "namespace": namespace,
        "labels": {
            "kubernetes.io/service-name": service_name,
            "endpointslice.kubernetes.io/managed-by": "endpointslice-controller.k8s.io",
        },
    }
    return {
        "apiVersion": "discovery.k8s.io/v1", "kind": "EndpointSlice", "metadata": meta, "addressType": "IPv4",
        "endpoints": endpoints, "ports": [{"name": port_name, "protocol": "TCP", "port": port}],
    }  # fmt: skip


def config_map(name: str, data: dict[str, str], *, namespace: str = "default") -> dict:
    return {
        "apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name, "namespace": namespace}, "data": data,
    }  # fmt: skip


def tls_secret(name: str, pair: Pair, *, namespace: str = "default") -> dict:
    certificate, key = pair.encoded()
    return {
        "apiVersion": "v1", "kind": "Secret", "metadata": {"name": name, "namespace": namespace},
        "type": "kubernetes.io/tls", "data": {"tls.crt": certificate, "tls.key": key},
    }  # fmt: skip


def broken_secret(name: str, *, namespace: str = "default") -> dict:
    """A TLS Secret whose certificate and key are not PEM at all."""
    return tls_secret(name, Pair(b"not a certificate", b"not a key"), namespace=namespace)


def text(secret: dict, key: str) -> bytes:
    return base64.b64decode(secret["data"][key])
