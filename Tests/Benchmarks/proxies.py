"""The proxies that are compared: how each is configured, started and measured.

To add a peer, write a function `name(stage) -> Proxy` and put it into `PEERS`.
"""

import os
import subprocess

import stage as stages

HAPROXY = """\
global
  nbthread 1
  maxconn 9500
  ssl-default-bind-options ssl-min-ver TLSv1.2
  {log_global}
defaults
  mode http
  timeout connect 5s
  timeout client 75s
  timeout server 60s
  timeout http-keep-alive 75s
  timeout http-request 10s
  option forwardfor
  {log_defaults}
frontend bench
  bind 127.0.0.1:{http} backlog 4096
  bind 127.0.0.1:{https} backlog 4096 ssl crt {folder}/pem/ec.pem crt {folder}/pem/rsa.pem alpn h2,http/1.1
  {headers}
  use_backend %[req.hdr(host),field(1,:),lower,map({folder}/hosts.map,none)]
backend bench
  http-reuse always
  server s1 127.0.0.1:{backend}
backend none
  http-request deny deny_status 404
frontend tcp
  mode tcp
  bind 127.0.0.1:{tcp} backlog 4096
  {log_tcp}
  default_backend tcp
backend tcp
  mode tcp
  server s1 127.0.0.1:{backend}
"""

# The same bytes for both that have such a section.
CACHED = """\
global
  nbthread 1
  maxconn 9500
defaults
  mode http
  timeout connect 5s
  timeout client 75s
  timeout server 60s
  option forwardfor
frontend cached
  bind 127.0.0.1:{http}
  default_backend cached
backend cached
  http-request cache-use small
  http-response cache-store small
  server s1 127.0.0.1:{backend}
cache small
  total-max-size 16
  max-age 3600
"""

# Servers of HTTP/2: one file, read by haproxy and by `sluice proxy`.
TO_HTTP2 = """\
global
  maxconn 9500
defaults
  mode http
  timeout connect 5s
  timeout client 75s
  timeout server 60s
  option forwardfor
  http-reuse always
listen h2c
  bind 127.0.0.1:{h2c}
  server s1 127.0.0.1:{backend_h2c} proto h2
listen h2
  bind 127.0.0.1:{h2}
  server s1 127.0.0.1:{backend_h2} ssl verify none alpn h2
"""

HAPROXY_HEADERS = """http-request set-header X-Forwarded-Proto https if { ssl_fc }
  http-request set-header X-Forwarded-Proto http if !{ ssl_fc }"""

HAPROXY_ALL_HEADERS = HAPROXY_HEADERS + """
  http-request set-header X-Forwarded-Host %[req.hdr(host)]
  http-request set-header X-Forwarded-Port %[dst_port]
  http-request set-header X-Real-IP %[src]
  unique-id-format %{+X}o%ci%cp%fi%fp%Ts%rt%pid
  unique-id-header X-Request-ID"""

NGINX = """\
daemon off;
worker_processes 1;
worker_rlimit_nofile 20000;
pid {folder}/nginx.pid;
error_log {folder}/nginx.err warn;
events {{ worker_connections 19000; }}
http {{
  access_log off;
  keepalive_timeout 75s;
  keepalive_requests 1000000000;
  client_max_body_size 0;
  server_names_hash_max_size 65536;
  server_names_hash_bucket_size 128;
  ssl_protocols TLSv1.2 TLSv1.3;  # 1.22 leaves TLS 1.3 off by default
  {temp}
  upstream bench {{
    server 127.0.0.1:{backend};
    keepalive 256;
    keepalive_requests 1000000000;
    keepalive_timeout 600s;
  }}
  proxy_http_version 1.1;
  proxy_request_buffering off;
  proxy_max_temp_file_size 0;
  proxy_set_header Connection "";
  proxy_set_header Host $host;
  proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
  proxy_set_header X-Forwarded-Proto $scheme;
  server {{
    listen 127.0.0.1:{http} backlog=4096 default_server;
    return 404;
  }}
  server {{
    listen 127.0.0.1:{http};
    include {folder}/names.conf;
    location / {{ proxy_pass http://bench; }}
  }}
  server {{
    listen 127.0.0.1:{h2c} http2;  # 1.22 speaks one of the two on a cleartext port
    include {folder}/names.conf;
    location / {{ proxy_pass http://bench; }}
  }}
  server {{
    listen 127.0.0.1:{https} ssl http2 backlog=4096;
    server_name {ec_names};
    ssl_certificate {folder}/ec.crt;
    ssl_certificate_key {folder}/ec.key;
    location / {{ proxy_pass http://bench; }}
  }}
  server {{
    listen 127.0.0.1:{https} ssl http2;
    server_name {rsa_names};
    ssl_certificate {folder}/rsa.crt;
    ssl_certificate_key {folder}/rsa.key;
    location / {{ proxy_pass http://bench; }}
  }}
}}
"""

SERVICE = """\
apiVersion: v1
kind: Service
metadata:
  name: backend
  namespace: bench
  annotations:
    sluice.dev/endpoints: "127.0.0.1:{backend}"
spec:
  ports:
  - port: 80
"""

TCP_SERVICES = """\
---
apiVersion: v1
kind: ConfigMap
metadata:
  name: tcp
  namespace: bench
data:
  "{port}": bench/backend:80
"""

INGRESS = """\
---
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata:
  name: {name}
  namespace: bench
spec:
  ingressClassName: sluice
  rules:
  - host: {host}
    http:
      paths:
      - path: /
        pathType: Prefix
        backend: {{service: {{name: backend, port: {{number: 80}}}}}}
"""

SECRET = """\
---
apiVersion: v1
kind: Secret
type: kubernetes.io/tls
metadata:
  name: {name}
  namespace: bench
data:
  tls.crt: {crt}
  tls.key: {key}
"""


class Proxy:
    """One started proxy: where it listens and what it has cost so far."""

    # The port of mode tcp, if there is one.
    tcp = None
    # Makes the same program with servers of HTTP/2 behind it, if it knows them.
    make_to_http2 = None

    def __init__(self, name, stage, command, configuration, http, https, output=None):
        self.name, self.stage, self.command, self.configuration = name, stage, command, configuration
        self.http, self.https, self.output = http, https, output
        self.h2c = http
        self.process = self._to_http2 = None

    def start(self):
        self.process = self.stage.start(self.command, self.name, self.output)
        log = self.stage.path(self.name + ".err")
        stages.wait_for_answer(self.process, self.http, stages.PLAIN_HOST, "/small", log)
        return self

    def stop(self):
        if self.process is not None:
            stages.stop(self.process, patience=0.3)

    def to_http2(self):
        """The same program in front of servers of HTTP/2, started when it is first wanted; None if it can not be."""
        if self.make_to_http2 is not None and self._to_http2 is None:
            self._to_http2 = self.make_to_http2(self.stage).start()
        return self._to_http2

    def tidy(self):
        """Empties the access log between two runs: it lies in memory."""
        if self.output and os.path.exists(self.output):
            os.truncate(self.output, 0)

    def pids(self):
        """The process and its children (nginx: master and worker)."""
        found, waiting = [], [self.process.pid]
        while waiting:
            pid = waiting.pop()
            found.append(pid)
            for task in tasks(pid):
                with open(f"{task}/children") as file:
                    waiting += [int(child) for child in file.read().split()]
        return found

    def cpu(self):
        """CPU seconds used so far by all its threads.

        `schedstat` counts nanoseconds of the very clock utime+stime are scaled to; those are cut to 10 ms."""
        return sum(task_seconds(task) for pid in self.pids() for task in tasks(pid))

    def user_share(self):
        """Seconds of user and of system time so far, in steps of 10 ms."""
        user = system = 0
        for pid in self.pids():
            with open(f"/proc/{pid}/stat") as file:
                fields = file.read().rpartition(")")[2].split()
            user, system = user + int(fields[11]), system + int(fields[12])
        return user / os.sysconf("SC_CLK_TCK"), system / os.sysconf("SC_CLK_TCK")

    def pss(self):
        """Proportional set size in bytes, of all its processes."""
        total = 0
        for pid in self.pids():
            with open(f"/proc/{pid}/smaps_rollup") as file:
                total += sum(int(line.split()[1]) for line in file if line.startswith("Pss:"))
        return total * 1024


def tasks(pid):
    return [f"/proc/{pid}/task/{task}" for task in os.listdir(f"/proc/{pid}/task")]


def task_seconds(task):
    with open(f"{task}/schedstat") as file:
        return int(file.read().split()[0]) / 1e9


def haproxy(stage, name="haproxy", log_port=None):
    """HAProxy, one thread, `http-reuse always`; without a log, it is what the bars are measured against."""
    stage.write("hosts.map", "".join(
        f"{host} bench\n" for host in stage.all_hosts() + sum(stages.TLS_HOSTS.values(), [])))
    http, https, tcp = (stage.port() for _ in range(3))
    text = HAPROXY.format(
        folder=stage.folder, http=http, https=https, tcp=tcp, backend=stage.backend_port,
        headers=HAPROXY_ALL_HEADERS if log_port else HAPROXY_HEADERS,
        log_global=f"log 127.0.0.1:{log_port} local0" if log_port else "# no log",
        log_defaults="log global\n  option httplog" if log_port else "# no log",
        log_tcp="option tcplog" if log_port else "# no log")
    path = stage.write(name + ".cfg", text)
    proxy = Proxy(name, stage, ["haproxy", "-db", "-f", path], text, http, https)
    proxy.tcp = tcp
    if not log_port:
        proxy.make_to_http2 = haproxy_to_http2
    return proxy


def haproxy_logging(stage):
    """HAProxy with all the duties Sluice has by default: the same headers, and a line per request to a UDP sink."""
    port = stage.port()
    sink = ("import socket\ns = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)\n"
            f"s.bind(('127.0.0.1', {port}))\nb = bytearray(65536)\nwhile True: s.recv_into(b)")
    stage.start(["python3", "-c", sink], "log-sink")
    return haproxy(stage, "haproxy-log", port)


def nginx(stage):
    """nginx, one worker, upstream keep-alive, access log off."""
    http, https, h2c = stage.port(), stage.port(), stage.port()
    stage.write("names.conf", "server_name " + " ".join(stage.all_hosts()) + ";\n")
    text = NGINX.format(
        folder=stage.folder, http=http, https=https, h2c=h2c, backend=stage.backend_port,
        temp=stages.nginx_temporary_paths(stage.folder, "nginx"),
        ec_names=" ".join(stages.TLS_HOSTS["ec"]), rsa_names=" ".join(stages.TLS_HOSTS["rsa"]))
    path = stage.write("nginx.conf", text)
    proxy = Proxy("nginx", stage, ["nginx", "-e", stage.path("nginx.err"), "-c", path], text, http, https)
    proxy.h2c = h2c
    return proxy


def default_binary():
    """The release build of this work tree, or what SLUICE names."""
    root = os.path.dirname(os.path.dirname(stages.HERE))
    return os.environ.get("SLUICE") or os.path.join(root, ".build", "release", "sluice")


def sluice(stage, binary=None, wrapper=(), name="sluice"):
    """Sluice serving a folder of manifests: one worker, metrics on, access log to stdout, a file on tmpfs.

    `wrapper` is put in front of the command line (valgrind)."""
    binary = binary or default_binary()
    http, https, ops, admin, tcp = (stage.port() for _ in range(5))
    text = sluice_manifests(stage) + TCP_SERVICES.format(port=tcp)
    folder = os.path.dirname(stage.write(f"manifests-{name}/bench.yaml", text))
    command = [*wrapper, binary, "dev", folder, "--bind-address", "127.0.0.1"]
    command += ["--http-port", str(http), "--https-port", str(https), "--ops-port", str(ops)]
    command += ["--admin-address", f"127.0.0.1:{admin}", "--workers", "1", "--access-log", "stdout"]
    has_tcp = "--tcp-services-configmap" in subprocess.run([binary, "dev", "--help"], capture_output=True, text=True).stdout
    command += ["--tcp-services-configmap", "bench/tcp"] if has_tcp else []  # one built before there were any
    shown = f"a Service with sluice.dev/endpoints, {len(stage.all_hosts())} Ingresses with one host each, 2 with TLS\n"
    proxy = Proxy(name, stage, command, shown, http, https, stage.path(f"{name}.access"))
    proxy.ops, proxy.tcp = ops, tcp if has_tcp else None
    proxy.make_to_http2 = lambda stage: sluice_to_http2(stage, binary)
    return proxy


def haproxy_to_http2(stage):
    """HAProxy, one thread, in front of servers of HTTP/2: `http` is the port of those without TLS, `https` that of the others."""
    text, h2c, h2 = to_http2(stage)
    path = stage.write("haproxy-to-http2.cfg", text.replace("global\n", "global\n  nbthread 1\n"))
    return Proxy("haproxy-to-http2", stage, ["haproxy", "-db", "-f", path], text, h2c, h2)


def sluice_to_http2(stage, binary=None):
    """The same with one worker, and a log as in `sluice`."""
    text, h2c, h2 = to_http2(stage)
    command = [binary or default_binary(), "proxy", "-f", stage.write("sluice-to-http2.cfg", text)]
    command += ["--workers", "1", "--ops-port", str(stage.port()), "--access-log", "stdout"]
    return Proxy("sluice-to-http2", stage, command, text, h2c, h2, stage.path("sluice-to-http2.access"))


def to_http2(stage):
    h2c, h2 = stage.port(), stage.port()
    return TO_HTTP2.format(h2c=h2c, h2=h2, backend_h2c=stage.backend_h2c, backend_h2=stage.backend_h2), h2c, h2


def sluice_manifests(stage):
    """The routing table as manifests. Plain hosts have no TLS section, so that nothing redirects them to HTTPS."""
    from base64 import b64encode
    parts = [SERVICE.format(backend=stage.backend_port)]
    parts += [INGRESS.format(name=f"plain-{i}", host=host) for i, host in enumerate(stage.all_hosts())]
    for kind, hosts in stages.TLS_HOSTS.items():
        crt, key = (b64encode(open(path, "rb").read()).decode() for path in stage.certificate(kind))
        parts.append(SECRET.format(name=kind, crt=crt, key=key))
        for host in hosts:
            ingress = INGRESS.format(name="tls-" + host.replace(".", "-"), host=host)
            parts.append(ingress + f"  tls:\n  - hosts: [{host}]\n    secretName: {kind}\n")
    return "".join(parts)


def cached(stage, name, binary=None):
    """Either of the two with a cache section, from the same file: everything is answered from it but the first."""
    http = stage.port()
    text = CACHED.format(http=http, backend=stage.backend_port)
    path = stage.write(f"cached-{name}.cfg", text)
    if name == "haproxy":
        return Proxy(name, stage, ["haproxy", "-db", "-f", path], text, http, None)
    command = [binary or default_binary(), "proxy", "-f", path, "--workers", "1", "--access-log", "stdout"]
    return Proxy(name, stage, command, text, http, None, stage.path("sluice-cached.access"))


PEERS = {"sluice": sluice, "haproxy": haproxy, "haproxy-log": haproxy_logging, "nginx": nginx}
