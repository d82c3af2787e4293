import Basics

/// The texts of compiled expressions, one behind the other; an instruction knows its own by place and length.
struct Literals {
    private(set) var bytes: [UInt8] = []

    /// Puts a text behind the others.
    mutating func add(_ text: [UInt8]) -> Literal {
        let literal = Literal(start: UInt32(bytes.count), count: UInt32(text.count))
        bytes += text
        return literal
    }

    /// Puts a text behind the others.
    mutating func add(_ text: String) -> Literal { add(Array(text.utf8)) }
}

/// One text among the literals of an expression.
struct Literal: Equatable {
    let start: UInt32
    let count: UInt32

    static let none = Literal(start: 0, count: 0)

    var isEmpty: Bool { count == 0 }
}

extension ByteView {
    /// The text of a literal.
    subscript(literal: Literal) -> ByteView {
        self[Int(literal.start)..<Int(literal.start) + Int(literal.count)]
    }
}
