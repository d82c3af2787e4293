import Basics
import Model
import Wire

/// HAProxy's `option forwardfor`: one more field with the client's address, behind those the client sent.
final class AppendedField: Sendable {
    /// The name, a colon and a blank.
    private let start: FixedArray<UInt8>
    private let nameCount: Int
    private let exceptions: [Network]
    private let onlyIfAbsent: Bool

    init(_ settings: AppendedForwardedFor) {
        start = FixedArray("\(settings.header): ")
        nameCount = settings.header.utf8.count
        exceptions = settings.exceptions.compactMap { Network($0) }
        onlyIfAbsent = settings.onlyIfAbsent
    }

    /// Writes the field, unless this client or this request gets none.
    func write(
        to output: inout ByteWriter, request: borrowing RequestHead, head: ByteView, client: SocketAddress,
        text: AddressText
    ) {
        for network in exceptions where network.contains(client) { return }
        if onlyIfAbsent, isPresent(in: request, head) { return }
        output.append(start.view)
        text.write(to: &output, of: client)
        output.append("\r\n")
    }

    private func isPresent(in request: borrowing RequestHead, _ head: ByteView) -> Bool {
        let name = start.view[0..<nameCount]
        var isThere = false
        request.fields.forEach { field in
            let own = field.name(in: head)
            isThere = isThere || own.equalsIgnoringCase(name)
        }
        return isThere
    }
}
