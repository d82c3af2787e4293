"""The documents say what the binary does."""

from __future__ import annotations

import re
import subprocess

from harness.sluice import ROOT, binary

OPERATIONS = (ROOT / "docs/operations.md").read_text()


def flags_of(subcommand: str) -> set[str]:
    text = subprocess.run([binary(), subcommand, "--help"], capture_output=True, text=True, timeout=20).stdout
    return set(re.findall(r"^  (--[a-z-]+)", text, re.M))


def test_the_table_of_flags_is_complete():
    documented = {}
    for flag, users in re.findall(r"^\| `(--[a-z-]+)` \|[^|]*\| (\w+) \|", OPERATIONS, re.M):
        documented[flag] = {"controller", "dev"} if users == "both" else {users}
    for subcommand in ("controller", "dev"):
        assert {flag for flag, users in documented.items() if subcommand in users} == flags_of(subcommand)


def test_every_metric_is_documented(site):
    site.get("/")
    served = set(re.findall(r"^# HELP (sluice_\w+)", site.sluice.ops_get("/metrics")[1], re.M))
    assert served, "no metrics"
    assert served - set(re.findall(r"`(sluice_\w+)`", OPERATIONS)) == set()
