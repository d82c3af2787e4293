"""Backends and servers that formats name are chosen as by Debian's haproxy on the same file."""

from __future__ import annotations

import pytest
from harness.backend import named
from harness.twins import LOGGED

NAMES = ("ONE", "TWO", "REST")
NAMED = {name: named(name.lower()) for name in NAMES}
BACKENDS = "".join(f'backend be-{name.lower()}\n    server s "127.0.0.1:${{{name}}}"\n' for name in NAMES)
FRONTEND = 'frontend f\n    bind "127.0.0.1:${HTTP}"\n    default_backend be-rest\n'
HOSTS = ["one.test", "ONE.test", "two.test", "nobody.test", "rest.test", "f", "be-two"]


@pytest.mark.sanitizer
@pytest.mark.parametrize("rules", [
    "use_backend be-%[req.hdr(host),field(1,.)]",
    "use_backend be-%[req.hdr(host),field(1,.),lower] if { req.hdr(host) -m end .test }",
    # Whoever is named by nobody is sent to the default at once: what stands behind is not asked.
    "use_backend %[req.hdr(host),map(\"${DIR}/hosts\",nobody)]\n    use_backend be-two",
    "use_backend %[req.hdr(host),map(\"${DIR}/hosts\")] if { req.hdr(host),map(\"${DIR}/hosts\") -m found }\n    use_backend be-two",
    "use_backend \"%[req.hdr(host)]\"\n    use_backend be-two if { path / }",
    "use_backend be-two if { path /two }\n    use_backend %[req.hdr(x)]",
    "use_backend be-%HP",
    "use_backend be%[str(-)]%[path,field(2,/)]",
])  # fmt: skip
def test_backends_are_chosen_by_the_names_that_formats_write(twins, rules):
    text = LOGGED + FRONTEND + f"    {rules}\n" + BACKENDS
    pair = twins(text, servers=NAMED, files={"hosts": "one.test be-one\ntwo.test be-two\n"})

    def script(side):
        got = [(host, side.get("/", host=host).body) for host in HOSTS]
        return got + [(path, side.get(path, headers=[("X", "be-one")]).body) for path in ("/two", "/one", "/one/x", "/be")]

    pair.agree(script)


def test_frontends_are_no_backends_and_listens_are(twins):
    text = LOGGED + 'frontend f\n    bind "127.0.0.1:${HTTP}"\n    use_backend %[path,field(2,/)]\n'
    text += 'listen both\n    bind "127.0.0.1:${OTHER}"\n    server s "127.0.0.1:${ONE}"\n'
    text += 'backend tcp\n    mode http\n    http-request return status 418 content-type text/plain string teapot\n'
    pair = twins(text, ports=["HTTP", "OTHER"], servers={"ONE": NAMED["ONE"]})
    pair.agree(lambda side: [side.get(path) for path in ("/f", "/both", "/tcp", "/nobody", "/")])


@pytest.mark.sanitizer
def test_servers_are_chosen_by_the_names_that_formats_write(twins):
    text = LOGGED + FRONTEND + """backend be-rest
    use-server %[req.hdr(x)] if { req.hdr(x) -m found }
    use-server two if { path /two }
    server one "127.0.0.1:${ONE}"
    server two "127.0.0.1:${TWO}" weight 0
    server rest "127.0.0.1:${REST}" weight 0
"""
    pair = twins(text, servers=NAMED)

    def script(side):
        wanted = [[("X", name)] for name in ("one", "two", "rest", "nobody", "")] + [[]]
        return [side.get(path, headers=headers).body for headers in wanted for path in ("/", "/two")]

    pair.agree(script)
