"""What is counted is what Debian's haproxy counts."""

from __future__ import annotations

import csv
import json
import socket
import struct
import threading

import pytest
from harness.runtime import connected
from harness.twins import HAPROXY, LOGGED, Twins, echo
from harness.waiting import wait_until

TEXT = (
    """
global
    stats socket "${DIR}/admin.sock" mode 600 level admin
    stats socket "${DIR}/user.sock" level user
    stats timeout 5s
"""
    + LOGGED
    + """    http-reuse never
    retries 1
    option redispatch
frontend f
    bind "127.0.0.1:${HTTP}"
    maxconn 100
    http-request deny if { path /deny }
    http-request return status 200 if { path /return }
    http-request redirect location /x if { path /redirect }
    tcp-request connection reject if { src 127.0.0.3 }
    tcp-request session reject if { src 127.0.0.4 }
    monitor-uri /monitor
    use_backend second if { path_beg /second }
    use_backend refusing if { path_beg /refused }
    use_backend empty if { path_beg /empty }
    use_backend sticky if { path_beg /sticky }
    use_backend ruled if { path_beg /ruled }
    default_backend b
backend b
    server s "127.0.0.1:${A}"
    http-response deny if { res.hdr(x-deny) -m found }
listen both
    bind "127.0.0.1:${BOTH}"
    balance leastconn
    http-request deny if { path /deny }
    http-request return status 204 if { path /return }
    server one "127.0.0.1:${A}" weight 10 maxconn 50 maxqueue 7
    server two "127.0.0.1:${B}" backup
backend second
    id 77
    balance source
    server s "127.0.0.1:${A}"
    server t "127.0.0.1:${B}" id 9
backend refusing
    server s 127.0.0.1:1
backend empty
backend sticky
    cookie SRV insert indirect
    server a "127.0.0.1:${A}" cookie a
    server b "127.0.0.1:${B}" cookie b
backend ruled
    http-request deny if { path /ruled/deny }
    http-request return status 200 if { path /ruled/return }
    server a "127.0.0.1:${A}"
listen t
    mode tcp
    bind "127.0.0.1:${TCP}"
    server a "127.0.0.1:${A}"
"""
)


# Until then servers do not answer `/wait` and `/hold`; whether they were asked for `/hold`.
release = threading.Event()
asked = threading.Semaphore(0)


def answer(session, request) -> None:
    if request.target.startswith("/status/"):
        session.answer(status=int(request.target.rsplit("/", 1)[1]))
    elif request.target.startswith("/denied"):
        session.answer(headers="X-Deny: 1\r\n", body=b"x")
    elif request.target.startswith("/junk"):
        session.send(b"junk\r\n\r\n")
        session.close()
    elif request.target.startswith("/gone"):
        session.close()
    elif request.target.startswith("/cut"):
        session.send(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nabc")
        session.close()
    elif request.target in ["/wait", "/hold"]:
        if request.target == "/hold":
            asked.release()
        release.wait(40)
        session.answer()
    else:
        echo(session, request)


# What depends on the moment, on memory, on the machine, or on when connections are used again; and bytes, of which haproxy
# counts those of its own form of messages.
FREE = {
    "lastchg", "lastsess", "qtime", "ctime", "rtime", "ttime", "qtime_max", "ctime_max", "rtime_max", "ttime_max", "rate",
    "rate_max", "conn_rate", "conn_rate_max", "req_rate", "req_rate_max", "addr", "check_duration", "srv_icur", "src_ilim",
    "idle_conn_cur", "safe_conn_cur", "used_conn_cur", "need_conn_est", "slim", "bin", "bout", "connect", "reuse", "smax", "scur",
}  # fmt: skip


def said(side, line: str, name: str = "admin") -> str:
    with connected(str(side.path.parent / f"{name}.sock")) as client:
        client.sendall(line.encode() + b"\n")
        answer = b""
        while chunk := client.recv(65536):
            answer += chunk
    return answer.decode()


def rows(side, line: str = "show stat", name: str = "admin") -> dict[tuple[str, str], dict[str, str]]:
    text = said(side, line, name).strip()
    assert text.startswith("# pxname,svname,"), text
    return {(row["# pxname"], row["svname"]): row for row in csv.DictReader(text.splitlines())}


def columns(side) -> list[str]:
    return [name for name in said(side, "show stat").split("\n", 1)[0].split(",") if name]


@pytest.fixture(scope="module")
def pair(tmp_path_factory):
    if not HAPROXY:
        pytest.skip("haproxy is not installed")
    twins = Twins(
        tmp_path_factory.mktemp("statistics"), TEXT, ports=["HTTP", "BOTH", "TCP"], servers={"A": answer, "B": answer}
    )
    yield twins
    died = [side.name for side in twins.sides if side.process.poll() is not None]
    twins.close()
    assert died == [], "ended on its own"


def differences(pair) -> list[str]:
    """Fields of haproxy's that are others here."""
    theirs, ours = rows(pair.haproxy), rows(pair.sluice)
    names = [name for name in columns(pair.haproxy) if name not in FREE and name in columns(pair.sluice)]
    return [
        f"{row} {name}: haproxy {theirs[row][name]!r}, sluice {ours[row][name]!r}"
        for row in theirs
        for name in names
        if theirs[row][name] != ours[row][name]
    ]


def agree(pair) -> None:
    """Counters are counted after answers were sent: so is what is asked of them."""
    try:
        wait_until(lambda: differences(pair) == [], "both count the same")
    except AssertionError:
        assert differences(pair) == []


def raw(side, data: bytes, *, source: str = "127.0.0.1", port: str = "HTTP", waits: bool = True) -> None:
    """Sends some bytes, and waits until the connection is closed or leaves at once."""
    with socket.socket() as client:
        client.settimeout(15)
        client.bind((source, 0))
        try:
            client.connect(("127.0.0.1", side.ports[port]))
            client.sendall(data)
            while waits and client.recv(65536):
                pass
        except ConnectionError:
            pass


def reset_while_served(side) -> None:
    """A client of mode tcp that goes with a reset while its server has been asked and says nothing."""
    with socket.socket() as client:
        client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        client.connect(("127.0.0.1", side.ports["TCP"]))
        client.sendall(b"GET /hold HTTP/1.1\r\nHost: x\r\n\r\n")
        assert asked.acquire(timeout=15), "the server was not asked"
        wait_until(lambda: rows(side)["t", "a"]["scur"] == "1", "the session is counted")
    wait_until(lambda: rows(side)["t", "a"]["scur"] == "0", "the session has ended")
    release.set()
    release.clear()


def test_the_table_has_the_columns_and_the_lines_of_haproxy(pair):
    theirs, ours = columns(pair.haproxy), columns(pair.sluice)
    known = theirs[: theirs.index("-")]
    assert ours[: len(known)] == known
    assert list(rows(pair.haproxy)) == list(rows(pair.sluice))


def test_everything_is_counted_alike(pair):
    agree(pair)
    for side in pair.sides:
        with side.client() as client:
            for path in ["/", "/", "/status/404", "/status/302", "/status/500", "/status/418"]:
                client.request(path)
        side.exchange("/p", method="POST", body=b"x" * 1000)
        for path in [
            "/second", "/return", "/redirect", "/deny", "/monitor", "/empty", "/ruled/deny", "/ruled/return", "/ruled/x",
            "/denied", "/refused",
        ]:  # fmt: skip
            side.exchange(path)
        for path in ["/x", "/deny", "/return"]:
            side.exchange(path, port="BOTH")
        side.exchange("/sticky")
        side.exchange("/sticky", headers=[("Cookie", "SRV=b")])
    agree(pair)


def test_faults_of_servers_and_clients_are_counted_alike(pair):
    for side in pair.sides:
        for path in ["/junk", "/gone"]:
            side.exchange(path)
        raw(side, b"GET /cut HTTP/1.1\r\nHost: x\r\n\r\n")
        raw(side, b"BAD\r\n\r\n")
        raw(side, b"", waits=False)
        raw(side, b"GET / HTTP/1.1\r\nHo", waits=False)
        raw(side, b"GET / HTTP/1.1\r\nHost: x\r\n\r\n", source="127.0.0.3")
        raw(side, b"GET / HTTP/1.1\r\nHost: x\r\n\r\n", source="127.0.0.4")
        reset_while_served(side)
    agree(pair)


def test_what_is_under_way_is_shown_and_so_is_the_most(pair):
    def script(side):
        wait_until(lambda: rows(side)["both", "FRONTEND"]["scur"] == "0", "those of before have gone")
        clients = [side.client("BOTH") for _ in range(3)]
        try:
            for client in clients:
                client.send(b"GET /wait HTTP/1.1\r\nHost: x\r\n\r\n")
            wait_until(lambda: rows(side)["both", "one"]["scur"] == "3", "three are under way")
            busy = rows(side)
            release.set()
            for client in clients:
                assert client.response().status == 200
        finally:
            for client in clients:
                client.close()
            release.clear()
        wait_until(lambda: rows(side)["both", "FRONTEND"]["scur"] == "0", "all have gone")
        idle = rows(side)
        wanted = [("both", "FRONTEND"), ("both", "one"), ("both", "BACKEND")]
        return [[(table[row][name]) for name in ("scur", "smax")] for table in (busy, idle) for row in wanted]

    found = pair.agree(script)
    assert found == [["3", "3"]] * 3 + [["0", "3"]] * 3


def typed(side) -> dict[tuple[str, str, str, str], tuple[str, str]]:
    """What is said of each value, by object and name."""
    found = {}
    for line in said(side, "show stat typed").splitlines():
        if line:
            head, tags, kind, _ = line.split(":", 3)
            letter, section, number, _, name, _ = head.split(".")
            found[letter, section, number, name] = (tags, kind)
    return found


def test_the_typed_format_says_the_same_of_each_value(pair):
    theirs, ours = typed(pair.haproxy), typed(pair.sluice)
    known = set(columns(pair.sluice)) - {"rate", "rate_max"}
    assert {key: value for key, value in theirs.items() if key[3] in known} == {
        key: value for key, value in ours.items() if key[3] in known and key[3] in columns(pair.haproxy)
    }


def test_the_json_format_has_the_same_form(pair):
    def script(side):
        table = json.loads(said(side, "show stat json"))
        fields = [[field for field in line if field["field"]["name"] in ("pxname", "svname", "act", "status")] for line in table]
        return [[{**field, "field": field["field"]["name"]} for field in line] for line in fields]

    pair.agree(script)


def test_parts_of_the_table(pair):
    def names(side, line, name="admin"):
        text = said(side, line, name)
        return text if not text.startswith("#") else list(rows(side, line, name))

    lines = [
        "show stat 4 4 1", "show stat both 7 -1", "show stat nope 1 1", "show stat 99 -1 -1", "show stat -1 1 -1",
        "show stat domain proxy", "show stat no-maint", "show stat up", "show stat nonsense", "show stat 4", "show stat 4 1",
        "show stat both -1 2 up", "show stat typed 4 4 1", "clear counters nonsense",
    ]  # fmt: skip
    pair.agree(lambda side: [(line, names(side, line)) for line in lines])
    pair.agree(lambda side: [rows(side, "show stat up")["both", "BACKEND"]["status"]])
    pair.agree(lambda side: [rows(side, name=name)["b", "BACKEND"]["algo"] for name in ("user", "admin")])
    pair.agree(lambda side: names(side, "clear counters", "user"))


def test_operators_are_seen(pair):
    def script(side):
        found = []
        for order in ["state drain", "state maint", "state ready", "weight 4"]:
            said(side, f"set server both/one {order}")
            table = rows(side)
            found += [table["both", row][name] for row in ("one", "BACKEND") for name in ("status", "weight", "act", "bck")]
            found += [list(rows(side, f"show stat both -1 -1 {what}")) for what in ("up", "no-maint")]
        return found

    pair.agree(script)


def test_counters_begin_anew(pair):
    def script(side):
        side.exchange("/x", port="BOTH")
        wait_until(lambda: rows(side)["both", "BACKEND"]["scur"] == "0", "it is over")
        said(side, "clear counters")
        wait_until(lambda: rows(side)["both", "one"]["smax"] == "0", "the most is forgotten")
        first = rows(side)["both", "one"]["stot"] != "0"
        said(side, "clear counters all")
        return first

    def counted(side):
        names = ["stot", "hrsp_2xx", "req_tot", "bin", "lbtot"]
        return [[row.get(name) for name in names] for row in rows(side).values()]

    pair.agree(script)
    # Each thread forgets its own in its time.
    wait_until(lambda: counted(pair.sluice) == counted(pair.haproxy), "all is forgotten")
    wait_until(lambda: rows(pair.sluice)["both", "one"]["stot"] == "0", "all is forgotten")
    agree(pair)
