"""Servers that answer checks by a script, and what a proxy makes of it.

The same configuration is given to a real haproxy and to sluice. Each case is a backend with one server of its own; its script says
how each check is answered, one letter a check, the last one for ever. What is compared: the lines about changes of state without
durations, and how long after each check the next one came, as the name of the interval that was used.
"""
import contextlib
import re
import socket
import ssl
import subprocess
import tempfile
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from simulator.pki import Authority

from .sluice import binary, free_port
from .twins import HAPROXY_COMMAND

INTERVALS = {"inter": 0.25, "fastinter": 0.6, "downinter": 1.0}
CHECK = "check inter {inter} fastinter {fastinter} downinter {downinter}"
AGENT = "agent-check agent-inter {inter} agent-send hello\\n agent-port"
LINE = re.compile(r"((?:Backup )?Server \S+ (?:is DOWN|is UP|is stopping|is going DOWN|enters drain)[^\n]*?|backend \S+ has no server available!)\s*$")


def http(status, reason, body=""):
    return f"HTTP/1.1 {status} {reason}\r\nContent-Length: {len(body)}\r\n\r\n{body}".encode()


class Script:
    """A case: the section's directives, what follows `check` in the server's line, and the answers by letter."""

    def __init__(self, name, directives, answers, script, server="rise 2 fall 3", greets=b"", asks=CHECK, tls=None,
                 follows=""):
        self.name, self.directives, self.answers = name, directives, answers
        self.script, self.server, self.greets, self.asks, self.tls = script, server, greets, asks, tls
        # Words of a server in a backend of its own that tracks this one, and of one that tracks that.
        self.follows = follows


def ok(body="hello"):
    return {"+": http(200, "OK", body), "-": http(500, "Internal Server Error"), "4": http(404, "Not Found"),
            "g": b"garbage\r\n\r\n", "c": b""}


def agent(name, *lines, server=""):
    answers = {str(i): (line + "\n").encode() for i, line in enumerate(lines)}
    return Script(name, [], answers, "".join(answers), server, asks=AGENT)


def over_tls(name, directives, answers, script, words="", greets=b"", certificate="pod"):
    """The server speaks TLS with that certificate; it hangs up before the handshake at `x`, and speaks plain text at `p`."""
    words = f"rise 1 fall 1 {words or 'ssl verify required ca-file ${FOLDER}/ca.pem'}"
    return Script(name, directives, answers, script, words, greets, tls=certificate)


CHK = ["option httpchk GET /health HTTP/1.0"]
LDAP = {"+": bytes.fromhex("300c02010161070a010004000400"), "l": bytes.fromhex("3084000000100201016184000000070a010004000400"),
        "r": bytes.fromhex("300c02010161070a013104000400"), "g": b"HTTP/1.1 400 Bad Request\r\n\r\n",
        "s": bytes.fromhex("300c0201"), "c": b"", "b": bytes.fromhex("300c02010261070a010004000400"),
        "w": bytes.fromhex("300c02010178070a010004000400")}
CASES = [
    Script("fall", CHK, ok(), "+---", "rise 2 fall 3"),
    Script("rise", CHK, ok(), "-++", "rise 2 fall 3"),
    Script("flap", CHK, ok(), "-+-++--+", "rise 2 fall 3"),
    Script("one", CHK, ok(), "-+-+", "rise 1 fall 1"),
    Script("long", CHK, ok(), "-+++-", "rise 3 fall 1"),
    Script("again", CHK, ok(), "+--+---", "rise 1 fall 3"),
    Script("codes", CHK, ok(), "4g+", "rise 1 fall 1"),
    Script("close", CHK, ok(), "c+", "rise 1 fall 1"),
    Script("status", ["option httpchk", "http-check expect status 404,500-599"], ok(), "+4-", "rise 1 fall 1"),
    Script("notstatus", ["option httpchk", "http-check expect ! status 200"], ok(), "+4", "rise 1 fall 1"),
    Script("rstatus", ["option httpchk", "http-check expect rstatus ^4"], ok(), "+4", "rise 1 fall 1"),
    Script("string", ["option httpchk", "http-check expect string hello"], ok(), "4+", "rise 1 fall 1"),
    Script("notstring", ["option httpchk", "http-check expect ! string hello"],
           {"+": http(200, "OK", "hello"), "o": http(200, "OK", "fine")}, "+o", "rise 1 fall 1"),
    Script("rstring", ["option httpchk", "http-check expect rstring he.*o"],
           {"n": http(200, "OK", "no"), "+": http(200, "OK", "hello")}, "n+", "rise 1 fall 1"),
    Script("redis", ["option redis-check"], {"+": b"+PONG\r\n"}, "+", "rise 1 fall 1"),
    Script("ldap", ["option ldap-check"], LDAP, "+rlgbwsc+", "rise 1 fall 1"),
    Script("tls", ["option ssl-hello-chk"], {"+": bytes.fromhex("16030300020200"), "-": b"HTTP/1.1 400 Bad\r\n\r\n"}, "-+",
           "rise 1 fall 1"),
    Script("pgsql", ["option pgsql-check user sluice"], {"+": b"R\0\0\0\x08\0\0\0\0"}, "+", "rise 1 fall 1"),
    Script("smtp", ["option smtpchk"], {"+": b"250 ok\r\n"}, "+", "rise 1 fall 1", b"220 hi\r\n"),
    Script("tcp", ["option tcp-check", "tcp-check send PING\\r\\n", "tcp-check expect string +PONG"],
           {"+": b"+PONG\r\n"}, "+", "rise 1 fall 1"),
    Script("drain404", [*CHK, "http-check disable-on-404"], ok(), "+4+-", "rise 1 fall 1"),
    over_tls("tlshttp", CHK, ok(), "+-+"),
    over_tls("tlsdeaf", CHK, ok(), "+x+p+"),
    over_tls("tlsconnect", [], {"+": b""}, "+x+"),
    over_tls("tlsstranger", CHK, ok(), "++", certificate="stranger"),
    over_tls("tlsanyone", CHK, ok(), "+-", "ssl verify none", certificate="stranger"),
    over_tls("tlssni", CHK, ok(), "+", "ssl verify required ca-file ${FOLDER}/ca.pem check-sni pod.test"),
    over_tls("tlsothername", CHK, ok(), "+", "ssl verify required ca-file ${FOLDER}/ca.pem check-sni other.test"),
    over_tls("tlsverifyhost", CHK, ok(), "+", "ssl verify required ca-file ${FOLDER}/ca.pem verifyhost other.test"),
    over_tls("tlsalpn", CHK, ok(), "+", "ssl verify none check-alpn http/1.1,http/1.0 alpn http/1.1"),
    over_tls("tlsforced", CHK, ok(), "+-", "check-ssl verify none"),
    over_tls("tlsclient", CHK, ok(), "+", "ssl verify none crt ${FOLDER}/client.pem", certificate="mutual"),
    over_tls("tlsshy", CHK, ok(), "+", "ssl verify none", certificate="mutual12"),
    over_tls("tlsredis", ["option redis-check"], {"+": b"+PONG\r\n"}, "+"),
    over_tls("tlssmtp", ["option smtpchk"], {"+": b"250 ok\r\n"}, "+", greets=b"220 hi\r\n"),
    over_tls("tlstcp", ["option tcp-check", "tcp-check send PING\\r\\n", "tcp-check expect string +PONG"],
             {"+": b"+PONG\r\n", "-": b"-ERR\r\n"}, "-+"),
    Script("plaintls", CHK, ok(), "+", "rise 1 fall 1 ssl verify none no-check-ssl"),
    Script("track", CHK, ok(), "+--+", "rise 1 fall 2", follows="weight 5"),
    Script("trackdrain", [*CHK, "http-check disable-on-404"], ok(), "+4+-+", "rise 1 fall 1", follows="backup"),
    Script("trackagent", [], {"0": b"up ready\n", "1": b"drain\n", "2": b"ready 50%\n", "3": b"maint\n", "4": b"ready up\n"},
           "01234", asks=AGENT, server="weight 10", follows="weight 10"),
    agent("agentdown", "down #going away", "up"),
    agent("agentwords", "stopped", "up", "fail", "up"),
    agent("agentorders", "up ready", "drain", "ready", "maint", "ready up"),
    agent("agentweight", "50%", "up 100%", "0%", "100%", server="weight 10"),
    agent("agentnoise", "nonsense", "down", "up"),
]
assert len({case.name for case in CASES}) == len(CASES)


AUTHORITY, STRANGER = Authority("pods"), Authority("stranger")
POD, CLIENT = AUTHORITY.issue("pod", ["pod.test"]), AUTHORITY.issue("client", ["client.test"])
FOREIGN = STRANGER.issue("pod", ["pod.test"])


def context(certificate, told):
    """A server's side of TLS; names that clients tell are appended to `told`."""
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    with tempfile.TemporaryDirectory() as folder:
        pair, path = FOREIGN if certificate == "stranger" else POD, Path(folder)
        (path / "pair.pem").write_bytes(pair.certificate + pair.key)
        (path / "ca.pem").write_bytes(AUTHORITY.certificate)
        made.load_cert_chain(path / "pair.pem")
        if certificate.startswith("mutual"):
            made.load_verify_locations(path / "ca.pem")
            made.verify_mode = ssl.CERT_REQUIRED
    if certificate == "mutual12":
        made.maximum_version = ssl.TLSVersion.TLSv1_2
    made.set_alpn_protocols(["http/1.1"])
    made.sni_callback = lambda connection, name, _: told.append(name)
    return made


class Scripted:
    """A listening server that answers connections by its script and remembers when they came and what they said."""

    def __init__(self, case, pace):
        self.case, self.times, self.said, self.told = case, [], [], []
        self.intervals = {name: seconds * pace for name, seconds in INTERVALS.items()}
        self.context = context(case.tls, self.told) if case.tls else None
        self.listener = socket.socket()
        self.listener.bind(("127.0.0.1", 0))
        self.listener.listen(16)
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self.run, daemon=True).start()

    def run(self):
        while True:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            step = min(len(self.times), len(self.case.script) - 1)
            self.times.append(time.monotonic())
            threading.Thread(target=self.answer, args=(connection, self.case.script[step]), daemon=True).start()

    def answer(self, connection, letter):
        with contextlib.suppress(OSError), connection:
            connection.settimeout(15)
            if letter == "x":
                connection.recv(4096)
                return
            if self.context and letter != "p":
                with self.context.wrap_socket(connection, server_side=True) as encrypted:
                    shown = (encrypted.getpeercert() or {}).get("subject")
                    told = self.told[-1] if self.told else None
                    self.said.append(f"{told} {encrypted.selected_alpn_protocol()} {shown}".encode())
                    return self.talk(encrypted, letter)
            self.talk(connection, letter)

    def talk(self, connection, letter):
        with contextlib.suppress(OSError):
            if self.case.greets:
                connection.sendall(self.case.greets)
            said = connection.recv(4096)
            self.said.append(said)
            while said:
                connection.sendall(self.case.answers["-" if letter == "p" else letter])
                if not self.case.greets:
                    break
                said = connection.recv(4096)

    def gaps(self):
        """Names of the intervals between the checks of the script and the one behind it."""
        times = self.times[:len(self.case.script) + 1]
        return [
            min(self.intervals, key=lambda name: abs(self.intervals[name] - (b - a))) for a, b in zip(times, times[1:])
        ]


def configuration(servers, front):
    lines = [
        "global", "    log stdout format raw local0", "defaults", "    mode http", "    log global",
        "    timeout connect 5s", "    timeout client 5s", "    timeout server 5s", "    timeout check 15s",
        "frontend front", f"    bind 127.0.0.1:{front}", f"    default_backend {servers[0].case.name}",
    ]
    for server in servers:
        case = server.case
        lines += [f"backend {case.name}"] + ["    " + directive for directive in case.directives]
        words = case.asks.format(**{name: round(seconds * 1000) for name, seconds in server.intervals.items()})
        words += f" {server.port}" if case.asks == AGENT else ""
        lines.append(f"    server s 127.0.0.1:{server.port} {words} {case.server}")
        for of, by in zip(["", ".f"], [".f", ".g"]) if case.follows else []:
            lines += [f"backend {case.name}{by}"] + [f"    {line}" for line in case.directives if "404" in line]
            lines.append(f"    server s 127.0.0.1:1 track {case.name}{of}/s {case.follows}")
    return "\n".join(lines) + "\n"


def observe(command, cases, pace):
    """Runs a proxy until every script has been played; per case: its lines, its intervals, what was asked."""
    servers = [Scripted(case, pace) for case in cases]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "haproxy.cfg"
        (Path(folder) / "ca.pem").write_bytes(AUTHORITY.certificate)
        (Path(folder) / "client.pem").write_bytes(CLIENT.certificate + CLIENT.key)
        path.write_text(configuration(servers, free_port()).replace("${FOLDER}", folder))
        with open(Path(folder) / "log", "w+b") as log:
            process = subprocess.Popen([*command, "-f", path], stdout=log, stderr=subprocess.STDOUT)
            try:
                deadline = time.monotonic() + 25 + 15 * pace
                while time.monotonic() < deadline and not all(len(s.times) > len(s.case.script) for s in servers):
                    assert process.poll() is None, f"{command} has ended: {(Path(folder) / 'log').read_text()}"
                    time.sleep(0.05)
                time.sleep(0.5 * pace)
            finally:
                process.terminate()
                process.wait(10)
                for server in servers:
                    server.listener.shutdown(socket.SHUT_RDWR)
                    server.listener.close()
            log.seek(0)
            text = log.read().decode(errors="replace")
    followed = {s.case.name: [lines_of(text, s.case.name + by) for by in ("", ".f", ".g")] for s in servers}
    return {s.case.name: {"lines": followed[s.case.name], "gaps": s.gaps(),
                          "asked": s.said[:2] if s.case.tls else s.said[:1]} for s in servers}


def lines_of(text, backend):
    """What was said about a backend, durations left out and each line once in a row."""
    found = []
    for line in text.splitlines():
        match = LINE.search(line)
        if match and (f"Server {backend}/s " in match[1] or f"backend {backend} " in match[1]):
            said = re.sub(r"check duration: \d+ms", "check duration: Nms", match[1])
            # The reason is our own addition.
            said = re.sub(r"SSL handshake failure \([^)]*\)", "SSL handshake failure", said)
            if not found or found[-1] != said:
                found.append(said)
    return found


def observe_both(cases, told, speak=False):
    """What sluice and haproxy make of the same servers; `told(side, name)` is what is compared of a case. Those that `speak` have lines."""

    def observed(cases, pace):
        sluice = [str(binary()), "proxy", "--ops-port", "0", "--admin-address", "127.0.0.1:0", "--drain-delay", "0s"]
        with ThreadPoolExecutor(2) as both:
            ours, theirs = both.submit(observe, sluice, cases, pace), both.submit(observe, HAPROXY_COMMAND, cases, pace)
            return ours.result(), theirs.result()

    found = observed(cases, 1)
    for pace in (1, 2, 4):
        # A machine that stood still for a moment made an interval longer, or a handshake longer than the 250 ms that a check has for it.
        # What is another one indeed is so each time, and with intervals that are longer than such moments.
        again = [
            case for case in cases
            if told(found[0], case.name) != told(found[1], case.name) or speak and not any(found[0][case.name]["lines"])
        ]  # fmt: skip
        if again:
            for side, other in zip(found, observed(again, pace)):
                side.update(other)
    return found
