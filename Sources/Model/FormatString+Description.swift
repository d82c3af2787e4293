extension FormatString: CustomStringConvertible {
    /// The format as haproxy.cfg has it where it stood, before the quotes and escapes of a line.
    public var description: String { parts.map(\.description).joined() }
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
