"""mirror-target, mirror-request-body and mirror-host of ingress-nginx: copies of requests for somebody else, over real sockets.
Whatever becomes of a copy, the request is answered as if there were none."""

from __future__ import annotations

import threading

import pytest

from harness.backend import Backend
from harness.http2 import Http2
from harness.site import Site, dev_service
from harness.waiting import wait_until
from simulator import objects

pytestmark = pytest.mark.sanitizer

NGINX = "nginx.ingress.kubernetes.io/"
COPIES = "http://copies.default.svc.cluster.local"
WORKERS, AT_A_TIME = 1, 64
SERIES = 'sluice_mirrored_requests_total{{outcome="{}"}}'


@pytest.fixture(scope="module")
def running(tmp_path_factory):
    def ingress(name: str, **annotations: str) -> dict:
        keys = {NGINX + key.replace("_", "-"): value for key, value in annotations.items()}
        return objects.ingress(name, f"{name}.test", "web", annotations=keys)

    site = Site(
        tmp_path_factory.mktemp("mirror"), ingress("plain"), ingress("own", mirror_target=COPIES),
        ingress("uri", mirror_target=COPIES + "$request_uri"), ingress("fixed", mirror_target=COPIES + "/fixed?a=$arg_a"),
        ingress("told", mirror_target=COPIES, mirror_host="copy.test"), ingress("gone", mirror_target="http://gone.default.svc"),
        ingress("bare", mirror_target=COPIES, mirror_request_body="off"),
        ingress("nobody", mirror_target="http://nothing.default.svc"), arguments=("--workers", str(WORKERS)),
    )  # fmt: skip
    site.server, site.copies = Backend(name="server"), Backend(name="copies")
    site.folder.put(dev_service("web", site.server), dev_service("copies", site.copies), dev_service("gone", "127.0.0.1:1"))
    site.sluice.wait_ready()
    wait_until(lambda: site.get(host="plain.test").status == 200, "the servers")
    yield site
    site.close()
    site.server.close()
    site.copies.close()


@pytest.fixture
def site(running):
    wait_until(lambda: running.sluice.metric("sluice_requests_in_flight") == 0, "no copy of others is under way")
    for backend in (running.server, running.copies):
        backend.forget()
    running.server.handler = lambda session, request: session.answer(body=request.body or b"served")
    yield running
    assert running.sluice.is_running
    assert running.server.problems == [] and running.copies.problems == []


def counted(site, outcome: str) -> float:
    return site.sluice.metric(SERIES.format(outcome))


def the_copy(site, count: int = 1):
    wait_until(lambda: len(site.copies.requests) >= count, f"{count} copies")
    return site.copies.requests[count - 1]


def test_a_copy_has_the_path_the_method_and_the_fields_of_its_request(site):
    answer = site.get("/a/b?c=d", method="DELETE", host="own.test", headers=[("X-A", "1"), ("Cookie", "k=v")])
    assert answer.status == 200 and answer.body == b"served"
    copy, real = the_copy(site), site.server.requests[0]
    assert (copy.method, copy.target) == (real.method, real.target) == ("DELETE", "/a/b?c=d")
    assert copy.get("host") == "copies.default.svc.cluster.local"
    for name in ("x-a", "cookie", "x-forwarded-for", "x-forwarded-host", "x-forwarded-proto"):
        assert copy.get(name) == real.get(name) is not None
    # Nothing was sent twice.
    assert len(site.server.requests) == 1 and len(site.copies.requests) == 1


@pytest.mark.parametrize("host, target", [("uri", "/x%20y?a=b&c"), ("fixed", "/fixed?a=b")])
def test_the_target_says_the_path(site, host, target):
    assert site.get("/x%20y?a=b&c", host=f"{host}.test").status == 200
    assert the_copy(site).target == target


def test_mirror_host_is_told(site):
    assert site.get(host="told.test").status == 200
    assert the_copy(site).get("host") == "copy.test"


@pytest.mark.parametrize("isChunked", [False, True])
def test_a_copy_has_the_body(site, isChunked):
    body = bytes(range(256)) * 200  # more than comes with a head
    with site.client() as client:
        if isChunked:
            client.send(b"POST /up HTTP/1.1\r\nHost: own.test\r\nTransfer-Encoding: chunked\r\n\r\n")
            for start in range(0, len(body), 5000):
                piece = body[start : start + 5000]
                client.send(b"%x\r\n%b\r\n" % (len(piece), piece))
            client.send(b"0\r\n\r\n")
            answer = client.response()
        else:
            answer = client.request("/up", method="POST", host="own.test", body=body)
    assert answer.body == body
    assert the_copy(site).body == body and site.server.requests[0].body == body


def test_a_small_body_comes_along_at_once(site):
    assert site.get("/up", method="PUT", host="own.test", body=b"small").body == b"small"
    assert the_copy(site).body == b"small"


def test_a_stream_is_copied_with_its_body(site):
    body = bytes(range(256)) * 300
    with Http2(site.port) as client:
        assert client.request("/up", method="POST", host="own.test", body=body).body == body
    copy = the_copy(site)
    assert (copy.target, copy.body) == ("/up", body)


def test_without_mirror_request_body_there_is_none(site):
    assert site.get("/up", method="POST", host="bare.test", body=b"for one alone").body == b"for one alone"
    copy = the_copy(site)
    assert copy.method == "POST" and copy.body == b""


def test_nobody_waits_for_who_gets_copies(site):
    gate, answered = threading.Event(), threading.Event()

    def slow(session, request):
        gate.wait(20)
        session.answer(500, b"never seen")
        answered.set()

    site.copies.handler = slow
    with site.client() as client:
        for _ in range(5):
            assert client.request("/", host="own.test").body == b"served"
    the_copy(site)
    assert not answered.is_set()
    gate.set()
    wait_until(answered.is_set, "the copies are answered")


def test_beyond_what_a_worker_takes_requests_are_not_copied(site):
    gate = threading.Event()

    def slow(session, request):
        gate.wait(30)
        session.answer()

    site.copies.handler = slow
    before, sent = counted(site, "skipped"), counted(site, "sent")
    with site.client() as client:
        for _ in range(WORKERS * AT_A_TIME + 20):
            assert client.request("/", host="own.test").body == b"served"
    wait_until(lambda: counted(site, "skipped") == before + 20, "the others are counted")
    wait_until(lambda: counted(site, "sent") == sent + WORKERS * AT_A_TIME, "those that were sent are counted")
    gate.set()
    # There is room again as soon as they are answered.
    wait_until(lambda: site.sluice.metric("sluice_requests_in_flight") == 0, "all of them are done")
    site.copies.forget()
    assert site.get("/again", host="own.test").status == 200
    assert the_copy(site).target == "/again"


def test_bodies_that_are_too_long_are_not_copied(site):
    before = counted(site, "skipped")
    body = b"x" * (300 << 10)
    assert site.get("/up", method="POST", host="own.test", body=body).body == body
    with site.client() as client:
        client.send(b"POST /up HTTP/1.1\r\nHost: own.test\r\nTransfer-Encoding: chunked\r\n\r\n")
        for _ in range(30):
            client.send(b"2800\r\n" + b"y" * 0x2800 + b"\r\n")
        client.send(b"0\r\n\r\n")
        assert client.response().body == b"y" * 0x2800 * 30
    wait_until(lambda: counted(site, "skipped") == before + 2, "both are counted")
    assert site.copies.requests == []


def test_a_request_that_is_cut_is_not_copied(site):
    before = counted(site, "skipped")
    client = site.client()
    client.send(b"POST /up HTTP/1.1\r\nHost: own.test\r\nContent-Length: 100\r\n\r\nhalf")
    wait_until(lambda: site.sluice.metric("sluice_requests_in_flight") == 1, "it is under way: a reset can overtake bytes")
    client.reset()
    wait_until(lambda: counted(site, "skipped") == before + 1, "it is counted")
    assert site.copies.requests == []


@pytest.mark.parametrize("host", ["gone", "nobody"])
def test_who_gets_copies_may_not_be_there(site, host):
    with site.client() as client:
        for _ in range(5):
            assert client.request("/", host=f"{host}.test").body == b"served"
            assert client.request("/", method="POST", host=f"{host}.test", body=b"b").body == b"b"
    outcome = {"gone": "failed", "nobody": "skipped"}[host]
    wait_until(lambda: counted(site, outcome) >= 10, "they are counted")


def test_connections_are_kept_for_further_copies(site):
    used = set()

    def answering(session, request):
        used.add(id(session))
        session.send(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
        session.send(b"2\r\nok\r\n" * 1000)
        session.send(b"0\r\n\r\n")

    site.copies.handler = answering
    for i in range(1, 6):
        assert site.get(f"/{i}", host="own.test").status == 200
        the_copy(site, i)
        wait_until(lambda: site.sluice.metric("sluice_requests_in_flight") == 0, "the answer has been read")
    assert len(used) == 1


def test_a_head_is_copied_and_its_answer_has_no_body(site):
    site.copies.handler = lambda session, request: session.send(b"HTTP/1.1 200 OK\r\nContent-Length: 5000\r\n\r\n")
    for i in range(1, 4):
        assert site.get(f"/{i}", method="HEAD", host="own.test").status == 200
        assert the_copy(site, i).method == "HEAD"
        wait_until(lambda: site.sluice.metric("sluice_requests_in_flight") == 0, "it is done")


def test_copies_are_not_logged(site):
    assert site.get("/seen", host="own.test").status == 200
    the_copy(site)
    site.sluice.wait_access(r"/seen")
    wait_until(lambda: site.sluice.metric("sluice_requests_in_flight") == 0, "both are over")
    assert sum("/seen" in line for line in site.sluice.access_log) == 1
