public import Basics
import CPCRE2

/// A regular expression of Perl's kind, as HAProxy built with PCRE2 understands it. It matches bytes.
///
/// Compiled once, it may be used by any thread. A pattern that would look too long at some bytes does not match them: the
/// effort is bounded, whatever they are.
public final class RegularExpression: Sendable {
    // Compiled code is read only once it is made.
    nonisolated(unsafe) private let code: OpaquePointer

    /// Compiles a pattern; nil if it is none.
    public init?(_ pattern: String, ignoresCase: Bool = false) {
        let options: UInt32 = ignoresCase ? PCRE2_CASELESS : 0
        let compiled = pattern.withView { view in
            view.withPointer { start, count -> OpaquePointer? in
                var (number, place): (Int32, Int) = (0, 0)
                return pcre2_compile_8(start, count, options, &number, &place, nil)
            }
        }
        guard let compiled else { return nil }
        code = compiled
    }

    deinit { pcre2_code_free_8(code) }

    /// Whether it matches somewhere in `bytes`.
    public func matches(_ bytes: ByteView) -> Bool {
        var groups = MatchGroups()
        return find(in: bytes, MatchMemory(), &groups) == .found
    }

    /// Looks for the first match, and says where it and its groups stand. The first byte counts as the beginning of a line
    /// unless `continues`.
    public func find(
        in bytes: ByteView, _ memory: borrowing MatchMemory, _ groups: inout MatchGroups,
        continues: Bool = false
    ) -> MatchOutcome {
        guard let data = memory.data, let context = memory.context else { return .tooCostly }
        let result = bytes.withPointer { start, count in
            pcre2_match_8(code, start, count, 0, continues ? PCRE2_NOTBOL : 0, data, context)
        }
        guard result >= 0 else { return result == PCRE2_ERROR_NOMATCH ? .nothing : .tooCostly }
        groups = MatchGroups()
        guard let places = pcre2_get_ovector_pointer_8(data) else { return .tooCostly }
        // Places of groups the pattern does not have are never written; none left over is 0.
        let known = result == 0 ? MatchGroups.most : min(Int(result), MatchGroups.most)
        for i in 0..<2 * known { groups.places[i] = places[i] }
        return .found
    }
}

/// What a regular expression found.
public enum MatchOutcome: Sendable {
    case found
    case nothing
    /// It would have taken too long to know.
    case tooCostly
}

/// What matching needs beside the pattern; one thread's, to be used again and again.
public struct MatchMemory: ~Copyable {
    let data: OpaquePointer?
    let context: OpaquePointer?

    /// About a millisecond's work.
    private static var mostSteps: UInt32 { 100_000 }
    private static var mostKilobytes: UInt32 { 4096 }

    /// Memory for a pattern after another.
    public init() {
        data = pcre2_match_data_create_8(UInt32(MatchGroups.most), nil)
        context = pcre2_match_context_create_8(nil)
        guard let context else { return }
        pcre2_set_match_limit_8(context, Self.mostSteps)
        pcre2_set_heap_limit_8(context, Self.mostKilobytes)
    }

    deinit {
        pcre2_match_data_free_8(data)
        pcre2_match_context_free_8(context)
    }
}

/// Where a match (0) and its groups (1-9) stand in the text.
public struct MatchGroups {
    /// Beginning and end of each; -1 for one that took no part.
    fileprivate var places = InlineArray<20, Int>(repeating: -1)
    fileprivate static var most: Int { 10 }

    /// No match.
    public init() {}

    /// Where it stands; nil for a group that took no part.
    public subscript(group: Int) -> Range<Int>? {
        guard group >= 0, group < Self.most else { return nil }
        let (start, end) = (places[2 * group], places[2 * group + 1])
        // A lookahead can put the start of a match behind its end.
        return start >= 0 && start <= end ? start..<end : nil
    }
}
