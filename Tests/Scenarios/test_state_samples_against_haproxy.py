"""What samples say of backends and servers as they are at the moment, beside Debian's haproxy."""

from __future__ import annotations

import socket
import threading
from contextlib import ExitStack

import pytest
from harness.backend import named
from harness.twins import LOGGED, verdicts
from harness.waiting import wait_everywhere, wait_until

ASKED = [
    "nbsrv(b)", "nbsrv(spare)", "nbsrv(none)", "be_conn(b)", "be_conn_free(b)", "be_conn_free(free)", "connslots(b)", "connslots(free)",
    "avg_queue(b)", "avg_queue(none)", "queue(b)", "srv_is_up(b/one)", "srv_is_up(b/gone)", "srv_conn(b/one)", "srv_conn_free(b/one)",
    "srv_queue(b/one)", "srv_is_up(free/s)", "srv_conn_free(free/s)",
]  # fmt: skip
TEXT = LOGGED + """
frontend f
    bind "127.0.0.1:${HTTP}"
    acl well nbsrv(b) ge 1
    http-request return status 200 content-type text/plain lf-string "%s" if { path /state }
    http-request deny unless well
    use_backend free if { nbsrv(spare) 1 } { path /free }
    default_backend b
backend b
    timeout queue 5s
    http-request set-header X-Own %%[nbsrv]
    http-response set-header X-Up %%[srv_is_up(one)]
    server one "127.0.0.1:${SLOW}" maxconn 1 maxqueue 5
    server gone 127.0.0.1:1 maxconn 3 check inter 100ms fall 1
backend free
    server s "127.0.0.1:${OTHER}"
backend spare
    server s 127.0.0.1:1 check inter 100ms fall 1
    server t "127.0.0.1:${OTHER}" backup
    server u "127.0.0.1:${OTHER}" backup
backend none
""" % " ".join(f"{name}=%[{name}]" for name in ASKED)


@pytest.mark.sanitizer
def test_backends_and_servers_are_told_as_they_are(twins):
    go = threading.Event()

    def slow(session, request):
        if request.target == "/wait":
            go.wait(40)
        session.answer(body=b"slow")

    pair = twins(TEXT, servers={"SLOW": slow, "OTHER": named("other")})

    def state(side):
        return dict(pair.split("=") for pair in side.exchange("/state").body.decode().split())

    def script(side):
        seen = []
        wait_everywhere(lambda: (now := state(side))["srv_is_up(b/gone)"] == "0" and now["nbsrv(spare)"] == "1", "checks have failed")
        seen.append(state(side))
        seen += [side.get("/", without=["x-own"]).headers, side.get("/free").body]
        with ExitStack() as stack:
            for waiting in range(2):
                client = stack.enter_context(socket.create_connection(("127.0.0.1", side.ports["HTTP"]), 5))
                client.sendall(b"GET /wait HTTP/1.1\r\nHost: a\r\n\r\n")
                wait_until(lambda: state(side)["queue(b)"] == str(waiting), "it is under way")
                wait_until(lambda: state(side)["srv_conn(b/one)"] == "1", "it is at the server")
            seen.append({name: value for name, value in state(side).items() if name != "be_conn(b)"})
            go.set()
        wait_until(lambda: state(side)["srv_conn(b/one)"] == "0", "all is over")
        go.clear()
        return seen

    idle, *_, busy = pair.agree(script)
    assert idle["nbsrv(b)"] == "1" and busy["queue(b)"] == "1" and busy["avg_queue(b)"] == "1"


HEAD = "defaults\n    mode http\n    timeout client 1s\n    timeout connect 5s\n    timeout server 1s\n"


@pytest.mark.parametrize("sample", [
    "nbsrv(b)", "nbsrv(f)", "nbsrv(none)", "nbsrv", "be_conn(b)", "srv_is_up(b/s)", "srv_is_up(b/none)", "srv_is_up(s)", "srv_is_up",
    "queue(b/s)", "srv_queue(none/s)",
])  # fmt: skip
def test_the_same_questions_are_refused(tmp_path, sample):
    text = HEAD + f"frontend f\n    bind 127.0.0.1:1\n    http-request deny if {{ {sample} -m found }}\nbackend b\n    server s 127.0.0.1:2\n"
    theirs, ours = verdicts(tmp_path, text).values()
    assert ours[0] == theirs[0]
