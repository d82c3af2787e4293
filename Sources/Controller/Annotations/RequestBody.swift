/// How much clients may send.
struct RequestBody: Sendable, Equatable {
    /// Bytes; 0 is no limit.
    var limit: Int64?

    static let rows: [AnnotationRow] = [
        AnnotationRow(
            SettingRow(
                .nginx("proxy-body-size"), .own("proxy-body-size"), form: .size(), fallback: "no limit",
                "Refuses longer request bodies with 413, told or streamed; `0` is no limit."
            ) { $0.body.limit = $1 },
            phase: .limits, risk: .medium, whenInvalid: .fallsBack,
            differs: "without the annotation there is no limit (ingress-nginx: 1m)"),
        AnnotationRow(
            SettingRow(
                .nginx("client-body-buffer-size"), .own("client-body-buffer-size"),
                form: .line("a size"), fallback: "8k",
                "How much of a body is held in memory before a file takes it."
            ) { _, _ in },
            phase: .limits, whenInvalid: .fallsBack,
            differs: "bodies pass through buffers of the engine's own, and are never written to disk"),
    ]
}
