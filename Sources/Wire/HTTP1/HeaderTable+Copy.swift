public import Basics

extension HeaderTable {
    /// Writes the kept fields of a message to `output`: false if they do not fit.
    ///
    /// `drops` says which known fields are left out besides those already marked. Neighbouring fields whose lines are
    /// exactly what we would write are copied as one run; the others are written anew.
    public func copyKept(from head: ByteView, to output: inout Buffer, dropping drops: HeaderNames) -> Bool {
        var runStart = 0
        var runEnd = 0
        for i in 0..<count {
            let field = self[i]
            if field.isRemoved || drops.contains(field.name) { continue }
            if field.isCanonical {
                if runEnd == Int(field.nameStart) {
                    runEnd = field.lineEnd
                    continue
                }
                guard output.append(head[runStart..<runEnd]) else { return false }
                runStart = Int(field.nameStart)
                runEnd = field.lineEnd
                continue
            }
            guard output.append(head[runStart..<runEnd]) else { return false }
            runStart = 0
            runEnd = 0
            guard writeAnew(field, from: head, to: &output) else { return false }
        }
        return output.append(head[runStart..<runEnd])
    }

    private func writeAnew(_ field: HeaderField, from head: ByteView, to output: inout Buffer) -> Bool {
        let name = Int(field.nameStart)..<Int(field.nameStart) + Int(field.nameCount)
        let value = Int(field.valueStart)..<Int(field.valueStart) + Int(field.valueCount)
        return output.append(head[name]) && output.append(": ") && output.append(head[value])
            && output.append("\r\n")
    }
}

/// A set of known field names.
public struct HeaderNames: Sendable {
    private var bits: UInt64 = 0

    /// No names.
    public init() {}

    /// All names from one to another in the order of their declaration.
    public init(from first: HeaderName, to last: HeaderName) {
        bits = (2 << UInt64(last.rawValue)) &- (1 << UInt64(first.rawValue))
    }

    /// Whether `name` is among them.
    public func contains(_ name: HeaderName) -> Bool { bits >> UInt64(name.rawValue) & 1 != 0 }
}
