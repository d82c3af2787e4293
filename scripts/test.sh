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
all_stages=(lint address release scenarios thread fuzz gate)
# By name only: `build` and `unit` are for the desk, and `address` builds and runs the same under the sanitizer; `manifests`
# downloads a checker from PyPI.
extra_stages=(build unit manifests)

title_of() {
    case $1 in
        lint) echo "format and lint" ;;
        build) echo "debug build, warnings are errors, imports checked" ;;
        unit) echo "unit tests, goldens and the rules of the house" ;;
        release) echo "release build" ;;
        manifests) echo "manifests against the schemas of the Kubernetes API" ;;
        scenarios) echo "scenarios against the release binary" ;;
        address) echo "debug build, unit tests, goldens, the rules of the house and short scenarios under the address sanitizer, leaks too" ;;
        thread) echo "unit tests and short scenarios under the thread sanitizer" ;;
        fuzz) echo "fuzzers, 60 s in all" ;;
        gate) echo "instructions, retains, mallocs and system calls per request" ;;
        *) return 1 ;;
    esac
}

lint() { swift format lint --strict --recursive Package.swift Sources Tests; }

build() { swift build --build-tests "${check[@]}"; }

unit() { swift_test unit --skip-build; }

release() { scripts/build.sh; }

manifests() { scripts/validate-manifests.sh; }

scenarios() { pytest scenarios; }

address() {
    swift_test address --sanitize=address --scratch-path .build/address "${check[@]}" &&
        SLUICE_BINARY="$PWD/.build/address/debug/sluice" instrumented address-scenarios
}

thread() {
    export TSAN_OPTIONS="suppressions=$PWD/scripts/thread-sanitizer.txt"
    swift_test thread --sanitize=thread --scratch-path .build/thread "${check[@]}" &&
        SLUICE_BINARY="$PWD/.build/thread/debug/sluice" instrumented thread-scenarios
}

fuzz() { Tests/Fuzz/run.sh 60; }

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

# pytest NAME ARGUMENTS…: NAME.xml holds the results. Scenarios wait more than they work, so files run side by side.
pytest() {
    local name=$1
    shift
    /usr/bin/python3 -m pytest Tests/Simulator Tests/Scenarios -q -p no:cacheprovider --numprocesses $(($(nproc) + 1)) --dist loadfile \
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
for stage in "${stages[@]}"; do
    # In a subshell, so that its exports end with it.
    (run_stage "$stage") || { status=1; break; }
done

printf '\n== all in %s s\n' "$SECONDS"
/usr/bin/python3 scripts/totals.py "$results" || status=1
exit $status
