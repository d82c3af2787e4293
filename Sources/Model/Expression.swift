/// Something to be read of a connection, a request or an answer: HAProxy's sample expressions.
///
/// ```
///   req.hdr(host),lower,field(1,:)        fetch, converter, converter
/// ```
/// A sample that is not there, or that a step can do nothing with, is none: what asked for it goes on without.
public struct Expression: Sendable, Equatable, Hashable {
    /// What it begins with.
    public let fetch: Fetch
    /// What is done with it, in order.
    public let converters: [Converter]

    /// An expression whose steps fit together.
    public init(_ fetch: Fetch, _ converters: [Converter] = []) throws(ExpressionFlaw) {
        var type = fetch.output
        for (place, converter) in converters.enumerated() {
            guard type.casts(to: converter.input) else {
                throw .mismatch(converter: place, found: type, expected: converter.input)
            }
            type = converter.output(of: type)
        }
        output = type
        self.fetch = fetch
        self.converters = converters
    }

    /// A number.
    public init(integer: Int64) {
        (fetch, output) = (.integer(integer), .integer)
        converters = []
    }

    /// What it gives.
    public let output: SampleType

    /// What it can be had from.
    public var needs: SampleLayers { fetch.needs }
}

/// Why steps make no expression.
public enum ExpressionFlaw: Error, Equatable {
    /// The converter of this number can do nothing with what the step before it gives.
    case mismatch(converter: Int, found: SampleType, expected: SampleType)
}
