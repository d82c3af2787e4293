import Basics
import Model
import Wire

extension TableKey {
    /// A sample as a key of a table, converted as HAProxy does; nil if it can not be one. It is good as long as the sample.
    init?(_ sample: Sample, for type: TableKeyType, _ workspace: inout SampleWorkspace) {
        switch type {
        case .ip, .ipv6:
            // Text is read as an address of the table's own family.
            if case .string(let text) = sample,
                (text.firstIndex(of: UInt8(ascii: ":")) != nil) != (type == .ipv6)
            {
                return nil
            }
            guard let address = sample.address else { return nil }
            self.init(address, for: type)
        case .integer:
            guard let number = sample.number else { return nil }
            self.init(number: number)
        case .string:
            guard let text = sample.text(&workspace) else { return nil }
            self.init(text, for: type)
        case .binary:
            guard let bytes = sample.key(&workspace) else { return nil }
            self.init(bytes, for: type)
        }
    }
}
