"""--relax: what is usually not served is, rule by rule, and what keeps clients out never is let go."""

from __future__ import annotations

import pytest

from harness.behaviour import NGINX
from harness.site import Site, dev_service
from simulator import objects

RULES = {
    "invalid-values": ({"ssl-redirect": "perhaps"}, 404),
    "unusable-fields": ({"custom-headers": "default/missing"}, 503),
    "snippets": ({"configuration-snippet": "root /;", "server-snippet": "root /;"}, 503),
}
GUARDS = {
    "list": ({"whitelist-source-range": "everybody"}, 404),
    "password": ({"auth-type": "basic", "auth-secret": "missing"}, 503),
    "question": ({"auth-url": "http://../"}, 503),
    "both": ({"auth-url": "http://auth.default.svc/", "auth-snippet": "x;"}, 503),
}


def site_of(directory, *arguments: str) -> Site:
    found = [
        objects.ingress(name, f"{name}.test", "web", annotations={NGINX + key: value for key, value in keys.items()})
        for name, (keys, _) in {**RULES, **GUARDS}.items()
    ]
    site = Site(directory, *found, arguments=arguments)
    site.folder.put(dev_service("web", site.backend), dev_service("auth", site.backend))
    site.sluice.wait_ready()
    return site


@pytest.fixture(scope="module", params=["", *RULES, "all"])
def site(request, tmp_path_factory):
    rules = list(RULES) if request.param == "all" else [request.param] if request.param else []
    site = site_of(tmp_path_factory.mktemp("relaxed"), *(word for rule in rules for word in ("--relax", rule)))
    site.relaxed = rules
    yield site
    site.close()


@pytest.mark.parametrize("name", RULES)
def test_a_rule_lets_through_what_it_is_about(site, name):
    expected = 200 if name in site.relaxed else RULES[name][1]
    assert site.get(host=f"{name}.test").status == expected


@pytest.mark.parametrize("name", GUARDS)
def test_no_rule_opens_what_is_guarded(site, name):
    assert site.get(host=f"{name}.test").status == GUARDS[name][1]
    assert site.backend.problems == []
