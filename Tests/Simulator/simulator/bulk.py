"""Thousands of Ingresses with a Service and an EndpointSlice each, as heavy as real ones.

managedFields are about half of a real object's bytes, so they are generated too.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Iterator

from . import objects

STAMP = "2026-11-21T02:57:45Z"


@dataclass
class Bulk:
    """What to generate. Object i lives in namespace `bulk-{i % namespaces}` and serves `h{i}.bulk.test`."""

    ingresses: int = 0
    namespaces: int = 100
    paths: int = 1
    addresses: tuple[str, ...] = ("127.0.0.1",)
    port: int = 8080
    class_name: str = "sluice"
    first: int = 0
    # Of each Ingress, besides one of nobody's.
    annotations: dict[str, str] = field(default_factory=dict)

    def objects(self) -> Iterator[dict]:
        for i in range(self.first, self.first + self.ingresses):
            yield self.service(i)
            yield self.slice(i)
            yield self.ingress(i)

    def namespace(self, i: int) -> str:
        return f"bulk-{i % self.namespaces}"

    def ingress(self, i: int) -> dict:
        body = objects.ingress(
            f"ing-{i}", f"h{i}.bulk.test", f"svc-{i}", namespace=self.namespace(i), class_name=self.class_name
        )
        backend = body["spec"]["rules"][0]["http"]["paths"][0]["backend"]
        body["spec"]["rules"][0]["http"]["paths"] = [
            {"path": "/" if p == 0 else f"/path-{p}", "pathType": "Prefix", "backend": backend}
            for p in range(self.paths)
        ]
        annotations = {"example.test/note": f"number {i}", **self.annotations}
        body["metadata"] |= {
            "creationTimestamp": STAMP,
            "labels": {"app": f"svc-{i}", "app.kubernetes.io/managed-by": "Helm"},
            "annotations": annotations,
            "managedFields": _managed(
                "helm", body["apiVersion"],
                {
                    "f:metadata": {
                        "f:annotations": {".": {}, **{f"f:{name}": {} for name in annotations}},
                        "f:labels": {".": {}, "f:app": {}, "f:app.kubernetes.io/managed-by": {}},
                    },
                    "f:spec": {"f:ingressClassName": {}, "f:rules": {}},
                },
            ),
        }  # fmt: skip
        return {**body, "status": {"loadBalancer": {}}}

    def service(self, i: int) -> dict:
        address = f"10.{96 + i // 65536}.{i // 256 % 256}.{i % 256}"
        body = objects.service(f"svc-{i}", namespace=self.namespace(i), clusterIP=address)
        body["spec"] |= {
            "internalTrafficPolicy": "Cluster", "ipFamilies": ["IPv4"], "ipFamilyPolicy": "SingleStack",
            "sessionAffinity": "None", "selector": {"app": f"svc-{i}"},
        }  # fmt: skip
        port = {f"f:{name}": {} for name in ("name", "port", "protocol", "targetPort")}
        ports = {'k:{"port":80,"protocol":"TCP"}': port}
        fields = {
            "f:spec": {
                "f:internalTrafficPolicy": {}, "f:ports": {".": {}, **ports}, "f:selector": {}, "f:sessionAffinity": {},
                "f:type": {},
            }
        }  # fmt: skip
        body["metadata"] |= {
            "creationTimestamp": STAMP,
            "labels": {"app": f"svc-{i}"},
            "managedFields": _managed("helm", "v1", fields),
        }
        return {**body, "status": {"loadBalancer": {}}}

    def slice(self, i: int) -> dict:
        endpoints = [objects.endpoint(a, pod=f"svc-{i}-594f8746c8-{n:05d}") for n, a in enumerate(self.addresses)]
        body = objects.slice_of(
            f"svc-{i}", endpoints, self.port, name=f"svc-{i}-x{i:05d}", namespace=self.namespace(i)
        )
        owner = {
            "apiVersion": "v1", "kind": "Service", "name": f"svc-{i}", "controller": True,
            "uid": f"00000000-0000-4000-8000-{i:012d}", "blockOwnerDeletion": True,
        }  # fmt: skip
        fields = {
            "f:addressType": {}, "f:endpoints": {}, "f:ports": {},
            "f:metadata": {
                "f:generateName": {}, "f:ownerReferences": {".": {}, f'k:{{"uid":"{owner["uid"]}"}}': {}},
                "f:labels": {
                    ".": {}, "f:endpointslice.kubernetes.io/managed-by": {}, "f:kubernetes.io/service-name": {},
                },
            },
        }  # fmt: skip
        body["metadata"] |= {
            "generateName": f"svc-{i}-", "creationTimestamp": STAMP, "ownerReferences": [owner],
            "managedFields": _managed("kube-controller-manager", body["apiVersion"], fields),
        }  # fmt: skip
        return body


def _managed(manager: str, api_version: str, fields: dict) -> list[dict]:
    return [
        {
            "manager": manager, "operation": "Update", "apiVersion": api_version, "time": STAMP,
            "fieldsType": "FieldsV1", "fieldsV1": fields,
        }
    ]  # fmt: skip
