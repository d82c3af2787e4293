"""The smallest site: hosts and paths that lead to scripted backends."""

from __future__ import annotations

from pathlib import Path

from simulator import objects

from .backend import Backend
from .client import Client
from .folder import Folder
from .sluice import Sluice

ENDPOINTS = "sluice.dev/endpoints"


def dev_service(name: str, *backends: Backend | str, namespace: str = "default") -> dict:
    """A Service with static endpoints, as `sluice dev` reads them."""
    addresses = ",".join(b if isinstance(b, str) else b.endpoint for b in backends)
    return objects.service(name, namespace=namespace, annotations={ENDPOINTS: addresses})


class Site:
    """`sluice dev` on a folder of manifests; by default `a.test` leads to one backend."""

    def __init__(self, directory: Path, *manifests: dict, arguments: tuple[str, ...] = ()) -> None:
        self.backend = Backend()
        self.folder = Folder(directory / "manifests")
        self.folder.put(objects.ingress_class(), *(manifests or self._usual()))
        self.sluice = Sluice(directory, "dev", str(self.folder.path), *arguments)
        self.port = self.sluice.http

    def _usual(self) -> tuple[dict, ...]:
        return objects.ingress("web", "a.test", "web"), dev_service("web", self.backend)

    def client(self, **settings: object) -> Client:
        return Client(self.port, **settings)

    def get(self, path: str = "/", **settings: object):
        """One request on a connection of its own."""
        with self.client() as client:
            return client.request(path, **settings)

    def close(self) -> None:
        self.sluice.stop()
        self.backend.close()
