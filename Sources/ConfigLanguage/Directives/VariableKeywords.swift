import Model

/// `set-var`, `set-var-fmt` and `unset-var`, in rules and in `global`.
enum VariableKeywords {
    static let names = ["set-var", "set-var-fmt", "unset-var"]

    /// The keyword of a word such as `set-var(txn.name)`; nil if it is none of these.
    static func name(of word: Word) -> String? {
        let name = word.text.prefix { $0 != "(" }
        return name.utf8.count < word.bytes.count ? names.first { $0 == name } : nil
    }

    /// Reads a rule's action from its word, `set-var(txn.name,ifset)`, and what stands behind it.
    static func change(
        _ word: Word, _ line: inout LineReader, of layers: SampleLayers = SampleLayers(rawValue: .max)
    ) throws(Refusal) -> VariableChange {
        guard let call = try SampleCall.steps(of: word).first else { throw .unexpected(word) }
        var arguments = ArgumentReader(call, isPattern: line.surroundings.isPattern)
        let variable = try arguments.variable()
        if call.name == "unset-var" {
            try arguments.end()
            return .unset(variable)
        }
        let conditions = try arguments.variableConditions()
        return call.name == "set-var"
            ? .set(variable, conditions, try line.expression(for: layers))
            : .setText(variable, conditions, try line.format(for: .value, layers))
    }

    /// Those of `global`: of the process alone, and of what is known before there are clients.
    static let global = [
        GlobalDirective("set-var") { line, global throws(Refusal) in
            let variable = try ofProcess(&line)
            global.variables.changes.append(.set(variable, [], try line.expression(for: [])))
        },
        GlobalDirective("set-var-fmt") { line, global throws(Refusal) in
            let variable = try ofProcess(&line)
            global.variables.changes.append(.setText(variable, [], try line.format(for: .value, [])))
        },
        GlobalDirective("tune.vars.reqres-max-size") { line, global throws(Refusal) in
            global.variables.messageSize = try line.size()
        },
        GlobalDirective("tune.vars.txn-max-size") { line, global throws(Refusal) in
            global.variables.transactionSize = try line.size()
        },
        GlobalDirective("tune.vars.sess-max-size") { line, global throws(Refusal) in
            global.variables.sessionSize = try line.size()
        },
        GlobalDirective("tune.vars.proc-max-size") { line, global throws(Refusal) in
            global.variables.processSize = try line.size()
        },
        .ignored("tune.vars.global-max-size", "each connection and the process have limits of their own"),
    ]

    private static func ofProcess(_ line: inout LineReader) throws(Refusal) -> Variable {
        let word = try line.take("a variable such as proc.name")
        let variable = try VariableName.variable(word)
        guard variable.scope == .process else {
            throw .invalid(word, expected: "a variable of the process: proc.name")
        }
        return variable
    }
}
