import Basics
import Glibc
import Model
import Testing
import Wire

@testable import Engine

/// What a real haproxy did with 200 requests in many backends; see Tests/Scenarios/harness/placements.py.
struct Placements {
    /// The version that was asked.
    private(set) var haproxy = ""
    private(set) var requests: [Request] = []
    private(set) var cases: [Case] = []

    struct Request {
        var source = ""
        var target = ""
        var host = ""
        var fields: [(name: String, value: String)] = []

        /// The bytes of the request, as the proxy received them.
        var head: String {
            fields.reduce("GET \(target) HTTP/1.1\r\nHost: \(host)\r\nX-Case: 1\r\n") {
                $0 + "\($1.name): \($1.value)\r\n"
            } + "\r\n"
        }
    }

    struct Case: CustomTestStringConvertible {
        var balance = ""
        var hashType = ""
        var weights: [Int] = []
        var ids: [Int] = []
        var disabled: [Int] = []
        var backup: [Int] = []
        var allBackups = false
        /// The place of the chosen server, for each request.
        var picks: [Int] = []

        var testDescription: String {
            "\(balance), \(hashType), \(weights), ids \(ids), without \(disabled), backup \(backup) \(allBackups)"
        }
    }

    init() throws {
        let folder = #filePath.split(separator: "/").dropLast(3).joined(separator: "/")
        let bytes = try Placements.contents(of: "/\(folder)/Fixtures/balance/placements.json")
        var reader = JSONReader(bytes.span)
        try reader.openObject()
        while let key = try reader.nextKey() {
            switch key {
            case "haproxy": haproxy = try reader.string()
            case "requests": requests = try reader.list(of: Placements.request)
            case "cases": cases = try reader.list(of: Placements.oneCase)
            default: try reader.skipValue()
            }
        }
    }

    private static func request(_ reader: inout JSONReader) throws -> Request {
        var request = Request()
        try reader.openObject()
        while let key = try reader.nextKey() {
            switch key {
            case "source": request.source = try reader.string()
            case "target": request.target = try reader.string()
            case "host": request.host = try reader.string()
            case "fields":
                request.fields = try reader.list {
                    let pair = try $0.list { try $0.string() }
                    return (pair[0], pair[1])
                }
            default: try reader.skipValue()
            }
        }
        return request
    }

    private static func oneCase(_ reader: inout JSONReader) throws -> Case {
        var one = Case()
        try reader.openObject()
        while let key = try reader.nextKey() {
            switch key {
            case "balance": one.balance = try reader.string()
            case "hashType": one.hashType = try reader.string()
            case "weights": one.weights = try reader.list { try $0.integer() }
            case "ids": one.ids = try reader.list { try $0.integer() }
            case "disabled": one.disabled = try reader.list { try $0.integer() }
            case "backup": one.backup = try reader.list { try $0.integer() }
            case "allbackups": one.allBackups = try reader.booleanOrNull() ?? false
            case "picks": one.picks = try reader.string().split(separator: " ").compactMap { Int($0) }
            default: try reader.skipValue()
            }
        }
        return one
    }

    private static func contents(of path: String) throws -> [UInt8] {
        let file = try #require(fopen(path, "r"), "no fixture at \(path)")
        defer { fclose(file) }
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = fread(&chunk, 1, chunk.count, file)
            guard count > 0 else { return bytes }
            bytes += chunk[..<count]
        }
    }
}

extension JSONReader {
    fileprivate mutating func list<Element>(of read: (inout JSONReader) throws -> Element) throws -> [Element]
    {
        var elements: [Element] = []
        try openList()
        while try nextElement() { elements.append(try read(&self)) }
        return elements
    }
}

extension Placements.Case {
    /// The backend of the case, as words of haproxy.cfg become values.
    func apply(to backend: inout Backend) throws {
        backend.balance = try balanceValue()
        backend.hashType = try hashTypeValue()
        backend.usesAllBackups = allBackups
        for place in backend.servers.indices {
            if !ids.isEmpty { backend.servers[place].id = ids[place] }
            backend.servers[place].isBackup = backup.contains(place)
        }
    }

    private func balanceValue() throws -> Balance {
        let words = balance.split(separator: " ").map(String.init)
        switch words[0] {
        case "roundrobin": return .roundRobin
        case "static-rr": return .staticRoundRobin
        case "leastconn": return .leastConnections
        case "first": return .first
        case "source": return .source
        case "uri": return .hash(.uri(uriPart(words)))
        case "url_param": return .hash(.parameter(words[1]))
        default:
            let name = try #require(words[0].split(separator: "(").last?.split(separator: ")").first)
            return .hash(.header(String(name), domainOnly: words.count > 1))
        }
    }

    private func uriPart(_ words: [String]) -> URIPart {
        var part = URIPart()
        for (place, word) in words.enumerated() {
            switch word {
            case "len": part.length = Int(words[place + 1]) ?? 0
            case "depth": part.depth = Int(words[place + 1]) ?? 0
            case "whole": part.isWhole = true
            case "path-only": part.isPathOnly = true
            default: break
            }
        }
        return part
    }

    private func hashTypeValue() throws -> HashType {
        let words = hashType.split(separator: " ")
        let isConsistent = words.first == "consistent"
        guard words.count > 1 else { return isConsistent ? .consistent : .mapBased }
        let function = try #require(HashFunction(rawValue: String(words[1])))
        return HashType(
            isConsistent: isConsistent, function: function, hasAvalanche: words.last == "avalanche")
    }
}
