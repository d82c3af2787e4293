"""/version, health, discovery, and as much of OpenAPI as lets kubectl and helm leave the judging to the server."""

from __future__ import annotations

from .resources import Catalogue

VERSION = {
    "major": "1", "minor": "36", "emulationMajor": "1", "emulationMinor": "36", "minCompatibilityMajor": "1",
    "minCompatibilityMinor": "35", "gitVersion": "v1.36.2", "gitCommit": "98b35193b2ac7a23a673325f5e9b830ecd5ba406",
    "gitTreeState": "clean", "buildDate": "1970-01-01T00:00:00Z", "goVersion": "go1.27.3", "compiler": "gc",
    "platform": "linux/amd64",
}  # fmt: skip
SHORT_NAMES = {
    "services": ["svc"], "configmaps": ["cm"], "pods": ["po"], "namespaces": ["ns"], "ingresses": ["ing"],
    "deployments": ["deploy"], "daemonsets": ["ds"], "serviceaccounts": ["sa"],
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
    if path == "/openapi/v3":
        bases = [resources[0].base_path for resources in catalogue.versions().values()]
        return {"paths": {base[1:]: {"serverRelativeURL": f"/openapi/v3{base}"} for base in bases}}
    for api_version, resources in catalogue.versions().items():
        if path == resources[0].base_path:
            return _resources(api_version, resources)
        if path == f"/openapi/v3{resources[0].base_path}":
            return _openapi(resources)
    return None


def _openapi(resources: list) -> dict:
    """That patches take `fieldValidation`: who finds that sends objects as they are."""
    parameters = [{"name": "fieldValidation", "in": "query", "schema": {"type": "string"}}]
    paths = {
        f"{r.base_path}/{r.plural}/{{name}}": {
            "patch": {
                "parameters": parameters, "responses": {},
                "x-kubernetes-group-version-kind": {"group": r.group, "version": r.version, "kind": r.kind},
            }
        }
        for r in resources
    }  # fmt: skip
    return {"openapi": "3.0.0", "info": {"title": "Kubernetes", "version": VERSION["gitVersion"]}, "paths": paths}


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
            "kind": r.kind, "verbs": VERBS, "shortNames": SHORT_NAMES.get(r.plural, []),
        }
        for r in resources
    ]  # fmt: skip
    return {"kind": "APIResourceList", "apiVersion": "v1", "groupVersion": api_version, "resources": rows}
