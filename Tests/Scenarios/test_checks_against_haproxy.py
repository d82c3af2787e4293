"""Health checks: the same configuration and the same servers, here and in this machine's haproxy."""
import shutil

import pytest
from harness import checks
from harness.waiting import wait_until

HAPROXY = shutil.which("haproxy", path="/usr/sbin:/usr/bin:/usr/local/sbin:/usr/local/bin")
NAMES = [case.name for case in checks.CASES]


@pytest.fixture(scope="module")
def observed():
    if not HAPROXY:
        pytest.skip("haproxy is not installed")
    return checks.observe_both(checks.CASES, told)


def told(side, name):
    """What is compared of a case; no two hellos of TLS are the same."""
    return {key: value for key, value in side[name].items() if (name, key) != ("tls", "asked")}


@pytest.mark.parametrize("name", NAMES)
def test_the_same_changes_are_told_in_the_same_words(observed, name):
    ours, theirs = observed
    assert ours[name]["lines"] == theirs[name]["lines"]


@pytest.mark.parametrize("name", NAMES)
def test_the_same_intervals_lie_between_checks(observed, name):
    ours, theirs = observed
    assert ours[name]["gaps"] == theirs[name]["gaps"]


@pytest.mark.parametrize("name", [name for name in NAMES if name != "tls"])
def test_servers_are_asked_the_same(observed, name):
    ours, theirs = observed
    assert ours[name]["asked"] == theirs[name]["asked"]


CONNECTED = """
defaults
    mode http
    timeout client 5s
    timeout connect 5s
    timeout server 5s
    timeout check 10s
    default-server inter 500ms fall 1 rise 1
frontend f
    bind "127.0.0.1:${HTTP}"
    use_backend %[path,field(2,/)]
backend port
    option httpchk
    http-check connect port "${OTHER}" addr 127.0.0.1
    http-check send meth GET uri /well ver HTTP/1.1 hdr Host a
    server s "127.0.0.1:${A}" check
backend place
    option tcp-check
    tcp-check connect addr "127.0.0.1:${OTHER}" comment x
    tcp-check send "GET /tcp HTTP/1.1\\r\\nHost: a\\r\\n\\r\\n"
    tcp-check expect string 200 on-error said
    server s "127.0.0.1:${A}" check
backend plain
    option httpchk
    http-check connect
    http-check send meth GET uri /plain ver HTTP/1.1 hdr Host a
    server s "127.0.0.1:${A}" check check-ssl verify none
backend like
    option httpchk
    http-check connect default
    http-check send meth GET uri /like ver HTTP/1.1 hdr Host a
    server s "127.0.0.1:${A}" check check-ssl verify none
backend secure
    option httpchk
    http-check connect ssl alpn http/1.1 sni a.test
    http-check send meth GET uri /secure ver HTTP/1.1 hdr Host a
    server s "127.0.0.1:${A}" check verify none
backend header
    option httpchk
    http-check connect send-proxy
    http-check send meth GET uri /header ver HTTP/1.1 hdr Host a
    server s "127.0.0.1:${A}" check
"""


def test_checks_connect_where_their_section_says(twins):
    def answer(session, request):
        session.answer(200 if request.target in ("/well", "/tcp", "/plain", "/port", "/place") else 500)

    pair = twins(CONNECTED, servers={"A": answer, "OTHER": answer})

    def script(side):
        down = ("like", "secure", "header")
        wait_until(lambda: [side.exchange(f"/{name}").status for name in down] == [503] * 3, "checks have failed")
        other = side.backends["OTHER"]
        wait_until(lambda: {request.target for request in list(other.requests)} == {"/well", "/tcp"}, "both are asked there")
        # A check that this machine was too slow for takes one of these down until the next.
        return wait_until(lambda: [side.exchange(f"/{name}").status for name in ("port", "place", "plain")] == [200] * 3, "the others serve")

    assert pair.agree(script)
