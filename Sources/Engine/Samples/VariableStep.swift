import Basics
import Model
import Wire

/// A step of an expression that reads or sets a variable, or keeps what it is given for the log.
enum VariableStep {
    case set(VariableKey, VariableConditions)
    case unset(VariableKey)
    case concat(Literal, VariableKey, Literal)
    case arithmetic(Arithmetic, VariableKey)
    case compare(VariableKey)
    case capture(Int, isAnswer: Bool)
    case verifyToken(Unmanaged<TokenSignature>, OperandCode, OperandCode)
    case hmac(Unmanaged<MessageDigest>, OperandCode)
    case isSecret(VariableKey)
    case cipher(CipherStep)
    case item(Literal, VariableKey?, Literal)

    /// The next sample; nil if there is none.
    func apply<Source: SampleSource & ~Copyable>(
        to sample: Sample, _ source: borrowing Source, _ literals: ByteView,
        _ workspace: inout SampleWorkspace
    ) -> Sample? {
        switch self {
        case .set(let key, let conditions):
            source.setVariable(key, to: sample, conditions)
            return sample
        case .unset(let key):
            source.unsetVariable(key)
            return sample
        case .concat(let front, let key, let back):
            guard let text = sample.text(&workspace) else { return nil }
            let middle = source.variable(key, &workspace)?.text(&workspace) ?? .empty
            return workspace.write {
                $0.append(text)
                $0.append(literals[front])
                $0.append(middle)
                $0.append(literals[back])
            }.map { .string($0) }
        case .arithmetic(let operation, let key):
            guard let number = sample.number, let operand = source.variable(key, &workspace)?.number else {
                return nil
            }
            return .integer(operation.apply(number, operand))
        case .capture(let slot, let isAnswer):
            guard let text = sample.text(&workspace) else { return nil }
            source.capture(text, at: slot, isAnswer: isAnswer)
            return .string(text)
        case .item(let delimiter, let key, let back):
            guard let text = sample.text(&workspace) else { return nil }
            let middle = key.flatMap { source.variable($0, &workspace)?.text(&workspace) } ?? .empty
            let end = literals[back]
            return workspace.write {
                $0.append(text)
                if !text.isEmpty, middle.count + end.count > 0 { $0.append(literals[delimiter]) }
                $0.append(middle)
                $0.append(end)
            }.map { .string($0) }
        case .cipher(let step):
            return sample.key(&workspace).flatMap { step.apply(to: $0, source, literals, &workspace) }
        case .verifyToken, .hmac, .isSecret: return judge(sample, source, literals, &workspace)
        case .compare(let key):
            guard let text = sample.text(&workspace), let other = source.variable(key, &workspace),
                let otherText = other.text(&workspace)
            else { return nil }
            return .integer(VariableStep.difference(text, otherText))
        }
    }

    /// What needs a key.
    private func judge<Source: SampleSource & ~Copyable>(
        _ sample: Sample, _ source: borrowing Source, _ literals: ByteView,
        _ workspace: inout SampleWorkspace
    ) -> Sample? {
        switch self {
        case .verifyToken(let signature, let algorithm, let key):
            guard let token = sample.key(&workspace),
                let name = algorithm.bytes(source, literals, &workspace),
                let secret = key.bytes(source, literals, &workspace)
            else { return nil }
            return .integer(TokenStep.check(token, signature, algorithm: name, key: secret, &workspace))
        case .hmac(let digest, let key):
            guard let bytes = sample.key(&workspace),
                let text = key.bytes(source, literals, &workspace),
                let secret = workspace.decodeBase64(text, isURL: false)
            else { return nil }
            var isMade = false
            let made = workspace.write { writer in
                isMade = digest._withUnsafeGuaranteedRef {
                    $0.write(of: bytes, withKey: secret, to: &writer)
                }
            }
            return isMade ? made.map { .binary($0) } : nil
        case .isSecret(let key):
            guard let bytes = sample.key(&workspace),
                let other = source.variable(key, &workspace)?.key(&workspace)
            else { return nil }
            return .boolean(MessageDigest.isSame(bytes, other))
        default: return nil
        }
    }

    /// Below 0, 0 or above, as the first byte that differs says, else the length.
    private static func difference(_ left: ByteView, _ right: ByteView) -> Int64 {
        for i in 0..<min(left.count, right.count) where left[i] != right[i] {
            return Int64(left[i]) - Int64(right[i])
        }
        return left.count == right.count ? 0 : left.count < right.count ? -1 : 1
    }
}
