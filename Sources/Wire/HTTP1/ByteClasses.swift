import Basics
import CSystem

/// Where runs of allowed bytes end in a head, 16 or 32 bytes at a time.
///
/// All of it reads up to 32 bytes behind `count`, which a `Buffer`'s slack allows. An answer of `count` or more says that the
/// run has not ended yet. Measured: 120 instructions for a header line, 217 with words of eight, over 1,000 byte by byte.
enum ByteClasses {
    /// The first byte from `start` that is no tchar (RFC 9110 5.6.2). Letters, digits and hyphens are passed by the block,
    /// the rarer ones one by one. `end` is what mostly follows.
    @inline(__always)
    static func endOfName(_ base: UnsafePointer<UInt8>, from start: Int, count: Int, before end: UInt8)
        -> Int
    {
        let at = start &+ csystem_run_of_name(base + start)
        return base[at] == end ? at : endOfRareName(base, from: at, count: count)
    }

    /// The same for a name that has other bytes, or more than fifteen.
    @inline(never)
    private static func endOfRareName(_ base: UnsafePointer<UInt8>, from start: Int, count: Int) -> Int {
        var at = start
        while at < count {
            let run = csystem_run_of_name(base + at)
            at &+= run
            if run == 16 { continue }
            guard at < count, isToken(base[at]) else { break }
            at &+= 1
        }
        return at
    }

    /// The first byte from `start` that may not stand in a field's value (RFC 9110 5.5: controls but for tab).
    @inline(__always)
    static func endOfValue(_ base: UnsafePointer<UInt8>, from start: Int, count: Int) -> Int {
        var at = start
        while at < count {
            let run = csystem_run_of_value(base + at)
            at &+= run
            if run == 32 { continue }
            guard base[at] == UInt8(ascii: "\t") else { break }
            at &+= 1
        }
        return at
    }

    /// The first byte from `start` that does not stand in a request target: controls, space, DEL, `#` and bytes beyond
    /// ASCII (RFC 3986; as HAProxy).
    @inline(__always)
    static func endOfTarget(_ base: UnsafePointer<UInt8>, from start: Int, count: Int) -> Int {
        var at = start
        while at < count {
            let run = csystem_run_of_target(base + at)
            at &+= run
            guard run == 16 else { break }
        }
        return at
    }
}

/// tchar of RFC 9110 5.6.2, from a table of 128 bytes.
@inline(__always)
func isToken(_ byte: UInt8) -> Bool {
    byte < 128 && tokenTable.utf8Start[Int(byte)] == UInt8(ascii: "1")
}

private var tokenTable: StaticString {
    """
    0000000000000000000000000000000001011111001101101111111111000000\
    0111111111111111111111111110001111111111111111111111111111101010
    """
}
