"""A name server on loopback that scenarios script: addresses, services, and what goes wrong.

    with NameServer() as names:
        names.addresses("web.test", "127.0.0.2", "::1")
        names.service("_http._tcp.test", ("a.test", 8080, 256), beside={"a.test": "127.0.0.3"})
        names.fails("gone.test", NXDOMAIN)
        names.silent("slow.test")

It answers over UDP and TCP at `port`; what it does not know does not exist. `questions` are those so far, as (name,
type).
"""

from __future__ import annotations

import ipaddress
import socket
import socketserver
import struct
import threading

A, CNAME, AAAA, SRV = 1, 5, 28, 33
SERVFAIL, NXDOMAIN, REFUSED = 2, 3, 5
TYPES = {A: "A", AAAA: "AAAA", SRV: "SRV"}


def encode(name: str) -> bytes:
    labels = [label.encode() for label in name.split(".") if label]
    return b"".join(bytes([len(label)]) + label for label in labels) + b"\0"


def record(name: str, kind: int, data: bytes) -> bytes:
    return encode(name) + struct.pack(">HHIH", kind, 1, 60, len(data)) + data


def address(name: str, text: str) -> bytes:
    parsed = ipaddress.ip_address(text)
    return record(name, A if parsed.version == 4 else AAAA, parsed.packed)


class NameServer:
    def __init__(self) -> None:
        # Whoever asks meanwhile hears the old answer or the new one, never that there is none.
        self._lock = threading.RLock()
        self._answers: dict[tuple[str, int], tuple[list[bytes], list[bytes]]] = {}
        self._codes: dict[str, int] = {}
        self._silent: set[str] = set()
        self._cut: set[str] = set()
        self._questions: list[tuple[str, str]] = []
        self._open()

    def _open(self) -> None:
        answer = self._answer

        class Datagrams(socketserver.BaseRequestHandler):
            def handle(self) -> None:
                message, sock = self.request
                reply = answer(message, isTCP=False)
                if reply:
                    sock.sendto(reply, self.client_address)

        class Connection(socketserver.StreamRequestHandler):
            def handle(self) -> None:
                while len(head := self.rfile.read(2)) == 2:
                    reply = answer(self.rfile.read(struct.unpack(">H", head)[0]), isTCP=True)
                    if reply:
                        self.wfile.write(struct.pack(">H", len(reply)) + reply)
                        self.wfile.flush()

        socketserver.ThreadingTCPServer.allow_reuse_address = True
        for _ in range(50):
            self._udp = socketserver.ThreadingUDPServer(("127.0.0.1", 0), Datagrams)
            self.port = self._udp.server_address[1]
            try:
                self._tcp = socketserver.ThreadingTCPServer(("127.0.0.1", self.port), Connection)
                break
            except OSError:
                self._udp.server_close()
        for server in (self._udp, self._tcp):
            server.daemon_threads = True
            threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()

    def __enter__(self) -> "NameServer":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        for server in (self._udp, self._tcp):
            server.shutdown()
            server.server_close()

    # What it says.

    def addresses(self, name: str, *texts: str, alias: str | None = None) -> None:
        """These addresses and no others; with `alias` through that name."""
        owner = alias or name
        first = [record(name, CNAME, encode(alias))] if alias else []
        with self._lock:
            self.forget(name)
            for kind, version in ((A, 4), (AAAA, 6)):
                found = [address(owner, t) for t in texts if ipaddress.ip_address(t).version == version]
                self._answers[name, kind] = (first + found if found else [], [])

    def service(self, name: str, *places: tuple[str, int, int], beside: dict[str, str] | None = None) -> None:
        """Hosts, ports and weights; the addresses of some hosts may stand beside them."""
        found = [
            record(name, SRV, struct.pack(">HHH", 1, weight, port) + encode(host)) for host, port, weight in places
        ]
        with self._lock:
            self.forget(name)
            self._answers[name, SRV] = (found, [address(host, text) for host, text in (beside or {}).items()])

    def fails(self, name: str, code: int) -> None:
        with self._lock:
            self.forget(name)
            self._codes[name] = code

    def silent(self, name: str) -> None:
        with self._lock:
            self.forget(name)
            self._silent.add(name)

    def cuts(self, name: str) -> None:
        """Datagrams about the name are too small."""
        with self._lock:
            self._cut.add(name)

    def forget(self, name: str) -> None:
        with self._lock:
            self._codes.pop(name, None)
            self._silent.discard(name)
            self._cut.discard(name)
            for kind in TYPES:
                self._answers.pop((name, kind), None)

    @property
    def questions(self) -> list[tuple[str, str]]:
        with self._lock:
            return list(self._questions)

    def _answer(self, message: bytes, *, isTCP: bool) -> bytes:
        labels, offset = [], 12
        while message[offset]:
            labels.append(message[offset + 1 : offset + 1 + message[offset]].decode())
            offset += 1 + message[offset]
        (kind,) = struct.unpack_from(">H", message, offset + 1)
        question, name = message[12 : offset + 5], ".".join(labels).lower()
        with self._lock:
            self._questions.append((name, TYPES.get(kind, str(kind))))
            if name in self._silent:
                return b""
            records, beside = self._answers.get((name, kind), ([], []))
            exists = any((name, other) in self._answers for other in TYPES)
            code = self._codes.get(name, 0 if exists else NXDOMAIN)
            isCut = name in self._cut and not isTCP
        if code or isCut:
            records, beside = [] if code else records[:1], []
        flags = 0x8180 | code | (0x0200 if isCut else 0)
        head = message[:2] + struct.pack(">HHHHH", flags, 1, len(records), 0, len(beside))
        return head + question + b"".join(records) + b"".join(beside)
