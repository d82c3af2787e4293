import Model
import Testing

@testable import ConfigLanguage

@Suite("Secrets in lines that are refused")
struct KeptSecretsTests {
    @Test(
        "no word of a line with a secret is told, the column is",
        arguments: [
            ("userlist u\n user a insecure-password first second", "second"),
            ("userlist u\n user a first", "first"), ("userlist u\n user a password $5$x$y second", "second"),
            ("global\n setenv KEY first second", "second"), ("global\n presetenv KEY first second", "second"),
            ("backend b\n dynamic-cookie-key first second", "second"),
            ("backend b\n mode http\n http-check send hdr Authorization Basic first", "first"),
            (
                "backend b\n mode http\n http-check send meth POST body user=a password=first",
                "password=first"
            ),
            (
                "backend b\n mode http\n http-check send meth POST body-lf user=a password=first",
                "password=first"
            ),
            ("backend b\n mode http\n option httpchk GET / HTTP/2\\r\\nAuthorization:first", "HTTP/2"),
            ("backend b\n mode http\n option httpchk GET / HTTP/1.1\\r\\nA:first second", "second"),
            ("backend b\n tcp-check send-lf first second", "second"),
            ("backend b\n tcp-check send-binary-lf first second", "second"),
            ("backend b\n tcp-check send first second", "second"),
            ("backend b\n tcp-check send-binary first", "first"),
            ("frontend f\n mode http\n stats auth a:first second", "second"),
            ("frontend f\n mode http\n stats auth first", "first"),
            ("frontend f\n mode http\n http-request set-header Authorization Bearer first", "first"),
            ("frontend f\n mode http\n http-request add-header cookie a=first; second", "second"),
            ("backend b\n mode http\n http-response set-header Set-Cookie a=first; second", "second"),
        ])
    func lines(text: String, word: String) throws {
        let message = try #require(
            read(text + "\n").diagnostics.first { $0.severity == .error }?.message)
        let line = try #require(text.split(separator: "\n").last)
        let column = try #require(line.text(before: word)).utf8.count + 1
        #expect(message.contains("column \(column)") && message.contains("quotes"), "\(message)")
        #expect(!message.contains("first") && !message.contains("second"), "\(message)")
    }

    @Test("words of other lines are told")
    func others() throws {
        let text = read("frontend f\n mode http\n http-request set-header X-A some word\n")
        let message = try #require(text.diagnostics.first { $0.severity == .error }?.message)
        #expect(message.contains("'word' at column"), "\(message)")
    }

    @Test(
        "nor is an argument of what takes a key",
        arguments: [
            "hmac(sha256,txn.k,first)", "jwt_verify(HS256,a,first)",
            "aes_gcm_enc(128,txn.n,k,first)", "aes_gcm_dec(128,txn.n,k,txn.t,txn.a,first)",
            "aes_cbc_enc(128,txn.n,k,txn.a,first)",
        ])
    func arguments(converter: String) throws {
        let text = read("frontend f\n mode http\n http-request set-var(txn.a) path,\(converter)\n")
        let message = try #require(text.diagnostics.first { $0.severity == .error }?.message)
        #expect(!message.contains("first"), "\(message)")
    }
}

extension Substring {
    /// What stands before the last place of a word.
    fileprivate func text(before word: String) -> Substring? {
        var rest = self
        while !rest.isEmpty {
            if rest.hasSuffix(word) { return rest.dropLast(word.count) }
            rest = rest.dropLast()
        }
        return nil
    }
}
