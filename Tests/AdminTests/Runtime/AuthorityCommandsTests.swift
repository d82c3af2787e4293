import Glibc
import Model
import Synchronization
import Testing
import Wire

@testable import Admin

@Suite("Files of authorities at run time")
struct AuthorityCommandsTests {
    /// The file `ca.pem`, which somebody uses.
    private final class Files: Sendable {
        let content: Mutex<[AuthorityFile: [UInt8]]>

        init(_ pem: [UInt8]) { content = Mutex([AuthorityFile(.authorities, "ca.pem"): pem]) }
    }

    private let files: Files
    private let commands: [RuntimeCommand]
    private let other: [UInt8]

    init() throws {
        let now = Int64(time(nil))
        let files = Files(try GeneratedAuthority(commonName: "one", now: now).certificatePEM)
        self.files = files
        other = try GeneratedAuthority(commonName: "two", now: now).certificatePEM
        commands =
            AuthorityCommands(.authorities, files: { files.content.withLock { $0 } }) { file, pem in
                files.content.withLock { content in
                    guard content[file] != nil else { return false }
                    content[file] = pem
                    return true
                }
            }.commands
    }

    private func told(_ line: String, _ payload: [UInt8]? = nil) -> String {
        let words = line.split(separator: " ").map(String.init)
        let name = words.prefix(3).joined(separator: " ")
        let command = commands.first { $0.usage.hasPrefix(name) }
        return command?.run(RuntimeCall(words: Array(words.dropFirst(3)), payload: payload, level: .admin))
            ?? "none"
    }

    private var used: [UInt8]? { files.content.withLock { $0[AuthorityFile(.authorities, "ca.pem")] } }

    @Test("they are listed with how many certificates are in them, and shown one by one")
    func show() {
        #expect(told("show ssl ca-file") == "# filename\nca.pem - 1 certificate(s)\n")
        #expect(told("show ssl ca-file none") == "Can't display the CA file : Not found!\n")
        let text = told("show ssl ca-file ca.pem")
        #expect(text.hasPrefix("Filename: ca.pem\nStatus: Used\n \nCertificate #1:\nSerial: "))
        #expect(text.contains("\nSubject: /CN=one\nIssuer: /CN=one\n"))
        #expect(told("show ssl ca-file ca.pem:1") == text)
        #expect(told("show ssl ca-file ca.pem:2") == "Filename: ca.pem\nStatus: Used\n")
    }

    @Test("nothing changes before 'commit', and then all of it")
    func commit() {
        let before = used
        #expect(told("set ssl ca-file ca.pem", other) == "transaction created for CA ca.pem!\n")
        #expect(told("set ssl ca-file ca.pem", other) == "transaction updated for CA ca.pem!\n")
        #expect(used == before)
        #expect(told("show ssl ca-file").hasPrefix("# transaction\n*ca.pem - 1 certificate(s)\n# filename\n"))
        #expect(told("show ssl ca-file *ca.pem").contains("Status: Unused"))
        #expect(
            told("commit ssl ca-file x")
                == "The ongoing transaction is about 'ca.pem' but you are trying to set 'x'\nCan't commit x!\n"
        )
        #expect(told("commit ssl ca-file ca.pem") == "Committing ca.pem.\nSuccess!\n")
        #expect(used == other)
        #expect(told("commit ssl ca-file ca.pem") == "No ongoing transaction! !\nCan't commit ca.pem!\n")
    }

    @Test("'add' puts certificates behind those there are")
    func add() {
        #expect(told("add ssl ca-file ca.pem", other) == "transaction created for CA ca.pem!\n")
        #expect(told("show ssl ca-file").contains("*ca.pem - 2 certificate(s)"))
        #expect(told("commit ssl ca-file ca.pem").hasSuffix("Success!\n"))
        #expect(told("show ssl ca-file") == "# filename\nca.pem - 2 certificate(s)\n")
    }

    @Test("what is no certificate changes nothing, and 'abort' neither")
    func refused() {
        let before = used
        #expect(told("set ssl ca-file ca.pem", Array("x".utf8)) == "Invalid payload\nCan't update ca.pem!\n")
        #expect(told("abort ssl ca-file ca.pem") == "No ongoing transaction!\n")
        _ = told("set ssl ca-file ca.pem", other)
        #expect(told("set ssl ca-file none", other).hasSuffix("by the configuration!\nCan't update none!\n"))
        #expect(told("abort ssl ca-file ca.pem") == "Transaction aborted for certificate 'ca.pem'!\n")
        #expect(used == before)
    }

    @Test("files that nobody uses come and go")
    func unused() {
        #expect(told("new ssl ca-file ca.pem") == "CA file 'ca.pem' already exists!\n")
        #expect(told("new ssl ca-file a") == "New CA file created 'a'!\n")
        #expect(told("new ssl ca-file a") == "CA file 'a' already exists!\n")
        #expect(told("show ssl ca-file a") == "Filename: a\nStatus: Empty\n")
        #expect(told("set ssl ca-file a", other) == "transaction created for CA a!\n")
        #expect(told("commit ssl ca-file a") == "Committing a\nSuccess!\n")
        #expect(told("show ssl ca-file").contains("\na - 1 certificate(s)\n"))
        #expect(told("del ssl ca-file a") == "CA file 'a' deleted!\n")
        #expect(told("del ssl ca-file a") == "Can't remove the CA file: CA file 'a' doesn't exist!\n\n")
        #expect(
            told("del ssl ca-file ca.pem")
                == "Can't remove the CA file: CA file 'ca.pem' in use, can't be deleted!\n\n")
    }

    @Test("a configuration that was read in between counts", arguments: ["set", "add"])
    func outdated(verb: String) {
        let changed = other + [UInt8(ascii: "\n")]
        #expect(told("\(verb) ssl ca-file ca.pem", other).hasPrefix("transaction created"))
        files.content.withLock { $0[AuthorityFile(.authorities, "ca.pem")] = changed }
        #expect(
            told("commit ssl ca-file ca.pem")
                == "The file has changed since; the transaction is aborted.\nCan't commit ca.pem!\n")
        #expect(used == changed)
        #expect(told("commit ssl ca-file ca.pem").hasPrefix("No ongoing transaction!"))
    }

    @Test("a file that is used no more, or only since, is changed by nobody")
    func comeAndGone() {
        let file = AuthorityFile(.authorities, "ca.pem")
        _ = told("set ssl ca-file ca.pem", other)
        let before = files.content.withLock { $0.removeValue(forKey: file) }
        #expect(told("commit ssl ca-file ca.pem").hasPrefix("The file has changed since"))
        #expect(told("show ssl ca-file") == "# filename\n")
        _ = told("new ssl ca-file ca.pem")
        _ = told("set ssl ca-file ca.pem", other)
        files.content.withLock { $0[file] = before }
        #expect(told("commit ssl ca-file ca.pem").hasPrefix("The file has changed since"))
        #expect(used == before)
    }
}
