import Basics
import Model

extension CheckWording {
    /// A failure of the expectation as it is told: in the words of the configuration, or in these. `reason` stands in place of both.
    func failure(
        _ usual: CheckStatus, _ words: String, reason: String? = nil, code: Int = 0, _ scene: CheckScene,
        _ received: ByteView = .empty
    ) -> CheckResult {
        var info = reason ?? words
        if reason == nil, let failureText {
            info = String(decoding: scene.text(failureText, received), as: UTF8.self)
        }
        if !comment.isEmpty { info += " comment: \(comment)" }
        return CheckResult(
            reason == nil ? failure.map { CheckStatus($0) } ?? usual : usual,
            code: self.code.flatMap { scene.number($0, received) } ?? code, info: info)
    }

    /// A check that ends well with the expectation.
    func success(
        _ words: String, code: Int = 0, _ scene: CheckScene, _ received: ByteView = .empty
    ) -> CheckResult {
        let info = successText.map { String(decoding: scene.text($0, received), as: UTF8.self) } ?? words
        return CheckResult(
            success.map { CheckStatus($0) } ?? .passed,
            code: self.code.flatMap { scene.number($0, received) } ?? code, info: info)
    }
}

extension CheckStatus {
    /// What the configuration calls it.
    init(_ verdict: CheckVerdict) { self = CheckStatus(rawValue: verdict.rawValue) ?? .badAnswer }
}
