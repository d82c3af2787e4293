"""A folder of manifests, changed as an editor or a sync tool changes it."""

from __future__ import annotations

from pathlib import Path

import yaml


class Folder:
    """One file per object; every write replaces the file in one step."""

    def __init__(self, path: Path) -> None:
        self.path = path
        path.mkdir(parents=True, exist_ok=True)

    def put(self, *objects: dict) -> None:
        for body in objects:
            self.write(self._name(body), yaml.safe_dump(body))

    def write(self, name: str, text: str) -> None:
        fresh = self.path / f".{name}.new"
        fresh.write_text(text)
        fresh.rename(self.path / name)

    def remove(self, *objects: dict) -> None:
        for body in objects:
            (self.path / self._name(body)).unlink()

    @staticmethod
    def _name(body: dict) -> str:
        meta = body["metadata"]
        return f"{body['kind'].lower()}-{meta.get('namespace', '')}-{meta['name']}.yaml"
