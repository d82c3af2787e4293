import Model

/// Names of variables: `txn.name`.
enum VariableName {
    /// Reads a word as one.
    static func variable(_ word: Word) throws(Refusal) -> Variable {
        let expected =
            "a variable such as txn.name: proc, sess, txn, req, res or check, a dot, and letters, digits, '_' and '.'"
        guard let dot = word.text.firstIndex(of: ".") else { throw .invalid(word, expected: expected) }
        let name = word.text[word.text.index(after: dot)...]
        guard let scope = Variable.Scope(rawValue: String(word.text[..<dot])), !name.isEmpty,
            name.utf8.allSatisfy(isPart)
        else { throw .invalid(word, expected: expected) }
        return Variable(scope, String(name))
    }

    private static func isPart(_ byte: UInt8) -> Bool {
        (byte | 0x20) &- UInt8(ascii: "a") < 26 || byte &- UInt8(ascii: "0") < 10
            || byte == UInt8(ascii: "_") || byte == UInt8(ascii: ".")
    }
}

extension ArgumentReader {
    /// The name of a variable.
    mutating func variable() throws(Refusal) -> Variable {
        try VariableName.variable(try take("a variable such as txn.name"))
    }

    /// The same if there is one.
    mutating func variableIfAny() throws(Refusal) -> Variable? {
        guard let word = takeIfAny() else { return nil }
        return try VariableName.variable(word)
    }

    /// All that is left: what must be so for a variable to be set.
    mutating func variableConditions() throws(Refusal) -> VariableConditions {
        var conditions: VariableConditions = []
        while let word = takeIfAny() {
            guard let found = VariableConditions.words.first(where: { $0.key == word.text }) else {
                let words = VariableConditions.words.map(\.key).joined(separator: ", ")
                throw .invalid(word, expected: "one of \(words)")
            }
            conditions.insert(found.value)
        }
        return conditions
    }
}
