/// One line of `WaitingLines`: whose turn is the earliest is its first. A binary heap, because priorities let requests pass others: joining,
/// leaving and being next cost the logarithm of its length, and who comes last without a priority joins in one step.
struct WaitingLine {
    /// Indices of entries. Nobody's turn is before that of the one at half its place.
    private var heap: [Int] = []
    /// How many have been granted a place out of it.
    var granted = 0

    /// How many stand in it.
    var count: Int { heap.count }

    /// Who is next.
    var first: Int? { heap.first }

    /// Somebody joins.
    mutating func insert(_ index: Int, _ entries: inout [WaitingLines.Entry]) {
        heap.append(index)
        rise(from: heap.count - 1, &entries)
    }

    /// Somebody who stands in it leaves.
    mutating func remove(_ index: Int, _ entries: inout [WaitingLines.Entry]) {
        let place = entries[index].place
        let last = heap.removeLast()
        guard last != index else { return }
        put(last, at: place, &entries)
        rise(from: place, &entries)
        sink(from: entries[last].place, &entries)
    }

    private mutating func put(_ index: Int, at place: Int, _ entries: inout [WaitingLines.Entry]) {
        heap[place] = index
        entries[index].place = place
    }

    /// Who stands at a place passes everybody above whose turn is later.
    private mutating func rise(from place: Int, _ entries: inout [WaitingLines.Entry]) {
        let index = heap[place]
        var place = place
        while place > 0 {
            let above = heap[(place - 1) / 2]
            guard entries[index].turn < entries[above].turn else { break }
            put(above, at: place, &entries)
            place = (place - 1) / 2
        }
        put(index, at: place, &entries)
    }

    /// Who stands at a place lets everybody below pass whose turn is earlier.
    private mutating func sink(from place: Int, _ entries: inout [WaitingLines.Entry]) {
        let index = heap[place]
        var place = place
        while 2 * place + 1 < heap.count {
            var next = 2 * place + 1
            if next + 1 < heap.count, entries[heap[next + 1]].turn < entries[heap[next]].turn { next += 1 }
            let below = heap[next]
            guard entries[below].turn < entries[index].turn else { break }
            put(below, at: place, &entries)
            place = next
        }
        put(index, at: place, &entries)
    }
}
