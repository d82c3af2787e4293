"""The stage a benchmark plays on: a scratch folder in memory, certificates, one nginx as the backend, free ports.

Everything a peer is compared with must be the same for all of them, so it is made here, once per run.

    load generator ──► proxy under test ──► backend (nginx, one worker, own process)
                           │
                           └── logs, configuration, manifests: scratch folder on tmpfs
"""

import json
import os
import random
import resource
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
SMALL = b"x" * 99 + b"\n"
KILOBYTES_10 = 10 * 1024
MEGABYTE = 1024 * 1024
PLAIN_HOST = "h0.bench.test"
TLS_HOSTS = {"ec": ["ec.bench.test", "localhost"], "rsa": ["rsa.bench.test"]}

BACKEND = """\
daemon off;
worker_processes 1;
worker_rlimit_nofile 20000;
pid {folder}/backend.pid;
error_log {folder}/backend.err warn;
events {{ worker_connections 9000; }}
http {{
  access_log off;
  sendfile on;
  tcp_nopush on;
  keepalive_timeout 600s;
  keepalive_requests 1000000000;
  client_max_body_size 0;
  # A megabyte fits, so that the sink reads a whole body before it answers and never touches a file.
  client_body_buffer_size 2m;
  {temp}
  open_file_cache max=16;
  server {{
    listen 127.0.0.1:{port} backlog=4096;
    listen 127.0.0.1:{h2c} http2;
    listen 127.0.0.1:{h2} ssl http2;
    ssl_certificate {folder}/ec.crt;
    ssl_certificate_key {folder}/ec.key;
    ssl_protocols TLSv1.2 TLSv1.3;
    location = /small {{ return 200 "{small}"; }}
    location /files/ {{ alias {folder}/files/; }}
    location = /sink {{
      proxy_pass http://unix:{folder}/sink.socket:/;
      proxy_pass_request_body off;
      proxy_set_header Content-Length "";
    }}
  }}
  server {{
    listen unix:{folder}/sink.socket;
    location / {{ return 200 "{small}"; }}
  }}
}}
"""


class Failure(Exception):
    """A benchmark could not be run; the message says which step and what the tool said."""


def nginx_temporary_paths(folder, name):
    """The directives that keep an nginx out of /var/lib, so that nobody needs to be root."""
    kinds = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    return "\n  ".join(f"{kind}_temp_path {folder}/{name}-{kind};" for kind in kinds)


def tail(path, lines=5):
    """The last lines of a text file, for error messages."""
    try:
        with open(path, errors="replace") as file:
            return "".join(file.readlines()[-lines:]).strip()
    except OSError:
        return ""


class Stage:
    """The scratch folder and the processes in it; leaving the `with` block ends them all."""

    def __init__(self, hosts=1000):
        self.hosts = hosts
        self.processes = []
        parent = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
        self.folder = tempfile.mkdtemp(prefix="sluice-bench-", dir=parent)
        os.chmod(self.folder, 0o755)  # nginx workers may run as another user
        soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
        # An end from outside (timeout, CI) must leave no process and no folder behind.
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
        self._next_port = random.randrange(20000, 30000)
        self.backend_port = self.backend_h2c = self.backend_h2 = 0

    def __enter__(self):
        try:
            self._make_files()
            self._start_backend()
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        for process in self.processes:
            stop(process)
        shutil.rmtree(self.folder, ignore_errors=True)

    def path(self, name):
        return os.path.join(self.folder, name)

    def write(self, name, text):
        path = self.path(name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w") as file:
            file.write(text)
        return path

    def port(self):
        """A free port below the ephemeral range, so that no outgoing connection takes it meanwhile."""
        while True:
            self._next_port = 20000 + (self._next_port + 1 - 20000) % 12000
            with socket.socket() as probe:
                try:
                    probe.bind(("127.0.0.1", self._next_port))
                    return self._next_port
                except OSError:
                    continue

    def start(self, command, name, output=None, environment=None):
        """Starts a process of this stage; stdout goes to `output` (default a log), stderr to `NAME.err`."""
        with open(output or self.path(name + ".out"), "ab") as out, open(self.path(name + ".err"), "ab") as err:
            process = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=out, stderr=err, env=environment, start_new_session=True
            )
        self.processes.append(process)
        return process

    def compile(self, source):
        """Compiles one of the C clients next to this file; the binary lives as long as the stage."""
        binary = self.path(source.removesuffix(".c"))
        if not os.path.exists(binary):
            command = ["gcc", "-O2", "-Wall", "-o", binary, os.path.join(HERE, source), "-lssl", "-lcrypto", "-lpthread"]
            run(command)
        return binary

    def certificate(self, kind):
        """Paths of certificate and key: `ec` (P-256) or `rsa` (2048 bits)."""
        return self.path(f"{kind}.crt"), self.path(f"{kind}.key")

    def all_hosts(self):
        """Plain hosts: the routing table every peer carries."""
        return [f"h{i}.bench.test" for i in range(self.hosts)]

    def _make_files(self):
        os.makedirs(self.path("files"))
        for name, size in (("10k", KILOBYTES_10), ("1m", MEGABYTE)):
            with open(self.path("files/" + name), "wb") as file:
                file.write(b"x" * size)
        keys = {"ec": ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1"], "rsa": ["-newkey", "rsa:2048"]}
        for kind, options in keys.items():
            crt, key = self.certificate(kind)
            names = ",".join("DNS:" + host for host in TLS_HOSTS[kind])
            run(["openssl", "req", "-x509", "-nodes", "-days", "30", *options, "-keyout", key, "-out", crt]
                + ["-subj", f"/CN={TLS_HOSTS[kind][0]}", "-addext", f"subjectAltName={names}"])
            self.write(f"pem/{kind}.pem", open(crt).read() + open(key).read())

    def _start_backend(self):
        self.backend_port, self.backend_h2c, self.backend_h2 = (self.port() for _ in range(3))
        text = BACKEND.format(
            folder=self.folder, port=self.backend_port, h2c=self.backend_h2c, h2=self.backend_h2,
            small=SMALL.decode().replace("\n", "\\n"),
            temp=nginx_temporary_paths(self.folder, "backend"))
        configuration = self.write("backend.conf", text)
        self.backend = self.start(["nginx", "-e", self.path("backend.err"), "-c", configuration], "backend")
        wait_for_answer(self.backend, self.backend_port, "backend", "/small", self.path("backend.err"))


def run(command, **options):
    """Runs a tool to its end and returns its stdout; a failure carries what it said."""
    result = subprocess.run(command, capture_output=True, text=True, **options)
    if result.returncode != 0:
        raise Failure(f"{command[0]} exited {result.returncode}: {(result.stderr or result.stdout).strip()[-400:]}")
    return result.stdout


def stop(process, patience=1.0):
    """Ends one process of ours: politely, then not."""
    if process.poll() is not None:
        return
    process.terminate()
    try:
        process.wait(patience)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def ask(port, host, path, timeout=5.0):
    """One plain GET on its own connection; the status code, 0 if there was none."""
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=timeout) as connection:
            connection.sendall(f"GET {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n".encode())
            head = connection.recv(4096)
        return int(head[9:12]) if head.startswith(b"HTTP/1.") else 0
    except (OSError, ValueError):
        return 0


def wait_for_answer(process, port, host, path, log, timeout=20.0):
    """Returns when a GET is answered 200; a process that dies or stays silent is a failure with its last words."""
    deadline = time.monotonic() + timeout
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise Failure(f"{process.args[0]} exited {process.returncode} at start: {tail(log)}")
        if ask(port, host, path) == 200:
            return
        time.sleep(0.02)
    raise Failure(f"{process.args[0]} did not answer on port {port} within {timeout:.0f} s: {tail(log)}")


def play(parts, options, hosts=1):
    """Measures the parts that the options name, each a function that answers what it found and whether that passed; the exit code."""
    results, passed = {}, True
    with Stage(hosts) as stage:
        for part in options.parts.split(","):
            results[part], good = parts[part](stage, options)
            passed = passed and good
    return finish(results, passed, options)


def finish(results, passed, options):
    """Writes what was found where the options want it; the exit code."""
    if options.json:
        with open(options.json, "w") as file:
            json.dump(results, file, indent=1)
    return 0 if passed else 1
