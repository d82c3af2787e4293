"""Fields of messages of protocol buffers, plain and as gRPC frames them, as Debian's haproxy reads them."""

from __future__ import annotations

import random
import struct

DEFAULTS = """
defaults
    mode http
    timeout client 5s
    timeout connect 5s
    timeout server 5s
frontend f
    bind "127.0.0.1:${HTTP}"
    http-request wait-for-body time 10s at-least 16000 if { req.hdr(content-length) -m found }
"""
PICKS = [
    "1,int32", "1,int64", "1,uint32", "1,uint64", "1,sint32", "1,sint64", "1,bool", "1,enum", "2,fixed32", "2,sfixed32", "2,float", "3,fixed64",
    "3,sfixed64", "3,double", "1", "2", "3", "4", "4.1", "4.1,int32", "4.2", "4.4.1,sint32", "4.4.5", "5,int32", "9",
]  # fmt: skip


def varint(value: int) -> bytes:
    value &= (1 << 64) - 1
    made = b""
    while value > 0x7F:
        made += bytes([value & 0x7F | 0x80])
        value >>= 7
    return made + bytes([value])


def message(made: random.Random, depth: int = 0) -> bytes:
    """Fields of all kinds, in their order: behind a text within a message haproxy takes what follows for a field of the outermost. Numbers with a
    point are those whose meaning C knows."""
    known = [1, 2, 3, 4] if depth else [1, 2, 3, 4, 5]
    parts = []
    for number in sorted(made.sample(known, made.randrange(1, len(known) + 1))):
        if number == 1:
            parts.append(b"\x08" + varint(made.choice([0, 1, 5, 127, 128, 300, -1, -5, 1 << 31, 1 << 40, (1 << 63) - 1])))
        elif number == 2:
            value = made.choice([struct.pack("<f", made.choice([0, 1.5, 1e6])), struct.pack("<I", made.choice([0, 7, 0x80000007]))])
            parts.append(b"\x15" + value)
        elif number == 3:
            value = made.choice([struct.pack("<d", made.choice([0, -2.75, 1e12])), struct.pack("<Q", made.choice([0, 7, 0x8000000000000007]))])
            parts.append(b"\x19" + value)
        elif number == 4:
            inner = message(made, depth + 1) if depth < 2 else b"text"
            parts.append(b"\x22" + varint(len(inner)) + inner)
        else:
            parts.append(b"\x2a" + varint(3) + b"abc")
    return b"".join(parts)


def frame(text: bytes) -> bytes:
    return struct.pack(">BI", 0, len(text)) + text


def test_fields_are_those_of_haproxy(twins):
    plain = "|".join(f"%[req.body,protobuf({pick}){'' if ',' in pick else ',hex'}]" for pick in PICKS)
    # Behind a field of another type than asked for haproxy does not find the next message.
    known = [pick for pick in PICKS if pick != "5,int32"]
    framed = "|".join(f"%[req.body,ungrpc({pick}){'' if ',' in pick else ',hex'}]" for pick in known)
    text = DEFAULTS + "".join(
        f'    http-request return status 200 content-type text/plain lf-string "{values}" if {{ path /{name} }}\n'
        for name, values in [("plain", plain), ("framed", framed)]
    )
    pair = twins(text)
    made = random.Random(5)
    messages = [message(made) for _ in range(80)]

    def script(side):
        found = []
        with side.client() as client:
            for number, each in enumerate(messages):
                found.append(client.request("/plain", method="POST", body=each).body)
                bodies = frame(each) + frame(messages[number - 1])
                found.append(client.request("/framed", method="POST", body=bodies).body)
        return found

    found = pair.agree(script)
    assert sum(any(part for part in each.split(b"|")) for each in found) > len(messages)
