"""States of servers that one process has written and another one loads: Debian's haproxy and sluice, each the other's."""

from __future__ import annotations

import os
import signal

import pytest
from harness.runtime import said, with_names
from harness.twins import HAPROXY, LOGGED, Side, Twins, verdicts
from harness.waiting import wait_until

# Nobody listens where the servers are, checks find somebody, and it takes a thousand of them to bring one up: states stay what they are.
TEXT = (
    """
global
    stats socket "${DIR}/admin.sock" mode 600 level admin
    stats timeout 10s
    server-state-base "${DIR}"
    server-state-file states
"""
    + LOGGED
    + """    load-server-state-from-file global
frontend f
    bind "127.0.0.1:${HTTP}"
    bind "127.0.0.1:${SPARE}"
    default_backend b
backend b
    default-server rise 1000 fall 1000
    server plain 127.0.0.1:1
    server weighted 127.0.0.1:1 weight 9
    server reweighted 127.0.0.1:1 weight 20
    server maintained 127.0.0.1:1
    server drained 127.0.0.1:1
    server downed 127.0.0.1:1
    server disabled 127.0.0.1:1 disabled
    server enabled 127.0.0.1:1 disabled
    server undisabled 127.0.0.1:1 check port "${HTTP}"
    server checked 127.0.0.1:1 check port "${HTTP}"
    server failed 127.0.0.1:1 check port "${HTTP}"
    server unchecked 127.0.0.1:1 check port "${HTTP}"
    server follower 127.0.0.1:1 track b/failed
    server elsewhere 127.0.0.1:1 check port "${HTTP}"
backend own
    load-server-state-from-file local
    server-state-file-name other
    server s 127.0.0.1:1
    server t 127.0.0.1:1
backend none
    load-server-state-from-file none
    server s 127.0.0.1:1
"""
)
ORDERS = [
    "set server b/weighted weight 3",
    "set server b/reweighted weight 4",
    "set server b/maintained state maint",
    "set server b/drained state drain",
    "set server b/downed health down",
    "set server b/enabled state ready",
    "set server b/failed health down",
    "disable health b/unchecked",
    "set server b/elsewhere check-port SPARE",
    "set server b/plain addr 127.0.0.1 port 5",
    "set server own/s weight 7",
    "set server own/t state maint",
    "set server none/s state maint",
]
# The columns that say the same whenever they are read, of both: what a name was is told by one of them.
STEADY = ["addr", "op", "admin", "weight", "configured", "port", "check_port"]
PLACES = [4, 5, 6, 7, 8, 18, 21]


@pytest.fixture
def start(twins_folder):
    """Starts a pair whose files of states have this text; it ends with the test."""
    if not HAPROXY:
        pytest.skip("haproxy is not installed")
    started: list[Twins] = []

    def make(text: str = TEXT, **files: str) -> Twins:
        started.append(Twins(twins_folder / str(len(started)), text, ports=["HTTP", "SPARE"], files=files))
        return started[-1]

    yield make
    for twins in started:
        died = [side.name for side in twins.sides if side.process.poll() is not None]
        twins.close()
        assert died == [], "ended on its own"


def states(side: Side) -> dict[str, dict[str, str]]:
    """What a side says of its servers, without what changes with time."""
    rows = [line.split() for line in with_names(side, said(side, "show servers state\n")).splitlines()[2:] if line]
    return {f"{row[1]}/{row[3]}": dict(zip(STEADY, [row[place] for place in PLACES])) for row in rows}


def steer(side: Side) -> dict[str, str]:
    """Gives all orders; answers the text of the file with the states then, and that of the backend with one of its own."""
    for order in ORDERS:
        said(side, order.replace("SPARE", str(side.ports["SPARE"])) + "\n")
    expected = {"b/maintained": "1", "b/drained": "8", "b/enabled": "4", "own/t": "1", "none/s": "1"}

    def is_done() -> bool:
        found = states(side)
        are_down = all(found[f"b/{name}"]["op"] == "0" for name in ("failed", "follower", "downed"))
        return are_down and all(found[name]["admin"] == bits for name, bits in expected.items())

    wait_until(is_done, f"{side.name} does what it is told")
    text = said(side, "show servers state\n")
    return {"states": text, "other": said(side, "show servers state own\n")}


def test_states_of_either_are_loaded_by_both(start):
    pair = start()
    written = {side.name: steer(side) for side in pair.sides}
    changed = TEXT.replace("weight 20", "weight 21").replace("server undisabled 127.0.0.1:1", "server undisabled 127.0.0.1:1 disabled")
    for name, files in written.items():
        again = start(changed, **files)
        found = again.agree(states)
        assert isinstance(found, dict)
        row = {key: found[key] for key in found}
        assert row["b/weighted"]["weight"] == "3" and row["b/reweighted"]["weight"] == "21", name
        assert [row[f"b/{server}"]["admin"] for server in ("maintained", "drained", "disabled", "enabled")] == ["1", "8", "5", "4"]
        assert row["b/undisabled"]["admin"] == "5"
        assert [row[f"b/{server}"]["op"] for server in ("downed", "failed", "follower", "checked")] == ["0", "0", "0", "2"]
        spare = {side.name: side.ports["SPARE"] for side in pair.sides}[name]
        assert row["b/plain"]["port"] == "5" and row["b/elsewhere"]["check_port"] == str(spare)
        assert row["own/s"]["weight"] == "7" and row["own/t"]["admin"] == "1" and row["none/s"]["admin"] == "0"


def line(server: str, *, backend: str = "b", op: int = 2, admin: int = 0, weight: int = 1, number: int = 3) -> str:
    return f"{number} {backend} 1 {server} 127.0.0.1 {op} {admin} {weight} 1 5 1 0 2 0 0 0 0 - 1 - 0 0 - - 0\n"


# What is wrong with a file, whether the state of `maintained` in it counts, and which line is complained of.
FILES = [
    ("1\n# head\n" + line("maintained", admin=1), True, None),
    ("1\n" + line("maintained", admin=1) + line("plain", weight=300), True, 3),
    ("1\n" + line("plain", admin=9) + line("maintained", admin=1), True, 2),
    ("1\n" + line("nobody") + line("maintained", admin=1) + line("x", backend="y"), True, None),
    ("1\n" + line("maintained", admin=1) + line("maintained"), True, None),
    ("1\n" + line("maintained", admin=1) + "3 b 1 plain\n", False, 3),
    ("1\n" + line("maintained", admin=1).rstrip(), False, 2),
    ("2\n" + line("maintained", admin=1), False, 1),
    ("nonsense\n", False, 1),
    ("", False, 1),
]


@pytest.mark.parametrize("number", range(len(FILES)))
def test_bad_files_are_told_and_nothing_else_happens(start, number):
    text, counts, told = FILES[number]
    pair = start(states=text)
    found = pair.agree(states)
    assert isinstance(found, dict)
    assert found["b/maintained"]["admin"] == ("1" if counts else "0") and found["b/plain"]["weight"] == "1"
    warnings = [entry for entry in pair.sluice.log.splitlines() if "ServerState" in entry]
    assert [entry.split(": warning: ")[0].rsplit("/", 1)[1] for entry in warnings] == ([f"states:{told}"] if told else [])


def test_words_and_mistakes(tmp_path):
    if not HAPROXY:
        pytest.skip("haproxy is not installed")
    times = "    timeout client 5s\n    timeout connect 5s\n    timeout server 5s\n"
    frame = "global\n    {}\ndefaults\n    mode http\n" + times + "frontend f\n    bind 127.0.0.1:1\nbackend b\n    {}\n    server s 127.0.0.1:1\n"
    for place, (own, section) in enumerate([
        ("server-state-file a", "load-server-state-from-file global"),
        ("server-state-base /a", "load-server-state-from-file local"),
        ("server-state-base /a", "server-state-file-name"),
        ("server-state-base /a", "server-state-file-name use-backend-name"),
        ("server-state-file", ""), ("server-state-file a\n    server-state-file b", ""),
        ("server-state-file a", "load-server-state-from-file"), ("server-state-file a", "load-server-state-from-file file"),
        ("server-state-base /a\n    server-state-base /b", ""),
    ]):  # fmt: skip
        folder = tmp_path / str(place)
        folder.mkdir()
        found = verdicts(folder, frame.format(own, section))
        assert found["haproxy"][0] == found["sluice"][0], (own, section)


def test_what_operators_said_comes_back_when_the_file_is_read_again(start):
    pair = start()
    side = pair.sluice
    files = steer(side)
    for name, text in files.items():
        (side.path.parent / name).write_text(text)
    before = states(side)
    side.path.write_text(side.path.read_text().replace("server plain 127.0.0.1:1", "server plain 127.0.0.1:1 maxconn 5"))
    side.process.send_signal(signal.SIGHUP)
    wait_until(lambda: "configuration read again" in side.log, "the file is read again")
    after = states(side)
    # What nobody loads is as the file says again.
    assert before.pop("none/s")["admin"] == "1" and after.pop("none/s")["admin"] == "0"
    assert after == before


def test_a_server_that_has_a_name_begins_where_it_was(start):
    # What is printed has the address in place of the name.
    if os.environ.get("SLUICE_PRINTED"):
        pytest.skip("names are no part of what is printed")
    text = TEXT.replace("    server plain 127.0.0.1:1\n", "    server plain localhost:1\n    server first localhost:1 init-addr libc,last\n")
    moved = "".join(line(name).replace("127.0.0.1", "127.0.0.9").replace(" - 1 -", " - 6 -") for name in ("plain", "first"))
    found = start(text, states="1\n" + moved).agree(states)
    assert isinstance(found, dict)
    assert (found["b/plain"]["addr"], found["b/plain"]["port"]) == ("127.0.0.9", "6")
    assert found["b/first"]["addr"] in ("127.0.0.1", "::1")
