import Basics
import Model
import Synchronization
import Wire

/// The variables of the process, which all workers read and set: one lock, held while a value is copied.
final class ProcessVariables: Sendable {
    private let store = Mutex(VariableStore())
    private let limit = Atomic<Int>(VariableStore.most)

    /// As a sample in the workspace; nil if it has no value.
    func value(_ key: VariableKey, _ workspace: inout SampleWorkspace) -> Sample? {
        let mark = workspace.mark
        let kind = store.withLock { $0.copy(key, to: &workspace) }
        return kind.map { Sample($0, workspace.written(since: mark)) }
    }

    func set(_ key: VariableKey, to sample: Sample, _ conditions: VariableConditions) {
        let room = limit.load(ordering: .relaxed)
        _ = store.withLock { $0.set(key, to: sample, conditions, room: room) }
    }

    func unset(_ key: VariableKey) { store.withLock { $0.unset(key) } }

    /// Does what is new of `global`: what rules have set since stays.
    func apply(_ settings: VariableSettings, known: VariableSettings) {
        limit.store(
            settings.processSize > 0 ? settings.processSize : VariableStore.most, ordering: .relaxed)
        var workspace = SampleWorkspace()
        for change in settings.changes where !known.changes.contains(change) {
            workspace.reset()
            apply(change, &workspace)
        }
    }

    private func apply(_ change: VariableChange, _ workspace: inout SampleWorkspace) {
        let source = Source(variables: self)
        switch change {
        case .set(let variable, let conditions, let expression):
            let compiled = CompiledExpression(expression)
            guard let sample = compiled.sample(of: source, &workspace) else { return }
            set(VariableKey(variable), to: sample, conditions)
            withExtendedLifetime(compiled) {}
        case .setText(let variable, let conditions, let format):
            let compiled = CompiledFormat(format)
            var text = Buffer(capacity: SampleWorkspace.size)
            guard compiled.append(for: source, to: &text, &workspace) else { return }
            set(VariableKey(variable), to: .string(text.view), conditions)
        case .unset(let variable): unset(VariableKey(variable))
        }
    }

    /// What is known before there are clients.
    private struct Source: FormatSource {
        let variables: ProcessVariables

        func fetch(
            _ code: FetchCode, _ literals: ByteView, _ cursor: inout SampleCursor,
            _ workspace: inout SampleWorkspace
        ) -> Sample? {
            switch code {
            case .random(let range):
                .integer(Int64(UInt32.random(in: 0...max(1, range ?? .max) - 1)))
            case .date(let offset): .integer(Int64(Clock().realtime / 1_000_000_000) &+ offset)
            default: code.constant(literals)
            }
        }

        func write(_ variable: LogVariable, _ flags: FormatFlags, to line: inout ByteWriter) -> Bool {
            line.append(nil, as: flags)
            return true
        }

        func write(_ fact: LineFact, _ flags: FormatFlags, to line: inout ByteWriter) {
            line.appendNothing(ofLine: flags)
        }

        func variable(_ key: VariableKey, _ workspace: inout SampleWorkspace) -> Sample? {
            key.scope == .process ? variables.value(key, &workspace) : nil
        }

        func setVariable(_ key: VariableKey, to sample: Sample, _ conditions: VariableConditions) {
            if key.scope == .process { variables.set(key, to: sample, conditions) }
        }

        func unsetVariable(_ key: VariableKey) {
            if key.scope == .process { variables.unset(key) }
        }
    }
}
