"""The webhook that judges Ingresses before they are written."""

from __future__ import annotations

import concurrent.futures
import contextlib
import json
import socket

import pytest
from harness.cluster import ask, serves
from harness.reviews import NAME, Webhook, review, secret, young
from harness.sluice import free_port
from harness.waiting import wait_until
from simulator import objects
from simulator.pki import Authority

AUTHORITY = Authority("webhooks")
PAIR = AUTHORITY.issue("webhook", [NAME])
SNIPPET = "nginx.ingress.kubernetes.io/configuration-snippet"


def arguments(port: int) -> tuple[str, ...]:
    return ("--admission-port", str(port), "--admission-secret", "sluice/sluice-admission")


@pytest.fixture
def controller(cluster, sluice_controller):
    """A controller whose webhook has somebody else's certificate, and the webhook."""
    cluster.apply(secret(PAIR))
    port = free_port()
    sluice = sluice_controller(cluster, *arguments(port))
    sluice.wait_log("admission webhook: serves a certificate")
    return sluice, Webhook(port, AUTHORITY.certificate)


def reviews(sluice, result: str) -> float:
    lines = sluice.ops_get("/metrics")[1].splitlines()
    return sum(float(line.split()[-1]) for line in lines if line.startswith(f'sluice_admission_reviews_total{{result="{result}"}}'))


@pytest.mark.sanitizer
def test_what_would_not_be_served_is_refused_and_the_rest_is_not(cluster, controller):
    sluice, webhook = controller
    assert webhook.ask(review(young("new", "b.test", "web")))["allowed"] is True
    answer = webhook.ask(review(young("new", "a.test", "web")))
    assert answer["allowed"] is False and answer["status"]["code"] == 422
    assert "Ingress default/new spec.rules[0].http.paths[0]: a.test / is already served by Ingress default/web" in answer["status"]["message"]
    wrong = young("new", "b.test", "web", annotations={SNIPPET: "return 200;"})
    assert f"metadata.annotations[{SNIPPET}]" in webhook.ask(review(wrong))["status"]["message"]
    late = webhook.ask(review(young("new", "b.test", "later")))
    assert late["allowed"] and "service default/later does not exist" in late["warnings"][0]
    assert serves(sluice), "nothing of it touched what is served"
    assert ask(sluice, "b.test").status == 404
    wait_until(lambda: reviews(sluice, "denied") == 2 and reviews(sluice, "allowed") == 2, "they are counted")
    wait_until(lambda: sluice.metric("sluice_admission_review_seconds_count") == 4, "so is how long they took")
    assert sluice.metric("sluice_admission_certificate_end_seconds") > 0


def test_what_is_none_of_its_business_is_allowed(controller):
    sluice, webhook = controller
    taken = young("new", "a.test", "web")
    foreign = young("new", "a.test", "web", class_name="other")
    cases = [
        review(foreign), review(None, taken), review(taken, operation="CONNECT"), review(taken, subResource="status"),
        review({"metadata": {"name": "x"}, "spec": 5}, resource="ingressclasses"),
    ]  # fmt: skip
    for case in cases:
        answer = webhook.ask(case)
        assert answer["allowed"] and "warnings" not in answer
    wait_until(lambda: reviews(sluice, "not-ours") == len(cases), "they are counted")


def test_it_follows_the_cluster(cluster, controller):
    sluice, webhook = controller
    new = young("new", "b.test", "web")
    assert webhook.ask(review(new))["allowed"]
    cluster.apply(objects.ingress("first", "b.test", "web"))
    wait_until(lambda: serves(sluice, "b.test"), "it is served")
    assert not webhook.ask(review(new))["allowed"]
    cluster.delete(objects.ingress("first", "b.test", "web"))
    wait_until(lambda: not serves(sluice, "b.test"), "it is gone")
    assert webhook.ask(review(new))["allowed"]


def test_an_update_may_stay_as_bad_as_it_was(cluster, controller):
    sluice, webhook = controller
    bad = young("bad", "b.test", "web", annotations={SNIPPET: "return 200;"})
    cluster.apply(bad)
    sluice.wait_log("default/bad")
    changed = json.loads(json.dumps(bad))
    changed["metadata"]["finalizers"] = []
    answer = webhook.ask(review(changed, bad))
    assert answer["allowed"] and any(SNIPPET in warning for warning in answer["warnings"])
    changed["spec"]["rules"][0]["host"] = "a.test"
    assert not webhook.ask(review(changed, bad))["allowed"]
    assert webhook.ask(review(None, bad))["allowed"], "and it may be deleted"


def test_an_object_that_cannot_be_read_is_refused_by_its_field(controller):
    _, webhook = controller
    odd = young("odd", "b.test", "web")
    odd["spec"]["rules"][0]["host"] = 7
    assert "Ingress default/odd: spec.rules[0].host: expected" in webhook.ask(review(odd))["status"]["message"]


def broken_reviews() -> dict[str, bytes]:
    new = young("x", "b.test", "web")
    return {
        "nothing": b"", "a brace": b"{", "null": b"null", "a list": b"[]", "no text": b"\xff\xfe",
        "no request": b'{"kind":"AdmissionReview"}', "deep lists": b"[" * 10_000, "deep objects": b'{"a":' * 5_000,
        "an older version": json.dumps({**review(new), "apiVersion": "admission.k8s.io/v1beta1"}).encode(),
        "no uid": json.dumps(review(new, uid="")).encode(), "cut": json.dumps(review(new)).encode()[:-20],
    }  # fmt: skip


@pytest.mark.sanitizer
@pytest.mark.parametrize("what", list(broken_reviews()))
def test_what_is_no_review_is_answered_400(controller, what):
    _, webhook = controller
    body = broken_reviews()[what]
    status, answer = webhook.send(body)
    assert (status, b"no AdmissionReview" in answer) == ((400, True) if body else (411, False))
    assert webhook.ask(review(young("new", "b.test", "web")))["allowed"]


@pytest.mark.parametrize(
    ("settings", "status"),
    [
        ({"method": "GET"}, 405), ({"method": "PUT"}, 405), ({"path": "/"}, 404), ({"path": "/validate/x"}, 404),
        ({"Content-Type": "text/plain"}, 415), ({"Content-Type": "application/x-www-form-urlencoded"}, 415),
        ({"Transfer-Encoding": "chunked"}, 411), ({"Content-Length": str(9 << 20)}, 413), ({"Content-Length": "x"}, 400),
    ],
)  # fmt: skip
def test_requests_of_other_forms_are_refused_before_their_body(controller, settings, status):
    sluice, webhook = controller
    method, path = settings.get("method", "POST"), settings.get("path", "/validate")
    fields = {"Content-Type": "application/json", "Content-Length": "3", **settings}
    if "Transfer-Encoding" in fields:
        del fields["Content-Length"]
    lines = [f"{method} {path} HTTP/1.1", "Host: x", *(f"{k}: {v}" for k, v in fields.items() if k not in ("method", "path"))]
    with webhook.connection() as client:
        client.sendall("\r\n".join([*lines, "", ""]).encode())
        answer = b"".join(iter(lambda: client.recv(65_536), b""))
    assert answer.startswith(f"HTTP/1.1 {status} ".encode()) and b"Connection: close" in answer
    wait_until(lambda: sluice.metric("sluice_admission_requests_refused_total") == 1, "it is counted")


def test_clients_that_do_not_finish_keep_nobody_out(controller):
    """More of them than there is room for, and one with half a document that gets its ten seconds and no more."""
    _, webhook = controller
    with contextlib.ExitStack() as stack:
        slow = stack.enter_context(webhook.connection())
        slow.sendall(b"POST /validate HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 10\r\n\r\n{")
        silent = [stack.enter_context(socket.create_connection(("127.0.0.1", webhook.port))) for _ in range(150)]
        assert webhook.ask(review(young("new", "b.test", "web")))["allowed"]
        slow.settimeout(20)
        assert slow.recv(1) == b"", "it is given up"
        assert webhook.ask(review(young("new", "b.test", "web")))["allowed"]
        assert len(silent) == 150


def test_memory_for_unfinished_documents_has_a_limit(controller):
    _, webhook = controller
    size = 8 << 20
    head = f"POST /validate HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: {size}\r\n\r\n".encode()
    with contextlib.ExitStack() as stack:
        clients = [stack.enter_context(webhook.connection()) for _ in range(5)]
        answers = []
        for client in clients:
            client.settimeout(20)
            with contextlib.suppress(OSError):
                client.sendall(head + b" " * (size - 1))
        for client in clients:
            with contextlib.suppress(OSError):
                answers.append(client.recv(12))
        assert b"HTTP/1.1 503" in answers, answers
    assert webhook.ask(review(young("new", "b.test", "web")))["allowed"], "and it is given back"


def test_many_ask_at_one_time(controller):
    sluice, webhook = controller

    def one(number: int) -> bool:
        return webhook.ask(review(young(f"n{number}", "a.test" if number % 2 else f"h{number}.test", "web")))["allowed"]

    with concurrent.futures.ThreadPoolExecutor(40) as pool:
        answers = list(pool.map(one, range(200)))
    assert answers == [number % 2 == 0 for number in range(200)]
    assert serves(sluice)


def test_one_connection_carries_many_reviews(controller):
    _, webhook = controller
    body = json.dumps(review(young("new", "b.test", "web"))).encode()
    head = f"POST /validate HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n".encode()
    with webhook.connection() as client:
        client.settimeout(20)
        client.sendall((head + body) * 20)
        received = b""
        while received.count(b'"allowed":true') < 20:
            part = client.recv(65_536)
            assert part, received
            received += part


def test_plain_text_and_strangers_get_no_handshake(controller):
    sluice, webhook = controller
    with socket.create_connection(("127.0.0.1", webhook.port), timeout=10) as plain:
        plain.sendall(b"POST /validate HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n")
        with contextlib.suppress(ConnectionResetError):
            plain.recv(100)
    with pytest.raises(OSError):
        Webhook(webhook.port, Authority("other").certificate).ask(review(young("new", "b.test", "web")))
    metrics = lambda: sluice.ops_get("/metrics")[1]  # noqa: E731
    for reason in ("http request", "unknown ca"):
        line = f'sluice_admission_handshakes_failed_total{{reason="{reason}"}} 1'
        wait_until(lambda line=line: line in metrics(), f"counted: {reason}")


def test_before_everything_has_been_read_it_does_not_judge(cluster, sluice_controller):
    cluster.apply(secret(PAIR))
    cluster.fault(kind="status", code=503, resource="services", times=1_000)
    port = free_port()
    sluice = sluice_controller(cluster, *arguments(port), ready=False)
    sluice.wait_log("admission webhook: serves a certificate")
    webhook = Webhook(port, AUTHORITY.certificate)
    new = review(young("new", "a.test", "web"))
    assert webhook.send(json.dumps(new).encode())[0] == 503
    foreign = review(young("new", "a.test", "web"), operation="DELETE")
    assert webhook.ask(foreign)["allowed"], "what needs no judgement is answered"
    cluster.clear_faults()
    sluice.wait_ready(30)
    assert not webhook.ask(new)["allowed"]


def test_a_new_certificate_counts_at_once_and_a_bad_one_not_at_all(cluster, controller):
    sluice, webhook = controller
    other = Authority("others")
    cluster.apply(secret(other.issue("webhook", [NAME])))
    newer = Webhook(webhook.port, other.certificate)
    new = review(young("new", "b.test", "web"))

    def works() -> bool:
        with contextlib.suppress(OSError):
            return newer.ask(new)["allowed"]
        return False

    wait_until(works, "the new certificate is shown")
    broken = secret(PAIR)
    broken["data"]["tls.key"] = "eA=="
    cluster.apply(broken)
    sluice.wait_log("admission webhook: its certificate can not be used")
    assert works(), "the last good one goes on"
    cluster.delete(secret())
    assert works()


def test_only_namespaces_that_are_read_are_judged(cluster, sluice_controller):
    cluster.apply(secret(PAIR))
    port = free_port()
    sluice = sluice_controller(cluster, *arguments(port), "--namespace", "default")
    sluice.wait_log("admission webhook: serves a certificate")
    webhook = Webhook(port, AUTHORITY.certificate)
    assert webhook.ask(review(young("new", "a.test", "web", namespace="lab")))["allowed"]
    assert not webhook.ask(review(young("new", "a.test", "web")))["allowed"]


def test_a_certificate_in_files_as_ingress_nginx_has_it(cluster, sluice_controller, tmp_path):
    """The name of ingress-nginx's controller with its chart's arguments; who mounts the files replaces them."""
    chain, key = tmp_path / "cert", tmp_path / "key"
    port = free_port()
    sluice = sluice_controller(
        cluster, "--admission-port", str(port), "--admission-certificate", str(chain), "--admission-key", str(key),
        "--admission-path", "/networking/v1/ingresses",
    )  # fmt: skip
    sluice.wait_log(f"admission webhook: {chain}")
    chain.write_bytes(PAIR.certificate)
    key.write_bytes(PAIR.key)
    sluice.wait_log("admission webhook: serves a certificate", 15)
    webhook = Webhook(port, AUTHORITY.certificate, path="/networking/v1/ingresses")
    assert webhook.ask(review(young("new", "b.test", "web")))["allowed"] is True
    assert webhook.ask(review(young("new", "a.test", "web")))["allowed"] is False
