"""Servers that speak FastCGI (`backend-protocol: FCGI`), over real sockets.

One worker: connections that are kept are found again.
"""

from __future__ import annotations

import gzip
import time

import pytest

from harness.fastcgi import END, STDERR, STDIN, STDOUT, FastCGIServer, end, record
from harness.http2 import Http2
from harness.messages import Closed
from harness.site import Site, dev_service, shared_site
from harness.waiting import wait_until
from simulator import objects

pytestmark = pytest.mark.sanitizer

NGINX = "nginx.ingress.kubernetes.io/"
FCGI = {"backend-protocol": "FCGI"}
# name of the Ingress (its host is NAME.test) -> annotations
INGRESSES: dict[str, dict[str, str]] = {
    "plain": {**FCGI, "sluice.dev/fastcgi-keep-connections": "true"},
    "closing": FCGI,
    "index": {**FCGI, "fastcgi-index": "index.php"},
    "params": {**FCGI, "fastcgi-index": "index.php", "fastcgi-params-configmap": "default/params"},
    "missing": {**FCGI, "fastcgi-params-configmap": "default/missing"},
    "slow": {**FCGI, "proxy-read-timeout": "1"},
    "two": FCGI,
    "rewritten": {**FCGI, "rewrite-target": "/app.php/$1", "use-regex": "true"},
    "custom": {**FCGI, "custom-http-errors": "404", "default-backend": "pages"},
    "limited": {**FCGI, "limit-rate": "512"},
}
PARAMS = {"SCRIPT_FILENAME": "/srv$fastcgi_script_name", "MODE": "$host-$http_x_mode-$args", "SERVER_NAME": "fixed"}


class FastCGISite(Site):
    def __init__(self, directory) -> None:
        self.server, self.other = FastCGIServer(), FastCGIServer()
        super().__init__(directory, *map(self._ingress, INGRESSES), arguments=("--workers", "1", "--configmap", "default/settings"))
        self.folder.put(
            dev_service("web", self.server), dev_service("two", self.server, self.other), dev_service("pages", self.backend),
            objects.config_map("params", PARAMS), objects.config_map("settings", {"use-gzip": "true"}),
        )  # fmt: skip
        self.sluice.wait_ready()
        self.forget()

    def _ingress(self, name: str) -> dict:
        keys = {key if "/" in key else NGINX + key: value for key, value in INGRESSES[name].items()}
        path = "/x/(.*)" if name == "rewritten" else "/"
        kind = "ImplementationSpecific" if name == "rewritten" else "Prefix"
        service = "two" if name == "two" else "web"
        return objects.ingress(name, f"{name}.test", service, path=path, path_type=kind, annotations=keys)

    def settle(self) -> None:
        """Waits until every request has ended: a client may have its whole body before the server's end of the request, and until
        that has come nobody else is given the connection."""
        wait_until(lambda: self.sluice.metric("sluice_requests_in_flight") == 0, "every request has ended")

    def forget(self) -> None:
        self.settle()
        for one in (self.server, self.other, self.backend):
            one.forget()
            for session in one.sessions:
                session.requests = []
        self.server.on_parameters = None

    @property
    def used(self) -> list:
        """The connections that have carried requests."""
        return [session for session in self.server.sessions if session.requests]

    def says(self, *pieces: bytes, closes: bool = False) -> None:
        """What the server sends for each request, piece by piece."""

        def handler(session, request) -> None:
            for piece in pieces:
                session.send(piece)
            if closes:
                session.close()

        self.server.handler = handler

    def told(self, path: str = "/", host: str = "plain", **settings):
        """What the server is told of a request."""
        assert self.get(path, host=f"{host}.test", **settings).status == 200
        return self.server.requests[-1]

    def close(self) -> None:
        super().close()
        self.server.close()
        self.other.close()


shared, site = shared_site(FastCGISite, "fastcgi")


def stdout(text: str | bytes, **settings) -> bytes:
    return record(STDOUT, text.encode() if isinstance(text, str) else text, **settings)


# MARK: What servers are told


def test_parameters_are_those_of_nginx(site):
    with site.client() as client:
        request = site.told("/a%20b//c.php?x=1&y=%41")
        client.request("/", host="Plain.test:8080")
        port = client.socket.getpeername()[1]
    known = dict(request.pairs)
    assert len(known) == len(request.pairs)
    assert {name: value for name, value in known.items() if not name.startswith(("HTTP_", "REMOTE_PORT"))} == {
        "SCRIPT_FILENAME": "/etc/nginx/html/a b/c.php", "QUERY_STRING": "x=1&y=%41", "REQUEST_METHOD": "GET",
        "CONTENT_TYPE": "", "CONTENT_LENGTH": "", "SCRIPT_NAME": "/a b/c.php", "REQUEST_URI": "/a%20b//c.php?x=1&y=%41",
        "DOCUMENT_URI": "/a b/c.php", "DOCUMENT_ROOT": "/etc/nginx/html", "SERVER_PROTOCOL": "HTTP/1.1", "REQUEST_SCHEME": "http",
        "HTTPS": "", "GATEWAY_INTERFACE": "CGI/1.1", "SERVER_SOFTWARE": "sluice", "REMOTE_ADDR": "127.0.0.1",
        "SERVER_ADDR": "127.0.0.1", "SERVER_PORT": str(port), "SERVER_NAME": "plain.test", "REDIRECT_STATUS": "200",
    }  # fmt: skip
    assert known["HTTP_HOST"] == "plain.test" and 0 < int(known["REMOTE_PORT"]) < 65536
    assert known["HTTP_X_FORWARDED_FOR"] == known["HTTP_X_REAL_IP"] == "127.0.0.1"
    assert site.server.requests[-1]["HTTP_HOST"] == "Plain.test:8080"
    assert site.server.requests[-1]["SERVER_NAME"].lower() == "plain.test"


def test_fields_become_parameters_and_none_can_pass_for_another(site):
    fields = [
        ("X-Some-Field", "one"), ("x-some-field", "two"), ("Cookie", "a=1"), ("Cookie", "b=2"), ("Proxy", "http://evil.test/"),
        ("X_Forwarded_For", "9.9.9.9"), ("X-Forwarded-For", "8.8.8.8"), ("Content-Type", "text/x"), ("Authorization", "Basic eDp5"),
        ("Connection", "x-hop"), ("X-Hop", "1"),
    ]  # fmt: skip
    request = site.told(headers=fields)
    assert request["HTTP_X_SOME_FIELD"] == "one, two" and request["HTTP_COOKIE"] == "a=1; b=2"
    assert request["HTTP_X_FORWARDED_FOR"] == "127.0.0.1" == request["REMOTE_ADDR"]
    assert request["CONTENT_TYPE"] == request["HTTP_CONTENT_TYPE"] == "text/x"
    assert request["HTTP_AUTHORIZATION"] == "Basic eDp5"
    names = [name for name, _ in request.pairs]
    assert len(set(names)) == len(names)
    assert not {"HTTP_PROXY", "HTTP_CONNECTION", "HTTP_X_HOP"} & set(names)


@pytest.mark.parametrize("path, script", [("/", "/index.php"), ("/a/?q", "/a/index.php"), ("/a", "/a"), ("/a/b.php", "/a/b.php")])
def test_index_follows_a_slash(site, path, script):
    request = site.told(path, "index")
    assert request["SCRIPT_NAME"] == script and request["SCRIPT_FILENAME"] == "/etc/nginx/html" + script
    assert request["DOCUMENT_URI"] == path.split("?")[0] and request["REQUEST_URI"] == path


def test_parameters_of_a_config_map_take_the_place_of_others(site):
    request = site.told("/a/?q=1", "params", headers=[("X-Mode", "fast")])
    assert request["SCRIPT_FILENAME"] == "/srv/a/index.php" and request["SERVER_NAME"] == "fixed"
    assert request["MODE"] == "params.test-fast-q=1"
    assert len({name for name, _ in request.pairs}) == len(request.pairs)


def test_parameters_follow_their_config_map(site):
    site.folder.put(objects.config_map("params", {"DOCUMENT_ROOT": "/var/www"}))
    try:
        wait_until(lambda: site.told("/x.php", "params")["DOCUMENT_ROOT"] == "/var/www", "the server is told of it")
        assert site.told("/x.php", "params")["SCRIPT_FILENAME"] == "/var/www/x.php"
        assert site.told("/x.php", "params").get("MODE") is None
        site.folder.put(objects.config_map("params", {"MODE": "$nothing"}))
        wait_until(lambda: site.get("/", host="params.test").status == 503, "the paths are closed")
    finally:
        site.folder.put(objects.config_map("params", PARAMS))
        wait_until(lambda: site.get("/", host="params.test").status == 200, "the paths are open")


def test_without_its_config_map_a_path_is_closed(site):
    assert site.get("/", host="missing.test").status == 503
    assert site.server.requests == []


def test_a_rewritten_path_is_the_script_and_the_uri_stays(site):
    request = site.told("/x/one?two=3", "rewritten")
    assert request["SCRIPT_NAME"] == "/app.php/one" and request["QUERY_STRING"] == "two=3"
    assert request["REQUEST_URI"] == "/x/one?two=3"


@pytest.mark.parametrize("path", ["/a%00.php", "/a/..%2fb"])
def test_a_path_that_is_none_is_refused(site, path):
    assert site.get(path, host="plain.test").status == 400
    assert site.server.requests == []


def test_parameters_that_do_not_fit_a_record_are_refused(site):
    assert site.get("/" + "x" * 20_000 + "?" + "y" * 10_000, host="plain.test").status == 431
    assert site.server.requests == []


# MARK: Bodies of requests


@pytest.mark.parametrize("size", [0, 1, 16_000, 65_528, 65_529, 300_000, 5_000_000])
def test_bodies_pass_in_records(site, size):
    body = bytes(i % 251 for i in range(1000)) * (size // 1000 + 1)
    request = site.told(method="POST", body=body[:size])
    assert request.body == body[:size] and request["CONTENT_LENGTH"] == str(size)
    assert request["REQUEST_METHOD"] == "POST"


def test_a_body_without_a_length_is_waited_for(site):
    with site.client() as client:
        client.send(b"POST / HTTP/1.1\r\nHost: plain.test\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n")
        client.send(b"6\r\n world\r\n0\r\nX: trailer\r\n\r\n")
        assert client.response().status == 200
    assert site.server.requests[-1].body == b"hello world"
    assert site.server.requests[-1]["CONTENT_LENGTH"] == "11"


def test_a_body_without_a_length_that_is_too_long_to_wait_for_is_refused(site):
    with site.client() as client:
        client.send(b"POST / HTTP/1.1\r\nHost: plain.test\r\nTransfer-Encoding: chunked\r\n\r\n10000\r\n" + bytes(65_536))
        response = client.response()
        assert response.status == 411
    assert site.server.requests == []


def test_a_client_that_waits_to_be_asked_is_asked(site):
    with site.client() as client:
        client.send(b"POST / HTTP/1.1\r\nHost: plain.test\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\n")
        assert client.wire.until(b"\r\n\r\n").startswith(b"HTTP/1.1 100 ")
        client.send(b"hello")
        assert client.response().status == 200
    assert site.server.requests[-1].body == b"hello"
    assert site.server.requests[-1].get("HTTP_EXPECT") is None


def test_streams_of_http2_are_carried(site):
    site.server.handler = lambda session, request: session.answer(201, request.body[::-1], headers="X: y\r\n")
    with Http2(site.port) as client:
        answer = client.request("/a?b", host="plain.test", method="POST", body=b"hello")
        assert (answer.status, bytes(answer.body), answer.get("x")) == (201, b"olleh", "y")
    request = site.server.requests[-1]
    assert request["SERVER_PROTOCOL"] == "HTTP/2.0" and request["REQUEST_URI"] == "/a?b"
    assert request["HTTP_HOST"] == "plain.test"


# MARK: Answers


@pytest.mark.parametrize(
    "head, status, reason",
    [
        ("Status: 404 Not Here\r\n\r\n", 404, "Not Here"), ("Status: 404\r\n\r\n", 404, "Not Found"), ("X: y\r\n\r\n", 200, "OK"),
        ("X: y\n\n", 200, "OK"), ("\r\n", 200, "OK"), ("Location: /there\r\n\r\n", 302, "Found"),
        ("Location: /there\r\nStatus: 201 Made\r\n\r\n", 201, "Made"),
    ],
)  # fmt: skip
def test_heads_of_cgi(site, head, status, reason):
    site.says(stdout(head + "body") + end())
    response = site.get("/", host="plain.test")
    assert (response.status, response.body) == (status, b"body")
    assert response.start.split(b" ", 2)[2].decode() == reason
    assert response.get("status") is None


def test_an_answer_passes_however_it_is_cut(site):
    answer = stdout("Status: 200 OK\r\nContent-", padding=5) + stdout("") + record(STDERR, b"x") + stdout("Length: 11\r\n\r\nhello")
    answer += stdout(" world", padding=7) + stdout("") + end()
    site.says(*(answer[i : i + 1] for i in range(len(answer))))
    response = site.get("/", host="plain.test")
    assert response.body == b"hello world" and response.get("content-length") == "11"
    site.settle()
    assert len(site.used) == 1 and site.get("/", host="plain.test").body == b"hello world"
    assert len(site.used) == 1


def test_a_large_answer_passes_whole(site):
    body = bytes(range(256)) * 20_000
    records = b"".join(stdout(body[i : i + 60_000], padding=i % 8) for i in range(0, len(body), 60_000))
    site.says(stdout("Content-Type: a/b\r\n\r\n") + records + end())
    assert site.get("/", host="plain.test").body == body
    site.says(stdout(f"Content-Length: {len(body)}\r\n\r\n") + records + end())
    assert site.get("/", host="plain.test").body == body
    assert len(site.used) == 1


def test_an_answer_is_passed_on_before_its_end(site):
    site.says(stdout("A: b\r\n\r\nfirst"))
    with site.client() as client:
        client.send(b"GET / HTTP/1.1\r\nHost: plain.test\r\n\r\n")
        client.wire.until(b"first\r\n")
        site.used[0].send(stdout(" second") + end())
        assert client.wire.until(b"0\r\n\r\n").endswith(b"\r\n second\r\n0\r\n\r\n")


def test_an_answer_is_compressed_as_any_other(site):
    site.says(stdout("Content-Type: text/html\r\n\r\n") + stdout("word " * 1000) + end())
    response = site.get("/", host="plain.test", headers=[("Accept-Encoding", "gzip")])
    assert response.get("content-encoding") == "gzip" and gzip.decompress(response.body) == b"word " * 1000


@pytest.mark.parametrize("method, status", [("HEAD", 200), ("GET", 204), ("GET", 304)])
def test_answers_without_a_body_have_none(site, method, status):
    site.says(stdout(f"Status: {status} X\r\nContent-Length: 4\r\n\r\nbody") + end())
    with site.client() as client:
        for _ in range(2):
            response = client.request("/", host="plain.test", method=method)
            assert (response.status, response.body) == (status, b"")
    assert len(site.used) == 1


def test_connections_are_kept_and_used_again(site):
    for _ in range(5):
        assert site.get("/", host="plain.test").body == b"ok"
    assert len(site.used) == 1


def test_connections_are_closed_unless_they_are_to_be_kept(site):
    # Each one keeps a process of php-fpm from everybody else.
    for _ in range(3):
        assert site.get("/", host="closing.test").body == b"ok"
    assert [request.keeps for request in site.server.requests] == [False] * 3
    assert len(site.used) == 3
    wait_until(lambda: not any(session.is_open for session in site.used), "all are closed")
    assert site.told().keeps


def test_a_connection_that_says_more_than_it_was_asked_is_given_up(site):
    site.says(stdout("A: b\r\n\r\nbody") + end() + stdout("Status: 500 Stray\r\n\r\n"))
    assert site.get("/", host="plain.test").body == b"body"
    assert site.get("/", host="plain.test").body == b"body"
    assert len(site.used) == 2


def test_more_than_the_head_has_promised_is_dropped(site):
    site.says(stdout("Content-Length: 4\r\n\r\nbody and more") + stdout("still more") + end())
    with site.client() as client:
        assert [client.request("/", host="plain.test").body for _ in range(3)] == [b"body"] * 3


def test_a_connection_that_was_closed_while_idle_is_nobodys_fault(site):
    assert site.get("/", host="plain.test").status == 200
    site.used[0].close()
    assert site.get("/", host="plain.test").status == 200


def test_a_server_that_closes_behind_its_answer(site):
    site.says(stdout("A: b\r\n\r\nbody") + end(), closes=True)
    assert [site.get("/", host="plain.test").body for _ in range(3)] == [b"body"] * 3


BAD = {
    "another version": record(STDOUT, b"\r\n", version=2),
    "HTTP": b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n",
    "another request": record(STDOUT, b"\r\n", request=7),
    "a kind of clients": record(STDIN, b"x"),
    "a kind that is not known": record(99, b"x"),
    "an end of another length": record(END, b"x"),
    "no head": end(),
    "half a head": stdout("Status: 200 OK\r\n") + end(),
    "no status": stdout("Status: fine\r\n\r\n") + end(),
    "an interim status": stdout("Status: 101 Switching\r\n\r\n") + end(),
    "no field": stdout("<html>\r\n\r\n") + end(),
    "two lengths": stdout("Content-Length: 1\r\nContent-Length: 2\r\n\r\n") + end(),
    "a head without an end": stdout("A: " + "x" * 60_000),
    "no responder": end(3),
    "too little": stdout("Content-Length: 10\r\n\r\nbody") + end(),
}


@pytest.mark.parametrize("what", BAD)
def test_an_answer_that_can_not_be_understood(site, what):
    site.says(BAD[what])
    assert site.get("/", host="plain.test").status == 502
    wait_until(lambda: not any(session.is_open for session in site.used), "its connection is closed")
    site.forget()
    assert site.get("/", host="plain.test").status == 200


@pytest.mark.parametrize("before", [b"", stdout(""), stdout("Status: 200"), stdout("A: b\r\n\r\n")[:-3]])
def test_a_server_that_goes_before_its_answer(site, before):
    site.says(before, closes=True)
    assert site.get("/", host="plain.test").status == 502


@pytest.mark.parametrize(
    "rest", [b"", stdout("more")[:-2], record(STDOUT, b"more", version=3), stdout("more") + record(77, b""), stdout("more") + end()]
)
def test_an_answer_that_ends_before_its_time_is_cut(site, rest):
    # Its head has gone out: only an end that can not be taken for one is left.
    site.says(stdout("Content-Length: 100\r\n\r\nbody"))
    with site.client() as client:
        client.send(b"GET / HTTP/1.1\r\nHost: plain.test\r\n\r\n")
        client.wire.until(b"body")
        site.used[0].send(rest)
        site.used[0].close()
        with pytest.raises(Closed):
            client.wire.take(96)


def test_an_answer_without_a_length_that_is_cut_has_no_last_chunk(site):
    site.says(stdout("A: b\r\n\r\nbody"))
    with site.client() as client:
        client.send(b"GET / HTTP/1.1\r\nHost: plain.test\r\n\r\n")
        client.wire.until(b"body\r\n")
        site.used[0].close()
        with pytest.raises(Closed):
            client.wire.until(b"0\r\n\r\n")


def test_a_silent_server_is_waited_for_as_long_as_said(site):
    site.server.handler = lambda session, request: None
    assert site.get("/", host="slow.test").status == 504


def test_a_server_without_room_is_passed_over(site):
    site.server.handler = lambda session, request: session.send(end(2))
    site.other.handler = lambda session, request: session.answer(body=b"other")
    assert [site.get("/", host="two.test").body for _ in range(4)] == [b"other"] * 4
    assert site.server.requests


def test_a_server_that_refuses_connections_is_passed_over(site):
    site.other.handler = lambda session, request: session.answer(body=b"other")
    site.server.refuse()
    try:
        assert {site.get("/", host="two.test").body for _ in range(4)} == {b"other"}
    finally:
        site.server.listen()


def test_a_client_that_goes_takes_its_request_along(site):
    site.server.handler = lambda session, request: None
    with site.client() as client:
        client.send(b"GET / HTTP/1.1\r\nHost: plain.test\r\n\r\n")
        wait_until(lambda: site.server.requests, "the request has come")
        client.reset()
    wait_until(lambda: not site.used[0].is_open, "its connection is closed")


def test_what_stands_beside_an_answer_is_logged_and_not_passed_on(site):
    site.says(record(STDERR, b'PHP message: "odd" \x1b\n') + stdout("A: b\r\n\r\nbody") + record(STDERR, b"second\n") + end())
    assert site.get("/", host="plain.test").body == b"body"
    line = site.sluice.wait_access("FastCGI sent in stderr .PHP message")
    assert "PHP message: ?odd? ?" in line and "\x1b" not in line


def test_messages_of_servers_are_logged_in_moderation(site):
    site.says(*(record(STDERR, b"flood %d" % i) for i in range(2000)), stdout("A: b\r\n\r\nbody") + end())
    began = time.monotonic()
    for _ in range(5):
        assert site.get("/last", host="plain.test").body == b"body"
    site.settle()
    # Ten in each second, of which the first and the last are begun ones.
    most = 10 * (int(time.monotonic() - began) + 2)
    wait_until(lambda: len([line for line in site.sluice.access_log if "GET /last" in line]) == 5, "all are logged")
    assert 0 < len([line for line in site.sluice.access_log if "flood" in line]) <= most < 5 * 2000


def test_errors_of_servers_are_answered_by_others_where_that_is_said(site):
    site.backend.handler = lambda session, request: session.answer(404, b"page for " + request.get("x-code").encode())
    site.says(stdout("Status: 404 Not Found\r\n\r\nmine") + end())
    response = site.get("/", host="custom.test")
    assert (response.status, response.body) == (404, b"page for 404")


def test_rates_hold_for_answers(site):
    site.says(stdout("Content-Length: 4\r\n\r\nbody") + end())
    assert site.get("/", host="limited.test").body == b"body"


def test_an_early_answer_ends_the_request(site):
    """A server may answer before the body is whole."""
    site.server.on_parameters = lambda session, request: session.send(stdout("Status: 413 Too Much\r\n\r\nno") + end())
    with site.client() as client:
        client.send(b"POST / HTTP/1.1\r\nHost: plain.test\r\nContent-Length: 100000\r\n\r\n" + bytes(20_000))
        response = client.response()
        assert (response.status, response.body, response.closes) == (413, b"no", True)
