import Basics
import Wire

/// What a request's `Accept-Encoding` accepts (RFC 9110 12.5.3), gathered field by field.
struct AcceptedCodings {
    /// The codings we tell apart; all others are none of ours.
    enum Coding: Int, CaseIterable {
        case gzip, deflate, brotli, zstd, identity, any
    }

    /// Thousandths, in the order of `Coding`; -1 where the client says nothing.
    private var weights = InlineArray<6, Int16>(repeating: -1)
    /// Whether the client is an old browser that compresses badly.
    private var isUnable = false

    init() {}

    /// Takes one field of the request into account.
    mutating func see(_ name: ByteView, _ value: ByteView) {
        switch name.count {
        case 15 where name.equalsIgnoringCase("accept-encoding"):
            var list = CommaList(value)
            while let element = list.next() { take(element) }
        case 10 where name.equalsIgnoringCase("user-agent"):
            if AcceptedCodings.isUnable(value) { isUnable = true }
        default: break
        }
    }

    /// How much the client wants a coding; 0 if it does not take it.
    func weight(of coding: Coding) -> Int16 {
        guard !isUnable else { return 0 }
        let own = weights[coding.rawValue]
        return own >= 0 ? own : max(0, weights[Coding.any.rawValue])
    }

    /// How much it wants the body as it is; 0 if it says nothing of that.
    var weightOfIdentity: Int16 { max(0, weights[Coding.identity.rawValue]) }

    /// `token [; weight]`; of an element that is written wrongly nothing is taken.
    private mutating func take(_ element: ByteView) {
        let end = element.firstIndex(of: UInt8(ascii: ";")) ?? element.count
        guard let coding = AcceptedCodings.coding(element[0..<end].trimmed) else { return }
        guard let weight = AcceptedCodings.weight(element[end..<element.count]) else { return }
        // Said twice, the better counts, as with HAProxy.
        weights[coding.rawValue] = max(weights[coding.rawValue], weight)
    }

    private static func coding(_ token: ByteView) -> Coding? {
        if token.equals("*") { return .any }
        if token.equalsIgnoringCase("gzip") || token.equalsIgnoringCase("x-gzip") { return .gzip }
        if token.equalsIgnoringCase("deflate") { return .deflate }
        if token.equalsIgnoringCase("br") { return .brotli }
        if token.equalsIgnoringCase("zstd") { return .zstd }
        return token.equalsIgnoringCase("identity") ? .identity : nil
    }

    /// The weight among the parameters, 1000 if there is none; nil if it is none.
    private static func weight(_ parameters: ByteView) -> Int16? {
        var rest = parameters
        while !rest.isEmpty {
            let end = rest.firstIndex(of: UInt8(ascii: ";"), from: 1) ?? rest.count
            let parameter = rest[1..<end].trimmed
            if parameter.count >= 2, parameter[0] | 0x20 == UInt8(ascii: "q"),
                parameter[1] == UInt8(ascii: "=")
            {
                return thousandths(parameter[2..<parameter.count])
            }
            rest = rest[end..<rest.count]
        }
        return 1_000
    }

    /// RFC 9110 12.4.2: 0 to 1 with up to three digits behind the point.
    private static func thousandths(_ text: ByteView) -> Int16? {
        guard text.count >= 1, text.count <= 5, text[0] == UInt8(ascii: "0") || text[0] == UInt8(ascii: "1")
        else {
            return nil
        }
        var value = Int16(text[0] & 1) * 1_000
        guard text.count > 1 else { return value }
        guard text[1] == UInt8(ascii: ".") else { return nil }
        var place: Int16 = 100
        for i in 2..<text.count {
            guard text[i] &- UInt8(ascii: "0") <= 9 else { return nil }
            value += Int16(text[i] & 15) * place
            place /= 10
        }
        return value <= 1_000 ? value : nil
    }

    /// Browsers that call themselves Mozilla/4, unless they are Internet Explorer from 6 with Windows XP SP2 on: what
    /// HAProxy leaves out, by the same places in the text.
    private static func isUnable(_ agent: ByteView) -> Bool {
        guard agent.hasPrefix(("Mozilla/4" as StaticString).view) else { return false }
        guard agent.count >= 31, agent[25..<30].equals("MSIE ") else { return true }
        let version = agent[30]
        if version == UInt8(ascii: "6") { return agent.count < 54 || !agent[51..<54].equals("SV1") }
        return version < UInt8(ascii: "6")
    }
}
