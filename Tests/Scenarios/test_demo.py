"""`sluice dev --demo` as somebody meets it: what it prints works, pages, names, WebSockets and streams."""

from __future__ import annotations

import asyncio
import json
import re
import ssl
import subprocess
from pathlib import Path

import pytest
import websockets

from harness.client import Client, careless, trusting
from harness.sluice import Sluice
from harness.tcp import is_refused
from harness.waiting import wait_until

SERVERS = {"echo-1", "echo-2", "echo-3"}


@pytest.fixture(scope="module")
def demo(tmp_path_factory):
    # Its servers have ports of their own, the same ones always.
    wait_until(lambda: all(is_refused(port) for port in (9101, 9102, 9103)), "the ports of the demo are free", 30)
    demo = Sluice(tmp_path_factory.mktemp("demo"), "dev", "--demo")
    demo.wait_ready()
    wait_until(lambda: "Ctrl-C ends it." in demo.log + "\n".join(demo.access_log), "it says what to do")
    yield demo
    assert demo.stop() == 0


def guide(demo: Sluice) -> list[str]:
    return [line.strip() for line in (demo.log + "\n".join(demo.access_log)).splitlines()]


def authority(demo: Sluice) -> Path:
    return Path(next(match[1] for line in guide(demo) if (match := re.search(r"--cacert (\S+)", line))))


def get(demo: Sluice, path: str = "/", host: str = "demo.localhost", **settings):
    with Client(demo.http) as client:
        return client.request(path, host=host, **settings)


def test_the_lines_it_prints_work(demo):
    lines = [line for line in guide(demo) if line.startswith("curl ") and "-N" not in line]
    assert len(lines) >= 5
    for line in lines:
        done = subprocess.run([*line.split(), "-sS", "-m", "10"], capture_output=True, text=True, timeout=20)
        assert done.returncode == 0 and done.stdout, f"{line}: {done.stderr}"


def test_the_page_and_who_answers(demo):
    page = get(demo, headers=[("Accept", "text/html")])
    assert page.status == 200 and page.get("content-type").startswith("text/html")
    assert b"<title>Sluice demo</title>" in page.body
    answers = [get(demo, "/echo?x=1") for _ in range(12)]
    assert {answer.get("x-served-by") for answer in answers} == SERVERS
    told = json.loads(answers[0].body)
    assert (told["server"], told["method"], told["target"]) == (answers[0].get("x-served-by"), "GET", "/echo?x=1")
    headers = {name.lower(): value for name, value in told["headers"]}
    assert (headers["host"], headers["x-forwarded-for"]) == ("demo.localhost", "127.0.0.1")
    assert get(demo, host="nobody.localhost").status == 404


def test_paths_and_slices(demo):
    assert {get(demo, host="slice.localhost").get("x-served-by") for _ in range(8)} == {"echo-1", "echo-2"}
    assert get(demo, "/shop/cart", host="paths.localhost").status == 200


def subject(demo: Sluice, name: str | None, context: ssl.SSLContext) -> dict:
    with Client(demo.https, tls=context, server_name=name) as client:
        return client.socket.getpeercert()


def test_the_certificate_is_chosen_by_name(demo):
    context = trusting(authority(demo).read_bytes())
    certificate = subject(demo, "secure.localhost", context)
    assert ("DNS", "secure.localhost") in certificate["subjectAltName"]
    with Client(demo.https, tls=context, server_name="secure.localhost") as client:
        answer = client.request("/echo", host="secure.localhost")
    headers = {name.lower(): value for name, value in json.loads(answer.body)["headers"]}
    assert answer.status == 200 and headers["x-forwarded-proto"] == "https"
    with pytest.raises(ssl.SSLCertVerificationError):
        subject(demo, "demo.localhost", trusting(authority(demo).read_bytes()))
    # Without a name there is a certificate too, just not that one.
    with Client(demo.https, tls=careless()) as client:
        assert client.socket.getpeercert(binary_form=True)


def test_a_websocket(demo):
    async def scenario() -> list:
        uri = f"ws://demo.localhost:{demo.http}/ws"
        async with websockets.connect(uri, host="127.0.0.1", port=demo.http, open_timeout=10) as connection:
            seen = []
            for message in ("hello", "ü" * 5000, b"\x00\x01"):
                await connection.send(message)
                seen.append(await asyncio.wait_for(connection.recv(), 10))
            await connection.close(1000)
            return [*seen, connection.close_code]

    assert asyncio.run(scenario()) == ["hello", "ü" * 5000, b"\x00\x01", 1000]
    assert get(demo, "/ws").status == 426


def test_a_stream(demo):
    with Client(demo.http) as client:
        client.send(b"GET /stream HTTP/1.1\r\nHost: demo.localhost\r\n\r\n")
        head = client.wire.until(b"\r\n\r\n").lower()
        assert head.startswith(b"http/1.1 200") and b"text/event-stream" in head
        events = [client.wire.until(b"\n\n") for _ in range(3)]
    assert all(b"data:" in event for event in events)
    assert len(set(events)) == 3


def test_manifests_of_its_folder_are_followed(demo):
    folder = Path(next(line for line in guide(demo) if line.startswith("The manifests are in ")).split(" in ")[1])
    (path,) = folder.rglob("endpointslice.yaml")
    path.write_text(path.read_text().replace("ready: false", "ready: true"))
    wait_until(lambda: get(demo, host="slice.localhost").get("x-served-by") == "echo-3", "the third server is ready")


def test_nothing_is_left(tmp_path, demo):
    folder = authority(demo).parent
    assert folder.is_dir()
    assert demo.stop() == 0
    assert not folder.exists()
