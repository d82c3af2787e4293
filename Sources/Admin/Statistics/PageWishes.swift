/// What stands behind the address of the page of statistics: words between `;`, `?` and `&`.
struct PageWishes {
    private let words: [Substring]

    init(_ target: String, uri: String) {
        words = target.dropFirst(uri.count).split { $0 == ";" || $0 == "?" || $0 == "&" }
    }

    func has(_ word: Substring) -> Bool { words.contains(word) }

    /// What came of the last change, if the address says so.
    var outcome: StatisticsOutcome? {
        words.first { $0.hasPrefix("st=") }.map {
            StatisticsOutcome(rawValue: String($0.dropFirst(3))) ?? .unknown
        }
    }

    /// What the names of sections hold that are shown: at most 20 bytes of those that names have.
    var scope: String? {
        guard let word = words.first(where: { $0.hasPrefix("scope=") })?.dropFirst(6).prefix(20),
            !word.isEmpty,
            word.utf8.allSatisfy({ byte in
                (byte | 0x20) &- UInt8(ascii: "a") < 26 || byte &- UInt8(ascii: "0") < 10
                    || "-_.:".utf8.contains(byte)
            })
        else { return nil }
        return String(word)
    }

    /// The address to which whoever has changed something is sent: what it has shown is shown again.
    func address(_ uri: String, after outcome: StatisticsOutcome) -> String {
        uri + ";st=\(outcome.rawValue)" + (has("up") ? ";up" : "") + (has("norefresh") ? ";norefresh" : "")
            + (scope.map { "?scope=\($0)" } ?? "")
    }
}
