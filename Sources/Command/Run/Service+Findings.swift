import Controller
import Engine
import Model

extension Service {
    /// What a pipeline is given: publishing to the engine, findings to the ledger and new ones to the log.
    func outputs(onNeeds: @escaping @Sendable (PipelineNeeds) -> Void = { _ in }) -> PipelineOutputs {
        let (ledger, log, publish, engine) = (ledger, log, publish, engine)
        var outputs = PipelineOutputs(
            publish: publish,
            onDiagnostics: { all, new in
                ledger.replaceFindings(all)
                Service.tell(new, to: log)
            },
            onRecovered: { ports in
                for var port in ports {
                    (port.reason, port.message) = ("Listening", "the port is free now, and listened on")
                    log.info(port.sentence)
                }
            },
            onNeeds: onNeeds)
        if let stateKeeper { outputs.keep = { stateKeeper.keep($0, done: $1) } }
        outputs.certificateEnds = { engine.ends(of: $0) }
        return outputs
    }

    /// One line for each finding, once.
    static func tell(_ findings: [Diagnostic], to log: Logger) {
        for finding in findings {
            switch finding.severity {
            case .error: log.error(finding.placedSentence)
            case .warning: log.warning(finding.placedSentence)
            }
        }
    }
}

extension Diagnostic {
    /// The finding with its place but without its severity, which the log line has.
    fileprivate var placedSentence: String {
        location.map { "\($0.file):\($0.line): \(sentence)" } ?? sentence
    }
}
