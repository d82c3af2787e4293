import Model
import Synchronization

/// The lists that files name, while a configuration is read: each file is read once, and whoever names it shares what is in it.
final class PatternFiles: Sendable {
    private let lists = Mutex<[PatternListName: Known]>([:])
    private let reads = Mutex<[BackendRead]>([])
    private let frontendReads = Mutex<[FrontendRead]>([])
    private let named = Mutex(FileSources())

    /// A file that was read, with values or without.
    struct Known {
        var list: PatternList
        let hasValues: Bool
    }

    /// All there are.
    var all: [PatternListName: PatternList] { lists.withLock { $0.mapValues(\.list) } }

    /// What else has been read from files.
    var sources: FileSources { named.withLock { $0 } }

    /// Notes where something stands.
    func note(_ change: (inout FileSources) -> Void) { named.withLock { change(&$0) } }

    /// A sample asks for a backend's state.
    func note(_ read: BackendRead) { reads.withLock { $0.append(read) } }

    /// Which have asked since this was asked last.
    func takeReads() -> [BackendRead] {
        reads.withLock { reads in
            defer { reads = [] }
            return reads
        }
    }

    /// The same of frontends.
    func note(_ read: FrontendRead) { frontendReads.withLock { $0.append(read) } }

    func takeFrontendReads() -> [FrontendRead] {
        frontendReads.withLock { reads in
            defer { reads = [] }
            return reads
        }
    }

    /// The list of a name; nil if there is none yet.
    subscript(name: PatternListName) -> Known? { lists.withLock { $0[name] } }

    /// Adds a way to ask a list, with what is in the file if nobody has asked it before. `id` is its number if a line says one.
    func enter(
        _ name: PatternListName, _ entries: [PatternList.Entry], hasValues: Bool, _ use: PatternUse,
        id: Int? = nil
    ) {
        lists.withLock { lists in
            let next = (lists.values.map(\.list.id).max() ?? -1) + 1
            let new = Known(list: PatternList(id: id ?? next, entries: entries), hasValues: hasValues)
            var known = lists[name] ?? new
            if let id { known.list.id = id }
            known.list.uses.insert(use)
            lists[name] = known
        }
    }

    /// The name of the list that has a number, if it is another one than this.
    func other(than name: PatternListName, with id: Int) -> PatternListName? {
        lists.withLock { $0.first { $0.key != name && $0.value.list.id == id }?.key }
    }
}

/// What stands in files of patterns.
enum PatternText {
    /// A pattern and a value in each line, with blanks between them; empty lines and comments are passed over.
    static func map(_ content: [UInt8]) -> [PatternList.Entry] {
        lines(content).map { line in
            let pattern = line.prefix { !isBlank($0) }
            let value = line.dropFirst(pattern.count).drop(while: isBlank)
            let end = value.lastIndex { !isBlank($0) }.map { $0 + 1 } ?? value.startIndex
            return PatternList.Entry(Array(pattern), Array(value[value.startIndex..<end]))
        }
    }

    /// A pattern in each line, up to its end.
    static func list(_ content: [UInt8]) -> [PatternList.Entry] {
        lines(content).map { PatternList.Entry(Array($0)) }
    }

    private static func lines(_ content: [UInt8]) -> [ArraySlice<UInt8>] {
        content.split { $0 == UInt8(ascii: "\n") || $0 == UInt8(ascii: "\r") }.compactMap { line in
            let text = line.drop(while: isBlank)
            return text.isEmpty || text.first == UInt8(ascii: "#") ? nil : text
        }
    }

    private static func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 }
}
