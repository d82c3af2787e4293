"""One configuration file through Debian's haproxy and through `sluice proxy`, side by side.

    FILE = '''
    defaults
        mode http
        timeout client 5s
        timeout connect 5s
        timeout server 5s
    frontend f
        bind "127.0.0.1:${HTTP}"
        default_backend b
    backend b
        server s "127.0.0.1:${A}"
    '''

    def test_something(twins):
        pair = twins(FILE, ports=["HTTP"], servers={"A": echo})
        pair.agree(lambda side: side.get("/x", headers=[("X-A", "1")]))

Both programs read the same bytes. What must differ comes from the environment, which the language reads inside double
quotes: each name of `ports` is a free port, another one for each side; each name of `servers` is the port of a scripted
backend (harness.backend), one for each side too, so that both see the same history. `files` are written beside the
configuration; `${DIR}` is their folder.

`agree(script)` runs a script once for each side and compares what it returns. `Side.get` and `Side.exchange` return
`Seen`: status, header fields and body without what is allowed to differ (see `OWN`, `Seen.of`); the handler `echo` answers
with the request as the server saw it, so that comparing answers compares what was forwarded too. Any other value may be
returned: a list of statuses, what backends were sent (`side.backends["A"]`), log lines.

With SLUICE_PRINTED=1 both programs read what `sluice translate -o cfg` makes of the bytes instead: whatever is tested then says that
the text means the same.

`verdicts(text)` asks both whether they take a file at all. Without haproxy on the machine the `twins` fixture skips.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Callable, Iterable

from .backend import Backend, Handler, Session
from .client import Client
from .listeners import listens
from .messages import Request, Response
from .sluice import binary, free_port
from .waiting import wait_until

# The beginning of a file about HTTP whose lines of the log stand in `Side.log`; more of its defaults may follow.
LOGGED = """
global
    log stdout format raw local0
defaults
    mode http
    log global
    timeout client 5s
    timeout connect 5s
    timeout server 5s
"""

HAPROXY = shutil.which("haproxy", path="/usr/sbin:/usr/bin:/usr/local/sbin:/usr/local/bin")

# Of one thread, where a file does not say otherwise: of several, two that write to the standard output at once lose a line, and what one has
# ended another still counts.
HAPROXY_COMMAND = [HAPROXY or "haproxy", "-db", "-f", str(Path(__file__).with_name("one-thread.cfg"))]

# Fields of answers that say who made them, or when.
OWN = {"date", "server", "connection", "keep-alive"}


def echo(session: Session, request: Request) -> None:
    """Answers with the request as it arrived: its line, then its fields in lower case, sorted by name."""
    fields = sorted(((n.lower(), v) for n, v in request.fields if n.lower() != "connection"), key=lambda f: f[0])
    lines = [f"{request.method} {request.target}", *(f"{name}: {value}" for name, value in fields)]
    session.answer(body="\n".join([*lines, request.body.decode(errors="replace")]).encode())


@dataclass(frozen=True)
class Seen:
    """An answer without what may differ: the case of names, the order of fields, and the body of errors."""

    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes

    @staticmethod
    def of(response: Response, *, without: Iterable[str] = (), errors: bool = False) -> "Seen":
        """Leaves out `without`; bodies of errors and what describes them count only with `errors`."""
        is_own = response.status >= 400 and not errors
        left_out = OWN | {name.lower() for name in without}
        if is_own:
            left_out |= {"content-type", "content-length", "cache-control"}
        fields = sorted((n.lower(), v) for n, v in response.fields if n.lower() not in left_out)
        return Seen(response.status, tuple(fields), b"" if is_own else response.body)


class Side:
    """One of the two programs, with its ports and backends."""

    def __init__(self, name: str, command: list[str], folder: Path, text: str, twins: "Twins") -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.name = name
        self.path = folder / "twin.cfg"
        self.path.write_text(text)
        for file, content in twins.files.items():
            (folder / file).parent.mkdir(parents=True, exist_ok=True)
            (folder / file).write_bytes(content if isinstance(content, bytes) else content.encode())
        self.ports = {port: free_port() for port in twins.ports}
        self.backends = {key: Backend(handler, name=key) for key, handler in twins.servers.items()}
        variables = {"DIR": str(folder), **{key: str(port) for key, port in self.ports.items()}}
        variables |= {key: str(backend.port) for key, backend in self.backends.items()}
        if os.environ.get("SLUICE_PRINTED"):
            self._print({**os.environ, **variables})
        self.log_path = folder / "log"
        with open(self.log_path, "wb") as log:
            self.process = subprocess.Popen(
                ["setpriv", "--pdeathsig", "KILL", *command, "-f", str(self.path)],
                stdout=log, stderr=log, stdin=subprocess.DEVNULL, env={**os.environ, **variables},
            )  # fmt: skip
        for port in self.ports.values():
            wait_until(lambda: self._listens(port), f"{name} listens on {port}", 20)

    def _print(self, environment: dict[str, str]) -> None:
        """Puts the printed form in place of the file."""
        done = subprocess.run(
            [binary(), "translate", "-o", "cfg", str(self.path)], capture_output=True, timeout=30, env=environment
        )
        assert done.returncode == 0 and b"NoWord" not in done.stderr, done.stderr.decode()
        self.path.write_bytes(done.stdout)

    @property
    def log(self) -> str:
        return self.log_path.read_text(errors="replace")

    def _listens(self, port: int) -> bool:
        assert self.process.poll() is None, f"{self.name} exited with {self.process.returncode}:\n{self.log}"
        return listens(port)

    def client(self, port: str = "HTTP", **settings: object) -> Client:
        return Client(self.ports[port], **settings)

    def exchange(self, path: str = "/", *, port: str = "HTTP", **settings: object) -> Response:
        """One request on a connection of its own; the answer as it is."""
        with self.client(port) as client:
            return client.request(path, **settings)

    def get(self, path: str = "/", *, port: str = "HTTP", without: Iterable[str] = (), **settings: object) -> Seen:
        """The same without what may differ."""
        return Seen.of(self.exchange(path, port=port, **settings), without=without)

    def stop(self) -> None:
        self.process.kill()
        self.process.wait(5)
        for backend in self.backends.values():
            backend.close()


class Twins:
    """The two sides of one configuration."""

    def __init__(
        self, folder: Path, text: str, *, ports: Iterable[str] = ("HTTP",),
        servers: dict[str, Handler] | None = None, files: dict[str, str | bytes] | None = None,
    ) -> None:  # fmt: skip
        self.ports, self.servers, self.files = list(ports), servers or {}, files or {}
        self.sides: list[Side] = []
        commands = {"haproxy": HAPROXY_COMMAND, "sluice": [str(binary()), "proxy"]}
        try:
            for name, command in commands.items():
                self.sides.append(Side(name, command, folder / name, text, self))
        except BaseException:
            self.close()
            raise

    @property
    def haproxy(self) -> Side:
        return self.sides[0]

    @property
    def sluice(self) -> Side:
        return self.sides[1]

    def agree(self, script: Callable[[Side], object], *, at_once: bool = False) -> object:
        """Runs the script on both sides, one after the other or both `at_once`; answers what both returned, or fails with the difference."""
        if at_once:
            with ThreadPoolExecutor(2) as pool:
                theirs, ours = pool.map(script, self.sides)
        else:
            theirs, ours = (script(side) for side in self.sides)
        assert ours == theirs, f"haproxy: {theirs}\nsluice:  {ours}"
        return ours

    def close(self) -> None:
        for side in self.sides:
            print(f"--- {side.name}", side.log, sep="\n")
            side.stop()


def verdicts(folder: Path, text: str) -> dict[str, tuple[bool, set[int]]]:
    """Of each program: whether it takes the file, and the lines it names errors of."""
    path = folder / "verdict.cfg"
    path.write_text(text)
    found = {}
    for name, command in {"haproxy": [HAPROXY or "haproxy"], "sluice": [str(binary()), "proxy"]}.items():
        done = subprocess.run(
            [*command, "-c", "-f", str(path)], capture_output=True, text=True, timeout=15, stdin=subprocess.DEVNULL
        )
        said = (done.stdout + done.stderr).splitlines()
        errors = [line for line in said if "[ALERT]" in line or ": error: " in line]
        numbers = {int(match[1]) for line in errors if (match := re.search(r"verdict\.cfg:(\d+)", line))}
        found[name] = (done.returncode == 0, numbers)
    return found
