// Containers that own their memory alone, so that handing one over hands everything over.

/// Written by many threads by design of its owner, each to places of its own.
extension FixedArray: @unchecked Sendable where Element: ~Copyable {}

/// Nothing else points to its memory but for the length of a call.
extension Buffer: @unchecked Sendable {}
