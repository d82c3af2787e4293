"""Servers with `redir`: who asks them with GET or HEAD is sent to them, as Debian's haproxy does it."""

from __future__ import annotations

import pytest
from harness.twins import HAPROXY, LOGGED, Side, Twins, echo, verdicts
from harness.waiting import wait_until

TEXT = (
    LOGGED
    + """frontend f
    bind "127.0.0.1:${HTTP}"
    log-format "%HM %HU %ST %ts %b/%s"
    http-request set-path /new%[path] if { path_beg /old }
    http-request set-query a=1 if { path_beg /asked }
    use_backend bare if { path_beg /bare }
    use_backend limited if { path_beg /limited }
    use_backend local if { path_beg /local }
    default_backend b
backend b
    cookie SRV insert
    http-response set-header X-Rule answer
    http-after-response set-header X-After all
    server near "127.0.0.1:${A}" cookie n redir http://near.example/base
    server far "127.0.0.1:${A}" cookie f weight 0
backend bare
    server s "127.0.0.1:${A}" redir /
backend limited
    server s "127.0.0.1:${A}" maxconn 1 redir https://s.example
backend local
    server down 127.0.0.1:1 disabled
    server disaster 127.0.0.1:1 backup redir http://elsewhere.example
"""
)


def seen(side: Side, path: str, method: str = "GET", **more: object) -> tuple[int, list]:
    response = side.exchange(path, method=method, **more)
    fields = {name.lower(): value for name, value in response.fields}
    kept = ("location", "cache-control", "content-length", "set-cookie", "x-rule", "x-after")
    return response.status, [fields.get(name) for name in kept if response.status == 302 or name.startswith("x-")]


def test_clients_are_sent_to_their_server(twins):
    pair: Twins = twins(TEXT, servers={"A": echo})
    cookie = [("Cookie", "SRV=f")]

    def script(side: Side) -> list:
        found = [seen(side, path) for path in ("/", "/a/b?c=d", "/old/x", "/asked", "/bare/x?y", "/local/z")]
        found += [seen(side, "/limited/1") for _ in range(3)]
        found.append(seen(side, "/a", "HEAD"))
        found += [seen(side, "/a", method, body=b"x") for method in ("POST", "PUT")] + [seen(side, "/a", "DELETE")]
        # An idle connection, left by POST, is not used for what is answered here.
        found += [seen(side, "/a"), seen(side, "/a", headers=cookie)]
        count = len(found)
        wait_until(lambda: len(lines(side)) >= count, f"all lines of {side.name}")
        return [found, sorted(lines(side))]

    found = pair.agree(script)
    assert isinstance(found, list)
    # haproxy ends the connection behind such an answer; here it goes on.
    with pair.sluice.client() as client:
        statuses = [client.request("/1").status, client.request("/2").status, client.request("/3", method="POST", body=b"x").status]
        assert [*statuses, client.request("/4").status] == [302, 302, 200, 302]
    assert found[0][1][:2] == (302, ["http://near.example/base/a/b?c=d", "no-cache", "0", None, None, "all"])


def lines(side: Side) -> list[str]:
    """What was logged of requests."""
    words = ("GET ", "HEAD ", "POST ", "PUT ", "DELETE ")
    return [line for line in side.log.splitlines() if line.startswith(words)]


def test_where_it_may_stand(tmp_path):
    if not HAPROXY:
        pytest.skip("haproxy is not installed")
    frame = "defaults\n    mode {}\n    timeout client 5s\n    timeout connect 5s\n    timeout server 5s\nlisten l\n    bind 127.0.0.1:1\n    {}\n"
    for place, (mode, line) in enumerate([
        ("http", "server s 127.0.0.1:1 redir http://a"), ("http", "default-server redir http://a"),
        ("http", "server s 127.0.0.1:1 redir"), ("tcp", "server s 127.0.0.1:1 redir http://a"),
    ]):  # fmt: skip
        folder = tmp_path / str(place)
        folder.mkdir()
        found = verdicts(folder, frame.format(mode, line))
        assert found["haproxy"][0] == found["sluice"][0], line
