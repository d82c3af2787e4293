import Glibc
import Testing

@testable import Wire

@Suite("Mailbox")
struct MailboxTests {
    private func isReadable(_ descriptor: Int32) -> Bool {
        var request = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        return poll(&request, 1, 0) == 1
    }

    @Test("gives messages in the order they were left, once")
    func order() {
        let mailbox = Mailbox<Int>()
        #expect(mailbox.takeAll() == [])
        for message in 1...100 { mailbox.post(message) }
        #expect(mailbox.takeAll() == Array(1...100))
        #expect(mailbox.takeAll() == [])
        mailbox.post(7)
        #expect(mailbox.takeAll() == [7])
    }

    @Test("wakes its owner as long as messages wait")
    func wakes() {
        let mailbox = Mailbox<Int>()
        #expect(!isReadable(mailbox.wakeUp))
        for _ in 0..<3 {
            mailbox.post(1)
            mailbox.post(2)
            #expect(isReadable(mailbox.wakeUp))
            _ = mailbox.takeAll()
            #expect(!isReadable(mailbox.wakeUp))
        }
    }

    @Test("loses nothing of several threads, and keeps each one's order")
    func threads() {
        let mailbox = Mailbox<Int>()
        let writers = (0..<4).compactMap { writer in
            Thread(name: "writer") { for number in 0..<1000 { mailbox.post(writer * 10_000 + number) } }
        }
        #expect(writers.count == 4)
        var taken: [Int] = []
        while taken.count < 4000 {
            var request = pollfd(fd: mailbox.wakeUp, events: Int16(POLLIN), revents: 0)
            guard poll(&request, 1, 10_000) == 1 else { break }
            taken += mailbox.takeAll()
        }
        for writer in writers { writer.join() }
        for writer in 0..<4 {
            #expect(taken.filter { $0 / 10_000 == writer }.map { $0 % 10_000 } == Array(0..<1000))
        }
    }
}
