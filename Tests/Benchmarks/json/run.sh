#!/bin/sh
# Measures how fast Kubernetes objects are read from JSON: builds release, links the benchmark to it, prints MB/s.
set -eu
cd "$(dirname "$0")/../../.."
swift build -c release --target Kubernetes
build=$(swift build -c release --show-bin-path)
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
swiftc -O -swift-version 6 -enable-experimental-feature Lifetimes -I "$build/Modules" -I Sources/CSystem/include \
    -Xcc -fmodule-map-file="$build/CSystem.build/module.modulemap" -I Sources/CCurl -I Sources/CYAML -I Sources/COpenSSL \
    Tests/Benchmarks/json/main.swift "$build"/Basics.build/*.o "$build"/Kubernetes.build/*.o "$build"/CSystem.build/*.o \
    -lcurl -lyaml -lssl -lcrypto -lresolv -o "$scratch/json"
"$scratch/json"
