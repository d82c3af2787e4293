"""nginx as a server: it says by which version it was asked."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
from pathlib import Path

from .sluice import free_port
from .waiting import wait_until

NGINX = shutil.which("nginx", path="/usr/sbin:/usr/bin:/usr/local/sbin:/usr/local/bin")

CONFIGURATION = """
{user}
daemon off;
pid {folder}/pid;
error_log {folder}/error.log;
worker_processes 1;
events {{ worker_connections 256; }}
http {{
    access_log {folder}/access.log;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    server {{
        listen 127.0.0.1:{port} {options};
        ssl_certificate {folder}/server.pem;
        ssl_certificate_key {folder}/server.pem;
        root {folder}/files;
        location / {{ return 200 "$server_protocol $scheme $host $ssl_server_name $connection"; }}
        location /files/ {{ }}
    }}
}}
"""


class Nginx:
    """One server with a certificate; `options` are those of its `listen`, e.g. `ssl http2`."""

    def __init__(self, folder: Path, pem: bytes, options: str = "ssl http2", files: dict[str, bytes] | None = None) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.port = free_port()
        (folder / "server.pem").write_bytes(pem)
        for name, content in (files or {}).items():
            path = folder / "files" / "files" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
        # Its workers would be nobody, who may not read temporary folders.
        user = "user root;" if os.geteuid() == 0 else ""
        text = CONFIGURATION.format(folder=folder, port=self.port, options=options, user=user)
        (folder / "nginx.conf").write_text(text)
        command = [NGINX or "nginx", "-p", str(folder), "-e", str(folder / "error.log"), "-c", str(folder / "nginx.conf")]
        self.process = subprocess.Popen(["setpriv", "--pdeathsig", "KILL", *command], stdin=subprocess.DEVNULL)
        wait_until(self._listens, "nginx listens")

    def _listens(self) -> bool:
        assert self.process.poll() is None, "nginx ended"
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self.port)) == 0

    def close(self) -> None:
        self.process.terminate()
        self.process.wait(10)
