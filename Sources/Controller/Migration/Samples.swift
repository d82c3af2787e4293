public import Kubernetes

/// The requests that two proxies are compared by: one for each host and path of Ingresses, and those of files.
public struct Samples: Sendable {
    /// As many are asked at most; a log has more.
    public static let limit = 10_000

    /// Each once, in the order they were found.
    public private(set) var requests: [SampleRequest] = []
    /// Lines that were not taken.
    public private(set) var passedOver: [Reason: Int] = [:]
    private var known: Set<SampleRequest> = []
    private let places: [SamplePlace]
    private let includesUnsafe: Bool

    /// Why a line was not taken.
    public enum Reason: String, Sendable, CaseIterable {
        /// POST and others, which may change something.
        case unsafe
        /// The line does not name a host, and no single one is known to serve it.
        case hostless
        /// It is about no request, or about one that cannot be sent.
        case unreadable
        /// There are as many as are asked already.
        case tooMany
    }

    /// One for each host and path; `includesUnsafe`: files may hold requests of any method.
    public init(of ingresses: [Ingress], includesUnsafe: Bool) {
        self.includesUnsafe = includesUnsafe
        places = ingresses.flatMap(SamplePlace.places)
        for place in places {
            if let request = place.request { add(request) }
        }
    }

    /// Takes what the lines of a file say; empty ones and those that begin with `#` say nothing.
    public mutating func read(_ text: [UInt8]) {
        for bytes in text.split(whereSeparator: { $0 == 10 || $0 == 13 }) {
            let line = String(decoding: bytes, as: UTF8.self)
            guard let first = line.firstIndex(where: { $0 != " " && $0 != "\t" }), line[first] != "#" else {
                continue
            }
            take(line[first...])
        }
    }

    private mutating func take(_ line: Substring) {
        guard let line = SampleLine(line) else { return pass(.unreadable) }
        guard let host = line.host ?? host(of: line) else { return pass(.hostless) }
        guard let request = SampleRequest(method: line.method, host: host, target: line.target) else {
            return pass(.unreadable)
        }
        guard includesUnsafe || request.isSafe else { return pass(.unsafe) }
        add(request)
    }

    private mutating func pass(_ reason: Reason) { passedOver[reason, default: 0] += 1 }

    private mutating func add(_ request: SampleRequest) {
        guard !known.contains(request) else { return }
        guard requests.count < Samples.limit else { return pass(.tooMany) }
        known.insert(request)
        requests.append(request)
    }

    /// The one host among those of the upstream, or of all, whose paths the request is below.
    private func host(of line: SampleLine) -> String? {
        let path = String(line.target.prefix { $0 != "?" })
        let able = places.filter { place in
            (line.upstream.map { $0 == place.upstream } ?? true) && place.covers(path)
        }
        let hosts = Set(able.compactMap(\.request?.host))
        return hosts.count == 1 ? hosts.first : nil
    }

    /// What a request is counted under: the host, and the longest of its paths in Ingresses that the request is below.
    func group(of request: SampleRequest) -> ComparisonReport.Group.Name {
        let able = places.filter { $0.hasHost(request.name) && $0.covers(request.path) }
        let exact = able.filter { $0.host == request.name }
        let path = (exact.isEmpty ? able : exact).map(\.path).max { $0.count < $1.count }
        return ComparisonReport.Group.Name(host: request.host, path: path ?? request.path)
    }
}
