"""The simulator as a process: the TLS listener, its kubeconfig, and the commands tests give it."""

from __future__ import annotations

import asyncio
import secrets
import socket
import ssl
import sys
import time
from pathlib import Path

import yaml

from .api import Api
from .bulk import Bulk
from .faults import WATCHLIST_UNSUPPORTED, Fault
from .http1 import Http1Connection
from .http2 import Http2Connection
from .pki import Authority
from .transport import reset_connection

HOSTS = ["127.0.0.1", "::1", "localhost", "kubernetes", "kubernetes.default.svc"]


# What `--auth plugin` runs for credentials: it asks the control port, which the file names.
PLUGIN = """import json, urllib.request
port = open({control!r}).read()
with urllib.request.urlopen(f"http://127.0.0.1:{{port}}/_sim/issue_token", b"{{}}") as answer:
    status = json.load(answer)
print(json.dumps({{"apiVersion": "client.authentication.k8s.io/v1", "kind": "ExecCredential", "status": status}}))
"""


class ApiProtocol(asyncio.Protocol):
    """One client connection; ALPN decides which HTTP it speaks."""

    def __init__(self, simulator: "Simulator") -> None:
        self._simulator = simulator
        self.connection: Http1Connection | Http2Connection | None = None
        self.transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport
        tls = transport.get_extra_info("ssl_object")
        kind = Http2Connection if tls.selected_alpn_protocol() == "h2" else Http1Connection
        self.connection = kind(transport, self._simulator.api.handle, bool(transport.get_extra_info("peercert")))
        self._simulator.connections.add(self)

    def data_received(self, data: bytes) -> None:
        self.connection.receive(data)

    def pause_writing(self) -> None:
        self.connection.pause()

    def resume_writing(self) -> None:
        self.connection.resume()

    def connection_lost(self, error: Exception | None) -> None:
        self._simulator.connections.discard(self)
        self.connection.lost()


class Simulator:
    """Everything a test may ask for: each public method is also a control command of the same name."""

    def __init__(self, directory: Path, *, http2: bool = True, auth: str = "token") -> None:
        self.api = Api()
        self.connections: set[ApiProtocol] = set()
        self.kubeconfig = directory / "kubeconfig"
        self._directory = directory
        self._auth = auth
        self._authority = Authority()
        self._context = self._tls(http2)
        self._listener: asyncio.Server | None = None
        self._port = 0
        self._token = secrets.token_urlsafe(24)
        self._token_seconds = 5.0
        self.api.tokens.add(self._token)

    async def start(self, port: int | None = None) -> dict:
        """Listens (again); after `stop` the same port is taken."""
        if self._listener is None:
            # asyncio sends at once, as API servers do, on sockets that say what they speak; others wait for acknowledgements.
            plain = socket.socket(proto=socket.IPPROTO_TCP)
            plain.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            plain.bind(("127.0.0.1", self._port if port is None else port))
            self._port = plain.getsockname()[1]
            loop = asyncio.get_running_loop()
            self._listener = await loop.create_server(
                lambda: ApiProtocol(self), sock=plain, ssl=self._context, backlog=512
            )
            self._write_kubeconfig()
        return {"port": self._port, "kubeconfig": str(self.kubeconfig)}

    async def stop(self) -> dict:
        """Refuses connections and resets the open ones, until `start`."""
        if self._listener is not None:
            self._listener.close()
            self._listener = None
        return await self.drop()

    async def drop(self) -> dict:
        """Resets every open connection."""
        dropped = list(self.connections)
        for protocol in dropped:
            reset_connection(protocol.transport)
        return {"dropped": len(dropped)}

    async def goaway(self) -> dict:
        """Announces the end of every open connection; streams on it go on."""
        for protocol in list(self.connections):
            protocol.connection.go_away()
        return {}

    async def apply(self, objects: list[dict]) -> list[dict]:
        """Creates or replaces objects; tells for each when its event was written (CLOCK_MONOTONIC, ns)."""
        written = []
        for body in objects:
            entry, at = self.api.store.put(self.api.catalogue.for_object(body), body)
            written.append({"key": entry.key, "resourceVersion": str(entry.version), "writtenAt": at})
        return written

    async def delete(self, objects: list[dict]) -> list[dict]:
        """Deletes objects named by apiVersion, kind and metadata."""
        written = []
        for body in objects:
            resource, meta = self.api.catalogue.for_object(body), body["metadata"]
            namespace = meta.get("namespace", "default") if resource.namespaced else ""
            removed = self.api.store.delete(resource, f"{namespace}/{meta['name']}")
            if removed is None:
                raise ValueError(f"no {resource.kind} {namespace}/{meta['name']}")
            written.append({"key": removed[0].key, "resourceVersion": str(removed[0].version), "writtenAt": removed[1]})
        return written

    async def bulk(self, **settings: object) -> dict:
        """Generates many Ingresses with Service and EndpointSlice; settings as in bulk.Bulk."""
        if "addresses" in settings:
            settings["addresses"] = tuple(settings["addresses"])
        count = 0
        for body in Bulk(**settings).objects():
            self.api.store.put(self.api.catalogue.for_object(body), body)
            count += 1
        return {"objects": count, "resourceVersion": str(self.api.store.version)}

    async def compact(self) -> dict:
        return {"compacted": str(self.api.store.compact())}

    async def fault(self, **settings: object) -> dict:
        """Puts a fault in force for coming requests; settings as in faults.Fault."""
        self.api.faults.add(Fault.parse(settings))
        return {}

    async def watchlist_unsupported(self) -> dict:
        """Answers every WatchList as a server without RequestWatchProgress does."""
        return await self.fault(kind="error", verb="watchlist", code=500, message=WATCHLIST_UNSUPPORTED)

    async def clear_faults(self) -> dict:
        self.api.faults.clear()
        return {}

    async def break_watches(self, resource: str = "*", **settings: object) -> dict:
        """Makes a fault happen now, on watches that are already open."""
        fault = Fault.parse({**settings, "resource": resource})
        return {"watches": self._each_watch(resource, lambda watch: watch.inject(fault))}

    async def end_watches(self, resource: str = "*") -> dict:
        """Ends open watches as their time-out would."""
        return {"watches": self._each_watch(resource, lambda watch: watch.end())}

    async def bookmark(self, resource: str = "*") -> dict:
        """Sends a bookmark on open watches now."""
        return {"watches": self._each_watch(resource, lambda watch: watch.bookmark())}

    async def rotate_token(self) -> dict:
        """Makes a new bearer token, writes it where clients find it, and refuses the old one from now on."""
        self._token = secrets.token_urlsafe(24)
        self.api.tokens = {self._token}
        self._write_kubeconfig()
        return {"token": self._token}

    async def place(self, pod: str, host: str = "127.0.0.1", port: int = 0) -> dict:
        """Says where the proxy of pods finds a `namespace/name`; port 0 forgets it."""
        if port:
            self.api.pod_proxy.pods[pod] = (host, port)
        else:
            self.api.pod_proxy.pods.pop(pod, None)
        return {}

    async def proxied(self, since: int = 0) -> list[dict]:
        """What the proxy of pods was asked, in order, from index `since` on."""
        return self.api.pod_proxy.seen[since:]

    async def issue_token(self) -> dict:
        """A token that expires after `token_seconds`: what the plugin of `--auth plugin` asks for."""
        token, end = secrets.token_urlsafe(24), int(time.time() + self._token_seconds)
        self.api.expiring[token] = end
        stamp = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(end))
        return {"token": token, "expirationTimestamp": stamp}

    async def issued_tokens(self) -> list[str]:
        return list(self.api.expiring)

    async def token_life(self, seconds: float) -> dict:
        """How long tokens of the plugin live from now on."""
        self._token_seconds = seconds
        return {}

    async def revoke_tokens(self) -> dict:
        """Refuses every token that a plugin was given so far."""
        self.api.expiring = dict.fromkeys(self.api.expiring, 0.0)
        return {}

    async def get(self, **reference: str) -> dict | None:
        """The object of an apiVersion, kind, namespace and name, or nothing."""
        body = {"apiVersion": reference["apiVersion"], "kind": reference["kind"], "metadata": {}}
        table = self.api.store.table(self.api.catalogue.for_object(body))
        entry = table.entries.get(f"{reference.get('namespace', '')}/{reference['name']}")
        return entry.body if entry else None

    async def names(self, apiVersion: str, kind: str) -> list[str]:
        """The `namespace/name` of every object of a kind."""
        body = {"apiVersion": apiVersion, "kind": kind, "metadata": {}}
        return list(self.api.store.table(self.api.catalogue.for_object(body)).entries)

    async def requests(self, since: int = 0) -> list[dict]:
        """What clients asked, in order, from index `since` on."""
        return self.api.requests[since:]

    async def state(self) -> dict:
        watches: dict[str, int] = {}
        for watch in self.api.watches:
            watches[watch.resource] = watches.get(watch.resource, 0) + 1
        return {
            "now": time.monotonic_ns(), "resourceVersion": str(self.api.store.version), "watches": watches,
            "connections": len(self.connections), "requests": len(self.api.requests),
            "objects": {t.resource.plural: len(t.entries) for t in self.api.store.tables()},
        }  # fmt: skip

    def _each_watch(self, resource: str, act) -> int:
        chosen = [watch for watch in self.api.watches if resource in ("*", watch.resource)]
        for watch in chosen:
            act(watch)
        return len(chosen)

    def _tls(self, http2: bool) -> ssl.SSLContext:
        pair = self._authority.issue("kube-apiserver", HOSTS)
        files = {"ca.crt": self._authority.certificate, "tls.crt": pair.certificate, "tls.key": pair.key}
        for name, content in files.items():
            (self._directory / name).write_bytes(content)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self._directory / "tls.crt", self._directory / "tls.key")
        context.load_verify_locations(self._directory / "ca.crt")
        context.verify_mode = ssl.CERT_OPTIONAL
        context.set_alpn_protocols(["h2", "http/1.1"] if http2 else ["http/1.1"])
        return context

    def _write_kubeconfig(self) -> None:
        authority = str(self._directory / "ca.crt")
        cluster = {"server": f"https://127.0.0.1:{self._port}", "certificate-authority": authority}
        config = {
            "apiVersion": "v1", "kind": "Config", "current-context": "simulator",
            "clusters": [{"name": "simulator", "cluster": cluster}],
            "contexts": [{"name": "simulator", "context": {"cluster": "simulator", "user": "simulator"}}],
            "users": [{"name": "simulator", "user": self._user()}],
        }  # fmt: skip
        _replace(self.kubeconfig, yaml.safe_dump(config))

    def _user(self) -> dict:
        if self._auth == "token":
            return {"token": self._token}
        if self._auth == "token-file":
            path = self._directory / "token"
            _replace(path, self._token)
            return {"tokenFile": str(path)}
        if self._auth == "plugin":
            path = self._directory / "plugin.py"
            _replace(path, PLUGIN.format(control=str(self._directory / "control")))
            return {"exec": {
                "apiVersion": "client.authentication.k8s.io/v1", "interactiveMode": "Never",
                "command": sys.executable, "args": [str(path)],
            }}  # fmt: skip
        certificate, key = self._authority.issue("sluice", [], organisation="system:masters").encoded()
        return {"client-certificate-data": certificate, "client-key-data": key}


def _replace(path: Path, content: str) -> None:
    """Replaces a file in one step, so that no reader sees half of it."""
    fresh = path.with_name(path.name + ".new")
    fresh.write_text(content)
    fresh.rename(path)
