import Basics
import Model
import Wire

/// `Model.ComposedPage` as workers write it.
struct CompiledPage: ~Copyable {
    let status: UInt16
    let statusLine: FixedArray<UInt8>
    /// A line of its own, or nothing.
    let type: FixedArray<UInt8>
    let fields: FixedArray<Field>
    let body: CompiledFormat

    struct Field: ~Copyable {
        let name: FixedArray<UInt8>
        let value: CompiledFormat

        init(_ field: ComposedPage.Field) {
            let name = FixedArray(field.name)
            let value = CompiledFormat(field.value)
            self.name = name
            self.value = value
        }
    }

    init(_ page: ComposedPage) {
        let line = FixedArray("HTTP/1.1 \(page.status) \(HTTPStatus.reason(page.status))\r\n")
        let type = FixedArray(page.contentType.isEmpty ? "" : "Content-Type: \(page.contentType)\r\n")
        let fields = FixedArray(count: page.fields.count) { Field(page.fields[$0]) }
        let body = CompiledFormat(page.body)
        status = page.status
        statusLine = line
        self.type = type
        self.fields = fields
        self.body = body
    }
}
