import Synchronization
import Testing

@testable import Admin

@Suite("The command line of a master")
struct MasterCommandsTests {
    private final class Worker: Sendable {
        let asked = Mutex<[String]>([])
        let answer: String?
        init(_ answer: String?) { self.answer = answer }
    }

    private func said(
        _ words: [String], worker: Worker = Worker("yes\n\n"), level: RuntimeLevel = .admin,
        payload: String? = nil
    ) -> String {
        let api = RuntimeAPI(
            MasterFacts(
                version: "1.2", master: (10, 100), worker: (11, 90_000), reloads: { 3 }, reload: { false },
                ask: { line in
                    worker.asked.withLock { $0.append(line) }
                    return worker.answer
                })
        ) { 190_061 }
        return api.answer(RuntimeCall(words: words, payload: payload.map { Array($0.utf8) }, level: level))
    }

    @Test("processes are shown in columns")
    func processes() {
        #expect(
            said(["show", "proc"]) == """
                #<PID>          <type>          <reloads>       <uptime>        <version>      
                10              master          3               2d04h46m01s     1.2            
                # workers
                11              worker          3               1d03h47m41s     1.2            
                # programs


                """)
    }

    @Test("what stands behind @1 or @!PID is asked of the worker, word for word")
    func forwarded() {
        let worker = Worker("yes\n\n")
        #expect(said(["@1", "show", "a b;c\\"], worker: worker) == "yes\n")
        #expect(said(["@!11", "show"], worker: worker) == "yes\n")
        #expect(said(["@1", "add", "map"], worker: worker, payload: "k v\n") == "yes\n")
        #expect(worker.asked.withLock { $0 } == ["show a\\ b\\;c\\\\\n", "show\n", "add map <<\nk v\n\n"])
    }

    @Test("a client that may do less may not have the worker do more")
    func levels() {
        let worker = Worker("\nPermission denied\n\n")
        #expect(said(["@1", "disable"], worker: worker, level: .user) == "Permission denied\n")
        #expect(worker.asked.withLock { $0 } == ["user; disable\n"])
        #expect(said(["reload"], level: .user) == "Permission denied\n")
    }

    @Test("other processes are not there, and the master answers for itself")
    func targets() {
        for target in ["@2", "@!10", "@", "@!", "@x"] {
            #expect(
                said([target, "show", "version"]).hasPrefix(
                    "Can't find the target PID matching the prefix '\(target)'"))
        }
        #expect(said(["@master", "show", "version"]) == "1.2\n")
        #expect(said(["@0", "show", "version"]) == "1.2\n")
        #expect(said(["@1", "x"], worker: Worker(nil)) == "The worker does not answer.\n")
        #expect(said(["reload"]).hasPrefix("Success=0\n--\n"))
    }
}
