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
sys.path.insert(0, str(ROOT / "Tests/Scenarios"))

from harness import overlays  # noqa: E402

CHART = ROOT / "charts/sluice"
FOREIGN = {"ServiceMonitor", "PodMonitor", "PrometheusRule", "Issuer", "Certificate"}  # their schemas are not Kubernetes'
# Values that are passed on as they are: no part of them has a meaning of its own here.
WHOLE = {"strategy", "updateStrategy", "resources", "podSecurityContext", "securityContext", "podAnnotations"}
# Kinds of volumes that `restricted` allows.
VOLUMES = {"configMap", "csi", "downwardAPI", "emptyDir", "ephemeral", "persistentVolumeClaim", "projected", "secret"}
REFUSED = [
    {"replicaCount": "two"}, {"kind": "StatefulSet"}, {"replicas": 2}, {"service": {"type": "Loadbalancer"}},
    {"drain": {"delay": "10"}}, {"defaultTLSSecret": "no-namespace"}, {"tcp": {"x": "a/b:1"}},
    {"image": {"digest": "sha256:short"}}, {"rbac": {"scope": "world"}}, {"tcp": {"1": "b:1"}},
    {"admissionWebhook": {"failurePolicy": "Maybe"}}, {"admissionWebhook": {"port": 443}},
    {"admissionWebhook": {"certificate": {"source": "helm"}}},
    {"admissionWebhook": {"enabled": True, "certificate": {"source": "secret"}}},
    {"rbac": {"scope": "namespaced"}, "extraArgs": {"namespace-selector": "team=shop"}},
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


def check_restricted(name: str, objects: list[dict]) -> None:
    """Pods meet Pod Security `restricted`, but for those that take ports of their node."""
    spec = pod(objects)
    containers = spec["containers"] + spec.get("initContainers", [])
    takes = spec.get("hostNetwork", False) or any("hostPort" in port for one in containers for port in one.get("ports", []))
    assert takes == (name in {"daemonset", "host-network", "own-pod"}), name
    assert not {"hostPID", "hostIPC"} & spec.keys(), name
    assert all(set(volume) <= {"name", *VOLUMES} for volume in spec.get("volumes", [])), name
    for one in containers:
        context = {**spec["securityContext"], **one["securityContext"]}
        assert context["runAsNonRoot"] is True and context["runAsUser"] > 0, (name, one["name"])
        assert context["allowPrivilegeEscalation"] is False and not context.get("privileged", False), (name, one["name"])
        assert context["capabilities"] == {"drop": ["ALL"]}, (name, one["name"])
        assert context["seccompProfile"]["type"] in ("RuntimeDefault", "Localhost"), (name, one["name"])


def check_coverage(rendered: dict[str, list[dict]]) -> None:
    """Every kind of object that a template can make is made by some set, and every value changes what some set makes."""
    templates = "\n".join(path.read_text() for path in CHART.glob("templates/*.yaml"))
    possible = set(re.findall(r"^kind: (\w+)$", templates, re.M)) | {"Deployment", "DaemonSet"}
    assert len(possible) > 15 and possible <= {body["kind"] for objects in rendered.values() for body in objects}, possible
    values = yaml.safe_load((CHART / "values.yaml").read_text())
    silent = {leaf if leaf.partition(".")[0] not in WHOLE else leaf.partition(".")[0] for leaf in leaves(values)}
    for name, given in sets().items():
        silent -= {path for path in silent if says(given, path) and differs(without(given, path.split(".")), rendered[name])}
    assert silent == set(), f"no set of charts/sluice/ci shows what these do: {sorted(silent)}"


def says(values: dict, path: str) -> bool:
    for part in path.split("."):
        if not isinstance(values, dict) or part not in values:
            return False
        values = values[part]
    return True


def without(values: dict, path: list[str]) -> dict:
    """The values but for the one at a path."""
    rest = {key: value for key, value in values.items() if key != path[0]}
    return rest if len(path) == 1 else {**rest, path[0]: without(values[path[0]], path[1:])}


def differs(values: dict, objects: list[dict]) -> bool:
    """Whether these values make something else, or nothing at all."""
    try:
        return render(values) != objects
    except helm_python.HelmError:
        return True


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


OVERLAYS = {
    "daemonset": {"kind": "DaemonSet", "hostPorts": {"http": 80, "https": 443}, "service": {"type": "ClusterIP"}},
    "host-network": {"kind": "DaemonSet", "hostNetwork": True, "service": {"type": "ClusterIP"}},
    "monitoring": {"metrics": {"podMonitor": {"enabled": True}, "prometheusRule": {"enabled": True}}},
    "namespaced": {"rbac": {"scope": "namespaced", "namespaces": ["default"]}},
    "webhook": {"admissionWebhook": {"enabled": True}},
}  # fmt: skip


def check_overlays(folder: Path) -> None:
    """Each overlay is what the chart makes of the values that say the same."""
    assert set(OVERLAYS) == set(overlays.NAMES)
    if not overlays.is_available():
        print("manifests/overlays: not compared, there is no kubectl with a kustomize of version 4 or newer")
        return
    for name, values in OVERLAYS.items():
        rendered = overlays.render(name)
        (folder / f"overlay-{name}.yaml").write_text(yaml.safe_dump_all(b for b in rendered if b["kind"] not in FOREIGN))
        compare(name, render(values), rendered)
    print(f"manifests/overlays: {len(OVERLAYS)} are what the chart makes of the same choices")


def check_agreement(objects: list[dict]) -> None:
    """The chart's default and manifests/install.yaml are the same objects."""
    compare("install", objects, list(yaml.safe_load_all((ROOT / "manifests/install.yaml").read_text())))


def compare(name: str, objects: list[dict], others: list[dict]) -> None:
    """Both are the same objects, but for what differs by nature, and the Namespace that no chart makes."""
    written = [b for b in others if b and b["kind"] != "Namespace"]
    ours = {(b["kind"], b["metadata"]["name"]): without_metadata(b) for b in objects}
    theirs = {(b["kind"], b["metadata"]["name"]): without_metadata(b) for b in written}
    assert ours.keys() == theirs.keys(), (name, ours.keys() ^ theirs.keys())
    for key, body in theirs.items():
        mine = ours[key]
        if key[0] in ("ClusterRole", "Role"):
            assert permissions(mine) == permissions(body), (name, key, permissions(mine) ^ permissions(body))
        elif key[0] in ("Deployment", "DaemonSet"):
            for one in (mine, body):
                container = one["spec"]["template"]["spec"]["containers"][0]
                container["args"] = [a for a in container["args"] if not is_default(a)]
                one["spec"].pop("minReadySeconds", None)
            assert mine == body, (name, key, mine, body)
        else:
            assert mine == body, (name, key, mine, body)


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


def leaves(values: dict, prefix: str = "") -> set[str]:
    """The paths of all values that have none below."""
    found: set[str] = set()
    for key, value in values.items():
        found |= leaves(value, f"{prefix}{key}.") if isinstance(value, dict) and value else {prefix + key}
    return found


def documented(readme: str) -> set[str]:
    """The paths that the table of values speaks of; what begins with a dot goes on from the one before."""
    found: set[str] = set()
    for row in re.findall(r"^\| (`[^|]*) \|", readme, re.M):
        path = ""
        for word in re.findall("`([^`]+)`", row):
            path = f"{path.rpartition('.')[0]}{word}" if word.startswith(".") else word
            found.add(path.removesuffix(".*"))
    return found


def check_documented() -> None:
    """The README speaks of every value, or of all below one of its parents."""
    spoken = documented((CHART / "README.md").read_text())
    values = yaml.safe_load((CHART / "values.yaml").read_text())
    steps = {leaf: leaf.split(".") for leaf in leaves(values)}
    missing = [
        leaf for leaf, parts in sorted(steps.items())
        if not any(".".join(parts[:count]) in spoken for count in range(1, len(parts) + 1))
    ]  # fmt: skip
    assert missing == [], f"charts/sluice/README.md does not speak of {missing}"
    paths = {".".join(parts[:count]) for parts in steps.values() for count in range(1, len(parts) + 1)}
    assert spoken <= paths, f"charts/sluice/README.md speaks of {spoken - paths}, which the chart does not have"


def check_dashboard(objects: list[dict]) -> None:
    """The dashboard arrives whole, and asks for metrics that there are."""
    (map,) = [body for body in objects if body["kind"] == "ConfigMap" and body["metadata"]["name"].endswith("-dashboard")]
    dashboard = json.loads(map["data"]["sluice.json"])
    places = [(panel["gridPos"]["x"], panel["gridPos"]["y"]) for panel in dashboard["panels"]]
    assert len(set(places)) == len(places) >= 20
    check_metrics(json.dumps(dashboard))


def check_alerts(objects: list[dict]) -> None:
    """Alerts ask for metrics that there are, and say what is wrong; docs/operations.md says what to look at."""
    (rule,) = [body for body in objects if body["kind"] == "PrometheusRule"]
    alerts = [alert for group in rule["spec"]["groups"] for alert in group["rules"]]
    assert len({alert["alert"] for alert in alerts}) == len(alerts) > 5
    spoken = set(re.findall(r"^\| `(Sluice\w+)` \|", (ROOT / "docs/operations.md").read_text(), re.M))
    assert {alert["alert"] for alert in alerts} == spoken, spoken ^ {alert["alert"] for alert in alerts}
    for alert in alerts:
        check_metrics(alert["expr"])
        assert alert["labels"]["severity"] in ("warning", "critical") and set(alert["annotations"]) == {"summary"}, alert


def check_metrics(text: str) -> None:
    """Every metric in it is one of docs/operations.md."""
    known = set(re.findall(r"sluice_\w+", (ROOT / "docs/operations.md").read_text()))
    asked = {re.sub("_(bucket|sum|count)$", "", name) for name in re.findall(r"sluice_\w+", text)}
    assert asked and asked <= known, (asked - known, text)


def main(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    known = flags()
    assert len(sets()) >= 20
    rendered = {name: render(values) for name, values in sets().items()}
    for name, objects in rendered.items():
        check_references(name, objects)
        check_restricted(name, objects)
        check_flags(name, objects, known)
        native = [body for body in objects if body["kind"] not in FOREIGN]
        (folder / f"{name}.yaml").write_text(yaml.safe_dump_all(native))
    check_coverage(rendered)
    check_agreement(render({}))
    check_overlays(folder)
    check_dashboard(render(sets()["monitoring"]))
    check_alerts(render(sets()["monitoring"]))
    for values in REFUSED:
        try:
            render(values)
        except helm_python.HelmError:
            continue
        sys.exit(f"values.schema.json takes {values}")
    check_documented()
    top = yaml.safe_load((CHART / "values.yaml").read_text())
    schema = helm_python.Chart.load(str(CHART)).schema["properties"]
    assert set(top) == set(schema) - {"global"}, set(top) ^ set(schema)
    print(f"charts/sluice: {len(sets())} value sets rendered, {len(REFUSED)} refused, the default is manifests/install.yaml")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
