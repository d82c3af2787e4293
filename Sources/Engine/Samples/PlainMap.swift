import Basics
import Model
import Wire

/// An expression that looks up what stands in a request as it is: the client's address among networks, the host or the path among
/// texts. It is read in place and looked for at once, and says the same as the expression's steps, which know all the others.
struct PlainMap {
    fileprivate let subject: Subject
    fileprivate let isLowered: Bool
    fileprivate let step: MapStep

    fileprivate enum Subject: UInt8 {
        case source, path, host
    }

    /// What was found, or that there is nothing.
    struct Finding {
        let sample: Sample?
    }

    /// Nil if an expression is none.
    init?(_ expression: Expression, _ steps: [ConverterCode]) {
        isLowered = expression.converters.count == 2 && expression.converters[0] == .lower
        guard expression.converters.count == (isLowered ? 2 : 1), case .map(let step)? = steps.last,
            let subject = PlainMap.subject(of: expression.fetch, isLowered: isLowered, step.method)
        else { return nil }
        (self.subject, self.step) = (subject, step)
    }

    private static func subject(of fetch: Fetch, isLowered: Bool, _ method: PatternUse.Method) -> Subject? {
        switch (fetch, method) {
        case (.ofClient(.source), .address) where !isLowered: .source
        case (.ofRequest(.path), .text): .path
        case (.requestField(let pick), .text) where FetchCode.isOnlyHost(pick) && pick.type == .string: .host
        default: nil
        }
    }

    /// Empty where there is none.
    fileprivate static func path(of target: ByteView) -> ByteView {
        guard !target.isEmpty, target[0] == UInt8(ascii: "/") else { return .empty }
        return target[0..<(target.firstIndex(of: UInt8(ascii: "?")) ?? target.count)]
    }
}

// By reference alone, as with plain tests.
extension Ref where Value == PlainMap {
    /// The list that is asked.
    var list: UInt64 { self[].step.list }

    /// What is found of a request, of which `target` is path and query.
    @inline(__always)
    func find(
        in index: Unmanaged<PatternIndex>?, host: @autoclosure () -> ByteView,
        target: @autoclosure () -> ByteView, source: @autoclosure () -> SocketAddress, _ literals: ByteView,
        _ workspace: inout SampleWorkspace
    ) -> PlainMap.Finding {
        switch self[].subject {
        case .source: find(source(), in: index, literals)
        case .path: find(PlainMap.path(of: target()), in: index, literals, &workspace)
        case .host: find(host(), in: index, literals, &workspace)
        }
    }

    @inline(__always)
    private func find(
        _ address: SocketAddress, in index: Unmanaged<PatternIndex>?, _ literals: ByteView
    ) -> PlainMap.Finding {
        if address.isLocal { return PlainMap.Finding(sample: nil) }
        let found = index?._withUnsafeGuaranteedRef { $0.find(address: address) }
        return PlainMap.Finding(sample: found ?? self[].step.fallback(literals))
    }

    private func find(
        _ text: ByteView, in index: Unmanaged<PatternIndex>?, _ literals: ByteView,
        _ workspace: inout SampleWorkspace
    ) -> PlainMap.Finding {
        if text.isEmpty { return PlainMap.Finding(sample: nil) }
        var text = text
        if self[].isLowered {
            guard let lower = workspace.lowercase(text) else { return PlainMap.Finding(sample: nil) }
            text = lower
        }
        let found = index?._withUnsafeGuaranteedRef { $0.find(text: text) }
        return PlainMap.Finding(sample: found ?? self[].step.fallback(literals))
    }
}
