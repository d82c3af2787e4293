"""nghttp, nghttp2's own client: what it sees frame by frame, of several URLs at once, and of trailers both ways."""

from __future__ import annotations

import re
import subprocess

import pytest

from harness.site import Site, dev_service
from harness.waiting import wait_until
from simulator import objects
from simulator.pki import Authority

pytestmark = pytest.mark.sanitizer


@pytest.fixture(scope="module")
def secured(tmp_path_factory):
    directory = tmp_path_factory.mktemp("nghttp")
    site = Site(directory)
    site.folder.put(
        objects.ingress("web", "a.test", "web", tls_secret="cert", annotations=objects.PLAIN_TOO),
        objects.tls_secret("cert", Authority().issue("cert", ["a.test"])), dev_service("web", site.backend),
    )  # fmt: skip
    site.sluice.wait_ready()
    wait_until(lambda: site.get().status == 200, "the route is there")
    yield site
    site.close()


@pytest.fixture(params=["http", "https"])
def nghttp(request, secured):
    secured.backend.forget()
    port = secured.sluice.https if request.param == "https" else secured.port

    def run(*paths: str, options: tuple[str, ...] = ()) -> str:
        command = ["nghttp", "-t", "10", "-H", ":authority: a.test", *options]
        urls = [f"{request.param}://127.0.0.1:{port}{path}" for path in paths]
        return subprocess.run([*command, *urls], check=True, capture_output=True, text=True, timeout=20).stdout

    return secured, run


def named(session, request):
    session.answer(body=f"<{request.target}>".encode())


def test_a_get_frame_by_frame(nghttp):
    site, run = nghttp
    site.backend.handler = named
    said = re.sub(r"\x1b\[[0-9;]*m", "", run("/x", options=("-v", "--no-dep")))
    for line in (
        r"send SETTINGS frame", r"recv SETTINGS frame", r"recv SETTINGS frame <length=0, flags=0x01", r":status: 200",
        r"content-length: 4", r"recv HEADERS frame <length=\d+, flags=0x04, stream_id=\d+>",
        r"recv DATA frame <length=4, flags=0x01, stream_id=\d+>",
    ):  # fmt: skip
        assert re.search(line, said), f"{line} in\n{said}"
    assert "</x>" in said
    assert not re.search(r"recv (RST_STREAM|GOAWAY|CONTINUATION)", said), said


def test_several_urls_share_a_connection(nghttp):
    site, run = nghttp
    site.backend.handler = named
    before = site.sluice.metric("sluice_connections_accepted_total")
    paths = [f"/{i}" for i in range(20)]
    said = run(*paths, options=("-m", "2"))
    assert sorted(re.findall(r"<(/\d+)>", said)) == sorted(paths * 2)
    assert len(site.backend.requests) == 40
    wait_until(lambda: site.sluice.metric("sluice_connections_accepted_total") == before + 1, "one connection")


def test_trailers_both_ways(nghttp, tmp_path):
    def handler(session, request):
        session.send(
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: x-sum\r\n\r\n5\r\nhello\r\n0\r\nx-sum: 5\r\n\r\n"
        )

    site, run = nghttp
    site.backend.handler = handler
    (tmp_path / "body").write_bytes(b"abc" * 50_000)
    options = ("-v", "--no-dep", "-d", str(tmp_path / "body"))
    said = run("/up", options=(*options, "--no-content-length", "--trailer", "x-checksum: 42"))
    (request,) = site.backend.requests
    assert (request.method, request.body) == ("POST", b"abc" * 50_000)
    assert request.trailers == [("x-checksum", "42")]
    assert re.search(r"x-sum: 5\s", said) and "hello" in said
    assert re.search(r"recv HEADERS frame <length=\d+, flags=0x05", said), "the end of the stream comes with them"


def test_a_large_answer_is_counted(nghttp):
    site, run = nghttp
    site.backend.handler = lambda session, request: session.answer(body=b"x" * 3_000_000)
    said = run("/large", options=("-n", "-s", "-w", "16"))
    assert re.search(r" 200 +2M +/large", said), said
