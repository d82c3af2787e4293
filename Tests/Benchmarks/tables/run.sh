#!/bin/sh
# Measures what a stick table costs a request, on one thread and on two: builds release, compiles the table with the benchmark.
set -eu
cd "$(dirname "$0")/../../.."
swift build -c release --target Wire
swift build -c release --target Model
build=$(swift build -c release --show-bin-path)
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
swiftc -O -wmo -enforce-exclusivity=unchecked -cross-module-optimization -swift-version 6 \
    -enable-upcoming-feature ExistentialAny -enable-upcoming-feature MemberImportVisibility \
    -enable-experimental-feature Lifetimes -I "$build/Modules" -I Sources/CSystem/include \
    -Xcc -fmodule-map-file="$build/CSystem.build/module.modulemap" -I Sources/COpenSSL -I Sources/CZlib \
    -I Sources/CBrotli -I Sources/CZstd -I Sources/CNghttp2 -I Sources/CPCRE2 -I Sources/CCurl \
    Tests/Benchmarks/tables/main.swift Sources/Engine/Tables/*.swift "$build"/Basics.build/*.o "$build"/Model.build/*.o \
    "$build"/Wire.build/*.o "$build"/CSystem.build/*.o \
    -lcurl -lssl -lcrypto -lz -lbrotlienc -lzstd -lnghttp2 -lpcre2-8 -lresolv -o "$scratch/tables"
"$scratch/tables"
