import Model
import Wire

/// Services: each record is a place, which one server of each backend takes. A server keeps its record as long as there is one, so that places
/// stay where they are; those who are free take what is new, in their order.
extension ResolverState {
    /// Brings servers of a service to its records; `gone` are those there are no more.
    mutating func placeServices(of service: Key, without gone: [NameState.Known]) {
        for i in followers.indices where followers[i].service == service {
            guard let record = followers[i].record else { continue }
            if gone.contains(where: { $0.record.isSame(as: record) }) { release(i) }
        }
        let records = names[service]?.known.map(\.record) ?? []
        var backends: [BackendName: [Int]] = [:]
        for i in followers.indices where followers[i].service == service {
            backends[followers[i].server.reference.backend, default: []].append(i)
        }
        for (_, members) in backends.sorted(by: { $0.key.description < $1.key.description }) {
            var free = members.filter { followers[$0].record == nil }[...]
            for record in records {
                let holder = members.first { followers[$0].record?.isSame(as: record) == true }
                guard let i = holder ?? free.popFirst() else { continue }
                give(record, to: i)
            }
        }
    }

    /// A server stands for a record, or for what it has become.
    private mutating func give(_ record: NameAnswer.Record, to i: Int) {
        let resolution = followers[i].server.resolution
        followers[i].record = record
        followers[i].placement.port = record.port
        followers[i].placement.host = record.target
        if !resolution.ignoresWeight { followers[i].placement.weight = (Int(record.weight) + 255) / 256 }
        guard let address = record.address else {
            // Its host has to be asked for.
            let key = NameQuestion.name(record.target).map {
                Key(name: $0, type: resolution.prefersV4 ? .ipv4 : .ipv6)
            }
            if followers[i].key != key { (followers[i].key, followers[i].isAttached) = (key, false) }
            placeByWhatIsKnown(i)
            return tell(i)
        }
        (followers[i].key, followers[i].isAttached) = (nil, false)
        followers[i].placement.address = address
        followers[i].placement.reason = .none
        tell(i)
    }

    /// A server stands for no record any more.
    mutating func release(_ i: Int) {
        followers[i].record = nil
        followers[i].key = nil
        followers[i].placement.port = followers[i].server.resolution.port
        followers[i].placement.host = ""
        lose(i, .removed)
        tell(i)
    }
}
