import Basics
import Model
import Wire

/// A test that is asked of a request's bytes where they stand: no sample is made, nothing is copied. It says the same as its
/// `CompiledTest`, which knows all the others.
///
/// ```
///   subject  the bytes that are looked at     matching  what they are compared with, of its only text if it has one
/// ```
struct PlainTest: ~Copyable {
    /// Whether it is one at all.
    let isPlain: Bool
    fileprivate let subject: Subject
    fileprivate let matching: Matcher
    fileprivate let ignoresCase: Bool
    /// Field lines as they are.
    fileprivate let isWhole: Bool
    /// Of the field, the cookie, the parameter.
    fileprivate let name: Literal
    /// The only text; what everything begins with that a regular expression matches.
    fileprivate let text: Literal
    /// The only range; numbers of addresses in version 4.
    fileprivate let (low, high): (Int64, Int64)

    fileprivate enum Subject: UInt8 {
        case method, path, pathAndQuery, query, host, field, cookie, parameter
        case source
        case always, never, tls
    }

    fileprivate enum Matcher: UInt8 {
        case found
        case exact, prefix, suffix, substring
        /// Compared with all its texts, as its `CompiledTest` does.
        case texts
        case number, length
        /// The same for all its ranges, or networks.
        case numbers, lengths, addresses
        case address
        case regex
    }

    init(_ test: SampleTest, _ literals: inout Literals) {
        let subject = PlainTest.subject(of: test)
        let matching = subject.flatMap { looked in
            // Of addresses only the client's is there without reading a text.
            looked.type == .address && looked.subject != .source
                ? nil : PlainTest.matcher(of: test.matching, looked.type)
        }
        isPlain = matching != nil
        self.subject = subject?.subject ?? .never
        self.matching = matching?.matcher ?? .found
        ignoresCase = matching?.ignoresCase ?? false
        isWhole = subject?.isWhole ?? false
        name = literals.add(isPlain ? subject?.name ?? "" : "")
        text = literals.add(matching?.text ?? [])
        (low, high) = (matching?.range.lowerBound ?? 0, matching?.range.upperBound ?? 0)
    }
}

// MARK: Which tests are plain

extension PlainTest {
    private typealias Looked = (subject: Subject, name: String, type: SampleType, isWhole: Bool)
    private typealias Compared = (
        matcher: Matcher, text: [UInt8], range: ClosedRange<Int64>, ignoresCase: Bool
    )

    /// What a test looks at; nil if that is not plain.
    private static func subject(of test: SampleTest) -> Looked? {
        guard test.expression.converters.isEmpty else { return nil }
        switch test.expression.fetch {
        case .ofRequest(.method): return (.method, "", .method, false)
        case .ofRequest(.path): return (.path, "", .string, false)
        case .ofRequest(.pathAndQuery): return (.pathAndQuery, "", .string, false)
        case .ofRequest(.query): return (.query, "", .string, false)
        case .requestField(let pick):
            // Of the host there is one, whichever way the request names it.
            if FetchCode.isOnlyHost(pick) { return (.host, "", pick.type, false) }
            return pick.occurrence == 0 ? (.field, pick.name, pick.type, pick.isWhole) : nil
        case .cookie(let name?, let type): return (.cookie, name, type, false)
        case .parameter(let name?, UInt8(ascii: "?"), let type): return (.parameter, name, type, false)
        case .ofClient(.source): return (.source, "", .address, false)
        case .boolean(let value): return (value ? .always : .never, "", .boolean, false)
        case .ofRequest(.isHTTP): return (.always, "", .boolean, false)
        case .ofClient(.isTLS): return (.tls, "", .boolean, false)
        default: return nil
        }
    }

    /// How a test compares what is of a type; nil if that is not plain.
    private static func matcher(of matching: Matching, _ type: SampleType) -> Compared? {
        let all = Int64.min...Int64.max
        switch (matching, type) {
        case (.truth, .boolean): return (.found, [], all, false)
        case (.found, .string), (.found, .method): return (.found, [], all, false)
        case (.text(let match, let texts, let ignoresCase), .string),
            (.text(let match, let texts, let ignoresCase), .method):
            guard texts.count == 1, let only = matcher(of: match) else { return (.texts, [], all, false) }
            return (only, texts[0], all, ignoresCase)
        case (.number(let ranges), .string), (.number(let ranges), .integer):
            return ranges.count == 1 ? (.number, [], ranges[0], false) : (.numbers, [], all, false)
        case (.length(let ranges), .string), (.length(let ranges), .method):
            return ranges.count == 1 ? (.length, [], ranges[0], false) : (.lengths, [], all, false)
        case (.address(let networks), .address):
            guard networks.count == 1, let range = Network(networks[0])?.v4Range else {
                return (.addresses, [], all, false)
            }
            return (.address, [], Int64(range.lowerBound)...Int64(range.upperBound), false)
        case (.regex(let patterns, let ignoresCase), .string),
            (.regex(let patterns, let ignoresCase), .method):
            let prefix = patterns.count == 1 ? PatternPrefix.of(patterns[0]) : []
            return (.regex, prefix, all, ignoresCase)
        default: return nil
        }
    }

    private static func matcher(of match: TextMatch) -> Matcher? {
        switch match {
        case .exact: .exact
        case .prefix: .prefix
        case .suffix: .suffix
        case .substring: .substring
        case .directory, .domain: nil
        }
    }
}

// MARK: Asking

// By reference alone: what is borrowed by value is copied, and that costs more than most tests.
extension Ref where Value == PlainTest {
    /// Whether a request is as it says. `test` is the same, and knows what does not stand here.
    func holds(
        of seen: Ref<PlainRequest>, _ fields: borrowing HeaderTable, _ literals: ByteView,
        _ test: Ref<CompiledTest>, _ workspace: inout SampleWorkspace
    ) -> Bool {
        let found: ByteView?
        switch self[].subject {
        case .method: found = seen[].method
        case .path: found = seen[].path
        case .pathAndQuery: found = seen[].pathAndQuery
        case .query: found = seen[].query
        case .host: found = seen[].host.isEmpty ? nil : seen[].host
        case .field: return holds(ofFields: fields, seen[].head, literals, test, &workspace)
        case .cookie: return holds(ofCookies: fields, seen[].head, literals, test, &workspace)
        case .parameter:
            guard seen[].hasQuery else { return false }
            return holds(ofParameters: seen[].target, literals, test, &workspace)
        case .source: return !seen[].source.isLocal && contains(seen[].source, test)
        case .always: return true
        case .never: return false
        case .tls: return seen[].isTLS
        }
        guard let found else { return false }
        return matches(found, literals, test, &workspace)
    }

    // MARK: Of several values one is enough

    private func holds(
        ofFields fields: borrowing HeaderTable, _ head: ByteView, _ literals: ByteView,
        _ test: Ref<CompiledTest>, _ workspace: inout SampleWorkspace
    ) -> Bool {
        let name = literals[self[].name]
        var next = 0
        while let index = fields.index(named: name, in: head, from: next) {
            if self[].matching == .found { return true }
            next = index + 1
            var rest = fields[index].value(in: head)
            while !self[].isWhole, let comma = FieldValues.comma(in: rest) {
                if matches(rest[0..<comma].trimmed, literals, test, &workspace) { return true }
                rest = rest[comma + 1..<rest.count]
            }
            if matches(self[].isWhole ? rest : rest.trimmed, literals, test, &workspace) { return true }
        }
        return false
    }

    private func holds(
        ofCookies fields: borrowing HeaderTable, _ head: ByteView, _ literals: ByteView,
        _ test: Ref<CompiledTest>, _ workspace: inout SampleWorkspace
    ) -> Bool {
        let name = literals[self[].name]
        var next = 0
        while let index = fields.index(of: .cookie, from: next) {
            next = index + 1
            let line = fields[index].value(in: head)
            // Crumbs that stand joined in another line do not count twice.
            guard !fields[index].isRemoved, TextSet.stands(name, in: line, ignoresCase: false) else {
                continue
            }
            var pairs = CookiePairs(line)
            while let pair = pairs.next() {
                guard pair.hasValue, line[pair.name].equals(name) else { continue }
                if matches(line[pair.value], literals, test, &workspace) { return true }
            }
        }
        return false
    }

    private func holds(
        ofParameters target: ByteView, _ literals: ByteView, _ test: Ref<CompiledTest>,
        _ workspace: inout SampleWorkspace
    ) -> Bool {
        var parameters = QueryParameters(target, UInt8(ascii: "?"), literals[self[].name])
        while let value = parameters.next() {
            if matches(value, literals, test, &workspace) { return true }
        }
        return false
    }

    // MARK: Comparing

    private func matches(
        _ value: ByteView, _ literals: ByteView, _ test: Ref<CompiledTest>,
        _ workspace: inout SampleWorkspace
    ) -> Bool {
        switch self[].matching {
        case .found: return true
        case .exact: return value.count == Int(self[].text.count) && isSame(value, literals[self[].text])
        case .prefix: return begins(value, literals)
        case .suffix:
            let count = Int(self[].text.count)
            guard value.count >= count else { return false }
            return isSame(value[value.count - count..<value.count], literals[self[].text])
        case .substring:
            return TextSet.stands(literals[self[].text], in: value, ignoresCase: self[].ignoresCase)
        case .texts: return test[].matches(text: value)
        case .number: return !value.isEmpty && isInRange(Sample.number(value))
        case .numbers: return !value.isEmpty && test[].matches(number: Sample.number(value))
        case .length: return isInRange(Int64(value.count))
        case .lengths: return test[].matches(number: Int64(value.count))
        case .regex: return begins(value, literals) && test[].matchesPattern(value, &workspace)
        case .address, .addresses: return false
        }
    }

    @inline(__always)
    private func begins(_ value: ByteView, _ literals: ByteView) -> Bool {
        let count = Int(self[].text.count)
        return value.count >= count && isSame(value[0..<count], literals[self[].text])
    }

    /// Two texts of one length.
    @inline(__always)
    private func isSame(_ value: ByteView, _ text: ByteView) -> Bool {
        self[].ignoresCase ? value.equalsIgnoringCase(text) : value.equals(text)
    }

    private func isInRange(_ number: Int64) -> Bool { self[].low <= number && number <= self[].high }

    @inline(__always)
    private func contains(_ address: SocketAddress, _ test: Ref<CompiledTest>) -> Bool {
        guard self[].matching == .address else { return test[].contains(address) }
        return address.v4Number.map { isInRange(Int64($0)) } ?? false
    }
}
