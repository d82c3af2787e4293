import Model

/// Who of a backend takes requests, kept while verdicts are taken in: a mass of them costs one look at the backend.
struct HealthCensus {
    private let models: [Server: Server]
    private(set) var active = 0
    private(set) var backup = 0

    init(_ backend: Publisher.PublishedBackend) {
        models = Dictionary(backend.model.servers.map { ($0.asIdentity, $0) }) { first, _ in first }
        for (identity, model) in models {
            count(model, backend.checks[identity]?.condition ?? ServerCondition(), by: 1)
        }
    }

    /// A server's configuration; nil if there is no such server.
    func model(_ identity: Server) -> Server? { models[identity] }

    var isEmpty: Bool { active == 0 && backup == 0 }

    /// Something else has become of a server.
    mutating func change(_ model: Server, from before: ServerCondition, to after: ServerCondition) {
        count(model, before, by: -1)
        count(model, after, by: 1)
    }

    private mutating func count(_ model: Server, _ condition: ServerCondition, by number: Int) {
        var adjusted = model
        condition.adjust(&adjusted)
        guard condition.isUp, adjusted.weight > 0, !model.isWithoutAddress else { return }
        if model.isBackup { backup += number } else { active += number }
    }
}
