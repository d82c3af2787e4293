import Model

extension SettingForm where Value == Int64 {
    /// `unlimited` is 0.
    var orUnlimited: SettingForm {
        SettingForm(type: type, expectation: expectation) { text, dialect in
            text.lowercased() == "unlimited" ? 0 : read(text, as: dialect)
        }
    }
}

extension SettingForm where Value == Int {
    /// nginx's `4 8k`: as many bytes as all of the buffers hold, up to what a head may have anywhere.
    static var headerBuffers: SettingForm {
        SettingForm(type: "number and size", expectation: "a number and a size such as 4 8k") { text, _ in
            let parts = text.split { $0.isWhitespace }
            guard parts.count == 2, let number = SettingText.number(parts[0]), number > 0,
                let size = SettingText.bytes(String(parts[1])), size > 0
            else { return nil }
            let (product, overflow) = Int64(number).multipliedReportingOverflow(by: size)
            return overflow ? nil : Int(min(product, 36_864))
        }
    }
}

extension SettingForm where Value == ClosedRange<TLSParameters.Version> {
    /// Versions of TLS; nothing before 1.2 is spoken.
    static var tlsVersions: SettingForm {
        SettingForm(type: "versions", expectation: "TLSv1.2, TLSv1.3 or both") { text, _ in
            let words = text.split { $0 == "," || $0.isWhitespace }.map(String.init)
            let versions = words.compactMap { TLSParameters.Version(rawValue: $0) }
            guard versions.count == words.count, let low = versions.min(), let high = versions.max() else {
                return nil
            }
            return low...high
        }
    }
}

extension SettingForm where Value == String {
    /// Names with colons between them, as OpenSSL has them.
    static var cipherList: SettingForm {
        SettingForm(type: "names", expectation: "names with a colon between two, as OpenSSL has them") {
            text, _ in
            let marks = "-_:+!@=.".utf8
            let isList = text.utf8.allSatisfy { byte in
                (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
                    || marks.contains(byte)
            }
            return !text.isEmpty && text.utf8.count <= 2_048 && isList ? text : nil
        }
    }

    /// The beginning of a path.
    static var pathPrefix: SettingForm {
        SettingForm(type: "path", expectation: "paths that begin with /") { text, _ in
            text.hasPrefix("/") && text.utf8.count <= 1_024 ? text : nil
        }
    }

    /// `text/html`, or `*` for all.
    static var mediaType: SettingForm {
        SettingForm(type: "media type", expectation: "media types such as text/html") { text, _ in
            let halves = text.split(separator: "/", omittingEmptySubsequences: false)
            let isToken = halves.allSatisfy { !$0.isEmpty && $0.utf8.allSatisfy(SettingText.isTokenByte) }
            return text == "*" || halves.count == 2 && isToken && text.utf8.count <= 128 ? text : nil
        }
    }
}

extension SettingForm where Value == [CompressionAlgorithm] {
    /// Ways to compress, or `off`.
    static var algorithms: SettingForm {
        SettingForm(type: "list of words", expectation: "off, or some of br, zstd, gzip, deflate") {
            text, _ in
            let words = text.lowercased().split { $0 == "," || $0.isWhitespace }.map(String.init)
            if words == ["off"] { return [] }
            let found = words.compactMap { CompressionAlgorithm(rawValue: $0 == "brotli" ? "br" : $0) }
            return found.isEmpty || found.count != words.count || Set(found).count != found.count
                ? nil : found
        }
    }
}

extension SettingForm where Value == RetryConditions {
    /// HAProxy's words of `retry-on`.
    static var retryWords: SettingForm {
        SettingForm(
            type: "list of words",
            expectation: "none, or words such as conn-failure, empty-response, response-timeout, 503"
        ) { text, _ in
            let words = text.split { $0 == "," || $0.isWhitespace }.map(String.init)
            if words == ["none"] { return [] }
            let found = words.compactMap { $0 == "none" ? nil : RetryConditions(word: $0) }
            guard !found.isEmpty, found.count == words.count else { return nil }
            return found.reduce([]) { $0.union($1) }
        }
    }
}

extension SettingForm where Value == ErrorPage {
    /// The body of an error page of a status; what it is goes by how it begins.
    static func page(_ status: UInt16) -> SettingForm {
        SettingForm(type: "text", expectation: "a page of 1 to 32,768 bytes") { text, _ in
            let body = Array(text.utf8)
            guard (1...32_768).contains(body.count) else { return nil }
            let type =
                switch text.first {
                case "<": "text/html; charset=utf-8"
                case "{", "[": "application/json"
                default: "text/plain; charset=utf-8"
                }
            let page = ErrorPage(status: status, contentType: type, body: body)
            return page.flaw == nil ? page : nil
        }
    }
}

extension SettingForm where Value == [Matching] {
    /// The keys of nginx's `map`: texts whatever their case, or expressions behind `~` or, without regard to case, `~*`.
    static var texts: SettingForm {
        SettingForm(
            type: "list of texts",
            expectation: "texts, or ~ and a regular expression, with a comma between two, 256 at most"
        ) { text, _ in
            let items = text.split(separator: ",").map { SettingText.trimmed(String($0)) }.filter {
                !$0.isEmpty
            }
            let found = items.compactMap(test)
            return found.isEmpty || found.count != items.count || found.count > 256 ? nil : found
        }
    }

    private static func test(_ item: String) -> Matching? {
        guard item.utf8.count <= 1_024, item.utf8.allSatisfy({ $0 >= 0x20 && $0 != 0x7F }) else { return nil }
        guard item.hasPrefix("~") else {
            return .text(.exact, [Array(item.utf8)], ignoresCase: true)
        }
        let ignoresCase = item.hasPrefix("~*")
        let pattern = String(item.dropFirst(ignoresCase ? 2 : 1))
        return pattern.isEmpty ? nil : .regex([pattern], ignoresCase: ignoresCase)
    }
}
