"""The image, without Docker: its root file system (scripts/rootfs.sh, which the Dockerfile uses too) is mounted read-only
and the binary runs in it as uid 65532 without any privilege, as `manifests/install.yaml` demands."""

from __future__ import annotations

import base64
import os
import re
import shlex
import signal
import subprocess
from fnmatch import fnmatch
from pathlib import Path

import pytest
import yaml
from harness.client import Client, careless
from harness.folder import Folder
from harness.site import dev_service
from harness.sluice import ROOT, Sluice, binary
from harness.supervised import engine
from simulator import objects

USER = 65532

# A mount namespace of its own: nothing is left behind when the process ends. Becomes the process, so that signals reach
# it. With root's rights the user id is real; without, it is one of a user namespace.
LAUNCHER = """#!/bin/sh
exec unshare {outer} --mount sh -ec '
    mount --bind {root} {root}
    mount --rbind /proc {root}/proc
    mount --rbind /sys {root}/sys
    mount --rbind /dev {root}/dev
    mount --bind {folder} {root}/tmp
    mount -o remount,ro,bind {root}
    exec {become} "$@"' sh /usr/bin/sluice "$@"
"""
AS_ROOT = "setpriv --no-new-privs chroot --userspec={user}:{user} --groups={user} {root}"
AS_USER = "unshare --user --map-user={user} --map-group={user} --root={root} --wd=/"


@pytest.fixture(scope="module")
def image(tmp_path_factory) -> Path:
    root = tmp_path_factory.mktemp("image") / "root"
    made = subprocess.run(
        [ROOT / "scripts/rootfs.sh", binary(), root], capture_output=True, text=True, timeout=60
    )
    assert made.returncode == 0, made.stderr
    print(made.stdout)
    return root


@pytest.fixture
def run(image, tmp_path, monkeypatch):
    """Starts `sluice` inside the image; the folder of manifests is mounted at /tmp."""
    folder = Folder(tmp_path / "manifests")
    is_root = os.geteuid() == 0
    become = (AS_ROOT if is_root else AS_USER).format(user=USER, root=shlex.quote(str(image)))
    launcher = tmp_path / "launcher"
    launcher.write_text(
        LAUNCHER.format(
            outer="" if is_root else "--user --map-root-user", become=become,
            root=shlex.quote(str(image)), folder=shlex.quote(str(folder.path)),
        )  # fmt: skip
    )
    launcher.chmod(0o755)
    monkeypatch.setenv("SLUICE_BINARY", str(launcher))
    started: list[Sluice] = []

    def start(*arguments: str) -> Sluice:
        started.append(Sluice(tmp_path / f"run{len(started)}", *arguments))
        return started[-1]

    yield folder, start
    for sluice in started:
        print(sluice.log)
        sluice.stop()


def standalone(kubeconfig: Path) -> str:
    """The kubeconfig with its authority inside: the image does not see the files of this machine."""
    config = yaml.safe_load(kubeconfig.read_text())
    cluster = config["clusters"][0]["cluster"]
    authority = Path(cluster.pop("certificate-authority")).read_bytes()
    cluster["certificate-authority-data"] = base64.b64encode(authority).decode()
    return yaml.safe_dump(config)


def status_of(sluice: Sluice) -> dict[str, str]:
    lines = Path(f"/proc/{sluice.process.pid}/status").read_text().splitlines()
    return dict(line.split(":\t", 1) for line in lines if ":\t" in line)


def test_it_holds_a_binary_and_its_libraries_but_no_shell(image):
    programs = sorted(path.name for path in image.glob("usr/bin/*"))
    assert programs == ["sluice"]
    assert not list(image.glob("**/libFoundation*")), "the Swift runtime is linked statically"
    set_ids = [path for path in image.rglob("*") if not path.is_symlink() and path.stat().st_mode & 0o6000]
    assert set_ids == []


def test_libraries_and_packages_are_written_down(image):
    document = (ROOT / "docs/image.md").read_text()
    names = {name for row in re.findall(r"^\| (`[^|]*) \|", document, re.M) for name in re.findall("`([^`]+)`", row)}
    found = {re.split(r"\.so|-x86|-aarch64", path.name)[0] for path in image.glob("usr/lib*/**/*.so*")} - {""}
    found |= {re.split(r"\.so|-x86|-aarch64", path.name)[0] for path in image.glob("lib*/**/*.so*")}

    def is_named(library: str, name: str) -> bool:
        return fnmatch(library, name) or re.fullmatch(rf"{re.escape(name)}-[\d.]+", library) is not None

    assert [library for library in found if not any(is_named(library, name) for name in names)] == []
    assert [name for name in names if not any(is_named(library, name) for library in found)] == []
    records = {path.name: path.read_text() for path in image.glob("var/lib/dpkg/status.d/*")}
    assert {"libc6", "libssl3", "libcurl4", "ca-certificates"} <= set(records)
    for name, record in records.items():
        assert re.search(r"^Version: \S+", record, re.M) and (image / "usr/share/doc" / name / "copyright").is_file(), name


def test_it_serves_as_an_unprivileged_user_on_a_read_only_root(run, backend):
    folder, start = run
    web = backend()
    folder.put(objects.ingress_class(), objects.ingress("web", "a.test", "web"), dev_service("web", web))
    sluice = start("dev", "/tmp").wait_ready()

    status = status_of(sluice)
    # Real, effective, saved and file-system user; as this process sees it, if namespaces are stacked.
    if os.geteuid() == 0:
        assert status["Uid"].split() == [str(USER)] * 4
        assert status["NoNewPrivs"] == "1"
        assert int(status["CapEff"], 16) == 0 and int(status["CapPrm"], 16) == 0
    mounts = Path(f"/proc/{sluice.process.pid}/mountinfo").read_text().splitlines()
    root = next(line.split() for line in mounts if line.split()[4] == "/")
    assert "ro" in root[5].split(","), "the root is writable"

    with Client(sluice.http) as client:
        assert client.request().status == 200
    with Client(sluice.https, tls=careless(), server_name="a.test") as client:
        assert client.request().status == 200
    assert sluice.stop() == 0


def test_it_has_what_the_cluster_client_needs(run, simulator):
    api = simulator()
    folder, start = run
    (folder.path / "kubeconfig").write_text(standalone(api.kubeconfig))
    api.apply(objects.ingress_class())
    sluice = start("controller", "--kubeconfig", "/tmp/kubeconfig").wait_ready()
    assert sluice.stop() == 0


def test_an_engine_that_dies_in_it_is_started_again(run, simulator):
    api = simulator()
    folder, start = run
    (folder.path / "kubeconfig").write_text(standalone(api.kubeconfig))
    api.apply(objects.ingress_class())
    sluice = start("controller", "--supervise", "--kubeconfig", "/tmp/kubeconfig").wait_ready()
    before = engine(sluice)
    os.kill(before, signal.SIGKILL)
    engine(sluice, other_than=before)
    sluice.wait_ready()
    assert sluice.metric("sluice_engine_restarts_total") == 1
    assert sluice.stop() == 0
