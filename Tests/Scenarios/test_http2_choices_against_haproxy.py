"""What connections of HTTP/2 announce where `tune.h2.…` chooses, beside Debian's haproxy."""

from __future__ import annotations

import pytest
from harness.http2 import Http2
from harness.twins import LOGGED, echo

FRONTEND = """
frontend f
    bind "127.0.0.1:${HTTP}"
    default_backend b
backend b
    server s "127.0.0.1:${A}"
"""


@pytest.mark.sanitizer
@pytest.mark.parametrize("lines", [
    "tune.h2.max-concurrent-streams 7", "tune.h2.initial-window-size 20000", "tune.h2.initial-window-size 300000",
    "tune.h2.max-concurrent-streams 250\n    tune.h2.initial-window-size 1048576",
])  # fmt: skip
def test_clients_are_told_what_they_may_do(twins, lines):
    pair = twins(LOGGED.replace("global\n", f"global\n    {lines}\n", 1) + FRONTEND, servers={"A": echo})

    def script(side):
        with Http2(side.ports["HTTP"]) as client:
            stream = client.begin("/x", method="POST", ends=False)
            client.send(stream, b"a" * 400_000, ends=True)
            answer = client.answer(stream)
            settings = client.h2.remote_settings
            return settings.max_concurrent_streams, settings.initial_window_size, answer.status

    pair.agree(script)
