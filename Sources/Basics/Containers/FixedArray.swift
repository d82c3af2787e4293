/// A fixed number of values in memory of their own.
///
/// Unlike an `Array` in a class it is read without reference counting or exclusivity checks (measured: 16-26 ns per
/// mutation of an array in a class, 1.4 here), which is why workers keep their tables in it.
public struct FixedArray<Element: ~Copyable>: ~Copyable {
    private let elements: UnsafeMutablePointer<Element>
    /// How many values there are.
    public let count: Int

    /// `count` values, each made by `make` from its index.
    public init(count: Int, _ make: (Int) -> Element) {
        precondition(count >= 0, "a negative count")
        elements = count == 0 ? FixedArray.nowhere : .allocate(capacity: count)
        self.count = count
        for i in 0..<count { (elements + i).initialize(to: make(i)) }
    }

    deinit {
        guard count > 0 else { return }
        elements.deinitialize(count: count)
        elements.deallocate()
    }

    /// Where no values are: tables of tens of thousands of backends are mostly empty, and the least that is allocated is 32 bytes.
    private static var nowhere: UnsafeMutablePointer<Element> {
        UnsafeMutablePointer(bitPattern: MemoryLayout<Element>.alignment).unsafelyUnwrapped
    }

    /// A reference to the value at `index`, good as long as the array.
    public func reference(_ index: Int) -> Ref<Element> {
        precondition(index >= 0 && index < count, "index out of bounds")
        return Ref(elements + index)
    }

    /// The value at `index`.
    public subscript(index: Int) -> Element {
        unsafeAddress {
            precondition(index >= 0 && index < count, "index out of bounds")
            return UnsafePointer(elements + index)
        }
        nonmutating unsafeMutableAddress {
            precondition(index >= 0 && index < count, "index out of bounds")
            return elements + index
        }
    }
}

extension FixedArray where Element: Copyable {
    /// A copy of an array's values.
    public init(_ values: [Element]) { self.init(count: values.count) { values[$0] } }
}

extension FixedArray where Element == UInt8 {
    /// A copy of a text's UTF-8 bytes.
    public init(_ text: String) {
        let bytes = Array(text.utf8)
        self.init(count: bytes.count) { bytes[$0] }
    }

    /// The bytes; good as long as the array.
    public var view: ByteView { count == 0 ? .empty : ByteView(start: UnsafePointer(elements), count: count) }
}
