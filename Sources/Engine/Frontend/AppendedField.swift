import Basics
import Model
import Wire

/// HAProxy's `option forwardfor` or `option originalto`: one more field with an address, behind those the client sent.
final class AppendedField: Sendable {
    /// The name, a colon and a blank.
    private let start: FixedArray<UInt8>
    private let nameCount: Int
    private let exceptions: [Network]
    private let onlyIfAbsent: Bool

    init(_ settings: AppendedAddress) {
        start = FixedArray("\(settings.header): ")
        nameCount = settings.header.utf8.count
        exceptions = settings.exceptions.compactMap { Network($0) }
        onlyIfAbsent = settings.onlyIfAbsent
    }

    /// Writes the field, unless this address is not told or this request gets none.
    ///
    /// `other` is what the frontend says where this is the backend's: an exception of either counts, and `if-none` only if both say it.
    func write(
        to output: inout ByteWriter, request: borrowing RequestHead, head: ByteView, address: SocketAddress,
        text: AddressText, beside other: AppendedField? = nil
    ) {
        guard !address.isLocal, !excepts(address), other?.excepts(address) != true else { return }
        if onlyIfAbsent, other?.onlyIfAbsent != false, isPresent(in: request, head) { return }
        output.append(start.view)
        text.write(to: &output, of: address)
        output.append("\r\n")
    }

    private func excepts(_ address: SocketAddress) -> Bool {
        for network in exceptions where network.contains(address) { return true }
        return false
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
