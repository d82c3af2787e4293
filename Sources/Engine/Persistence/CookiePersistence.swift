import Basics
import Model

/// The persistence cookie of a backend: which server a request names, what that server sees of it, and what the answer
/// sets. It decides and writes; who the servers are and what time it is, it is told.
///
/// ```
///   Cookie: NAME=server                  insert, rewrite
///   Cookie: NAME=server|last|first       insert with maxidle or maxlife: dates, see `CookieDate`
///   Cookie: NAME=server~value            prefix: the server's own cookie behind the `~`
/// ```
final class CookiePersistence: Sendable {
    private let name: FixedArray<UInt8>
    private let mode: CookieMode?
    private let isIndirect: Bool
    private let marksPrivate: Bool
    private let insertsOnPostOnly: Bool
    private let preservesServers: Bool
    private let maxIdle: Int64
    private let maxLife: Int64
    /// What follows the value in cookies we insert.
    private let attributes: FixedArray<UInt8>
    /// Whether `Secure` is added to these where the client speaks TLS.
    private let addsSecure: Bool

    /// Dates that lie in the future by more than this are not believed.
    private static let clockSkew: Int64 = 86_400

    /// Takes settings without `flaw`.
    init(_ cookie: PersistenceCookie) {
        name = FixedArray(cookie.name)
        mode = cookie.mode
        isIndirect = cookie.isIndirect
        marksPrivate = cookie.marksPrivate
        insertsOnPostOnly = cookie.insertsOnPostOnly
        preservesServers = cookie.preservesServers
        (maxIdle, maxLife) = (Int64(cookie.maxIdle), Int64(cookie.maxLife))
        addsSecure = cookie.isSecureOverTLS && !cookie.isSecure
        let words =
            ["path=\(cookie.path)"] + cookie.domains.map { "domain=\($0)" }
            + (cookie.isHTTPOnly ? ["HttpOnly"] : [])
            + (cookie.isSecure ? ["Secure"] : []) + cookie.attributes
        attributes = FixedArray(words.map { "; \($0)" }.joined())
    }

    /// Whether `forward` may change a request's line.
    var changesRequests: Bool { mode == .insert && isIndirect || mode == .prefix }

    /// Whether the log tells of it: HAProxy says nothing of one that is read and left alone.
    var isLogged: Bool { mode != nil || isIndirect }

    // MARK: Requests

    /// Reads one `Cookie` line. `server` tells what a value leads to; it is asked until one leads to a server, and the
    /// value it was asked last is then the server's.
    func read(_ line: ByteView, now: Int64, state: inout CookieState, server: (ByteView) -> CookieServer) {
        var pairs = CookiePairs(line)
        while let pair = pairs.next() {
            guard isOurs(pair, in: line) else { continue }
            var value = serverPart(of: line[pair.value])
            if mode != .prefix { readDates(line[pair.value], &state) }
            if let verdict = outdated(state, now: now) {
                (state.request, state.firstSeen, state.lastSeen) = (verdict, 0, 0)
                value = .empty
            }
            judge(value, &state, server)
        }
    }

    private func isOurs(_ pair: CookiePairs.Pair, in line: ByteView) -> Bool {
        pair.hasValue && !pair.isAttribute && line[pair.name].equals(name.view)
    }

    /// What stands before the server's own value, or before the dates.
    private func serverPart(of value: ByteView) -> ByteView {
        let delimiter = mode == .prefix ? UInt8(ascii: "~") : UInt8(ascii: "|")
        return value[0..<(value.firstIndex(of: delimiter) ?? value.count)]
    }

    private func readDates(_ value: ByteView, _ state: inout CookieState) {
        let bar = UInt8(ascii: "|")
        guard let first = value.firstIndex(of: bar) else { return }
        let dates = value[first + 1..<value.count]
        if let date = CookieDate.read(dates) { state.lastSeen = date }
        guard let second = dates.firstIndex(of: bar) else { return }
        if let date = CookieDate.read(dates[second + 1..<dates.count]) { state.firstSeen = date }
    }

    /// Why the dates make the cookie count no longer: its life first, then its idle time.
    private func outdated(_ state: CookieState, now: Int64) -> CookieRequestVerdict? {
        if maxLife > 0, state.firstSeen > 0, isBeyond(maxLife, since: state.firstSeen, now) { return .old }
        if maxIdle > 0, state.lastSeen > 0, isBeyond(maxIdle, since: state.lastSeen, now) { return .expired }
        return nil
    }

    private func isBeyond(_ limit: Int64, since date: CookieDate.Seconds, _ now: Int64) -> Bool {
        let age = now &- Int64(date)
        return age > limit || -age > CookiePersistence.clockSkew
    }

    private func judge(_ value: ByteView, _ state: inout CookieState, _ server: (ByteView) -> CookieServer) {
        let isOverruled = state.isOverruled || state.isIgnored || state.isDirect
        switch value.isEmpty || isOverruled ? .unknown : server(value) {
        case .up: (state.request, state.isDirect) = (.valid, true)
        case .downButKept: (state.request, state.isDirect) = (.down, true)
        case .down: state.request = .down
        case .unknown:
            // Of several cookies of the name, the first tells, unless a later one leads to a server.
            if state.request == .none { state.request = isOverruled ? .unused : .invalid }
        }
    }

    /// Writes what the server gets of a `Cookie` line: without our cookie if it is hidden, without our part of its own.
    func forward(_ line: ByteView, to output: inout Buffer) -> CookieLine {
        let isHidden = mode == .insert && isIndirect
        guard isHidden || mode == .prefix else { return .unchanged }
        guard output.room >= line.count else { return .full }
        let before = output.count
        var pairs = CookiePairs(line)
        var (isChanged, isCutting, keepsAny) = (false, false, false)
        while let pair = pairs.next() {
            if pair.isAttribute {
                // It belongs to the cookie before it, and goes with it.
                if !isCutting { output.append(line[pair.start..<pair.end]) }
                continue
            }
            if isHidden, isOurs(pair, in: line) {
                (isChanged, isCutting) = (true, true)
                continue
            }
            keepsAny = true
            let start = isCutting ? join(pair, of: line, behind: before, to: &output) : pair.start
            isCutting = false
            if mode == .prefix, isOurs(pair, in: line),
                let cut = line[pair.value].firstIndex(of: UInt8(ascii: "~"))
            {
                isChanged = true
                output.append(line[start..<pair.value.lowerBound])
                output.append(line[pair.value.lowerBound + cut + 1..<pair.end])
            } else {
                output.append(line[start..<pair.end])
            }
        }
        if isChanged, keepsAny, output.count > before { return .rewritten }
        output.truncate(to: before)
        return isChanged ? .dropped : .unchanged
    }

    /// Ends what was written with the delimiter and one blank, if there is something; where the pair then goes on.
    private func join(_ pair: CookiePairs.Pair, of line: ByteView, behind start: Int, to output: inout Buffer)
        -> Int
    {
        while output.count > start, isBlank(output.view[output.count - 1]) {
            output.truncate(to: output.count - 1)
        }
        if output.count > start {
            output.append(line[pair.start])
            output.append(UInt8(ascii: " "))
        }
        return pair.name.lowerBound
    }

    // MARK: Answers

    /// Writes what the client gets of a server's `Set-Cookie` line. `serverValue` is the server's value, empty if it
    /// has none.
    func forward(
        setCookie line: ByteView, serverValue: ByteView, state: inout CookieState, to output: inout Buffer
    )
        -> CookieLine
    {
        var pairs = CookiePairs(setCookie: line)
        guard !state.isIgnored, let pair = pairs.next(), pair.hasValue, line[pair.name].equals(name.view)
        else {
            return .unchanged
        }
        state.response = .passed
        if preservesServers { return .unchanged }
        if mode == .insert || state.isDirect && isIndirect {
            state.response = .deleted
            return .dropped
        }
        guard mode != nil, !serverValue.isEmpty else { return .unchanged }
        guard output.room >= line.count + serverValue.count + 1 else { return .full }
        output.append(line[0..<pair.value.lowerBound])
        output.append(serverValue)
        if mode == .prefix { output.append(UInt8(ascii: "~")) }
        output.append(line[(mode == .prefix ? pair.value.lowerBound : pair.value.upperBound)..<line.count])
        state.response = .rewritten
        return .rewritten
    }

    /// Whether our cookie goes into the answer, after its `Set-Cookie` lines were seen.
    func inserts(_ state: CookieState, isPost: Bool, now: Int64) -> Bool {
        guard mode == .insert, !state.isIgnored, !(insertsOnPostOnly && !isPost) else { return false }
        if preservesServers, state.response == .passed { return false }
        guard state.isDirect else { return true }
        // The client has it. It is sent again for the sake of its dates: to renew, to begin and to end them.
        let mayRenew = maxIdle > 0 || state.lastSeen > 0
        if mayRenew, state.lastSeen == 0 || Int64(state.lastSeen) < now { return true }
        return (maxLife > 0) != (state.firstSeen > 0)
    }

    /// Writes our `Set-Cookie` line, and what keeps caches from handing it to others. A server without a value ends the
    /// cookie.
    func write(
        serverValue: ByteView, isCacheable: Bool, overTLS: Bool, now: Int64, state: inout CookieState,
        to head: inout ByteWriter
    ) {
        head.append("Set-Cookie: ")
        head.append(name.view)
        head.append("=")
        head.append(serverValue)
        if serverValue.isEmpty {
            head.append("; Expires=Thu, 01-Jan-1970 00:00:01 GMT")
        } else {
            writeDates(now, state, to: &head)
        }
        head.append(attributes.view)
        head.append(addsSecure && overTLS ? "; Secure\r\n" : "\r\n")
        if marksPrivate, isCacheable { head.append("Cache-Control: private\r\n") }
        state.response = state.isDirect && !serverValue.isEmpty ? .updated : .inserted
    }

    private func writeDates(_ now: Int64, _ state: CookieState, to head: inout ByteWriter) {
        guard maxIdle > 0 || maxLife > 0 else { return }
        head.append("|")
        CookieDate.write(now, to: &head)
        guard maxLife > 0 else { return }
        head.append("|")
        if state.firstSeen > 0 {
            CookieDate.write(again: state.firstSeen, to: &head)
        } else {
            CookieDate.write(now, to: &head)
        }
    }
}
