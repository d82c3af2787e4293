import Model

/// `tune.h2.…` of `global`. What is about one side counts more than what is about both, wherever it stands.
enum HTTP2Directives {
    static let global = [
        GlobalDirective("tune.h2.max-concurrent-streams") { line, global throws(Refusal) in
            let streams = try streams(&line)
            global.maxStreams = global.maxStreams ?? streams
            global.http2.serverStreams = global.http2.serverStreams ?? streams
        },
        GlobalDirective("tune.h2.fe.max-concurrent-streams") { line, global throws(Refusal) in
            global.maxStreams = try streams(&line)
        },
        GlobalDirective("tune.h2.be.max-concurrent-streams") { line, global throws(Refusal) in
            global.http2.serverStreams = try streams(&line)
        },
        GlobalDirective("tune.h2.initial-window-size") { line, global throws(Refusal) in
            let window = try window(&line)
            global.http2.clientWindow = global.http2.clientWindow ?? window
            global.http2.serverWindow = global.http2.serverWindow ?? window
        },
        GlobalDirective("tune.h2.fe.initial-window-size") { line, global throws(Refusal) in
            global.http2.clientWindow = try window(&line)
        },
        GlobalDirective("tune.h2.be.initial-window-size") { line, global throws(Refusal) in
            global.http2.serverWindow = try window(&line)
        },
    ]

    private static func streams(_ line: inout LineReader) throws(Refusal) -> Int {
        try line.number(in: 1...65_535, "a number of streams from 1 to 65535")
    }

    /// Each body has a buffer of that size, so that it can not be as large as the protocol lets it be.
    private static func window(_ line: inout LineReader) throws(Refusal) -> Int {
        let size = try line.size()
        guard (1...16_777_216).contains(size) else {
            throw .conflict("'\(size)': expected a size from 1 to 16m")
        }
        return size
    }
}
