"""/version, health, and discovery: enough for kubectl by hand."""

from __future__ import annotations

from .resources import Catalogue

VERSION = {
    "major": "1", "minor": "36", "emulationMajor": "1", "emulationMinor": "36", "minCompatibilityMajor": "1",
    "minCompatibilityMinor": "35", "gitVersion": "v1.36.2", "gitCommit": "98b35193b2ac7a23a673325f5e9b830ecd5ba406",
    "gitTreeState": "clean", "buildDate": "1970-01-01T00:00:00Z", "goVersion": "go1.27.3", "compiler": "gc",
    "platform": "linux/amd64",
}  # fmt: skip
VERBS = ["create", "delete", "get", "list", "patch", "update", "watch"]


def answer(catalogue: Catalogue, path: str) -> dict | bytes | None:
    """The body for a path that names no resource, or nothing if there is none."""
    if path == "/version":
        return VERSION
    if path in ("/healthz", "/livez", "/readyz"):
        return b"ok"
    if path == "/api":
        return {"kind": "APIVersions", "versions": ["v1"], "serverAddressByClientCIDRs": []}
    if path == "/apis":
        return _groups(catalogue)
    for api_version, resources in catalogue.versions().items():
        if path == resources[0].base_path:
            return _resources(api_version, resources)
    return None


def _groups(catalogue: Catalogue) -> dict:
    groups = []
    for api_version in catalogue.versions():
        group, _, version = api_version.rpartition("/")
        if group:
            entry = {"groupVersion": api_version, "version": version}
            groups.append({"name": group, "versions": [entry], "preferredVersion": entry})
    return {"kind": "APIGroupList", "apiVersion": "v1", "groups": groups}


def _resources(api_version: str, resources: list) -> dict:
    rows = [
        {
            "name": r.plural, "singularName": r.kind.lower(), "namespaced": r.namespaced,
            "kind": r.kind, "verbs": VERBS,
        }
        for r in resources
    ]  # fmt: skip
    return {"kind": "APIResourceList", "apiVersion": "v1", "groupVersion": api_version, "resources": rows}
