#!/usr/bin/env bash
# Builds Sluice and runs it on the example manifests with echo servers inside the process: nothing else is needed.
# Arguments are passed on: `scripts/run.sh --http-port 9080`, or folders of manifests of your own.
set -euo pipefail
root=$(cd "$(dirname "$0")/.." && pwd)

echo "== building (the first time takes a few minutes)"
"$root/scripts/build.sh"
echo "== running: sluice dev --demo $*"
exec "$root/.build/release/sluice" dev --demo "$@"
