import Model
import Testing

@testable import Engine

@Suite("Health: databases and mail")
struct DatabaseDialogueTests {
    // MARK: Redis

    @Test("Redis is sent HAProxy's PING and must answer PONG")
    func redis() {
        let run = DialogueRun(RedisDialogue(), "+PONG\r\n")
        #expect(run.sentText == "*1\r\n$4\r\nPING\r\n")
        #expect(run.result == CheckResult(.passed, info: "Redis server is ok"))
    }

    @Test(
        "whatever else Redis says is wrong",
        arguments: [
            "-NOAUTH Authentication required.\r\n", "-LOADING\r\n", "+PONGG\r\n", "\r\n",
            "HTTP/1.1 400 Bad\r\n",
        ])
    func redisWrong(text: String) {
        #expect(DialogueRun(RedisDialogue(), text).result?.status == .wrongStatus)
    }

    @Test("half of PONG waits, and is wrong at the end")
    func redisHalf() {
        #expect(DialogueRun(RedisDialogue(), "+PON").result == nil)
        #expect(DialogueRun(RedisDialogue(), "+PON", closes: true).result?.status == .wrongStatus)
        #expect(DialogueRun.bytewise(RedisDialogue(), Array("+PONG\r\n".utf8)).result?.status == .passed)
    }

    // MARK: SMTP

    @Test("SMTP is greeted after its greeting and left politely")
    func smtp() {
        let run = DialogueRun(SMTPDialogue(hello: "EHLO me.here"), "220 hi\r\n250-a\r\n250-b\r\n250 ok\r\n")
        #expect(run.sentText == "EHLO me.here\r\nQUIT\r\n")
        #expect(run.result == CheckResult(.passed, code: 250, info: "ok"))
    }

    @Test(
        "a greeting of several lines is one",
        arguments: ["220-one\r\n220-two\r\n220 three\r\n250 ok\r\n", "220\r\n250\r\n"])
    func smtpLines(text: String) {
        #expect(DialogueRun(SMTPDialogue(hello: "HELO x"), text).result?.status == .passed)
    }

    @Test(
        "a refusal is a wrong status, whatever else an invalid answer",
        arguments: [
            ("421 busy\r\n", CheckStatus.wrongStatus, 421), ("554 no\r\n", .wrongStatus, 554),
            ("220 hi\r\n550 no\r\n", .wrongStatus, 550), ("SSH-2.0\r\n", .badAnswer, 0),
            ("22x\r\n", .badAnswer, 0),
            ("\r\n", .badAnswer, 0), ("220?no\r\n", .badAnswer, 0),
        ])
    func smtpWrong(text: String, status: CheckStatus, code: Int) {
        let result = DialogueRun(SMTPDialogue(hello: "HELO x"), text).result
        #expect(result?.status == status)
        #expect(result?.code == code)
    }

    @Test("nothing is sent before the greeting")
    func smtpPatience() {
        #expect(DialogueRun(SMTPDialogue(hello: "HELO x"), "220-not\r\n").sent.isEmpty)
        #expect(DialogueRun(SMTPDialogue(hello: "HELO x"), "", closes: true).result?.status == .badAnswer)
    }

    // MARK: MySQL

    private func packet(_ payload: [UInt8], _ number: UInt8 = 0) -> [UInt8] {
        [UInt8(payload.count & 255), UInt8(payload.count >> 8), 0, number] + payload
    }

    private var greeting: [UInt8] { packet([10] + Array("5.7.0".utf8) + [UInt8](repeating: 0, count: 60)) }
    private let isOK: [UInt8] = [7, 0, 0, 2, 0, 0, 0, 2, 0, 0, 0]

    @Test("MySQL without a user must only greet, and hears nothing")
    func mysqlGreeting() {
        let run = DialogueRun(MySQLDialogue(nil), [greeting])
        #expect(run.sent.isEmpty)
        #expect(run.result == CheckResult(.passed, info: "MySQL server is ok"))
    }

    @Test("MySQL's login is HAProxy's, in both forms")
    func mysqlLogin() {
        let new = DialogueRun(MySQLDialogue(MySQLLogin(user: "hap")), [greeting, isOK])
        let zeros = [UInt8](repeating: 0, count: 23)
        #expect(
            new.sent == [0x25, 0, 0, 1, 0, 0x82, 0, 0, 0, 0x80, 0, 1, 0x21] + zeros
                + [0x68, 0x61, 0x70, 0, 0, 1, 0, 0, 0, 1])
        #expect(new.result?.status == .passed)
        let old = DialogueRun(MySQLDialogue(MySQLLogin(user: "hap", isBefore41: true)), [greeting, isOK])
        #expect(old.sent == [0x0A, 0, 0, 1, 0, 0x80, 0, 0, 1, 0x68, 0x61, 0x70, 0, 0, 1, 0, 0, 0, 1])
        #expect(old.result?.status == .passed)
    }

    @Test("MySQL that refuses says why: in the greeting or after the login")
    func mysqlRefuses() {
        let denied = packet([0xFF, 0x15, 0x04] + Array("#28000Access denied".utf8), 2)
        let expected = CheckResult(.wrongStatus, code: 1045, info: "Access denied")
        #expect(DialogueRun(MySQLDialogue(MySQLLogin(user: "x")), [greeting, denied]).result == expected)
        let blocked = packet([0xFF, 0x69, 0x04] + Array("Host is blocked".utf8))
        #expect(
            DialogueRun(MySQLDialogue(nil), [blocked]).result
                == CheckResult(.wrongStatus, code: 1129, info: "Host is blocked"))
        #expect(DialogueRun(MySQLDialogue(nil), [packet([0xFF])]).result?.status == .wrongStatus)
    }

    @Test("MySQL in single bytes is the same")
    func mysqlBytewise() {
        let run = DialogueRun.bytewise(MySQLDialogue(MySQLLogin(user: "u")), greeting + isOK)
        #expect(run.result?.status == .passed)
    }

    @Test(
        "what is no packet of MySQL is invalid",
        arguments: [
            [0, 0, 0, 0, 0], [0xFF, 0xFF, 0xFF, 0, 10], [1, 0, 0, 0, 7], Array("SSH-2.0-OpenSSH".utf8), [5],
            [200, 0, 0, 0, 10, 1, 2],
        ] as [[UInt8]])
    func mysqlInvalid(bytes: [UInt8]) {
        #expect(DialogueRun(MySQLDialogue(nil), [bytes], closes: true).result?.status == .badAnswer)
    }

    // MARK: PostgreSQL

    @Test("PostgreSQL's startup message is HAProxy's; any question for a password will do")
    func postgresql() {
        let run = DialogueRun(PostgreSQLDialogue(user: "hap"), [[0x52, 0, 0, 0, 8, 0, 0, 0, 0]])
        #expect(
            run.sent == [0, 0, 0, 0x12, 0, 3, 0, 0] + Array("user".utf8) + [0] + Array("hap".utf8) + [0, 0])
        #expect(run.result == CheckResult(.passed, info: "PostgreSQL server is ok"))
        let scram: [UInt8] = [0x52, 0, 0, 0, 23, 0, 0, 0, 10] + Array("SCRAM-SHA-256".utf8)
        #expect(DialogueRun(PostgreSQLDialogue(user: "u"), [scram]).result?.status == .passed)
    }

    @Test("an error of PostgreSQL is told in its words")
    func postgresqlError() {
        let fields = Array("SFATAL\0C57P03\0Mthe database system is starting up\0\0".utf8)
        let error = [0x45, 0, 0, 0, UInt8(fields.count + 4)] + fields
        let expected = CheckResult(.badAnswer, info: "FATAL: the database system is starting up")
        #expect(DialogueRun(PostgreSQLDialogue(user: "u"), [error]).result == expected)
        #expect(DialogueRun.bytewise(PostgreSQLDialogue(user: "u"), error).result == expected)
    }

    @Test(
        "what is neither is wrong",
        arguments: [
            ("HTTP/1.1 400 Bad Request", CheckStatus.wrongStatus), ("R\u{7F}\0\0\0aaaaaa", .wrongStatus),
            ("R\0\0\0", .badAnswer),
            ("", .badAnswer), ("N", .badAnswer), ("E\0\0\0\u{1}abcdefg", .wrongStatus),
        ])
    func postgresqlWrong(text: String, status: CheckStatus) {
        #expect(DialogueRun(PostgreSQLDialogue(user: "u"), text, closes: true).result?.status == status)
    }

    @Test("fields of an error that never end are cut where the message ends")
    func postgresqlUnended() {
        let error: [UInt8] = [0x45, 0, 0, 0, 12] + Array("SFATALxx".utf8)
        #expect(DialogueRun(PostgreSQLDialogue(user: "u"), [error]).result?.info == "FATALxx")
    }

    // MARK: All

    @Test("noise never passes and never traps", arguments: 1..<60)
    func garbage(seed: Int) {
        let bytes = noise(300, seed: UInt64(seed))
        let dialogues: [any CheckDialogue] = [
            RedisDialogue(), SMTPDialogue(hello: "HELO x"), MySQLDialogue(nil),
            MySQLDialogue(MySQLLogin(user: "u")),
            PostgreSQLDialogue(user: "u"), GRPCDialogue(GRPCProbe()),
        ]
        for dialogue in dialogues {
            let result = DialogueRun(dialogue, [bytes], closes: true).result
            #expect(result != nil && result?.status.outcome == .failed)
        }
    }
}
