import Model
import Synchronization

@testable import Engine

/// What an engine says about its servers' health, as it says it.
final class TestNotices: Sendable {
    private let notices = Mutex<[HealthNotice]>([])

    var all: [HealthNotice] { notices.withLock { $0 } }
    var texts: [String] { all.map(\.text) }

    func take(_ notice: HealthNotice) { notices.withLock { $0.append(notice) } }

    /// Whether one that holds `text` has come.
    func has(_ text: String) -> Bool { texts.contains { $0.contains(text) } }
}

extension ServerCheck {
    /// A check that is over in milliseconds, so that tests need no patience.
    static func quick(_ probe: HealthProbe = .connect, rise: Int = 2, fall: Int = 3) -> ServerCheck {
        var check = ServerCheck(probe)
        check.interval = 20
        check.timeout = 2_000
        check.rise = rise
        check.fall = fall
        return check
    }
}
