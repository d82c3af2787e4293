"""The advisories of ingress-nginx: what broke it does nothing here. One Ingress each, all beside one that is well."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest
from harness.backend import Backend
from harness.site import Site, dev_service
from simulator import objects

pytestmark = pytest.mark.sanitizer

NGINX = "nginx.ingress.kubernetes.io/"
TOKEN = "/var/run/secrets/kubernetes.io/serviceaccount/token"
ANSWER = 'return 200 "pwned";'

# advisory -> annotations of its Ingress, its path, and what a request for `/`, or the path given last, may be answered
CASES: dict[str, tuple] = {
    # Files of two Secrets whose names join to the same: there are no files, and who has one Secret's password is not let in.
    "CVE-2020-8553": ({"auth-type": "basic", "auth-secret": "b-c"}, "/", {401, 503}),
    "CVE-2021-25742": ({"configuration-snippet": f"alias {TOKEN};"}, "/", {503}),
    "CVE-2021-25745": ({}, f"/x {{ alias {TOKEN}; }} #", {404}, "/x"),
    "CVE-2021-25746": ({"rewrite-target": f"/; }} location /y {{ {ANSWER} }} #"}, "/", {404}),
    "CVE-2021-25748": ({}, f"/x\nalias {TOKEN};", {404}, "/x"),
    "CVE-2022-4886": ({}, f"/x;log_format y '{ANSWER}';root /etc", {404}, "/x/passwd"),
    "CVE-2023-5043": ({"configuration-snippet": "perl 'sub { system(q(id)) }';"}, "/", {503}),
    "CVE-2023-5044": ({"permanent-redirect": f"https://a.test/;}} location ~ / {{ {ANSWER} }}"}, "/", {404}),
    "CVE-2024-7646": ({"rewrite-target": f"/x\r;{ANSWER}"}, "/", {404}),
    "CVE-2025-24513": ({"auth-type": "basic", "auth-secret": "../../../etc/passwd"}, "/", {404, 503}),
    "CVE-2025-24514": ({"auth-url": "http://a.test/#;}}}\nload_module /tmp/x.so;#"}, "/", {404, 503}),
    "CVE-2025-1097": (
        {"auth-tls-secret": "default/ca", "auth-tls-match-cn": "CN=x #(\n){}\n}}\nssl_engine /tmp/x;#"}, "/", {403, 404, 503},
    ),  # fmt: skip
    "CVE-2025-1098": ({"mirror-target": "http://a.test/;#", "mirror-host": f"a;}} {ANSWER} #"}, "/", {200, 404, 503}),
    "CVE-2025-15566": ({"auth-url": "http://127.0.0.1:1/", "auth-proxy-set-headers": "default/injected"}, "/", {500, 503}),
    "CVE-2026-1580": ({"auth-url": "http://127.0.0.1:1/", "auth-method": f"GET;{ANSWER}"}, "/", {404, 500, 503}),
    "CVE-2026-24512": ({}, f'/x"\\;{ANSWER}#', {404}, "/x"),
    # A defective page for 401 and 403 made an answer of the authentication a good one.
    "CVE-2026-24513": (
        {"auth-url": "http://127.0.0.1:1/", "custom-http-errors": "401,403", "default-backend": "nowhere"}, "/", {401, 403, 500, 503},
    ),  # fmt: skip
    "CVE-2026-3288": ({"rewrite-target": f'/$1";{ANSWER}#'}, '/x"(.*)', {404}, "/x"),
    "CVE-2026-4342": ({"permanent-redirect": f"https://a.test/\n{ANSWER}"}, "/\n#", {404}),
}  # fmt: skip
# Those of the admission webhook, which is not there: nothing listens that could be asked.
OF_THE_WEBHOOK = ["CVE-2025-1974", "CVE-2026-24514"]


def host(advisory: str) -> str:
    return f"{advisory.lower()}.test"


def ingress(advisory: str) -> dict:
    annotations, path = CASES[advisory][:2]
    body = objects.ingress(
        advisory.lower(), host(advisory), "web", path=path, path_type="ImplementationSpecific",
        annotations={NGINX + key: value for key, value in annotations.items()},
    )  # fmt: skip
    if advisory == "CVE-2025-1098":
        body["metadata"]["uid"] = f"a #;\n{ANSWER}"
    return body


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    backend = Backend()
    injected = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "injected", "namespace": "default"}}
    injected["data"] = {"X-A": f"b\r\nX-Injected: 1;{ANSWER}", "X B;": "c"}
    site = Site(
        tmp_path_factory.mktemp("advisories"), *map(ingress, CASES), injected, dev_service("web", backend),
        objects.ingress("well", "well.test", "web"),
    )  # fmt: skip
    site.sluice.wait_ready()
    yield site
    assert site.sluice.is_running
    site.close()
    backend.close()


def test_there_are_21():
    assert len(CASES) + len(OF_THE_WEBHOOK) == 21


@pytest.mark.parametrize("advisory", CASES)
def test_it_does_nothing(site, advisory):
    _, _, expected, *path = CASES[advisory]
    answer = site.get(path[0] if path else "/", host=host(advisory), headers=[("Authorization", "Basic YTpi")])
    assert answer.status in expected
    assert b"pwned" not in answer.body and b"root:" not in answer.body
    assert "x-injected" not in {name.lower() for name, _ in answer.fields}


def test_who_is_well_stays_well(site):
    assert site.get(host="well.test").status == 200
    assert site.get("/y", host="well.test").body == b"ok"


def open_sockets(pid: int) -> set[str]:
    """The numbers of a process's sockets. One that closes meanwhile is none."""
    found = set()
    for descriptor in Path(f"/proc/{pid}/fd").iterdir():
        try:
            target = os.readlink(descriptor)
        except FileNotFoundError:
            continue
        if match := re.match(r"socket:\[(\d+)\]", target):
            found.add(match[1])
    return found


@pytest.mark.parametrize("advisory", OF_THE_WEBHOOK)
def test_nothing_listens_but_what_is_meant_to(site, advisory):
    sluice = site.sluice
    sockets = open_sockets(sluice.process.pid)
    listening = set()
    for table in ("tcp", "tcp6"):
        for line in Path(f"/proc/{sluice.process.pid}/net/{table}").read_text().splitlines()[1:]:
            words = line.split()
            if words[3] == "0A" and words[9] in sockets:
                listening.add(int(words[1].rpartition(":")[2], 16))
    assert listening == {sluice.http, sluice.https, sluice.ops}
