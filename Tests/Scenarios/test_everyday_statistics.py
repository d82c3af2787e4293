"""The pages of statistics that articles about HAProxy show, here and in this machine's haproxy."""

from __future__ import annotations

import base64

import pytest
from harness.twins import Side
from harness.waiting import wait_until
from test_everyday_configurations import DEFAULTS, FRONT, ask, called

pytestmark = pytest.mark.sanitizer


def test_the_page_of_statistics_shows_everything_to_who_may_see_it(twins):
    text = DEFAULTS + FRONT + '    default_backend web_servers\nbackend web_servers\n    server web-01 "127.0.0.1:${A}" check\n'
    text += r"""
frontend stats_front
    bind "127.0.0.1:${STATS}"
    stats enable
    stats uri /haproxy-stats
    stats realm HAProxy\ Statistics
    stats auth infrarunbook-admin:S3cur3P@ssw0rd
    stats refresh 5s
    stats show-legends
    stats show-node sw-infrarunbook-01
listen stats
    bind "127.0.0.1:${OTHER}"
    stats enable
    stats uri /haproxy?stats
    stats auth admin:password
"""
    pair = twins(text, ports=["HTTP", "STATS", "OTHER"], servers={"A": called("web-01")})

    def authorized(who: str) -> list[tuple[str, str]]:
        return [("Authorization", "Basic " + base64.b64encode(who.encode()).decode())]

    def script(side: Side) -> list:
        assert [ask(side) for _ in range(3)] == ["web-01"] * 3
        nobody = side.exchange("/haproxy-stats", port="STATS")
        seen = [nobody.status, nobody.get("www-authenticate")]
        seen.append(side.exchange("/haproxy-stats", port="STATS", headers=authorized("infrarunbook-admin:x")).status)
        admin = authorized("infrarunbook-admin:S3cur3P@ssw0rd")
        page = side.exchange("/haproxy-stats", port="STATS", headers=admin)
        shown = page.body.decode()
        seen += [page.status, page.get("content-type"), page.get("refresh")]
        seen += [word in shown for word in ("http_front", "web_servers", "web-01", "sw-infrarunbook-01", "S3cur3P")]

        def counted() -> dict[str, str]:
            rows = side.exchange("/haproxy-stats;csv", port="STATS", headers=admin).body.decode().splitlines()
            names = rows[0].removeprefix("# ").split(",")
            (server,) = [dict(zip(names, row.split(","))) for row in rows if row.startswith("web_servers,web-01,")]
            return server

        wait_until(lambda: counted()["hrsp_2xx"] == "3", "all three are counted")
        server = counted()
        seen += [server["stot"], server["hrsp_2xx"], server["type"]]
        seen.append(side.exchange("/haproxy?stats", port="OTHER", headers=authorized("admin:password")).status)
        seen.append(side.exchange("/elsewhere", port="OTHER", headers=authorized("admin:password")).status)
        return seen

    assert pair.agree(script) == [
        401, 'Basic realm="HAProxy Statistics"', 401, 200, "text/html", "5", True, True, True, True, False,
        "3", "3", "2", 200, 503,
    ]  # fmt: skip
