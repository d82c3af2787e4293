"""limit-rate and limit-rate-after of ingress-nginx, as annotations and as keys of the ConfigMap. Lower bounds of time alone."""

from __future__ import annotations

import time

import pytest

from harness.backend import Backend
from harness.site import Site, dev_service
from harness.waiting import wait_until
from simulator import objects

pytestmark = pytest.mark.sanitizer

NGINX = "nginx.ingress.kubernetes.io/"
BODY = b"x" * (32 << 10)


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    def ingress(name: str, **annotations: str) -> dict:
        keys = {NGINX + key.replace("_", "-"): value for key, value in annotations.items()}
        return objects.ingress(name, f"{name}.test", "web", annotations=keys)

    # Of all others: an answer of ours would take half a minute.
    data = {"limit-rate": "1", "limit-rate-after": "0"}
    settings = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "settings", "namespace": "default"}, "data": data}
    site = Site(
        tmp_path_factory.mktemp("bandwidth"), settings, ingress("slow", limit_rate="8"), ingress("off", limit_rate="0"),
        ingress("late", limit_rate="1", limit_rate_after="30"), ingress("bad", limit_rate="fast"), ingress("all"),
        arguments=("--configmap", "default/settings"),
    )  # fmt: skip
    site.server = Backend(lambda session, request: session.answer(body=BODY if request.target == "/large" else b"ok"))
    site.folder.put(dev_service("web", site.server))
    site.sluice.wait_ready()
    wait_until(lambda: site.get(host="off.test").status == 200, "the servers")
    yield site
    site.close()
    site.server.close()


def timed(site, host: str):
    start = time.monotonic()
    answer = site.get("/large", host=f"{host}.test")
    assert answer.status == 200 and answer.body == BODY
    return time.monotonic() - start


def test_an_answer_takes_the_time_of_limit_rate(site):
    # 8 KiB at once and 24 at 8 a second.
    assert timed(site, "slow") >= 2.5


def test_limit_rate_after_passes_at_once(site):
    # 30 KiB and one more, and a second for the last. All of it would take half a minute.
    assert 0.7 <= timed(site, "late") < 15


def test_small_answers_are_not_held_back(site):
    with site.client() as client:
        for _ in range(20):
            assert client.request("/", host="slow.test").body == b"ok"


def test_0_is_no_limit_whatever_the_configmap_says(site):
    assert timed(site, "off") < 15


def test_the_configmap_limits_all_others(site):
    with site.client() as client:
        start, got = time.monotonic(), 0
        client.send(b"GET /large HTTP/1.1\r\nHost: all.test\r\n\r\n")
        while got < 4096:
            got += len(client.socket.recv(4096 - got))
        assert time.monotonic() - start >= 1.0


def test_a_bad_value_leaves_the_ingress_out(site):
    assert site.get(host="bad.test").status == 404
