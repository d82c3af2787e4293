import Basics
import Glibc

/// Who we are, for lines and for servers: asked once.
struct ProcessIdentity: ~Copyable {
    let id = getpid()
    let hostName: FixedArray<UInt8>

    init() {
        var name = [CChar](repeating: 0, count: 256)
        _ = gethostname(&name, name.count - 1)
        let bytes = name.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }
        hostName = FixedArray(count: bytes.count) { bytes[$0] }
    }
}
