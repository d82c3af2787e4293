/// A place for many values of one type whose addresses never change.
///
/// Values live in chunks of 128 that are never moved. `insert` hands out a `Ref`; `remove` ends a value's use but
/// keeps its memory, unreused, until `reclaim`, so that references which are still on the way within the same round of events
/// find a value that says it is closed instead of a stranger. Confined to one thread.
///
/// ```
///   chunk 0 [ v v . v … ]   chunk 1 [ . . v … ]      free: LIFO (hot in cache)
///                ▲ Ref                               removed: until reclaim()
/// ```
public final class Slab<Value: ~Copyable> {
    private var free: UnsafeMutablePointer<UnsafeMutablePointer<Value>>
    private var freeCount = 0
    private var removed: UnsafeMutablePointer<UnsafeMutablePointer<Value>>
    private var removedCount = 0
    private var capacity = 0
    private var chunks: [UnsafeMutablePointer<Value>] = []
    /// How many values are in use.
    public private(set) var count = 0

    private static var chunkSize: Int { 128 }

    /// An empty slab; it takes memory with the first value.
    public init() {
        free = .allocate(capacity: 0)
        removed = .allocate(capacity: 0)
    }

    deinit {
        // Values still in use are leaked on purpose: their owner decides when they end, and does so before this.
        free.deallocate()
        removed.deallocate()
        for chunk in chunks { chunk.deallocate() }
    }

    /// Puts a value into the slab.
    public func insert(_ value: consuming Value) -> Ref<Value> {
        if freeCount == 0 { grow() }
        freeCount &-= 1
        count &+= 1
        let address = free[freeCount]
        address.initialize(to: value)
        return Ref(address)
    }

    /// Puts the value that `make` makes where it stays: large ones are not copied.
    @inline(__always)
    public func insert(making make: () -> Value) -> Ref<Value> {
        if freeCount == 0 { grow() }
        freeCount &-= 1
        count &+= 1
        let address = free[freeCount]
        address.initialize(to: make())
        return Ref(address)
    }

    /// Ends the use of a value; its memory stays as it is until `reclaim`.
    public func remove(_ reference: Ref<Value>) {
        removed[removedCount] = reference.address
        removedCount &+= 1
        count &-= 1
    }

    /// Destroys the removed values and makes their places free. Called between two rounds of events.
    public func reclaim() {
        while removedCount > 0 {
            removedCount &-= 1
            let address = removed[removedCount]
            address.deinitialize(count: 1)
            free[freeCount] = address
            freeCount &+= 1
        }
    }

    private func grow() {
        let chunk = UnsafeMutablePointer<Value>.allocate(capacity: Self.chunkSize)
        chunks.append(chunk)
        capacity += Self.chunkSize
        let newFree = UnsafeMutablePointer<UnsafeMutablePointer<Value>>.allocate(capacity: capacity)
        let newRemoved = UnsafeMutablePointer<UnsafeMutablePointer<Value>>.allocate(capacity: capacity)
        newRemoved.update(from: removed, count: removedCount)
        free.deallocate()
        removed.deallocate()
        free = newFree
        removed = newRemoved
        for i in 0..<Self.chunkSize { free[i] = chunk + (Self.chunkSize - 1 - i) }
        freeCount = Self.chunkSize
    }
}

/// A reference to a value in a `Slab`: one word, no counting. `reference[]` is the value.
public struct Ref<Value: ~Copyable>: Equatable {
    let address: UnsafeMutablePointer<Value>

    init(_ address: UnsafeMutablePointer<Value>) { self.address = address }

    /// The value referred to.
    public subscript() -> Value {
        unsafeAddress { UnsafePointer(address) }
        nonmutating unsafeMutableAddress { address }
    }

    /// The reference as a number, for the kernel to give back with an event. Its three low bits are zero.
    public var bits: UInt64 { UInt64(UInt(bitPattern: address)) }

    /// The reference that `bits` was taken from; it must be one to a value of this type that was not reclaimed.
    public init(bits: UInt64) {
        guard let address = UnsafeMutablePointer<Value>(bitPattern: UInt(bits)) else {
            preconditionFailure("reference bits are never zero")
        }
        self.address = address
    }

    /// Same place.
    public static func == (left: Ref, right: Ref) -> Bool { left.address == right.address }
}
