import Basics
import Synchronization
import Wire

/// Limits that are looked at before a server is: of the frontend's heads, and of the route's requests.
extension Worker {
    /// Whether a body is as long as the route allows, as far as it is known; if not, the request has been answered.
    func isWithinBodySize(_ exchange: Ref<Exchange>, _ route: Unmanaged<CompiledRoute>) -> Bool {
        guard let limits = route._withUnsafeGuaranteedRef({ $0.limits }), limits.maxBodySize > 0,
            isBody(of: exchange, beyond: limits.maxBodySize)
        else { return true }
        refuse(exchange, .bodyTooLarge)
        return false
    }

    /// Whether the request keeps the limits of its route; if not, it has been answered.
    func isWithinLimits(_ exchange: Ref<Exchange>, _ route: Unmanaged<CompiledRoute>) -> Bool {
        guard let limits = route._withUnsafeGuaranteedRef({ $0.limits }) else { return true }
        guard isWithinRate(exchange, limits), takesPart(exchange, limits) else {
            counters[].limitedRequests.add()
            countDenied(exchange)
            answer(exchange, status: limits.status, as: .denied)
            return false
        }
        return true
    }

    /// Whether a request keeps its frontend's limits; if not, it has been refused.
    func isWithinFrontend(_ exchange: Ref<Exchange>) -> Bool {
        let (count, size) = frontends[Int(exchange[].client[].frontend)]._withUnsafeGuaranteedRef {
            ($0.maxHeaderCount, $0.maxHeaderSize)
        }
        if count > 0, exchange[].request.fields.count > count {
            refuse(exchange, .tooManyHeaders)
        } else if size > 0, exchange[].request.count > size {
            refuse(exchange, .headTooLong)
        } else {
            return true
        }
        return false
    }

    /// The request is over, as far as its route counts it.
    func leaveRoute(_ exchange: Ref<Exchange>) {
        if let ruling = exchange[].ruling, let address = ruling[].countedAddress {
            ruling[].countedAddress = nil
            exchange[].route?._withUnsafeGuaranteedRef { $0.limits?.counts.addresses?.leave(address) }
        }
        guard exchange[].countsInRoute else { return }
        exchange[].countsInRoute = false
        exchange[].route?._withUnsafeGuaranteedRef { route in
            _ = route.limits?.counts.requests.wrappingSubtract(1, ordering: .relaxed)
        }
    }

    private func isBody(of exchange: Ref<Exchange>, beyond limit: Int64) -> Bool {
        if case .length(let length) = exchange[].request.framing, length > limit { return true }
        return exchange[].bytesIn > UInt64(limit) &+ UInt64(exchange[].request.count)
    }

    private func isWithinRate(_ exchange: Ref<Exchange>, _ limits: RouteLimits) -> Bool {
        guard let rate = limits.rate else { return true }
        let address = requester(of: exchange)
        guard !limits.exempts(address), let key = key(of: exchange, at: address, limits) else { return true }
        let now = clock.monotonic / 1_000_000
        guard limits.counts.table.take(key, now: now, rate) else { return false }
        guard let second = limits.secondRate, let table = limits.counts.second else { return true }
        return table.take(key, now: now, second)
    }

    /// Whose request it is: the client's, or whose a trusted proxy says.
    private func requester(of exchange: Ref<Exchange>) -> SocketAddress {
        let client = exchange[].client
        let settings = frontends[Int(client[].frontend)]
        guard settings._withUnsafeGuaranteedRef({ !$0.trusted.isEmpty }), !client[].address.isLocal else {
            return client[].address
        }
        let headers = ForwardedHeaders(
            settings: settings, client: client[].address, text: client[].addressText, isSecure: false)
        return headers.address(request: exchange[].request, head: head(of: exchange))
    }

    private func key(of exchange: Ref<Exchange>, at address: SocketAddress, _ limits: RouteLimits) -> UInt64?
    {
        switch limits.key {
        case .everybody: return 0
        case .source(let mask4, let high6, let low6):
            guard address.isV6 else {
                return KeyedHash.hash(address.high.bigEndian >> 32 & mask4, 4)
            }
            return KeyedHash.hash(address.high.bigEndian & high6, address.low.bigEndian & low6 | 1 << 63)
        case .header:
            let head = head(of: exchange)
            return RequestKey.header(exchange[].request.fields, in: head, limits.fieldName.view)
                .map { KeyedHash.hash($0) }
        }
    }

    private func takesPart(_ exchange: Ref<Exchange>, _ limits: RouteLimits) -> Bool {
        guard takesPartOfAddress(exchange, limits) else { return false }
        guard limits.maxRequests > 0 else { return true }
        let before = limits.counts.requests.wrappingAdd(1, ordering: .relaxed).oldValue
        guard before < limits.maxRequests else {
            limits.counts.requests.wrappingSubtract(1, ordering: .relaxed)
            return false
        }
        exchange[].countsInRoute = true
        exchange[].countsSomewhere = true
        return true
    }

    private func takesPartOfAddress(_ exchange: Ref<Exchange>, _ limits: RouteLimits) -> Bool {
        guard limits.maxRequestsPerAddress > 0, let counts = limits.counts.addresses else { return true }
        let address = requester(of: exchange)
        guard !limits.exempts(address) else { return true }
        let key = KeyedHash.hash(address.high, address.low)
        guard counts.enter(key, most: limits.maxRequestsPerAddress) else { return false }
        ruling(of: exchange)[].countedAddress = key
        exchange[].countsSomewhere = true
        return true
    }

    /// The most bytes of the exchange's body, 0 for no limit.
    func bodyLimit(of exchange: Ref<Exchange>) -> Int64 {
        exchange[].route?._withUnsafeGuaranteedRef { $0.limits?.maxBodySize ?? 0 } ?? 0
    }
}
