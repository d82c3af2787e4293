import Kubernetes

/// An object that a setting names: `name`, or `namespace/name`.
struct ObjectReference: Sendable, Equatable {
    /// nil is the namespace of who names it.
    var namespace: String?
    var name: String

    /// Reads one; nil if no object can be called so.
    init?(_ text: String) {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
        guard parts.count <= 2, parts.allSatisfy(ObjectReference.isName), let last = parts.last else {
            return nil
        }
        (namespace, name) = (parts.count == 2 ? parts[0] : nil, last)
    }

    /// The object's key, for somebody of a namespace; nil if it is in another one: what is there is its owners' alone.
    func key(in own: String) -> ObjectKey? {
        namespace ?? own == own ? ObjectKey(namespace: own, name: name) : nil
    }

    /// The object's key, for somebody of a namespace, wherever it is.
    func anyKey(in own: String) -> ObjectKey { ObjectKey(namespace: namespace ?? own, name: name) }

    private static func isName(_ text: String) -> Bool {
        guard let first = text.utf8.first, let last = text.utf8.last else { return false }
        return text.utf8.count <= 253 && !"-.".utf8.contains(first) && !"-.".utf8.contains(last)
            && text.utf8.allSatisfy { byte in
                (0x30...0x39).contains(byte) || (0x61...0x7A).contains(byte) || "-.".utf8.contains(byte)
            }
    }
}

extension SettingForm where Value == ObjectReference {
    /// The name of an object.
    static var object: SettingForm {
        SettingForm(type: "object", expectation: "a name or namespace/name") { text, _ in
            ObjectReference(text)
        }
    }
}
