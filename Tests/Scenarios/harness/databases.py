"""Debian's databases, each on a port and in a folder of its own, as whoever they want to be run by."""

from __future__ import annotations

import glob
import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
from pathlib import Path

from .sluice import free_port
from .waiting import wait_until


class Database:
    """A server process and its folder. `programs` is where its programs are, first of all."""

    user = ""
    programs = ""
    # Ends it without waiting for its clients.
    end = signal.SIGTERM

    def __init__(self) -> None:
        self.port = free_port()
        # Below /tmp: pytest's own folders can not be entered by other users.
        self.folder = Path(tempfile.mkdtemp(prefix=f"{type(self).__name__.lower()}-", dir="/tmp"))
        if self._as_user:
            shutil.chown(self.folder, self.user)
        self.prepare()
        self.start()

    def start(self) -> None:
        """At first, and again after `stop` on the same port and data."""
        self.log = open(self.folder / "log", "ab")
        command = ["setpriv", "--pdeathsig", "KILL", *self._as_user, *self.command()]
        self.process = subprocess.Popen(command, stdout=self.log, stderr=self.log, cwd=self.folder, env=self._environment)
        wait_until(self._is_up, f"{type(self).__name__} listens", 20)

    @property
    def endpoint(self) -> str:
        return f"127.0.0.1:{self.port}"

    @property
    def _as_user(self) -> list[str]:
        """Servers that refuse to run as root are run as the user of their package."""
        if not self.user or os.getuid() != 0:
            return []
        entry = pwd.getpwnam(self.user)
        return [f"--reuid={entry.pw_uid}", f"--regid={entry.pw_gid}", "--clear-groups"]

    @property
    def _environment(self) -> dict[str, str]:
        return {**os.environ, "PATH": f"{self.programs}:/usr/sbin:/usr/bin:/bin", "HOME": str(self.folder), "LC_ALL": "C.UTF-8"}

    def prepare(self) -> None:
        pass

    def command(self) -> list[str]:
        raise NotImplementedError

    def run(self, *command: str, stdin: str = "") -> str:
        """The output of a program that must succeed."""
        done = subprocess.run(
            ["setpriv", *self._as_user, *command] if self._as_user else command, input=stdin, capture_output=True,
            text=True, timeout=40, cwd=self.folder, env=self._environment,
        )  # fmt: skip
        assert done.returncode == 0, f"{command}: {done.stderr[-2000:]}{done.stdout[-500:]}"
        return done.stdout

    def _is_up(self) -> bool:
        assert self.process.poll() is None, (self.folder / "log").read_text(errors="replace")[-2000:]
        try:
            socket.create_connection(("127.0.0.1", self.port), 1).close()
        except OSError:
            return False
        return True

    def stop(self) -> None:
        self.process.send_signal(self.end)
        try:
            self.process.wait(5)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait(5)
        self.log.close()

    def close(self) -> None:
        self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)


class Redis(Database):
    def command(self) -> list[str]:
        return ["redis-server", "--port", str(self.port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"]

    def ask(self, port: int, *words: str, stdin: str = "") -> str:
        return self.run("redis-cli", "-p", str(port), *words, stdin=stdin)


class PostgreSQL(Database):
    user = "postgres"
    end = signal.SIGINT
    programs = max(glob.glob("/usr/lib/postgresql/*/bin"), default="")

    def prepare(self) -> None:
        self.run("initdb", "-D", "data", "-A", "trust", "-U", "postgres", "--no-sync")

    def _is_up(self) -> bool:
        """It listens while it still makes ready, and refuses whoever comes then."""
        assert self.process.poll() is None, (self.folder / "log").read_text(errors="replace")[-2000:]
        command = [f"{self.programs}/pg_isready", "-q", "-h", "127.0.0.1", "-p", str(self.port)]
        return subprocess.run(command, timeout=20).returncode == 0

    def command(self) -> list[str]:
        return [
            f"{self.programs}/postgres", "-D", "data", "-p", str(self.port), "-k", str(self.folder),
            "-c", "listen_addresses=127.0.0.1", "-c", "fsync=off",
        ]  # fmt: skip

    def ask(self, port: int, statements: str) -> str:
        return self.run(
            "psql", "-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-h", "127.0.0.1", "-p", str(port), "-U", "postgres",
            stdin=statements,
        )  # fmt: skip


class MariaDB(Database):
    user = "nobody"

    def prepare(self) -> None:
        self.run(
            "mariadb-install-db", "--no-defaults", f"--datadir={self.folder}/data", "--auth-root-authentication-method=normal",
            "--skip-test-db",
        )  # fmt: skip
        # The account that may come from anywhere, for clients whose address is a proxy's.
        grants = "CREATE USER IF NOT EXISTS app@'%';\nGRANT ALL ON *.* TO app@'%';\nCREATE DATABASE IF NOT EXISTS shop;\n"
        (self.folder / "grant.sql").write_text(grants)

    def command(self) -> list[str]:
        return [
            "mariadbd", "--no-defaults", f"--datadir={self.folder}/data", f"--socket={self.folder}/socket",
            f"--pid-file={self.folder}/pid", "--bind-address=127.0.0.1", f"--port={self.port}", "--skip-name-resolve",
            f"--init-file={self.folder}/grant.sql", "--skip-log-bin",
        ]  # fmt: skip

    def ask(self, port: int, statements: str) -> str:
        return self.run(
            "mariadb", "--no-defaults", "-N", "-B", "--protocol=tcp", "-h", "127.0.0.1", "-P", str(port), "-u", "app", "shop",
            stdin=statements,
        )  # fmt: skip
