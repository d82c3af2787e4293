import Testing
import Wire

@testable import Engine

@Suite("Orders to who asks name servers")
struct ResolverOrdersTests {
    private func request(_ token: UInt64) -> NameRequest {
        NameRequest(resolvers: "r", name: "a.example", prefersV4: true, worker: 0, token: token)
    }

    @Test("who has asked before it was known that nobody answers is told, and what is to be followed stays")
    func close() {
        let orders = ResolverOrders()
        #expect(orders.ask(request(1)))
        orders.mailbox.post(.follow([], []))
        #expect(orders.ask(request(2)))
        var told: [UInt64] = []
        orders.close { told.append($0.token) }
        #expect(told == [1, 2])
        let left = orders.mailbox.takeAll()
        #expect(left.count == 1)
        if case .follow = left.first {} else { Issue.record("what is to be followed is gone") }
    }

    @Test("afterwards nobody waits, until somebody takes orders")
    func closed() {
        let orders = ResolverOrders()
        orders.close { _ in Issue.record("nobody has asked") }
        #expect(!orders.ask(request(1)))
        #expect(orders.mailbox.takeAll().isEmpty)
        orders.open()
        #expect(orders.ask(request(2)))
        #expect(orders.mailbox.takeAll().count == 1)
    }
}
