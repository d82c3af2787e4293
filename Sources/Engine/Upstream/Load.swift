/// How much one worker has under way at a server, or in a backend.
struct Load: ~Copyable {
    /// What it has begun.
    let total = Counter()
    /// What is under way.
    let active = Counter()
    /// The most that was under way on this worker.
    private let mostHere = Counter()
    /// The most that was under way on all workers whenever this one had more than ever. With one worker that is exact; with more
    /// it may be too little, never too much.
    let most = Counter()

    /// Begins something; true if the worker has more under way than ever, and `most` is to be found.
    func enter() -> Bool {
        total.add()
        active.add()
        guard active.value > mostHere.value else { return false }
        mostHere.raise(to: active.value)
        return true
    }

    /// Ends something.
    func leave() { active.subtract() }

    /// Forgets what was begun so far.
    func forgetTotal() { total.reset() }

    /// Forgets the most there was.
    func forgetMost() {
        mostHere.reset()
        most.reset()
    }
}
