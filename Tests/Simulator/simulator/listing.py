"""LIST: which version of the list is asked for, pages, and the body as joined bytes."""

from __future__ import annotations

import base64
import binascii
import json
from dataclasses import dataclass

from .selection import Selection
from .status import Failure, too_large
from .store import Entry, Store, Table, encode

SNAPSHOTS_KEPT = 8


@dataclass
class Page:
    entries: list[Entry]
    version: int
    resume: str = ""
    remaining: int = 0


def read_version(text: str) -> int:
    if text and not text.isdigit():
        raise Failure(400, f'Invalid value: "{text}": strconv.ParseUint: parsing "{text}": invalid syntax')
    return int(text or "0")


def list_page(store: Store, table: Table, selection: Selection, query: dict[str, str]) -> Page:
    """The page a LIST asks for, or a Failure: 410 for versions gone, 504 for versions to come."""
    limit = int(query.get("limit") or "0")
    if token := query.get("continue"):
        version, start = _read_token(token)
        if version not in table.snapshots:
            raise Failure(410, "The provided continue parameter is too old to display a consistent list result.")
        entries = [entry for entry in table.snapshots[version] if entry.key > start]
    else:
        version = _version_asked(store, query, limit)
        entries = table.ordered()
        if query.get("resourceVersion") == "0":
            limit = 0  # the watch cache ignores it
    chosen = entries if selection.is_everything else [entry for entry in entries if selection.matches(entry)]
    if not limit or len(chosen) <= limit:
        return Page(chosen, version)
    _keep_snapshot(table, version)
    last = chosen[limit - 1]
    return Page(chosen[:limit], version, _token(version, last.key), len(chosen) - limit)


def list_body(table: Table, page: Page, selection: Selection) -> bytes:
    resource = table.resource
    meta: dict = {"resourceVersion": str(page.version)}
    if page.resume:
        meta["continue"] = page.resume
        if not selection.fields and not selection.labels:
            meta["remainingItemCount"] = page.remaining
    head = encode({"kind": f"{resource.kind}List", "apiVersion": resource.api_version, "metadata": meta})
    return head[:-1] + b',"items":[' + b",".join([entry.item for entry in page.entries]) + b"]}\n"


def _version_asked(store: Store, query: dict[str, str], limit: int) -> int:
    asked = read_version(query.get("resourceVersion", ""))
    if asked > store.version:
        raise too_large(asked, store.version)
    match = query.get("resourceVersionMatch")
    # A limit with a version and no match is the legacy spelling of Exact.
    exact = match == "Exact" or (match is None and limit > 0 and asked > 0)
    if exact and asked < store.version:
        raise Failure(410)
    return store.version


def _keep_snapshot(table: Table, version: int) -> None:
    table.snapshots.setdefault(version, table.ordered())
    while len(table.snapshots) > SNAPSHOTS_KEPT:
        del table.snapshots[min(table.snapshots)]


def _token(version: int, start: str) -> str:
    return base64.urlsafe_b64encode(encode({"v": "meta.k8s.io/v1", "rv": version, "start": start})).decode()


def _read_token(token: str) -> tuple[int, str]:
    try:
        read = json.loads(base64.urlsafe_b64decode(token))
        return read["rv"], read["start"]
    except (binascii.Error, ValueError, KeyError) as error:
        raise Failure(400, "continue key is not valid") from error
