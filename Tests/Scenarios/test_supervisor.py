"""The supervisor: an engine that dies is replaced, with the sockets it listened on and the last state of the cluster."""

from __future__ import annotations

import base64
import contextlib
import os
import signal
import socket
import threading
from pathlib import Path

import pytest
from harness.client import Client, careless
from harness.cluster import ask, serves, watched, web_objects
from harness.folder import Folder
from harness.messages import Closed
from harness.replicas import holder, is_leading
from harness.site import dev_service
from harness.sluice import Sluice, free_port
from harness.supervised import children, engine, is_alive, kill, wait_kept
from harness.waiting import wait_until
from simulator import objects
from simulator.pki import Authority

NGINX = "nginx.ingress.kubernetes.io/"
CREDENTIALS = [("Authorization", "Basic " + base64.b64encode(b"anna:secret").decode())]
HEALING = 30.0


@pytest.fixture
def supervised(sluice_controller):
    def start(api, *arguments: str, ready: bool = True) -> Sluice:
        return sluice_controller(
            api, "--supervise", "--log-level", "debug", "--workers", "2", *arguments, ready=ready
        )

    return start


def test_a_killed_engine_is_replaced_while_the_api_server_is_away(cluster, supervised):
    sluice = supervised(cluster)
    assert serves(sluice)
    wait_kept(sluice, 4)
    cluster.stop()
    kill(sluice)
    assert serves(sluice), "who connects waits for the new engine"
    sluice.wait_ready()
    assert sluice.metric("sluice_engine_restarts_total") == 1
    sluice.wait_log(r"engine \(pid \d+\) was killed by signal 9 .* started again$")
    sluice.wait_log("serving the last state, 4 objects")
    cluster.start()
    cluster.apply(objects.ingress("later", "later.test", "web"))
    wait_until(lambda: serves(sluice, "later.test"), "changes arrive again", HEALING)
    assert serves(sluice)


def test_what_went_while_nobody_looked_is_gone_when_the_api_server_answers(cluster, supervised):
    doomed, kept = objects.ingress("doomed", "doomed.test", "web"), objects.ingress("kept", "kept.test", "web")
    cluster.apply(doomed, kept)
    sluice = supervised(cluster)
    wait_kept(sluice, 6)
    cluster.stop()
    cluster.delete(doomed)
    kill(sluice)
    assert serves(sluice, "doomed.test") and serves(sluice, "kept.test")
    cluster.start()
    wait_until(lambda: ask(sluice, "doomed.test").status == 404, "it is gone", HEALING)
    assert serves(sluice, "kept.test") and serves(sluice)


def test_certificates_and_passwords_are_known_to_the_next_engine(cluster, supervised):
    pair = Authority("test").issue("secure", ["secure.test"])
    words = base64.b64encode(b"anna:{PLAIN}secret").decode()
    file = {
        "apiVersion": "v1", "kind": "Secret", "metadata": {"name": "file", "namespace": "default"},
        "type": "Opaque", "data": {"auth": words},
    }  # fmt: skip
    guarded = {NGINX + "auth-type": "basic", NGINX + "auth-secret": "file"}
    cluster.apply(
        objects.tls_secret("pair", pair), file,
        objects.ingress("secure", "secure.test", "web", tls_secret="pair"),
        objects.ingress("guarded", "guarded.test", "web", annotations=guarded),
    )  # fmt: skip
    sluice = supervised(cluster)

    def certificate() -> bytes:
        with Client(sluice.https, tls=careless(), server_name="secure.test") as client:
            return client.socket.getpeercert(binary_form=True)

    def guarded_status(headers=()) -> int:
        with Client(sluice.http) as client:
            return client.request(host="guarded.test", headers=headers).status

    wait_until(lambda: guarded_status(CREDENTIALS) == 200, "the passwords are known")
    wait_kept(sluice, 8)
    before = certificate()
    cluster.stop()
    kill(sluice)
    assert certificate() == before
    assert (guarded_status(), guarded_status(CREDENTIALS)) == (401, 200)
    # No list brings it: that it is gone is asked by its name.
    cluster.delete(file)
    cluster.start()
    wait_until(lambda: guarded_status(CREDENTIALS) != 200, "nobody comes in any more", HEALING)
    assert certificate() == before


class Load:
    """Threads that ask without end; each remembers what has gone wrong."""

    def __init__(self, port: int, keeps: bool, threads: int = 3) -> None:
        self.port, self.keeps = port, keeps
        self.answered, self.refused, self.cut, self.wrong = 0, 0, [0] * threads, []
        self._lock, self._ending = threading.Lock(), threading.Event()
        self._threads = [threading.Thread(target=self._run, args=(i,)) for i in range(threads)]
        for thread in self._threads:
            thread.start()

    def _run(self, number: int) -> None:
        while not self._ending.is_set():
            try:
                with Client(self.port) as client:
                    while True:
                        status = client.request().status
                        with self._lock:
                            self.answered += 1
                            if status != 200:
                                self.wrong.append(status)
                        if not self.keeps or self._ending.is_set():
                            break
            except ConnectionRefusedError:
                self.refused += 1
            except (OSError, Closed):
                self.cut[number] += 1

    def stop(self) -> None:
        self._ending.set()
        for thread in self._threads:
            thread.join(20)


@pytest.mark.parametrize("keeps", [True, False], ids=["keep-alive", "new connections"])
def test_a_death_under_load_costs_what_was_in_flight_and_nothing_else(cluster, supervised, keeps):
    sluice = supervised(cluster)
    wait_kept(sluice, 4)
    cluster.stop()
    load = Load(sluice.http, keeps)
    try:
        wait_until(lambda: load.answered > 100, "it is loaded")
        kill(sluice)
        at = load.answered
        wait_until(lambda: load.answered > at + 300, "it is served again")
    finally:
        load.stop()
    assert load.refused == 0
    assert max(load.cut) <= 1, "a thread has one request in flight"
    assert load.wrong == []


def test_ports_that_a_configmap_opens_are_kept_too(cluster, supervised, backend):
    port = free_port()
    cluster.apply(objects.config_map("tcp", {str(port): "default/web:80"}))
    sluice = supervised(cluster, "--tcp-services-configmap", "default/tcp")

    def answers() -> bool:
        try:
            with Client(port) as client:
                return client.request().status == 200
        except (OSError, Closed):
            return False

    wait_until(answers, "the port is open")
    wait_kept(sluice, 5)
    cluster.stop()
    kill(sluice)
    with Client(port) as client:
        assert client.request().status == 200, "nobody is refused"
    cluster.start()
    cluster.apply(objects.config_map("tcp", {}))

    def is_refused() -> bool:
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", port)) != 0

    wait_until(is_refused, "a port that is closed is closed in the supervisor too", HEALING)


def test_who_leads_goes_on_leading(cluster, supervised):
    sluice = supervised(cluster, "--election-id", "sluice-leader")
    wait_until(lambda: is_leading(sluice), "it leads")
    name = holder(cluster)
    wait_kept(sluice, 4)
    kill(sluice)
    wait_until(lambda: is_leading(sluice), "it leads again")
    assert holder(cluster) == name


def test_engines_that_die_again_and_again_are_replaced_again_and_again(cluster, supervised):
    """Also while the API server is away: each leaves what it was given to the next."""
    sluice = supervised(cluster)
    wait_kept(sluice, 4)
    cluster.stop()
    for death in range(5):
        kill(sluice)
        assert serves(sluice)
        wait_until(lambda: sluice.log.count("kept the state") >= death + 2, "the state is kept again")
    wait_until(lambda: sluice.metric("sluice_engine_restarts_total") == 5, "all are counted")
    sluice.wait_log(r"started again in \d+ ms$")
    assert sluice.stop() == 0


def test_an_engine_that_never_serves_is_given_up(cluster, tmp_path):
    cluster.stop()
    sluice = Sluice(tmp_path / "sluice", "controller", "--supervise", "--kubeconfig", str(cluster.kubeconfig))
    before = 0
    for _ in range(5):
        before = engine(sluice, other_than=before)
        os.kill(before, signal.SIGKILL)
    assert sluice.process.wait(20) == 1
    assert "the engine died 5 times before it served anything" in sluice.log.splitlines()[-1]


def test_a_refusal_to_start_is_one_line_and_its_code(cluster, tmp_path):
    with socket.create_server(("0.0.0.0", free_port())) as taken:
        port = taken.getsockname()[1]
        sluice = Sluice(
            tmp_path / "sluice", "controller", "--supervise", "--kubeconfig", str(cluster.kubeconfig),
            "--bind-address", "0.0.0.0", "--http-port", str(port),
        )  # fmt: skip
        assert sluice.process.wait(20) == 1
    lines = [line for line in sluice.log.splitlines() if line.startswith("sluice: ")]
    assert len(lines) == 1 and str(port) in lines[0], sluice.log


def test_a_signal_drains_the_engine(simulator, supervised, backend):
    gate = threading.Event()
    entered = threading.Event()

    def wait(session, request) -> None:
        entered.set()
        gate.wait(30)
        session.answer()

    api = simulator()
    api.apply(*web_objects(backend(wait)))
    sluice = supervised(api)
    with Client(sluice.http) as client:
        client.send(b"GET / HTTP/1.1\r\nHost: a.test\r\n\r\n")
        assert entered.wait(15)
        sluice.terminate()
        sluice.wait_log("draining")
        gate.set()
        assert client.response().status == 200
    assert sluice.process.wait(20) == 0


def test_a_second_signal_ends_it_at_once(cluster, supervised):
    sluice = supervised(cluster, "--drain-delay", "60s")
    sluice.terminate()
    sluice.wait_log("not ready any more")
    sluice.terminate()
    assert sluice.process.wait(15) == 0


def test_an_engine_ends_with_its_supervisor(cluster, tmp_path):
    sluice = Sluice(tmp_path / "sluice", "controller", "--supervise", "--kubeconfig", str(cluster.kubeconfig))
    sluice.wait_ready()
    serving = engine(sluice)
    sluice.process.kill()
    sluice.process.wait(5)
    wait_until(lambda: not is_alive(serving), "the engine has ended too")


def test_it_can_be_turned_off(cluster, tmp_path):
    sluice = Sluice(
        tmp_path / "sluice", "controller", "--supervise=false", "--kubeconfig", str(cluster.kubeconfig)
    ).wait_ready()
    assert children(sluice.process.pid) == []
    assert serves(sluice)
    assert sluice.metric("sluice_engine_restarts_total") == 0
    sluice.process.kill()
    assert sluice.process.wait(5) == -signal.SIGKILL
    with pytest.raises(ConnectionRefusedError):
        ask(sluice)


def test_it_is_on_for_a_controller_that_is_not_told_otherwise(cluster, tmp_path):
    sluice = Sluice(
        tmp_path / "sluice", "controller", "--kubeconfig", str(cluster.kubeconfig), SLUICE_SUPERVISE=""
    ).wait_ready()
    assert len(children(sluice.process.pid)) == 1
    assert sluice.stop() == 0


def test_folders_of_manifests_can_have_one_too(tmp_path, backend):
    folder = Folder(tmp_path / "manifests")
    folder.put(objects.ingress_class(), objects.ingress("web", "a.test", "web"), dev_service("web", backend()))
    sluice = Sluice(tmp_path / "sluice", "dev", str(folder.path), "--supervise").wait_ready()
    try:
        kill(sluice)
        assert serves(sluice), "who connects waits until the files have been read"
    finally:
        assert sluice.stop() == 0


def test_nobody_can_look_into_the_process_that_holds_the_keys(cluster, supervised):
    """Files of a process that keeps itself private are the system's."""
    sluice = supervised(cluster)
    wait_kept(sluice, 4)
    assert Path(f"/proc/{sluice.process.pid}/mem").stat().st_uid == 0
    if os.geteuid() != 0:
        with pytest.raises(PermissionError):
            list(Path(f"/proc/{sluice.process.pid}/fd").iterdir())
        return
    # The engine says that it has handed it over; it is the supervisor's as soon as that looks.
    wait_until(lambda: states_held(sluice) == ["/memfd:sluice-state (deleted)"], "the supervisor holds the state")


def states_held(sluice: Sluice) -> list[str]:
    """What the supervisor has open of kept states."""
    names = []
    for path in Path(f"/proc/{sluice.process.pid}/fd").iterdir():
        with contextlib.suppress(FileNotFoundError):  # closed since it was listed
            names.append(os.readlink(path))
    return [name for name in names if "sluice-state" in name]


def test_every_kind_is_followed_again(cluster, supervised):
    sluice = supervised(cluster)
    wait_kept(sluice, 4)
    kill(sluice)
    sluice.wait_ready()
    wait_until(lambda: len(watched(cluster)) >= 5, "every kind is watched")
    assert sluice.metric("sluice_object_errors") == 0
