"""Asking the runtime API of either program, on the sockets that a configuration names.

    said(side, "show servers state\\n")            on admin.sock beside the configuration
    said(side, "show cli level\\n", "CLI")         on the port CLI of the loopback
"""

from __future__ import annotations

import re
import socket

from .twins import Side


def said(side: Side, text: str, name: str = "admin", *, ends: bool = False) -> str:
    """Everything that is said to some bytes, until the connection ends; without what differs between two processes."""
    if name == "CLI":
        client = socket.create_connection(("127.0.0.1", side.ports["CLI"]), 5)
    else:
        client = socket.socket(socket.AF_UNIX)
        client.settimeout(5)
        client.connect(str(side.path.parent / f"{name}.sock"))
    with client:
        client.sendall(text.replace("DIR", str(side.path.parent)).encode())
        if ends:
            client.shutdown(socket.SHUT_WR)
        answer = b""
        while chunk := client.recv(65536):
            answer += chunk
    text = answer.decode().replace(str(side.path.parent), "DIR")
    text = re.sub(r"exp=\d+", "exp=N", text)
    return re.sub(r"0x[0-9a-f]+", "0xN", text)


def with_names(side: Side, text: str) -> str:
    """The same for both programs: ports by the names they have in the configuration."""
    known = {key: backend.port for key, backend in side.backends.items()} | side.ports
    for name, port in known.items():
        text = re.sub(rf"\b{port}\b", f"${name}", text)
    return text
