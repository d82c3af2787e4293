"""What values of annotations may look like, and what becomes of an Ingress whose values are not of their form."""

from __future__ import annotations

import pytest

from harness.behaviour import AUTH, Ask, Beside, Place, row, table

pytestmark = pytest.mark.sanitizer

FORCE = "force-ssl-redirect"
BOOLEANS = (
    "ssl-redirect", "force-ssl-redirect", "preserve-trailing-slash", "use-port-in-redirects", "relative-redirects",
    "use-regex", "from-to-www-redirect", "enable-cors", "cors-allow-credentials", "canary", "auth-always-set-cookie",
    "enable-global-auth", "service-upstream", "session-cookie-secure", "session-cookie-change-on-failure",
    "session-cookie-conditional-samesite-none", "enable-access-log", "enable-rewrite-log",
    "disable-proxy-intercept-errors", "ssl-passthrough", "auth-tls-pass-certificate-to-upstream", "upstream-hash-by-subset",
)  # fmt: skip
INTEGERS = ("limit-rps", "limit-rpm", "limit-connections", "limit-burst-multiplier", "cors-max-age", "canary-weight",
            "canary-weight-total", "session-cookie-max-age", "session-cookie-expires", "proxy-next-upstream-tries")  # fmt: skip
# Texts that broke out of nginx's configuration, in every annotation that takes a text.
TEXTS = (
    "rewrite-target", "permanent-redirect", "temporal-redirect", "upstream-vhost", "x-forwarded-prefix", "server-alias",
    "auth-url", "auth-signin", "auth-method", "auth-response-headers", "auth-request-redirect", "auth-signin-redirect-param",
    "auth-secret", "auth-tls-secret", "auth-tls-match-cn", "auth-tls-error-page", "proxy-ssl-secret", "proxy-cookie-domain",
    "proxy-cookie-path", "proxy-redirect-from", "proxy-redirect-to", "upstream-hash-by", "default-backend",
    "custom-http-errors", "canary-by-header", "canary-by-cookie", "session-cookie-name", "session-cookie-path",
    "session-cookie-domain", "cors-allow-origin", "allowlist-source-range", "denylist-source-range", "limit-whitelist",
)  # fmt: skip
NEEDED = {
    "auth-signin": {"auth-url": f"{AUTH}/"}, "auth-method": {"auth-url": f"{AUTH}/"},
    "auth-response-headers": {"auth-url": f"{AUTH}/"}, "auth-request-redirect": {"auth-url": f"{AUTH}/"},
    "auth-signin-redirect-param": {"auth-url": f"{AUTH}/"}, "auth-secret": {"auth-type": "basic"},
    "auth-tls-match-cn": {"auth-tls-secret": "default/none"}, "auth-tls-error-page": {"auth-tls-secret": "default/none"},
    "canary-by-header": {"canary": "true"}, "canary-by-cookie": {"canary": "true"}, "session-cookie-name": {"affinity": "cookie"},
    "session-cookie-path": {"affinity": "cookie"}, "session-cookie-domain": {"affinity": "cookie"},
    "cors-allow-origin": {"enable-cors": "true"}, "limit-whitelist": {"limit-rpm": "1"},
}  # fmt: skip
ESCAPE = 'x";}\nlocation /pwned { return 200 "pwned"; }\n#'

ROWS = [
    *[row(FORCE, f"{word!r} is true", {FORCE: word}, status=308) for word in ("1", "t", "T", "TRUE", "true", "True")],
    *[row(FORCE, f"{word!r} is false", {FORCE: word}, asked="/") for word in ("0", "f", "F", "FALSE", "false", "False")],
    *[
        row(FORCE, f"{word!r} is no boolean", {FORCE: word}, status=404)
        for word in ("2", "y", "n", "enabled", "true false", "tru\u0435", "-1", "'true'")
    ],
    *[
        row(FORCE, f"{word!r} is no boolean of Go's", {FORCE: word}, status=404)
        for word in ("yes", "no", "on", "off", "tRUE")
    ],
    *[row(FORCE, f"{word!r} is absent", {FORCE: word}, asked="/") for word in ("", " ", "\n")],
    *[row(FORCE, f"{word!r} is trimmed", {FORCE: word}, status=308) for word in (" true", "true\n", "\ttrue ")],
    *[row(name, "what is no boolean drops the Ingress", {name: "maybe"}, status=404, asked=False) for name in BOOLEANS],
    *[row(name, "an empty value is absent", {name: ""}, "/x", asked="/x") for name in (*BOOLEANS, *INTEGERS, *TEXTS)],
    *[
        row(name, f"{word!r} is no number and drops the Ingress", {name: word}, status=404, asked=False)
        for name in INTEGERS
        for word in ("1x", "-1", "1.0")
    ],
    *[
        row("limit-rpm", f"{word!r} is no number and drops the Ingress", {"limit-rpm": word}, status=404)
        for word in ("+1", "0x10", "1e3", "1 0", "\u0661", "99999999999999999999", "1k")
    ],
    *[
        row(name, "a text of nginx's configuration comes to nothing", {**NEEDED.get(name, {}), name: ESCAPE}, "/pwned",
            status=(403, 404, 503), asked=False)
        for name in TEXTS
        if name != "default-backend"
    ],
    *[
        row(name, "a line end comes to nothing", {**NEEDED.get(name, {}), name: "a\r\nX-Injected: b"}, "/",
            status=(403, 404, 503), gets={"x-injected": None}, asked=False)
        for name in TEXTS
        if name not in ("default-backend", "custom-http-errors")
    ],
    row("default-backend", "a text of nginx's configuration comes to nothing", {"default-backend": ESCAPE}, "/pwned",
        Place(service="none"), status=(404, 503)),
    # Who is beside it
    row(FORCE, "an invalid Ingress takes its host along", {FORCE: "maybe"}, "/b", Place(("/a",)), status=404),
    row(FORCE, "but not other Ingresses of the host", {FORCE: "maybe"}, "/b", Place(("/a",), beside=(Beside("/b"),)),
        body=b"other"),
    row(FORCE, "and a younger one for its path takes over", {FORCE: "maybe"}, "/a", Place(("/a",), beside=(Beside("/a"),)),
        body=b"other"),
    row("auth-secret", "one that can not be used closes its paths and no others",
        {"auth-type": "basic", "auth-secret": "missing"}, "/b", Place(("/a",), beside=(Beside("/b"),)), body=b"other"),
    row("auth-secret", "and no younger Ingress takes them over", {"auth-type": "basic", "auth-secret": "missing"}, "/a",
        Place(("/a",), beside=(Beside("/a"),)), status=503, asked=False),
    row("auth-tls-secret", "one that can not be used closes the host", {"auth-tls-secret": "default/missing"}, "/b",
        Place(("/a",), beside=(Beside("/b"),)), status=403, asked=False),
    row("no-such-annotation", "an unknown one changes nothing", {"no-such-annotation": "x"}, asked="/"),
    row("ssl-redirekt", "a slip changes nothing", {"ssl-redirekt": "false"}, "/", Place(tls="cert"), status=308),
    row("Rewrite-Target", "names know case", {"Rewrite-Target": "/x"}, "/a", asked="/a"),
    row("rewrite-target", "another prefix is another annotation", {"ingress.kubernetes.io/rewrite-target": "/x"}, "/a",
        asked="/a"),
    row("rewrite-target", "our own prefix is the same", {"sluice.dev/rewrite-target": "/x"}, "/a", asked="/x"),
    row("rewrite-target", "our own prefix wins",
        {"sluice.dev/rewrite-target": "/ours", "nginx.ingress.kubernetes.io/rewrite-target": "/theirs"}, "/a", asked="/ours"),
]  # fmt: skip

behaviour = table(ROWS)


@pytest.mark.parametrize("each", ROWS)
def test_behaviour(behaviour, each):
    behaviour.check(each)


@pytest.mark.parametrize("corner, reason", [
    ("'maybe' is told", "AnnotationInvalid"), ("an unknown one changes nothing", "AnnotationUnknown"),
    ("one that can not be used closes its paths and no others", "SecretMissing|SecretNotFound|SecretUnusable"),
])  # fmt: skip
def test_owners_are_told(behaviour, corner, reason):
    corner = "what is no boolean drops the Ingress" if corner == "'maybe' is told" else corner
    number = next(number for number, each in enumerate(behaviour.rows) if each.corner == corner)
    behaviour.sluice.wait_log(f"Ingress default/row-{number}-m .*({reason})")


def test_everybody_else_is_served(behaviour):
    number = next(number for number, each in enumerate(behaviour.rows) if each.corner == "'0' is false")
    behaviour.forget()
    assert behaviour.send(number, Ask("/still")).status == 200
