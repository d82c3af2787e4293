import Model

extension HTTPProbe {
    /// What one check asks: its variables are set, and its formats written.
    func written(by scene: CheckScene) -> HTTPProbe {
        for change in preparations { scene.change(change) }
        var probe = self
        if let uriFormat {
            let text = String(decoding: scene.text(uriFormat), as: UTF8.self)
            probe.uri = text.isEmpty ? "/" : HTTPProbe.withoutControls(text)
        }
        if let bodyFormat { probe.body = String(decoding: scene.text(bodyFormat), as: UTF8.self) }
        probe.fields = fields.compactMap { field in
            guard let format = field.format else { return field }
            let text = HTTPProbe.withoutControls(String(decoding: scene.text(format), as: UTF8.self))
            return text.isEmpty ? nil : Field(field.name, text)
        }
        if sendsState { probe.fields.append(Field("X-Haproxy-Server-State", scene.facts.state)) }
        return probe
    }

    /// What servers have said, and variables keep, must not add lines to a request.
    private static func withoutControls(_ text: String) -> String {
        String(String.UnicodeScalarView(text.unicodeScalars.filter { $0.value >= 0x20 && $0.value != 0x7F }))
    }
}
