#!/usr/bin/env bash
# Fuzzes what reads foreign bytes, with libFuzzer and the address sanitizer.
#
#   Tests/Fuzz/run.sh 60              60 s in all, shared by the targets; fails at the first finding
#   Tests/Fuzz/run.sh 3600 request    an hour on one of them: request response chunks objects
#
# Each target is one file here. Inputs that reach new code are kept in out/fuzz between runs; a finding is written to
# out/fuzz/NAME-… and can be tried alone: out/fuzz/NAME FILE. Make it a unit test before it is mended.
set -euo pipefail
cd "$(dirname "$0")/../.."

seconds=${1:-60}
shift || true
targets=("$@")
[ $# -gt 0 ] || targets=(request response chunks fastcgi peers proxy hello objects manifests configuration patterns runtime)
build=.build/fuzz
work=out/fuzz
mkdir -p "$work"
# Swift's own crash reporter can hang a fuzzer that has found something.
export SWIFT_BACKTRACE=enable=no

sources_of() {
    local all="Tests/Fuzz/Require.swift Tests/Fuzz/ExactMemory.swift"
    case $1 in
        request) echo "$all" Tests/Fuzz/HeadProgress+Meaning.swift Tests/Fuzz/RequestHeadFuzz.swift ;;
        response) echo "$all" Tests/Fuzz/HeadProgress+Meaning.swift Tests/Fuzz/ResponseHeadFuzz.swift ;;
        chunks) echo "$all" Tests/Fuzz/ChunksFuzz.swift ;;
        fastcgi) echo "$all" Tests/Fuzz/HeadProgress+Meaning.swift Tests/Fuzz/FastCGIFuzz.swift ;;
        peers) echo "$all" Tests/Fuzz/PeersFuzz.swift ;;
        proxy) echo "$all" Tests/Fuzz/ProxyHeaderFuzz.swift ;;
        hello) echo "$all" Tests/Fuzz/ClientHelloFuzz.swift ;;
        objects) echo "$all" Tests/Fuzz/ObjectsFuzz.swift ;;
        manifests) echo "$all" Tests/Fuzz/ManifestsFuzz.swift ;;
        configuration) echo "$all" Tests/Fuzz/ConfigurationFuzz.swift ;;
        patterns) echo "$all" Tests/Fuzz/PatternsFuzz.swift ;;
        runtime) echo "$all" Tests/Fuzz/RuntimeFuzz.swift ;;
        *) echo "run.sh: no target '$1'" >&2; return 2 ;;
    esac
}

room_of() {
    case $1 in
        objects | manifests) echo Kubernetes ;;
        configuration | patterns) echo Model ConfigLanguage ;;
        runtime) echo Model Wire Engine ConfigLanguage Admin ;;
        *) echo Wire ;;
    esac
}

# The rooms as they are shipped (optimised, bounds and overflow checked), with coverage and address checks.
instrument() {
    swift build -c release --scratch-path "$build" --target "$1" --quiet \
        -Xswiftc -sanitize=fuzzer,address -Xcc -fsanitize=fuzzer-no-link,address
}

# Without those of sources that are gone: an earlier build leaves them behind.
objects_of() {
    local object name
    for object in "$build/release/$1.build"/*.o; do
        name=$(basename "$object" .o)
        case $name in *.swift) [ -n "$(find "Sources/$1" -name "$name" -print -quit)" ] || continue ;; esac
        echo "$object"
    done
}

compile() {
    local target=$1 objects=()
    for room in Basics CSystem $(room_of "$target"); do mapfile -t -O ${#objects[@]} objects < <(objects_of "$room"); done
    swiftc -O -wmo -parse-as-library -swift-version 6 -sanitize=fuzzer,address -static-stdlib -use-ld=lld \
        -I "$build/release/Modules" -I Sources/COpenSSL -I Sources/CZlib -I Sources/CBrotli -I Sources/CZstd -I Sources/CPCRE2 \
        -I Sources/CNghttp2 -I Sources/CCurl -I Sources/CYAML \
        -Xcc "-fmodule-map-file=$build/release/CSystem.build/module.modulemap" -module-name "Fuzz_$target" \
        $(sources_of "$target") "${objects[@]}" \
        -lssl -lcrypto -lz -lbrotlienc -lzstd -lnghttp2 -lpcre2-8 -lcurl -lyaml -lresolv -lcrypt -o "$work/$target"
}

for target in "${targets[@]}"; do sources_of "$target" >/dev/null; done
for room in $(for target in "${targets[@]}"; do room_of "$target"; done | sort -u); do instrument "$room"; done

for target in "${targets[@]}"; do
    compile "$target"
    mkdir -p "$work/corpus-$target"
    options=(-max_total_time=$((seconds / ${#targets[@]})) -timeout=5 -rss_limit_mb=2048 -print_final_stats=1)
    [ ! -e "Tests/Fuzz/$target.dict" ] || options+=("-dict=Tests/Fuzz/$target.dict")
    if ! "$work/$target" "${options[@]}" "-artifact_prefix=$work/$target-" "$work/corpus-$target" \
        "Tests/Fuzz/seeds/$target" >"$work/$target.log" 2>&1; then
        tail -n 40 "$work/$target.log" >&2
        echo "run.sh: finding in $target, see $work/$target-*" >&2
        exit 1
    fi
    awk -v target="$target" '/number_of_executed_units/ { runs = $2 } /cov:/ { for (i = 1; i < NF; i++)
        if ($i == "cov:") cov = $(i + 1) } END { printf "%-10s %9d inputs, %5d edges, no finding\n", target, runs, cov }' \
        "$work/$target.log"
done
