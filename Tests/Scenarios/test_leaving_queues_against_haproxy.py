"""Who waits for a server, how far they came, and clients that say no more meanwhile, here and in this machine's haproxy."""

from __future__ import annotations

import csv
import re
import socket
import threading

import pytest
from harness.runtime import said
from harness.tcp import connect, read_all
from harness.twins import LOGGED
from harness.waiting import wait_until

FILE = """
global
    nbthread 1
    stats socket "ipv4@127.0.0.1:${CLI}" level admin
""" + LOGGED + """
    log-format "%HP %ST %tsc %sq/%bq||"
    retries 0
    timeout queue QUEUE
listen web
    bind "127.0.0.1:${HTTP}"
    OPTION
    use-server a if { path_beg /own }
    server a "127.0.0.1:${A}" maxconn 1
"""
LINE = re.compile(r"^(.*)\|\|$", re.M)


def ask(side, path: str) -> socket.socket:
    client = connect(side.ports["HTTP"])
    client.sendall(f"GET {path} HTTP/1.1\r\nHost: a.test\r\nConnection: close\r\n\r\n".encode())
    return client


def waiting(side) -> int:
    """How many wait, for the server or for any."""
    rows = list(csv.DictReader(said(side, "show stat web 7 -1\n", "CLI").splitlines()))
    return max(int(row["qcur"]) for row in rows if row["svname"] == "BACKEND" or row["svname"] == "a")


def written(side, count: int) -> list[str]:
    wait_until(lambda: len(LINE.findall(side.log)) >= count, f"{count} lines:\n{side.log}")
    return LINE.findall(side.log)


@pytest.fixture
def pair(twins):
    """Both, and what opens the gate before which each one's server holds what asks for /held."""
    opened: dict[int, threading.Event] = {}

    def handle(session, request):
        if request.target == "/held":
            assert opened[session.socket.getsockname()[1]].wait(60)
        session.answer(200, b"x")

    def start(option: str = "", queue: str = "60s"):
        made = twins(FILE.replace("OPTION", option).replace("QUEUE", queue), ports=["HTTP", "CLI"], servers={"A": handle})
        gates = {side.name: opened.setdefault(side.backends["A"].port, threading.Event()) for side in made.sides}
        return made, gates

    yield start
    for gate in opened.values():
        gate.set()


@pytest.mark.parametrize("path", ["/any", "/own"])
def test_the_log_says_how_many_were_served_before(pair, path):
    twins, gates = pair()

    def script(side):
        held = ask(side, "/held")
        wait_until(lambda: side.backends["A"].requests, "it is held")
        clients = []
        for i in range(3):
            clients.append(ask(side, f"{path}/{i}"))
            wait_until(lambda: waiting(side) == len(clients), f"{len(clients)} wait")
        gates[side.name].set()
        assert [read_all(client)[9:12] for client in [held, *clients]] == [b"200"] * 4
        return sorted(written(side, 4))

    lines = twins.agree(script)
    assert [line.split()[-1] for line in lines if path in line] == ([f"0/{i}" for i in (1, 2, 3)] if path == "/any" else [f"{i}/0" for i in (1, 2, 3)])


def test_who_waits_too_long_says_how_far_it_came(pair):
    twins, gates = pair(queue="200ms")

    def script(side):
        held = ask(side, "/held")
        wait_until(lambda: side.backends["A"].requests, "it is held")
        clients = [ask(side, f"/any/{i}") for i in range(3)]
        assert [read_all(client)[9:12] for client in clients] == [b"503"] * 3
        gates[side.name].set()
        read_all(held)
        return sorted(written(side, 4))

    assert [line.split()[-1] for line in twins.agree(script)[:3]] == ["0/1"] * 3


@pytest.mark.parametrize("option", ["option abortonclose", "no option abortonclose"])
@pytest.mark.parametrize("waits", ["in the queue", "for its answer"])
def test_clients_that_say_no_more(pair, option, waits):
    twins, gates = pair(option)

    def script(side):
        first = ask(side, "/held")
        wait_until(lambda: side.backends["A"].requests, "it is held")
        leaving, others = first, []
        if waits == "in the queue":
            leaving, others = ask(side, "/any"), [first]
            wait_until(lambda: waiting(side) == 1, "it waits")
        leaving.shutdown(socket.SHUT_WR)
        if option.startswith("option"):
            answer = read_all(leaving)
            assert written(side, 1)
            gates[side.name].set()
        else:
            gates[side.name].set()
            answer = read_all(leaving)
        for other in others:
            read_all(other)
        return answer[9:12], sorted(written(side, 1 + len(others)))

    status, _ = twins.agree(script)
    assert status == (b"200" if option.startswith("no") else b"" if waits == "in the queue" else b"400")
