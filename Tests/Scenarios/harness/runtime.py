"""Asking the runtime API of either program, on the sockets that a configuration names.

    said(side, "show servers state\\n")            on admin.sock beside the configuration
    said(side, "show cli level\\n", "CLI")         on the port CLI of the loopback
"""

from __future__ import annotations

import re
import socket
import time

from .twins import Side


def said(side: Side, text: str, name: str = "admin", *, ends: bool = False) -> str:
    """Everything that is said to some bytes, until the connection ends; without what differs between two processes."""
    if name == "CLI":
        client = socket.create_connection(("127.0.0.1", side.ports["CLI"]), 15)
    else:
        client = connected(str(side.path.parent / f"{name}.sock"))
    with client:
        client.sendall(text.replace("DIR", str(side.path.parent)).encode())
        if ends:
            client.shutdown(socket.SHUT_WR)
        answer = b""
        while chunk := client.recv(65536):
            answer += chunk
    text = answer.decode().replace(str(side.path.parent), "DIR")
    text = re.sub(r"exp=\d+", "exp=N", text)
    # Not in the middle of a word: what is encoded may have such bytes too.
    return re.sub(r"(?<![\w+/])0x[0-9a-f]+", "0xN", text)


def connected(path: str | bytes) -> socket.socket:
    """Ports of a process may be open a moment before its sockets in files are."""
    last = time.monotonic() + 15
    while True:
        client = socket.socket(socket.AF_UNIX)
        client.settimeout(15)
        try:
            client.connect(path)
            return client
        except (FileNotFoundError, ConnectionRefusedError):
            client.close()
            if time.monotonic() > last:
                raise
            time.sleep(0.05)


def with_names(side: Side, text: str) -> str:
    """The same for both programs: ports by the names they have in the configuration."""
    known = {key: backend.port for key, backend in side.backends.items()} | side.ports
    for name, port in known.items():
        text = re.sub(rf"\b{port}\b", f"${name}", text)
    return text
