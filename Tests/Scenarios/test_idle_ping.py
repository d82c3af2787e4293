"""`idle-ping` of `server` lines: servers of HTTP/2 show that they live, or lose their connection (HAProxy 3.2; Debian's does not know it)."""

from __future__ import annotations

import contextlib
import socket
import threading

import h2.config
import h2.connection
import h2.events
import pytest
from harness.waiting import wait_until
from test_server_tls_cfg import Proxy, files  # noqa: F401

pytestmark = pytest.mark.sanitizer


class Server:
    """Answers requests with 200; PINGs only as long as it `lives`."""

    def __init__(self) -> None:
        self.lives = True
        self.pings = self.connections = self.ended = 0
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                sock, _ = self.listener.accept()
                self.connections += 1
                threading.Thread(target=self._serve, args=(sock,), daemon=True).start()

    def _serve(self, sock: socket.socket) -> None:
        link = h2.connection.H2Connection(h2.config.H2Configuration(client_side=False))
        link.initiate_connection()
        with contextlib.suppress(OSError):
            sock.sendall(link.data_to_send())
            while data := sock.recv(65536):
                events = link.receive_data(data)
                for event in events:
                    if isinstance(event, h2.events.RequestReceived):
                        link.send_headers(event.stream_id, [(":status", "200"), ("content-length", "0")], end_stream=True)
                    self.pings += isinstance(event, h2.events.PingReceived)
                answer = link.data_to_send()
                if self.lives:
                    sock.sendall(answer)
        self.ended += 1
        sock.close()

    def close(self) -> None:
        with contextlib.suppress(OSError):
            self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()


@pytest.fixture
def server():
    started = Server()
    yield started
    started.close()


def test_a_server_that_answers_is_asked_again_and_kept(files, server):  # noqa: F811
    with Proxy(files, f"{server.port} proto h2 idle-ping 3s") as proxy:
        assert proxy.ask().status == 200
        wait_until(lambda: server.pings >= 2, "it is asked twice")
        assert server.ended == 0
        assert proxy.metric("sluice_upstream_http2_faults_total{") == ""


def test_a_server_that_is_silent_loses_its_connection_and_gets_another(files, server):  # noqa: F811
    with Proxy(files, f"{server.port} proto h2 idle-ping 300ms") as proxy:
        assert proxy.ask().status == 200
        wait_until(lambda: server.pings, "it is asked")
        server.lives = False
        wait_until(lambda: server.ended, "its connection is closed")
        wait_until(lambda: "unansweredPing" in proxy.metric("sluice_upstream_http2_faults_total{"), "it is counted")
        server.lives = True
        before = server.connections
        assert proxy.ask().status == 200
        assert server.connections == before + 1
