#!/bin/sh
# Measures what translation costs: builds release, links the benchmark to it, prints milliseconds against their bars.
set -eu
cd "$(dirname "$0")/../../.."
swift build -c release --target Controller
build=$(swift build -c release --show-bin-path)
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
swiftc -O -swift-version 6 -I "$build/Modules" -I Sources/CSystem/include \
    -Xcc -fmodule-map-file="$build/CSystem.build/module.modulemap" -I Sources/CCurl -I Sources/CYAML -I Sources/COpenSSL \
    Tests/Benchmarks/translate/main.swift "$build"/Basics.build/*.o "$build"/Model.build/*.o "$build"/Kubernetes.build/*.o \
    "$build"/Controller.build/*.o "$build"/CSystem.build/*.o -lcurl -lyaml -lssl -lcrypto -lresolv -o "$scratch/translate"
"$scratch/translate" "$@"
