// swift-tools-version: 6.2
import PackageDescription

// The house: see README.md ("The rooms"). A target may import only what stands in its `dependencies`; the build is
// run with `--explicit-target-dependency-import-check error`, and Tests/HouseTests holds the rest of the rules.

let settings: [SwiftSetting] = [
    // https://github.com/swiftlang/swift-evolution/blob/main/proposals/0335-existential-any.md
    .enableUpcomingFeature("ExistentialAny"),
    // https://github.com/swiftlang/swift-evolution/blob/main/proposals/0409-access-level-on-imports.md
    .enableUpcomingFeature("InternalImportsByDefault"),
    // https://github.com/swiftlang/swift-evolution/blob/main/proposals/0444-member-import-visibility.md
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableExperimentalFeature("Lifetimes"),
    .treatAllWarnings(as: .error),
    // Dynamic exclusivity checks cost 4-20 ns per access to a container inside a class; the static ones stay on.
    // Cross-module optimisation specialises Slab and FixedArray for the engine: 1,000 instructions per request.
    .unsafeFlags(
        ["-enforce-exclusivity=unchecked", "-cross-module-optimization"], .when(configuration: .release)),
]

func room(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
    .target(name: name, dependencies: dependencies, swiftSettings: settings)
}

func tests(_ name: String, _ dependencies: [Target.Dependency], resources: [Resource] = []) -> Target {
    .testTarget(name: name, dependencies: dependencies, resources: resources, swiftSettings: settings)
}

// Printed by `sluice version`; scripts/build.sh sets it. Only one small C file depends on it.
let commit = Context.environment["SLUICE_COMMIT"] ?? "unknown"

let package = Package(
    name: "sluice",
    products: [.executable(name: "sluice", targets: ["Command"])],
    targets: [
        .systemLibrary(name: "COpenSSL", pkgConfig: "openssl"),
        .systemLibrary(name: "CZlib", pkgConfig: "zlib"),
        .systemLibrary(name: "CBrotli", pkgConfig: "libbrotlienc"),
        .systemLibrary(name: "CZstd", pkgConfig: "libzstd"),
        .systemLibrary(name: "CPCRE2", pkgConfig: "libpcre2-8"),
        .systemLibrary(name: "CCurl", pkgConfig: "libcurl"),
        .systemLibrary(name: "CYAML", pkgConfig: "yaml-0.1"),
        .systemLibrary(name: "CNghttp2", pkgConfig: "libnghttp2"),
        .target(
            name: "CSystem", dependencies: ["COpenSSL", "CCurl"],
            cSettings: [.define("_GNU_SOURCE"), .define("SLUICE_COMMIT", to: "\"\(commit)\"")],
            // Readers of DNS answers; part of glibc, as libcurl's need for it shows.
            linkerSettings: [.linkedLibrary("resolv"), .linkedLibrary("crypt")]),

        room("Basics", []),
        room("Model", ["Basics"]),
        room("Wire", ["Basics", "CSystem", "COpenSSL", "CZlib", "CBrotli", "CZstd", "CNghttp2", "CPCRE2"]),
        room("Engine", ["Basics", "Wire", "Model"]),
        room("ConfigLanguage", ["Basics", "Model"]),
        room("Kubernetes", ["Basics", "CSystem", "CCurl", "CYAML"]),
        room("Controller", ["Basics", "CSystem", "Model", "Kubernetes"]),
        room("Admin", ["Basics", "Model", "Wire", "Engine"]),
        .executableTarget(
            name: "Command",
            dependencies: [
                "Basics", "Model", "Wire", "Engine", "ConfigLanguage", "Kubernetes", "Controller", "Admin",
                "COpenSSL", "CSystem",
            ],
            swiftSettings: settings),

        // Only tests decompress; `path` keeps it out of the rooms.
        .systemLibrary(name: "CBrotliDecoder", path: "Tests/CBrotliDecoder", pkgConfig: "libbrotlidec"),
        tests("BasicsTests", ["Basics"]),
        tests("ModelTests", ["Basics", "Model"]),
        tests("WireTests", ["Basics", "Wire", "CSystem", "COpenSSL", "CZlib", "CZstd", "CBrotliDecoder"]),
        tests("EngineTests", ["Basics", "Wire", "Model", "Engine", "COpenSSL", "CZlib"]),
        tests("ConfigLanguageTests", ["Basics", "Model", "ConfigLanguage"]),
        tests("KubernetesTests", ["Basics", "Kubernetes"]),
        tests("ControllerTests", ["Basics", "Model", "Kubernetes", "Controller"]),
        tests("AdminTests", ["Basics", "Model", "Wire", "Engine", "Admin"]),
        tests("CommandTests", ["Basics", "Model", "Wire", "Kubernetes", "Controller", "Admin", "Command"]),
        tests("HouseTests", []),
    ]
)
