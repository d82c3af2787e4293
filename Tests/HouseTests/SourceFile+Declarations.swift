/// A function, initialiser, accessor block or subscript with a body.
struct Function {
    let name: String
    let line: Int
    /// Lines between the braces.
    let bodyLines: Int
}

/// A type or alias.
struct TypeDeclaration {
    let name: String
    let line: Int
    /// Whether it is declared at the top of its file and not inside another type.
    let isTopLevel: Bool
}

extension SourceFile {
    private static let typeWords: Set<String> = ["struct", "class", "enum", "actor", "protocol", "typealias"]
    private static let declarationWords: Set<String> = [
        "func", "init", "deinit", "subscript", "var", "let", "case", "struct", "class", "enum", "protocol",
        "extension", "static", "public", "private", "internal", "typealias", "associatedtype", "mutating",
    ]

    /// All types and aliases this file declares.
    var types: [TypeDeclaration] {
        var found: [TypeDeclaration] = []
        var depth = 0
        for (i, token) in code.enumerated() {
            if token.isSign("{") { depth += 1 }
            if token.isSign("}") { depth -= 1 }
            guard token.kind == .word, Self.typeWords.contains(token.text), i + 1 < code.count,
                startsDeclaration(at: i), code[i + 1].kind == .word, !code[i + 1].isWord("func", "var", "let")
            else { continue }
            found.append(TypeDeclaration(name: code[i + 1].text, line: token.line, isTopLevel: depth == 0))
        }
        return found
    }

    /// The types this file extends.
    var extended: [String] {
        code.indices.dropLast().filter { code[$0].isWord("extension") && startsDeclaration(at: $0) }
            .map { code[$0 + 1].text }
    }

    /// `.class`, `enum:` and the like are names, not declarations.
    private func startsDeclaration(at i: Int) -> Bool {
        guard i > 0 else { return true }
        return !code[i - 1].isSign(".") && !(i + 1 < code.count && code[i + 1].isSign(":"))
    }

    /// Everything with a body that can be too long.
    var functions: [Function] {
        code.indices.compactMap { i in
            guard code[i].isWord("func", "init", "deinit", "subscript", "var"), startsDeclaration(at: i),
                i == 0 || !code[i - 1].isWord("self", "super"), let open = body(from: i),
                let close = end(of: open)
            else { return nil }
            let name = code[i].isWord("func", "var") ? code[i + 1].text : code[i].text
            return Function(
                name: name, line: code[i].line, bodyLines: max(0, code[close].line - code[open].line - 1))
        }
    }

    /// The names of all functions, with or without a body.
    var functionNames: [(name: String, line: Int)] {
        code.indices.dropLast().filter { code[$0].isWord("func") && code[$0 + 1].kind == .word }
            .map { (code[$0 + 1].text, code[$0].line) }
    }

    /// The opening brace of the declaration that starts at `start`; nil if it has no body.
    private func body(from start: Int) -> Int? {
        var depth = 0
        for i in code.index(after: start)..<code.count {
            let token = code[i]
            if token.isSign("(") || token.isSign("[") { depth += 1 }
            if token.isSign(")") || token.isSign("]") { depth -= 1 }
            guard depth == 0 else {
                if depth < 0 { return nil }
                continue
            }
            if token.isSign("{") { return i }
            if token.isSign("}") { return nil }
            if token.isSign("="), code[start].isWord("var") { return nil }
            if i > start + 1, token.startsLine, token.kind == .word,
                Self.declarationWords.contains(token.text)
            {
                return nil
            }
        }
        return nil
    }

    private func end(of open: Int) -> Int? {
        var depth = 0
        for i in open..<code.count {
            if code[i].isSign("{") { depth += 1 }
            guard code[i].isSign("}") else { continue }
            depth -= 1
            if depth == 0 { return i }
        }
        return nil
    }
}
