"""The ConfigMap of settings: what it says holds at once, key by key, and closes nothing."""

from __future__ import annotations

import ssl

import pytest
from harness.client import Client, careless
from harness.cluster import serves
from harness.site import Site, dev_service
from harness.waiting import steady, wait_everywhere, wait_until
from simulator import objects
from simulator.pki import Authority

FLAG = ("--configmap", "default/settings")


@pytest.fixture(scope="module")
def shared(tmp_path_factory):
    site = Site(tmp_path_factory.mktemp("settings"), arguments=FLAG)
    authority = Authority("settings-ca")
    site.folder.put(
        objects.ingress("web", "a.test", "web", tls_secret="pair", annotations={"sluice.dev/ssl-redirect": "false"}),
        objects.ingress("tls", "tls.test", "web", tls_secret="pair"),
        objects.ingress("limited", "limited.test", "web", annotations={"nginx.ingress.kubernetes.io/limit-rpm": "1"}),
        dev_service("web", site.backend),
        objects.tls_secret("pair", authority.issue("a", ["a.test"])),
    )  # fmt: skip
    site.sluice.wait_ready()
    yield site
    site.close()


@pytest.fixture
def say(shared):
    """Publishes settings, and answers the site when they hold."""

    def put(data: dict[str, str]) -> None:
        # Counted when the last worker has adopted it.
        adopted = lambda: shared.sluice.metric("sluice_propagation_seconds_count")  # noqa: E731
        known = steady(adopted)
        shared.folder.put(objects.config_map("settings", data))
        wait_until(lambda: adopted() > known, "every worker has adopted it")

    def publish(**values: str) -> Site:
        put({key.replace("_", "-"): value for key, value in values.items()})
        return shared

    yield publish
    # Otherwise the next scenario would take this publish for its own.
    put({})
    wait_everywhere(lambda: shared.get().status == 200, "the defaults hold again")


def tls(site: Site, **limits) -> Client:
    context = careless()
    for name, value in limits.items():
        setattr(context, name, value)
    return Client(site.sluice.https, tls=context, server_name="a.test")


@pytest.mark.sanitizer
def test_a_size_holds_from_the_next_request_of_an_open_connection_on(shared, say):
    with shared.client() as client:
        assert client.request(method="POST", body=b"x" * 2_000).status == 200
        say(proxy_body_size="1k", error_page_413="too much")
        answer = client.request(method="POST", body=b"x" * 2_000)
        assert (answer.status, answer.body) == (413, b"too much")


@pytest.mark.sanitizer
def test_a_bad_key_is_told_and_the_rest_holds(shared, say):
    site = say(timeout_server="soon", hide_headers="Server", tiemout_client="1s")
    assert wait_until(lambda: site.sluice.metric("sluice_object_errors") == 2, "both are counted")
    site.sluice.wait_log(r"ConfigMap default/settings data\.timeout-server: .*it is left out")
    site.sluice.wait_log(r"data\.tiemout-client: there is no such setting; did you mean timeout-client\?")
    assert site.get().status == 200


def test_requests_are_blocked_by_what_their_fields_say(say):
    site = say(block_user_agents="~*crawler|scraper, Bad/1.0", block_referers="https://spam.test/")
    for field, value, status in (
        ("User-Agent", "A CRAWLER 2", 403), ("User-Agent", "bad/1.0", 403), ("User-Agent", "Bad/1.01", 200),
        ("Referer", "https://spam.test/", 403), ("Referer", "https://spam.test/x", 200), ("User-Agent", "https://spam.test/", 200),
    ):  # fmt: skip
        wait_until(lambda: site.get(headers=[(field, value)]).status == status, f"{status} for {field}: {value}")
    assert site.get().status == 200


def test_servers_are_told_what_was_asked_for(say):
    site = say(proxy_add_original_uri_header="true", allow_backend_server_header="false")
    site.backend.forget()
    site.backend.handler = lambda session, request: session.answer(headers="Server: theirs\r\n")

    def is_told() -> bool:
        answer = site.get("/a%20b?c=d", headers=[("X-Original-URI", "lie")])
        return (answer.get("server"), site.backend.requests[-1].get("x-original-uri")) == (None, "/a%20b?c=d")

    try:
        wait_until(is_told, "both hold")
    finally:
        site.backend.forget()


def test_what_ingresses_do_not_say_is_what_the_settings_say(shared, say):
    assert shared.get(host="tls.test").status == 308
    site = say(http_redirect_code="301", limit_req_status_code="429")
    wait_until(lambda: site.get(host="tls.test").status == 301, "its status")
    wait_until(lambda: site.get(host="limited.test").status == 429, "the limit is reached")
    site = say(ssl_redirect="false")
    wait_until(lambda: site.get(host="tls.test").status == 200, "no redirect")


def test_all_requests_without_tls_are_redirected_but_those_of_issuers(say):
    site = say(force_ssl_redirect="true", hsts="true", hsts_max_age="60")
    answer = site.get("/x?y")
    assert (answer.status, answer.get("location")) == (308, f"https://a.test:{site.sluice.https}/x?y")
    assert site.get("/.well-known/acme-challenge/token").status == 200
    with tls(site) as client:
        answer = client.request("/x")
        assert (answer.status, answer.get("strict-transport-security")) == (200, "max-age=60")


def test_versions_of_tls_hold_for_new_connections_and_old_ones_stay(shared, say):
    with tls(shared, maximum_version=ssl.TLSVersion.TLSv1_2) as old:
        assert old.request().status == 200
        site = say(ssl_protocols="TLSv1.3")
        with pytest.raises(ssl.SSLError):
            tls(site, maximum_version=ssl.TLSVersion.TLSv1_2)
        assert old.request().status == 200
        with tls(site) as new:
            assert (new.socket.version(), new.request().status) == ("TLSv1.3", 200)


def test_ciphers_that_do_not_exist_are_told_of_and_change_nothing(say):
    site = say(ssl_ciphers="NO-SUCH-CIPHER")
    site.sluice.wait_log(r"ConfigMap default/settings data\.ssl-ciphers: ")
    with tls(site) as client:
        assert client.request().status == 200


@pytest.mark.parametrize(("values", "status"), [
    ({"deny_list": "127.0.0.0/8"}, 403), ({"allow_list": "10.0.0.0/8"}, 403),
    ({"allow_list": "127.0.0.1", "deny_list": "10.0.0.0/8"}, 200), ({"allow_list": "office"}, 403),
])  # fmt: skip
def test_lists_say_who_is_answered(say, values, status):
    assert say(**values).get().status == status


def test_fields_of_trusted_proxies_alone_are_believed(shared, say):
    def told() -> str:
        shared.backend.forget()
        shared.get(headers=[("X-Forwarded-For", "192.0.2.7")])
        (request,) = shared.backend.requests
        return request.get("x-real-ip")

    assert told() == "127.0.0.1"
    say(trusted_proxies="127.0.0.0/8")
    assert told() == "192.0.2.7"
    say(trusted_proxies="10.0.0.0/8")
    assert told() == "127.0.0.1"


@pytest.mark.sanitizer
def test_in_a_cluster_it_is_followed_and_its_owner_is_told(cluster, replicas):
    cluster.apply(objects.config_map("settings", {"max-body-size": "1k", "retries": "many"}))
    (sluice,) = replicas(1, *FLAG).all
    assert serves(sluice)

    def refuses() -> bool:
        with Client(sluice.http) as client:
            return client.request(method="POST", body=b"x" * 2_000).status == 413

    assert refuses()
    cluster.apply(objects.config_map("settings", {"retries": "many"}))
    wait_until(lambda: not refuses(), "what was taken back holds no more")
    wait_until(
        lambda: any(
            "data.retries" in cluster.get(
                apiVersion="events.k8s.io/v1", kind="Event", namespace=key.split("/")[0], name=key.split("/")[1]
            )["note"]
            for key in cluster.names(apiVersion="events.k8s.io/v1", kind="Event")
        ),
        "its owner is told",
    )  # fmt: skip
    cluster.delete(objects.config_map("settings", {}))
    sluice.wait_log("the ConfigMap of settings does not exist")
    assert serves(sluice)
