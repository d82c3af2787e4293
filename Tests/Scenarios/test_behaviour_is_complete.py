"""Every annotation of ingress-nginx that is read has cases of its own: files of behaviour name them."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

# By section of the reference.
NAMES = """
rewrite-target use-regex app-root permanent-redirect permanent-redirect-code temporal-redirect temporal-redirect-code
relative-redirects use-port-in-redirects from-to-www-redirect server-alias ssl-redirect force-ssl-redirect
preserve-trailing-slash x-forwarded-prefix upstream-vhost default-backend custom-http-errors disable-proxy-intercept-errors
server-snippet configuration-snippet stream-snippet

ssl-passthrough ssl-ciphers ssl-prefer-server-ciphers auth-tls-secret auth-tls-verify-client auth-tls-verify-depth auth-tls-error-page
auth-tls-pass-certificate-to-upstream auth-tls-match-cn proxy-ssl-secret proxy-ssl-verify proxy-ssl-verify-depth proxy-ssl-name
proxy-ssl-server-name proxy-ssl-protocols proxy-ssl-ciphers

auth-type auth-secret auth-secret-type auth-realm auth-url auth-method auth-signin auth-signin-redirect-param
auth-response-headers auth-request-redirect auth-proxy-set-headers auth-always-set-cookie auth-cache-key auth-cache-duration auth-keepalive auth-keepalive-requests
auth-keepalive-timeout auth-keepalive-share-vars auth-snippet enable-global-auth satisfy whitelist-source-range
allowlist-source-range denylist-source-range limit-whitelist limit-allowlist

limit-rate limit-rate-after limit-connections limit-rps limit-rpm limit-burst-multiplier proxy-body-size client-body-buffer-size global-rate-limit

backend-protocol proxy-connect-timeout proxy-send-timeout proxy-read-timeout proxy-next-upstream proxy-next-upstream-tries
proxy-next-upstream-timeout proxy-request-buffering proxy-buffering proxy-buffer-size proxy-buffers-number
proxy-busy-buffers-size proxy-max-temp-file-size proxy-http-version proxy-cookie-domain proxy-cookie-path
proxy-redirect-from proxy-redirect-to connection-proxy-header service-upstream upstream-hash-by upstream-hash-by-subset
upstream-hash-by-subset-size load-balance http2-push-preload
custom-headers fastcgi-index fastcgi-params-configmap mirror-target mirror-request-body mirror-host

affinity affinity-mode affinity-canary-behavior session-cookie-name session-cookie-path session-cookie-domain
session-cookie-samesite session-cookie-conditional-samesite-none session-cookie-secure session-cookie-expires
session-cookie-max-age session-cookie-change-on-failure session-cookie-hash canary canary-by-header canary-by-header-value
canary-by-header-pattern canary-by-cookie canary-weight canary-weight-total

enable-cors cors-allow-origin cors-allow-methods cors-allow-headers cors-expose-headers cors-allow-credentials cors-max-age

enable-access-log enable-rewrite-log enable-opentracing opentracing-trust-incoming-span enable-influxdb secure-backends
secure-verify-ca-secret enable-modsecurity enable-owasp-core-rules modsecurity-transaction-id modsecurity-snippet
enable-opentelemetry opentelemetry-trust-incoming-span opentelemetry-operation-name
""".split()
FILES = [file for name in ("test_behaviour_of_*.py", "test_annotations*.py", "test_fastcgi.py") for file in Path(__file__).parent.glob(name)]
TEXT = "\n".join(file.read_text() for file in FILES)


@pytest.mark.parametrize("name", NAMES)
def test_behaviour_has_cases(name):
    # As it stands, or as the name of a Python argument.
    assert re.search(rf'["/]{name}[":]|\b{name.replace("-", "_")}=', TEXT), f"no case is about {name}"


SILENCES = Path(__file__).parents[1] / "ControllerTests/Migration/NginxSilence.swift"
GUESSED = re.findall(r'NginxSilence\(\s*"([^"]+)",\s*"([^"]+)"', SILENCES.read_text())


@pytest.mark.parametrize(("name", "corner"), GUESSED)
def test_what_had_to_be_guessed_has_a_case(name, corner):
    """docs/ingress-nginx.md lists them."""
    assert f'"{name}", "{corner}"' in TEXT


def test_all_that_was_guessed_is_read_here():
    assert len(GUESSED) == SILENCES.read_text().count("NginxSilence(") and len(GUESSED) > 10


def test_there_are_400_cases():
    """Pairs of a request and an answer, named after what they are about."""
    assert len(re.findall(r"\b(?:row|says|rewrites|named)\(", TEXT)) >= 400
