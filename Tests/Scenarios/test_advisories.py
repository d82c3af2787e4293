"""The advisories of ingress-nginx: what broke it does nothing here. One Ingress each, all beside one that is well."""

from __future__ import annotations

import base64
import os
import re
from pathlib import Path

import pytest
import yaml
from harness.backend import Backend
from harness.site import Site, dev_service
from harness.waiting import wait_everywhere
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


def password(text: str) -> list[tuple[str, str]]:
    return [("Authorization", f"Basic {base64.b64encode(text.encode()).decode()}")]


def test_secrets_whose_names_join_to_the_same_stay_apart(sluice_dev, backend):
    """CVE-2020-8553: `c` of the namespace `a-b` and `b-c` of `a` were one file."""
    basic = {NGINX + "auth-type": "basic"}
    web = backend()
    objects_of, secrets = [], {}
    for namespace, name, user in (("a-b", "c", "ann"), ("a", "b-c", "bob")):
        secret = {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": name, "namespace": namespace}}
        # Files of the folder are named so, too.
        secrets[f"{user}.yaml"] = yaml.safe_dump({**secret, "stringData": {"auth": f"{user}:{{PLAIN}}secret\n"}})
        objects_of += [
            dev_service("web", web, namespace=namespace),
            objects.ingress("web", f"{user}.test", "web", namespace=namespace, annotations={**basic, NGINX + "auth-secret": name}),
        ]  # fmt: skip
    site = sluice_dev(*objects_of)
    for name, text in secrets.items():
        site.folder.write(name, text)
    for user in ("ann", "bob"):
        wait_everywhere(lambda: site.get(host=f"{user}.test").status == 401, "the Secret")
    asked = {(host, user): site.get(host=f"{host}.test", headers=password(f"{user}:secret")).status
             for host in ("ann", "bob") for user in ("ann", "bob")}  # fmt: skip
    assert asked == {("ann", "ann"): 200, ("ann", "bob"): 401, ("bob", "ann"): 401, ("bob", "bob"): 200}


@pytest.mark.parametrize("refusal", [401, 403, 500])
@pytest.mark.parametrize("page", ["good", "closing", "junk", "empty", "dead"])
def test_no_page_makes_a_refusal_a_success(sluice_dev, backend, refusal, page):
    """CVE-2026-24513: whatever the server of error pages does, the request does not go on."""
    ways = {
        "good": lambda session, request: session.answer(200, b"a page"), "closing": lambda session, request: session.close(),
        "junk": lambda session, request: session.send(b"SSH-2.0-x\r\n\r\n"),
        "empty": lambda session, request: session.answer(204, b""), "dead": None,
    }  # fmt: skip
    asked = backend(lambda session, request: session.answer(refusal))
    pages, web = backend(ways[page]), backend()
    if ways[page] is None:
        pages.refuse()
    keys = {"auth-url": "http://asked.default.svc/", "custom-http-errors": "401,403,500", "default-backend": "pages"}
    site = sluice_dev(
        objects.ingress("web", "a.test", "web", annotations={NGINX + key: value for key, value in keys.items()}),
        dev_service("web", web), dev_service("asked", asked), dev_service("pages", pages),
    )  # fmt: skip
    answer = site.get()
    # A challenge of ours is never replaced.
    expected = {"good": 200, "empty": 204}.get(page, refusal) if refusal != 401 else 401
    assert answer.status == expected
    assert len(asked.requests) == 1 and web.requests == []
