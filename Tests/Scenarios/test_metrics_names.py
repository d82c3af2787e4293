"""`--metrics-names nginx`: what dashboards for ingress-nginx read, beside the metrics of our own."""

from __future__ import annotations

import re

import pytest
from harness.backend import Backend
from harness.site import Site, dev_service
from harness.sluice import ROOT
from harness.waiting import steady, wait_until
from simulator import objects
from simulator.pki import Authority

PREFIX = "nginx_ingress_controller_"


def manifests(web: Backend, failing: Backend) -> tuple[dict, ...]:
    pair = Authority("metrics-ca").issue("a.test", ["a.test"])
    return (
        dev_service("web", web), dev_service("cart", failing), objects.tls_secret("cert", pair),
        objects.ingress("shop", "a.test", "web", tls_secret="cert", annotations=objects.PLAIN_TOO),
        objects.ingress("cart", "b.test", "cart", path="/cart"),
    )  # fmt: skip


def make(directory, *arguments: str) -> Site:
    web, failing = Backend(), Backend(lambda session, request: session.answer(500))
    site = Site(directory, *manifests(web, failing), arguments=arguments)
    site.others = (web, failing)
    site.sluice.wait_ready()
    return site


def close(site: Site) -> None:
    for one in (site, *site.others):
        one.close()


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    site = make(tmp_path_factory.mktemp("names"), "--metrics-names", "nginx")
    yield site
    close(site)


def samples(site: Site) -> dict[str, list[tuple[dict[str, str], float]]]:
    """What /metrics says under the names of ingress-nginx, by what stands behind the prefix."""
    found: dict[str, list[tuple[dict[str, str], float]]] = {}
    for line in site.sluice.ops_get("/metrics")[1].splitlines():
        match = re.fullmatch(rf"{PREFIX}(\w+)\{{(.*)\}} (\S+)", line)
        if match:
            labels = dict(re.findall(r'(\w+)="([^"]*)"', match[2]))
            found.setdefault(match[1], []).append((labels, float(match[3])))
    return found


def total(site: Site, name: str, **wanted: str) -> float:
    """The sum of the samples that have these labels."""
    return sum(value for labels, value in samples(site).get(name, []) if wanted.items() <= labels.items())


def test_requests_are_counted_by_ingress_service_host_and_class_of_status(site):
    shop = {"namespace": "default", "ingress": "shop", "service": "web", "host": "a.test", "path": "/"}
    cart = {"namespace": "default", "ingress": "cart", "service": "cart", "host": "b.test", "path": "/cart"}
    before = total(site, "requests", **shop, status="2xx"), total(site, "requests", **cart, status="5xx")
    for _ in range(3):
        assert site.get("/").status == 200
    for _ in range(2):
        assert site.get("/cart", host="b.test").status == 500
    wait_until(lambda: total(site, "requests", **shop, status="2xx") >= before[0] + 3, "three good ones are counted")
    wait_until(lambda: total(site, "requests", **cart, status="5xx") >= before[1] + 2, "two bad ones are counted")
    wait_until(lambda: total(site, "request_duration_seconds_count", **shop) >= 3, "and how long they took")
    assert total(site, "request_duration_seconds_bucket", **shop, le="+Inf") >= 3
    assert total(site, "request_size_sum", **shop) > 0
    assert total(site, "response_size_sum", **shop) > 0
    assert total(site, "nginx_process_requests_total") >= 5
    assert total(site, "nginx_process_connections_total", state="accepted") >= 5


def test_an_open_connection_is_active(site):
    with site.client() as client:
        assert client.request("/").status == 200
        assert wait_until(lambda: total(site, "nginx_process_connections", state="active") >= 1, "it is counted")


def test_every_sample_says_whose_it_is(site):
    assert site.get("/").status == 200
    found = wait_until(lambda: (now := samples(site)) and "requests" in now and now, "requests are shown")
    labels = [one for group in found.values() for one, _ in group]
    assert {one.get("controller_class") for one in labels} == {"ingress.sluice.dev/controller"}
    assert all(one.get("controller_pod") for one in labels)


def test_the_process_and_its_configuration_are_shown(site):
    found = wait_until(lambda: (now := samples(site)) and "ssl_expire_time_seconds" in now and now, "certificates are shown")
    one = {name: group[0][1] for name, group in found.items()}
    assert one["config_last_reload_successful"] == 1
    assert one["success"] >= 1
    assert one["nginx_process_resident_memory_bytes"] > 1_000_000
    assert one["nginx_process_cpu_seconds_total"] >= 0
    assert one["nginx_process_oldest_start_time_seconds"] > 1_600_000_000
    assert found["build_info"][0][0].get("release")
    assert total(site, "ssl_expire_time_seconds", host="a.test", secret_name="cert", namespace="default") > 1_600_000_000
    assert "leader_election_status" not in found


def series(site: Site) -> set[str]:
    """Everything that /metrics shows, by name and labels."""
    lines = site.sluice.ops_get("/metrics")[1].splitlines()
    return {line.rpartition(" ")[0] for line in lines if line and not line.startswith("#")}


def test_what_clients_send_makes_no_series(site):
    """Hosts, paths, methods and fields are for clients to choose; how many series there are is not."""

    def ask(word: str) -> None:
        assert site.get(f"/{word}?q={word}", headers=[("User-Agent", word), ("X-Request-ID", word)]).status == 200
        assert site.get("/", host=f"{word}.test").status == 404
        assert site.get("/", method=word).status == 200

    start = steady(lambda: total(site, "nginx_process_requests_total"))
    ask("first")
    wait_until(lambda: total(site, "nginx_process_requests_total") >= start + 3, "all of it is counted")
    counted = total(site, "nginx_process_requests_total")
    before = series(site)
    for i in range(40):
        ask(f"other{i}")
    wait_until(lambda: total(site, "nginx_process_requests_total") >= counted + 120, "everything is counted")
    assert series(site) - before == set()


def test_a_service_has_a_bounded_number_of_series(site):
    """docs/operations.md says how many."""
    for path in ("/", "/more"):
        assert site.get(path).status == 200
    assert site.get("/cart", host="b.test").status == 500
    wait_until(lambda: total(site, "requests", service="web", status="2xx") >= 2, "it is counted")
    found = [one for one in series(site) if "default/web" in one and one.startswith("sluice_")]
    assert len(found) <= 35, "\n".join(sorted(found))


def test_without_the_flag_there_are_our_own_names_only(tmp_path):
    site = make(tmp_path)
    try:
        assert site.get("/").status == 200
        wait_until(lambda: site.sluice.metric("sluice_requests_total") >= 1, "the request is counted")
        assert PREFIX not in site.sluice.ops_get("/metrics")[1]
    finally:
        close(site)


def test_every_name_is_documented(site):
    assert site.get("/").status == 200
    found = wait_until(lambda: (now := samples(site)) and "requests" in now and now, "requests are shown")
    assert found
    served = set(re.findall(rf"^# HELP ({PREFIX}\w+)", site.sluice.ops_get("/metrics")[1], re.M))
    assert served - set(re.findall(rf"`({PREFIX}\w+)`", (ROOT / "docs/operations.md").read_text())) == set()
