/// How often ports of a Service are used, by use. Of 10,000 Services mostly one use each, of a few thousands: the first stands here, the
/// others in a table.
struct PortCounts {
    private var first: IngressUses.PortUse?
    private var firstCount = 0
    private var others: [IngressUses.PortUse: Int] = [:]

    /// All uses, in no particular order.
    var uses: [IngressUses.PortUse] { [first].compactMap(\.self) + others.keys }

    var isEmpty: Bool { first == nil && others.isEmpty }

    /// Counts a use so many times more; one that is counted down to 0 is gone.
    mutating func count(_ use: IngressUses.PortUse, by step: Int) {
        if first == nil, others[use] == nil { (first, firstCount) = (use, 0) }
        guard first != use else {
            firstCount += step
            if firstCount == 0 { first = nil }
            return
        }
        others[use, default: 0] += step
        if others[use] == 0 { others[use] = nil }
    }
}
