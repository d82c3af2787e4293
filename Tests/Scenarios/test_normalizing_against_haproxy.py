"""`normalize-uri` makes of what requests ask for what Debian's haproxy makes of it, on the way to the server."""

from __future__ import annotations

import pytest
from harness.twins import LOGGED, echo

HEAD = LOGGED.replace("global\n", "global\n    expose-experimental-directives\n", 1)
# Without a condition: haproxy 2.6 takes one behind a normalizer that may have an option for another normalizer.
NORMALIZERS = [
    "path-merge-slashes", "path-strip-dot", "path-strip-dotdot", "path-strip-dotdot full", "percent-decode-unreserved",
    "percent-decode-unreserved strict", "percent-to-uppercase", "percent-to-uppercase strict", "query-sort-by-name",
    "fragment-strip", "fragment-encode",
]  # fmt: skip
# Dots are another matter: they are resolved in any case.
TARGETS = [
    "/", "//", "/a//b///c?d//e", "/%41%2f%2a%7e", "/%zz%4", "/%61?%61%20", "/%", "/%%41", "/?c=3&a=1&b=2",
    "/?aaa=3&a=1&aa=2", "/?a=3&b=4&a=1&b=5&a=2", "/a", "/a?", "/?b&a&", "/?&&a", "/?a=1&a%20=2&A=3&b?=1", "/...", "/.a/b.",
]  # fmt: skip
DOTS = ["/.", "/./", "/a/./b", "/a/.", "/a?./.", "/./a/././", "/a/..", "/a/../b", "/a/b/../../c", "/a/..?q=/../", "/a/b/.."]


def frontend(rules: str) -> str:
    return f'''{HEAD}frontend f
    bind "127.0.0.1:${{HTTP}}"
{rules}    default_backend b
backend b
    server s "127.0.0.1:${{A}}"
'''


def asked(side, targets):
    return [(target, side.get(target)) for target in targets]


@pytest.mark.parametrize("normalizer", NORMALIZERS)
def test_a_target_in_a_form(twins, normalizer):
    pair = twins(frontend(f"    http-request normalize-uri {normalizer}\n"), servers={"A": echo})
    pair.agree(lambda side: asked(side, TARGETS))


def test_dots(twins):
    rules = "    http-request normalize-uri path-strip-dot\n    http-request normalize-uri path-strip-dotdot full\n"
    pair = twins(frontend(rules), servers={"A": echo})
    pair.agree(lambda side: asked(side, DOTS))


def test_later_rules_see_the_form(twins):
    rules = """    http-request normalize-uri query-sort-by-name if { path_beg /q }
    http-request normalize-uri path-merge-slashes if { path_beg // }
    http-request deny if { path /admin } or { query a&b }
"""
    pair = twins(frontend(rules), servers={"A": echo})
    seen = pair.agree(lambda side: [side.get(target).status for target in ["//admin", "/admin", "/q?b&a", "/x?b&a"]])
    assert seen == [403, 403, 403, 200]
