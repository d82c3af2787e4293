"""Operators who are quicker than the configuration."""

from __future__ import annotations

import socket
import time

from harness.sluice import Sluice

BACKENDS = 2000


def reached(path: str, sluice: Sluice) -> socket.socket:
    """The first connection that there can be."""
    last = time.monotonic() + 30
    while True:
        client = socket.socket(socket.AF_UNIX)
        try:
            client.connect(path)
            return client
        except (FileNotFoundError, ConnectionRefusedError):
            client.close()
            assert sluice.is_running and time.monotonic() < last, sluice.log


def test_the_first_answer_is_about_the_whole_configuration(tmp_path):
    admin, file = tmp_path / "admin.sock", tmp_path / "many.cfg"
    many = "".join(f"backend b{i}\n    server s 127.0.0.1:1\n" for i in range(BACKENDS))
    file.write_text(
        f"global\n    stats socket {admin} level admin\n    nbthread 2\n"
        "defaults\n    mode http\n    timeout client 5s\n    timeout server 5s\n    timeout connect 5s\n"
        f"frontend f\n    bind 127.0.0.1:0\n    default_backend b0\n{many}"
    )
    sluice = Sluice(tmp_path / "sluice", "proxy", "-f", str(file))
    try:
        with reached(str(admin), sluice) as client:
            client.settimeout(30)
            client.sendall(b"show backend\n")
            answer = b""
            while chunk := client.recv(65536):
                answer += chunk
        assert len([line for line in answer.decode().splitlines() if line.startswith("b")]) == BACKENDS
    finally:
        sluice.stop()
