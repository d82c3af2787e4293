"""Log lines are those of Debian's haproxy: each variable, quotes and escapes, levels, samples and syslog's framings."""

from __future__ import annotations

import re
import socket
import threading
import time

import pytest
from harness.backend import named
from harness.messages import Closed
from harness.syslog import Syslog
from harness.twins import echo, verdicts
from harness.waiting import wait_until

# One thread: lines of several come in the order they are handed over.
DEFAULTS = """
global
    nbthread 1
defaults
    mode http
    timeout client 5s
    timeout connect 5s
    timeout server 3s
    timeout http-request 4s
    retries 0
"""
FRONTEND = 'frontend web\n    bind "127.0.0.1:${HTTP}"\n    default_backend app\n'
BACKEND = 'backend app\n    server one "127.0.0.1:${A}"\n'
LOG = '    log "127.0.0.1:${SYSLOG}" local0\n'


@pytest.fixture
def syslog(monkeypatch):
    receiver = Syslog()
    monkeypatch.setenv("SYSLOG", str(receiver.port))
    yield receiver
    receiver.close()


def lines(syslog: Syslog, side, count: int) -> list[str]:
    """What stands behind `tag[pid]: `."""
    return [line.split("]: ", 1)[1].rstrip("\n") for line in syslog.wait(side.process.pid, count)]


def requests(side) -> None:
    side.exchange("/")
    side.exchange("/a/b?c=d&e=%20", method="POST", body=b"12345")
    side.exchange('/quote"{}|end')
    side.exchange("/slow", host="www.example.org:80", headers=[("X-A", "1")])
    with side.client() as client:
        client.request("http://absolute.test/path?q", host="absolute.test")
    with side.client() as client:
        client.send(b"OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n")
        client.response()


# What does not depend on time and chance.
STABLE = (
    "%ci %fi %f %ft %b %s %si %ST %ts %tsc %rc %sq %bq %CC %CS %HM %HP %HPO %HQ %HU %HV %r %{+Q}r %{+Q}HM %{+Q}b "
    "%{+X}ci %{+X}si %sslv %sslc %hr|%hs|%hrl|%hsl %ac %fc %bc %sc %[src] %[be_name]/%[srv_name] %{+Q}[fe_name] %[str(a\\\"]b)] "
    "%{+E}[str(a\\\"]b)] %[int(-3)] %[bool(true)] %% %{-M}[ssl_fc_sni]/%[ssl_fc_sni] %{+Q}[ssl_fc_sni] 100%%"
)


def formatted(text: str) -> str:
    escaped = text.replace('"', '\\"')
    return f'    log-format "{escaped}"\n'


def stable_line() -> str:
    # Single quotes: nothing in there means anything to the line itself.
    return f"    log-format '{STABLE.replace(chr(92), chr(92))}'\n"


@pytest.mark.sanitizer
def test_variables_are_the_same(twins, syslog):
    text = DEFAULTS + FRONTEND + LOG + stable_line() + BACKEND
    pair = twins(text, servers={"A": echo})

    def script(side):
        requests(side)
        return lines(syslog, side, 6)

    pair.agree(script)


SHAPES = [
    ("%t", r"\d\d/[A-Z][a-z]{2}/\d{4}:\d\d:\d\d:\d\d\.\d{3}"),
    ("%tr", r"\d\d/[A-Z][a-z]{2}/\d{4}:\d\d:\d\d:\d\d\.\d{3}"),
    ("%T", r"\d\d/[A-Z][a-z]{2}/\d{4}:\d\d:\d\d:\d\d \+0000"),
    ("%trg", r"\d\d/[A-Z][a-z]{2}/\d{4}:\d\d:\d\d:\d\d \+0000"),
    ("%Tl", r"\d\d/[A-Z][a-z]{2}/\d{4}:\d\d:\d\d:\d\d [+-]\d{4}"),
    ("%trl", r"\d\d/[A-Z][a-z]{2}/\d{4}:\d\d:\d\d:\d\d [+-]\d{4}"),
    ("%Ts", r"\d{10}"),
    ("%{+X}Ts", r"[0-9A-F]{8}"),
    ("%ms", r"\d{3}"),
    ("%{+X}ms", r"[0-9A-F]{2,3}"),
    ("%cp", r"\d{4,5}"),
    ("%{+X}cp", r"[0-9A-F]{4}"),
    ("%fp", r"\d{4,5}"),
    ("%sp", r"\d{4,5}"),
    ("%H", r"\S+"),
    ("%pid", r"\d+"),
    ("%{+X}pid", r"[0-9A-F]{4,}"),
    ("%Th/%Ti/%TR/%Tq/%Tw/%Tc/%Tr/%Td/%Ta/%Tt/%Tu", r"\d+(/\d+){10}"),
    ("%TR/%Tw/%Tc/%Tr/%Ta", r"\d+(/\d+){4}"),
    ("%B", r"\d+"),
    ("%U", r"\d+"),
]  # fmt: skip


def test_times_and_numbers_have_the_same_shape(twins, syslog):
    text = DEFAULTS + FRONTEND + LOG + formatted(" ; ".join(name for name, _ in SHAPES)) + BACKEND
    pair = twins(text, servers={"A": lambda session, request: (time.sleep(0.05), session.answer(body=b"x"))})
    for side in (pair.haproxy, pair.sluice):
        side.exchange("/")
        fields = lines(syslog, side, 1)[0].split(" ; ")
        assert len(fields) == len(SHAPES)
        for (name, shape), field in zip(SHAPES, fields):
            assert re.fullmatch(shape, field), f"{side.name}: {name} is {field}"
        by_name = dict(zip((name for name, _ in SHAPES), fields))
        assert int(by_name["%pid"]) == side.process.pid
        assert int(by_name["%fp"]) == side.ports["HTTP"]
        assert abs(int(by_name["%Ts"]) - time.time()) < 30
        assert 40 <= int(by_name["%TR/%Tw/%Tc/%Tr/%Ta"].split("/")[3]) < 5000


def sent(side, data: bytes, wait: bool = True) -> None:
    with side.client() as client:
        client.send(data)
        try:
            if wait:
                client.response()
        except (Closed, OSError):
            pass


def closes(session, request):
    session.close()


def talks_nonsense(session, request):
    session.send(b"nonsense\r\n\r\n")
    session.close()


def stops(session, request):
    session.send(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhello")
    session.close()


def is_silent(session, request):
    session.wait_gone(10)


ENDS = {
    "a server that closes": (closes, b"GET / HTTP/1.1\r\nHost: a\r\n\r\n"),
    "a server that talks nonsense": (talks_nonsense, b"GET / HTTP/1.1\r\nHost: a\r\n\r\n"),
    "a server that stops": (stops, b"GET / HTTP/1.1\r\nHost: a\r\n\r\n"),
    "a server that is silent": (is_silent, b"GET / HTTP/1.1\r\nHost: a\r\n\r\n"),
    "a bad request": (echo, b"GET\r\n\r\n"),
    "a request that does not end": (echo, b"GET / HTTP/1.1\r\nHost: a\r\n"),
}


@pytest.mark.parametrize("name", ENDS)
def test_ends_are_told_alike(twins, syslog, name):
    handler, request = ENDS[name]
    text = DEFAULTS + FRONTEND + LOG + formatted("%ST %ts %tsc %b/%s %rc %sq/%bq %HM %{+Q}r %si") + BACKEND
    pair = twins(text, servers={"A": handler})

    def script(side):
        sent(side, request)
        return lines(syslog, side, 1)

    pair.agree(script, at_once=True)


def test_nobody_listens(twins, syslog):
    text = DEFAULTS + FRONTEND + LOG + formatted("%ST %ts %b/%s %rc %{+Q}r %Tw/%Tr") + "backend app\n    server one 127.0.0.1:1\n"
    pair = twins(text)
    pair.agree(lambda side: (sent(side, b"GET / HTTP/1.1\r\nHost: a\r\n\r\n"), lines(syslog, side, 1))[1], at_once=True)


STANDARD = {
    "option httplog": r"127\.0\.0\.1:\d+ \[\S+\] web app/one \d+/\d+/\d+/\d+/\d+ 200 \d+ - - ---- 1/1/0/0/0 0/0 \"GET /x HTTP/1\.1\"",
    "option httplog clf": r"127\.0\.0\.1 - - \[\S+ \+0000\] \"GET /x HTTP/1\.1\" 200 \d+ \"\" \"\" \d+ \d{3} \"web\" \"app\" \"one\" \d+ \d+ \d+ \d+ \d+ ---- 1 1 0 0 0 0 0 \"\" \"\" ",
    "option httpslog": r"127\.0\.0\.1:\d+ \[\S+\] web app/one \d+/\d+/\d+/\d+/\d+ 200 \d+ - - ---- 1/1/0/0/0 0/0 \"GET /x HTTP/1\.1\" 0/-/-/-/0 -/-/-",
    "option tcplog": r"127\.0\.0\.1:\d+ \[\S+\] web app/one \d+/\d+/\d+ \d+ -- 1/1/0/0/0 0/0",
    "no option httplog": None,
    "": r"Connect from 127\.0\.0\.1:\d+ to 127\.0\.0\.1:\d+ \(web/HTTP\)",
}


@pytest.mark.parametrize("option", [option for option, shape in STANDARD.items() if shape])
def test_standard_lines(twins, syslog, option):
    pair = twins(DEFAULTS + FRONTEND + LOG + f"    {option}\n" + BACKEND, servers={"A": named("a")})
    for side in (pair.haproxy, pair.sluice):
        side.exchange("/x")
        line = lines(syslog, side, 1)[0]
        assert re.fullmatch(STANDARD[option], line), f"{side.name}: {line}"


FRAMINGS = {
    "": r"<134>[A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d TAG\[PID\]: LINE\n",
    "format local": r"<134>[A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d TAG\[PID\]: LINE\n",
    "format rfc3164": r"<134>[A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d localhost TAG\[PID\]: LINE\n",
    "format rfc5424": r"<134>1 \d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}[+-]\d\d:\d\d - TAG PID - \[x@1 ip=\"127\.0\.0\.1\"\] LINE\n",
    "format priority": "<134>LINE\n",
    "format short": "<6>LINE\n",
    "format timed": r"<6>\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}[+-]\d\d:\d\d LINE\n",
    "format iso": r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}[+-]\d\d:\d\d LINE\n",
    "format raw": "LINE\n",
    "len 80 format raw": "LINE[\\w ]{0,80}\n",
}


@pytest.mark.sanitizer
def test_framings(twins, syslog):
    text = DEFAULTS + FRONTEND
    text += "".join(f'    log "127.0.0.1:${{SYSLOG}}" {f} local0\n' for f in FRAMINGS)
    text += "    log-tag tagged\n    log-format-sd \"[x@1 ip=\\\"%ci\\\"] \"\n"
    long = "x" * 100
    text += formatted(f"pid=%pid {long}") + BACKEND
    pair = twins(text, servers={"A": echo})
    seen = {}
    for side in (pair.haproxy, pair.sluice):
        side.exchange("/x")
        own = f"pid={side.process.pid} "

        def mine():
            return [d.decode() for d in list(syslog.datagrams) if own.encode() in d]

        wait_until(lambda: len(mine()) >= len(FRAMINGS), f"all lines of {side.name}: {mine()}")
        for (settings, shape), line in zip(FRAMINGS.items(), mine()):
            expected = shape.replace("TAG", "tagged").replace("PID", str(side.process.pid))
            body = own + (long if "len" not in settings else "x*")
            assert re.fullmatch(expected.replace("LINE", body), line), f"{side.name}, {settings}: {line!r}"
        seen[side.name] = [len(line) for line in mine() if "len" not in line]
    assert len(mine()[-1]) == 81


def test_levels_samples_and_several_targets(twins, syslog):
    text = DEFAULTS + FRONTEND + """
    option log-separate-errors
    log "127.0.0.1:${SYSLOG}" local0 err
    log "127.0.0.1:${SYSLOG}" local1 info notice
    log "127.0.0.1:${SYSLOG}" sample 1,3:4 local2
    log "127.0.0.1:${SYSLOG}" len 100 local3 debug debug
    log-format "%HP %ST"
""" + BACKEND
    pair = twins(text, servers={"A": lambda session, request: session.answer(status=int(request.target[1:4]))})

    def script(side):
        for path in ("/200", "/503", "/404", "/200", "/500"):
            side.exchange(path)
        found = syslog.wait(side.process.pid, 2 + 5 + 3 + 5)
        return sorted((re.match(r"<\d+>", line)[0], line.split("]: ")[1]) for line in found)

    pair.agree(script)


def test_normal_and_empty_connections_are_left_out(twins, syslog):
    def script(side):
        with side.client():
            pass
        side.exchange("/200")
        side.exchange("/500")
        return lines(syslog, side, 1)

    handler = {"A": lambda session, request: session.answer(status=int(request.target[1:4]))}
    text = DEFAULTS + FRONTEND + LOG + formatted("%HP %ST %ts")
    pair = twins(text + "    option dontlog-normal\n    option dontlognull\n" + BACKEND, servers=handler)
    pair.agree(script)


def test_an_empty_connection_has_a_line(twins, syslog):
    def script(side):
        with side.client():
            pass
        return lines(syslog, side, 1)

    text = DEFAULTS + FRONTEND + LOG + formatted("%ST %ts %b/%s %{+Q}r %B %HM")
    pair = twins(text + BACKEND, servers={"A": echo})
    pair.agree(script)


def test_global_logs_tags_and_inheritance(twins, syslog):
    text = 'global\n    log "127.0.0.1:${SYSLOG}" local7 info\n    log-tag mine\n    log-send-hostname here\n'
    text += DEFAULTS + "    log global\n    log-format \"%f %HP %ts\"\n"
    text += FRONTEND + 'frontend own\n    bind "127.0.0.1:${OWN}"\n    no log\n' + LOG
    text += '    log-tag other\n    default_backend app\n'
    text += 'frontend quiet\n    bind "127.0.0.1:${QUIET}"\n    no log\n    default_backend app\n' + BACKEND
    pair = twins(text, ports=["HTTP", "OWN", "QUIET"], servers={"A": echo})

    def script(side):
        for port in ("QUIET", "HTTP", "OWN"):
            side.exchange("/x", port=port)
        found = syslog.wait(side.process.pid, 2)
        return [re.sub(r"\w{3} [ \d]\d \d\d:\d\d:\d\d", "NOW", line).replace(str(side.process.pid), "PID") for line in found]

    pair.agree(script)


def test_sessions_of_mode_tcp(twins, syslog):
    text = DEFAULTS.replace("http\n", "tcp\n", 1).replace("    timeout http-request 4s\n", "")
    text += FRONTEND + LOG + formatted("%ci %f %ft %b/%s %ST %ts %rc %fi %si") + BACKEND
    pair = twins(text, servers={"A": echo})

    def script(side):
        side.exchange("/x")
        return lines(syslog, side, 1)

    pair.agree(script)


def test_a_unix_socket_and_a_dead_one(twins, tmp_path, monkeypatch):
    path = f"/tmp/sluice-log-{tmp_path.name[-20:]}"
    receiver = Syslog(path)
    monkeypatch.setenv("PATH_OF_LOG", path)
    text = DEFAULTS + FRONTEND + '    log "${PATH_OF_LOG}" local0\n    log /nowhere/at/all local0\n    log 127.0.0.1:9 local0\n'
    pair = twins(text + formatted("%HP %ST") + BACKEND, servers={"A": echo})

    def script(side):
        for i in range(3):
            side.exchange(f"/{i}")
        return lines(receiver, side, 3)

    try:
        pair.agree(script)
    finally:
        receiver.close()
        import os

        os.unlink(path)


def test_lines_on_stdout(twins):
    text = DEFAULTS + FRONTEND + '    log stdout format raw local0\n    log-format "line %HP %ST"\n' + BACKEND
    pair = twins(text, servers={"A": echo})

    def script(side):
        for i in range(3):
            side.exchange(f"/{i}")
        wait_until(lambda: side.log.count("line /") == 3, f"three lines: {side.log}")
        return [line for line in side.log.splitlines() if line.startswith("line /")]

    pair.agree(script)


class Collector:
    """A TCP server that keeps what it is sent."""

    def __init__(self) -> None:
        self.server = socket.create_server(("127.0.0.1", 0))
        self.port = self.server.getsockname()[1]
        self.received = b""
        self.connections: list[socket.socket] = []
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self.server.accept()
            except OSError:
                return
            self.connections.append(connection)
            threading.Thread(target=self._receive, args=(connection,), daemon=True).start()

    def _receive(self, connection: socket.socket) -> None:
        try:
            while data := connection.recv(65_536):
                self.received += data
        except OSError:
            pass

    def close(self) -> None:
        for connection in [self.server, *self.connections]:
            connection.close()


RINGS = {
    "tcp": ("", '    log "tcp@127.0.0.1:${COLLECTOR}" format raw local0\n', b"/%d 200\n"),
    "ring": ('ring r\n    format priority\n    maxlen 1200\n    size 32768\n    timeout connect 5s\n    timeout server 5s\n'
             '    server s "127.0.0.1:${COLLECTOR}"\n', "    log ring@r local0\n", b"<134>/%d 200\n"),
    "octets": ('ring r\n    timeout connect 5s\n    timeout server 5s\n    server s "127.0.0.1:${COLLECTOR}" log-proto octet-count\n',
               "    log ring@r local0\n", b"6 /%d 200"),
    "global": ('global\n    log ring@r local0\nring r\n    format priority\n    timeout connect 5s\n    timeout server 5s\n'
               '    server s "127.0.0.1:${COLLECTOR}"\n', "    log global\n", b"<134>/%d 200\n"),
}  # fmt: skip


@pytest.mark.parametrize("name", RINGS)
def test_rings_are_sent_over_connections(twins, monkeypatch, name):
    section, line, shape = RINGS[name]
    collector = Collector()
    monkeypatch.setenv("COLLECTOR", str(collector.port))
    text = section + DEFAULTS + FRONTEND + line + formatted("%HP %ST") + BACKEND
    pair = twins(text, servers={"A": echo})

    def script(side):
        collector.received = b""
        for i in range(3):
            side.exchange(f"/{i}")
        whole = b"".join(shape % i for i in range(3))
        wait_until(lambda: len(collector.received) >= len(whole), f"all lines of {side.name}: {collector.received}")
        assert collector.received == whole
        return whole

    try:
        pair.agree(script)
    finally:
        collector.close()


def test_a_ring_finds_its_server_again_and_delays_nobody(twins, monkeypatch):
    collector = Collector()
    monkeypatch.setenv("COLLECTOR", str(collector.port))
    line = '    log "tcp@127.0.0.1:${COLLECTOR}" format raw local0\n    log tcp@192.0.2.1:9 local0\n'
    side = twins(DEFAULTS + FRONTEND + line + formatted("%HP %ST") + BACKEND, servers={"A": echo}).sluice
    try:
        side.exchange("/before")
        wait_until(lambda: b"/before 200" in collector.received, "the first line is there")
        for connection in collector.connections:
            connection.shutdown(socket.SHUT_RDWR)

        def arrives() -> bool:
            # What is sent before the end is noticed is lost.
            started = time.monotonic()
            side.exchange("/again")
            assert time.monotonic() - started < 8
            return b"/again 200" in collector.received

        wait_until(arrives, "lines come again")
    finally:
        collector.close()


MISTAKES = [
    "log-format %foo", "log-format %[foo]", "log-format %[path]", "log-format %[src", "log-format %", "log-format '50% '",
    "log-format %{+Q", "log-format %{+Q}", "log 127.0.0.1", "log 127.0.0.1 local9", "log 127.0.0.1 local0 loud",
    "log 127.0.0.1 len 10 local0", "log 127.0.0.1 format odd local0", "log 127.0.0.1 sample 1 local0",
    "log 127.0.0.1 sample 2-1:3 local0", "log 127.0.0.1 sample 1-2,2:3 local0", "log 127.0.0.1 sample 4:3 local0",
    "log 127.0.0.1 local0 info err more", "error-log-format %bar", "log-format-sd %bar",
]  # fmt: skip


@pytest.mark.parametrize("mistake", MISTAKES)
def test_both_refuse(tmp_path, mistake):
    text = DEFAULTS + "frontend f\n    bind 127.0.0.1:1\n    log 127.0.0.1 local0\n    " + mistake + "\n"
    assert {name: taken for name, (taken, _) in verdicts(tmp_path, text).items()} == {"haproxy": False, "sluice": False}
