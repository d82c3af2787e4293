"""`sluice controller` against an API server that works: ways in, initial state, changes, and what it asks for."""

from __future__ import annotations

import time

import pytest

from harness.client import Client, careless
from harness.cluster import USUAL_KINDS, ask, requests_for, serves, the_slice, watched, web_objects
from harness.waiting import holds_for, wait_everywhere, wait_until
from simulator import objects
from simulator.pki import Authority


@pytest.fixture
def served(simulator, sluice_controller, backend):
    """A controller that serves `a.test`, and its API server."""
    api = simulator()
    api.apply(*web_objects(backend()))
    sluice = sluice_controller(api)
    wait_until(lambda: serves(sluice), "a.test is served")
    return api, sluice


@pytest.mark.parametrize("arguments", [[], ["--http1"], ["--auth", "token-file"], ["--auth", "certificate"]])
def test_every_way_in_works(simulator, sluice_controller, backend, arguments):
    api = simulator(*arguments)
    api.apply(*web_objects(backend()))
    assert serves(sluice_controller(api))
    assert {request["protocol"] for request in api.requests()} == {"HTTP/1.1" if "--http1" in arguments else "HTTP/2"}


def test_ready_means_that_everything_is_served(simulator, sluice_controller, backend):
    """No 404 and no 503 once /readyz has answered 200, with thousands of objects."""
    server = backend()
    api = simulator()
    api.bulk(ingresses=3000, port=server.port)
    api.apply(objects.ingress_class())
    sluice = sluice_controller(api)
    assert [ask(sluice, f"h{i}.bulk.test").status for i in range(0, 3000, 100)] == [200] * 30


def test_not_ready_before_every_kind_has_been_listed(simulator, sluice_controller, backend):
    api = simulator()
    api.apply(*web_objects(backend()))
    api.fault(kind="hang", resource="services")
    sluice = sluice_controller(api, ready=False)
    wait_until(lambda: watched(api) >= {"ingresses", "endpointslices"}, "the others are watched")
    assert holds_for(lambda: sluice.ops_get("/readyz")[0] != 200, 0.7)
    assert sluice.ops_get("/livez")[0] == 200
    api.clear_faults()
    api.drop()
    sluice.wait_ready(15)
    assert serves(sluice)


def test_it_waits_for_an_api_server_that_is_not_there_yet(simulator, sluice_controller, backend):
    api = simulator()
    api.apply(*web_objects(backend()))
    api.stop()
    sluice = sluice_controller(api, ready=False)
    wait_until(lambda: sluice.ops_get("/livez")[0] == 200, "it lives")
    assert holds_for(lambda: sluice.is_running and not sluice.is_ready, 1)
    api.start()
    sluice.wait_ready(15)
    assert serves(sluice)


def test_objects_come_change_and_go(served, backend):
    api, sluice = served
    other = objects.ingress("other", "b.test", "web")
    api.apply(other)
    wait_until(lambda: serves(sluice, "b.test"), "an added Ingress")
    api.apply(objects.ingress("other", "c.test", "web"))
    wait_everywhere(lambda: serves(sluice, "c.test"), "a changed Ingress")
    assert ask(sluice, "b.test").status == 404
    api.delete(other)
    wait_until(lambda: ask(sluice, "c.test").status == 404, "a deleted Ingress")
    assert serves(sluice)


def test_endpoints_come_change_and_go(served, backend):
    api, sluice = served
    second = backend(lambda session, request: session.answer(body=b"second"))
    first = the_slice(api)
    api.apply(objects.slice_of("web", [objects.endpoint("127.0.0.1", pod="web-1")], second.port))
    wait_until(lambda: ask(sluice).body == b"second", "a second slice")
    api.delete(first)
    wait_until(lambda: {ask(sluice).body for _ in range(5)} == {b"second"}, "the first slice is gone")
    api.apply(objects.slice_of("web", [], second.port))
    wait_until(lambda: ask(sluice).status == 503, "an empty slice")


def test_services_come_change_and_go(served):
    api, sluice = served
    api.delete(objects.service("web"))
    wait_everywhere(lambda: ask(sluice).status == 503, "without its Service")
    renamed = objects.service("web", ports=[{"name": "http", "port": 8080, "protocol": "TCP"}])
    api.apply(renamed)
    assert holds_for(lambda: ask(sluice).status == 503, 0.3)
    api.apply(objects.service("web"))
    wait_until(lambda: serves(sluice), "with its Service")


def test_secrets_reach_the_next_handshake(served):
    api, sluice = served
    authority = Authority()
    api.apply(objects.ingress("web", "a.test", "web", tls_secret="cert"))
    for name in ("one", "two"):
        api.apply(objects.tls_secret("cert", authority.issue(name, ["a.test"])))
        wait_everywhere(lambda name=name: name in subject(sluice), "its certificate is shown")
    api.apply(objects.broken_secret("cert"))
    sluice.wait_log(r"default/cert\b")
    assert "two" in subject(sluice)


def subject(sluice) -> str:
    from cryptography import x509

    with Client(sluice.https, tls=careless(), server_name="a.test") as client:
        return x509.load_der_x509_certificate(client.socket.getpeercert(True)).subject.rfc4514_string()


def test_classes_come_and_go(served):
    api, sluice = served
    api.apply(objects.ingress("classy", "classy.test", "web", class_name="extra"))
    assert holds_for(lambda: ask(sluice, "classy.test").status == 404, 0.3)
    api.apply(objects.ingress_class("extra"))
    wait_until(lambda: serves(sluice, "classy.test"), "adopted with its class")
    api.delete(objects.ingress_class("extra"))
    wait_until(lambda: ask(sluice, "classy.test").status == 404, "withdrawn with its class")


@pytest.mark.parametrize(("arguments", "expected"), [([], 404), (["--watch-ingress-without-class"], 200)])
def test_ingresses_without_a_class_are_left_alone_or_adopted(
    simulator, sluice_controller, backend, arguments, expected
):
    api = simulator()
    api.apply(*web_objects(backend()), objects.ingress("classless", "classless.test", "web", class_name=None))
    assert ask(sluice_controller(api, *arguments), "classless.test").status == expected


def test_an_external_name_does_not_lead_into_the_proxy_itself(served, backend):
    """Its loopback is not the user's network (CVE-2021-25740 and its kin); the object is told about it."""
    api, sluice = served
    inside = backend()
    ports = [{"name": "http", "port": inside.port, "protocol": "TCP"}]
    api.apply(
        objects.service("inside", type="ExternalName", externalName="localhost", ports=ports),
        objects.ingress("inside", "inside.test", "inside", port=inside.port),
    )
    sluice.wait_log("default/inside")
    wait_until(lambda: ask(sluice, "inside.test").status == 503, "it is closed")
    assert inside.requests == []


def test_a_replaced_object_is_a_new_one(served, backend):
    """Deleted and made again under its name, within one burst of events."""
    api, sluice = served
    second = backend(lambda session, request: session.answer(body=b"second"))
    api.apply(objects.service("other"), objects.slice_of("other", [objects.endpoint("127.0.0.1")], second.port))
    ingress = objects.ingress("web", "a.test", "web")
    api.delete(ingress)
    api.apply(objects.ingress("web", "a.test", "other"))
    wait_until(lambda: ask(sluice).body == b"second", "the new object counts")


def test_bursts_end_in_the_last_state(served):
    api, sluice = served
    for i in range(300):
        api.apply(objects.ingress("burst", f"h{i}.test", "web"))
    wait_everywhere(lambda: serves(sluice, "h299.test"), "the last state")
    assert ask(sluice, "h298.test").status == 404


def test_only_the_given_namespaces_are_read(simulator, sluice_controller, backend):
    api = simulator()
    server = backend()
    api.apply(*web_objects(server))
    for namespace in ("mine", "theirs"):
        api.apply(
            objects.service("web", namespace=namespace),
            objects.ingress("web", f"{namespace}.test", "web", namespace=namespace),
            objects.slice_of("web", [objects.endpoint("127.0.0.1")], server.port, namespace=namespace),
        )
    sluice = sluice_controller(api, "--namespace", "mine")
    assert serves(sluice, "mine.test")
    assert ask(sluice, "theirs.test").status == 404
    targets = [request["target"] for request in requests_for(api, "ingresses")]
    assert targets and all("/namespaces/mine/" in target for target in targets)


# MARK: what it asks for


def test_every_kind_is_asked_for_once_and_then_watched(served):
    api, sluice = served
    wait_until(lambda: watched(api) >= set(USUAL_KINDS), "every kind is watched")
    assert holds_for(lambda: len(requests_for(api, "ingresses")) <= 2, 1.0), "one WatchList, or one LIST and one watch"


def test_only_tls_secrets_are_asked_for(served):
    """Helm's secrets would cost gigabytes (kubernetes.md 3.2)."""
    api, _ = served
    asked = requests_for(api, "secrets")
    assert asked
    for request in asked:
        selector = request["query"].get("fieldSelector", "")
        assert "type=kubernetes.io/tls" in selector or "metadata.name=" in selector or "/secrets/" in request["target"]


def test_watches_ask_for_bookmarks_and_an_end(served):
    api, _ = served
    watches = [request for request in api.requests() if request["verb"] in ("watch", "watchlist")]
    assert watches
    for request in watches:
        assert request["query"].get("allowWatchBookmarks") == "true"
        assert 300 <= int(request["query"]["timeoutSeconds"]) <= 600
    assert len({request["query"]["timeoutSeconds"] for request in watches}) > 1, "time-outs are jittered"


def test_a_watch_that_ends_is_resumed_where_it_was(served):
    api, sluice = served
    api.apply(objects.ingress("last", "last.test", "web"))
    wait_until(lambda: serves(sluice, "last.test"), "the last event is seen")
    last = api.get(apiVersion="networking.k8s.io/v1", kind="Ingress", namespace="default", name="last")
    time.sleep(1.1)  # a watch that lives less than a second without an event counts as an error in client-go
    seen = len(api.requests())
    api.end_watches(resource="ingresses")
    wait_until(lambda: requests_for(api, "ingresses", seen), "it asks again")
    request = requests_for(api, "ingresses", seen)[0]
    assert request["verb"] == "watch"
    assert request["query"]["resourceVersion"] == last["metadata"]["resourceVersion"]


def test_a_bookmark_moves_the_place_to_resume(served):
    api, sluice = served
    for i in range(5):
        api.apply(objects.service(f"other-{i}"))
    time.sleep(1.1)
    api.bookmark(resource="ingresses")
    version, seen = api.state()["resourceVersion"], len(api.requests())
    api.compact()
    time.sleep(0.2)  # the bookmark travels
    api.end_watches(resource="ingresses")
    wait_until(lambda: requests_for(api, "ingresses", seen), "it asks again")
    assert requests_for(api, "ingresses", seen)[0]["query"]["resourceVersion"] == version
    assert holds_for(lambda: len(requests_for(api, "ingresses", seen)) == 1, 0.3), "no fresh list was needed"


def test_an_old_server_without_watch_lists_is_listed(simulator, sluice_controller, backend):
    api = simulator()
    api.watchlist_unsupported()
    api.apply(*web_objects(backend()))
    sluice = sluice_controller(api)
    assert serves(sluice)
    assert "list" in {request["verb"] for request in requests_for(api, "ingresses")}
    api.apply(objects.ingress("other", "b.test", "web"))
    wait_until(lambda: serves(sluice, "b.test"), "changes are watched")


@pytest.mark.parametrize("code", [400, 422])
def test_a_server_that_refuses_watch_lists_is_listed(simulator, sluice_controller, backend, code):
    api = simulator()
    api.fault(kind="status", code=code, reason="Invalid", verb="watchlist")
    api.apply(*web_objects(backend()))
    assert serves(sluice_controller(api))


def test_large_lists_come_in_pages_or_from_the_cache(simulator, sluice_controller, backend):
    api = simulator()
    api.watchlist_unsupported()
    api.bulk(ingresses=1300, port=backend().port)
    api.apply(objects.ingress_class())
    sluice = sluice_controller(api)
    assert {ask(sluice, f"h{i}.bulk.test").status for i in (0, 499, 500, 501, 1299)} == {200}


def test_propagation_is_measured(served):
    api, sluice = served
    before = sluice.metric("sluice_propagation_seconds_count")
    api.apply(objects.ingress("other", "b.test", "web"))
    wait_until(lambda: sluice.metric("sluice_propagation_seconds_count") > before, "the change is measured")
