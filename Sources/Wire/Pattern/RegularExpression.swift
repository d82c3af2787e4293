public import Basics
import CPCRE2

/// A regular expression of Perl's kind, as HAProxy built with PCRE2 understands it. It matches bytes.
///
/// Compiled once, it may be used by any thread. A pattern that would look too long at some bytes does not match them: the
/// effort is bounded, whatever they are.
public final class RegularExpression: Sendable {
    // Compiled code is read only once it is made.
    nonisolated(unsafe) private let code: OpaquePointer

    /// About a millisecond's work.
    private static let mostSteps: UInt32 = 100_000

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
        guard let context = pcre2_match_context_create_8(nil) else { return false }
        defer { pcre2_match_context_free_8(context) }
        pcre2_set_match_limit_8(context, Self.mostSteps)
        guard let data = pcre2_match_data_create_from_pattern_8(code, nil) else { return false }
        defer { pcre2_match_data_free_8(data) }
        return bytes.withPointer { start, count in
            pcre2_match_8(code, start, count, 0, 0, data, context) >= 0
        }
    }
}
