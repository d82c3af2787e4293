"""PHP behind FastCGI, as Debian ships it."""

from __future__ import annotations

import json

import pytest

from harness.fastcgi import PHP
from harness.site import Site, dev_service
from simulator import objects

NGINX = "nginx.ingress.kubernetes.io/"
SCRIPTS = {
    "index.php": '<?php header("X-From: index"); echo json_encode($_SERVER);',
    "body.php": '<?php echo strlen(file_get_contents("php://input")), " ", $_SERVER["CONTENT_LENGTH"];',
    "form.php": '<?php echo $_POST["name"], "/", $_GET["q"], "/", $_COOKIE["c"];',
    "away.php": '<?php header("Location: /there");',
    "gone.php": '<?php http_response_code(410); echo "gone";',
    "large.php": '<?php for ($i = 0; $i < 2000; $i++) echo str_repeat("0123456789abcdef", 64);',
    "log.php": '<?php error_log("a message of mine"); echo "logged";',
    "slow.php": '<?php echo "first"; while (ob_get_level()) ob_end_flush(); flush(); usleep(200000); echo " second";',
    "sub/index.php": '<?php echo "sub";',
}


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    php = PHP(SCRIPTS)
    annotations = {"backend-protocol": "FCGI", "fastcgi-index": "index.php", "fastcgi-params-configmap": "params"}
    site = Site(
        tmp_path_factory.mktemp("php"),
        objects.ingress("php", "a.test", "php", annotations={NGINX + key: value for key, value in annotations.items()}),
        objects.config_map("params", {"DOCUMENT_ROOT": php.root}), dev_service("php", php.endpoint),
        arguments=("--workers", "1"),
    )  # fmt: skip
    site.sluice.wait_ready()
    yield site
    site.close()
    php.close()


def test_a_script_knows_of_its_request(site):
    response = site.get("/?a=b", headers=[("X-Own", "field"), ("Proxy", "http://evil.test/")])
    known = json.loads(response.body)
    assert response.status == 200 and response.get("x-from") == "index"
    assert known["SCRIPT_NAME"] == "/index.php" and known["SCRIPT_FILENAME"].endswith("/www/index.php")
    assert known["QUERY_STRING"] == "a=b" and known["REQUEST_URI"] == "/?a=b" and known["HTTP_X_OWN"] == "field"
    assert known["REMOTE_ADDR"] == "127.0.0.1" and known["SERVER_NAME"] == "a.test" and "HTTP_PROXY" not in known
    assert known["PHP_SELF"] == "/index.php" and known["REQUEST_METHOD"] == "GET"


def test_folders_have_an_index_and_what_is_missing_is_not_found(site):
    assert site.get("/sub/").body == b"sub"
    assert site.get("/none.php").status == 404


@pytest.mark.parametrize("size", [0, 10, 70_000, 3_000_000])
def test_bodies_arrive(site, size):
    assert site.get("/body.php", method="POST", body=bytes(size)).body == b"%d %d" % (size, size)


def test_bodies_without_a_length_arrive(site):
    with site.client() as client:
        client.send(b"POST /body.php HTTP/1.1\r\nHost: a.test\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nabcd\r\n0\r\n\r\n")
        assert client.response().body == b"4 4"


def test_forms_and_cookies(site):
    fields = [("Content-Type", "application/x-www-form-urlencoded"), ("Cookie", "b=1; c=three")]
    assert site.get("/form.php?q=two", method="POST", headers=fields, body=b"name=one").body == b"one/two/three"


def test_statuses(site):
    response = site.get("/away.php")
    assert (response.status, response.get("location")) == (302, "/there")
    response = site.get("/gone.php")
    assert (response.status, response.body) == (410, b"gone")


def test_large_answers_and_heads(site):
    with site.client() as client:
        for _ in range(3):
            assert client.request("/large.php").body == b"0123456789abcdef" * 64 * 2000
            assert client.request("/large.php", method="HEAD").body == b""


def test_an_answer_in_two_parts(site):
    assert site.get("/slow.php").body == b"first second"


def test_messages_are_logged(site):
    assert site.get("/log.php").body == b"logged"
    assert "a message of mine" in site.sluice.wait_access("FastCGI sent in stderr .PHP message")
