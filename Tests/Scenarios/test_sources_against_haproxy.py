"""Where connections to servers come from: `source` of sections and servers, ports, and clients' addresses."""
import socket

import pytest
from harness.sluice import free_port
from harness.twins import LOGGED
from harness.waiting import wait_until

TEXT = LOGGED + """
frontend f
    bind "127.0.0.1:${HTTP}"
    use_backend %[path,field(2,/)]
backend plain
    server s "127.0.0.1:${A}"
backend own
    source 127.0.0.9
    server s "127.0.0.1:${A}" source 127.0.0.3
backend section
    source 127.0.0.4
    server s "127.0.0.1:${A}"
backend template
    default-server source 127.0.0.5
    server s "127.0.0.1:${A}"
backend range
    server s "127.0.0.1:${A}" source "127.0.0.6:${LOW}-${HIGH}"
backend nowhere
    retries 0
    server s "127.0.0.1:${A}" source 192.0.2.77
"""


def peer(session, request):
    host, port = session.socket.getpeername()
    session.answer(body=f"{host} {port}".encode(), headers="Connection: close\r\n")


@pytest.fixture
def ports():
    """Sixteen ports in a row that nothing of this test's machine is bound to at 127.0.0.6."""
    low = min(free_port(), 65520)
    return low, low + 15


def test_connections_come_from_where_the_file_says(twins, ports):
    low, high = ports
    text = TEXT.replace('"127.0.0.6:${LOW}-${HIGH}"', f"127.0.0.6:{low}-{high}")
    pair = twins(text, servers={"A": peer})

    def script(side):
        names = ["plain", "own", "section", "template", "range"]
        answers = [side.exchange(f"/{name}") for name in names]
        assert low <= int(answers[-1].body.split()[1]) <= high
        return [(answer.status, answer.body.split()[0]) for answer in answers] + [side.exchange("/nowhere").status]

    assert pair.agree(script) == [
        (200, b"127.0.0.1"), (200, b"127.0.0.3"), (200, b"127.0.0.4"), (200, b"127.0.0.5"), (200, b"127.0.0.6"), 503,
    ]


CHECKED = LOGGED + """
frontend f
    bind "127.0.0.1:${HTTP}"
    default_backend b
backend b
    option httpchk
    http-check send meth GET uri /check ver HTTP/1.1 hdr Host a
    server s "127.0.0.1:${A}" check inter 200 source 127.0.0.3
"""


def test_checks_come_from_there_too(twins):
    seen = {}

    def note(session, request):
        seen.setdefault(session.socket.getsockname()[1], set()).add((request.target, session.socket.getpeername()[0]))
        session.answer()

    pair = twins(CHECKED, servers={"A": note})

    def script(side):
        wait_until(lambda: seen.get(side.backends["A"].port), "it is checked")
        return seen[side.backends["A"].port]

    assert pair.agree(script) == {("/check", "127.0.0.3")}


def may_be_foreign():
    """Whether the system lets this process use addresses of others."""
    with socket.socket() as probe:
        try:
            probe.setsockopt(socket.SOL_IP, 19, 1)
        except PermissionError:
            return False
    return True


FOREIGN = LOGGED + """
frontend f
    bind "127.0.0.1:${HTTP}"
    use_backend %[path,field(2,/)]
backend clientip
    http-reuse always
    source 0.0.0.0 usesrc clientip
    server s "127.0.0.1:${A}"
backend told
    http-request set-src hdr(x-from)
    source 127.0.0.9 usesrc clientip
    server s "127.0.0.1:${A}"
"""


@pytest.mark.skipif(not may_be_foreign(), reason="the system does not allow addresses of others")
def test_servers_see_clients_addresses(twins):
    def kept(session, request):
        session.answer(body=session.socket.getpeername()[0].encode())

    pair = twins(FOREIGN, servers={"A": kept})

    def script(side):
        answers = []
        for source in ("127.0.0.11", "127.0.0.12", "127.0.0.11"):
            with side.client(source=source) as client:
                answers += [client.request("/clientip").body, client.request("/clientip").body]
        answers.append(side.exchange("/told", headers=[("X-From", "127.0.0.13")]).body)
        return answers

    assert pair.agree(script) == [b"127.0.0.11"] * 2 + [b"127.0.0.12"] * 2 + [b"127.0.0.11"] * 2 + [b"127.0.0.13"]
