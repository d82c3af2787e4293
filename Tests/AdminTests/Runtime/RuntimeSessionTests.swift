import Synchronization
import Testing

@testable import Admin

@Suite("Sessions of the runtime API")
struct RuntimeSessionTests {
    /// What a session says to some bytes, each piece sent when the answers to the one before were taken.
    private func said(_ pieces: [String], level: RuntimeLevel = .admin) -> (text: String, isEnded: Bool) {
        var session = RuntimeSession(level, patience: 10, now: 0) { call in
            let payload = call.payload.map { " <\(String(decoding: $0, as: UTF8.self))>" } ?? ""
            return "\(call.words.joined(separator: "|")) \(call.level.name)\(payload)\n"
        }
        var text: [UInt8] = []
        for piece in pieces {
            session.receive(Array(piece.utf8)[...], now: 0)
            while session.hasOutput {
                let part = Array(session.unsent.prefix(7))
                text += part
                session.advance(part.count, now: 0)
            }
        }
        return (String(decoding: text, as: UTF8.self), session.isEnded)
    }

    @Test("the commands of one line are answered, each with an empty line behind, and that is all")
    func oneLine() {
        #expect(said(["show a\n"]) == ("show|a admin\n\n", true))
        #expect(said(["show ", "a;", "b c\r\n"]) == ("show|a admin\n\nb|c admin\n\n", true))
        #expect(said(["a\nb\n"]) == ("a admin\n\nb admin\n\n", true))
        #expect(said(["a\n", "b\n"]) == ("a admin\n\n", true))
        #expect(said(["a"]) == ("", false))
        #expect(said(["quit\n"]) == ("", true))
        #expect(said(["a;quit;b\n"]) == ("a admin\n\n", true))
        #expect(said(["\n"]) == (" admin\n\n", true))
    }

    @Test("commands wait until the client takes the answers, however many a line has")
    func held() {
        let answer = String(repeating: "x", count: 1_000)
        let most = RuntimeSession.answerLimit + 1_002
        for isFinished in [false, true] {
            var session = RuntimeSession(.user, patience: 10, now: 0) { _ in answer }
            session.receive(Array((String(repeating: ";", count: 1_000) + "\na\nb\n").utf8)[...], now: 0)
            if isFinished {
                let isNotDone = session.finish(now: 0)
                #expect(isNotDone)
            }
            var (count, atOnce) = (0, 0)
            while session.hasOutput {
                #expect(!session.isEnded)
                atOnce = max(atOnce, session.unsent.count)
                count += session.unsent.count
                session.advance(session.unsent.count, now: 0)
            }
            #expect(session.isEnded)
            #expect(atOnce <= most)
            #expect(count == 1_003 * 1_001)
        }
    }

    @Test("behind a backslash a byte is itself")
    func escapes() {
        #expect(said(["a\\ b c\\;d \\\\\n"]).text == "a b|c;d|\\ admin\n\n")
        #expect(said(["a\\\n"]).text == "a admin\n\n")
    }

    @Test("with a prompt it goes on")
    func prompt() {
        #expect(said(["prompt\n", "a\n", "b;c\n"]) == ("\n> a admin\n\n> b admin\n\n> c admin\n\n> ", false))
        #expect(said(["prompt\na\nquit\nb\n"]) == ("\n> a admin\n\n> ", true))
        #expect(said(["prompt\n", "prompt\n"]) == ("\n> \n", true))
    }

    @Test("a payload is all lines up to an empty one, and the last command's")
    func payloads() {
        #expect(said(["a;b <<\nk v\nl  w\n\n"]) == ("a admin\n\nb admin <k v\nl  w\n>\n\n", true))
        #expect(said(["b <<\n", "k v\n"]) == ("", false))
        #expect(said(["b <<\n", "k v\n", "\n"]) == ("b admin <k v\n>\n\n", true))
        #expect(said(["b<<\n"]).text == "b<< admin\n\n")
    }

    @Test("sockets are given to whoever asks where they are exposed, and to nobody else")
    func sockets() {
        for isExposed in [true, false] {
            var session = RuntimeSession(.user, patience: 10, now: 0, exposesListeners: isExposed) { _ in
                "x\n"
            }
            session.receive(Array("_getsocks\n".utf8)[...], now: 0)
            #expect(session.wantsListeners == isExposed)
            #expect(session.isEnded)
            #expect(!session.hasOutput)
        }
    }

    @Test("a session sets how long it is waited for, and HAProxy's modes")
    func ofItsOwn() {
        #expect(said(["prompt\n", "set timeout cli 30\n"]).text == "\n> \n> ")
        #expect(said(["set timeout cli\n"]).text == "Expects an integer value.\n\n")
        #expect(said(["set timeout cli 0\n"]).text == "Invalid timeout value.\n\n")
        #expect(said(["set timeout x\n"]).text == "'set timeout' only supports 'cli'.\n\n")
        #expect(
            said(["experimental-mode on;experimental-mode;expert-mode\n"]).text
                == "\nexperimental-mode is ON\n\nexpert-mode is OFF\n\n")
        #expect(said(["expert-mode on\n"], level: .operator).text == "Permission denied\n\n")
        var session = RuntimeSession(.admin, patience: 10, now: 5) { _ in "x\n" }
        session.receive(Array("prompt\nset timeout cli 30\n".utf8)[...], now: 5)
        #expect(session.deadline == 30_005)
    }

    @Test("whoever has less rights does not get them back")
    func levels() {
        #expect(
            said(["operator;a;user;a;operator;a\n"]).text
                == "\na operator\n\n\na user\n\nPermission denied\n\na user\n\n")
        #expect(said(["operator;a\n"], level: .user).text == "Permission denied\n\na user\n\n")
    }

    @Test("what is complete is answered after the client has said its last word, the rest is dropped")
    func halfClosed() {
        var session = RuntimeSession(.admin, patience: 10, now: 5) { _ in "x\n" }
        session.receive(Array("a\nb".utf8)[...], now: 7)
        #expect(session.deadline == 17)
        let isNotDone = session.finish(now: 8)
        #expect(isNotDone)
        #expect(!session.isEnded)
        session.advance(3, now: 9)
        #expect(session.isEnded)
        var silent = RuntimeSession(.admin, patience: 10, now: 0) { _ in "x\n" }
        silent.receive(Array("a".utf8)[...], now: 0)
        let hasMore = silent.finish(now: 0)
        #expect(!hasMore)
    }

    @Test("whatever comes, in whatever pieces, is answered as if it came at once")
    func pieces() {
        var random: UInt64 = 11
        func next(_ bound: Int) -> Int {
            random = random &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int(random >> 33) % bound
        }
        let words = [
            "a", " ", "\\", ";", "<<", "\n", "\r", "user", "quit", "\t", "é", " <<\n", "\n\n",
        ]
        for _ in 0..<2_000 {
            let pieces = ["prompt\n"] + (0..<next(20)).map { _ in words[next(words.count)] }
            let (whole, apart) = (said([pieces.joined()]), said(pieces))
            #expect(whole == apart, "\(pieces)")
        }
    }

    @Test("lines and payloads without end end the session")
    func bounds() {
        #expect(said([String(repeating: "a", count: 16_385)]).isEnded)
        let line = String(repeating: "b", count: 16_000) + "\n"
        #expect(said(["a <<\n"] + Array(repeating: line, count: 270)) == ("", true))
    }
}

@Suite("Commands of the runtime API")
struct RuntimeCommandTests {
    private let api = RuntimeAPI([
        RuntimeCommand("show map", "[map]", "maps", .user) { "map \($0.words)\n" },
        RuntimeCommand("show", "", "anything", .user) { "any \($0.words)\n" },
        RuntimeCommand("set map", "<map>", "changes", .admin) { _ in "" },
    ])

    private func answer(_ line: String, _ level: RuntimeLevel = .admin) -> String {
        api.answer(
            RuntimeCall(words: line.split(separator: " ").map(String.init), payload: nil, level: level))
    }

    @Test("the command with the most words is meant")
    func longest() {
        #expect(answer("show map a b") == "map [\"a\", \"b\"]\n")
        #expect(answer("show mop") == "any [\"mop\"]\n")
    }

    @Test("a level is asked for")
    func levels() {
        #expect(answer("set map a", .operator) == "Permission denied\n")
        #expect(answer("set map a") == "")
    }

    /// A session in which a server may be removed from a moment on.
    private func waiting(until moment: Int64, _ text: String) -> [String] {
        let clock = Mutex<Int64>(0)
        let wait = WaitCommand { server, _ in
            server == "none" ? .never : clock.withLock { $0 } >= moment ? .holds : .notYet
        }
        var session = RuntimeSession(.admin, patience: 10, now: 0, wait: wait) { call in
            call.words.joined(separator: " ") + "\n"
        }
        session.receive(Array(text.utf8)[...], now: 0)
        _ = session.finish(now: 0)
        var told: [String] = []
        for _ in 0..<100 {
            if session.hasOutput {
                let part = Array(session.unsent)
                session.advance(part.count, now: clock.withLock { $0 })
                told.append("\(clock.withLock { $0 }): " + String(decoding: part, as: UTF8.self))
            }
            guard !session.isEnded, let next = session.wakeAt else { break }
            #expect(session.deadline > next)
            clock.withLock { $0 = next }
            session.wake(now: next)
        }
        #expect(session.isEnded)
        return told
    }

    @Test("a command behind wait is answered when the time is over, or the condition holds")
    func wait() {
        #expect(waiting(until: 0, "a;wait 20;b\nc\n") == ["0: a\n\n", "20: Done.\n\nb\n\nc\n\n"])
        #expect(waiting(until: 0, "wait 2s\n") == ["2000: Done.\n\n"])
        #expect(waiting(until: 0, "wait 2s srv-removable b/s\n") == ["0: Done.\n\n"])
        #expect(
            waiting(until: 9_999, "wait 2s srv-removable b/s;x\n") == ["2000: Wait delay expired.\n\nx\n\n"])
        #expect(waiting(until: 0, "wait 2s srv-removable b/none\n") == ["0: Failed.\n\n"])
        let found = waiting(until: 1_000, "wait 2s srv-removable b/s\n").first ?? ""
        #expect(found.hasSuffix("Done.\n\n"))
        #expect((1_000...1_200).contains(Int(found.prefix { $0 != ":" }) ?? 0))
    }

    @Test(
        "what can not be waited for is said",
        arguments: [
            ("wait", "Expects a duration in milliseconds.\n"), ("wait x", "Invalid duration.\n"),
            ("wait 0", "Invalid duration.\n"), ("wait 1us", "Done.\n"), ("wait 25d", "Invalid duration.\n"),
            ("wait 1s srv-removable", "Missing server name (<backend>/<server>).\n"),
            ("wait 1s srv-removable b", "Require 'backend/server'.\n"),
        ])
    func refusedWait(line: String, sentence: String) {
        let told = waiting(until: 0, line + "\n").first
        #expect(told?.drop { $0 != " " }.dropFirst() == "\(sentence)\n")
        #expect(waiting(until: 0, "wait 1s other\n").first?.contains("Usage: wait {-h|<duration>}") == true)
    }

    @Test("what is unknown is answered with what there is, and help with what may be said")
    func help() {
        let always = "  help [<command>]                        : list matching or all commands\n"
        #expect(
            answer("nothing").hasPrefix(
                "Unknown command. Please enter one of the following commands only:\n  set map"))
        #expect(
            answer("set").hasPrefix(
                "Unknown command, but maybe one of the following ones is a better match:\n  set map"))
        #expect(answer("help set").contains("  set map <map>                           : changes\n" + always))
        #expect(!answer("help", .user).contains("set map"))
    }
}
