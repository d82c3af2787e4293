import Model
import Testing

@Suite("Expressions")
struct ExpressionTests {
    @Test("steps fit together by HAProxy's implicit casts")
    func casts() throws {
        #expect(try Expression(.ofClient(.source), [.length]).output == .integer)
        #expect(try Expression(.ofRequest(.method), [.upper]).output == .string)
        #expect(try Expression(.boolean(true), [.arithmetic(.add, 1)]).output == .integer)
        #expect(try Expression(.ofClient(.source), [.mask(v4: 0, v6: nil)]).output == .address)
    }

    @Test("steps that do not fit are refused, with their number and both types")
    func misfits() {
        #expect(throws: ExpressionFlaw.mismatch(converter: 0, found: .binary, expected: .integer)) {
            try Expression(.binary([1]), [.arithmetic(.add, 1)])
        }
        #expect(throws: ExpressionFlaw.mismatch(converter: 1, found: .binary, expected: .address)) {
            try Expression(.string([]), [.fromBase64(isURL: false), .mask(v4: 0, v6: nil)])
        }
        #expect(throws: ExpressionFlaw.mismatch(converter: 0, found: .method, expected: .integer)) {
            try Expression(.ofRequest(.method), [.negate])
        }
    }

    @Test("an expression needs what its fetch reads")
    func layers() throws {
        #expect(try Expression(.integer(1)).needs == [])
        #expect(try Expression(.ofClient(.source), [.length]).needs == .connection)
        #expect(try Expression(.hashed(.base, withSource: true)).needs == [.connection, .request])
        #expect(try Expression(.backendName).needs == .backend)
    }
}
