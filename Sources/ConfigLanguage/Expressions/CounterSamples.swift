import Model

/// What expressions read of stick tables: `sc_…`, `sc0_…`, `src_…`, `table_…` and `in_table`.
enum CounterSamples {
    /// How an expression may begin.
    static let fetches: [(String, FetchTable.Reader)] = tracked + numbered + ofSource + ofTables

    /// What may stand behind the first step of one.
    static let converters: [(String, ConverterTable.Reader)] = values + ages

    /// With the number of what is tracked among the arguments.
    private static let tracked: [(String, FetchTable.Reader)] = ofTracked.map { name, value in
        (
            "sc_\(name)",
            { arguments throws(Refusal) in
                let value = try element(of: value, &arguments)
                let slot = try arguments.integer(
                    in: 0...CounterRead.most - 1, "a number from 0 to \(CounterRead.most - 1)")
                return .counter(CounterRead(value, of: .tracked(slot), in: named(&arguments)))
            }
        )
    }

    /// With the number in the name.
    private static let numbered: [(String, FetchTable.Reader)] = (0..<CounterRead.most).flatMap { slot in
        ofTracked.map { name, value -> (String, FetchTable.Reader) in
            (
                "sc\(slot)_\(name)",
                { arguments throws(Refusal) in
                    let value = try element(of: value, &arguments)
                    return .counter(CounterRead(value, of: .tracked(slot), in: named(&arguments)))
                }
            )
        }
    }

    private static let ofTracked = CounterValue.named.filter { $0.value != .countConnection }

    private static let ofSource: [(String, FetchTable.Reader)] =
        CounterValue.named.filter { $0.value != .holders && $0.value != .isHeld }.map { name, value in
            (
                "src_\(name)",
                { arguments throws(Refusal) in
                    let value = try element(of: value, &arguments)
                    return .counter(CounterRead(value, of: .ofSource, in: table(&arguments)))
                }
            )
        }

    private static let ofTables: [(String, FetchTable.Reader)] = TableUse.allCases.map { use in
        (use.rawValue, { arguments in .tableUse(table(&arguments), use) })
    }

    private static let values: [(String, ConverterTable.Reader)] =
        ([("server_id", .stored(.serverID))] + CounterValue.named).compactMap {
            name, value -> (String, ConverterTable.Reader)? in
            switch value {
            case .increment, .clear, .countConnection, .isHeld: nil
            case .stored, .kilobytes, .holders:
                (
                    "table_\(value.nameOfLookup)",
                    { arguments throws(Refusal) in
                        let value = try element(of: value, &arguments)
                        return .table(table(&arguments), .value(value))
                    }
                )
            }
        }

    private static let ages: [(String, ConverterTable.Reader)] = [
        ("in_table", { arguments in .table(table(&arguments), .isThere) }),
        (
            "table_expire",
            { arguments throws(Refusal) in
                .table(table(&arguments), .expiry(absent: try arguments.integerIfAny()))
            }
        ),
        (
            "table_idle",
            { arguments throws(Refusal) in
                .table(table(&arguments), .idleness(absent: try arguments.integerIfAny()))
            }
        ),
    ]

    private static func element(
        of value: CounterValue, _ arguments: inout ArgumentReader
    ) throws(Refusal) -> CounterValue {
        guard value.isOfArray else { return value }
        let last = StickTable.mostElements - 1
        return value.at(try arguments.integer(in: 0...last, "a number from 0 to \(last)"))
    }

    private static func named(_ arguments: inout ArgumentReader) -> TableName? {
        arguments.takeIfAny().map { TableName($0.text) }
    }

    /// The one named, else the section's own.
    private static func table(_ arguments: inout ArgumentReader) -> TableName {
        named(&arguments) ?? TableName(arguments.section)
    }
}
