import Basics
import Model

/// Lists of patterns as rules ask and change them.
extension Worker {
    /// What a list has for a sample; nil if nothing matches, or there is no such list.
    func find(_ sample: Sample, in list: UInt64, _ workspace: inout SampleWorkspace) -> Sample? {
        patternIndex(list)?._withUnsafeGuaranteedRef { $0.find(sample, &workspace) }
    }

    /// The list of a number; nil if there is none. It lives until the worker is between two events.
    @inline(__always)
    func patternIndex(_ list: UInt64) -> Unmanaged<PatternIndex>? {
        Unmanaged.passUnretained(patterns)._withUnsafeGuaranteedRef { $0.index(list) }
    }

    /// Does what a rule says of a list. What it can do nothing with it leaves, as HAProxy does.
    func edit(_ edit: Ref<CompiledPatternEdit>, _ exchange: Ref<Exchange>, answer: ByteView? = nil) {
        guard let record = patterns.record(edit[].list), compose(edit[].key, for: exchange, answer: answer)
        else { return }
        let key = composed.view.bytes
        switch edit[].kind {
        case .set:
            guard compose(edit[].value, for: exchange, answer: answer) else { return }
            let value = composed.view.bytes
            _ = record._withUnsafeGuaranteedRef { $0.set(key, to: value, adds: true) }
        case .add: _ = record._withUnsafeGuaranteedRef { $0.add(PatternList.Entry(key), onlyNew: true) }
        case .remove: _ = record._withUnsafeGuaranteedRef { $0.remove(key) }
        }
    }
}

/// `Model.PatternEdit` as workers make it.
struct CompiledPatternEdit: ~Copyable {
    let list: UInt64
    let kind: Kind
    let key: CompiledFormat
    let value: CompiledFormat

    enum Kind {
        case set, add, remove
    }

    init(_ edit: PatternEdit) {
        let formats = edit.formats
        let key = CompiledFormat(formats.first ?? FormatString([]))
        let value = CompiledFormat(formats.count > 1 ? formats[1] : FormatString([]))
        list = PatternDirectory.number(of: edit.list)
        kind =
            switch edit {
            case .set: .set
            case .add: .add
            case .remove: .remove
            }
        self.key = key
        self.value = value
    }
}
