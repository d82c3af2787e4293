"""What objects name and no list brings: secrets of other types, external names, classes; and objects that make no sense."""

from __future__ import annotations

from cryptography import x509

from harness.client import Client, careless
from harness.cluster import ask, requests_for, serves, web_objects
from harness.waiting import holds_for, wait_everywhere, wait_until
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
    wait_everywhere(lambda: "late" in subject(sluice), "it is served still")


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
    wait_everywhere(lambda: "shared" in subject(sluice, "cert-000.test"), "the first is served still")


def config_map_watches(api) -> int:
    api.bookmark()  # libcurl cancels a stream of HTTP/2 when its connection moves next
    return api.state()["watches"].get("configmaps", 0)


def fields_of(name: str, namespace: str, source: str) -> dict:
    keys = {"nginx.ingress.kubernetes.io/custom-headers": source}
    return objects.ingress(name, f"{name}.test", "web", namespace=namespace, annotations=keys)


def team(sluice, host: str) -> str | None:
    return ask(sluice, host).get("x-team")


ALLOWING = objects.config_map("settings", {"global-allowed-response-headers": "X-Team", "add-headers": "ops/all"}, namespace="ops")


def test_config_maps_are_followed_by_name_as_long_as_they_are_named(simulator, sluice_controller, backend):
    api = simulator()
    api.apply(*web_objects(backend()), fields_of("one", "default", "fields"), objects.config_map("unnamed", {"a": "b"}), ALLOWING)
    sluice = sluice_controller(api, "--configmap", "ops/settings")
    sluice.wait_log("ConfigMap default/fields does not exist")
    wait_until(lambda: config_map_watches(api) == 3, "the settings, and what they and an Ingress name")
    assert ask(sluice, "one.test").status == 503
    api.apply(objects.config_map("fields", {"X-Team": "red"}))
    wait_until(lambda: team(sluice, "one.test") == "red", "it is found by its name")
    api.apply(objects.config_map("fields", {"X-Team": "blue"}), objects.config_map("all", {"X-All": "yes"}, namespace="ops"))
    wait_until(lambda: team(sluice, "one.test") == "blue", "its changes are seen")
    wait_until(lambda: ask(sluice, "nobody.test").get("x-all") == "yes", "so is what the settings name")
    api.delete(fields_of("one", "default", "fields"))
    wait_until(lambda: config_map_watches(api) == 2, "nobody names it any more")
    selectors = {request["query"].get("fieldSelector") for request in requests_for(api, "configmaps")}
    assert selectors == {f"metadata.name={name}" for name in ("settings", "all", "fields")}


def test_config_maps_of_namespaces_that_are_not_read_are_left_alone(simulator, sluice_controller, backend):
    api = simulator()
    server = backend()
    web = [objects.service("web", namespace="shop"), objects.slice_of("web", [objects.endpoint("127.0.0.1", pod="w")], server.port, namespace="shop")]
    api.apply(
        objects.ingress_class(), *web, ALLOWING, objects.config_map("all", {"X-All": "yes"}, namespace="ops"),
        fields_of("one", "shop", "other/fields"), fields_of("two", "shop", "shop/fields"),
        objects.config_map("fields", {"X-Team": "red"}, namespace="other"), objects.config_map("fields", {"X-Team": "red"}, namespace="shop"),
    )  # fmt: skip
    sluice = sluice_controller(api, "--namespace", "shop", "--configmap", "ops/settings")
    wait_until(lambda: team(sluice, "two.test") == "red", "the one of its namespace is read")
    wait_until(lambda: ask(sluice, "two.test").get("x-all") == "yes", "and the operator's, wherever it is")
    assert ask(sluice, "one.test").status == 503
    sluice.wait_log("ConfigMap other/fields does not exist, or is of a namespace that is not read")
    assert "other" not in {request["target"].split("/")[4] for request in requests_for(api, "configmaps")}


def test_very_many_config_maps_are_listed_instead(simulator, sluice_controller, backend):
    api = simulator()
    names = [f"fields-{number:02}" for number in range(40)]
    api.apply(*web_objects(backend()), ALLOWING)
    api.apply(*(fields_of(name, "default", name) for name in names), *(objects.config_map(name, {"X-Team": name}) for name in names))
    sluice = sluice_controller(api, "--configmap", "ops/settings")
    wait_until(lambda: [team(sluice, f"{name}.test") for name in (names[0], names[-1])] == [names[0], names[-1]], "all are found")
    wait_until(lambda: config_map_watches(api) == 2, "the settings, and one list in place of watches by name")
    api.apply(objects.config_map("fields-39", {"X-Team": "new"}))
    wait_until(lambda: team(sluice, "fields-39.test") == "new", "changes are seen")
    api.delete(objects.config_map("fields-39", {}))
    wait_until(lambda: ask(sluice, "fields-39.test").status == 503, "its end is seen")


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

    wait_everywhere(refused, "both are routed")
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
