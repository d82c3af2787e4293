import Basics
import Model

/// A name that a format writes, looked up among those there are. It allocates nothing but what it is written into, once.
struct WrittenName: ~Copyable {
    private let format: CompiledFormat

    init(_ format: FormatString) { self.format = CompiledFormat(format) }

    /// The place of the name among `names`; nil if nobody is called so. `text` is where it is written.
    func index<Source: FormatSource & ~Copyable>(
        among names: borrowing TextSet, for source: borrowing Source, in text: inout Buffer,
        _ workspace: inout SampleWorkspace
    ) -> Int? {
        if !text.hasMemory { text = Buffer(capacity: SampleWorkspace.size) }
        text.reset()
        guard format.append(for: source, to: &text, &workspace), !text.isEmpty else { return nil }
        return names.index(of: text.view)
    }
}

/// Whom a rule names, as places in lists beside it.
enum NamedPlace {
    /// Always the same one.
    case known(Int)
    /// Whom a format names.
    case written(Int)
}
