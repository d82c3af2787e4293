"""A proxy that knows CONNECT and nothing else."""

from __future__ import annotations

import contextlib
import socket
import threading

from .messages import Request, Wire, read_head
from .tcp import TCPServer


class ConnectProxy:
    """Notes what it is asked for, and leads every tunnel to one port; with `refuses` it answers with that status."""

    def __init__(self, port: int) -> None:
        self.target = port
        self.asked: list[Request] = []
        self.refuses = 0
        self._server = TCPServer(self._serve)

    @property
    def url(self) -> str:
        return f"http://{self._server.endpoint}"

    def close(self) -> None:
        self._server.close()

    def _serve(self, client: socket.socket) -> None:
        request = read_head(Wire(client), Request)
        self.asked.append(request)
        if self.refuses or request.method != "CONNECT":
            client.sendall(b"HTTP/1.1 %d No\r\nContent-Length: 0\r\n\r\n" % (self.refuses or 405))
            return
        with socket.create_connection(("127.0.0.1", self.target)) as server:
            client.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
            back = threading.Thread(target=_pump, args=(server, client), daemon=True)
            back.start()
            _pump(client, server)
            back.join()


def _pump(source: socket.socket, target: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while data := source.recv(65536):
            target.sendall(data)
    with contextlib.suppress(OSError):
        target.shutdown(socket.SHUT_WR)
