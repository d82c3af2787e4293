import Wire

/// A body that is being compressed.
struct RunningCompression: ~Copyable {
    let compressor: any Compressor
    /// What its library was asked for last.
    var level: Int
}
