"""What the API server refuses to store: the rules that writers of Leases, Events and status have to know."""

from __future__ import annotations

import ipaddress
import re

from .resources import Resource
from .status import Failure

_MICRO_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}(Z|[+-]\d\d:\d\d)")
_SUBDOMAIN = re.compile(r"[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*")
_QUALIFIED = re.compile(r"([a-z0-9.-]{1,253}/)?[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?")


def validate(resource: Resource, body: dict, before: dict | None) -> None:
    """Raises 422 for an object that may not be stored in the place of `before`."""
    problem = None
    name = body["metadata"]["name"]
    if len(name) > 253 or not _SUBDOMAIN.fullmatch(name):
        problem = f"metadata.name: {name!r} is no DNS subdomain"
    elif resource.kind == "Lease":
        problem = _lease(body.get("spec", {}))
    elif resource.kind == "Event" and resource.group:
        problem = _event(body) or (_event_change(body, before) if before else None)
    elif resource.kind == "Ingress":
        problem = _addresses(body.get("status", {}))
    if problem:
        raise Failure(422, f'{resource.kind}.{resource.group} "{name}" is invalid: {problem}')


def _lease(spec: dict) -> str | None:
    if spec.get("leaseDurationSeconds", 1) <= 0:
        return "spec.leaseDurationSeconds: must be greater than 0"
    if spec.get("leaseTransitions", 0) < 0:
        return "spec.leaseTransitions: must be greater than or equal to 0"
    for field in ("acquireTime", "renewTime"):
        if spec.get(field) is not None and not _MICRO_TIME.fullmatch(spec[field]):
            return f"spec.{field}: {spec[field]!r} is no time in microseconds"
    return None


def _event(body: dict) -> str | None:
    namespace, regarding = body["metadata"].get("namespace"), body.get("regarding", {})
    if regarding.get("namespace", "default") != namespace:
        return "regarding.namespace: does not match event.namespace"
    for field in ("eventTime", "reportingController", "reportingInstance", "reason", "action", "type"):
        if not body.get(field):
            return f"{field}: Required value"
    for field, limit in (("reportingInstance", 128), ("reason", 128), ("action", 128), ("note", 1024)):
        if len(body.get(field, "").encode()) > limit:
            return f"{field}: can have at most {limit} bytes"
    if not _QUALIFIED.fullmatch(body["reportingController"]):
        return "reportingController: no qualified name"
    if body["type"] not in ("Normal", "Warning"):
        return "type: has invalid value"
    series = body.get("series")
    if series is not None and series.get("count", 0) < 2:
        return "series.count: should be at least 2"
    times = [body["eventTime"]] + ([series.get("lastObservedTime", "")] if series is not None else [])
    if not all(_MICRO_TIME.fullmatch(time) for time in times):
        return "eventTime, series.lastObservedTime: no times in microseconds"
    return None


def _event_change(body: dict, before: dict) -> str | None:
    fixed = ("regarding", "reason", "note", "type", "eventTime", "action", "reportingController", "reportingInstance")
    changed = [field for field in fixed if body.get(field) != before.get(field)]
    return f"{changed[0]}: Invalid value: field is immutable" if changed else None


def _addresses(status: dict) -> str | None:
    for entry in status.get("loadBalancer", {}).get("ingress") or []:
        if "ip" in entry:
            try:
                ipaddress.ip_address(entry["ip"])
            except ValueError:
                return f"status.loadBalancer.ingress.ip: {entry['ip']!r} is no address"
        elif not _SUBDOMAIN.fullmatch(entry.get("hostname", "")):
            return "status.loadBalancer.ingress.hostname: no DNS subdomain"
    return None
