"""A syslog receiver: datagrams of many programs, told apart by the number of the process that each line names."""

from __future__ import annotations

import re
import socket
import threading

from .waiting import wait_until


class Syslog:
    """Collects datagrams sent to a port of loopback, or to a path."""

    def __init__(self, path: str | None = None) -> None:
        family = socket.AF_UNIX if path else socket.AF_INET
        self._socket = socket.socket(family, socket.SOCK_DGRAM)
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 20)
        self._socket.bind(path or ("127.0.0.1", 0))
        self.port = 0 if path else self._socket.getsockname()[1]
        self.datagrams: list[bytes] = []
        self._thread = threading.Thread(target=self._receive, daemon=True)
        self._thread.start()

    def _receive(self) -> None:
        while True:
            try:
                self.datagrams.append(self._socket.recv(65_536))
            except OSError:
                return
            if not self.datagrams[-1]:
                return

    def of(self, process: int) -> list[str]:
        """The lines of a process as they came."""
        pattern = re.compile(rb"\[%d\]: | %d - " % (process, process))
        return [d.decode("latin-1") for d in list(self.datagrams) if pattern.search(d)]

    def wait(self, process: int, count: int) -> list[str]:
        """The same once there are so many."""
        wait_until(lambda: len(self.of(process)) >= count, f"{count} lines of {process}")
        return self.of(process)

    def close(self) -> None:
        """Ends the thread first: one that waits on a number that is closed would begin again on whose that is by then."""
        try:
            self._socket.shutdown(socket.SHUT_RDWR)
        except OSError:
            # It is connected to nobody, and wakes up all the same.
            pass
        self._thread.join(5)
        self._socket.close()
