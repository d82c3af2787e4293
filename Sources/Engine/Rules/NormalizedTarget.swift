import Basics
import Model

/// A path with its query as `Model.TargetNormalizer` wants it, byte for byte as HAProxy makes it.
struct NormalizedTarget {
    private(set) var bytes: [UInt8] = []

    /// Nil if the target has a `%` that begins no escape, and that is not to be taken for one.
    init?(_ normalizer: TargetNormalizer, of target: ByteView) {
        let query = target.firstIndex(of: UInt8(ascii: "?")) ?? target.count
        let path = target[0..<query]
        bytes.reserveCapacity(target.count)
        switch normalizer {
        case .fragmentEncode: encodeFragment(target)
        case .fragmentStrip:
            bytes = target[0..<(target.firstIndex(of: UInt8(ascii: "#")) ?? target.count)].bytes
        case .pathMergeSlashes: mergeSlashes(path)
        case .pathStripDot: stripDots(path)
        case .pathStripDotDot: stripDoubleDots(path, keepsRest: true)
        case .pathStripDotDotFull: stripDoubleDots(path, keepsRest: false)
        case .percentDecodeUnreserved: escapes(target, decodes: true)
        case .percentToUppercase: escapes(target, decodes: false)
        case .percentDecodeUnreservedStrict, .percentToUppercaseStrict:
            guard escapes(target, decodes: normalizer == .percentDecodeUnreservedStrict) else { return nil }
        case .querySortByName:
            bytes = path.bytes
            sort(target[query..<target.count])
        }
        if normalizer.isOfPath { append(target[query..<target.count]) }
    }

    private mutating func append(_ piece: ByteView) {
        for i in 0..<piece.count { bytes.append(piece[i]) }
    }

    private mutating func encodeFragment(_ target: ByteView) {
        for i in 0..<target.count {
            if target[i] == UInt8(ascii: "#") { bytes += "%23".utf8 } else { bytes.append(target[i]) }
        }
    }

    private mutating func mergeSlashes(_ path: ByteView) {
        for i in 0..<path.count {
            let isSlash = path[i] == UInt8(ascii: "/")
            if !isSlash || bytes.last != path[i] { bytes.append(path[i]) }
        }
    }

    private mutating func stripDots(_ path: ByteView) {
        var start = 0
        while start < path.count {
            let end = path.firstIndex(of: UInt8(ascii: "/"), from: start) ?? path.count
            let segment = path[start..<end]
            if !segment.equals(".") {
                append(segment)
                if end < path.count { bytes.append(UInt8(ascii: "/")) }
            }
            start = end + 1
        }
    }

    /// From behind, as each `..` takes away what stands in front of it.
    private mutating func stripDoubleDots(_ path: ByteView, keepsRest: Bool) {
        var (at, up) = (path.count - 1, 0)
        var reversed: [UInt8] = []
        if at >= 2, path[at - 2..<at + 1].equals("/..") {
            up = 1
            at -= 2
        }
        while at >= 0 {
            if at >= 3, path[at - 3..<at + 1].equals("/../") {
                up += 1
                at -= 3
                continue
            }
            guard up > 0 else {
                reversed.append(path[at])
                at -= 1
                continue
            }
            at -= 1
            guard at >= 0 else { break }
            up -= 1
            while at >= 0, path[at] != UInt8(ascii: "/") { at -= 1 }
        }
        if up > 0 {
            reversed.append(UInt8(ascii: "/"))
            if keepsRest { for _ in 0..<up { reversed += "../".utf8 } }
        }
        bytes = reversed.reversed()
    }

    /// False if a `%` begins no escape.
    @discardableResult
    private mutating func escapes(_ target: ByteView, decodes: Bool) -> Bool {
        var (at, areWhole) = (0, true)
        while at < target.count {
            let byte = target[at]
            at += 1
            guard byte == UInt8(ascii: "%") else {
                bytes.append(byte)
                continue
            }
            guard at + 1 < target.count, let high = target[at].hexDigit, let low = target[at + 1].hexDigit
            else {
                areWhole = false
                bytes.append(byte)
                continue
            }
            let code = high << 4 | low
            if decodes, code.isUnreserved {
                bytes.append(code)
            } else {
                bytes.append(byte)
                for digit in [target[at], target[at + 1]] {
                    bytes.append(decodes || digit < UInt8(ascii: "a") ? digit : digit & 0xDF)
                }
            }
            at += 2
        }
        return areWhole
    }

    private mutating func sort(_ query: ByteView) {
        guard !query.isEmpty else { return }
        bytes.append(UInt8(ascii: "?"))
        var parameters: [(name: [UInt8], place: Int, range: Range<Int>)] = []
        var start = 1
        while start < query.count {
            let end = query.firstIndex(of: UInt8(ascii: "&"), from: start) ?? query.count
            let parameter = query[start..<end]
            let name = parameter[0..<(parameter.firstIndex(of: UInt8(ascii: "=")) ?? parameter.count)].bytes
            parameters.append((name, parameters.count, start..<end))
            start = end + 1
        }
        parameters.sort { a, b in
            a.name == b.name ? a.place < b.place : a.name.lexicographicallyPrecedes(b.name)
        }
        for (i, parameter) in parameters.enumerated() {
            if i > 0 { bytes.append(UInt8(ascii: "&")) }
            append(query[parameter.range])
        }
    }
}

extension TargetNormalizer {
    fileprivate var isOfPath: Bool {
        switch self {
        case .pathMergeSlashes, .pathStripDot, .pathStripDotDot, .pathStripDotDotFull: true
        default: false
        }
    }
}

extension UInt8 {
    /// RFC 3986 2.3.
    fileprivate var isUnreserved: Bool {
        let isLetter = (self | 0x20) &- UInt8(ascii: "a") < 26
        return isLetter || self &- UInt8(ascii: "0") < 10 || "-._~".utf8.contains(self)
    }

    fileprivate var hexDigit: UInt8? {
        switch self {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): self - UInt8(ascii: "0")
        case UInt8(ascii: "A")...UInt8(ascii: "F"): self - UInt8(ascii: "A") + 10
        case UInt8(ascii: "a")...UInt8(ascii: "f"): self - UInt8(ascii: "a") + 10
        default: nil
        }
    }
}
