"""The image is built for amd64 and arm64 by the same lines: what can be known of the other kind without such a machine."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest
import yaml
from harness.sluice import ROOT

BYTES = ROOT / "Sources/CSystem/include/CSystem-bytes.h"
CLANG = ("clang", "-std=c11", "-Wall", "-Werror", "-O2", "-I", str(BYTES.parent))
# Words that are about one kind of processor, in code or as Debian, Linux and Docker call it.
KINDS = re.compile(r"x86|amd64|i386|aarch64|arm64|--platform|__SSE|__AVX|_mm_|immintrin|\bFloat80\b|\barch\(")

# All that the header does, over bytes of three kinds: any, letters with one other, and those that addresses are made of.
PROGRAM = r"""
#include <stdio.h>
#include "CSystem-bytes.h"

static uint64_t state = 1;

static unsigned roll(void) {
    state = state * 6364136223846793005ull + 1442695040888963407ull;
    return (unsigned)(state >> 33);
}

int main(void) {
    static const char usual[] = "abXY019-._/%~ \t#";
    for (int n = 0; n < 60000; n++) {
        uint8_t bytes[128];
        for (int i = 0; i < 128; i++)
            bytes[i] = n % 3 == 0 ? roll() : n % 3 == 1 ? 'a' + roll() % 26 : usual[roll() % (sizeof usual - 1)];
        if (n % 3 == 1) bytes[roll() % 64] = roll();
        long count = 1 + roll() % 64;
        printf("%ld %d %d %ld %ld\n", csystem_run_of_name(bytes), csystem_are_host_bytes(bytes, count),
               csystem_is_plain_path(bytes, count), csystem_run_of_value(bytes), csystem_run_of_target(bytes));
    }
    return 0;
}
"""


def instructions(path: Path) -> str:
    """A file without its comments of whole lines."""
    return re.sub(r"^\s*(?:#(?!include|if|else|endif|define)|//).*$", "", path.read_text(), flags=re.M)


def test_nothing_that_is_built_or_run_is_about_one_kind_of_processor():
    files = [path for folder in ("Sources", "scripts") for path in (ROOT / folder).rglob("*") if path.is_file()]
    files = [path for path in files if path.suffix in ("", ".swift", ".c", ".h", ".sh", ".py", ".txt", ".modulemap")]
    files += [ROOT / "Package.swift", ROOT / "Dockerfile", ROOT / ".ci/run"]
    found = {str(path.relative_to(ROOT)) for path in files if KINDS.search(instructions(path))}
    # The one has both halves (below); the others fetch kubectl and helm for the tests, where there are some.
    assert found == {"Sources/CSystem/include/CSystem-bytes.h", "scripts/validate-manifests.sh", "scripts/cluster-tools.py"}


def test_a_character_of_c_is_called_so():
    """It has a sign on amd64 and none on arm64, so code that calls it `Int8` is built on one of them only."""
    offenders = [path for path in (ROOT / "Sources").rglob("*.swift") if re.search(r"\bInt8\b", path.read_text())]
    assert offenders == []


def test_bytes_are_judged_alike_with_and_without_the_instructions_of_one_processor(tmp_path):
    source = tmp_path / "judge.c"
    source.write_text(PROGRAM)
    said = []
    for words in ([], ["-U__SSE2__"]):
        program = tmp_path / f"judge{len(said)}"
        subprocess.run([*CLANG, *words, "-o", program, source], check=True, timeout=60)
        said.append(subprocess.run([program], check=True, capture_output=True, text=True, timeout=60).stdout.splitlines())
    assert len(said[0]) == 60_000 and len(set(said[0])) > 100
    assert [pair for pair in zip(*said) if pair[0] != pair[1]][:3] == []


@pytest.mark.parametrize("machine", ["aarch64-unknown-linux-gnu", "x86_64-unknown-linux-gnu"])
def test_they_are_compiled_for_either(tmp_path, machine):
    """To assembler, which needs no library of the other machine."""
    (tmp_path / "string.h").write_text("typedef __SIZE_TYPE__ size_t;\nvoid *memcpy(void *, const void *, size_t);\n")
    source = tmp_path / "judge.c"
    source.write_text(PROGRAM.replace("#include <stdio.h>", "int printf(const char *, ...);"))
    words = ["-ffreestanding", "-nostdlibinc", "-isystem", str(tmp_path), f"--target={machine}", "-S", "-o", "-", source]
    made = subprocess.run([*CLANG, *words], capture_output=True, text=True, timeout=60)
    assert made.returncode == 0, made.stderr
    assert ("xmm" in made.stdout) == (machine.startswith("x86")) and "main:" in made.stdout


@pytest.fixture
def arm64(tmp_path):
    """What `ldd`, `dpkg-query` and `strip` say of a binary for arm64; and the folder in which its libraries lie."""
    libraries, tools = tmp_path / "machine", tmp_path / "tools"
    tools.mkdir()
    names = ["lib/aarch64-linux-gnu/libssl.so.3", "lib/aarch64-linux-gnu/libc.so.6", "lib/ld-linux-aarch64.so.1"]
    for name in names:
        (libraries / name).parent.mkdir(parents=True, exist_ok=True)
        (libraries / name).write_text(name)
    listing = "\tlinux-vdso.so.1 (0x0000ffff80000000)\n"
    listing += "".join(f"\t{Path(name).name} => {libraries}/{name} (0x0000ffff80000000)\n" for name in names[:2])
    listing += f"\t{libraries}/{names[2]} (0x0000ffff80000000)\n"
    scripts = {
        "ldd": f"cat <<'END'\n{listing}END",
        # Debian says the kind of machine with the package's name.
        "dpkg-query": """case $1 in
    -S) case $2 in */libssl*) echo "libssl3:arm64: $2" ;; *) echo "libc6:arm64: $2" ;; esac ;;
    -s) printf 'Package: %s\\nArchitecture: arm64\\nVersion: 1\\n' "${2%%:*}" ;;
esac""",
        "strip": ":",
    }
    for name, text in scripts.items():
        (tools / name).write_text(f"#!/bin/sh\n{text}\n")
        (tools / name).chmod(0o755)
    return tools, libraries, names


def test_the_image_of_arm64_is_laid_out_by_what_its_loader_says(arm64, tmp_path):
    tools, libraries, names = arm64
    binary, root = tmp_path / "sluice", tmp_path / "root"
    binary.write_text("a binary")
    path = f"{tools}:{Path(shutil.which('bash')).parent}:/usr/bin:/bin:/usr/sbin:/sbin"
    made = subprocess.run(
        [ROOT / "scripts/rootfs.sh", binary, root], capture_output=True, text=True, timeout=60, env={"PATH": path}
    )
    assert made.returncode == 0, made.stderr
    for name in names:
        assert Path(f"{root}{libraries}/{name}").read_text() == name, made.stdout
    records = {path.name: path.read_text() for path in root.glob("var/lib/dpkg/status.d/*")}
    assert set(records) == {"libssl3", "libc6", "ca-certificates", "openssl"}
    assert all("Architecture: arm64" in record for record in records.values())
    # Where a loader of either kind looks: /lib and /lib64 are the same folders as on Debian.
    assert (root / "lib").readlink() == Path("usr/lib") and (root / "lib64").readlink() == Path("usr/lib64")


def test_the_dockerfile_says_what_the_pod_expects():
    text = (ROOT / "Dockerfile").read_text()
    build, final = (part.splitlines() for part in text.partition("FROM scratch\n")[::2])
    said = dict(line.split(" ", 1) for line in final if re.match(r"[A-Z]+ ", line) and not line.startswith("LABEL"))
    manifests = list(yaml.safe_load_all((ROOT / "manifests/install.yaml").read_text()))
    (pod,) = [body["spec"]["template"]["spec"] for body in manifests if body["kind"] == "Deployment"]
    (container,) = pod["containers"]
    assert said["COPY"] == "--from=build /image /", "the last layer is what scripts/rootfs.sh has made"
    assert said["USER"] == "{0}:{0}".format(pod["securityContext"]["runAsUser"])
    assert said["ENTRYPOINT"] == '["/usr/bin/sluice"]' and "command" not in container
    assert said["CMD"] == f'["{container["args"][0]}"]'
    assert {int(port) for port in said["EXPOSE"].split()} == {port["containerPort"] for port in container["ports"]}
    labels = dict(re.findall(r'org\.opencontainers\.image\.([a-z.]+)="([^"]*)"', text))
    assert {"title", "description", "version", "revision", "base.name"} <= labels.keys()
    chart = yaml.safe_load((ROOT / "charts/sluice/Chart.yaml").read_text())
    assert labels["version"] == chart["appVersion"]
    # What is copied is there, and is not kept out.
    let = {line[1:] for line in (ROOT / ".dockerignore").read_text().splitlines() if line.startswith("!")}
    copied = {word.rstrip("/") for line in build if line.startswith("COPY ") for word in line.split()[1:-1]}
    assert all((ROOT / name).exists() and name.split("/")[0] in let for name in copied) and "Sources" in copied
