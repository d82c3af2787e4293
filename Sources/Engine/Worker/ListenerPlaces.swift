import Model
import Wire

/// Which addresses are listened on, each at a place that it has in every worker: a pure decision about what has to be opened,
/// changed and closed.
///
/// Clients refer to a place, so it stays its address's while there are any, and until another address needs it. What cannot be
/// opened is tried again with the next change.
struct ListenerPlaces {
    /// The most places there can be at a time; those that clients of closed ones refer to count.
    static let most = ConnectionLimits.mostListeners

    /// An address that is listened on, and what its connections are.
    struct Place: Equatable, Sendable {
        /// nil is every address.
        var address: String?
        var port: UInt16
        /// Whether it is a socket of this machine.
        var isLocal = false
        var rights = SocketRights()
        /// An inherited socket, instead of both.
        var descriptor: Int32?
        /// The frontend's place.
        var frontend: UInt16
        /// Its place among the frontend's binds.
        var bind: UInt16
        var isTLS: Bool
        var isStrictSNI = false
        var tlsParameters: TLSParameters?
        var clientAuthentication: ClientAuthentication?
        /// What ALPN may choose; nil is what the engine speaks.
        var protocols: [String]?
        /// How much of what TLS clients offer is kept.
        var offerRoom = 0
        var versions = ClientVersions.all
        var idlePing = 0
        /// Whether what comes in here is counted for itself.
        var countsApart = false
        /// The most connections; 0 is no limit.
        var maxConnections = 0
        /// Whether the client speaks first.
        var defersAccept: Bool

        /// Whether the same words mean the same place each time.
        fileprivate var isKnown: Bool { port != 0 || isLocal || descriptor != nil }
    }

    /// What has to be done about one place.
    enum Step: Equatable {
        case open(Int)
        case change(Int)
        case close(Int)
    }

    /// Why an address is not listened on.
    enum Refusal: Equatable {
        /// Another bind has the same one.
        case taken
        /// There are too many, with those that clients of closed ones still refer to.
        case noPlace
    }

    fileprivate struct Address: Hashable {
        var text: String?
        var port: UInt16
        var descriptor: Int32?
    }

    private(set) var places: [Place] = []
    private var isOpen: [Bool] = []
    private var known: [Address: Int] = [:]

    /// The places of all binds, in their order. A port of 0 is another one each time.
    static func places(of frontends: [Frontend]) -> [Place] {
        frontends.enumerated().flatMap { index, frontend in
            frontend.binds.enumerated().map { number, bind in
                Place(
                    address: bind.address, port: bind.port, isLocal: bind.isLocal,
                    rights: SocketRights(bind.rights), descriptor: bind.descriptor,
                    frontend: UInt16(clamping: index), bind: UInt16(clamping: number), isTLS: bind.isTLS,
                    isStrictSNI: bind.isStrictSNI,
                    tlsParameters: bind.tlsParameters, clientAuthentication: bind.clientAuthentication,
                    protocols: bind.isTLS && frontend.mode == .tcp ? bind.applicationProtocols : nil,
                    offerRoom: bind.offerRoom,
                    versions: bind.versions, idlePing: bind.idlePing, countsApart: frontend.countsListeners,
                    maxConnections: max(0, bind.maxConnections), defersAccept: frontend.mode == .http)
            }
        }
    }

    /// What is open at the start: everything, in the order of `places(of:)`.
    init(open places: [Place]) {
        self.places = places
        isOpen = Array(repeating: true, count: places.count)
        for (i, place) in places.enumerated() where place.isKnown { known[Address(place)] = i }
    }

    /// Whether a place is open.
    func isOpen(_ place: Int) -> Bool { isOpen[place] }

    /// The most connections of each place; 0 is no limit.
    var limits: [Int] { places.indices.map { isOpen[$0] ? places[$0].maxConnections : 0 } }

    /// The places that are not open.
    var closed: [Int] { places.indices.filter { !isOpen[$0] } }

    /// What leads from what is open to what is wanted, and which of that is not to be had. Closed places among `free` are given to
    /// other addresses.
    mutating func steps(to wanted: [Place], free: Set<Int> = []) -> (
        steps: [Step], refused: [(Place, Refusal)]
    ) {
        var steps: [Step] = []
        var free = free.filter { !isOpen[$0] }.sorted(by: >)
        var refused: [(Place, Refusal)] = []
        var used: Set<Int> = []
        // Those with a port of the system's choice stay as long as somebody wants one.
        var chosen = places.indices.filter { !places[$0].isKnown && isOpen[$0] }
        for place in wanted {
            let index = place.isKnown ? known[Address(place)] : chosen.popFirst()
            guard let index else {
                while let last = free.last, isOpen[last] { free.removeLast() }
                guard let new = add(place, at: free.popLast()) else {
                    refused.append((place, .noPlace))
                    continue
                }
                used.insert(new)
                steps.append(.open(new))
                continue
            }
            guard used.insert(index).inserted else {
                refused.append((place, .taken))
                continue
            }
            if !isOpen[index] {
                steps.append(.open(index))
            } else if places[index] != place {
                steps.append(.change(index))
            }
            places[index] = place
            isOpen[index] = true
        }
        for index in places.indices where isOpen[index] && !used.contains(index) {
            isOpen[index] = false
            steps.append(.close(index))
        }
        return (steps, refused)
    }

    /// A place could not be opened.
    mutating func failed(_ index: Int) { isOpen[index] = false }

    /// A place for a new address, one that is free or another; nil if there is none.
    private mutating func add(_ place: Place, at free: Int?) -> Int? {
        guard let index = free ?? (places.count < ListenerPlaces.most ? places.count : nil) else {
            return nil
        }
        if index == places.count {
            places.append(place)
            isOpen.append(true)
        } else {
            let before = Address(places[index])
            if known[before] == index { known[before] = nil }
            places[index] = place
            isOpen[index] = true
        }
        if place.isKnown { known[Address(place)] = index }
        return index
    }
}

extension SocketRights {
    fileprivate init(_ rights: LocalSocketRights) {
        self.init(mode: rights.mode, owner: rights.owner, group: rights.group)
    }
}

extension ListenerPlaces.Address {
    fileprivate init(_ place: ListenerPlaces.Place) {
        self.init(text: place.address, port: place.port, descriptor: place.descriptor)
    }
}

extension Array {
    fileprivate mutating func popFirst() -> Element? { isEmpty ? nil : removeFirst() }
}
