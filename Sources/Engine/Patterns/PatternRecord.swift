import Basics
import Model
import Synchronization

/// A list of patterns as it is: all its lines, in versions, and what its uses make of them. Changes are made under a lock by whoever wants
/// them, a worker for a rule or the runtime API; asking needs none.
final class PatternRecord: Sendable {
    let name: PatternListName
    private let state: Mutex<State>
    private let trash: PatternTrash

    /// One line, with a number of its own.
    struct Line: Sendable, Equatable {
        let id: UInt64
        var entry: PatternList.Entry
        let version: UInt32
        var isGone = false
    }

    struct State {
        var model: PatternList
        var isEdited = false
        /// By rising number.
        var lines: [Line] = []
        var gone = 0
        var ids: [[UInt8]: [UInt64]] = [:]
        var nextID: UInt64 = 1
        /// What is asked.
        var version: UInt32 = 0
        /// The newest that was prepared.
        var newest: UInt32 = 0
        var editions: [PatternEdition] = []
    }

    init(_ name: PatternListName, _ model: PatternList, _ trash: PatternTrash) {
        self.name = name
        self.trash = trash
        var state = State(model: model)
        for use in model.uses { state.editions.append(PatternEdition(use)) }
        var nobodySaw: [PatternTrash.Item] = []
        state.fill(model.entries, &nobodySaw)
        self.state = Mutex(state)
    }

    /// What is asked, by use.
    var indexes: [PatternIndex] { state.withLock { $0.editions.map(\.index) } }

    /// Its number, how many lines there are, and its versions.
    var summary: PatternSummary {
        state.withLock {
            PatternSummary(
                id: $0.model.id, name: name.description, isMap: $0.model.isMap, isACL: $0.model.isACL,
                count: $0.lines.count - $0.gone, version: $0.version, newest: $0.newest)
        }
    }

    /// The lines of a version; of the one that is asked if none is named.
    func lines(of version: UInt32?) -> [PatternLine] {
        state.withLock { state in
            state.lines.filter { !$0.isGone && $0.version == version ?? state.version }
                .map { PatternLine(id: $0.id, entry: $0.entry) }
        }
    }

    /// What each use has for a text.
    func found(for text: [UInt8]) -> [PatternFinding] {
        state.withLock { state in
            state.editions.map { edition in
                PatternFinding(use: edition.index.use, entry: state.entry(edition.find(text)))
            }
        }
    }

    /// Takes over what the configuration says; edits since are gone.
    func adopt(_ model: PatternList) -> Bool {
        change { state, trash in
            let new = model.uses.subtracting(state.model.uses)
            let isSame = state.model.entries == model.entries && !state.isEdited
            state.model = model
            state.model.uses.formUnion(state.editions.map(\.index.use))
            for use in new { state.editions.append(PatternEdition(use)) }
            if !isSame || !new.isEmpty { state.fill(model.entries, &trash) }
            state.isEdited = false
            return !new.isEmpty
        }
    }

    private func change<Result>(
        _ body: (inout State, inout [PatternTrash.Item]) -> sending Result
    ) -> sending Result {
        var trash: [PatternTrash.Item] = []
        let result = state.withLock { body(&$0, &trash) }
        self.trash.add(trash)
        return result
    }
}

// MARK: Changes

extension PatternRecord {
    /// Sets the value of a key wherever it stands; of one that stands nowhere, adds a line if `adds`.
    func set(_ key: [UInt8], to value: [UInt8], adds: Bool) -> PatternRefusal? {
        change { state, trash in
            let ids = state.living(key)
            guard ids.isEmpty else { return state.set(ids, to: value, &trash) }
            return adds ? state.add(PatternList.Entry(key, value), state.version, &trash) : .unknownKey
        }
    }

    /// The same of one line.
    func set(_ id: UInt64, to value: [UInt8]) -> PatternRefusal? {
        change { state, trash in
            state.place(of: id) == nil ? .unknownKey : state.set([id], to: value, &trash)
        }
    }

    /// Adds a line; with `onlyNew`, unless there is one with this key.
    func add(_ entry: PatternList.Entry, to version: UInt32? = nil, onlyNew: Bool = false) -> PatternRefusal?
    {
        change { state, trash in
            if onlyNew, !state.living(entry.pattern).isEmpty { return nil }
            guard version.map({ state.isKnown($0) }) ?? true else { return .unknownVersion }
            return state.add(entry, version ?? state.version, &trash)
        }
    }

    /// Removes all lines of a key.
    func remove(_ key: [UInt8]) -> PatternRefusal? {
        change { state, trash in
            let ids = state.living(key)
            for id in ids { state.remove(id, &trash) }
            return ids.isEmpty ? .unknownKey : nil
        }
    }

    /// Removes one line.
    func remove(_ id: UInt64) -> PatternRefusal? {
        change { state, trash in state.remove(id, &trash) ? nil : .unknownKey }
    }

    /// Removes everything, or everything of a version.
    func clear(_ version: UInt32?) -> PatternRefusal? {
        change { state, trash in
            guard version.map({ state.isKnown($0) }) ?? true else { return .unknownVersion }
            let cleared = version ?? state.version
            state.keep(&trash) { $0.version != cleared }
            return nil
        }
    }

    /// Begins a version that nobody is asked for yet.
    func prepare() -> UInt32 {
        change { state, _ in
            state.newest &+= 1
            return state.newest
        }
    }

    /// From now on it is this version that is asked; older ones are gone.
    func commit(_ version: UInt32) -> PatternRefusal? {
        change { state, trash in
            guard state.isKnown(version) else { return .unknownVersion }
            state.version = version
            state.keep(&trash) { $0.version >= version }
            return nil
        }
    }
}

extension PatternRecord.State {
    /// Whether a version is the one that is asked, or was prepared since.
    func isKnown(_ other: UInt32) -> Bool { other >= version && other <= newest }

    func place(of id: UInt64) -> Int? {
        var (low, high) = (0, lines.count)
        while low < high {
            let middle = (low + high) / 2
            if lines[middle].id < id { low = middle + 1 } else { high = middle }
        }
        return low < lines.count && lines[low].id == id && !lines[low].isGone ? low : nil
    }

    func entry(_ id: UInt64?) -> PatternList.Entry? { id.flatMap { place(of: $0) }.map { lines[$0].entry } }

    /// The lines of a key in the version that is asked.
    func living(_ key: [UInt8]) -> [UInt64] {
        (ids[key] ?? []).filter { id in place(of: id).map { lines[$0].version == version } ?? false }
    }

    mutating func fill(_ entries: [PatternList.Entry], _ trash: inout [PatternTrash.Item]) {
        (version, newest) = (0, 0)
        lines = entries.map { entry in
            defer { nextID += 1 }
            return PatternRecord.Line(id: nextID, entry: entry, version: 0)
        }
        keep(&trash) { _ in true }
    }

    mutating func add(
        _ entry: PatternList.Entry, _ version: UInt32, _ trash: inout [PatternTrash.Item]
    ) -> PatternRefusal? {
        if let use = editions.first(where: { !$0.takes(entry) })?.index.use {
            return .unusable(entry, use)
        }
        isEdited = true
        let line = PatternRecord.Line(id: nextID, entry: entry, version: version)
        nextID += 1
        lines.append(line)
        ids[entry.pattern, default: []].append(line.id)
        guard version == self.version else { return nil }
        for i in editions.indices { editions[i].insert(line, &trash) }
        return nil
    }

    mutating func set(
        _ ids: [UInt64], to value: [UInt8], _ trash: inout [PatternTrash.Item]
    ) -> PatternRefusal? {
        for place in ids.compactMap({ place(of: $0) }) where lines[place].entry.value != value {
            var entry = lines[place].entry
            entry.value = value
            if let use = editions.first(where: { !$0.takes(entry) })?.index.use {
                return .unusable(entry, use)
            }
            isEdited = true
            lines[place].entry = entry
            guard lines[place].version == version else { continue }
            for i in editions.indices { editions[i].insert(lines[place], &trash) }
        }
        return nil
    }

    @discardableResult
    mutating func remove(_ id: UInt64, _ trash: inout [PatternTrash.Item]) -> Bool {
        guard let place = place(of: id) else { return false }
        isEdited = true
        lines[place].isGone = true
        gone += 1
        ids[lines[place].entry.pattern]?.removeAll { $0 == id }
        if ids[lines[place].entry.pattern]?.isEmpty == true { ids[lines[place].entry.pattern] = nil }
        for i in editions.indices { editions[i].remove(id, &trash) }
        if gone > 64, gone > lines.count / 2 {
            lines.removeAll { $0.isGone }
            gone = 0
        }
        return true
    }

    /// Keeps some lines, and begins anew with them.
    mutating func keep(_ trash: inout [PatternTrash.Item], _ isKept: (PatternRecord.Line) -> Bool) {
        isEdited = true
        lines.removeAll { $0.isGone || !isKept($0) }
        gone = 0
        ids = [:]
        for line in lines { ids[line.entry.pattern, default: []].append(line.id) }
        let shown = lines.filter { $0.version == version }
        for i in editions.indices { editions[i].replace(with: shown, &trash) }
    }
}
