import Basics
import Model
import Wire

/// What the rules of one check can read and remember: whose check it is, its variables, the head of the answer.
final class CheckScene {
    let facts: Facts
    private let shared: ProcessVariables?
    fileprivate var variables = VariableStore()
    fileprivate var head = ResponseHead()
    fileprivate var headBytes = Buffer()
    fileprivate var random = SystemRandomNumberGenerator()
    private var workspace = SampleWorkspace()
    private let tables = HeaderTablePool(keep: 1)

    /// What is known before it begins.
    struct Facts {
        var backend = ""
        var server = ""
        /// As `http-check send-state` tells it.
        var state = ""
        /// Whether it is up so far.
        var isServerUp = true
    }

    init(_ facts: Facts = Facts(), variables: ProcessVariables? = nil) {
        self.facts = facts
        shared = variables
    }

    deinit { tables.takeBack(&head.fields) }

    /// Keeps an answer's head for what is asked of it later.
    func take(_ response: borrowing ResponseHead, reason: String, in bytes: ByteView) {
        var text = Array("HTTP/1.1 \(response.status) \(reason)\r\n".utf8)
        for i in 0..<response.fields.count {
            let field = response.fields[i]
            text += field.name(in: bytes).bytes + Array(": ".utf8) + field.value(in: bytes).bytes
            text += Array("\r\n".utf8)
        }
        text += Array("\r\n".utf8)
        tables.lend(to: &head.fields)
        head.reset()
        headBytes = Buffer(capacity: text.count)
        _ = text.withView { headBytes.append($0) }
        _ = head.parse(headBytes.view)
    }

    /// What a format gives; `received` is what the server has said, where it is asked over TCP.
    func text(_ format: FormatString, _ received: ByteView = .empty) -> [UInt8] {
        let compiled = CompiledFormat(format)
        var text = Buffer(capacity: CheckInput.limit)
        workspace.reset()
        guard compiled.append(for: Source(scene: self, received: received), to: &text, &workspace) else {
            return []
        }
        return text.view.bytes
    }

    /// What an expression gives, as a number; nil if it gives none.
    func number(_ expression: Expression, _ received: ByteView = .empty) -> Int? {
        let compiled = CompiledExpression(expression)
        workspace.reset()
        let number = compiled.sample(of: Source(scene: self, received: received), &workspace)?.number
        withExtendedLifetime(compiled) {}
        return number.map { Int($0) }
    }

    /// Does what a rule says of a variable.
    func change(_ change: VariableChange, _ received: ByteView = .empty) {
        let source = Source(scene: self, received: received)
        switch change {
        case .set(let variable, let conditions, let expression):
            let compiled = CompiledExpression(expression)
            workspace.reset()
            if let sample = compiled.sample(of: source, &workspace) {
                source.setVariable(VariableKey(variable), to: sample, conditions)
            }
            withExtendedLifetime(compiled) {}
        case .setText(let variable, let conditions, let format):
            text(format, received).withView {
                source.setVariable(VariableKey(variable), to: .string($0), conditions)
            }
        case .unset(let variable): source.unsetVariable(VariableKey(variable))
        }
    }
}

extension CheckScene {
    /// A check as expressions and formats read it.
    private struct Source: FormatSource {
        let scene: CheckScene
        let received: ByteView

        func fetch(
            _ code: FetchCode, _ literals: ByteView, _ cursor: inout SampleCursor,
            _ workspace: inout SampleWorkspace
        ) -> Sample? {
            switch code {
            case .random(let range):
                return .integer(Int64(UInt32.random(in: 0...max(1, range ?? .max) - 1)))
            case .date(let offset): return .integer(Int64(Clock().realtime / 1_000_000_000) &+ offset)
            case .uuid(let version):
                let words = (scene.random.next(), scene.random.next())
                return workspace.writeUUID(version, words.0, words.1, now: Clock().realtime)
            case .backendName: return text(scene.facts.backend, &workspace)
            case .serverName: return text(scene.facts.server, &workspace)
            case .answerPayload(.length): return .integer(Int64(received.count))
            case .answerPayload(let read):
                guard case .bytes(let bytes, _) = Payload(read, in: received) else { return nil }
                return .binary(bytes)
            case .status, .answerField, .answerFieldCount, .answerCookie, .answerCookieCount:
                guard scene.head.status > 0 else { return nil }
                return AnswerSamples.fetch(
                    code, literals, &cursor, status: scene.head.status, scene.head.fields,
                    in: scene.headBytes.view)
            default: return code.constant(literals)
            }
        }

        private func text(_ text: String, _ workspace: inout SampleWorkspace) -> Sample? {
            text.withView { text in workspace.write { $0.append(text) } }.map { .string($0) }
        }

        func write(_ variable: LogVariable, _ flags: FormatFlags, to line: inout ByteWriter) -> Bool {
            switch variable {
            case .backend: scene.facts.backend.withView { line.append($0, as: flags) }
            case .server: scene.facts.server.withView { line.append($0, as: flags) }
            default: line.append(nil, as: flags)
            }
            return true
        }

        func write(_ fact: LineFact, _ flags: FormatFlags, to line: inout ByteWriter) {
            line.appendNothing(ofLine: flags)
        }

        func variable(_ key: VariableKey, _ workspace: inout SampleWorkspace) -> Sample? {
            if key.scope == .process { return scene.shared?.value(key, &workspace) }
            guard key.scope == .check else { return nil }
            let mark = workspace.mark
            return scene.variables.copy(key, to: &workspace).map {
                Sample($0, workspace.written(since: mark))
            }
        }

        func setVariable(_ key: VariableKey, to sample: Sample, _ conditions: VariableConditions) {
            if key.scope == .process { scene.shared?.set(key, to: sample, conditions) }
            if key.scope == .check { scene.variables.set(key, to: sample, conditions) }
        }

        func unsetVariable(_ key: VariableKey) {
            if key.scope == .process { scene.shared?.unset(key) }
            if key.scope == .check { scene.variables.unset(key) }
        }
    }
}
