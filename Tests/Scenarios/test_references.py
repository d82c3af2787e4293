"""What objects name and no list brings: secrets of other types, external names, classes; and objects that make no sense."""

from __future__ import annotations

from cryptography import x509

from harness.client import Client, careless
from harness.cluster import ask, requests_for, serves, web_objects
from harness.waiting import holds_for, wait_until
from simulator import objects
from simulator.pki import Authority


def subject(sluice, name: str = "a.test") -> str:
    with Client(sluice.https, tls=careless(), server_name=name) as client:
        return x509.load_der_x509_certificate(client.socket.getpeercert(True)).subject.rfc4514_string()


def opaque_secret(name: str, pair) -> dict:
    return {**objects.tls_secret(name, pair), "type": "Opaque"}


def named_watches(api) -> int:
    """Watches of one secret each that are open now."""
    api.bookmark()  # libcurl cancels a stream of HTTP/2 when its connection moves next
    return api.state()["watches"].get("secrets", 0) - 1


def test_a_secret_of_another_type_is_followed_by_name(simulator, sluice_controller, backend):
    """Only `kubernetes.io/tls` is listed as a whole; one that an Ingress names may be Opaque."""
    api = simulator()
    authority = Authority()
    api.apply(*web_objects(backend()), opaque_secret("other", authority.issue("unnamed", ["x.test"])))
    sluice = sluice_controller(api)
    api.apply(objects.ingress("web", "a.test", "web", tls_secret="cert"))
    api.apply(opaque_secret("cert", authority.issue("one", ["a.test"])))
    wait_until(lambda: "one" in subject(sluice), "the secret is found by its name")
    api.apply(opaque_secret("cert", authority.issue("two", ["a.test"])))
    wait_until(lambda: "two" in subject(sluice), "its changes are seen")
    api.delete(opaque_secret("cert", authority.issue("two", ["a.test"])))
    wait_until(lambda: "two" not in subject(sluice), "its end is seen")
    selectors = {request["query"].get("fieldSelector") for request in requests_for(api, "secrets")}
    assert selectors == {"type=kubernetes.io/tls", "metadata.name=cert"}


def test_a_secret_is_followed_only_as_long_as_it_is_named(simulator, sluice_controller, backend):
    api = simulator()
    api.apply(*web_objects(backend()), objects.ingress("web", "a.test", "web", tls_secret="late"))
    sluice = sluice_controller(api)
    sluice.wait_log("SecretNotFound")
    wait_until(lambda: named_watches(api) == 1, "the missing secret is waited for by its name")
    api.apply(objects.tls_secret("late", Authority().issue("late", ["a.test"])))
    wait_until(lambda: "late" in subject(sluice), "it is served")
    wait_until(lambda: named_watches(api) == 0, "the list by type brings it from now on")
    api.apply(objects.ingress("gone", "b.test", "web", tls_secret="never"))
    wait_until(lambda: named_watches(api) == 1, "another missing secret")
    api.delete(objects.ingress("gone", "b.test", "web"))
    wait_until(lambda: named_watches(api) == 0, "nobody names it any more")
    assert "late" in subject(sluice)


def test_very_many_secrets_of_other_types_are_all_followed(simulator, sluice_controller, backend):
    """Hundreds of watches by name would be too many: the other types are listed then."""
    api = simulator()
    authority = Authority()
    names = [f"cert-{number:03}" for number in range(300)]
    pair = authority.issue("shared", ["*.test"])
    ingresses = [objects.ingress(name, f"{name}.test", "web", tls_secret=name) for name in names]
    api.apply(*web_objects(backend()), *ingresses, *(opaque_secret(name, pair) for name in names))
    sluice = sluice_controller(api)
    wait_until(lambda: "shared" in subject(sluice, "cert-000.test"), "the first is served")
    wait_until(lambda: "shared" in subject(sluice, "cert-299.test"), "the last is served")
    wait_until(lambda: named_watches(api) == 1, "one list of the other types instead of watches by name")
    api.apply(opaque_secret("cert-299", authority.issue("newer", ["*.test"])))
    wait_until(lambda: "newer" in subject(sluice, "cert-299.test"), "its changes are seen")
    api.delete(opaque_secret("cert-299", pair))
    wait_until(lambda: "newer" not in subject(sluice, "cert-299.test"), "its end is seen")
    assert "shared" in subject(sluice, "cert-000.test")


def test_what_the_flags_name_outside_of_the_namespaces_is_followed(simulator, sluice_controller, backend):
    api = simulator()
    authority = Authority()
    first, second = backend(), backend()
    wildcard = objects.tls_secret("wildcard", authority.issue("one", ["x.test"]), namespace="certs")
    api.apply(
        objects.ingress_class(), wildcard, objects.service("errors", namespace="infra"),
        objects.service("other", namespace="infra"),
        objects.slice_of("errors", [objects.endpoint("127.0.0.1", pod="e-0")], first.port, namespace="infra"),
    )  # fmt: skip
    sluice = sluice_controller(
        api, "--namespace", "shop", "--default-backend-service", "infra/errors",
        "--default-tls-secret", "certs/wildcard",
    )  # fmt: skip
    assert serves(sluice, "nobody.test"), "in place when ready"
    assert "one" in subject(sluice)
    api.apply(
        objects.slice_of("errors", [objects.endpoint("127.0.0.1", pod="e-1")], second.port, namespace="infra")
    )
    wait_until(lambda: ask(sluice) and second.requests, "its endpoints are followed")
    api.apply(objects.tls_secret("wildcard", authority.issue("two", ["x.test"]), namespace="certs"))
    wait_until(lambda: "two" in subject(sluice), "the certificate's rotation is seen")
    queries = [request["query"] for request in requests_for(api, "services")]
    assert {query.get("fieldSelector") for query in queries} == {None, "metadata.name=errors"}


def test_an_external_name_never_leads_into_the_controller(simulator, sluice_controller, backend):
    """Whoever may write a Service could otherwise reach the admin port."""
    api = simulator()
    server = backend()
    api.apply(*web_objects(server))
    sluice = sluice_controller(api)
    for name, target in {"number": "127.0.0.1", "name": "localhost"}.items():
        external = objects.service(name)
        external["spec"] = {"type": "ExternalName", "externalName": target}
        api.apply(external, objects.ingress(name, f"{name}.test", name, port=server.port))
    def refused() -> bool:
        return ask(sluice, "number.test").status == 503 == ask(sluice, "name.test").status

    wait_until(refused, "both are routed")
    assert "default/number" in sluice.wait_log("default/number.*ExternalNameRefused")
    assert "default/name" in sluice.wait_log("default/name.*ExternalNameUnresolved")
    assert holds_for(refused, 0.5)
    assert serves(sluice)


def test_an_external_name_that_changes_to_a_service_and_back(simulator, sluice_controller, backend):
    api = simulator()
    api.apply(*web_objects(backend()))
    sluice = sluice_controller(api)
    external = objects.service("web")
    external["spec"] = {"type": "ExternalName", "externalName": "127.0.0.1", "ports": external["spec"]["ports"]}
    api.apply(external)
    wait_until(lambda: ask(sluice).status == 503, "an external name without an address")
    api.apply(objects.service("web"))
    wait_until(lambda: serves(sluice), "a Service with its slices again")


def test_without_the_right_to_read_classes_the_name_has_to_do(simulator, sluice_controller, backend):
    api = simulator()
    api.apply(*web_objects(backend()), objects.ingress("theirs", "b.test", "web", class_name="other"))
    api.fault(kind="status", code=403, resource="ingressclasses")
    sluice = sluice_controller(api)
    assert serves(sluice)
    assert ask(sluice, "b.test").status == 404
    assert "IngressClassNotFound" not in sluice.log


def test_a_class_that_does_not_exist_is_told(simulator, sluice_controller, backend):
    api = simulator()
    api.apply(*web_objects(backend()), objects.ingress("lost", "b.test", "web", class_name="none-of-that-name"))
    sluice = sluice_controller(api)
    assert "default/lost" in sluice.wait_log("IngressClassNotFound")
    assert serves(sluice)


def test_an_object_that_cannot_be_read_is_told_and_touches_no_other(simulator, sluice_controller, backend):
    api = simulator()
    api.apply(*web_objects(backend()))
    sluice = sluice_controller(api)
    broken = objects.ingress("web", "a.test", "web")
    broken["spec"]["rules"] = 7
    api.apply(broken)
    assert "default/web" in sluice.wait_log("ObjectUnreadable")
    assert serves(sluice), "what was known of it stays"
    api.apply(objects.ingress("web", "c.test", "web"))
    wait_until(lambda: serves(sluice, "c.test"), "it heals")
