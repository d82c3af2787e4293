"""Behaviour of annotations that say who comes in, corner by corner. A row's name is the annotation and the corner."""

from __future__ import annotations

import base64

import pytest

from harness.behaviour import ABSENT, ANN, AUTH, BASIC, Ask, Beside, Place, row, table

pytestmark = pytest.mark.sanitizer

ASKED = {"auth-url": f"{AUTH}/ok"}
NOBODY = {"auth-url": "http://nobody.default.svc.cluster.local/"}
HERE, ELSEWHERE = "127.0.0.0/8", "192.0.2.0/24"


def given(name: str, password: str) -> Ask:
    text = base64.b64encode(f"{name}:{password}".encode()).decode()
    return Ask(fields=(("Authorization", f"Basic {text}"),))


def listed(annotation: str, corner: str, value: str, status: int, **says: str):
    return row(annotation, corner, {annotation: value, **says}, status=status, asked="/" if status == 200 else False)


def asks(annotation: str, corner: str, says: dict[str, str], question: dict | bool, ask: Ask | str = "/", **expected):
    return row(annotation, corner, {**ASKED, **says}, ask, question=question, **expected)


# What a variable of nginx's is for one request.
VARIABLES = {
    "$scheme": "http", "$pass_access_scheme": "http", "$host": "HOST", "$http_host": "HOST", "$best_http_host": "HOST",
    "$request_uri": "/a?k=v", "$escaped_request_uri": "%2Fa%3Fk%3Dv", "$uri": "/a", "$args": "k=v", "$query_string": "k=v",
    "$arg_k": "v", "$arg_none": "", "$http_x_own": "o", "$http_none": "", "$cookie_c": "d", "$remote_addr": "127.0.0.1",
    "$request_method": "PUT", "$namespace": "default", "$ingress_name": "row-NUMBER-m", "$service_name": "web",
    "$service_port": "80", "$content_type": "text/x", "$content_length": "3", "${host}": "HOST",
    "$req_id": "abc", "$server_name": "HOST", "$ssl_client_verify": "", "$ssl_client_s_dn": "", "$ssl_client_i_dn": "",
    "$ssl_client_serial": "", "$ssl_client_fingerprint": "", "$ssl_client_escaped_cert": "", "$ssl_protocol": "",
}  # fmt: skip
WHOLE = Ask("/a?k=v", "PUT", fields=(
    ("X-Own", "o"), ("Cookie", "b=1; c=d"), ("Content-Type", "text/x"), ("X-Request-ID", "abc"),
), body=b"abc")  # fmt: skip
MANY = ", ".join(f"198.51.100.{number}" for number in range(100))

ROWS = [
    # auth-type
    row("auth-type", "basic asks for a password", BASIC, status=401, asked=False, gets={"www-authenticate": 'Basic realm=""'}),
    row("auth-type", "a password lets in", BASIC, Ask(fields=(ANN,)), asked="/"),
    row("auth-type", "servers do not see it", BASIC, Ask(fields=(ANN,)), told={"authorization": ABSENT}),
    row("auth-type", "without it servers see everything", {"auth-secret": "people"}, Ask(fields=(ANN,)),
        told={"authorization": ANN[1]}),
    row("auth-type", "without a Secret paths are closed", {"auth-type": "basic"}, Ask(fields=(ANN,)), status=503, asked=False),
    row("auth-type", "a missing Secret closes paths", {**BASIC, "auth-secret": "missing"}, Ask(fields=(ANN,)), status=503),
    row("auth-type", "and no others", {**BASIC, "auth-secret": "missing"}, "/b", Place(("/a",), beside=(Beside("/b"),)),
        body=b"other"),
    row("auth-type", "another word drops the Ingress", {**BASIC, "auth-type": "kerberos"}, status=404),
    row("auth-type", "ACME is exempt", BASIC, "/.well-known/acme-challenge/x", Place(("/.well-known/acme-challenge/x",)),
        asked="/.well-known/acme-challenge/x"),
    row("auth-type", "the path is meant and not the request", BASIC, "/.well-known/acme-challenge/x", status=401),
    row("auth-type", "bodies stay outside", BASIC, Ask("/", "POST", body=b"x" * 100_000), status=401, asked=False),
    row("auth-type", "streams too", BASIC, Ask(over="h2"), status=401, asked=False),
    row("auth-type", "belongs to its path", BASIC, "/b", Place(("/a",), beside=(Beside("/b"),)), body=b"other"),
    # auth-secret
    row("auth-secret", "SHA", BASIC, given("ann", "secret"), asked="/"),
    row("auth-secret", "crypt", BASIC, given("des", "secret"), asked="/"),
    row("auth-secret", "a wrong password", BASIC, given("ann", "wrong"), status=401, asked=False),
    row("auth-secret", "an unknown name", BASIC, given("bob", "secret"), status=401),
    row("auth-secret", "with its namespace", {**BASIC, "auth-secret": "default/people"}, given("ann", "secret"), asked="/"),
    row("auth-secret", "another namespace is refused", {**BASIC, "auth-secret": "elsewhere/people"}, given("ann", "secret"),
        status=503, asked=False),
    row("auth-secret", "a path is no name", {**BASIC, "auth-secret": "../people"}, given("ann", "secret"), status=404),
    row("auth-secret", "a Secret without auth closes paths", {**BASIC, "auth-secret": "users"}, given("ann", "secret"),
        status=503),
    # auth-secret-type
    row("auth-secret-type", "auth-file is the default", {**BASIC, "auth-secret-type": "auth-file"}, given("ann", "secret"),
        asked="/"),
    row("auth-secret-type", "auth-map has a user for each key",
        {**BASIC, "auth-secret": "users", "auth-secret-type": "auth-map"}, given("des", "secret"), asked="/"),
    row("auth-secret-type", "auth-map knows nobody else",
        {**BASIC, "auth-secret": "users", "auth-secret-type": "auth-map"}, given("auth", "secret"), status=401),
    row("auth-secret-type", "another word drops the Ingress", {**BASIC, "auth-secret-type": "ldap"}, status=404),
    # auth-realm
    row("auth-realm", "is what clients are told", {**BASIC, "auth-realm": "Staff only"}, status=401,
        gets={"www-authenticate": 'Basic realm="Staff only"'}),
    row("auth-realm", "quotes are data", {**BASIC, "auth-realm": 'a "b" c'}, status=401,
        gets={"www-authenticate": 'Basic realm="a \\"b\\" c"'}),
    row("auth-realm", "a line end drops the Ingress", {**BASIC, "auth-realm": "a\r\nX-B: c"}, status=404),
    # auth-url
    asks("auth-url", "2xx lets in", {}, True, asked="/"),
    asks("auth-url", "is asked by GET without a body", {}, {":method": "GET", ":body": "", "content-length": ABSENT},
         Ask("/", "PUT", body=b"abc"), told={":body": "abc"}),
    asks("auth-url", "is told what was asked for", {},
         {"x-original-url": "http://HOST/a%20b?c", "x-original-method": "PUT", "x-auth-request-redirect": "/a%20b?c"},
         Ask("/a%20b?c", "PUT", body=b"")),
    asks("auth-url", "is told by whom", {},
         {"x-real-ip": "127.0.0.1", "x-forwarded-for": "127.0.0.1", "x-sent-from": "nginx-ingress-controller"}),
    asks("auth-url", "has the client's fields", {}, {"cookie": "a=b", "x-own": "c", "host": "auth.default.svc.cluster.local"},
         Ask(fields=(("Cookie", "a=b"), ("X-Own", "c")))),
    asks("auth-url", "has the client's X-Request-ID", {}, {"x-request-id": "abc"}, Ask(fields=(("X-Request-ID", "abc"),))),
    asks("auth-url", "has no X-Forwarded-Proto", {}, {"x-forwarded-proto": ABSENT},
         Ask(fields=(("X-Forwarded-Proto", "https"),))),
    asks("auth-url", "without a method there are fewer fields", {}, {"x-original-uri": ABSENT, "x-scheme": ABSENT}),
    asks("auth-url", "over TLS it is told so", {}, {"x-original-url": "https://HOST/a"}, Ask("/a", over="tls"),
         place=Place(tls="cert")),
    row("auth-url", "variables", {"auth-url": f"{AUTH}/v?u=$request_uri&m=$request_method&i=$ingress_name"}, "/a",
        question={":target": "/v?u=/a&m=GET&i=row-NUMBER-m"}),
    *[
        row("auth-url", f"the variable {name}", {"auth-url": f"{AUTH}/v?{name}"}, WHOLE, question={":target": f"/v?{value}"})
        for name, value in VARIABLES.items()
    ],
    row("auth-url", "over TLS a client has shown nothing", {"auth-url": f"{AUTH}/v?$ssl_client_verify$ssl_client_s_dn"},
        Ask(over="tls"), Place(tls="cert"), question={":target": "/v?NONE"}),
    row("auth-url", "the version of TLS", {"auth-url": f"{AUTH}/v?$ssl_protocol"}, Ask(over="tls"), Place(tls="cert"),
        question={":target": "/v?TLSv1.3"}),
    row("auth-url", "a variable of more than a line", {"auth-url": f"{AUTH}/v?$ssl_client_cert"}, status=503, asked=False),
    row("auth-url", "a variable right behind the port", {"auth-url": f"{AUTH}:80$request_uri"}, "/a?b",
        question={":target": "/a?b"}),
    row("auth-url", "a variable right behind the name", {"auth-url": f"{AUTH}$request_uri"}, "/a?b",
        question={":target": "/a?b"}),
    row("auth-url", "an unknown variable closes paths", {"auth-url": f"{AUTH}/$no_such"}, status=503, asked=False),
    row("auth-url", "a host of dots closes paths", {"auth-url": "http://../x"}, status=503, asked=False),
    row("auth-url", "what is no URL closes paths", {"auth-url": "auth.default.svc"}, status=503, asked=False),
    row("auth-url", "nobody there is 500", NOBODY, status=500, asked=False),
    row("auth-url", "nobody listens is 500", {"auth-url": "http://dead.default.svc.cluster.local/"}, status=500, asked=False),
    row("auth-url", "and no other path is closed", NOBODY, "/b", Place(("/a",), beside=(Beside("/b"),)), body=b"other"),
    row("auth-url", "ACME is exempt", NOBODY, "/.well-known/acme-challenge/x", Place(("/.well-known/acme-challenge/x",)),
        asked="/.well-known/acme-challenge/x"),
    row("auth-url", "preflights are not asked about", {**NOBODY, "enable-cors": "true"},
        Ask("/", "OPTIONS", fields=(("Origin", "https://a.test"),)), status=204, asked=False),
    row("auth-url", "plain requests go to HTTPS first", NOBODY, "/", Place(tls="cert"), status=308),
    row("auth-url", "want of servers comes first", NOBODY, "/", Place(service="none"), status=503),
    row("auth-url", "lists come first", {**NOBODY, "denylist-source-range": HERE}, status=403),
    # auth-method
    asks("auth-method", "is the question's", {"auth-method": "POST"}, {":method": "POST", ":body": ""}),
    asks("auth-method", "two fields come with it", {"auth-method": "GET"},
         {"x-original-uri": "/a?b", "x-scheme": "http"}, "/a?b"),
    asks("auth-method", "HEAD", {"auth-method": "HEAD"}, {":method": "HEAD"}),
    *[
        row("auth-method", f"{word!r} closes paths", {**ASKED, "auth-method": word}, status=503, asked=False, question=False)
        for word in ("GETS", "GET;return", "GET POST", "X-GET")
    ],
    # auth-signin and friends, of answers that let in
    asks("auth-signin", "who comes in is sent nowhere", {"auth-signin": "https://login.test/"}, True, asked="/"),
    row("auth-signin", "what fails is sent nowhere", {**NOBODY, "auth-signin": "https://login.test/"}, status=500,
        gets={"location": ABSENT}),
    row("auth-signin", "alone it is nothing", {"auth-signin": "https://login.test/"}, asked="/"),
    asks("auth-response-headers", "what is not in the answer is removed", {"auth-response-headers": "X-User,X-Group"}, True,
         Ask(fields=(("X-User", "lie"), ("X-Group", "lie"), ("X-Own", "a"))),
         told={"x-user": ABSENT, "x-group": ABSENT, "x-own": "a"}),
    asks("auth-request-redirect", "is told", {"auth-request-redirect": "/start"}, {"x-auth-request-redirect": "/start"}),
    asks("auth-request-redirect", "variables", {"auth-request-redirect": "https://$host/x"},
         {"x-auth-request-redirect": "https://HOST/x"}),
    *[
        asks(name, "means nothing here", {name: value}, True, asked="/")
        for name, value in (("auth-keepalive", "10"), ("auth-keepalive", "-1"), ("auth-keepalive-requests", "100"),
                            ("auth-keepalive-timeout", "30"), ("auth-keepalive-share-vars", "true"))
    ],
    row("enable-global-auth", "without one it is nothing", {"enable-global-auth": "true"}, asked="/", question=False),
    row("auth-snippet", "is never run", {**ASKED, "auth-snippet": "return 200;"}, status=503, asked=False, question=False),
    # whitelist-source-range, allowlist-source-range, denylist-source-range
    listed("allowlist-source-range", "an address", "127.0.0.1", 200),
    listed("allowlist-source-range", "a network", HERE, 200),
    listed("allowlist-source-range", "another network", ELSEWHERE, 403),
    listed("allowlist-source-range", "one of several", f"{ELSEWHERE},{HERE}", 200),
    listed("allowlist-source-range", "blanks between them", f" {ELSEWHERE} , {HERE} ", 200),
    listed("allowlist-source-range", "a hundred of them", MANY, 403),
    listed("allowlist-source-range", "IPv6 alone", "2001:db8::/32", 403),
    listed("allowlist-source-range", "everybody", "0.0.0.0/0", 200),
    listed("allowlist-source-range", "a network too long drops the Ingress", "10.0.0.0/33", 404),
    listed("allowlist-source-range", "a name drops the Ingress", "localhost", 404),
    listed("allowlist-source-range", "one bad item drops the Ingress", f"{HERE},everybody", 404),
    listed("allowlist-source-range", "empty is absent", "", 200),
    listed("whitelist-source-range", "is the same", HERE, 200),
    listed("whitelist-source-range", "keeps others out", ELSEWHERE, 403),
    row("allowlist-source-range", "wins over its old name",
        {"whitelist-source-range": ELSEWHERE, "allowlist-source-range": HERE}, asked="/"),
    row("allowlist-source-range", "wins over its old name when it is stricter",
        {"whitelist-source-range": HERE, "allowlist-source-range": ELSEWHERE}, status=403),
    row("allowlist-source-range", "belongs to its path", {"allowlist-source-range": ELSEWHERE}, "/b",
        Place(("/a",), beside=(Beside("/b"),)), body=b"other"),
    row("allowlist-source-range", "a forwarded address is not believed", {"allowlist-source-range": ELSEWHERE},
        Ask(fields=(("X-Forwarded-For", "192.0.2.1"), ("X-Real-IP", "192.0.2.1"), ("Forwarded", "for=192.0.2.1"))), status=403),
    row("allowlist-source-range", "preflights are not refused", {"allowlist-source-range": ELSEWHERE, "enable-cors": "true"},
        Ask("/", "OPTIONS", fields=(("Origin", "https://a.test"),)), status=204),
    row("allowlist-source-range", "streams too", {"allowlist-source-range": ELSEWHERE}, Ask(over="h2"), status=403),
    row("allowlist-source-range", "comes before passwords", {"allowlist-source-range": ELSEWHERE, **BASIC}, status=403),
    listed("denylist-source-range", "an address", "127.0.0.1", 403),
    listed("denylist-source-range", "a network", HERE, 403),
    listed("denylist-source-range", "others come in", ELSEWHERE, 200),
    listed("denylist-source-range", "is looked at before the allowed", HERE, 403, **{"allowlist-source-range": HERE}),
    listed("denylist-source-range", "whom it leaves the other list may refuse", ELSEWHERE, 403,
           **{"allowlist-source-range": ELSEWHERE}),
    listed("denylist-source-range", "what is no network drops the Ingress", "127.0.0.1/x", 404),
    # satisfy
    row("satisfy", "any: an address is enough", {"satisfy": "any", "allowlist-source-range": HERE, **BASIC}, asked="/"),
    row("satisfy", "any: a password is enough", {"satisfy": "any", "allowlist-source-range": ELSEWHERE, **BASIC},
        Ask(fields=(ANN,)), asked="/"),
    row("satisfy", "any: neither", {"satisfy": "any", "allowlist-source-range": ELSEWHERE, **BASIC}, status=401, asked=False),
    row("satisfy", "any: the answer is enough", {"satisfy": "any", "allowlist-source-range": ELSEWHERE, **ASKED}, asked="/",
        question=True),
    row("satisfy", "any: an address, and nobody is asked", {"satisfy": "any", "allowlist-source-range": HERE, **NOBODY},
        asked="/"),
    row("satisfy", "any: a list alone is a list", {"satisfy": "any", "allowlist-source-range": ELSEWHERE}, status=403),
    row("satisfy", "all: an address is not enough", {"satisfy": "all", "allowlist-source-range": HERE, **BASIC}, status=401),
    row("satisfy", "all: a password is not enough", {"satisfy": "all", "allowlist-source-range": ELSEWHERE, **BASIC},
        Ask(fields=(ANN,)), status=403),
    row("satisfy", "all is the default", {"allowlist-source-range": HERE, **BASIC}, status=401),
    row("satisfy", "another word drops the Ingress", {"satisfy": "some", **BASIC}, status=404),
]  # fmt: skip

behaviour = table(ROWS)


@pytest.mark.parametrize("each", ROWS)
def test_behaviour(behaviour, each):
    behaviour.check(each)
