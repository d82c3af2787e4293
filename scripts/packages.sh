#!/usr/bin/env bash
# The one place that knows which Debian packages this project needs. Installs those that are missing.
#
#   scripts/packages.sh build         what `swift build` needs besides Swift itself
#   scripts/packages.sh build test    and what scripts/test.sh needs
#   scripts/packages.sh gate          what Tests/Benchmarks/instructions.py counts with
#   scripts/packages.sh bench         the peers and the load generators of the other benchmarks
#   scripts/packages.sh runtime       what a machine needs that only runs the binary
set -euo pipefail

packages_of() {
    case $1 in
        build) echo pkg-config libssl-dev libcurl4-openssl-dev libyaml-dev zlib1g-dev libbrotli-dev libzstd-dev libnghttp2-dev libpcre2-dev ;;
        test) echo python3 python3-venv python3-pytest python3-pytest-xdist python3-yaml python3-cryptography python3-h2 python3-grpcio python3-websockets curl nghttp2-client openssl util-linux redis-server postgresql mariadb-server-core mariadb-client-core haproxy nginx php-fpm chromium zsh fish ;;
        gate) echo python3 openssl nginx nghttp2-client strace valgrind ;;
        bench) packages_of gate; echo gcc libssl-dev haproxy wrk python3-yaml python3-cryptography python3-h2 ;;
        runtime) echo libssl3 libcurl4 libyaml-0-2 zlib1g libbrotli1 libzstd1 libnghttp2-14 libpcre2-8-0 libstdc++6 ca-certificates ;;
        *) echo "packages.sh: no set of packages is called '$1' (build, test, gate, bench, runtime)" >&2; return 2 ;;
    esac
}

is_installed() { [ "$(dpkg-query -W -f='${db:Status-Status}' "$1" 2>/dev/null)" = installed ]; }

as_root() {
    if [ "$(id -u)" = 0 ]; then "$@"; return; fi
    command -v sudo >/dev/null || { echo "packages.sh: needs root or sudo to install: ${missing[*]}" >&2; exit 1; }
    sudo "$@"
}

[ $# -gt 0 ] || { echo "usage: scripts/packages.sh build|test|gate|bench|runtime …" >&2; exit 2; }

missing=()
for set in "$@"; do
    packages=$(packages_of "$set")
    for package in $packages; do is_installed "$package" || missing+=("$package"); done
done
[ ${#missing[@]} -gt 0 ] || exit 0

command -v apt-get >/dev/null || { echo "packages.sh: no apt-get here; please install: ${missing[*]}" >&2; exit 1; }
echo "installing ${missing[*]}"
log=$(mktemp)
trap 'rm -f "$log"' EXIT
policy=/usr/sbin/policy-rc.d
as_root apt-get update -qq >"$log" 2>&1 || { cat "$log" >&2; exit 1; }
# Servers that come with a package (nginx, haproxy) are used as programs only: Debian must not start them.
if [ ! -e "$policy" ]; then
    printf '#!/bin/sh\nexit 101\n' | as_root tee "$policy" >/dev/null
    as_root chmod 755 "$policy"
    trap 'rm -f "$log"; as_root rm -f "$policy"' EXIT
fi
as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" \
    >"$log" 2>&1 || { cat "$log" >&2; exit 1; }
