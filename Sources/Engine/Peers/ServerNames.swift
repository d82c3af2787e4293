import Basics

/// What servers are called, by the words that entries remember them by: entries hold hashes, and others are told texts. Bounded: names
/// that only others have told go when there are too many.
struct ServerNames {
    private var own: [UInt64: [UInt8]] = [:]
    private var heard: [UInt64: [UInt8]] = [:]
    private static var most: Int { 4_096 }
    /// Longer ones are known by their word alone.
    private static var longest: Int { 1_024 }

    /// The names that this process's servers have now.
    mutating func setOwn(_ names: [String]) {
        own = [:]
        for name in names { own[ServerMark.hash(name)] = Array(name.utf8) }
    }

    /// A name that others use.
    mutating func note(_ name: [UInt8]) {
        let word = word(of: name)
        guard name.count <= ServerNames.longest, own[word] == nil, heard[word] == nil else { return }
        if heard.count >= ServerNames.most { heard = [:] }
        heard[word] = name
    }

    func text(of word: UInt64) -> [UInt8]? { own[word] ?? heard[word] }

    func word(of name: [UInt8]) -> UInt64 { name.withView { KeyedHash.hash($0) | 1 } }
}
