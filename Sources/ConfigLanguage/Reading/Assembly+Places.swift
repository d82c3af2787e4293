import Model

/// Where sections stand in statistics.
extension Assembly {
    /// By title. Who has no `id` gets the next free number; all are counted.
    mutating func places() -> [String: ProxyPlace] {
        var taken: [Int: Proxy] = [:]
        for proxy in proxies where proxy.id > 0 {
            if let other = taken[proxy.id] {
                add(
                    .error, "Conflict", "\(proxy.title) has the id \(proxy.id) of \(other.title)", proxy.line)
            }
            taken[proxy.id] = proxy
        }
        var places: [String: ProxyPlace] = [:]
        var next = firstID
        for (order, proxy) in proxies.enumerated() {
            var place = ProxyPlace()
            place.order = order + 1
            place.mode = proxy.mode
            place.description = proxy.description
            if proxy.id == 0 { while taken[next] != nil { next += 1 } }
            place.id = proxy.id > 0 ? proxy.id : next
            next += 1
            places[proxy.title] = place
        }
        return places
    }
}
