"""Servers and clients of plain TCP."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable

from .sluice import listening
from .waiting import wait_until

Serve = Callable[[socket.socket], None]


def echo(connection: socket.socket) -> None:
    """Gives back what it gets, until the peer ends its side."""
    while data := connection.recv(65536):
        connection.sendall(data)
    connection.shutdown(socket.SHUT_WR)


class TCPServer:
    """A server on a port of its own that gives each connection to `serve`, in a thread."""

    def __init__(self, serve: Serve = echo) -> None:
        self.serve = serve
        self.accepted = 0
        self.listener = listening()
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    @property
    def endpoint(self) -> str:
        return f"127.0.0.1:{self.port}"

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            self.accepted += 1
            threading.Thread(target=self._run, args=(connection,), daemon=True).start()

    def _run(self, connection: socket.socket) -> None:
        with connection:
            try:
                self.serve(connection)
            except OSError:
                pass

    def close(self) -> None:
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()


def connect(port: int, timeout: float = 15) -> socket.socket:
    return socket.create_connection(("127.0.0.1", port), timeout)


def ask(connection: socket.socket, text: bytes) -> bytes:
    """Sends and reads as much again."""
    connection.sendall(text)
    return read(connection, len(text))


def read(connection: socket.socket, count: int) -> bytes:
    """Exactly so many bytes, or what came before the end."""
    parts, missing = [], count
    while missing and (data := connection.recv(min(missing, 1 << 20))):
        parts.append(data)
        missing -= len(data)
    return b"".join(parts)


def read_all(connection: socket.socket) -> bytes:
    parts = []
    while data := connection.recv(1 << 20):
        parts.append(data)
    return b"".join(parts)


def answers(port: int, text: bytes = b"ping", expected: bytes | None = None) -> bool:
    """Whether a new session through a port gives `expected`, by default the text itself."""
    expected = text if expected is None else expected
    try:
        with connect(port, 5) as connection:
            connection.sendall(text)
            return read(connection, len(expected)) == expected
    except OSError:
        return False


def is_refused(port: int) -> bool:
    """Whether nobody listens there; not yet, if it is closed while we connect."""
    try:
        connect(port, 5).close()
    except ConnectionRefusedError:
        return True
    except ConnectionResetError:
        pass
    return False


def wait_open(port: int, **settings) -> None:
    wait_until(lambda: answers(port, **settings), f"port {port} answers")
