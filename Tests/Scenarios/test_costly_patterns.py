"""Regular expressions that would take too long at a request: 500 for that request, a count, and a line that says whose it is."""

from __future__ import annotations

import pytest

from harness.behaviour import NGINX
from harness.site import Site, dev_service
from harness.waiting import wait_everywhere, wait_until
from simulator import objects

COSTLY = "/" + "a" * 60 + "!"
PATTERNS = {
    "use-regex": ("/(a+)+$", {"use-regex": "true"}),
    "rewrite-target": ("/((a+)+)$", {"rewrite-target": "/x/$1"}),
}


@pytest.mark.parametrize("name", PATTERNS)
def test_a_path_that_cannot_be_decided(tmp_path, name):
    path, said = PATTERNS[name]
    annotations = {NGINX + key: value for key, value in said.items()}
    site = Site(
        tmp_path, objects.ingress("costly", "a.test", "web", path=path, path_type="ImplementationSpecific", annotations=annotations),
        objects.ingress("other", "b.test", "web", annotations={NGINX + "denylist-source-range": "192.0.2.0/24"}),
        arguments=("--log-format", "json"),
    )  # fmt: skip
    try:
        site.folder.put(dev_service("web", site.backend))
        site.sluice.wait_ready()
        wait_everywhere(lambda: site.get("/aaa", host="a.test").status == 200, "it is served")
        before = site.sluice.metric("sluice_regex_overruns_total")
        for asked in range(1, 6):
            assert site.get(COSTLY, host="a.test").status == 500
            # Who is asked next on the same worker is not touched, whatever is asked of him.
            for _ in range(8):
                assert site.get("/", host="b.test").status == 200
        wait_until(lambda: site.sluice.metric("sluice_regex_overruns_total") == before + asked, "each is counted once")
        line = site.sluice.wait_access('aaaa!".*"status":500')
        assert '"namespace":"default","ingress":"costly"' in line
        assert site.get("/aaa", host="a.test").status == 200
    finally:
        site.close()
