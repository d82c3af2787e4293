"""Which objects a request is about: namespace, fieldSelector and labelSelector."""

from __future__ import annotations

import re
from dataclasses import dataclass

from .store import Entry


class BadSelector(Exception):
    """A selector the server would answer 400 to."""


@dataclass(frozen=True)
class Selection:
    namespace: str | None
    fields: tuple[tuple[str, bool, str], ...] = ()
    labels: tuple[tuple[str, str, frozenset[str]], ...] = ()

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


# Commas that stand in no parentheses.
_COMMA = re.compile(r",(?![^(]*\))")
_SET = re.compile(r"(\S+)\s+(in|notin)\s*\(([^()]*)\)")


def _labels(text: str) -> tuple[tuple[str, str, frozenset[str]], ...]:
    found = []
    for term in filter(None, (part.strip() for part in _COMMA.split(text))):
        if match := _SET.fullmatch(term):
            found.append((match[1], match[2], frozenset(value.strip() for value in match[3].split(","))))
        elif "!=" in term:
            name, _, value = term.partition("!=")
            found.append((name.strip(), "notin", frozenset([value.strip()])))
        elif "=" in term:
            name, _, value = term.replace("==", "=").partition("=")
            found.append((name.strip(), "in", frozenset([value.strip()])))
        elif " " in term.lstrip("! ") or "(" in term or ")" in term:
            raise BadSelector(f"unable to parse requirement: {term}")
        else:
            found.append((term.lstrip("! "), "absent" if term.startswith("!") else "present", frozenset()))
    return tuple(found)


def _labels_match(terms: tuple[tuple[str, str, frozenset[str]], ...], labels: dict) -> bool:
    for name, operation, values in terms:
        # What is not there is in no set, and so outside of every one.
        holds = {
            "in": labels.get(name) in values,
            "notin": labels.get(name) not in values,
            "present": name in labels,
            "absent": name not in labels,
        }[operation]
        if not holds:
            return False
    return True
