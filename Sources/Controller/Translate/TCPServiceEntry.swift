import Kubernetes
import Model

/// One entry of the ConfigMap of TCP services: `PORT: NAMESPACE/NAME:PORT[:PROXY[:PROXY]]`, as ingress-nginx reads it.
struct TCPServiceEntry: Equatable {
    /// Where clients connect to.
    var port: UInt16
    var service: ObjectKey
    /// By number or by name.
    var servicePort: ServicePort
    /// Whether clients' connections begin with a PROXY header.
    var acceptsProxyHeaders = false
    /// Whether servers are sent one.
    var sendsProxyHeaders = false

    /// What is wrong with an entry, or with a part of it that is then left out.
    struct Problem: Error, Equatable {
        var severity: Diagnostic.Severity
        var reason: String
        var message: String
    }

    /// Reads an entry; a problem beside it is a warning.
    static func read(_ key: String, _ value: String) throws(Problem) -> (TCPServiceEntry, Problem?) {
        guard let port = portNumber(key) else {
            throw Problem(
                severity: .error, reason: "PortInvalid",
                message: "\"\(key)\" is not a port from 1 to 65535; the entry is left out")
        }
        let parts = value.split(separator: ":", omittingEmptySubsequences: false).map { trimmed($0) }
        guard parts.count >= 2, let service = object(parts[0]), !parts[1].isEmpty else {
            throw Problem(
                severity: .error, reason: "ReferenceInvalid",
                message: "\"\(value)\" is not NAMESPACE/NAME:PORT[:PROXY[:PROXY]]; the entry is left out")
        }
        let isNumber = parts[1].utf8.allSatisfy { (0x30...0x39).contains($0) }
        let servicePort: ServicePort
        if isNumber {
            guard let number = portNumber(parts[1]) else {
                throw Problem(
                    severity: .error, reason: "PortInvalid",
                    message: "port \(parts[1]) of service \(service) is not a TCP port; the entry is left out"
                )
            }
            servicePort = .number(Int(number))
        } else {
            servicePort = .name(parts[1])
        }
        var entry = TCPServiceEntry(port: port, service: service, servicePort: servicePort)
        entry.acceptsProxyHeaders = parts.count > 2 && isProxy(parts[2])
        entry.sendsProxyHeaders = parts.count > 3 && isProxy(parts[3])
        let unknown = parts.dropFirst(2).prefix(2).first { !$0.isEmpty && !isProxy($0) }
        let extra = parts.count > 4 ? parts[4] : nil
        guard let left = unknown ?? extra else { return (entry, nil) }
        return (
            entry,
            Problem(
                severity: .warning, reason: "WordUnknown",
                message:
                    "\"\(left)\" means nothing there; PROXY is the only word, once for clients, once for servers"
            )
        )
    }

    /// Without sign, blanks or leading zeros beyond its own.
    private static func portNumber(_ text: String) -> UInt16? {
        guard !text.isEmpty, text.utf8.count <= 5, text.utf8.allSatisfy({ (0x30...0x39).contains($0) }),
            let number = Int(text), number > 0
        else { return nil }
        return UInt16(exactly: number)
    }

    private static func object(_ text: String) -> ObjectKey? {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count == 2, parts.allSatisfy({ !$0.isEmpty }) else { return nil }
        return ObjectKey(namespace: String(parts[0]), name: String(parts[1]))
    }

    private static func isProxy(_ text: String) -> Bool { text.lowercased() == "proxy" }

    private static func trimmed(_ text: Substring) -> String {
        String(text.drop { $0.isWhitespace }.reversed().drop { $0.isWhitespace }.reversed())
    }
}
