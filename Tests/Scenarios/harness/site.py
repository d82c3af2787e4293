"""The smallest site: hosts and paths that lead to scripted backends."""

from __future__ import annotations

from functools import cached_property
from pathlib import Path
from typing import Callable

import pytest

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
    """`sluice dev` on a folder of manifests; by default `a.test` leads to one backend.

    The process starts when it is asked for first: what is put into the folder before is there from the beginning.
    """

    def __init__(self, directory: Path, *manifests: dict, arguments: tuple[str, ...] = ()) -> None:
        self.backend = Backend()
        self.folder = Folder(directory / "manifests")
        self.folder.put(objects.ingress_class(), *(manifests or self._usual()))
        self._directory, self._arguments = directory, arguments

    @cached_property
    def sluice(self) -> Sluice:
        return Sluice(self._directory, "dev", str(self.folder.path), *self._arguments)

    @property
    def port(self) -> int:
        return self.sluice.http

    def _usual(self) -> tuple[dict, ...]:
        return objects.ingress("web", "a.test", "web"), dev_service("web", self.backend)

    def client(self, **settings: object) -> Client:
        return Client(self.port, **settings)

    def get(self, path: str = "/", **settings: object):
        """One request on a connection of its own."""
        with self.client() as client:
            return client.request(path, **settings)

    def close(self) -> None:
        if "sluice" in vars(self):
            self.sluice.stop()
        self.backend.close()


def shared_site(make: Callable[[Path], Site], name: str):
    """Two fixtures: one site for a module, which can `forget`, and the same with nothing asked so far. What its servers were sent could be
    read in one way only."""

    @pytest.fixture(scope="module")
    def shared(tmp_path_factory):
        site = make(tmp_path_factory.mktemp(name))
        yield site
        site.close()

    @pytest.fixture
    def site(shared):
        shared.forget()
        yield shared
        servers = [one for one in vars(shared).values() if isinstance(one, Backend)]
        assert [problem for one in servers for problem in one.problems] == []
        assert shared.sluice.is_running

    return shared, site
