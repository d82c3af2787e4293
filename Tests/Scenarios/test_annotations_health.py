"""Annotations that ask servers how they are, leave failing ones alone, and bound requests: over real sockets."""

from __future__ import annotations

import threading
from concurrent import futures

import grpc
import pytest

from harness.backend import Backend, Session
from harness.messages import Request
from harness.site import Site, dev_service
from harness.waiting import wait_everywhere, wait_until
from simulator import objects

pytestmark = pytest.mark.sanitizer

OWN = "sluice.dev/"
HEALTH = "/grpc.health.v1.Health/Check"
SERVING, NOT_SERVING = b"\x08\x01", b"\x08\x02"


class Asked(grpc.GenericRpcHandler):
    """gRPC's health service as bytes, and a service that answers with what it is given."""

    def __init__(self) -> None:
        self.state = SERVING
        self.questions: list[bytes] = []

    def service(self, details):
        if details.method == HEALTH:
            return grpc.unary_unary_rpc_method_handler(self.health)
        return grpc.unary_unary_rpc_method_handler(lambda request, context: request)

    def health(self, request, context):
        self.questions.append(request)
        return self.state


class Answers:
    """Two servers whose answers to `/status` and to all else can be chosen."""

    def __init__(self) -> None:
        self.health, self.status = {"a": 200, "b": 200}, {"a": 200, "b": 200}
        self.hosts: set[str] = set()
        self.held, self.release = threading.Semaphore(0), threading.Event()

    def of(self, name: str):
        def handler(session: Session, request: Request) -> None:
            if request.target == "/status":
                self.hosts.add(request.get("host"))
                return session.answer(self.health[name], body=b"")
            if request.target == "/hold":
                self.held.release()
                self.release.wait(30)
            session.answer(self.status[name], body=name.encode())

        return handler


@pytest.fixture
def answers():
    return Answers()


@pytest.fixture
def site(tmp_path, answers):
    def ingress(name: str, **annotations: str) -> dict:
        keys = {OWN + key.replace("_", "-"): value for key, value in annotations.items()}
        return objects.ingress(name, f"{name}.test", "web", annotations=keys)

    a, b = Backend(answers.of("a")), Backend(answers.of("b"))
    site = Site(
        tmp_path,
        ingress(
            "checked", health_check="http", health_check_path="/status", health_check_host="status.test",
            health_check_interval="100ms", health_check_fall="2", health_check_rise="1",
        ),
        ingress("broken", circuit_breaker_errors="2", circuit_breaker_ejection="1h"),
        ingress("narrow", limit_requests="1"),
        ingress("plain"),
        dev_service("web", a, b),
    )  # fmt: skip
    site.sluice.wait_ready()
    wait_until(lambda: site.get(host="plain.test").status == 200, "the servers")
    yield site
    site.close()
    a.close()
    b.close()


def seen(site, host: str, count: int = 8) -> set[tuple[int, bytes]]:
    return {(answer.status, answer.body) for answer in (site.get(host=host) for _ in range(count))}


BOTH = {(200, b"a"), (200, b"b")}


def test_health_check_http_takes_a_server_out_and_brings_it_back(site, answers):
    wait_until(lambda: seen(site, "checked.test") == BOTH, "both serve")
    answers.health["a"] = 503
    wait_until(lambda: seen(site, "checked.test") == {(200, b"b")}, "a is out")
    assert seen(site, "plain.test") == BOTH, "who does not ask is not concerned"
    answers.health["a"] = 204
    wait_until(lambda: seen(site, "checked.test") == BOTH, "a is back")
    answers.health = {"a": 500, "b": 500}
    wait_until(lambda: seen(site, "checked.test", 2) == {(503, site.get(host="checked.test").body)}, "nobody is left")
    assert answers.hosts == {"status.test"}


def test_circuit_breaker_errors_leaves_a_failing_server_alone(site, answers):
    answers.status["a"] = 500
    wait_everywhere(lambda: seen(site, "broken.test", 1) == {(200, b"b")}, "a is left alone")
    answers.status["a"] = 200
    assert seen(site, "broken.test") == {(200, b"b")}, "for an hour"
    assert seen(site, "plain.test") == BOTH


def test_limit_requests_bounds_what_is_under_way(site, answers):
    with site.client() as first:
        first.send(b"GET /hold HTTP/1.1\r\nHost: narrow.test\r\n\r\n")
        assert answers.held.acquire(timeout=15), "it is under way"
        assert site.get(host="narrow.test").status == 503
        # Checks that a machine was too slow for take its servers out until the next.
        wait_until(lambda: site.get(host="checked.test").status == 200, "the limit is the Ingress's own")
        answers.release.set()
        assert first.response().status == 200
    wait_until(lambda: site.get(host="narrow.test").status == 200, "the place is free again")


def test_health_check_grpc_asks_the_health_service(tmp_path):
    asked = Asked()
    server = grpc.server(futures.ThreadPoolExecutor(4))
    server.add_generic_rpc_handlers((asked,))
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    keys = {
        OWN + "backend-protocol": "GRPC", OWN + "health-check": "grpc", OWN + "health-check-service": "echo.Echo",
        OWN + "health-check-interval": "100ms", OWN + "health-check-fall": "1", OWN + "health-check-rise": "1",
    }  # fmt: skip
    site = Site(tmp_path, objects.ingress("web", "a.test", "web", annotations=keys), dev_service("web", f"127.0.0.1:{port}"))

    def state(channel) -> grpc.StatusCode:
        try:
            return grpc.StatusCode.OK if channel.unary_unary("/echo.Echo/Any")(b"x", timeout=15) == b"x" else None
        except grpc.RpcError as error:
            return error.code()

    try:
        site.sluice.wait_ready()
        with grpc.insecure_channel(f"127.0.0.1:{site.port}", [("grpc.default_authority", "a.test")]) as channel:
            wait_until(lambda: state(channel) == grpc.StatusCode.OK, "it serves")
            asked.state = NOT_SERVING
            wait_until(lambda: state(channel) == grpc.StatusCode.UNAVAILABLE, "it is out")
            asked.state = SERVING
            wait_until(lambda: state(channel) == grpc.StatusCode.OK, "it is back")
        assert set(asked.questions) == {b"\x0a\x09echo.Echo"}
    finally:
        site.close()
        server.stop(None).wait()
