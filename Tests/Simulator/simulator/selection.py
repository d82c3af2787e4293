"""Which objects a request is about: namespace, fieldSelector and labelSelector."""

from __future__ import annotations

from dataclasses import dataclass

from .store import Entry


class BadSelector(Exception):
    """A selector the server would answer 400 to."""


@dataclass(frozen=True)
class Selection:
    namespace: str | None
    fields: tuple[tuple[str, bool, str], ...] = ()
    labels: tuple[tuple[str, str, str], ...] = ()

    @property
    def is_everything(self) -> bool:
        return self.namespace is None and not self.fields and not self.labels

    def matches(self, entry: Entry) -> bool:
        if self.namespace is not None and entry.namespace != self.namespace:
            return False
        for attribute, equal, value in self.fields:
            if (getattr(entry, attribute) == value) != equal:
                return False
        return not self.labels or _labels_match(self.labels, entry.labels)


def parse(namespace: str | None, query: dict[str, str]) -> Selection:
    return Selection(namespace, _fields(query.get("fieldSelector", "")), _labels(query.get("labelSelector", "")))


def _fields(text: str) -> tuple[tuple[str, bool, str], ...]:
    attributes = {"metadata.name": "name", "metadata.namespace": "namespace", "type": "type"}
    found = []
    for term in filter(None, text.split(",")):
        equal = "!=" not in term
        name, _, value = term.replace("==", "=").partition("=" if equal else "!=")
        if name not in attributes:
            raise BadSelector(f"field label not supported: {name}")
        found.append((attributes[name], equal, value))
    return tuple(found)


def _labels(text: str) -> tuple[tuple[str, str, str], ...]:
    found = []
    for term in filter(None, (part.strip() for part in text.split(","))):
        if "!=" in term:
            name, _, value = term.partition("!=")
            found.append((name, "differs", value))
        elif "=" in term:
            name, _, value = term.replace("==", "=").partition("=")
            found.append((name, "equals", value))
        elif " " in term:
            raise BadSelector(f"set based label selectors are not simulated: {term}")
        else:
            found.append((term.lstrip("!"), "absent" if term.startswith("!") else "present", ""))
    return tuple(found)


def _labels_match(terms: tuple[tuple[str, str, str], ...], labels: dict) -> bool:
    for name, operation, value in terms:
        holds = {
            "equals": labels.get(name) == value,
            "differs": labels.get(name) != value,
            "present": name in labels,
            "absent": name not in labels,
        }[operation]
        if not holds:
            return False
    return True
