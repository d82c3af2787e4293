import Basics
import Wire

/// What a client says of itself in a field such as `Authorization`: a type, and behind blanks what goes with it.
struct Credentials {
    let type: ByteView
    let rest: ByteView

    /// Nil if there is nothing behind the type.
    init?(_ value: ByteView) {
        guard let blank = value.firstIndex(of: UInt8(ascii: " ")), blank > 0 else { return nil }
        type = value[0..<blank]
        rest = value[blank + 1..<value.count].trimmed
        if rest.isEmpty { return nil }
    }

    /// Name and password of `Basic`, in the workspace; nil if they are none.
    func basic(_ workspace: inout SampleWorkspace) -> (user: ByteView, password: ByteView)? {
        guard type.equalsIgnoringCase("basic"), let text = workspace.decodeBase64(rest, isURL: false),
            let colon = text.firstIndex(of: UInt8(ascii: ":"))
        else { return nil }
        return (text[0..<colon], text[colon + 1..<text.count])
    }
}
