import Model

/// `compression`, and what it may cost the process.
enum CompressionDirectives {
    static let table = [
        Directive("compression") { line, proxy throws(Refusal) in
            var compression = proxy.compression ?? Compression(algorithms: [])
            try read(&line, &compression)
            proxy.compression = compression
        }
    ]

    static let global = [
        GlobalDirective("maxcomprate") { line, global throws(Refusal) in
            let rate = try line.number(in: 0...1_000_000_000, "a number of kilobytes per second")
            global.compression.maxRate = Int64(rate) * 1_024
        },
        GlobalDirective("maxcompcpuusage") { line, global throws(Refusal) in
            global.compression.maxCPUUsage = try line.number(in: 0...100, "a percentage from 0 to 100")
        },
        GlobalDirective("tune.comp.maxlevel") { line, global throws(Refusal) in
            global.compression.maxLevel = try line.number(in: 1...9, "a level from 1 to 9")
        },
    ]

    private static func read(_ line: inout LineReader, _ compression: inout Compression) throws(Refusal) {
        let word = try line.take("algo, type, offload or minsize-res")
        switch word.text {
        case "algo", "algo-res": compression.algorithms = try algorithms(&line)
        case "type", "type-res":
            guard line.next != nil else { throw .missing(expected: "a media type") }
            while let type = line.takeIfAny() { compression.types.append(type.text) }
        case "offload": compression.isOffload = true
        case "minsize-res": compression.minSize = Int64(clamping: try line.size())
        case "direction":
            let direction = try line.take("response")
            guard direction.text == "response" else {
                throw .unsupported(
                    "compression direction \(direction.text)", instead: "answers are compressed")
            }
        case "algo-req", "type-req", "minsize-req":
            throw .unsupported("compression \(word.text)", instead: "answers are compressed")
        default: throw .invalid(word, expected: "algo, type, offload or minsize-res")
        }
    }

    private static func algorithms(_ line: inout LineReader) throws(Refusal) -> [CompressionAlgorithm] {
        var algorithms: [CompressionAlgorithm] = []
        guard line.next != nil else { throw .missing(expected: "an algorithm") }
        while let word = line.takeIfAny() {
            if word.text == "identity" {
                line.warn("'identity' does nothing and is left out")
                continue
            }
            guard let algorithm = CompressionAlgorithm(rawValue: word.text) else {
                let names = CompressionAlgorithm.allCases.map(\.rawValue).joined(separator: ", ")
                throw .invalid(word, expected: "one of \(names)")
            }
            algorithms.append(algorithm)
        }
        return algorithms
    }
}
