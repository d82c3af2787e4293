"""Fields that ConfigMaps hold, which annotations and settings name, over real sockets: tests are named after them.

One worker: what one connection has seen holds for the next.
"""

from __future__ import annotations

import pytest

from harness.backend import Backend
from harness.client import Client
from harness.http2 import Http2
from harness.site import Site, dev_service, shared_site
from harness.waiting import wait_until
from simulator import objects

pytestmark = pytest.mark.sanitizer

NGINX = "nginx.ingress.kubernetes.io/"
AUTH = "http://auth.default.svc.cluster.local/ok"
CUSTOM = {"custom-headers": "default/answers"}
# name of the Ingress (its host is NAME.test) -> annotations
INGRESSES: dict[str, dict[str, str]] = {
    "plain": {},
    "custom": CUSTOM,
    "empty": CUSTOM,
    "elsewhere": {**CUSTOM, "permanent-redirect": "https://other.test/"},
    "refused": {**CUSTOM, "denylist-source-range": "127.0.0.0/8"},
    "small": {**CUSTOM, "proxy-body-size": "1k"},
    "missing": {"custom-headers": "default/missing"},
    "unlisted": {"custom-headers": "default/unlisted"},
    "broken": {"custom-headers": "default/broken"},
    "other": {"custom-headers": "other/answers"},
    "asked": {"auth-url": AUTH, "auth-proxy-set-headers": "default/questions"},
    "asked-foreign": {"auth-url": AUTH, "auth-proxy-set-headers": "other/answers"},
    "errors": {"custom-http-errors": "503", "default-backend": "pages"},
}  # fmt: skip
SETTINGS = {"global-allowed-response-headers": "X-Frame-Options, x-team, Server", "use-gzip": "true"}
GLOBAL = {"add-headers": "default/everywhere", "proxy-set-headers": "default/to-servers"}


class Named(Site):
    """A site whose fields stand in ConfigMaps."""

    def __init__(self, directory) -> None:
        self.asked, self.pages = Backend(), Backend()
        super().__init__(directory, *map(self._ingress, INGRESSES), arguments=("--configmap", "default/settings", "--workers", "1"))
        self.folder.put(
            dev_service("web", self.backend), dev_service("none"), dev_service("auth", self.asked), dev_service("pages", self.pages),
            objects.config_map("settings", SETTINGS),
            objects.config_map("answers", {"X-Frame-Options": "DENY", "X-Team": "a $host", "Server": "ours"}),
            objects.config_map("answers", {"X-Team": "other"}, namespace="other"),
            objects.config_map("unlisted", {"X-Team": "a", "X-Unlisted": "b"}),
            objects.config_map("broken", {"X-Team": "a\r\nX-Frame-Options: DENY"}),
            objects.config_map("questions", {"X-Team": "$namespace $arg_team", "X-Sent-From": "here"}),
        )  # fmt: skip
        self.sluice.wait_ready()
        self.forget()

    def _ingress(self, name: str) -> dict:
        keys = {NGINX + key: value for key, value in INGRESSES[name].items()}
        return objects.ingress(name, f"{name}.test", "none" if name == "empty" else "web", annotations=keys)

    def forget(self) -> None:
        for backend in (self.backend, self.asked, self.pages):
            backend.forget()
        self.pages.handler = lambda session, request: session.answer(503, b"of the pages")
        self.backend.handler = lambda session, request: session.answer(int(request.get("x-status") or 200), headers="Server: theirs\r\n")

    def ask(self, host: str, path: str = "/", **settings):
        return self.get(path, host=f"{host}.test", **settings)

    def close(self) -> None:
        super().close()
        self.asked.close()
        self.pages.close()


shared, site = shared_site(Named, "configmaps")


@pytest.fixture
def everywhere(site):
    """The site with fields of every answer and every request."""
    site.folder.put(
        objects.config_map("settings", {**SETTINGS, **GLOBAL}),
        objects.config_map("everywhere", {"X-Everywhere": "yes $host", "Server": "", "X-Unknown": "$nothing"}),
        objects.config_map("to-servers", {"X-Asked-By": "$request_method $scheme", "X-Hidden": "", "Host": "lie"}),
    )  # fmt: skip
    wait_until(lambda: site.ask("plain").get("x-everywhere") is not None, "the fields are set")
    site.forget()
    yield site
    site.folder.put(objects.config_map("settings", SETTINGS))
    wait_until(lambda: site.ask("plain").get("x-everywhere") is None, "they are not set any more")


def told(answer) -> dict[str, str | None]:
    return {name: answer.get(name) for name in ("x-frame-options", "x-team", "server")}


ALL = {"x-frame-options": "DENY", "x-team": "a $host", "server": "ours"}


def test_custom_headers(site):
    assert told(site.ask("custom")) == ALL
    assert told(site.ask("custom", headers=[("X-Status", "500")])) == ALL
    assert told(site.ask("plain")) == {"x-frame-options": None, "x-team": None, "server": "theirs"}


@pytest.mark.parametrize("host, status", [("empty", 503), ("elsewhere", 301), ("refused", 403)])
def test_custom_headers_of_our_own_answers(site, host, status):
    answer = site.ask(host)
    assert (answer.status, told(answer)) == (status, ALL)
    assert not site.backend.requests


def test_custom_headers_of_a_refused_body(site):
    answer = site.ask("small", method="POST", body=b"x" * 2_000)
    assert (answer.status, told(answer)) == (413, ALL)


def test_custom_headers_over_http2(site):
    with Http2(site.port) as client:
        for host in ("custom", "empty"):
            answer = client.request(host=f"{host}.test")
            assert told(answer) == ALL


@pytest.mark.parametrize(
    "host, why",
    [
        ("missing", "ConfigMap default/missing does not exist"),
        ("unlisted", "field X-Unlisted of ConfigMap default/unlisted does not stand in global-allowed-response-headers"),
        ("broken", '"X-Team" of ConfigMap default/broken: its value is no text of a line'),
    ],
)  # fmt: skip
def test_custom_headers_that_can_not_be_used(site, host, why):
    answer = site.ask(host)
    assert (answer.status, answer.get("x-team"), answer.get("x-unlisted")) == (503, None, None)
    assert not site.backend.requests
    site.sluice.wait_log(f"default/{host} .*{why}.*503")


def test_custom_headers_of_another_namespace(site):
    assert told(site.ask("other")) == {"x-frame-options": None, "x-team": "other", "server": "theirs"}


def test_custom_headers_come_change_and_go(site):
    site.folder.put(objects.ingress("late", "late.test", "web", annotations={NGINX + "custom-headers": "late"}))
    wait_until(lambda: site.ask("late").status == 503, "it waits for its ConfigMap")
    site.folder.put(objects.config_map("late", {"X-Team": "one"}))
    wait_until(lambda: site.ask("late").status == 200, "it is there")
    with Client(site.port) as client:
        assert client.request(host="late.test").get("x-team") == "one"
        site.folder.put(objects.config_map("late", {"X-Team": "two"}))
        wait_until(lambda: site.ask("late").get("x-team") == "two", "it has changed")
        assert client.request(host="late.test").get("x-team") == "two"
    site.folder.put(objects.config_map("late", {"X-Forbidden": "x"}))
    wait_until(lambda: site.ask("late").status == 503, "a field that is not allowed closes the paths again")


def test_auth_proxy_set_headers(site):
    assert site.ask("asked", path="/?team=red", headers=[("X-Team", "lie"), ("X-Sent-From", "lie")]).status == 200
    (question,) = site.asked.requests
    sent = [(name.lower(), value) for name, value in question.fields if name.lower() in ("x-team", "x-sent-from")]
    assert sorted(sent) == [("x-sent-from", "here"), ("x-team", "default red")]
    assert question.get("x-original-url") == "http://asked.test/?team=red"
    # The server is told what the client said.
    assert site.backend.requests[0].get("x-team") == "lie"


def test_auth_proxy_set_headers_of_another_namespace(site):
    assert site.ask("asked-foreign").status == 503
    assert not site.asked.requests and not site.backend.requests


def test_add_headers(everywhere):
    site = everywhere
    answer = site.ask("plain")
    assert (answer.get("x-everywhere"), answer.get("server"), answer.get("x-unknown")) == ("yes plain.test", None, None)
    for host, status in (("nobody", 404), ("empty", 503), ("missing", 503), ("elsewhere", 301)):
        answer = site.ask(host)
        assert (answer.status, answer.get("x-everywhere")) == (status, f"yes {host}.test")
    site.sluice.wait_log(r"ConfigMap default/everywhere data\.X-Unknown: .*it is left out")


def test_add_headers_and_custom_headers(everywhere):
    answer = everywhere.ask("custom")
    # Those for all come last: they say that there is no such field.
    assert (answer.get("x-everywhere"), answer.get("x-team"), answer.get("server")) == ("yes custom.test", "a $host", None)


def test_proxy_set_headers(everywhere):
    site = everywhere
    assert site.ask("plain", method="PUT", body=b"x", headers=[("X-Hidden", "yes"), ("X-Asked-By", "lie")]).status == 200
    (request,) = site.backend.requests
    assert (request.get("x-asked-by"), request.get("x-hidden"), request.get("host")) == ("PUT http", None, "plain.test")
    site.sluice.wait_log(r"ConfigMap default/to-servers data\.Host: .*it is left out")


def test_proxy_set_headers_are_not_for_who_is_asked(everywhere):
    site = everywhere
    assert site.ask("asked", headers=[("X-Hidden", "yes")]).status == 200
    assert (site.asked.requests[0].get("x-asked-by"), site.asked.requests[0].get("x-hidden")) == (None, "yes")
    assert site.backend.requests[0].get("x-asked-by") == "GET http"


@pytest.mark.parametrize("encoding", [[], [("Accept-Encoding", "gzip")]])
def test_custom_http_errors_beside_proxy_set_headers(everywhere, encoding):
    """A pool with rules, or with compression, still has its errors written by somebody else."""
    answer = everywhere.ask("errors", headers=[("X-Status", "503"), *encoding])
    assert (answer.status, answer.body) == (503, b"of the pages")


def test_add_headers_without_the_config_map(site):
    site.folder.put(objects.config_map("settings", {**SETTINGS, "add-headers": "default/nowhere"}))
    site.sluice.wait_log(r"data\.add-headers: ConfigMap default/nowhere does not exist")
    assert site.ask("plain").status == 200
    site.folder.put(objects.config_map("settings", SETTINGS))
