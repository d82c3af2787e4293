"""cert-manager and external-dns work unconfigured: the objects they create are served, and what they read stays."""

from __future__ import annotations

import base64

import pytest
from harness.client import Client, careless
from harness.cluster import ask, serves
from harness.waiting import wait_everywhere, wait_until
from simulator import issuers, objects
from simulator.pki import Authority

HOST, TOKEN = "a.test", "LoqXcYV8q5ONbJQxbmR7SCTNo3tiAXDfowyjxAjEuX0"
CHALLENGE = issuers.CHALLENGES + TOKEN
KEY = f"{TOKEN}.9jg46WB3rR_AHD-EBXdN7cBkH1WOu0tA3M9fm21mqTI".encode()
HERE = [{"ip": "192.0.2.1"}]
# Everything is sent to HTTPS, and status is published.
FLAGS = ("--configmap", "default/settings", "--publish-status-address", "192.0.2.1")


def solver(port: int, *, by_annotation: bool, path_type: str) -> list[dict]:
    return issuers.solver(HOST, TOKEN, port, by_annotation=by_annotation, path_type=path_type)


@pytest.fixture
def site(cluster, backend):
    """`a.test`, which waits for its certificate and sends everybody to HTTPS."""
    app = objects.ingress(
        "web", HOST, "web", tls_secret="web-tls",
        annotations={
            "cert-manager.io/cluster-issuer": "letsencrypt", "external-dns.alpha.kubernetes.io/ttl": "60",
        },
    )  # fmt: skip
    cluster.apply(app, objects.config_map("settings", {"force-ssl-redirect": "true"}))
    return cluster, backend(lambda session, _: session.answer(body=KEY))


def record(api) -> list[dict] | None:
    """What external-dns makes DNS records of (source/ingress.go: targetsFromIngressStatus)."""
    found = api.get(apiVersion="networking.k8s.io/v1", kind="Ingress", namespace="default", name="web")
    return found.get("status", {}).get("loadBalancer", {}).get("ingress")


@pytest.mark.sanitizer
@pytest.mark.parametrize(
    ("by_annotation", "path_type"), [(True, "ImplementationSpecific"), (False, "Exact"), (False, "ImplementationSpecific")]
)
def test_a_challenge_is_answered_in_plain_http_until_it_is_over(site, replicas, by_annotation, path_type):
    api, answers = site
    (sluice,) = replicas(1, *FLAGS).all
    assert ask(sluice, path=CHALLENGE).body != KEY
    parts = solver(answers.port, by_annotation=by_annotation, path_type=path_type)
    api.apply(*parts)
    wait_everywhere(lambda: ask(sluice, path=CHALLENGE).body == KEY, "the challenge is answered")
    assert ask(sluice, path=CHALLENGE).status == 200, "not redirected"
    assert ask(sluice).status == 308, "everything else is"
    api.apply(objects.tls_secret("web-tls", Authority("issuers-ca").issue("a", [HOST])))
    for part in parts:
        api.delete(part)
    wait_until(lambda: ask(sluice, path=CHALLENGE).body != KEY, "it is over")
    with Client(sluice.https, tls=careless(), server_name=HOST) as client:
        assert client.request().status == 200


def test_a_challenge_edited_into_the_ingress_is_answered(site, replicas):
    """`acme.cert-manager.io/http01-edit-in-place`: the path joins the owner's own rule."""
    api, answers = site
    (sluice,) = replicas(1, *FLAGS).all
    _, service, pods = solver(answers.port, by_annotation=False, path_type="Exact")
    edited = objects.ingress("web", HOST, "web", tls_secret="web-tls")
    path = objects.ingress("x", HOST, service["metadata"]["name"], path=CHALLENGE, port=8089)
    edited["spec"]["rules"][0]["http"]["paths"] += path["spec"]["rules"][0]["http"]["paths"]
    api.apply(service, pods, edited)
    wait_until(lambda: ask(sluice, path=CHALLENGE).body == KEY, "the challenge is answered")


@pytest.mark.parametrize("is_edited", [False, True], ids=["its own Ingress", "edited into the owner's"])
def test_a_challenge_is_answered_where_everybody_else_is_asked_who_they_are(cluster, backend, replicas, is_edited):
    """By the annotations of the Ingress that the challenge is about, and by the settings for all."""
    answers = backend(lambda session, _: session.answer(body=KEY))
    guard = {"nginx.ingress.kubernetes.io/auth-type": "basic", "nginx.ingress.kubernetes.io/auth-secret": "people"}
    people = base64.b64encode(b"ann:{PLAIN}secret").decode()
    secret = {
        "apiVersion": "v1", "kind": "Secret", "metadata": {"name": "people", "namespace": "default"}, "type": "Opaque",
        "data": {"auth": people},
    }  # fmt: skip
    nobody = {"global-auth-url": "http://nobody.default.svc.cluster.local/"}
    web = objects.ingress("web", HOST, "web", annotations=guard)
    cluster.apply(web, secret, objects.ingress("other", "b.test", "web"), objects.config_map("settings", nobody))
    (sluice,) = replicas(1, *FLAGS).all
    wait_everywhere(lambda: ask(sluice).status == 401, "passwords are asked for")
    wait_everywhere(lambda: ask(sluice, "b.test").status >= 500, "and somebody who is not there is asked about the rest")
    ingress, service, pods = solver(answers.port, by_annotation=False, path_type="Exact")
    if is_edited:
        web["spec"]["rules"][0]["http"]["paths"] += ingress["spec"]["rules"][0]["http"]["paths"]
    cluster.apply(service, pods, web if is_edited else ingress)
    wait_everywhere(lambda: ask(sluice, path=CHALLENGE).body == KEY, "the challenge is answered")
    assert ask(sluice).status == 401 and ask(sluice, path=CHALLENGE + "x").status == 401, "and nothing else"


def test_records_stay_whatever_comes_and_goes(site, replicas):
    """Solvers, certificates, leaders and whole generations of replicas: the address is never missing."""
    api, answers = site
    group = replicas(2, *FLAGS)
    wait_until(lambda: record(api) == HERE, "the record is there")
    since = api.state()["requests"]
    parts = solver(answers.port, by_annotation=True, path_type="Exact")
    for _ in range(3):
        api.apply(*parts)
        wait_until(lambda: ask(group.all[0], path=CHALLENGE).body == KEY, "the challenge is answered")
        for part in parts:
            api.delete(part)
        assert record(api) == HERE
    leader = group.wait_leader()
    leader.terminate()
    (other,) = group.others(leader)
    wait_until(lambda: group.leaders == [other], "the other leads")
    assert record(api) == HERE
    api.apply(objects.ingress("later", "b.test", "web"))
    other.terminate()
    wait_until(lambda: not other.is_running, "nobody is left")
    assert record(api) == HERE
    replicas(1, *FLAGS).wait_leader()
    wanted = {"apiVersion": "networking.k8s.io/v1", "kind": "Ingress", "namespace": "default", "name": "later"}
    wait_until(lambda: api.get(**wanted).get("status", {}).get("loadBalancer"), "a new one is published")
    written = [r["target"] for r in api.requests(since=since) if r["verb"] == "patch" and r["resource"] == "ingresses"]
    assert record(api) == HERE and not any("/web/" in target for target in written)
