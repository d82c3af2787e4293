"""Who listens, asked of the kernel: a connection would be seen by the program.

By sock_diag(7), which tells of listening sockets alone. /proc/net/tcp goes through every connection that has ended lately, and
costs a thousand times as much after some thousand of them.
"""

from __future__ import annotations

import re
import socket
import struct
from pathlib import Path

_SOCK_DIAG, _BY_FAMILY, _REQUEST_ALL, _LISTENING = 4, 20, 0x301, 1 << 10
_ERROR, _DONE = 2, 3


def listens(port: int) -> bool:
    """Whether somebody listens on the port, at any address."""
    try:
        return port in _ports(socket.AF_INET) or port in _ports(socket.AF_INET6)
    except OSError:
        # Not every kernel has it.
        tables = Path("/proc/net/tcp").read_text() + Path("/proc/net/tcp6").read_text()
        return re.search(rf":{port:04X} [0-9A-F]+:0000 0A ", tables) is not None


def _ports(family: int) -> set[int]:
    found: set[int] = set()
    with socket.socket(socket.AF_NETLINK, socket.SOCK_DGRAM, _SOCK_DIAG) as kernel:
        # struct inet_diag_req_v2, of any socket.
        asked = struct.pack("=BBBxI48x", family, socket.IPPROTO_TCP, 0, _LISTENING)
        kernel.send(struct.pack("=IHHII", 16 + len(asked), _BY_FAMILY, _REQUEST_ALL, 1, 0) + asked)
        while True:
            answer = kernel.recv(65_536)
            while answer:
                length, kind = struct.unpack_from("=IH", answer)
                if kind == _DONE:
                    return found
                if kind == _ERROR:
                    raise OSError("the kernel does not tell")
                found.add(struct.unpack_from("!H", answer, 20)[0])
                answer = answer[(length + 3) & ~3 :]
