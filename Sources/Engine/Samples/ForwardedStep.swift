import Basics
import Model
import Wire

/// `rfc7239_field` and its kin: steps of an expression about the field `Forwarded`.
enum ForwardedStep {
    /// Of a text.
    static func read(_ part: ForwardedPart, of text: ByteView) -> Sample? {
        switch part {
        case .isValid: return .boolean(ForwardedElement(text) != nil)
        case .node: return ForwardedElement(text)?.node.map { .string($0.text) }
        case .by: return ForwardedElement(text)?.by.map { .string($0.text) }
        case .host: return ForwardedElement(text)?.host.map { .string($0) }
        case .scheme: return ForwardedElement(text)?.scheme.map { .string($0) }
        case .nodeName:
            switch ForwardedNode(text, isQuoted: true)?.name {
            case .address(let address): return .address(address)
            case .text(let name): return .string(name)
            case nil: return nil
            }
        case .nodePort:
            switch ForwardedNode(text, isQuoted: true)?.port {
            case .number(let port): return .integer(port)
            case .text(let port): return .string(port)
            case nil: return nil
            }
        case .writtenName, .writtenPort: return nil
        }
    }

    /// The name of a node, or its port, as the field has them.
    static func write(_ part: ForwardedPart, of sample: Sample, _ workspace: inout SampleWorkspace) -> Sample?
    {
        switch (part, sample) {
        case (.writtenName, .address(let address)):
            return workspace.write { writer in
                if address.isV6 { writer.append("[") }
                address.write(to: &writer)
                if address.isV6 { writer.append("]") }
            }.map { .string($0) }
        case (.writtenPort, .integer(let number)):
            return workspace.write { $0.append(decimal: Int64(UInt32(truncatingIfNeeded: number))) }
                .map { .string($0) }
        default: return hidden(part, sample, &workspace)
        }
    }

    private static func hidden(
        _ part: ForwardedPart, _ sample: Sample, _ workspace: inout SampleWorkspace
    ) -> Sample? {
        guard let text = sample.text(&workspace) else { return nil }
        if text.isEmpty { return part == .writtenName ? .string(("unknown" as StaticString).view) : nil }
        guard ForwardedNode.hiddenCount(text) == text.count else { return nil }
        return workspace.write {
            $0.append("_")
            $0.append(text)
        }.map { .string($0) }
    }
}
