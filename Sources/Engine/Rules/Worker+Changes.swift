import Basics
import Model
import Wire

/// Rules that change a request. It is copied once, with the first change; from then on it is that copy, and whatever is added stands
/// behind what came. So the rules that follow, routes, retries and servers of either version see the request as it has become.
extension Worker {
    /// False if the request can not be changed like that.
    func change(_ exchange: Ref<Exchange>, _ change: Ref<CompiledChange>) -> Bool {
        guard compose(change[].format, for: exchange), let ruling = withOwnHead(exchange) else {
            return false
        }
        switch change[].kind {
        case .addField, .setField, .removeFields, .replaceField, .replaceValues:
            if ruling[].givenHost.isEmpty, change[].name.view.equalsIgnoringCase("host") {
                ruling[].givenHost = exchange[].request.host
            }
            return changeFields(of: &exchange[].request, in: &ruling[].head, change)
        case .setMethod: return exchange[].request.setMethod(composed.view, in: &ruling[].head)
        case .setTarget(let part): return setTarget(exchange, ruling, part, composed.view)
        case .replaceTarget(let part): return replaceTarget(exchange, ruling, part, change)
        case .impossible: return false
        }
    }

    /// The exchange's ruling, with the request's head in it; nil if it has no room for it.
    func withOwnHead(_ exchange: Ref<Exchange>) -> Ref<Ruling>? {
        let ruling = ruling(of: exchange)
        guard exchange[].headStart >= 0 else { return ruling }
        let head = head(of: exchange)
        headBuffers.lend(to: &ruling[].head)
        guard ruling[].head.append(head) else { return nil }
        exchange[].headStart = -1
        return ruling
    }

    /// The host that the client named, whatever rules have made of it.
    @inline(never)
    func givenHost(of exchange: Ref<Exchange>, in head: ByteView) -> ByteView {
        let given = exchange[].ruling?[].givenHost ?? HeadRange()
        return head[(given.isEmpty ? exchange[].request.host : given).indices]
    }

    // MARK: Fields

    /// Makes a change of fields, in requests and answers alike; false as above.
    func changeFields<Head: ChangeableHead & ~Copyable>(
        of head: inout Head, in bytes: inout Buffer, _ change: Ref<CompiledChange>
    ) -> Bool {
        let name = change[].name.view
        switch change[].kind {
        case .addField: return head.add(name, composed.view, to: &bytes)
        case .setField:
            forget(&head, bytes.view) { $0.equalsIgnoringCase(name) }
            return head.add(name, composed.view, to: &bytes)
        case .removeFields(let match):
            var isDecided = true
            forget(&head, bytes.view) { isMeant($0, change, match, &isDecided) }
            noteOverruns()
            return isDecided
        case .replaceField: return replaceFields(of: &head, in: &bytes, change, isEachValue: false)
        case .replaceValues: return replaceFields(of: &head, in: &bytes, change, isEachValue: true)
        case .setMethod, .setTarget, .replaceTarget, .impossible: return false
        }
    }

    private func forget<Head: ChangeableHead & ~Copyable>(
        _ head: inout Head, _ bytes: ByteView, where isMeant: (ByteView) -> Bool
    ) {
        for i in 0..<head.fieldCount {
            let field = head.field(at: i)
            if field.nameCount > 0, isMeant(field.name(in: bytes)) { head.forgetField(at: i) }
        }
    }

    private func replaceFields<Head: ChangeableHead & ~Copyable>(
        of head: inout Head, in bytes: inout Buffer, _ change: Ref<CompiledChange>, isEachValue: Bool
    ) -> Bool {
        guard let pattern = change[].pattern else { return false }
        for i in 0..<head.fieldCount {
            let field = head.field(at: i)
            let view = bytes.view
            guard field.nameCount > 0, field.name(in: view).equalsIgnoringCase(change[].name.view) else {
                continue
            }
            guard let new = replacement(of: field.value(in: view), pattern, isEachValue: isEachValue) else {
                return false
            }
            guard new.isChanged else { continue }
            guard head.setValue(at: i, new.text, in: &bytes) else { return false }
        }
        return true
    }

    /// Whether a change is about fields of a name.
    private func isMeant(
        _ name: ByteView, _ change: Ref<CompiledChange>, _ match: TextMatch, _ isDecided: inout Bool
    ) -> Bool {
        guard let pattern = change[].pattern else {
            return FieldNames.matches(name, match, change[].name.view)
        }
        var groups = MatchGroups()
        let outcome = samples.find(pattern, in: name, &groups)
        if outcome == .tooCostly { isDecided = false }
        return outcome == .found
    }

    /// What a value becomes; nil if there is no room or no time to know.
    private func replacement(of value: ByteView, _ pattern: Unmanaged<RegularExpression>, isEachValue: Bool)
        -> (text: ByteView, isChanged: Bool)?
    {
        samples.reset()
        let new = isEachValue ? replacedValues(of: value, pattern) : replaced(value, pattern)
        guard samples.overruns == 0 else {
            noteOverruns()
            return nil
        }
        return new
    }

    /// The whole text replaced by what is composed, if the pattern matches; nil if there is no room or no time to know.
    private func replaced(_ text: ByteView, _ pattern: Unmanaged<RegularExpression>)
        -> (text: ByteView, isChanged: Bool)?
    {
        var groups = MatchGroups()
        switch samples.find(pattern, in: text, &groups) {
        case .nothing: return (text, false)
        case .tooCostly: return nil
        case .found: return samples.expanded(composed.view, groups, in: text).map { ($0, true) }
        }
    }

    /// The same with each value between commas; blanks around a value that is replaced go with it.
    private func replacedValues(of line: ByteView, _ pattern: Unmanaged<RegularExpression>)
        -> (text: ByteView, isChanged: Bool)?
    {
        headScratch.reset()
        var (rest, hasChanged) = (line, false)
        while true {
            let comma = FieldValues.comma(in: rest) ?? rest.count
            let piece = rest[0..<comma]
            var start = 0
            while start < piece.count, isBlank(piece[start]) { start += 1 }
            let value = piece.trimmed
            guard let (text, isChanged) = replaced(value, pattern) else { return nil }
            hasChanged = hasChanged || isChanged
            let (front, back) =
                isChanged ? (.empty, .empty) : (piece[0..<start], piece[start + value.count..<piece.count])
            guard headScratch.append(front), headScratch.append(text), headScratch.append(back) else {
                return nil
            }
            guard comma < rest.count else { return (headScratch.view, hasChanged) }
            headScratch.append(",")
            rest = rest[comma + 1..<rest.count]
        }
    }

    // MARK: What is asked for

    private func replaceTarget(
        _ exchange: Ref<Exchange>, _ ruling: Ref<Ruling>, _ part: TargetPart, _ change: Ref<CompiledChange>
    ) -> Bool {
        guard let pattern = change[].pattern else { return false }
        samples.reset()
        let whole = path(of: exchange, in: ruling[].head.view)
        let query = whole.firstIndex(of: UInt8(ascii: "?")) ?? whole.count
        var matched = Buffer()
        defer { if matched.hasMemory { headBuffers.takeBack(&matched) } }
        if part == .matchedPath, exchange[].request.isOdd {
            headBuffers.lend(to: &matched)
            guard MatchedPath.append(whole, to: &matched) else { return false }
        }
        let text: ByteView =
            switch part {
            case .matchedPath where matched.hasMemory: matched.view
            case .path, .matchedPath: whole[0..<query]
            case .pathAndQuery, .url: whole
            case .query: whole[min(query + 1, whole.count)..<whole.count]
            }
        guard let (new, isChanged) = replaced(text, pattern) else {
            noteOverruns()
            return false
        }
        return isChanged ? setTarget(exchange, ruling, part, new) : true
    }

    /// Brings what is asked for into a form; the status of the refusal if that can not be done.
    func normalize(_ exchange: Ref<Exchange>, _ normalizer: TargetNormalizer) -> UInt16? {
        let known = path(of: exchange, in: head(of: exchange))
        guard let normalized = NormalizedTarget(normalizer, of: known) else { return 400 }
        return normalized.bytes.withView { new in
            if new.equals(known) { return nil }
            guard let ruling = withOwnHead(exchange) else { return 500 }
            return setTarget(exchange, ruling, .pathAndQuery, new) ? nil : 500
        }
    }

    private func setTarget(
        _ exchange: Ref<Exchange>, _ ruling: Ref<Ruling>, _ part: TargetPart, _ value: ByteView
    ) -> Bool {
        let head = ruling[].head.view
        let old = path(of: exchange, in: head)
        let query = old.firstIndex(of: UInt8(ascii: "?")) ?? old.count
        let start = ruling[].head.count
        let fits = ruling[].head.write { output in
            switch part {
            case .path, .matchedPath:
                output.append(path: value, isDecoded: part == .matchedPath)
                output.append(old[query..<old.count])
            case .pathAndQuery: output.append(path: value)
            case .url: output.append(path: value.withoutAuthority)
            case .query:
                output.append(old[0..<query])
                if query < old.count || !value.isEmpty { output.append("?") }
                output.append(encoded: value)
            }
        }
        guard fits, exchange[].request.setPath(from: start, in: ruling[].head) else { return false }
        headBuffers.takeBack(&exchange[].resolvedPath)
        guard exchange[].request.hasDotSegments else { return true }
        headBuffers.lend(to: &exchange[].resolvedPath)
        let path = ruling[].head.view[exchange[].request.path.indices]
        return DotSegments.resolve(path, into: &exchange[].resolvedPath)
    }
}

extension ByteWriter {
    /// Appends a path, which begins with a slash.
    mutating func append(path: ByteView, isDecoded: Bool = false) {
        if path.isEmpty || path[0] != UInt8(ascii: "/") { append("/") }
        append(encoded: path, isDecoded: isDecoded)
    }

    /// Appends what becomes a part of a target; what must not stand in one is percent-encoded, and of decoded text what would
    /// mean something else.
    fileprivate mutating func append(encoded text: ByteView, isDecoded: Bool = false) {
        var from = 0
        for i in 0..<text.count {
            let byte = text[i]
            guard
                byte <= 0x20 || byte >= 0x7F || byte == UInt8(ascii: "#")
                    || isDecoded && (byte == UInt8(ascii: "%") || byte == UInt8(ascii: "?"))
            else { continue }
            append(text[from..<i])
            append("%")
            append(hexadecimal: UInt64(byte), atLeast: 2)
            from = i + 1
        }
        append(text[from..<text.count])
    }
}

extension ByteView {
    /// A target without scheme and host in front of its path.
    fileprivate var withoutAuthority: ByteView {
        guard let colon = firstIndex(of: UInt8(ascii: ":")), colon + 2 < count,
            self[colon + 1] == UInt8(ascii: "/"), self[colon + 2] == UInt8(ascii: "/"),
            self[0] != UInt8(ascii: "/")
        else { return self }
        let slash = firstIndex(of: UInt8(ascii: "/"), from: colon + 3) ?? count
        return self[slash..<count]
    }
}

extension FieldNames {
    /// Whether a name is meant by a text.
    static func matches(_ name: ByteView, _ match: TextMatch, _ text: ByteView) -> Bool {
        guard name.count >= text.count else { return false }
        let rest = name.count - text.count
        switch match {
        case .prefix: return name[0..<text.count].equalsIgnoringCase(text)
        case .suffix: return name[rest..<name.count].equalsIgnoringCase(text)
        case .substring: return (0...rest).contains { name[$0..<$0 + text.count].equalsIgnoringCase(text) }
        case .exact, .directory, .domain: return name.equalsIgnoringCase(text)
        }
    }
}
