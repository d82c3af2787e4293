"""The configurations that articles about HAProxy show, each completed to a file, do what the articles say: here, and in this machine's
haproxy too, so that a claim that is not true is not believed."""

from __future__ import annotations

import gzip
import socket
import ssl
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from harness import websocket
from harness.client import careless, trusting
from harness.syslog import Syslog
from harness.twins import Side, echo
from harness.waiting import wait_until
from simulator.pki import Authority

pytestmark = pytest.mark.sanitizer

DEFAULTS = """
defaults
    mode http
    timeout connect 5000ms
    timeout client 50000ms
    timeout server 50000ms
    timeout http-request 10s
"""
FRONT = 'frontend http_front\n    bind "127.0.0.1:${HTTP}"\n'
AUTHORITY = Authority("everyday")
SITE = AUTHORITY.issue("site", ["solvethenetwork.com", "app.solvethenetwork.com"])
ADMIN = AUTHORITY.issue("admin", ["admin.solvethenetwork.com"])


def called(name: str):
    """A server that answers its name."""

    def answer(session, request) -> None:
        session.answer(body=name.encode())

    return answer


def ask(side: Side, path: str = "/", **settings) -> str:
    return side.exchange(path, **settings).body.decode()


WEB = {"A": called("web-01"), "B": called("web-02"), "C": called("web-03")}


# MARK: Balancing


def test_roundrobin_gives_each_server_its_turn(twins):
    text = DEFAULTS + FRONT + '    default_backend web_servers\nbackend web_servers\n    balance roundrobin\n'
    for number, key in enumerate("ABC", 1):
        text += f'    server web-0{number} "127.0.0.1:${{{key}}}" check\n'
    pair = twins(text, servers=WEB)
    assert pair.agree(lambda side: sorted(ask(side) for _ in range(9))) == sorted(["web-01", "web-02", "web-03"] * 3)


def test_leastconn_of_databases_goes_where_the_fewest_are(twins):
    text = DEFAULTS.replace("mode http", "mode tcp") + 'listen db_pool\n    bind "127.0.0.1:${DB}"\n    balance leastconn\n'
    text += '    server db-01 "127.0.0.1:${A}" check\n    server db-02 "127.0.0.1:${B}" check\n'

    def script(side: Side) -> list[int]:
        def taken() -> list[int]:
            # Checks connect too, and go at once.
            return sorted(sum(1 for session in side.backends[key].sessions if getattr(session, "received", b"")) for key in "AB")

        clients = []
        for number in range(4):
            client = socket.create_connection(("127.0.0.1", side.ports["DB"]))
            client.sendall(b"hello")
            clients.append(client)
            wait_until(lambda: sum(taken()) == number + 1, "the server has heard it")
        counts = taken()
        for client in clients:
            client.close()
        return counts

    def silent(session, request) -> None:
        pass

    pair = twins(text, ports=["DB"], servers={"A": silent, "B": silent})
    for side in pair.sides:
        for key in "AB":
            listen_only(side.backends[key])
    assert pair.agree(script) == [2, 2]


def listen_only(backend) -> None:
    """Notes what connections say instead of reading requests."""

    def note(session) -> None:
        session.received = b""
        try:
            while data := session.socket.recv(4096):
                session.received += data
        except OSError:
            return

    backend.on_connect = note


def test_source_keeps_a_client_with_one_server(twins):
    text = DEFAULTS + FRONT + '    default_backend api_cluster\nbackend api_cluster\n    balance source\n'
    for number, key in enumerate("ABC", 1):
        text += f'    server api-0{number} "127.0.0.1:${{{key}}}" check\n'
    pair = twins(text, servers=WEB)
    assert len(pair.agree(lambda side: {ask(side) for _ in range(6)})) == 1


# MARK: Checks


def test_a_server_that_does_not_listen_leaves_and_comes_back(twins):
    text = DEFAULTS + FRONT + "    default_backend cache_servers\nbackend cache_servers\n"
    for number, key in enumerate("AB", 1):
        text += f'    server memcache-0{number} "127.0.0.1:${{{key}}}" check inter 100ms rise 2 fall 3\n'
    pair = twins(text, servers={"A": called("one"), "B": called("two")})

    def script(side: Side) -> None:
        side.backends["A"].refuse()
        wait_until(lambda: [ask(side) for _ in range(6)] == ["two"] * 6, "the other serves alone")
        side.backends["A"].listen()
        wait_until(lambda: {ask(side) for _ in range(6)} == {"one", "two"}, "both serve again")

    pair.agree(script)


def test_a_server_that_is_not_well_leaves(twins):
    text = DEFAULTS + FRONT + "    default_backend app_servers\nbackend app_servers\n"
    text += "    option httpchk GET /healthz HTTP/1.1\\r\\nHost:\\ solvethenetwork.com\n    http-check expect status 200\n"
    for number, key in enumerate("AB", 1):
        text += f'    server app-0{number} "127.0.0.1:${{{key}}}" check inter 100ms\n'
    asked: list[str | None] = []

    def sick(session, request) -> None:
        if request.target == "/healthz":
            asked.append(request.get("host"))
            session.answer(500)
        else:
            session.answer(body=b"sick")

    pair = twins(text, servers={"A": sick, "B": called("well")})
    pair.agree(lambda side: wait_until(lambda: [ask(side) for _ in range(6)] == ["well"] * 6, "only the other serves"))
    assert set(asked) == {"solvethenetwork.com"}


# MARK: TLS


def test_tls_ends_here_and_plain_clients_are_sent_there(twins, tmp_path):
    text = "global\n    ssl-default-bind-options ssl-min-ver TLSv1.2 no-tls-tickets\n" + DEFAULTS
    text += 'frontend https_front\n    bind "127.0.0.1:${HTTP}"\n    bind "127.0.0.1:${HTTPS}" ssl crt "${DIR}/certs/" alpn h2,http/1.1\n'
    text += "    http-request redirect scheme https unless { ssl_fc }\n    option forwardfor\n    default_backend web_servers\n"
    text += 'backend web_servers\n    server web-01 "127.0.0.1:${A}" check\n'
    certificates = {"certs/a.pem": SITE.certificate + SITE.key, "certs/b.pem": ADMIN.certificate + ADMIN.key}
    pair = twins(text, ports=["HTTP", "HTTPS"], servers={"A": echo}, files=certificates)

    def script(side: Side) -> list:
        plain = side.exchange("/x?y", host="app.solvethenetwork.com")
        seen = [plain.status, plain.get("location")]
        for name in ("solvethenetwork.com", "admin.solvethenetwork.com"):
            context = trusting(AUTHORITY.certificate)
            context.set_alpn_protocols(["h2", "http/1.1"])
            with socket.create_connection(("127.0.0.1", side.ports["HTTPS"])) as client:
                with context.wrap_socket(client, server_hostname=name) as tls:
                    seen.append((name, tls.selected_alpn_protocol()))
        with side.client("HTTPS", tls=trusting(AUTHORITY.certificate), server_name="solvethenetwork.com") as client:
            seen.append(b"x-forwarded-for: 127.0.0.1" in client.request("/").body.lower())
        old = careless()
        old.minimum_version = ssl.TLSVersion.TLSv1
        old.maximum_version = ssl.TLSVersion.TLSv1_1
        old.set_ciphers("ALL:@SECLEVEL=0")
        with socket.create_connection(("127.0.0.1", side.ports["HTTPS"])) as client:
            try:
                old.wrap_socket(client, server_hostname="solvethenetwork.com").close()
                seen.append("TLS 1.1")
            except (ssl.SSLError, ConnectionError):
                seen.append("refused")
        return seen

    assert pair.agree(script) == [
        302, "https://app.solvethenetwork.com/x?y", ("solvethenetwork.com", "h2"), ("admin.solvethenetwork.com", "h2"),
        True, "refused",
    ]  # fmt: skip


def test_traffic_is_encrypted_again_on_its_way_to_the_server(twins, tmp_path):
    text = DEFAULTS + FRONT + '    default_backend web\n    option forwardfor\nlisten inner\n    bind "127.0.0.1:${INNER}" ssl crt "${DIR}/site.pem"\n'
    text += '    server echo "127.0.0.1:${A}"\nbackend web\n    option httpchk GET / HTTP/1.1\\r\\nHost:\\ a.test\n'
    text += '    server app-01 "127.0.0.1:${INNER}" check ssl verify required ca-file "${DIR}/ca.pem" verifyhost solvethenetwork.com\n'
    text += 'frontend strange\n    bind "127.0.0.1:${STRANGE}"\n    default_backend strange\nbackend strange\n    retries 0\n'
    text += '    server app-01 "127.0.0.1:${INNER}" ssl verify required ca-file "${DIR}/other.pem"\n'
    files = {"site.pem": SITE.certificate + SITE.key, "ca.pem": AUTHORITY.certificate, "other.pem": Authority("x").certificate}
    pair = twins(text, ports=["HTTP", "INNER", "STRANGE"], servers={"A": echo}, files=files)
    script = lambda side: (side.exchange("/").status, side.exchange("/", port="STRANGE").status)  # noqa: E731
    assert pair.agree(script) == (200, 503)


# MARK: Choosing and refusing


def test_paths_and_hosts_choose_backends(twins):
    text = DEFAULTS + FRONT + """
    acl is_api path_beg /api/
    acl host_admin hdr(host) -i admin.solvethenetwork.com
    acl host_app hdr(host) -i app.solvethenetwork.com
    use_backend api_servers if is_api
    use_backend admin_servers if host_admin
    use_backend app_servers if host_app
    use_backend v1_servers if { path_beg /v1 }
    default_backend web_servers
"""
    for key, name in zip("ABCDE", ["api", "admin", "app", "v1", "web"]):
        text += f'backend {name}_servers\n    balance leastconn\n    server {name}-01 "127.0.0.1:${{{key}}}" check\n'
    pair = twins(text, servers={key: called(name) for key, name in zip("ABCDE", ["api", "admin", "app", "v1", "web"])})
    script = lambda side: [  # noqa: E731
        ask(side, "/api/x"), ask(side, "/api"), ask(side, host="ADMIN.solvethenetwork.com"),
        ask(side, host="app.solvethenetwork.com"), ask(side, "/v1x", host="other"), ask(side, "/", host="other"),
    ]  # fmt: skip
    assert pair.agree(script) == ["api", "web", "admin", "app", "v1", "web"]


@pytest.mark.parametrize(("nets", "status"), [("10.0.0.0/8 172.16.0.0/12 192.168.0.0/16", 403), ("127.0.0.0/8", 200)])
def test_only_trusted_networks_get_in(twins, nets, status):
    text = DEFAULTS + FRONT + f"    acl trusted_nets src {nets}\n    http-request deny unless trusted_nets\n"
    text += '    default_backend mgmt_servers\nbackend mgmt_servers\n    server mgmt-01 "127.0.0.1:${A}" check\n'
    pair = twins(text, servers={"A": called("mgmt")})
    assert pair.agree(lambda side: side.exchange("/").status) == status


def test_too_many_requests_are_answered_429(twins):
    text = DEFAULTS + FRONT + """
    # Track HTTP request rate per source IP using stick counter 0
    stick-table type ip size 200k expire 30s store http_req_rate(10s)
    http-request track-sc0 src
    # Deny clients exceeding 100 requests per 10-second window
    acl too_many_requests sc_http_req_rate(0) gt 100
    http-request deny deny_status 429 if too_many_requests
    default_backend web_servers
backend web_servers
    server web-01 "127.0.0.1:${A}" check
"""
    pair = twins(text, servers={"A": called("web-01")})

    def script(side: Side) -> list[int]:
        with side.client() as client:
            return [client.request("/").status for _ in range(100)] + [side.exchange("/").status, side.exchange("/").status]

    assert pair.agree(script) == [200] * 100 + [429, 429]


# MARK: Staying with a server


def test_a_cookie_keeps_a_client_with_its_server_while_that_is_up(twins):
    text = DEFAULTS + FRONT + "    default_backend web_servers\nbackend web_servers\n    balance roundrobin\n"
    text += "    option redispatch\n    cookie SERVERID insert indirect nocache\n"
    for number, key in enumerate("ABC", 1):
        text += f'    server web-0{number} "127.0.0.1:${{{key}}}" check cookie web0{number}\n'
    pair = twins(text, servers=WEB)

    def script(side: Side) -> tuple:
        first = side.exchange("/")
        cookie = first.get("set-cookie")
        value = cookie.split(";")[0]
        stays = {ask(side, headers=[("Cookie", value)]) for _ in range(6)}
        key = {"web-01": "A", "web-02": "B", "web-03": "C"}[first.body.decode()]
        side.backends[key].refuse()
        for session in side.backends[key].open_sessions:
            session.close()
        moved = side.exchange("/", headers=[("Cookie", value)])
        again = moved.get("set-cookie") or ""
        return (
            cookie == f"SERVERID={first.body.decode().replace('-', '')}; path=/", stays == {first.body.decode()},
            moved.status, moved.body != first.body, again.startswith(f"SERVERID={moved.body.decode().replace('-', '')};"),
        )  # fmt: skip

    assert pair.agree(script) == (True, True, 200, True, True)


# MARK: WebSockets


def test_a_websocket_outlives_the_times_of_http(twins):
    text = """
defaults
    mode http
    timeout connect 5s
    timeout client 3s
    timeout server 3s
""" + FRONT + """
    acl is_websocket hdr(Upgrade) -i websocket
    use_backend ws_servers if is_websocket
    default_backend web_servers
backend ws_servers
    balance source
    timeout connect 5s
    timeout tunnel 3600s
    option http-server-close
    server ws-01 "127.0.0.1:${W}" check
backend web_servers
    server web-01 "127.0.0.1:${A}" check
"""

    async def talk(connection) -> None:
        async for message in connection:
            await connection.send(message)

    server = websocket.LibraryServer(talk)
    text = text.replace('"127.0.0.1:${W}"', server.endpoint)
    pair = twins(text, servers={"A": called("web")})

    def script(side: Side) -> list:
        with side.client() as client:
            client.send(
                b"GET /chat HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"
            )
            seen = [client.response().status]
            with side.client() as silent:
                # The times of HTTP pass: a client that says nothing is sent away.
                silent.send(b"GET / HTTP/1.1\r\n")
                assert silent.response().status == 408
            client.send(websocket.frame(websocket.TEXT, b"still here", mask=b"abcd"))
            seen.append(client.wire.take(2 + len(b"still here"))[2:])
        return [*seen, ask(side)]

    try:
        assert pair.agree(script) == [101, b"still here", "web"]
    finally:
        server.close()


# MARK: Logs


def test_lines_go_to_syslog_with_the_fields_that_were_asked_for(twins):
    receiver = Syslog()
    text = f"""
global
    log 127.0.0.1:{receiver.port} local0
    log 127.0.0.1:{receiver.port} local1 notice
""" + DEFAULTS + """
    log global
    option httplog
    option dontlognull
    log-format "%ci:%cp [%t] %ft %b/%s %Tq/%Tw/%Tc/%Tr/%Ta %ST %B %tsc %ac/%fc/%bc/%sc/%rc %{+Q}r"
""" + FRONT + '    default_backend web_servers\nbackend web_servers\n    server web-01 "127.0.0.1:${A}" check\n'
    pair = twins(text, servers={"A": called("web-01")})

    def line(side: Side) -> list[str]:
        """One more request, and the words of its line."""
        lines = lambda: [line for line in receiver.of(side.process.pid) if "GET" in line]  # noqa: E731
        before = len(lines())
        side.exchange("/a?b", host="h")
        said = wait_until(lambda: lines()[before:], "the line has come")[0]
        return [said[:5], *said.split("]: ", 1)[1].split(" ")]

    def script(side: Side) -> list[str]:
        with side.client():
            # It sends nothing, so nothing is said of it.
            pass
        # Another thread may notice later that it has gone, and that the request before has: until then they are counted.
        alone = lambda: words if (words := line(side))[9] == "1/1/0/0/0" else None  # noqa: E731
        words = wait_until(alone, "a request has come alone")
        assert words[1].startswith("127.0.0.1:") and words[5].count("/") == 4
        return [words[0], *words[3:5], words[6], *words[8:10], " ".join(words[10:]).strip()]

    try:
        seen = pair.agree(script)
        assert seen[:4] == ["<134>", "http_front", "web_servers/web-01", "200"]
        assert seen[-1] == '"GET /a?b HTTP/1.1"'
    finally:
        receiver.close()


# MARK: Answers


def test_text_is_compressed_for_who_takes_it(twins):
    text = DEFAULTS + FRONT + "    default_backend web_servers\nbackend web_servers\n    compression algo gzip\n"
    text += "    compression type text/html text/css text/javascript application/json application/javascript\n"
    text += '    server web-01 "127.0.0.1:${A}" check\n'

    def pages(session, request) -> None:
        kind = {"/html": "text/html; charset=utf-8", "/json": "application/json"}.get(request.target, "image/png")
        session.answer(body=b"words " * 500, headers=f"Content-Type: {kind}\r\n")

    pair = twins(text, servers={"A": pages})

    def script(side: Side) -> list:
        seen = []
        for path in ("/html", "/json", "/png"):
            for takes in ("gzip, deflate", None):
                answer = side.exchange(path, headers=[("Accept-Encoding", takes)] if takes else [])
                coding = answer.get("content-encoding")
                body = gzip.decompress(answer.body) if coding == "gzip" else answer.body
                assert body == b"words " * 500
                seen.append(coding)
        return seen

    assert pair.agree(script) == ["gzip", None, "gzip", None, None, None]


def test_limits_make_requests_wait_instead_of_fail(twins):
    text = "global\n    maxconn 5000\n" + DEFAULTS + FRONT + "    maxconn 1000\n    default_backend web_servers\n"
    text += 'backend web_servers\n    fullconn 500\n    server web-01 "127.0.0.1:${A}" maxconn 2\n'
    lock, now, most = threading.Lock(), {}, {}

    def counted(session, request) -> None:
        port = session.socket.getsockname()[1]
        with lock:
            now[port] = now.get(port, 0) + 1
            most[port] = max(most.get(port, 0), now[port])
        # Long enough for the others to come.
        threading.Event().wait(0.02)
        with lock:
            now[port] -= 1
        session.answer()

    pair = twins(text, servers={"A": counted})

    def script(side: Side) -> tuple:
        with ThreadPoolExecutor(12) as pool:
            statuses = list(pool.map(lambda _: side.exchange("/").status, range(24)))
        return statuses, most[side.backends["A"].port] <= 2

    assert pair.agree(script) == ([200] * 24, True)


def test_a_server_says_its_name_and_gets_the_clients_address(twins):
    text = DEFAULTS + "    option forwardfor\n    option http-server-close\n" + FRONT + "    default_backend web_servers\n"
    text += 'backend web_servers\n    http-response set-header X-Served-By %[srv_name]\n    server web-01 "127.0.0.1:${A}"\n'
    pair = twins(text, servers={"A": echo})

    def script(side: Side) -> tuple:
        with side.client() as client:
            answers = [client.request("/", headers=[("X-Forwarded-For", "9.9.9.9")]) for _ in range(2)]
        told = [line for line in answers[0].body.decode().lower().splitlines() if line.startswith("x-forwarded-for")]
        connections = len(side.backends["A"].sessions)
        return [answer.get("x-served-by") for answer in answers], told, connections

    assert pair.agree(script) == (
        ["web-01", "web-01"], ["x-forwarded-for: 9.9.9.9", "x-forwarded-for: 127.0.0.1"], 2,
    )  # fmt: skip


def test_without_servers_there_is_a_page_of_ones_own_and_then_the_backup(twins):
    page = "HTTP/1.1 503 Service Unavailable\r\nCache-Control: no-cache\r\nContent-Type: text/html\r\n\r\n<h1>We are back soon</h1>\n"
    text = DEFAULTS + '    errorfile 503 "${DIR}/503.http"\n' + FRONT + "    use_backend alone if { path /alone }\n    default_backend web_servers\n"
    text += 'backend alone\n    retries 1\n    server web-01 "127.0.0.1:${A}"\n'
    text += 'backend web_servers\n    server web-01 "127.0.0.1:${A}" check inter 100ms\n    server maintenance-01 "127.0.0.1:${B}" backup\n'
    pair = twins(text, servers={"A": called("web-01"), "B": called("maintenance")}, files={"503.http": page})

    def script(side: Side) -> list:
        # A check that took too long takes the server out for a moment.
        seen = [wait_until(lambda: (said := ask(side)) == "web-01" and said, "the first one serves")]
        side.backends["A"].refuse()
        wait_until(lambda: ask(side) == "maintenance", "the backup serves")
        answer = side.exchange("/alone")
        return [*seen, answer.status, answer.get("content-type"), answer.body]

    assert pair.agree(script, at_once=True) == ["web-01", 503, "text/html", b"<h1>We are back soon</h1>\n"]
