"""Converters about formats give what Debian's haproxy gives, and connections of MQTT are known by their first message."""

from __future__ import annotations

import base64
import socket
import struct

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from harness.twins import LOGGED


def text(word) -> bytes:
    """As MQTT has it: its length in front."""
    return struct.pack(">H", len(word)) + word.encode()


def packet(kind: int, flags: int, body: bytes) -> bytes:
    assert len(body) < 128
    return bytes([kind << 4 | flags, len(body)]) + body


def connect(name="MQTT", version=4, flags=2, properties=None, payload=None) -> bytes:
    body = text(name) + bytes([version, flags, 0, 60])
    if properties is not None:
        body += bytes([len(properties)]) + properties
    return packet(1, 0, body + (text("cid") if payload is None else payload))


EXPIRY = b"\x11\x00\x00\x01\x00"
MESSAGES = [
    connect(), connect("MQIsdp", 3), connect("MQIsdp", 3, payload=text("")), connect("MQIsdp", 4), connect(version=6),
    connect("MQTTX"), connect(payload=text("")), connect(flags=0, payload=text("")), connect(flags=3), b"\x12" + connect()[1:],
    connect(flags=6, payload=text("c") + text("t") + text("p")), connect(flags=0x1E, payload=text("c") + text("t") + text("p")),
    connect(flags=0x22), connect(flags=0xC2, payload=text("c") + text("u") + text("pw")),
    connect(flags=0x42, payload=text("c") + text("pw")), connect(payload=text("c") + b"zz"), connect() + b"more", connect()[:-1],
    b"\x10", connect(version=5, properties=EXPIRY), connect(version=5, properties=b""),
    connect(version=5, properties=b"\x12" + text("x")), connect(version=5, properties=EXPIRY * 2),
    connect(version=5, properties=(b"\x26" + text("a") + text("b")) * 2),
    connect(version=5, flags=6, properties=b"", payload=text("c") + b"\x05\x18\0\0\0\x07" + text("t") + text("p")),
    packet(2, 0, b"\0\0"), packet(2, 0, b"\x02\0"), packet(2, 0, b"\0\x05\x05\x11\0\0\0\x09"), packet(2, 0, b"\0\0\0"),
    packet(3, 0, text("t") + b"x"), packet(12, 0, b""), b"\x10\xff\xff\xff\xff\x01", b"GET / HTTP/1.1\r\n\r\n",
]  # fmt: skip
OF_CLIENTS = [
    "flags", "protocol_name", "protocol_version", "client_identifier", "will_topic", "will_payload", "username", "password",
    "keepalive", 17, 21, 33,
]  # fmt: skip
OF_SERVERS = ["flags", "protocol_version", "reason_code", 17, 18]
FIELDS = [f"mqtt_field_value(connect,{field})" for field in OF_CLIENTS] + [f"mqtt_field_value(connack,{field})" for field in OF_SERVERS]


def frontend(converters, front: str = "") -> str:
    shown = "|".join(f"%[req.hdr(b),b64dec,{converter}]" for converter in converters)
    return f"""{LOGGED}frontend f
    bind "127.0.0.1:${{HTTP}}"
{front}    http-request return status 200 content-type text/plain lf-string '{shown}'
"""


def given(side, values):
    with side.client() as client:
        return [(value, client.request("/", headers=[("B", base64.b64encode(value).decode())]).body) for value in values]


def test_messages_of_mqtt(twins):
    pair = twins(frontend(["mqtt_is_valid", *FIELDS]))
    pair.agree(lambda side: given(side, MESSAGES))


def test_bytes_as_numbers(twins):
    converters = ["be2dec(:,2)", "be2dec(-,1,1)", "be2dec(:,3,1)", "be2dec(,8)", "be2hex", "be2hex(:,2)", "be2hex(--,3,1)"]
    converters += [f"hex,add_item(;,{rest})" for rest in ("txn.a", "txn.a,x", "txn.none,x", "txn.none", ",x")]
    pair = twins(frontend(converters, "    http-request set-var(txn.a) str(A)\n"))
    pair.agree(lambda side: given(side, [b"\x01", b"\x01\x02", b"\x01\x02\x03", bytes(range(1, 17)), b"\xff" * 9]))


NONCE = b"0123456789ab"


@pytest.mark.parametrize("bits", [128, 192, 256])
def test_what_is_not_genuine_is_not_decrypted(twins, bits):
    key = bytes(range(bits // 8))
    words = [base64.b64encode(word).decode() for word in (key, NONCE)]
    rules = f"""    http-request set-var(txn.k) str({words[0]})
    http-request set-var(txn.n) str({words[1]})
    http-request set-var(txn.t) req.hdr(t)
"""
    converters = [f"aes_gcm_dec({bits},txn.n,txn.k,txn.t)", f"aes_gcm_dec({bits},{words[1]},txn.k,txn.t)"]
    pair = twins(frontend(converters, rules))
    sealed = AESGCM(key).encrypt(NONCE, b"a secret", None)
    content = base64.b64encode(sealed[:-16]).decode()
    tags = [base64.b64encode(tag).decode() for tag in (sealed[-16:], bytes(16), sealed[-16:-1] + b"!")]

    def script(side):
        with side.client() as client:
            return [client.request("/", headers=[("B", content), ("T", tag)]).body for tag in tags]

    assert pair.agree(script) == [b"a secret|a secret", b"|", b"|"]


MQTT = f"""{LOGGED.replace("mode http", "mode tcp")}frontend f
    bind "127.0.0.1:${{HTTP}}"
    tcp-request inspect-delay 10s
    tcp-request content reject unless {{ req.payload(0,0),mqtt_is_valid }}
    default_backend b
backend b
    stick-table type string len 32 size 10
    stick on req.payload(0,0),mqtt_field_value(connect,client_identifier)
    server s "127.0.0.1:${{A}}"
    server t "127.0.0.1:${{B}}"
"""


def test_clients_of_mqtt_come_back_to_their_server(twins):
    pair = twins(MQTT, servers={"A": lambda session, request: None, "B": lambda session, request: None})

    def named(name: bytes):
        def tell(session):
            # What it leaves unread would reset the connection.
            session.wire.fill()
            session.send(name)
            session.close()

        return tell

    def told(side, first: bytes) -> bytes:
        got = b""
        with socket.create_connection(("127.0.0.1", side.ports["HTTP"]), 20) as connection:
            connection.sendall(first)
            try:
                while piece := connection.recv(100):
                    got += piece
            except ConnectionResetError:
                pass
        return got

    def script(side):
        for name, backend in side.backends.items():
            backend.on_connect = named(name.encode())
        clients = [connect(payload=text(client)) for client in "xyxzyx"]
        return [told(side, first) for first in [*clients, b"GET / HTTP/1.1\r\n\r\n"]]

    seen = pair.agree(script, at_once=True)
    assert seen[0] == seen[2] == seen[5] and seen[1] == seen[4] and seen[0] != seen[1] and seen[6] == b""
