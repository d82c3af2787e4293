"""The number of a request is one and the same wherever it is told: to servers, to who is asked, in copies and to who writes pages."""

from __future__ import annotations

import re

import pytest

from harness.backend import Backend, Session
from harness.http2 import Http2
from harness.messages import Request
from harness.site import Site, dev_service, shared_site
from harness.waiting import wait_until
from simulator import objects

pytestmark = pytest.mark.sanitizer

NGINX = "nginx.ingress.kubernetes.io/"
URL = "http://{}.default.svc.cluster.local"
DRAWN = re.compile(r"[0-9a-f]{32}")
# name of the Ingress (its host is NAME.test) -> annotations
INGRESSES: dict[str, dict[str, str]] = {
    "plain": {},
    "asked": {"auth-url": URL.format("auth") + "/v?$req_id"},
    "own": {"auth-url": URL.format("auth") + "/v?$request_id"},
    "copied": {"mirror-target": URL.format("copies") + "$request_uri"},
    "erring": {"custom-http-errors": "404", "default-backend": "pages"},
    "retried": {"proxy-next-upstream": "http_500", "proxy-next-upstream-tries": "3"},
    "all": {
        "auth-url": URL.format("auth"), "mirror-target": URL.format("copies"), "custom-http-errors": "404",
        "default-backend": "pages",
    },
    "named": {"upstream-vhost": "$req_id.test"},
}  # fmt: skip


def serve(session: Session, request: Request) -> None:
    session.answer(int(request.get("x-status") or 200), b"served")


class Naming(Site):
    """Everybody who is told of a request."""

    def __init__(self, directory) -> None:
        self.auth, self.copies, self.pages, self.second = Backend(), Backend(), Backend(), Backend()
        ingresses = [
            objects.ingress(
                name, f"{name}.test", "two" if name == "retried" else "web",
                annotations={NGINX + key: value for key, value in keys.items()},
            )
            for name, keys in INGRESSES.items()
        ]  # fmt: skip
        super().__init__(
            directory, *ingresses, dev_service("auth", self.auth), dev_service("copies", self.copies),
            dev_service("pages", self.pages),
        )  # fmt: skip
        self.folder.put(dev_service("web", self.backend), dev_service("two", self.backend, self.second))
        self.sluice.wait_ready()
        self.forget()

    def forget(self) -> None:
        for backend in (self.backend, self.auth, self.copies, self.pages, self.second):
            backend.forget()
        self.backend.handler = self.second.handler = serve

    def ask(self, host: str, *fields: tuple[str, str], **settings):
        return self.get("/a", host=f"{host}.test", headers=list(fields), **settings)

    def close(self) -> None:
        super().close()
        for backend in (self.auth, self.copies, self.pages, self.second):
            backend.close()


shared, site = shared_site(Naming, "ids")


def ids(*backends: Backend) -> list[str | None]:
    return [request.get("x-request-id") for backend in backends for request in backend.requests]


def drawn(found: list[str | None], count: int) -> str:
    """The one of them all."""
    assert len(found) == count and len(set(found)) == 1, found
    assert found[0] and DRAWN.fullmatch(found[0]), found
    return found[0]


def test_each_request_has_its_own(site):
    with site.client() as client:
        for _ in range(3):
            client.request("/", host="plain.test")
    found = ids(site.backend)
    assert len(set(found)) == 3 and all(DRAWN.fullmatch(each or "") for each in found)


def test_who_is_asked_is_told_the_servers(site):
    site.ask("asked")
    name = drawn(ids(site.auth, site.backend), 2)
    assert site.auth.requests[0].target == f"/v?{name}"


def test_the_clients_is_taken(site):
    site.ask("asked", ("X-Request-ID", "mine"))
    assert ids(site.auth, site.backend) == ["mine", "mine"]
    assert site.auth.requests[0].target == "/v?mine"


def test_ours_is_there_beside_the_clients(site):
    """nginx's `$request_id` is its own, whatever the client has sent."""
    site.ask("own", ("X-Request-ID", "mine"))
    assert DRAWN.fullmatch(site.auth.requests[0].target.removeprefix("/v?"))
    assert ids(site.backend) == ["mine"]


def test_a_copy_has_its_requests(site):
    site.ask("copied")
    wait_until(lambda: site.copies.requests, "the copy")
    drawn(ids(site.copies, site.backend), 2)


def test_a_page_is_asked_for_under_the_same(site):
    assert site.ask("erring", ("X-Status", "404")).status == 200
    drawn(ids(site.backend, site.pages), 2)


def test_a_repetition_has_the_same(site):
    assert site.ask("retried", ("X-Status", "500")).status == 500
    drawn(ids(site.backend, site.second), 3)


@pytest.mark.parametrize("given", [(), (("X-Request-ID", "mine"),)])
def test_all_at_once(site, given):
    site.ask("all", ("X-Status", "404"), *given)
    wait_until(lambda: site.copies.requests, "the copy")
    found = ids(site.auth, site.backend, site.copies, site.pages)
    assert found == ["mine"] * 4 if given else drawn(found, 4)


def test_it_stands_in_other_fields(site):
    site.ask("named")
    (request,) = site.backend.requests
    assert request.get("host") == f"{request.get('x-request-id')}.test"


def test_of_streams(site):
    with Http2(site.port) as client:
        for _ in range(2):
            client.request("/", host="asked.test")
    asked, served = ids(site.auth), ids(site.backend)
    assert asked == served and len(set(served)) == 2
