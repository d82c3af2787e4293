import Basics
import Model
import Wire

/// One section of name servers: the names it is asked for, and which servers get which of their addresses. It does nothing itself: what is
/// to be done waits in `actions`. Times are milliseconds of a clock that never goes back.
///
/// ```
///   servers, rules ──► names ──► questions ──► answers ──► records ──► placements
/// ```
struct ResolverState {
    /// What is to be done, in order.
    enum Action: Equatable {
        /// All name servers are asked; `sent` says how many.
        case ask(NameQuestion)
        case place(ResolvedServer, ServerPlacement)
        /// What somebody who waited wanted to know.
        case answer(token: UInt64, SocketAddress?)
    }

    /// A name, and what is wanted of it.
    struct Key: Hashable {
        let name: String
        let type: NameQuestion.RecordType
    }

    /// A server, and where it is.
    struct Follower {
        let server: ResolvedServer
        /// What is asked for its address; nil while a service's records do not name it, or say its address.
        var key: Key?
        /// The service it is one of.
        let service: Key?
        /// Its record there: host and port.
        var record: NameAnswer.Record?
        /// It has the address of a record of `key`.
        var isAttached = false
        var placement: ServerPlacement
        /// What was told last.
        var told: ServerPlacement
    }

    let settings: Resolvers
    private(set) var names: [Key: NameState] = [:]
    var followers: [Follower] = []
    /// Who waits for which name.
    private var waiting: [Key: [(token: UInt64, choice: AddressChoice)]] = [:]
    private var ids: [UInt16: Key] = [:]
    private(set) var counts: [NameServerCounts]
    var actions: [Action] = []

    /// So many names that nobody but rules ask for are known at a time.
    private static let mostNames = 10_000

    init(_ settings: Resolvers) {
        self.settings = settings
        counts = settings.nameServers.map { _ in NameServerCounts() }
    }

    // MARK: Who asks

    /// Keeps exactly these servers placed. Those it knows stay where they are; others begin where they are said to be.
    mutating func follow(_ servers: [(server: ResolvedServer, current: ServerPlacement)], at now: UInt64) {
        let known = Dictionary(followers.map { ($0.server.reference, $0) }) { first, _ in first }
        followers = servers.map { server, placement in
            if let follower = known[server.reference], follower.server == server { return follower }
            let type: NameQuestion.RecordType =
                server.resolution.isService ? .service : server.resolution.prefersV4 ? .ipv4 : .ipv6
            let key = NameQuestion.name(server.resolution.name).map { Key(name: $0, type: type) }
            let isService = server.resolution.isService
            return Follower(
                server: server, key: isService ? nil : key, service: isService ? key : nil,
                placement: placement, told: placement)
        }
        // What is known already need not be asked for.
        for key in Set(followers.compactMap(\.service)) where names[key]?.status == .valid {
            placeServices(of: key, without: [])
        }
        for i in followers.indices { placeByWhatIsKnown(i) }
        begin(at: now)
    }

    /// Somebody wants an address of a name, and waits for `.answer` with the token.
    mutating func ask(_ name: String, prefersV4: Bool, token: UInt64, at now: UInt64) {
        guard let name = NameQuestion.name(name) else { return actions.append(.answer(token: token, nil)) }
        let key = Key(name: name, type: prefersV4 ? .ipv4 : .ipv6)
        let choice = AddressChoice(prefersV4: prefersV4)
        if let state = names[key], state.status == .valid, let ended = state.endedAt, state.running == nil,
            now < ended &+ UInt64(settings.hold.valid)
        {
            return answer(token, choice, key)
        }
        guard names[key] != nil || names.count < ResolverState.mostNames else {
            return actions.append(.answer(token: token, nil))
        }
        waiting[key, default: []].append((token, choice))
        begin(key, at: now)
    }

    /// Nobody waits for it any more.
    mutating func forget(token: UInt64) {
        for key in Array(waiting.keys) {
            waiting[key]?.removeAll { $0.token == token }
            if waiting[key]?.isEmpty == true { waiting[key] = nil }
        }
    }

    /// The names that are asked for, by anyone.
    private var wanted: Set<Key> {
        Set(followers.flatMap { [$0.key, $0.service].compactMap { $0 } } + waiting.keys)
    }

    // MARK: Asking

    /// Asks for whatever is due.
    private mutating func begin(at now: UInt64) {
        let due = wanted.filter { names[$0]?.isDue(at: now, interval: settings.interval) ?? true }
        for key in due.sorted(by: { ($0.name, $0.type.rawValue) < ($1.name, $1.type.rawValue) }) {
            begin(key, at: now)
        }
    }

    private mutating func begin(_ key: Key, at now: UInt64) {
        if names[key] == nil { names[key] = NameState(key.type, at: now) }
        guard names[key]?.isDue(at: now, interval: settings.interval) == true, ids.count < 60_000 else {
            return
        }
        var id = UInt16.random(in: 0...UInt16.max)
        while ids[id] != nil { id &+= 1 }
        ids[id] = key
        names[key]?.begin(id: id, tries: settings.tries, at: now)
        actions.append(.ask(NameQuestion(id: id, name: key.name, type: key.type)))
    }

    /// So many name servers were sent a question, and these could not be.
    mutating func sent(_ id: UInt16, to servers: [Int], failed: [Int], at now: UInt64) {
        for server in servers { counts[server].sent += 1 }
        for server in failed { counts[server].sendErrors += 1 }
        if let key = ids[id] { names[key]?.sent(to: servers.count, at: now) }
    }

    /// A name server has said something. Whoever has heard all that there is calls `advance`.
    mutating func take(_ message: [UInt8], from server: Int, at now: UInt64) {
        guard message.count <= settings.answerSize else { return counts[server].tooLarge += 1 }
        guard let id = NameAnswer.id(of: message) else { return counts[server].invalid += 1 }
        guard let key = ids[id], let running = names[key]?.running else {
            return counts[server].outdated += 1
        }
        let answer = NameAnswer(message, to: NameQuestion(id: id, name: key.name, type: running.type))
        take(answer, to: id, from: server, at: now)
    }

    /// The same of an answer that has been read, by the question's number.
    mutating func take(_ answer: NameAnswer, to id: UInt16, from server: Int, at now: UInt64) {
        counts[server].count(answer.outcome)
        guard let key = ids[id], let step = names[key]?.take(answer.outcome, at: now) else {
            return
        }
        switch step {
        case .wait: break
        case .ask(let type): actions.append(.ask(NameQuestion(id: id, name: key.name, type: type)))
        case .failed: end(key, at: now) { $0.fail(key, at: now) }
        case .found:
            end(key, at: now) { state in
                let before = state.actions.count
                state.enter(answer.records, of: key, at: now)
                if state.actions.count > before { state.counts[server].updates += 1 }
            }
        }
    }

    /// What time brings.
    mutating func advance(at now: UInt64) {
        let patience = UInt64(settings.retryTimeout)
        let unanswered = ids.values.filter { key in
            names[key]?.running.map { now >= $0.sentAt &+ patience } ?? false
        }
        for key in unanswered.sorted(by: { $0.name < $1.name }) {
            guard let id = names[key]?.running?.id,
                let step = names[key]?.tick(at: now, patience: settings.retryTimeout)
            else { continue }
            switch step {
            case .wait, .found: break
            case .ask(let type):
                // Until the name servers are asked.
                names[key]?.sent(to: 0, at: now)
                actions.append(.ask(NameQuestion(id: id, name: key.name, type: type)))
            case .failed: end(key, at: now) { $0.fail(key, at: now) }
            }
        }
        let wanted = wanted
        names = names.filter { key, state in
            wanted.contains(key) || state.running != nil
                || now < (state.endedAt ?? 0) &+ UInt64(settings.hold.valid)
        }
        begin(at: now)
    }

    /// When time brings something; nil is never.
    var nextTime: UInt64? {
        let wanted = wanted
        return names.compactMap { key, state in
            if let running = state.running { return running.sentAt &+ UInt64(settings.retryTimeout) }
            return (state.endedAt ?? 0)
                &+ UInt64(wanted.contains(key) ? settings.interval : settings.hold.valid)
        }.min()
    }

    private mutating func end(_ key: Key, at now: UInt64, _ conclude: (inout ResolverState) -> Void) {
        if let id = names[key]?.running?.id { ids[id] = nil }
        names[key]?.end(at: now)
        conclude(&self)
        for (token, choice) in waiting.removeValue(forKey: key) ?? [] { answer(token, choice, key) }
    }

    private mutating func answer(_ token: UInt64, _ choice: AddressChoice, _ key: Key) {
        guard names[key]?.status == .valid else { return actions.append(.answer(token: token, nil)) }
        actions.append(.answer(token: token, pick(choice, key)))
    }

    // MARK: What answers mean

    private mutating func enter(_ records: [NameAnswer.Record], of key: Key, at now: UInt64) {
        let gone = names[key]?.merge(records, at: now, obsolete: settings.hold.obsolete) ?? []
        guard key.type != .service else { return placeServices(of: key, without: gone) }
        for i in followers.indices where followers[i].key == key && followers[i].isAttached {
            let address = followers[i].placement.address
            if gone.contains(where: { $0.record.address == address }) { followers[i].isAttached = false }
        }
        for i in followers.indices where followers[i].key == key { place(i) }
    }

    func addresses(of key: Key) -> [SocketAddress] { names[key]?.known.compactMap(\.record.address) ?? [] }

    /// Gives a server an address of its name's, if it has none of them and they are known.
    mutating func placeByWhatIsKnown(_ i: Int) {
        guard let key = followers[i].key, names[key]?.status == .valid, !addresses(of: key).isEmpty else {
            return
        }
        place(i)
    }

    private mutating func place(_ i: Int) {
        guard let key = followers[i].key, !followers[i].isAttached else { return }
        let (server, current) = (followers[i].server, followers[i].placement.address)
        var taken: Set<SocketAddress> = []
        for other in followers
        where other.isAttached && other.key == key
            && other.server.reference.backend == server.reference.backend
        {
            if let address = other.placement.address { taken.insert(address) }
        }
        guard let address = pick(AddressChoice(server.resolution, current: current, taken: taken), key) else {
            return lose(i, .noAddress)
        }
        followers[i].isAttached = true
        followers[i].placement.address = address
        followers[i].placement.reason = .none
        tell(i)
    }

    private mutating func pick(_ choice: AddressChoice, _ key: Key) -> SocketAddress? {
        let addresses = addresses(of: key)
        guard let place = choice.pick(of: addresses, from: names[key]?.next ?? 0) else { return nil }
        names[key]?.next = (place + 1) % addresses.count
        return addresses[place]
    }

    /// Nobody knows the name. What was known counts for as long as it is held.
    private mutating func fail(_ key: Key, at now: UInt64) {
        guard let state = names[key] else { return }
        let isHeld = now < state.validAt &+ UInt64(state.hold(settings.hold))
        guard !isHeld else { return }
        names[key]?.known = []
        for i in followers.indices where followers[i].service == key && key.type == .service {
            if followers[i].record != nil { release(i) }
        }
        for i in followers.indices where followers[i].key == key {
            followers[i].isAttached = false
            lose(i, state.reason)
        }
    }

    /// A server is nowhere from now on.
    mutating func lose(_ i: Int, _ reason: ServerPlacement.Reason) {
        followers[i].isAttached = false
        guard followers[i].placement.address != nil else { return }
        followers[i].placement.address = nil
        followers[i].placement.reason = reason
        tell(i)
    }

    /// Tells where a server is, if that is news.
    mutating func tell(_ i: Int) {
        guard followers[i].placement != followers[i].told else { return }
        followers[i].told = followers[i].placement
        actions.append(.place(followers[i].server, followers[i].placement))
    }
}
