"""A client made of raw bytes, over TCP or TLS."""

from __future__ import annotations

import socket
import ssl
import struct
from typing import Iterable

from .messages import Response, Wire, read_response

PATIENCE = 20.0  # seconds; only bounds a scenario that went wrong


class Client:
    """One connection. Reads strictly; writes whatever it is told to."""

    def __init__(
        self,
        port: int,
        *,
        address: str = "127.0.0.1",
        tls: ssl.SSLContext | None = None,
        server_name: str | None = None,
        session: ssl.SSLSession | None = None,
        receive_buffer: int = 0,
        source: str = "",
    ) -> None:
        family = socket.AF_INET6 if ":" in address else socket.AF_INET
        plain = socket.socket(family)
        if receive_buffer:
            plain.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        plain.settimeout(PATIENCE)
        if source:
            plain.bind((source, 0))
        plain.connect((address, port))
        plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.socket = tls.wrap_socket(plain, server_hostname=server_name, session=session) if tls else plain
        self.wire = Wire(self.socket)

    def __enter__(self) -> "Client":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def send(self, data: bytes) -> None:
        self.socket.sendall(data)

    def send_bytewise(self, data: bytes) -> None:
        """One byte per segment (TCP_NODELAY is set)."""
        for i in range(len(data)):
            self.socket.sendall(data[i : i + 1])

    def request(
        self,
        path: str = "/",
        *,
        method: str = "GET",
        host: str = "a.test",
        headers: Iterable[tuple[str, str]] = (),
        body: bytes | None = None,
    ) -> Response:
        """Sends one well-formed request and reads its response."""
        lines = [f"{method} {path} HTTP/1.1", f"Host: {host}"]
        lines += [f"{name}: {value}" for name, value in headers]
        if body is not None:
            lines.append(f"Content-Length: {len(body)}")
        message = "\r\n".join(lines).encode() + b"\r\n\r\n" + (body or b"")
        try:
            self.send(message)
        except ConnectionError:
            # What does not go out at once may be refused by its head: the answer is here, though nobody waited for the rest.
            if len(message) < 64 << 10:
                raise
        return self.response(method)

    def response(self, method: str = "GET") -> Response:
        return read_response(self.wire, method)

    def finish_sending(self) -> None:
        self.socket.shutdown(socket.SHUT_WR)

    def is_closed(self, timeout: float = 15.0) -> bool:
        """Whether the proxy closes this connection in time, without sending anything more."""
        self.socket.settimeout(timeout)
        try:
            return self.socket.recv(1) == b""
        except TimeoutError:
            return False
        except ssl.SSLError:
            return False
        except OSError:
            return True
        finally:
            self.socket.settimeout(PATIENCE)

    def reset(self) -> None:
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.socket.close()

    def close(self) -> None:
        self.socket.close()


def trusting(certificate: bytes, **limits: object) -> ssl.SSLContext:
    """A TLS client context that trusts one CA (PEM)."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.load_verify_locations(cadata=certificate.decode())
    for name, value in limits.items():
        setattr(context, name, value)
    return context


def careless() -> ssl.SSLContext:
    """A TLS client context that accepts any certificate."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context
