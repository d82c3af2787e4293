"""Renders charts/sluice with Helm's own code and judges what comes out: every value set of `ci/`, and what must be refused.

Run by scripts/validate-manifests.sh with the tools it installs; writes the rendered objects into a folder for their own checks.
"""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path

import helm_python
import yaml

ROOT = Path(__file__).resolve().parents[2]
CHART = ROOT / "charts/sluice"
FOREIGN = {"ServiceMonitor", "PodMonitor", "PrometheusRule"}  # their schemas are not Kubernetes'
REFUSED = [
    {"replicaCount": "two"}, {"kind": "StatefulSet"}, {"replicas": 2}, {"service": {"type": "Loadbalancer"}},
    {"drain": {"delay": "10"}}, {"defaultTLSSecret": "no-namespace"}, {"tcp": {"x": "a/b:1"}},
    {"image": {"digest": "sha256:short"}}, {"rbac": {"scope": "world"}}, {"tcp": {"1": "b:1"}},
]  # fmt: skip


def render(values: dict, name: str = "sluice") -> list[dict]:
    chart = helm_python.Chart.load(str(CHART))
    chart.validate_schema(values)
    rendered = chart.render(values, name=name, namespace="sluice")
    return [body for path, text in sorted(rendered.items()) if path.endswith(".yaml") for body in yaml.safe_load_all(text) if body]


def sets() -> dict[str, dict]:
    return {path.name.removesuffix("-values.yaml"): yaml.safe_load(path.read_text()) or {} for path in sorted(CHART.glob("ci/*-values.yaml"))}


def pod(objects: list[dict]) -> dict:
    (workload,) = [body for body in objects if body["kind"] in ("Deployment", "DaemonSet")]
    return workload["spec"]["template"]["spec"]


def check_references(name: str, objects: list[dict]) -> None:
    """What objects say of each other is so."""
    (workload,) = [body for body in objects if body["kind"] in ("Deployment", "DaemonSet")]
    labels = workload["spec"]["template"]["metadata"]["labels"]
    for body in objects:
        wanted = {
            "Service": lambda s: s["selector"], "PodDisruptionBudget": lambda s: s["selector"]["matchLabels"],
            "NetworkPolicy": lambda s: s["podSelector"]["matchLabels"], "PodMonitor": lambda s: s["selector"]["matchLabels"],
        }.get(body["kind"])  # fmt: skip
        if wanted:
            assert wanted(body["spec"]).items() <= labels.items(), (name, body["kind"])
    keys = [(body["kind"], body["metadata"].get("namespace"), body["metadata"]["name"]) for body in objects]
    assert len(set(keys)) == len(keys), (name, "two objects of one name")
    named = {body["metadata"]["name"] for body in objects if body["kind"] == "ConfigMap"}
    for argument in pod(objects)["containers"][0]["args"]:
        if "configmap=" in argument:
            assert argument.rpartition("/")[2] in named, (name, argument)


def check_flags(name: str, objects: list[dict], known: set[str]) -> None:
    """The process knows every flag it is given."""
    for argument in pod(objects)["containers"][0]["args"][1:]:
        assert argument.split("=")[0] in known, (name, argument)


def flags() -> set[str]:
    """From the table itself: no process is needed to read it."""
    table = (ROOT / "Sources/Command/Arguments/FlagTable.swift").read_text()
    return {f"--{flag}" for flag in re.findall(r'Flag\(\s*"([a-z-]+)"', table)}


def without_metadata(body: dict) -> dict:
    """An object without what differs by nature: labels, and what only one of both says."""
    text = yaml.safe_dump(body)
    text = re.sub(r"\n *app\.kubernetes\.io/(instance|version|managed-by): .*", "", text)
    text = re.sub(r"\n *(helm\.sh/chart|pod-security\.kubernetes\.io/\w+): .*", "", text)
    return yaml.safe_load(text)


def check_agreement(objects: list[dict]) -> None:
    """The chart's default and manifests/install.yaml are the same objects."""
    written = [b for b in yaml.safe_load_all((ROOT / "manifests/install.yaml").read_text()) if b and b["kind"] != "Namespace"]
    ours = {(b["kind"], b["metadata"]["name"]): without_metadata(b) for b in objects}
    theirs = {(b["kind"], b["metadata"]["name"]): without_metadata(b) for b in written}
    assert ours.keys() == theirs.keys(), ours.keys() ^ theirs.keys()
    for key, body in theirs.items():
        mine = ours[key]
        if key[0] in ("ClusterRole", "Role"):
            assert permissions(mine) == permissions(body), key
        elif key[0] == "Deployment":
            for one in (mine, body):
                one["spec"]["template"]["spec"]["containers"][0]["args"] = [
                    a for a in one["spec"]["template"]["spec"]["containers"][0]["args"] if not is_default(a)
                ]
                one["spec"].pop("minReadySeconds", None)
            assert mine == body, (key, mine, body)
        else:
            assert mine == body, (key, mine, body)


def is_default(argument: str) -> bool:
    return argument in {
        "--ingress-class=sluice", "--controller-name=ingress.sluice.dev/controller", "--drain-delay=10s",
        "--drain-timeout=300s", "--log-level=info", "--log-format=text", "--access-log=stdout",
    }  # fmt: skip


def permissions(role: dict) -> set[tuple]:
    return {
        (group, resource, verb, name.replace("sluice-tcp-services", "tcp-services"))
        for rule in role["rules"] for group in rule["apiGroups"] for resource in rule["resources"]
        for verb in rule["verbs"] for name in rule.get("resourceNames", ["*"])
    }  # fmt: skip


def keys(values: dict, prefix: str = "") -> set[str]:
    found = set()
    for key, value in values.items():
        found.add(prefix + key)
        if isinstance(value, dict) and prefix + key not in ("podAnnotations",):
            found |= keys(value, f"{prefix}{key}.")
    return found


def check_dashboard(objects: list[dict]) -> None:
    """The dashboard arrives whole, and asks for metrics that there are."""
    (map,) = [body for body in objects if body["kind"] == "ConfigMap" and body["metadata"]["name"].endswith("-dashboard")]
    dashboard = json.loads(map["data"]["sluice.json"])
    places = [(panel["gridPos"]["x"], panel["gridPos"]["y"]) for panel in dashboard["panels"]]
    assert len(set(places)) == len(places) >= 20
    documented = set(re.findall(r"sluice_\w+", (ROOT / "docs/operations.md").read_text()))
    asked = {re.sub("_bucket$", "", name) for name in re.findall(r"sluice_\w+", json.dumps(dashboard))}
    assert asked <= documented, asked - documented


def main(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    known = flags()
    assert len(sets()) >= 20
    for name, values in sets().items():
        objects = render(values)
        check_references(name, objects)
        check_flags(name, objects, known)
        native = [body for body in objects if body["kind"] not in FOREIGN]
        (folder / f"{name}.yaml").write_text(yaml.safe_dump_all(native))
    check_agreement(render({}))
    check_dashboard(render(sets()["monitoring"]))
    for values in REFUSED:
        try:
            render(values)
        except helm_python.HelmError:
            continue
        sys.exit(f"values.schema.json takes {values}")
    readme = (CHART / "README.md").read_text()
    top = yaml.safe_load((CHART / "values.yaml").read_text())
    missing = [key for key in top if f"`{key}" not in readme]
    assert missing == [], f"charts/sluice/README.md does not speak of {missing}"
    schema = helm_python.Chart.load(str(CHART)).schema["properties"]
    assert set(top) == set(schema) - {"global"}, set(top) ^ set(schema)
    print(f"charts/sluice: {len(sets())} value sets rendered, {len(REFUSED)} refused, the default is manifests/install.yaml")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
