"""What no path of a host is for: the annotations of its oldest Ingress hold there, as long as nobody has the path `/`."""

from __future__ import annotations

import pytest

from harness.behaviour import ANN, NGINX
from harness.site import Site, dev_service
from harness.waiting import wait_everywhere, wait_until
from simulator import objects

PEOPLE = {
    "apiVersion": "v1", "kind": "Secret", "type": "Opaque", "metadata": {"name": "people", "namespace": "default"},
    "stringData": {"auth": "ann:{SHA}5en6G6MezRroT3XKqkdPOmY/BfQ=\n"},
}  # fmt: skip
GUARDED = {NGINX + "auth-type": "basic", NGINX + "auth-secret": "people"}


def guarded(**spec) -> dict:
    made = objects.ingress("m-own", "a.test", "web", path="/a", annotations=GUARDED)
    made["spec"].update(spec)
    return made


@pytest.fixture
def site(tmp_path):
    found = Site(tmp_path, guarded(), PEOPLE, arguments=("--log-format", "json"))
    found.folder.put(dev_service("web", found.backend))
    found.sluice.wait_ready()
    yield found
    assert found.sluice.is_running
    found.close()


def statuses(site: Site) -> tuple[int, int]:
    """Without credentials, and with."""
    return site.get("/zzz", host="a.test").status, site.get("/zzz", host="a.test", headers=[ANN]).status


def becomes(site: Site, without: int, given: int, what: str) -> None:
    wait_everywhere(lambda: statuses(site) == (without, given), what)


def test_it_follows_who_has_the_path(site):
    becomes(site, 401, 404, "the annotations hold for an unknown path")
    rest = objects.ingress("rest", "a.test", "web")
    site.folder.put(rest)
    becomes(site, 200, 200, "an Ingress with / serves it")
    site.folder.remove(rest)
    becomes(site, 401, 404, "and it is as before without that")
    older = objects.ingress("a-older", "a.test", "web", path="/b")
    site.folder.put(older)
    becomes(site, 404, 404, "the first Ingress has no annotations")
    site.folder.remove(older)
    becomes(site, 401, 404, "and is gone")
    other = objects.ingress("m-own", "a.test", "web", path="/a", annotations=GUARDED, class_name="other")
    site.folder.put(other)
    becomes(site, 404, 404, "an Ingress of another class says nothing")
    site.folder.put(guarded())
    becomes(site, 401, 404, "and is ours again")
    site.folder.put(objects.ingress("m-own", "a.test", "web", path="/a"))
    becomes(site, 404, 404, "without annotations")


def test_it_leads_to_the_default_backend(site):
    everybodys = {"service": {"name": "web", "port": {"number": 80}}}
    site.folder.put(guarded(defaultBackend=everybodys))
    becomes(site, 401, 200, "its own default backend")
    assert site.get("/zzz", host="nobody.test").status == 401, "unknown hosts are asked, too"
    assert site.get("/zzz", host="nobody.test", headers=[ANN]).status == 200
    site.folder.put(guarded())
    becomes(site, 401, 404, "none")
    all_hosts = objects.ingress("z-all", None, "web")
    all_hosts["spec"] = {"ingressClassName": "sluice", "defaultBackend": everybodys}
    site.folder.put(all_hosts)
    becomes(site, 401, 200, "that of another Ingress")
    site.folder.remove(all_hosts)
    becomes(site, 401, 404, "and without it")


def test_the_oldest_ingress_is_named(site):
    becomes(site, 401, 404, "the annotations hold for an unknown path")
    site.sluice.wait_access('"namespace":"default","ingress":"m-own".*"/zzz".*"status":401')


# An Ingress without rules


def catch_all(said: dict[str, str]) -> dict:
    made = objects.ingress("z-all", None, "web", annotations={NGINX + key: value for key, value in said.items()})
    made["spec"] = {"ingressClassName": "sluice", "defaultBackend": {"service": {"name": "web", "port": {"number": 80}}}}
    return made


def test_what_a_catch_all_says_holds_for_whatever_nobody_has(site):
    site.folder.remove(guarded())
    site.folder.put(objects.ingress("plain", "plain.test", "web", path="/a"))
    places = (("/zzz", "nobody.test"), ("/zzz", "plain.test"), ("/", "192.0.2.7"))

    def all_of(**headers) -> set[int]:
        return {site.get(path, host=host, **headers).status for path, host in places}

    wait_everywhere(lambda: all_of() == {404}, "nobody is for these")
    site.folder.put(catch_all({}))
    wait_everywhere(lambda: all_of() == {200}, "an Ingress is, without annotations")
    site.folder.put(catch_all({"auth-type": "basic", "auth-secret": "people"}))
    wait_everywhere(lambda: all_of() == {401} and all_of(headers=[ANN]) == {200}, "it asks for a password")
    assert site.get("/a", host="plain.test").status == 200, "whose path it is, is not asked"
    site.folder.put(catch_all({"denylist-source-range": "127.0.0.0/8"}))
    wait_everywhere(lambda: all_of() == {403}, "it lets nobody in")
    site.folder.put(catch_all({"permanent-redirect": "https://b.test/", "rewrite-target": "/x", "enable-cors": "true"}))
    wait_everywhere(lambda: all_of() == {200}, "it sends nobody elsewhere")
    site.backend.forget()
    answer = site.get("/zzz", host="nobody.test", headers=[("Origin", "https://c.test")])
    assert answer.get("access-control-allow-origin") == "*"
    assert site.backend.requests[-1].target == "/zzz"
    site.folder.put(catch_all({"auth-type": "basic", "auth-secret": "nobodys"}))
    wait_everywhere(lambda: all_of() == {503}, "without its passwords it is closed")
    site.folder.remove(catch_all({}))
    wait_everywhere(lambda: all_of() == {404}, "and then nobody is for these")


# ingress-nginx's defaults


@pytest.fixture
def nginx(tmp_path):
    found = Site(
        tmp_path, objects.ingress("own", "a.test", "web", path="/foo/", annotations={NGINX + "auth-url": "http://127.0.0.1:1/"}),
        objects.ingress("exact", "a.test", "web", path="/bar/", path_type="Exact"),
        objects.ingress("both", "b.test", "web", path="/foo/"), objects.ingress("short", "b.test", "web", path="/foo", path_type="Exact"),
        objects.ingress("regex", "c.test", "web", path="/foo/", annotations={NGINX + "use-regex": "true"}),
        objects.ingress("path", "d.test", "web", path="/foo/", annotations={NGINX + "relative-redirects": "true"}),
        arguments=("--defaults", "nginx"),
    )  # fmt: skip
    found.folder.put(dev_service("web", found.backend))
    found.sluice.wait_ready()
    wait_everywhere(lambda: found.get("/foo", host="b.test").status == 200, "all of it is served")
    yield found
    assert found.sluice.is_running
    found.close()


@pytest.mark.parametrize(
    ("host", "target", "location"),
    [
        ("a.test", "/foo", "http://a.test/foo/"), ("a.test", "/foo?x=1&y=/?", "http://a.test/foo/?x=1&y=/?"),
        ("a.test:8080", "/foo", "http://a.test/foo/"), ("a.test", "//%66oo", "http://a.test/foo/"),
        ("a.test", "/bar", "http://a.test/bar/"), ("d.test", "/foo?x", "/foo/?x"),
    ],
)  # fmt: skip
def test_a_path_with_a_slash_is_redirected_to(nginx, host, target, location):
    """Before anything of the path is asked: nobody answers the question of a.test/foo/."""
    answer = nginx.get(target, host=host)
    assert (answer.status, answer.get("location")) == (301, location)


def test_other_paths_are_not_redirected(nginx):
    assert nginx.get("/foo/", host="a.test").status in (500, 503)
    assert nginx.get("/foo", host="b.test").status == 200
    assert nginx.get("/foo", host="c.test").status == 404
    # Nobody's path: the annotations of the host's first Ingress, of one age the last by name, hold there too.
    assert nginx.get("/food", host="a.test").status in (500, 503)


def test_load_balancers_may_ask_for_health(nginx):
    for host in ("192.0.2.7", "nobody.test"):
        for method in ("GET", "HEAD"):
            answer = nginx.get("/healthz", host=host, method=method)
            assert (answer.status, bytes(answer.body)) == (200, b"")
    assert nginx.get("/other", host="nobody.test").status == 404
    # What nobody has a path for is not logged either: the fence is somebody's.
    for _ in range(40):
        assert nginx.get("/foo?fence", host="b.test").status == 200
    wait_until(lambda: sum("fence" in line for line in nginx.sluice.access_log) >= 40, "all lines are written")
    assert not any("/healthz" in line for line in nginx.sluice.access_log)
    assert nginx.get("/healthz", host="a.test").status != 200
