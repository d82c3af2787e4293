import Basics
import Kubernetes

/// What a collector's answer means, as OTLP over HTTP has it.
enum CollectorAnswer {
    /// What becomes of a delivery, and what is to be told of it; nil is nothing.
    static func meaning(of outcome: Poster.Outcome) -> (answer: SpanQueue.Answer, problem: String?) {
        switch outcome {
        case .failed(let reason): return (.later(seconds: nil), reason)
        case .answered(let status, let retryAfter, let body):
            switch status {
            case 200..<300:
                let refused = refusedSpans(in: body)
                return (.taken(refusing: refused), refused > 0 ? "it refuses \(refused) spans" : nil)
            case 429, 502, 503, 504: return (.later(seconds: retryAfter), "it answers \(status)")
            default: return (.refused, "it answers \(status)")
            }
        }
    }

    /// How many spans it says that it has not taken (`partialSuccess.rejectedSpans`); what can not be read says nothing.
    static func refusedSpans(in body: [UInt8]) -> Int { (try? rejected(in: body)) ?? 0 }

    private static func rejected(in body: [UInt8]) throws(JSONError) -> Int {
        guard !body.isEmpty else { return 0 }
        var reader = JSONReader(body.span)
        var found = 0
        try reader.openObject()
        while let key = try reader.nextKey() {
            guard "partialSuccess" ~= key, try reader.nextKind() == .object else {
                try reader.skipValue()
                continue
            }
            try reader.openObject()
            while let inner = try reader.nextKey() {
                guard "rejectedSpans" ~= inner else {
                    try reader.skipValue()
                    continue
                }
                // 64-bit numbers are text there, or numbers.
                found =
                    try reader.nextKind() == .string
                    ? Int(try reader.string()) ?? 0 : try reader.integerOrNull() ?? 0
            }
        }
        return found
    }
}
