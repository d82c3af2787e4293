import Basics

extension YAMLNode {
    /// The longest text that is taken: a dump of a large cluster's 10,000 Ingresses has about 30 MiB.
    public static let sizeLimit = 64 << 20
    /// The deepest nesting, as in JSON.
    public static let depthLimit = JSONReader.depthLimit
    /// The most nodes of one document: 32 bytes each.
    public static let nodeLimit = 4_000_000
    /// The most nodes that aliases may stand for, all uses counted.
    public static let expansionLimit = 500_000

    /// The one document of `text`, or null when there is none.
    public init(parsing text: [UInt8]) throws(YAMLError) {
        let documents = Self.documents(of: text)
        guard documents.count < 2 else {
            throw YAMLError(line: 1, message: "expected one document, found several")
        }
        guard let document = documents.first else {
            self = YAMLNode(.null, line: 1)
            return
        }
        self = try document.get()
    }

    /// The documents of `text`, each for itself: a broken one does not lose the others.
    ///
    /// The text is cut before it is parsed, at every line that begins with `---`: inside a document YAML allows no
    /// such line, not even in a block of text.
    public static func documents(of text: [UInt8]) -> [Result<YAMLNode, YAMLError>] {
        guard text.count <= sizeLimit else {
            return [.failure(YAMLError(line: 1, message: "longer than \(sizeLimit >> 20) MiB"))]
        }
        var documents: [Result<YAMLNode, YAMLError>] = []
        for part in parts(of: text) {
            var composer = YAMLComposer()
            let failure = composer.compose(text.span.extracting(part.range), linesBefore: part.linesBefore)
            documents += composer.documents.map { .success($0) }
            if let failure { documents.append(.failure(failure)) }
        }
        return documents
    }

    /// A stretch of text that begins with `---` or at the start.
    private struct Part {
        var range: Range<Int>
        var linesBefore: Int
    }

    private static func parts(of text: [UInt8]) -> [Part] {
        let byteOrderMark: [UInt8] = [0xEF, 0xBB, 0xBF]
        var part = Part(range: (text.starts(with: byteOrderMark) ? 3 : 0)..<text.count, linesBefore: 0)
        var parts: [Part] = []
        var hasContent = false
        var start = part.range.lowerBound
        var line = 0
        while start < text.count {
            let end = text[start...].firstIndex(of: UInt8(ascii: "\n")) ?? text.count
            // Directives and comments before the first mark belong to the document that it opens.
            if isMark(text[start..<end]), hasContent {
                part.range = part.range.lowerBound..<start
                parts.append(part)
                part = Part(range: start..<text.count, linesBefore: line)
            }
            hasContent = hasContent || isContent(text[start..<end])
            start = end + 1
            line += 1
        }
        return hasContent ? parts + [part] : parts
    }

    private static func isMark(_ line: ArraySlice<UInt8>) -> Bool {
        guard line.starts(with: "---".utf8) else { return false }
        guard let next = line.dropFirst(3).first else { return true }
        return next == 0x20 || next == 0x09 || next == 0x0D
    }

    private static func isContent(_ line: ArraySlice<UInt8>) -> Bool {
        guard let first = line.first(where: { $0 != 0x20 && $0 != 0x09 && $0 != 0x0D }) else { return false }
        return first != UInt8(ascii: "#") && line.first != UInt8(ascii: "%")
    }
}

/// Makes nodes of events, bounded in depth and number.
private struct YAMLComposer {
    /// The documents that were whole.
    private(set) var documents: [YAMLNode] = []
    private var anchors: [String: Anchored] = [:]
    /// Nodes of this document, aliases counted as what they stand for.
    private var nodes = 0
    /// Those of them that aliases brought in.
    private var expanded = 0

    /// What an alias stands for, and what it costs.
    private struct Anchored {
        var node: YAMLNode
        var nodes: Int
        var height: Int
    }

    /// Reads documents until the text ends or is broken; answers what broke it.
    mutating func compose(_ text: Span<UInt8>, linesBefore: Int) -> YAMLError? {
        do throws(YAMLError) {
            var events = try YAMLEvents(text, linesBefore: linesBefore)
            while true {
                let event = try events.next()
                if case .streamEnd = event.kind { return nil }
                guard case .documentStart = event.kind else { continue }
                (anchors, nodes, expanded) = ([:], 0, 0)
                documents.append(try node(try events.next(), &events, depth: 0).node)
            }
        } catch {
            return error
        }
    }

    /// The node that begins with `event`, and how high it is: 0 for a scalar.
    private mutating func node(
        _ event: YAMLEvent, _ events: inout YAMLEvents, depth: Int
    ) throws(YAMLError) -> (node: YAMLNode, height: Int) {
        let nodesBefore = nodes
        nodes += 1
        guard nodes - expanded <= YAMLNode.nodeLimit else {
            throw YAMLError(line: event.line, message: "too many values")
        }
        var node = YAMLNode(.null, line: event.line)
        var height = 0
        let anchor: String?
        switch event.kind {
        case .scalar(let text, let isPlain, let tag, let name):
            anchor = name
            node.value = YAMLScalar.value(text, isPlain: isPlain, tag: tag)
        case .alias(let name): return try expand(name, at: event.line, depth: depth)
        case .listStart(let name):
            anchor = name
            try check(depth: depth + 1, at: event.line)
            (node.value, height) = try list(&events, depth: depth + 1)
        case .mapStart(let name):
            anchor = name
            try check(depth: depth + 1, at: event.line)
            (node.value, height) = try map(&events, depth: depth + 1)
        default: throw YAMLError(line: event.line, message: "expected a value")
        }
        if let anchor { anchors[anchor] = Anchored(node: node, nodes: nodes - nodesBefore, height: height) }
        return (node, height)
    }

    private mutating func list(
        _ events: inout YAMLEvents, depth: Int
    ) throws(YAMLError) -> (YAMLNode.Value, height: Int) {
        var elements: [YAMLNode] = []
        var height = 0
        while true {
            let event = try events.next()
            if case .end = event.kind { return (.list(elements), height + 1) }
            let element = try node(event, &events, depth: depth)
            elements.append(element.node)
            height = max(height, element.height)
        }
    }

    private mutating func map(
        _ events: inout YAMLEvents, depth: Int
    ) throws(YAMLError) -> (YAMLNode.Value, height: Int) {
        var fields = YAMLFields()
        var height = 0
        while true {
            let event = try events.next()
            if case .end = event.kind { return (.map(fields.merged), height + 1) }
            let key = try key(event, &events, depth: depth)
            let value = try node(try events.next(), &events, depth: depth)
            try fields.add(key, value.node, at: event.line, isMerge: event.isMergeKey)
            height = max(height, value.height)
        }
    }

    /// A key as text; a key that is no scalar means nothing in JSON.
    private mutating func key(
        _ event: YAMLEvent, _ events: inout YAMLEvents, depth: Int
    ) throws(YAMLError) -> String {
        guard let text = try node(event, &events, depth: depth).node.text else {
            throw YAMLError(line: event.line, message: "expected text as a key")
        }
        return text
    }

    private mutating func expand(
        _ name: String, at line: Int, depth: Int
    ) throws(YAMLError) -> (node: YAMLNode, height: Int) {
        guard let anchored = anchors[name] else {
            throw YAMLError(line: line, message: "alias of an anchor that does not stand before it")
        }
        nodes += anchored.nodes
        expanded += anchored.nodes
        guard expanded <= YAMLNode.expansionLimit else {
            throw YAMLError(line: line, message: "too many values stand behind aliases")
        }
        try check(depth: depth + anchored.height, at: line)
        return (anchored.node, anchored.height)
    }

    private func check(depth: Int, at line: Int) throws(YAMLError) {
        guard depth <= YAMLNode.depthLimit else { throw YAMLError(line: line, message: "nested too deeply") }
    }
}

extension YAMLEvent {
    fileprivate var isMergeKey: Bool {
        if case .scalar("<<", isPlain: true, _, _) = kind { true } else { false }
    }
}

/// The fields of a map being read; those that `<<` brings in come last and lose against its own.
private struct YAMLFields {
    private var own: [YAMLNode.Field] = []
    private var keys: Set<String> = []
    private var inherited: [YAMLNode.Field] = []

    mutating func add(_ key: String, _ value: YAMLNode, at line: Int, isMerge: Bool) throws(YAMLError) {
        guard !isMerge else { return try inherit(value) }
        guard keys.insert(key).inserted else {
            throw YAMLError(line: line, message: "the key \"\(key)\" stands twice in the same map")
        }
        own.append(YAMLNode.Field(key: key, value: value))
    }

    var merged: [YAMLNode.Field] {
        var seen = keys
        return own + inherited.filter { seen.insert($0.key).inserted }
    }

    private mutating func inherit(_ value: YAMLNode) throws(YAMLError) {
        for source in value.list ?? [value] {
            guard let fields = source.fields else {
                throw YAMLError(line: value.line, message: "<< needs a map")
            }
            inherited += fields
        }
    }
}
