"""When connections are accepted, through both programs: limits of addresses, and of how many come in a second."""

from __future__ import annotations

import csv
import io
import select
import socket
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from harness.client import Client, careless
from harness.runtime import said
from harness.twins import LOGGED, Side
from harness.waiting import holds_for, wait_until
from simulator.pki import Authority


def asking(side: Side, count: int, port: str = "HTTP") -> list[Client]:
    """Clients that have asked and stay."""
    clients = [side.client(port) for _ in range(count)]
    for client in clients:
        client.send(b"GET / HTTP/1.1\r\nHost: a.test\r\n\r\n")
    return clients


def answered(clients: list[Client]) -> list[Client]:
    """Those for whom there is something to read."""
    ready = select.select([client.socket for client in clients], [], [], 0)[0]
    return [client for client in clients if client.socket in ready]


def in_turns(clients: list[Client], most: int) -> list[int]:
    """How many are served at a time, if each one who is served goes."""
    rounds = []
    while clients:
        count = min(most, len(clients))
        wait_until(lambda: len(answered(clients)) >= count, f"{count} of {len(clients)} are served")
        assert holds_for(lambda: len(answered(clients)) == count, 0.2)
        served = answered(clients)
        rounds.append(len(served))
        for client in served:
            assert client.response().status == 200
            client.close()
        clients = [client for client in clients if client not in served]
    return rounds


# Without a word about it haproxy lets as many wait as may be served.
# Nobody who waits here is sent away for that.
LIMITED = f"""{LOGGED.replace(" 5s", " 60s")}
frontend f
    bind "127.0.0.1:${{HTTP}}" maxconn 2 backlog 64
    bind "127.0.0.1:${{OTHER}}" backlog 64
    bind "127.0.0.1:${{THIRD}}" maxconn 1 backlog 64
    http-request return status 200 content-type text/plain string ok
"""


def test_the_limit_of_an_address(twins):
    pair = twins(LIMITED, ports=["HTTP", "OTHER", "THIRD"])

    def script(side):
        clients = asking(side, 7)
        wait_until(lambda: len(answered(clients)) == 2, "two are served")
        # Who comes elsewhere does not wait for those.
        others = asking(side, 3, "OTHER")
        statuses = [client.response().status for client in others] + [side.exchange(port="THIRD").status]
        rounds = in_turns(clients, 2)
        for client in others:
            client.close()
        return statuses, rounds

    assert pair.agree(script) == ([200, 200, 200, 200], [2, 2, 2, 1])


def test_the_limit_of_an_address_within_that_of_its_frontend(twins):
    pair = twins(LIMITED.replace("frontend f", "frontend f\n    maxconn 3"), ports=["HTTP", "OTHER", "THIRD"])

    def script(side):
        clients = asking(side, 5)
        wait_until(lambda: len(answered(clients)) == 2, "two are served")
        others = asking(side, 3, "OTHER")
        wait_until(lambda: len(answered(others)) == 1, "there is room for one more")
        assert holds_for(lambda: len(answered(clients + others)) == 3, 0.2)
        for client in answered(others):
            client.close()
            others.remove(client)
        wait_until(lambda: len(answered(others)) == 1, "and for another one when that has gone")
        for client in others:
            client.close()
        return in_turns(clients, 2)

    assert pair.agree(script) == [2, 2, 1]


RATE = 4
ANSWER = "    http-request return status 200 content-type text/plain string ok\n"


def paced(moments: list[float]) -> bool:
    """Whether nobody was served before his time: a burst of a second's worth, then one after the other. One more may be on its way."""
    return all(
        count <= RATE + RATE * max(0.0, moment - 0.9) + 1 for count, moment in enumerate(sorted(moments), 1)
    )  # fmt: skip


def moments_of_answers(clients: list[Client], begun: float) -> list[float]:
    """When each was seen to be served, in seconds; the clock is read behind it."""
    moments: list[float] = []

    def look() -> bool:
        count = len(answered(clients)) - len(moments)
        moments.extend([time.monotonic() - begun] * count)
        return len(moments) == len(clients)

    wait_until(look, "everybody is served")
    return moments


@pytest.mark.parametrize("line", ["maxconnrate", "maxsessrate", "rate-limit sessions"])
def test_how_many_are_accepted_in_a_second(twins, line):
    own = f"    {line} {RATE}\n"
    in_global, in_frontend = ("", own) if line.startswith("rate") else (own, "")
    text = LOGGED.replace("global\n", f"global\n    nbthread 1\n{in_global}", 1)
    pair = twins(f'{text}\nfrontend f\n    bind "127.0.0.1:${{HTTP}}"\n{in_frontend}{ANSWER}')

    def script(side):
        begun = time.monotonic()
        clients = asking(side, RATE + 6)
        moments = moments_of_answers(clients, begun)
        statuses = {client.response().status for client in clients}
        assert paced(moments), moments
        return statuses, max(moments) > 1.5

    assert pair.agree(script, at_once=True) == ({200}, True)


def test_connections_that_rules_refuse_are_no_sessions(twins):
    text = f"""{LOGGED}
frontend f
    bind "127.0.0.1:${{HTTP}}"
    bind "127.0.0.1:${{OTHER}}"
    rate-limit sessions 1
    tcp-request connection reject if {{ dst_port -m int "${{OTHER}}" }}
{ANSWER}"""
    pair = twins(text.replace("global\n", "global\n    nbthread 1\n", 1), ports=["HTTP", "OTHER"])

    def script(side):
        begun = time.monotonic()
        for _ in range(40):
            try:
                with side.client("OTHER") as client:
                    # We do not accept a client of HTTP that says nothing at once.
                    client.send(b"GET / HTTP/1.1\r\n")
                    assert client.is_closed()
            except ConnectionError:
                pass  # It was refused before that.
        # They would have taken 40 seconds.
        return time.monotonic() - begun < 30, side.exchange().status

    assert pair.agree(script) == (True, 200)


SITE = Authority("rates").issue("site", ["a.test"])
TLS_FILES = {"site.pem": SITE.certificate + SITE.key}


def test_handshakes_in_a_second(twins):
    text = LOGGED.replace("global\n", f"global\n    nbthread 1\n    maxsslrate {RATE}\n", 1)
    binds = '    bind "127.0.0.1:${HTTP}"\n    bind "127.0.0.1:${HTTPS}" ssl crt "${DIR}/site.pem"\n'
    pair = twins(f"{text}\nfrontend f\n{binds}{ANSWER}", ports=["HTTP", "HTTPS"], files=TLS_FILES)

    def script(side):
        begun = time.monotonic()

        def ask(_) -> tuple[int, float]:
            with side.client("HTTPS", tls=careless()) as client:
                return client.request().status, time.monotonic() - begun

        with ThreadPoolExecutor(RATE + 5) as pool:
            told = [pool.submit(ask, i) for i in range(RATE + 5)]
            # Who speaks no TLS does not wait.
            plain = {side.exchange().status for _ in range(30)}
            answers = [one.result() for one in told]
        assert paced([moment for _, moment in answers]), answers
        return plain, {status for status, _ in answers}, max(moment for _, moment in answers) > 1.2

    assert pair.agree(script) == ({200}, {200}, True)


STEERED = LOGGED.replace(
    "global\n", 'global\n    nbthread 1\n    stats socket "127.0.0.1:${CLI}" level admin\n    maxconnrate 7000\n', 1
) + f"""
frontend f
    bind "127.0.0.1:${{HTTP}}" maxconn 40 backlog 100 name one
    maxconn 50
    rate-limit sessions 9000
    option socket-stats
{ANSWER}"""  # fmt: skip

LIMIT_LINES = ["MaxSslConns", "CurrSslConns", "ConnRateLimit", "SessRateLimit", "SslRateLimit", "CompressBpsRateLim"]


def info(side: Side) -> dict[str, str]:
    return dict(line.split(": ", 1) for line in said(side, "show info\n", "CLI").splitlines() if line)


def test_rates_are_steered(twins):
    pair = twins(STEERED, ports=["HTTP", "CLI"])

    def script(side):
        told = [
            said(side, f"set rate-limit {words}\n", "CLI")
            for words in [
                "", "connections", "sessions proxy 5", "other global 5", "sessions global", "sessions global -1",
                "sessions global 5000", "ssl-sessions global 300", "http-compression global 7", "connections global 8000",
            ]
        ]  # fmt: skip
        limits = [info(side)[name] for name in LIMIT_LINES]
        rows = list(csv.DictReader(io.StringIO(said(side, "show stat\n", "CLI").removeprefix("# "))))
        return told, limits, [(row["slim"], row["rate_lim"]) for row in rows]

    _, limits, rows = pair.agree(script)
    assert limits == ["0", "0", "8000", "5000", "300", "7168"]
    assert rows == [("50", "9000"), ("40", "")]


def test_who_waits_for_a_rate_is_let_in_when_it_is_not_limited_any_more(twins):
    pair = twins(STEERED.replace("maxconn 50", "maxconn 5000").replace("maxconn 40", "maxconn 400"), ports=["HTTP", "CLI"])

    def script(side):
        assert said(side, "set rate-limit connections global 1\n", "CLI").strip() == ""
        clients = asking(side, 60)
        wait_until(lambda: answered(clients), "somebody is served")
        are_all = len(answered(clients)) == len(clients)
        assert said(side, "set rate-limit connections global 0\n", "CLI").strip() == ""
        wait_until(lambda: len(answered(clients)) == len(clients), "everybody is served")
        return are_all

    assert pair.agree(script) is False


ENCRYPTED = LOGGED.replace(
    "global\n", 'global\n    stats socket "127.0.0.1:${CLI}" level admin\n    maxsslconn 2\n', 1
) + f"""    timeout client 1m
    log-format "%ST %ts"
frontend f
    bind "127.0.0.1:${{HTTPS}}" ssl crt "${{DIR}}/site.pem"
    bind "127.0.0.1:${{HTTP}}"
{ANSWER.rstrip()} if {{ ssl_fc }} or {{ path /own }}
    default_backend b
backend b
    server s "127.0.0.1:${{HTTPS}}" ssl verify none
"""  # fmt: skip


def is_refused(side: Side) -> bool:
    """Whether a client over TLS is not served; haproxy 2.6 says nothing to it, and forgets its socket."""
    with socket.create_connection(("127.0.0.1", side.ports["HTTPS"]), timeout=1) as plain:
        try:
            careless().wrap_socket(plain).close()
        except OSError:
            return True
    return False


def test_how_much_tls_there_may_be(twins):
    pair = twins(ENCRYPTED, ports=["HTTP", "HTTPS", "CLI"], files=TLS_FILES)

    def script(side):
        clients = [side.client("HTTPS", tls=careless()) for _ in range(2)]
        statuses = [client.request().status for client in clients]
        wait_until(lambda: info(side)["CurrSslConns"] == "2", "both are counted")
        refused = is_refused(side)
        # Others are none of its business.
        statuses.append(side.exchange("/own").status)
        clients.pop().close()
        wait_until(lambda: info(side)["CurrSslConns"] == "1", "one has gone")
        with side.client("HTTPS", tls=careless()) as client:
            statuses.append(client.request().status)
        clients.pop().close()
        wait_until(lambda: info(side)["CurrSslConns"] == "0", "all have gone")
        return statuses, refused, info(side)["MaxSslConns"]

    assert pair.agree(script) == ([200, 200, 200, 200], True, "2")


def test_tls_to_servers_counts_as_well(twins):
    side = twins(ENCRYPTED, ports=["HTTP", "HTTPS", "CLI"], files=TLS_FILES).sluice
    clients = [side.client("HTTPS", tls=careless()) for _ in range(2)]
    assert side.exchange().status == 503
    wait_until(lambda: "503 RC" in side.log, "the line is written")
    for client in clients:
        client.close()
    wait_until(lambda: info(side)["CurrSslConns"] == "0", "all have gone")
    # With the server, and with ourselves as that server.
    assert side.exchange().status == 200
    wait_until(lambda: info(side)["CurrSslConns"] == "2", "both are kept")
