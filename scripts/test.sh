#!/usr/bin/env bash
# Everything CI checks, the cheapest truth first; stops at the first stage that fails.
#
#   scripts/test.sh                 all stages
#   scripts/test.sh lint unit       only these, in this order
#
# The last line is `N passed, N failed`, summed over all runners (swift test, pytest) and stages.
set -euo pipefail
cd "$(dirname "$0")/.."
# Debian keeps nginx, chroot and others out of the path of plain users.
export PATH="$PATH:/usr/sbin:/sbin"

check=(--explicit-target-dependency-import-check error)
results=out/results
all_stages=(lint address release manifests scenarios thread fuzz gate)
# By name only, for the desk: `address` builds and runs the same under the sanitizer.
extra_stages=(build unit)
# Process and status of what goes on beside the stages, if anything does.
beside=
beside_status=$results/manifests.status

title_of() {
    case $1 in
        lint) echo "format and lint" ;;
        build) echo "debug build, warnings are errors, imports checked" ;;
        unit) echo "unit tests, goldens and the rules of the house" ;;
        release) echo "release build" ;;
        manifests) echo "manifests and the chart against the schemas of the Kubernetes API and policies" ;;
        scenarios) echo "scenarios against the release binary" ;;
        address) echo "debug build, unit tests, goldens, the rules of the house and short scenarios under the address sanitizer, leaks too" ;;
        thread) echo "unit tests and short scenarios under the thread sanitizer" ;;
        fuzz) echo "fuzzers, five minutes in all" ;;
        gate) echo "instructions, retains, mallocs and system calls per request" ;;
        *) return 1 ;;
    esac
}

lint() { swift format lint --strict --recursive Package.swift Sources Tests; }

build() { swift build --build-tests "${check[@]}"; }

unit() { swift_test unit --skip-build; }

release() { scripts/build.sh; }

# Its tools come from PyPI. When it is asked for by name they have to be had; among all stages it began with the first of them.
manifests() {
    if [ -z "$beside" ]; then scripts/validate-manifests.sh; return; fi
    while [ ! -e "$beside_status" ] && kill -0 "$beside" 2>/dev/null; do sleep 1; done
    cat "$results/manifests.log"
    case $(cat "$beside_status") in
        0) ;;
        124) echo "not done after 15 minutes" >&2; return 1 ;;
        75) echo "not checked: the tools can not be downloaded here" ;;
        *) return 1 ;;
    esac
}

# Downloads wait more than they work, so this goes on beside the first stages, behind whatever else wants a processor.
begin_manifests() {
    (
        status=0
        timeout 900 nice -n 19 scripts/validate-manifests.sh >"$results/manifests.log" 2>&1 &
        checker=$!
        trap 'kill "$checker" 2>/dev/null; exit 1' TERM
        wait "$checker" || status=$?
        echo $status >"$beside_status.new" && mv "$beside_status.new" "$beside_status"
    ) &
    beside=$!
    trap 'kill "$beside" 2>/dev/null || true' EXIT
}

# They wait most of their time: for programs that start, and for time-outs.
scenarios() { processes=$((2 * $(nproc) + 1)) pytest scenarios; }

address() {
    swift_test address --sanitize=address --scratch-path .build/address "${check[@]}" &&
        SLUICE_BINARY="$PWD/.build/address/debug/sluice" instrumented address-scenarios
}

thread() {
    export TSAN_OPTIONS="suppressions=$PWD/scripts/thread-sanitizer.txt"
    swift_test thread --sanitize=thread --scratch-path .build/thread "${check[@]}" &&
        SLUICE_BINARY="$PWD/.build/thread/debug/sluice" instrumented thread-scenarios
}

# Decoders share a minute; what operators and peers write has one each.
fuzz() {
    Tests/Fuzz/run.sh 60 request response chunks fastcgi proxy hello objects manifests &&
        Tests/Fuzz/run.sh 240 configuration patterns runtime peers
}

gate() { scripts/packages.sh gate && /usr/bin/python3 Tests/Benchmarks/instructions.py; }

# swift_test NAME ARGUMENTS…: NAME.log holds what it said, NAME-swift-testing.xml the results.
swift_test() {
    local name=$1 status=0
    shift
    swift test --disable-xctest --xunit-output "$results/$name.xml" "$@" >"$results/$name.log" 2>&1 || status=$?
    grep -E '^[✔✘] Test run with' "$results/$name.log" || true
    [ $status = 0 ] && return
    grep -E -A 3 '^✘ Test .* recorded an issue|error:|Sanitizer' "$results/$name.log" | head -n 200 >&2
    echo "all of it: $results/$name.log" >&2
    return $status
}

# The short scenarios, but for those that judge the memory of the process.
instrumented() { pytest "$1" -m sanitizer -k "not our_memory"; }

# pytest NAME ARGUMENTS…: NAME.xml holds the results. Scenarios wait more than they work, so files run side by side, in `processes`.
pytest() {
    local name=$1
    shift
    /usr/bin/python3 -m pytest Tests/Simulator Tests/Scenarios -q -p no:cacheprovider --numprocesses "${processes:-$(($(nproc) + 1))}" --dist loadfile \
        --junitxml "$results/$name.xml" "$@"
}

# `set -e` does not hold inside a stage, because its success is asked for: join a stage's commands with &&.
run_stage() {
    local started=$SECONDS
    printf '\n== %s: %s\n' "$1" "$(title_of "$1")"
    if "$1"; then
        echo "== $1: done in $((SECONDS - started)) s"
    else
        echo "== $1: FAILED after $((SECONDS - started)) s" >&2
        return 1
    fi
}

stages=("$@")
[ $# -gt 0 ] || stages=("${all_stages[@]}")
for stage in "${stages[@]}"; do
    title_of "$stage" >/dev/null || { echo "test.sh: no stage '$stage' (${all_stages[*]} ${extra_stages[*]})" >&2; exit 2; }
done

echo "== packages"
scripts/packages.sh build test
rm -rf "$results"
mkdir -p "$results"

status=0
if [ $# = 0 ]; then begin_manifests; fi
for stage in "${stages[@]}"; do
    # In a subshell, so that its exports end with it.
    (run_stage "$stage") || { status=1; break; }
done

if [ -n "$beside" ]; then
    # What began with the stages ends with them.
    [ $status = 0 ] || kill "$beside" 2>/dev/null || true
    wait "$beside" || true
    trap - EXIT
fi
printf '\n== all in %s s\n' "$SECONDS"
/usr/bin/python3 scripts/totals.py "$results" || status=1
exit $status
