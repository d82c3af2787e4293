"""Bodies that typed clients send in Kubernetes' protobuf form: as much as `kubectl create secret` and helm's releases need.

What such clients are answered is JSON, which they take as well.
"""

from __future__ import annotations

import base64
from collections.abc import Iterator

MAGIC = b"k8s\0"


def decode(body: bytes) -> dict | None:
    """The object of a Secret or Namespace as JSON has it; nothing for other kinds. `body` begins with `MAGIC`."""
    unknown = dict(_fields(body[len(MAGIC) :]))
    kind = {number: value.decode() for number, value in _fields(unknown[1])}
    read = {"Secret": _secret, "Namespace": _plain}.get(kind[2])
    return {"apiVersion": kind[1], "kind": kind[2], **read(unknown[2])} if read else None


def _plain(raw: bytes) -> dict:
    return {"metadata": _metadata(dict(_fields(raw)).get(1, b""))}


def _secret(raw: bytes) -> dict:
    secret = _plain(raw) | {"data": {}, "type": "Opaque"}
    for number, value in _fields(raw):
        if number == 2:
            entry = dict(_fields(value))
            secret["data"][entry.get(1, b"").decode()] = base64.b64encode(entry.get(2, b"")).decode()
        elif number == 3:
            secret["type"] = value.decode()
    return secret


def _metadata(raw: bytes) -> dict:
    names = {1: "name", 2: "generateName", 3: "namespace", 6: "resourceVersion"}
    maps = {11: "labels", 12: "annotations"}
    meta: dict = {}
    for number, value in _fields(raw):
        if number in names and value:
            meta[names[number]] = value.decode()
        elif number in maps:
            entry = dict(_fields(value))
            meta.setdefault(maps[number], {})[entry.get(1, b"").decode()] = entry.get(2, b"").decode()
    return meta


def _fields(raw: bytes) -> Iterator[tuple[int, bytes]]:
    """Number and bytes of each field that has a length; numbers are passed over."""
    place = 0
    while place < len(raw):
        key, place = _varint(raw, place)
        if key & 7 == 0:
            _, place = _varint(raw, place)
            continue
        length, place = _varint(raw, place) if key & 7 == 2 else ({1: 8, 5: 4}[key & 7], place)
        if key & 7 == 2:
            yield key >> 3, raw[place : place + length]
        place += length


def _varint(raw: bytes, place: int) -> tuple[int, int]:
    value, shift = 0, 0
    while True:
        byte = raw[place]
        value, shift, place = value | (byte & 0x7F) << shift, shift + 7, place + 1
        if byte < 0x80:
            return value, place
