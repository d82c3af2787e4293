import Model

extension Arithmetic {
    /// The result, held within 64 bits as HAProxy does: what is too large is the largest there is, so is a division by zero.
    func apply(_ left: Int64, _ right: Int64) -> Int64 {
        switch self {
        case .add: Arithmetic.held(left.addingReportingOverflow(right), isNegative: left < 0)
        case .sub: Arithmetic.held(left.subtractingReportingOverflow(right), isNegative: left < 0)
        case .mul:
            Arithmetic.held(
                left.multipliedReportingOverflow(by: right), isNegative: (left < 0) != (right < 0))
        case .div:
            right == 0 ? .max : Arithmetic.held(left.dividedReportingOverflow(by: right), isNegative: false)
        case .mod: right == 0 ? 0 : left.remainderReportingOverflow(dividingBy: right).partialValue
        case .and: left & right
        case .or: left | right
        case .xor: left ^ right
        }
    }

    private static func held(_ result: (partialValue: Int64, overflow: Bool), isNegative: Bool) -> Int64 {
        result.overflow ? (isNegative ? .min : .max) : result.partialValue
    }
}
