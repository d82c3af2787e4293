"""A server that speaks TLS and tells what it has seen of its client."""

from __future__ import annotations

import http.server
import ssl
import threading
from typing import Callable


class SecureServer:
    """Answers with what `tell` says of the connection; `names` are those that clients said."""

    def __init__(self, context: ssl.SSLContext, tell: Callable[[ssl.SSLSocket], str]) -> None:
        self.names: list[str | None] = []
        context.sni_callback = lambda _socket, said, _context: self.names.append(said)

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                body = tell(self.connection).encode()
                self.send_response(200)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: object) -> None:
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        # Clients that do not like the certificate are gone before they ask.
        self.server.handle_error = lambda *_: None
        self.server.socket = context.wrap_socket(self.server.socket, server_side=True, do_handshake_on_connect=False)
        self.endpoint = f"127.0.0.1:{self.server.server_address[1]}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()
