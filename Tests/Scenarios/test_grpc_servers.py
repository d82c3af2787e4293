"""gRPC by its own library on both ends, and other clients in front of servers that speak HTTP/2 without TLS."""

from __future__ import annotations

import subprocess
from concurrent import futures

import grpc
import pytest

from harness.site import Site, dev_service
from harness.waiting import wait_until
from simulator import objects

pytestmark = pytest.mark.sanitizer


def fail(request, context):
    context.set_trailing_metadata((("x-why", "because"),))
    context.abort(grpc.StatusCode.NOT_FOUND, "none of that")


METHODS = {
    "/echo.Echo/Unary": grpc.unary_unary_rpc_method_handler(lambda request, context: request),
    "/echo.Echo/Fail": grpc.unary_unary_rpc_method_handler(fail),
    "/echo.Echo/Down": grpc.unary_stream_rpc_method_handler(
        lambda request, context: (b"%d" % i for i in range(int(request)))
    ),
    "/echo.Echo/Up": grpc.stream_unary_rpc_method_handler(
        lambda requests, context: b"%d" % sum(len(request) for request in requests)
    ),
    "/echo.Echo/Both": grpc.stream_stream_rpc_method_handler(lambda requests, context: requests),
    "/echo.Echo/Deadline": grpc.unary_unary_rpc_method_handler(
        lambda request, context: b"%d" % context.time_remaining()
    ),
}


class Echo(grpc.GenericRpcHandler):
    def service(self, details):
        return METHODS.get(details.method)


@pytest.fixture(scope="module")
def server():
    server = grpc.server(futures.ThreadPoolExecutor(8))
    server.add_generic_rpc_handlers((Echo(),))
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    yield port
    server.stop(None).wait()


@pytest.fixture(scope="module")
def site(tmp_path_factory, server):
    service = dev_service("web", f"127.0.0.1:{server}")
    service["spec"]["ports"][0]["appProtocol"] = "kubernetes.io/h2c"
    site = Site(tmp_path_factory.mktemp("grpc"), objects.ingress("web", "a.test", "web"), service)
    site.sluice.wait_ready()
    wait_until(lambda: site.get().status != 404, "the route is there")
    yield site
    site.close()


@pytest.fixture
def channel(site):
    with grpc.insecure_channel(f"127.0.0.1:{site.port}", [("grpc.default_authority", "a.test")]) as channel:
        yield channel


def test_unary_calls_pass_both_ways(channel):
    call = channel.unary_unary("/echo.Echo/Unary")
    for message in [b"", b"hello", b"x" * 1_000_000]:
        assert call(message, timeout=30) == message


def test_errors_arrive_with_their_words_and_metadata(channel):
    with pytest.raises(grpc.RpcError) as caught:
        channel.unary_unary("/echo.Echo/Fail")(b"", timeout=30)
    assert (caught.value.code(), caught.value.details()) == (grpc.StatusCode.NOT_FOUND, "none of that")
    assert ("x-why", "because") in tuple(caught.value.trailing_metadata())


def test_an_unknown_method_is_the_servers_to_refuse(channel):
    with pytest.raises(grpc.RpcError) as caught:
        channel.unary_unary("/echo.Echo/Nothing")(b"", timeout=30)
    assert caught.value.code() == grpc.StatusCode.UNIMPLEMENTED


def test_servers_and_clients_stream(channel):
    down = channel.unary_stream("/echo.Echo/Down")(b"500", timeout=30)
    assert list(down) == [b"%d" % i for i in range(500)]
    up = channel.stream_unary("/echo.Echo/Up")((b"x" * 1000 for _ in range(1000)), timeout=30)
    assert up == b"1000000"


def test_both_stream_at_once(channel):
    asked = []

    def requests():
        for i in range(20):
            asked.append(b"%d" % i)
            yield asked[-1]

    answers = channel.stream_stream("/echo.Echo/Both")(requests(), timeout=30)
    assert list(answers) == asked and len(asked) == 20


def test_deadlines_reach_the_server(channel):
    assert 0 < int(channel.unary_unary("/echo.Echo/Deadline")(b"", timeout=100)) <= 100


def test_calls_share_connections(site, channel):
    call = channel.unary_unary("/echo.Echo/Unary")
    calls = [call.future(b"%d" % i, timeout=30) for i in range(200)]
    assert [future.result() for future in calls] == [b"%d" % i for i in range(200)]
    assert site.sluice.metric("sluice_upstream_connections") <= 2 * 4


def test_a_server_that_is_not_there_is_unavailable(sluice_dev):
    service = dev_service("web", "127.0.0.1:1")
    service["spec"]["ports"][0]["appProtocol"] = "kubernetes.io/h2c"
    site = sluice_dev(objects.ingress("web", "a.test", "web"), service)
    with grpc.insecure_channel(f"127.0.0.1:{site.port}", [("grpc.default_authority", "a.test")]) as channel:
        with pytest.raises(grpc.RpcError) as caught:
            channel.unary_unary("/echo.Echo/Unary")(b"", timeout=40)
    assert caught.value.code() == grpc.StatusCode.UNAVAILABLE


def test_a_client_of_http_1_reaches_the_server(site):
    output = subprocess.run(
        ["curl", "-sS", "-m", "10", "--http1.1", "-D", "-", "-H", "Host: a.test", "-H", "TE: trailers",
         "-H", "Content-Type: application/grpc", "--data-binary", "@-", f"http://127.0.0.1:{site.port}/echo.Echo/Unary"],
        input=b"\x00\x00\x00\x00\x02hi", check=True, capture_output=True,
    ).stdout  # fmt: skip
    assert output.startswith(b"HTTP/1.1 200 OK\r\n")
    assert b"\x00\x00\x00\x00\x02hi" in output
    assert b"grpc-status: 0\r\n" in output, "the trailers of its chunks"
