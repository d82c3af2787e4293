"""Whole configurations of many shapes, as people write them: each loads, or what is missing is named and nothing else.

They are in Tests/Fixtures/configurations and are not written for what there is here: Debian's haproxy takes each of them,
but for those whose first line says `# since`. What Sluice says of them is in unsupported.txt beside them, one error a
line: `FILE:LINE WORD`, and the kind of the error in brackets where it is another than that HAProxy has a word that is
not here yet. A file without a line there loads.
"""

from __future__ import annotations

import os
import re
import shutil
import socket
import subprocess
from pathlib import Path

import pytest
from harness.sluice import binary
from harness.twins import HAPROXY
from simulator.pki import Authority

HERE = Path(__file__).parents[1] / "Fixtures" / "configurations"
FILES = sorted(HERE.glob("*.cfg"))
TABLE = HERE / "unsupported.txt"
EXPECTED = [line for line in TABLE.read_text().splitlines() if line and not line.startswith("#")]

ERROR = re.compile(r"^(?P<line>[^:]*:\d+): error: (?P<text>.*) \((?P<kind>\w+)\)$")
MISSING = re.compile(r"^(?:'[^']*': )?'(.*)' exists in HAProxy but not here yet")
QUOTED = re.compile(r"'(.*?)'")
UPDATE = f"""
If all of it is meant, replace the lines of this file in {TABLE.name} by those under 'said'. A line goes when its word
works; a line comes only with a word that HAProxy has and that is not here yet. A kind in brackets is a message to mend."""


@pytest.fixture(scope="module")
def surroundings(tmp_path_factory):
    """The environment that the files are read in: `DIR` has all they name, `LISTENER` is a socket that listens."""
    folder = tmp_path_factory.mktemp("shapes")
    shutil.copytree(HERE / "files", folder, dirs_exist_ok=True)
    authority = Authority("shapes")
    pair = authority.issue("site", ["example.com", "*.example.com", "example.org"])
    texts = [path.read_text() for path in [*FILES, *(HERE / "files").glob("*-list.txt")]]
    named = {name for text in texts for name in re.findall(r"[\w-]+\.(?:pem|crl)\b", text)}
    (folder / "certs").mkdir()
    for path in [*(folder / name for name in named), folder / "certs" / "site.pem"]:
        is_authority = path.name.endswith("ca.pem")
        path.write_bytes(authority.certificate if is_authority else pair.certificate + pair.key)
        if path.suffix == ".crl":
            path.write_bytes(authority.revocations())
    with socket.create_server(("127.0.0.1", 0)) as listener:
        # Names that stand for nobody are not worth waiting for, should this machine's resolver not answer.
        mine = {"DIR": str(folder), "LISTENER": str(listener.fileno()), "RES_OPTIONS": "timeout:1 attempts:1"}
        yield {"env": {**os.environ, **mine}, "pass_fds": [listener.fileno()]}


def run(command: list[str], path: Path, surroundings: dict) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*command, path.name], cwd=HERE, capture_output=True, text=True, timeout=30, stdin=subprocess.DEVNULL, **surroundings
    )


def entry(line: str) -> str:
    """An error as it stands in the table: the word that is missing, or else the last one that the message names."""
    error = ERROR.match(line)
    assert error, f"not an error of a line: {line}"
    if missing := MISSING.search(error["text"]):
        return f"{error['line']} {missing[1]}"
    words = QUOTED.findall(re.split(r"; did you mean| \(in '", error["text"])[0])
    return f"{error['line']} {words[-1]} ({error['kind']})"


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_it_loads_or_names_what_is_missing(path, surroundings):
    done = run([str(binary()), "check"], path, surroundings)
    said = sorted(entry(line) for line in (done.stdout + done.stderr).splitlines() if ": warning: " not in line)
    expected = sorted(line for line in EXPECTED if line.startswith(f"{path.name}:"))
    assert said == expected, "\n".join([UPDATE, "said:", *said, "", done.stdout + done.stderr])
    assert done.returncode == (1 if expected else 0)


@pytest.mark.skipif(not HAPROXY, reason="haproxy is not installed")
@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_haproxy_takes_it(path, surroundings):
    if path.read_text().startswith("# since "):
        pytest.skip("newer than Debian's")
    done = run([HAPROXY, "-c", "-f"], path, surroundings)
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_table_names_only_files_that_are_there():
    assert {line.split(":")[0] for line in EXPECTED} <= {path.name for path in FILES}
    assert len(FILES) >= 40
