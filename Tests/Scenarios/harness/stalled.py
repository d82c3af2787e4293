"""A server that takes no connection and refuses none."""

from __future__ import annotations

import socket
from contextlib import ExitStack, contextmanager
from typing import Callable, Iterator


@contextmanager
def stalled_listener() -> Iterator[tuple[str, Callable[[], None]]]:
    """The address of a server that answers no connection, and what makes it refuse them from then on."""
    with ExitStack() as stack:
        listener = stack.enter_context(socket.socket())
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        for _ in range(4):
            filler = stack.enter_context(socket.socket())
            filler.setblocking(False)
            filler.connect_ex(listener.getsockname())
        yield f"127.0.0.1:{listener.getsockname()[1]}", listener.close
