"""Canaries by annotations, over real sockets: tests are named after the annotations."""

from __future__ import annotations

import pytest

from harness.backend import Backend
from harness.site import Site, dev_service
from harness.waiting import wait_until
from simulator import objects

pytestmark = pytest.mark.sanitizer

NGINX = "nginx.ingress.kubernetes.io/"
BY_HEADER = {"canary-by-header": "X-Canary"}
STICKY = {"affinity": "cookie", "session-cookie-name": "route"}
# name (host NAME.test, Ingresses NAME and NAME-canary) -> annotations of the canary, and of the main Ingress
PAIRS: dict[str, tuple[dict[str, str], dict[str, str]]] = {
    "header": (BY_HEADER, {}),
    "value": ({**BY_HEADER, "canary-by-header-value": "me"}, {}),
    "pattern": ({**BY_HEADER, "canary-by-header-pattern": "ca(na|ma)ry"}, {}),
    "both": ({**BY_HEADER, "canary-by-header-value": "me", "canary-by-header-pattern": ".*"}, {}),
    "cookie": ({"canary-by-cookie": "canary"}, {}),
    "all": ({"canary-weight": "100"}, {}),
    "none": ({"canary-weight": "0"}, {}),
    "half": ({"canary-weight": "50"}, {}),
    "thousand": ({"canary-weight": "1", "canary-weight-total": "1000000000"}, {}),
    "order": ({**BY_HEADER, "canary-by-cookie": "canary", "canary-weight": "100"}, {}),
    "value-first": ({**BY_HEADER, "canary-by-header-value": "me", "canary-weight": "100"}, {}),
    "empty-canary": ({"canary-weight": "100"}, {}),
    "empty-main": ({"canary-weight": "100"}, {}),
    "rewritten": ({"canary-weight": "100", "rewrite-target": "/canary"}, {"rewrite-target": "/main"}),
    "guarded": ({"canary-weight": "100"}, {"denylist-source-range": "127.0.0.1"}),
    "sticky": ({"canary-weight": "50"}, STICKY),
    "sticky-header": (BY_HEADER, STICKY),
}
EMPTY = {"empty-canary": ("main", "nothing"), "empty-main": ("nothing", "canary")}


def ingress(name: str, host: str, service: str, annotations: dict[str, str], path: str = "/") -> dict:
    body = objects.ingress(name, f"{host}.test", service, path=path)
    body["metadata"]["annotations"] = {NGINX + key: value for key, value in annotations.items()}
    return body


def pair(name: str) -> list[dict]:
    canary, main = PAIRS[name]
    services = EMPTY.get(name, ("main", "canary"))
    return [
        ingress(name, name, services[0], main),
        ingress(f"{name}-canary", name, services[1], {"canary": "true", **canary}),
    ]


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    site = Site(
        tmp_path_factory.mktemp("canary"), *(body for name in PAIRS for body in pair(name)),
        ingress("orphan", "orphan", "canary", {"canary": "true", "canary-weight": "100"}),
        ingress("elsewhere", "header", "canary", {"canary": "true", "canary-weight": "100"}, "/elsewhere"),
    )  # fmt: skip
    site.pods = {name: [Backend(name=f"{name}-{i}") for i in range(2)] for name in ("main", "canary")}
    for name, pods in site.pods.items():
        for pod in pods:
            pod.handler = lambda session, request, name=name: session.answer(body=f"{name} {request.target}".encode())
        site.folder.put(dev_service(name, *pods))
    site.folder.put(dev_service("nothing"))
    site.sluice.wait_ready()
    yield site
    site.close()
    for pods in site.pods.values():
        for pod in pods:
            pod.close()


def served(site: Site, name: str, header: str | None = None, cookie: str | None = None) -> str:
    """Who answers: main or canary."""
    headers = [("X-Canary", header)] if header is not None else []
    headers += [("Cookie", f"a=b; canary={cookie}")] if cookie is not None else []
    return site.get(host=f"{name}.test", headers=headers).body.decode().split()[0]


@pytest.mark.parametrize(
    "name, header, expected",
    [
        ("header", None, "main"), ("header", "always", "canary"), ("header", "never", "main"),
        ("header", "Always", "main"), ("header", "x", "main"), ("header", "", "main"),
        ("value", "me", "canary"), ("value", "always", "main"), ("value", "menot", "main"), ("value", None, "main"),
        ("pattern", "a camary b", "canary"), ("pattern", "CANARY", "main"), ("pattern", "always", "main"),
        ("both", "me", "canary"), ("both", "x", "main"),
        ("value-first", "never", "canary"), ("value-first", "me", "canary"),
    ],
)  # fmt: skip
def test_canary_by_header(site, name, header, expected):
    assert served(site, name, header) == expected


@pytest.mark.parametrize("cookie, expected", [(None, "main"), ("always", "canary"), ("never", "main"), ("x", "main")])
def test_canary_by_cookie(site, cookie, expected):
    assert served(site, "cookie", cookie=cookie) == expected


@pytest.mark.parametrize(
    "header, cookie, expected",
    [
        ("never", "always", "main"), ("always", "never", "canary"), ("x", "never", "main"), (None, "never", "main"),
        ("x", "x", "canary"), (None, None, "canary"),
    ],
)  # fmt: skip
def test_canary_precedence_is_header_cookie_weight(site, header, cookie, expected):
    assert served(site, "order", header, cookie) == expected


def test_canary_weight(site):
    assert {served(site, "all") for _ in range(20)} == {"canary"}
    assert {served(site, "none") for _ in range(20)} == {"main"}
    # Wrong once in 2^99.
    assert {served(site, "half") for _ in range(100)} == {"main", "canary"}


def test_canary_weight_total(site):
    assert {served(site, "thousand") for _ in range(20)} == {"main"}


def test_canary_without_servers_gets_nothing(site):
    assert served(site, "empty-canary") == "main"


def test_canary_of_a_main_without_servers(site):
    assert site.get(host="empty-main.test").status == 503


def test_canary_has_the_rules_of_the_main_ingress(site):
    assert site.get("/x", host="rewritten.test").body == b"canary /main"
    assert site.get(host="guarded.test").status == 403


def test_canary_without_a_main_ingress_is_not_served(site):
    assert site.get(host="orphan.test").status == 404
    assert served(site, "header") == "main"
    assert site.get("/elsewhere", host="header.test").body == b"main /elsewhere"
    site.sluice.wait_log("Ingress default/orphan .*CanaryOrphan")


def test_canary_keeps_clients_by_affinity(site):
    for _ in range(8):
        first = site.get(host="sticky.test")
        cookie = first.get("set-cookie").split(";")[0]
        for _ in range(6):
            answer = site.get(host="sticky.test", headers=[("Cookie", cookie)])
            assert (answer.body, answer.get("set-cookie")) == (first.body, None)


def test_canary_keeps_clients_by_affinity_whatever_the_header_says(site):
    main = site.get(host="sticky-header.test").get("set-cookie").split(";")[0]
    answer = site.get(host="sticky-header.test", headers=[("X-Canary", "always"), ("Cookie", main)])
    assert answer.body == b"main /"
    canary = site.get(host="sticky-header.test", headers=[("X-Canary", "always")])
    assert canary.body == b"canary /"
    cookie = canary.get("set-cookie").split(";")[0]
    assert site.get(host="sticky-header.test", headers=[("X-Canary", "never"), ("Cookie", cookie)]).body == b"canary /"


def test_canary_weight_is_followed(site):
    def put(weight: int) -> None:
        site.folder.put(ingress("none-canary", "none", "canary", {"canary": "true", "canary-weight": f"{weight}"}))

    put(100)
    wait_until(lambda: served(site, "none") == "canary", "the canary gets everything")
    put(0)
    wait_until(lambda: served(site, "none") == "main", "the canary gets nothing")
