#!/usr/bin/env bash
# Builds the release binary as it is shipped, .build/release/sluice. Further arguments go to `swift build`.
set -euo pipefail
cd "$(dirname "$0")/.."

command -v swift >/dev/null || { echo "build.sh: Swift 6.3 is needed: https://www.swift.org/install" >&2; exit 1; }
scripts/packages.sh build
SLUICE_COMMIT=${SLUICE_COMMIT:-$(git describe --always --dirty 2>/dev/null || echo unknown)}
export SLUICE_COMMIT
swift build -c release --static-swift-stdlib --product sluice \
    --explicit-target-dependency-import-check error "$@"
