/// HAProxy's counter of a server's health: from 0, surely down, to `rise + fall - 1`, surely up.
///
/// ```
///      0 … rise - 1        rise … rise + fall - 1
///   ◄──── down ────►│◄───────────── up ──────────►
///   a failure: 0    │ a failure: one less; a success: all the way up
/// ```
struct HealthState: Equatable {
    let rise: Int
    let fall: Int
    private(set) var health: Int

    /// As servers begin: up, and one failure from down.
    init(rise: Int, fall: Int, isUp: Bool = true) {
        self.rise = max(1, min(1_000_000, rise))
        self.fall = max(1, min(1_000_000, fall))
        health = isUp ? self.rise : 0
    }

    /// As it was: never above what surely up is.
    init(rise: Int, fall: Int, level: Int) {
        self.init(rise: rise, fall: fall)
        health = max(0, min(highest, level))
    }

    private var highest: Int { rise + fall - 1 }

    var isUp: Bool { health >= rise }
    var isSurelyUp: Bool { health == highest }
    var isSurelyDown: Bool { health == 0 }

    /// Counts a success; true if it was worth telling.
    @discardableResult
    mutating func succeed() -> Bool {
        guard health < highest else { return false }
        health += 1
        if health >= rise { health = highest }
        return true
    }

    /// Counts a failure; true if it was worth telling.
    @discardableResult
    mutating func fail() -> Bool {
        guard health > 0 else { return false }
        health -= 1
        if health < rise { health = 0 }
        return true
    }

    /// The next failure takes it down.
    mutating func weaken() { if health > rise { health = rise } }

    /// The next failure but one takes it down: HAProxy's `sudden-death`, which counts a failure right after.
    mutating func prepareSuddenDeath() { if health > rise { health = rise + 1 } }

    /// Surely up or surely down at once: an agent's word.
    mutating func set(isUp: Bool) { health = isUp ? highest : 0 }

    /// How far it is, as `2/3`: of the failures it can stand while up, of the successes it needs while down.
    var progress: String {
        isUp ? "\(health - rise + 1)/\(fall)" : "\(health)/\(rise)"
    }

    /// As HAProxy's statistics show it: `UP`, `UP 1/3` on the way down, `DOWN`, `DOWN 1/2` on the way up.
    var description: String {
        let word = isUp ? "UP" : "DOWN"
        return isSurelyUp || isSurelyDown ? word : "\(word) \(progress)"
    }
}
