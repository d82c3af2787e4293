"""What cert-manager writes into a cluster for a challenge over HTTP (pkg/issuer/acme/http: ingress.go, service.go)."""

from __future__ import annotations

from . import objects

CHALLENGES = "/.well-known/acme-challenge/"


def solver(
    host: str, token: str, port: int, *, by_annotation: bool = False, path_type: str = "Exact", name: str = "cm-acme-http-solver-x7k2p",
    address: str = "127.0.0.1",
) -> list[dict]:
    """The Ingress of the path, the Service, and the slice of the pod that answers, at `address` and `port`."""
    labels = {
        "acme.cert-manager.io/http-domain": "1045389023", "acme.cert-manager.io/http-token": "1265325443",
        "acme.cert-manager.io/http01-solver": "true",
    }  # fmt: skip
    annotations = {"nginx.ingress.kubernetes.io/whitelist-source-range": "0.0.0.0/0,::/0"}
    if by_annotation:
        annotations["kubernetes.io/ingress.class"] = "sluice"
    ingress = objects.ingress(
        name, host, name, path=CHALLENGES + token, path_type=path_type, port=8089, annotations=annotations,
        class_name=None if by_annotation else "sluice",
    )  # fmt: skip
    ports = [{"name": "http", "port": 8089, "protocol": "TCP", "targetPort": 8089, "nodePort": 31111}]
    service = objects.service(name, type="NodePort", ports=ports, selector=labels)
    service["metadata"]["annotations"] = {"auth.istio.io/8089": "NONE"}
    for body in (ingress, service):
        body["metadata"]["labels"] = labels
    return [ingress, service, objects.slice_of(name, [objects.endpoint(address, pod="solver")], port)]
