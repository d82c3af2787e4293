import COpenSSL
import Synchronization

/// The keys of session tickets, shared by all workers so that a client may resume at any of them.
///
/// The first key seals and opens, the two before it only open (and their tickets are renewed). Keys live in memory
/// only and are wiped when the last worker lets go of them.
public final class TicketKeys: Sendable {
    /// How long a key seals, in seconds; it opens for twice as long again.
    public static let sealingPeriod: UInt64 = 43_200
    private static let mostKeys = 3

    // Lets workers see with one load whether their copy is current.
    private let generation = Atomic<UInt64>(1)
    private let ring: Mutex<Ring>

    private struct Ring {
        var keys: [TicketKey]
        var rotatedAt: UInt64
    }

    /// Makes the first key; `now` is in seconds of any steady clock, the one `rotate` is called with.
    public init(now: UInt64) throws(TLSSetupError) {
        guard let key = TicketKey() else { throw .noRandomness }
        ring = Mutex(Ring(keys: [key], rotatedAt: now))
    }

    /// Puts a new key first if the current one has sealed for its period; to be called every now and then from one
    /// thread. True if the key was changed.
    @discardableResult
    public func rotate(now: UInt64) -> Bool {
        ring.withLock { ring in
            guard now >= ring.rotatedAt, now - ring.rotatedAt >= Self.sealingPeriod, let key = TicketKey()
            else {
                return false
            }
            // After a long sleep the old keys are past their time too.
            let periods = Int(clamping: (now - ring.rotatedAt) / Self.sealingPeriod)
            ring.keys = [key] + ring.keys.prefix(max(0, Self.mostKeys - min(periods, Self.mostKeys)))
            ring.rotatedAt = now
            generation.add(1, ordering: .releasing)
            return true
        }
    }

    /// A worker's own copy of the keys, current first.
    struct Copy {
        fileprivate(set) var keys: [TicketKey] = []
        fileprivate var generation: UInt64 = 0
    }

    /// Brings a copy up to date; one atomic load if it is.
    func refresh(_ copy: inout Copy) {
        guard generation.load(ordering: .acquiring) != copy.generation else { return }
        ring.withLock { ring in
            copy.keys = ring.keys
            copy.generation = generation.load(ordering: .relaxed)
        }
    }
}

/// One key: 16 bytes of name that travel in the ticket, 32 of AES-256 and 32 of HMAC-SHA256.
final class TicketKey: Sendable {
    static let nameLength = 16
    private static let length = nameLength + 64
    // Written in init only, wiped in deinit.
    private nonisolated(unsafe) let bytes: UnsafeMutablePointer<UInt8>

    init?() {
        bytes = .allocate(capacity: Self.length)
        bytes.initialize(repeating: 0, count: Self.length)
        guard RAND_priv_bytes(bytes, Int32(Self.length)) == 1 else { return nil }
    }

    deinit {
        OPENSSL_cleanse(bytes, Self.length)
        bytes.deallocate()
    }

    var name: UnsafeRawBufferPointer { UnsafeRawBufferPointer(start: bytes, count: Self.nameLength) }

    /// The AES key and then the HMAC key.
    var secret: UnsafePointer<UInt8> { UnsafePointer(bytes + Self.nameLength) }
}
