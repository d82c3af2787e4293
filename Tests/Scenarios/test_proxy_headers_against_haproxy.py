"""Headers of the PROXY protocol as servers receive them, byte for byte, from us and from Debian's haproxy."""

from __future__ import annotations

import socket
import ssl
import struct

import pytest
from harness.client import Client
from harness.http2_server import read_proxy_header
from harness.tcp import TCPServer, connect, read, read_all
from harness.twins import LOGGED
from harness.waiting import wait_until
from simulator.pki import Authority

SITES, CLIENTS = Authority("sites"), Authority("clients")
SITE, CLIENT = SITES.issue("site", ["a.test"]), CLIENTS.issue("Ada Example", [])
FILES = {"site.pem": SITE.certificate + SITE.key, "ca.pem": CLIENTS.certificate}

ALPN, AUTHORITY, CRC32C, UNIQUE_ID, TLS = 1, 2, 3, 5, 0x20
ALL = "ssl,cert-cn,ssl-cipher,cert-sig,cert-key,authority,crc32c,unique-id"


class Announced:
    """A server that keeps the header of each connection and answers one request."""

    def __init__(self, version: int = 2) -> None:
        self.version = version
        self.headers: list[bytes] = []
        self.server = TCPServer(self.serve)

    def serve(self, connection: socket.socket) -> None:
        connection.settimeout(10)
        self.headers.append(read_proxy_header(connection, self.version))
        while connection.recv(65536):
            connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")


@pytest.fixture
def announced():
    started: list[Announced] = []

    def start(version: int = 2) -> Announced:
        started.append(Announced(version))
        return started[-1]

    yield start
    for one in started:
        one.server.close()


def text(server: str, *, mode: str = "http", bind: str = "", more: str = "") -> str:
    return f"""{LOGGED}
    mode {mode}
frontend f
    bind "127.0.0.1:${{HTTP}}" {bind}
    {more}
    default_backend b
backend b
    server s {server}
"""


SECURE = 'ssl crt "${DIR}/site.pem" alpn http/1.1'
MUTUAL = SECURE + ' verify optional ca-file "${DIR}/ca.pem"'


def crc32c(data: bytes) -> int:
    """Castagnoli's, bit by bit."""
    register = 0xFFFFFFFF
    for byte in data:
        register ^= byte
        for _ in range(8):
            register = register >> 1 ^ (0x82F63B78 if register & 1 else 0)
    return register ^ 0xFFFFFFFF


def values(data: bytes) -> list[tuple[int, bytes]]:
    """Types and values, as they follow each other."""
    found = []
    while data:
        kind, length = struct.unpack_from("!BH", data)
        found.append((kind, data[3 : 3 + length]))
        assert len(found[-1][1]) == length, "a value ends with the header"
        data = data[3 + length :]
    return found


def told(header: bytes, port: int) -> object:
    """All of a header but the client's port and the sum over it, which is checked."""
    assert header[:12] == b"\r\n\r\n\x00\r\nQUIT\n"
    source, destination, _, ours = struct.unpack("!4s4sHH", header[16:28])
    assert ours == port
    found = values(header[28:])
    for kind, value in found:
        if kind == CRC32C:
            at = header.index(b"\x03\x00\x04" + value) + 3
            assert int.from_bytes(value, "big") == crc32c(header[:at] + bytes(4) + header[at + 4 :])
    return header[12:14], len(header), source, destination, [
        (kind, b"" if kind == CRC32C else value) for kind, value in found
    ]  # fmt: skip


def context(folder, *, shown: bool) -> ssl.SSLContext:
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    made.load_verify_locations(cadata=SITES.certificate.decode())
    # One cipher, one version: what is told of them can be compared.
    made.maximum_version = ssl.TLSVersion.TLSv1_2
    made.set_ciphers("ECDHE-ECDSA-AES256-GCM-SHA384")
    made.set_alpn_protocols(["http/1.1"])
    if shown:
        path = folder / "client.pem"
        path.write_bytes(CLIENT.certificate + CLIENT.key)
        made.load_cert_chain(path)
    return made


def header_of(side, server: Announced, **tls) -> bytes:
    server.headers.clear()
    with Client(side.ports["HTTP"], **tls) as client:
        assert client.request("/").status == 200
    return server.headers[0]


OPTIONS = [
    "", "proxy-v2-options ssl", "proxy-v2-options cert-cn", "proxy-v2-options ssl-cipher", "proxy-v2-options cert-sig",
    "proxy-v2-options cert-key", "proxy-v2-options authority", "proxy-v2-options crc32c",
    "proxy-v2-options " + ALL.removesuffix(",unique-id"),
]  # fmt: skip


@pytest.mark.parametrize("mode", ["http", "tcp"])
@pytest.mark.parametrize("options", OPTIONS)
@pytest.mark.parametrize("client", ["plain", "TLS", "mutual TLS"])
def test_headers_of_the_second_version(twins, tmp_path, announced, mode, options, client):
    server = announced()
    line = f"{server.server.endpoint} send-proxy-v2 {options}"
    pair = twins(text(line, mode=mode, bind="" if client == "plain" else MUTUAL), files=FILES)
    tls = {} if client == "plain" else {"tls": context(tmp_path, shown=client == "mutual TLS"), "server_name": "a.test"}

    def script(side):
        return told(header_of(side, server, **tls), side.ports["HTTP"])

    kinds = [kind for kind, _ in pair.agree(script)[4]]
    if "ssl,cert-cn" in options and client == "mutual TLS":
        assert sorted(kinds) == [ALPN, AUTHORITY, CRC32C, TLS]


@pytest.mark.parametrize("words", ["send-proxy-v2-ssl", "send-proxy-v2-ssl-cn"])
def test_the_short_words(twins, tmp_path, announced, words):
    server = announced()
    pair = twins(text(f"{server.server.endpoint} {words}", bind=MUTUAL), files=FILES)
    tls = {"tls": context(tmp_path, shown=True), "server_name": "a.test"}
    found = pair.agree(lambda side: told(header_of(side, server, **tls), side.ports["HTTP"]))
    told_of_tls = dict(found[4])[TLS]
    assert (b"Ada Example" in told_of_tls) == words.endswith("-cn")


@pytest.mark.parametrize("mode", ["http", "tcp"])
def test_headers_of_the_first_version(twins, announced, mode):
    server = announced(1)
    pair = twins(text(f"{server.server.endpoint} send-proxy", mode=mode))

    def script(side):
        words = header_of(side, server).decode().split(" ")
        assert words[5] == f"{side.ports['HTTP']}\r\n"
        return words[:4]

    assert pair.agree(script) == ["PROXY", "TCP4", "127.0.0.1", "127.0.0.1"]


V2 = b"\r\n\r\n\x00\r\nQUIT\n"
RECEIVED = {
    "version 1": b"PROXY TCP4 192.0.2.7 192.0.2.9 1234 443\r\n",
    "version 1, IPv6": b"PROXY TCP6 2001:db8::7 2001:db8::9 1234 443\r\n",
    "version 1, unknown": b"PROXY UNKNOWN\r\n",
    "version 2": V2 + bytes.fromhex("2111000c c0000207 c0000209 04d2 01bb"),
    "version 2, local": V2 + b"\x20\x00\x00\x00",
}  # fmt: skip


@pytest.mark.parametrize("name", RECEIVED)
@pytest.mark.parametrize(("words", "version"), [("send-proxy", 1), ("send-proxy-v2", 2)])
def test_headers_are_passed_on(twins, announced, name, words, version):
    """What a proxy in front of us has said is what servers hear."""
    server = announced(version)
    pair = twins(text(f"{server.server.endpoint} {words}", mode="tcp", bind="accept-proxy"))

    def script(side):
        server.headers.clear()
        with connect(side.ports["HTTP"]) as client:
            client.sendall(RECEIVED[name] + b"hello")
            assert read(client, 15) == b"HTTP/1.1 200 OK"
        wait_until(lambda: server.headers, "the header")
        (header,) = server.headers
        if "unknown" in name or "local" in name:
            return header.split(b" ")[:4] if version == 1 else header[:24]
        return header

    pair.agree(script)


def with_fields(*fields: tuple[int, bytes], checksum: int | None = 0) -> bytes:
    """A header of the second version with these fields, and its checksum changed by so much."""
    data = b"".join(bytes([kind]) + struct.pack("!H", len(value)) + value for kind, value in fields)
    if checksum is not None:
        data += bytes([CRC32C]) + struct.pack("!H", 4) + b"\x00" * 4
    addresses = bytes.fromhex("c0000207 c0000209 04d2 01bb")
    whole = V2 + b"\x21\x11" + struct.pack("!H", len(addresses + data)) + addresses + data
    return whole if checksum is None else whole[:-4] + struct.pack("!I", crc32c(whole) ^ checksum)


SAID = {
    **RECEIVED,
    "authority": with_fields((AUTHORITY, b"shop.test"), checksum=None),
    "unique id": with_fields((UNIQUE_ID, b"id-7"), checksum=None),
    "both, and others": with_fields((4, b"\x00\x00"), (UNIQUE_ID, b"id-8"), (0xE0, b"own"), (AUTHORITY, b"b.test")),
    "a checksum": with_fields(),
    "a wrong checksum": with_fields(checksum=1),
}  # fmt: skip


@pytest.mark.parametrize("name", SAID)
def test_rules_see_what_headers_say(twins, name):
    asked = "%[fc_rcvd_proxy] %[fc_pp_authority] %[fc_pp_unique_id] %[src] %[dst_port]"
    more = f'http-request return status 200 content-type text/plain lf-string "{asked}"'
    pair = twins(text("127.0.0.1:1", bind="accept-proxy", more=more))

    def script(side):
        with connect(side.ports["HTTP"]) as client:
            client.sendall(SAID[name] + b"GET / HTTP/1.1\r\nHost: a.test\r\nConnection: close\r\n\r\n")
            try:
                return read_all(client).rpartition(b"\r\n\r\n")[2].decode().replace(str(side.ports["HTTP"]), "PORT")
            except ConnectionResetError:
                return ""  # closed before the request behind it was read

    seen = pair.agree(script)
    if name == "both, and others":
        assert seen == "1 b.test id-8 192.0.2.7 443"
    assert (seen == "") == (name == "a wrong checksum")


def test_there_are_samples_of_headers_without_one(twins):
    more = 'http-request return status 200 content-type text/plain lf-string "%[fc_rcvd_proxy]/%[fc_pp_authority]"'
    pair = twins(text("127.0.0.1:1", more=more))
    assert pair.agree(lambda side: side.exchange().body) == b"0/"
