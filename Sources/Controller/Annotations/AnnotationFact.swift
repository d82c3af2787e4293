import Kubernetes
import Model

/// One annotation of an Ingress and what it does to requests, for people who ask what happens to theirs.
public struct AnnotationFact: Sendable, Equatable {
    /// As it is written on the Ingress.
    public let key: String
    /// When it acts: `redirect`, `limits`, `access`, …
    public let phase: String
    /// What it does, or why it does nothing.
    public let sentence: String
    /// Whether it does anything.
    public let isHonoured: Bool

    /// Those of an Ingress that are read here, in the order in which they act.
    static func facts(of ingress: Ingress, _ choices: ReadingChoices = ReadingChoices()) -> [AnnotationFact] {
        let reading = AnnotationReading(ingress, choices)
        let told = Dictionary(grouping: reading.diagnostics, by: \.field)
        var found: [(place: Int, fact: AnnotationFact)] = []
        for (key, value) in ingress.meta.annotations where value.contains(where: { !$0.isWhitespace }) {
            guard let name = choices.prefixes.name(of: key), let place = AnnotationTable.place(of: name)
            else {
                continue
            }
            let row = AnnotationTable.rows[place]
            let problem = told["metadata.annotations[\(key)]"]?.first?.message
            found.append(
                (
                    place,
                    AnnotationFact(
                        key: key, phase: row.phase.rawValue,
                        sentence: problem
                            ?? (row.isSnippet ? reading.values.snippet.summary : row.setting.sentence),
                        isHonoured: problem == nil)
                ))
        }
        return found.sorted {
            (rank($0.fact), $0.place, $0.fact.key) < (rank($1.fact), $1.place, $1.fact.key)
        }
        .map(\.fact)
    }

    private static func rank(_ fact: AnnotationFact) -> Int {
        AnnotationRow.Phase(rawValue: fact.phase).flatMap { AnnotationRow.Phase.allCases.firstIndex(of: $0) }
            ?? 0
    }
}
