import Basics
import Wire

/// Listeners that come and go while the worker runs. Connections are not touched by it.
extension Worker {
    func adopt(_ change: ListenerChange) {
        guard change.place < listeners.count else { return }
        guard let settings = change.settings else {
            let descriptor = listeners[change.place].descriptor
            if descriptor >= 0 { loop.unregister(descriptor) }
            return listeners[change.place].close()
        }
        guard change.opened.count > index, let opened = change.opened[index].take() else {
            let isMoved = listeners[change.place].frontend != settings.frontend
            listeners[change.place].adopt(settings, change.handshake)
            if settings.maxConnections > 0 { countConnections(at: change.place) }
            // The limit it waited for is another frontend's now.
            if isMoved, listeners[change.place].waitsForPlace {
                listeners[change.place].waitsForPlace = false
                if acceptsAgainAt == 0 { listen(at: change.place) }
            }
            return
        }
        listeners[change.place].open(opened, settings, change.opened[index].handshake)
        if settings.maxConnections > 0 { countConnections(at: change.place) }
        if acceptsAgainAt == 0 { listen(at: change.place) }
    }

    /// Hears of connections at a listener.
    func listen(at place: Int) {
        guard isListening, listeners[place].isOpen, !listeners[place].waitsForPlace else { return }
        _ = loop.registerLevel(listeners[place].descriptor, token: Token.listener(place))
    }
}
