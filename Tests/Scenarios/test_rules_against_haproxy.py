"""ACLs and the rules that choose backends and servers decide as Debian's haproxy does on the same file."""

from __future__ import annotations

import socket
import ssl

import pytest
from harness.backend import named
from harness.waiting import wait_everywhere

DEFAULTS = """
defaults
    mode http
    timeout client 5s
    timeout connect 5s
    timeout server 5s
"""
FRONTEND = 'frontend f\n    bind "127.0.0.1:${HTTP}"\n    default_backend no\n'
BACKENDS = "".join(f'backend {name}\n    server s "127.0.0.1:${{{name.upper()}}}"\n' for name in ("yes", "no"))


NAMED = {name: named(name.lower()) for name in ("YES", "NO")}
REQUESTS = [
    {"path": "/"},
    {"path": "/images/a.png?id=5&x=1&id=7"},
    {"path": "/Images/A.PNG", "host": "www.Example.org:8080"},
    {"path": "/a/images", "host": "static.example.com", "headers": [("X", "one, two"), ("X", "three")]},
    {"path": "/p?id=abc", "method": "POST", "body": b"abc", "headers": [("X-N", "5"), ("X-IP", "unknown, 10.1.2.3")]},
    {"path": "/q?x", "method": "PUT", "headers": [("Cookie", "c=1; c=2; d=9"), ("X-N", "17")]},
    {"path": "/x?id=", "method": "HEAD", "headers": [("X", ""), ("X-IP", "2001:db8::7")]},
]

CONDITIONS = """
{ path / } | { path_beg /images } | { path_beg -i /images } | { path_end .png .gif } | { path_end -i .png } | { path_sub mag }
{ path_dir images } | { path_dir -i /images/ } | { path_len 1:5 } | { path_len gt 5 } | { path_reg ^/[a-q]$ } | { path_reg -i ^/IMAGES/ }
{ hdr(host) -i www.example.org:8080 } | { hdr_dom(host) -i example } | { hdr_dom(host) org } | { hdr_beg(host) static. www. }
{ hdr_end(host) .com } | { hdr(host),lower,field(1,:) -m end .org } | { hdr(x) two } | { hdr(x,1) two } | { hdr(x,-1) three }
{ hdr(x) -m found } | { hdr_cnt(x) 3 } | { hdr_cnt(x) ge 1 } | { req.fhdr(x) "one, two" } | { hdr_val(x-n) 5 } | { hdr_val(x-n) gt 5 le -1 }
{ hdr_val(x-n) 10:20 } | { hdr_ip(x-ip) 10.0.0.0/8 } | { hdr_ip(x-ip) 2001:db8::/32 } | { method POST PUT } | METH_GET | METH_HEAD or METH_POST
{ url_param(id) 7 } | { url_param(id) -m found } | { urlp_val(id) 5:6 } | { cook(c) 1 } | { cook(c) 2 } | { cook_cnt(c) 2 } | { cook(d) -m int 9 }
{ src 127.0.0.0/8 } | { src 10.0.0.0/8 ::1 } | LOCALHOST | { ssl_fc } | !{ ssl_fc } | HTTP_1.1 | HTTP_CONTENT | HTTP_URL_SLASH | TRUE | FALSE
{ query -m len 0 } | { query -m sub id= } | { path -m bin 2f } | { req.hdr_names -m sub x-ip } | { base_beg www static } | { url_end = }
{ path_beg /images } { method GET } | { path_beg /images } || { hdr(x-n) 5 } | !{ path_beg /images } !METH_GET | { path,length,odd } | { int(0) }
"""
EACH = [condition.strip() for line in CONDITIONS.strip().splitlines() for condition in line.split(" | ")]


def answers(side):
    return [side.get(**request).body or side.get(**request).status for request in REQUESTS]


@pytest.mark.parametrize("word", ["if", "unless"])
@pytest.mark.parametrize("condition", EACH)
def test_conditions_hold_for_the_same_requests(twins, condition, word):
    pair = twins(DEFAULTS + FRONTEND + f"    use_backend yes {word} {condition}\n" + BACKENDS, servers=NAMED)
    pair.agree(answers)


@pytest.mark.sanitizer
def test_named_acls_files_and_the_order_of_rules(twins):
    rules = """
    acl image path_end -i -f "${DIR}/ends"
    acl image path_dir images
    acl static hdr_beg(host) -i static.
    acl small path_len lt 3
    use_backend no if small !static
    use_backend yes if image or static
    use_backend yes unless { method GET } || image
"""
    pair = twins(DEFAULTS + FRONTEND + rules + BACKENDS, servers=NAMED, files={"ends": "# ends\n.gif\n\n .png\n"})
    pair.agree(answers)


def test_servers_are_chosen_by_rules_before_cookies(twins):
    text = DEFAULTS + FRONTEND.replace("no", "b") + """backend b
    cookie S insert indirect
    use-server two if { path_beg /two }
    use-server gone if { path_beg /gone }
    use-server one unless { path_beg /any }
    server one "127.0.0.1:${YES}" cookie one
    server two "127.0.0.1:${NO}" cookie two
    server gone 127.0.0.1:1 cookie gone check inter 100ms fall 1
"""
    pair = twins(text, servers=NAMED)

    def script(side):
        wait_everywhere(lambda: side.exchange("/gone").status == 200, "the server that is gone was found out")
        got = []
        for path in ("/", "/two", "/gone/x"):
            for cookie in ("S=one", "S=two", ""):
                seen = side.get(path, headers=[("Cookie", cookie)] if cookie else [])
                got.append((seen.status, seen.body, seen.headers))
        return got

    pair.agree(script)


def hello(name: str | None, *, alpn: list[str] = []) -> bytes:
    """A ClientHello as OpenSSL makes it."""
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    if alpn:
        context.set_alpn_protocols(alpn)
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    client = context.wrap_bio(incoming, outgoing, server_hostname=name)
    with pytest.raises(ssl.SSLWantReadError):
        client.do_handshake()
    return outgoing.read()


def told(port: int, *pieces: bytes) -> bytes:
    """What comes back on a connection that sends this: at most ten bytes."""
    with socket.create_connection(("127.0.0.1", port), 15) as connection:
        connection.settimeout(15)
        try:
            # Who is refused by address may be before this is said.
            for piece in pieces:
                connection.sendall(piece)
            return connection.recv(10)
        except (ConnectionResetError, BrokenPipeError):
            return b""


class Speaker:
    """A TCP server that says its name to whoever has said something, and counts nothing."""

    def __init__(self, name: bytes) -> None:
        import threading

        self.name = name
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.port = self.socket.getsockname()[1]
        self.thread = threading.Thread(target=self.run, daemon=True)
        self.thread.start()

    def run(self) -> None:
        while True:
            try:
                connection, _ = self.socket.accept()
            except OSError:
                return
            with connection:
                connection.settimeout(15)
                try:
                    if connection.recv(1 << 16):
                        connection.sendall(self.name)
                except OSError:
                    pass

    def close(self) -> None:
        self.socket.shutdown(socket.SHUT_RDWR)
        self.socket.close()


@pytest.fixture
def speakers():
    both = [Speaker(b"yes"), Speaker(b"no")]
    yield both
    for speaker in both:
        speaker.close()


@pytest.mark.sanitizer
def test_tls_is_passed_through_by_name(twins, speakers):
    text = DEFAULTS.replace("mode http", "mode tcp") + 'frontend f\n    bind "127.0.0.1:${HTTP}"\n' + f"""
    tcp-request inspect-delay 5s
    tcp-request content accept if {{ req.ssl_hello_type 1 }}
    tcp-request content reject
    use_backend yes if {{ req.ssl_sni -i a.test }} or {{ req_ssl_sni -m end .yes.test }}
    default_backend no
backend yes
    server s 127.0.0.1:{speakers[0].port}
backend no
    server s 127.0.0.1:{speakers[1].port}
"""
    pair = twins(text)
    whole = hello("A.test")

    def script(side):
        port = side.ports["HTTP"]
        names = ["a.test", "b.test", "x.yes.test", "yes.test", None]
        return [told(port, hello(name)) for name in names] + [
            told(port, whole[:40], whole[40:]),
            told(port, b"GET / HTTP/1.1\r\n\r\n"),
        ]

    assert pair.agree(script) == [b"yes", b"no", b"yes", b"no", b"no", b"yes", b""]


@pytest.mark.sanitizer
def test_connections_go_to_the_backend_that_their_name_names(twins, speakers):
    text = DEFAULTS.replace("mode http", "mode tcp") + 'frontend f\n    bind "127.0.0.1:${HTTP}"\n' + f"""
    tcp-request inspect-delay 5s
    tcp-request connection set-var(sess.who) src
    tcp-request content set-var-fmt(sess.name) "%[req.ssl_sni,lower]" if {{ req.ssl_hello_type 1 }}
    tcp-request content set-var(sess.who) str(nobody) if {{ var(sess.name) -m beg un }}
    tcp-request content reject if !{{ var(sess.who) -m ip 127.0.0.1 }}
    use_backend %[var(sess.name),field(1,.)]
    use_backend yes
    default_backend no
backend yes
    server s 127.0.0.1:{speakers[0].port}
backend no
    server s 127.0.0.1:{speakers[1].port}
"""
    pair = twins(text)

    def script(side):
        return [told(side.ports["HTTP"], hello(name)) for name in ("yes.test", "NO.test", "f.test", "other.test", "un.test")]

    assert pair.agree(script) == [b"yes", b"no", b"no", b"no", b""]


def test_connections_are_refused_by_address(twins, speakers):
    text = DEFAULTS.replace("mode http", "mode tcp") + 'frontend f\n    bind "127.0.0.1:${HTTP}"\n' + f"""
    acl inside src 127.0.0.0/8
    tcp-request content reject if inside !{{ dst_port 1 }}
    default_backend no
backend no
    server s 127.0.0.1:{speakers[1].port}
"""
    assert twins(text).agree(lambda side: told(side.ports["HTTP"], b"hello")) == b""
