import Wire

/// A body that is being compressed.
struct RunningCompression: ~Copyable {
    let compressor: any Compressor
}
