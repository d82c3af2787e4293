"""The `sluice` process under test."""

from __future__ import annotations

import http.client
import os
import random
import re
import signal
import socket
import subprocess
from collections import deque
from pathlib import Path

from .waiting import wait_until

ROOT = Path(__file__).resolve().parents[3]


def binary() -> Path:
    """The executable under test; a missing one is an error, never a skip."""
    path = Path(os.environ.get("SLUICE_BINARY", ROOT / ".build/release/sluice"))
    if not path.exists():
        raise FileNotFoundError(f"{path}: build it (swift build -c release) or set SLUICE_BINARY")
    return path


def _ports() -> range:
    """Below the range that outgoing connections use; of each process that runs tests beside others another part."""
    first, last = 15_000, 32_000
    worker = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0")[2:])
    each = (last - first) // int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", 1))
    return range(first + worker * each, first + (worker + 1) * each)


# What was given lately: nobody may listen there yet, and to draw it again would give one port to two.
_given: deque[int] = deque(maxlen=1_000)


def free_port() -> int:
    """A port nobody listens on, nor is about to."""
    while True:
        port = random.choice(_ports())
        if port in _given:
            continue
        with socket.socket() as probe:
            try:
                probe.bind(("0.0.0.0", port))
            except OSError:
                continue
            _given.append(port)
            return port


def listening(port: int = 0) -> socket.socket:
    """A socket that listens on 127.0.0.1; without a port on a free one, which nobody else is given when it is closed for a while."""
    while True:
        try:
            return socket.create_server(("127.0.0.1", port or free_port()), backlog=512)
        except OSError:
            # Somebody else was given it between the look and the bind.
            if port:
                raise


class Sluice:
    """One process with its own ports and logs. `directory` receives `stdout.log` and `stderr.log`."""

    def __init__(
        self, directory: Path, subcommand: str, *arguments: str, descriptors: int = 0, **environment: str
    ) -> None:
        directory.mkdir(parents=True, exist_ok=True)
        self.http, self.https, self.ops = free_port(), free_port(), free_port()
        self.access_path, self.log_path = directory / "stdout.log", directory / "stderr.log"
        flags = {
            "--http-port": self.http, "--https-port": self.https, "--ops-port": self.ops,
            "--admin-address": "127.0.0.1:0", "--drain-delay": "0s",
        }  # fmt: skip
        if subcommand == "proxy":
            # Its ports are its configuration's.
            del flags["--http-port"], flags["--https-port"]
        # setpriv becomes the process; should pytest be killed, the process goes with it.
        limit = ["prlimit", f"--nofile={descriptors}:{descriptors}"] if descriptors else []
        command = [*limit, "setpriv", "--pdeathsig", "KILL", str(binary()), subcommand, *arguments]
        for flag, value in flags.items():
            if flag not in arguments:
                command += [flag, str(value)]
        # The process that is started is the one that serves, unless a scenario asks for --supervise: many look into it.
        surroundings = {**os.environ, "SLUICE_SUPERVISE": "false", **environment}
        with open(self.access_path, "wb") as out, open(self.log_path, "wb") as err:
            self.process = subprocess.Popen(
                command, stdout=out, stderr=err, stdin=subprocess.DEVNULL, env=surroundings
            )

    @property
    def log(self) -> str:
        return self.log_path.read_text(errors="replace")

    @property
    def access_log(self) -> list[str]:
        return self.access_path.read_text(errors="replace").splitlines()

    @property
    def is_running(self) -> bool:
        return self.process.poll() is None

    def ops_get(self, path: str) -> tuple[int, str]:
        """Status and body of the ops port; status 0 where it cannot be reached."""
        connection = http.client.HTTPConnection("127.0.0.1", self.ops, timeout=15)
        try:
            connection.request("GET", path)
            response = connection.getresponse()
            return response.status, response.read().decode()
        except (OSError, http.client.HTTPException):
            return 0, ""
        finally:
            connection.close()

    @property
    def is_ready(self) -> bool:
        return self.ops_get("/readyz")[0] == 200

    def wait_ready(self, timeout: float = 30.0) -> "Sluice":
        def ready() -> bool:
            assert self.is_running, f"exited with {self.process.returncode}:\n{self.log}"
            return self.is_ready

        wait_until(ready, "/readyz answers 200", timeout)
        return self

    def wait_log(self, pattern: str, timeout: float = 15.0) -> str:
        """The first line of stderr that matches."""
        matching = re.compile(pattern, re.I)
        return wait_until(
            lambda: next((line for line in self.log.splitlines() if matching.search(line)), None),
            f"stderr says {pattern}", timeout,
        )  # fmt: skip

    def wait_access(self, pattern: str, timeout: float = 15.0) -> str:
        """The first line of the access log that matches; it is written in batches, so later than the answer."""
        matching = re.compile(pattern)
        return wait_until(
            lambda: next((line for line in self.access_log if matching.search(line)), None),
            f"the access log says {pattern}; it says\n" + "\n".join(self.access_log[-5:]), timeout,
        )  # fmt: skip

    def memory(self) -> int:
        """Resident bytes."""
        text = Path(f"/proc/{self.process.pid}/status").read_text()
        return int(re.search(r"VmRSS:\s+(\d+) kB", text)[1]) * 1024

    def metric(self, name: str, **labels: str) -> float:
        """The sum of a metric over its labels, but for those that are given; 0 where it is absent."""
        wanted, total = {f'{key}="{value}"' for key, value in labels.items()}, 0.0
        for line in self.ops_get("/metrics")[1].splitlines():
            match = re.fullmatch(rf"{name}(?:\{{([^}}]*)\}})? ([-+0-9.eE]+)", line)
            if match and wanted <= set((match[1] or "").split(",")):
                total += float(match[2])
        return total

    def terminate(self) -> None:
        self.process.send_signal(signal.SIGTERM)

    def stop(self) -> int:
        """Ends the process: politely, again, then by force. Answers its exit code."""
        for number, patience in ((signal.SIGTERM, 3), (signal.SIGTERM, 15), (signal.SIGKILL, 5)):
            if self.is_running:
                self.process.send_signal(number)
                try:
                    self.process.wait(patience)
                except subprocess.TimeoutExpired:
                    continue
        return self.process.wait(5)
