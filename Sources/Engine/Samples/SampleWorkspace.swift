import Basics
import Wire

/// Where a worker's expressions write what does not stand anywhere yet: one step's result behind the other, until it is reset.
struct SampleWorkspace: ~Copyable {
    private var buffer = Buffer()
    private let matching = MatchMemory()
    /// Regular expressions that were given up because they took too long.
    var overruns: UInt64 = 0

    /// Whether bytes that have not come yet may give another sample than the last one: it was cut short, or there was none.
    var lack = Lack.nothing

    enum Lack {
        case nothing, partial, missing
    }

    /// The most bytes of all results together; a step that needs more gives no sample.
    static var size: Int { 64 * 1024 }

    /// Begins anew: everything handed out before is gone. Takes memory the first time.
    mutating func reset() {
        if !buffer.hasMemory { buffer = Buffer(capacity: SampleWorkspace.size) }
        buffer.reset()
    }

    /// What `body` writes; nil if it does not fit.
    @inline(__always)
    mutating func write(_ body: (inout ByteWriter) -> Void) -> ByteView? {
        let start = buffer.count
        guard buffer.write(body) else { return nil }
        return buffer.view[start..<buffer.count]
    }

    /// Where the next result begins.
    var mark: Int { buffer.count }

    /// Forgets everything that was written since a mark.
    mutating func rewind(to mark: Int) { buffer.truncate(to: mark) }

    /// Everything that was written since a mark.
    func written(since mark: Int) -> ByteView { buffer.view[mark..<buffer.count] }

    /// Appends bytes; false if they do not fit.
    mutating func append(_ bytes: ByteView) -> Bool { buffer.append(bytes) }

    /// Looks for a match of `pattern`, and counts it if that takes too long.
    mutating func find(
        _ pattern: Unmanaged<RegularExpression>, in bytes: ByteView, _ groups: inout MatchGroups,
        continues: Bool = false
    ) -> MatchOutcome {
        let outcome = pattern._withUnsafeGuaranteedRef {
            $0.find(in: bytes, matching, &groups, continues: continues)
        }
        if outcome == .tooCostly { overruns &+= 1 }
        return outcome
    }
}
