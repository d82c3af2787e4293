import Basics

/// A line of a file of requests, as far as it says which request it is about.
///
///     https://shop.example/cart?x=1                     a URL
///     HEAD https://shop.example/cart                    a method and a URL
///     {"method":"GET","host":"shop.example","uri":"/"}  a line of a log in JSON, ours or one with the usual names
///     192.0.2.1 - - [01/Jan/2026:00:00:00 +0000] "GET /cart HTTP/1.1" 200 5 "-" "curl" 80 0.001 [shop-web-80] [] …
///                                                       nginx's combined form, or ingress-nginx's with the name of the upstream
struct SampleLine: Equatable {
    var method = "GET"
    /// nil: the line does not say it.
    var host: String?
    var target: String
    /// `NAMESPACE-SERVICE-PORT`, as ingress-nginx names what served it.
    var upstream: String?

    /// Nil if it is about no request.
    init?(_ line: Substring) {
        if line.hasPrefix("{") {
            self.init(json: line)
        } else if let quote = line.firstIndex(of: "\""), quote != line.startIndex {
            self.init(log: line, from: quote)
        } else {
            let words = line.split(whereSeparator: \.isWhitespace)
            switch words.count {
            case 1: self.init(method: "GET", url: words[0])
            case 2: self.init(method: String(words[0]), url: words[1])
            default: return nil
            }
        }
    }

    private init(method: String, host: String?, target: String) {
        (self.method, self.host, self.target) = (method, host, target)
    }

    private init?(method: String, url: Substring) {
        guard let (host, target) = SampleLine.parts(of: url) else { return nil }
        (self.method, self.host, self.target) = (method, host, target)
    }

    /// Host and target of an absolute URL.
    private static func parts(of url: Substring) -> (String, String)? {
        guard let scheme = ["http://", "https://"].first(where: { url.lowercased().hasPrefix($0) }) else {
            return nil
        }
        let rest = url.dropFirst(scheme.count).prefix { $0 != "#" }
        let host = rest.prefix { $0 != "/" && $0 != "?" }
        let target = rest.dropFirst(host.count)
        guard !host.isEmpty, !host.contains("@") else { return nil }
        return (String(host), target.hasPrefix("/") ? String(target) : "/\(target)")
    }

    /// What stands between the first quotation marks is the request's line.
    private init?(log line: Substring, from quote: Substring.Index) {
        let rest = line[line.index(after: quote)...]
        guard let end = rest.firstIndex(of: "\"") else { return nil }
        self.init(requestLine: rest[..<end])
        // Behind the request stand the referer and the agent between quotation marks, which may hold anything.
        let tail = rest[end...].split(separator: "\"", omittingEmptySubsequences: false).last ?? ""
        guard let open = tail.firstIndex(of: "["), let close = tail[open...].firstIndex(of: "]") else {
            return
        }
        let name = tail[tail.index(after: open)..<close]
        upstream = name.isEmpty || name == "-" ? nil : String(name)
    }

    /// `GET /path HTTP/1.1`.
    private init?(requestLine: Substring) {
        let words = requestLine.split(separator: " ", omittingEmptySubsequences: false)
        guard words.count >= 2, words.count == 2 || words[2].hasPrefix("HTTP/") else { return nil }
        if let (host, target) = SampleLine.parts(of: words[1]) {
            self.host = host
            self.target = target
        } else {
            target = String(words[1])
        }
        method = String(words[0])
    }

    private init?(json line: Substring) {
        var fields: [String: String] = [:]
        do throws(JSONError) {
            try SampleLine.read(Array(line.utf8), into: &fields)
        } catch {
            return nil
        }
        func first(_ names: String...) -> String? { names.lazy.compactMap { fields[$0] }.first }
        if let line = first("request") {
            self.init(requestLine: line[...])
        } else if let target = first("uri", "request_uri", "path", "url") {
            let method = first("method", "request_method") ?? "GET"
            let parts = SampleLine.parts(of: target[...])
            self.init(method: method, host: parts?.0, target: parts?.1 ?? target)
        } else {
            return nil
        }
        host = host ?? first("host", "vhost", "http_host")
        upstream = first("proxy_upstream_name")
        if host?.isEmpty ?? false { host = nil }
    }

    /// The members that are texts.
    private static func read(_ bytes: [UInt8], into fields: inout [String: String]) throws(JSONError) {
        var reader = JSONReader(bytes.span)
        try reader.openObject()
        while let key = try reader.nextKey() {
            let name = try key.string()
            if try reader.nextKind() == .string {
                fields[name] = try reader.string()
            } else {
                try reader.skipValue()
            }
        }
        try reader.finish()
    }
}
