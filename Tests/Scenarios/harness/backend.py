"""Backends that do exactly what a scenario asks: answer anything, stall, close, reset, refuse."""

from __future__ import annotations

import socket
import struct
import threading
from typing import Callable

from .messages import Ambiguous, Closed, Request, Wire, read_request
from .sluice import listening

Handler = Callable[["Session", Request], None]
PATIENCE = 20.0  # seconds; only bounds a scenario that went wrong


class Session:
    """One connection a proxy opened to a backend."""

    def __init__(self, sock: socket.socket) -> None:
        sock.settimeout(PATIENCE)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.socket = sock
        self.wire = Wire(sock)
        self.requests: list[Request] = []
        self.is_open = True

    def send(self, data: bytes) -> None:
        self.socket.sendall(data)

    def answer(self, status: int = 200, body: bytes = b"ok", *, headers: str = "") -> None:
        """A complete response with Content-Length; `headers` is raw lines that end in CRLF."""
        head = f"HTTP/1.1 {status} Status\r\nContent-Length: {len(body)}\r\n{headers}\r\n"
        self.send(head.encode() + body)

    def shutdown(self) -> None:
        self.socket.shutdown(socket.SHUT_WR)

    def close(self) -> None:
        self.is_open = False
        try:
            self.socket.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass
        self.socket.close()

    def reset(self) -> None:
        """Closes with RST."""
        self.is_open = False
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.socket.close()

    def wait_gone(self, timeout: float = 15.0) -> bool:
        """Whether the proxy ends this connection in time; bytes that come first are kept in `wire`."""
        try:
            self.socket.settimeout(timeout)
            while self.wire.fill():
                pass
        except TimeoutError:
            return False
        except OSError:
            pass
        self.is_open = False
        return True


def ok(session: Session, request: Request) -> None:
    session.answer()


def named(name: str) -> Handler:
    """A server that says who it is."""
    return lambda session, request: session.answer(body=name.encode())


class Backend:
    """A listening server on 127.0.0.1. `handler` runs in the connection's own thread, once per request.

    Requests are read strictly; one that could be read in two ways is kept in `problems`, which every
    scenario expects to stay empty.
    """

    session_kind: type[Session] = Session

    def __init__(self, handler: Handler = ok, *, name: str = "backend", port: int = 0) -> None:
        self.handler = handler
        self.name = name
        self.sessions: list[Session] = []
        self.requests: list[Request] = []
        self.problems: list[str] = []
        self.on_connect: Callable[[Session], None] | None = None  # replaces reading requests
        self._listener: socket.socket | None = None
        self.port = port
        self.listen()

    @property
    def endpoint(self) -> str:
        return f"127.0.0.1:{self.port}"

    def listen(self) -> None:
        """(Re)opens the listener on the same port."""
        listener = listening(self.port)
        self.port = listener.getsockname()[1]
        self._listener = listener
        threading.Thread(target=self._accept, args=(listener,), daemon=True).start()

    def refuse(self) -> None:
        """Closes the listener: new connections are refused, open ones go on."""
        if self._listener is not None:
            listener, self._listener = self._listener, None
            listener.shutdown(socket.SHUT_RDWR)
            listener.close()

    def close(self) -> None:
        self.refuse()
        for session in list(self.sessions):
            session.close()

    def forget(self) -> None:
        """Drops what was recorded, between two scenarios that share a backend."""
        self.sessions = [session for session in self.sessions if session.is_open]
        self.requests, self.problems = [], []
        self.handler, self.on_connect = ok, None

    @property
    def open_sessions(self) -> list[Session]:
        return [session for session in self.sessions if session.is_open]

    def read(self, session: Session) -> Request:
        return read_request(session.wire)

    def _accept(self, listener: socket.socket) -> None:
        while True:
            try:
                sock, _ = listener.accept()
            except OSError:
                return
            session = self.session_kind(sock)
            self.sessions.append(session)
            threading.Thread(target=self._serve, args=(session,), daemon=True).start()

    def _serve(self, session: Session) -> None:
        try:
            if self.on_connect:
                self.on_connect(session)
                return
            while session.is_open:
                request = self.read(session)
                session.requests.append(request)
                self.requests.append(request)
                self.handler(session, request)
        except Ambiguous as problem:
            self.problems.append(str(problem))
        except Closed:
            pass
        except OSError:
            pass
        session.close()
