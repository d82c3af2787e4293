#!/usr/bin/env bash
# The one place that knows which Debian packages this project needs. Installs those that are missing.
#
#   scripts/packages.sh build         what `swift build` needs besides Swift itself
#   scripts/packages.sh build test    and what scripts/test.sh needs
#   scripts/packages.sh bench         the peers and the load generators of Tests/Benchmarks
#   scripts/packages.sh runtime       what a machine needs that only runs the binary
set -euo pipefail

packages_of() {
    case $1 in
        build) echo pkg-config libssl-dev libcurl4-openssl-dev libyaml-dev ;;
        test) echo python3 python3-pytest python3-yaml python3-cryptography python3-h2 openssl valgrind util-linux ;;
        bench) echo python3 openssl haproxy nginx wrk nghttp2-client valgrind strace ;;
        runtime) echo libssl3 libcurl4 libyaml-0-2 libstdc++6 ca-certificates ;;
        *) echo "packages.sh: no set of packages is called '$1' (build, test, bench, runtime)" >&2; return 2 ;;
    esac
}

is_installed() { [ "$(dpkg-query -W -f='${db:Status-Status}' "$1" 2>/dev/null)" = installed ]; }

as_root() {
    if [ "$(id -u)" = 0 ]; then "$@"; return; fi
    command -v sudo >/dev/null || { echo "packages.sh: needs root or sudo to install: ${missing[*]}" >&2; exit 1; }
    sudo "$@"
}

[ $# -gt 0 ] || { echo "usage: scripts/packages.sh build|test|bench|runtime …" >&2; exit 2; }

missing=()
for set in "$@"; do
    for package in $(packages_of "$set"); do is_installed "$package" || missing+=("$package"); done
done
[ ${#missing[@]} -gt 0 ] || exit 0

command -v apt-get >/dev/null || { echo "packages.sh: no apt-get here; please install: ${missing[*]}" >&2; exit 1; }
echo "installing ${missing[*]}"
log=$(mktemp)
trap 'rm -f "$log"' EXIT
as_root apt-get update -qq >"$log" 2>&1 || { cat "$log" >&2; exit 1; }
as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" \
    >"$log" 2>&1 || { cat "$log" >&2; exit 1; }
