"""For tests: starts the simulator as a process of its own and gives it commands."""

from __future__ import annotations

import http.client
import json
import socket
import subprocess
import sys
from pathlib import Path

SCRIPT = Path(__file__).resolve().parent.parent / "apiserver.py"


class SimulatorError(Exception):
    """The simulator refused a command."""


class ApiServer:
    """A running simulator. Any command of server.Simulator is a method here: `api.compact()`."""

    def __init__(self, directory: Path, *arguments: str) -> None:
        self.kubeconfig = directory / "kubeconfig"
        self._log = open(directory / "apiserver.log", "wb")
        # setpriv becomes the process; should the test be killed, the process goes with it.
        command = ["setpriv", "--pdeathsig", "KILL", sys.executable, str(SCRIPT)]
        command += ["--directory", str(directory), "--announce", *arguments]
        self._process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=self._log)
        line = self._process.stdout.readline()
        if not line:
            raise SimulatorError((directory / "apiserver.log").read_text())
        announced = json.loads(line)
        self.port: int = announced["port"]
        self._control = http.client.HTTPConnection("127.0.0.1", announced["control"], timeout=60)
        self._control.connect()
        self._control.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    @property
    def url(self) -> str:
        return f"https://127.0.0.1:{self.port}"

    def apply(self, *objects: dict) -> list[dict]:
        """Creates or replaces objects. Each answer's `writtenAt` is CLOCK_MONOTONIC in nanoseconds."""
        return self._command("apply", list(objects))

    def delete(self, *objects: dict) -> list[dict]:
        return self._command("delete", list(objects))

    def close(self) -> None:
        self._control.close()
        self._process.terminate()
        try:
            self._process.wait(10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._process.stdout.close()
        self._log.close()

    def __getattr__(self, name: str):
        if name.startswith("_"):
            raise AttributeError(name)
        return lambda **settings: self._command(name, settings)

    def _command(self, name: str, body: object) -> object:
        self._control.request("POST", f"/_sim/{name}", json.dumps(body))
        response = self._control.getresponse()
        answer = json.loads(response.read())
        if response.status != 200:
            raise SimulatorError(f"{name}: {answer['error']}")
        return answer
