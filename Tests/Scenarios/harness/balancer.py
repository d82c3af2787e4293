"""A balancer of connections, as a cloud has them: it asks each target whether it is ready, and knows nothing of HTTP."""

from __future__ import annotations

import itertools
import socket
import threading

from .sluice import Sluice

PACE = 0.05  # seconds between two rounds of health checks


class Balancer:
    """New connections go in turn to the targets that were ready at the last look; open ones stay where they are."""

    def __init__(self, *targets: Sluice) -> None:
        self._targets = list(targets)
        self._ready: list[Sluice] = [target for target in targets if target.is_ready]
        self._turn = itertools.count()
        self._closed = threading.Event()
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=128)
        self.port = self._listener.getsockname()[1]
        self.refused = 0  # connections that no target took
        for body in (self._accept, self._check):
            threading.Thread(target=body, daemon=True).start()

    def add(self, target: Sluice) -> None:
        self._targets.append(target)

    def knows(self, target: Sluice) -> bool:
        """Whether new connections may go there."""
        return target in self._ready

    def close(self) -> None:
        self._closed.set()
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    def _check(self) -> None:
        while not self._closed.wait(PACE):
            self._ready = [target for target in self._targets if target.is_running and target.is_ready]

    def _accept(self) -> None:
        while not self._closed.is_set():
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            ready = self._ready
            try:
                target = ready[next(self._turn) % len(ready)]
                server = socket.create_connection(("127.0.0.1", target.http))
            except (OSError, ZeroDivisionError):
                self.refused += 1
                client.close()
                continue
            for one, other in ((client, server), (server, client)):
                one.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                threading.Thread(target=_pump, args=(one, other), daemon=True).start()


def _pump(source: socket.socket, sink: socket.socket) -> None:
    """Bytes of one direction, and its end."""
    try:
        while data := source.recv(65_536):
            sink.sendall(data)
        sink.shutdown(socket.SHUT_WR)
    except OSError:
        for end in (source, sink):
            try:
                end.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass
