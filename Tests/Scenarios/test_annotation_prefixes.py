"""`--annotations-prefix`: whose words are read."""

from __future__ import annotations

import pytest

from harness.site import Site, dev_service
from simulator import objects

CODES = {"shop.example": 301, "nginx.ingress.kubernetes.io": 302, "haproxy.org": 303, "sluice.dev": 307}


def redirected(prefix: str) -> dict:
    """An Ingress that sends its clients elsewhere, with a code that tells by which prefix."""
    host = f"{prefix.split('.')[0]}.test"
    if prefix == "haproxy.org":
        words = {f"{prefix}/request-redirect": "other.test", f"{prefix}/request-redirect-code": str(CODES[prefix])}
    else:
        words = {f"{prefix}/permanent-redirect": "https://other.test/", f"{prefix}/permanent-redirect-code": str(CODES[prefix])}
    return objects.ingress(prefix.split(".")[0], host, "web", annotations=words)


@pytest.mark.parametrize(
    "chosen, read",
    [
        ((), {"nginx.ingress.kubernetes.io", "haproxy.org"}),
        (("shop.example",), {"shop.example"}),
        (("shop.example/", "haproxy.org"), {"shop.example", "haproxy.org"}),
    ],
)
def test_those_that_are_named_are_read_and_ours_always(tmp_path, chosen, read):
    arguments = tuple(f"--annotations-prefix={prefix}" for prefix in chosen)
    site = Site(tmp_path, *map(redirected, CODES), arguments=arguments)
    try:
        site.folder.put(dev_service("web", site.backend))
        site.sluice.wait_ready()
        found = {prefix: site.get(host=f"{prefix.split('.')[0]}.test").status for prefix in CODES}
        assert found == {prefix: code if prefix in read | {"sluice.dev"} else 200 for prefix, code in CODES.items()}
    finally:
        site.close()
