/// Places that nobody has any more: who may still refer to one, and when somebody else may have it. Pure.
///
/// ```
///   in use ──publish n──► left at n ──every worker has adopted n, and no connection is of it──► free
/// ```
/// From n on no worker takes a connection at such a place, so that the connections of it can only become fewer.
struct LeftPlaces {
    /// The publish at which a place was left.
    private var left: [Int: UInt64] = [:]

    /// Takes note of all places that are not in use as of a publish.
    mutating func note(unused: some Sequence<Int>, at sequence: UInt64) {
        left = Dictionary(uniqueKeysWithValues: unused.map { ($0, left[$0] ?? sequence) })
    }

    /// What somebody else may have, when every worker has adopted publish `adopted`.
    func free(adopted: UInt64, isAlone: (Int) -> Bool) -> Set<Int> {
        Set(left.filter { $0.value <= adopted && isAlone($0.key) }.keys)
    }
}
