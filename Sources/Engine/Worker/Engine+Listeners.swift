import Basics
import Model
import Synchronization
import Wire

/// Where the engine listens: what is opened and closed when frontends change.
extension Engine.Running {
    /// What every worker has adopted.
    private var adopted: UInt64 {
        workers.map { $0.published.adopted.load(ordering: .acquiring) }.min() ?? 0
    }

    /// Places of frontends that are gone, which nobody refers to.
    var freeFrontends: Set<Int> {
        leftFrontends.free(adopted: adopted) { limits.isUnused($0) }
    }

    /// The same of addresses.
    private var freeListeners: Set<Int> {
        leftListeners.free(adopted: adopted) { place in
            workers.allSatisfy { $0.published.clients[place].value == 0 }
        }
    }

    func refusals(of frontends: [Frontend]) -> [Diagnostic] {
        var places = publisher.places
        var listeners = listeners
        var diagnostics = places.adopt(frontends, free: freeFrontends).map {
            $0.refused("there is no place for another frontend")
        }
        let wanted = ListenerPlaces.places(of: places.models)
        let (steps, refused) = listeners.steps(to: wanted, free: freeListeners)
        diagnostics += refused.map { place, refusal in
            places.models[Int(place.frontend)].refused(
                "cannot listen on port \(place.port): \(refusal.sentence)")
        }
        for case .open(let index) in steps {
            let place = listeners.places[index]
            do throws(EngineError) {
                _ = try open(place)
            } catch {
                diagnostics.append(places.models[Int(place.frontend)].refused(error.message))
            }
        }
        return diagnostics
    }

    /// Opens what is new to be listened on; the workers adopt it with everything else, and close what nobody wants.
    mutating func changeListeners(_ adoption: inout Adoption) -> [Diagnostic] {
        let frontends = publisher.frontends
        let (steps, refused) = listeners.steps(
            to: ListenerPlaces.places(of: frontends), free: freeListeners)
        var diagnostics = refused.map { place, refusal in
            frontends[Int(place.frontend)].refused("cannot listen on port \(place.port): \(refusal.sentence)")
        }
        for step in steps {
            switch step {
            case .close(let index):
                adoption.listeners.append(ListenerChange(place: index, settings: nil, opened: []))
            case .change(let index):
                let place = listeners.places[index]
                do throws(EngineError) {
                    let handshake = try Binder.handshake(of: place, publisher.authorities)
                    adoption.listeners.append(
                        ListenerChange(place: index, settings: place, handshake: handshake, opened: []))
                } catch {
                    diagnostics.append(frontends[Int(place.frontend)].refused(error.message))
                }
            case .open(let index):
                let place = listeners.places[index]
                do throws(EngineError) {
                    let opened = try open(place)
                    adoption.listeners.append(
                        ListenerChange(place: index, settings: place, opened: opened))
                } catch {
                    listeners.failed(index)
                    diagnostics.append(frontends[Int(place.frontend)].refused(error.message))
                }
            }
        }
        return diagnostics
    }

    private func open(_ place: ListenerPlaces.Place) throws(EngineError) -> [OpenedListener] {
        guard !place.isTLS || ticketKeys != nil else {
            throw EngineError(
                message:
                    "cannot listen on port \(place.port): the process began without TLS, a restart is needed")
        }
        return try Binder.open(place, workers: workers.count, keeper: keeper, publisher.authorities)
    }
}

extension ListenerPlaces.Refusal {
    fileprivate var sentence: String {
        switch self {
        case .taken: "another bind has the same address"
        case .noPlace:
            "there are \(ListenerPlaces.most) addresses already, with those whose connections have not ended"
        }
    }
}
