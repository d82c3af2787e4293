import Basics
import Model
import Wire

/// `Model.Converter` as workers run it.
enum ConverterCode {
    case lower, upper, length
    case part(TextPart)
    case bytes(offset: Int, count: Int?)
    case trim(Literal, isLeft: Bool)
    case concat(Literal, Literal)
    case regexReplace(Unmanaged<RegularExpression>, Literal, isGlobal: Bool)
    case decodeURL(isForm: Bool)
    case encodeURL
    case json(JSONInput)
    case hostOnly, portOnly
    case hex, fromHex
    case base64(isURL: Bool)
    case fromBase64(isURL: Bool)
    case hash(SampleHash)
    case jsonQuery(JSONQuery)
    case token(TokenStep)
    case digest(Unmanaged<MessageDigest>)
    case payload(PayloadStep)
    case time(Literal, Int64, isLocal: Bool)
    case moment(MomentStep)
    /// What the field `Forwarded` has of anything.
    case writtenNode(ForwardedPart)
    case arithmetic(Arithmetic, Int64)
    case negate, complement, isEven, isOdd, truth, isZero
    case verificationError
    case choose(Literal, Literal)
    case mask(v4: UInt32, v6: Int?)
    case variable(VariableStep)
    /// By the table's number; what is asked is the source's to answer.
    case table(UInt64, TableLookup)
    /// The same of maps.
    case map(MapStep)
    /// What this machine's library can not do; it was refused when it was read.
    case never

    init(
        _ converter: Converter, _ literals: inout Literals, _ owned: inout [any AnyObject & Sendable]
    ) {
        switch converter {
        case .verifyToken, .hmac, .isSecret, .cipher, .isMQTT, .mqttField, .protobuf, .chunks, .parameter,
            .item,
            .cutLine, .jsonQuery, .tokenPart, .forwarded, .language, .moment:
            self = ConverterCode.other(converter, &literals, &owned)
        case .digest(let name): self = ConverterCode.digest(name, &owned).map { .digest($0) } ?? .never
        case .time(let format, let offset, let isLocal):
            self = .time(literals.add(format), offset, isLocal: isLocal)
        case .lower: self = .lower
        case .upper: self = .upper
        case .length: self = .length
        case .part(let number, let delimiters, let count, let joined):
            self = .part(
                TextPart(number: number, delimiters: literals.add(delimiters), count: count, isJoined: joined)
            )
        case .bytes(let offset, let count): self = .bytes(offset: offset, count: count)
        case .trim(let bytes, let isLeft): self = .trim(literals.add(bytes), isLeft: isLeft)
        case .concat(let front, let variable, let back):
            let (front, back) = (literals.add(front), literals.add(back))
            self = variable.map { .variable(.concat(front, VariableKey($0), back)) } ?? .concat(front, back)
        case .regexReplace(let rule): self = ConverterCode.replacement(rule, &literals, &owned)
        case .decodeURL(let isForm): self = .decodeURL(isForm: isForm)
        case .encodeURL: self = .encodeURL
        case .json(let input): self = .json(input)
        case .hostOnly: self = .hostOnly
        case .portOnly: self = .portOnly
        case .hex: self = .hex
        case .fromHex: self = .fromHex
        case .base64(let isURL): self = .base64(isURL: isURL)
        case .fromBase64(let isURL): self = .fromBase64(isURL: isURL)
        case .hash(let hash): self = .hash(hash)
        case .arithmetic(let operation, let operand): self = .arithmetic(operation, operand)
        case .variableArithmetic(let operation, let operand):
            self = .variable(.arithmetic(operation, VariableKey(operand)))
        case .setVariable(let name, let conditions): self = .variable(.set(VariableKey(name), conditions))
        case .unsetVariable(let name): self = .variable(.unset(VariableKey(name)))
        case .compare(let name): self = .variable(.compare(VariableKey(name)))
        case .capture(let slot, let isAnswer): self = .variable(.capture(slot, isAnswer: isAnswer))
        case .negate: self = .negate
        case .complement: self = .complement
        case .verificationError: self = .verificationError
        case .isEven: self = .isEven
        case .isOdd: self = .isOdd
        case .truth: self = .truth
        case .isZero: self = .isZero
        case .choose(let one, let other): self = .choose(literals.add(one), literals.add(other))
        case .mask(let v4, let v6): self = .mask(v4: v4, v6: v6)
        case .table(let table, let lookup): self = .table(TableDirectory.number(of: table), lookup)
        case .map(let lookup): self = .map(MapStep(lookup, &literals))
        }
    }

    /// A pattern that is none finds nothing; it was refused when it was read.
    private static func replacement(
        _ rule: RegexReplacement, _ literals: inout Literals, _ owned: inout [any AnyObject & Sendable]
    ) -> ConverterCode {
        guard let pattern = RegularExpression(rule.pattern, ignoresCase: rule.ignoresCase) else {
            return .concat(.none, .none)
        }
        owned.append(pattern)
        return .regexReplace(
            Unmanaged.passUnretained(pattern), literals.add(rule.replacement), isGlobal: rule.isGlobal)
    }

    private static func digest(
        _ name: String, _ owned: inout [any AnyObject & Sendable]
    ) -> Unmanaged<MessageDigest>? {
        guard let digest = MessageDigest(named: name) else { return nil }
        owned.append(digest)
        return Unmanaged.passUnretained(digest)
    }

    /// What needs a key, which a variable may hold, and formats of their own.
    private static func other(
        _ converter: Converter, _ literals: inout Literals, _ owned: inout [any AnyObject & Sendable]
    ) -> ConverterCode {
        switch converter {
        case .verifyToken(let check):
            let signature = TokenSignature(publicKeyPEM: check.publicKeyPEM)
            owned.append(signature)
            return .variable(
                .verifyToken(
                    Unmanaged.passUnretained(signature), OperandCode(check.algorithm, &literals),
                    OperandCode(check.key, &literals)))
        case .hmac(let name, let key):
            guard let digest = digest(name, &owned) else { return .never }
            return .variable(.hmac(digest, OperandCode(key, &literals)))
        case .isSecret(let name): return .variable(.isSecret(VariableKey(name)))
        case .cipher(let cipher):
            return .variable(.cipher(CipherStep(cipher, &literals)))
        case .item(let delimiter, let variable, let back):
            return .variable(
                .item(literals.add(delimiter), variable.map { VariableKey($0) }, literals.add(back)))
        case .jsonQuery(let pick): return .jsonQuery(JSONQuery(pick, &literals))
        case .tokenPart(let part, let pick):
            return .token(TokenStep(part: part, query: pick.map { JSONQuery($0, &literals) }))
        case .isMQTT: return .payload(.isMQTT)
        case .mqttField(let pick): return .payload(.mqttField(pick))
        case .protobuf(let pick):
            let path = pick.path.flatMap { number in
                (0..<4).map { UInt8(truncatingIfNeeded: number >> (24 - 8 * $0)) }
            }
            return .payload(.protobuf(literals.add(path), pick.type, isFramed: pick.isFramed))
        case .chunks(let chunks):
            return .payload(
                .chunks(chunks.kind, literals.add(chunks.separator), chunks.size, chunks.dropsRest))
        case .parameter(let name, let delimiter): return .payload(.parameter(literals.add(name), delimiter))
        case .cutLine: return .payload(.cutLine)
        case .forwarded(let part): return part.isWritten ? .writtenNode(part) : .payload(.forwarded(part))
        case .language(let languages, let other):
            return .payload(.language(literals.add(languages), other.map { literals.add($0) }))
        case .moment(let moment): return .moment(MomentStep(moment, &literals))
        default: return .never
        }
    }

    /// The next sample; nil if there is none.
    func apply(to sample: Sample, _ literals: ByteView, _ workspace: inout SampleWorkspace) -> Sample? {
        switch self {
        case .lower, .upper, .length, .part, .trim, .concat, .regexReplace, .decodeURL, .encodeURL, .json,
            .hostOnly,
            .portOnly, .fromHex, .fromBase64, .jsonQuery, .token:
            return sample.text(&workspace).flatMap { convert(text: $0, literals, &workspace) }
        case .bytes, .hex, .base64, .hash, .digest:
            return sample.key(&workspace).flatMap { convert(bytes: $0, &workspace) }
        case .arithmetic, .negate, .complement, .isEven, .isOdd, .truth, .isZero:
            return sample.number.map { convert(number: $0) }
        case .payload(let step):
            return sample.key(&workspace).flatMap { step.apply(to: $0, literals, &workspace) }
        // It is its source that knows them.
        case .variable: return sample
        case .choose(let one, let other):
            return sample.truth.map { .string(literals[$0 ? one : other]) }
        case .mask(let v4, let v6):
            guard let address = sample.address, !address.isV6 || v6 != nil else { return nil }
            return .address(address.masked(v4: v4, v6: v6 ?? 0))
        case .time(let format, let offset, let isLocal):
            guard let seconds = sample.number?.addingReportingOverflow(offset), !seconds.overflow else {
                return nil
            }
            let text = literals[format].string
            return workspace.write {
                $0.append(time: seconds.partialValue, format: text, isLocal: isLocal)
            }.map { .string($0) }
        case .verificationError:
            guard let number = sample.number else { return nil }
            let name = VerificationErrors.name(of: Int(number)) ?? "\(number)"
            return workspace.write { writer in name.withView { writer.append($0) } }.map { .string($0) }
        case .moment(let step): return sample.number.flatMap { step.apply(to: $0, literals, &workspace) }
        case .writtenNode(let part): return ForwardedStep.write(part, of: sample, &workspace)
        case .table, .map, .never: return nil
        }
    }

    private func convert(text: ByteView, _ literals: ByteView, _ workspace: inout SampleWorkspace) -> Sample?
    {
        switch self {
        case .lower: workspace.lowercase(text).map { .string($0) }
        case .upper: workspace.uppercase(text).map { .string($0) }
        case .length: .integer(Int64(text.count))
        case .part(let part): part.cut(text, literals[part.delimiters]).map { .string($0) }
        case .trim(let bytes, let isLeft):
            .string(TextPart.trim(text, literals[bytes], isLeft: isLeft))
        case .concat(let front, let back):
            workspace.write {
                $0.append(text)
                $0.append(literals[front])
                $0.append(literals[back])
            }.map { .string($0) }
        case .regexReplace(let pattern, let replacement, let isGlobal):
            workspace.replace(pattern, in: text, by: literals[replacement], isGlobal: isGlobal)
                .map { .string($0) }
        case .decodeURL(let isForm): workspace.decodeURL(text, isForm: isForm).map { .string($0) }
        case .encodeURL: workspace.encodeURL(text).map { .string($0) }
        case .json(let input): workspace.encodeJSON(text, input).map { .string($0) }
        case .hostOnly: workspace.lowercase(HostPort(text).host).map { .string($0) }
        case .portOnly: .integer(HostPort(text).port)
        case .fromHex: SampleWorkspace.number(hex: text).map { .integer($0) }
        case .jsonQuery(let query): query.apply(to: text, literals, &workspace)
        case .token(let step): step.apply(to: text, literals, &workspace)
        case .fromBase64(let isURL): workspace.decodeBase64(text, isURL: isURL).map { .binary($0) }
        default: nil
        }
    }

    private func convert(bytes: ByteView, _ workspace: inout SampleWorkspace) -> Sample? {
        switch self {
        case .bytes(let offset, let count):
            let start = min(offset, bytes.count)
            return .binary(bytes[start..<start + min(count ?? .max, bytes.count - start)])
        case .hex: return workspace.encodeHex(bytes).map { .string($0) }
        case .base64(let isURL): return workspace.encodeBase64(bytes, isURL: isURL).map { .string($0) }
        case .hash(let hash): return .integer(hash.number(of: bytes))
        case .digest(let digest):
            var isMade = false
            let made = workspace.write { writer in
                isMade = digest._withUnsafeGuaranteedRef { $0.write(of: bytes, to: &writer) }
            }
            return isMade ? made.map { .binary($0) } : nil
        default: return nil
        }
    }

    private func convert(number: Int64) -> Sample {
        switch self {
        case .arithmetic(let operation, let operand): .integer(operation.apply(number, operand))
        case .negate: .integer(number == .min ? .max : -number)
        case .complement: .integer(~number)
        case .isEven: .boolean(number & 1 == 0)
        case .isOdd: .boolean(number & 1 == 1)
        case .isZero: .boolean(number == 0)
        default: .boolean(number != 0)
        }
    }
}
