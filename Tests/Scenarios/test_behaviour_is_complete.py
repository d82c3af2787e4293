"""Every annotation of ingress-nginx that is read has cases of its own: files of behaviour name them."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

# By section of the reference. Those that no file names yet: mirror-*, limit-rate*, custom-headers, auth-proxy-set-headers,
# auth-cache-*, fastcgi-*, ssl-ciphers and what is traced.
NAMES = """
rewrite-target use-regex app-root permanent-redirect permanent-redirect-code temporal-redirect temporal-redirect-code
relative-redirects use-port-in-redirects from-to-www-redirect server-alias ssl-redirect force-ssl-redirect
preserve-trailing-slash x-forwarded-prefix upstream-vhost default-backend custom-http-errors disable-proxy-intercept-errors
server-snippet configuration-snippet stream-snippet

ssl-passthrough ssl-prefer-server-ciphers auth-tls-secret auth-tls-verify-client auth-tls-verify-depth auth-tls-error-page
auth-tls-pass-certificate-to-upstream auth-tls-match-cn proxy-ssl-secret proxy-ssl-verify proxy-ssl-verify-depth proxy-ssl-name
proxy-ssl-server-name proxy-ssl-protocols proxy-ssl-ciphers

auth-type auth-secret auth-secret-type auth-realm auth-url auth-method auth-signin auth-signin-redirect-param
auth-response-headers auth-request-redirect auth-always-set-cookie auth-keepalive auth-keepalive-requests
auth-keepalive-timeout auth-keepalive-share-vars auth-snippet enable-global-auth satisfy whitelist-source-range
allowlist-source-range denylist-source-range limit-whitelist limit-allowlist

limit-connections limit-rps limit-rpm limit-burst-multiplier proxy-body-size client-body-buffer-size global-rate-limit

backend-protocol proxy-connect-timeout proxy-send-timeout proxy-read-timeout proxy-next-upstream proxy-next-upstream-tries
proxy-next-upstream-timeout proxy-request-buffering proxy-buffering proxy-buffer-size proxy-buffers-number
proxy-busy-buffers-size proxy-max-temp-file-size proxy-http-version proxy-cookie-domain proxy-cookie-path
proxy-redirect-from proxy-redirect-to connection-proxy-header service-upstream upstream-hash-by upstream-hash-by-subset
upstream-hash-by-subset-size load-balance http2-push-preload

affinity affinity-mode affinity-canary-behavior session-cookie-name session-cookie-path session-cookie-domain
session-cookie-samesite session-cookie-conditional-samesite-none session-cookie-secure session-cookie-expires
session-cookie-max-age session-cookie-change-on-failure session-cookie-hash canary canary-by-header canary-by-header-value
canary-by-header-pattern canary-by-cookie canary-weight canary-weight-total

enable-cors cors-allow-origin cors-allow-methods cors-allow-headers cors-expose-headers cors-allow-credentials cors-max-age

enable-access-log enable-rewrite-log enable-opentracing opentracing-trust-incoming-span enable-influxdb secure-backends
secure-verify-ca-secret enable-modsecurity enable-owasp-core-rules modsecurity-transaction-id modsecurity-snippet
""".split()
FILES = [*Path(__file__).parent.glob("test_behaviour_of_*.py"), *Path(__file__).parent.glob("test_annotations*.py")]
TEXT = "\n".join(file.read_text() for file in FILES)


@pytest.mark.parametrize("name", NAMES)
def test_behaviour_has_cases(name):
    assert re.search(rf'["/]{name}[":]', TEXT), f"no case is about {name}"
