import Wire

extension HeadProgress {
    /// Whether both come to the same. The reason of a refusal may differ: a piece may show another fault first.
    func means(_ other: HeadProgress) -> Bool {
        if case .refused = self, case .refused = other { return true }
        return self == other
    }
}
