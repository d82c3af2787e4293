import Basics
import Testing
import Wire

@Suite("Names of fields in a case of their own")
struct FieldNameCasesTests {
    private func adjusted(_ message: String, _ names: [String]) -> String? {
        var buffer = Buffer(capacity: 1_024)
        message.withView { _ = buffer.append($0) }
        guard let cases = FieldNameCases(names) else { return nil }
        cases.apply(to: &buffer)
        return buffer.view.string
    }

    @Test(
        "names are written as they are listed, whatever case they had, and nothing else changes",
        arguments: [
            (
                "GET / HTTP/1.1\r\ncontent-length: 1\r\nETAG: etag: x\r\n\r\n",
                "GET / HTTP/1.1\r\nContent-Length: 1\r\nETag: etag: x\r\n\r\n"
            ),
            (
                "HTTP/1.1 200 etag: x\r\nx-etag: 1\r\netag:\r\n\r\netag: body\r\n",
                "HTTP/1.1 200 etag: x\r\nx-etag: 1\r\nETag:\r\n\r\netag: body\r\n"
            ),
            ("GET / HTTP/1.1\r\n\r\netag: x\r\n", "GET / HTTP/1.1\r\n\r\netag: x\r\n"),
            ("GET / HTTP/1.1\r\netag", "GET / HTTP/1.1\r\netag"), ("", ""), ("\r\n", "\r\n"),
            (
                "GET / HTTP/1.1\r\netags: 1\r\netag : 2\r\netag: 3",
                "GET / HTTP/1.1\r\netags: 1\r\netag : 2\r\nETag: 3"
            ),
        ])
    func names(message: String, expected: String) {
        #expect(adjusted(message, ["Content-Length", "ETag"]) == expected)
    }

    @Test("without names there is nothing to adjust")
    func none() { #expect(FieldNameCases([]) == nil) }

    @Test("memory in front of what waits stays as it is")
    func consumed() {
        var buffer = Buffer(capacity: 128)
        buffer.append("etag: 0\r\n")
        buffer.consume(9)
        buffer.append("X\r\netag: 1\r\n\r\n")
        FieldNameCases(["ETag"])?.apply(to: &buffer)
        #expect(buffer.view.string == "X\r\nETag: 1\r\n\r\n")
    }
}
