import Basics

/// Rows, found by their names.
struct SettingTable<Target: Sendable>: Sendable {
    /// In the order of documentation; values are taken over in this order, so that a later row may refine an earlier one.
    let rows: [SettingRow<Target>]
    private let places: [SettingName: Int]

    /// A table of rows whose names are all different.
    init(_ rows: [SettingRow<Target>]) {
        self.rows = rows
        var places: [SettingName: Int] = [:]
        for (place, row) in rows.enumerated() {
            for name in row.names where places[name] == nil { places[name] = place }
        }
        self.places = places
    }

    /// The row of a name in one dialect.
    func row(of name: SettingName) -> SettingRow<Target>? { places[name].map { rows[$0] } }

    /// Takes over values from where every dialect may be spoken, as in a ConfigMap: our own words first. Each is judged by
    /// itself; what is wrong is answered by name.
    func take(_ values: [String: String], into target: inout Target) -> [SettingProblem] {
        var problems: [SettingProblem] = []
        var found: [(place: Int, rank: Int, name: SettingName, value: String)] = []
        for (text, value) in values {
            guard let (name, place) = lookup(text) else {
                problems.append(SettingProblem(text, .unknown(nearest: nearest(to: text))))
                continue
            }
            let rank = rows[place].names.firstIndex(of: name) ?? 0
            found.append((place, rank, name, value))
        }
        var last: (place: Int, name: String)?
        for entry in found.sorted(by: { ($0.place, $0.rank) < ($1.place, $1.rank) }) {
            let row = rows[entry.place]
            if let last, last.place == entry.place, row.hasMeaning {
                problems.append(SettingProblem(entry.name.text, .shadowed(by: last.name)))
                continue
            }
            if let problem = row.take(entry.value, as: entry.name, into: &target) {
                problems.append(problem)
            } else {
                last = (entry.place, entry.name.text)
            }
        }
        return problems.sorted { $0.name < $1.name }
    }

    /// The row of a key in whatever dialect.
    func row(named text: String) -> SettingRow<Target>? { lookup(text).map { rows[$0.place] } }

    /// The key somebody probably meant; nil if none is near.
    func nearest(to text: String) -> String? {
        let names = rows.lazy.filter(\.hasMeaning).flatMap { row in row.names.map(\.text) }.sorted()
        guard let match = Nearest.match(text, among: names) else { return nil }
        return Nearest.distance(text, match) <= 3 ? match : nil
    }

    private func lookup(_ text: String) -> (SettingName, place: Int)? {
        for dialect in SettingName.Dialect.allCases {
            let name = SettingName(text: text, dialect: dialect)
            if let place = places[name] { return (name, place) }
        }
        return nil
    }
}
