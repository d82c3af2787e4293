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
            "client-body-buffer-size", .refused("bodies are never spooled to disk", .fallsBack),
            phase: .limits, "bodies are streamed through buffers of the engine's own"),
    ]
}
