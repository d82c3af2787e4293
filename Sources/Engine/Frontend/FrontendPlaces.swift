import Model

/// The frontends, each at a place that clients, listeners and limits refer to: it stays its name's while they do, and until another
/// name needs it.
struct FrontendPlaces {
    /// The most names there can be at a time; those that clients of frontends that are gone refer to count.
    static let most = 1_024

    /// By place. One that is gone listens nowhere; its clients stay what they were.
    private(set) var models: [Frontend] = []
    private var isPresent: [Bool] = []
    private var known: [String: Int] = [:]

    init(_ frontends: [Frontend]) { _ = adopt(frontends) }

    /// Takes over what there is now; answers what there is no place for. Places among `free` whose frontends are gone are given to
    /// others.
    mutating func adopt(_ frontends: [Frontend], free: Set<Int> = []) -> [Frontend] {
        var refused: [Frontend] = []
        var present: Set<Int> = []
        var free = free.filter { !isPresent[$0] }.sorted(by: >)
        for frontend in frontends {
            while let last = free.last, present.contains(last) { free.removeLast() }
            guard let place = place(of: frontend.name, &free), present.insert(place).inserted else {
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

    /// The places of those that are gone.
    var absent: [Int] { models.indices.filter { !isPresent[$0] } }

    private mutating func place(of name: String, _ free: inout [Int]) -> Int? {
        if let place = known[name] { return place }
        if let place = free.popLast() {
            known[models[place].name] = nil
            known[name] = place
            return place
        }
        guard models.count < FrontendPlaces.most else { return nil }
        known[name] = models.count
        return models.count
    }
}
