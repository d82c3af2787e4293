import Basics
import Model
import Wire

/// `Model.NameQuery` as workers make it.
struct CompiledNameQuery: ~Copyable {
    let key: VariableKey
    let resolvers: String
    let prefersV4: Bool
    let name: CompiledExpression

    init(_ query: NameQuery) {
        let expression = CompiledExpression(query.name)
        key = VariableKey(query.variable)
        resolvers = query.resolvers
        prefersV4 = query.prefersV4
        name = expression
    }
}

/// The requests and connections of a worker that wait for an address.
struct NameDesk {
    /// One of them, and where the address goes.
    struct Pending {
        let asker: Asker
        let key: VariableKey

        /// A request, or a connection of mode tcp.
        enum Asker {
            case exchange(Ref<Exchange>)
            case client(Ref<ClientConnection>)
        }
    }

    /// The way to who asks name servers; nil before the worker begins.
    var orders: ResolverOrders?
    /// By what the question is called; 0 is none.
    private var pending: [UInt64: Pending] = [:]
    private var last: UInt64 = 0

    /// Remembers who waits, and answers what its question is called.
    mutating func add(_ waiting: Pending) -> UInt64 {
        last += 1
        pending[last] = waiting
        return last
    }

    /// Takes one out; nil if it waits no more.
    mutating func take(_ token: UInt64) -> Pending? { pending.removeValue(forKey: token) }
}
