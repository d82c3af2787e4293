import Basics

/// Ranges of numbers without gaps or overlaps between neighbours, asked by halving.
struct SortedRanges<Number: FixedWidthInteger>: ~Copyable {
    private let starts: FixedArray<Number>
    private let ends: FixedArray<Number>

    init(_ ranges: [ClosedRange<Number>]) {
        var merged: [ClosedRange<Number>] = []
        for range in ranges.sorted(by: { $0.lowerBound < $1.lowerBound }) {
            guard let last = merged.last, range.lowerBound <= last.upperBound else {
                merged.append(range)
                continue
            }
            merged[merged.count - 1] = last.lowerBound...max(last.upperBound, range.upperBound)
        }
        starts = FixedArray(count: merged.count) { merged[$0].lowerBound }
        ends = FixedArray(count: merged.count) { merged[$0].upperBound }
    }

    /// Whether a number is in one of them.
    func contains(_ number: Number) -> Bool {
        var (low, high) = (0, starts.count)
        while low < high {
            let middle = (low + high) / 2
            if starts[middle] <= number { low = middle + 1 } else { high = middle }
        }
        return low > 0 && number <= ends[low - 1]
    }
}
