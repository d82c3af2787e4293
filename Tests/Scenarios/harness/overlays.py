"""manifests/overlays as kustomize renders them."""

from __future__ import annotations

import subprocess
from pathlib import Path

import yaml

from .tools import kubectl

MANIFESTS = Path(__file__).resolve().parents[3] / "manifests"
NAMES = sorted(path.parent.name for path in MANIFESTS.glob("overlays/*/kustomization.yaml"))


def is_available() -> bool:
    """Debian's kubectl, of 1.20, is too old."""
    return kubectl() is not None


def render(name: str) -> list[dict]:
    done = subprocess.run([kubectl(), "kustomize", MANIFESTS / "overlays" / name], capture_output=True, text=True, timeout=30)
    assert done.returncode == 0, done.stderr
    assert "deprecated" not in done.stderr.lower(), done.stderr
    return [body for body in yaml.safe_load_all(done.stdout) if body]
