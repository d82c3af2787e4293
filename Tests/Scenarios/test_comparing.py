"""Two proxies asked for the same by `sluice migrate --compare`, and what is said of their answers."""

from __future__ import annotations

import json
import subprocess

import pytest
from harness.chains import chained, signed
from harness.folder import Folder
from harness.sluice import binary
from simulator import objects


def compare(first, second, *words: str, text: str = "") -> subprocess.CompletedProcess[str]:
    line = [binary(), "migrate", "--compare", f"http://{first.endpoint}", f"http://{second.endpoint}", *map(str, words)]
    return subprocess.run(line, input=text, capture_output=True, text=True, timeout=30)


def report(done: subprocess.CompletedProcess[str]) -> dict:
    assert done.stderr == ""
    return json.loads(done.stdout)


def differences(document: dict) -> dict[str, list[str]]:
    return {
        f"{one['method']} {one['host']}{one['target']}": [d["aspect"] for d in one["differences"]]
        for group in document["groups"] for one in group["different"]
    }  # fmt: skip


@pytest.fixture
def pair(backend):
    return backend(), backend()


@pytest.fixture
def folder(tmp_path):
    folder = Folder(tmp_path / "manifests")
    folder.put(
        objects.ingress_class("nginx", "k8s.io/ingress-nginx"),
        objects.ingress("web", "a.test", "web", class_name="nginx"),
        objects.ingress("cart", "a.test", "cart", path="/cart", class_name="nginx"),
        objects.ingress("any", "*.b.test", "web", class_name="nginx"),
    )  # fmt: skip
    return folder.path


def test_each_host_and_path_is_asked_of_both_once(pair, folder):
    done = compare(*pair, folder)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines() == [
        f"A is http://{pair[0].endpoint}, B is http://{pair[1].endpoint}", "3 requests answered alike.",
    ]  # fmt: skip
    for proxy in pair:
        asked = sorted((request.get("host"), request.target) for request in proxy.requests)
        assert asked == [("a.test", "/"), ("a.test", "/cart"), ("sluice-sample.b.test", "/")]


def test_status_fields_and_bodies_differ_by_host_and_path(pair, folder):
    def other(session, request) -> None:
        if request.target.startswith("/cart"):
            return session.answer(404, b"not here")
        session.answer(200, b"another", headers="Set-Cookie: a=2; Path=/x\r\nX-Request-ID: 2\r\nX-Left: 1\r\nDate: now\r\n")

    pair[0].handler = lambda session, request: session.answer(200, headers="Set-Cookie: a=1; path=/\r\nX-Request-ID: 1\r\n")
    pair[1].handler = other
    document = report(compare(*pair, folder, "-o", "json", "--ignore-header", "X-LEFT"))
    assert (document["alike"], document["requests"], document["different"]) == (False, 3, 3)
    assert differences(document) == {
        "GET a.test/": ["header set-cookie", "body"],
        "GET a.test/cart": ["status", "header set-cookie", "header x-request-id"],
        "GET sluice-sample.b.test/": ["header set-cookie", "body"],
    }  # fmt: skip
    assert [(group["host"], group["path"], len(group["different"])) for group in document["groups"]] == [
        ("a.test", "/", 1), ("a.test", "/cart", 1), ("sluice-sample.b.test", "/", 1),
    ]  # fmt: skip


def test_what_a_proxy_says_twice_in_two_ways_is_not_counted(pair):
    counter = iter(range(1_000))
    pair[1].handler = lambda session, request: session.answer(200, f"{next(counter)}".encode(), headers="X-A: 1\r\n")
    document = report(compare(*pair, "--requests", "-", "-o", "json", text="http://a.test/x\n"))
    assert differences(document) == {"GET a.test/x": ["header x-a"]}
    assert [d["aspect"] for d in document["groups"][0]["restless"][0]["differences"]] == ["body"]


def test_error_pages_are_compared_only_if_wanted(pair):
    pair[0].handler = lambda session, request: session.answer(404, b"one")
    pair[1].handler = lambda session, request: session.answer(404, b"two")
    words = ("--requests", "-", "-o", "json")
    assert report(compare(*pair, *words, text="http://a.test/\n"))["alike"]
    assert differences(report(compare(*pair, *words, "--error-bodies", text="http://a.test/\n"))) == {"GET a.test/": ["body"]}


def test_lines_of_all_kinds_are_asked_or_counted(pair, folder, tmp_path):
    nginx = '192.0.2.1 - - [t] "GET /cart/%s HTTP/1.1" 200 5 "-" "-" 80 0.001 [%s] [] 10.0.0.1:80 5 0.001 200 abc'
    lines = [
        "# URLs", "", "http://a.test/x?y=1", "HEAD http://a.test/x", "POST http://a.test/x", nginx % (1, "default-cart-80"),
        nginx % (2, "default-unknown-80"), '{"method":"OPTIONS","host":"a.test","uri":"/j","status":200}', "nothing of it",
    ]  # fmt: skip
    path = tmp_path / "requests"
    path.write_text("\n".join(lines))
    words = (folder, "--requests", path, "--header", "X-Sample: 1", "-o", "json")
    document = report(compare(*pair, *words))
    assert document["passedOver"] == {"unsafe": 1, "hostless": 1, "unreadable": 1, "tooMany": 0}
    asked = {(request.method, request.target) for request in pair[0].requests}
    assert asked == {
        ("GET", "/"), ("GET", "/cart"), ("GET", "/x?y=1"), ("HEAD", "/x"), ("GET", "/cart/1"), ("OPTIONS", "/j"),
    }  # fmt: skip
    assert {request.get("x-sample") for request in pair[0].requests} == {"1"}
    assert report(compare(*pair, *words, "--unsafe-methods"))["passedOver"]["unsafe"] == 0
    assert [request.body for request in pair[1].requests if request.method == "POST"] == [b""]


def test_dots_are_sent_as_they_are(pair):
    done = compare(*pair, "--requests", "-", text="http://a.test/x/../y/%2e./z\n")
    assert done.returncode == 0
    assert [request.target for request in pair[0].requests] == ["/x/../y/%2e./z"]


def test_a_long_body_is_compared_as_far_as_it_is_read(pair):
    for proxy in pair:
        proxy.handler = lambda session, request: session.answer(200, b"x" * (3 << 20))
    document = report(compare(*pair, "--requests", "-", "-o", "json", text="http://a.test/\n"))
    assert document["alike"]
    pair[1].handler = lambda session, request: session.answer(200, b"y" * (3 << 20))
    document = report(compare(*pair, "--requests", "-", "-o", "json", text="http://a.test/\n"))
    difference = document["groups"][0]["different"][0]["differences"][0]
    assert difference["a"].startswith("more than 1048576 bytes, sha256 ")


def test_one_that_does_not_answer_differs(pair):
    pair[1].refuse()
    done = compare(*pair, "--requests", "-", text="http://a.test/\n")
    assert done.returncode == 1
    assert "      A: 200" in done.stdout and "      B: no answer: " in done.stdout
    pair[0].handler = lambda session, request: session.wait_gone(20)
    done = compare(*pair, "--requests", "-", "--timeout", "300ms", text="http://a.test/\n")
    assert (done.returncode, done.stdout.count("no answer: ")) == (1, 2)


def test_over_tls_the_name_is_the_samples_and_certificates_count(tmp_path):
    pair = signed("a.test", None, is_authority=False, hosts=("a.test",))
    servers = [chained(tmp_path, name, pair) for name in ("first", "second")]
    line = [binary(), "migrate", "--compare", *(f"https://{one.endpoint}" for one in servers), "--requests", "-"]
    try:
        done = subprocess.run(line, input="https://a.test/x\n", capture_output=True, text=True, timeout=30)
        assert (done.returncode, done.stdout.count("no answer: ")) == (1, 2)
        assert "certificate" in done.stdout
        done = subprocess.run([*line, "--insecure"], input="https://a.test/x\n", capture_output=True, text=True, timeout=30)
        assert (done.returncode, done.stderr) == (0, "")
        assert [set(one.names) for one in servers] == [{"a.test"}] * 2
    finally:
        for one in servers:
            one.close()


@pytest.mark.parametrize(
    "words, code, reason",
    [
        (("--compare", "http://127.0.0.1:1"), 2, "--compare: a value is missing"),
        (("--compare", "127.0.0.1:1", "127.0.0.1:2"), 2, '--compare: cannot read "127.0.0.1:1"'),
        (("--requests", "x", "."), 2, "--requests: only with --compare"),
        (("--compare", "http://127.0.0.1:1", "http://127.0.0.1:2", "--requests", "/nowhere"), 1, "--requests /nowhere"),
        (("--compare", "http://127.0.0.1:1", "http://127.0.0.1:2", "--requests", "/dev/null"), 1, "no request to ask"),
        (("--compare", "http://127.0.0.1:1", "http://127.0.0.1:2", "/nowhere"), 1, "/nowhere"),
    ],
)
def test_what_cannot_be_compared_is_said_in_one_line(words, code, reason):
    done = subprocess.run([binary(), "migrate", *words], capture_output=True, text=True, timeout=20)
    assert (done.returncode, done.stdout, len(done.stderr.splitlines())) == (code, "", 1)
    assert reason in done.stderr
