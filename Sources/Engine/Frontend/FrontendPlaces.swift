import Model

/// The frontends, each at a place that clients, listeners and limits refer to: it stays its name's for good.
struct FrontendPlaces {
    /// The most names there can be in a process's life.
    static let most = 1_024

    /// By place. One that is gone listens nowhere; its clients stay what they were.
    private(set) var models: [Frontend] = []
    private var isPresent: [Bool] = []
    private var known: [String: Int] = [:]

    init(_ frontends: [Frontend]) { _ = adopt(frontends) }

    /// Takes over what there is now; answers what there is no place for.
    mutating func adopt(_ frontends: [Frontend]) -> [Frontend] {
        var refused: [Frontend] = []
        var present: Set<Int> = []
        for frontend in frontends {
            guard let place = place(of: frontend.name), present.insert(place).inserted else {
                refused.append(frontend)
                continue
            }
            if place == models.count { models.append(frontend) } else { models[place] = frontend }
        }
        for place in models.indices where !present.contains(place) { models[place].binds = [] }
        isPresent = models.indices.map { present.contains($0) }
        return refused
    }

    /// Those that there are now.
    var present: [Frontend] { models.indices.filter { isPresent[$0] }.map { models[$0] } }

    private mutating func place(of name: String) -> Int? {
        if let place = known[name] { return place }
        guard models.count < FrontendPlaces.most else { return nil }
        known[name] = models.count
        return models.count
    }
}
