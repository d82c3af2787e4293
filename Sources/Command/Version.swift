/// What `sluice version` and `sluice_build_info` say.
enum Version {
    /// The version of the product.
    static let number = "0.1.0"

    /// The lines of `sluice version`.
    static var text: String { "sluice \(number)\n" }
}
