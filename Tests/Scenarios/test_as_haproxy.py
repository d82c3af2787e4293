"""The program under the name haproxy: its command line, its processes, its signals and its exit codes."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import threading
from pathlib import Path

import pytest
from harness.client import Client
from harness.messages import Closed
from harness.runtime import connected
from harness.sluice import binary, free_port
from harness.waiting import holds_for, wait_everywhere, wait_until

pytestmark = pytest.mark.sanitizer

TEXT = """
global
    hard-stop-after 5s
    GLOBAL
defaults
    mode http
    timeout connect 5s
    timeout client 5s
    timeout server 5s
frontend f
    bind BIND
    http-request return status 200 content-type text/plain string "ANSWER"
"""
BROKEN = "frontend f\n    bogus\n"
# A label of 64 bytes is no name, so that no name server is asked.
UNKNOWN = f"backend far\n    timeout connect 1s\n    timeout server 1s\n    server s {'x' * 64}.invalid:80\n"


class Haproxy:
    """The program as a link of that name, with a file of its own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.program = folder / "haproxy"
        self.program.symlink_to(Path(binary()).resolve())
        self.port = free_port()
        self.file = folder / "haproxy.cfg"
        self.log_path = folder / "log"
        self.log_path.touch()
        self.processes: list[subprocess.Popen] = []
        self.write()

    def write(self, answer: str = "one", bind: str = "", settings: str = "") -> None:
        text = TEXT.replace("ANSWER", answer).replace("BIND", bind or f"127.0.0.1:{self.port}")
        self.file.write_text(text.replace("GLOBAL", settings))

    def run(self, *words: str, **settings: object) -> subprocess.CompletedProcess:
        return subprocess.run([self.program, *words], capture_output=True, text=True, timeout=20, cwd=self.folder, **settings)

    def start(self, *words: str, program: str | None = None, **settings: object) -> subprocess.Popen:
        command = ["setpriv", "--pdeathsig", "KILL", program or str(self.program), *words]
        with open(self.log_path, "ab") as log:
            process = subprocess.Popen(command, stdout=log, stderr=log, stdin=subprocess.DEVNULL, cwd=self.folder, **settings)
        self.processes.append(process)
        return process

    @property
    def log(self) -> str:
        return self.log_path.read_text(errors="replace")

    def ask(self) -> str | None:
        """The answer; None if nobody listens."""
        try:
            with Client(self.port) as client:
                return client.request("/").body.decode()
        except (ConnectionError, Closed):
            # Who ends may have accepted a client that has not asked yet: which of the two it hears is up to the scheduler.
            return None

    def serves(self, answer: str = "one") -> None:
        wait_until(lambda: self.ask() == answer, f"{answer} is answered\n{self.log}", 15)

    def close(self) -> None:
        for process in self.processes:
            for child in children(process.pid):
                kill(child)
            process.kill()
            process.wait(5)


def children(pid: int) -> list[int]:
    try:
        return [int(word) for word in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    except OSError:
        return []


def kill(pid: int, number: int = signal.SIGKILL) -> None:
    try:
        os.kill(pid, number)
    except ProcessLookupError:
        pass


def is_running(pid: int) -> bool:
    try:
        return ") Z " not in Path(f"/proc/{pid}/stat").read_text()
    except OSError:  # also a process that goes between the opening and the reading
        return False


def asked(place: str | int, line: str) -> str:
    """What a command line answers to a client that has said all it will."""
    with connected(place) if isinstance(place, str) else socket.create_connection(("127.0.0.1", place), 15) as client:
        client.sendall(line.encode() + b"\n")
        client.shutdown(socket.SHUT_WR)
        answer = b""
        while data := client.recv(65536):
            answer += data
    return answer.decode()


@pytest.fixture
def haproxy(tmp_path):
    program = Haproxy(tmp_path)
    yield program
    program.close()


# MARK: Words that do not serve


def test_versions_have_the_form_that_tools_read(haproxy):
    short, long = haproxy.run("-v"), haproxy.run("-vv")
    assert (short.returncode, long.returncode) == (0, 0)
    assert re.match(r"HAProxy version 3\.2\.0-sluice-\S+ - ", short.stdout)
    assert long.stdout.startswith(short.stdout)
    assert "\n  TARGET  = linux-glibc\n" in long.stdout
    features = re.search(r"^Feature list : (.*)$", long.stdout, re.MULTILINE).group(1).split()
    assert "+OPENSSL" in features and "-LUA" in features and "-QUIC" in features
    assert "+PROMEX" in features and "\nAvailable services : prometheus-exporter\n" in long.stdout


@pytest.mark.parametrize(
    ("words", "code", "output"),
    [
        (["-c", "-f", "haproxy.cfg"], 0, ""),
        (["-c", "-V", "-f", "haproxy.cfg"], 0, "Configuration file is valid\n"),
        (["-c", "-V", "-q", "-f", "haproxy.cfg"], 0, ""),
        (["-c", "-V", "--", "haproxy.cfg"], 0, "Configuration file is valid\n"),
        (["-c", "-V", "-C", "sub", "-f", "../haproxy.cfg"], 0, "Configuration file is valid\n"),
        (["-c", "-V", "-dW", "-dr", "-f", "haproxy.cfg", "-f", "unknown.cfg"], 0, "Configuration file is valid\n"),
        (["-c", "-f", "haproxy.cfg", "-f", "unknown.cfg"], 1, ""),
        (["-cc", "version_atleast(3.0) && feature(OPENSSL)"], 0, ""),
        (["-cc", "version_atleast(4.0)"], 1, ""),
        (["-cc", "defined(HAPROXY_LOCALPEER) && streq($HAPROXY_LOCALPEER,here)", "-L", "here"], 1, ""),
        (["-cc", "bogus("], 2, ""),
    ],
)  # fmt: skip
def test_what_is_asked_without_serving(haproxy, words, code, output):
    (haproxy.folder / "sub").mkdir()
    (haproxy.folder / "unknown.cfg").write_text(UNKNOWN)
    done = haproxy.run(*words)
    assert (done.returncode, done.stdout) == (code, output), done.stderr


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["-f", "broken.cfg"], r"\[ALERT\]    \(\d+\) : config : parsing \[broken\.cfg:2\] : .*'bogus'"),
        (["-c", "-f", "broken.cfg"], r"\[ALERT\]    \(\d+\) : config : Fatal errors found in configuration\."),
        (["-W", "-f", "broken.cfg"], r"parsing \[broken\.cfg:2\]"),
        (["-D", "-f", "broken.cfg"], r"parsing \[broken\.cfg:2\]"),
        (["-f", "missing.cfg"], r"missing\.cfg: "),
        (["-c", "-dW", "-f", "warned.cfg"], r"warnings are errors"),
        (["-f"], r"'-f': a value is missing"),
        (["-n", "many", "-f", "haproxy.cfg"], r"'many' is not a number"),
        (["--bogus"], r"unknown option '--bogus'\nUsage : haproxy "),
        (["haproxy.cfg"], r"unexpected word 'haproxy\.cfg'"),
        ([], r"no file"),
        (["-C", "/nowhere", "-f", "haproxy.cfg"], r"cannot change to /nowhere"),
        (["-S", "nonsense", "-W", "-f", "haproxy.cfg"], r"-S nonsense: "),
    ],
)  # fmt: skip
def test_what_can_not_be_done_is_one_alert_and_exit_1(haproxy, words, message):
    (haproxy.folder / "broken.cfg").write_text(BROKEN)
    (haproxy.folder / "warned.cfg").write_text(haproxy.file.read_text() + "    cookie A\n")
    done = haproxy.run(*words)
    assert done.returncode == 1
    assert re.search(message, done.stderr), done.stderr
    assert haproxy.ask() is None


def test_a_port_that_is_taken_is_said_by_whoever_waits(haproxy):
    with socket.create_server(("127.0.0.1", haproxy.port)):
        for words in (["-f"], ["-W", "-f"], ["-D", "-f"]):
            done = haproxy.run(*words, "haproxy.cfg")
            assert done.returncode == 1
            assert f"127.0.0.1:{haproxy.port}: bind: Address already in use" in done.stderr


# MARK: One process


def test_in_the_foreground_it_ends_at_once_on_sigint(haproxy):
    process = haproxy.start("-f", "haproxy.cfg")
    haproxy.serves()
    with Client(haproxy.port) as client:
        client.send(b"GET / HTTP/1.1\r\n")
        process.send_signal(signal.SIGINT)
        assert process.wait(15) == 0


def test_on_sigusr1_it_finishes_what_it_has_begun(haproxy):
    haproxy.write(settings="nbthread 1")
    process = haproxy.start("-f", "haproxy.cfg")
    haproxy.serves()
    with Client(haproxy.port) as client:
        client.send(b"GET / HTTP/1.1\r\nHost: a\r\n")
        # Of one thread: its head is being read once another request on another connection is through.
        assert haproxy.ask() == "one"
        process.send_signal(signal.SIGUSR1)
        wait_until(lambda: haproxy.ask() is None, "it does not listen any more")
        client.send(b"\r\n")
        assert client.response().body == b"one"
    assert process.wait(10) == 0


@pytest.mark.parametrize("number", [signal.SIGHUP, signal.SIGUSR2])
def test_files_are_read_again(haproxy, number):
    process = haproxy.start("-db", "-f", "haproxy.cfg")
    haproxy.serves()
    haproxy.write("two")
    process.send_signal(number)
    haproxy.serves("two")


def test_sockets_are_inherited_and_standard_streams_may_be_closed(haproxy):
    with socket.create_server(("127.0.0.1", 0)) as web, socket.create_server(("127.0.0.1", 0)) as admin:
        for listener in (web, admin):
            listener.set_inheritable(True)
        haproxy.port = web.getsockname()[1]
        haproxy.write(bind='"fd@${WEB}"', settings='stats socket "fd@${ADMIN}" level admin')
        numbers = {"WEB": str(web.fileno()), "ADMIN": str(admin.fileno())}
        process = subprocess.Popen(
            [haproxy.program, "-d", "-f", haproxy.file], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, close_fds=False, env={**os.environ, **numbers},
            preexec_fn=lambda: os.close(0),
        )  # fmt: skip
        haproxy.processes.append(process)
        port = admin.getsockname()[1]
        haproxy.serves()
        assert f"\nPid: {process.pid}\n" in asked(port, "show info")
        process.send_signal(signal.SIGINT)
        assert process.wait(15) == 0


def test_what_is_inherited_has_to_listen(haproxy):
    haproxy.write(bind="fd@77")
    done = haproxy.run("-f", "haproxy.cfg")
    assert done.returncode == 1
    assert "cannot listen on fd@77: inherit: Bad file descriptor" in done.stderr


def test_limits_of_the_command_line_win(haproxy):
    haproxy.write(settings=f"maxconn 7\n    stats socket {haproxy.folder}/cli")
    process = haproxy.start("-n", "3", "-f", "haproxy.cfg")
    haproxy.serves()
    assert "\nMaxconn: 3\n" in asked(f"{haproxy.folder}/cli", "show info")
    process.kill()


def test_a_new_process_takes_over_beside_the_old_one(haproxy):
    old = haproxy.start("-f", "haproxy.cfg")
    haproxy.serves()
    answers: set[str | None] = set()
    done = threading.Event()

    def load() -> None:
        while not done.is_set():
            answers.add(haproxy.ask())

    thread = threading.Thread(target=load)
    thread.start()
    wait_until(lambda: "one" in answers, "the old one is asked")
    haproxy.write("two")
    new = haproxy.start("-f", "haproxy.cfg", "-sf", str(old.pid))
    assert old.wait(15) == 0
    haproxy.serves("two")
    wait_until(lambda: "two" in answers, "the new one is asked")
    done.set()
    thread.join()
    # None: a connection that waited at the old one's door as that closed (docs/differences.md).
    assert answers - {None} == {"one", "two"}
    assert new.poll() is None
    assert [haproxy.ask() for _ in range(20)] == ["two"] * 20


# MARK: In the background


@pytest.mark.parametrize("words", [["-D"], ["-D", "-W"], []], ids=["-D", "-D -W", "daemon"])
def test_in_the_background_it_serves_when_the_command_returns(haproxy, words):
    haproxy.write(settings="" if words else f"daemon\n    pidfile {haproxy.folder}/pid")
    done = haproxy.run(*words, *(["-p", "pid"] if words else []), "-f", "haproxy.cfg")
    pid = int((haproxy.folder / "pid").read_text()) if (haproxy.folder / "pid").exists() else 0
    try:
        assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
        assert haproxy.ask() == "one"
        assert len(children(pid)) == (1 if "-W" in words else 0)
    finally:
        kill(pid, signal.SIGTERM)
    wait_until(lambda: not is_running(pid), "it has ended")
    assert haproxy.ask() is None


@pytest.mark.parametrize("words", [["-D"], ["-D", "-W"]], ids=" ".join)
def test_a_folder_is_entered_once_whoever_serves(haproxy, words):
    (haproxy.folder / "sub").mkdir()
    done = haproxy.run(*words, "-C", "sub", "-p", "pid", "-f", "../haproxy.cfg")
    path = haproxy.folder / "sub/pid"
    try:
        assert (done.returncode, done.stderr) == (0, "")
        assert haproxy.ask() == "one"
    finally:
        if path.exists():
            kill(int(path.read_text()), signal.SIGTERM)
    wait_until(lambda: haproxy.ask() is None, "it has ended")


def test_the_foreground_wins_over_daemon(haproxy):
    haproxy.write(settings="daemon")
    process = haproxy.start("-db", "-f", "haproxy.cfg")
    haproxy.serves()
    assert process.poll() is None


# MARK: A master and its worker


def master(haproxy: Haproxy, *words: str, **settings: object) -> tuple[subprocess.Popen, int]:
    process = haproxy.start("-W", "-p", "pid", *words, "-f", "haproxy.cfg", **settings)
    wait_until(lambda: (haproxy.folder / "pid").exists() or process.poll() is not None, "it serves", 15)
    assert process.poll() is None, haproxy.log
    wait_until(lambda: (haproxy.folder / "pid").read_text().endswith("\n"), "its number is written")
    assert int((haproxy.folder / "pid").read_text()) == process.pid, "the master's number is the one to know"
    (worker,) = children(process.pid)
    assert haproxy.ask() == "one"
    return process, worker


@pytest.mark.parametrize(
    ("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGUSR1, 0)], ids=lambda x: str(int(x))
)
def test_a_master_ends_with_its_worker(haproxy, number, code):
    process, worker = master(haproxy)
    process.send_signal(number)
    assert process.wait(10) == code
    assert not is_running(worker)
    assert haproxy.ask() is None


def test_a_worker_that_dies_takes_its_master_along(haproxy):
    process, worker = master(haproxy)
    kill(worker)
    assert process.wait(10) == 137
    assert re.search(rf"\[ALERT\] .* : worker \({worker}\) exited with code 137", haproxy.log)


def test_a_master_that_dies_leaves_nobody_behind(haproxy):
    process, worker = master(haproxy)
    process.kill()
    wait_until(lambda: not is_running(worker), "the worker has ended")


@pytest.mark.parametrize("number", [signal.SIGHUP, signal.SIGUSR2])
def test_a_master_has_files_read_again_without_another_process(haproxy, number):
    process, worker = master(haproxy)
    with Client(haproxy.port) as client:
        assert client.request("/").body == b"one"
        haproxy.write("two")
        process.send_signal(number)
        wait_until(lambda: client.request("/").body == b"two", "the connection lives on and is answered the new way")
        haproxy.file.write_text(BROKEN)
        process.send_signal(number)
        wait_until(lambda: "the configuration stays as it is" in haproxy.log, "it says why")
        assert client.request("/").body == b"two"
    assert children(process.pid) == [worker]


def test_a_master_that_is_told_before_it_serves_has_files_read_again_then(haproxy):
    process = haproxy.start("-W", "-f", "haproxy.cfg")
    wait_until(lambda: children(process.pid), "there is a worker")
    # In one step: the worker may be reading.
    own = haproxy.file
    haproxy.file = own.with_suffix(".new")
    haproxy.write("two")
    haproxy.file.rename(own)
    process.send_signal(signal.SIGUSR2)
    haproxy.serves("two")


def test_the_masters_command_line(haproxy):
    place = f"{haproxy.folder}/master"
    haproxy.write(settings=f"stats socket {haproxy.folder}/cli level admin")
    process, worker = master(haproxy, "-S", f"{place},mode,600")
    assert os.stat(place).st_mode & 0o777 == 0o600
    rows = [line.split() for line in asked(place, "show proc").splitlines() if line and line[0].isdigit()]
    assert [row[:3] for row in rows] == [[str(process.pid), "master", "0"], [str(worker), "worker", "0"]]
    assert f"\nPid: {worker}\n" in asked(place, "@1 show info")
    assert asked(place, f"@!{worker} show version") == asked(f"{haproxy.folder}/cli", "show version")
    assert asked(place, "@master show version") == asked(place, "show version")
    assert asked(place, "@1 show info;show version").endswith(asked(place, "show version"))
    assert asked(place, "@!1 show info") == "Can't find the target PID matching the prefix '@!1'.\n\n"
    assert asked(place, "bogus").startswith("Unknown command")
    assert "  reload" in asked(place, "help") and "show proc" in asked(place, "help")
    assert f"\nPid: {worker}\n" in asked(place, "operator; @1 show info")
    assert asked(place, "user; @1 disable server b/s") == "\nPermission denied\n\n"
    haproxy.write("two")
    assert asked(place, "reload").startswith("Success=1\n--\n")
    wait_everywhere(lambda: haproxy.ask() == "two", "the new file is served")
    haproxy.file.write_text(BROKEN)
    assert asked(place, "reload").startswith("Success=0\n--\n")
    assert haproxy.ask() == "two"
    assert re.search(rf"{worker} +worker +2 ", asked(place, "show proc"))


def test_the_masters_command_line_may_be_inherited(haproxy):
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.set_inheritable(True)
        _, worker = master(haproxy, "-S", f"fd@{listener.fileno()}", close_fds=False)
        assert f"\nPid: {worker}\n" in asked(listener.getsockname()[1], "@1 show info")


def test_the_service_manager_is_told(haproxy):
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.bind(f"{haproxy.folder}/notify")
        manager.settimeout(15)
        process = haproxy.start("-Ws", "-f", "haproxy.cfg", env={**os.environ, "NOTIFY_SOCKET": f"{haproxy.folder}/notify"})
        assert manager.recv(4096).decode().splitlines()[:2] == ["READY=1", f"MAINPID={process.pid}"]
        assert haproxy.ask() == "one"
        process.send_signal(signal.SIGUSR2)
        assert manager.recv(4096).startswith(b"RELOADING=1\n")
        assert manager.recv(4096).startswith(b"READY=1\nSTATUS=Ready.\n")
        process.send_signal(signal.SIGTERM)
        assert manager.recv(4096) == b"STOPPING=1\n"
        assert process.wait(10) == 143


def test_no_service_manager_is_told_without_being_asked_to(haproxy):
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.bind(f"{haproxy.folder}/notify")
        manager.setblocking(False)
        master(haproxy, env={**os.environ, "NOTIFY_SOCKET": f"{haproxy.folder}/notify"})

        def is_silent() -> bool:
            try:
                return not manager.recv(4096)
            except BlockingIOError:
                return True

        assert holds_for(is_silent, 0.3)
