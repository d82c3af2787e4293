/// What a request wants of HAProxy's exporter: the parameters of 3.2. Others are passed over, and so is `extra-counters`, since there are
/// none of those here.
struct ExporterQuery: Equatable {
    /// `scope=`, of which there may be several.
    private(set) var scopes = Set(Scope.allCases)
    /// `no-maint`: servers in maintenance are left out.
    private(set) var hidesMaintenance = false
    /// `desc-labels`: what sections are described as is a label.
    private(set) var addsDescriptions = false
    /// `metrics=`: whether families of these names are told; others are unless one was asked for.
    private var wanted: [String: Bool] = [:]
    private var isSelective = false

    /// What there are families of.
    enum Scope: String, CaseIterable {
        case global, frontend, listener, backend, server
        case sticktable, resolver

        /// Parts of HAProxy that have families of their own are meant by whatever begins with their name.
        fileprivate init?(_ word: String) {
            if let scope = Scope(rawValue: word) {
                self = scope
            } else if let scope = [Scope.sticktable, .resolver].first(where: { word.hasPrefix($0.rawValue) })
            {
                self = scope
            } else {
                return nil
            }
        }
    }

    /// What a request's target asks for; nil if that can not be understood.
    init?(_ target: String) {
        guard let start = target.firstIndex(of: "?") else { return }
        let query = target[target.index(after: start)...].prefix { $0 != "#" }
        var scopes: Set<Scope>?
        for pair in query.split(separator: "&") {
            let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard let name = StatisticsForm.decoded(parts[0].utf8) else { return nil }
            var value: String?
            if parts.count == 2 {
                guard !parts[1].contains("="), let decoded = StatisticsForm.decoded(parts[1].utf8) else {
                    return nil
                }
                value = decoded
            }
            switch name {
            case "scope":
                guard let value, let known = ExporterQuery.scopes(value, after: scopes ?? []) else {
                    return nil
                }
                scopes = known
            case "metrics":
                guard let value else { return nil }
                filter(value)
            case "no-maint": hidesMaintenance = true
            case "desc-labels": addsDescriptions = true
            default: break
            }
        }
        if let scopes { self.scopes = scopes }
    }

    /// Whether a family is wanted.
    func wants(_ family: String) -> Bool { wanted[family] ?? !isSelective }

    /// With a scope, or with none after an empty word; nil if there is no such scope.
    private static func scopes(_ word: String, after scopes: Set<Scope>) -> Set<Scope>? {
        if word.isEmpty { return [] }
        if word == "*" { return Set(Scope.allCases) }
        return Scope(word).map { scopes.union([$0]) }
    }

    /// Names behind commas; `-` before one leaves it out.
    private mutating func filter(_ names: String) {
        for name in names.split(separator: ",") {
            let isLeftOut = name.hasPrefix("-")
            let family = isLeftOut ? name.dropFirst() : name
            guard !family.isEmpty else { continue }
            wanted[String(family)] = !isLeftOut
            if !isLeftOut { isSelective = true }
        }
    }
}
