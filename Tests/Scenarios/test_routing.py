"""Hosts and paths to backends: Ingress v1's table of path types, wildcards, precedence, and what has no answer."""

from __future__ import annotations

import pytest

from harness.site import dev_service
from simulator import objects

NAMES = ["one", "two", "three"]

# host, rules as (path, type, service), request path, expected service or None for 404
PATHS = [
    ([("/", "Prefix", "one")], "/any/thing", "one"),
    ([("/foo", "Exact", "one")], "/foo", "one"),
    ([("/foo", "Exact", "one")], "/foo?x=/bar", "one"),
    ([("/foo", "Exact", "one")], "/bar", None),
    ([("/foo", "Exact", "one")], "/foo/", None),
    ([("/foo", "Exact", "one")], "/FOO", None),
    ([("/foo/", "Exact", "one")], "/foo/", "one"),
    ([("/foo", "Prefix", "one")], "/foo", "one"),
    ([("/foo", "Prefix", "one")], "/foo/", "one"),
    ([("/foo", "Prefix", "one")], "/foo/bar", "one"),
    ([("/foo", "Prefix", "one")], "/foobar", None),
    ([("/foo", "Prefix", "one")], "/Foo", None),
    ([("/foo/", "Prefix", "one")], "/foo", "one"),
    ([("/foo/", "Prefix", "one")], "/foo/", "one"),
    ([("/aaa/bb", "Prefix", "one")], "/aaa/bbb", None),
    ([("/aaa/bbb", "Prefix", "one")], "/aaa/bbb/ccc", "one"),
    ([("/aaa/bbb", "Prefix", "one")], "/aaa/bbbxyz", None),
    ([("/", "Prefix", "one"), ("/aaa", "Prefix", "two")], "/aaa/ccc", "two"),
    ([("/", "Prefix", "one"), ("/aaa", "Prefix", "two"), ("/aaa/bbb", "Prefix", "three")], "/aaa/bbb", "three"),
    ([("/", "Prefix", "one"), ("/aaa", "Prefix", "two"), ("/aaa/bbb", "Prefix", "three")], "/ccc", "one"),
    ([("/aaa", "Prefix", "one")], "/ccc", None),
    ([("/foo", "Prefix", "one"), ("/foo", "Exact", "two")], "/foo", "two"),
    ([("/foo", "Prefix", "one"), ("/foo", "Exact", "two")], "/foo/", "one"),
    ([("/foo", "ImplementationSpecific", "one")], "/foo/bar", "one"),
    ([("/foo", "ImplementationSpecific", "one")], "/foobar", None),
]  # fmt: skip


def rule(host, paths):
    """One Ingress with these paths on the host."""
    name = (host or "any").replace("*", "star").replace(".", "-")
    body = objects.ingress(name, host, paths[0][2], path=paths[0][0], path_type=paths[0][1])
    for path, kind, service in paths[1:]:
        other = objects.ingress("x", host, service, path=path, path_type=kind)
        body["spec"]["rules"][0]["http"]["paths"] += other["spec"]["rules"][0]["http"]["paths"]
    return body


@pytest.fixture(scope="module")
def backends():
    from harness.backend import Backend

    started = {name: Backend(name=name) for name in NAMES}
    for name, one in started.items():
        one.handler = lambda session, request, name=name: session.answer(body=name.encode())
    yield started
    for one in started.values():
        one.close()


@pytest.fixture(scope="module")
def routed(tmp_path_factory, backends):
    """One site that holds every row of the tables, each on its own host."""
    from harness.site import Site

    manifests = [dev_service(name, one) for name, one in backends.items()]
    manifests += [rule(f"p{i}.test", paths) for i, (paths, _, _) in enumerate(PATHS)]
    manifests += [
        rule("exact.wild.test", [("/", "Prefix", "one")]),
        rule("*.wild.test", [("/", "Prefix", "two")]),
        rule("deep.test", [("/a", "Prefix", "one")]),
        rule("public.test", [("/public", "Prefix", "one"), ("/admin", "Prefix", "two")]),
        objects.ingress("no-service", "missing.test", "nothing"),
        objects.ingress("no-port", "port.test", "one", port=81),
        objects.ingress("named-port", "named.test", "one", port="http"),
        objects.ingress("foreign", "foreign.test", "one", class_name="other"),
        objects.ingress("classless", "classless.test", "one", class_name=None),
        dev_service("empty", ""),
        objects.ingress("no-endpoints", "empty.test", "empty"),
    ]
    site = Site(tmp_path_factory.mktemp("routing"), *manifests)
    site.sluice.wait_ready()
    yield site
    site.close()


@pytest.mark.parametrize("row", range(len(PATHS)))
def test_paths_match_as_the_specification_says(routed, row):
    _, path, expected = PATHS[row]
    response = routed.get(path, host=f"p{row}.test")
    got = response.body.decode() if response.status == 200 else response.status
    assert got == (expected or 404)


@pytest.mark.parametrize(
    ("host", "expected"),
    [
        ("exact.wild.test", "one"),
        ("EXACT.Wild.TEST", "one"),
        ("exact.wild.test:8080", "one"),
        ("other.wild.test", "two"),
        ("OTHER.wild.test:1", "two"),
        ("two.labels.wild.test", None),
        ("wild.test", None),
        (".wild.test", None),
        ("unknown.test", None),
        ("foreign.test", None),
        ("classless.test", "one"),  # in folders; a cluster's are left alone without the flag
        ("named.test", "one"),
    ],
)
def test_hosts_match_exactly_then_by_one_label(routed, host, expected):
    response = routed.get(host=host)
    got = response.body.decode() if response.status == 200 else response.status
    assert got == expected or (expected is None and got in (400, 404))


def test_a_chosen_host_does_not_fall_through_to_a_broader_one(routed):
    assert routed.get("/elsewhere", host="deep.test").status == 404


@pytest.mark.parametrize("host", ["missing.test", "port.test", "empty.test"])
def test_what_leads_nowhere_is_503_and_not_404(routed, host):
    assert routed.get(host=host).status == 503


@pytest.mark.parametrize(
    "path",
    ["/public/../admin", "/public/%2e%2e/admin", "/public/.%2E/admin", "/public/x/../../admin", "//admin", "/./admin",
     "/public/..%2fadmin", "/public/..;/admin", "/public/..\\admin"],
)  # fmt: skip
def test_dots_and_slashes_never_reach_a_path_through_another_route(routed, path):
    """What is matched is what is forwarded: one's backend must not receive a path that resolves into two's."""
    response = routed.get(path, host="public.test")
    if response.status == 200 and response.body == b"one":
        assert resolved(path).startswith("/public"), "the public route forwarded a path that resolves to /admin"
    else:
        assert response.status in (200, 301, 400, 404, 308)


@pytest.mark.parametrize(
    "path",
    ["/%61dmin", "//admin", "/%2Fadmin", "/admin%2Fx", "/./%61dmin", "/%41dmin/../admin", "/admin//../x", "///%61dmin/"],
)  # fmt: skip
def test_a_rule_is_not_passed_by_writing_its_path_otherwise(routed, path):
    """What is matched is what servers make of a path; what is forwarded stays as it came."""
    assert routed.get(path, host="public.test").body == b"two"


@pytest.mark.parametrize("path", ["/%00", "/..%2fadmin", "/public/x%00", "/x/..%2Fadmin", "/admin/..%2fpublic", "/x%2f..%2fadmin"])
def test_a_path_that_means_nothing_is_400(routed, path):
    assert routed.get(path, host="public.test").status == 400


def test_an_encoded_query_is_none_of_the_path(routed):
    assert routed.get("/public?a=%2Fadmin&b=//admin", host="public.test").body == b"one"


def resolved(path: str) -> str:
    """RFC 3986 5.2.4 after decoding dots only: what an ordinary server makes of the path."""
    parts: list[str] = []
    for part in path.lower().replace("%2e", ".").split("/"):
        if part == "..":
            parts = parts[:-1]
        elif part not in ("", "."):
            parts.append(part)
    return "/" + "/".join(parts)


def test_an_ingress_without_host_takes_what_no_host_claims(sluice_dev, backend):
    mine, rest = backend(), backend()
    rest.handler = lambda session, request: session.answer(body=b"rest")
    site = sluice_dev(
        dev_service("mine", mine), dev_service("rest", rest),
        objects.ingress("mine", "mine.test", "mine"), objects.ingress("rest", None, "rest"),
    )  # fmt: skip
    assert site.get(host="mine.test").body == b"ok"
    assert site.get(host="other.test").body == b"rest"


def test_a_default_backend_takes_what_no_rule_matches(sluice_dev, backend):
    fallback = backend()
    body = objects.ingress("rule", "a.test", "web", path="/only")
    body["spec"]["defaultBackend"] = {"service": {"name": "web", "port": {"number": 80}}}
    site = sluice_dev(dev_service("web", fallback), body)
    assert site.get("/other", host="a.test").status == 200
    assert site.get("/other", host="b.test").status == 200


def test_the_default_backend_flag_answers_last(sluice_dev, backend):
    fallback = backend()
    site = sluice_dev(
        dev_service("web", fallback), objects.ingress("rule", "a.test", "web", path="/only"),
        arguments=("--default-backend-service", "default/web"),
    )  # fmt: skip
    assert site.get("/", host="b.test").status == 200


def test_the_oldest_ingress_wins_a_conflict_and_the_loser_is_named(sluice_dev, backend):
    old, young = backend(), backend()
    old.handler = lambda session, request: session.answer(body=b"old")
    manifests = [dev_service("old", old), dev_service("young", young)]
    for name, stamp in (("young", "2026-11-02T00:00:00Z"), ("old", "2026-11-01T00:00:00Z")):
        body = objects.ingress(f"a-{name}" if name == "young" else f"z-{name}", "a.test", name)
        body["metadata"]["creationTimestamp"] = stamp
        manifests.append(body)
    site = sluice_dev(*manifests)
    assert site.get().body == b"old"
    site.sluice.wait_log("a-young")


def test_both_address_families_are_served(site):
    for address in ("127.0.0.1", "::1"):
        with site.client(address=address) as client:
            assert client.request().status == 200


def test_own_answers_are_complete_and_keep_the_connection(site):
    with site.client() as client:
        response = client.request(host="unknown.test")
        assert response.status == 404
        assert response.framing == "length"
        assert response.get("content-type").startswith("text/")
        assert response.get("server") is not None
        assert client.request().status == 200
        assert client.request(host="unknown.test", method="HEAD").status == 404
        assert client.request().status == 200
