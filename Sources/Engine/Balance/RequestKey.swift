import Basics
import Model
import Wire

/// The bytes of a request that are hashed, cut out exactly as HAProxy does: the same request must go to the same server.
/// Nothing is copied.
enum RequestKey {
    /// `uri`: the target, or the part of it that is asked for.
    static func uri(_ target: ByteView, _ part: URIPart) -> ByteView {
        let uri = part.isPathOnly ? path(of: target) : target
        let most = part.length > 0 ? min(uri.count, part.length) : uri.count
        var slashes = 0
        for i in 0..<most {
            if uri[i] == UInt8(ascii: "/") {
                slashes += 1
                if part.depth > 0, slashes > part.depth { return uri[0..<i] }
            } else if uri[i] == UInt8(ascii: "?"), !part.isWhole {
                return uri[0..<i]
            }
        }
        return uri[0..<most]
    }

    /// The target without scheme and authority, with the query. An authority alone and `*` have no path.
    private static func path(of target: ByteView) -> ByteView {
        guard let first = target.firstIndex(of: UInt8(ascii: "/")) else { return .empty }
        guard first > 0 else { return target }
        let authority = first + 2
        guard target[first - 1] == UInt8(ascii: ":"), authority <= target.count,
            target[first + 1] == UInt8(ascii: "/"),
            let path = target.firstIndex(of: UInt8(ascii: "/"), from: authority)
        else { return .empty }
        return target[path..<target.count]
    }

    /// `url_param`: the value of the first parameter of that name, which may be empty; nil without such a parameter.
    static func parameter(_ target: ByteView, _ name: ByteView) -> ByteView? {
        guard let query = target.firstIndex(of: UInt8(ascii: "?")) else { return nil }
        return parameter(ofForm: target[query + 1..<target.count], name)
    }

    /// The same of a query, or of the body of a form: HAProxy takes all bytes up to the next `&`.
    static func parameter(ofForm form: ByteView, _ name: ByteView) -> ByteView? {
        var start = 0
        while form.count - start > name.count {
            let nameEnd = start + name.count
            if form[nameEnd] == UInt8(ascii: "="), form[start..<nameEnd].equals(name) {
                let end = form.firstIndex(of: UInt8(ascii: "&"), from: nameEnd + 1) ?? form.count
                return form[nameEnd + 1..<end]
            }
            guard let next = form.firstIndex(of: UInt8(ascii: "&"), from: start) else { return nil }
            start = next + 1
        }
        return nil
    }

    /// `hdr()`: the first value of the first field of that name; nil if there is none or it is empty.
    static func header(_ fields: borrowing HeaderTable, in head: ByteView, _ name: ByteView) -> ByteView? {
        var values = FieldValues(head, name, isWhole: false)
        guard let value = values.next(fields), !value.isEmpty else { return nil }
        return value
    }

    /// `use_domain_only`: between the last two dots, or up to the last one; all of it without a dot. A dot in front of
    /// everything is none.
    static func domain(_ host: ByteView) -> ByteView {
        guard let last = host.lastIndex(of: UInt8(ascii: ".")), last > 0 else { return host }
        var start = last - 1
        while start > 0, host[start - 1] != UInt8(ascii: ".") { start -= 1 }
        return host[start..<last]
    }
}
