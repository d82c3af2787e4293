"""A cluster that is reached through a proxy: `proxy-url` of the kubeconfig."""

from __future__ import annotations

import pytest
import yaml

from harness.client import Client
from harness.cluster import web_objects
from harness.connect_proxy import ConnectProxy
from harness.waiting import wait_until
from simulator import objects


@pytest.fixture
def proxied(simulator):
    """A cluster whose address leads nowhere, and the proxy that knows better."""
    api = simulator()
    proxy = ConnectProxy(api.port)
    config = yaml.safe_load(api.kubeconfig.read_text())
    for entry in config["clusters"]:
        entry["cluster"]["server"] = "https://127.0.0.1:1"
        entry["cluster"]["proxy-url"] = proxy.url
    api.kubeconfig.write_text(yaml.safe_dump(config))
    yield api, proxy
    proxy.close()


def answer(sluice, host: str = "a.test") -> int:
    with Client(sluice.http) as client:
        return client.request(host=host).status


def test_a_cluster_is_reached_through_its_proxy(proxied, backend, sluice_controller):
    api, proxy = proxied
    api.apply(*web_objects(backend()))
    sluice = sluice_controller(api)
    wait_until(lambda: answer(sluice) == 200, "its routes are known")
    assert {(one.method, one.target) for one in proxy.asked} == {("CONNECT", "127.0.0.1:1")}
    assert all(one.get("authorization") is None for one in proxy.asked), "the token is the cluster's alone"
    api.apply(objects.ingress("more", "b.test", "web"))
    wait_until(lambda: answer(sluice, "b.test") == 200, "changes arrive")


def test_a_proxy_that_refuses_is_named_and_tried_again(proxied, backend, sluice_controller):
    api, proxy = proxied
    proxy.refuses = 407
    api.apply(*web_objects(backend()))
    sluice = sluice_controller(api, ready=False)
    sluice.wait_log(r"(warning|error).*407")
    assert not sluice.is_ready
    proxy.refuses = 0
    sluice.wait_ready(20)
    wait_until(lambda: answer(sluice) == 200, "its routes are known")
