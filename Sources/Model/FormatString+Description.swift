extension FormatString: CustomStringConvertible {
    /// The format as haproxy.cfg has it where it stood, before the quotes and escapes of a line.
    public var description: String {
        isRecord ? parts.reduce("%{+json}o") { "\($0) \($1)" } : parts.map(\.description).joined()
    }
}

extension FormatString.Part: CustomStringConvertible {
    /// The piece as haproxy.cfg has it.
    public var description: String {
        switch self {
        case .text(let bytes):
            String(decoding: bytes, as: UTF8.self).split(
                separator: "%", omittingEmptySubsequences: false
            ).joined(separator: "%%")
        case .blank: " "
        case .sample(let expression, let flags): "%\(flags.spelled)[\(expression)]"
        case .variable(let variable, let flags): "%\(flags.spelled)\(variable.rawValue)"
        case .fact(let fact, _): "$\(fact.rawValue)"
        case .json(let item): item.description
        }
    }
}

extension JSONItem: CustomStringConvertible {
    /// The item as haproxy.cfg has it: of a format that is an object if it has a name.
    public var description: String {
        let flags = (name == nil ? ["+json"] : []) + (isHexadecimal ? ["+X"] : [])
        let kind = kind.map { ":\($0.rawValue)" } ?? ""
        let front = name != nil || !kind.isEmpty ? "(\(name ?? "")\(kind))" : ""
        let letters = flags.isEmpty ? "" : "{\(flags.joined(separator: ","))}"
        return switch value {
        case .sample(let expression): "%\(front)\(letters)[\(expression)]"
        case .variable(let variable): "%\(front)\(letters)\(variable.rawValue)"
        }
    }
}

extension FormatFlags {
    /// The letters that say otherwise than is so by itself.
    fileprivate var spelled: String {
        var names: [String] = []
        if contains(.quoted) { names.append("+Q") }
        if contains(.hexadecimal) { names.append("+X") }
        if contains(.escaped) { names.append("+E") }
        // What is encoded is no log, where dashes are the rule.
        if contains(.dashed) == contains(.encoded) { names.append(contains(.dashed) ? "+M" : "-M") }
        return names.isEmpty ? "" : "{\(names.joined(separator: ","))}"
    }
}
