import COpenSSL
import CSystem

/// What `sluice version` and `sluice_build_info` say.
enum Version {
    /// The version of the product.
    static let number = "0.1.0"

    /// The commit it was built from.
    static var commit: String { String(cString: csystem_commit()) }

    /// The lines of `sluice version`.
    static var text: String {
        "sluice \(number)\ncommit \(commit)\n" + libraries.map { "\($0.name) \($0.version)\n" }.joined()
    }

    /// The libraries that were loaded, not those that were compiled against.
    static var libraries: [(name: String, version: String)] {
        [("openssl", String(cString: OpenSSL_version(OPENSSL_VERSION_STRING)))]
    }
}
