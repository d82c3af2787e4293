"""An HTTP/2 server on python-h2 that takes WebSockets (RFC 8441), over TLS or with prior knowledge."""

from __future__ import annotations

import contextlib
import socket
import ssl
import threading
from typing import Callable

import h2.config
import h2.connection
import h2.events
from h2.settings import SettingCodes, Settings


def read_proxy_header(sock: socket.socket, version: int) -> bytes:
    """The header in front of everything else, as it came."""
    header = b""
    if version == 1:
        while not header.endswith(b"\r\n"):
            header += sock.recv(1)
        return header
    header = sock.recv(16, socket.MSG_WAITALL)
    return header + sock.recv(int.from_bytes(header[14:16], "big"), socket.MSG_WAITALL)


class Tunnel:
    """A stream that was opened by an extended CONNECT, as its handler sees it."""

    def __init__(self, connection: "_Connection", stream: int, headers: dict[str, str]) -> None:
        self.connection, self.stream, self.headers = connection, stream, headers
        self.received = bytearray()
        self.ended = self.was_reset = False
        self._waiting = bytearray()
        self._finishes = False

    def send(self, data: bytes) -> None:
        self._waiting += data
        self.flush()

    def finish(self) -> None:
        self._finishes = True
        self.flush()

    def reset(self, code: int = 8) -> None:
        self.connection.h2.reset_stream(self.stream, code)

    def flush(self) -> None:
        """Sends as much as the windows let out."""
        link = self.connection.h2
        while self._waiting:
            room = min(link.local_flow_control_window(self.stream), link.max_outbound_frame_size)
            if room <= 0:
                return
            link.send_data(self.stream, bytes(self._waiting[:room]))
            del self._waiting[:room]
        if self._finishes:
            self._finishes = False
            link.end_stream(self.stream)


Handler = Callable[[Tunnel, bytes], None]


class _Connection:
    def __init__(self, server: "Http2Server", sock: socket.socket) -> None:
        self.server, self.socket = server, sock
        self.h2 = h2.connection.H2Connection(
            h2.config.H2Configuration(client_side=False, header_encoding="utf-8", validate_inbound_headers=False,
                validate_outbound_headers=False, normalize_outbound_headers=False,
            )  # fmt: skip
        )
        values = {SettingCodes.MAX_CONCURRENT_STREAMS: 100, SettingCodes.ENABLE_CONNECT_PROTOCOL: int(server.takes_tunnels)}
        self.h2.local_settings = Settings(client=False, initial_values=values)
        self.tunnels: dict[int, Tunnel] = {}

    def run(self) -> None:
        self.h2.initiate_connection()
        with contextlib.suppress(OSError, ValueError):
            self.socket.sendall(self.h2.data_to_send())
            while data := self.socket.recv(65536):
                for event in self.h2.receive_data(data):
                    self._handle(event)
                for tunnel in list(self.tunnels.values()):
                    if not tunnel.was_reset:
                        tunnel.flush()
                self.socket.sendall(self.h2.data_to_send())
        self.socket.close()

    def _handle(self, event: h2.events.Event) -> None:
        match event:
            case h2.events.RequestReceived():
                self._begin(event)
            case h2.events.DataReceived():
                self.h2.acknowledge_received_data(event.flow_controlled_length, event.stream_id)
                if tunnel := self.tunnels.get(event.stream_id):
                    tunnel.received += event.data
                    self.server.handler(tunnel, event.data)
            case h2.events.StreamEnded():
                if tunnel := self.tunnels.get(event.stream_id):
                    tunnel.ended = True
                    self.server.handler(tunnel, b"")
            case h2.events.StreamReset():
                if tunnel := self.tunnels.get(event.stream_id):
                    tunnel.was_reset = True

    def _begin(self, event: h2.events.RequestReceived) -> None:
        headers = dict(event.headers)
        self.server.requests.append(headers)
        if headers.get(":protocol") != "websocket":
            fields = self.server.answer if headers[":path"] == "/answer" else [("x-method", headers[":method"])]
            self.h2.send_headers(event.stream_id, [(":status", "200"), *fields], end_stream=True)
            return
        tunnel = self.tunnels[event.stream_id] = Tunnel(self, event.stream_id, headers)
        self.server.tunnels.append(tunnel)
        answer = [(":status", "200"), *self.server.answer]
        self.h2.send_headers(event.stream_id, answer)


class Http2Server:
    """Each tunnel's bytes are given to `handler`, its end as no bytes; other requests are answered 200, with `answer` if they
    ask for `/answer`. With a version of the PROXY protocol, connections begin with a header of it."""

    def __init__(
        self, handler: Handler, *, pem: bytes | None = None, folder=None, takes_tunnels: bool = True, answer=(),
        proxy_version: int = 0,
    ) -> None:  # fmt: skip
        self.handler, self.takes_tunnels, self.answer = handler, takes_tunnels, list(answer)
        self.proxy_version = proxy_version
        self.announced: list[bytes] = []
        self.requests: list[dict[str, str]] = []
        self.tunnels: list[Tunnel] = []
        self.connections = 0
        self.context = None
        if pem is not None:
            (folder / "h2.pem").write_bytes(pem)
            self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            self.context.load_cert_chain(folder / "h2.pem")
            self.context.set_alpn_protocols(["h2"])
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    @property
    def endpoint(self) -> str:
        return f"127.0.0.1:{self.port}"

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                sock, _ = self.listener.accept()
                self.connections += 1
                threading.Thread(target=self._serve, args=(sock,), daemon=True).start()

    def _serve(self, sock: socket.socket) -> None:
        with contextlib.suppress(OSError):
            if self.proxy_version:
                self.announced.append(read_proxy_header(sock, self.proxy_version))
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            _Connection(self, self.context.wrap_socket(sock, server_side=True) if self.context else sock).run()

    def close(self) -> None:
        with contextlib.suppress(OSError):
            self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()


def echo(tunnel: Tunnel, data: bytes) -> None:
    if data:
        tunnel.send(data)
    if tunnel.ended:
        tunnel.finish()
