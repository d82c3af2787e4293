"""Clients of a cluster that Debian does not have, or only old: those that scripts/validate-manifests.sh installs, or others in the path."""

from __future__ import annotations

import functools
import re
import shutil
import subprocess
from pathlib import Path

INSTALLED = Path(__file__).resolve().parents[3] / "out/manifest-tools/bin"


def find(name: str) -> str | None:
    return shutil.which(name, path=str(INSTALLED)) or shutil.which(name)


@functools.cache
def kubectl() -> str | None:
    """A kubectl of 1.25 or newer: its kustomize knows components and patches of any target, and it leaves judging to the server."""
    found = find("kubectl")
    if not found:
        return None
    said = subprocess.run([found, "version", "--client", "-o", "json"], capture_output=True, text=True, timeout=20).stdout
    minor = re.search(r'"minor": *"(\d+)', said)
    return found if minor and int(minor[1]) >= 25 else None


@functools.cache
def helm() -> str | None:
    return find("helm")
