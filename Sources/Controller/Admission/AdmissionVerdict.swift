import Basics
public import Kubernetes

/// What is answered to a review.
public struct AdmissionVerdict: Sendable, Equatable {
    /// What became of the object.
    public var outcome = Outcome.notOurs
    /// Why it may not be written: one sentence each, with object, field and way out.
    public var problems: [String] = []
    /// What its owner should know all the same.
    public var warnings: [String] = []

    /// What can become of an object.
    public enum Outcome: String, Sendable, CaseIterable {
        case allowed
        case denied
        /// Nothing that is served here: allowed unread.
        case notOurs = "not-ours"
    }

    /// The longest warning that the API server passes on whole, and the most of all together.
    private static let longestWarning = 250
    private static let mostWarnings = 12
    private static let mostProblems = 8

    /// Nothing of ours.
    public init() {}

    init(problems: [String], warnings: [String]) {
        outcome = problems.isEmpty ? .allowed : .denied
        (self.problems, self.warnings) = (problems, warnings)
    }

    /// The AdmissionReview that says it.
    public func answer(to review: AdmissionReview) -> [UInt8] {
        var writer = JSONWriter()
        writer.object { writer in
            writer.field("apiVersion", "admission.k8s.io/v1")
            writer.field("kind", "AdmissionReview")
            writer.field("response") { $0.object { writeResponse(review.uid, to: &$0) } }
        }
        return writer.bytes
    }

    private func writeResponse(_ uid: String, to writer: inout JSONWriter) {
        writer.field("uid", uid)
        writer.field("allowed", outcome != .denied)
        if outcome == .denied {
            writer.field("status") { writer in
                writer.object { writer in
                    writer.field("code", 422)
                    writer.field("reason", "Invalid")
                    writer.field("message", message)
                }
            }
        }
        let shown = warnings.prefix(AdmissionVerdict.mostWarnings).map(AdmissionVerdict.shortened)
        guard !shown.isEmpty else { return }
        let rest = warnings.count - shown.count
        writer.field("warnings") { $0.list(rest > 0 ? shown + ["and \(rest) more"] : shown) }
    }

    private var message: String {
        let rest = problems.count - AdmissionVerdict.mostProblems
        return problems.prefix(AdmissionVerdict.mostProblems).joined(separator: "; ")
            + (rest > 0 ? "; and \(rest) more" : "")
    }

    private static func shortened(_ text: String) -> String {
        guard text.utf8.count > longestWarning else { return text }
        var cut = text.prefix(longestWarning - 3)
        while cut.utf8.count > longestWarning - 3 { cut.removeLast() }
        return "\(cut)..."
    }
}
