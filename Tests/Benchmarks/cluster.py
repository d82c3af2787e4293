"""A cluster for benchmarks: the API server simulator, `sluice controller` as its client, and probes that spin.

All times are CLOCK_MONOTONIC, which processes of one machine share: the simulator says when it wrote an event.
"""

import http.client
import json
import os
import select
import socket
import ssl
import subprocess
import sys
import time

import proxies
import stage as stages

SIMULATOR = os.path.join(os.path.dirname(stages.HERE), "Simulator")
sys.path.insert(0, SIMULATOR)

from simulator import objects  # noqa: E402


class ApiServer:
    """The simulator as a process. Commands are sent and answered apart, so that a probe can run in between."""

    def __init__(self, stage):
        folder = stage.path("apiserver")
        os.makedirs(folder, exist_ok=True)
        self.kubeconfig = os.path.join(folder, "kubeconfig")
        command = ["/usr/bin/python3", os.path.join(SIMULATOR, "apiserver.py"), "--directory", folder, "--announce"]
        with open(stage.path("apiserver.err"), "ab") as log:
            self.process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=log, start_new_session=True)
        stage.processes.append(self.process)
        line = self.process.stdout.readline()
        if not line:
            raise stages.Failure(f"the simulator did not start: {stages.tail(stage.path('apiserver.err'))}")
        announced = json.loads(line)
        self.port = announced["port"]
        self._control = http.client.HTTPConnection("127.0.0.1", announced["control"], timeout=120)
        self._control.connect()
        self._control.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def begin(self, command, body):
        """Sends a command without waiting for its answer."""
        self._control.request("POST", f"/_sim/{command}", json.dumps(body))

    def finish(self):
        response = self._control.getresponse()
        answer = json.loads(response.read())
        if response.status != 200:
            raise stages.Failure(f"the simulator refused: {answer}")
        return answer

    def apply(self, *bodies):
        """Writes objects; the time the last of them was written, in seconds."""
        self.begin("apply", bodies)
        return self.finish()[-1]["writtenAt"] / 1e9

    def load(self, ingresses, port, **settings):
        """The class, and so many Ingresses with Service and EndpointSlice, all answered by 127.0.0.1:`port`; `settings` as in Bulk."""
        self.apply(objects.ingress_class())
        self.begin("bulk", {"ingresses": ingresses, "port": port, **settings})
        self.finish()

    def stop(self):
        self._control.close()
        stages.stop(self.process)
        self.process.stdout.close()


class Controller(proxies.Proxy):
    """`sluice controller` against the simulator; `start` returns seconds from exec to ready."""

    def __init__(self, stage, api, binary, workers=1):
        http, https, self.ops, admin = (stage.port() for _ in range(4))
        # The process that is measured is the one that serves.
        command = [binary, "controller", "--supervise=false", "--kubeconfig", api.kubeconfig]
        command += ["--bind-address", "127.0.0.1"]
        command += ["--http-port", str(http), "--https-port", str(https), "--ops-port", str(self.ops)]
        command += ["--admin-address", f"127.0.0.1:{admin}", "--workers", str(workers), "--access-log", "stdout"]
        super().__init__("controller", stage, command, "", http, https, stage.path("controller.access"))

    def start(self, patience=60):
        began = time.monotonic()
        self.process = self.stage.start(self.command, self.name, self.output)
        while time.monotonic() - began < patience:
            if self.process.poll() is not None:
                break
            if stages.ask(self.ops, "ops", "/readyz") == 200:
                return time.monotonic() - began
            time.sleep(0.005)
        raise stages.Failure(f"controller not ready: {stages.tail(self.stage.path('controller.err'), 8)}")

    def memory(self):
        """Resident bytes now, and at the highest."""
        with open(f"/proc/{self.process.pid}/status") as file:
            fields = dict(line.split(":", 1) for line in file)
        return tuple(int(fields[key].split()[0]) * 1024 for key in ("VmRSS", "VmHWM"))


class HttpProbe:
    """One keep-alive connection that asks again and again; an answer is the body's text."""

    def __init__(self, port, host, path="/"):
        self._socket = socket.create_connection(("127.0.0.1", port), timeout=5)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._request = f"GET {path} HTTP/1.1\r\nHost: {host}\r\n\r\n".encode()

    def ask(self):
        self._socket.sendall(self._request)
        answer = b""
        while True:
            piece = self._socket.recv(4096)
            if not piece:
                raise stages.Failure("the probe's connection was closed")
            answer += piece
            head, found, body = answer.partition(b"\r\n\r\n")
            if found and len(body) >= content_length(head):
                return body.decode(errors="replace").strip() if b" 200 " in head[:16] else head[9:12].decode()

    def close(self):
        self._socket.close()


def content_length(head):
    for line in head.split(b"\r\n"):
        if line.lower().startswith(b"content-length:"):
            return int(line[15:])
    return 0


class CertificateProbe:
    """A full handshake for every question; the answer is the certificate, as DER."""

    def __init__(self, port, host):
        self._port, self._host = port, host
        self._context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        self._context.check_hostname, self._context.verify_mode = False, ssl.CERT_NONE

    def ask(self):
        with socket.create_connection(("127.0.0.1", self._port), timeout=5) as plain:
            with self._context.wrap_socket(plain, server_hostname=self._host) as connection:
                return connection.getpeercert(binary_form=True)

    def close(self):
        pass


def propagation(api, body, probe, wanted, patience=5.0):
    """Seconds from the simulator's write of `body`, the last of several, to the end of the first answer that is `wanted`; and how
    many answers were read meanwhile. The probe spins, so its own round trip is included once on average."""
    api.begin("apply", body if isinstance(body, list) else [body])
    deadline, asked = time.monotonic() + patience, 0
    while True:
        answer, now = probe.ask(), time.monotonic()
        asked += 1
        if answer == wanted:
            break
        if now > deadline:
            api.finish()
            return None, asked
    return now - api.finish()[-1]["writtenAt"] / 1e9, asked


class Pods:
    """The pods of the roll, in a process of their own (pods.py)."""

    def __init__(self, stage, port):
        self.port = port
        command = [sys.executable, os.path.join(stages.HERE, "pods.py"), str(port)]
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
                                        start_new_session=True)
        stage.processes.append(self.process)

    def command(self, verb, address):
        """`open` or `close` an address; returns when it has happened."""
        self.process.stdin.write(f"{verb} {address}\n")
        self.process.stdin.flush()
        if not select.select([self.process.stdout], [], [], 10)[0] or not self.process.stdout.readline():
            raise stages.Failure(f"pods: no answer to {verb} {address}")
