"""gRPC over TLS, by its own library on both ends: clients that find HTTP/2 by ALPN, and servers spoken to by GRPCS."""

from __future__ import annotations

import base64
from concurrent import futures

import grpc
import pytest

from harness.site import Site, dev_service
from harness.waiting import wait_until
from simulator import objects
from simulator.pki import Authority
from test_grpc_servers import Echo

pytestmark = pytest.mark.sanitizer

AUTHORITY, STRANGER, PODS = Authority("sites"), Authority("stranger"), Authority("pods")
POD = PODS.issue("pod", ["pod.test"])
GRPCS = {"nginx.ingress.kubernetes.io/backend-protocol": "GRPCS"}
VERIFIED = GRPCS | {
    "nginx.ingress.kubernetes.io/proxy-ssl-secret": "default/pods",
    "nginx.ingress.kubernetes.io/proxy-ssl-verify": "on",
    "nginx.ingress.kubernetes.io/proxy-ssl-server-name": "on",
    "nginx.ingress.kubernetes.io/proxy-ssl-name": "pod.test",
}


@pytest.fixture(scope="module")
def servers():
    """Ports of one gRPC server: without TLS, and with it."""
    server = grpc.server(futures.ThreadPoolExecutor(8))
    server.add_generic_rpc_handlers((Echo(),))
    ports = server.add_insecure_port("127.0.0.1:0"), server.add_secure_port(
        "127.0.0.1:0", grpc.ssl_server_credentials([(POD.key, POD.certificate)])
    )
    server.start()
    yield ports
    server.stop(None).wait()


def ingress(host: str, service: str, annotations: dict) -> dict:
    return objects.ingress(host.split(".")[0], host, service, tls_secret="cert", annotations=annotations)


@pytest.fixture(scope="module")
def site(tmp_path_factory, servers):
    plain, secure = servers
    hosts = ["plain.test", "secure.test", "verified.test", "wrong.test"]
    site = Site(
        tmp_path_factory.mktemp("grpc"), objects.tls_secret("cert", AUTHORITY.issue("cert", hosts)),
        trusting("pods", PODS), trusting("wrong", STRANGER),
        dev_service("plain", f"127.0.0.1:{plain}"), dev_service("secure", f"127.0.0.1:{secure}"),
        ingress("plain.test", "plain", {"nginx.ingress.kubernetes.io/backend-protocol": "GRPC"}),
        ingress("secure.test", "secure", GRPCS), ingress("verified.test", "secure", VERIFIED),
        ingress("wrong.test", "secure", VERIFIED | {"nginx.ingress.kubernetes.io/proxy-ssl-secret": "default/wrong"}),
    )  # fmt: skip
    site.sluice.wait_ready()
    for host in hosts:
        wait_until(lambda: site.get(host=host).status == 308, f"{host} is sent to HTTPS")
    yield site
    site.close()


def trusting(name: str, authority: Authority) -> dict:
    """The Secret of who signs servers' certificates, and of what they are shown."""
    secret = objects.tls_secret(name, PODS.issue("client", []))
    secret["data"]["ca.crt"] = base64.b64encode(authority.certificate).decode()
    return {**secret, "type": "Opaque"}


def channel(site: Site, host: str, authority: Authority = AUTHORITY) -> grpc.Channel:
    credentials = grpc.ssl_channel_credentials(authority.certificate)
    return grpc.secure_channel(
        f"127.0.0.1:{site.sluice.https}", credentials,
        [("grpc.default_authority", host), ("grpc.ssl_target_name_override", host)],
    )  # fmt: skip


@pytest.fixture(params=["plain.test", "secure.test", "verified.test"])
def calls(request, site):
    with channel(site, request.param) as calls:
        yield calls


def test_unary_calls_pass_both_ways(calls):
    call = calls.unary_unary("/echo.Echo/Unary")
    for message in [b"", b"hello", b"x" * 1_000_000]:
        assert call(message, timeout=30) == message


def test_both_stream_at_once(calls):
    """A request follows the answer to the one before: nothing is held back until a stream ends."""
    answered = futures.Future(), futures.Future(), futures.Future()

    def requests():
        yield b"first"
        for future in answered[:2]:
            yield future.result(30) + b", and more"

    answers = calls.stream_stream("/echo.Echo/Both")(requests(), timeout=40)
    seen = []
    for answer, future in zip(answers, answered):
        seen.append(answer)
        future.set_result(answer)
    assert seen == [b"first", b"first, and more", b"first, and more, and more"]


def test_errors_arrive_with_their_words_and_metadata(calls):
    with pytest.raises(grpc.RpcError) as caught:
        calls.unary_unary("/echo.Echo/Fail")(b"", timeout=30)
    assert (caught.value.code(), caught.value.details()) == (grpc.StatusCode.NOT_FOUND, "none of that")
    assert ("x-why", "because") in tuple(caught.value.trailing_metadata())


def test_many_calls_at_once(calls):
    call = calls.unary_unary("/echo.Echo/Unary")
    under_way = [call.future(b"%d" % i, timeout=30) for i in range(100)]
    assert [future.result() for future in under_way] == [b"%d" % i for i in range(100)]


def test_a_server_that_is_not_who_it_should_be_is_unavailable(site):
    with channel(site, "wrong.test") as calls, pytest.raises(grpc.RpcError) as caught:
        calls.unary_unary("/echo.Echo/Unary")(b"", timeout=30)
    assert caught.value.code() == grpc.StatusCode.UNAVAILABLE
    wait_until(lambda: site.sluice.metric("sluice_upstream_tls_failures_total") > 0, "it is counted")


def test_a_client_that_trusts_others_does_not_call(site):
    with channel(site, "plain.test", STRANGER) as calls, pytest.raises(grpc.RpcError) as caught:
        calls.unary_unary("/echo.Echo/Unary")(b"", timeout=30)
    assert caught.value.code() == grpc.StatusCode.UNAVAILABLE
