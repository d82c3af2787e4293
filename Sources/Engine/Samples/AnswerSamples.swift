import Basics
import Wire

/// What expressions read of an answer's head.
enum AnswerSamples {
    /// A sample of the head with these fields, whose bytes are `head`; nil if there is none.
    static func fetch(
        _ code: FetchCode, _ literals: ByteView, _ cursor: inout SampleCursor, status: UInt16,
        _ fields: borrowing HeaderTable, in head: ByteView
    ) -> Sample? {
        switch code {
        case .status: return .integer(Int64(status))
        case .answerFieldCount(let name, let isWhole):
            return .integer(Int64(FieldValues.count(fields, head, literals[name], isWhole: isWhole)))
        case .answerCookieCount(let name):
            let count = MessageCookies.count(in: .setCookie, fields, head, name.map { literals[$0] })
            return .integer(Int64(count))
        case .answerCookie(let name, let type):
            let name = name.map { literals[$0] }
            let value =
                cursor.isOfEach
                ? cursor.nextCookie(in: .setCookie, fields, head, name)
                : MessageCookies.value(in: .setCookie, fields, head, name)
            return value.flatMap { RequestSamples.read($0, type) }
        case .answerField(let field):
            let name = literals[field.name]
            let value =
                cursor.isOfEach && field.occurrence == 0
                ? cursor.nextField(fields, head, name, isWhole: field.isWhole)
                : FieldValues.value(
                    field.occurrence == 0 ? -1 : field.occurrence, fields, head, name, isWhole: field.isWhole)
            return value.flatMap { RequestSamples.read($0, field.type) }
        default: return nil
        }
    }
}
