import Model

/// What of an Ingress's requests is logged.
struct RequestLogging: Sendable, Equatable {
    var isOn = true

    static let rows: [AnnotationRow] = [
        AnnotationRow(
            SettingRow(
                .nginx("enable-access-log"), .own("enable-access-log"), form: .bool, fallback: "true",
                "Whether requests of its paths have a line in the log."
            ) { $0.logging.isOn = $1 },
            phase: .logging, differs: "those that are refused for the length of their body have one anyway"),
        AnnotationRow(
            SettingRow(
                .nginx("enable-rewrite-log"), .own("enable-rewrite-log"), form: .bool, fallback: "false",
                "Whether rewrites are logged."
            ) { _, _ in },
            phase: .logging, differs: "they never are; `sluice explain` tells what a request meets"),
    ]

    /// The rules about all requests.
    var first: [HTTPRule] { isOn ? [] : [HTTPRule(.setLogLevel(nil))] }
}
