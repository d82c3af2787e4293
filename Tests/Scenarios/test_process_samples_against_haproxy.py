"""What expressions read of the process, the machine and a connection is what Debian's haproxy reads."""

from __future__ import annotations

import pytest
from harness.twins import LOGGED

FACTS = [
    "hostname", "nbproc", "thread", "stopping", "env(HOME)", "env(NO_SUCH_VARIABLE)", "src_is_local", "dst_is_local", "fc_src", "fc_dst",
    "fc_rcvd_proxy", "src", "be_server_timeout", "cur_server_timeout", "be_tunnel_timeout", "cur_tunnel_timeout", "fe_client_timeout",
    "fc_src_port,sub(txn.port),bool", "fc_dst_port,sub(txn.to),bool",
]  # fmt: skip


@pytest.mark.parametrize("header", ["", "PROXY TCP4 192.0.2.7 127.0.0.1 5 6\r\n", "PROXY UNKNOWN\r\n"])
def test_facts(twins, header):
    shown = "|".join(f"%[{fact}]" for fact in FACTS)
    pair = twins(
        f'''{LOGGED.replace("global", "global" + chr(10) + "    nbthread 1", 1)}
frontend f
    bind "127.0.0.1:${{HTTP}}" {"accept-proxy" if header else ""}
    http-request set-var(txn.port) src_port
    http-request set-var(txn.to) dst_port
    http-request set-src str(198.51.100.1)
    default_backend b
backend b
    timeout server 7s
    timeout tunnel 1h
    http-request set-timeout server 3s
    http-request return status 200 content-type text/plain lf-string '{shown}'
    server s 127.0.0.1:1
'''
    )

    def script(side):
        with side.client() as client:
            if header:
                client.send(header.encode())
            return client.request("/").body

    pair.agree(script)
