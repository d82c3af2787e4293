"""`--endpoint-access`: a laptop that has no way to pods reaches them through the API server's proxy of pods."""

from __future__ import annotations

import json
import subprocess
import urllib.error
import urllib.request
from types import SimpleNamespace

import pytest
import yaml
from harness.client import Client
from harness.cluster import ask
from harness.sluice import binary, free_port
from harness.waiting import wait_until
from simulator import objects
from test_upgrade import accepting, echo, switched

PROXY = ("--endpoint-access", "apiserver-proxy")
PORTS = ("--http-port", "0", "--https-port", "0", "--ops-port", "0", "--admin-address", "127.0.0.1:0")
NOWHERE = "192.0.2."  # TEST-NET-1: nobody is there
POD = "default/web-0"


def pods_of(service: str, *names: str, port: int = 8080) -> dict:
    pods = [objects.endpoint(f"{NOWHERE}{i + 10}", pod=name) for i, name in enumerate(names)]
    return objects.slice_of(service, pods, port)


@pytest.fixture
def far(simulator, backend):
    """A cluster whose pods can not be reached; `far.pod` is the one of `a.test`."""

    def start(*arguments: str, ingress: dict | None = None) -> SimpleNamespace:
        api, pod = simulator(*arguments), backend()
        api.apply(
            objects.ingress_class(), objects.service("web"), ingress or objects.ingress("web", "a.test", "web"),
            pods_of("web", "web-0"),
        )  # fmt: skip
        api.place(pod=POD, port=pod.port)
        return SimpleNamespace(api=api, pod=pod)

    return start


def token(api) -> str:
    return yaml.safe_load(api.kubeconfig.read_text())["users"][0]["user"]["token"]


def fields(seen: dict, name: str) -> list[str]:
    return [value for key, value in seen["fields"] if key.lower() == name]


# What is chosen


def test_pods_that_can_not_be_reached_are_reached_through_the_api_server(far, sluice_controller):
    cluster = far()
    sluice = sluice_controller(cluster.api)
    assert ask(sluice, path="/a?b=c").body == b"ok"
    line = sluice.wait_log(r"no pod can be reached from here \(1 tried\)")
    assert "proxy of pods" in line and "Authorization" in line and "--endpoint-access direct" in line
    assert [ask(sluice).status for _ in range(5)] == [200] * 5
    assert sluice.log.count("no pod can be reached") == 1
    seen = cluster.api.proxied()[0]
    assert (seen["pod"], seen["port"], seen["target"]) == (POD, 8080, "/a?b=c")


def test_pods_that_can_be_reached_are(cluster, sluice_controller):
    sluice = sluice_controller(cluster)
    assert ask(sluice).status == 200
    assert cluster.proxied() == [] and "can be reached" not in sluice.log


def test_direct_is_direct(far, sluice_controller):
    cluster = far()
    sluice = sluice_controller(cluster.api, "--endpoint-access", "direct")
    with Client(sluice.http) as client:
        client.send(b"GET / HTTP/1.1\r\nHost: a.test\r\n\r\n")
    sluice.wait_access("default/web:80/web-0")
    assert cluster.api.proxied() == [] and "proxy of pods" not in sluice.log


def test_the_proxy_may_be_asked_for(cluster, sluice_controller, backend):
    pod = backend(lambda session, request: session.answer(200, b"proxied"))
    cluster.place(pod=POD, port=pod.port)
    sluice = sluice_controller(cluster, *PROXY)
    assert ask(sluice).body == b"proxied"


def test_pods_that_come_later_are_found_out_about(simulator, sluice_controller, backend):
    api, pod = simulator(), backend()
    api.apply(objects.ingress_class(), objects.service("web"), objects.ingress("web", "a.test", "web"))
    sluice = sluice_controller(api)
    assert ask(sluice).status == 503
    api.place(pod=POD, port=pod.port)
    api.apply(pods_of("web", "web-0"))
    sluice.wait_log("no pod can be reached from here", timeout=15)
    wait_until(lambda: ask(sluice).status == 200, "the pod serves")


# What passes


def test_requests_arrive_as_they_were_sent_but_for_who_sends_them(far, sluice_controller):
    cluster = far()
    sluice = sluice_controller(cluster.api, *PROXY)
    said = [
        ("Authorization", "Basic Y2xpZW50OnNlY3JldA=="), ("Impersonate-User", "admin"),
        ("impersonate-group", "system:masters"),
        ("Cookie", "a=b"), ("X-Own", "1"), ("X-Own", "2"),
    ]  # fmt: skip
    with Client(sluice.http) as client:
        assert client.request("/p%20q/%C3%A4?x=%2F", headers=said).status == 200
    (seen,) = cluster.api.proxied()
    assert fields(seen, "authorization") == [f"Bearer {token(cluster.api)}"]
    assert [key for key, _ in seen["fields"] if key.lower().startswith("impersonate")] == []
    (request,) = cluster.pod.requests
    assert request.target == "/p%20q/%C3%A4?x=%2F"
    assert request.get("host") == "a.test" and request.get("x-forwarded-host") == "a.test"
    assert request.get("cookie") == "a=b" and request.all("x-own") == ["1", "2"]
    assert request.get("authorization") is None


def test_credentials_are_nowhere_to_be_read(far, sluice_controller):
    cluster = far()
    admin = free_port()
    sluice = sluice_controller(cluster.api, *PROXY, "--admin-address", f"127.0.0.1:{admin}", "--log-level", "debug")
    assert ask(sluice).status == 200
    sluice.wait_access("default/web:80/web-0")
    pages = ""
    for path in ("/api/configuration", "/api/backends", "/api/routes", "/api/diagnostics", "/api/status"):
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{admin}{path}") as answer:
                pages += answer.read().decode()
        except urllib.error.HTTPError:
            continue
    assert "/api/v1/namespaces/default/pods/web-0:8080/proxy" in pages, "how it is reached is shown"
    everything = pages + sluice.log + "\n".join(sluice.access_log) + sluice.ops_get("/metrics")[1]
    assert token(cluster.api) not in everything and "Bearer" not in everything


def test_a_client_certificate_proves_who_we_are_too(far, sluice_controller):
    cluster = far("--auth", "certificate")
    sluice = sluice_controller(cluster.api, *PROXY)
    with Client(sluice.http) as client:
        assert client.request(headers=[("Authorization", "Bearer of-the-client")]).status == 200
    (seen,) = cluster.api.proxied()
    assert fields(seen, "authorization") == []


@pytest.mark.parametrize("size", [0, 1, 70_000, 1 << 20])
def test_bodies_pass_both_ways(far, sluice_controller, size):
    cluster = far()
    cluster.pod.handler = lambda session, request: session.answer(200, request.body)
    sluice = sluice_controller(cluster.api, *PROXY)
    body = bytes(i * 7 & 0xFF for i in range(size))
    with Client(sluice.http) as client:
        assert client.request("/up", method="POST", body=body).body == body
        chunks = b"".join(b"%x\r\n%b\r\n" % (len(body), body) for _ in range(1) if body)
        client.send(b"PUT /up HTTP/1.1\r\nHost: a.test\r\nTransfer-Encoding: chunked\r\n\r\n" + chunks + b"0\r\n\r\n")
        assert client.response().body == body
        assert client.request("/up", method="HEAD").status == 200


def test_upgrades_are_tunnels(far, sluice_controller):
    cluster = far()
    cluster.pod.handler = accepting(echo)
    sluice = sluice_controller(cluster.api, *PROXY)
    with Client(sluice.http) as client:
        switched(client)
        for message in (b"hello", b"\x00\xff\r\n\r\n" * 1_000):
            client.send(message)
            assert client.wire.take(len(message)) == message
    (request,) = cluster.pod.requests
    assert request.target == "/chat" and request.get("upgrade") == "websocket"


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ("/login?next=/a", "/login?next=/a"), ("http://a.test/x", "http://a.test/x"),
        ("https://other.test/x", "https://other.test/x"),
        ("relative", "relative"), ("/", "/"),
    ],
)  # fmt: skip
def test_redirects_lead_where_the_pod_said(far, sluice_controller, said, expected):
    cluster = far()
    cluster.pod.handler = lambda session, request: session.answer(
        302, b"", headers=f"Location: {said}\r\nSet-Cookie: s=1; Path=/a\r\n"
    )
    sluice = sluice_controller(cluster.api, *PROXY)
    answer = ask(sluice)
    assert (answer.status, answer.get("location")) == (302, expected)
    assert answer.get("set-cookie") == "s=1; Path=/a"


def test_links_of_pages_lead_to_the_pod(far, sluice_controller):
    cluster = far()
    page = b'<html><a href="/next?a=b">next</a></html>'
    cluster.pod.handler = lambda session, request: session.answer(200, page, headers="Content-Type: text/html\r\n")
    sluice = sluice_controller(cluster.api, *PROXY)
    link = ask(sluice).body.split(b'"')[1].decode()
    assert link == "/api/v1/namespaces/default/pods/web-0:8080/proxy/next?a=b", "the API server has put it there"
    ask(sluice, path=link)
    assert cluster.pod.requests[-1].target == "/next?a=b"


def test_pods_share_requests_and_pods_that_speak_tls_are_asked_so(far, sluice_controller, backend):
    cluster = far()
    other = backend()
    cluster.api.place(pod="default/web-1", port=other.port)
    secure = {"nginx.ingress.kubernetes.io/backend-protocol": "HTTPS"}
    cluster.api.apply(
        pods_of("web", "web-0", "web-1"), objects.service("tls"), pods_of("tls", "tls-0", port=8443),
        objects.ingress("tls", "b.test", "tls", annotations=secure),
    )  # fmt: skip
    cluster.api.place(pod="default/tls-0", port=other.port)
    sluice = sluice_controller(cluster.api, *PROXY)
    assert [ask(sluice).status for _ in range(10)] == [200] * 10
    assert {seen["pod"] for seen in cluster.api.proxied()} == {"default/web-0", "default/web-1"}
    assert ask(sluice, host="b.test").status == 200
    seen = cluster.api.proxied()[-1]
    assert (seen["pod"], seen["scheme"], seen["port"]) == ("default/tls-0", "https", 8443)


def test_who_is_asked_about_requests_is_reached_the_same_way(far, sluice_controller, backend):
    auth = {"nginx.ingress.kubernetes.io/auth-url": "http://auth.default.svc.cluster.local/check"}
    cluster = far(ingress=objects.ingress("web", "a.test", "web", annotations=auth))
    asked = backend(lambda session, request: session.answer(200 if request.get("x-user") == "jo" else 403))
    cluster.api.apply(objects.service("auth"), pods_of("auth", "auth-0"))
    cluster.api.place(pod="default/auth-0", port=asked.port)
    sluice = sluice_controller(cluster.api, *PROXY)
    assert ask(sluice).status == 403
    with Client(sluice.http) as client:
        assert client.request("/x", headers=[("X-User", "jo"), ("Authorization", "Basic YTpi")]).status == 200
    assert [request.target for request in asked.requests] == ["/check", "/check"]
    expected = [f"Bearer {token(cluster.api)}"]
    assert all(fields(seen, "authorization") == expected for seen in cluster.api.proxied())


def test_overrides_go_where_they_say(far, sluice_controller, backend):
    cluster = far()
    cluster.api.apply(objects.service("api"), pods_of("api", "api-0"), objects.ingress("api", "b.test", "api"))
    local = backend(lambda session, request: session.answer(200, b"local"))
    sluice = sluice_controller(cluster.api, *PROXY, "--override", f"default/api=127.0.0.1:{local.port}")
    assert ask(sluice, host="b.test").body == b"local"
    assert local.requests[0].get("authorization") is None
    assert ask(sluice).body == b"ok"
    assert {seen["pod"] for seen in cluster.api.proxied()} == {POD}


def test_tcp_services_are_closed_and_told_of(far, sluice_controller):
    cluster = far()
    port = free_port()
    cluster.api.apply(objects.config_map("tcp", {str(port): "default/web:80"}))
    sluice = sluice_controller(cluster.api, *PROXY, "--tcp-services-configmap", "default/tcp")
    sluice.wait_log("ConfigMap default/tcp.*TCP does not pass.*NotThroughProxy")
    assert ask(sluice).status == 200
    with pytest.raises(OSError):
        Client(port)


# What goes wrong


def test_the_api_servers_own_answers_are_told_apart(far, sluice_controller):
    cluster = far()
    sluice = sluice_controller(cluster.api, *PROXY)
    cluster.pod.handler = lambda session, request: session.answer(
        403, json.dumps({"kind": "Refusal", "apiVersion": "v1"}).encode(), headers="Content-Type: application/json\r\n"
    )
    assert ask(sluice).status == 403
    cluster.api.fault(kind="status", code=403, resource="pods/proxy", verb="get", message='pods "web-0" is forbidden')
    answers = [ask(sluice) for _ in range(5)]
    assert [answer.status for answer in answers] == [403] * 5
    line = sluice.wait_log("the API server itself answered 403")
    assert "default/web:80" in line and 'pods "web-0" is forbidden' in line and "pods/proxy" in line
    cluster.api.clear_faults()
    cluster.pod.refuse()
    assert ask(sluice).status == 503
    sluice.wait_log("the API server itself answered 503 for pod web-0 .*does not reach the pod either")
    cluster.api.place(pod=POD)
    assert ask(sluice).status == 404
    sluice.wait_log("the API server itself answered 404 for pod web-0 .*the pod has gone")
    assert sluice.log.count("itself answered 403") == 1, "it is said once a minute"


def test_credentials_that_expire_are_renewed_under_traffic(far, sluice_controller):
    cluster = far("--auth", "plugin")
    upgrades = accepting(echo)
    cluster.pod.handler = lambda session, request: (
        upgrades(session, request) if request.get("upgrade") else session.answer(200, b"ok")
    )
    sluice = sluice_controller(cluster.api, *PROXY)
    with Client(sluice.http) as tunnel, Client(sluice.http) as client:
        switched(tunnel)
        answers: list[int] = []

        def enough() -> bool:
            answers.append(client.request().status)
            used = {field for seen in cluster.api.proxied() for field in fields(seen, "authorization")}
            return len(used) >= 4

        wait_until(enough, "four tokens have been used", timeout=40)
        assert set(answers) == {200}, "no request met a token that had expired"
        tunnel.send(b"still here")
        assert tunnel.wire.take(10) == b"still here"
    assert all(token not in sluice.log for token in cluster.api.issued_tokens())


def test_credentials_that_are_refused_are_read_anew(far, sluice_controller):
    cluster = far("--auth", "plugin")
    cluster.api.token_life(seconds=3600)
    sluice = sluice_controller(cluster.api, *PROXY)
    assert ask(sluice).status == 200
    cluster.api.revoke_tokens()
    assert ask(sluice).status == 401
    sluice.wait_log("the API server itself answered 401 .*read anew")
    wait_until(lambda: ask(sluice).status == 200, "the next credentials are accepted", timeout=15)


def test_a_cluster_behind_a_proxy_is_refused(far):
    cluster = far()
    config = yaml.safe_load(cluster.api.kubeconfig.read_text())
    config["clusters"][0]["cluster"]["proxy-url"] = "http://127.0.0.1:9"
    cluster.api.kubeconfig.write_text(yaml.safe_dump(config))
    words = ["controller", "--kubeconfig", str(cluster.api.kubeconfig), *PROXY]
    done = subprocess.run([binary(), *words, *PORTS], capture_output=True, text=True, timeout=20)
    assert done.returncode == 1 and "proxy-url" in done.stderr
