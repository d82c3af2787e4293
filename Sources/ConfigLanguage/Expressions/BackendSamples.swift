import Model

/// Samples of backends and servers: `nbsrv(app)`, `srv_is_up(app/s1)`.
enum BackendSamples {
    static let fetches: [(String, FetchTable.Reader)] = BackendFact.allCases.map { fact in
        (
            fact.rawValue,
            { arguments throws(Refusal) in
                let read = try fact.isOfServer ? ofServer(fact, &arguments) : ofBackend(fact, &arguments)
                try arguments.patternFiles().files.note(read)
                return .ofBackend(read)
            }
        )
    }

    /// The one named, else the section's own.
    private static func ofBackend(_ fact: BackendFact, _ arguments: inout ArgumentReader) -> BackendRead {
        BackendRead(fact, of: BackendName(arguments.takeIfAny()?.text ?? arguments.section))
    }

    private static func ofServer(
        _ fact: BackendFact, _ arguments: inout ArgumentReader
    ) throws(Refusal) -> BackendRead {
        let name = try arguments.take("a server, as BACKEND/SERVER or SERVER").text
        guard let slash = name.firstIndex(of: "/") else {
            return BackendRead(fact, of: BackendName(arguments.section), server: name)
        }
        return BackendRead(
            fact, of: BackendName(String(name[..<slash])), server: String(name[name.index(after: slash)...]))
    }
}
