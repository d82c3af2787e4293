"""Processes that share stick tables, each of either program.

    one, two = nodes("sluice", "haproxy", TABLES)
    one.set("cluster/own", "k", gpc0=5)
    wait_until(lambda: two.rows("cluster/own").get("k", {}).get("gpc0") == "5", "the other one knows")

Every node reads the same lines behind a head that says who it is and who else there is. `nodes` starts the first programs it is
given; a node can be stopped and started again under the same name and port.
"""

from __future__ import annotations

import os
import re
import socket
import subprocess
from pathlib import Path

from .client import Client
from .listeners import listens
from .messages import Response
from .sluice import binary, free_port
from .twins import HAPROXY_COMMAND
from .waiting import wait_until

HEAD = """
global
    localpeer {name}
    stats socket "${{DIR}}/admin.sock" mode 600 level admin
defaults
    mode http
    timeout client 20s
    timeout connect 5s
    timeout server 20s
peers cluster
{peers}
"""


class Node:
    """One process, by the name that others know it by."""

    def __init__(self, name: str, program: str, folder: Path, text: str, environment: dict[str, str]) -> None:
        self.name, self.program, self.folder = name, program, folder / name
        self.folder.mkdir(parents=True)
        self.http = free_port()
        (self.folder / "node.cfg").write_text(text)
        self.environment = {**os.environ, "DIR": str(self.folder), "NAME": name, "HTTP": str(self.http), **environment}
        self.process: subprocess.Popen | None = None

    def start(self) -> None:
        command = {
            "haproxy": HAPROXY_COMMAND,
            "sluice": [str(binary()), "proxy"],
            "as haproxy": [str(self._link()), "-db", "-L", self.name],
        }[self.program]
        with open(self.folder / "log", "ab") as log:
            self.process = subprocess.Popen(
                ["setpriv", "--pdeathsig", "KILL", *command, "-f", str(self.folder / "node.cfg")],
                stdout=log, stderr=log, stdin=subprocess.DEVNULL, env=self.environment,
            )  # fmt: skip
        wait_until(self._answers, f"{self.name} answers", 30)

    def _link(self) -> Path:
        """Sluice by haproxy's name."""
        link = self.folder / "haproxy"
        if not link.exists():
            link.symlink_to(binary())
        return link

    def _answers(self) -> bool:
        assert self.process and self.process.poll() is None, self.log
        try:
            return "Uptime" in self.ask("show info")
        except OSError:
            return False

    def stop(self) -> None:
        if self.process:
            self.process.kill()
            self.process.wait(15)
            self.process = None

    @property
    def log(self) -> str:
        return (self.folder / "log").read_text(errors="replace")

    def get(self, path: str = "/", **fields: str) -> Response:
        with Client(self.http) as client:
            return client.request(path, headers=[(name.replace("_", "-"), value) for name, value in fields.items()])

    # The runtime API.

    def ask(self, text: str) -> str:
        with socket.socket(socket.AF_UNIX) as client:
            client.settimeout(20)
            client.connect(str(self.folder / "admin.sock"))
            client.sendall(f"{text}\n".encode())
            answer = b""
            while chunk := client.recv(65536):
                answer += chunk
        return answer.decode()

    def set(self, table: str, key: str, **values: int) -> None:
        words = " ".join(f"data.{name} {value}" for name, value in values.items())
        answer = self.ask(f"set table {table} key {key} {words}").strip()
        assert answer == "", answer

    def rows(self, table: str) -> dict[str, dict[str, str]]:
        """What is stored, by key; without what every process has of its own."""
        rows = {}
        for line in self.ask(f"show table {table}").splitlines():
            if match := re.match(r"0x[0-9a-f]+: key=(\S*) use=\d+ exp=\d+(?: shard=\d+)? ?(.*)", line):
                rows[match[1]] = dict(word.split("=", 1) for word in match[2].split())
        return rows

    def knows(self, table: str, key: str, **values: object) -> bool:
        row = self.rows(table).get(key)
        return row is not None and all(row.get(name) == str(value) for name, value in values.items())

    def is_connected(self, other: str) -> bool:
        return re.search(rf"id={other}\(remote,active\).*last_status=ESTA", self.ask("show peers")) is not None

    def count(self, name: str) -> int:
        """A number of `show peers`, summed over all peers."""
        return sum(int(value) for value in re.findall(rf"\b{name}=(\d+)", self.ask("show peers")))


class Nodes:
    """The nodes of one test, named one, two, three …"""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.all: list[Node] = []
        self.ports: dict[str, int] = {}

    def __call__(
        self, *programs: str, text: str, section: str = "", ahead: str = "", meet: bool = True, **environment: str
    ) -> list[Node]:
        """`section` stands behind the lines of peers, `ahead` in front of them; without `meet` they need not know each other."""
        names = ["one", "two", "three"][: len(programs)]
        # Names without a program are peers that the test plays itself, or nobody.
        self.ports = {name: free_port() for name in [*names, "nobody"]}
        lines = "\n".join(f"    peer {name} 127.0.0.1:{port}" for name, port in self.ports.items())
        for name, program in zip(names, programs):
            # The command line counts more.
            local = "stranger" if program == "as haproxy" else name
            head = HEAD.format(name=local, peers=f"{ahead}{lines}\n{section}")
            self.all.append(Node(name, program, self.folder, head + text, environment))
        for node in self.all:
            node.start()
            wait_until(lambda: listens(self.ports[node.name]), f"{node.name} listens to its peers", 10)
        for node in self.all if meet else []:
            for other in self.all:
                if node is not other:
                    wait_until(lambda: node.is_connected(other.name), f"{node.name} knows {other.name}", 30)
        return self.all

    def close(self) -> None:
        for node in self.all:
            print(f"--- {node.name} ({node.program})", node.log, sep="\n")
            node.stop()
