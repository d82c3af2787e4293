"""Rules of health checks: what is asked by formats and variables, what is expected, and in which words results are told."""
import re
import shutil

import pytest
from harness import checks
from harness.checks import Script, http

HAPROXY = shutil.which("haproxy", path="/usr/sbin:/usr/bin:/usr/local/sbin:/usr/local/bin")
HTTP = ["option httpchk GET /up HTTP/1.1"]
TCP = ["option tcp-check"]


def head(fields, status=200, body=""):
    lines = "".join(f"{name}: {value}\r\n" for name, value in fields)
    return f"HTTP/1.1 {status} Fine\r\n{lines}Content-Length: {len(body)}\r\n\r\n{body}".encode()


def over_http(name, *rules, script="+-+", **answers):
    """`+` has what is wanted, `-` has not."""
    return Script(name, [*HTTP, *rules], {sign(key): value for key, value in answers.items()}, script, "rise 1 fall 1")


def over_tcp(name, *rules, script="+-+", **answers):
    return Script(name, [*TCP, *rules], {sign(key): value for key, value in answers.items()}, script, "rise 1 fall 1")


def sign(key):
    return {"good": "+", "bad": "-"}.get(key, key)


GOOD, BAD = head([("X-State", "ready, fresh"), ("X-Name", "s")]), head([("X-State", "stale"), ("X-Other", "t")])
CASES = [
    over_http("hdrname", "http-check expect hdr name X-Name", good=GOOD, bad=BAD),
    over_http("nothdr", "http-check expect ! hdr name x-other", good=GOOD, bad=BAD),
    over_http("hdrvalue", "http-check expect hdr name x-state value fresh", good=GOOD, bad=BAD),
    over_http("fhdrvalue", 'http-check expect fhdr name x-state value "ready, fresh"', good=GOOD, bad=BAD),
    over_http("fhdrpart", "http-check expect fhdr name x-state value fresh", good=head([("X-State", "fresh")]), bad=GOOD),
    over_http("hdrbeg", "http-check expect hdr name -m beg x-n value -m beg s", good=GOOD, bad=BAD),
    over_http("hdrend", "http-check expect hdr name -m end NAME", good=GOOD, bad=BAD),
    over_http("hdrsub", "http-check expect hdr name -m sub stat value -m sub res", good=GOOD, bad=BAD),
    over_http("hdrreg", "http-check expect hdr name -m reg -i?[Nn]ame$ value -m reg ^s$", good=GOOD, bad=BAD),
    over_http("hdrlf", "http-check expect hdr name x-name value-lf %[srv_name]", good=GOOD, bad=BAD),
    over_http("bodylf", "http-check expect string-lf <%[be_name]/%[srv_name]>", good=http(200, "OK", "is <bodylf/s>."),
              bad=http(200, "OK", "is <other/s>.")),
    over_http("emptylf", "http-check expect string-lf %[var(check.none)]", good=http(200, "OK", "a"), bad=http(200, "OK", "b")),
    over_http("onerror", 'http-check expect on-error "got %[status], not 200" status 200', good=GOOD, bad=head([], 503)),
    over_http("onsuccess", 'http-check expect on-success "got %[res.hdr(x-name)]" status 200', good=GOOD, bad=head([], 503)),
    over_http("comment", "http-check expect comment because status 200", good=GOOD, bad=head([], 503)),
    over_http("okstatus", "http-check expect ok-status L7OKC status 200", good=GOOD, bad=head([], 503)),
    over_http("errorstatus", "http-check expect error-status L4CON status 200", good=GOOD, bad=head([], 503)),
    over_http("statuscode", "http-check expect status-code res.hdr(x-code) status 200", good=head([("X-Code", "77")]),
              bad=head([("X-Code", "78")], 503)),
    over_http("early", "http-check send meth GET uri /", "http-check set-var(check.n) res.hdr(x-name)",
              "http-check expect string-lf %[var(check.n)]", good=head([("X-Name", "abc")], body="abc"),
              bad=head([("X-Name", "abc")], body="abd")),
    over_http("kept", "http-check expect rstatus .", "http-check set-var(check.n) res.hdr(x-name)",
              "http-check expect string-lf %[var(check.n)]", good=head([("X-Name", "abc")], body="abc"),
              bad=head([("X-Name", "abc")], body="abd")),
    over_http("down404", "http-check disable-on-404", script="+-4-+", good=GOOD, bad=head([], 503), **{"4": head([], 404)}),
    over_http("asked", "http-check set-var(check.u) str(/v)", "http-check set-var-fmt(check.b) %[be_name]:%[var(check.u)]",
              "http-check send meth PUT uri-lf %[var(check.u)]?%[srv_name] ver HTTP/1.1 hdr Host %[be_name] hdr X-None %[var(check.none)] "
              "hdr X-Both %[var(check.b)]-100%% body-lf %[var(check.b)]", good=GOOD, bad=head([], 503)),
    over_http("state", "http-check send-state", "http-check send meth GET uri /", good=GOOD, bad=head([], 503)),
    over_tcp("sendlf", "tcp-check set-var(check.a) str(4142)", 'tcp-check send-lf "%[var(check.a)] %[srv_name]\\r\\n"',
             "tcp-check expect string +", good=b"+OK", bad=b"-ERR"),
    over_tcp("sendbinarylf", "tcp-check set-var(check.a) str(4142)", "tcp-check send-binary-lf %[var(check.a)]0a", "tcp-check expect string +",
             good=b"+OK", bad=b"-ERR"),
    over_tcp("sendbinary", "tcp-check send-binary 00ff", "tcp-check expect string +", good=b"+OK", bad=b"-ERR"),
    over_tcp("rbinary", "tcp-check send x", "tcp-check expect rbinary ^2B4F", good=b"+OK", bad=b"-ERR"),
    over_tcp("binary", "tcp-check send x", "tcp-check expect binary 2b4f", good=b"+OK", bad=b"-ERR"),
    over_tcp("regex", "tcp-check send x", "tcp-check expect rstring ^.OK", good=b"+OK", bad=b"-ERR"),
    over_tcp("stringlf", "tcp-check send x", "tcp-check expect string-lf %[srv_name]:", good=b"s: fine", bad=b"t: fine"),
    over_tcp("binarylf", "tcp-check send x", "tcp-check expect binary-lf %[str(2b)]4f", good=b"+OK", bad=b"-ERR"),
    over_tcp("badbinarylf", "tcp-check send x", "tcp-check expect binary-lf %[srv_name]", good=b"+OK", bad=b"-ERR"),
    over_tcp("both", "tcp-check send x", "tcp-check expect string OK", "tcp-check expect string fine", good=b"fine OK", bad=b"OK"),
    over_tcp("not", "tcp-check send x", "tcp-check expect ! string ERR", good=b"+OK", bad=b"-ERR"),
    over_tcp("chain", "tcp-check send x", "tcp-check expect min-recv 0 ! string ERR", "tcp-check expect string OK", good=b"+OK", bad=b"-ERR OK"),
    over_tcp("words", "tcp-check comment first", "tcp-check send x",
             'tcp-check expect comment why error-status L7STS status-code res.len on-error "said %[res.payload(0,0)]" string +', good=b"+OK",
             bad=b"-ERR"),
    over_tcp("good", "tcp-check send x", 'tcp-check expect ok-status L7OKC on-success "said %[res.len]" string +', good=b"+OK", bad=b"-ERR"),
    over_tcp("commented", "tcp-check comment first", "tcp-check send x comment second", "tcp-check expect comment third string +", good=b"+OK",
             bad=b"-ERR"),
    over_tcp("silent", "tcp-check connect", "tcp-check send x", "tcp-check expect string +", good=b"+OK", bad=b""),
]
NAMES = [case.name for case in CASES]


@pytest.fixture(scope="module")
def observed():
    if not HAPROXY:
        pytest.skip("haproxy is not installed")
    return checks.observe_both(CASES, told, speak=True)


def told(side, name):
    return side[name]["lines"], [re.sub(rb"port=\d+", b"port=N", said) for said in side[name]["asked"]]


@pytest.mark.parametrize("name", NAMES)
def test_results_are_told_in_the_same_words(observed, name):
    ours, theirs = observed
    assert ours[name]["lines"] == theirs[name]["lines"]
    assert any(ours[name]["lines"]), "a case that changes nothing tells nothing"


@pytest.mark.parametrize("name", NAMES)
def test_servers_are_asked_the_same(observed, name):
    ours, theirs = ([re.sub(rb"port=\d+", b"port=N", said) for said in side[name]["asked"]] for side in observed)
    assert ours == theirs
    assert ours
