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
    case arithmetic(Arithmetic, Int64)
    case negate, complement, isEven, isOdd, truth, isZero
    case choose(Literal, Literal)
    case mask(v4: UInt32, v6: Int?)
    case variable(VariableStep)
    /// By the table's number; what is asked is the source's to answer.
    case table(UInt64, TableLookup)
    /// The same of maps.
    case map(MapStep)

    init(_ converter: Converter, _ literals: inout Literals, _ patterns: inout [RegularExpression]) {
        switch converter {
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
        case .regexReplace(let rule): self = ConverterCode.replacement(rule, &literals, &patterns)
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
        _ rule: RegexReplacement, _ literals: inout Literals, _ patterns: inout [RegularExpression]
    ) -> ConverterCode {
        guard let pattern = RegularExpression(rule.pattern, ignoresCase: rule.ignoresCase) else {
            return .concat(.none, .none)
        }
        patterns.append(pattern)
        return .regexReplace(
            Unmanaged.passUnretained(pattern), literals.add(rule.replacement), isGlobal: rule.isGlobal)
    }

    /// The next sample; nil if there is none.
    func apply(to sample: Sample, _ literals: ByteView, _ workspace: inout SampleWorkspace) -> Sample? {
        switch self {
        case .lower, .upper, .length, .part, .trim, .concat, .regexReplace, .decodeURL, .encodeURL, .json,
            .hostOnly,
            .portOnly, .fromHex, .fromBase64:
            return sample.text(&workspace).flatMap { convert(text: $0, literals, &workspace) }
        case .bytes, .hex, .base64, .hash:
            return sample.key(&workspace).flatMap { convert(bytes: $0, &workspace) }
        case .arithmetic, .negate, .complement, .isEven, .isOdd, .truth, .isZero:
            return sample.number.map { convert(number: $0) }
        // It is its source that knows them.
        case .variable: return sample
        case .choose(let one, let other):
            return sample.truth.map { .string(literals[$0 ? one : other]) }
        case .mask(let v4, let v6):
            guard let address = sample.address, !address.isV6 || v6 != nil else { return nil }
            return .address(address.masked(v4: v4, v6: v6 ?? 0))
        case .table, .map: return nil
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
