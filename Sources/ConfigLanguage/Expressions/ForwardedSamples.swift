import Model

/// `rfc7239_field` and its kin, `language`, and moments in parts of a second as text.
enum ForwardedSamples {
    /// What may stand behind the first step of an expression.
    static let converters: [(String, ConverterTable.Reader)] = named + whole + moments

    private static let named: [(String, ConverterTable.Reader)] =
        [
            ("rfc7239_field", { arguments throws(Refusal) in .forwarded(try field(&arguments)) }),
            (
                "language",
                { arguments throws(Refusal) in
                    let languages = try arguments.take("languages such as fr;en").bytes
                    return .language(languages, else: arguments.takeIfAny()?.bytes)
                }
            ),
        ]

    private static let whole: [(String, ConverterTable.Reader)] =
        [ForwardedPart.isValid, .nodeName, .nodePort, .writtenName, .writtenPort].map { part in
            (part.rawValue, { _ in .forwarded(part) })
        }

    private static func field(_ arguments: inout ArgumentReader) throws(Refusal) -> ForwardedPart {
        let word = try arguments.take("for, by, host or proto")
        guard let part = ForwardedPart(rawValue: "rfc7239_field(\(word.text))") else {
            throw .invalid(word, expected: "for, by, host or proto")
        }
        return part
    }

    private static let moments: [(String, ConverterTable.Reader)] =
        [MomentRead.Unit.milliseconds, .microseconds].flatMap { unit in
            [true, false].map { isLocal -> (String, ConverterTable.Reader) in
                (
                    "\(unit.rawValue)_\(isLocal ? "ltime" : "utime")",
                    { arguments throws(Refusal) in
                        let format = try arguments.take("a format such as %H:%M:%S.%3N").text
                        // HAProxy adds seconds, whatever the unit is.
                        let seconds = try arguments.integerIfAny() ?? 0
                        let (offset, isTooMuch) = seconds.multipliedReportingOverflow(
                            by: Int64(1_000_000_000 / unit.nanoseconds))
                        guard !isTooMuch else { throw .conflict("an offset of \(seconds) s is too much") }
                        return .moment(MomentFormat(format, of: unit, offset: offset, isLocal: isLocal))
                    }
                )
            }
        }
}
