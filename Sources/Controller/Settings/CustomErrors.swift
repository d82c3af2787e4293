import Kubernetes
import Model

/// Errors that a backend of the cluster writes the answers to, and who serves where there are no servers: ingress-nginx's default backends.
struct CustomErrors: Sendable, Equatable {
    /// nil is what holds for all.
    var statuses: [UInt16]?
    /// Whether servers' answers stay as they are; nil as above.
    var leavesServersAnswers: Bool?
    /// The Service of the Ingress's namespace; nil is the default backend of the flags.
    var service: String?

    /// What holds of an Ingress.
    func over(_ global: CustomErrors) -> CustomErrors {
        CustomErrors(
            statuses: statuses ?? global.statuses,
            leavesServersAnswers: leavesServersAnswers ?? global.leavesServersAnswers, service: service)
    }

    /// Whether a backend has anything to do.
    var isOn: Bool { service != nil || statuses?.isEmpty == false }

    /// What becomes of errors of a path, with the Service that answers; nil is nothing. `isRewritten` says that servers see another path
    /// than the client asked for.
    func delegation(to service: ObjectKey, _ names: TemplateNames, isRewritten: Bool) -> ErrorDelegation {
        var delegation = ErrorDelegation(to: BackendName(ofErrors: service), of: statuses ?? [])
        delegation.leavesServersAnswers = leavesServersAnswers ?? false
        delegation.standsIn = self.service != nil
        delegation.fields = [
            ("X-Format", "$http_accept"), ("X-Original-URI", "$request_uri"), ("X-Namespace", "$namespace"),
            ("X-Ingress-Name", "$ingress_name"), ("X-Service-Name", "$service_name"),
            ("X-Service-Port", "$service_port"),
        ].map { ErrorDelegation.Field($0.0, NginxTemplate($0.1)?.format(names) ?? FormatString([])) }
        // As it was: rules have put another in its place by then.
        if isRewritten, let target = try? Expression(.ofCapture(.target)) {
            delegation.fields[1] = ErrorDelegation.Field(
                "X-Original-URI", FormatString([.sample(target, .encoded)]))
        }
        return delegation
    }
}

extension BackendName {
    private static let errorSuffix = ":ERRORS"

    /// The first port of a Service that writes answers to errors: its own backend, with nothing of what Ingresses want.
    init(ofErrors service: ObjectKey) { self.init("\(service)\(BackendName.errorSuffix)") }

    /// Whether its servers write answers to errors.
    var isOfErrors: Bool { description.hasSuffix(BackendName.errorSuffix) }
}

extension SettingForm where Value == [UInt16] {
    /// Statuses of errors.
    static var errorStatuses: SettingForm {
        SettingForm<Int>.integer(400...599).list(of: "statuses from 400 to 599").map { codes in
            codes.map { UInt16(clamping: $0) }
        }
    }
}

extension SettingForm where Value == String {
    /// The name of an object of the same namespace.
    static var sibling: SettingForm {
        SettingForm(type: "object", expectation: "a name without a namespace") { text, _ in
            ObjectReference(text).flatMap { $0.namespace == nil ? $0.name : nil }
        }
    }
}
