"""A small cluster: the usual objects in a simulated API server, and `sluice controller` in front of them."""

from __future__ import annotations

from simulator import objects
from simulator.client import ApiServer

from .backend import Backend
from .client import Client
from .messages import Response
from .sluice import Sluice

USUAL_KINDS = ("ingresses", "ingressclasses", "services", "endpointslices", "secrets")


def web_objects(backend: Backend) -> list[dict]:
    """`a.test` leads to the backend."""
    return [
        objects.ingress_class(), objects.service("web"), objects.ingress("web", "a.test", "web"),
        objects.slice_of("web", [objects.endpoint("127.0.0.1", pod="web-0")], backend.port),
    ]  # fmt: skip


def ask(sluice: Sluice, host: str = "a.test", path: str = "/") -> Response:
    with Client(sluice.http) as client:
        return client.request(path, host=host)


def serves(sluice: Sluice, host: str = "a.test") -> bool:
    return ask(sluice, host).status == 200


def watched(api: ApiServer) -> set[str]:
    """The kinds that have an open watch."""
    return set(api.state()["watches"])


def requests_for(api: ApiServer, resource: str, since: int = 0) -> list[dict]:
    return [request for request in api.requests(since=since) if request["resource"] == resource]


def the_slice(api: ApiServer) -> dict:
    """The only EndpointSlice, as a reference to delete it by."""
    (key,) = api.names(apiVersion="discovery.k8s.io/v1", kind="EndpointSlice")
    namespace, name = key.split("/")
    return objects.slice_of("", [], 1, name=name, namespace=namespace)
