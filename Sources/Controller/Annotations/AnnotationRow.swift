/// One row of the table of annotations: a setting of an Ingress, and what reading, diagnostics and documentation have to know
/// of it besides.
struct AnnotationRow: Sendable {
    /// How it is read, and what it is called.
    let setting: SettingRow<AnnotationValues>
    /// What it is about.
    let scope: Scope
    /// When it acts.
    let phase: Phase
    /// How much harm the owner of an Ingress could do with it.
    let risk: Risk
    /// What a value that is not of its form does.
    let whenInvalid: Failure
    /// Whether it does here what it does elsewhere.
    let standing: Standing

    enum Scope: String, Sendable {
        case path
        case backend
        case host
        case global
    }

    /// Whether it holds text of nginx's configuration.
    var isSnippet: Bool { setting.names.contains { $0.text.hasSuffix("-snippet") } }

    /// Whether it is about who servers are.
    var verifiesServers: Bool {
        setting.names.contains { $0.text.hasPrefix("proxy-ssl-") || $0.text == "server-ca" }
    }

    /// In the order of ingress-nginx.
    enum Phase: String, Sendable, CaseIterable {
        case connection
        case redirect
        case limits
        case access
        case proxying
        case answer
        case logging
    }

    enum Risk: String, Sendable {
        case low
        case medium
        case high
        case critical
    }

    /// What becomes of an Ingress whose annotation can not be used.
    enum Failure: Sendable, Equatable {
        /// The whole Ingress is left out, as ingress-nginx does.
        case leavesIngressOut
        /// The Ingress's paths are answered 503: whoever they were guarded from stays outside.
        case refusesPaths
        /// It is as if it had not been said.
        case fallsBack
    }

    enum Standing: Sendable, Equatable {
        case honoured
        /// And how.
        case differs(String)
        /// Not here, and why; what is to be done with an Ingress that says it.
        case refused(String, Failure)
    }

    init(
        _ setting: SettingRow<AnnotationValues>, scope: Scope = .path, phase: Phase, risk: Risk = .low,
        whenInvalid: Failure = .leavesIngressOut, differs: String? = nil
    ) {
        (self.setting, self.scope, self.phase, self.risk) = (setting, scope, phase, risk)
        self.whenInvalid = whenInvalid
        standing = differs.map { .differs($0) } ?? .honoured
    }

    /// An annotation of ingress-nginx that nothing is done with.
    init(
        _ name: String, _ standing: Standing, scope: Scope = .path, phase: Phase = .proxying,
        risk: Risk = .low, _ sentence: String
    ) {
        setting = SettingRow(withoutMeaning: .nginx(name), .own(name), because: sentence)
        (self.scope, self.phase, self.risk, self.standing) = (scope, phase, risk, standing)
        whenInvalid = .fallsBack
    }

    /// The same of the HAProxy controllers.
    init(haproxy name: String, _ standing: Standing) {
        setting = SettingRow(withoutMeaning: .haproxy(name), because: "")
        (scope, phase, risk, self.standing) = (.path, .proxying, .low, standing)
        whenInvalid = .fallsBack
    }
}
