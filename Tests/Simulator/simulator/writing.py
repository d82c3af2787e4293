"""POST, PUT, PATCH and DELETE: as much of them as a controller and its tests use."""

from __future__ import annotations

import json
import uuid

import yaml

from . import protobuf
from .resources import Resource
from .status import Failure, conflict, exists, not_found
from .store import Entry, Store
from .validation import validate


def decode(body: bytes) -> dict:
    if body.startswith(protobuf.MAGIC):
        if read := protobuf.decode(body):
            return read
        raise Failure(415, "of protobuf only Secrets and Namespaces are simulated")
    try:
        read = yaml.safe_load(body) if body[:1] not in (b"{", b"[") else json.loads(body)
    except (ValueError, yaml.YAMLError) as error:
        raise Failure(400, f"the object provided is unrecognized: {error}") from error
    return read


def create(store: Store, resource: Resource, namespace: str | None, body: dict) -> Entry:
    meta = body.setdefault("metadata", {})
    if resource.namespaced:
        meta.setdefault("namespace", namespace or "default")
    if "name" not in meta:
        meta["name"] = meta.get("generateName", "") + uuid.uuid4().hex[:5]
    if f"{meta.get('namespace', '')}/{meta['name']}" in store.table(resource).entries:
        raise exists(resource, meta["name"])
    validate(resource, body, None)
    return store.put(resource, body)[0]


def replace(store: Store, resource: Resource, key: str, subresource: str, body: dict) -> Entry:
    current = _current(store, resource, key)
    sent = body.get("metadata", {}).get("resourceVersion")
    if sent and sent != str(current.version):
        raise conflict(resource, current.name)
    if not sent and resource.kind == "Lease":
        raise Failure(422, "metadata.resourceVersion: Invalid value: 0: must be specified for an update")
    after = _limited(current.body, body, subresource)
    validate(resource, after, current.body)
    return store.put(resource, after)[0]


def patch(
    store: Store, resource: Resource, key: str, subresource: str, body: dict | list, content_type: str
) -> Entry:
    """Merge, strategic merge, JSON patch, and server-side apply (merged, creating if missing)."""
    applies = content_type == "application/apply-patch+yaml"
    if applies and key not in store.table(resource).entries and not subresource:
        return create(store, resource, key.partition("/")[0] or None, body)
    current = _current(store, resource, key)
    before = current.body
    if content_type == "application/json-patch+json":
        after = json_patch(before, body)
    elif content_type == "application/strategic-merge-patch+json":
        after = merge(before, body, by_name=True)
    elif content_type.endswith("merge-patch+json") or applies:
        after = merge(before, body)
    else:
        raise Failure(415, f"the body of the request was in an unknown format: {content_type}")
    sent = body.get("metadata", {}).get("resourceVersion") if isinstance(body, dict) else None
    if sent and sent != str(current.version):
        raise conflict(resource, current.name)
    after = _limited(before, after, subresource)
    if after == before:
        return current
    validate(resource, after, before)
    return store.put(resource, after)[0]


def delete(store: Store, resource: Resource, key: str) -> dict:
    removed = store.delete(resource, key)
    if removed is None:
        raise not_found(resource, key.partition("/")[2])
    details = {"name": removed[0].name, "kind": resource.plural, "uid": removed[0].body["metadata"]["uid"]}
    return {"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Success", "details": details}


def merge(target: object, change: object, *, by_name: bool = False) -> object:
    """RFC 7396; with `by_name`, of lists whose elements have names each is merged, as a strategic merge does with containers."""
    if by_name and isinstance(target, list) and isinstance(change, list) and _are_named(target + change):
        fresh = {element["name"]: element for element in change}
        kept = [merge(element, fresh.pop(element["name"], {}), by_name=True) for element in target]
        return kept + list(fresh.values())
    if not isinstance(change, dict):
        return change
    merged = dict(target) if isinstance(target, dict) else {}
    for name, value in change.items():
        if name.startswith("$"):
            continue
        if value is None:
            merged.pop(name, None)
        else:
            merged[name] = merge(merged.get(name), value, by_name=by_name)
    return merged


def _are_named(elements: list) -> bool:
    return all(isinstance(element, dict) and "name" in element for element in elements)


def json_patch(target: dict, operations: list) -> dict:
    """RFC 6902's add, replace, remove and test."""
    document = json.loads(json.dumps(target))
    for operation in operations:
        steps = [step.replace("~1", "/").replace("~0", "~") for step in operation["path"].split("/")[1:]]
        place = document
        for step in steps[:-1]:
            place = place[int(step)] if isinstance(place, list) else place[step]
        _change(place, steps[-1], operation)
    return document


def _change(place: dict | list, last: str, operation: dict) -> None:
    name = last
    if isinstance(place, list):
        name = len(place) if last == "-" else int(last)
    if operation["op"] == "test":
        if place[name] != operation["value"]:
            raise Failure(422, f"testing path {operation['path']} value failed")
    elif operation["op"] == "remove":
        del place[name]
    elif isinstance(place, list) and operation["op"] == "add":
        place.insert(name, operation["value"])
    elif operation["op"] in ("add", "replace"):
        place[name] = operation["value"]
    else:
        raise Failure(422, f"JSON patch operation {operation['op']} is not simulated")


def _current(store: Store, resource: Resource, key: str) -> Entry:
    entry = store.table(resource).entries.get(key)
    if entry is None:
        raise not_found(resource, key.partition("/")[2])
    return entry


def _limited(before: dict, after: dict, subresource: str) -> dict:
    """A write to a subresource changes only that part; a write to the object leaves status alone."""
    meta = {**after.get("metadata", {}), **{k: before["metadata"][k] for k in ("name", "uid")}}
    if "namespace" in before["metadata"]:
        meta["namespace"] = before["metadata"]["namespace"]
    if subresource:
        return {**before, subresource: after.get(subresource, {})}
    kept = {"status": before["status"]} if "status" in before else {}
    return {**after, "metadata": meta, **kept}
