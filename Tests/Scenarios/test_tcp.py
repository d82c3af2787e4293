"""TCP services: ports that a ConfigMap opens, as ingress-nginx's `--tcp-services-configmap` does."""

from __future__ import annotations

import hashlib
import json
import os
import socket
import subprocess
import threading

import pytest

from harness.client import Client
from harness.cluster import serves, web_objects
from harness.site import dev_service
from harness.sluice import binary, free_port
from harness.tcp import TCPServer, answers, ask, connect, is_refused, read, read_all, wait_open
from harness.waiting import holds_for, wait_until
from simulator import objects

FLAG = ("--tcp-services-configmap", "default/tcp")


@pytest.fixture
def server():
    """Starts TCP servers; by default they echo."""
    started: list[TCPServer] = []

    def start(*arguments) -> TCPServer:
        started.append(TCPServer(*arguments))
        return started[-1]

    yield start
    for one in started:
        one.close()


@pytest.fixture
def echo(sluice_dev, server):
    """`sluice dev` with one TCP port that leads to an echo server."""
    port, peer = free_port(), server()
    site = sluice_dev(
        dev_service("echo", peer.endpoint), objects.config_map("tcp", {str(port): "default/echo:80"}), arguments=FLAG
    )
    wait_open(port)
    return site, port


@pytest.mark.sanitizer
def test_bytes_go_both_ways(echo):
    site, port = echo
    with connect(port) as connection:
        for text in (b"a", b"GET / HTTP/1.1\r\n\r\n", bytes(range(256)) * 300):
            assert ask(connection, text) == text
        client = connection.getsockname()[1]
    line = site.sluice.wait_access(rf"^127\.0\.0\.1:{client} ")
    assert f" tcp-{port} default/echo:80/" in line
    assert line.split()[-3] == "--"


@pytest.mark.sanitizer
def test_an_end_of_one_side_leaves_the_other(echo):
    _, port = echo
    with connect(port) as connection:
        connection.sendall(b"x" * 100_000)
        connection.shutdown(socket.SHUT_WR)
        assert read_all(connection) == b"x" * 100_000


def test_much_passes_both_ways_at_once(echo):
    _, port = echo
    data = os.urandom(1 << 20)
    sent, got = hashlib.sha256(), hashlib.sha256()
    with connect(port, 30) as connection:

        def send() -> None:
            for _ in range(48):
                connection.sendall(data)
                sent.update(data)
            connection.shutdown(socket.SHUT_WR)

        sender = threading.Thread(target=send)
        sender.start()
        count = 0
        while piece := connection.recv(1 << 20):
            got.update(piece)
            count += len(piece)
        sender.join()
    assert count == 48 << 20
    assert got.digest() == sent.digest()


def test_no_endpoint_closes_at_once(sluice_dev):
    port = free_port()
    site = sluice_dev(
        objects.service("none"), objects.config_map("tcp", {str(port): "default/none:80"}), arguments=FLAG
    )
    wait_until(lambda: not is_refused(port), "it listens")
    with connect(port) as connection:
        assert connection.recv(1) == b""
    assert f" tcp-{port} default/none:80/<NOSRV> -1/-1/" in site.sluice.wait_access(" SC ")


@pytest.mark.sanitizer
def test_proxy_headers_in_and_out(sluice_dev, server):
    """The first word takes a header away, the second sends one."""
    both, taken, sent = free_port(), free_port(), free_port()
    peer = server()
    sluice_dev(
        dev_service("echo", peer.endpoint),
        objects.config_map(
            "tcp",
            {
                str(both): "default/echo:80:PROXY:PROXY",
                str(taken): "default/echo:80:PROXY",
                str(sent): "default/echo:http::PROXY",
            },
        ),
        arguments=FLAG,
    )
    header = b"PROXY TCP4 192.0.2.7 192.0.2.8 4711 5432\r\n"
    wait_open(taken, text=header + b"x", expected=b"x")
    wait_open(both, text=header + b"x", expected=header + b"x")
    wait_until(lambda: not is_refused(sent), "the third one listens too")
    with connect(sent) as connection:
        connection.sendall(b"x")
        own = b"PROXY TCP4 127.0.0.1 127.0.0.1 %d %d\r\n" % (connection.getsockname()[1], sent)
        assert read(connection, len(own) + 1) == own + b"x"
    with connect(taken) as connection:
        connection.sendall(b"no header")
        # What it said is never read: the end is a reset.
        with pytest.raises(ConnectionResetError):
            assert connection.recv(1) == b""
            raise ConnectionResetError


def test_ports_come_change_and_go_without_a_loss_for_others(simulator, sluice_controller, backend, server):
    """Sessions and requests that have nothing to do with a change never notice it, the sessions of a closed port neither."""
    api = simulator()
    first, second = free_port(), free_port()
    one, other = server(), server(lambda connection: connection.sendall(b"other"))
    api.apply(*web_objects(backend()), objects.service("one"), objects.service("other"))
    for name, peer in (("one", one), ("other", other)):
        api.apply(objects.slice_of(name, [objects.endpoint("127.0.0.1", pod=f"{name}-0")], peer.port))
    api.apply(objects.config_map("tcp", {str(first): "default/one:80"}))
    sluice = sluice_controller(api, *FLAG)
    assert serves(sluice)
    wait_open(first)
    running = connect(first)
    assert ask(running, b"1") == b"1"

    failures: list[object] = []
    ended = threading.Event()

    def browse() -> None:
        with Client(sluice.http) as client:
            while not ended.is_set():
                answer = client.request("/", host="a.test")
                if answer.status != 200:
                    failures.append(answer.status)

    def talk() -> None:
        with connect(first) as connection:
            while not ended.is_set():
                if ask(connection, b"tick") != b"tick":
                    failures.append("session")
                    return

    threads = [threading.Thread(target=work) for work in (browse, browse, talk, talk)]
    for thread in threads:
        thread.start()
    for _ in range(5):
        api.apply(objects.config_map("tcp", {str(first): "default/one:80", str(second): "default/other:80"}))
        wait_open(second, text=b"", expected=b"other")
        api.apply(objects.config_map("tcp", {str(first): "default/one:80", str(second): "default/one:http"}))
        wait_open(second)
        api.apply(objects.config_map("tcp", {str(first): "default/one:80"}))
        wait_until(lambda: is_refused(second), "the port is closed")
    api.apply(objects.config_map("tcp", {str(second): "default/one:80"}))
    wait_until(lambda: is_refused(first), "the first port is closed")
    wait_open(second)
    assert ask(running, b"still there") == b"still there"
    ended.set()
    for thread in threads:
        thread.join(10)
    running.close()
    assert failures == []
    assert serves(sluice)


def test_endpoints_are_swapped_under_a_port(simulator, sluice_controller, server):
    api = simulator()
    port = free_port()
    one, other = (server(lambda connection, text=text: connection.sendall(text)) for text in (b"one", b"two"))
    api.apply(objects.ingress_class(), objects.service("pool"), objects.config_map("tcp", {str(port): "default/pool:80"}))
    api.apply(objects.slice_of("pool", [objects.endpoint("127.0.0.1")], one.port, name="s"))
    sluice_controller(api, *FLAG)
    wait_open(port, text=b"", expected=b"one")
    api.apply(objects.slice_of("pool", [objects.endpoint("127.0.0.1")], other.port, name="s"))
    wait_open(port, text=b"", expected=b"two")


def test_bad_entries_are_told_of_and_the_rest_is_served(simulator, sluice_controller, server):
    api = simulator()
    port, closed = free_port(), free_port()
    occupied = socket.create_server(("0.0.0.0", free_port()))
    taken = occupied.getsockname()[1]
    peer = server()
    api.apply(objects.ingress_class(), objects.service("echo"))
    api.apply(objects.slice_of("echo", [objects.endpoint("127.0.0.1")], peer.port))
    entries = {
        str(port): "default/echo:80", str(taken): "default/echo:80", "http": "default/echo:80",
        str(closed): "default/nobody:80", "7": "echo:80", "8": "default/echo:81",
    }  # fmt: skip
    api.apply(objects.config_map("tcp", entries))
    sluice = sluice_controller(api, *FLAG)
    wait_open(port)
    for field, reason in (
        (taken, "NotListening"), ("http", "PortInvalid"), (closed, "ServiceNotFound"), (7, "ReferenceInvalid"),
        (8, "PortNotFound"),
    ):  # fmt: skip
        sluice.wait_log(rf"ConfigMap default/tcp data\.{field}: .*\({reason}\)")
    assert is_refused(closed)
    # What was in the way goes; the next change tries again.
    occupied.close()
    api.apply(objects.config_map("tcp", {str(port): "default/echo:80", str(taken): "default/echo:80"}))
    wait_open(taken)
    assert answers(port)


def test_a_taken_port_is_opened_when_it_is_free(simulator, sluice_controller, server):
    """Without an edit: it is tried after 1, 3 and 7 seconds, and only the changes are told of."""
    api = simulator()
    occupied = socket.create_server(("0.0.0.0", free_port()))
    taken = occupied.getsockname()[1]
    peer = server()
    api.apply(objects.ingress_class(), objects.service("echo"), objects.config_map("tcp", {str(taken): "default/echo:80"}))
    api.apply(objects.slice_of("echo", [objects.endpoint("127.0.0.1")], peer.port))
    sluice = sluice_controller(api, *FLAG)
    line = sluice.wait_log(rf"ConfigMap default/tcp data\.{taken}: .*Address already in use.*\(NotListening\)")
    assert "error" in line

    def told() -> int:
        return sum(f"data.{taken}:" in line for line in sluice.log.splitlines())

    assert holds_for(lambda: told() == 1, 1.5)
    occupied.close()
    wait_until(lambda: answers(taken), "the port answers")
    assert "info" in sluice.wait_log(rf"data\.{taken}: .*\(Listening\)").lower()
    assert told() == 2


def test_a_config_map_that_comes_later_and_goes(simulator, sluice_controller, server):
    api = simulator()
    port, peer = free_port(), server()
    api.apply(objects.ingress_class(), objects.service("echo"))
    api.apply(objects.slice_of("echo", [objects.endpoint("127.0.0.1")], peer.port))
    sluice = sluice_controller(api, *FLAG)
    sluice.wait_log(r"ConfigMap default/tcp.*\(ConfigMapNotFound\)")
    entry = objects.config_map("tcp", {str(port): "default/echo:80"})
    api.apply(entry, objects.config_map("other", {str(free_port()): "default/echo:80"}))
    wait_open(port)
    assert {request["query"].get("fieldSelector") for request in api.requests() if request["resource"] == "configmaps"} == {
        "metadata.name=tcp"
    }
    api.delete(entry)
    wait_until(lambda: is_refused(port), "the port is closed")


def test_translate_shows_ports(tmp_path):
    folder = tmp_path / "manifests"
    folder.mkdir()
    for number, body in enumerate(
        (dev_service("echo", "127.0.0.1:1"), objects.config_map("tcp", {"5432": "default/echo:80:PROXY", "x": "y"}))
    ):
        (folder / f"{number}.json").write_text(json.dumps(body))
    result = subprocess.run([binary(), "translate", str(folder), *FLAG], capture_output=True, text=True, timeout=20)
    assert json.loads(result.stdout)["tcp"] == [
        {
            "port": 5432, "name": "tcp-5432", "target": {"backend": "default/echo:80"}, "acceptsProxyHeaders": True,
        }
    ]  # fmt: skip
    assert "1.json" in result.stderr and "data.x" in result.stderr
    assert result.returncode == 1
