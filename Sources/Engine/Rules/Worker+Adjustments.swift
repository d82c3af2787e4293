import Basics
import Model
import Wire

/// Setting requests and connections apart from others, for queues and for networks.
extension Worker {
    /// Does what a rule says; a value that is no number does nothing.
    func adjust<Source: SampleSource & ~Copyable>(
        _ kind: ConnectionSetting.Kind, _ value: Ref<CompiledExpression>, _ client: Ref<ClientConnection>,
        _ source: borrowing Source
    ) {
        samples.reset()
        let number = value[].sample(of: source, &samples)?.number
        noteOverruns()
        guard let number else { return }
        switch kind {
        case .priorityClass, .priorityOffset:
            if let exchange = client[].exchange {
                ruling(of: exchange)[].priority.set(kind, to: number)
            } else {
                detail(client)[].priority.set(kind, to: number)
            }
        case .clientTOS, .clientMark:
            let descriptor = carrier(of: client)[].transport.descriptor
            if kind == .clientTOS {
                Socket.setTypeOfService(descriptor, UInt8(truncatingIfNeeded: number))
            } else {
                Socket.setMark(descriptor, UInt32(truncatingIfNeeded: number))
            }
        case .serverTOS, .serverMark:
            var marks = client[].exchange.map { ruling(of: $0)[].marks } ?? detail(client)[].marks
            if kind == .serverTOS {
                marks.tos = UInt8(truncatingIfNeeded: number)
            } else {
                marks.mark = UInt32(truncatingIfNeeded: number)
            }
            guard let exchange = client[].exchange else { return detail(client)[].marks = marks }
            ruling(of: exchange)[].marks = marks
        }
    }

    /// Whether what an exchange is sent over is marked.
    func marksServer(_ exchange: Ref<Exchange>) -> Bool { exchange[].ruling?[].marks.isEmpty == false }
}
